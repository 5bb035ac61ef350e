"""Today's enrollments, read out of the record: what needs attention first, then the newest."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.clock import local, midnight
from app.core.ports import Clock, Ledger
from app.core.record import Entry, EntryKind, Line, lines
from app.core.retention import MAY_GO
from app.station.context import Notify
from app.station.notices import Notice
from app.station.rights import Rights


@dataclass(frozen=True, slots=True)
class TodayNotice(Notice):
    """Today's enrollments, what needs attention first, then newest first."""

    lines: tuple[Line, ...]


class Today:
    """The list of the day, kept from the entries as they become durable.

    Rows of a job are not part of it: they come by the thousand, and the job answers for them.
    """

    def __init__(
        self,
        clock: Clock,
        tell: Notify,
        rights: Rights | None = None,
        *,
        hidden: bool = False,
    ) -> None:
        """Begin empty; `load` reads what the record already holds.

        A refusal on the list makes `rights` look again. A `hidden` list is told to nobody.
        """
        self._clock = clock
        self._notify = tell
        self._rights = rights
        self._hidden = hidden
        self._entries: list[Entry] = []
        self._of_jobs: set[str] = set()
        self._recalled: dict[str, Line] = {}

    async def load(self, ledger: Ledger) -> None:
        """Read today's entries and what is open from earlier days, off the loop; tell the list."""
        today = await asyncio.to_thread(ledger.since, self._midnight())
        open_still = await asyncio.to_thread(ledger.unsettled)
        known = {entry.enrollment_id for entry in today}
        earlier = (entry for entry in open_still if entry.enrollment_id not in known)
        self._entries = [entry for entry in (*earlier, *today) if self._belongs(entry)]
        self._tell()

    def add(self, entry: Entry) -> None:
        """Take in an entry that is now durable, or held until it can be, and tell the list."""
        if self._belongs(entry):
            self._entries.append(entry)
            self._tell()

    def lines(self) -> tuple[Line, ...]:
        """Return every enrollment of the list, oldest first."""
        return lines(self._entries)

    def line(self, enrollment_id: str) -> Line | None:
        """Return the line of one enrollment of today, or of one recalled, or None."""
        found = (line for line in lines(self._entries) if line.enrollment_id == enrollment_id)
        return next(found, self._recalled.get(enrollment_id))

    def entries(self, enrollment_id: str) -> tuple[Entry, ...]:
        """Return what the list knows of one enrollment, in order; what is held included."""
        return tuple(each for each in self._entries if each.enrollment_id == enrollment_id)

    def was_sent(self, enrollment_id: str) -> bool:
        """Tell whether an attempt of an enrollment of the list was recorded, and so sent."""
        return any(each.kind is EntryKind.INTENT for each in self.entries(enrollment_id))

    def recall(self, entries: Iterable[Entry]) -> None:
        """Know of an enrollment of an earlier day too, without listing it."""
        self._recalled |= {line.enrollment_id: line for line in lines(entries)}

    def bring(self, entries: Iterable[Entry]) -> None:
        """List an enrollment of an earlier day: something has happened to it today."""
        listed = {line.enrollment_id for line in lines(self._entries)}
        fresh = [each for each in entries if each.enrollment_id not in listed]
        fresh = [each for each in fresh if self._belongs(each)]
        if fresh:
            self._entries = [*fresh, *self._entries]
            self._tell()

    def forget(self, before: datetime) -> None:
        """Let go of what came to rest before `before`: the record has forgotten it too."""
        known = lines(self._entries)
        gone = {line.enrollment_id for line in known if _is_over(line, before)}
        self._recalled = {
            name: line for name, line in self._recalled.items() if not _is_over(line, before)
        }
        if gone:
            kept = [entry for entry in self._entries if entry.enrollment_id not in gone]
            self._entries = kept
            self._tell()

    def _belongs(self, entry: Entry) -> bool:
        """Tell whether an entry is of the desk; its first entry says of a row of a job."""
        if entry.kind is EntryKind.INTENT and entry.facts.get("job"):
            self._of_jobs.add(entry.enrollment_id)
        return entry.enrollment_id not in self._of_jobs

    def _tell(self) -> None:
        ordered = sorted(lines(self._entries), key=lambda line: line.began, reverse=True)
        ordered.sort(key=lambda line: not line.needs_attention)
        if not self._hidden:
            self._notify(TodayNotice(tuple(ordered)))
        if self._rights is not None:
            self._rights.list_changed(tuple(ordered))

    def _midnight(self) -> datetime:
        """Return the last midnight of the desk's own time zone."""
        return midnight(local(self._clock.now()).date())


def _is_over(line: Line, before: datetime) -> bool:
    return line.state in MAY_GO and line.changed < before
