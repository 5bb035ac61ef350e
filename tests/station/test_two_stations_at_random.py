"""T2: after any round of two stations on one tenant each resting state is the directory's own."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from tests.station.two_stations import Round

NORMAL, LONG = 60, 1_000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        rounds = LONG if metafunc.config.getoption("--long") else NORMAL
        metafunc.parametrize("seed", range(rounds))


def test_t2_a_round_ends_with_every_state_as_the_directory_has_it(
    seed: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger="oathdesk.station"):  # a held record is told
        asyncio.run(Round(seed, tmp_path).live())
