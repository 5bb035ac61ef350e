"""The practice tenant of the fault matrix."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.scene import NO_WAITING, Scene, fast, port_of
from tests.support.proxy import Relay
from tests.support.simulated import Simulated, start_simulator

MATRIX = "fault matrix: fault, what the station does, requests, result"
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
def matrix(
    request: pytest.FixtureRequest, tell: Callable[..., None]
) -> Callable[[str, str, str, str], None]:
    """Write a row of the matrix that is told at the end of the run."""
    area = request.path.stem.removeprefix("test_")

    def row(fault: str, *rest: str) -> None:
        tell(MATRIX, f"{area}: {fault}", *rest)

    return row


@pytest.fixture
def scene(
    tenant: Simulated,
    numbers: Iterator[int],
    tmp_path: Path,
    matrix: Callable[[str, str, str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """A desk in a hurry whose way to the directory leads through a relay."""
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    free = [t for t in tenant.ready.tokens if t.status == "available" and t.clock_steps == 0]
    number = next(numbers)
    with Relay(port_of(tenant.ready.graph_url)) as relay:
        yield Scene(
            tenant,
            relay,
            tmp_path / "ledger.db",
            free[number % len(free)].serial,
            tenant.ready.people[number % len(tenant.ready.people)],
            matrix,
            fast(*NO_WAITING),
        )
