"""How long a test waits for a condition before it counts as one that never comes.

A test that passes never waits this long. The limits bound a hang only, so they are generous: a
machine that is busy with other work may be ten times slower than an idle one.
"""

import time
from collections.abc import Callable
from typing import Final

HANG_SECONDS: Final = 60.0
"""Seconds until a condition that does not come counts as a hang."""

HANG_MS: Final = round(HANG_SECONDS * 1000)
"""The same for pytest-qt, in milliseconds."""

LOOK_SECONDS: Final = 0.02
"""Seconds between two looks at a condition that cannot tell of itself."""


def wait_until(
    condition: Callable[[], bool],
    what: Callable[[], str] | str = "the condition",
    *,
    seconds: float = HANG_SECONDS,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Look at `condition` until it holds; AssertionError, which names `what`, after `seconds`.

    `meanwhile` is called between two looks, for example to serve a window's events.
    """
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            name = what if isinstance(what, str) else what()
            raise AssertionError(f"{name} did not come within {seconds:.0f} s")
        if meanwhile is not None:
            meanwhile()
        time.sleep(LOOK_SECONDS)
