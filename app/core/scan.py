"""Says what a scanned or typed text is, so that nothing but a serial number is ever sent as one.

A scanner reads whatever is put before it: the token's serial, the retail code on its box, a badge,
a web address, and now and then a QR code with a seed in it. Each is told apart here, once, before
anything else sees the text. A refusal keeps the kind and the length and never the text itself,
because the text may be a secret: it is masked by construction, not by care.

The order of the steps matters:

1. The size is bounded before anything looks at the text.
2. Invisible characters go; compatibility forms (full-width digits) become plain ones; the control
   characters a scanner frames its data with go from both ends. Inside the text they stay and are
   refused, for they divide fields or scans: joining "1234" and "5678" would invent a serial.
3. The AIM symbology identifier ("]C0") goes and is kept as what it is, metadata.
4. What is not ours is refused by its own marks: seeds, passkeys, web addresses, contacts.
5. Code 39 marks, a printed label ("S/N:"), spaces and, by vendor, dashes go.
6. What is left is a badge, a refusal, or a serial: always text, leading zeros and all.

Two lengths need a word. Six digits are a code while a code is asked for (`code_in`). At any other
time `classify` refuses them, because a code taken for a serial would be shown and stored; they are
a serial only where the directory has a token with this very number (`short_serial`), as an old
YubiKey prints six digits. Thirteen digits are always a serial unless the scanner
says EAN: one serial in ten passes the EAN check by chance, so the check proves nothing. It is good
for a hint once the directory does not know the serial (`looks_retail`).
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from app.core.code import CODE_DIGITS
from app.core.layouts import Layout, as_meant


class RefusalKind(enum.Enum):
    """Why a text is not taken; the sentence for each stands with the other words of the window."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    OTP_SECRET = "otp secret"
    """An enrollment address that carries a seed: otpauth, otpauth-migration, phonefactor."""
    POSSIBLE_SEED = "possible seed"
    """A bare text in the shape of a Base32 or hexadecimal seed."""
    PASSKEY = "passkey"
    WEB_ADDRESS = "web address"
    CONTACT = "contact"
    RETAIL_BARCODE = "retail barcode"
    SIX_DIGITS = "six digits"
    CONTROL = "control characters"
    SCIENTIFIC = "scientific notation"
    """A number that a spreadsheet has shortened, such as 8,65962E+12: its digits are lost."""
    LAYOUT = "keyboard layout"
    """Digits typed through an AZERTY layout; `layout_repair` gives the likely text."""
    NOT_A_SERIAL = "not a serial"


@dataclass(frozen=True, slots=True)
class SerialScan:
    """A token's serial: 0-9, A-Z and dash, upper case; `symbology` when the scanner told it."""

    serial: str
    symbology: str | None = None


_NAMES_NOBODY = frozenset(
    {
        RefusalKind.EMPTY,
        RefusalKind.OTP_SECRET,
        RefusalKind.POSSIBLE_SEED,
        RefusalKind.PASSKEY,
        RefusalKind.WEB_ADDRESS,
        RefusalKind.CONTACT,
        RefusalKind.CONTROL,
    }
)


@dataclass(frozen=True, slots=True)
class BadgeScan:
    """A person's badge; `number` is what the directory holds as the employee number."""

    number: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that is not taken: the reason and the length (in characters), never the text."""

    kind: RefusalKind
    length: int


Scan = SerialScan | BadgeScan | Refused


@dataclass(frozen=True, slots=True)
class SerialProfile:
    """A vendor's printed form. `pattern` must match the whole upper-case text without spaces.

    A match also vouches for the text: it is not suspected of being a bare seed.
    """

    vendor: str
    pattern: re.Pattern[str]
    keeps_dashes: bool


# Forms from the vendors' samples: NagraID 306EUO4-00960 is filed with its dash, the ten digits of
# a OneSpan Digipass GO are printed in groups and filed without.
DEFAULT_PROFILES: Final = (
    SerialProfile("NagraID", re.compile(r"[0-9A-Z]{7}-[0-9]{5}"), keeps_dashes=True),
    SerialProfile("OneSpan", re.compile(r"[0-9](?:-?[0-9]){9}"), keeps_dashes=False),
)

DEFAULT_BADGE: Final = re.compile(r"(?:EMP|B)[- ]?(?P<number>[0-9]{4,10})")


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What a site calls a badge and a serial. All lengths are in characters, bounds included.

    `badge_pattern` is matched against the whole upper-case text; its group `number`, if it has one,
    is the badge number. `None` means that the site scans no badges. `prefix` is what the scanner
    sends before each scan, as it arrives; `layout` is the keyboard layout of the machine where it
    is not the scanner's. Raises ValueError for lengths that contradict each other.
    """

    badge_pattern: re.Pattern[str] | None = DEFAULT_BADGE
    profiles: tuple[SerialProfile, ...] = DEFAULT_PROFILES
    prefix: str = ""
    layout: Layout = Layout.SAME
    minimum_serial: int = 4
    maximum_serial: int = 32
    maximum_text: int = 2048

    def __post_init__(self) -> None:
        lengths = (1, self.minimum_serial, self.maximum_serial, self.maximum_text, 8192)
        if list(lengths) != sorted(lengths):
            raise ValueError(f"lengths must not decrease from 1 to 8192: {lengths}")

    @property
    def beyond_keys(self) -> ScanRules:
        """The same for what does not come as keys: without prefix, and spoilt by no layout."""
        return replace(self, prefix="", layout=Layout.SAME)


DEFAULT_RULES: Final = ScanRules()

_LONGEST_BADGE: Final = 64
_LONGEST_CODE: Final = 16  # six digits with spaces or dashes between them
_LONGEST_REFERENCE: Final = 120  # a UPN has 113 characters at most (Entra ID's naming rules)
_INVISIBLE: Final = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
FRAMING: Final = " \x00\x02\x03\t\n\r\x1d"
"""What a scanner frames its data with: it goes from both ends of a text."""
# Only a-z: full upper-casing would turn a sharp s into "SS" and so invent a serial.
_UPPER: Final = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}

_AIM: Final = re.compile(r"\]([A-Za-z])([0-9A-Za-z])")
# AIM code characters as the scanner vendors list them (ISO/IEC 15424).
_SYMBOLOGIES: Final = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN/UPC",
    "I": "Interleaved 2 of 5",
    "L": "PDF417",
    "Q": "QR Code",
    "d": "Data Matrix",
    "z": "Aztec",
}
_CODE_39: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

# A foreign layout spoils ":" and "/" and may swap A and Q; the bare words betray a seed.
_SECRET_WORDS: Final = ("OTPAUTH", "OTPQUTH", "PHONEFACTOR", "PHONEFQCTOR")
_CONTACT_STARTS: Final = ("MATMSG:", "BEGIN:", "MECARD:", "MAILTO:", "TEL:", "SMSTO:")

_LABEL: Final = re.compile(
    r"(?:S/N|SN(?= ?[:#.])|SERIAL(?: ?(?:NUMBER|NUM|NO|NR))?(?=[ .:#]))[ .:#]*"
)
_SERIAL: Final = re.compile(r"[0-9A-Z][0-9A-Z-]*")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]*E[+-]?|E\+)[0-9]{1,3}")
# 16 Base32 characters hold 80 bits, 32 hexadecimal ones 128: the shortest seeds in use.
_BASE32_SEED: Final = re.compile(r"(?=.*[A-Z])[A-Z2-7]{16,}={0,6}")
_HEX_SEED: Final = re.compile(r"(?=.*[A-F])[0-9A-F]{32,}")

# The unshifted number row of a French keyboard, left to right, and what a US one has there.
_AZERTY: Final = str.maketrans("&é\"'(-è_çà)ÉÈÇÀ", "1234567890-2790")
_AZERTY_KEYS: Final = frozenset(map(chr, _AZERTY))
_AZERTY_DASHES: Final = frozenset("-)")


def classify(raw: str, rules: ScanRules = DEFAULT_RULES) -> Scan:
    """Tell what `raw` is. Never raises, whatever the text."""
    if len(raw) > rules.maximum_text:
        return Refused(RefusalKind.TOO_LONG, len(raw))
    aim, text = _split_aim(_clean(as_sent(raw, rules)))
    kind = _foreign(text, aim)
    if kind is not None:
        return Refused(kind, len(raw))
    bare = _bare(text, aim)
    compact = bare.replace(" ", "")
    profile = _profile(compact, rules)
    serial = compact if profile is None or profile.keeps_dashes else compact.replace("-", "")
    for candidate in (bare, compact, serial):
        badge = _badge(candidate, rules)
        if badge is not None:
            return badge
    kind = _fault(serial, rules, vouched=profile is not None)
    if kind is not None:
        return Refused(kind, len(raw))
    return SerialScan(serial, _symbology(aim))


def as_sent(raw: str, rules: ScanRules) -> str:
    """Return what the scanner read: without its prefix, and with its keys as it meant them."""
    return as_meant(raw.strip(FRAMING).removeprefix(rules.prefix), rules.layout)


def code_in(raw: str, rules: ScanRules = DEFAULT_RULES) -> str | None:
    """Return the six digits 0-9 if `raw` is a code as hands type it, or None.

    Spaces and dashes between the digits are left out. A text that a scanner marked as a bar code,
    by an AIM identifier or by the prefix of `rules`, is no code.
    """
    if len(raw) > _LONGEST_CODE:
        return None
    for text in (raw, as_meant(raw.strip(FRAMING), rules.layout)):
        digits = _clean(text).replace(" ", "").replace("-", "")
        if _is_code(digits):
            return "".join(str(unicodedata.decimal(digit)) for digit in digits)
    return None


def short_serial(raw: str, rules: ScanRules = DEFAULT_RULES) -> str:
    """Return the six digits of a text that `classify` refuses as SIX_DIGITS, as a serial number."""
    aim, text = _split_aim(_clean(as_sent(raw, rules)))
    return _bare(text, aim).replace(" ", "").replace("-", "")


def suggest(serial: str, known: Iterable[str]) -> tuple[str, ...]:
    """Known serials that differ from `serial` by dashes, spaces or case alone, in their order.

    They are for a person to choose from, even when there is only one; an exact match is no
    suggestion and is left out.
    """
    wanted = _essence(serial)
    close = (other for other in known if other != serial and _essence(other) == wanted)
    return tuple(dict.fromkeys(close))


def names_nobody(text: str, rules: ScanRules = DEFAULT_RULES) -> RefusalKind | None:
    """Return why `text` cannot be a reference to a person, or None.

    What may hold a secret must not be recorded as whom a token is for.
    """
    if len(text) > _LONGEST_REFERENCE:
        return RefusalKind.TOO_LONG
    found = classify(text, rules)
    return found.kind if isinstance(found, Refused) and found.kind in _NAMES_NOBODY else None


def layout_repair(raw: str) -> str | None:
    """The digits that an AZERTY layout made of `raw`, or None if any character says otherwise.

    The answer is a guess to show to a person, never to act upon.
    """
    if len(raw) > DEFAULT_RULES.maximum_text:
        return None
    text = _clean(raw)
    if not _AZERTY_KEYS.issuperset(text) or _AZERTY_DASHES.issuperset(text):
        return None
    return text.translate(_AZERTY)


def looks_retail(serial: str) -> bool:
    """Whether a serial has the length and check digit of an EAN-8, UPC-A or EAN-13 box code.

    True for one in ten serials of that length by chance: worth a hint for a serial that the
    directory does not know, and nothing more. GS1 General Specifications, section 7.9.
    """
    if len(serial) not in (8, 12, 13) or not (serial.isascii() and serial.isdecimal()):
        return False
    weighted = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(reversed(serial)))
    return weighted % 10 == 0


def _clean(raw: str) -> str:
    visible = unicodedata.normalize("NFKC", raw.translate(_INVISIBLE))
    return visible.translate(_DASHES).strip(FRAMING)


def _split_aim(text: str) -> tuple[str, str]:
    """The AIM identifier without its bracket ("" if none) and the upper-case rest."""
    found = _AIM.match(text)
    if found is None:
        return "", text.translate(_UPPER)
    return found[1] + found[2], text[found.end() :].strip(FRAMING).translate(_UPPER)


def _foreign(text: str, aim: str) -> RefusalKind | None:
    """What the text is by marks that no serial has; seeds are looked for first and anywhere."""
    marks = {
        RefusalKind.OTP_SECRET: any(word in text for word in _SECRET_WORDS),
        RefusalKind.PASSKEY: "FIDO:/" in text,
        RefusalKind.WEB_ADDRESS: "://" in text or text.startswith("WWW."),
        RefusalKind.CONTACT: text.startswith(_CONTACT_STARTS),
        RefusalKind.RETAIL_BARCODE: aim.startswith("E"),
        RefusalKind.CONTROL: any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text),
    }
    return next((kind for kind, found in marks.items() if found), None)


def _bare(text: str, aim: str) -> str:
    """The text without Code 39's check character and marks, and without a printed label."""
    if aim == "A1":
        text = _without_check(text)
    if len(text) > 1 and text[0] == text[-1] == "*":
        text = text[1:-1].strip(" ")
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def _without_check(text: str) -> str:
    """AIM "]A1" says that the modulo 43 character is verified and sent; it is no part of a serial.

    A text whose last character does not fit is left as it is.
    """
    body, check = text[:-1], text[-1:]
    if not body or not set(text) <= set(_CODE_39):
        return text
    return body if sum(map(_CODE_39.index, body)) % 43 == _CODE_39.index(check) else text


def _profile(compact: str, rules: ScanRules) -> SerialProfile | None:
    return next((p for p in rules.profiles if p.pattern.fullmatch(compact)), None)


def _badge(text: str, rules: ScanRules) -> BadgeScan | None:
    if rules.badge_pattern is None or len(text) > _LONGEST_BADGE:
        return None
    found = rules.badge_pattern.fullmatch(text)
    if found is None:
        return None
    named = found["number"] if "number" in rules.badge_pattern.groupindex else None
    number = named or found[0]
    return BadgeScan(number) if number else None


def _fault(serial: str, rules: ScanRules, *, vouched: bool) -> RefusalKind | None:
    """Why a normalised text is no serial, the most telling reason first; None for a serial."""
    long_enough = len(serial) >= rules.minimum_serial
    faults = {
        RefusalKind.EMPTY: not serial,
        RefusalKind.SIX_DIGITS: _is_code(serial),
        RefusalKind.POSSIBLE_SEED: not vouched and _may_be_seed(serial),
        RefusalKind.TOO_LONG: len(serial) > rules.maximum_serial,
        RefusalKind.SCIENTIFIC: _SCIENTIFIC.fullmatch(serial) is not None,
        RefusalKind.LAYOUT: long_enough and layout_repair(serial) is not None,
        RefusalKind.NOT_A_SERIAL: not (long_enough and _is_serial(serial)),
    }
    return next((kind for kind, found in faults.items() if found), None)


def _is_code(text: str) -> bool:
    digits = text.replace("-", "")
    return len(digits) == CODE_DIGITS and digits.isdecimal()


def _may_be_seed(text: str) -> bool:
    dense = text.replace("-", "")
    return any(shape.fullmatch(dense) for shape in (_BASE32_SEED, _HEX_SEED))


def _is_serial(text: str) -> bool:
    """Every vendor's serial has a digit; to ask for one keeps plain words from being looked up."""
    return _SERIAL.fullmatch(text) is not None and any(c.isdecimal() for c in text)


def _symbology(aim: str) -> str | None:
    if not aim:
        return None
    return "GS1-128" if aim == "C1" else _SYMBOLOGIES.get(aim[0], f"AIM ]{aim}")


def _essence(serial: str) -> str:
    return serial.replace("-", "").replace(" ", "").casefold()
