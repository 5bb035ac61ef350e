"""Whether a rhythm of keys is a scan by given settings, and which settings would make it one.

Asked of the recogniser itself (core.wedge), by letting it hear the keys again: so a proposal is
never a formula that has drifted away from what the desk does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from app.core.wedge import Key, Scan, Verdict, Wedge, WedgeSettings

_MOST_AVERAGE: Final = 0.1
_MOST_LONGEST: Final = 0.5
"""The ranges of WedgeSettings."""
_ROOM: Final = 1.2
"""How much slower than it was a scanner may be next time."""
_BREATH: Final = 0.03
"""Seconds by which the silence that ends a scan is longer than its longest gap."""


def recognised(keys: Sequence[Key], settings: WedgeSettings) -> bool:
    """Whether `keys`, in one go and from rest, are one whole scan."""
    verdicts = list(_heard([key for key in keys if key.types], settings))
    outcomes = [verdict.outcome for verdict in verdicts if verdict.outcome is not None]
    whole = not any(isinstance(outcome, Scan) and outcome.torn for outcome in outcomes)
    return whole and len(outcomes) == 1 and not any(verdict.replay for verdict in verdicts)


def proposed(keys: Sequence[Key], settings: WedgeSettings) -> WedgeSettings | None:
    """Return settings that take `keys` for a scan; None where none within their ranges does.

    Only the average gap, the longest gap and the silence are moved, and only as far as needed. The
    wait for the first keys stays: it is what a person who types would feel.
    """
    times = [key.at for key in keys if key.types]
    gaps = [after - at for at, after in itertools.pairwise(times)]
    average = max(((at - times[0]) / n for n, at in enumerate(times[1:], start=1)), default=0.0)
    longest = max(settings.longest_gap, _rounded(max(gaps, default=0.0), _MOST_LONGEST))
    wanted = replace(
        settings,
        average_gap=max(settings.average_gap, _rounded(average, _MOST_AVERAGE)),
        longest_gap=longest,
        silence=max(settings.silence, round(longest + _BREATH, 3)),
    )
    needed = _least(keys, settings, wanted)
    return needed if recognised(keys, needed) else None


def _least(keys: Sequence[Key], now: WedgeSettings, wanted: WedgeSettings) -> WedgeSettings:
    """`wanted`, but with the average left as it is where the gaps alone are enough."""
    less = replace(wanted, average_gap=now.average_gap)
    if recognised(keys, less):
        return less
    same = replace(now, average_gap=wanted.average_gap)
    return same if recognised(keys, same) else wanted


def _rounded(seconds: float, most: float) -> float:
    """`seconds` with some room, in whole hundredths."""
    return min(math.ceil(round(seconds * _ROOM * 100, 6)) / 100, most)


def _heard(keys: Sequence[Key], settings: WedgeSettings) -> Iterator[Verdict]:
    wedge = Wedge(settings)
    for key in keys:
        while (due := wedge.deadline) is not None and due <= key.at:
            yield wedge.tick(due)
        yield wedge.feed(Key(key.text, key.at))
    while (due := wedge.deadline) is not None:
        yield wedge.tick(due)
