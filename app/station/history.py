"""The record as a list to look through: pages, one enrollment's whole story, and exports.

Every question stops the one before it, and every answer says what it answers, so that a list never
shows what was asked for a moment ago. The record is read off the loop.
"""

import asyncio
import enum
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.clock import local, midnight
from app.core.enrollment import State
from app.core.errors import LedgerError, OathdeskError
from app.core.history import ExportForm, HistoryPage, HistoryQuery, HistoryScope, KnownOperator
from app.core.record import Entry
from app.core.station_event import EventName
from app.station.context import StationContext
from app.station.event_recorder import EventRecorder, file_name
from app.station.notices import Notice
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
PAGE = 100
"""Enrollments that are read at once."""

_LIST, _STORY, _OPERATORS, _EXPORT = "history", "timeline", "operators", "export"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the history is to list. Days are those of the desk's own time zone, both included.

    `days` counts back from today, today included; 0 means that `first` and `last` tell.
    """

    text: str = ""
    states: frozenset[State] = frozenset()
    operator: str = ""
    days: int = 0
    first: date | None = None
    last: date | None = None
    scope: HistoryScope = HistoryScope.ENROLLMENTS


@dataclass(frozen=True, slots=True)
class HistoryNotice(Notice):
    """A page of the record: what was `wanted`, and how many lines come before it."""

    wanted: Wanted
    before: int
    page: HistoryPage
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class TimelineNotice(Notice):
    """The whole story of one enrollment, or why it cannot be read."""

    enrollment_id: str
    entries: tuple[Entry, ...] = ()
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class OperatorsNotice(Notice):
    """Everybody who ever submitted an enrollment, by name."""

    operators: tuple[KnownOperator, ...]


class ExportState(enum.Enum):
    """Where an export stands."""

    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExportNotice(Notice):
    """An export goes on or has ended: how many entries are written, and to which file."""

    state: ExportState
    count: int = 0
    path: str = ""
    error: OathdeskError | None = None


class Stopped(Exception):
    """Somebody stopped the export."""


class History:
    """The history page's other half."""

    def __init__(self, context: StationContext, events: EventRecorder) -> None:
        """Read nothing yet. An export that was written is recorded in `events`."""
        self._events = events
        self._ledger = context.ports.ledger
        self._clock = context.clock
        self._notify = context.tell
        self._shelf = context.ports.shelf
        self._folder = context.settings.exports
        self._tasks = Tasks()
        self._wanted = Wanted()
        self._shown = 0
        self._following: int | None = None
        self._stop = threading.Event()

    async def look(self, wanted: Wanted) -> None:
        """Tell the first page of what is wanted."""
        self._wanted = wanted
        self._tasks.start(_LIST, self._look(wanted, 0, None))

    async def more(self, wanted: Wanted) -> None:
        """Tell the next page, where `wanted` is still what is listed and there is one."""
        if wanted == self._wanted and self._following is not None:
            self._tasks.start(_LIST, self._look(wanted, self._shown, self._following))

    async def show(self, enrollment_id: str) -> None:
        """Tell the whole story of one enrollment."""
        self._tasks.start(_STORY, self._show(enrollment_id))

    async def list_operators(self) -> None:
        """Tell everybody who ever submitted an enrollment."""
        self._tasks.start(_OPERATORS, self._list_operators())

    async def story(self, enrollment_id: str) -> Sequence[Entry]:
        """Return the entries of one enrollment. Raises LedgerError."""
        return await asyncio.to_thread(self._ledger.timeline, enrollment_id)

    async def export(self, wanted: Wanted, form: ExportForm) -> None:
        """Write what is wanted to a new file, in place of an export that is still under way."""
        self._stop.set()
        self._stop = threading.Event()
        self._tasks.start(_EXPORT, self._export(wanted, form, self._stop))

    async def stop_export(self) -> None:
        """Stop writing; nothing is left of the file."""
        self._stop.set()

    async def close(self) -> None:
        """Stop whatever is under way."""
        self._stop.set()
        await self._tasks.stop_all()
        self._wanted, self._shown, self._following = Wanted(), 0, None

    # Inside -------------------------------------------------------------------------------------

    async def _look(self, wanted: Wanted, shown: int, after: int | None) -> None:
        query = self._query(wanted)
        try:
            page = await asyncio.to_thread(self._ledger.page, query, after, PAGE)
        except LedgerError as error:
            self._notify(HistoryNotice(wanted, shown, HistoryPage(), error=error))
            return
        self._shown = shown + len(page.lines) + len(page.events)
        self._following = page.following
        self._notify(HistoryNotice(wanted, shown, page))

    async def _show(self, enrollment_id: str) -> None:
        try:
            entries = await self.story(enrollment_id)
        except LedgerError as error:
            self._notify(TimelineNotice(enrollment_id, error=error))
            return
        self._notify(TimelineNotice(enrollment_id, tuple(entries)))

    async def _list_operators(self) -> None:
        try:
            operators = await asyncio.to_thread(self._ledger.operators)
        except LedgerError as error:
            _LOG.warning("the operators could not be read: %s", error)
            return
        self._notify(OperatorsNotice(tuple(operators)))

    def _query(self, wanted: Wanted) -> HistoryQuery:
        first, last = wanted.first, wanted.last
        if wanted.days:
            first = local(self._clock.now()).date() - timedelta(days=wanted.days - 1)
            last = None
        return HistoryQuery(
            text=wanted.text,
            states=wanted.states,
            operator=wanted.operator,
            since=midnight(first) if first else None,
            until=midnight(last + timedelta(days=1)) if last else None,
            scope=wanted.scope,
        )

    async def _export(self, wanted: Wanted, form: ExportForm, stop: threading.Event) -> None:
        shelf, loop = self._shelf, asyncio.get_running_loop()
        if shelf is None:
            return

        def tell(count: int) -> None:
            if stop.is_set():
                raise Stopped
            notice = ExportNotice(ExportState.WRITING, count)
            loop.call_soon_threadsafe(self._notify, notice)

        self._notify(ExportNotice(ExportState.WRITING))
        stem = f"oathdesk-history-{local(self._clock.now()):%Y-%m-%d-%H%M%S}"
        path = await asyncio.to_thread(shelf.free_path, self._folder, stem, f".{form.value}")
        try:
            count = await asyncio.to_thread(
                self._ledger.export, self._query(wanted), form, path, tell
            )
        except Stopped:
            self._notify(ExportNotice(ExportState.STOPPED))
        except LedgerError as error:
            self._notify(ExportNotice(ExportState.FAILED, path=path, error=error))
        else:
            self._events.record(
                EventName.HISTORY_EXPORTED,
                {"file": file_name(path), "form": form.value, "entries": str(count)},
            )
            self._notify(ExportNotice(ExportState.DONE, count, path))
