"""Reads the name lists that practice people are made of."""

import json
from functools import cache
from typing import Any

from app.assets import resources


@cache
def load(name: str) -> Any:
    """The parsed content of `resources/practice/<name>.json`; raises OSError when absent."""
    return json.loads((resources() / "practice" / f"{name}.json").read_text(encoding="utf-8"))
