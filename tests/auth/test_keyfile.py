"""The key file of an unattended station: what is taken, and what is refused with which words."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.auth.keyfile import LARGEST, read
from app.core.errors import KeyUnusable
from tests.auth.keys import NOW, YEAR, certificate_of, key_pem, pfx, private, rsa_key

KEY = rsa_key()
CERTIFICATE = certificate_of(KEY)
GOOD = key_pem(KEY) + CERTIFICATE

on_posix = pytest.mark.skipif(
    os.name != "posix",
    reason="Windows has access lists and no modes (tests/test_files.py tries those)",
)


def none() -> str:
    return ""


def refused(path: Path, passphrase: str = "") -> KeyUnusable:
    with pytest.raises(KeyUnusable) as caught:
        read(path, lambda: passphrase, NOW)
    assert caught.value.place == str(path)
    assert "BEGIN" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (GOOD, ""),
        (CERTIFICATE + key_pem(KEY), ""),
        (certificate_of(rsa_key()) + GOOD, ""),
        (key_pem(KEY, "hunter2") + CERTIFICATE, "hunter2"),
        (pfx(KEY, CERTIFICATE), ""),
        (pfx(KEY, CERTIFICATE, "hunter2"), "hunter2"),
    ],
    ids=["pem", "certificate-first", "chain", "pem-locked", "pfx", "pfx-locked"],
)
def test_key_and_certificate_are_found_in_either_form(
    tmp_path: Path, content: bytes, passphrase: str
) -> None:
    credential = read(private(tmp_path / "kiosk.pem", content), lambda: passphrase, NOW)
    assert credential.certificate.encode() == CERTIFICATE
    assert credential.private_key.encode() == key_pem(KEY)
    assert credential.expires == NOW + YEAR


def test_a_key_is_never_printed(tmp_path: Path) -> None:
    credential = read(private(tmp_path / "kiosk.pem", GOOD), none, NOW)
    assert "PRIVATE KEY" not in repr(credential)


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (key_pem(KEY, "hunter2") + CERTIFICATE, ""),
        (key_pem(KEY, "hunter2") + CERTIFICATE, "hunter3"),
        (pfx(KEY, CERTIFICATE, "hunter2"), "hunter3"),
        (GOOD, "hunter2"),
        (key_pem(KEY), ""),
        (CERTIFICATE, ""),
        (key_pem(rsa_key()) + CERTIFICATE, ""),
        (b"no key at all", ""),
        (b"", ""),
    ],
    ids=[
        "no-passphrase",
        "wrong-passphrase",
        "wrong-passphrase-pfx",
        "needless-passphrase",
        "no-certificate",
        "no-key",
        "of-another-key",
        "nonsense",
        "empty",
    ],
)
def test_what_is_no_key_with_its_certificate_is_refused(
    tmp_path: Path, content: bytes, passphrase: str
) -> None:
    error = refused(private(tmp_path / "kiosk.pem", content), passphrase)
    assert "passphrase" in error.problem
    assert not passphrase or passphrase not in str(error)


def test_a_certificate_past_its_time_says_since_when(tmp_path: Path) -> None:
    past = certificate_of(KEY, NOW - YEAR, NOW - timedelta(days=2))
    error = refused(private(tmp_path / "kiosk.pem", key_pem(KEY) + past))
    assert "expired on 2026-11-21" in error.problem


def test_a_certificate_before_its_time_says_from_when_on(tmp_path: Path) -> None:
    early = certificate_of(KEY, NOW + timedelta(days=2), NOW + YEAR)
    error = refused(private(tmp_path / "kiosk.pem", key_pem(KEY) + early))
    assert "from 2026-11-25 on" in error.problem


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    content = key_pem(key) + certificate_of(key)
    assert "RSA" in refused(private(tmp_path / "kiosk.pem", content)).problem


def test_a_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    key = rsa_key(1024)
    content = key_pem(key) + certificate_of(key)
    assert "2048" in refused(private(tmp_path / "kiosk.pem", content)).problem


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.pem").problem


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    assert refused(tmp_path).problem


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    content = GOOD + b"\n" * LARGEST
    assert "too large" in refused(private(tmp_path / "kiosk.pem", content)).problem


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o666, 0o777])
def test_a_key_that_others_can_get_at_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    path = private(tmp_path / "the kiosk's.pem", GOOD)
    path.chmod(mode)
    error = refused(path)
    assert f"{mode:04o}" in error.problem
    assert error.mend.startswith("chmod 600 ")
    assert os.system(error.mend) == 0  # noqa: S605 - what is shown has to work
    assert read(path, none, NOW).certificate


@on_posix
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o700])
def test_a_key_that_is_closed_to_others_is_taken(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "kiosk.pem", GOOD)
    path.chmod(mode)
    assert read(path, none, NOW).certificate


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="gives a file to another user: as root alone, and Windows has no call that does it",
)
def test_a_key_of_another_user_is_refused(tmp_path: Path) -> None:
    path = private(tmp_path / "kiosk.pem", GOOD)
    os.chown(path, 4711, 4711)
    error = refused(path)
    assert "another user" in error.problem
    assert error.mend.startswith("chown 0 ")


@on_posix
def test_a_link_is_judged_by_the_file_it_leads_to(tmp_path: Path) -> None:
    path, link = private(tmp_path / "kiosk.pem", GOOD), tmp_path / "link.pem"
    link.symlink_to(path)
    assert read(link, none, NOW).certificate
    path.chmod(0o644)
    assert "chmod 600" in refused(link).mend
