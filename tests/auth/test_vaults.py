"""The system's stores: the Secret Service for real; of the others all but the system itself."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.auth import vaults
from app.auth.vaults import Keychain, NoVault, SealedFile, SecretService, Vault, VaultError
from app.core.signin import StoreState
from tests.support import secret_service
from tests.support.secret_service import Service, a_bus, a_secret_service

LACKING = secret_service.missing()
LONG = json.dumps({"RefreshToken": "x" * 40_000})


def refused(vault: Vault, call: str = "read") -> VaultError:
    with pytest.raises(VaultError) as caught:
        vault.write("{}") if call == "write" else getattr(vault, call)()
    return caught.value


# -- the Secret Service ---------------------------------------------------------------------------

real = pytest.mark.skipif(bool(LACKING), reason=LACKING)
installed = pytest.mark.skipif(
    not sys.platform.startswith("linux") or importlib.util.find_spec("secretstorage") is None,
    reason="the Secret Service is Linux's, with SecretStorage installed",
)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with a_secret_service(tmp_path, monkeypatch) as service:
        yield service


@real
def test_what_is_written_is_read_again_however_long_it_is(running: Service) -> None:
    vault = SecretService("client at https://login.example.com/tenant")
    assert vault.read() is None
    vault.write(LONG)
    assert vault.read() == LONG
    vault.write("{}")
    assert vault.read() == "{}"
    assert running.secrets() == [b"{}"]


@real
def test_what_is_removed_is_gone_from_the_store_itself(running: Service) -> None:
    vault, other = SecretService("one"), SecretService("two")
    vault.write("{}")
    other.write("[]")
    vault.remove()
    assert vault.read() is None
    assert running.secrets() == [b"[]"]
    vault.remove()


@real
def test_nothing_of_it_lies_on_the_disk_in_plain_text(running: Service, tmp_path: Path) -> None:
    SecretService("one").write('{"secret": "hunter2-hunter2"}')
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


@real
@pytest.mark.parametrize("call", ["read", "write", "remove"])
def test_a_locked_keyring_is_left_locked_and_told(running: Service, call: str) -> None:
    SecretService("one").write("{}")
    running.lock()
    assert refused(SecretService("one"), call).state is StoreState.LOCKED


@real
@pytest.mark.parametrize("call", ["read", "write", "remove"])
def test_a_service_that_hangs_is_given_up(
    running: Service, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(vaults, "DBUS_SECONDS", 0.2)
    running.hang()
    assert refused(SecretService("one"), call).state is StoreState.FAILED


@real
def test_a_bus_on_which_nobody_keeps_secrets_has_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_bus(tmp_path, monkeypatch):
        assert refused(SecretService("one")).state is StoreState.ABSENT


@installed
@pytest.mark.parametrize("address", [None, "unix:path=/nowhere/at/all", "nonsense"])
def test_a_machine_without_a_bus_has_no_store(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    error = refused(SecretService("one"))
    assert error.state is StoreState.ABSENT
    assert error.reason


@installed
def test_on_linux_the_store_is_the_secret_service() -> None:
    assert vaults.system_vault("one") == SecretService("one")


# -- Windows: all but DPAPI itself ----------------------------------------------------------------


def turned(data: bytes) -> bytes:
    """What stands for DPAPI: another content, and back again."""
    return bytes(byte ^ 0x5A for byte in data)


def broken(_data: bytes) -> bytes:
    """A DPAPI that does not know the key: another person, or another machine."""
    raise OSError(13, "The data is invalid")


def test_a_sealed_file_keeps_what_was_written(tmp_path: Path) -> None:
    vault = SealedFile(tmp_path / "deep" / "sign-in.dpapi", turned, turned)
    assert vault.read() is None
    vault.write(LONG)
    assert vault.read() == LONG
    assert b"RefreshToken" not in vault.path.read_bytes()
    vault.write("{}")
    assert [path.name for path in vault.path.parent.iterdir()] == ["sign-in.dpapi"]
    vault.remove()
    assert vault.read() is None
    vault.remove()


@pytest.mark.skipif(
    os.name != "posix",
    reason="Windows has access lists and no modes (tests/test_files.py tries those)",
)
def test_a_sealed_file_is_closed_to_others_as_well(tmp_path: Path) -> None:
    vault = SealedFile(tmp_path / "sign-in.dpapi", turned, turned)
    vault.write("{}")
    assert stat.S_IMODE(vault.path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_opened_again_is_told(tmp_path: Path) -> None:
    SealedFile(tmp_path / "sign-in.dpapi", turned, turned).write("{}")
    error = refused(SealedFile(tmp_path / "sign-in.dpapi", turned, broken))
    assert (error.state, error.reason) == (StoreState.FAILED, "The data is invalid")


def test_a_folder_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "sign-in.dpapi"
    (target / "occupied").mkdir(parents=True)
    assert refused(SealedFile(target, turned, turned), "write").state is StoreState.FAILED
    assert [path.name for path in tmp_path.iterdir()] == ["sign-in.dpapi"]


def test_a_file_is_named_for_its_sign_in_and_says_nothing_of_it(tmp_path: Path) -> None:
    one, two = (vaults._windows(key, tmp_path) for key in ("one", "two"))
    assert isinstance(one, SealedFile)
    assert isinstance(two, SealedFile)
    assert one.path != two.path
    assert one.path.parent == tmp_path


def test_without_a_folder_windows_has_no_store() -> None:
    assert refused(vaults._windows("one", None)).state is StoreState.ABSENT


# -- macOS: all but the Keychain itself -----------------------------------------------------------


class LockedError(Exception):
    """What the backend raises where the Keychain is locked."""


class FailedError(Exception):
    """What it raises otherwise."""


class FakeKeychain:
    """keyring's backend with a state instead of a Mac."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if (service, username) not in self.entries:
            raise FailedError("not found")
        del self.entries[service, username]


def test_the_keychain_keeps_one_entry_for_each_sign_in() -> None:
    backend = FakeKeychain()
    vault = Keychain("one", backend, LockedError, FailedError)
    vault.write("{}")
    assert (vault.read(), list(backend.entries)) == ("{}", [("Oathdesk", "one")])
    vault.remove()
    assert vault.read() is None
    vault.remove()


@pytest.mark.parametrize(
    ("error", "state"),
    [(LockedError("locked"), StoreState.LOCKED), (FailedError("-25293"), StoreState.FAILED)],
)
@pytest.mark.parametrize("call", ["read", "write", "remove"])
def test_what_the_keychain_refuses_is_told(error: Exception, state: StoreState, call: str) -> None:
    backend = FakeKeychain()
    backend.error = error
    told = refused(Keychain("one", backend, LockedError, FailedError), call)
    assert (told.state, told.reason) == (state, str(error))


# -- none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["read", "write", "remove"])
def test_where_there_is_no_store_nothing_is_kept(call: str) -> None:
    error = refused(NoVault("SecretStorage is not installed"), call)
    assert (error.state, error.reason) == (StoreState.ABSENT, "SecretStorage is not installed")
