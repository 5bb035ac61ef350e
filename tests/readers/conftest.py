"""Virtual readers for a test: a service of its own, and what the card thread told."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.readers.daemon import SOCKET_NAME, Pcscd, what_is_missing

Serve = Callable[[Sequence[str]], Pcscd]


# The library reads the name once, with whatever test uses it first: so it is set before any does.
FOLDER = Path(tempfile.gettempdir()) / f"oathdesk-pcscd-{os.getpid()}"
os.environ[SOCKET_NAME] = str(FOLDER / "run" / "pcscd.comm")


@pytest.fixture(scope="session")
def service_folder() -> Iterator[Path]:
    """The one folder in which this run's services take turns."""
    why = what_is_missing()
    if why is not None:
        pytest.skip(why)
    FOLDER.mkdir()
    yield FOLDER
    shutil.rmtree(FOLDER)


@pytest.fixture
def serve(service_folder: Path) -> Iterator[Serve]:
    """Start a service with readers of the given names; it is stopped at the end."""
    started: list[Pcscd] = []

    def begin(names: Sequence[str]) -> Pcscd:
        service = Pcscd(service_folder, names)
        started.append(service)
        service.start()
        return service

    yield begin
    for service in started:
        service.stop()
