"""Judges what arrived when a scanner is tried out: what it is, what is wrong, and what mends it.

A scanner that types is set up blindly: a wrong keyboard layout, Caps Lock, a prefix, a delay
between the keys. Each leaves its mark on a text that is known beforehand. So the page that tries
scanners shows a code with a reference text, and here is told what became of it on its way. Any
other text gives no certainty, but what a layout did to digits gives a guess.

What is scanned may be a seed. Nothing of a text is kept here that may be one, be it through another
layout or under Caps Lock: a trial of it holds the kind and the length alone.
"""

from __future__ import annotations

import enum
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.core.layouts import CapsLock, Layout, as_meant, with_caps
from app.core.rhythm import proposed, recognised
from app.core.scan import (
    FRAMING,
    BadgeScan,
    Refused,
    Scan,
    ScanRules,
    SerialScan,
    as_sent,
    classify,
    classify_as_sent,
    layout_guess,
)
from app.core.trial_ways import DIRECT, Found, find, secret_around, secret_in, ways_by
from app.core.wedge import Key, WedgeSettings

REFERENCE: Final = "OATHDESK-0123456789-Az"
"""What the test code says: digits and letters tell a French layout, the z and the dash a German
one, the two cases Caps Lock, and the order of all of them what was lost or doubled."""


class Ending(enum.Enum):
    """What closed a scan."""

    ENTER = "Enter"
    TAB = "Tab"
    LINE_FEED = "line feed"
    NOTHING = "nothing"
    """Only silence came after the last character."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came from a scanner that types: its keys in order, and what ended them.

    The keys hold text and time alone. What they spell may be a secret, and is in no repr.
    """

    keys: tuple[Key, ...] = field(repr=False)
    ending: Ending = Ending.NOTHING

    @property
    def text(self) -> str:
        """What the keys spell."""
        return "".join(key.text for key in self.keys)

    @property
    def gaps(self) -> tuple[float, ...]:
        """Seconds from each key to the next, never negative."""
        times = (key.at for key in self.keys)
        return tuple(max(after - at, 0.0) for at, after in itertools.pairwise(times))


class TroubleKind(enum.Enum):
    """What a trial may find wrong."""

    SLOW = "slow"
    """The wedge settings take it for typing."""
    SHORT = "short"
    """Fewer characters than a scan has by the wedge settings."""
    LAYOUT = "layout"
    CAPS_LOCK = "caps lock"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    NO_ENDING = "no ending"
    OTHER_ENDING = "other ending"
    """A serial-port scanner ends its lines otherwise than it is listened for."""
    DAMAGED = "damaged"
    """Characters of the reference text are missing, or came twice."""
    CONTROL = "control"
    """Control characters that no serial number has."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line of the configuration file: `key` of [`table`] is to be `value`."""

    table: str
    key: str
    value: str | float


@dataclass(frozen=True, slots=True)
class TrialTrouble:
    """One thing that is wrong. Without `proposals` it is mended at the scanner or the keyboard.

    `likely` is a guess. `layout` is the one of the machine; `text` is what the scanner sends before
    or behind; `lost` and `extra` count characters of the reference.
    """

    kind: TroubleKind
    proposals: tuple[Proposal, ...] = ()
    likely: bool = False
    layout: Layout = Layout.SAME
    text: str = field(default="", repr=False)
    lost: int = 0
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial has shown. Times in seconds.

    `taken` is what the station takes the text for by its rules as they are; `understood` is that
    serial or badge number. `arrived` and `understood` are empty where `secret` is true. `gaps` and
    `ending` are None for a scanner on a serial port, whose keys have no rhythm. `aim` is the AIM
    symbology identifier without its bracket, or empty.
    """

    length: int
    taken: Scan = field(repr=False)
    secret: bool = False
    reference: bool = False
    arrived: str = field(default="", repr=False)
    understood: str = field(default="", repr=False)
    aim: str = ""
    gaps: tuple[float, ...] | None = None
    ending: Ending | None = None
    troubles: tuple[TrialTrouble, ...] = ()

    @property
    def mean_gap(self) -> float:
        """The average time from key to key; 0 for fewer than two."""
        return sum(self.gaps) / len(self.gaps) if self.gaps else 0.0

    @property
    def longest_gap(self) -> float:
        """The longest time from key to key; 0 for fewer than two."""
        return max(self.gaps, default=0.0) if self.gaps else 0.0

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Every line that is proposed, each key once."""
        lines = [line for trouble in self.troubles for line in trouble.proposals]
        return tuple({(line.table, line.key): line for line in lines}.values())

    @property
    def typed(self) -> bool:
        """Whether the station takes it for typing, and not for a scan."""
        return any(each.kind in (TroubleKind.SLOW, TroubleKind.SHORT) for each in self.troubles)


def as_toml(proposals: Iterable[Proposal]) -> str:
    """Return the proposals as lines of the configuration file, table by table."""
    tables: dict[str, list[str]] = {}
    for line in proposals:
        tables.setdefault(line.table, []).append(f"{line.key} = {_toml_value(line.value)}")
    return "\n\n".join("\n".join([f"[{name}]", *lines]) for name, lines in tables.items())


def _toml_value(value: str | float) -> str:
    """A basic string of TOML is one of JSON that has DEL escaped too (TOML 1.0, Strings)."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"{value:g}"


_AIM: Final = re.compile(r"\]([A-Za-z][0-9A-Za-z])")
_FEW_DAMAGED: Final = 2
"""Characters that may be lost or extra while the rest is the reference text beyond doubt. With more
of them a seed may hide among them; with these few, digits through some layouts look like one."""
_FEWEST_KEYS: Final = 3  # core.wedge takes fewer for typing, whatever the settings


def try_keys(
    arrival: Arrival, settings: WedgeSettings, rules: ScanRules, reference: str = REFERENCE
) -> Trial:
    """Judge what a scanner that types has sent, by the settings and rules of this station.

    `reference` is what the test code says; whether it was scanned is found out from the text.
    """
    text = arrival.text
    found = find(text, reference, ways_by(rules.layout))
    trial = _judged(text, found, rules, "scanner")
    rhythm = _rhythm(arrival.keys, settings)
    ending = (TrialTrouble(TroubleKind.NO_ENDING),) if arrival.ending is Ending.NOTHING else ()
    return replace(
        trial,
        gaps=arrival.gaps,
        ending=arrival.ending,
        troubles=(*rhythm, *trial.troubles, *ending),
    )


def try_line(text: str, rules: ScanRules, reference: str = REFERENCE) -> Trial:
    """Judge a line of a scanner on a serial port, which neither a layout nor Caps Lock can spoil.

    An ending that stands at the edge of the line was not listened for.
    """
    trial = _judged(text, find(text, reference, DIRECT), rules.beyond_keys, "serial")
    ending = _unheard_ending(text)
    if ending is None:
        return trial
    proposal = Proposal("serial", "ending", ending)
    trouble = TrialTrouble(TroubleKind.OTHER_ENDING, (proposal,))
    return replace(trial, troubles=(*trial.troubles, trouble))


def _judged(text: str, found: Found | None, rules: ScanRules, table: str) -> Trial:
    is_reference = found is not None and found.lost + found.extra <= _FEW_DAMAGED
    secret = secret_around(found) if found is not None and is_reference else secret_in(text)
    if secret is not None:
        return Trial(len(text), Refused(secret, len(text)), secret=True)
    taken = classify(text, rules)
    troubles = (
        _of_text(text, taken, rules) if found is None else _of_reference(text, found, rules, table)
    )
    return Trial(
        len(text),
        taken,
        reference=found is not None,
        arrived=text,
        understood=_understood(taken),
        aim=_aim(text, found, rules),
        troubles=tuple(troubles),
    )


def _of_reference(text: str, found: Found, rules: ScanRules, table: str) -> Iterable[TrialTrouble]:
    """What became of the reference on its way; the prefix as it will be with Caps Lock off."""
    way = found.way
    if way.layout is not rules.layout:
        yield _layout(way.layout)
    if way.caps is not CapsLock.OFF:
        yield TrialTrouble(TroubleKind.CAPS_LOCK)
    prefix = with_caps(_prefix(found), way.caps).lstrip(FRAMING)
    framed = with_caps(text, way.caps).strip(FRAMING)
    if framed.removeprefix(prefix) != framed.removeprefix(rules.prefix):
        proposal = Proposal(table, "prefix", prefix)
        yield TrialTrouble(TroubleKind.PREFIX, (proposal,), text=as_meant(prefix, way.layout))
    suffix = found.after.rstrip(FRAMING)
    if suffix:
        yield TrialTrouble(TroubleKind.SUFFIX, text=way.meant(suffix))
    if found.lost or found.extra:
        yield TrialTrouble(TroubleKind.DAMAGED, lost=found.lost, extra=found.extra)
    if found.broken:
        yield TrialTrouble(TroubleKind.CONTROL)


def _of_text(text: str, taken: Scan, rules: ScanRules) -> Iterable[TrialTrouble]:
    """What can be guessed of any other text."""
    if any(unicodedata.category(letter) == "Cc" for letter in text.strip(FRAMING)):
        yield TrialTrouble(TroubleKind.CONTROL)
    guess = layout_guess(text, rules)
    if guess is not None and guess.layouts:
        yield replace(_layout(guess.layouts[0]), likely=True)
    elif not isinstance(taken, Refused) and _set_in_vain(text, rules):
        yield replace(_layout(Layout.SAME), likely=True)


def _set_in_vain(text: str, rules: ScanRules) -> bool:
    """Whether a text is in order only because it is taken as it stands, past the set layout."""
    if rules.layout is Layout.SAME:
        return False
    return isinstance(classify_as_sent(as_sent(text, rules), rules), Refused)


def _layout(layout: Layout) -> TrialTrouble:
    proposal = Proposal("scanner", "layout", layout.value)
    return TrialTrouble(TroubleKind.LAYOUT, (proposal,), layout=layout)


def _prefix(found: Found) -> str:
    """What stands before the reference and its AIM identifier, as it arrived."""
    meant = found.way.meant(found.before)
    tail = _AIM.fullmatch(meant[-3:])
    return found.before[:-3] if tail else found.before


def _aim(text: str, found: Found | None, rules: ScanRules) -> str:
    if found is not None:
        tail = _AIM.fullmatch(found.way.meant(found.before)[-3:])
    else:
        tail = _AIM.match(as_sent(text, rules).strip(FRAMING))
    return tail[1] if tail else ""


def _understood(taken: Scan) -> str:
    match taken:
        case SerialScan(serial=serial):
            return serial
        case BadgeScan(number=number):
            return number
        case Refused():
            return ""


def _unheard_ending(text: str) -> str | None:
    """The ending that the scanner sends, by serial.ending's words, where it stands in `text`."""
    if text.startswith("\n") or text.endswith("\r\n"):
        return "crlf"
    return {"\r": "cr", "\n": "lf", "\t": "tab"}.get(text[-1:])


def _rhythm(keys: Sequence[Key], settings: WedgeSettings) -> Iterable[TrialTrouble]:
    """Whether the station takes the keys for typing, and what would change that."""
    count = sum(key.types for key in keys)
    if count < settings.minimum_length:
        shortest = max(count, _FEWEST_KEYS)
        proposal = Proposal("scanner", "minimum_length", shortest)
        yield TrialTrouble(TroubleKind.SHORT, (proposal,) if count == shortest else ())
        settings = replace(settings, minimum_length=shortest)
    if count >= _FEWEST_KEYS and not recognised(keys, settings):
        yield TrialTrouble(TroubleKind.SLOW, _changes(settings, proposed(keys, settings)))


def _changes(now: WedgeSettings, wanted: WedgeSettings | None) -> tuple[Proposal, ...]:
    if wanted is None:
        return ()
    names = ("average_gap", "longest_gap", "silence")
    moved = [name for name in names if getattr(now, name) != getattr(wanted, name)]
    return tuple(Proposal("scanner", name, getattr(wanted, name)) for name in moved)
