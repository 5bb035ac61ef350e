"""What is certain of a write whose answer was an error: whether it may have been acted upon."""

from app.core.errors import AnswerLost, DirectoryError, NotUnderstood, Unavailable

_SERVICE_UNAVAILABLE = 503


def surely_not_done(error: DirectoryError) -> bool:
    """Tell whether a write that failed with `error` is certain not to have been acted upon.

    A 4xx is a decision; 429 and 503 are refusals before the request was looked at (Graph's
    throttling and error pages). A lost or unreadable answer and 500, 502, 504 leave it open.
    """
    if isinstance(error, Unavailable):
        return error.evidence.status == _SERVICE_UNAVAILABLE
    return not isinstance(error, AnswerLost | NotUnderstood)
