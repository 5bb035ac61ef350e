"""Every fault of a row and every question about a file has its sentence."""

from __future__ import annotations

import pytest

from app.core.seed import FaultKind, Need, RowFault
from app.ui.wording.seeds import need, row_fault


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_has_a_sentence(kind: FaultKind) -> None:
    said = row_fault(RowFault(7, kind, "10001001", 3))
    assert said.endswith(".")
    assert "!" not in said
    assert "{" not in said


def test_no_two_faults_share_a_sentence() -> None:
    assert len({row_fault(RowFault(7, kind)) for kind in FaultKind}) == len(FaultKind)


def test_a_duplicate_names_the_other_row() -> None:
    assert "row 3" in row_fault(RowFault(7, FaultKind.DUPLICATE, "10001001", 3))


@pytest.mark.parametrize("asked", Need)
def test_every_need_has_a_sentence_and_says_how_to_answer(asked: Need) -> None:
    for words in need(asked):
        assert words.endswith(".")
        assert "!" not in words
