"""When to ask again, and after how long. Pure: the caller does the waiting.

A read may be repeated freely. A write is repeated only where Graph says that it was not looked at
(429 and 503); of anything else nobody knows whether it was acted upon, and the station finds out by
reading instead. No wait is worth more than the patience of the person at the desk, so all of them
together are bounded, and a wait that Graph asks for beyond that bound is reported, not sat out.
"""

from dataclasses import dataclass

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    ProxyRefused,
    Throttled,
    Unavailable,
    Unreachable,
)

PATIENCE_SECONDS = 10.0
"""How long one call may spend in asking again."""

_PASSING = frozenset({502, 503, 504})
_NOT_LOOKED_AT = 503


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that failed: its `number` (1, 2, ...), and seconds so far.

    `waited` counts the waits between tries, `elapsed` what the tries themselves took, without
    queueing for a turn; `patience` bounds each of the two.
    """

    number: int
    is_write: bool = False
    waited: float = 0.0
    elapsed: float = 0.0
    patience: float = PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `tries` in all; the first wait without Retry-After is up to `first_wait` seconds."""

    tries: int = 3
    first_wait: float = 0.5

    def decide(self, error: DirectoryError, attempt: Attempt, chance: float) -> float | None:
        """Return the seconds to wait before the next try, or None to let `error` be told.

        `chance` is a random number from 0 to 1. A wait that Graph named is never cut short;
        where it named none, waits double and are spread between half and whole.
        """
        if attempt.number >= self.tries or not _repeatable(error, is_write=attempt.is_write):
            return None
        wait = self._wait(error, attempt.number, chance)
        if max(attempt.elapsed, attempt.waited + wait) > attempt.patience:
            return None
        return wait

    def _wait(self, error: DirectoryError, number: int, chance: float) -> float:
        own: float = self.first_wait * 2 ** (number - 1) * (0.5 + chance / 2)
        asked = error.retry_after if isinstance(error, Throttled | Unavailable) else None
        return own if asked is None else max(own, asked)


def _repeatable(error: DirectoryError, *, is_write: bool) -> bool:
    status = error.evidence.status
    if isinstance(error, Throttled):
        return True
    if is_write:
        return isinstance(error, Unavailable) and status == _NOT_LOOKED_AT
    if isinstance(error, Unavailable):
        return status in _PASSING
    # A proxy that wants a password has decided, and trying on may lock the account it was given.
    return isinstance(error, Unreachable | AnswerLost) and not isinstance(error, ProxyRefused)
