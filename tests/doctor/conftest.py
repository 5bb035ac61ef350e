"""A practice tenant for the clinic, and a machine whose own proxies and services are not seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.doctor.clinic import PEOPLE, Clinic
from tests.readers.daemon import SOCKET_NAME
from tests.support.simulated import Simulated, start_simulator

# The smart card library reads the name once in a process: nothing listens there.
os.environ.setdefault(SOCKET_NAME, "/nonexistent/pcscd.comm")


@pytest.fixture(scope="session")
def running() -> Iterator[Simulated]:
    with start_simulator(**PEOPLE) as simulated:
        yield simulated


@pytest.fixture
def clinic(running: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    running.reset()
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with ExitStack() as ends:
        yield Clinic(running, tmp_path, ends, monkeypatch)
    running.reset()
