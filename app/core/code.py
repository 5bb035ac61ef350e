"""Verification codes as text, the time steps they live in, and when one may be sent.

A code is a secret for as long as it is valid, so it never shows itself: its repr and str are
masked and only `reveal` gives the digits. It is text, because 041238 is not 41238. It is sent once,
for a one-time code is spent by its first use, and not when it would die on the way.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import math
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

CODE_DIGITS: Final = 6
"""Entra ID takes codes of six digits only (Graph contract, section 8)."""

RESERVE_SECONDS: Final = 5.0
"""Life a code must have left to be sent, so that it is still alive where it is checked."""

_LONGEST_TYPED: Final = 64
_REMEMBERED: Final = 16
_SHORTEST_KEY: Final = 16
_LONGEST_STEP: Final = 3600


class CodeFault(enum.Enum):
    """What keeps a text from being a code."""

    EMPTY = "empty"
    NOT_DIGITS = "not digits"
    LENGTH = "length"


class InvalidCode(ValueError):
    """A text is not a code. Carries the fault and the number of characters, never the text."""

    def __init__(self, fault: CodeFault, length: int) -> None:
        super().__init__(f"not a verification code: {fault.value}, {length} characters")
        self.fault = fault
        self.length = length


@dataclass(frozen=True, slots=True, repr=False)
class VerificationCode:
    """Six ASCII digits, leading zeros included. Raises InvalidCode for anything else."""

    _digits: str

    def __post_init__(self) -> None:
        text = self._digits
        if len(text) != CODE_DIGITS:
            raise InvalidCode(CodeFault.LENGTH if text else CodeFault.EMPTY, len(text))
        if not (text.isascii() and text.isdecimal()):
            raise InvalidCode(CodeFault.NOT_DIGITS, len(text))

    def reveal(self) -> str:
        """The six digits, for the one place that puts them into a request."""
        return self._digits

    def __repr__(self) -> str:
        return "VerificationCode(******)"

    def __str__(self) -> str:
        return "*" * CODE_DIGITS


def parse_code(text: str) -> VerificationCode:
    """The code a person typed or pasted: white space anywhere and any script's digits are fine.

    Raises InvalidCode for an empty text, for other characters and for other lengths.
    """
    if len(text) > _LONGEST_TYPED:
        raise InvalidCode(CodeFault.LENGTH, len(text))
    digits = "".join(_ascii_digit(c) for c in text if not c.isspace())
    if not digits:
        raise InvalidCode(CodeFault.EMPTY, len(text))
    if not digits.isdecimal():
        raise InvalidCode(CodeFault.NOT_DIGITS, len(text))
    if len(digits) != CODE_DIGITS:
        raise InvalidCode(CodeFault.LENGTH, len(digits))
    return VerificationCode(digits)


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


@dataclass(frozen=True, slots=True)
class StepClock:
    """Time steps of RFC 6238, section 4, with T0 = 0. Moments are Unix seconds, not negative.

    For a token whose drift is known, pass the token's time (now + drift) and not the station's.
    Raises ValueError unless `interval` is 1 to 3600 seconds; Entra ID takes 30 and 60.
    """

    interval: int = 30

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= _LONGEST_STEP:
            raise ValueError("a time step is 1 to 3600 seconds")

    def step(self, now: float) -> int:
        """The number of the step that `now` is in."""
        return math.floor(now / self.interval)

    def seconds_left(self, now: float) -> float:
        """Seconds until the next step begins: more than 0, at most the interval."""
        return self.interval - now % self.interval

    def fraction_left(self, now: float) -> float:
        """The same as a part of the step: more than 0, at most 1."""
        return self.seconds_left(now) / self.interval


class CodeVerdict(enum.Enum):
    """Whether a code may be sent now."""

    GO = "go"
    WAIT_FOR_NEXT = "wait for next"
    ALREADY_SENT = "already sent"


@dataclass(frozen=True, slots=True)
class CodeGuard:
    """Judges the codes of one token. A value: `after_sending` gives the guard that comes next.

    Codes sent are remembered as HMAC-SHA-256 digests under `key` (16 random bytes or more, made
    anew for each run of the program), so that no code outlives its request. The last 16 are kept.
    `reserve` is in seconds and shorter than the step. Raises ValueError for a short key or a
    reserve out of range.
    """

    clock: StepClock
    key: bytes = field(repr=False)
    reserve: float = RESERVE_SECONDS
    digests: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < _SHORTEST_KEY:
            raise ValueError("the guard's key is 16 bytes or more")
        if not 0 <= self.reserve < self.clock.interval:
            raise ValueError("the reserve is shorter than the time step")

    def judge(self, code: VerificationCode, now: float) -> CodeVerdict:
        """May `code` go out at `now` (Unix seconds)? A code sent before never may."""
        if self._digest(code) in self.digests:
            return CodeVerdict.ALREADY_SENT
        if self.clock.seconds_left(now) < self.reserve:
            return CodeVerdict.WAIT_FOR_NEXT
        return CodeVerdict.GO

    def after_sending(self, code: VerificationCode) -> CodeGuard:
        """The guard to use once `code` is on its way, whatever the answer."""
        kept = (*self.digests, self._digest(code))[-_REMEMBERED:]
        return replace(self, digests=kept)

    def _digest(self, code: VerificationCode) -> bytes:
        return hmac.digest(self.key, code.reveal().encode("ascii"), hashlib.sha256)


class Drift(enum.Enum):
    """What a token's clock error means for its holder."""

    FINE = "fine"
    SIGN_IN_MAY_FAIL = "sign-in may fail"
    """Activation still works, and corrects the drift; a sign-in without it does not."""
    REPLACE = "replace"


# In time steps: sign-in tolerates 1 minute for 30 s tokens and 2 for 60 s ones, activation 1 day
# and 2 days (Graph contract, section 8). Both are the same number of steps.
_SIGN_IN_STEPS: Final = 2
_ACTIVATION_STEPS: Final = 2880


def judge_drift(seconds: float, interval: int) -> Drift:
    """What `seconds` (the token's clock minus true time) mean for a token of that `interval`.

    Raises ValueError if `seconds` is not a number or `interval` is out of StepClock's range.
    """
    if math.isnan(seconds):
        raise ValueError("a drift is a number of seconds")
    steps = abs(seconds) / StepClock(interval).interval
    if steps <= _SIGN_IN_STEPS:
        return Drift.FINE
    return Drift.SIGN_IN_MAY_FAIL if steps <= _ACTIVATION_STEPS else Drift.REPLACE
