"""Judges one cell of a seed file: what a serial number, a time step, a hash, a person may be.

Every function gives what the cell means or raises Faulty with the reason.
"""

from __future__ import annotations

import re
from typing import Final

from app.core.model import HashFunction
from app.core.scan import RefusalKind, Refused, ScanRules, SerialScan, classify, names_nobody
from app.core.seed import INTERVALS, LONGEST_TEXT, FaultKind, SeedOptions


class Faulty(Exception):
    """A cell is not what it should be; `kind` is the fault of its row."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


_FILE_RULES: Final = ScanRules(badge_pattern=None)
_SERIAL: Final = re.compile(r"[0-9]{4,32}|(?=[A-Z]*[0-9])[0-9A-Z]{4,15}")
"""A serial number that needs no second look: no dash, and too short to be a seed."""
SERIALS: Final = re.compile(rf"(?>(?:{_SERIAL.pattern})\n)*+")
"""Lines of such serial numbers. Atomic: a line that does not match must not have all lines before
it tried in every other way, which would take longer than the universe lasts.
"""
_EXCEL_TEXT: Final = re.compile(r'="([^"]*)"')
"""How some write a number so that Excel leaves it alone."""
_INTERVAL: Final = re.compile(r"([0-9]{1,4})(?:[.,]0+)?\s*(?:s|sec|secs|seconds)?", re.IGNORECASE)
_PERSON: Final = re.compile(r"(?:[\w.+'#~^-]{1,64}@[\w.-]{1,48})?")
"""A user principal name that needs no second look, or nobody."""
PEOPLE: Final = re.compile(rf"(?>{_PERSON.pattern}\n)*+")
"""Lines of such names; atomic for the same reason."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HASHES: Final = {
    "SHA1": HashFunction.SHA1,
    "SHA256": HashFunction.SHA256,
}
_TIME_BASED: Final = frozenset({"TOTP", "TIME"})
_COUNTER_BASED: Final = frozenset({"HOTP", "EVENT", "COUNTER"})
_SERIAL_FAULTS: Final = {
    RefusalKind.EMPTY: FaultKind.SERIAL_MISSING,
    RefusalKind.SCIENTIFIC: FaultKind.SERIAL_SCIENTIFIC,
}


def file_serial(text: str) -> str | FaultKind:
    """The serial number as a scanner at the desk will give it, or the fault of `text`.

    Six digits are taken: at the desk they are a code, but no code stands in a file.
    """
    found = text.strip(" ")
    excel = _EXCEL_TEXT.fullmatch(found)
    if excel:
        found = excel[1]
    if _SERIAL.fullmatch(found):
        return found
    scan = classify(found, _FILE_RULES)
    if isinstance(scan, SerialScan):
        return scan.serial
    kind = scan.kind if isinstance(scan, Refused) else RefusalKind.NOT_A_SERIAL
    return _SERIAL_FAULTS.get(kind, FaultKind.SERIAL_NOT_ALLOWED)


def interval_of(text: str, options: SeedOptions) -> int:
    """The time step in seconds: the cell's own, or what the operator has told."""
    if not text.strip():
        if options.interval is None:
            raise Faulty(FaultKind.INTERVAL_MISSING)
        return options.interval
    found = _INTERVAL.fullmatch(text.strip())
    if found is None or int(found[1]) not in INTERVALS:
        raise Faulty(FaultKind.INTERVAL_NOT_ALLOWED)
    return int(found[1])


def hash_of(text: str, options: SeedOptions) -> tuple[HashFunction, bool]:
    """The hash, and whether the file or the operator tells it."""
    if not text.strip():
        told = options.hash_function
        return told or HashFunction.SHA1, told is not None
    dense = re.sub(r"[ _-]", "", text.strip().upper()).removeprefix("HMAC")
    if dense not in _HASHES:
        raise Faulty(FaultKind.HASH_NOT_ALLOWED)
    return _HASHES[dense], True


def check_kind(text: str) -> None:
    """What a column of kinds says; a YubiKey's private id of zeros says that it is OATH."""
    dense = text.strip().upper().removeprefix("OATH-")
    if dense in _COUNTER_BASED:
        raise Faulty(FaultKind.COUNTER_BASED)
    if dense.strip("0") and dense not in _TIME_BASED:
        raise Faulty(FaultKind.NOT_OATH)


def check_digits(text: str) -> None:
    """What a column of digits says; nothing means six, the only number there is in Entra ID."""
    if text.strip() not in {"", "6"}:
        raise Faulty(FaultKind.DIGITS_NOT_ALLOWED)


def maker_of(text: str, otherwise: str) -> str:
    """A manufacturer or a model: the file's own, or what the operator has told."""
    found = text.strip() or otherwise
    if not found:
        raise Faulty(FaultKind.MAKER_MISSING)
    return _bounded(found, LONGEST_TEXT)


def person_of(text: str) -> str:
    """A user principal name, or "" for nobody; never what may hold a secret."""
    if _PERSON.fullmatch(text):
        return text
    found = _bounded(text.strip(), LONGEST_TEXT)
    if found and ("@" not in found or names_nobody(found) is not None):
        raise Faulty(FaultKind.PERSON_NOT_ALLOWED)
    return found


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Faulty(FaultKind.TEXT_TOO_LONG)
    if _CONTROL.search(text):
        raise Faulty(FaultKind.TEXT_NOT_ALLOWED)
    return text
