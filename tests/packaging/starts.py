"""How long an installed program takes to its window: the same measure on every system."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from tests.packaging.builds import tool

STARTS = 5
"""How often a start is measured; the median counts."""
PATIENCE = 120.0
"""Seconds that a window may take to be seen, on a machine that is busy with others."""


def seconds_to_window(
    run: Callable[[], AbstractContextManager[object]], variables: Mapping[str, str]
) -> str:
    """Start the program by `run` again and again; return the median, the fastest and the slowest.

    `variables` lead to the screen that its window is looked for on. The first start, which reads
    the program from the disk, does not count.
    """
    times = sorted([_to_window(run, variables) for _ in range(STARTS + 1)][1:])
    return f"{statistics.median(times):.1f} s ({times[0]:.1f} to {times[-1]:.1f})"


def _to_window(
    run: Callable[[], AbstractContextManager[object]], variables: Mapping[str, str]
) -> float:
    asked = [tool("xdotool", "xdotool"), "search", "--onlyvisible", "--name", "Oathdesk"]

    def wait(*, shown: bool) -> float:
        began = time.monotonic()
        while _succeeds(asked, variables) is not shown:
            assert time.monotonic() < began + PATIENCE, f"a window is shown: {not shown}"
            time.sleep(0.02)
        return time.monotonic() - began

    wait(shown=False)  # that of the start before is gone
    with run():
        return wait(shown=True)


def _succeeds(command: list[str], variables: Mapping[str, str]) -> bool:
    own = {**os.environ, **variables}
    return subprocess.run(command, env=own, capture_output=True, check=False).returncode == 0
