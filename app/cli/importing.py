"""`oathdesk import`: the tokens of a vendor's file into the tenant, for whoever has no window.

The result is one JSON document on standard output; what a person reads meanwhile goes to standard
error. A key or a password is asked for on the terminal or read from a file that nobody else can
read; as an argument it would stand in the list of processes and in the shell's history. The exit
code is 0 where every row is in the tenant (or, with --dry-run, could go), 1 where a row is not, 2
where nothing could be done, and 3 where a station is running.
"""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.cli.terminal import can_ask, reader_may_leave
from app.core.errors import (
    DirectoryError,
    KeyUnusable,
    OathdeskError,
    SeedFileError,
    SettingsError,
)
from app.core.importing import Handing
from app.core.job import JobRow, RowReason, RowState
from app.core.model import HashFunction
from app.core.preflight import FindingKind, OverrideReason
from app.core.secret import Encoding, Secret
from app.core.seed import INTERVALS, ColumnMapping, Need, RowFault, SeedFile, SeedOptions
from app.core.text import printable

if TYPE_CHECKING:
    from app.cli.import_run import Build

DONE, NOT_ALL, NOTHING, ALREADY_RUNS = 0, 1, 2, 3

_WHY: Final[Mapping[RowReason | FindingKind, str]] = {RowReason.NOT_ACTIVATED: "assigned"}
"""Reasons that the result names otherwise than the program, as it always has."""
FORMAT: Final = 1

_HASHES: Final = {"sha1": HashFunction.SHA1, "sha256": HashFunction.SHA256}
_ENCODINGS: Final = {
    "hex": Encoding.HEX,
    "base32": Encoding.BASE32,
    "base64": Encoding.BASE64,
    "text": Encoding.TEXT,
}
_COLUMNS: Final = {
    "serial": "serial",
    "secret": "secret",
    "interval": "interval",
    "manufacturer": "manufacturer",
    "model": "model",
    "person": "person",
    "hash": "hash_function",
    "type": "kind",
    "digits": "digits",
    "encoding": "encoding",
    "name": "display_name",
}
_ANSWERS: Final = {
    Need.MAPPING: "--columns, such as --columns serial=1,secret=2",
    Need.ENCODING: "--encoding with base32, hex, base64 or text",
    Need.HASH: "--hash sha1 or --hash sha256, for secrets of more than 20 bytes name none",
    Need.INTERVAL: "--interval 30 or --interval 60",
    Need.MAKER: "--manufacturer and --model",
}
_JSON: Final = (
    "The result is JSON: format, file, kind, ignored (columns that were left out on request), "
    "dry_run, rows, exit_code, counts by state, and "
    "results with row, serial_number, state (could_go, fault, done, skipped, failed, unclear, "
    "left) and why."
)


class Unusable(Exception):
    """What was given cannot be used; the text says why and holds no secret."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options on `parser`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the vendor's file, as it came")
    parser.add_argument(
        "--dry-run", action="store_true", help="read and check the file, sign in nowhere"
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="read the password of an encrypted file from the first line of FILE, which nobody "
        "else may read; default: ask on the terminal",
    )
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="the same for its key, in hexadecimal"
    )
    parser.add_argument(
        "--columns",
        type=_columns,
        metavar="NAME=NUMBER,...",
        help="which column of a CSV file holds what, counted from 1: "
        + ", ".join(_COLUMNS)
        + "; columns that are not named here are what their headings say",
    )
    parser.add_argument(
        "--no-header", action="store_true", help="with --columns: the first row holds a token"
    )
    parser.add_argument(
        "--ignore-column",
        action="append",
        default=[],
        metavar="NAME",
        help="leave out a column (or a member of JSON objects) that is not understood, by its name "
        "or its number; may be given several times",
    )
    parser.add_argument(
        "--encoding", choices=sorted(_ENCODINGS), help="how secrets are written, where not told"
    )
    parser.add_argument(
        "--interval", type=int, choices=sorted(INTERVALS), help="time step, where not told"
    )
    parser.add_argument("--hash", choices=sorted(_HASHES), help="hash function, where not told")
    parser.add_argument("--manufacturer", default="", metavar="NAME", help="where not told")
    parser.add_argument("--model", default="", metavar="NAME", help="where not told")
    parser.add_argument(
        "--assign", action="store_true", help="assign each token to the person that its row names"
    )
    parser.add_argument(
        "--activate",
        action="store_true",
        help="with --assign: activate them too, with codes computed from the seeds; nobody looks "
        "at a token then, and one whose clock is off is not found out",
    )
    parser.add_argument(
        "--reason",
        choices=[each.value for each in OverrideReason],
        help="with --assign: one reason for all rows whose person needs one (a disabled account, a "
        "policy that leaves them out); it is recorded with each; without it such rows fail",
    )
    parser.add_argument(
        "--faults", type=Path, metavar="OUT", help="save the faults of the file as CSV"
    )
    parser.epilog = _JSON


def run_from(given: argparse.Namespace, build: Callable[[], "Build"]) -> int:
    """Import what `given` names; `build` makes a station where one is needed."""
    try:
        order, found = _read(given)
        _save_faults(given.faults, found)
        return _dry(given, found) if given.dry_run else _wet(given, order, found, build)
    except (Unusable, KeyUnusable, SeedFileError, SettingsError, OSError) as error:
        _complain(str(error))
        return NOTHING
    except KeyboardInterrupt:
        _complain("Stopped. To go on, import the same file again.")
        return NOTHING


@dataclass(frozen=True, slots=True)
class Order:
    """The file, and what was told about it; `key` and `password` are texts of the operator's."""

    file: Path
    options: SeedOptions
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def told(self) -> SeedOptions:
        """Return everything that was told, with secrets that may be overwritten."""
        return replace(
            self.options,
            key=Secret(_key_of(self.key)) if self.key else None,
            password=Secret(self.password.encode()) if self.password else None,
        )

    def opened(self, needs: frozenset[Need]) -> "Order":
        """Return the order with what opens the file, asked for on the terminal."""
        if Need.KEY in needs:
            return replace(self, key=_asked("Key of the file (hexadecimal): "))
        return replace(self, password=_asked("Password of the file: "))


def _read(given: argparse.Namespace) -> tuple[Order, SeedFile]:
    """Return how the file is read, and what is in it. Asks for what opens it.

    Raises SeedFileError, and Unusable where something is not told.
    """
    from app.seeds import read  # noqa: PLC0415 - not needed for the window's start

    order = _order(given)
    found = read(order.file, order.told())
    if found.needs & {Need.KEY, Need.PASSWORD}:
        found.wipe()
        order = order.opened(found.needs)
        found = read(order.file, order.told())
    unclear = _not_understood(found) + _not_told(found)
    if unclear:
        found.wipe()
        raise Unusable("\n".join([f"{order.file.name} does not tell everything.", *unclear]))
    _check_ignored(order, found)
    return order, found


def _not_understood(found: SeedFile) -> list[str]:
    """Return a sentence for each column that holds something and is not understood."""
    return [
        f"Column {at + 1}{_quoted(found.columns[at])} is not understood. Say what it holds with "
        f"--columns, or leave it out with --ignore-column {found.columns[at] or at + 1!r}."
        for at in found.unknown
    ]


def _quoted(name: str) -> str:
    return f" ({name})" if name else ""


def _not_told(found: SeedFile) -> list[str]:
    """Return a sentence for everything else that is missing."""
    needs = found.needs - ({Need.MAPPING} if found.unknown else set())
    mapping = found.mapping
    if found.titles and Need.MAPPING in needs and mapping is not None:
        named = f"The names of the columns stand in line {found.titles + 1}."
        agree = f"--columns serial={mapping.serial + 1},secret={mapping.secret + 1}"
        return [f"{named} What is above is not read. Where it holds no token, agree with {agree}."]
    missing = [_ANSWERS[need] for need in Need if need in needs and need in _ANSWERS]
    return [f"Give {'; '.join(missing)}."] if missing else []


def _check_ignored(order: Order, found: SeedFile) -> None:
    """Refuse to leave out a column that is not there: it may be misspelt. Raises Unusable."""
    from app.seeds.columns import dense  # noqa: PLC0415 - not needed for the window's start

    ignored = found.mapping.ignored if found.mapping is not None else ()
    there = {str(at + 1) for at in ignored}
    there |= {dense(found.columns[at]) for at in ignored if at < len(found.columns)}
    for name in sorted(order.options.ignored):
        if found.columns and name not in there and dense(name) not in there:
            found.wipe()
            raise Unusable(f"{order.file.name} has no column {name!r} that could be left out.")


def _order(given: argparse.Namespace) -> Order:
    """Return what is to be read and how. Raises Unusable and KeyUnusable."""
    if given.reason and not given.assign:
        raise Unusable("--reason is for people who get tokens: give --assign too.")
    if given.activate and not given.assign:
        raise Unusable("--activate needs --assign")
    mapping = replace(given.columns, header=not given.no_header) if given.columns else None
    options = SeedOptions(
        mapping=mapping,
        ignored=frozenset(given.ignore_column),
        encoding=_ENCODINGS.get(given.encoding),
        interval=given.interval,
        hash_function=_HASHES.get(given.hash),
        manufacturer=given.manufacturer,
        model=given.model,
    )
    return Order(given.file, options, _from(given.key_file), _from(given.password_file))


def _from(path: Path | None) -> str:
    """Return the first line of a private file; "" without one. Raises KeyUnusable."""
    from app.auth.keyfile import passphrase  # noqa: PLC0415 - imports cryptography

    return "" if path is None else passphrase(path)


def _asked(prompt: str) -> str:
    if not can_ask():
        raise Unusable("the file is encrypted; give --password-file or --key-file")
    return getpass.getpass(prompt, sys.stderr)


def _key_of(text: str) -> bytes:
    try:
        return bytes.fromhex("".join(text.split()))
    except ValueError:
        raise Unusable("the key is not hexadecimal") from None


def _columns(text: str) -> ColumnMapping:
    """Return which column is which, from `serial=1,secret=2`."""
    try:
        parts = (part.split("=") for part in text.split(","))
        told: dict[str, Any] = {_COLUMNS[name.strip()]: int(at) - 1 for name, at in parts}
        return ColumnMapping(**told)
    except (KeyError, TypeError, ValueError):
        raise argparse.ArgumentTypeError(
            "expected NAME=NUMBER pairs with serial and secret among them, each column once"
        ) from None


def _save_faults(path: Path | None, found: SeedFile) -> None:
    from app.seeds import write_faults  # noqa: PLC0415 - not needed for the window's start
    from app.ui.wording.seeds import row_fault  # noqa: PLC0415 - loads Qt

    if path is not None:
        write_faults(path, found.faults, row_fault)


# Without the tenant -----------------------------------------------------------------------------


def _dry(given: argparse.Namespace, found: SeedFile) -> int:
    _say_of_people(given, found)
    going = [{"row": t.row, "serial_number": t.serial, "state": "could_go"} for t in found.tokens]
    found.wipe()
    code = NOT_ALL if found.faults else DONE
    _print(_result(given, found, [*going, *_faulty(found.faults)], code))
    return code


def _say_of_people(given: argparse.Namespace, found: SeedFile) -> None:
    """Say that people whom the file names are left out, where they are."""
    named = sum(1 for token in found.tokens if token.person)
    if named and not given.assign:
        _complain(
            f"The file names a person for {named} of its tokens. Without --assign nobody gets one."
        )


def _faulty(faults: Sequence[RowFault]) -> list[dict[str, Any]]:
    from app.ui.wording.seeds import row_fault  # noqa: PLC0415 - loads Qt

    return [
        {
            "row": fault.row,
            "serial_number": fault.serial,
            "state": "fault",
            "why": fault.kind.value,
            "sentence": row_fault(fault),
        }
        for fault in faults
    ]


def _result(
    given: argparse.Namespace, found: SeedFile, results: list[dict[str, Any]], code: int
) -> Mapping[str, Any]:
    results.sort(key=lambda one: one["row"])
    states = [one["state"] for one in results]
    return {
        "format": FORMAT,
        "file": given.file.name,
        "kind": found.format.value,
        "ignored": _ignored(found),
        "dry_run": given.dry_run,
        "rows": found.rows,
        "exit_code": code,
        "counts": {state: states.count(state) for state in sorted(set(states))},
        "results": results,
    }


def _ignored(found: SeedFile) -> list[str]:
    """Return the columns that were left out because somebody said so, by name or number."""
    left_out = found.mapping.ignored if found.mapping is not None else ()
    names = [found.columns[at] if at < len(found.columns) else "" for at in left_out]
    return [name or str(at + 1) for at, name in zip(left_out, names, strict=True)]


# With the tenant --------------------------------------------------------------------------------


def _wet(
    given: argparse.Namespace, order: Order, found: SeedFile, build: Callable[[], "Build"]
) -> int:
    rows = {token.serial: token.row for token in found.tokens}
    _say_of_people(given, found)
    found.wipe()  # the station reads the file itself, and overwrites what it has read
    handing, reason = Handing.NOTHING, OverrideReason(given.reason) if given.reason else None
    if given.assign:
        handing = Handing.ACTIVATE if given.activate else Handing.ASSIGN
    from app.cli.import_run import uploaded  # noqa: PLC0415 - not needed for a dry run

    try:
        ended = asyncio.run(uploaded(build(), order.file, order.told(), handing, reason))
    except OathdeskError as error:
        _complain(_sentence(error))
        return NOTHING
    told = [_told(ended.get(serial), serial, row) for serial, row in rows.items()]
    faulty = _faulty(found.faults)
    well = not faulty and all(one["state"] in {"done", "skipped"} for one in told)
    code = DONE if well else NOT_ALL
    _print(_result(given, found, [*told, *faulty], code))
    return code


def _told(row: JobRow | None, serial: str, number: int) -> dict[str, Any]:
    """Return how a row ended; one that the upload did not hold was in the tenant before."""
    state = RowState.SKIPPED if row is None else row.state
    told: dict[str, Any] = {"row": number, "serial_number": serial, "state": state.value}
    if row is None:
        return told | {"why": "there"}
    if row.reason is not None:
        told["why"] = _WHY.get(row.reason, row.reason.value)
    if row.error is not None:
        told["error"] = type(row.error).__name__
        told["sentence"] = _sentence(row.error)
    if isinstance(row.error, DirectoryError):
        told["evidence"] = dict(row.error.evidence.rows())
    return told


def _sentence(error: OathdeskError) -> str:
    from app.ui.wording.errors import trouble  # noqa: PLC0415 - loads Qt

    told = trouble(error)
    return f"{told.sentence} {told.advice}"


def _complain(words: str) -> None:
    sys.stderr.write("".join(f"{printable(line)}\n" for line in words.splitlines()))
    sys.stderr.flush()


def _print(result: Mapping[str, Any]) -> None:
    with suppress(BrokenPipeError), reader_may_leave():
        sys.stdout.write(json.dumps(result, indent=1) + "\n")
        sys.stdout.flush()
