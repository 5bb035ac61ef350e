"""Lists, searches and exports of the record, over a real file."""

import csv
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.enrollment import NEEDS_ATTENTION, State
from app.core.errors import ExportFailed, LedgerUnreadable
from app.core.history import ExportForm, HistoryQuery, KnownOperator
from app.core.record import Entry, Line
from app.ledger import SqliteLedger, schema
from tests.ledger.records import NOON, as_version, intent_of, raw, state_of
from tests.support.access import is_private

PEOPLE = ("Zoë Ångström", "Siobhán O’Brien", "山田 太郎", "Đặng Thị Minh Khai")


def of(enrollment_id: str, minutes: int = 0, **facts: str) -> Entry:
    plain = intent_of(enrollment_id, minutes)
    changed = {**plain.facts, **facts}
    return Entry(plain.enrollment_id, plain.kind, plain.state, plain.at, changed)


def names(lines: tuple[Line, ...]) -> list[str]:
    return [line.enrollment_id for line in lines]


@pytest.fixture
def found(ledger: SqliteLedger) -> Callable[..., list[str]]:
    """The ids that a query finds, on one page."""

    def find(query: HistoryQuery) -> list[str]:
        return names(ledger.page(query, None, 1000).lines)

    return find


@pytest.fixture
def people(ledger: SqliteLedger) -> SqliteLedger:
    """Four enrollments, e0 to e3, an hour apart, of two operators."""
    for number, person in enumerate(PEOPLE):
        desk = number % 2
        ledger.append(
            of(
                f"e{number}",
                60 * number,
                person_name=person,
                person_upn=f"p{number}@desk.example",
                serial_number=f"86590610{number:04}",
                operator_name=f"Operator {desk}",
                operator_upn=f"op{desk}@desk.example",
            )
        )
    ledger.append(state_of("e0", State.ACTIVATED, 1))
    ledger.append(state_of("e1", State.UNSETTLED, 61))
    ledger.append(state_of("e2", State.ASSIGNED, 121))
    return ledger


def test_the_newest_comes_first_with_its_latest_state(
    people: SqliteLedger, found: Callable[..., list[str]]
) -> None:
    assert found(HistoryQuery()) == ["e3", "e2", "e1", "e0"]
    first = people.page(HistoryQuery(), None, 10).lines[-1]
    assert (first.person_name, first.state) == (PEOPLE[0], State.ACTIVATED)
    assert first.began == NOON


def test_an_enrollment_that_goes_on_keeps_its_place(
    people: SqliteLedger, found: Callable[..., list[str]]
) -> None:
    people.append(state_of("e0", State.UNSETTLED, 600))
    assert found(HistoryQuery())[-1] == "e0"


def test_pages_join_without_gap_or_overlap(ledger: SqliteLedger) -> None:
    for number in range(95):
        ledger.append(intent_of(f"e{number:03}"))
    seen: list[str] = []
    after: int | None = None
    while True:
        page = ledger.page(HistoryQuery(), after, 20)
        seen += names(page.lines)
        if page.following is None:
            break
        after = page.following
        ledger.append(intent_of(f"late{len(seen)}"))  # what comes meanwhile shifts nothing
    assert seen == [f"e{number:03}" for number in reversed(range(95))]


def test_a_page_that_is_exactly_full_has_no_next(ledger: SqliteLedger) -> None:
    for number in range(20):
        ledger.append(intent_of(f"e{number}"))
    assert ledger.page(HistoryQuery(), None, 20).following is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoe ang", ["e0"]),
        ("ANGSTROM", ["e0"]),
        ("obrien", ["e1"]),
        ("o'brien", ["e1"]),
        ("山", ["e2"]),
        ("dang khai", ["e3"]),
        ("p2@desk", ["e2"]),
        ("0610 0003", ["e3"]),
        ("op0@ operator", ["e2", "e0"]),
        ("op1@", ["e3", "e1"]),
        ("p nobody", []),
        ("%", []),
        ("_", []),
        ("*", []),
        ("?", []),
        ("[a-z]", []),
        ("' OR 1=1 --", []),
        ("   ", ["e3", "e2", "e1", "e0"]),
    ],
)
def test_words_are_found_without_case_accents_or_wildcards(
    people: SqliteLedger, found: Callable[..., list[str]], text: str, expected: list[str]
) -> None:
    assert found(HistoryQuery(text=text)) == expected


def test_filters_by_state_operator_and_day_narrow_each_other(
    people: SqliteLedger, found: Callable[..., list[str]]
) -> None:
    assert found(HistoryQuery(states=NEEDS_ATTENTION)) == ["e1"]
    assert found(HistoryQuery(states=frozenset({State.ACTIVATED, State.ASSIGNED}))) == ["e2", "e0"]
    assert found(HistoryQuery(operator="op1@desk.example")) == ["e3", "e1"]
    hour = timedelta(hours=1)
    assert found(HistoryQuery(since=NOON + hour, until=NOON + 3 * hour)) == ["e2", "e1"]
    both = HistoryQuery(operator="op1@desk.example", states=NEEDS_ATTENTION, text="brien")
    assert found(both) == ["e1"]
    assert found(HistoryQuery(operator="op0@desk.example", text="brien")) == []


def test_operators_are_told_once_each_by_name(people: SqliteLedger) -> None:
    people.append(of("e9", operator_upn="op0@desk.example", operator_name="Anna New Name"))
    assert people.operators() == (
        KnownOperator("op0@desk.example", "Anna New Name"),
        KnownOperator("op1@desk.example", "Operator 1"),
    )


def test_an_empty_record_has_no_page_and_no_operator(ledger: SqliteLedger) -> None:
    assert ledger.page(HistoryQuery(text="a"), None, 10).lines == ()
    assert ledger.operators() == ()


def test_the_second_attempt_of_another_operator_belongs_to_that_one(
    ledger: SqliteLedger, found: Callable[..., list[str]]
) -> None:
    ledger.append(of("a", operator_upn="first@desk.example"))
    ledger.append(state_of("a", State.NOT_DONE))
    ledger.append(of("a", operator_upn="second@desk.example", attempt="2"))
    assert found(HistoryQuery(operator="second@desk.example")) == ["a"]
    assert found(HistoryQuery(operator="first@desk.example")) == []


def test_a_clock_set_back_changes_no_order(
    ledger: SqliteLedger, found: Callable[..., list[str]]
) -> None:
    ledger.append(intent_of("before", 0))
    ledger.append(intent_of("after", -60 * 24 * 365))
    assert found(HistoryQuery()) == ["after", "before"]


def test_reading_waits_for_no_writer(people: SqliteLedger, path: Path) -> None:
    with raw(path) as db:
        db.execute("BEGIN IMMEDIATE")
        assert len(people.page(HistoryQuery(), None, 10).lines) == 4
        db.execute("ROLLBACK")


def test_pages_are_read_from_several_threads(people: SqliteLedger) -> None:
    seen: list[int] = []

    def read() -> None:
        seen.extend(len(people.page(HistoryQuery(), None, 10).lines) for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [4] * 80


# A file of an earlier version, and one whose table lags ----------------------------------------

OLD_TABLE = schema.MIGRATIONS[0][-4:]


def _as_version_1(path: Path) -> None:
    with raw(path) as db:
        db.execute("DROP TABLE enrollments")
        for statement in OLD_TABLE:
            db.execute(statement)
        as_version(db, 1)


def _lagging(path: Path) -> None:
    with raw(path) as db:
        db.execute("DELETE FROM enrollments WHERE rowid > 1")


def _as_version_2(path: Path) -> None:
    """Before tokens were taken back: the same tables, and none of the later states."""
    with raw(path) as db:
        as_version(db, 2)


@pytest.mark.parametrize("harm", [_as_version_1, _as_version_2, _lagging])
def test_the_table_derived_anew_is_the_one_that_was_written(
    people: SqliteLedger, path: Path, harm: Callable[[Path], None]
) -> None:
    people.close()
    with raw(path) as db:
        before = db.execute("SELECT * FROM enrollments").fetchall()
    harm(path)

    people.open()

    with raw(path) as db:
        assert db.execute("SELECT * FROM enrollments").fetchall() == before
    assert people.verify() is None


def test_events_that_were_tampered_with_do_not_keep_the_record_from_opening(
    people: SqliteLedger, path: Path
) -> None:
    people.close()
    with raw(path) as db:
        db.execute("""UPDATE events SET facts = '{"person_name"' WHERE sequence = 1""")
        db.execute("""UPDATE events SET facts = '["person_name"]' WHERE sequence = 2""")
        db.execute("UPDATE events SET at = 'yesterday' WHERE sequence = 3")
        db.execute("UPDATE events SET facts = CAST(x'ff22706572736f6e' AS TEXT) WHERE sequence = 4")
        db.execute("DELETE FROM enrollments")

    people.open()

    assert names(people.page(HistoryQuery(states=NEEDS_ATTENTION), None, 0).lines) == []
    assert people.verify() is not None


def test_a_page_of_damaged_entries_is_an_error_of_the_ledger(
    people: SqliteLedger, path: Path
) -> None:
    with raw(path) as db:
        db.execute("UPDATE events SET facts = '{' WHERE sequence = 1")
    with pytest.raises(LedgerUnreadable, match="entry 1"):
        people.page(HistoryQuery(), None, 10)


def test_a_closed_ledger_tells_no_history(people: SqliteLedger) -> None:
    people.close()
    with pytest.raises(LedgerUnreadable, match="closed"):
        people.page(HistoryQuery(), None, 10)


def test_a_file_that_was_set_aside_is_read_no_more(
    people: SqliteLedger, path: Path, found: Callable[..., list[str]]
) -> None:
    assert len(found(HistoryQuery())) == 4
    people.close()
    path.write_text("something else took its place\n" * 40)
    people.open()
    assert found(HistoryQuery()) == []


# Exports ---------------------------------------------------------------------------------------


def _no_matter(_count: int) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "documents"
    yield made
    assert not list(made.glob("*.part")) if made.is_dir() else True


def test_an_export_holds_what_the_query_finds_and_nothing_else(
    people: SqliteLedger, folder: Path
) -> None:
    people.append(of("e9", person_name="=HYPERLINK(1)"))
    told: list[int] = []
    path = folder / "out.csv"
    query = HistoryQuery(states=NEEDS_ATTENTION | {State.RECORDING})

    count = people.export(query, ExportForm.CSV, str(path), told.append)

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["enrollment_id"] for row in rows] == ["e9", "e3", "e1", "e1"]
    assert rows[0]["person_name"] == "'=HYPERLINK(1)"
    assert (count, told[-1]) == (4, 4)
    assert is_private(path)


def test_an_export_for_programs_keeps_every_text(people: SqliteLedger, folder: Path) -> None:
    path = folder / "out.jsonl"
    people.export(HistoryQuery(text="zoe"), ExportForm.JSON_LINES, str(path), _no_matter)
    objects = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [each["facts"].get("person_name") for each in objects] == [PEOPLE[0], None]


def test_a_long_export_goes_batch_by_batch_and_tells_how_far_it_is(
    ledger: SqliteLedger, folder: Path
) -> None:
    for number in range(450):
        ledger.append(intent_of(f"e{number}"))
    told: list[int] = []
    path = folder / "out.jsonl"
    assert ledger.export(HistoryQuery(), ExportForm.JSON_LINES, str(path), told.append) == 450
    assert told == [200, 400, 450]


def test_an_export_that_is_stopped_leaves_no_file(people: SqliteLedger, folder: Path) -> None:
    def stop(_count: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        people.export(HistoryQuery(), ExportForm.CSV, str(folder / "out.csv"), stop)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_of(people: SqliteLedger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportFailed, match="out"):
        people.export(
            HistoryQuery(), ExportForm.CSV, str(tmp_path / "file" / "out.csv"), _no_matter
        )
