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


class Answer(enum.Enum):
    """What an error says of the write that it answers."""

    NOT_SENT = "not_sent"
    """It was certainly not acted upon, and may be sent again."""
    REFUSED = "refused"
    """The directory looked at it and said no."""
    LOST = "lost"
    """It may have been acted upon: only reading tells."""


def answered(error: DirectoryError | SignInError) -> Answer:
    """Return what `error`, with which a write failed, says of it."""
    if isinstance(error, SignInError):
        return Answer.NOT_SENT
    if isinstance(error, Rejected | NotFound | Forbidden):
        return Answer.REFUSED
    return Answer.NOT_SENT if surely_not_done(error) else Answer.LOST


def surely_not_done(error: DirectoryError) -> bool:
    """Tell whether a write that failed with `error` is certain not to have been acted upon.

    A 4xx is a decision; 429 and 503 are refusals before the request was looked at (Graph's
    throttling and error pages). A lost or unreadable answer and 500, 502, 504 leave it open.
    """
    if isinstance(error, Unavailable):
        return error.evidence.status == _SERVICE_UNAVAILABLE
    return not isinstance(error, AnswerLost | NotUnderstood)
