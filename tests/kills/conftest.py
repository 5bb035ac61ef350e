"""Says in the end how many stations died, and from which seed the story can be told again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest


@pytest.fixture
def summary(tell: Callable[..., None]) -> Callable[[str], None]:
    """Say a line at the end of the run."""
    return partial(tell, "kill runs")
