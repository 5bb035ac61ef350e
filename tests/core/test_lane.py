"""Three steps, one at a time: which one somebody is at follows from what they have shown."""

from datetime import UTC, datetime

import pytest

from app.core.enrollment import SUCCESS, UNDERWAY, Enrollment, State
from app.core.errors import Evidence, Forbidden, NotFound, OathdeskError, Rejected, Unreachable
from app.core.lane import (
    MOST_ATTEMPTS,
    SELF_SCOPES,
    LaneStep,
    is_done,
    is_settling,
    may_check_again,
    may_go_on,
    step_of,
)
from app.core.model import Mode, Operator, Person, Token
from app.core.preflight import Facts, FindingKind, check
from app.core.record import SELF_SERVICE, intent, lines
from app.core.rights import Feature, Verdict, lacks, standing
from tests.fakes.nouns import SCOPE, an_authenticator

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
ASKED = Evidence("POST", "/me", 400)


def an_enrollment(
    state: State, attempts: int = 1, error: OathdeskError | None = None
) -> Enrollment:
    token, person = Token("", "0012"), Person("person-ada", "Ada", "ada@example.com")
    mode = Mode.ASSIGN_AND_ACTIVATE
    return Enrollment("one", mode, state, token, person, attempts=attempts, error=error)


def ada(*scopes: str) -> Operator:
    return Operator(
        "person-ada", "Ada", "ada@example.com", frozenset(), frozenset(scopes), own=True
    )


def step(
    enrollment: Enrollment | None, *, signed_in: bool = True, serial: str = "0012"
) -> LaneStep:
    return step_of(enrollment, signed_in=signed_in, serial_number=serial)


def test_the_steps_follow_each_other() -> None:
    assert step(None, signed_in=False, serial="") is LaneStep.SIGN_IN
    assert step(None, serial="") is LaneStep.TOKEN
    assert step(None) is LaneStep.WAIT
    assert step(an_enrollment(State.CHECKING)) is LaneStep.WAIT
    assert step(an_enrollment(State.AWAITING_CODE)) is LaneStep.CODE
    assert step(an_enrollment(State.CONFIRMING)) is LaneStep.WAIT
    assert step(an_enrollment(State.ACTIVATED)) is LaneStep.END


@pytest.mark.parametrize("state", State)
def test_every_state_of_an_enrollment_is_some_step_and_none_asks_to_sign_in(state: State) -> None:
    assert step(an_enrollment(state)) in frozenset(LaneStep) - {LaneStep.SIGN_IN, LaneStep.TOKEN}
    assert step(an_enrollment(state), signed_in=False) is LaneStep.SIGN_IN
    assert is_done(an_enrollment(state)) is (state in SUCCESS)
    assert is_settling(an_enrollment(state)) is (state in UNDERWAY)


@pytest.mark.parametrize("state", [State.AFTER_REFUSAL, State.NOT_DONE, State.HALF_DONE])
def test_another_code_is_asked_for_until_it_leads_nowhere(state: State) -> None:
    for attempts in range(1, MOST_ATTEMPTS):
        assert step(an_enrollment(state, attempts, Rejected(ASKED))) is LaneStep.CODE
    assert step(an_enrollment(state, MOST_ATTEMPTS, Rejected(ASKED))) is LaneStep.END
    assert may_go_on(an_enrollment(state, 1, Unreachable(ASKED)))


@pytest.mark.parametrize("error", [Forbidden(ASKED), NotFound(ASKED)])
def test_no_other_code_helps_where_the_directory_does_not_permit_or_know_it(
    error: OathdeskError,
) -> None:
    assert step(an_enrollment(State.NOT_DONE, 1, error)) is LaneStep.END


def test_what_could_not_be_read_may_be_asked_again() -> None:
    assert may_check_again(an_enrollment(State.UNCHECKED))
    assert not may_check_again(an_enrollment(State.ACTIVATED))


# What it takes ------------------------------------------------------------------------------------


def test_the_lane_asks_for_one_permission_about_nobody_else() -> None:
    assert SELF_SCOPES == ("UserAuthenticationMethod.ReadWrite",)
    assert not any(scope.endswith(".All") for scope in SELF_SCOPES)


def test_with_it_whoever_serves_themselves_lacks_nothing() -> None:
    assert lacks(ada(*SELF_SCOPES)) == ()
    assert standing(Feature.ASSIGN, ada(*SELF_SCOPES)).verdict is Verdict.ALLOWED
    assert standing(Feature.READ_INVENTORY, ada(*SELF_SCOPES)).verdict is Verdict.SCOPE_MISSING


def test_without_it_the_permission_is_named() -> None:
    told = standing(Feature.ASSIGN, ada("User.Read"))
    assert (told.verdict, told.lacks) == (Verdict.SCOPE_MISSING, SELF_SCOPES[0])


def test_an_operator_with_the_lanes_permission_alone_may_not_serve_people() -> None:
    olu = Operator("olu", "Olu", "olu@example.com", frozenset(), frozenset(SELF_SCOPES))
    assert standing(Feature.ASSIGN, olu).lacks == SCOPE


def facts(*scopes: str, methods: int = 0) -> Facts:
    own = tuple(an_authenticator(number) for number in range(methods))
    person = Person("person-ada", "Ada", "ada@example.com")
    return Facts(Token("", "0012"), person, own, ada(*scopes), Mode.ASSIGN_AND_ACTIVATE)


def test_the_preflight_of_somebody_who_serves_themselves_asks_for_no_role() -> None:
    assert [found.kind for found in check(facts(*SELF_SCOPES))] == [FindingKind.TOKEN_NOT_LISTED]
    kinds = [found.kind for found in check(facts(*SELF_SCOPES, methods=5))]
    assert kinds[0] is FindingKind.PERSON_AT_LIMIT
    assert check(facts("User.Read"))[0].kind is FindingKind.SCOPE_MISSING


def test_the_record_says_that_it_was_self_service() -> None:
    entry = intent(an_enrollment(State.RECORDING), ada(*SELF_SCOPES), "Lobby", AT)
    assert entry.facts["operator_kind"] == SELF_SERVICE
    (line,) = lines([entry])
    assert line.own
