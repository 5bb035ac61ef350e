"""The window, a station and a practice tenant over HTTPS, as new for every journey."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.journeys.travel import Journey, begin
from tests.support.simulated import Simulated, start_simulator


@pytest.fixture(scope="session")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=60, tokens=80) as simulated:
        yield simulated


@pytest.fixture
def journey(
    tenant: Simulated, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Journey]:
    caplog.set_level(logging.INFO)
    tenant.reset()
    with begin(tenant, qtbot, tmp_path) as journey:
        yield journey
    tenant.reset()
