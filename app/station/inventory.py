"""The tenant's tokens: read in the background, changed by what this desk does, written out.

Nothing is decided by this list alone: whoever acts on a token reads it again.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app.clock import local
from app.core import sightings
from app.core.enrollment import SUCCESS, Enrollment, State
from app.core.errors import DirectoryError, ExportFailed, LedgerError, SignInError
from app.core.history import HistoryQuery
from app.core.inventory import Inventory
from app.core.inventory_export import InventoryForm, texts
from app.core.model import Token
from app.core.rights import Feature, Standing, standing
from app.core.sightings import Sighting
from app.core.station_event import EventName
from app.core.stock import ModelStock, stock_of
from app.station.context import StationContext
from app.station.event_recorder import EventRecorder, file_name
from app.station.inventory_notices import (
    ChangedTokensNotice,
    ForgottenNotice,
    InventoryExportNotice,
    SyncNotice,
    SyncState,
)
from app.station.inventory_reading import Read, read_inventory
from app.station.submissions import Submissions
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
SEEN: Final = "waiting.json"
"""The name under which is kept since when tokens wait for their activation."""
FRESH: Final = timedelta(minutes=10)
"""How old the list may be while somebody looks at it."""

_LEDGER_PAGE: Final = 500
_NEEDED: Final = (Feature.READ_INVENTORY, Feature.ASSIGN, Feature.WRITE_INVENTORY)
_SYNC, _EXPORT = "sync", "export"


class InventoryDesk:
    """The inventory page's other half. `submissions` says what this desk changes meanwhile."""

    def __init__(
        self, context: StationContext, submissions: Submissions, events: EventRecorder
    ) -> None:
        """Read nothing yet. An export that was written is recorded in `events`."""
        self._events = events
        self._ports = context.ports
        self._settings = context.settings
        self._submissions = submissions
        self._notify = context.tell
        self._tasks = Tasks()
        self._whole: Inventory | None = None
        self._read_at: datetime | None = None
        self._changes: dict[str, Token | None] = {}

    @property
    def whole(self) -> Inventory | None:
        """Return the inventory as it was last read to its end, or None."""
        return self._whole

    async def look(self) -> None:
        """Tell the inventory; read it first if that was not done, again if it was long ago."""
        self._tell_ready()
        await self.keep_fresh()

    async def keep_fresh(self) -> None:
        """Read it again in the background, if it was read long ago."""
        if self._read_at is None or self._now() - self._read_at >= FRESH:
            await self.refresh()

    async def refresh(self) -> None:
        """Read it now, unless that is under way."""
        if self._submissions.operator is not None and not self._tasks.is_running(_SYNC):
            self._tasks.start(_SYNC, self._sync())

    async def export(self, rows: Sequence[int], form: InventoryForm) -> None:
        """Write these rows of the inventory to a new file."""
        if self._whole is not None:
            self._tasks.start(_EXPORT, self._export(self._whole, tuple(rows), form))

    async def close(self) -> None:
        """Stop, and forget everybody's name."""
        await self._tasks.stop_all()
        self._changes.clear()
        if self._whole is not None:
            self._whole = self._read_at = None
        self._notify(ForgottenNotice())

    # Reading ------------------------------------------------------------------------------------

    async def _sync(self) -> None:
        first = self._whole is None
        self._changes.clear()
        self._say(SyncState.LOADING if first else SyncState.REFRESHING, afresh=first)
        try:
            directory, clock = self._ports.directory, self._ports.clock
            told = self._tell_first if first else self._tell_again
            tokens = await read_inventory(directory, clock, told)
        except (DirectoryError, SignInError) as error:
            failed = SyncNotice(SyncState.FAILED, error=error, standings=self._standings())
            self._notify(failed)
            return
        since = await self._since(tokens)
        whole = await asyncio.to_thread(_arranged, tokens, since)
        self._whole, self._read_at = whole, self._now()
        for device_id, token in self._changes.items():
            self._change(device_id, token)
        self._tell_ready()

    def _tell_first(self, read: Read) -> None:
        """Show what is new at once: there is nothing else to look at."""
        if read.error is not None:
            self._say(SyncState.WAITING, read.count, error=read.error)
        else:
            self._say(SyncState.LOADING, read.count, batch=Inventory(read.fresh))

    def _tell_again(self, read: Read) -> None:
        state = SyncState.REFRESHING if read.error is None else SyncState.WAITING
        self._say(state, read.count, error=read.error)

    # Since when a token waits -------------------------------------------------------------------

    async def _since(self, tokens: Sequence[Token]) -> Mapping[str, datetime]:
        """Return since when tokens wait, by what the record and earlier looks know; keep it."""
        try:
            found = await asyncio.to_thread(self._sighted, tokens)
        except LedgerError as error:
            _LOG.warning("since when tokens wait is not known: %s", error)
            return {}
        return {device_id: one.since for device_id, one in found.items()}

    def _sighted(self, tokens: Sequence[Token]) -> dict[str, Sighting]:
        """Do the same off the loop. Raises LedgerError."""
        shelf = self._ports.shelf
        before = sightings.read(shelf.kept(SEEN)) if shelf else {}
        found = sightings.seen(before, tokens, self._handed_out(), self._now())
        if shelf:
            shelf.keep(SEEN, sightings.written(found))
        return found

    def _handed_out(self) -> dict[str, Sighting]:
        """Return what this desk assigned, the latest of each token."""
        query = HistoryQuery(states=frozenset({State.ASSIGNED, State.HALF_DONE}))
        found: dict[str, Sighting] = {}
        after: int | None = None
        while True:
            page = self._ports.ledger.page(query, after, _LEDGER_PAGE)
            for line in page.lines:
                found.setdefault(line.device_id, Sighting(line.person_id, line.changed))
            after = page.following
            if after is None:
                return found

    # Changes of this desk -----------------------------------------------------------------------

    def enrollment_changed(self, enrollment: Enrollment) -> None:
        """Take in what became of an enrollment: the list shows it without being read again."""
        token = enrollment.token
        if token is None or not token.device_id or enrollment.state not in SUCCESS:
            return
        left = None if enrollment.state is State.DELETED else token
        if self._tasks.is_running(_SYNC):
            self._changes[token.device_id] = left
        if self._whole is not None:
            self._change(token.device_id, left)
            self._notify(ChangedTokensNotice((token.device_id,)))

    def _change(self, device_id: str, token: Token | None) -> None:
        if self._whole is None:
            return
        if token is None:
            self._whole.remove(device_id)
        else:
            self._whole.change(token, self._now())

    # Telling ------------------------------------------------------------------------------------

    def _say(
        self,
        state: SyncState,
        count: int = 0,
        *,
        batch: Inventory | None = None,
        afresh: bool = False,
        error: DirectoryError | None = None,
    ) -> None:
        standings = self._standings()
        self._notify(SyncNotice(state, count, batch, afresh, error=error, standings=standings))

    def _tell_ready(self) -> None:
        if self._whole is None:
            return
        self._notify(
            SyncNotice(
                SyncState.READY,
                self._whole.count(),
                whole=self._whole,
                stock=self.stock(),
                low_mark=self._settings.low_mark,
                at=self._read_at,
                standings=self._standings(),
            )
        )

    def stock(self) -> tuple[ModelStock, ...]:
        """Return the figures of every model."""
        return stock_of(self._whole, self._settings.low_mark) if self._whole else ()

    def _standings(self) -> tuple[Standing, ...]:
        operator = self._submissions.operator
        return tuple(standing(each, operator) for each in _NEEDED) if operator else ()

    # Writing ------------------------------------------------------------------------------------

    async def _export(self, whole: Inventory, rows: tuple[int, ...], form: InventoryForm) -> None:
        shelf, folder = self._ports.shelf, self._settings.exports
        if shelf is None:
            return
        stem = f"oathdesk-inventory-{local(self._now()):%Y-%m-%d-%H%M%S}"
        path = await asyncio.to_thread(shelf.free_path, folder, stem, f".{form.value}")
        try:
            written = texts(whole, rows, form)
            await asyncio.to_thread(shelf.export, path, written, form.encoding)
        except ExportFailed as error:
            self._notify(InventoryExportNotice(path, error=error))
        else:
            self._events.record(
                EventName.INVENTORY_EXPORTED,
                {"file": file_name(path), "form": form.value, "rows": str(len(rows))},
            )
            self._notify(InventoryExportNotice(path, len(rows)))

    def _now(self) -> datetime:
        return self._ports.clock.now()


def _arranged(tokens: Sequence[Token], since: Mapping[str, datetime]) -> Inventory:
    whole = Inventory(tokens, since)
    whole.arrange()
    return whole
