"""Events that are no part of an enrollment: written, chained, listed, exported and erased."""

import argparse
import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli import ledger as ledger_cli
from app.core.enrollment import State
from app.core.errors import LedgerUnreadable
from app.core.history import ExportForm, HistoryQuery, HistoryScope
from app.core.record import Entry, Head
from app.core.retention import EraseOrder
from app.core.station_event import EventName, StationEvent, Subject, SubjectKind
from app.ledger import SqliteLedger, Why, examine, held, records, schema, verify
from app.ledger.chain import Row, hashed_bytes, link
from app.ledger.erasure import erasure_row
from app.ledger.reading import hashed_rows
from app.ledger.writing import chain
from tests.ledger.records import BLANK, LATER, NOON, ended, intent_of, nothing, order, raw, state_of

FIXTURE = Path(__file__).parent / "fixtures" / "record-version-9.sql"
RECEIPT = Head(4, "075fa299e5771dc8afed34cdcfe8a46dae13b814d6b510f954879d49e8e6a330")
LAST = Head(7, "ed9c805377010e3d8068eee52566231b464d528db51de060978e7ad277af956d")
EVERYTHING = HistoryQuery(scope=HistoryScope.STATION)


def event_of(session: str, name: EventName = EventName.SIGNED_IN, minutes: int = 0) -> StationEvent:
    facts = {
        "operator_id": "operator-1",
        "operator_name": "Olive Operator",
        "operator_upn": "olive@desk.example",
        "desk": "Desk 1",
    }
    subject = Subject(SubjectKind.SESSION, session)
    return StationEvent(subject, name, NOON + timedelta(minutes=minutes), facts)


@pytest.fixture
def earlier(path: Path) -> Path:
    """A record that the version before has left."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(FIXTURE.read_text(encoding="utf-8"))
    return path


def test_an_event_comes_back_as_it_was_written(ledger: SqliteLedger, path: Path) -> None:
    ended(ledger, "e1")
    event = event_of("s1")
    assert ledger.append(event) == 3
    assert [each.content for each in held(path)][2] == event
    assert [each.sequence for each in records(path)] == [1, 2]
    assert verify(path) is None


def test_an_event_is_on_no_list_of_enrollments(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(event_of("s1"))
    assert ledger.since(NOON) == ()
    assert ledger.unsettled() == ()
    assert ledger.check_list()
    assert ledger.unsettled() == ()
    assert ledger.page(HistoryQuery(), None, 10).lines == ()
    ledger.close()
    assert SqliteLedger(path).open().created is False


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'signed_out'",
        "subject = 'person'",
        "subject_id = 's2'",
        "format = 1",
        "format = 3",
        "at = '2026-11-23T11:00:00.000000+00:00'",
        "state = 'assigned'",
        "enrollment_id = 's1'",
        "facts = '{}'",
        "subject = '', subject_id = '', format = 1",
    ],
)
def test_every_column_of_an_event_counts(ledger: SqliteLedger, path: Path, change: str) -> None:
    ended(ledger, "e1")
    ledger.append(event_of("s1"))
    ledger.append(event_of("s1", EventName.SIGNED_OUT, 5))
    ledger.close()
    with raw(path) as db:
        db.execute("UPDATE events SET " + change + " WHERE sequence = 3")  # noqa: S608
    fault = verify(path)
    assert fault is not None
    assert (fault.sequence, fault.why) == (3, Why.CHANGED)


@pytest.mark.parametrize("change", ["subject = 'session'", "subject_id = 's'", "format = 2"])
def test_an_entry_of_an_enrollment_cannot_become_an_event(
    ledger: SqliteLedger, path: Path, change: str
) -> None:
    ended(ledger, "e1")
    ledger.close()
    with raw(path) as db:
        db.execute("UPDATE events SET " + change + " WHERE sequence = 2")  # noqa: S608
    fault = verify(path)
    assert fault is not None
    assert (fault.sequence, fault.why) == (2, Why.CHANGED)


def test_a_blanked_event_that_no_erasure_lists_is_found(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(event_of("s1"))
    ended(ledger, "e1")
    ledger.close()
    with raw(path) as db:
        db.execute(f"{BLANK}1")
        db.execute("UPDATE events SET subject = '', subject_id = '' WHERE sequence = 1")
    fault = verify(path)
    assert fault is not None
    assert (fault.sequence, fault.why) == (1, Why.BLANK)


def test_the_triggers_keep_events_as_they_are(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(event_of("s1"))
    ledger.close()
    with closing(sqlite3.connect(path)) as db:
        for statement in (
            "UPDATE events SET subject_id = 's2'",
            "UPDATE events SET format = 1",
            f"{BLANK}1",  # the subject would be left
            "DELETE FROM events",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)


# A record of the version before ---------------------------------------------------------------


def test_a_record_of_the_version_before_is_read_where_it_cannot_be_changed(earlier: Path) -> None:
    report = examine(earlier, [RECEIPT, LAST])
    assert report.whole
    assert report.head == LAST
    assert [each.sequence for each in held(earlier)] == [1, 2, 3, 4, 5, 6, 7]
    with closing(sqlite3.connect(earlier)) as db:
        assert schema.version_of(db) == 9


def test_a_record_of_the_version_before_goes_on(earlier: Path) -> None:
    ledger = SqliteLedger(earlier)
    assert ledger.open().created is False
    assert {entry.enrollment_id for entry in ledger.unsettled()} == {"open"}
    ledger.append(event_of("s1", minutes=50))
    ledger.append(state_of("open", State.ASSIGNED, 51))
    assert ledger.erase(order(31), nothing).enrollments == 1  # the erasure spares the event
    ledger.close()
    report = examine(earlier, [RECEIPT, LAST])
    assert report.whole
    assert report.head.sequence == 10
    with closing(sqlite3.connect(earlier)) as db:
        assert schema.version_of(db) == schema.VERSION > 9


def test_the_version_before_refuses_what_this_one_writes(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of the version before is the present one, with the number that it knew."""
    ledger.append(event_of("s1"))
    ledger.close()
    before = path.read_bytes()
    monkeypatch.setattr(schema, "VERSION", 9)
    with pytest.raises(LedgerUnreadable, match="version 10, known up to 9"):
        SqliteLedger(path).open()
    with pytest.raises(LedgerUnreadable, match="version 10, known up to 9"):
        verify(path)
    assert path.read_bytes() == before


# The bytes of each hash -----------------------------------------------------------------------


def test_the_text_of_a_hash_is_as_it_was_published() -> None:
    """Both formats, letter by letter: another program computes them in another language."""
    entry = Row("e1", "state", "assigned", "2026-11-23T12:00:00.000000+00:00", '{"a":"b"}')
    event = Row(
        "", "signed_in", "", "2026-11-23T12:00:00.000000+00:00", "{}", 2, "session", "s\u00e9"
    )
    previous = bytes(range(32))
    assert hashed_bytes(previous, 7, entry) == previous + (
        b'[7,"e1","state","assigned","2026-11-23T12:00:00.000000+00:00","{\\"a\\":\\"b\\"}"]'
    )
    assert hashed_bytes(previous, 8, event) == previous + (
        b'[2,8,"session","s\\u00e9","signed_in","2026-11-23T12:00:00.000000+00:00","{}"]'
    )
    assert link(previous, 8, event) == hashlib.sha256(hashed_bytes(previous, 8, event)).digest()


def test_the_hashed_bytes_of_each_place_can_be_had(ledger: SqliteLedger, path: Path) -> None:
    ended(ledger, "e1")
    ledger.append(event_of("s1", minutes=9))
    ledger.erase(order(5), nothing)
    found = list(hashed_rows(path))
    assert [each.text is None for each in found] == [True, True, False, False]
    previous = bytes(32)
    for each in found:
        assert each.previous == previous
        if each.text is not None:
            assert hashlib.sha256(previous + each.text.encode("ascii")).digest() == each.hash
        previous = each.hash


@pytest.mark.parametrize("version", ["before", "present"])
def test_the_hashed_texts_are_exported(
    earlier: Path, capsysbinary: pytest.CaptureFixture[bytes], version: str
) -> None:
    if version == "present":
        ledger = SqliteLedger(earlier)
        ledger.append(event_of("s1", minutes=50))
        ledger.close()
    assert _run("export", "--format", "hashed", str(earlier)) == ledger_cli.WHOLE
    lines = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        if line["text"] is not None:
            whole = bytes.fromhex(line["previous"]) + line["text"].encode()
            assert hashlib.sha256(whole).hexdigest() == line["hash"]
    assert [line["format"] for line in lines] == [1] * 7 + [2] * (len(lines) - 7)
    assert lines[6]["hash"] == LAST.hash


# The commands ---------------------------------------------------------------------------------


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenant", default="")
    ledger_cli.add_arguments(parser)
    return ledger_cli.run_from(parser.parse_args(words), {})


def test_events_are_shown_and_exported(
    ledger: SqliteLedger, path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    ended(ledger, "e1")
    ledger.append(event_of("s1"))
    ledger.close()
    assert _run("show", str(path)) == 0
    shown = capsysbinary.readouterr().out.decode()
    assert "signed_in  session s1" in shown
    assert "operator_name: Olive Operator" in shown
    assert _run("export", "--format", "jsonl", str(path)) == 0
    line = json.loads(capsysbinary.readouterr().out.splitlines()[-1])
    assert (line["kind"], line["subject"]) == ("signed_in", {"kind": "session", "id": "s1"})
    assert _run("export", "--format", "csv", str(path)) == 0
    last = capsysbinary.readouterr().out.decode("utf-8-sig").splitlines()[-1]
    assert "signed_in" in last
    assert "olive@desk.example" in last
    assert "session" in last


def test_an_event_of_a_later_version_of_the_program_is_still_shown(
    ledger: SqliteLedger, path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    ledger.append(StationEvent(Subject(SubjectKind.TOKEN, "d1"), "token_lost", NOON))
    assert isinstance(next(iter(held(path))).content, StationEvent)
    assert _run("show", str(path)) == 0
    assert b"token_lost  token d1" in capsysbinary.readouterr().out


# The history ----------------------------------------------------------------------------------


def test_events_are_paged_newest_first(ledger: SqliteLedger) -> None:
    for number in range(7):
        ended(ledger, f"e{number}", number)
        ledger.append(event_of(f"s{number}", minutes=number))
    first = ledger.page(EVERYTHING, None, 3)
    assert [found.event.subject.id for found in first.events] == ["s6", "s5", "s4"]
    assert first.lines == ()
    second = ledger.page(EVERYTHING, first.following, 3)
    third = ledger.page(EVERYTHING, second.following, 3)
    assert [found.event.subject.id for found in third.events] == ["s0"]
    assert third.following is None


def test_events_are_found_by_word_operator_and_day(ledger: SqliteLedger) -> None:
    ledger.append(event_of("s1"))
    ledger.append(event_of("s2", minutes=60))
    other = StationEvent(
        Subject(SubjectKind.JOB, "j1"),
        EventName.FILE_IMPORTED,
        NOON + timedelta(minutes=90),
        {
            "operator_name": "Zo\u00eb",
            "operator_upn": "zoe@desk.example",
            "file": "Seeds \u00c4.csv",
        },
    )
    ledger.append(other)

    def found(**wanted: object) -> list[str]:
        query = HistoryQuery(scope=HistoryScope.STATION, **wanted)  # type: ignore[arg-type]
        return [each.event.subject.id for each in ledger.page(query, None, 10).events]

    assert found(text="zoe") == ["j1"]
    assert found(text="seeds a") == ["j1"]
    assert found(operator="olive@desk.example") == ["s2", "s1"]
    assert found(since=NOON + timedelta(minutes=30)) == ["j1", "s2"]
    assert found(until=NOON + timedelta(minutes=30)) == ["s1"]


def test_events_that_are_listed_are_exported(ledger: SqliteLedger, tmp_path: Path) -> None:
    ended(ledger, "e1")
    for number in range(3):
        ledger.append(event_of(f"s{number}", minutes=number))
    target = tmp_path / "out.jsonl"
    assert ledger.export(EVERYTHING, ExportForm.JSON_LINES, str(target), nothing) == 3
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["subject"]["id"] for line in lines] == ["s2", "s1", "s0"]


# Erasing --------------------------------------------------------------------------------------


def test_events_are_erased_as_enrollments_are(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(event_of("s1"))
    ended(ledger, "e1", 1)
    ledger.append(event_of("s1", EventName.SIGNED_OUT, 2))
    ledger.append(event_of("s2", minutes=30))
    done = ledger.erase(order(10), nothing)
    assert (done.enrollments, done.events, done.entries) == (1, 2, 4)
    assert [found.event.subject.id for found in ledger.page(EVERYTHING, None, 9).events] == ["s2"]
    ledger.close()
    assert verify(path) is None
    assert b"s1" not in path.read_bytes()
    assert path.read_bytes().count(b"olive@desk.example") == 1


def test_erasing_again_finds_no_event_twice(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(event_of("s1"))
    assert ledger.erase(order(10), nothing).events == 1
    assert ledger.erase(order(10), nothing).entries == 0
    days = (LATER - NOON).days
    ledger.append(event_of("s2", minutes=days * 24 * 60 + 1))
    much_later = EraseOrder(before=LATER + timedelta(days=1), at=LATER + timedelta(days=400))
    assert ledger.erase(much_later, nothing).events == 1
    assert verify(path) is None


def test_an_erasure_that_was_cut_short_leaves_a_sound_record(
    ledger: SqliteLedger, path: Path
) -> None:
    """More events and enrollments than one transaction takes, in turns, ended after each step."""
    for number in range(40):
        ended(ledger, f"e{number}", number)
        ledger.append(event_of(f"s{number}", minutes=number))
    ledger.append(event_of("last", minutes=500))
    steps = 0

    class _Stopped(Exception):
        pass

    def stop(_count: int) -> None:
        raise _Stopped

    while True:
        try:
            ledger.erase(order(100), stop)
        except _Stopped:
            steps += 1
            assert verify(path) is None
            if steps < 10:
                continue
        break
    assert steps > 2
    ledger.erase(order(100), nothing)
    assert verify(path) is None
    left = [each.content for each in held(path) if isinstance(each.content, Entry | StationEvent)]
    assert left == [event_of("last", minutes=500)]


def test_a_forged_erasure_of_an_event_is_found(ledger: SqliteLedger, path: Path) -> None:
    """Hiding a late event behind the oldest limit contradicts the events that were left."""
    ledger.append(event_of("s1"))
    ended(ledger, "e1", 1)
    ledger.append(event_of("hidden", minutes=60))
    ended(ledger, "e2", 61)
    ledger.close()
    with raw(path) as db:
        (digest,) = db.execute("SELECT hash FROM events WHERE sequence = 4").fetchone()
        forged = EraseOrder(before=NOON + timedelta(minutes=120), at=LATER)
        chain(db, erasure_row(forged, 0, [(4, digest)]))
        db.execute(f"{BLANK}4")
        db.execute("UPDATE events SET subject = '', subject_id = '' WHERE sequence = 4")
    fault = verify(path)
    assert fault is not None
    assert (fault.sequence, fault.why) == (4, Why.ERASURE)


def test_the_command_erases_events(
    ledger: SqliteLedger, path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    ledger.append(event_of("s1"))
    ledger.append(intent_of("open", 1))
    ledger.close()
    day = (NOON + timedelta(days=2)).date().isoformat()
    assert _run("erase", "--before", day, "--yes", str(path)) == 0
    said = capsysbinary.readouterr().out.decode()
    assert "Other events: 1" in said
    assert b"olive@desk.example" not in path.read_bytes()
    assert verify(path) is None
