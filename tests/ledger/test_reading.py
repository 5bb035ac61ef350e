from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core.enrollment import State
from app.core.errors import LedgerUnreadable
from app.ledger import Fault, SqliteLedger, Why, records, verify
from tests.ledger.records import intent_of, raw, state_of


@pytest.fixture
def written(ledger: SqliteLedger, path: Path) -> Path:
    """A closed ledger of ten entries."""
    for name in "abcde":
        ledger.append(intent_of(name))
        ledger.append(state_of(name, State.ASSIGNED))
    ledger.close()
    return path


def test_an_untouched_record_verifies(written: Path) -> None:
    assert verify(written) is None


def test_an_empty_record_verifies(ledger: SqliteLedger) -> None:
    assert ledger.verify() is None


@pytest.mark.parametrize(
    "change",
    [
        "enrollment_id = 'other'",
        "kind = 'state'",
        "state = 'activated'",
        "at = '2026-11-23T12:00:00.000001+00:00'",
        "facts = replace(facts, '123456', '654321')",
        "facts = facts || ' '",
        "facts = '{'",
        "facts = 7",
        "facts = x'ff'",
        "hash = zeroblob(32)",
        "hash = 'text'",
    ],
)
def test_a_changed_entry_is_named(written: Path, change: str) -> None:
    with raw(written) as db:
        db.execute(f"UPDATE events SET {change} WHERE sequence = 5")  # noqa: S608 - listed above

    assert verify(written) == Fault(5, Why.CHANGED)


def test_a_removed_entry_is_named(written: Path) -> None:
    with raw(written) as db:
        db.execute("DELETE FROM events WHERE sequence = 4")

    assert verify(written) == Fault(4, Why.MISSING)


def test_a_removed_entry_is_named_though_the_gap_was_closed(written: Path) -> None:
    with raw(written) as db:
        db.execute("DELETE FROM events WHERE sequence = 4")
        for sequence in range(5, 11):
            db.execute(
                "UPDATE events SET sequence = ? WHERE sequence = ?", (sequence - 1, sequence)
            )

    assert verify(written) == Fault(4, Why.CHANGED)


def test_reordered_entries_are_named(written: Path) -> None:
    with raw(written) as db:
        for old, new in ((3, 99), (6, 3), (99, 6)):
            db.execute("UPDATE events SET sequence = ? WHERE sequence = ?", (new, old))

    assert verify(written) == Fault(3, Why.CHANGED)


def test_a_missing_tail_is_named(written: Path) -> None:
    with raw(written) as db:
        db.execute("DELETE FROM events WHERE sequence > 8")

    assert verify(written) == Fault(9, Why.MISSING)


def test_a_missing_tail_is_still_named_when_work_went_on(written: Path) -> None:
    with raw(written) as db:
        db.execute("DELETE FROM events WHERE sequence > 8")

    ledger = SqliteLedger(written)
    assert ledger.append(intent_of("later")) == 11
    assert ledger.verify() == Fault(9, Why.MISSING)
    ledger.close()


def test_an_entry_put_in_past_the_ledger_is_named(written: Path) -> None:
    with raw(written) as db:
        db.execute(
            "INSERT INTO events SELECT 11, 'x', kind, state, at, facts, hash, format, '', '' "
            "FROM events WHERE sequence = 10"
        )

    assert verify(written) == Fault(11, Why.CHANGED)


def test_a_changed_head_is_named(written: Path) -> None:
    with raw(written) as db:
        db.execute("UPDATE head SET hash = zeroblob(32)")

    assert verify(written) == Fault(10, Why.CHANGED)


def test_a_flipped_byte_in_the_file_names_its_entry(written: Path) -> None:
    content = bytearray(written.read_bytes())
    spot = content.rindex(b'0000123456"')  # pages fill from the end: the first intent
    content[spot] ^= 0x01
    written.write_bytes(content)

    assert verify(written) == Fault(1, Why.CHANGED)


def events_of(path: Path) -> list[tuple[object, ...]]:
    with raw(path) as db:
        return list(db.execute("SELECT * FROM events ORDER BY sequence"))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(position=330.5 / 2091, bit=3)
def test_no_flipped_bit_of_an_event_goes_unnoticed(
    written: Path, position: float, bit: int
) -> None:
    """SQLite ignores a byte a row, the type of its key's own column: nothing is changed by it."""
    whole, events = written.read_bytes(), events_of(written)
    first, last = whole.index(b"intentrecording2026"), whole.rindex(b'0000123456"')
    changed = bytearray(whole)
    changed[first + int(position * (last - first))] ^= 1 << bit
    written.write_bytes(changed)
    try:
        assert verify(written) is not None or events_of(written) == events
    finally:
        written.write_bytes(whole)


def test_a_page_that_cannot_be_read_is_a_fault_with_a_number(
    ledger: SqliteLedger, path: Path
) -> None:
    for index in range(200):
        ledger.append(intent_of(f"enrollment-{index}"))
    ledger.close()
    content = bytearray(path.read_bytes())
    page = content.index(b"enrollment-150intent") // 4096 * 4096
    content[page : page + 4096] = bytes(4096)
    path.write_bytes(content)

    fault = verify(path)

    assert fault is not None
    assert fault.why in {Why.UNREADABLE, Why.MISSING}


def test_records_are_told_in_order_with_their_hash(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("b"))
    ledger.append(intent_of("a"))

    found = list(records(path))

    assert [(item.sequence, item.entry.enrollment_id) for item in found] == [(1, "b"), (2, "a")]
    assert len({item.hash for item in found}) == 2


def test_reading_does_not_hold_up_an_append(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("a"))
    ledger.append(intent_of("b"))
    walk = records(path)
    next(walk)

    assert ledger.append(intent_of("c")) == 3
    assert [item.sequence for item in walk] == [2]


def test_an_entry_of_an_unknown_state_is_said_to_be_unreadable(written: Path) -> None:
    with raw(written) as db:
        db.execute("UPDATE events SET state = 'levitating' WHERE sequence = 2")

    with pytest.raises(LedgerUnreadable, match="entry 2"):
        list(records(written))


def _missing(path: Path) -> None:
    path.unlink()


def _text(path: Path) -> None:
    path.write_text("no database at all, just text " * 50)


def _newer(path: Path) -> None:
    with raw(path) as db:
        db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("harm", [_missing, _text, _newer])
def test_what_is_no_ledger_is_not_verified_and_not_made(
    written: Path, harm: Callable[[Path], None]
) -> None:
    harm(written)
    before = sorted(written.parent.iterdir())

    with pytest.raises(LedgerUnreadable):
        verify(written)

    assert sorted(written.parent.iterdir()) == before
