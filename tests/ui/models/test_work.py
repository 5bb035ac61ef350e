"""The third card shows for every state what it is, and offers what the state admits, no more."""

import re
from dataclasses import replace

import pytest
from hypothesis import given

from app.core.enrollment import DRAFT, RESTING, TRANSITIONS, UNDERWAY, Enrollment, State
from app.core.errors import Forbidden, Rejected, Throttled
from app.core.events import Submitted, TriedAgain
from app.core.model import Mode
from app.core.rights import Feature, Standing, Verdict
from app.station.notices import DeskNotice, PersonCard, TokenCard
from app.ui.models.work import WorkView, work_view
from app.ui.widgets.tone import Tone
from tests.ui.models.courses import ASKED, begun, live, lived, reachable

COURSES = reachable()
TRAY = {State.STAGED, State.WITHDRAWN}
"""What lies in the tray, or was taken back from it, stands on no card."""
BESIDE = {
    State.DUE,
    State.AWAITING_TOKEN,
    State.DEACTIVATED,
    State.RETURNED,
    State.DELETED,
    State.CREATED,
    State.ISSUED,
}
"""What is done with a token after it was handed over is done beside the desk's cards."""
DONE = {State.ASSIGNED, State.ACTIVATED}


def name_of(enrollment: Enrollment) -> str:
    return f"{enrollment.state.value}-{enrollment.mode.value}"


def view_of(enrollment: Enrollment) -> WorkView:
    return work_view(DeskNotice(enrollment, TokenCard(), PersonCard()))


def words_of(view: WorkView) -> str:
    said = [f"{trouble.sentence} {trouble.advice}" for _, trouble in view.says]
    return " ".join([*said, view.hint, view.button, view.again]).strip()


def test_the_courses_come_to_every_state() -> None:
    assert {enrollment.state for enrollment in COURSES} == set(State) - TRAY - BESIDE


@pytest.mark.parametrize("enrollment", COURSES, ids=name_of)
def test_every_state_says_something_whole(enrollment: Enrollment) -> None:
    words = words_of(view_of(enrollment))
    assert words
    assert not re.search(r"[{}!]", words)


@given(enrollment=lived())
def test_a_button_is_offered_where_a_submit_is_admitted_or_all_is_done(
    enrollment: Enrollment,
) -> None:
    view = view_of(enrollment)
    admitted = Submitted in TRANSITIONS[enrollment.state]
    assert bool(view.button) == (admitted or enrollment.state in DONE)
    assert view.finished == (enrollment.state in DONE)


@given(enrollment=lived())
def test_another_try_is_offered_only_where_it_is_admitted(enrollment: Enrollment) -> None:
    if view_of(enrollment).again:
        assert TriedAgain in TRANSITIONS[enrollment.state]


@given(enrollment=lived())
def test_an_operator_is_never_left_without_a_way_on(enrollment: Enrollment) -> None:
    view = view_of(enrollment)
    waits_for_cards = enrollment.state in {State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON}
    works = enrollment.action is not None
    assert view.button or view.again or waits_for_cards or works


@given(enrollment=lived())
def test_the_code_is_asked_for_exactly_where_a_submit_needs_one(enrollment: Enrollment) -> None:
    view = view_of(enrollment)
    if view.button and not view.finished:
        assert view.code == enrollment.wants_code
    if view.finished or view.busy:
        assert not view.code


@given(enrollment=lived())
def test_work_is_shown_exactly_while_the_station_works(enrollment: Enrollment) -> None:
    assert view_of(enrollment).busy == (enrollment.state in UNDERWAY)


@given(enrollment=lived())
def test_the_mode_can_be_changed_in_a_draft_alone(enrollment: Enrollment) -> None:
    assert view_of(enrollment).mode_open == (enrollment.state in DRAFT)


@given(enrollment=lived())
def test_success_is_claimed_only_where_the_directory_agreed(enrollment: Enrollment) -> None:
    tones = {tone for tone, _ in view_of(enrollment).says}
    assert (Tone.GOOD in tones) == (enrollment.state in DONE)


@pytest.mark.parametrize(
    "state", [s for s in State if s in RESTING - DONE - BESIDE], ids=lambda s: s.value
)
def test_what_needs_attention_says_what_to_do(state: State) -> None:
    for enrollment in COURSES:
        if enrollment.state is state:
            assert all(trouble.advice for _, trouble in view_of(enrollment).says)


def test_a_refused_code_is_told_as_such() -> None:
    refused = Enrollment("one", Mode.ASSIGN_AND_ACTIVATE, State.NOT_DONE, error=Rejected(ASKED))
    assert "The code was not accepted" in words_of(view_of(refused))


@pytest.mark.parametrize("error", [Rejected(ASKED), None])
def test_t2_a_refusal_is_told_at_once_and_claims_nothing_more(error: Rejected | None) -> None:
    refused = Enrollment("one", Mode.ASSIGN_AND_ACTIVATE, State.AFTER_REFUSAL, error=error)
    view = view_of(refused)
    assert "refused" in words_of(view) or "was not accepted" in words_of(view)
    assert "still asked whether anything was changed" in words_of(view)
    assert "Nothing was changed" not in words_of(view)
    assert (view.code, view.busy, bool(view.button)) == (True, False, True)


def test_a_refused_assignment_speaks_of_no_code() -> None:
    refused = Enrollment("one", Mode.ASSIGN_ONLY, State.NOT_DONE, error=Rejected(ASKED))
    assert "code" not in words_of(view_of(refused))


def test_a_request_that_was_not_sent_speaks_of_no_refused_code() -> None:
    throttled = Enrollment("one", Mode.ASSIGN_AND_ACTIVATE, State.NOT_DONE, error=Throttled(ASKED))
    assert "asks for a pause" in words_of(view_of(throttled))


def test_an_empty_desk_asks_for_both_in_any_order() -> None:
    assert "any order" in view_of(begun()).hint
    assert "person" in view_of(live(begun(), [0])).hint
    assert "token" in view_of(live(begun(), [1])).hint


SCOPE_LACK = Standing(
    Feature.ASSIGN, Verdict.SCOPE_MISSING, "UserAuthenticationMethod.ReadWrite.All"
)
ROLE_LACK = Standing(Feature.ASSIGN, Verdict.ROLE_DOUBTFUL, "Authentication Administrator")
ELSEWHERE = Standing(Feature.READ_POLICY, Verdict.SCOPE_MISSING, "Policy.Read.AuthenticationMethod")
SCANNING = {State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON}


def says_with(enrollment: Enrollment, *lacks: Standing) -> str:
    return words_of(work_view(DeskNotice(enrollment, TokenCard(), PersonCard(), lacks=lacks)))


@pytest.mark.parametrize("enrollment", COURSES, ids=name_of)
def test_a_scope_that_is_missing_is_named_before_the_cards_are_filled(
    enrollment: Enrollment,
) -> None:
    named = SCOPE_LACK.lacks in says_with(enrollment, SCOPE_LACK)
    assert named is (enrollment.state in SCANNING)


@pytest.mark.parametrize("enrollment", COURSES, ids=name_of)
def test_a_doubt_about_a_role_and_what_is_lacking_elsewhere_wait_for_the_check(
    enrollment: Enrollment,
) -> None:
    plain = words_of(view_of(enrollment))
    assert says_with(enrollment, ROLE_LACK, ELSEWHERE) == plain


@pytest.mark.parametrize("lack", [SCOPE_LACK, ROLE_LACK], ids=["scope", "role"])
@pytest.mark.parametrize("state", [State.NOT_DONE, State.UNSETTLED], ids=lambda s: s.value)
def test_after_a_refusal_what_is_lacking_is_named_beside_it(state: State, lack: Standing) -> None:
    course = next(each for each in COURSES if each.state is state)
    refused = replace(course, error=Forbidden(ASKED))
    assert lack.lacks in says_with(refused, lack)
    assert lack.lacks not in says_with(replace(course, error=Rejected(ASKED)), lack)
