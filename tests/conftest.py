"""The rules every test is run under, so that no test has to remember them.

Qt paints offscreen; a log line of level WARNING or above that nobody declared fails the test; and
asyncio's "Task exception was never retrieved" is such a line. Warnings, exceptions in threads and
exceptions nobody could raise are errors through pytest's own settings in pyproject.toml.
"""

from __future__ import annotations

import gc
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from pytestqt.qtbot import QtBot

from tests.support.patience import HANG_MS

# Before anything imports Qt, which reads it once. A real screen can still be asked for.
# The screen is larger than the usual one of that platform, which has 800 x 800 pixels.
_SCREEN = Path(__file__).parent / "support" / "screen.json"
os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={_SCREEN}")

# Before anything imports the program, which tells of them: they are this machine's own.
for _name in (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSLKEYLOGFILE",
    "OPENSSL_CONF",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NETRC",
):
    os.environ.pop(_name, None)

ExpectLog = Callable[[str], None]
Tables = dict[str, list[list[str]]]
LONG_TEST = 3600  # seconds one test may take under --long or --packages
EXPECTED: pytest.StashKey[list[str]] = pytest.StashKey()
TOLD: pytest.StashKey[Tables] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="let the random tests run for minutes, with many more examples",
    )
    parser.addoption(
        "--reader",
        metavar="NAME",
        help='read what lies on the real card reader of this name, or part of it, or "any"',
    )
    parser.addoption(
        "--packages",
        action="store_true",
        help="build the packages, install them in a bare Debian and use them; as root, for minutes",
    )
    parser.addoption(
        "--windows",
        action="store_true",
        help="with --packages: make those of Windows under Wine, and use them there; for minutes",
    )
    parser.addoption("--kill-seed", type=int, help="tell the kill runs of this seed again")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expect_log(regex): the test provokes log lines that match, and must"
    )
    config.stash[TOLD] = {}
    # No deadline: how fast an example ran says nothing on a machine that others share.
    slow = [hypothesis.HealthCheck.too_slow]
    normal = hypothesis.settings(deadline=None, suppress_health_check=slow)
    hypothesis.settings.register_profile("normal", normal)
    hypothesis.settings.register_profile("long", normal, max_examples=5_000)
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "normal")
    long = config.getoption("--long") or config.getoption("--packages")
    if long and config.getoption("timeout") is None:
        config.option.timeout = LONG_TEST


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The station's loop is asyncio's; async tests run on no other."""
    return "asyncio"


class PatientBot(QtBot):
    """A QtBot whose waits bound a hang alone: pytest-qt's own five seconds are too few here.

    That is so on a machine that is busy with other work.
    """

    def waitUntil(  # noqa: N802 - pytest-qt's name
        self, callback: Callable[[], bool | None], *, timeout: int = HANG_MS
    ) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(  # noqa: N802 - pytest-qt's name
        self, signal: Any, *, timeout: int = HANG_MS, **more: Any
    ) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> QtBot:
    """The hands and the clock of a test on widgets."""
    return PatientBot(request)


@pytest.fixture
def expect_log(request: pytest.FixtureRequest) -> ExpectLog:
    """Declare, by a regular expression, a log line that this test provokes, and must provoke."""
    expected: list[str] = request.node.stash.setdefault(EXPECTED, [])
    return expected.append


@pytest.fixture(autouse=True)
def _no_unexpected_log_lines(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    expected: list[str] = request.node.stash.setdefault(EXPECTED, [])
    expected += [
        pattern for mark in request.node.iter_markers("expect_log") for pattern in mark.args
    ]
    yield
    gc.collect(1)  # a task whose exception nobody retrieved complains when it is collected
    lines = list(_alarming_lines(caplog))
    unexpected = [line for line in lines if not any(re.search(p, line) for p in expected)]
    unheard = [p for p in expected if not any(re.search(p, line) for line in lines)]
    if unexpected:
        pytest.fail(
            "log lines that the test did not expect:\n" + "\n".join(unexpected), pytrace=False
        )
    if unheard:
        pytest.fail(f"expected log lines that never came: {unheard}", pytrace=False)


def _alarming_lines(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    for phase in ("setup", "call", "teardown"):
        for record in caplog.get_records(phase):
            if record.levelno >= logging.WARNING:
                yield f"{record.levelname} {record.name}: {record.getMessage()}"


def pytest_collection_finish() -> None:
    """Let no collection of garbage go through the modules and the tests collected: they stay."""
    gc.collect()
    gc.freeze()


# What is told at the end of a run ---------------------------------------------------------------


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Add a row to a table of this title at the end of the run: `tell(title, cell, ...)`."""

    def told(title: str, *cells: str) -> None:
        request.config.stash[TOLD].setdefault(title, []).append(list(cells))

    return told


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the tables over, where this is one of several processes that test side by side."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = session.config.stash[TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what such a process has handed over; one that crashed has not."""
    handed: Tables = getattr(node, "workeroutput", {}).get("told", {})
    for title, rows in handed.items():
        node.config.stash[TOLD].setdefault(title, []).extend(rows)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, rows in terminalreporter.config.stash[TOLD].items():
        terminalreporter.section(f"{title} ({len(rows)})")
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.write_line(" | ".join(padded).rstrip())
