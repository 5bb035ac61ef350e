"""Say how the tests on Windows Python went: a row per part, and why tests were skipped.

    python3 packaging/wine_report.py RESULTS.xml [RESULTS.xml ...] README.md

writes the table of the results of pytest (JUnit XML) into the README, between the two lines that
mark its place. Several files are told as one; of a test that is in more than one of them the last
counts. `bootstrap.py test --windows` prints the table and says where the results are.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

FAILED = ("failure", "error")
BEGIN, END = "<!-- tests on Windows Python -->", "<!-- end of the table -->"

_OF_FILE = re.compile(r"Skipped: (.*?)['\"]\)\s*$", re.DOTALL)
"""How pytest tells why a whole file was skipped: in the text, as a Python tuple."""


def lines(*results: Path) -> Iterator[str]:
    """Yield a table (Markdown) of the results in `results`, JUnit XML files of pytest."""
    if missing := [file for file in results if not file.exists()]:
        yield f"pytest left no results in {missing[0]}."
        return
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for case in _cases(results):
        part = part_of(case.get("file") or case.get("classname") or case.get("name") or "")
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {*FAILED} else "skipped" if "skipped" in kinds else "passed"
        parts[part][outcome] += 1
        if outcome == "skipped":
            reasons[part][_reason(case.find("skipped"))] += 1
    yield "| part | passed | failed | skipped | why skipped |"
    yield "|---|---|---|---|---|"
    for part, counts in sorted(parts.items()):
        why = "; ".join(f"{count}: {text}" for text, count in reasons[part].most_common())
        yield _row(part, counts, why.replace("|", "\\|"))
    yield _row("all", sum(parts.values(), Counter()), "")


def _cases(results: Iterable[Path]) -> Iterable[ET.Element]:
    """Return the tests of all `results`, each once, as it went the last time."""
    found: dict[tuple[str | None, ...], ET.Element] = {}
    for file in results:
        for case in ET.parse(file).iter("testcase"):  # noqa: S314 - pytest's own file
            found[case.get("classname"), case.get("name")] = case
    return found.values()


def _row(part: str, counts: Counter[str], why: str) -> str:
    cells = (part, *(str(counts[kind]) for kind in ("passed", "failed", "skipped")), why)
    return f"| {' | '.join(cells)} |"


def _reason(skipped: ET.Element | None) -> str:
    if skipped is None:
        return ""
    of_file = _OF_FILE.search(skipped.text or "")
    told = skipped.get("message", "")
    return of_file[1] if told == "collection skipped" and of_file else told


def part_of(file: str) -> str:
    """Return the folder of tests that a file lies in, or the file's name where it lies in none."""
    names = re.split(r"[\\/.]", file.removesuffix(".py"))
    return names[1] if len(names) > 1 else file


def update(readme: str, *results: Path) -> str:
    """Return `readme` with the table of `results` in its place. Raises ValueError without one."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the text has no place for the table: {BEGIN} ... {END}")
    day = datetime.fromtimestamp(max(file.stat().st_mtime for file in results), UTC).date()
    table = "\n".join((f"Run on {day}:", "", *lines(*results)))
    return f"{before}{begin}\n{table}\n{end}{after}"


def main(*files: str) -> None:
    """Write the table of the results into the last of `files`."""
    *results, readme = map(Path, files)
    readme.write_text(update(readme.read_text("utf-8"), *results), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
