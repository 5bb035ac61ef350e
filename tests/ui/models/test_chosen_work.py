"""The third card shows of a chosen operation what it is, and offers what it admits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.enrollment import (
    ENDS,
    OF_PASSES,
    SUCCESS,
    TRANSITIONS,
    Enrollment,
    State,
    target_of,
)
from app.core.errors import Evidence, Rejected, Throttled
from app.core.events import Submitted
from app.core.model import (
    CREATES,
    TAKES_BACK,
    WITHOUT_PERSON,
    Link,
    Mode,
    Operation,
    Proof,
    Reason,
)
from app.core.preflight import Finding, FindingKind, Severity
from app.core.record import Line
from app.station.desk.notices import Offer
from app.station.notices import DeskNotice, PersonCard, Sound, TokenCard
from app.ui.models.sounds import sound_of
from app.ui.models.work import WorkView, work_view
from tests.fakes.nouns import a_person, a_token

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONE = Enrollment("one", Mode.ASSIGN_ONLY, token=a_token(), person=a_person())
REFUSED = Rejected(Evidence(status=400))
WITH_PERSON = [each for each in ENDS if each not in WITHOUT_PERSON | CREATES]
HELD = Finding(FindingKind.TOKEN_OF_ANOTHER, Severity.BLOCKS, "Ben")
ON_NO_CARD = {State.STAGED, State.DUE, State.WITHDRAWN, State.EMPTY}
ON_NO_CARD |= {State.HAS_TOKEN, State.HAS_PERSON} | OF_PASSES
"""What is chosen for a token has both the token and its person."""


def every_one() -> Iterator[Enrollment]:
    """Each request in each state that it can come to."""
    for operation in WITH_PERSON:
        mode = Mode.ASSIGN_ONLY if operation in TAKES_BACK else Mode.ASSIGN_AND_ACTIVATE
        for state in (each for each in State if each not in ON_NO_CARD):
            at = replace(ONE, mode=mode, operation=operation, state=state)
            yield replace(at, error=REFUSED, findings=(HELD,))


EVERY_ONE = list(every_one())


CARDS = Enrollment("cards", Mode.ASSIGN_AND_ACTIVATE)


def told(enrollment: Enrollment) -> DeskNotice:
    """What the desk tells while `enrollment` was chosen, and nothing lies on the cards."""
    return DeskNotice(enrollment, TokenCard(), PersonCard(), aside=CARDS)


def view(enrollment: Enrollment, *, wrong: str = "", without_token: bool = False) -> WorkView:
    return work_view(replace(told(enrollment), wrong=wrong, without_token=without_token))


def words_of(shown: WorkView) -> str:
    said = [f"{trouble.sentence} {trouble.advice}" for _, trouble in shown.says]
    return " ".join([shown.title, shown.preview, shown.beside, *said, shown.hint, shown.button])


@pytest.mark.parametrize("enrollment", EVERY_ONE, ids=lambda e: f"{e.operation.value}-{e.state}")
def test_every_state_says_something_whole(enrollment: Enrollment) -> None:
    shown = view(enrollment)
    assert shown.title
    assert len(words_of(shown)) > len(shown.title) + 10
    assert not re.search(r"[{}!]", words_of(shown))


@pytest.mark.parametrize("enrollment", EVERY_ONE, ids=lambda e: f"{e.operation.value}-{e.state}")
def test_a_button_is_there_where_a_submit_is_admitted_or_all_is_done(
    enrollment: Enrollment,
) -> None:
    admitted = target_of(enrollment.state, Submitted, enrollment.operation) is not None
    shown = view(enrollment)
    assert bool(shown.button) == (admitted or enrollment.state in SUCCESS)
    assert shown.finished == (enrollment.state in SUCCESS)


@pytest.mark.parametrize("operation", WITH_PERSON)
def test_what_is_about_to_be_sent_is_said_in_a_sentence(operation: Operation) -> None:
    for state in (State.READY, State.AWAITING_CODE):
        assert re.fullmatch(
            r"[A-Z].*\.", view(replace(ONE, operation=operation, state=state)).preview
        )


@pytest.mark.parametrize("word", [True, False])
def test_a_token_may_be_said_to_be_missing_only_where_the_desk_takes_a_word_for_it(
    *, word: bool
) -> None:
    waits = replace(ONE, operation=Operation.UNASSIGN, state=State.AWAITING_TOKEN)
    shown = view(waits, without_token=word)
    assert shown.shows_token
    assert shown.missing == ((Proof.LOST, Proof.BROKEN) if word else ())
    ready = replace(waits, state=State.READY)
    assert view(ready, without_token=word).missing == ()


def test_another_token_is_named_beside_the_one_that_is_asked_for() -> None:
    waits = replace(ONE, operation=Operation.UNASSIGN, state=State.AWAITING_TOKEN)
    said = words_of(view(waits, wrong="86590002"))
    assert "8659 0002" in said
    assert "8659 0001" in said


def test_a_removal_that_was_refused_says_why_and_can_be_checked_again() -> None:
    refused = replace(ONE, operation=Operation.UNASSIGN, state=State.NOT_DONE)
    assert "still with the person" in words_of(view(refused))
    assert "refused the request" in words_of(view(replace(refused, error=REFUSED)))
    assert view(refused).again


# Replacements ----------------------------------------------------------------------------------

FIRST = replace(
    ONE,
    mode=Mode.ASSIGN_AND_ACTIVATE,
    operation=Operation.ASSIGN_AND_ACTIVATE,
    state=State.ACTIVATED,
    link=Link("two", Reason.LOST),
)
SECOND = replace(
    ONE, id="two", operation=Operation.UNASSIGN, state=State.AWAITING_TOKEN,
    link=Link("one", Reason.LOST, second=True),
)  # fmt: skip
LINE = Line("one", AT, AT, State.ACTIVATED, Mode.ASSIGN_ONLY, "1", "d", "p", "Ada", "", "Olu")
READY, PENDING = Offer(SECOND, AT, LINE), Offer(SECOND, AT, replace(LINE, state=State.NOT_DONE))


def test_what_follows_is_offered_once_it_can_be_done() -> None:
    assert work_view(told(FIRST), (READY,)).follows == "two"
    assert work_view(told(FIRST), (PENDING,)).follows == ""
    assert work_view(told(FIRST), ()).follows == ""
    assert work_view(told(replace(FIRST, link=None)), (READY,)).follows == ""


def test_while_something_follows_nothing_is_undone() -> None:
    assert work_view(told(FIRST), (READY,)).undo is None
    assert work_view(told(FIRST)).undo is Operation.UNASSIGN


def test_only_a_second_half_that_was_never_sent_is_taken_back() -> None:
    assert view(SECOND).withdraws
    assert not view(replace(SECOND, attempts=1)).withdraws
    assert not view(replace(SECOND, state=State.RETURNED)).withdraws
    assert not view(replace(FIRST, state=State.AWAITING_CODE)).withdraws


def test_each_half_tells_of_the_other() -> None:
    before = replace(FIRST, state=State.AWAITING_CODE)
    taking = replace(SECOND, link=Link("one", Reason.LOST))
    giving = replace(before, link=Link("one", Reason.LOST, second=True))
    halves = [view(each).beside for each in (before, SECOND, taking, giving)]
    assert all(halves)
    assert len(set(halves)) == len(halves)


# What is heard ---------------------------------------------------------------------------------


def test_a_proof_that_is_taken_and_an_end_are_heard() -> None:
    empty = DeskNotice(CARDS, TokenCard(), PersonCard())
    waits = told(replace(SECOND, state=State.AWAITING_TOKEN))
    ready = told(replace(SECOND, state=State.READY))
    done = told(replace(SECOND, state=State.RETURNED))
    assert sound_of(empty, waits) is None
    assert sound_of(waits, ready) is Sound.ACCEPTED
    assert sound_of(ready, done) is Sound.ACCEPTED
    assert sound_of(done, done) is None
    assert sound_of(done, empty) is None


@pytest.mark.parametrize("state", [State.BLOCKED, State.UNCHECKED, State.TAKEN, State.NOT_DONE])
def test_what_needs_somebody_is_heard_once(state: State) -> None:
    before, after = told(ONE), told(replace(ONE, state=state))
    assert sound_of(before, after) is Sound.ATTENTION
    assert sound_of(after, after) is None
    assert sound_of(after, replace(after, wrong="1")) is Sound.ATTENTION


@pytest.mark.parametrize("state", [State.BLOCKED, State.NOT_DONE, State.ACTIVATED])
def test_what_the_cards_come_to_is_not_heard_again_when_it_is_back_in_front(state: State) -> None:
    cards = replace(CARDS, state=state)
    before = DeskNotice(ONE, TokenCard(), PersonCard(), aside=cards)
    assert sound_of(before, DeskNotice(cards, TokenCard(), PersonCard())) is None


def test_the_states_that_are_shown_are_all_there_are() -> None:
    assert {e.state for e in EVERY_ONE} | ON_NO_CARD == set(TRANSITIONS)


def test_a_check_that_is_made_again_by_itself_says_when() -> None:
    throttled = Throttled(Evidence(status=429), 30)
    unread = replace(ONE, state=State.UNCHECKED, operation=Operation.UNASSIGN, error=throttled)
    planned = work_view(replace(told(unread), retry_at=AT))
    assert (planned.retry_at, planned.again) == (AT, "Try now")
    assert view(unread).retry_at is None
