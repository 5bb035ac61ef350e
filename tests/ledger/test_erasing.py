"""What is erased is gone from the disk; what stays can be trusted as before."""

import random
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.enrollment import OPEN, State
from app.core.errors import LedgerUnwritable
from app.core.history import HistoryQuery
from app.core.record import Entry, EntryKind
from app.core.retention import MAY_GO, Erased, EraseOrder
from app.ledger import Fault, SqliteLedger, Why, erasing, held, verify
from app.ledger.erasure import Erasure
from tests.ledger.records import (
    ALL_OLD,
    BLANK,
    INTENT_FACTS,
    LATER,
    NOON,
    ended,
    intent_of,
    nothing,
    order,
    raw,
    state_of,
)


def blank(path: Path) -> list[int]:
    return [each.sequence for each in held(path) if each.content is None]


def erasures(path: Path) -> list[Erasure]:
    return [each.content for each in held(path) if isinstance(each.content, Erasure)]


# What goes and what stays --------------------------------------------------------------------


def test_an_enrollment_that_rested_long_ago_loses_all_but_its_places_and_hashes(
    ledger: SqliteLedger, path: Path
) -> None:
    ended(ledger, "old")
    before = [each.hash for each in held(path)]

    assert ledger.erase(ALL_OLD, nothing) == Erased(enrollments=1, entries=2)

    assert blank(path) == [1, 2]
    assert [each.hash for each in held(path)][:2] == before
    assert ledger.timeline("old") == ()
    assert ledger.page(HistoryQuery(), None, 10).lines == ()
    assert ledger.page(HistoryQuery(text="Angstrom"), None, 10).lines == ()
    assert ledger.operators() == ()
    assert ledger.verify() is None


def test_the_chain_says_who_erased_what_by_which_limit(ledger: SqliteLedger, path: Path) -> None:
    for name in ("a", "b"):
        ended(ledger, name)
    ledger.append(intent_of("open"))
    ended(ledger, "c")
    by_hand = EraseOrder(ALL_OLD.before, LATER, "administrator: olga")

    ledger.erase(by_hand, nothing)

    (told,) = erasures(path)
    assert (told.order, told.at, told.erased) == (by_hand, LATER, Erased(3, 6))
    assert told.places == (range(1, 5), range(6, 8))


def test_the_limit_itself_is_not_before_the_limit(ledger: SqliteLedger) -> None:
    ended(ledger, "a", minutes=5)

    assert ledger.erase(order(5), nothing) == Erased()
    assert ledger.erase(order(6), nothing).enrollments == 1


def test_the_last_entry_counts_and_not_the_first(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("a"))
    ledger.append(state_of("a", State.ASSIGNED, 60))

    assert ledger.erase(order(30), nothing) == Erased()
    assert blank(path) == []


def test_a_clock_that_was_set_back_erases_nothing_too_early(ledger: SqliteLedger) -> None:
    ledger.append(intent_of("a", 60))
    ledger.append(state_of("a", State.ASSIGNED, 0))

    assert ledger.erase(order(30), nothing) == Erased()


@pytest.mark.parametrize("state", State)
def test_what_still_owes_an_answer_is_never_erased(ledger: SqliteLedger, state: State) -> None:
    ended(ledger, "a", state=state)

    gone = ledger.erase(ALL_OLD, nothing).enrollments

    assert gone == (state in MAY_GO)
    if state in OPEN - MAY_GO:  # what was never sent owes no answer
        assert gone == 0
        assert len(ledger.unsettled()) == 2


def test_what_was_tried_again_after_the_order_was_given_stays(ledger: SqliteLedger) -> None:
    for number in range(erasing.AT_ONCE + 1):
        ended(ledger, f"{number:03}", state=State.NOT_DONE)
    last = f"{erasing.AT_ONCE:03}"

    def tell(_count: int) -> None:
        if not ledger.timeline(last)[2:]:
            ledger.append(intent_of(last, 1))

    assert ledger.erase(ALL_OLD, tell).enrollments == erasing.AT_ONCE
    assert len(ledger.timeline(last)) == 3


def test_a_name_goes_on_after_it_was_erased(ledger: SqliteLedger, path: Path) -> None:
    ended(ledger, "a", state=State.NOT_DONE)
    ledger.erase(ALL_OLD, nothing)
    after = timedelta(days=401) // timedelta(minutes=1)
    ended(ledger, "a", after)

    assert [line.enrollment_id for line in ledger.page(HistoryQuery(), None, 9).lines] == ["a"]
    assert ledger.erase(ALL_OLD, nothing) == Erased()
    later = EraseOrder(NOON + timedelta(minutes=after + 1), LATER + timedelta(days=99))
    assert ledger.erase(later, nothing) == Erased(1, 2)
    assert blank(path) == [1, 2, 4, 5]
    assert ledger.verify() is None


def test_nothing_to_erase_writes_nothing(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("open"))

    assert ledger.erase(ALL_OLD, nothing) == Erased()
    assert [each.sequence for each in held(path)] == [1]


def test_an_entry_that_is_not_what_was_written_is_kept_as_a_proof(
    ledger: SqliteLedger, path: Path
) -> None:
    for name in ("a", "b", "c"):
        ended(ledger, name)
    with raw(path) as db:
        db.execute("UPDATE events SET state = 'activated' WHERE sequence = 4")

    assert ledger.erase(ALL_OLD, nothing) == Erased(2, 4, kept=1)
    assert ledger.verify() == Fault(4, Why.CHANGED)
    assert len(ledger.timeline("b")) == 2


def test_text_that_is_none_is_kept_too_and_stops_nothing(ledger: SqliteLedger, path: Path) -> None:
    for name in ("a", "b"):
        ended(ledger, name)
    with raw(path) as db:
        db.execute("UPDATE events SET facts = CAST(x'7bff7d' AS TEXT) WHERE sequence = 1")

    assert ledger.erase(ALL_OLD, nothing) == Erased(1, 2, kept=1)


def test_a_list_that_lies_about_a_state_erases_nothing(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(intent_of("open"))
    with raw(path) as db:
        db.execute("UPDATE enrollments SET last_state = 'activated', last_at = 0")

    assert ledger.erase(ALL_OLD, nothing) == Erased(kept=1)
    assert len(ledger.timeline("open")) == 1


# Nothing is left on the disk -----------------------------------------------------------------


PERSON = re.compile(r"(?:zo(?:ë|e|\\u00eb)|\bs)(\d{5})|(\d{5})str", re.IGNORECASE)
OPERATOR = re.compile(r"olga(\d{5})|(\d{5})berg", re.IGNORECASE)


def content(path: Path) -> str:
    """All files of the record, read in every way that text might stand in them.

    Without its zeros UTF-16 of these names is Latin-1, wherever it begins.
    """
    whole = b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    latin = whole.decode("latin-1")
    return "".join((whole.decode("utf-8", "replace"), latin, latin.replace("\0", "")))


def numbers(pattern: re.Pattern[str], text: str) -> set[int]:
    return {int(head or tail) for head, tail in pattern.findall(text)}


def person(number: int) -> str:
    return f"Zoë{number:05}ström"


def life(number: int, chance: random.Random) -> Iterator[Entry]:
    """Entries that grow the list's row as they come, each with a name nobody else has."""
    name, at = f"{chance.getrandbits(128):032x}", NOON + timedelta(minutes=number)
    told = INTENT_FACTS | {
        "person_name": person(number),
        "person_upn": f"zoë{number:05}ström@desk.example",
        "serial_number": f"S{number:05}ström",
        "operator_name": f"Olga {number // 7:05}berg",
        "operator_upn": f"olga{number // 7:05}berg@desk.example",
    }
    if chance.random() < 0.3:
        yield Entry(name, EntryKind.STAGED, State.STAGED, at, told | {"person": person(number)})
        told = told | {"person_upn": "zoë@desk.example" * chance.randint(1, 9)}
    yield Entry(name, EntryKind.INTENT, State.RECORDING, at, told)
    seen = {"evidence.Request": person(number) * chance.choice((1, 1, 1, 400))}
    yield Entry(name, EntryKind.STATE, State.CONFIRMING, at, seen)
    if chance.random() < 0.9:
        yield Entry(name, EntryKind.STATE, State.ACTIVATED, at, {})


def interleaved(count: int, chance: random.Random) -> Iterator[Entry]:
    """The entries of `count` lives, several under way at any time."""
    under_way: list[Iterator[Entry]] = []
    lives = iter(life(number, chance) for number in range(count))
    while True:
        while len(under_way) < 5 and (new := next(lives, None)) is not None:
            under_way.append(new)
        if not under_way:
            return
        chosen = chance.choice(under_way)
        entry = next(chosen, None)
        if entry is None:
            under_way.remove(chosen)
        else:
            yield entry


@pytest.mark.parametrize("seed", range(3))
def test_no_name_is_left_in_any_file_in_any_spelling(path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same record in each run
    count = 250
    ledger = SqliteLedger(path)
    ledger.open()
    for entry in interleaved(count, chance):
        ledger.append(entry)
    assert numbers(PERSON, content(path)) == set(range(count))
    for minute in (count // 5, count // 2, count - 20):
        ledger.erase(order(minute), nothing)
        found = content(path)
        lines = ledger.page(HistoryQuery(), None, count).lines
        assert len(lines) < count - minute // 2
        assert numbers(PERSON, found) == numbers(PERSON, " ".join(x.person_name for x in lines))
        assert numbers(OPERATOR, found) == numbers(
            OPERATOR, " ".join(x.operator_name for x in lines)
        )
        assert ledger.verify() is None
    ledger.close()
    assert numbers(PERSON, content(path)) == numbers(PERSON, found)


def test_the_log_is_emptied_next_time_where_somebody_reads_on(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_TRIES", 2)
    ended(ledger, "a")
    ended(ledger, "b", minutes=10)
    log = path.with_name(f"{path.name}-wal")
    walk = held(path)
    next(walk)

    ledger.erase(ALL_OLD, nothing)
    assert b"zoe@desk" in log.read_bytes()

    del walk
    assert ledger.erase(ALL_OLD, nothing) == Erased()
    assert "zoe@desk" not in content(path)


# Beside the work of the desk -----------------------------------------------------------------


def test_appends_go_on_while_it_erases(ledger: SqliteLedger) -> None:
    for number in range(300):
        ended(ledger, f"old {number}")
    numbers: list[int] = []
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            numbers.append(ledger.append(intent_of(f"new {len(numbers)}", 9_999)))

    appending = threading.Thread(target=work)
    appending.start()
    done = ledger.erase(ALL_OLD, nothing)
    over.set()
    appending.join()

    assert done == Erased(300, 600)
    assert len(ledger.unsettled()) == len(numbers) > 0
    assert ledger.verify() is None


def test_who_is_erased_while_the_operators_are_read_is_still_told(ledger: SqliteLedger) -> None:
    ended(ledger, "a")
    expected = ledger.operators()
    looks: list[str] = []

    def between(statement: str) -> None:
        looks.extend([statement] if "SELECT" in statement else [])
        if len(looks) == 2:
            with closing(sqlite3.connect(ledger.path, isolation_level=None)) as db:
                db.execute("DELETE FROM enrollments")

    reader = ledger._history._db
    assert reader is not None
    reader.set_trace_callback(between)
    assert ledger.operators() == expected != ()
    assert ledger.operators() == ()


def test_who_listens_can_end_it_between_two_steps(ledger: SqliteLedger, path: Path) -> None:
    for number in range(2 * erasing.AT_ONCE):
        ended(ledger, f"old {number}")

    def stop(_count: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        ledger.erase(ALL_OLD, stop)
    assert len(blank(path)) == 2 * erasing.AT_ONCE
    assert ledger.verify() is None
    assert ledger.erase(ALL_OLD, nothing).enrollments == erasing.AT_ONCE


def test_a_ledger_closed_meanwhile_ends_it_with_an_error(ledger: SqliteLedger, path: Path) -> None:
    for number in range(2 * erasing.AT_ONCE):
        ended(ledger, f"old {number}")

    with pytest.raises(LedgerUnwritable, match="closed"):
        ledger.erase(ALL_OLD, lambda _count: ledger.close())
    assert verify(path) is None


# At random -----------------------------------------------------------------------------------

_entries = st.builds(
    Entry,
    enrollment_id=st.sampled_from("abcdef"),
    kind=st.sampled_from(EntryKind),
    state=st.sampled_from([State.ASSIGNED, State.NOT_DONE, State.CONFIRMING, State.STAGED]),
    at=st.integers(0, 100).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    facts=st.dictionaries(st.text(max_size=5), st.text(st.characters(), max_size=20), max_size=3),
)
_moves = st.lists(st.one_of(_entries, st.integers(0, 110)), max_size=14)


def moment(what: Entry | str | None) -> datetime:
    """Return when `what` was written; an erased entry tells no moment."""
    if isinstance(what, Entry):
        return what.at
    return NOON if what is None else LATER


def model(moves: list[Entry | int]) -> tuple[list[Entry | str | None], int]:
    """Return what the record should hold, an erasure as its text, and how many enrollments went."""
    held: list[Entry | str | None] = []
    went = 0
    for move in moves:
        if isinstance(move, Entry):
            held.append(move)
            continue
        limit = NOON + timedelta(minutes=move)
        latest: dict[str, tuple[State, datetime]] = {}
        for number, entry in enumerate(held):
            if isinstance(entry, Entry):
                _, before = latest.get(entry.enrollment_id, (entry.state, entry.at))
                age = max(before, entry.at, moment(held[number - 1] if number else None))
                latest[entry.enrollment_id] = entry.state, age
        gone = {name for name, (state, at) in latest.items() if state in MAY_GO and at < limit}
        held = [
            None if isinstance(entry, Entry) and entry.enrollment_id in gone else entry
            for entry in held
        ]
        held += ["erasure"] if gone else []
        went += len(gone)
    return held, went


def play(path: Path, moves: list[Entry | int]) -> int:
    with closing(SqliteLedger(path)) as ledger:
        ledger.open()
        went = 0
        for move in moves:
            if isinstance(move, Entry):
                ledger.append(move)
            else:
                went += ledger.erase(order(move), nothing).enrollments
        return went


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=_moves)
def test_whatever_is_erased_in_between_the_rest_is_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, moves: list[Entry | int]
) -> None:
    path = tmp_path_factory.mktemp("model") / "ledger.sqlite"
    expected, went = model(moves)

    assert play(path, moves) == went

    found = [each.content for each in held(path)]
    assert ["erasure" if isinstance(each, Erasure) else each for each in found] == expected
    assert verify(path) is None


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=_moves.filter(lambda moves: any(isinstance(move, Entry) for move in moves)),
    where=st.floats(0, 1, exclude_max=True),
    column=st.sampled_from(["enrollment_id", "kind", "state", "at", "facts", "hash", "all", "row"]),
)
def test_tampering_anywhere_is_found_and_what_lies_before_is_whole(
    tmp_path_factory: pytest.TempPathFactory, moves: list[Entry | int], where: float, column: str
) -> None:
    path = tmp_path_factory.mktemp("model") / "ledger.sqlite"
    play(path, moves)
    before = [each.content for each in held(path)]
    spot = 1 + int(where * len(before))
    with raw(path) as db:
        if column == "row":
            db.execute("DELETE FROM events WHERE sequence = ?", (spot,))
        elif column == "all" and before[spot - 1] is None:
            db.execute("UPDATE events SET kind = 'state', state = 'x' WHERE sequence = ?", (spot,))
        elif column == "all":
            db.execute(f"{BLANK} ?", (spot,))
        else:
            statement = f"UPDATE events SET {column} = 'x' WHERE sequence = ?"  # noqa: S608 - a test
            db.execute(statement, (spot,))

    fault = verify(path)

    assert fault is not None
    if fault.sequence != spot:  # only where what accounts for blank rows is no longer whole
        assert fault.sequence < spot
        assert before[fault.sequence - 1] is None
