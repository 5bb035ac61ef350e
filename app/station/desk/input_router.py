"""Takes what readers, scanners and hands bring in, and passes it to what waits for it.

One scanner serves two purposes. While the work in front waits for the token in the hand, what is
read is the proof of it. Otherwise it fills a card of the desk, after the desk's rules have told a
serial number from a badge and from what is neither.

Two readings of one thing are one: scanners read twice, and a token may be tapped and scanned. The
readers keep their own flutter to themselves; here that holds across all of them.
"""

from datetime import datetime, timedelta
from typing import Protocol

from app.core.badge import badge_number
from app.core.enrollment import DRAFT, WATCHED, State
from app.core.errors import DirectoryError, SignInError
from app.core.model import Mode, Source
from app.core.reading import (
    BadgeReading,
    CardReading,
    NeedsHelp,
    NotAToken,
    Thing,
    TokenReading,
)
from app.core.scan import (
    BadgeScan,
    RefusalKind,
    Refused,
    SerialScan,
    classify,
    layout_guess,
    short_serial,
)
from app.station.context import StationContext
from app.station.desk.desk import Desk
from app.station.lock import Lock
from app.station.notices import CardNotice, CardState, ScanNotice
from app.station.tasks import Tasks

ECHO = timedelta(seconds=2)
"""How long after a reading the same one again is its echo."""

_HELD = frozenset({CardState.LOADING, CardState.FOUND})
_SHORT_SERIAL = "short serial"
_EXPECTS_CODE = WATCHED | {State.CHECKING, State.AWAITING_CODE, State.HALF_DONE, State.NOT_DONE}


class Input(Protocol):
    """Takes in what readers and scanners bring."""

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed as a serial number."""
        ...

    async def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        ...

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away."""
        ...


class InputRouter:
    """Passes each reading to the work that waits for a token, or to the cards of `desk`."""

    def __init__(self, context: StationContext, desk: Desk, lock: Lock) -> None:
        """Take nothing while `desk` is closed, or while `lock` forbids it."""
        self._settings = context.settings
        self._directory = context.ports.directory
        self._clock = context.clock
        self._notify = context.tell
        self._desk = desk
        self._work = desk.work
        self._lock = lock
        self._tasks = Tasks()
        self._last: tuple[str, datetime] | None = None
        """What was read last, and when."""
        self._was_proof = False
        """Whether that was taken as a proof, and so lies on no card."""

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed as a serial number."""
        if self._work.awaits_token:
            self._remember_proof(text)
            if self._lock.takes():
                self._prove(text, source)
        elif (source is Source.TYPED or not self._is_echo_of_proof(text)) and self._takes():
            self._tasks.stop(_SHORT_SERIAL)
            self._fill(text, source)

    async def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        serial = reading.serial if isinstance(reading, TokenReading) else ""
        if self._work.awaits_token:
            self._remember_proof(serial)
            if serial and self._lock.takes():
                self._work.show_token(serial, Source.CARD)
        elif not (serial and self._is_echo_of_proof(serial)) and self._takes():
            self._lay_down(reading, reader, pad=pad)

    def lifted(self, reader: str) -> None:
        """Take note that the chip card of `reader` was taken away."""
        self._desk.lifted(reader)

    async def close(self) -> None:
        """Look nothing up any more."""
        await self._tasks.stop_all()

    def _takes(self) -> bool:
        return self._desk.operator is not None and self._lock.takes()

    # The token in the hand ----------------------------------------------------------------------

    def _prove(self, text: str, source: Source) -> None:
        match classify(text, self._settings.rules_for(source)):
            case SerialScan(serial=serial, others=others):
                self._work.show_token(serial, source, others)
            case Refused(kind=kind):
                self._notify(ScanNotice(kind))

    def _remember_proof(self, read: str) -> None:
        self._last, self._was_proof = (read, self._clock.now()), True

    def _is_echo_of_proof(self, read: str) -> bool:
        """Tell whether `read` was just taken as a proof, so that it must not fill a card."""
        return self._was_proof and self._is_repeated(read, self._clock.now())

    # The cards ----------------------------------------------------------------------------------

    def _fill(self, text: str, source: Source) -> None:
        rules = self._settings.rules_for(source)
        match classify(text, rules):
            case SerialScan(serial=serial, others=others):
                if self._is_new(serial, source, self._desk.token_card.state):
                    self._desk.put_serial(serial, source, others)
            case BadgeScan(number=number):
                self._take_badge(number, source)
            case Refused(kind=RefusalKind.SIX_DIGITS as kind) if self._expects_code():
                self._notify(ScanNotice(kind))
            case Refused(kind=RefusalKind.SIX_DIGITS):
                self._tasks.start(
                    _SHORT_SERIAL, self._find_short(short_serial(text, rules), source)
                )
            case Refused(kind=kind):
                self._notify(ScanNotice(kind, layout_guess(text, rules)))

    def _lay_down(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        match reading:
            case TokenReading(serial=serial):
                if self._is_new(serial, Source.CARD, self._desk.token_card.state):
                    self._desk.put_token(reading, reader, pad=pad)
            case BadgeReading():
                number = badge_number(reading, self._settings.badges)
                if number is None:  # a badge whose number means nobody here is like any other card
                    self._puzzle(NotAToken(Thing.UNKNOWN), reader, pad=pad)
                else:
                    self._take_badge(number, Source.CARD)
            case _:
                self._puzzle(reading, reader, pad=pad)

    def _take_badge(self, number: str, source: Source) -> None:
        if self._is_new(f"badge {number}", source, self._desk.person_card.state):
            self._desk.put_badge(number)

    def _puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> None:
        if not self._desk.puzzle(reading, reader, pad=pad):
            self._notify(CardNotice(reading))

    def _expects_code(self) -> bool:
        """Tell whether six digits are a code that was typed too early or twice, and no serial."""
        draft = self._work.enrollment
        return draft.state in _EXPECTS_CODE and draft.mode is Mode.ASSIGN_AND_ACTIVATE

    async def _find_short(self, serial: str, source: Source) -> None:
        """Put a token of six digits onto its card if the directory has it; else refuse them."""
        asked = self._work.of_cards.id
        try:
            tokens = await self._directory.find_tokens(serial)
        except (DirectoryError, SignInError):
            tokens = ()
        if self._work.of_cards.id != asked:
            return  # the desk has gone on to another person
        if any(token.serial_number == serial for token in tokens):
            self._desk.put_serial(serial, source)
        else:
            self._notify(ScanNotice(RefusalKind.SIX_DIGITS))

    def _is_new(self, read: str, source: Source, card: CardState) -> bool:
        """Tell whether `read` counts.

        An echo is of a machine, and of what the card still holds for a draft: once that was
        submitted, the same token again is the beginning of another.
        """
        now = self._clock.now()
        held = card in _HELD and self._work.of_cards.state in DRAFT
        echo = held and source is not Source.TYPED and self._is_repeated(read, now)
        self._last, self._was_proof = (read, now), False
        return not echo

    def _is_repeated(self, read: str, now: datetime) -> bool:
        """Tell whether the same was read less than ECHO ago."""
        if self._last is None or self._last[0] != read:
            return False
        return timedelta() <= now - self._last[1] < ECHO
