"""What a trial of a tenant keeps on the disk, and how names are taken out of its report.

The journal tells which tokens may not be as they were before. It is kept before each write, so that
a trial that was killed is undone by the next one, which also goes on with what is not answered yet.
It never holds a seed or a code.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from app.core.errors import LedgerUnreadable
from app.core.tenant_trial import FACTS, FORMAT, Finding, Verdict

JOURNAL: Final = "tenant-trial.json"
"""The journal's name beside the record."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A token that the trial has written about, until it is known to be as it was before.

    `own` is one that the trial uploads. `there` says that it may be in the inventory because of
    that, `held` that the test person may have it. `answered` says that the last write about it was
    answered; where it was not, it may show up later. `since` is when that write was begun.
    """

    serial: str
    own: bool
    device_ids: tuple[str, ...] = ()
    method_id: str = ""
    there: bool = False
    held: bool = False
    answered: bool = True
    since: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something has to be undone."""
        return self.there or self.held


@dataclass(frozen=True, slots=True)
class Journal:
    """What is kept of a trial beside the record, before each write and after each step.

    `person_id` is the test person's object id and `spare` the serial number of the token named for
    it, "" for none. `answered` are the findings of each step that is over.
    """

    run: str
    began: str
    person_id: str
    spare: str = ""
    uploads: int = 0
    touched: tuple[Touched, ...] = ()
    answered: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def open(self) -> tuple[Touched, ...]:
        """The tokens that are not known to be as they were."""
        return tuple(each for each in self.touched if each.is_open)

    def of(self, serial: str) -> Touched:
        """Return the token with this serial number. Raises KeyError."""
        return {each.serial: each for each in self.touched}[serial]

    def with_token(self, token: Touched) -> "Journal":
        """Return the journal with `token` in place of what stood there of it."""
        others = tuple(each for each in self.touched if each.serial != token.serial)
        return replace(self, touched=(*others, token))

    def with_answers(self, step: str, findings: Iterable[Finding]) -> "Journal":
        """Return the journal with what a step has found."""
        return replace(self, answered={**self.answered, step: tuple(findings)})

    def text(self) -> str:
        """Return the journal as it is kept."""
        document = {
            "format": FORMAT,
            "run": self.run,
            "began": self.began,
            "person_id": self.person_id,
            "spare": self.spare,
            "uploads": self.uploads,
            "touched": [_plain_token(each) for each in self.touched],
            "answered": {
                step: [plain_finding(each) for each in found]
                for step, found in self.answered.items()
            },
        }
        return json.dumps(document, ensure_ascii=False, indent=1)


def journal_from(text: str) -> Journal | None:
    """Return the journal that `text` is, or None for no text. Raises LedgerUnreadable."""
    if not text:
        return None
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise LedgerUnreadable(f"{JOURNAL}: it is of another version")
        return Journal(
            str(found["run"]),
            str(found["began"]),
            str(found["person_id"]),
            str(found["spare"]),
            int(found["uploads"]),
            tuple(_token_of(each) for each in found["touched"]),
            {
                str(step): tuple(_finding_of(each) for each in findings)
                for step, findings in found["answered"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise LedgerUnreadable(f"{JOURNAL}: it is damaged") from None


def _plain_token(token: Touched) -> dict[str, object]:
    return {
        "serial": token.serial,
        "own": token.own,
        "device_ids": list(token.device_ids),
        "method_id": token.method_id,
        "there": token.there,
        "held": token.held,
        "answered": token.answered,
        "since": token.since,
    }


def _token_of(plain: Mapping[str, Any]) -> Touched:
    datetime.fromisoformat(plain["since"])  # a damaged one is found here and not on the way
    return Touched(
        str(plain["serial"]),
        bool(plain["own"]),
        tuple(map(str, plain["device_ids"])),
        str(plain["method_id"]),
        bool(plain["there"]),
        bool(plain["held"]),
        bool(plain["answered"]),
        str(plain["since"]),
    )


def plain_finding(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON has it."""
    return {
        "fact": finding.fact,
        "verdict": finding.verdict.value,
        "observed": finding.observed,
        "rows": [list(row) for row in finding.rows],
    }


def _finding_of(plain: Mapping[str, Any]) -> Finding:
    if plain["fact"] not in FACTS:
        raise KeyError(plain["fact"])
    rows = tuple((str(label), str(value)) for label, value in plain["rows"])
    return Finding(plain["fact"], Verdict(plain["verdict"]), str(plain["observed"]), rows)


# Redaction --------------------------------------------------------------------------------------

_FEWEST_LETTERS = 3
_ALWAYS: Final = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.?[\w-]*"), "<sign-in token>"),
    (re.compile(r"\b[A-Z2-7]{16,}\b=*"), "<text>"),
    (re.compile(r"\b(?=[a-z]*[2-7])[a-z2-7]{16,}\b=*"), "<text>"),
    (re.compile(r"(?<![\w-])\d{6}(?![\w-])"), "<six digits>"),
)
"""What may be secret is never in the report, not even with names: a token, a seed, a code."""

_IDENTIFIERS: Final = (
    (re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), "<id>"),
    (re.compile(r"[^\s'\"<>(),;:]+@[^\s'\"<>(),;:]+\.[^\s'\"<>(),;:]+"), "<address>"),
    (re.compile(r"(?<![\w-])\d{5,}(?![\w-])"), "<number>"),
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """Takes out of a text what names people, tokens and the tenant.

    `known` maps each name that is known to what stands in its place; parts of a person's name count
    too. With `keep_names` only what could be a secret is taken out.
    """

    known: Mapping[str, str]
    keep_names: bool = False

    def of(self, text: str) -> str:
        """Return `text` without them."""
        if not self.keep_names:
            for name in sorted(self.known, key=len, reverse=True):
                if len(name) >= _FEWEST_LETTERS:
                    found = rf"(?<!\w){re.escape(name)}(?!\w)"
                    text = re.sub(found, self.known[name], text, flags=re.IGNORECASE)
        for pattern, mask in (*_ALWAYS, *(() if self.keep_names else _IDENTIFIERS)):
            text = pattern.sub(mask, text)
        return text

    def finding(self, finding: Finding) -> Finding:
        """Return a finding without them.

        The request-id stays: by it Microsoft finds the request.
        """
        rows = tuple(
            (label, value if label == "request-id" else self.of(value))
            for label, value in finding.rows
        )
        return replace(finding, observed=self.of(finding.observed), rows=rows)


def names_of(display_name: str) -> tuple[str, ...]:
    """Return a display name and each of its words, to be taken out of texts."""
    return (display_name, *display_name.split()) if display_name else ()
