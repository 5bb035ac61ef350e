"""A station's key in the certificate store of Windows: crypt32 finds it, CNG (ncrypt) signs.

The key may be one that cannot be exported, or lie in the TPM or on a smart card; it is asked to
sign by its handle. Windows is told to ask nobody: an unattended station has no one to answer a
dialog. Old keys of CryptoAPI alone (CSP) are not taken.

The libraries are handed in as tables of functions, so that tests put a store of their own in their
place, called through the same types. Nothing here has run on Windows. Names and numbers are those
of wincrypt.h, ncrypt.h, bcrypt.h and winerror.h.
"""

import ctypes
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_int32, c_size_t, c_uint32, c_void_p
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from app.auth.settings import StoredKey
from app.auth.signing import SALT, Scheme, SchemeNotOffered, plain, thumbprints
from app.core.signin import KeyStore
from app.core.stationkey import (
    CertificateNotFound,
    KeyCannotSign,
    KeyPinLocked,
    KeyPinMissing,
    KeyPinRefused,
    KeyStoreFailed,
    KeyStoreMissing,
    StoreKeyUnusable,
)

CERT_STORE_PROV_SYSTEM_W = 10
CERT_SYSTEM_STORE_CURRENT_USER = 0x1_0000
CERT_SYSTEM_STORE_LOCAL_MACHINE = 0x2_0000
CERT_STORE_OPEN_EXISTING_FLAG = 0x4000
CERT_STORE_READONLY_FLAG = 0x8000
ENCODING = 0x1_0001  # X509_ASN_ENCODING | PKCS_7_ASN_ENCODING
CERT_FIND_ANY = 0
CRYPT_ACQUIRE_COMPARE_KEY_FLAG = 0x4
CRYPT_ACQUIRE_SILENT_FLAG = 0x40
CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG = 0x4_0000
NCRYPT_SILENT_FLAG = 0x40
BCRYPT_PAD_PKCS1 = 0x2
BCRYPT_PAD_PSS = 0x8

_ACQUIRE = (
    CRYPT_ACQUIRE_COMPARE_KEY_FLAG | CRYPT_ACQUIRE_SILENT_FLAG | CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG
)
_OPEN = CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG
_LOCATIONS = {
    KeyStore.WINDOWS_MACHINE: CERT_SYSTEM_STORE_LOCAL_MACHINE,
    KeyStore.WINDOWS_USER: CERT_SYSTEM_STORE_CURRENT_USER,
}

NTE_BAD_KEY = 0x80090003
NTE_BAD_FLAGS = 0x80090009
NTE_PERM = 0x80090010
NTE_BAD_PUBLIC_KEY = 0x80090015
NTE_BAD_KEYSET = 0x80090016
NTE_SILENT_CONTEXT = 0x80090022
NTE_INVALID_PARAMETER = 0x80090027
NTE_NOT_SUPPORTED = 0x80090029
CRYPT_E_NO_KEY_PROPERTY = 0x8009200B
SCARD_E_NO_SMARTCARD = 0x8010000C
SCARD_W_REMOVED_CARD = 0x80100069
SCARD_W_WRONG_CHV = 0x8010006B
SCARD_W_CHV_BLOCKED = 0x8010006C
ERROR_FILE_NOT_FOUND = 2
ERROR_ACCESS_DENIED = 5

_FAULTS: Mapping[int, tuple[type[StoreKeyUnusable], str]] = {
    NTE_BAD_KEY: (KeyCannotSign, "the key does not let itself be used"),
    NTE_PERM: (KeyCannotSign, "this user may not use the key"),
    ERROR_ACCESS_DENIED: (KeyCannotSign, "this user may not use the key"),
    NTE_NOT_SUPPORTED: (KeyCannotSign, "the key is not one to sign with"),
    NTE_BAD_PUBLIC_KEY: (KeyCannotSign, "the key is not that of the certificate"),
    NTE_BAD_KEYSET: (CertificateNotFound, "its key is not there, or this user may not read it"),
    CRYPT_E_NO_KEY_PROPERTY: (CertificateNotFound, "the certificate is there without a key"),
    NTE_SILENT_CONTEXT: (KeyPinMissing, "Windows wants to ask somebody before the key is used"),
    SCARD_W_WRONG_CHV: (KeyPinRefused, "the smart card does not take the PIN"),
    SCARD_W_CHV_BLOCKED: (KeyPinLocked, "the PIN of the smart card is locked"),
    SCARD_E_NO_SMARTCARD: (KeyStoreMissing, "the smart card is not there"),
    SCARD_W_REMOVED_CARD: (KeyStoreMissing, "the smart card was removed"),
}
_NOT_THIS_WAY = frozenset({NTE_BAD_FLAGS, NTE_INVALID_PARAMETER, NTE_NOT_SUPPORTED})
"""How a provider says that it does not know a padding."""


class CertContext(Structure):
    """CERT_CONTEXT, whose certificate is read and whose other members are left alone."""

    _fields_ = (
        ("encoding", c_uint32),
        ("der", POINTER(ctypes.c_ubyte)),
        ("size", c_uint32),
        ("info", c_void_p),
        ("store", c_void_p),
    )


class PaddingInfo(Structure):
    """BCRYPT_PSS_PADDING_INFO; of BCRYPT_PKCS1_PADDING_INFO it is the first member alone."""

    _fields_ = (("hash", c_void_p), ("salt", c_uint32))


Signature = tuple[Any, ...]
"""The type of a C function's result, then those of its arguments."""

_CONTEXT = POINTER(CertContext)
CRYPT32: Mapping[str, Signature] = {
    "CertOpenStore": (c_void_p, c_void_p, c_uint32, c_void_p, c_uint32, c_void_p),
    "CertFindCertificateInStore": (
        _CONTEXT, c_void_p, c_uint32, c_uint32, c_uint32, c_void_p, _CONTEXT,
    ),
    "CertFreeCertificateContext": (c_int32, _CONTEXT),
    "CertCloseStore": (c_int32, c_void_p, c_uint32),
    "CryptAcquireCertificatePrivateKey": (
        c_int32, _CONTEXT, c_uint32, c_void_p,
        POINTER(c_size_t), POINTER(c_uint32), POINTER(c_int32),
    ),
}  # fmt: skip
NCRYPT: Mapping[str, Signature] = {
    "NCryptSignHash": (
        c_uint32, c_size_t, POINTER(PaddingInfo), c_void_p, c_uint32,
        c_void_p, c_uint32, POINTER(c_uint32), c_uint32,
    ),
    "NCryptFreeObject": (c_uint32, c_size_t),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Libraries:
    """The functions of crypt32 and ncrypt by their names, and the error of the last one."""

    functions: Mapping[str, Callable[..., Any]]
    last_error: Callable[[], int]


def libraries() -> Libraries:
    """Load both libraries of this system, which is Windows."""
    windows: Any = ctypes
    found: dict[str, Callable[..., Any]] = {}
    for library, functions in (("crypt32", CRYPT32), ("ncrypt", NCRYPT)):
        loaded = windows.WinDLL(library, use_last_error=True)
        for name, (result, *arguments) in functions.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
            found[name] = function
    return Libraries(found, windows.get_last_error)


class WindowsSigner:
    """Fulfils signing.Signer. Each use opens the store anew and leaves nothing open."""

    def __init__(self, key: StoredKey, libraries: Libraries) -> None:
        """Find the certificate. Raises KeyUnusable."""
        self.place = key.place
        self._location = _LOCATIONS[key.store]
        self._thumbprint = plain(key.thumbprint)
        self._call = libraries.functions
        self._last_error = libraries.last_error
        with self._found() as context:
            self.certificate = self._read(context)

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        """Return the signature of `data`. Raises SchemeNotOffered and KeyUnusable."""
        digest = hashlib.sha256(data).digest()
        with self._found() as context, self._handle(context) as handle:
            name = ctypes.create_string_buffer("SHA256\0".encode("utf-16-le"))
            pss = scheme is Scheme.PSS
            info = PaddingInfo(ctypes.cast(name, c_void_p), SALT if pss else 0)
            flags = NCRYPT_SILENT_FLAG | (BCRYPT_PAD_PSS if pss else BCRYPT_PAD_PKCS1)
            made = ctypes.create_string_buffer(self._size)
            size = c_uint32()
            status = self._call["NCryptSignHash"](
                handle, byref(info), digest, len(digest), made, len(made), byref(size), flags
            )
            if status in _NOT_THIS_WAY:
                raise SchemeNotOffered
            if status:
                raise self._fault(status)
            return made.raw[: size.value]

    @property
    def _size(self) -> int:
        """Bytes of a signature: as many as the modulus has."""
        return int(getattr(self.certificate.public_key(), "key_size", 0)) // 8

    # The way in ---------------------------------------------------------------------------------

    @contextmanager
    def _found(self) -> Iterator[Any]:
        """Open the store and yield the certificate's context. Raises KeyUnusable."""
        with self._store() as store:
            context = self._search(store)
            try:
                yield context
            finally:
                self._call["CertFreeCertificateContext"](context)

    @contextmanager
    def _store(self) -> Iterator[int]:
        name = ctypes.create_string_buffer("MY\0".encode("utf-16-le"))
        store = self._call["CertOpenStore"](
            CERT_STORE_PROV_SYSTEM_W, 0, None, self._location | _OPEN, ctypes.cast(name, c_void_p)
        )
        if not store:
            code = self._last_error()
            raise KeyStoreMissing(self.place, f"the store cannot be opened ({_hexadecimal(code)})")
        try:
            yield store
        finally:
            self._call["CertCloseStore"](store, 0)

    def _search(self, store: int) -> Any:
        """Return the context of the configured certificate; each step frees the one before."""
        find, context = self._call["CertFindCertificateInStore"], None
        while context := find(store, ENCODING, 0, CERT_FIND_ANY, None, context):
            if self._thumbprint in thumbprints(_der(context)):
                return context
        problem = f"no certificate with the thumbprint {self._thumbprint}"
        raise CertificateNotFound(self.place, problem)

    def _read(self, context: Any) -> x509.Certificate:
        try:
            return x509.load_der_x509_certificate(_der(context))
        except ValueError:
            raise CertificateNotFound(self.place, "the certificate cannot be read") from None

    @contextmanager
    def _handle(self, context: Any) -> Iterator[int]:
        """Yield the handle of the private key. Raises KeyUnusable."""
        handle, kind, ours = c_size_t(), c_uint32(), c_int32()
        done = self._call["CryptAcquireCertificatePrivateKey"](
            context, _ACQUIRE, None, byref(handle), byref(kind), byref(ours)
        )
        if not done:
            raise self._fault(self._last_error())
        try:
            yield handle.value
        finally:
            if ours.value:
                self._call["NCryptFreeObject"](handle.value)

    def _fault(self, code: int) -> StoreKeyUnusable:
        code &= 0xFFFF_FFFF  # Windows' own type for it is signed
        kind, problem = _FAULTS.get(code, (KeyStoreFailed, "Windows refused"))
        return kind(self.place, f"{problem} ({_hexadecimal(code)})")


def _der(context: Any) -> bytes:
    return ctypes.string_at(context.contents.der, context.contents.size)


def _hexadecimal(code: int) -> str:
    return f"0x{code & 0xFFFF_FFFF:08X}"
