"""`oathdesk doctor`: what works at this station and what does not, on a terminal or for a program.

It works where the configuration is broken, sends nothing that writes, and prints no secret. The
exit code is 0 where nothing fails (warnings included), 1 where something does.
"""

import argparse
import asyncio
import json
import sys
import textwrap
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from app import __version__, doctor
from app.core.checkup import Examination, Finding, Verdict, exit_code, overall
from app.core.model import Operator
from app.core.ports import DevicePrompt
from app.core.signin import SignInMethod
from app.settings.showing import printable
from app.station.account import read_operator
from app.station.examining import examine
from app.ui.wording.doctor import (
    check_name,
    counts,
    device_words,
    overall_words,
    rows_of,
    said,
    verdict_word,
)

FORMAT: Final = 1
"""The version of the JSON; a member that is added does not change it."""

_SIGN_IN_SECONDS: Final = 900.0
_WIDTH: Final = 100
_THREADS: Final = 8
_SIGNS: Final = {
    Verdict.OK: "+",
    Verdict.WARNING: "!",
    Verdict.FAILURE: "x",
    Verdict.NOT_CHECKED: "-",
}

_JSON_HELP = (
    "print JSON: format, version, verdict, exit_code, and findings with check, subject, verdict "
    "(ok, warning, failure, not_checked), told, sentence, advice and evidence (pairs of label and "
    "value)"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options on `parser`."""
    parser.add_argument("--json", action="store_true", help=_JSON_HELP)
    parser.add_argument(
        "--sign-in",
        action="store_true",
        help="sign in as well (with what the system keeps, with the station's certificate, or on "
        "another device), and check permissions, roles, policy and inventory",
    )


def run_from(given: argparse.Namespace, site: doctor.Site) -> int:
    """Examine `site` as `given` asks, print the report, and return the exit code."""
    findings = asyncio.run(_examined(site, sign_in=given.sign_in))
    if given.json:
        _print(json.dumps(as_json(findings), ensure_ascii=False, indent=1))
    else:
        for line in as_lines(findings):
            _print(line)
    return exit_code(findings)


async def _examined(site: doctor.Site, *, sign_in: bool) -> tuple[Finding, ...]:
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="doctor") as executor:
        async with _of_account(site, sign_in=sign_in) as account:
            return await examine((*doctor.examinations(site, executor), *account), _unheard)


def _unheard(_finding: Finding) -> None:
    """The whole report is printed in its order, once it is whole."""


# Signing in -------------------------------------------------------------------------------------


@asynccontextmanager
async def _of_account(site: doctor.Site, *, sign_in: bool) -> AsyncIterator[Sequence[Examination]]:
    """Yield what needs a sign-in, or what says why there can be none."""
    cloud = doctor.cloud_of(site)
    if not isinstance(cloud, doctor.OpenCloud):
        yield cloud
        return
    try:

        async def who() -> Operator | None:
            return await _enter(cloud) if sign_in else None

        yield doctor.account_of(site, cloud, who, _SIGN_IN_SECONDS).examinations()
    finally:
        await cloud.close()


async def _enter(cloud: doctor.OpenCloud) -> Operator:
    """Sign in, asking a person only where nothing else will do."""
    if SignInMethod.CERTIFICATE in cloud.sign_in.methods:
        await cloud.sign_in.unattended()
    elif not await cloud.sign_in.resume():
        await cloud.sign_in.by_device_code(_prompt)
    return await read_operator(cloud.directory, cloud.sign_in)


def _prompt(prompt: DevicePrompt) -> None:
    """Say what to do on another device, where it does not get into the report."""
    sys.stderr.write(device_words(prompt) + "\n")
    sys.stderr.flush()


# The report -------------------------------------------------------------------------------------


def as_json(findings: Sequence[Finding]) -> dict[str, object]:
    """Return the report for other programs."""
    return {
        "format": FORMAT,
        "version": __version__,
        "verdict": overall(findings).value,
        "exit_code": exit_code(findings),
        "findings": [_member(finding) for finding in findings],
    }


def _member(finding: Finding) -> dict[str, object]:
    words = said(finding)
    told = type(finding.error).__name__ if finding.error else finding.told.value
    return {
        "check": finding.check.value,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "told": told,
        "sentence": words.sentence,
        "advice": words.advice,
        "evidence": [list(row) for row in rows_of(finding)],
    }


def as_lines(findings: Sequence[Finding]) -> list[str]:
    """Return the report for people: a line for each check, with advice and evidence where wrong."""
    names = [check_name(each.check, each.subject) for each in findings]
    name_width = max(map(len, names))
    word_width = max(len(verdict_word(verdict)) for verdict in Verdict)
    lines: list[str] = []
    for finding, name in zip(findings, names, strict=True):
        word = verdict_word(finding.verdict)
        head = f"{_SIGNS[finding.verdict]} {word:<{word_width}}  {name:<{name_width}}  "
        lines += _wrapped(head, said(finding).sentence)
        if finding.verdict in {Verdict.WARNING, Verdict.FAILURE}:
            lines += _below(finding, " " * len(head))
    return [*lines, "", overall_words(findings), counts(findings)]


def _below(finding: Finding, indent: str) -> list[str]:
    evidence = [f"{indent}  {label}: {value}" for label, value in rows_of(finding)]
    return [*_wrapped(indent, said(finding).advice), *evidence]


def _wrapped(head: str, text: str) -> list[str]:
    """Return `text` behind `head`, in lines; what others wrote commands no terminal."""
    width = max(_WIDTH, len(head) + _WIDTH // 2)
    indent = " " * len(head)
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=indent)


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in text.splitlines() or [""]:
        plain = printable(line)
        sys.stdout.write(plain.encode(encoding, "backslashreplace").decode(encoding) + "\n")
