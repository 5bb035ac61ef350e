"""One practice tenant for the whole folder, as new for every test."""

from collections.abc import Iterator

import pytest

from tests.support.simulated import Simulated, start_simulator


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulated]:
    with start_simulator(people=700, tokens=320) as simulated:
        yield simulated


@pytest.fixture
def tenant(running_simulator: Simulated) -> Iterator[Simulated]:
    yield running_simulator
    running_simulator.reset()
