"""`oathdesk config`: the configuration on a terminal, for whoever writes it or has to support it.

The exit code is 0 where all is well, 1 where the configuration cannot be used as it is and 2 where
there is no answer. No secret is shown.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.text import printable
from app.settings.loading import Loaded, Sources, load

WELL, NOT_SO, NO_ANSWER = 0, 1, 2

_HEAD = ("Key", "Value", "From", "Place", "Locked")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the sub-commands on `parser`."""
    commands = parser.add_subparsers(dest="config_command", metavar="COMMAND", required=True)
    commands.add_parser(
        "check",
        help="name everything that is wrong",
        description="Names every problem with its place, what was found and what is allowed. "
        "Exit code: 0 none but hints, 1 some.",
    )
    commands.add_parser(
        "show",
        help="print every key, and where its value comes from",
        description="Prints each key with its value, the layer and the place that it comes from, "
        "and whether it is locked. Secrets are not shown.",
    )
    commands.add_parser(
        "example",
        help="print a file to begin with",
        description="Prints a file in which every key is explained. As it is, it sets none.",
    )
    admx = commands.add_parser(
        "admx",
        help="write the template of the Windows policies",
        description="Writes oathdesk.admx and en-US/oathdesk.adml, for the folder of policy "
        "definitions of a Windows domain or machine.",
    )
    admx.add_argument("folder", type=Path, metavar="FOLDER", help="the folder to write them to")


def run_from(given: argparse.Namespace, sources: Sources) -> int:
    """Run the sub-command in `given` on the configuration in `sources`."""
    return _COMMANDS[given.config_command](given, sources)


def _check(_given: argparse.Namespace, sources: Sources) -> int:
    loaded = load(sources)
    for problem in loaded.problems:
        _print(f"{'Hint' if problem.warning else 'Problem'}: {problem}")
    if loaded.errors:
        _print(f"The configuration cannot be used. Problems: {len(loaded.errors)}")
        return NOT_SO
    _print(f"The configuration is sound. Hints: {len(loaded.warnings)}")
    if not loaded.configuration.tenants:
        _print(f"No tenant is configured yet. Its place is {sources.user_file}")
    return WELL


def _show(_given: argparse.Namespace, sources: Sources) -> int:
    loaded = load(sources)
    for line in _table((_HEAD, *_rows(loaded))):
        _print(line)
    if loaded.errors:
        sys.stderr.write("Not every value could be used. `oathdesk config check` says why.\n")
    return NOT_SO if loaded.errors else WELL


def _rows(loaded: Loaded) -> list[tuple[str, ...]]:
    return [
        (
            each.path,
            each.shown,
            each.origin.layer.words,
            each.origin.place,
            "locked" if each.origin.locked else "",
        )
        for each in loaded.settled
    ]


def _table(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _example(_given: argparse.Namespace, _sources: Sources) -> int:
    from app.settings.example import example_file  # noqa: PLC0415 - not needed for a start

    sys.stdout.write(example_file())
    return WELL


def _admx(given: argparse.Namespace, _sources: Sources) -> int:
    from app.settings.admx import TEMPLATES  # noqa: PLC0415 - XML, not needed for a start

    try:
        for name, text in TEMPLATES.items():
            file = given.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(), encoding="utf-8")
            _print(f"Written: {file}")
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be written: {error.strerror}.\n")
        return NO_ANSWER
    return WELL


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    text = printable(text)
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


_COMMANDS: dict[str, Callable[[argparse.Namespace, Sources], int]] = {
    "check": _check,
    "show": _show,
    "example": _example,
    "admx": _admx,
}
