"""Opens encrypted values of a PSKC file (RFC 6030, section 6) with python-pskc.

Only the cryptography is python-pskc's; the file is read by `elements`, in pieces and with bounds.
The library is an optional part of the installation: a file in plain needs none.
"""

from __future__ import annotations

import base64
import binascii
import importlib
from collections.abc import Callable
from typing import Any, Final

from app.core.errors import (
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileUnreadable,
    SeedFileWrongKey,
    SeedReaderMissing,
)
from app.core.seed import Need, SeedOptions
from app.seeds.elements import Texts

_DERIVATION: Final = "EncryptionKey/DerivedKey/KeyDerivationMethod"
_MAC_KEY: Final = "MACMethod/MACKey"
HEAD: Final = (
    "EncryptionKey/KeyName",
    "EncryptionKey/DerivedKey/MasterKeyName",
    f"{_DERIVATION}@Algorithm",
    f"{_DERIVATION}/PBKDF2-params/Salt/Specified",
    f"{_DERIVATION}/PBKDF2-params/IterationCount",
    f"{_DERIVATION}/PBKDF2-params/KeyLength",
    f"{_DERIVATION}/PBKDF2-params/PRF@Algorithm",
    "MACMethod@Algorithm",
    f"{_MAC_KEY}/EncryptionMethod@Algorithm",
    f"{_MAC_KEY}/CipherData/CipherValue",
)
"""The paths in a file's head that say how its values are encrypted."""

_LONGEST_KEY: Final = 64
"""Bytes of a derived key; the longest cipher takes 32."""
_LONGEST_NUMBER: Final = 12


class Damaged(Exception):
    """One value cannot be decrypted, though others could be."""


class Malformed(Exception):
    """What should be Base64 is not."""


class Lock:
    """The encryption of one file. `needs` is what opens it, if the operator has not told it."""

    def __init__(self, head: Texts, options: SeedOptions) -> None:
        self.needs: Need | None = None
        self._head = head
        self._options = options
        self._pskc: Any = None
        self._opened = False
        if self._derivation and not options.password:
            self.needs = Need.PASSWORD
        elif not self._derivation and not options.key:
            self.needs = Need.KEY

    def open(self, algorithm: str, cipher: str, mac: str) -> bytes:
        """The plain bytes of a value. `cipher` and `mac` are Base64, `mac` perhaps empty.

        Raises Damaged, Malformed, SeedFileWrongKey where this is the first value and does not open,
        SeedFileHostile, SeedFileNotRecognised for ciphers that are not supported, and
        SeedReaderMissing.
        """
        value, code = from_base64(cipher), from_base64(mac) if mac else None
        pskc = self._container(algorithm)
        if code is not None and not pskc.mac.algorithm:
            raise SeedFileNotRecognised("values have a MAC, and the file does not say which")
        encrypted = importlib.import_module("pskc.key").EncryptedValue(value, code, algorithm)
        plain = self._tried(lambda: encrypted.get_value(pskc))
        if plain is None and not self._opened:
            raise SeedFileWrongKey("the first secret does not open")
        if plain is None:
            raise Damaged
        self._opened = True
        return plain

    def _container(self, algorithm: str) -> Any:
        """python-pskc's container with the key in it, made when the first value is opened."""
        if self._pskc is None:
            try:
                self._pskc = importlib.import_module("pskc").PSKC()
            except ImportError as error:
                raise SeedReaderMissing(f"python-pskc is not installed: {error}") from None
            self._set_key(algorithm)
            self._set_mac()
        return self._pskc

    def _set_key(self, algorithm: str) -> None:
        """Give the container its key, once it is sure that the cipher takes one of its length."""
        encryption = self._pskc.encryption
        encryption.algorithm = algorithm
        lengths = _else_unsupported(lambda: encryption.algorithm_key_lengths, "cipher", algorithm)
        key = self._derived() if self._derivation else self._key()
        if len(key) not in lengths:
            raise SeedFileWrongKey(f"the key has {len(key)} bytes; this cipher takes {lengths}")
        encryption.key = key

    def _key(self) -> bytes:
        assert self._options.key is not None
        return self._options.key.reveal()

    @property
    def _derivation(self) -> str:
        return self._head.get(f"{_DERIVATION}@Algorithm", "")

    def _derived(self) -> bytes:
        """The key that the password stands for. Raises SeedFileHostile for too many rounds."""
        assert self._options.password is not None
        parameters = f"{_DERIVATION}/PBKDF2-params"
        rounds = self._number(f"{parameters}/IterationCount")
        length = self._number(f"{parameters}/KeyLength")
        if rounds > self._options.limits.rounds or length > _LONGEST_KEY:
            raise SeedFileHostile(f"a key of {length} bytes from {rounds} rounds of PBKDF2")
        derivation = self._pskc.encryption.derivation
        derivation.algorithm = self._derivation
        derivation.pbkdf2_iterations, derivation.pbkdf2_key_length = rounds, length
        derivation.pbkdf2_salt = self._bytes(f"{parameters}/Salt/Specified")
        derivation.pbkdf2_prf = self._head.get(f"{parameters}/PRF@Algorithm")
        password = self._options.password.reveal()
        found = _else_unsupported(
            lambda: derivation.derive(password), "key derivation", self._derivation
        )
        return bytes(found)

    def _set_mac(self) -> None:
        """Give the container the key of its MACs, decrypted once and not for every value."""
        algorithm = self._head.get("MACMethod@Algorithm")
        if not algorithm:
            return
        mac = self._pskc.mac
        mac.algorithm = algorithm
        encrypted = self._bytes(f"{_MAC_KEY}/CipherData/CipherValue")
        if encrypted:
            cipher = self._head.get(f"{_MAC_KEY}/EncryptionMethod@Algorithm")
            value = importlib.import_module("pskc.key").EncryptedValue(encrypted, None, cipher)
            key = self._tried(lambda: value.get_value(self._pskc))
            if key is None:
                raise SeedFileWrongKey("the key of the MACs does not open")
            mac.key = key
        _else_unsupported(lambda: mac.generate_mac(b""), "MAC", algorithm)

    def _number(self, path: str) -> int:
        text = self._head.get(path, "")
        if not (text.isascii() and text.isdecimal()):
            raise SeedFileUnreadable("a number of the key derivation is missing or is none")
        if len(text) > _LONGEST_NUMBER:
            raise SeedFileHostile("a number of the key derivation is beyond all bounds")
        return int(text)

    def _bytes(self, path: str) -> bytes:
        try:
            return from_base64(self._head.get(path, ""))
        except Malformed:
            raise SeedFileUnreadable("the encryption's own data is not Base64") from None

    def _tried(self, action: Callable[[], bytes]) -> bytes | None:
        """What `action` gives, or None where a key, a padding or a MAC does not fit."""
        try:
            return bytes(action())
        except (_pskc_error(), ValueError):
            return None


def from_base64(text: str) -> bytes:
    """The bytes of a Base64 text, white space anywhere. Raises Malformed."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None


def _pskc_error() -> type[Exception]:
    error: type[Exception] = importlib.import_module("pskc.exceptions").PSKCError
    return error


def _else_unsupported(action: Callable[[], Any], what: str, name: str) -> Any:
    """What `action` gives. Raises SeedFileNotRecognised where python-pskc does not know `name`."""
    try:
        return action()
    except _pskc_error():
        raise SeedFileNotRecognised(
            f"this {what} is not supported: {name[:_LONGEST_NAME]!r}"
        ) from None


_LONGEST_NAME: Final = 80
