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
5. Of a GS1 label (core.gs1) the serial number of application identifier 21 is taken; a label
   without one is a box label. Only a text that says it is GS1 is read so: by its AIM identifier,
   a separator, brackets, or as a Digital Link. Plain digits may be read so, too, but only to be
   offered (`SerialScan.others`).
6. Code 39 marks, a printed label ("S/N:"), spaces and, by vendor, dashes go.
7. What is left is a badge, a refusal, or a serial: always text, leading zeros and all.

Where the machine's keyboard layout is configured, a text is first read through it, then through it
with Caps Lock on, and then as it stands: a scanner in keypad mode, or one behind Caps Lock on a
French machine, sends digits that no layout has touched. Where none is configured and the text is no
serial, the layouts are tried all the same, to say which one is in the way (`layout_guess`).

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
from dataclasses import dataclass, field, replace
from typing import Final

from app.core import gs1
from app.core.code import CODE_DIGITS
from app.core.layouts import CapsLock, Layout, as_meant, caps_of, with_caps


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
    BOX_LABEL = "box label"
    """A GS1 label that names an article, a lot or a parcel and no serial number."""
    SIX_DIGITS = "six digits"
    CONTROL = "control characters"
    TORN = "in pieces"
    """A part of a scan, which may be another token's number."""
    SCIENTIFIC = "scientific notation"
    """A number that a spreadsheet has shortened, such as 8,65962E+12: its digits are lost."""
    LAYOUT = "keyboard layout"
    """Typed through another keyboard layout; `layout_guess` tells which, and the likely text."""
    NOT_A_SERIAL = "not a serial"


@dataclass(frozen=True, slots=True)
class SerialScan:
    """A token's serial: 0-9, A-Z and dash, upper case; `symbology` when the scanner told it.

    `others` are what the text may mean as well: another reading of a GS1 label without separators,
    or of keys behind a layout. They are for a person to choose from, where the tenant has them and
    has no `serial`. Only with `others` may `serial` be longer than a serial number can be: it then
    is a whole label.
    """

    serial: str
    symbology: str | None = None
    others: tuple[str, ...] = ()


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
    sends before each scan, as it arrives; `separator` is what it sends for the separator of GS1
    labels (FNC1), as it arrives, besides GS itself; `layout` is the keyboard layout of the machine
    where it is not the scanner's. Raises ValueError for lengths that contradict each other.
    """

    badge_pattern: re.Pattern[str] | None = DEFAULT_BADGE
    profiles: tuple[SerialProfile, ...] = DEFAULT_PROFILES
    prefix: str = ""
    separator: str = ""
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
        return replace(self, prefix="", separator="", layout=Layout.SAME)


DEFAULT_RULES: Final = ScanRules()

_LONGEST_BADGE: Final = 64
_LONGEST_CODE: Final = 16  # six digits with spaces or dashes between them
_LONGEST_REFERENCE: Final = 120  # a UPN has 113 characters at most (Entra ID's naming rules)
_INVISIBLE: Final = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_DASHES: Final = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_ENDS: Final = " \x00\x02\x03\t\n\r"
FRAMING: Final = f"{_ENDS}{gs1.GS}"
"""What a scanner frames its data with: it goes from both ends of a text."""
_FEW_LAYOUTS: Final = 3
"""As many layouts may explain a text for its meaning to be told, unless all agree on it."""
_SERIAL_KEYS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz- ")
_UNMARKED_SERIAL: Final = 6
"""Characters of the shortest serial that is looked for within plain digits."""
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
    "J": "DotCode",
    "Q": "QR Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
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

_SECRETS: Final = frozenset(
    {RefusalKind.OTP_SECRET, RefusalKind.POSSIBLE_SEED, RefusalKind.PASSKEY}
)
# What may be the work of a layout: anything that is no serial and shows no mark of its own.
_UNCLEAR: Final = frozenset({RefusalKind.NOT_A_SERIAL, RefusalKind.CONTROL, RefusalKind.TOO_LONG})


def classify(raw: str, rules: ScanRules = DEFAULT_RULES) -> Scan:
    """Tell what `raw` is. Never raises, whatever the text."""
    if len(raw) > rules.maximum_text:
        return Refused(RefusalKind.TOO_LONG, len(raw))
    found = [_judged(text, raw, rules) for text in _readings(raw, rules)]
    refused = [scan for scan in found if isinstance(scan, Refused)]
    secret = next((scan for scan in refused if scan.kind in _SECRETS), None)
    if secret is not None:
        return secret
    taken = [scan for scan in found if not isinstance(scan, Refused)]
    if taken:
        return _with_others(taken)
    clear = next((scan for scan in refused if scan.kind not in _UNCLEAR), None)
    return clear or _by_layout(raw, refused[0], rules)


def other_readings(serial: str, rules: ScanRules = DEFAULT_RULES) -> tuple[str, ...]:
    """Return what a serial number that was recorded as it was scanned may mean as well."""
    scan = classify(serial, rules)
    return scan.others if isinstance(scan, SerialScan) else ()


def classify_as_sent(text: str, rules: ScanRules = DEFAULT_RULES) -> Scan:
    """Tell what `text` is that no keyboard layout has touched: only its size is bounded first."""
    if len(text) > rules.maximum_text:
        return Refused(RefusalKind.TOO_LONG, len(text))
    return _judged(text, text, rules)


@dataclass(frozen=True, slots=True)
class LayoutGuess:
    """What a wrong keyboard layout may have done to a scan; a guess to show to a person.

    `layouts` are those that explain it, the likeliest first, none for a foreign script. `text` is
    what was meant, or "" where that cannot be told. `caps` tells that Caps Lock explains it, too.
    """

    layouts: tuple[Layout, ...] = ()
    text: str = field(default="", repr=False)
    caps: bool = False


def layout_guess(raw: str, rules: ScanRules = DEFAULT_RULES) -> LayoutGuess | None:
    """Return which keyboard layout makes a serial or badge number of `raw`, or None for none.

    None, too, where `raw` is in order as it stands, and where it may hold a secret.
    """
    found = classify(raw, rules)
    if not isinstance(found, Refused) or found.kind is not RefusalKind.LAYOUT:
        return None
    ways = sorted((way for way in _through(raw, rules) if way.explains), key=lambda way: way.rank)
    if not ways:
        return LayoutGuess()  # another script
    likely = [way for way in ways if way.rank == ways[0].rank]
    texts = dict.fromkeys(way.meaning for way in likely)
    layouts = dict.fromkeys(way.layout for way in ways if way.layout is not Layout.SAME)
    caps = any(way.layout is Layout.SAME for way in ways)
    agreed = len(texts) == 1 and (
        len(layouts) <= _FEW_LAYOUTS or len({way.meaning for way in ways}) == 1
    )
    return LayoutGuess(tuple(layouts), next(iter(texts)) if agreed else "", caps)


def as_sent(raw: str, rules: ScanRules) -> str:
    """Return what the scanner read: without its prefix, and with its keys as it meant them."""
    text = raw.strip(_ENDS).removeprefix(rules.prefix)
    if rules.separator:
        text = text.replace(rules.separator, gs1.GS)
    return as_meant(text, rules.layout)


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
    for sent in _readings(raw, rules):
        aim, text = _split_aim(_clean(sent))
        digits = _bare(text.translate(_UPPER), aim).replace(" ", "").replace("-", "")
        if _is_code(digits):
            return digits
    return ""


def names_nobody(text: str, rules: ScanRules = DEFAULT_RULES) -> RefusalKind | None:
    """Return why `text` cannot be a reference to a person, or None.

    What may hold a secret must not be recorded as whom a token is for.
    """
    if len(text) > _LONGEST_REFERENCE:
        return RefusalKind.TOO_LONG
    found = _judged(as_sent(text, rules), text, rules)
    return found.kind if isinstance(found, Refused) and found.kind in _NAMES_NOBODY else None


def looks_retail(serial: str) -> bool:
    """Whether a serial has the length and check digit of an EAN, UPC or ITF-14 box code.

    True for one in ten serials of that length by chance: worth a hint for a serial that the
    directory does not know, and nothing more.
    """
    return gs1.is_gtin(serial)


def looks_like_box(serial: str) -> bool:
    """Whether a serial that the directory does not know may come from a box: a hint, no more.

    It is a retail code, or a GS1 label that begins with an article's number.
    """
    if looks_retail(serial):
        return True
    return serial.startswith(("01", "02")) and gs1.is_gtin(serial[2:16])


def _readings(raw: str, rules: ScanRules) -> Iterable[str]:
    """What the scanner may have sent, the likeliest first: see this module's docstring."""
    yield as_sent(raw, rules)
    if rules.layout is not Layout.SAME:
        for caps in caps_of(rules.layout):
            yield as_sent(with_caps(raw, caps), rules)
        yield as_sent(raw, replace(rules, layout=Layout.SAME))


def _with_others(taken: list[SerialScan | BadgeScan]) -> SerialScan | BadgeScan:
    """The first of several readings, with the others to offer."""
    first = taken[0]
    if not isinstance(first, SerialScan):
        return first
    serials = [scan for scan in taken if isinstance(scan, SerialScan)]
    known = [other for scan in serials for other in (scan.serial, *scan.others)]
    others = dict.fromkeys(other for other in known if other != first.serial)
    return replace(first, others=tuple(others))


def _by_layout(raw: str, refused: Refused, rules: ScanRules) -> Refused:
    """`refused`, or why another keyboard layout explains the text better."""
    ways = list(_through(raw, rules))
    secret = next((way.scan for way in ways if way.secret), None)
    if isinstance(secret, Refused):
        return secret
    if _SERIAL_KEYS.issuperset(raw.strip(FRAMING)):
        return refused  # no mark of a layout is left
    explained = any(way.explains for way in ways) or _foreign_script(_clean(raw))
    return Refused(RefusalKind.LAYOUT, len(raw)) if explained else refused


@dataclass(frozen=True, slots=True)
class _Way:
    """What a text is if it was typed through `layout`, with Caps Lock as `caps` tells."""

    layout: Layout
    caps: CapsLock
    scan: Scan = field(repr=False)

    @property
    def rank(self) -> int:
        """How unlikely the way is. Turkish F moves every letter and so explains nearly anything."""
        if self.layout is Layout.TURKISH_F:
            return 2
        return 0 if self.caps is CapsLock.OFF else 1

    @property
    def meaning(self) -> str:
        """The serial or badge number; nothing for any other text."""
        match self.scan:
            case SerialScan(serial=serial):
                return serial
            case BadgeScan(number=number):
                return number
            case _:
                return ""

    @property
    def explains(self) -> bool:
        """Whether the layout makes sense of the text."""
        if isinstance(self.scan, Refused):
            return self.scan.kind is RefusalKind.SIX_DIGITS
        return True

    @property
    def secret(self) -> bool:
        """Whether the text may hold a secret."""
        return isinstance(self.scan, Refused) and self.scan.kind in _SECRETS


def _through(raw: str, rules: ScanRules) -> Iterable[_Way]:
    """What `raw` is by every layout, with Caps Lock and without."""
    known: dict[str, Scan] = {}
    for caps in CapsLock:
        typed = with_caps(raw, caps)
        for layout in Layout:
            if caps in (CapsLock.OFF, *caps_of(layout)):
                text = as_sent(typed, replace(rules, layout=layout))
                if text not in known:
                    known[text] = _judged_ascii(text, raw, rules)
                yield _Way(layout, caps, known[text])


def _judged_ascii(text: str, raw: str, rules: ScanRules) -> Scan:
    """As `_judged`; quick where letters are left that no key of a US keyboard types."""
    if text.isascii() or any(word in text.upper() for word in _SECRET_WORDS):
        return _judged(text, raw, rules)
    return Refused(RefusalKind.NOT_A_SERIAL, len(raw))


def _foreign_script(text: str) -> bool:
    """Whether letters of another script than the Latin one stand in `text`."""
    return any(letter.isalpha() and not _is_latin(letter) for letter in text)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "LATIN").startswith("LATIN")


def _judged(sent: str, raw: str, rules: ScanRules) -> Scan:
    """What `sent` is; refused by the length of `raw`, which it was read from."""
    aim, body = _split_aim(_clean(sent))
    text = body.translate(_UPPER)
    kind = next((kind for kind in _foreign(text, aim) if kind in _SECRETS), None)
    if kind is None and (label := _label(body, aim)) is not None:
        return _of_label(label, text, raw, aim, rules)
    kind = kind or next(iter(_foreign(text, aim)), None)
    if kind is not None:
        return Refused(kind, len(raw))
    return _plain(text.removeprefix(gs1.GS), raw, aim, rules)


def _plain(text: str, raw: str, aim: str, rules: ScanRules) -> Scan:
    """What a text is that is no GS1 label by its own word."""
    bare = _bare(text, aim)
    compact = bare.replace(" ", "")
    serial, vouched = _normal(compact, rules)
    for candidate in (bare, compact, serial):
        badge = _badge(candidate, rules)
        if badge is not None:
            return badge
    others = tuple(
        other for other in _serials_within(compact, rules) if len(other) >= _UNMARKED_SERIAL
    )
    kind = _fault(serial, rules, vouched=vouched)
    if kind is RefusalKind.TOO_LONG and others:
        kind = None
    if kind is not None:
        return Refused(kind, len(raw))
    return SerialScan(serial, _symbology(aim), others)


def _label(body: str, aim: str) -> gs1.Label | None:
    """The GS1 label that a text says it is, by one of its marks; None for any other."""
    found = gs1.digital_link(body) or gs1.printed(body)
    if found is None and (aim in gs1.AIM or (not aim and gs1.GS in body)):
        found = gs1.label(body)
    if found is None and aim in gs1.AIM and gs1.serials_within(body):
        return gs1.Label(())
    return found


def _of_label(label: gs1.Label, text: str, raw: str, aim: str, rules: ScanRules) -> Scan:
    """The serial of a GS1 label. Without separators its end, or all of it, is a guess."""
    within = () if gs1.GS in text or not aim else _serials_within(text, rules)
    if not label.serial:
        if not within:
            return Refused(RefusalKind.BOX_LABEL, len(raw))
        return SerialScan(text.replace(" ", ""), _symbology(aim), within)
    serial, vouched = _normal(label.serial.translate(_UPPER).replace(" ", ""), rules)
    kind = _fault(serial, rules, vouched=vouched)
    if kind is not None:
        return Refused(kind, len(raw))
    others = tuple(other for other in within if other != serial)
    return SerialScan(serial, _symbology(aim), others)


def _serials_within(text: str, rules: ScanRules) -> tuple[str, ...]:
    """The values of (21) in a text without separators, as far as they may be serials."""
    normal = [_normal(value, rules) for value in gs1.serials_within(text)]
    return tuple(s for s, vouched in normal if _fault(s, rules, vouched=vouched) is None)


def _normal(compact: str, rules: ScanRules) -> tuple[str, bool]:
    """A serial without the dashes that its vendor only prints; whether a vendor vouches for it."""
    profile = _profile(compact, rules)
    if profile is None or profile.keeps_dashes:
        return compact, profile is not None
    return compact.replace("-", ""), True


def _clean(raw: str) -> str:
    visible = unicodedata.normalize("NFKC", raw.translate(_INVISIBLE))
    plain = "".join(_as_ascii_digit(letter) for letter in visible)
    return plain.translate(_DASHES).strip(_ENDS)


def _as_ascii_digit(letter: str) -> str:
    """0 to 9 for a digit of any script: an Arabic or Hindi layout types its own."""
    if letter.isascii() or not letter.isdecimal():
        return letter
    return str(unicodedata.decimal(letter))


def _split_aim(text: str) -> tuple[str, str]:
    """The AIM identifier without its bracket ("" if none) and the rest.

    A separator at the front says that the text is a GS1 label, and stays.
    """
    found = _AIM.match(text)
    rest = text[found.end() :] if found else text
    front = gs1.GS if rest.lstrip(_ENDS).startswith(gs1.GS) else ""
    rest = front + rest.strip(FRAMING)
    return (found[1] + found[2] if found else ""), rest


def _foreign(text: str, aim: str) -> Iterable[RefusalKind]:
    """What the text is by marks that no serial has; seeds are looked for first and anywhere."""
    plain = text.removeprefix(gs1.GS)
    marks = {
        RefusalKind.OTP_SECRET: any(word in plain for word in _SECRET_WORDS),
        RefusalKind.PASSKEY: "FIDO:/" in plain,
        RefusalKind.WEB_ADDRESS: "://" in plain or plain.startswith("WWW."),
        RefusalKind.CONTACT: plain.startswith(_CONTACT_STARTS),
        RefusalKind.RETAIL_BARCODE: aim.startswith("E"),
        RefusalKind.CONTROL: any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in plain),
    }
    return (kind for kind, found in marks.items() if found)


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
