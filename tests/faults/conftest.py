"""The practice tenant of the fault matrix, and the matrix itself at the end of the run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import NO_WAITING, Row, Scene, fast, port_of
from tests.support.proxy import Relay
from tests.support.simulated import Simulated, start_simulator

ROWS: pytest.StashKey[list[Row]] = pytest.StashKey()
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(scope="session")
def running() -> Iterator[Simulated]:
    with start_simulator(people=200, tokens=300) as simulated:
        yield simulated


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Counts the scenes, so that each gets a token and a person of its own."""
    return itertools.count()


@pytest.fixture
def tenant(running: Simulated) -> Iterator[Simulated]:
    running.reset()
    yield running
    running.reset()


@pytest.fixture
def scene(
    tenant: Simulated,
    numbers: Iterator[int],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """A desk in a hurry whose way to the directory leads through a relay."""
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    free = [t for t in tenant.ready.tokens if t.status == "available" and t.clock_steps == 0]
    number = next(numbers)
    rows = request.config.stash.setdefault(ROWS, [])
    area = request.path.stem.removeprefix("test_")
    with Relay(port_of(tenant.ready.graph_url)) as relay:
        yield Scene(
            tenant,
            relay,
            tmp_path / "ledger.db",
            free[number % len(free)].serial,
            tenant.ready.people[number % len(tenant.ready.people)],
            rows,
            area,
            fast(*NO_WAITING),
        )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the matrix: each row is a test that held."""
    rows = terminalreporter.config.stash.get(ROWS, [])
    if not rows:
        return
    terminalreporter.section(f"fault matrix: {len(rows)} faults survived")
    table = [Row("fault", "what the station does", "requests", "result"), *rows]
    cells = [(row.fault, row.does, row.requests, row.result) for row in table]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        terminalreporter.write_line(" | ".join(padded).rstrip())
