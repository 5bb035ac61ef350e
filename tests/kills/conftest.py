"""Says in the end how many stations died, and from which seed the story can be told again."""

from __future__ import annotations

import pytest

SUMMARY: pytest.StashKey[list[str]] = pytest.StashKey()


@pytest.fixture
def summary(request: pytest.FixtureRequest) -> list[str]:
    """Lines for the end of the run."""
    return request.config.stash.setdefault(SUMMARY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the lines."""
    found = terminalreporter.config.stash.get(SUMMARY, [])
    if found:
        terminalreporter.section("kill runs")
    for line in found:
        terminalreporter.write_line(line)
