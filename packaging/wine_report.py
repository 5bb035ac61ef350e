"""Say how the tests on Windows Python went: a row per part, and why tests were skipped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

FAILED = ("failure", "error")


def lines(results: Path) -> Iterator[str]:
    """Yield a table (Markdown) of the results in `results`, a JUnit XML file of pytest."""
    if not results.exists():
        yield "pytest left no results."
        return
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for case in ET.parse(results).iter("testcase"):  # noqa: S314 - pytest's own file
        part = part_of(case.get("file") or case.get("classname") or "")
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {*FAILED} else "skipped" if "skipped" in kinds else "passed"
        parts[part][outcome] += 1
        if outcome == "skipped":
            skipped = case.find("skipped")
            told = "" if skipped is None else skipped.get("message", "")
            reasons[part][told] += 1
    yield "| part | passed | failed | skipped | why skipped |"
    yield "|---|---|---|---|---|"
    for part, counts in sorted(parts.items()):
        why = "; ".join(f"{count} {text}" for text, count in reasons[part].most_common())
        row = (part, *(str(counts[kind]) for kind in ("passed", "failed", "skipped")), why)
        yield f"| {' | '.join(row)} |"


def part_of(file: str) -> str:
    """Return the folder of tests that a file lies in, or the file's name where it lies in none."""
    names = re.split(r"[\\/.]", file.removesuffix(".py"))
    return names[1] if len(names) > 1 else file
