"""What the ledger costs at a million events, side by side with the floor, in one run.

`python -m tests.bench.bench_ledger [--events N] [--folder DIR]` prints a table. Run it on an idle
machine, on the disk that is to be measured: a folder in memory has no flush to compare with.
"""

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from app.core.enrollment import NEEDS_ATTENTION, State
from app.core.history import HistoryQuery
from app.core.record import Entry, EntryKind
from app.core.retention import EraseOrder
from app.ledger import SqliteLedger, schema
from app.ledger.chain import row_of
from app.ledger.writing import write

EVENTS = 1_000_000
A_DAY = 500
"""Enrollments begun on each day of the made-up record."""

_PER_ENROLLMENT = 4
_PAGE = 100
_BREATH = 0.003
"""Seconds between two appends beside an erasure."""
_LAST_DAY = datetime(2026, 11, 23, tzinfo=UTC)
_FIRST = ("Siobhán", "Nguyễn", "Ada", "山田", "Müller", "Mohammed", "Olga", "Þóra", "Jean", "Wei")
_LAST = ("O’Brien", "Thị Minh Khai", "Lovelace", "太郎", "Lüdenscheidt", "Rossi", "García", "Łoś")


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each repetition."""

    name: str
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    def line(self) -> str:
        ordered = sorted(self.times)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        spread = f"{ordered[0]:9.2f} {p95:9.2f} {ordered[-1]:9.2f}"
        return f"{self.name:<46} {self.median:9.2f} {spread} {len(ordered):5}"


def measure(name: str, work: Callable[[], object], times: int) -> Measured:
    """Time `work` so many times."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return Measured(name, tuple(found))


def facts_of(number: int, chance: random.Random) -> dict[str, str]:
    """The facts of an intent, with names like those of a real directory."""
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    desk = number % 7
    return {
        "mode": "assign_and_activate",
        "operation": "assign_and_activate",
        "attempt": "1",
        "serial_number": str(8659610000000 + number),
        "device_id": f"{chance.getrandbits(128):032x}",
        "person_id": f"{chance.getrandbits(128):032x}",
        "person_name": f"{first} {last} {number % 977}",
        "person_upn": f"person.{number}@contoso.example",
        "operator_id": f"operator-{desk}",
        "operator_name": f"Operator {desk}",
        "operator_upn": f"operator{desk}@contoso.example",
        "desk": f"Desk {desk}",
    }


def enrollment(number: int, at: datetime, chance: random.Random) -> Iterator[Entry]:
    """The entries of one enrollment; one in 5,000 needs attention."""
    end = State.UNSETTLED if number % 5_000 == 4_999 else State.ACTIVATED
    name = f"{chance.getrandbits(128):032x}"
    evidence = {"evidence.Request": "POST /users", "evidence.request-id": name}
    yield Entry(name, EntryKind.INTENT, State.RECORDING, at, facts_of(number, chance))
    yield Entry(name, EntryKind.STATE, State.CONFIRMING, at, {"event": "Accepted", **evidence})
    yield Entry(name, EntryKind.STATE, State.RESOLVING, at, {"event": "SeenUnassigned"})
    yield Entry(name, EntryKind.STATE, end, at, {"event": "SeenActivated"})


def fill(path: Path, events: int) -> None:
    """Make a record of `events` events, days of A_DAY enrollments up to the last day."""
    chance = random.Random(1)  # noqa: S311 - the same record in each run
    total = events // _PER_ENROLLMENT
    with closing(SqliteLedger(path)) as ledger:
        ledger.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for begin in range(0, total, 10_000):
            with schema.transaction(db):
                for number in range(begin, min(begin + 10_000, total)):
                    day, minute = divmod(total - 1 - number, A_DAY)
                    at = _LAST_DAY - timedelta(days=day) + timedelta(minutes=A_DAY - minute)
                    for entry in enrollment(number, at, chance):
                        write(db, row_of(entry))


@contextmanager
def open_ledger(path: Path) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(path)
    ledger.open()
    try:
        yield ledger
    finally:
        ledger.close()


def openings(path: Path) -> list[Measured]:
    """Opening and closing the ledger, and a bare SQLite file of the same content."""

    def bare() -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("SELECT sequence FROM head").fetchone()

    def ours() -> None:
        with open_ledger(path):
            pass

    return [measure("open, bare sqlite", bare, 15), measure("open, the ledger", ours, 15)]


def appends(ledger: SqliteLedger, folder: Path) -> list[Measured]:
    """Durable appends, in turn with a bare write and fsync of as many bytes, so both are fair."""
    chance = random.Random(2)  # noqa: S311 - the same entries in each run
    file = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY, 0o600)
    floor, intents, states = [], [], []
    try:
        for number in range(300):
            floor.append(_once(partial(_flush, file)))
            first, second, *_ = enrollment(number, _LAST_DAY, chance)
            intents.append(_once(partial(ledger.append, first)))
            states.append(_once(partial(ledger.append, second)))
    finally:
        os.close(file)
    return [
        Measured("append, bare write and fsync", tuple(floor)),
        Measured("append, an intent", tuple(intents)),
        Measured("append, a state", tuple(states)),
    ]


def _flush(file: int) -> None:
    os.write(file, b"x" * 700)
    os.fsync(file)


def _once(work: Callable[[], object]) -> float:
    return measure("", work, 1).times[0]


def questions(ledger: SqliteLedger) -> list[Measured]:
    """Today's list and what the history page asks."""

    def page(query: HistoryQuery) -> Callable[[], object]:
        return lambda: ledger.page(query, None, _PAGE)

    middle = _LAST_DAY - timedelta(days=250)
    name = ledger.page(HistoryQuery(), None, 1).lines[0].enrollment_id
    asked: list[tuple[str, Callable[[], object]]] = [
        (f"today's list, {A_DAY} enrollments", lambda: ledger.since(_LAST_DAY)),
        ("what is not settled", ledger.unsettled),
        ("history, first page", page(HistoryQuery())),
        ("history, a page from the middle", lambda: ledger.page(HistoryQuery(), 500_000, _PAGE)),
        ("search, a name many have", page(HistoryQuery(text="siobhan"))),
        ("search, two words", page(HistoryQuery(text="brien 976"))),
        ("search, a serial number's end", page(HistoryQuery(text="0249999"))),
        ("search, two letters of CJK", page(HistoryQuery(text="山田"))),
        ("search, what nobody has", page(HistoryQuery(text="zzzz"))),
        ("search, what all have but the last word", page(HistoryQuery(text="contoso zzzz"))),
        ("filter, needs attention", page(HistoryQuery(states=NEEDS_ATTENTION))),
        ("filter, a state nobody is in", page(HistoryQuery(states=frozenset({State.TAKEN})))),
        ("filter, attention and text", page(HistoryQuery(states=NEEDS_ATTENTION, text="siobhan"))),
        ("filter, an operator", page(HistoryQuery(operator="operator3@contoso.example"))),
        ("filter, an operator nobody is", page(HistoryQuery(operator="nobody@contoso.example"))),
        (
            "filter, one day long ago",
            page(HistoryQuery(since=middle, until=middle + timedelta(days=1))),
        ),
        (
            "filter, a day nothing began on",
            page(HistoryQuery(until=_LAST_DAY - timedelta(days=9_000))),
        ),
        ("operators", ledger.operators),
        ("timeline of one enrollment", lambda: ledger.timeline(name)),
    ]
    return [measure(name, work, 15) for name, work in asked]


def erasing(ledger: SqliteLedger, events: int) -> tuple[list[Measured], str]:
    """Erasing the older half, with appends beside it as in `appends`; and what it came to."""
    chance = random.Random(3)  # noqa: S311 - the same entries in each run
    half = _LAST_DAY - timedelta(days=events // _PER_ENROLLMENT // A_DAY // 2)
    beside: list[float] = []
    steps: list[int] = []
    over = threading.Event()

    def append() -> float:
        entry = next(enrollment(len(beside), _LAST_DAY, chance))
        taken = _once(partial(ledger.append, entry))
        time.sleep(_BREATH)
        return taken

    def work() -> None:
        while not over.is_set():
            beside.append(append())

    quiet = [append() for _ in range(300)]
    appending = threading.Thread(target=work)
    appending.start()
    began = time.perf_counter()
    erased = ledger.erase(EraseOrder(half, _LAST_DAY), steps.append)
    seconds = time.perf_counter() - began
    over.set()
    appending.join()
    told = f"{erased.entries:,} entries erased in {len(steps):,} steps, {seconds:.1f} seconds"
    return [
        Measured("append, before erasing", tuple(quiet)),
        Measured("append, while erasing", tuple(beside)),
    ], told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--folder", type=Path, default=None, help="where the record is made")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        path = Path(made) / "ledger.sqlite"
        fill(path, options.events)
        results = openings(path)
        with open_ledger(path) as ledger:
            results += questions(ledger)
            results += appends(ledger, Path(made))
            size = path.stat().st_size / 1e6
            beside, told = erasing(ledger, options.events)
            results.append(measure("verify, half of it erased", ledger.verify, 1))
    _print(results + beside, options.events, size)
    print(told)  # noqa: T201 - it speaks to a terminal


def _print(results: list[Measured], events: int, size: float) -> None:
    out = [f"{events:,} events, {size:.0f} MB; milliseconds", ""]
    out.append(f"{'':<46} {'median':>9} {'least':>9} {'p95':>9} {'most':>9} {'n':>5}")
    out += [result.line() for result in results]
    print("\n".join(out))  # noqa: T201 - it speaks to a terminal


if __name__ == "__main__":
    main()
