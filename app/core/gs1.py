"""Finds the serial number in a GS1 label: element strings, their printed form, and Digital Links.

A GS1 label holds several elements, each an application identifier and a value: (01) the article,
(10) the lot, (21) the serial number. A scanner sends them in one line. Elements whose length is
predefined need no end; any other ends with FNC1, which scanners send as GS (0x1D), as a text of
their own, or not at all. Where the separators are missing, a line can be read in several ways.
`serials_within` lists them, to be offered to a person and never to be taken.

Source: GS1 General Specifications, section 3 (application identifiers), 7.8.5 (predefined lengths);
GS1 Digital Link Standard, URI Syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

GS: Final = "\x1d"
"""What a scanner sends for FNC1, if it sends it at all."""
SERIAL: Final = "21"
"""The application identifier of a serial number."""
AIM: Final = frozenset({"C1", "e0", "e1", "e2", "d2", "Q3", "J1"})
"""AIM identifiers of symbols that begin with FNC1 and so hold GS1 elements (ISO/IEC 15424)."""

MOST_READINGS: Final = 6
"""Readings of an ambiguous label that are returned at most; each costs a look-up."""
_LONGEST: Final = 512
"""Characters of a label that are looked at; a GS1-128 symbol holds 48, a QR code may hold more."""
_FEWEST: Final = 4
_BEFORE_TEXT: Final = 2
_FEWEST_BEFORE_TEXT: Final = 8
"""Characters of a serial that is cut off before an element of any length: digits such as 10 stand
in every second serial, and the shorter the rest, the likelier it is another token's number."""
_PREDEFINED: Final = frozenset(
    ("00", "01", "02", "03", "11", "12", "13", "15", "16", "17", "20")
) | frozenset(("31", "32", "33", "34", "35", "36", "41"))
"""First two digits of the identifiers whose elements need no FNC1 behind them."""
# A day of 00 stands for the end of the month.
_DATE: Final = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])")
_PRINTED: Final = re.compile(r"[(\[]([0-9]{2,4})[)\]]")
_VALUE: Final = re.compile(r"[!-\"%-?A-Z_a-z]+")  # the 82 characters of GS1 element values
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a value looks: its length in characters, bounds included, and whether it is digits."""

    least: int
    most: int
    digits: bool = False

    def admits(self, value: str) -> bool:
        if not self.least <= len(value) <= self.most:
            return False
        if self.digits:
            return value.isascii() and value.isdecimal()
        return _VALUE.fullmatch(value) is not None


def _digits(least: int, most: int = 0) -> _Rule:
    return _Rule(least, most or least, digits=True)


def _text(most: int, least: int = 1) -> _Rule:
    return _Rule(least, most)


def _numbered(first: int, last: int) -> tuple[str, ...]:
    return tuple(map(str, range(first, last + 1)))


_RULES: Final[dict[str, _Rule]] = {
    "00": _digits(18),
    **dict.fromkeys(("01", "02", "03"), _digits(14)),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), _digits(6)),
    "20": _digits(2),
    **dict.fromkeys(("10", SERIAL, "22", "243", "254", "420", "7005", "8002", "8012"), _text(20)),
    "235": _text(28),
    **dict.fromkeys(("240", "241", "250", "251", "400", "401", "403", "90"), _text(30)),
    "242": _digits(1, 6),
    "253": _text(30, 13),
    "255": _digits(13, 25),
    **dict.fromkeys(("30", "37"), _digits(1, 8)),
    **dict.fromkeys(_numbered(3100, 3699), _digits(6)),
    **dict.fromkeys((*_numbered(3900, 3909), *_numbered(3920, 3929)), _digits(1, 15)),
    **dict.fromkeys((*_numbered(3910, 3919), *_numbered(3930, 3939)), _digits(4, 18)),
    **dict.fromkeys(_numbered(3940, 3943), _digits(4)),
    **dict.fromkeys(_numbered(3950, 3955), _digits(6)),
    "402": _digits(17),
    **dict.fromkeys(_numbered(410, 417), _digits(13)),
    "421": _text(12, 4),
    **dict.fromkeys(("422", "424", "426"), _digits(3)),
    **dict.fromkeys(("423", "425"), _digits(3, 15)),
    "427": _text(3),
    **dict.fromkeys(_numbered(4300, 4333), _text(70)),
    "7001": _digits(13),
    **dict.fromkeys(("7002", "7023", "8004", "8010"), _text(30)),
    "7003": _digits(10),
    "7004": _digits(1, 4),
    "7006": _digits(6),
    "7007": _digits(6, 12),
    **dict.fromkeys(("7008", "7010"), _text(3)),
    "7009": _text(10),
    "7011": _digits(6, 10),
    **dict.fromkeys(("7020", "7021", "7022", *_numbered(710, 717)), _text(20)),
    **dict.fromkeys(_numbered(7030, 7039), _text(30, 4)),
    "7040": _text(4, 4),
    **dict.fromkeys(_numbered(7230, 7239), _text(30, 3)),
    **dict.fromkeys(_numbered(7240, 7259), _text(90)),
    "8001": _digits(14),
    "8003": _text(30, 14),
    "8005": _digits(6),
    **dict.fromkeys(("8006", "8017", "8018", "8026"), _digits(18)),
    "8007": _text(34),
    "8008": _digits(8, 12),
    "8009": _text(50),
    "8011": _digits(1, 12),
    **dict.fromkeys(("8013", "8020"), _text(25)),
    "8019": _digits(1, 10),
    "8030": _text(90),
    **dict.fromkeys(("8110", "8112", "8200"), _text(70)),
    "8111": _digits(4),
    **dict.fromkeys(_numbered(91, 99), _text(90)),
}
_DATES: Final = frozenset({"11", "12", "13", "15", "16", "17"})


@dataclass(frozen=True, slots=True)
class Label:
    """What a GS1 label says: the value of each application identifier, the first one where twice.

    `serial` is the value of (21), or "" where the label has none.
    """

    elements: tuple[tuple[str, str], ...]

    @property
    def serial(self) -> str:
        """The serial number as it stands in the label, or nothing."""
        return next((value for ai, value in self.elements if ai == SERIAL), "")


def label(text: str) -> Label | None:
    """Return what an element string says, GS as separator; None where it is not one.

    `text` is without AIM identifier. Leading, doubled and closing separators do no harm.
    """
    if len(text) > _LONGEST:
        return None
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if text[at] == GS:
            at += 1
            continue
        ai = _identifier(text, at)
        if ai is None:
            return None
        at += len(ai)
        end = _end(text, at, ai)
        if not _admits(ai, text[at:end]):
            return None
        elements.append((ai, text[at:end]))
        at = end
    return Label(tuple(elements)) if elements else None


def printed(text: str) -> Label | None:
    """Return what the printed form says, "(01)09506000134352(21)1234"; None where it is not one.

    Brackets may be round or square, and spaces may stand around the values.
    """
    compact = text.replace(" ", "").replace(GS, "")
    marks = [m for m in _PRINTED.finditer(compact[:_LONGEST]) if m[1] in _RULES]
    if not marks or marks[0].start() != 0 or len(compact) > _LONGEST:
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(compact)]
    pairs = zip(marks, ends, strict=True)
    elements = tuple((mark[1], compact[mark.end() : end]) for mark, end in pairs)
    return Label(elements) if all(_admits(ai, value) for ai, value in elements) else None


def digital_link(text: str) -> Label | None:
    """Return what a GS1 Digital Link says, whatever its host; None for any other web address.

    The path holds pairs of identifier and value from the article's, (01) with 8 to 14 digits and a
    right check digit, to the end: https://id.gs1.org/01/09506000134352/21/1234.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https"):
        return None
    steps = [unquote(step) for step in parts.path.strip("/").split("/")]
    for at, step in enumerate(steps[:-1]):
        if step.lower() in ("01", "gtin") and is_gtin(steps[at + 1]):
            names = (_SHORT_NAMES.get(name.lower(), name) for name in steps[at::2])
            return Label(tuple(zip(names, steps[at + 1 :: 2], strict=False)))
    return None


_SHORT_NAMES: Final = {"gtin": "01", "cpv": "22", "lot": "10", "ser": SERIAL}
"""Words that earlier Digital Links have in place of the identifiers (version 1.1, section 4.1)."""


def serials_within(text: str) -> tuple[str, ...]:
    """Return the values that (21) may have in `text` if separators are missing, at most six.

    First those that reach to the end of the text, then those before elements of a predefined
    length, such as dates, then those before any others. One of them may be right; which one, only
    the tenant's inventory can tell.
    """
    if len(text) > _LONGEST:
        return ()
    fixed, any_length = _closing(text, fixed=True), _closing(text, fixed=False)
    found: list[tuple[int, int, str]] = []
    for at in _openings(text):
        if not text.startswith(SERIAL, at):
            continue
        for end in _ends(text, at, SERIAL):
            value = text[at + len(SERIAL) : end]
            rank = 0 if end == len(text) else 1 if fixed[end] else 2
            least = _FEWEST_BEFORE_TEXT if rank == _BEFORE_TEXT else _FEWEST
            if any_length[end] and len(value) >= least and re.search("[0-9]", value):
                found.append((rank, at, value))
    ranked = sorted(found, key=lambda each: (each[0], each[1], -len(each[2])))
    return tuple(dict.fromkeys(value for _, _, value in ranked))[:MOST_READINGS]


def is_gtin(digits: str) -> bool:
    """Whether `digits` has the length and check digit of an EAN-8, UPC-A, EAN-13 or GTIN-14.

    True for one in ten numbers of such a length by chance. GS1 General Specifications, 7.9.
    """
    if len(digits) not in _GTIN_LENGTHS or not (digits.isascii() and digits.isdecimal()):
        return False
    weighted = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(reversed(digits)))
    return weighted % 10 == 0


def _identifier(text: str, at: int) -> str | None:
    """The application identifier at `at`, which has two to four digits."""
    return next((text[at : at + n] for n in (2, 3, 4) if text[at : at + n] in _RULES), None)


def _end(text: str, at: int, ai: str) -> int:
    """Where the value that begins at `at` ends: by its length if predefined, else at GS."""
    if ai[:2] in _PREDEFINED:
        return min(at + _RULES[ai].most, len(text))
    separator = text.find(GS, at)
    return len(text) if separator < 0 else separator


def _admits(ai: str, value: str) -> bool:
    if ai in _DATES and _DATE.fullmatch(value) is None:
        return False
    return _RULES[ai].admits(value)


def _ends(text: str, at: int, ai: str) -> Iterator[int]:
    """Every place where the element that begins at `at` may end, if no separator is to be had."""
    start, rule = at + len(ai), _RULES[ai]
    limit = text.find(GS, start)
    last = min(start + rule.most, len(text) if limit < 0 else limit)
    for end in range(start + rule.least, last + 1):
        if _admits(ai, text[start:end]):
            yield end


def _openings(text: str) -> list[int]:
    """Every place that an element may begin at, read from the first character on."""
    reached = {0}
    for at in range(len(text)):
        if at not in reached:
            continue
        if text[at] == GS:
            reached.add(at + 1)
        elif (ai := _identifier(text, at)) is not None:
            reached.update(_ends(text, at, ai))
    return sorted(at for at in reached if at < len(text))


def _closing(text: str, *, fixed: bool) -> list[bool]:
    """For every place, whether what follows it can be read as elements to the end.

    With `fixed` only elements of a predefined length count. No second serial number does: an
    identifier stands in a label once.
    """
    closes = [False] * len(text) + [True]
    for at in range(len(text) - 1, -1, -1):
        if text[at] == GS:
            closes[at] = closes[at + 1]
            continue
        ai = _identifier(text, at)
        if ai is not None and ai != SERIAL and (not fixed or ai[:2] in _PREDEFINED):
            closes[at] = any(closes[end] for end in _ends(text, at, ai))
    return closes
