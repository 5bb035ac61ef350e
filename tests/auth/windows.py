"""A certificate store of Windows: crypt32 and ncrypt as C functions over a store in memory.

Each function is a real C function pointer of the type that the program declares, so pointers,
structures and sizes are those that Windows would be given (on a machine with its sizes of integers
and pointers). It counts what is open and what was freed.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_void_p
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from app.auth import winkeys
from app.auth.winkeys import CRYPT32, NCRYPT, CertContext, Libraries, PaddingInfo

SUCCESS = 0


@dataclass
class Entry:
    """A certificate and what Windows does when its key is wanted or asked to sign.

    `acquire` and `sign` are the codes of a refusal; `no_pss` is that of a provider that knows but
    one padding.
    """

    der: bytes
    key: rsa.RSAPrivateKey | None = None
    acquire: int = SUCCESS
    sign: int = SUCCESS
    no_pss: int = SUCCESS
    cached: bool = False


@dataclass
class WindowsStore:
    """The stores of one machine by their location flags, and what was done with them."""

    stores: dict[int, list[Entry]] = field(default_factory=dict)
    error: int = 0
    open_stores: int = 0
    contexts: dict[int, tuple[Entry, Any]] = field(default_factory=dict)
    keys: set[int] = field(default_factory=set)
    flags: list[int] = field(default_factory=list)
    _alive: list[Any] = field(default_factory=list)

    def libraries(self) -> Libraries:
        """Both libraries, as the program takes them."""
        functions = {
            name: self._as_c(kind, getattr(self, name))
            for name, kind in {**CRYPT32, **NCRYPT}.items()
        }
        return Libraries(functions, lambda: self.error)

    @property
    def is_clean(self) -> bool:
        """Whether all that was opened was closed."""
        return not (self.open_stores or self.contexts or self.keys)

    def _as_c(self, kind: tuple[Any, ...], function: Callable[..., Any]) -> Callable[..., Any]:
        # A C function cannot hand out a pointer to a structure from Python, but an address.
        result, *arguments = kind
        pointer = result is ctypes.POINTER(CertContext)
        made = ctypes.CFUNCTYPE(c_void_p if pointer else result, *arguments)(function)
        self._alive.append(made)
        if not pointer:
            return made
        return lambda *given: ctypes.cast(made(*given), result)

    # crypt32 ------------------------------------------------------------------------------------

    def CertOpenStore(  # noqa: N802 - Windows' name
        self, provider: int, encoding: int, legacy: int | None, flags: int, name: int
    ) -> int:
        assert provider == winkeys.CERT_STORE_PROV_SYSTEM_W
        assert (encoding, legacy) == (0, None)
        assert ctypes.string_at(name, 6) == "MY\0".encode("utf-16-le")
        needed = winkeys.CERT_STORE_READONLY_FLAG | winkeys.CERT_STORE_OPEN_EXISTING_FLAG
        assert flags & needed == needed
        location = flags & 0xFF_0000
        if location not in self.stores:
            self.error = winkeys.ERROR_FILE_NOT_FOUND
            return 0
        self.open_stores += 1
        return location

    def CertCloseStore(self, store: int, flags: int) -> int:  # noqa: N802 - Windows' name
        assert store in self.stores
        self.open_stores -= 1
        return 1 - flags

    def CertFindCertificateInStore(  # noqa: N802 - Windows' name and arguments
        self, store: int, encoding: int, flags: int, kind: int, _about: int, before: Any
    ) -> int:
        assert (encoding, flags, kind) == (winkeys.ENCODING, 0, winkeys.CERT_FIND_ANY)
        entries = self.stores[store]
        at = 0
        if before:
            entry, _ = self.contexts.pop(ctypes.addressof(before.contents))
            at = entries.index(entry) + 1
        if at >= len(entries):
            return 0
        return self._context(entries[at])

    def _context(self, entry: Entry) -> int:
        buffer = (ctypes.c_ubyte * len(entry.der)).from_buffer_copy(entry.der)
        context = CertContext(1, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ubyte)), len(buffer))
        address = ctypes.addressof(context)
        self.contexts[address] = entry, (context, buffer)
        return address

    def CertFreeCertificateContext(self, context: Any) -> int:  # noqa: N802 - Windows' name
        del self.contexts[ctypes.addressof(context.contents)]
        return 1

    def CryptAcquireCertificatePrivateKey(  # noqa: N802, PLR0913, PLR0917 - Windows' name and arguments
        self, context: Any, flags: int, window: int | None, handle: Any, kind: Any, ours: Any
    ) -> int:
        assert flags & winkeys.CRYPT_ACQUIRE_SILENT_FLAG
        assert flags & winkeys.CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG
        assert window is None
        address = ctypes.addressof(context.contents)
        entry, _ = self.contexts[address]
        self.error = entry.acquire or (0 if entry.key else winkeys.CRYPT_E_NO_KEY_PROPERTY)
        if self.error:
            return 0
        handle[0], kind[0], ours[0] = address, 0xFFFF_FFFF, 0 if entry.cached else 1
        if not entry.cached:
            self.keys.add(address)
        return 1

    # ncrypt -------------------------------------------------------------------------------------

    def NCryptSignHash(  # noqa: N802, PLR0913, PLR0917 - Windows' name and arguments
        self,
        handle: int,
        info: Any,
        digest: int,
        digest_size: int,
        output: int,
        room: int,
        written: Any,
        flags: int,
    ) -> int:
        assert flags & winkeys.NCRYPT_SILENT_FLAG
        self.flags.append(flags)
        entry, _ = self.contexts[handle]
        pss = bool(flags & winkeys.BCRYPT_PAD_PSS)
        if refusal := entry.sign or (entry.no_pss if pss else SUCCESS):
            return refusal
        given = ctypes.string_at(digest, digest_size)
        signature = _signature(entry, info.contents, given, pss=pss)
        assert room >= len(signature)
        ctypes.memmove(output, signature, len(signature))
        written[0] = len(signature)
        return SUCCESS

    def NCryptFreeObject(self, handle: int) -> int:  # noqa: N802 - Windows' name
        self.keys.remove(handle)
        return SUCCESS


def _signature(entry: Entry, info: PaddingInfo, digest: bytes, *, pss: bool) -> bytes:
    assert entry.key is not None
    assert ctypes.string_at(info.hash, 14) == "SHA256\0".encode("utf-16-le")
    kind = utils.Prehashed(hashes.SHA256())
    if pss:
        return entry.key.sign(digest, padding.PSS(padding.MGF1(hashes.SHA256()), info.salt), kind)
    return entry.key.sign(digest, padding.PKCS1v15(), kind)
