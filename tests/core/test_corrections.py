"""T2: which later sights correct a state of rest, and which are somebody's later deed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.corrections import A_DAY, LATE, UNDONE, correcting
from app.core.enrollment import Enrollment, State
from app.core.events import (
    FoundActivated,
    FoundAssigned,
    FoundUnassigned,
    SeenActivated,
    SeenAssigned,
    SeenUnassigned,
)
from app.core.model import Mode, Operation, TokenStatus
from tests.fakes.nouns import a_person, a_token, hardware_method

SENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON, NEXT_WEEK = SENT + timedelta(minutes=4), SENT + timedelta(days=7)
TOKEN = a_token()
METHOD = hardware_method(TOKEN)


def at_rest(state: State, operation: Operation = Operation.ASSIGN) -> Enrollment:
    return Enrollment(
        "one", Mode.ASSIGN_ONLY, state, token=TOKEN, person=a_person(), operation=operation
    )


def assigned(created: datetime | None) -> SeenAssigned:
    method = replace(METHOD, created=created)
    return SeenAssigned(at=SOON, method_id=METHOD.id, token=TOKEN, methods=(method,))


@pytest.mark.parametrize(
    ("created", "now", "believed"),
    [
        (None, SOON, True),
        (None, NEXT_WEEK, False),
        (SENT + LATE, NEXT_WEEK, True),
        (SENT - timedelta(minutes=1), NEXT_WEEK, True),
        (SENT + LATE + timedelta(seconds=1), SENT + timedelta(hours=1), False),
        (SENT - timedelta(days=1), NEXT_WEEK, False),
    ],
)
def test_t2_an_assignment_is_believed_by_its_date_or_for_a_day(
    created: datetime | None, now: datetime, *, believed: bool
) -> None:
    found = correcting(at_rest(State.NOT_DONE), assigned(created), SENT, now)
    assert isinstance(found, FoundAssigned) == believed


def test_t2_a_date_is_compared_in_true_time() -> None:
    fast = timedelta(minutes=-30)  # this machine's clock is half an hour ahead
    seen = assigned(SENT - timedelta(minutes=28))
    assert correcting(at_rest(State.NOT_DONE), seen, SENT, NEXT_WEEK) is None
    assert correcting(at_rest(State.NOT_DONE), seen, SENT, NEXT_WEEK, fast) is not None


@pytest.mark.parametrize(("now", "believed"), [(SENT + A_DAY, True), (NEXT_WEEK, False)])
def test_t2_an_activation_of_what_was_assigned_can_be_the_persons_own_after_a_day(
    now: datetime, *, believed: bool
) -> None:
    method = replace(METHOD, created=SENT)
    seen = SeenActivated(at=now, method_id=METHOD.id, token=TOKEN, methods=(method,))
    half = at_rest(State.HALF_DONE, Operation.ASSIGN_AND_ACTIVATE)
    assert isinstance(correcting(half, seen, SENT, now), FoundActivated) == believed


@pytest.mark.parametrize(
    ("state", "now", "believed"),
    [
        (State.ASSIGNED, SENT + UNDONE, True),
        (State.ASSIGNED, SENT + UNDONE + timedelta(seconds=1), False),
        (State.UNSETTLED, NEXT_WEEK, True),
    ],
)
def test_t2_what_is_gone_is_believed_for_minutes_and_where_nothing_was_known(
    state: State, now: datetime, *, believed: bool
) -> None:
    seen = SeenUnassigned(at=now, token=TOKEN)
    assert isinstance(correcting(at_rest(state), seen, SENT, now), FoundUnassigned) == believed


def test_t2_a_holder_who_is_not_named_may_be_this_person() -> None:
    seen = SeenUnassigned(at=SOON, token=replace(TOKEN, status=TokenStatus.ASSIGNED))
    assert correcting(at_rest(State.ASSIGNED), seen, SENT, SOON) is None


@pytest.mark.parametrize("state", [State.AFTER_REFUSAL, State.RESOLVING, State.READY])
def test_t2_what_does_not_rest_is_not_corrected(state: State) -> None:
    assert correcting(at_rest(state), assigned(None), SENT, SOON) is None


def test_t2_what_is_as_it_was_said_is_no_correction() -> None:
    assert correcting(at_rest(State.ASSIGNED), assigned(None), SENT, SOON) is None
