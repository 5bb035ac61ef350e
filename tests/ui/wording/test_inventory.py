"""The inventory's sentences are whole, plain, and right in number."""

from __future__ import annotations

import re

import pytest

from app.core.bulk import BulkDeed, Fit
from app.core.errors import Evidence, Forbidden, Rejected, Throttled
from app.core.job import JobRow, JobState, Progress, RowState
from app.core.model import HashFunction, TokenStatus
from app.station import bulk
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.ui.widgets.tone import Tone
from app.ui.wording.inventory import (
    TONES,
    agree_words,
    bulk_row,
    chosen_words,
    deed_words,
    export_words,
    found_words,
    hash_word,
    job_title,
    listed_words,
    mark_words,
    nothing_found,
    nothing_to_do,
    nothing_yet,
    question,
    state_choices,
    sync_words,
)
from app.ui.wording.job import end_question, held_words, progress_words, state_told

WHOLE = re.compile(r"[A-Z0-9].*\.")
REASONS = (bulk.GONE, bulk.NOBODYS, bulk.HELD, bulk.MOVED, bulk.UNDERWAY_HERE)
FIT = Fit((1, 2, 3), left_out=2, people=2, active=1)


def test_each_state_and_hash_has_a_word_and_a_tone() -> None:
    assert set(TONES) == set(TokenStatus)
    assert len({hash_word(each) for each in HashFunction}) == len(HashFunction)
    words = [words for words, _ in state_choices()]
    assert len(set(words)) == len(words) == len(TokenStatus) + 1


@pytest.mark.parametrize("deed", BulkDeed)
def test_what_is_about_to_be_done_is_said_in_whole_sentences(deed: BulkDeed) -> None:
    fits = (FIT, Fit((1,), 1, 1, 1), Fit((1, 2), 0, 1))
    for said in (*(question(deed, each) for each in fits), nothing_to_do(deed)):
        assert WHOLE.fullmatch(said.sentence)
        assert said.advice == "" or WHOLE.fullmatch(said.advice)
        assert "!" not in said.sentence + said.advice
    assert "left out" in question(deed, FIT).advice
    assert "left out" not in question(deed, Fit((1,), people=1)).advice
    assert deed_words(deed).count("&") == 1
    assert agree_words(deed, 1) != agree_words(deed, 2)
    assert "1,200" in job_title(deed, 1200)
    assert job_title(deed, 1) != job_title(deed, 2)


@pytest.mark.parametrize("deed", BulkDeed)
@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_told(deed: BulkDeed, reason: str) -> None:
    row = JobRow("k", "1", RowState.SKIPPED, reason=reason)
    assert WHOLE.fullmatch(bulk_row(deed, row).said)


def test_a_row_is_told_in_the_terms_of_its_job() -> None:
    done = JobRow("k", "1", RowState.DONE)
    assert bulk_row(BulkDeed.UNASSIGN, done).word == "Removed"
    assert bulk_row(BulkDeed.DELETE, done).word == "Deleted"
    unclear = bulk_row(BulkDeed.DELETE, JobRow("k", "1", RowState.UNCLEAR))
    assert "not confirmed" in unclear.said
    refused = JobRow("k", "1", RowState.FAILED, error=Forbidden(Evidence()))
    assert "this one" in bulk_row(BulkDeed.DELETE, refused).said
    failed = JobRow("k", "1", RowState.FAILED, error=Rejected(Evidence()))
    assert bulk_row(BulkDeed.DELETE, failed).tone is Tone.BAD


@pytest.mark.parametrize("state", SyncState)
@pytest.mark.parametrize("read_at", ["", "2026-11-25 12:00"])
def test_each_state_of_reading_has_words(state: SyncState, read_at: str) -> None:
    _, words = sync_words(SyncNotice(state, 1200, error=Throttled(Evidence())), read_at)
    assert words
    if state in {SyncState.LOADING, SyncState.REFRESHING}:
        assert "1,200" in words


def test_numbers_are_told_in_the_singular_and_the_plural() -> None:
    assert listed_words(1, 1) == "1 token"
    assert listed_words(5, 5) == "5 tokens"
    assert listed_words(5, 1200) == "5 of 1,200 tokens"
    assert chosen_words(1, 0) == "1 chosen"
    assert chosen_words(1200, 3) == "1,200 chosen, 3 of them not listed now"
    assert "Space" in chosen_words(0, 0)
    assert mark_words(0, 0) == ""
    assert mark_words(10, 1) == "1 model has fewer than 10 free."
    assert mark_words(10, 2) == "2 models have fewer than 10 free."
    assert mark_words(10, 0) == "No model has fewer than 10 free."


def test_empty_lists_and_what_was_found_teach() -> None:
    for said in (nothing_yet(), nothing_found(), found_words()):
        assert WHOLE.fullmatch(said.sentence)
        assert WHOLE.fullmatch(said.advice)


def test_an_export_is_told_by_its_end() -> None:
    tone, said = export_words(InventoryExportNotice("/a/b.csv", 1200))
    assert (tone, said.sentence, said.advice) == (
        Tone.GOOD,
        "1,200 tokens are written.",
        "/a/b.csv",
    )


@pytest.mark.parametrize("state", JobState)
def test_each_state_of_a_job_has_words(state: JobState) -> None:
    error = Throttled(Evidence()) if state is JobState.HELD else None
    counts = {RowState.WAITING: 1, RowState.DONE: 2}
    progress = Progress(state, 3, counts, rate=0.5, left=4000, held_by=error)
    word, _ = state_told(progress)
    assert word
    assert progress_words(progress).startswith("2 of 3 · 2 done")
    assert bool(held_words(progress)) == (error is not None)
    assert WHOLE.fullmatch(end_question(progress))
