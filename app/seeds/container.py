"""PSKC files (RFC 6030): keys in plain, or encrypted with a pre-shared key or a password.

Keys of other kinds, such as counter-based ones, are in the result as faults: the operator sees that
they were in the file. The person is taken from UserId only where it is an address, for RFC 6030
means a distinguished name by it.
"""

from __future__ import annotations

from typing import Final

from app.core.seed import FaultKind, Need, SeedOptions
from app.core.seed_check import Checker, Row
from app.seeds.elements import Shape, Texts
from app.seeds.lock import HEAD, Damaged, Lock, Malformed, from_base64

_INFO: Final = "KeyPackage/DeviceInfo"
_KEY: Final = "KeyPackage/Key"
_SECRET: Final = f"{_KEY}/Data/Secret"
_INTERVAL: Final = f"{_KEY}/Data/TimeInterval"
_FORMAT: Final = f"{_KEY}/AlgorithmParameters/ResponseFormat"


def _value(path: str) -> frozenset[str]:
    """The paths of a value that is plain or encrypted."""
    method = f"{path}/EncryptedValue/EncryptionMethod"
    return frozenset(
        {
            f"{path}/PlainValue",
            f"{path}/EncryptedValue/CipherData/CipherValue",
            f"{method}@Algorithm",
            f"{method}/EncryptionScheme@Algorithm",
            f"{path}/ValueMAC",
        }
    )


_MAKER: Final = f"{_INFO}/Manufacturer"
_SERIAL: Final = f"{_INFO}/SerialNo"
_MODEL: Final = f"{_INFO}/Model"
_DEVICE_USER: Final = f"{_INFO}/UserId"
_KEY_USER: Final = f"{_KEY}/UserId"
_ALGORITHM: Final = f"{_KEY}@Algorithm"
_SUITE: Final = f"{_KEY}/AlgorithmParameters/Suite"
_LENGTH: Final = f"{_FORMAT}@Length"
_CODING: Final = f"{_FORMAT}@Encoding"
_CHECKED: Final = f"{_FORMAT}@CheckDigits"
_PLAIN_SECRET: Final = f"{_SECRET}/PlainValue"
_PLAIN_INTERVAL: Final = f"{_INTERVAL}/PlainValue"

PSKC: Final = Shape(
    record=_KEY,
    around="KeyPackage",
    wanted=frozenset(HEAD)
    | _value(_SECRET)
    | _value(_INTERVAL)
    | {_MAKER, _SERIAL, _MODEL, _DEVICE_USER, _KEY_USER}
    | {_ALGORITHM, _SUITE, _LENGTH, _CODING, _CHECKED},
)
_YES: Final = frozenset({"1", "true"})
_LONGEST_INTERVAL: Final = 4


class KeyContainer:
    """Feeds the checker with keys, decrypted where they can be."""

    def __init__(self, checker: Checker, options: SeedOptions) -> None:
        self._checker = checker
        self._options = options
        self._lock: Lock | None = None
        self._number = 0

    @property
    def needs(self) -> frozenset[Need]:
        """The key or the password, where something is encrypted and it is not told."""
        return frozenset({self._lock.needs} if self._lock and self._lock.needs else ())

    def __call__(self, file: Texts, package: Texts, key: Texts) -> None:
        self._number += 1
        try:
            secret = self._secret(file, key)
            interval = self._interval(file, key)
        except _Closed as closed:
            self._checker.refuse_row(self._row(package, key, b"", ""), closed.kind)
        else:
            self._checker.add(self._row(package, key, secret, interval))

    def _row(self, package: Texts, key: Texts, secret: bytes, interval: str) -> Row:
        users = (key.get(_KEY_USER, ""), package.get(_DEVICE_USER, ""))
        return Row(
            self._number,
            package.get(_SERIAL, ""),
            secret,
            interval,
            package.get(_MAKER, ""),
            package.get(_MODEL, ""),
            next((user for user in users if "@" in user), ""),
            key.get(_SUITE, ""),
            _digits(key),
            _kind(key.get(_ALGORITHM, "")),
        )

    def _secret(self, file: Texts, key: Texts) -> bytes:
        text = key.get(_PLAIN_SECRET)
        if text is None:
            return self._opened(file, key, _SECRET)
        try:
            return from_base64(text)
        except Malformed:
            raise _Closed(FaultKind.SECRET_NOT_BASE64) from None

    def _interval(self, file: Texts, key: Texts) -> str:
        """The time step as digits; an encrypted one is digits or a big-endian number."""
        text = key.get(_PLAIN_INTERVAL)
        if text is not None:
            return text
        plain = self._opened(file, key, _INTERVAL)
        if plain.isdigit() or not plain:
            return plain.decode("ascii")
        return str(int.from_bytes(plain[:_LONGEST_INTERVAL], "big"))

    def _opened(self, file: Texts, key: Texts, path: str) -> bytes:
        """The encrypted value at `path`, b"" where there is none. Raises _Closed."""
        cipher = key.get(f"{path}/EncryptedValue/CipherData/CipherValue")
        if cipher is None:
            return b""
        if self._lock is None:
            self._lock = Lock(file, self._options)
        if self._lock.needs is not None:
            raise _Closed(FaultKind.SECRET_ENCRYPTED)
        method = f"{path}/EncryptedValue/EncryptionMethod"
        scheme = key.get(f"{method}/EncryptionScheme@Algorithm")
        algorithm = scheme or key.get(f"{method}@Algorithm", "")
        try:
            return self._lock.open(algorithm, cipher, key.get(f"{path}/ValueMAC", ""))
        except Damaged:
            raise _Closed(FaultKind.SECRET_DAMAGED) from None
        except Malformed:
            raise _Closed(FaultKind.SECRET_NOT_BASE64) from None


class _Closed(Exception):
    """A value cannot be had; `kind` is the fault of its row."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


def _digits(key: Texts) -> str:
    """How many digits a code has, or a word where they are not all or not only the code's."""
    decimal = key.get(_CODING, "DECIMAL").upper() == "DECIMAL"
    checked = key.get(_CHECKED, "").lower() in _YES
    return key.get(_LENGTH, "") if decimal and not checked else "others"


def _kind(algorithm: str) -> str:
    """The last part of an algorithm's URI: "totp" or "hotp", or what it is instead."""
    return algorithm.replace("#", ":").rpartition(":")[2] or "none"
