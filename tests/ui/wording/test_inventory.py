"""The inventory's sentences are whole, plain, and right in number."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from app.core.bulk import BulkDeed, Fit
from app.core.errors import Evidence, Forbidden, Rejected, Throttled
from app.core.importing import Handing
from app.core.job import JobRow, JobState, Progress, RowReason, RowState
from app.core.model import HashFunction, TokenStatus
from app.core.preflight import FindingKind
from app.core.stored_job import JobKind, StoredJob, StoredRow
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.ui.widgets.tone import Tone
from app.ui.wording.inventory import (
    TONES,
    agree_words,
    chosen_words,
    deed_words,
    export_words,
    found_words,
    hash_word,
    listed_words,
    mark_words,
    nothing_found,
    nothing_to_do,
    nothing_yet,
    question,
    state_choices,
    sync_words,
)
from app.ui.wording.job import (
    end_question,
    held_words,
    job_title,
    progress_words,
    row_told,
    state_told,
)

WHOLE = re.compile(r"[A-Z0-9].*\.")
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


def a_job(kind: JobKind, count: int, handing: Handing = Handing.NOTHING) -> StoredJob:
    rows = tuple(StoredRow(str(number), str(number)) for number in range(count))
    return StoredJob("job", kind, datetime(2026, 11, 25, tzinfo=UTC), rows, "tokens.csv", handing)


@pytest.mark.parametrize("kind", [JobKind.UNASSIGN, JobKind.DELETE])
def test_a_jobs_title_counts_its_tokens(kind: JobKind) -> None:
    assert "1,200" in job_title(a_job(kind, 1200))
    assert job_title(a_job(kind, 1)) != job_title(a_job(kind, 2))


def test_an_uploads_title_names_its_file_and_whether_tokens_go_to_people() -> None:
    titles = {job_title(a_job(JobKind.UPLOAD, 2, handing)) for handing in Handing}
    assert len(titles) == 2
    assert all("tokens.csv" in title for title in titles)


SELF_EVIDENT = {RowReason.CREATED, RowReason.ASSIGNED, RowReason.ACTIVATED}


@pytest.mark.parametrize("kind", JobKind)
@pytest.mark.parametrize("reason", [*RowReason, *FindingKind])
def test_each_reason_is_told(kind: JobKind, reason: RowReason | FindingKind) -> None:
    state = RowState.DONE if reason in SELF_EVIDENT else RowState.FAILED
    told = row_told(JobRow("k", "1", state, reason=reason), kind)
    assert told.word
    assert (told.said == "") == (reason in SELF_EVIDENT)
    assert not told.said or WHOLE.fullmatch(told.said)


@pytest.mark.parametrize("kind", JobKind)
@pytest.mark.parametrize("state", RowState)
def test_each_state_of_a_row_has_a_word(kind: JobKind, state: RowState) -> None:
    assert row_told(JobRow("k", "1", state), kind).word


def test_a_row_is_told_in_the_terms_of_its_job() -> None:
    done = JobRow("k", "1", RowState.DONE)
    assert row_told(done, JobKind.UNASSIGN).word == "Removed"
    assert row_told(done, JobKind.DELETE).word == "Deleted"
    assert row_told(done, JobKind.UPLOAD).word == "In the tenant"
    unclear = row_told(JobRow("k", "1", RowState.UNCLEAR), JobKind.DELETE)
    assert "not confirmed" in unclear.said
    refused = JobRow("k", "1", RowState.FAILED, error=Forbidden(Evidence()))
    assert "this one" in row_told(refused, JobKind.DELETE).said
    assert "this one" not in row_told(refused, JobKind.UPLOAD).said
    failed = JobRow("k", "1", RowState.FAILED, error=Rejected(Evidence()))
    assert row_told(failed, JobKind.DELETE).tone is Tone.BAD


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
