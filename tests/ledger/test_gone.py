"""T5: the record is removed, renamed or replaced while the station has it open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.errors import LedgerGone
from app.ledger import SqliteLedger, records
from tests.ledger.records import ended, intent_of, state_of


def removed(path: Path) -> None:
    path.unlink()


def removed_with_all_its_files(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


def replaced_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def replaced_by_nothing(path: Path) -> None:
    path.unlink()
    path.touch()


def folder_renamed(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def folder_removed(path: Path) -> None:
    shutil.rmtree(path.parent)


def log_removed(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="Windows removes and renames no file that a program has open"
)


@pytest.mark.parametrize(
    "happens",
    [
        removed,
        removed_with_all_its_files,
        replaced_by_a_copy,
        replaced_by_nothing,
        folder_renamed,
        folder_removed,
        log_removed,
    ],
)
def test_t5_nothing_is_taken_once_the_file_is_not_in_its_place(
    ledger: SqliteLedger, path: Path, happens: Callable[[Path], None]
) -> None:
    ended(ledger, "before")
    happens(path)
    for _ in range(2):
        with pytest.raises(LedgerGone, match="removed, renamed or replaced"):
            ledger.append(intent_of("after"))
        with pytest.raises(LedgerGone):
            ledger.append(state_of("before", State.ASSIGNED))


def test_t5_a_folder_that_comes_back_is_the_record_again(ledger: SqliteLedger, path: Path) -> None:
    ended(ledger, "before")
    elsewhere = path.parent.with_name("elsewhere")
    path.parent.rename(elsewhere)
    with pytest.raises(LedgerGone):
        ledger.append(intent_of("meanwhile"))
    elsewhere.rename(path.parent)
    assert ledger.append(intent_of("after")) == 3
    assert [each.entry.enrollment_id for each in records(path)] == ["before", "before", "after"]


def test_t5_another_program_that_reads_or_checkpoints_disturbs_nothing(
    ledger: SqliteLedger, path: Path
) -> None:
    ended(ledger, "a")
    with closing(SqliteLedger(path)) as other:
        other.open()
        ended(other, "b")
    assert ledger.verify() is None
    assert ledger.append(intent_of("c")) == 5


def test_t5_a_record_that_is_closed_and_opened_again_goes_on(
    ledger: SqliteLedger, path: Path
) -> None:
    ended(ledger, "a")
    ledger.close()
    ledger.open()
    assert ledger.append(intent_of("b")) == 3
