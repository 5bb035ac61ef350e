"""Certain is only what can be: a refusal was not acted upon, a lost answer may have been."""

import pytest

from app.core.certainty import WriteOutcome, outcome_of
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInError,
    SignInExpired,
    SignInUnreachable,
    Throttled,
    Unavailable,
    Unreachable,
)


def status(code: int) -> Evidence:
    return Evidence(status=code)


@pytest.mark.parametrize(
    "error",
    [
        Unreachable(Evidence()),
        Throttled(status(429)),
        Unavailable(status(503)),
        SignInExpired(status(401)),
        SignInError("cancelled"),
        SignInUnreachable("no network"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_was_looked_at_before(error: DirectoryError | SignInError) -> None:
    assert outcome_of(error) is WriteOutcome.NOT_SENT


@pytest.mark.parametrize(
    "error",
    [Forbidden(status(403)), NotFound(status(404)), Rejected(status(400))],
    ids=lambda error: type(error).__name__,
)
def test_a_decision_is_a_refusal(error: DirectoryError) -> None:
    assert outcome_of(error) is WriteOutcome.REFUSED


@pytest.mark.parametrize(
    "error",
    [
        AnswerLost(Evidence()),
        NotUnderstood(status(200)),
        Unavailable(status(500)),
        Unavailable(status(502)),
        Unavailable(status(504)),
        Unavailable(Evidence()),
    ],
    ids=lambda error: f"{type(error).__name__} {error.evidence.status}",
)
def test_nobody_knows_what_was_done_after(error: DirectoryError) -> None:
    assert outcome_of(error) is WriteOutcome.LOST
