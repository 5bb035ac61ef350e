import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.enrollment import OPEN, State
from app.core.errors import LedgerUnwritable
from app.core.model import Link, Operation, Proof, Reason
from app.core.ports import Ledger
from app.core.record import Entry, EntryKind, due_work, interrupted, lines
from app.ledger import SqliteLedger
from tests.ledger.records import INTENT_FACTS, NOON, as_version, intent_of, raw, state_of
from tests.support.access import is_private, under_wine


def test_it_fulfils_the_port(ledger: SqliteLedger) -> None:
    port: Ledger = ledger
    assert port.append(intent_of("a")) == 1


def test_entries_are_numbered_from_one_across_restarts(ledger: SqliteLedger, path: Path) -> None:
    assert [ledger.append(intent_of("a")), ledger.append(intent_of("b"))] == [1, 2]
    ledger.close()

    again = SqliteLedger(path)
    assert again.append(intent_of("c")) == 3
    again.close()


def test_what_was_appended_comes_back_as_it_was(ledger: SqliteLedger) -> None:
    entries = (intent_of("a"), state_of("a", State.CONFIRMING, 1))
    for entry in entries:
        ledger.append(entry)

    assert ledger.since(NOON) == entries
    assert ledger.timeline("a") == entries
    assert lines(ledger.since(NOON))[0].person_name == "Zoë Ångström 王"


def test_half_a_surrogate_pair_from_a_server_is_recorded(ledger: SqliteLedger) -> None:
    odd = Entry("a", EntryKind.STATE, State.NOT_DONE, NOON, {"evidence.Message": "\ud83d"})

    ledger.append(odd)

    assert ledger.timeline("a") == (odd,)


def test_since_tells_the_whole_story_of_an_enrollment_touched_later(ledger: SqliteLedger) -> None:
    ledger.append(intent_of("old"))
    ledger.append(intent_of("touched"))
    ledger.append(state_of("touched", State.ASSIGNED, 60))

    found = ledger.since(NOON + timedelta(minutes=30))

    assert [entry.enrollment_id for entry in found] == ["touched", "touched"]


def test_a_moment_itself_counts_as_since(ledger: SqliteLedger) -> None:
    ledger.append(intent_of("a"))

    assert len(ledger.since(NOON)) == 1
    assert ledger.since(NOON + timedelta(microseconds=1)) == ()


def test_unsettled_tells_what_never_came_to_rest(ledger: SqliteLedger) -> None:
    for name in ("open", "done", "stuck", "half", "waiting", "blocked", "withdrawn"):
        ledger.append(intent_of(name))
    ledger.append(state_of("done", State.ACTIVATED))
    ledger.append(state_of("stuck", State.UNSETTLED))
    ledger.append(state_of("half", State.HALF_DONE))
    ledger.append(state_of("waiting", State.STAGED))
    ledger.append(state_of("blocked", State.BLOCKED))
    ledger.append(state_of("withdrawn", State.WITHDRAWN))

    found = dict.fromkeys(entry.enrollment_id for entry in ledger.unsettled())
    assert list(found) == ["open", "stuck", "waiting"]


def test_an_enrollment_tried_again_is_unsettled_again(ledger: SqliteLedger) -> None:
    ledger.append(intent_of("a"))
    ledger.append(state_of("a", State.NOT_DONE))
    ledger.append(intent_of("a", 5))

    assert len(ledger.unsettled()) == 3


def test_order_is_kept_by_sequence_when_the_clock_goes_back_a_year(ledger: SqliteLedger) -> None:
    year = timedelta(days=365)
    early = Entry("a", EntryKind.STATE, State.ASSIGNED, NOON - year)
    ledger.append(intent_of("a"))
    ledger.append(early)

    found = ledger.since(NOON)

    assert found == (intent_of("a"), early)
    assert lines(found)[0].state is State.ASSIGNED
    assert ledger.unsettled() == ()
    assert ledger.verify() is None


def test_a_moment_without_a_zone_is_refused_and_nothing_is_written(ledger: SqliteLedger) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the very thing that is refused

    with pytest.raises(ValueError, match="zone"):
        ledger.append(Entry("a", EntryKind.INTENT, State.RECORDING, naive))

    assert ledger.append(intent_of("a")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET state = 'assigned' WHERE sequence = 1",
        "DELETE FROM events WHERE sequence = 1",
        "INSERT OR REPLACE INTO events VALUES (1, 'x', 'state', '', '', '{}', x'00', 1, '', '')",
        "INSERT INTO events VALUES (0, 'x', 'state', 'assigned', '', '{}', x'00', 1, '', '')",
    ],
)
def test_sql_cannot_change_what_was_written(
    ledger: SqliteLedger, path: Path, statement: str
) -> None:
    ledger.append(intent_of("a"))

    with sqlite3.connect(path) as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()

    assert ledger.verify() is None


def test_the_file_is_flushed_on_every_commit(ledger: SqliteLedger) -> None:
    assert ledger._db is not None

    assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_only_its_owner_can_read_the_record(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("a"))

    found = {file.name: is_private(file) for file in path.parent.iterdir()}
    names = ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"]
    assert sorted(found) == sorted(names)
    if under_wine():  # files there do not inherit the access list of their folder
        names = names[:1]
    assert all(found[name] for name in names)
    assert is_private(path.parent)


def test_a_closed_ledger_takes_nothing(ledger: SqliteLedger) -> None:
    ledger.close()

    with pytest.raises(LedgerUnwritable, match="closed"):
        ledger.append(intent_of("a"))


def test_threads_append_without_losing_or_doubling_a_number(ledger: SqliteLedger) -> None:
    numbers: list[int] = []

    def work(name: str) -> None:
        numbers.extend(ledger.append(intent_of(f"{name}{index}")) for index in range(20))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 81))
    assert ledger.verify() is None


def test_two_programs_may_append_to_one_file(ledger: SqliteLedger, path: Path) -> None:
    other = SqliteLedger(path)

    assert [ledger.append(intent_of("a")), other.append(intent_of("b"))] == [1, 2]
    assert ledger.append(intent_of("c")) == 3
    assert ledger.verify() is None
    other.close()


def test_a_write_lock_held_elsewhere_is_an_error_that_changes_nothing(
    ledger: SqliteLedger, path: Path
) -> None:
    assert ledger._db is not None
    ledger._db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerUnwritable, match="locked"):
        ledger.append(intent_of("a"))
    other.close()

    assert ledger.append(intent_of("a")) == 1


@pytest.mark.parametrize("query", ["since", "unsettled"])
def test_the_list_is_found_by_index(ledger: SqliteLedger, query: str) -> None:
    from app.ledger import store  # noqa: PLC0415 - its SQL is looked at here alone

    sql = {"since": store._SINCE, "unsettled": store._UNSETTLED}[query]
    assert ledger._db is not None
    arguments = ("",) * sql.count("?")
    plan = [row[3] for row in ledger._db.execute(f"EXPLAIN QUERY PLAN {sql}", arguments)]

    assert all("SCAN" not in step for step in plan)


_entries = st.builds(
    Entry,
    enrollment_id=st.sampled_from("abc"),
    kind=st.sampled_from(EntryKind),
    state=st.sampled_from(State),
    at=st.integers(-1000, 1000).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    facts=st.dictionaries(st.text(max_size=5), st.text(st.characters(), max_size=20), max_size=3),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(_entries, max_size=12), minute=st.integers(-1000, 1000))
def test_it_tells_the_same_as_a_list_in_memory(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], minute: int
) -> None:
    moment = NOON + timedelta(minutes=minute)
    ledger = SqliteLedger(tmp_path_factory.mktemp("model") / "ledger.sqlite")
    for entry in entries:
        ledger.append(entry)

    latest = {entry.enrollment_id: entry.state for entry in entries}
    touched = {entry.enrollment_id for entry in entries if entry.at >= moment}
    assert list(ledger.since(moment)) == [e for e in entries if e.enrollment_id in touched]
    assert list(ledger.unsettled()) == [e for e in entries if latest[e.enrollment_id] in OPEN]
    assert ledger.verify() is None
    ledger.close()


# What came after the hand-over -------------------------------------------------------------------


def _lives(ledger: SqliteLedger) -> None:
    ledger.append(intent_of("given"))
    ledger.append(state_of("given", State.ACTIVATED, 1))
    facts = INTENT_FACTS | {
        "operation": Operation.UNASSIGN.value,
        "proof": Proof.LOST.value,
        "replacement.partner": "given",
        "replacement.half": "second",
        "replacement.reason": Reason.LOST.value,
    }
    ledger.append(Entry("due", EntryKind.DUE, State.DUE, NOON + timedelta(minutes=2), facts))


def test_what_is_due_is_open_until_it_rests(ledger: SqliteLedger) -> None:
    _lives(ledger)
    assert {entry.enrollment_id for entry in ledger.unsettled()} == {"due"}
    ((second, since),) = due_work(ledger.unsettled())
    assert second.link == Link("given", Reason.LOST, second=True)
    assert since == NOON + timedelta(minutes=2)
    ledger.append(state_of("due", State.RETURNED, 3))
    assert list(ledger.unsettled()) == []


def test_a_record_from_before_tokens_were_taken_back_reads_as_it_did_and_goes_on(
    path: Path,
) -> None:
    with closing(SqliteLedger(path)) as before:
        before.append(intent_of("old"))
        before.append(state_of("old", State.CONFIRMING, 1))
    with raw(path) as db:
        as_version(db, 2)
    with closing(SqliteLedger(path)) as ledger:
        (line,) = lines(ledger.timeline("old"))
        assert (line.operation, line.proof, line.link) == (Operation.ASSIGN, None, None)
        ((found, _),) = interrupted(ledger.unsettled())
        assert (found.state, found.wanted, found.takes_back) == (State.CONFIRMING, None, False)
        _lives(ledger)
        assert ledger.verify() is None


def test_what_is_due_is_carried_over_from_a_damaged_file(path: Path) -> None:
    with closing(SqliteLedger(path)) as ledger:
        _lives(ledger)
    with raw(path) as db:
        db.execute("DROP TABLE head")
    with closing(SqliteLedger(path, lambda: NOON)) as ledger:
        report = ledger.open()
        assert report.set_aside is not None
        assert [second.id for second, _ in due_work(ledger.unsettled())] == ["due"]
