"""`oathdesk ledger`: the record on a terminal, for whoever audits the desk or supports it.

All but `erase` only ever read, so they may run beside the station. The exit code is 0 where all is
well, 1 where the answer is no (the record is not whole, a head is not followed, nothing was found,
erasing was not agreed to) and 2 where there is no answer.
"""

import argparse
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from app.account import account
from app.cli.terminal import bytes_out, can_ask, close_quietly, reader_may_leave
from app.clock import local, midnight
from app.core.errors import LedgerUnreadable, LedgerUnwritable
from app.core.record import Entry, Head
from app.core.retention import BY_ADMINISTRATOR, EraseOrder
from app.core.station_event import StationEvent
from app.core.text import printable
from app.files import whole_file

if TYPE_CHECKING:
    from sqlite3 import Connection

    from app.ledger import Fault, Held, Report
    from app.ledger.headlog import LoggedHead, SystemLog

WHOLE, NOT_SO, NO_ANSWER = 0, 1, 2

# A spreadsheet takes CSV for UTF-8 by its mark.
_ENCODINGS = {"csv": "utf-8-sig", "hashed": "utf-8", "jsonl": "utf-8"}
_LAST = 20
_FAULTS = {
    "changed": "Entry {number} is not what was written: it was changed, or put in another's place. "
    "The entries before it are whole.",
    "missing": "Entry {number} was removed. The entries before it are whole.",
    "blank": "Entry {number} is empty, and no later entry says that it was erased. "
    "The entries before it are whole.",
    "erasure": "Entry {number} is empty, and entry {by} says that it was erased as something old. "
    "The times of the entries beside it say otherwise: it is not older than what was left. Either "
    "the erasure was forged in order to hide something, or the machine's clock was set back.",
    "unreadable": "The file is damaged at entry {number}. The entries before it are whole.",
    "list": "The entries are whole. The list of enrollments that the station searches is not made "
    "of them: enrollment {enrollment} is listed otherwise, or not at all. The station makes the "
    "list anew when it starts next.",
}
_MISSED: Final = (
    "Entry {head.sequence} is not the one that was expected: its hash is {found} and not "
    "{head.hash}. Entries up to it were changed, removed or replaced."
)
_CUT: Final = (
    "Entry {head.sequence} is not there: the record ends at entry {last}. What came after that was "
    "removed, or an older copy of the file was put in its place."
)
_LOGGED: Final = (
    "The system's log holds a head that this record does not follow: entry {head}, written {at} by "
    "user {uid} in boot {boot} ({reason}). {why}"
)
_OTHER: Final = (
    "The system's log holds heads of another record in this place, {record}: the last is entry "
    "{head.sequence}, written {at} by user {uid} in boot {boot} ({reason}). That record was "
    "removed or replaced."
)
_SIGN: Final = (
    "That is a sign and no proof: each user of this machine can write to the system's log, and a "
    "record that came back from a backup does not follow later heads either."
)
_FORMAT: Final = 1
"""The version of the JSON of `verify`; a member that is added does not change it."""

_FORECAST = (
    "Enrollments that came to rest before {day}: {count}, with {entries} entries. Other events: "
    "{events}. Erasing them "
    "takes names, serial numbers and all evidence for good. The place and the hash of each entry "
    "stay, so that the record can be checked as before."
)
_ASIDE = (
    "Enrollments left as they are, because an entry of theirs is not what was written: {count}. "
    "`oathdesk ledger verify` names the first such entry.\n"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the sub-commands on `parser`."""
    commands = parser.add_subparsers(dest="ledger_command", metavar="COMMAND", required=True)
    verify = commands.add_parser(
        "verify",
        help="check that nothing was changed, removed or reordered",
        description="Checks the record from its first entry to its last, its erasures, its list of "
        "enrollments, the heads that are given with --expect, and all heads of this record in the "
        "system's log. A removed end, or a record that was written anew as a whole, is found only "
        "with such a head. Exit code: 0 whole, 1 not whole or a head is not followed, 2 not "
        "readable.",
    )
    verify.add_argument(
        "--expect",
        type=_head_of,
        action="append",
        default=[],
        metavar="N:HASH",
        help="a head that was kept: entry N has to have this hash, as a receipt, an export, `show` "
        "or `verify` told it (at least 32 of its 64 digits); may be given several times",
    )
    verify.add_argument(
        "--no-log", action="store_true", help="do not read heads from the system's log"
    )
    verify.add_argument(
        "--json",
        action="store_true",
        help="print JSON: format, file, record, entries, hash, whole, fault, missed, log and "
        "exit_code",
    )
    export = commands.add_parser(
        "export",
        help="write the record for other programs",
        description="Writes every entry. In CSV, a cell that a spreadsheet would run as a formula "
        "begins with an apostrophe; JSON Lines keep every text as it is. The form hashed is for "
        "programs that check the chain themselves: JSON Lines with sequence, format, previous, "
        "text and hash, where hash is the SHA-256 of the bytes of previous followed by text in "
        "UTF-8. Of an erased entry text is null.",
    )
    export.add_argument("--format", choices=sorted(_ENCODINGS), default="csv", help="default: csv")
    export.add_argument(
        "--output", type=Path, metavar="OUT", help="write this file instead of the terminal"
    )
    show = commands.add_parser(
        "show", help="print entries", description="Prints entries in their order."
    )
    show.add_argument("--enrollment", metavar="ID", help="print the entries of this enrollment")
    show.add_argument(
        "--last",
        type=_positive,
        metavar="N",
        help=f"print the last N (default: {_LAST}, or all of one enrollment)",
    )
    erase = commands.add_parser(
        "erase",
        help="take the names out of what came to rest long ago",
        description="Says what it will do, and asks. What is erased is gone for good; place and "
        "hash of each entry stay, so that the rest can be checked as before. What is still open "
        "is never erased. The station has to be closed.",
    )
    erase.add_argument(
        "--before",
        type=_midnight,
        metavar="DATE",
        required=True,
        help="erase what came to rest before this day, such as 2026-01-31",
    )
    erase.add_argument("--yes", action="store_true", help="do not ask")
    for command in (verify, export, show, erase):
        command.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="default: the record of this station"
        )


@dataclass(frozen=True, slots=True)
class RetentionLock:
    """How long names have to be kept, as the administrator of the machine has locked it.

    `days` of 0 is for ever. `problem` is why it cannot be told, "" where it can.
    """

    days: int = 0
    problem: str = ""


def run_from(
    given: argparse.Namespace,
    records: Mapping[str, Path],
    lock: RetentionLock | None = None,
    log: "SystemLog | None" = None,
) -> int:
    """Run the sub-command in `given`; without a file it reads one of `records`, by tenant.

    `lock` limits what may be erased. `log` is read instead of this machine's own.
    """
    given.lock, given.log = lock, log
    file = given.file or records.get(given.tenant)
    if file is None and not given.tenant and len(records) == 1:
        (file,) = records.values()
    if file is None:
        return _complain(_which(records))
    if _is_missing(file):
        return _complain(f"There is no record at {file}.")
    try:
        with reader_may_leave():
            return _COMMANDS[given.ledger_command](file, given)
    except LedgerUnreadable as error:
        return _complain(f"The record at {file} cannot be read: {error}.")
    except BrokenPipeError:
        close_quietly()  # whoever reads the output has seen enough
        return WHOLE


def _is_missing(file: Path) -> bool:
    try:
        return not file.exists()
    except OSError:
        return False  # it may be there; reading says what is in the way


def _verify(file: Path, given: argparse.Namespace) -> int:
    from app.ledger import examine  # noqa: PLC0415 - SQLite, not needed for the window's start

    logged, unread = ((), "") if given.no_log else _logged(given.log)
    report = examine(file, given.expect, logged=logged)
    code = WHOLE if report.whole else NOT_SO
    if given.json:
        told = _as_members(file, report, unread) | {"exit_code": code}
        _print_raw(json.dumps(told, indent=1))
    else:
        for sentence in _sentences(report, unread):
            _print(printable(sentence))
    return code


def _logged(log: "SystemLog | None") -> "tuple[Sequence[LoggedHead], str]":
    """Return the heads in the system's log, and why they cannot be read, "" where they can."""
    from app.ledger.headlog import system_log  # noqa: PLC0415 - not needed for the window's start

    try:
        return (log or system_log()).read(), ""
    except LedgerUnreadable as error:
        return (), str(error)


def _sentences(report: "Report", unread: str) -> Iterator[str]:
    """Say what was found, the worst first."""
    if report.fault is not None:
        yield _sentence(report.fault)
    for missed in report.missed:
        yield _missed_words(report, missed.head, missed.found)
    for each in report.unfollowed:
        why = _missed_words(report, each.logged.head, each.found)
        yield _LOGGED.format(**_told(each.logged), why=why)
    for other in report.others:
        yield _OTHER.format(**_told(other))
    if report.unfollowed or report.others:
        yield _SIGN
    count, digest = report.head.sequence, report.head.hash
    if report.whole:
        yield f"The record is whole. Entries: {count}. The last one's hash: {digest}"
        yield f"To check it later against this end: oathdesk ledger verify --expect {report.head}"
    if report.followed:
        yield f"Heads of this record in the system's log that it follows: {report.followed}."
    if unread:
        yield f"The heads in the system's log cannot be read: {unread}."


def _missed_words(report: "Report", head: Head, found: str | None) -> str:
    if found is None:
        return _CUT.format(head=head, last=report.head.sequence)
    return _MISSED.format(head=head, found=found)


def _told(logged: "LoggedHead") -> dict[str, Any]:
    """Return what fills the places of a sentence about a head in the system's log."""
    return {
        "head": logged.head,
        "record": logged.record,
        "at": logged.at.isoformat(timespec="seconds"),
        "uid": logged.uid or "unknown",
        "boot": logged.boot_id or "unknown",
        "reason": logged.reason,
    }


def _as_members(file: Path, report: "Report", unread: str) -> dict[str, Any]:
    """Return the result for programs, to be written as JSON."""
    fault = report.fault
    return {
        "format": _FORMAT,
        "file": str(file),
        "record": report.identity,
        "entries": report.head.sequence,
        "hash": report.head.hash,
        "whole": report.whole,
        "fault": fault
        and {
            "sequence": fault.sequence,
            "why": fault.why.value,
            "by": fault.by,
            "enrollment_id": fault.enrollment_id,
        },
        "missed": [_missed_member(each.head, each.found) for each in report.missed],
        "log": {
            "problem": unread,
            "followed": report.followed,
            "unfollowed": [
                _logged_member(each.logged) | _missed_member(each.logged.head, each.found)
                for each in report.unfollowed
            ],
            "others": [_logged_member(each) for each in report.others],
        },
    }


def _missed_member(head: Head, found: str | None) -> dict[str, Any]:
    return {"sequence": head.sequence, "hash": head.hash, "found": found}


def _logged_member(logged: "LoggedHead") -> dict[str, Any]:
    return {
        "record": logged.record,
        "sequence": logged.head.sequence,
        "hash": logged.head.hash,
        "file": logged.file,
        "reason": logged.reason,
        "at": logged.at.isoformat(),
        "uid": logged.uid,
        "boot_id": logged.boot_id,
    }


def _sentence(fault: "Fault") -> str:
    number, by, enrollment = fault.sequence, fault.by, fault.enrollment_id
    return _FAULTS[fault.why.value].format(number=number, by=by, enrollment=enrollment)


def _refuse_no_record(file: Path) -> None:
    """Raise LedgerUnreadable where `file` is no record, so that erasing does not make one of it."""
    import sqlite3  # noqa: PLC0415 - not needed for the window's start

    from app.ledger.opening import read_only, refuse_newer  # noqa: PLC0415 - the same

    try:
        refuse_newer(file)
        with closing(read_only(file)) as db:
            db.execute("SELECT sequence, hash FROM head").fetchone()
    except (OSError, sqlite3.Error) as error:
        raise LedgerUnreadable(str(error)) from error


def _export(file: Path, given: argparse.Namespace) -> int:
    from app.ledger import held  # noqa: PLC0415 - SQLite
    from app.ledger.export import write_csv, write_hashed, write_jsonl  # noqa: PLC0415 - the same
    from app.ledger.reading import hashed_rows  # noqa: PLC0415 - the same

    def write(stream: TextIO) -> int:
        match given.format:
            case "csv":
                return write_csv(held(file), stream)
            case "jsonl":
                return write_jsonl(held(file), stream)
            case _:
                return write_hashed(hashed_rows(file), stream)

    encoding = _ENCODINGS[given.format]
    if given.output is None:
        with bytes_out(encoding) as stream:
            write(stream)
        return WHOLE
    if _belongs_to(file, given.output):
        return _complain(f"{given.output} is the record itself. Name another file.")
    try:
        with whole_file(given.output, encoding) as stream:
            count = write(stream)
    except OSError as error:
        return _complain(f"{given.output} cannot be written: {error.strerror or error}.")
    _print(f"Entries written to {given.output}: {count}")
    return WHOLE


def _show(file: Path, given: argparse.Namespace) -> int:
    from app.ledger import held  # noqa: PLC0415 - SQLite

    wanted: str | None = given.enrollment
    most = given.last or (_LAST if wanted is None else None)
    chosen = (each for each in held(file) if wanted in (None, _enrollment_of(each)))
    found = deque(chosen, maxlen=most)
    for each in found:
        _print("\n".join(_lines(each)))
    if found:
        return WHOLE
    if wanted is None:
        _print("The record is empty.")
        return WHOLE
    _print(f"The record holds no enrollment {printable(wanted)}.")
    return NOT_SO


def _erase(file: Path, given: argparse.Namespace) -> int:
    from app.ledger import upkeep  # noqa: PLC0415 - SQLite

    _refuse_no_record(file)
    order = EraseOrder(given.before, datetime.now(UTC), f"{BY_ADMINISTRATOR}: {account()}")
    if (refusal := _too_early(order, given.lock)) is not None:
        return _complain(refusal)
    try:
        with upkeep.alone(file) as db:
            code = _erase_if_agreed(db, order, yes=given.yes)
            upkeep.log_head(db, file, given.log)
            return code
    except upkeep.InUseError:
        return _complain(
            f"The record at {file} is in use. Close the station and try again; nothing was erased."
        )
    except LedgerUnwritable as error:
        return _complain(
            f"The record at {file} cannot be written: {error}. It is whole; begin again to go on."
        )
    finally:
        _tell_of_set_aside(file)


def _erase_if_agreed(db: "Connection", order: EraseOrder, *, yes: bool) -> int:
    from app.ledger import upkeep  # noqa: PLC0415 - SQLite

    found = upkeep.forecast(db, order)
    _print(_ASIDE.format(count=found.kept) if found.kept else "", end="")
    if not found.entries:
        _print(f"Nothing came to rest before {order.before:%Y-%m-%d}. Nothing was erased.")
        return WHOLE
    told = {"count": found.enrollments, "entries": found.entries - found.events}
    _print(_FORECAST.format(day=order.before.date(), events=found.events, **told))
    if not (yes or _agreed()):
        _print("Nothing was erased.")
        return NOT_SO
    done = upkeep.erase(db, order)
    _print(
        f"Enrollments erased: {done.enrollments}. Entries: {done.entries - done.events}. "
        f"Other events: {done.events}."
    )
    return WHOLE


def _too_early(order: EraseOrder, lock: RetentionLock | None) -> str | None:
    """Return why `order` takes what the administrator of the machine wants kept, or None."""
    if lock is None:
        return None
    if lock.problem:
        return (
            "The configuration of the whole machine cannot be used, and it may lock how long names "
            f"are kept: {lock.problem}. Nothing was erased."
        )
    if not lock.days:
        return (
            "The administrator of this machine has locked ledger.retention_days to 0: names are "
            "kept for ever. Nothing was erased."
        )
    latest = order.at - timedelta(days=lock.days)
    if order.before <= latest:
        return None
    return (
        f"The administrator of this machine has locked ledger.retention_days to {lock.days}: what "
        f"came to rest after {local(latest):%Y-%m-%d %H:%M} has to be kept. "
        "Nothing was erased."
    )


def _agreed() -> bool:
    """Ask on a terminal; where nobody can be asked, nobody agrees."""
    if not can_ask():
        _print("Nobody can be asked here. Add --yes to erase without being asked.")
        return False
    sys.stdout.write("Type yes to erase them: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().casefold() == "yes"


def _tell_of_set_aside(file: Path) -> None:
    from app.ledger.replacing import set_aside  # noqa: PLC0415 - SQLite

    for each in set_aside(file):
        _print(f"{each} was set aside after damage. It is not touched and may still hold names.")


def _enrollment_of(each: "Held") -> str | None:
    return each.content.enrollment_id if isinstance(each.content, Entry) else None


def _lines(each: "Held") -> Iterator[str]:
    content = each.content
    if content is None:
        yield f"{each.sequence}  content erased  {each.hash.hex()}"
        return
    at = content.at.isoformat(timespec="milliseconds")
    if isinstance(content, StationEvent):
        facts, subject = content.facts, content.subject
        about = f"{subject.kind.value} {printable(subject.id)}"
        yield f"{each.sequence}  {at}  {printable(content.name)}  {about}"
    elif isinstance(content, Entry):
        head, facts = f"{content.kind.value}  {content.state.value}", content.facts
        yield f"{each.sequence}  {at}  {head}  {printable(content.enrollment_id)}"
    else:
        facts = content.facts()
        yield f"{each.sequence}  {at}  erased"
    for name, value in facts.items():
        yield f"    {printable(name)}: {printable(value)}"
    yield f"    hash: {each.hash.hex()}"


_COMMANDS: dict[str, Callable[[Path, argparse.Namespace], int]] = {
    "verify": _verify,
    "export": _export,
    "show": _show,
    "erase": _erase,
}


def _belongs_to(file: Path, output: Path) -> bool:
    """Tell whether writing `output` would destroy the record or one of its companions."""
    record, target = file.resolve(), output.resolve()
    return target.parent == record.parent and target.name.startswith(record.name)


def _print_raw(text: str) -> None:
    """Print JSON, which is ASCII."""
    sys.stdout.write(f"{text}\n")


def _print(text: str, end: str = "\n") -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + end)


def _complain(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return NO_ANSWER


def _which(records: Mapping[str, Path]) -> str:
    """Return what to say where no record was named, or none that there is."""
    if not records:
        return "No tenant is configured. Name the file of the record."
    return f"Name the tenant of the record with --tenant: {', '.join(sorted(records))}."


def _head_of(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError:
        wanted = "a sequence number, a colon, and at least 32 digits of the hash"
        raise argparse.ArgumentTypeError(wanted) from None


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1")
    return number


def _midnight(text: str) -> datetime:
    """Return the beginning of a day, in the time zone of this machine."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day such as 2026-01-31") from None
    begins = midnight(day)
    if begins > datetime.now(UTC):
        raise argparse.ArgumentTypeError("a day that has come")
    return begins
