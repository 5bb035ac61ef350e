"""Every deed, request, proof and reason has words, and a preview is one whole sentence."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.enrollment import DRAFT, ENDS, State
from app.core.lifecycle import Deed, Preview
from app.core.model import CREATES, TAKES_BACK, WITHOUT_PERSON, Link, Mode, Operation, Proof, Reason
from app.core.record import Entry, EntryKind, Line
from app.ui.models.history import happenings
from app.ui.wording.desk import state_word
from app.ui.wording.history import about_rows, due_words
from app.ui.wording.lifecycle import (
    deed_name,
    due_word,
    line_state,
    operation_name,
    preview_words,
    proof_word,
    reason_word,
)

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LINE = Line("one", AT, AT, State.NOT_DONE, Mode.ASSIGN_ONLY, "1", "d", "p", "Ada", "", "Olu")
NAMED: list[tuple[type[enum.Enum], Callable[..., str]]] = [
    (Deed, deed_name),
    (Operation, operation_name),
    (Proof, proof_word),
    (Reason, reason_word),
]


@pytest.mark.parametrize(("kind", "name"), NAMED)
def test_every_one_has_a_name_of_its_own(kind: type[enum.Enum], name: Callable[..., str]) -> None:
    names = [name(each) for each in kind]
    assert all(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize(
    "operation", [each for each in ENDS if each not in WITHOUT_PERSON | CREATES]
)
def test_a_preview_is_one_sentence_with_token_and_person(
    operation: Operation, *, gone: bool
) -> None:
    words = preview_words(Preview(operation, "8659", "Alex {Meyer}", gone), "8659 6109")
    assert "8659 6109" in words
    assert "Alex {Meyer}" in words
    assert re.fullmatch(r"[A-Z].*\.", words)
    assert "!" not in words


def test_a_removal_says_where_the_token_goes() -> None:
    here = Preview(Operation.UNASSIGN, "8659", "Alex Meyer")
    assert preview_words(here, "8659") == "Remove 8659 from Alex Meyer; it goes back to stock."
    assert "stock" not in preview_words(replace(here, without_token=True), "8659")


@pytest.mark.parametrize("state", [s for s in State if s not in DRAFT])
@pytest.mark.parametrize("operation", ENDS)
def test_a_line_says_its_state_by_what_was_asked_for(state: State, operation: Operation) -> None:
    words = line_state(replace(LINE, state=state, operation=operation))
    assert words
    if state is State.DUE:
        assert words == due_word(operation)
    elif state is not State.NOT_DONE or operation not in TAKES_BACK | WITHOUT_PERSON | CREATES:
        assert words == state_word(state)


def test_what_was_not_taken_back_says_what_was_not_done() -> None:
    undone = TAKES_BACK | WITHOUT_PERSON | CREATES
    said = {made: line_state(replace(LINE, operation=made)) for made in undone}
    assert said == {
        Operation.DEACTIVATE: "Not deactivated",
        Operation.UNASSIGN: "Not removed",
        Operation.DELETE: "Not deleted",
        Operation.CREATE: "Not added",
        Operation.CREATE_AND_ASSIGN: "Not added",
    }


def test_the_details_of_what_was_taken_back_say_how_and_why() -> None:
    link = Link("other", Reason.LOST, second=True)
    taken = replace(LINE, operation=Operation.UNASSIGN, proof=Proof.LOST, link=link)
    rows = dict(about_rows(taken, "8659", "Desk 1"))
    assert rows["Taken back"] == operation_name(Operation.UNASSIGN)
    assert rows["Token shown"] == proof_word(Proof.LOST)
    assert rows["Replacement"] == reason_word(Reason.LOST)
    assert "Handed over" not in rows
    assert "Taken back" not in dict(about_rows(LINE, "8659", "Desk 1"))


def test_the_story_tells_of_a_second_half_that_was_agreed_upon() -> None:
    entry = Entry("one", EntryKind.DUE, State.DUE, AT)
    (told,) = happenings((entry,))
    assert (told.event, told.title) == (due_words(), state_word(State.DUE))
