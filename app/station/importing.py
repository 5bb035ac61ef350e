"""Opens a file of seeds, says what is in it and what stands in the way, and has it uploaded.

Nothing is sent before somebody has seen every row. The file is read beside the loop, is left as it
is, and its seeds are overwritten when they have served: when another file is opened, when the
upload is over, when the operator leaves.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from threading import Event

from app.clock import local
from app.core.errors import (
    DirectoryError,
    LedgerError,
    SeedFaultsUnsaved,
    SeedFileError,
    SeedReadingStopped,
    SignInError,
)
from app.core.import_ports import SeedFiles
from app.core.importing import Handing, Preview, preview_of, without
from app.core.model import Token
from app.core.preflight import OverrideReason
from app.core.rights import Feature, Standing, standing
from app.core.seed import RowFault, SeedFile, SeedOptions
from app.core.station_event import EventName
from app.core.stored_job import StoredJob, half_done
from app.station.context import StationContext
from app.station.event_recorder import EventRecorder, file_name, new_job
from app.station.import_notices import FaultsNotice, ImportNotice, ImportState
from app.station.notices import TroubleNotice
from app.station.tasks import Tasks
from app.station.upload import Upload

_OPEN, _TELL = "open", "tell"
_EVERY = 0.1
"""Seconds between two words on how far the reading is."""


class Importing:
    """One file at a time, and its upload. Tells ImportNotice; the upload tells JobNotice."""

    def __init__(self, context: StationContext, upload: Upload, events: EventRecorder) -> None:
        """Open nothing yet. A station without seed files imports nothing.

        What is imported is recorded in `events`.
        """
        self._events = events
        self._context = context
        self._ports = context.ports
        self._notify = context.tell
        self._folder = context.settings.exports
        self._files: SeedFiles | None = context.ports.seeds
        self.upload = upload
        self._tasks = Tasks()
        self._stop = Event()
        self._path = ""
        self._found: SeedFile | None = None
        self._half: dict[str, Token] = {}
        self._rows_read = 0
        self._notice = ImportNotice()

    async def look(self) -> None:
        """Tell what there is: what the operator lacks, and an upload that was left."""
        left = await self._left()
        self._tell(replace(self._notice, left=None if self.upload.is_shown else left))

    async def open(self, path: str, name: str, options: SeedOptions | None = None) -> None:
        """Read the file at `path`, which is called `name` to people, in place of what was open.

        What was told before about the same file is to be told again with `options`; the key and
        the password in them are overwritten once the file was read.
        """
        if self._files is None or self.upload.is_shown:
            return
        await self._put_away()
        self._path = path
        self._tell(ImportNotice(ImportState.READING, name, left=self._notice.left))
        self._tasks.start(_OPEN, self._opened(self._files, options or SeedOptions()))

    async def answer(self, options: SeedOptions) -> None:
        """Read the file once more, with what the operator has told."""
        await self.open(self._path, self._notice.file, options)

    async def look_up(self) -> None:
        """Ask the tenant once more which of the serial numbers it has."""
        if self._found is not None and self._notice.state is ImportState.UNCHECKED:
            self._tasks.start(_OPEN, self._looked_up(self._found))

    async def stop(self) -> None:
        """Open nothing after all."""
        await self._put_away()
        self._tell(ImportNotice(left=self._notice.left))

    async def save_faults(self, describe: Callable[[RowFault], str]) -> None:
        """Write the faults of the file, each with the sentence for it, to where exports go."""
        shelf = self._ports.shelf
        if self._files is None or self._found is None or shelf is None:
            return
        name = self._notice.file.rpartition(".")[0] or self._notice.file
        stem = f"{name}-faults-{local(self._ports.clock.now()):%Y-%m-%d-%H%M%S}"
        path = await asyncio.to_thread(shelf.free_path, self._folder, stem, ".csv")
        try:
            count = await asyncio.to_thread(
                self._files.write_faults, path, self._found.faults, describe
            )
        except SeedFaultsUnsaved as error:
            self._notify(FaultsNotice(path, error=error))
        else:
            self._notify(FaultsNotice(path, count))

    async def begin(
        self, handing: Handing = Handing.NOTHING, reason: OverrideReason | None = None
    ) -> None:
        """Upload the rows that can go; what the file says of people is followed by `handing`.

        `reason` is one for all rows whose person asks for one; it is recorded with each.
        """
        operator, found = self._context.operator, self._found
        if operator is None or found is None or self._notice.state is not ImportState.READY:
            return
        half = self._half if handing is Handing.ACTIVATE else {}
        there = (self._notice.preview.there or frozenset()) | (self._half.keys() - half.keys())
        going = without(found.tokens, there)
        if not going:
            return
        try:
            await self.upload.begin(self._notice.file, going, handing, operator, half, reason)
        except LedgerError as error:
            self._notify(TroubleNotice(error))
            return
        self._record(found, len(going))
        self._wipe_all_but(frozenset(token.serial for token in going))
        self._tell(replace(self._notice, state=ImportState.UPLOADING, left=None))

    async def dismiss(self) -> None:
        """Put away an upload whose end was seen, and its file."""
        await self.upload.job.dismiss()
        if not self.upload.is_shown:
            await self._put_away()
            self._tell(ImportNotice())

    async def forget_left(self) -> None:
        """Let go of an upload that a crash has cut short, without taking it up again."""
        if self.upload.is_shown:
            return
        try:
            await self.upload.job.file.end()
        except LedgerError as error:
            self._notify(TroubleNotice(error))
        else:
            self._tell(replace(self._notice, left=None))

    async def settle(self) -> None:
        """Settle what an earlier upload has left open. Raises LedgerError."""
        await self.upload.settle()

    async def close(self) -> None:
        """Stop, and leave no seed in memory."""
        await self.upload.close()
        await self._put_away()
        self._notice = ImportNotice()
        self._notify(self._notice)

    # Inside -----------------------------------------------------------------------------------

    async def _opened(self, files: SeedFiles, options: SeedOptions) -> None:
        self._tasks.start(_TELL, self._tell_reading())
        stop = self._stop
        try:
            found = await asyncio.to_thread(self._read, files, options, stop)
        except SeedReadingStopped:
            return
        except SeedFileError as error:
            self._tell(replace(self._notice, state=ImportState.REFUSED, error=error))
            return
        finally:
            self._tasks.stop(_TELL)
            for secret in (options.key, options.password):
                if secret is not None:
                    secret.wipe()
        self._found = found
        preview = await asyncio.to_thread(preview_of, found)
        self._show(found, preview)
        if not found.needs:
            await self._looked_up(found)

    def _show(self, found: SeedFile, preview: Preview) -> None:
        """Show what was read, and what is missing."""
        self._notice = replace(
            self._notice,
            state=ImportState.ASKING if found.needs else ImportState.LOOKING,
            format=found.format,
            read=found.rows,
            needs=found.needs,
            columns=found.columns,
            mapping=found.mapping,
            preview=preview,
            unknown=found.unknown,
            titles=found.titles,
            long_secrets=found.long_secrets,
            error=None,
        )
        self._tell(self._notice)

    async def _looked_up(self, found: SeedFile) -> None:
        """Ask the tenant which of the serial numbers it has."""
        self._tell(replace(self._notice, state=ImportState.LOOKING, error=None, pages=0))
        serials = [token.serial for token in found.tokens]
        try:
            there = await self.upload.find(serials, self._tell_page)
        except (DirectoryError, SignInError) as error:
            self._tell(replace(self._notice, state=ImportState.UNCHECKED, error=error))
            return
        self._half = half_done(await self._left(), there)
        half = frozenset(self._half)
        preview = replace(self._notice.preview, there=frozenset(there) - half, half=half)
        self._tell(replace(self._notice, state=ImportState.READY, preview=preview))

    async def _left(self) -> StoredJob | None:
        """Return the upload that was begun and not ended, or None; one that is whole has ended."""
        try:
            left = await self.upload.job.file.left()
        except LedgerError as error:
            self._notify(TroubleNotice(error))
            return None
        return left if left is not None and left.left else None

    def _tell_page(self, pages: int) -> None:
        self._tell(replace(self._notice, pages=pages))

    def _read(self, files: SeedFiles, options: SeedOptions, stop: Event) -> SeedFile:
        """Read the file, on a thread of its own. Raises SeedFileError."""

        def progress(rows: int) -> None:
            self._rows_read = rows

        found = files.read(self._path, options, progress, stop.is_set)
        if stop.is_set():  # nobody waits for it any more
            found.wipe()
            raise SeedReadingStopped("stopped by the operator")
        return found

    async def _tell_reading(self) -> None:
        while True:
            await self._ports.clock.sleep(_EVERY)
            if self._rows_read != self._notice.read:
                self._tell(replace(self._notice, read=self._rows_read))

    async def _put_away(self) -> None:
        """Close the file and overwrite its seeds; one that is just being read ends soon."""
        self._stop.set()
        self._stop = Event()
        self._rows_read = 0
        await self._tasks.stop_all()
        if self._found is not None:
            self._found.wipe()
            self._found = None
        self._half = {}

    def _record(self, found: SeedFile, uploads: int) -> None:
        """Record that the upload of `uploads` rows has begun."""
        facts = {
            "file": file_name(self._notice.file),
            "sha256": found.sha256,
            "format": found.format.value,
            "rows": str(found.rows),
            "faults": str(len(found.faults)),
            "uploads": str(uploads),
        }
        self._events.record(EventName.FILE_IMPORTED, facts, new_job())

    def _wipe_all_but(self, going: frozenset[str]) -> None:
        """Overwrite the seeds of rows that stay behind."""
        for token in self._found.tokens if self._found else ():
            if token.serial not in going:
                token.secret.wipe()

    def _tell(self, notice: ImportNotice) -> None:
        self._notice = replace(notice, lacks=self._lacks())
        self._notify(self._notice)

    def _lacks(self) -> Standing | None:
        """Return what the operator lacks for changing the inventory, where that is known."""
        operator = self._context.operator
        if operator is None:
            return None
        stands = standing(Feature.WRITE_INVENTORY, operator)
        return stands if stands.is_lack else None
