"""Judges one cell of a seed file: what a serial number, a time step, a hash, a person may be.

Every function gives what the cell means or raises Faulty with the reason.

Vendors write the kind of a token and its hash in one column or in two, and call either of them
"algorithm" or "type". So both columns are read with the words of both: "TOTP-SHA256" tells the kind
and the hash wherever it stands.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

from app.core.model import HashFunction
from app.core.scan import (
    RefusalKind,
    Refused,
    ScanRules,
    SerialScan,
    classify_as_sent,
    names_nobody,
)
from app.core.secret import Encoding
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
_EXCEL_TEXT: Final = re.compile(r"""\s*(?:="+([^"]*)"+|'(.*))\s*""")
"""How some write a number so that Excel leaves it alone: ="0012" or '0012."""
_SCIENTIFIC: Final = re.compile(r"[0-9]{1,15}[.,]?[0-9]{0,15}E\+[0-9]{1,6}", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"[0-9]+[.,][0-9]+")
_INTERVAL: Final = re.compile(
    r"(?:PT)?([0-9]{1,4})(?:[.,]0+)?\s*(?:s|secs?|seconds?|sek\.?|sekunden|secondes|segundos)?",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(
    r"0*([0-9]{1,2})(?:[.,]0+)?\s*(?:digits?|stellen|ziffern|chiffres|d[ií]gitos|cifre)?",
    re.IGNORECASE,
)
_USER_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_USER_ADDRESS: Final = re.compile(r"https://[\w./-]{1,80}/users/([^/?#]{1,128})", re.IGNORECASE)
"""How Graph refers to a user by an address, as in `@odata.id`."""
_PERSON: Final = re.compile(r"(?:[\w.+'#~^-]{1,64}@[\w.-]{1,48})?")
"""A user principal name that needs no second look, or nobody."""
PEOPLE: Final = re.compile(rf"(?>{_PERSON.pattern}\n)*+")
"""Lines of such names; atomic for the same reason."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class TokenKind(enum.Enum):
    """What a cell says that a token is."""

    TIME_BASED = "time-based"
    COUNTER_BASED = "counter-based"
    OTHER = "other"
    """Known, and no OATH token: a challenge-response token, a static password, a passkey."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What a cell tells of kind and hash; None where it tells nothing of it.

    `other_hash` is whether it names a hash that is neither SHA-1 nor SHA-256, `clear` whether every
    word of it is understood.
    """

    kind: TokenKind | None = None
    hash_function: HashFunction | None = None
    other_hash: bool = False
    clear: bool = True


_KINDS: Final = {
    TokenKind.TIME_BASED: "totp time timebased timesync timesynchronous t ts tt rfc6238 zeit "
    "zeitbasiert temps tiempo tempo",
    TokenKind.COUNTER_BASED: "hotp event eventbased eventsync counter counterbased e es rfc4226 "
    "zähler zählerbasiert ereignis compteur contador",
    TokenKind.OTHER: "ocra challenge yubikey yubico static password motp fido fido2 u2f webauthn "
    "passkey sms push certificate other none",
}
_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_HASHES: Final = {
    HashFunction.SHA1: "sha1 hmacsha1 sha160",
    HashFunction.SHA256: "sha256 hmacsha256 sha2256 hmacsha2256",
}
_HASH_OF: Final = {word: hash_ for hash_, words in _HASHES.items() for word in words.split()}
_NUMBERS: Final = {
    "1": HashFunction.SHA1,
    "160": HashFunction.SHA1,
    "2": HashFunction.SHA256,
    "256": HashFunction.SHA256,
}
"""A hash as a number alone. 1 and 2 are those of Yubico's OATH application, of the migration
format of Google Authenticator and of Token2's programming tools."""
_SAYS_NOTHING: Final = frozenset(
    {"oath", "otp", "hmac", "token", "based", "mode", "basiert", "trunc"}
)
_OTHER_HASH: Final = re.compile(r"(?:hmac)?(?:sha|md|sm|ripemd|blake|whirlpool)[0-9]*")
_WORD: Final = re.compile(r"[^\W\d_]+[0-9]*|[0-9]+")
_HASH_PARTS: Final = re.compile(
    r"(?<![a-z])(hmac)?[ _/-]*sha[ _-]*(2(?=[ _/-]+[0-9])|3(?=[ _/-]+[0-9]))?"
    r"[ _/-]*([0-9]*)"
)
_ENCODINGS: Final = {
    Encoding.HEX: "hex hexadecimal hexstring hexbinary base16 b16 hexadezimal hexadécimal",
    Encoding.BASE32: "base32 b32 rfc3548",
    Encoding.BASE64: "base64 b64",
    Encoding.TEXT: "text plain plaintext ascii asciistring utf8 string raw klartext texte texto",
}
_ENCODING_OF: Final = {word: how for how, words in _ENCODINGS.items() for word in words.split()}

_SERIAL_FAULTS: Final = {
    RefusalKind.EMPTY: FaultKind.SERIAL_MISSING,
    RefusalKind.SCIENTIFIC: FaultKind.SERIAL_SCIENTIFIC,
}


def plain_cell(text: str) -> str:
    """Return a cell without the marks that keep a spreadsheet from reading a number in it."""
    found = _EXCEL_TEXT.fullmatch(text)
    return text if found is None else found[1] or found[2] or ""


def file_serial(text: str) -> str | FaultKind:
    """The serial number as a scanner at the desk will give it, or the fault of `text`.

    Six digits are taken: at the desk they are a code, but no code stands in a file.
    """
    found = plain_cell(text.strip(" "))
    if _SERIAL.fullmatch(found):
        return found
    if _DECIMAL.fullmatch(found):
        return FaultKind.SERIAL_DECIMAL
    if _SCIENTIFIC.fullmatch(found):
        return FaultKind.SERIAL_SCIENTIFIC
    scan = classify_as_sent(found, _FILE_RULES)  # no keyboard has typed it
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


def algorithm_of(text: str) -> Algorithm:
    """What a cell says of the kind of a token and of its hash."""
    bare = text.strip().casefold()
    if not bare:
        return Algorithm()
    if len(bare) > _LONGEST_ALGORITHM:
        return Algorithm(clear=False)
    if bare.isascii() and bare.isdecimal():
        number = _NUMBERS.get(bare.lstrip("0"))
        return Algorithm(None, number, other_hash=number is None, clear=number is not None)
    return _of_words(_WORD.findall(_HASH_PARTS.sub(_joined_hash, bare)))


def _joined_hash(found: re.Match[str]) -> str:
    """The name of a hash as one word: "hmac-sha-256" and "sha2-256" are sha256."""
    family, bits = found[2] or "", found[3]
    return f" sha{bits if family != '3' else family + bits} "


def _of_words(words: list[str]) -> Algorithm:
    kinds = {_KIND_OF[word] for word in words if word in _KIND_OF}
    hashes = {_HASH_OF[word] for word in words if word in _HASH_OF}
    rest = [w for w in words if w not in _KIND_OF and w not in _HASH_OF and w not in _SAYS_NOTHING]
    others = [word for word in rest if _OTHER_HASH.fullmatch(word)]
    agreed = len(kinds) <= 1 and len(hashes) <= 1
    told = bool(kinds or hashes or others)
    return Algorithm(
        next(iter(kinds), None),
        next(iter(hashes), None),
        other_hash=bool(others),
        clear=agreed and told and len(others) == len(rest),
    )


def kind_and_hash(kind: str, hash_function: str, options: SeedOptions) -> tuple[HashFunction, bool]:
    """The hash, and whether the file or the operator tells it; what is not time-based is a fault.

    `kind` and `hash_function` are the cells of the two columns. An OATH token is time-based where
    neither says otherwise, as in Entra ID's own files. Raises Faulty.
    """
    if not kind and not hash_function:
        return options.hash_function or HashFunction.SHA1, options.hash_function is not None
    of_kind, of_hash = algorithm_of(kind), algorithm_of(hash_function)
    kinds = {each.kind for each in (of_kind, of_hash)} - {None}
    if TokenKind.COUNTER_BASED in kinds:
        raise Faulty(FaultKind.COUNTER_BASED)
    if TokenKind.OTHER in kinds:
        raise Faulty(FaultKind.NOT_OATH)
    if of_kind.other_hash or of_hash.other_hash or not of_hash.clear:
        raise Faulty(FaultKind.HASH_NOT_ALLOWED)
    if not of_kind.clear:
        raise Faulty(FaultKind.KIND_NOT_KNOWN)
    hashes = {each.hash_function for each in (of_kind, of_hash)} - {None}
    if len(hashes) > 1:
        raise Faulty(FaultKind.CONTRADICTION)
    for told in hashes:
        if told is not None:
            return told, True
    return options.hash_function or HashFunction.SHA1, options.hash_function is not None


def encoding_of(text: str) -> Encoding | None:
    """How a cell says that the secret is written; None where it says nothing. Raises Faulty."""
    found = encoding_named(text)
    if found is None and text.strip():
        raise Faulty(FaultKind.ENCODING_NOT_KNOWN)
    return found


def encoding_named(text: str) -> Encoding | None:
    """The way to write a secret that `text` names, or None: "Base-32", "hex string", "text"."""
    dense = "".join(c for c in text.casefold() if c.isalnum())
    for end in ("encoded", "encoding", "format"):
        dense = dense.removesuffix(end)
    return _ENCODING_OF.get(dense)


def check_digits(text: str) -> None:
    """What a column of digits says; nothing means six, the only number there is in Entra ID."""
    bare = text.strip()
    if not bare:
        return
    found = _DIGITS.fullmatch(bare)
    if found is None or found[1] != "6":
        raise Faulty(FaultKind.DIGITS_NOT_ALLOWED)


_LONGEST_ALGORITHM: Final = 100


def maker_of(text: str, otherwise: str) -> str:
    """A manufacturer or a model: the file's own, or what the operator has told."""
    found = text.strip() or otherwise
    if not found:
        raise Faulty(FaultKind.MAKER_MISSING)
    return _bounded(found, LONGEST_TEXT)


def person_of(text: str) -> str:
    """A user principal name, an object id or ""; never what may hold a secret."""
    if _PERSON.fullmatch(text) or _USER_ID.fullmatch(text):
        return text
    found = text.strip()
    address = _USER_ADDRESS.fullmatch(found)
    if address is not None:
        found = address[1]
    if _USER_ID.fullmatch(found):
        return found
    found = _bounded(found, LONGEST_TEXT)
    if found and ("@" not in found or names_nobody(found) is not None):
        raise Faulty(FaultKind.PERSON_NOT_ALLOWED)
    return found


def name_of(text: str) -> str:
    """The name that Graph shows for a token, or "" without one."""
    return _bounded(text.strip(), LONGEST_TEXT)


def _bounded(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Faulty(FaultKind.TEXT_TOO_LONG)
    if _CONTROL.search(text):
        raise Faulty(FaultKind.TEXT_NOT_ALLOWED)
    return text
