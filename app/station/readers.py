"""Card readers and serial-port scanners: what is connected now, and what they read for the desk.

They are watched on threads of their own, which tell each event to the station's loop; from there on
everything happens in one order. What cannot be used is a state like another: the desk goes on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.core.model import Source
from app.core.ports import CardReader, LineScanner
from app.core.reading import (
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Missing,
    NoReader,
    PortTrouble,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ScannerAppeared,
    ScannerEvent,
    ScannerGone,
    ScannerTrouble,
    ScanTorn,
    ServiceBack,
    ServiceMissing,
    TextScanned,
)
from app.core.scan import RefusalKind
from app.station.context import Notify
from app.station.notices import Notice, ScanNotice
from app.station.tasks import Tasks

if TYPE_CHECKING:
    from app.station.desk.input_router import Input

Event = ReaderEvent | ScannerEvent


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """A card reader and what is in it now; `card` is None where there is nothing, or nothing yet.

    `pad`: cards are laid on it. `busy`: a card is there and is being asked.
    """

    name: str
    pad: bool = False
    busy: bool = False
    card: CardReading | None = None


@dataclass(frozen=True, slots=True)
class ScannerLine:
    """A scanner in serial-port mode, or why its port cannot be listened to."""

    port: str
    name: str = ""
    trouble: PortTrouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadersNotice(Notice):
    """What is connected, now. `missing` is why no card reader can be used, `detail` its evidence.

    `cards` and `ports` tell whether either is looked for at all, by configuration.
    """

    readers: tuple[ReaderLine, ...] = ()
    scanners: tuple[ScannerLine, ...] = ()
    missing: Missing | None = None
    detail: str = ""
    cards: bool = True
    ports: bool = True


@dataclass(frozen=True, slots=True)
class TrialScanNotice(Notice):
    """A scanner in serial-port mode read something while scanners are being tried out."""

    port: str
    text: str = field(repr=False)


class Readers:
    """Every reader and scanner of this machine but keyboards. None means: not to be watched."""

    def __init__(
        self, cards: CardReader | None, ports: LineScanner | None, front: "Input", notify: Notify
    ) -> None:
        """Watch nothing yet."""
        self._cards = cards
        self._ports = ports
        self._front = front
        self._notify = notify
        self._readers: dict[str, ReaderLine] = {}
        self._scanners: dict[str, ScannerLine] = {}
        self._service = ReadersNotice(cards=cards is not None, ports=ports is not None)
        self._trying = False
        self._arrived: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks = Tasks()

    def start(self) -> None:
        """Begin to watch, and tell what there is."""
        loop = asyncio.get_running_loop()

        def told(event: Event) -> None:
            loop.call_soon_threadsafe(self._arrived.put_nowait, event)

        self._tasks.start("readers", self._listen())
        self._tell()
        for watched in (self._cards, self._ports):
            if watched is not None:
                watched.start(told)

    async def close(self) -> None:
        """End watching; a card that is being asked is waited for, off the loop."""
        stops: list[Callable[[], None]] = [
            watched.stop for watched in (self._cards, self._ports) if watched is not None
        ]
        await asyncio.gather(*(asyncio.to_thread(stop) for stop in stops))
        await self._tasks.stop_all()

    async def try_out(self, *, on: bool) -> None:
        """From now on, keep what is read from the desk, for a trial; or give it to the desk."""
        self._trying = on

    async def offer(self) -> None:
        """Give the desk what lies in the readers already, as if it came now."""
        for line in list(self._readers.values()):
            if line.card is not None:
                await self._front.tapped(line.card, line.name, pad=line.pad)

    async def _listen(self) -> None:
        while True:
            await self._take_in(await self._arrived.get())

    async def _take_in(self, event: Event) -> None:
        if isinstance(event, TextScanned):
            await self._scanned(event)
            return
        if isinstance(event, ScanTorn):
            self._notify(ScanNotice(RefusalKind.TORN))
            return
        self._note(event)
        self._tell()
        if isinstance(event, CardRead):
            await self._read(event.reader, event.reading)
        elif isinstance(event, CardGone):
            self._front.lifted(event.reader)

    async def _scanned(self, event: TextScanned) -> None:
        if self._trying:
            self._notify(TrialScanNotice(event.port, event.text))
        else:
            await self._front.scanned(event.text, Source.PORT)

    async def _read(self, reader: str, reading: CardReading) -> None:
        line = self._readers.get(reader, ReaderLine(reader))
        if not self._trying:
            await self._front.tapped(reading, reader, pad=line.pad)

    def _note(self, event: Event) -> None:
        match event:
            case ServiceMissing(why=why, detail=detail):
                self._service = replace(self._service, missing=why, detail=detail)
            case ServiceBack() | NoReader():
                self._service = replace(self._service, missing=None, detail="")
            case ReaderAppeared(reader=name, pad=pad):
                self._readers[name] = ReaderLine(name, pad=pad)
            case ReaderGone(reader=name):
                self._readers.pop(name, None)
            case CardSeen(reader=name):
                self._hold(name, None, busy=True)
            case CardRead(reader=name, reading=reading):
                self._hold(name, reading, busy=False)
            case CardGone(reader=name):
                self._hold(name, None, busy=False)
            case _:
                self._note_port(event)

    def _note_port(self, event: Event) -> None:
        match event:
            case ScannerAppeared(port=port, name=name):
                self._scanners[port] = ScannerLine(port, name)
            case ScannerGone(port=port):
                self._scanners.pop(port, None)
            case ScannerTrouble(port=port, why=why, detail=detail):
                self._scanners[port] = ScannerLine(port, trouble=why, detail=detail)
            case _:
                pass

    def _hold(self, name: str, card: CardReading | None, *, busy: bool) -> None:
        line = self._readers.get(name, ReaderLine(name))
        self._readers[name] = replace(line, card=card, busy=busy)

    def _tell(self) -> None:
        readers = tuple(self._readers[name] for name in sorted(self._readers))
        ports = tuple(self._scanners[port] for port in sorted(self._scanners))
        self._notify(replace(self._service, readers=readers, scanners=ports))
