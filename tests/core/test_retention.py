from app.core.enrollment import DRAFT, OPEN, State
from app.core.retention import MAY_GO, Erased


def test_nothing_that_still_owes_an_answer_may_go() -> None:
    assert {State.UNRECORDED} == MAY_GO & OPEN  # nothing was sent, so no answer is missing
    assert {State.ACTIVATED, State.ASSIGNED, State.NOT_DONE, State.BLOCKED} <= MAY_GO


def test_a_draft_is_no_end_but_for_staged_work_that_is_blocked() -> None:
    assert {State.BLOCKED} == MAY_GO & DRAFT


def test_what_was_erased_adds_up() -> None:
    assert Erased(1, 4) + Erased(2, 7, kept=1) == Erased(3, 11, 1)
