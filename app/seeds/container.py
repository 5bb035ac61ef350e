"""PSKC files (RFC 6030): keys in plain, or encrypted with a pre-shared key or a password.

The drafts before the RFC are read as well, since vendors still deliver them: `Device` for
`KeyPackage` or within it, `DeviceId` for `DeviceInfo`, `Usage` for `AlgorithmParameters`,
`KeyAlgorithm`, other addresses of the algorithms, and `Data` elements told apart by a name
(draft-hoyer-keyprov-portable-symmetric-key-container, draft-ietf-keyprov-pskc).

Keys of other kinds, such as counter-based ones, are in the result as faults: the operator sees that
they were in the file. The person is taken from UserId only where it is an address, for RFC 6030
means a distinguished name by it.
"""

from __future__ import annotations

import re
from typing import Final

from app.core.errors import SeedFileNotRecognised
from app.core.secret import Encoding
from app.core.seed import FaultKind, Need, SeedOptions
from app.core.seed_cells import algorithm_of
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
            f"{path}/Value",
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
_DRAFT_SECRET: Final = f"{_SECRET}/Value"
_DRAFT_INTERVAL: Final = f"{_INTERVAL}/Value"
_DRAFT_ALGORITHM: Final = f"{_KEY}@KeyAlgorithm"
_DRAFT_LENGTH: Final = f"{_FORMAT}@length"
_DRAFT_CODING: Final = f"{_FORMAT}@Format"
_DRAFT_SMALL_CODING: Final = f"{_FORMAT}@format"
_DRAFT_CHECKED: Final = f"{_FORMAT}@CheckDigit"
_DRAFT_CIPHER: Final = "EncryptionMethod@Algorithm"
"""At the container itself: the elements named Value hold encrypted values."""

PSKC: Final = Shape(
    record=_KEY,
    around="KeyPackage",
    wanted=frozenset(HEAD)
    | _value(_SECRET)
    | _value(_INTERVAL)
    | {_MAKER, _SERIAL, _MODEL, _DEVICE_USER, _KEY_USER}
    | {_ALGORITHM, _SUITE, _LENGTH, _CODING, _CHECKED}
    | {_DRAFT_ALGORITHM, _DRAFT_LENGTH, _DRAFT_CODING, _DRAFT_SMALL_CODING, _DRAFT_CHECKED}
    | {_DRAFT_CIPHER},
    other_names={
        "Device": "KeyPackage",
        "KeyPackage/Device": "KeyPackage",
        "KeyPackage/DeviceId": _INFO,
        f"{_KEY}/Usage": f"{_KEY}/AlgorithmParameters",
        f"{_KEY}/Data@Name=SECRET": _SECRET,
        f"{_KEY}/Data@Name=TIME_INTERVAL": _INTERVAL,
        f"{_KEY}/Data@Name=TIMEINTERVAL": _INTERVAL,
        f"{_KEY}/Data/TimeStep": _INTERVAL,
    },
)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{32,}")
_LIKELY: Final = (Encoding.HEX, Encoding.BASE64)
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
            self._checker.refuse_serial(self._number, closed.kind, package.get(_SERIAL, ""))
        else:
            self._checker.add(self._row(package, key, secret, interval))

    def _row(self, package: Texts, key: Texts, secret: bytes | str, interval: str) -> Row:
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
            _kind(key.get(_ALGORITHM) or key.get(_DRAFT_ALGORITHM, "")),
        )

    def _secret(self, file: Texts, key: Texts) -> bytes | str:
        """The secret: bytes, or a text where the operator has told how it is written.

        RFC 6030 has Base64. A text of nothing but hexadecimal digits is asked about, since the
        seeds of files that are written against the rule look so, and hardly any other.
        """
        text = self._plain(file, key, _PLAIN_SECRET, _DRAFT_SECRET)
        if text is None:
            return self._opened(file, key, _SECRET)
        told = self._options.encoding
        if _HEX.fullmatch("".join(text.split())):
            if told not in _LIKELY:
                raise _Closed(FaultKind.SECRET_AMBIGUOUS)
            return text
        try:
            return from_base64(text)
        except Malformed:
            raise _Closed(FaultKind.SECRET_NOT_BASE64) from None

    def _plain(self, file: Texts, key: Texts, path: str, draft: str) -> str | None:
        """A value in plain, or None. Raises SeedFileNotRecognised for one that looks so."""
        text = key.get(path)
        if text is None and (text := key.get(draft)) is not None and _DRAFT_CIPHER in file:
            raise SeedFileNotRecognised("a PSKC file of an early draft that is encrypted")
        return text

    def _interval(self, file: Texts, key: Texts) -> str:
        """The time step as digits; an encrypted one is digits or a big-endian number.

        So is one in Base64, as the drafts have it.
        """
        text = self._plain(file, key, _PLAIN_INTERVAL, _DRAFT_INTERVAL)
        if text is not None:
            return text if not text or text.isdecimal() else _number_in_base64(text)
        return _number(self._opened(file, key, _INTERVAL))

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


def _number(plain: bytes) -> str:
    """A number that is written as digits or as big-endian bytes."""
    if plain.isdigit() or not plain:
        return plain.decode("ascii")
    return str(int.from_bytes(plain.lstrip(b"\x00")[:_LONGEST_INTERVAL], "big"))


def _number_in_base64(text: str) -> str:
    """A number in Base64, or the text as it is, which the check of the row then refuses."""
    try:
        return _number(from_base64(text))
    except Malformed:
        return text


def _digits(key: Texts) -> str:
    """How many digits a code has, or a word where they are not all or not only the code's."""
    coding = next((key[at] for at in _CODINGS if at in key), "DECIMAL")
    checked = next((key[at] for at in _CHECKS if at in key), "")
    if coding.upper() != "DECIMAL" or checked.lower() in _YES:
        return "others"
    return key.get(_LENGTH) or key.get(_DRAFT_LENGTH, "")


_CODINGS: Final = (_CODING, _DRAFT_CODING, _DRAFT_SMALL_CODING)
_CHECKS: Final = (_CHECKED, _DRAFT_CHECKED)


def _kind(algorithm: str) -> str:
    """The last part of an algorithm's address: "totp" or "hotp", or what it is instead."""
    name = re.split(r"[#:/]", algorithm)[-1]
    return name if algorithm_of(name).kind is not None else "other"
