"""What is certain of a write whose answer was an error: whether it may have been acted upon."""

import enum

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInError,
    Unavailable,
)

_SERVICE_UNAVAILABLE = 503


class WriteOutcome(enum.Enum):
    """What an error says of the write that it answers."""

    NOT_SENT = "not_sent"
    """It was certainly not acted upon, and may be sent again."""
    REFUSED = "refused"
    """The directory looked at it and said no."""
    LOST = "lost"
    """It may have been acted upon: only reading tells."""


def outcome_of(error: DirectoryError | SignInError) -> WriteOutcome:
    """Return what `error`, with which a write failed, says of it.

    A 4xx is a decision; 401, 429 and 503 are refusals before the request was looked at (Graph's
    throttling and error pages). A lost or unreadable answer and 500, 502, 504 leave it open.
    """
    match error:
        case Rejected() | NotFound() | Forbidden():
            return WriteOutcome.REFUSED
        case Unavailable() if error.evidence.status != _SERVICE_UNAVAILABLE:
            return WriteOutcome.LOST
        case AnswerLost() | NotUnderstood():
            return WriteOutcome.LOST
        case _:
            return WriteOutcome.NOT_SENT
