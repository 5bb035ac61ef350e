"""The help's chapter on states says what the table says.

`python -m tests.ui.wording.test_states` draws the chapter anew after the table has changed.
"""

from __future__ import annotations

import pytest

from app.assets import resources
from app.core.enrollment import OF_PASSES, TRANSITIONS, State
from app.ui.wording.states import states_chapter, whole_state_word

CHAPTER = resources() / "help" / "states.md"


def test_the_chapter_in_the_help_is_the_one_that_the_table_yields() -> None:
    assert CHAPTER.read_text(encoding="utf-8") == states_chapter()


def test_every_passage_has_its_row() -> None:
    rows = [line for line in states_chapter().splitlines() if line.startswith("| ")]
    heads = 5 * 2
    enrollments = (row for state, row in TRANSITIONS.items() if state not in OF_PASSES)
    passages = sum(max(1, len(row)) for row in enrollments)
    assert len(rows) == heads + passages


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_name_of_its_own(state: State) -> None:
    names = [whole_state_word(other) for other in State]
    assert names.count(whole_state_word(state)) == 1


if __name__ == "__main__":
    CHAPTER.write_text(states_chapter(), encoding="utf-8", newline="\n")
