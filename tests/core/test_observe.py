"""What each view of the directory means, and what to believe when patience has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.enrollment import ENDS, RESTING, Enrollment, State, advance
from app.core.errors import Evidence, Rejected, Unreachable
from app.core.events import (
    Event,
    LookFailed,
    PatienceEnded,
    Seen,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenUnassigned,
    StaysAssigned,
    StaysElsewhere,
    StaysUnassigned,
)
from app.core.model import (
    Holder,
    Method,
    MethodKind,
    Mode,
    Operation,
    Token,
    TokenStatus,
    method_of,
)
from app.core.observe import at_the_end, in_inventory, on_person
from tests.fakes.nouns import a_person, a_phone, a_token, hardware_method, holder_of

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOKEN, ADA = a_token(), a_person("Ada")
BARE = Method(TOKEN.device_id, MethodKind.HARDWARE_TOKEN)
ENROLLMENT = Enrollment(
    "one",
    Mode.ASSIGN_AND_ACTIVATE,
    token=TOKEN,
    person=ADA,
    methods=(a_phone(),),
    method_id="known",
)
HOLDERLESS = replace(TOKEN, status=TokenStatus.ACTIVATED)
"""Somebody holds it and nobody is named."""
NOT_ACTIVE = [status for status in TokenStatus if status is not TokenStatus.ACTIVATED]


def held(status: TokenStatus) -> Token:
    return replace(TOKEN, status=status, holder=holder_of(ADA))


def test_the_own_method_is_told_by_its_device() -> None:
    method = hardware_method(TOKEN)
    assert method_of([a_phone(), hardware_method(a_token("2")), method], TOKEN) == method


def test_a_method_without_its_device_is_told_by_its_own_id() -> None:
    assert method_of([BARE], TOKEN) == BARE


def test_another_kind_of_method_with_that_id_is_not_the_token() -> None:
    assert method_of([replace(BARE, kind=MethodKind.PHONE)], TOKEN) is None


def test_among_no_methods_there_is_none() -> None:
    assert method_of([], TOKEN) is None


def seen_on_ada(method: Method, token: Token | None = None) -> Seen:
    return on_person(ENROLLMENT, method, token, AT)


def test_an_activated_device_on_the_person_is_seen_activated() -> None:
    method = hardware_method(replace(TOKEN, status=TokenStatus.ACTIVATED))
    seen = seen_on_ada(method)
    assert isinstance(seen, SeenActivated)
    assert (seen.method_id, seen.token) == (method.id, held(TokenStatus.ACTIVATED))


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_any_other_device_on_the_person_is_seen_assigned(status: TokenStatus) -> None:
    method = hardware_method(replace(TOKEN, status=status))
    seen = seen_on_ada(method)
    assert isinstance(seen, SeenAssigned)
    assert seen.method_id == method.id


def test_without_a_device_the_inventory_tells_whether_it_is_activated() -> None:
    active = replace(TOKEN, status=TokenStatus.ACTIVATED)
    assert isinstance(seen_on_ada(BARE, active), SeenActivated)
    assert isinstance(seen_on_ada(BARE, TOKEN), SeenAssigned)


def test_without_either_it_is_seen_assigned_and_no_more() -> None:
    assert isinstance(seen_on_ada(BARE), SeenAssigned)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (TokenStatus.FAILED_ACTIVATION, TokenStatus.FAILED_ACTIVATION),
        (TokenStatus.AVAILABLE, TokenStatus.ASSIGNED),
        (TokenStatus.ASSIGNED, TokenStatus.ASSIGNED),
        (TokenStatus.ACTIVATED, TokenStatus.ACTIVATED),
    ],
)
def test_the_token_is_told_as_it_stands_on_the_person(seen: TokenStatus, told: TokenStatus) -> None:
    on_their_side = seen_on_ada(hardware_method(replace(TOKEN, status=seen)))
    in_stock = seen_on_ada(BARE, replace(TOKEN, status=seen))
    assert on_their_side.token == in_stock.token == held(told)


def test_what_is_seen_on_the_person_joins_their_methods_once() -> None:
    assert seen_on_ada(BARE).methods == (a_phone(), BARE)
    again = replace(ENROLLMENT, methods=(BARE, a_phone()))
    assert on_person(again, BARE, None, AT).methods == (a_phone(), BARE)


def test_without_a_person_on_the_draft_the_token_stays_as_it_was() -> None:
    assert on_person(replace(ENROLLMENT, person=None), BARE, None, AT).token == TOKEN


@pytest.mark.parametrize("status", TokenStatus)
def test_a_token_without_a_holder_is_nobodys_whatever_its_status(status: TokenStatus) -> None:
    token = replace(TOKEN, status=status)
    assert in_inventory(ENROLLMENT, token, AT) == SeenUnassigned(
        at=AT, token=token, methods=(a_phone(),)
    )


@pytest.mark.parametrize("status", TokenStatus)
def test_a_token_with_another_holder_is_elsewhere_whatever_its_status(status: TokenStatus) -> None:
    token = replace(TOKEN, holder=holder_of(a_person("Ben")), status=status)
    assert in_inventory(ENROLLMENT, token, AT) == SeenElsewhere(
        at=AT, token=token, methods=(a_phone(),)
    )


@pytest.mark.parametrize("holder", [None, holder_of(a_person("Ben"))])
def test_a_token_that_is_not_theirs_any_more_leaves_their_methods(holder: Holder | None) -> None:
    had = replace(ENROLLMENT, methods=(a_phone(), BARE))
    assert in_inventory(had, replace(TOKEN, holder=holder), AT).methods == (a_phone(),)


def test_a_token_that_the_inventory_gives_to_the_person_is_theirs() -> None:
    token = replace(TOKEN, holder=holder_of(ADA), status=TokenStatus.AVAILABLE)
    assert in_inventory(ENROLLMENT, token, AT) == SeenAssigned(at=AT, token=token)
    active = replace(token, status=TokenStatus.ACTIVATED)
    assert in_inventory(ENROLLMENT, active, AT) == SeenActivated(at=AT, token=active)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (SeenAssigned(at=AT, method_id="seen"), StaysAssigned(at=AT, method_id="seen")),
        (SeenAssigned(at=AT), StaysAssigned(at=AT, method_id="known")),
        (SeenElsewhere(at=AT, token=TOKEN), StaysElsewhere(at=AT, token=TOKEN)),
        (SeenUnassigned(at=AT, token=TOKEN), StaysUnassigned(at=AT, token=TOKEN)),
        (SeenUnassigned(at=AT, token=HOLDERLESS), PatienceEnded(at=AT)),
        (SeenUnassigned(at=AT), PatienceEnded(at=AT)),
        (None, PatienceEnded(at=AT)),
    ],
)
def test_at_the_end_only_what_was_seen_last_is_believed(
    last: Event | None, expected: Event
) -> None:
    assert at_the_end(last, ENROLLMENT, AT) == expected


def test_at_the_end_a_failed_look_says_nothing() -> None:
    failed = LookFailed(at=AT, error=Unreachable(Evidence()))
    assert at_the_end(failed, ENROLLMENT, AT) == PatienceEnded(at=AT, error=failed.error)


def test_the_answer_to_the_request_says_more_than_a_look_that_failed_later() -> None:
    refused = replace(ENROLLMENT, error=Rejected(Evidence(status=400)))
    failed = LookFailed(at=AT, error=Unreachable(Evidence()))
    assert at_the_end(failed, refused, AT) == PatienceEnded(at=AT)


LOOKING = (State.CONFIRMING, State.AFTER_REFUSAL, State.RESOLVING)
SIGHTS = (SeenActivated, SeenAssigned, SeenUnassigned, SeenElsewhere)


@pytest.mark.parametrize("made", ENDS)
@pytest.mark.parametrize("state", LOOKING)
@pytest.mark.parametrize("kind", SIGHTS)
def test_whatever_was_seen_last_every_request_comes_to_rest_in_the_end(
    kind: type[Seen], state: State, made: Operation
) -> None:
    looking = replace(ENROLLMENT, state=state, operation=made)
    seen = advance(looking, kind(at=AT, token=TOKEN))
    if seen.state is state:
        seen = advance(seen, at_the_end(kind(at=AT, token=TOKEN), seen, AT))
    assert seen.state in RESTING
