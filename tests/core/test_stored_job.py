"""A stored job is read back as far as it was written, in every form that was ever written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.importing import Handing, folded
from app.core.job import SETTLED, JobRow, RowState
from app.core.model import Holder, Token, TokenStatus
from app.core.stored_job import (
    JobKind,
    StoredJob,
    StoredRow,
    half_done,
    read,
    row_line,
    upload_rows,
    written,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SERIALS = ("77000001", "GAKT0002", "3", "4")
BEFORE = Path(__file__).parents[1] / "station" / "fixtures" / "killed-in-two-jobs"
"""What the version before this form has left when it was killed."""

kinds = st.sampled_from([JobKind.UNASSIGN, JobKind.DELETE])
moments = st.datetimes(timezones=st.just(UTC))
ends = st.dictionaries(st.text(), st.sampled_from(sorted(SETTLED, key=lambda each: each.value)))
on_tokens = st.builds(
    StoredJob,
    st.text(),
    kinds,
    moments,
    st.lists(
        st.builds(StoredRow, st.text(), st.text(), st.text(min_size=1), st.text()), max_size=4
    ).map(tuple),
    settled=ends,
)
uploads = st.builds(
    StoredJob,
    st.text(),
    st.just(JobKind.UPLOAD),
    moments,
    st.lists(st.text(), max_size=4).map(upload_rows),
    st.text(),
    st.sampled_from(Handing),
    ends,
)


def an_upload(
    settled: dict[str, RowState] | None = None, handing: Handing = Handing.ASSIGN
) -> StoredJob:
    rows, file = upload_rows(SERIALS), "Lieferung März.csv"
    return StoredJob("job", JobKind.UPLOAD, NOON, rows, file, handing, settled or {})


@settings(max_examples=50, deadline=None)
@given(on_tokens | uploads)
def test_a_job_is_read_back(job: StoredJob) -> None:
    assert read(written(job)) == job


def test_each_row_that_ends_adds_a_line() -> None:
    text = written(an_upload())
    text += row_line(JobRow("gakt0002", "GAKT0002", RowState.FAILED))
    text += row_line(JobRow("gakt0002", "GAKT0002", RowState.DONE))
    assert read(text) == an_upload({"gakt0002": RowState.DONE})


def test_a_job_cut_anywhere_is_none_or_lacks_its_last_rows() -> None:
    whole = an_upload({"3": RowState.DONE, "4": RowState.FAILED})
    text = written(whole)
    first = text.index("\n") + 1
    assert [read(text[:at]) for at in range(first)] == [None] * first
    for at in range(first, len(text)):
        found = read(text[:at])
        assert found is not None
        assert found.rows == whole.rows
        assert found.settled.items() <= whole.settled.items()


def test_a_line_in_the_middle_that_is_none_is_left_out() -> None:
    text = written(an_upload()) + '{"row": "3", "sta{"row": "4", "state": "done"}\n\x00\n[]\n'
    assert read(text + row_line(JobRow("3", "3", RowState.DONE))) == an_upload({"3": RowState.DONE})


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]\n",
        '"text"\n',
        "{}\n",
        "no JSON\n",
        "\x00\n",
        '{"upload": 1}\n',
        '{"form": 1}',
        '{"form": 1, "rows": [',
        '{"form": 3, "job": "delete", "id": "1", "at": "2026-11-25T12:00Z", "rows": []}\n',
        '{"form": 2, "job": "paint", "id": "1", "at": "2026-11-25T12:00Z", "rows": []}\n',
        '{"form": 2, "job": "delete", "id": "1", "at": "2026-11-25T12:00:00", "rows": []}\n',
        '{"form": 2, "job": "delete", "id": "1", "at": "2026-11-25T12:00Z", "rows": 7}\n',
        '{"form": 2, "job": "delete", "id": "1", "at": "2026-11-25T12:00Z", "rows": [[]]}\n',
        '{"form": 1, "id": "1", "deed": "paint", "at": "2026-11-25T12:00Z", "rows": []}',
        '{"form": 1, "id": "1", "deed": "delete", "at": "2026-11-25T12:00:00", "rows": []}',
        '{"form": 1, "id": "1", "deed": "delete", "at": "2026-11-25T12:00Z", "rows": [[]]}',
    ],
)
def test_what_is_no_job_is_none(broken: str) -> None:
    assert read(broken) is None


def test_the_plan_of_the_version_before_is_read() -> None:
    text = (BEFORE / "job.json").read_text(encoding="utf-8")
    old = json.loads(text)
    job = read(text)
    assert job is not None
    assert (job.kind, job.id, len(job.rows)) == (JobKind.UNASSIGN, old["id"], 4)
    assert job.rows[0] == StoredRow(old["rows"][0][0], "66000001", "device-66000001", "person-ada")
    assert read(written(job)) == job
    assert [read(text[:at]) for at in range(len(text))] == [None] * len(text)


def test_the_upload_of_the_version_before_is_read() -> None:
    text = (BEFORE / "upload.jsonl").read_text(encoding="utf-8")
    job = read(text)
    assert job is not None
    assert (job.kind, job.file, job.handing) == (JobKind.UPLOAD, "tokens.csv", Handing.ACTIVATE)
    assert [row.serial_number for row in job.rows] == [f"7700000{number}" for number in range(5)]
    assert (job.settled, job.left) == ({"77000000": RowState.FAILED}, 5)
    assert read(text + '{"serial": "77000001", "sta') == job


def test_what_is_left_is_what_is_not_known_to_be_done() -> None:
    job = an_upload({"3": RowState.DONE, "77000001": RowState.SKIPPED, "4": RowState.FAILED})
    assert job.left == 2


def test_half_done_is_what_was_to_be_activated_and_is_only_assigned() -> None:
    def token(serial: str, status: TokenStatus, holder: str = "ada") -> Token:
        return Token(serial, serial, status=status, holder=Holder(holder) if holder else None)

    there = {
        folded(each.serial_number): each
        for each in (
            token("77000001", TokenStatus.ASSIGNED),
            token("GAKT0002", TokenStatus.FAILED_ACTIVATION),
            token("3", TokenStatus.ASSIGNED),
            token("4", TokenStatus.AVAILABLE, ""),
            token("not of this job", TokenStatus.ASSIGNED),
        )
    }
    job = an_upload({"3": RowState.DONE}, Handing.ACTIVATE)
    assert half_done(job, there).keys() == {"77000001", "gakt0002"}
    assert half_done(an_upload(), there) == {}
    assert half_done(None, there) == {}
