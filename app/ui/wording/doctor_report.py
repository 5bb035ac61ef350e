"""The report of `doctor` as text, the same on a terminal, on the clipboard and for programs."""

import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app import __version__
from app.core.checkup import Finding, Verdict, exit_code, overall
from app.ui.wording.doctor import check_name, counts, overall_words, rows_of, said, verdict_word

FORMAT: Final = 1
"""The version of the form for programs; a member that is added does not change it."""

_WIDTH: Final = 118
_SIGNS: Final = {
    Verdict.OK: "+",
    Verdict.WARNING: "!",
    Verdict.FAILURE: "x",
    Verdict.NOT_CHECKED: "-",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding in words. The person's home folder, which often bears their name, is `~`."""

    finding: Finding
    name: str
    word: str
    sentence: str
    advice: str
    rows: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, finding: Finding) -> "Shown":
        """Return `finding` in words."""
        words = said(finding)
        return cls(
            finding,
            check_name(finding.check, finding.subject),
            verdict_word(finding.verdict),
            _at_home(words.sentence),
            _at_home(words.advice),
            tuple((label, _at_home(value)) for label, value in rows_of(finding)),
        )


def as_lines(findings: Sequence[Finding], *, whole: bool = False) -> list[str]:
    """Return the report for people: a line for each check, with advice and evidence where wrong.

    The `whole` has the evidence of what is well, too: versions, addresses, counts.
    """
    shown = [Shown.of(finding) for finding in findings]
    name_width = max((len(each.name) for each in shown), default=0)
    word_width = max(len(verdict_word(verdict)) for verdict in Verdict)
    lines: list[str] = []
    for each in shown:
        sign = _SIGNS[each.finding.verdict]
        head = f"{sign} {each.word:<{word_width}}  "
        lines += _wrapped(f"{head}{each.name:<{name_width}}  ", each.sentence)
        if whole or each.finding.verdict in {Verdict.WARNING, Verdict.FAILURE}:
            lines += _below(each, " " * len(head))
    return [*lines, "", overall_words(findings), counts(findings)]


def as_members(findings: Sequence[Finding]) -> dict[str, object]:
    """Return the report for programs, to be written as JSON."""
    return {
        "format": FORMAT,
        "version": __version__,
        "verdict": overall(findings).value,
        "exit_code": exit_code(findings),
        "findings": [_member(Shown.of(finding)) for finding in findings],
    }


def _member(shown: Shown) -> dict[str, object]:
    finding = shown.finding
    return {
        "check": finding.check.value,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "told": type(finding.error).__name__ if finding.error else finding.told.value,
        "sentence": shown.sentence,
        "advice": shown.advice,
        "evidence": [list(row) for row in shown.rows],
    }


def _below(shown: Shown, indent: str) -> list[str]:
    evidence = [f"{indent}  {label}: {value}" for label, value in shown.rows]
    return [*_wrapped(indent, shown.advice), *evidence]


def _wrapped(head: str, text: str) -> list[str]:
    width, indent = max(_WIDTH, len(head) + _WIDTH // 2), " " * len(head)
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=indent)


def _at_home(text: str) -> str:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return text.replace(home, "~") if len(home) > 1 else text
