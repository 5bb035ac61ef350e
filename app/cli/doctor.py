"""`oathdesk doctor`: what works at this station and what does not, on a terminal or for a program.

It works where the configuration is broken, sends nothing that writes, and prints no secret. The
exit code is 0 where nothing fails (warnings included), 1 where something does.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from app import compose, doctor
from app.core.checkup import Examination, Finding, exit_code
from app.core.model import Operator
from app.core.ports import DevicePrompt
from app.core.text import json_line, printable
from app.station.examining import examine
from app.station_config import StationConfig

_SIGN_IN_SECONDS: Final = 900.0
_THREADS: Final = 8
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


def run_from(given: argparse.Namespace, config: StationConfig) -> int:
    """Examine `config` as `given` asks, print the report, and return the exit code."""
    from app.ui.wording.doctor_report import as_lines, as_members  # noqa: PLC0415 - loads Qt

    findings = asyncio.run(_examined(config, sign_in=given.sign_in))
    if given.json:
        _print(json_line(json.dumps(as_members(findings), ensure_ascii=False, indent=1)))
    else:
        for line in as_lines(findings):
            _print(line)
    return exit_code(findings)


async def _examined(config: StationConfig, *, sign_in: bool) -> tuple[Finding, ...]:
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="doctor") as executor:
        async with _of_account(config, sign_in=sign_in) as account:
            return await examine((*doctor.examinations(config, executor), *account), _unheard)


def _unheard(_finding: Finding) -> None:
    """The whole report is printed in its order, once it is whole."""


# Signing in -------------------------------------------------------------------------------------


@asynccontextmanager
async def _of_account(
    config: StationConfig, *, sign_in: bool
) -> AsyncIterator[Sequence[Examination]]:
    """Yield what needs a sign-in, or what says why there can be none."""
    cloud = compose.cloud_of(config)
    if not isinstance(cloud, compose.OpenCloud):
        yield cloud
        return
    try:

        async def who() -> Operator | None:
            return await compose.enter(cloud, _prompt) if sign_in else None

        yield doctor.account_of(
            config, cloud.directory, cloud.sign_in, who, _SIGN_IN_SECONDS
        ).examinations()
    finally:
        await cloud.close()


def _prompt(prompt: DevicePrompt) -> None:
    """Say what to do on another device, where it does not get into the report."""
    from app.ui.wording.doctor import device_words  # noqa: PLC0415 - loads Qt

    sys.stderr.write(device_words(prompt) + "\n")
    sys.stderr.flush()


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in text.splitlines() or [""]:
        plain = printable(line)
        sys.stdout.write(plain.encode(encoding, "backslashreplace").decode(encoding) + "\n")
