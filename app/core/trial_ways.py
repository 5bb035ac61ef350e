"""The ways by which a scanned text can arrive, and how a known text is found again behind them.

A text comes as it was sent, or through the layout of a machine that is not the scanner's, each
without and with Caps Lock. The reference is put through every way; the one whose result stands in
what arrived is the way it came, and what stands before and behind is prefix and suffix. Where none
fits, characters were lost or doubled: then the way counts that leaves the most of it standing.

The same ways are gone backwards to find a seed: it is one under another layout, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from app.core.layouts import CapsLock, Layout, as_meant, as_typed, caps_of, with_caps
from app.core.scan import RefusalKind, Refused, ScanRules, classify_as_sent


@dataclass(frozen=True, slots=True)
class Way:
    """What the machine does to a text: a layout that is not the scanner's, and Caps Lock."""

    layout: Layout
    caps: CapsLock

    def typed(self, sent: str) -> str:
        """Return what arrives of `sent`."""
        return with_caps(as_typed(sent, self.layout), self.caps)

    def meant(self, arrived: str) -> str:
        """Return what was sent, character by character, from what `arrived`."""
        return as_meant(with_caps(arrived, self.caps), self.layout)


@dataclass(frozen=True, slots=True)
class Found:
    """The reference in what arrived: its way, and what stands before and behind it as it arrived.

    `lost` and `extra` count characters that are missing from its inside, or too many there;
    `broken` tells that control characters stand between its characters.
    """

    way: Way
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    lost: int = 0
    extra: int = 0
    broken: bool = False


DIRECT: Final = (Way(Layout.SAME, CapsLock.OFF),)
"""The way of a scanner that does not type: its text is nobody's keyboard."""

WAYS: Final = (
    *(Way(layout, CapsLock.OFF) for layout in Layout),
    *(Way(layout, caps) for layout in Layout for caps in caps_of(layout)),
)
"""Every way of a scanner that types, the likeliest first."""

_ENOUGH: Final = 0.6
"""The part of the reference that must be left for a damaged text to be taken for it."""
_LONGEST: Final = 3
"""How many times as long as the reference a damaged text may be."""
_LOWER: Final = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}

_SECRETS: Final = frozenset(
    {RefusalKind.OTP_SECRET, RefusalKind.POSSIBLE_SEED, RefusalKind.PASSKEY}
)
# Seeds as in core.scan, but in the midst of anything: a web address may carry one.
_SEED_WITHIN: Final = re.compile(
    r"(?=[2-7]*[A-Z])[A-Z2-7]{16,}|(?=[0-9]*[A-F])[0-9A-F]{32,}", re.IGNORECASE | re.ASCII
)
_PLAIN: Final = ScanRules(badge_pattern=None, profiles=())


def ways_by(layout: Layout) -> tuple[Way, ...]:
    """Return every way, those by `layout` first: several layouts may leave the same text."""
    return tuple(sorted(WAYS, key=lambda way: (way.caps is not CapsLock.OFF, way.layout != layout)))


def find(text: str, reference: str, ways: Sequence[Way] = WAYS) -> Found | None:
    """Return where and how `reference` stands in `text`, or None where it does not."""
    calm = "".join(letter for letter in text if unicodedata.category(letter) != "Cc")
    found = _exact(text, reference, ways)
    if found is None and (within := _exact(calm, reference, ways)) is not None:
        found = Found(within.way, within.before, within.after, broken=True)
    return found or _in_one_case(text, reference, ways) or _damaged(calm, reference, ways)


def secret_in(text: str) -> RefusalKind | None:
    """Return what secret `text` may hold, by whichever way it came, or None.

    Six digits may be a token's code; what is too long to be judged may be anything.
    """
    if len(text) > _PLAIN.maximum_text:
        return RefusalKind.TOO_LONG
    return _worst(text, _SECRETS | {RefusalKind.SIX_DIGITS})


def secret_around(found: Found) -> RefusalKind | None:
    """The same, of what stands before and behind the reference: digits there are no code."""
    kinds = [_worst(part, _SECRETS) for part in (found.before, found.after)]
    return next((kind for kind in kinds if kind is not None), None)


def _worst(text: str, kinds: frozenset[RefusalKind]) -> RefusalKind | None:
    meanings = dict.fromkeys(way.meant(text) for way in WAYS)
    for meaning in meanings:
        found = classify_as_sent(meaning, _PLAIN)
        if isinstance(found, Refused) and found.kind in kinds:
            return found.kind
    within = any(_SEED_WITHIN.search(meaning) for meaning in meanings)
    return RefusalKind.POSSIBLE_SEED if within else None


def _exact(text: str, reference: str, ways: Iterable[Way]) -> Found | None:
    for way in ways:
        before, there, after = text.partition(way.typed(reference))
        if there:
            return Found(way, before, after)
    return None


def _in_one_case(text: str, reference: str, ways: Iterable[Way]) -> Found | None:
    """A scanner that is set to send one case alone: no harm, since serial numbers have one."""
    for way in ways:
        typed, low = way.typed(reference).translate(_LOWER), text.translate(_LOWER)
        at = low.find(typed) if way.caps is CapsLock.OFF else -1
        if at >= 0:
            return Found(way, text[:at], text[at + len(typed) :])
    return None


def _damaged(text: str, reference: str, ways: Iterable[Way]) -> Found | None:
    if len(text) > _LONGEST * len(reference):
        return None
    meanings: dict[str, Way] = {}
    for way in ways:
        meanings.setdefault(way.meant(text), way)
    matches = {
        meaning: SequenceMatcher(None, reference, meaning, autojunk=False) for meaning in meanings
    }
    best = max(matches, key=lambda each: _left(matches[each]))
    if _left(matches[best]) < _ENOUGH * len(reference):
        return None
    return _described(meanings[best], matches[best], text, len(reference))


def _left(match: SequenceMatcher[str]) -> int:
    """How many characters of the reference are left."""
    return sum(block.size for block in match.get_matching_blocks())


def _described(way: Way, match: SequenceMatcher[str], text: str, length: int) -> Found:
    before = after = ""
    lost = extra = 0
    for tag, start, end, first, last in match.get_opcodes():
        if tag == "equal":
            continue
        if start == end == 0:
            before = text[first:last]
        elif start == end == length:
            after = text[first:last]
        else:
            lost, extra = lost + end - start, extra + last - first
    return Found(way, before, after, lost, extra)
