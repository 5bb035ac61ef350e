"""Which card is filled next and cleared first: the token's way round, and the line's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import Enrollment
from app.core.model import Mode
from app.station.notices import CardState, DeskNotice, PersonCard, TokenCard
from app.ui.models.turns import Slot, last_slot, next_slot, place
from tests.fakes.nouns import a_person

EMPTY = DeskNotice(Enrollment("one", Mode.ASSIGN_ONLY), TokenCard(), PersonCard())
TOKEN = replace(EMPTY, token_card=TokenCard(CardState.FOUND, "86590001"))
ADA = PersonCard(CardState.FOUND, a_person("Ada", "20417"))
PERSON = replace(EMPTY, person_card=ADA)
BOTH = replace(TOKEN, person_card=ADA)


@pytest.mark.parametrize(
    ("notice", "alone", "in_line"),
    [
        (EMPTY, Slot.TOKEN, Slot.PERSON),
        (TOKEN, Slot.PERSON, Slot.PERSON),
        (PERSON, Slot.TOKEN, Slot.TOKEN),
        (BOTH, None, None),
    ],
)
def test_a_line_begins_with_the_person(
    notice: DeskNotice, alone: Slot | None, in_line: Slot | None
) -> None:
    assert next_slot(notice, in_line=False, searching=False) is alone
    assert next_slot(notice, in_line=True, searching=False) is in_line


@pytest.mark.parametrize(
    ("notice", "alone", "in_line"),
    [
        (EMPTY, None, None),
        (TOKEN, Slot.TOKEN, Slot.TOKEN),
        (PERSON, Slot.PERSON, Slot.PERSON),
        (BOTH, Slot.PERSON, Slot.TOKEN),
    ],
)
def test_what_was_filled_second_is_cleared_first(
    notice: DeskNotice, alone: Slot | None, in_line: Slot | None
) -> None:
    assert last_slot(notice, in_line=False) is alone
    assert last_slot(notice, in_line=True) is in_line


def test_whoever_types_a_name_is_not_sent_to_the_token() -> None:
    assert next_slot(EMPTY, in_line=False, searching=True) is Slot.PERSON


@pytest.mark.parametrize("in_line", [False, True])
def test_out_of_reach_of_the_directory_a_person_who_is_named_waits_for_a_token(
    *, in_line: bool
) -> None:
    named = replace(EMPTY, person_card=PersonCard(CardState.NAMED, badge="20417"))
    assert next_slot(named, in_line=in_line, searching=False) is Slot.TOKEN
    ready = replace(named, token_card=TOKEN.token_card, stageable=True)
    assert next_slot(ready, in_line=in_line, searching=False) is None


def test_the_focus_moves_with_the_cards_and_the_state_alone() -> None:
    assert place(EMPTY) == place(replace(EMPTY, offline=True))
    assert place(EMPTY) != place(TOKEN)
