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

A certain burst ends with Enter or Tab (which is swallowed, or it would press a button). Fewer keys
are a scan as well if Enter follows in the same rhythm (the end counts as two keys), but not small
letters of more than 20 ms each: a name of four letters is typed so by a fast hand. After a scan,
further terminators within `longest_gap` are swallowed too: many scanners send CR and LF.

A remote desktop, a radio link or a busy machine may stall in the midst of a scan. A part of a
serial number can be another token's number, so no part may ever be told as a scan. Therefore:

- A certain burst that falls silent without a terminator (`silence`) becomes a *piece*, and is kept
  for `stall` seconds (1.1) from its last key. What comes in scanner rhythm by then belongs to it:
  with a terminator at its end the two are one scan; without one they are torn.
- One or two keys that follow a piece may be its last characters, or the first ones of a name that
  is typed. They are given back. If a name goes on behind them at the pace of hands, the piece was a
  whole scan, and is told at the third letter. If not, it is torn, and the keys are *retracted* (the
  caller takes them out of the field again) unless they surely were typed.
- A piece that no key follows is a scan: that of a scanner that sends no terminator. With
  `needs_ending` it is torn instead.
- Keys that were typed within `stall` before a scan, with no Enter or other key between, may be its
  first characters. The scan is torn, and the last of those keys are retracted. Keys that came at
  the pace of hands stay; and where they end in a small letter, as names do, and the scan has none,
  the scan is whole after `silence` already. Enter always ends what was typed: no scanner sends it
  in the midst of a code.
- If the scan that was asked for again is just what was read of it before, the retracted keys were
  typed, and are given back to their field. If it has them, they were its own.
- Two short runs of keys that neither are a scan alone are torn if a terminator ends them.

A scan of fewer than `minimum_length` keys that stalls is typing: nothing tells it from hands.

What the caller does, in an event filter installed on the application, per key press:

1. Leave bare modifiers, key releases and input-method events alone. Make a `Key` of the rest; one
   with Ctrl, Alt or Meta, or from auto-repeat, gets `text=""` (or its control character), so that
   a key held down, thirty a second, is never a scan. Take `at` from the event's own time stamp: a
   window that stalls then sees the same rhythm.
2. `feed` it, and *before anything else* send the verdict's `replay` keys to the widget with the
   focus, at once and not by the event queue (with the filter told to let them through). Take the
   `retract` keys, replayed earlier, out of the field that they went to.
3. Stop the event if `swallow` says so; else let it go its way. Then act on the `outcome`.
4. Set a timer for `deadline`, and call `tick` when it fires; first let key events that already
   wait in the queue be fed. On a change of focus or of window call `flush` before it takes effect.

A scan that is marked `torn` is incomplete or may be: the window asks for it again, and looks
nothing up.

What is held may be a seed: no repr here shows a key. A burst is kept up to `MAXIMUM_TEXT`
characters; beyond, it is swallowed all the same, but only its length is remembered. Of the last
scan a hash is kept (salted anew in each run), to know a double read by. Timing is a label and no
security control: a wedge is a keyboard, and what it sends deserves no more trust than typing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final

MAXIMUM_TEXT: Final = 10_000
"""Characters of one burst that are kept; a longer burst is reported by its length alone."""

_YOUNG: Final = 2
_END_COUNTS: Final = 2
"""Keys that a terminator in the rhythm of a scanner counts for."""
_FAST: Final = 0.020
_PAUSE_OF_HANDS: Final = 0.5
"""Seconds; keys that follow each other within them may be one word that somebody types."""
_REMEMBERED: Final = 8
"""Characters of what was typed that are remembered: more than a code has."""
_OUT_OF_ORDER: Final = 0.120
"""Seconds by which the time stamps of two keys may be in the wrong order."""


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
        """Whether the key may be a character of a scan (and so is held back).

        GS (0x1D) may: it divides the fields of a GS1 label, and comes as Ctrl+].
        """
        printable = self.text != "" and self.text.isprintable()
        return not self.terminator and (printable or self.text == "\x1d")


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """The rhythm of a scanner; times in seconds. Raises ValueError for a value out of range.

    first_gap        0.005-0.2   wait for the second and the third key; how late a typed key may be
    average_gap      0.001-0.1   mean gap of a scan stays under it
    longest_gap      to 0.5      each gap of a scan stays under it; first_gap at least
    silence          to 1.0      what makes a piece of a scan without a terminator; longest_gap at
                                 least
    stall            to 3.0      how long a piece is kept for the rest of it; silence at least
    minimum_length   3-64        keys of the shortest scan
    duplicate_window 0-5         an equal scan beginning within this time is a double read
    """

    average_gap: float = 0.050
    longest_gap: float = 0.120
    silence: float = 0.150
    minimum_length: int = 6
    duplicate_window: float = 0.300
    first_gap: float = 0.045
    stall: float = 1.1
    needs_ending: bool = False
    """Whether every scan ends with Enter or Tab, so that one without is incomplete."""

    def __post_init__(self) -> None:
        ranges = {
            "first_gap": (0.005, self.first_gap, 0.2),
            "average_gap": (0.001, self.average_gap, 0.1),
            "longest_gap": (self.first_gap, self.longest_gap, 0.5),
            "silence": (self.longest_gap, self.silence, 1.0),
            "minimum_length": (_YOUNG + 1, self.minimum_length, 64),
            "stall": (self.silence, self.stall, 3.0),
            "duplicate_window": (0.0, self.duplicate_window, 5.0),
        }
        for name, (least, value, most) in ranges.items():
            if not least <= value <= most:
                raise ValueError(f"{name} is {least} to {most}, not {value}")


@dataclass(frozen=True, slots=True)
class Scan:
    """A burst is complete. `torn`: a part may be missing, so do not trust the text."""

    text: str = field(repr=False)
    torn: bool = False
    typed_before: str = field(default="", repr=False, compare=False)
    """What was typed so shortly before a torn scan that it may be the beginning of it."""

    @property
    def whole(self) -> str:
        """Return the text with what was typed before it.

        A remote desktop may pass six digits on in several fast runs. Only a caller who waits for
        text of one known form, such as a code, may take a torn scan by this.
        """
        return self.typed_before + self.text


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
    """What to do now: first type `replay`, in order; then, if `swallow`, stop the key just fed.

    `retract` are keys that were replayed earlier and belong to a scan: take them back.
    """

    replay: tuple[Key, ...] = ()
    swallow: bool = False
    outcome: Outcome | None = None
    retract: tuple[Key, ...] = ()


_NOTHING: Final = Verdict()


class Wedge:
    """The recogniser. Fed in the order of the presses; holds no clock and no timer."""

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        self._settings = settings or WedgeSettings()
        self._burst = _Burst()
        self._piece: _Burst | None = None
        self._after = _Typed()  # what was given back since the piece, which may be the rest of it
        self._typed = _Typed()
        self._taken_out: _TakenOut | None = None
        self._unclosed_at = -math.inf  # last key that may have been the beginning of a scan
        self._torn_at = -math.inf  # last key of the last torn scan
        self._ended_at = -math.inf  # when the last scan was complete
        self._two_endings = False  # the scanner was seen to send a second terminator
        self._second_due = False  # and has not yet sent that of the last scan
        self._last_read: tuple[int, float] | None = None

    def __repr__(self) -> str:
        return f"Wedge(held={self._burst.count})"

    @property
    def deadline(self) -> float | None:
        """When `tick` is due, on the clock of the keys; None while nothing is held."""
        if self._burst.count:
            return self._burst.last_at + self._patience()
        return self._piece.last_at + self._kept_for(self._piece) if self._piece else None

    def feed(self, key: Key) -> Verdict:
        """Judge a key press. A printable key is always swallowed: held, not lost."""
        before = self._catch_up(key.at)
        if key.types:
            return _joined(before, self._character(key))
        if key.terminator:
            return _joined(before, self._terminator(key))
        return _joined(before, self._other(key))

    def tick(self, now: float) -> Verdict:
        """Settle what is held if it has waited long enough; harmless at any other time."""
        return self._catch_up(now)

    def flush(self, now: float) -> Verdict:
        """Settle what is held at once: a certain burst is torn, anything less was typed."""
        verdict = self._settle(now) if self._burst.count else _NOTHING
        if self._piece is None:
            return verdict
        return _joined(verdict, self._torn_piece(now))

    def accept_torn(self) -> None:
        """Know that the last torn scan was whole after all: the next key begins something new."""
        if self._torn_at > -math.inf:  # no terminator ended it, so the next one is typed
            self._ended_at = -math.inf
        self._unclosed_at = self._torn_at = -math.inf
        self._taken_out = None

    # What time alone decides ----------------------------------------------------------------

    def _catch_up(self, now: float) -> Verdict:
        """Settle what was due by `now`: first the burst, then the piece that it may have become."""
        verdict = _NOTHING
        if self._burst.count and not self._burst.within(self._patience(), now):
            verdict = self._settle(self._burst.last_at + self._patience())
        piece = self._piece
        if piece is None or self._burst.count or piece.within(self._kept_for(piece), now):
            return verdict
        return _joined(verdict, self._without_ending(piece, now))

    def _kept_for(self, piece: _Burst) -> float:
        """How long a piece waits for its rest, in seconds: for what is just typed to its end."""
        typed_until = self._after.last.last_at + _PAUSE_OF_HANDS - piece.last_at
        return max(self._settings.stall, typed_until if self._after.last.count else 0.0)

    def _without_ending(self, piece: _Burst, now: float) -> Verdict:
        """Judge a piece that no ending followed."""
        broken = piece.broken and not piece.twice
        if broken or self._after.last.count or self._settings.needs_ending:
            return self._torn_piece(now)
        piece = self._taken_piece()
        return self._scan(piece.half() if piece.twice else piece, piece.last_at)

    # Keys -----------------------------------------------------------------------------------

    def _character(self, key: Key) -> Verdict:
        verdict = _NOTHING
        if self._burst.count and not self._burst.within(self._forgiven(), key.at):
            verdict = self._settle(key.at)
        if not self._burst.count:
            torn = self._piece is None and self._since(self._unclosed_at, key.at)
            self._burst = _Burst(torn=torn)
        self._burst.add(key, certain=self._certain)
        return replace(verdict, swallow=True)

    def _terminator(self, key: Key) -> Verdict:
        verdict = _NOTHING
        if self._burst.count:
            verdict = self._settle(key.at, closed=self._in_rhythm(key.at))
        if verdict.swallow:
            return verdict
        if self._piece is not None:
            return _joined(verdict, self._ending_of_piece(key.at))
        if 0 <= key.at - self._ended_at <= self._settings.longest_gap and not verdict.outcome:
            self._two_endings, self._second_due = True, False
            return replace(verdict, swallow=True)
        second = self._second_due and self._since(self._ended_at, key.at)
        rest = self._since(self._torn_at, key.at) and not self._typed.by_hand
        if second or rest:
            self._second_due, self._torn_at = False, -math.inf
            return replace(verdict, swallow=True)
        self._unclosed_at = -math.inf
        return verdict

    def _ending_of_piece(self, at: float) -> Verdict:
        """Judge a terminator that follows a piece: the scanner's, or that of a person who typed."""
        if not self._after.last.count:
            return replace(self._scan(self._taken_piece(), at), swallow=True)
        by_hand = self._after.surely
        verdict = self._torn_piece(at)
        self._unclosed_at = self._torn_at = -math.inf
        return replace(verdict, swallow=not by_hand)

    def _other(self, key: Key) -> Verdict:
        """A key that types nothing printable: part of a certain burst in time, else typing."""
        if self._certain and self._burst.within(self._forgiven(), key.at):
            self._burst.add(key, certain=True)
            return Verdict(swallow=True)
        verdict = self._settle(key.at) if self._burst.count else _NOTHING
        self._unclosed_at = -math.inf
        return verdict

    # Rhythm ---------------------------------------------------------------------------------

    @property
    def _certain(self) -> bool:
        return self._burst.count >= self._settings.minimum_length

    def _since(self, moment: float, at: float) -> bool:
        """Whether `at` comes so soon after `moment` that both may be of one scan."""
        return 0 <= at - moment <= self._settings.stall

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

    def _in_rhythm(self, at: float) -> bool:
        """Whether a terminator at `at` comes as the scanner's own end of the burst."""
        if self._certain:
            return self._burst.within(self._settings.silence, at)
        elapsed = at - self._burst.first_at
        return self._burst.within(self._settings.first_gap, at) and (
            elapsed <= self._settings.first_gap * self._burst.count
        )

    # What a burst was -----------------------------------------------------------------------

    def _settle(self, now: float, *, closed: bool = False) -> Verdict:
        """End the burst; `closed` by a terminator, which is swallowed where it ends a scan."""
        burst, certain = self._burst, self._certain
        self._burst = _Burst()
        by_hand = not certain and burst.by_hand(now if closed else None)
        if self._piece is not None and self._piece.has_small_letters:
            by_hand = False  # an address, or a secret: no end of it goes to a field
        if self._piece is not None and (certain or not by_hand):
            return self._settle_rest(burst, now, certain=certain, closed=closed)
        if self._piece is not None:
            return self._give_back_after_piece(burst, now, closed=closed)
        short = burst.count >= self._settings.minimum_length - _END_COUNTS and not by_hand
        if closed and (certain or short):
            return replace(self._scan(burst, now), swallow=True)
        if certain:
            self._piece, self._after = burst, _Typed()
            return _NOTHING
        if burst.torn and not by_hand and self._belongs_to_typed(burst, closed=closed):
            return replace(self._torn(burst, now, closed=closed), swallow=closed)
        self._note_typed(self._typed.followed_by(burst))
        return Verdict(replay=tuple(burst.keys))

    def _note_typed(self, typed: _Typed) -> None:
        """Know that hands typed since the last scan: no ending of it is due any more."""
        self._typed, self._unclosed_at = typed, typed.last.last_at
        self._ended_at, self._second_due, self._taken_out = -math.inf, False, None

    def _settle_rest(self, rest: _Burst, now: float, *, certain: bool, closed: bool) -> Verdict:
        """End the burst that followed a piece in the rhythm of a scanner, or as a few keys."""
        piece, doubtful = self._piece or _Burst(), self._after.last.count > 0
        few = rest.count <= _YOUNG and not certain and not piece.has_small_letters
        if few and (doubtful if closed else True) and not (closed and rest.ended_fast(now)):
            return self._give_back_after_piece(rest, now, closed=closed)
        self._piece = piece.joined(rest)
        if closed and not doubtful:
            return replace(self._scan(self._taken_piece(), now), swallow=True)
        if certain and not closed:
            return _NOTHING
        verdict = self._torn_piece(now)
        if closed:
            self._unclosed_at = self._torn_at = -math.inf
        return replace(verdict, swallow=closed)

    def _give_back_after_piece(self, burst: _Burst, now: float, *, closed: bool) -> Verdict:
        """Give keys back that were typed after a piece, or are the rest of it: time will tell."""
        self._after = self._after.followed_by(burst)
        typed, given_back = self._after, Verdict(replay=tuple(burst.keys))
        piece = self._piece or _Burst()
        whole = not (piece.broken or piece.has_small_letters or self._settings.needs_ending)
        if typed.by_hand and whole:
            verdict = self._scan(self._taken_piece(), piece.last_at)
        elif closed:
            verdict = self._torn_piece(now)
        else:
            return given_back
        self._note_typed(typed)
        return _joined(given_back, verdict)

    def _torn_piece(self, now: float) -> Verdict:
        """Ask for the scan again of which there is a piece alone.

        A few keys that followed it are taken out of their field, unless hands surely typed them.
        """
        after, piece = self._after, self._taken_piece()
        if not after.last.count:
            return self._torn(piece, now, closed=False)
        verdict = replace(self._torn(piece, now, closed=False), retract=())
        if after.surely:
            self._torn_at = -math.inf
            self._note_typed(after)
            return verdict
        self._unclosed_at = self._torn_at = max(piece.last_at, after.last.last_at)
        keys = tuple(after.last.keys)
        self._taken_out = _TakenOut(keys, _fingerprint(piece))
        return replace(verdict, retract=keys)

    def _belongs_to_typed(self, burst: _Burst, *, closed: bool) -> bool:
        """Whether a burst and the keys typed just before are two parts of a scan."""
        if self._since(self._torn_at, burst.first_at):
            return closed
        typed = self._typed.last
        if typed.count <= _YOUNG or typed.count + burst.count < self._settings.minimum_length:
            return False
        return closed or (typed.is_fast and burst.is_fast)

    def _scan(self, burst: _Burst, now: float) -> Verdict:
        if burst.torn and not self._follows_hands(burst):
            return self._torn(burst, now, closed=True)
        self._ended_at, self._second_due = now, self._two_endings
        self._unclosed_at = self._torn_at = -math.inf
        taken_out, self._taken_out = self._taken_out, None
        own = taken_out is not None and taken_out.scan != _fingerprint(burst)
        replay = taken_out.keys if taken_out is not None and not own else ()
        return Verdict(replay=replay, outcome=self._outcome(burst))

    def _follows_hands(self, burst: _Burst) -> bool:
        """Whether what was typed before a scan was surely typed by hand, and is no part of it."""
        typed = self._typed
        return (
            typed.by_hand
            and typed.last.last_at == self._unclosed_at
            and burst.first_at - typed.last.last_at > self._settings.silence
            and not burst.has_small_letters
        )

    def _torn(self, burst: _Burst, now: float, *, closed: bool) -> Verdict:
        """Ask for the scan again; what was typed of it leaves its field.

        Unless it was closed, more of it may come, and is to go nowhere either.
        """
        self._unclosed_at = self._torn_at = -math.inf if closed else burst.last_at
        self._ended_at = now
        typed, self._typed = self._typed, _Typed()
        retract = tuple(typed.last.keys) if burst.torn and typed.alone else ()
        self._taken_out = _TakenOut(retract, _fingerprint(burst)) if retract else None
        before = typed.text if burst.torn else ""
        return Verdict(outcome=self._outcome(burst, torn=True, before=before), retract=retract)

    def _taken_piece(self) -> _Burst:
        piece, self._piece, self._after = self._piece, None, _Typed()
        return piece or _Burst()

    def _outcome(self, burst: _Burst, *, torn: bool = False, before: str = "") -> Outcome:
        if burst.length > MAXIMUM_TEXT:
            return Overlong(burst.length)
        text = "".join(burst.parts)
        repeated = not torn and self._repeats(hash(text), burst.first_at)
        if not torn:  # a torn scan is asked for again, so again is no double read
            self._last_read = (hash(text), burst.last_at)
        return Duplicate(burst.length) if repeated else Scan(text, torn, before)

    def _repeats(self, fingerprint: int, began_at: float) -> bool:
        if self._last_read is None or self._last_read[0] != fingerprint:
            return False
        return 0 <= began_at - self._last_read[1] <= self._settings.duplicate_window


def _joined(first: Verdict, second: Verdict) -> Verdict:
    """Return both in one; only the first or the second has an outcome."""
    if first is _NOTHING:
        return second
    return Verdict(
        (*first.replay, *second.replay),
        second.swallow,
        second.outcome or first.outcome,
        (*first.retract, *second.retract),
    )


class _Burst:
    """The keys held back, as far as they are still needed: a certain burst keeps text alone.

    `broken`: it was put together of two parts, the first of `seam` parts of text.
    """

    __slots__ = (
        "broken",
        "count",
        "first_at",
        "keys",
        "last_at",
        "length",
        "parts",
        "seam",
        "torn",
    )

    def __init__(self, *, torn: bool = False) -> None:
        self.torn = torn
        self.broken = False
        self.seam = 0
        self.keys: list[Key] = []
        self.parts: list[str] = []
        self.count = 0
        self.length = 0
        self.first_at = 0.0
        self.last_at = 0.0

    @property
    def is_fast(self) -> bool:
        """Whether no hand presses keys so fast: three or more, 20 ms from one to the next."""
        return self.count > _YOUNG and self.last_at - self.first_at <= _FAST * (self.count - 1)

    @property
    def has_small_letters(self) -> bool:
        """Whether it has letters that serial numbers, as scanners send them, do not have."""
        return any(part.islower() for part in self.parts)

    def ended_fast(self, at: float) -> bool:
        """Whether a terminator at `at` ends it as fast as no hand does."""
        return at - self.first_at <= _FAST * self.count

    def by_hand(self, ended_at: float | None) -> bool:
        """Whether hands typed it: with small letters, and not as fast as most scanners.

        `ended_at` is when a terminator ended it; None where none did.
        """
        fast = self.is_fast if ended_at is None else self.ended_fast(ended_at)
        return self.has_small_letters and not fast

    @property
    def twice(self) -> bool:
        """Whether its two parts say the same: a scanner without terminator has read twice."""
        return self.broken and self.parts[: self.seam] == self.parts[self.seam :]

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

    def within(self, seconds: float, at: float) -> bool:
        """Whether `at` is less than `seconds` after the last key, or a little out of order.

        A clock that was set back, or has wrapped, since the last key tells that it is not.
        """
        return self.last_at - _OUT_OF_ORDER <= at < self.last_at + seconds

    def joined(self, tail: _Burst) -> _Burst:
        """Return this and what followed it as one, by the times of both."""
        whole = _Burst(torn=self.torn)
        whole.broken, whole.seam = True, len(self.parts)
        whole.count, whole.length = self.count + tail.count, self.length + tail.length
        whole.first_at, whole.last_at = self.first_at, tail.last_at
        whole.parts = [*self.parts, *tail.parts] if whole.length <= MAXIMUM_TEXT else []
        return whole

    def half(self) -> _Burst:
        """Return the first of two parts that say the same."""
        first = _Burst(torn=self.torn)
        first.parts = self.parts[: self.seam]
        first.count = first.length = sum(map(len, first.parts))
        first.first_at, first.last_at = self.first_at, self.last_at
        return first


@dataclass(frozen=True, slots=True)
class _Typed:
    """The last run of keys that was given back; `alone` if no key was typed shortly before it.

    `paced` counts the keys, this run's with them, that came one by one at the pace of hands, and
    `runs` the runs that followed each other. `text` is the end of what those runs typed.
    """

    last: _Burst = field(default_factory=_Burst)
    alone: bool = False
    paced: int = 0
    runs: int = 0
    text: str = field(default="", repr=False)

    @property
    def by_hand(self) -> bool:
        """Whether hands typed it: three keys or more at their pace, and the last a small letter.

        Scanners send digits and capitals, as serial numbers are printed.
        """
        return self.paced > _YOUNG and self.last.parts[-1:] != [] and self.last.parts[-1].islower()

    @property
    def surely(self) -> bool:
        """Whether it is rather typed than the rest of a scan: with a small letter, or in runs."""
        return self.runs > 1 or self.last.has_small_letters

    def followed_by(self, burst: _Burst) -> _Typed:
        """Return what was typed last now that `burst` was given back, too."""
        soon = self.last.count > 0 and burst.first_at - self.last.last_at < _PAUSE_OF_HANDS
        paced = burst.count + (self.paced if soon else 0)
        paced = paced if burst.count <= _YOUNG else 0
        text = (self.text if soon else "") + "".join(burst.parts)
        return _Typed(burst, not soon, paced, self.runs + 1, text[-_REMEMBERED:])


@dataclass(frozen=True, slots=True)
class _TakenOut:
    """Keys that were taken out of a field, and the fingerprint of the scan without them.

    If the scan comes again and is the same, they were typed, and are given back.
    """

    keys: tuple[Key, ...] = field(repr=False)
    scan: int = field(repr=False)


def _fingerprint(burst: _Burst) -> int:
    """Return a hash of the text; it is salted anew in each run."""
    return hash("".join(burst.parts))
