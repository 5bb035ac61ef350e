"""Where the system keeps a sign-in, encrypted for the person who is logged on to it.

One small class per system: read, write, remove, each blocking. There is no other place: where the
system has no such store, or it is locked, the sign-in stays in memory and VaultError says why.
Nothing here ever asks a person to unlock anything; that is between them and their system.

  Linux    the Secret Service over D-Bus (SecretStorage). keyring is not used here: it unlocks with
           a prompt, makes a store where there is none, and may be configured to write plain text.
  macOS    the Keychain, by keyring's own macOS backend and never the one that is configured.
  Windows  a file sealed by DPAPI, since Credential Manager takes no more than 2,560 bytes.

Linux runs in the tests. The other two have not run on their systems: what is tested of them is all
but the calls into the system itself.
"""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.core.signin import StoreState

if TYPE_CHECKING:
    import secretstorage

SERVICE = "Oathdesk"

DBUS_SECONDS = 5.0
"""How long the Secret Service may take for one answer."""

_DPAPI_QUIET = 0x1  # CRYPTPROTECT_UI_FORBIDDEN (dpapi.h)


class VaultError(Exception):
    """The system does not keep the sign-in: `state` says why, `reason` in its own words."""

    def __init__(self, state: StoreState, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.state = state
        self.reason = reason


class Vault(Protocol):
    """One entry of the system's store. Every method raises VaultError."""

    @property
    def name(self) -> str:
        """What the system calls its store."""
        ...

    def read(self) -> str | None:
        """Return what is kept, or None."""
        ...

    def write(self, text: str) -> None:
        """Keep `text` in place of what was kept."""
        ...

    def remove(self) -> None:
        """Keep nothing."""
        ...


@dataclass(frozen=True, slots=True)
class NoVault:
    """A system without a store that the station can use."""

    reason: str
    name: str = ""

    def read(self) -> str | None:
        raise VaultError(StoreState.ABSENT, self.reason)

    def write(self, text: str) -> None:  # noqa: ARG002 - the port's signature
        raise VaultError(StoreState.ABSENT, self.reason)

    def remove(self) -> None:
        raise VaultError(StoreState.ABSENT, self.reason)


@dataclass(frozen=True, slots=True)
class SecretService:
    """The default collection of the Secret Service: GNOME Keyring, KWallet, KeePassXC."""

    key: str
    name: str = "Secret Service"

    def read(self) -> str | None:
        with self._collection() as collection:
            for item in collection.search_items(self._attributes):
                return bytes(item.get_secret()).decode("utf-8", "replace")
        return None

    def write(self, text: str) -> None:
        with self._collection() as collection:
            label = f"{SERVICE} ({self.key})"
            collection.create_item(label, self._attributes, text.encode(), replace=True)

    def remove(self) -> None:
        with self._collection() as collection:
            for item in tuple(collection.search_items(self._attributes)):
                item.delete()

    @property
    def _attributes(self) -> dict[str, str]:
        return {"application": SERVICE, "sign-in": self.key}

    @contextmanager
    def _collection(self) -> "Iterator[secretstorage.Collection]":
        import secretstorage  # noqa: PLC0415 - an extra, and 20 ms
        from jeepney import DBusErrorResponse  # noqa: PLC0415 - comes with it

        try:
            with closing(_bus()) as connection:
                collection = secretstorage.Collection(connection)
                collection.ensure_not_locked()
                yield collection
        except secretstorage.LockedException as error:
            raise VaultError(StoreState.LOCKED, str(error)) from None
        except secretstorage.ItemNotFoundException:
            raise VaultError(StoreState.ABSENT, "there is no default keyring") from None
        except secretstorage.SecretServiceNotAvailableException as error:
            raise VaultError(StoreState.ABSENT, str(error)) from None
        except (secretstorage.SecretStorageException, DBusErrorResponse, OSError) as error:
            raise VaultError(StoreState.FAILED, str(error) or type(error).__name__) from None


def _bus() -> Any:
    """Connect to the person's message bus. Raises VaultError: without one there is no store."""
    import secretstorage  # noqa: PLC0415 - an extra, and 20 ms

    try:
        connection: Any = secretstorage.dbus_init()
    except (secretstorage.SecretServiceNotAvailableException, OSError, RuntimeError) as error:
        raise VaultError(StoreState.ABSENT, f"no message bus: {error}") from None
    # A service that hangs would be waited for without end, and with it the end of the program.
    connection.send_and_get_reply = partial(connection.send_and_get_reply, timeout=DBUS_SECONDS)
    return connection


class Passwords(Protocol):
    """What the Keychain needs of keyring's backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep `password`."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Keep nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Keychain:
    """The macOS Keychain; `locked` and `failed` are the errors of its backend."""

    key: str
    backend: Passwords
    locked: type[Exception]
    failed: type[Exception]
    name: str = "Keychain"

    def read(self) -> str | None:
        with self._told():
            return self.backend.get_password(SERVICE, self.key)

    def write(self, text: str) -> None:
        with self._told():
            self.backend.set_password(SERVICE, self.key, text)

    def remove(self) -> None:
        with self._told():
            if self.backend.get_password(SERVICE, self.key) is not None:
                self.backend.delete_password(SERVICE, self.key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self.locked as error:
            raise VaultError(StoreState.LOCKED, str(error)) from None
        except self.failed as error:
            raise VaultError(StoreState.FAILED, str(error) or type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that only this person on this machine can open; `seal` and `unseal` are DPAPI's."""

    path: Path
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes]
    name: str = "DPAPI"

    def read(self) -> str | None:
        with self._told():
            try:
                sealed = self.path.read_bytes()
            except FileNotFoundError:
                return None
            return self.unseal(sealed).decode("utf-8", "replace")

    def write(self, text: str) -> None:
        """Replace the file as a whole: half a file could not be opened again."""
        with self._told():
            sealed = self.seal(text.encode())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(sealed)
                Path(draft).replace(self.path)
            except OSError:
                with suppress(OSError):
                    Path(draft).unlink()
                raise

    def remove(self) -> None:
        with self._told():
            self.path.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise VaultError(StoreState.FAILED, reason) from None


def system_vault(key: str, folder: Path | None = None) -> Vault:
    """Return this system's store for the sign-in called `key`; `folder` is for Windows alone."""
    if sys.platform == "win32":
        return _windows(key, folder)
    if sys.platform == "darwin":
        return _macos(key)
    if importlib.util.find_spec("secretstorage") is None:
        return NoVault("SecretStorage is not installed")
    return SecretService(key)


def _macos(key: str) -> Vault:
    if importlib.util.find_spec("keyring") is None:
        return NoVault("keyring is not installed")
    from keyring import errors  # noqa: PLC0415 - an extra, and 60 ms
    from keyring.backends import macOS  # noqa: PLC0415 - the same

    make: Any = macOS.Keyring
    return Keychain(key, make(), errors.KeyringLocked, errors.KeyringError)


def _windows(key: str, folder: Path | None) -> Vault:
    if folder is None:
        return NoVault("no folder is configured for it")
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    return SealedFile(folder / f"sign-in-{name}.dpapi", _protect, _unprotect)


def _protect(data: bytes) -> bytes:
    return _dpapi("CryptProtectData", data)


def _unprotect(data: bytes) -> bytes:
    return _dpapi("CryptUnprotectData", data)


def _dpapi(function: str, data: bytes) -> bytes:
    """Call DPAPI (dpapi.h): both functions take a blob in, five pointers, flags, and a blob out."""
    import ctypes  # noqa: PLC0415 - Windows alone comes here
    from ctypes import wintypes  # noqa: PLC0415 - the same

    class Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    windows: Any = ctypes
    buffer = ctypes.create_string_buffer(data, len(data))
    given = Blob(len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char)))
    result = Blob()
    call = getattr(windows.WinDLL("crypt32", use_last_error=True), function)
    done = call(ctypes.byref(given), None, None, None, None, _DPAPI_QUIET, ctypes.byref(result))
    if not done:
        raise windows.WinError(windows.get_last_error())
    try:
        return ctypes.string_at(result.data, result.size)
    finally:
        free = windows.WinDLL("kernel32").LocalFree
        free.argtypes = [ctypes.c_void_p]
        free(result.data)
