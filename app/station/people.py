"""Finding people: searches that never show a stale answer, and photos fetched once."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.errors import DirectoryError, OathdeskError, SignInError
from app.core.model import Person
from app.station.context import StationContext
from app.station.notices import Notice
from app.station.read_retry import PASSING, ReadRetry
from app.station.rights import Rights
from app.station.tasks import Tasks

LONGEST_QUERY = 120
PHOTOS_KEPT = 200
PHOTO_BYTES_KEPT = 8_000_000
"""Bytes of all photos together that are kept."""
_PHOTOS_AT_ONCE = 4
_SEARCH, _PORTRAITS, _FACE = "search", "portraits", "face"


@dataclass(frozen=True, slots=True)
class SearchNotice(Notice):
    """The directory's answer to a search for people, or why there is none.

    `retry_at` is when a search that failed is repeated, None where it is not.
    """

    query: str
    people: tuple[Person, ...] = ()
    error: OathdeskError | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoNotice(Notice):
    """A person's photo came in; None where there is none."""

    person_id: str
    photo: bytes | None


class People:
    """The search box's other half. Each question stops the one before it."""

    def __init__(self, context: StationContext, rights: Rights) -> None:
        """Return as many people a search as the settings say; a refusal is told to `rights`."""
        self._directory = context.ports.directory
        self._notify = context.tell
        self._limit = context.settings.search_limit
        self._rights = rights
        self._tasks = Tasks()
        self._retry = ReadRetry(context.clock, self._repeat)
        self._failed: SearchNotice | None = None
        """The last search, while its failure is what the operator sees."""
        self._photos: OrderedDict[str, bytes | None] = OrderedDict()
        self.photo_bytes = 0
        """Bytes of the photos that are kept."""
        self._known: dict[str, Person] = {}
        self._face = ""
        self._generation = 0
        """How often the photos were forgotten: what was asked for before that comes too late."""

    async def search(self, query: str) -> None:
        """Ask the directory for `query`; an empty one only stops the question before."""
        self._tasks.stop(_PORTRAITS)
        self._retry.reset()
        self._failed = None
        if query.strip():
            self._tasks.start(_SEARCH, self._search(query))
        else:
            self._tasks.stop(_SEARCH)

    def stop_repeating(self) -> None:
        """Do not repeat a search that failed; who searches again does so by hand."""
        self._retry.reset()
        failed, self._failed = self._failed, None
        if failed is not None and failed.retry_at is not None:
            self._notify(replace(failed, retry_at=None))

    def reconnected(self) -> None:
        """Repeat a search that failed for want of a connection."""
        if self._failed is not None and not isinstance(self._failed.error, PASSING):
            self._repeat()

    def known(self, person_id: str) -> Person | None:
        """Return a person of the last answers, or None."""
        return self._known.get(person_id)

    async def show_photo(self, person_id: str) -> None:
        """Tell the person's photo, from memory where it was fetched before.

        A photo that could not be fetched is told as none, and asked for again the next time.
        """
        if person_id in self._photos:
            self._photos.move_to_end(person_id)
            self._notify(PhotoNotice(person_id, self._photos[person_id]))
            return
        asked_in = self._generation
        try:
            photo = await self._directory.photo(person_id)
        except (DirectoryError, SignInError):
            self._notify(PhotoNotice(person_id, None))
            return
        if asked_in == self._generation:
            self._keep(person_id, photo)
            self._notify(PhotoNotice(person_id, photo))

    def show_face(self, person_id: str) -> None:
        """Fetch the photo of whoever came onto the person card, once while they are on it."""
        if self._face != person_id:
            self._face = person_id
            self._tasks.start(_FACE, self.show_photo(person_id))

    def forget_face(self) -> None:
        """Take note that nobody is on the person card."""
        self._face = ""

    def forget_photos(self) -> None:
        """Keep no photo, and take none that is still on its way."""
        self._generation += 1
        self._tasks.stop(_PORTRAITS)
        self._tasks.stop(_FACE)
        self._face = ""
        self._photos.clear()
        self.photo_bytes = 0

    async def close(self) -> None:
        """Stop asking, and forget everybody."""
        await self._tasks.stop_all()
        await self._retry.close()
        self._failed = None
        self.forget_photos()
        self._known.clear()

    async def _search(self, query: str) -> None:
        try:
            people = await self._directory.search_people(query[:LONGEST_QUERY], self._limit)
        except (DirectoryError, SignInError) as error:
            at = self._retry.plan(error)
            self._failed = SearchNotice(query, error=error, retry_at=at)
            self._notify(self._failed)
            self._rights.search_failed(error)
            return
        self._retry.reset()
        self._failed = None
        self._known = {person.id: person for person in people}
        self._notify(SearchNotice(query, people))
        self._tasks.start(_PORTRAITS, self._portraits(people))

    def _repeat(self) -> None:
        if self._failed is not None:
            self._tasks.start(_SEARCH, self._search(self._failed.query))

    def _keep(self, person_id: str, photo: bytes | None) -> None:
        self._photos[person_id] = photo
        self.photo_bytes += len(photo or b"")
        while len(self._photos) > PHOTOS_KEPT or self.photo_bytes > PHOTO_BYTES_KEPT:
            _, gone = self._photos.popitem(last=False)
            self.photo_bytes -= len(gone or b"")

    async def _portraits(self, people: tuple[Person, ...]) -> None:
        """Fetch a few at a time, so that a crowd of photos never delays a scan."""
        waiting = iter(people)

        async def fetch() -> None:
            for person in waiting:
                await self.show_photo(person.id)

        await asyncio.gather(*(fetch() for _ in range(_PHOTOS_AT_ONCE)))
