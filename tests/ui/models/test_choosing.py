"""What is offered on the third card: every deed in its place, and why one cannot be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.duplicates import Duplicate
from app.core.enrollment import Enrollment, State
from app.core.errors import Evidence, Unreachable
from app.core.lifecycle import Choice, Deed
from app.core.model import Holder, Mode, Reason
from app.core.preflight import Finding, FindingKind, Severity
from app.core.record import Line
from app.station.desk.notices import (
    HeldToken,
    Holdings,
    HoldingsNotice,
    Offer,
    ReplacingNotice,
    WhoseNotice,
)
from app.ui.models.choosing import (
    CLEAN_UP,
    DEEDS,
    OPEN_FIRST,
    TAKE_BACK,
    ChoiceView,
    deeds,
    held_view,
    pending_view,
    reasons_view,
    replacing_view,
    story,
    whose_view,
)
from app.ui.widgets import Tone
from tests.fakes.nouns import a_person, a_token

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADA = a_person()
NOT_ACTIVE = Finding(FindingKind.TOKEN_NOT_ACTIVE, Severity.BLOCKS)
CHOICES = tuple(Choice(deed, NOT_ACTIVE if deed is Deed.DEACTIVATE else None) for deed in Deed)
LINE = Line("one", AT, AT, State.ACTIVATED, Mode.ASSIGN_ONLY, "1", "d", "p", "Ada", "", "Olu")
HELD = HeldToken(a_token(), holder=ADA, handed_out=LINE, choices=CHOICES)
LOOKING = HoldingsNotice(ADA, Holdings(ADA, (HELD,)))


def keys(view: ChoiceView) -> list[str]:
    return [option.key for option in view.options]


def test_every_deed_keeps_its_number_whether_it_can_be_done_or_not() -> None:
    offered = deeds(HELD)
    assert [option.key for option in offered] == [deed.value for deed in DEEDS]
    assert [option.hint for option in offered] == ["Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4"]
    assert [bool(option.why) for option in offered] == [False, True, False, False]


def test_whose_a_token_is_comes_with_what_can_be_done() -> None:
    view = whose_view(WhoseNotice("86590001", (HELD,)))
    assert view.said.sentence == "Ada has this token."
    assert keys(view) == [deed.value for deed in DEEDS]


def test_nothing_is_offered_with_what_nobody_has_or_is_not_alone() -> None:
    stock = HeldToken(a_token())
    hidden = HeldToken(replace(a_token(), holder=Holder("x", "Eve")))
    for found in ((), (stock,), (hidden,), (HELD, HELD)):
        view = whose_view(WhoseNotice("86590001", found))
        assert keys(view) == []
        assert view.said.sentence


def test_a_question_says_that_it_is_asked_and_why_it_has_no_answer() -> None:
    assert whose_view(WhoseNotice("86590001", busy=True)).busy
    error = Unreachable(Evidence())
    assert whose_view(WhoseNotice("86590001", error=error)).tone is Tone.BAD


def test_a_token_tells_its_story_where_it_is_known() -> None:
    told = dict(story(WhoseNotice("86590001", (HELD,))))
    assert told == {"Last used": "Not told", "Handed out": "2026-11-23, Olu"}
    assert story(WhoseNotice("86590001", (HELD, HELD))) == []


def test_what_stands_there_twice_is_cleaned_up_whatever_row_is_in_front() -> None:
    twice = replace(LOOKING, duplicates=(Duplicate(a_token("1"), a_token("2")),))
    assert keys(held_view(HELD, twice))[-1] == CLEAN_UP
    assert keys(held_view(None, twice)) == [CLEAN_UP]
    assert CLEAN_UP not in keys(held_view(HELD, LOOKING))


def test_other_methods_offer_nothing_and_say_so() -> None:
    assert held_view(None, LOOKING).said.sentence == "Nothing can be done with this here."
    assert held_view(None, HoldingsNotice(ADA, busy=True)).busy


def test_every_reason_can_be_given() -> None:
    assert keys(reasons_view(a_token())) == [reason.value for reason in Reason]


def test_a_replacement_says_what_it_waits_for_and_what_was_wrong() -> None:
    told = ReplacingNotice(a_token(), ADA, Reason.LOST)
    assert "8659 0001" in replacing_view(told).said.sentence
    assert replacing_view(told).warning is None
    warned = replacing_view(replace(told, wrong="86590001")).warning
    assert warned is not None
    assert "8659 0001" in warned.sentence


@pytest.mark.parametrize("first", [None, replace(LINE, state=State.NOT_DONE)])
def test_a_half_that_has_to_wait_is_opened_at_its_first_or_taken_back(first: Line | None) -> None:
    second = Enrollment("two", Mode.ASSIGN_ONLY)
    offered = keys(pending_view(Offer(second, AT, first)))
    assert offered == ([OPEN_FIRST, TAKE_BACK] if first else [TAKE_BACK])
