"""Heads of the record in the system's log, where the owner of the record's file cannot change them.

On Windows that is the log "Application" (app.eventlog): a head is one entry of the source Oathdesk,
whose texts are a sentence and then, as "KEY=value", what the sentence says. On Linux a head is
written as one entry of the systemd journal, by its native protocol (a datagram of
KEY=value lines, systemd.io/JOURNAL_NATIVE_PROTOCOL), and read back with journalctl. The journal
adds fields of its own, whose names begin with an underscore and which no sender can set: who wrote
the entry, when, and in which boot (systemd.journal-fields(7)). What is there cannot be rewritten
without root's rights. It is no proof, though: each user of the machine can write such entries.
"""

import enum
import json
import logging
import re
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from app import eventlog
from app.core.errors import LedgerUnreadable
from app.core.record import Head, HeadReason
from app.core.text import one_line
from app.eventlog import EventApi, events_of_this_machine

_LOG = logging.getLogger("oathdesk.ledger")

MESSAGE_ID: Final = "5d1f0b7c9a3e4c28b64d8e2f70a1c935"
"""The kind of the journal's entries that hold a head (systemd.journal-fields(7), MESSAGE_ID)."""

SOCKET: Final = Path("/run/systemd/journal/socket")
JOURNALCTL: Final = ("/usr/bin/journalctl",)

_PRIORITY: Final = "6"  # informational (RFC 5424, section 6.2.1)
_SEND_SECONDS: Final = 0.5
_READ_SECONDS: Final = 60.0
_LONGEST_LINE: Final = 200_000
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_MICROSECONDS: Final = 1_000_000
_OWN: Final = "OATHDESK_"


@dataclass(frozen=True, slots=True)
class HeadNote:
    """What is written about one head. `record` is the random name of the record itself.

    `predecessor` names the damaged record that this one replaces, "" if it replaces none.
    """

    record: str
    head: Head
    file: str
    reason: HeadReason
    desk: str = ""
    predecessor: str = ""


@dataclass(frozen=True, slots=True)
class LoggedHead:
    """A head as the system's log holds it.

    `at`, `uid` and `boot_id` are the journal's own: when it took the entry, from which user, and in
    which boot of the machine.
    """

    record: str
    head: Head
    file: str
    reason: str
    predecessor: str
    at: datetime
    uid: str
    boot_id: str


class State(enum.Enum):
    """What this machine has for a system's log."""

    JOURNAL = "journal"
    EVENT_LOG = "event log"
    NONE = "none"


class SystemLog(Protocol):
    """A log that outlives the record's file and that its owner cannot change."""

    @property
    def state(self) -> State:
        """Tell what there is to write to."""

    def write(self, note: HeadNote) -> bool:
        """Write `note`; tell whether the log took it. Never raises."""

    def read(self) -> tuple[LoggedHead, ...]:
        """Return the heads of all records that this account may read, oldest first.

        There are none where the machine has no such log. Raises LedgerUnreadable where it fails.
        """


def system_log() -> SystemLog:
    """Return the log of this machine."""
    api = events_of_this_machine()
    return Journal() if api is None else EventLog(api)


class _Sending:
    """Sends to the system's log, and warns once until the log takes something again."""

    def __init__(self) -> None:
        self._warned = False

    def succeeds(self, send: Callable[[], object]) -> bool:
        """Call `send`; tell whether the log took what it sends."""
        try:
            send()
        except OSError as error:
            if not self._warned:
                _LOG.warning("the system's log does not take the record's head: %s", error)
            self._warned = True
            return False
        self._warned = False
        return True


class Journal:
    """The journal of this machine. `program` is journalctl, with what stands before its options."""

    def __init__(self, socket_path: Path = SOCKET, program: Sequence[str] = JOURNALCTL) -> None:
        self._socket = socket_path
        self._program = tuple(program)
        self._sending = _Sending()

    @property
    def state(self) -> State:
        """Tell whether there is a journal to write to."""
        try:
            found = stat.S_ISSOCK(self._socket.stat().st_mode)
        except OSError:
            return State.NONE
        return State.JOURNAL if found else State.NONE

    def write(self, note: HeadNote) -> bool:
        """Write `note`; tell whether the journal took it. A machine without one takes nothing."""
        if self.state is State.NONE or not hasattr(socket, "AF_UNIX"):
            return False

        def send() -> None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(_SEND_SECONDS)
                sender.sendto(_datagram(_fields(note)), str(self._socket))

        return self._sending.succeeds(send)

    def read(self) -> tuple[LoggedHead, ...]:
        """Return the heads of all records that this account may read, oldest first.

        There are none where the machine has no journalctl. Raises LedgerUnreadable where it fails.
        """
        if not Path(self._program[0]).exists():
            return ()
        return tuple(_heads(self._lines()))

    def _lines(self) -> Iterator[bytes]:
        options = ("--output=json", "--all", "--no-pager", "--quiet", f"MESSAGE_ID={MESSAGE_ID}")
        command = [*self._program, *options]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        try:
            asked = subprocess.Popen(  # noqa: S603 - the system's own program, by its full path
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            )
        except OSError as error:
            raise LedgerUnreadable(f"journalctl: {error}") from error
        late = threading.Event()

        def end() -> None:
            late.set()
            asked.kill()

        with asked:
            ends = threading.Timer(_READ_SECONDS, end)
            ends.start()
            try:
                assert asked.stdout is not None
                while line := asked.stdout.readline(_LONGEST_LINE):
                    yield line
            finally:
                ends.cancel()
                asked.kill()
        if late.is_set():
            raise LedgerUnreadable(f"journalctl: no answer within {_READ_SECONDS:.0f} seconds")


class EventLog:
    """The log of Windows that its event viewer calls "Application"."""

    state: Final = State.EVENT_LOG

    def __init__(self, api: EventApi) -> None:
        self._api = api
        self._sending = _Sending()

    def write(self, note: HeadNote) -> bool:
        """Write `note`; tell whether Windows took it."""
        fields = _fields(note)
        told = (f"{name}={value}" for name, value in fields.items() if name.startswith(_OWN))
        strings = (fields["MESSAGE"], *told)
        return self._sending.succeeds(
            lambda: self._api.write(eventlog.Kind.INFORMATION, eventlog.HEAD, strings)
        )

    def read(self) -> tuple[LoggedHead, ...]:
        """Return the heads of all records, oldest first. Raises LedgerUnreadable.

        Windows notes no user that the writer could not choose, and no boot.
        """
        ends = time.monotonic() + _READ_SECONDS
        try:
            found = list(
                eventlog.events(self._api, eventlog.HEAD, late=lambda: time.monotonic() > ends)
            )
        except OSError as error:
            raise LedgerUnreadable(f"the event log: {error}") from error
        return tuple(_event_heads(found))


def _event_heads(found: Sequence[eventlog.Event]) -> Iterator[LoggedHead]:
    """Give what can be understood; the rest was not written by this program."""
    for event in found:
        told: dict[str, object] = {}
        for text in event.texts[1:]:
            name, _, value = text.partition("=")
            told.setdefault(name, value)
        told["__REALTIME_TIMESTAMP"] = str(int(event.at.timestamp() * _MICROSECONDS))
        told["_UID"] = told["_BOOT_ID"] = ""
        with suppress(ValueError, OverflowError, OSError):
            yield _head(told)


def _fields(note: HeadNote) -> Mapping[str, str]:
    told = {
        "MESSAGE_ID": MESSAGE_ID,
        "MESSAGE": f"Oathdesk record {note.record}: entry {note.head} ({note.reason.value})",
        "PRIORITY": _PRIORITY,
        "SYSLOG_IDENTIFIER": "oathdesk",
        "OATHDESK_RECORD": note.record,
        "OATHDESK_SEQUENCE": str(note.head.sequence),
        "OATHDESK_HASH": note.head.hash,
        "OATHDESK_FILE": note.file,
        "OATHDESK_REASON": note.reason.value,
        "OATHDESK_DESK": one_line(note.desk),
        "OATHDESK_PREDECESSOR": note.predecessor,
    }
    return {name: value for name, value in told.items() if value}


def _datagram(fields: Mapping[str, str]) -> bytes:
    """Return `fields` as the journal's native protocol has them.

    A value with a line feed is preceded by its length in bytes as 64 bits, little-endian.
    """
    parts = []
    for name, text in fields.items():
        value = text.encode("utf-8", "surrogateescape")
        if b"\n" in value:
            length = len(value).to_bytes(8, "little")
            parts.append(name.encode() + b"\n" + length + value + b"\n")
        else:
            parts.append(name.encode() + b"=" + value + b"\n")
    return b"".join(parts)


def _heads(lines: Iterator[bytes]) -> Iterator[LoggedHead]:
    """Give what can be understood; the rest was not written by this program."""
    for line in lines:
        with suppress(ValueError, TypeError, OverflowError, OSError):
            told = json.loads(line)
            if isinstance(told, dict):
                yield _head(told)


def _head(told: Mapping[str, object]) -> LoggedHead:
    """Return the head in one entry of the journal as JSON. Raises ValueError."""
    record = _text(told, "OATHDESK_RECORD")
    if _NAME.fullmatch(record) is None:
        raise ValueError("no record is named")
    microseconds = int(_text(told, "__REALTIME_TIMESTAMP"))
    return LoggedHead(
        record=record,
        head=Head.parse(f"{_text(told, 'OATHDESK_SEQUENCE')}:{_text(told, 'OATHDESK_HASH')}"),
        file=_text(told, "OATHDESK_FILE"),
        reason=_text(told, "OATHDESK_REASON"),
        predecessor=_text(told, "OATHDESK_PREDECESSOR"),
        at=datetime.fromtimestamp(microseconds / _MICROSECONDS, UTC),
        uid=_text(told, "_UID"),
        boot_id=_text(told, "_BOOT_ID"),
    )


def _text(told: Mapping[str, object], name: str) -> str:
    """Return a field as text. journalctl gives what is no UTF-8 as a list of byte values."""
    value = told.get(name, "")
    if isinstance(value, list):
        return bytes(value).decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else ""
