"""Recognises a keyboard-wedge scanner by its rhythm, whichever field has the focus.

A wedge is a keyboard: nothing but its speed tells a scan from typing. A scan that goes to the field
with the focus ends up in a person search, a code field or a button. So the window shows every key
press to this machine first, and the machine holds each printable key back until the rhythm has
spoken: it either becomes part of a scan or is given back, in order, to be typed after all.

Theory of operation. A *burst* is the run of keys held back; it lives through three ages, by the
gap it forgives before it is given up as typing:

- *Young*, one or two keys: `first_gap` (45 ms). A key typed alone is delivered after that time, and
  at 60 ms a key or slower each key is alone. Two keys rolled over by a fast hand wait once more.
- *Likely*, three keys or more: `longest_gap` (120 ms), because a busy machine or a Bluetooth link
  stalls now and then, but no more than keeps the average of the run within `average_gap` (50 ms).
  So a stall is forgiven to a scanner at 1 ms a key; three keys of a fast typist wait 60 ms or so.
- *Certain*, `minimum_length` keys (6): a scan, never given back, and `longest_gap` is all that
  counts. Six keys within 250 ms are beyond hands: a person in a hurry needs 400 ms for six digits,
  a scanner 1 to 200 ms.

A certain burst ends with Enter or Tab (which is swallowed, lest it press a button), with a key that
comes too late (which begins the next burst), or after `silence` (150 ms). After a scan, further
terminators within `longest_gap` are swallowed too: many scanners send CR and LF.

What the caller does, in an event filter installed on the application, per key press:

1. Leave bare modifiers, key releases and input-method events alone. Make a `Key` of the rest; one
   with Ctrl, Alt or Meta, or from auto-repeat, gets `text=""` (or its control character), so that
   a key held down, thirty a second, is never a scan. Take `at` from the event's own time stamp: a
   window that stalls then sees the same rhythm.
2. `feed` it, and *before anything else* send the verdict's `replay` keys to the widget with the
   focus, at once and not by the event queue (with the filter told to let them through).
3. Stop the event if `swallow` says so; else let it go its way. Then act on the `outcome`.
4. Set a timer for `deadline`, and call `tick` when it fires; first let key events that already
   wait in the queue be fed. On a change of focus or of window call `flush` before it takes effect.

A scan that begins within `silence` of keys that no terminator closed (typing, or a scan cut in two
by a long stall) is marked `torn`: its start may be missing. The window then asks for the scan again
instead of trusting half a serial.

What is held may be a seed: no repr here shows a key. A burst is kept up to `MAXIMUM_TEXT`
characters; beyond, it is swallowed all the same, but only its length is remembered. Of the last
scan a hash is kept (salted anew in each run), to know a double read by. Timing is a label and no
security control: a wedge is a keyboard, and what it sends deserves no more trust than typing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

MAXIMUM_TEXT: Final = 10_000
"""Characters of one burst that are kept; a longer burst is reported by its length alone."""

_YOUNG: Final = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One key press. `at` is in seconds on any steady clock, the same for every key and tick.

    `text` is what it types: printable, a control character, or "" for a key that types nothing.
    `payload` is the caller's own (the event to repeat, say); it comes back with a replayed key.
    """

    text: str = field(repr=False)
    at: float
    terminator: bool = False
    payload: object = field(default=None, repr=False, compare=False)

    @property
    def types(self) -> bool:
        """Whether the key may be a character of a scan (and so is held back)."""
        return not self.terminator and self.text != "" and self.text.isprintable()


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """The rhythm of a scanner; times in seconds. Raises ValueError for a value out of range.

    first_gap        0.005-0.2   wait for the second and the third key; how late a typed key may be
    average_gap      0.001-0.1   mean gap of a scan stays under it
    longest_gap      to 0.5      each gap of a scan stays under it; first_gap at least
    silence          to 1.0      what ends a scan without a terminator; longest_gap at least
    minimum_length   3-64        keys of the shortest scan
    duplicate_window 0-5         an equal scan beginning within this time is a double read
    """

    average_gap: float = 0.050
    longest_gap: float = 0.120
    silence: float = 0.150
    minimum_length: int = 6
    duplicate_window: float = 0.300
    first_gap: float = 0.045

    def __post_init__(self) -> None:
        ranges = {
            "first_gap": (0.005, self.first_gap, 0.2),
            "average_gap": (0.001, self.average_gap, 0.1),
            "longest_gap": (self.first_gap, self.longest_gap, 0.5),
            "silence": (self.longest_gap, self.silence, 1.0),
            "minimum_length": (_YOUNG + 1, self.minimum_length, 64),
            "duplicate_window": (0.0, self.duplicate_window, 5.0),
        }
        for name, (least, value, most) in ranges.items():
            if not least <= value <= most:
                raise ValueError(f"{name} is {least} to {most}, not {value}")


@dataclass(frozen=True, slots=True)
class Scan:
    """A burst is complete. `torn`: its start may be missing, so do not trust the text."""

    text: str = field(repr=False)
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The scanner has read the same text again at once; `length` in characters."""

    length: int


@dataclass(frozen=True, slots=True)
class Overlong:
    """A burst of more than MAXIMUM_TEXT characters has ended; it was not kept."""

    length: int


Outcome = Scan | Duplicate | Overlong


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do now: first type `replay`, in order; then, if `swallow`, stop the key just fed."""

    replay: tuple[Key, ...] = ()
    swallow: bool = False
    outcome: Outcome | None = None


_NOTHING: Final = Verdict()


class Wedge:
    """The recogniser. Fed in the order of the presses; holds no clock and no timer."""

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        self._settings = settings or WedgeSettings()
        self._burst = _Burst()
        self._unclosed_at = -math.inf  # last key of the last burst without a terminator
        self._ended_at = -math.inf  # when the last scan was complete
        self._last_read: tuple[int, float] | None = None

    def __repr__(self) -> str:
        return f"Wedge(held={self._burst.count})"

    @property
    def deadline(self) -> float | None:
        """When `tick` is due, on the clock of the keys; None while nothing is held."""
        return self._burst.last_at + self._patience() if self._burst.count else None

    def feed(self, key: Key) -> Verdict:
        """Judge a key press. A printable key is always swallowed: held, not lost."""
        if key.types:
            return self._character(key)
        if key.terminator:
            return self._terminator(key)
        return self._other(key)

    def tick(self, now: float) -> Verdict:
        """Settle what is held if it has waited long enough; harmless at any other time."""
        if not self._burst.count or self._within(self._patience(), now):
            return _NOTHING
        return self._settle(now)

    def flush(self, now: float) -> Verdict:
        """Settle what is held at once: a certain burst is a scan, anything less was typed."""
        return self._settle(now) if self._burst.count else _NOTHING

    def _character(self, key: Key) -> Verdict:
        verdict = _NOTHING
        if self._burst.count and not self._within(self._forgiven(), key.at):
            verdict = self._settle(key.at)
        if not self._burst.count:
            torn = 0 <= key.at - self._unclosed_at <= self._settings.silence
            self._burst = _Burst(torn=torn)
        self._burst.add(key, certain=self._certain)
        return Verdict(verdict.replay, swallow=True, outcome=verdict.outcome)

    def _terminator(self, key: Key) -> Verdict:
        if not self._burst.count:
            tail = 0 <= key.at - self._ended_at <= self._settings.longest_gap
            return Verdict(swallow=tail)
        ends_scan = self._certain and self._within(self._settings.silence, key.at)
        verdict = self._settle(key.at, closed=ends_scan)
        return Verdict(verdict.replay, swallow=ends_scan, outcome=verdict.outcome)

    def _other(self, key: Key) -> Verdict:
        """A key that types nothing printable: part of a certain burst in time, else typing."""
        if self._certain and self._within(self._forgiven(), key.at):
            self._burst.add(key, certain=True)
            return Verdict(swallow=True)
        return self.flush(key.at)

    @property
    def _certain(self) -> bool:
        return self._burst.count >= self._settings.minimum_length

    def _within(self, seconds: float, at: float) -> bool:
        """Whether `at` is less than `seconds` after the last key, or a little out of order."""
        return at < self._burst.last_at + seconds and not self._jumped_back(at)

    def _jumped_back(self, at: float) -> bool:
        """Whether the clock itself was set back (or has wrapped) since the last key."""
        return at < self._burst.last_at - self._settings.longest_gap

    def _forgiven(self) -> float:
        """How soon after the last key another one must come to belong to the burst, in seconds."""
        if self._certain:
            return self._settings.longest_gap
        young = self._burst.count <= _YOUNG
        longest = self._settings.first_gap if young else self._settings.longest_gap
        elapsed = self._burst.last_at - self._burst.first_at
        return min(longest, self._settings.average_gap * self._burst.count - elapsed)

    def _patience(self) -> float:
        """How long after the last key the burst is left open, in seconds."""
        return self._settings.silence if self._certain else self._forgiven()

    def _settle(self, now: float, *, closed: bool = False) -> Verdict:
        burst, certain = self._burst, self._certain
        self._burst = _Burst()
        self._unclosed_at = -math.inf if closed else burst.last_at
        if not certain:
            return Verdict(replay=tuple(burst.keys))
        self._ended_at = now
        return Verdict(outcome=self._outcome(burst))

    def _outcome(self, burst: _Burst) -> Outcome:
        if burst.length > MAXIMUM_TEXT:
            return Overlong(burst.length)
        text = "".join(burst.parts)
        repeated = self._repeats(hash(text), burst.first_at)
        if repeated or not burst.torn:  # a torn scan is asked for again, so again is no double read
            self._last_read = (hash(text), burst.last_at)
        return Duplicate(burst.length) if repeated else Scan(text, burst.torn)

    def _repeats(self, fingerprint: int, began_at: float) -> bool:
        if self._last_read is None or self._last_read[0] != fingerprint:
            return False
        return 0 <= began_at - self._last_read[1] <= self._settings.duplicate_window


class _Burst:
    """The keys held back, as far as they are still needed: a certain burst keeps text alone."""

    __slots__ = ("count", "first_at", "keys", "last_at", "length", "parts", "torn")

    def __init__(self, *, torn: bool = False) -> None:
        self.torn = torn
        self.keys: list[Key] = []
        self.parts: list[str] = []
        self.count = 0
        self.length = 0
        self.first_at = 0.0
        self.last_at = 0.0

    def add(self, key: Key, *, certain: bool) -> None:
        self.first_at = self.first_at if self.count else key.at
        self.last_at = max(self.last_at, key.at) if self.count else key.at
        self.count += 1
        self.length += len(key.text)
        if certain:
            self.keys.clear()
        else:
            self.keys.append(key)
        if self.length <= MAXIMUM_TEXT:
            self.parts.append(key.text)
        else:
            self.parts.clear()
