"""What scanners, card readers and hands bring in: told apart here, and put where it belongs.

Two readings of one thing are one: scanners read twice, and a token may be tapped and scanned. The
readers keep their own flutter to themselves; here that holds across all of them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from app.core.badge import badge_number
from app.core.model import Source
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
    ScanRules,
    SerialScan,
    classify,
    layout_guess,
    names_nobody,
    short_serial,
)
from app.station.context import DeskSettings, StationContext
from app.station.notices import CardNotice, CardState, PersonCard, ScanNotice, TokenCard

ECHO = timedelta(seconds=2)
"""How long after a reading the same one again is its echo."""

_HELD = frozenset({CardState.LOADING, CardState.FOUND})


def rules_of(settings: DeskSettings, source: Source) -> ScanRules:
    """Return the desk's rules for what comes from `source`: only keys go through a layout."""
    return settings.rules if source is Source.SCANNER else settings.rules.beyond_keys


class Cards(Protocol):
    """The desk's two cards, as far as something can be put on them."""

    def put_serial(self, serial: str, source: Source, others: tuple[str, ...] = ()) -> None:
        """Put a token that was scanned or typed onto its card.

        `others` are other readings of the same text, to be offered where the tenant has them.
        """
        ...

    def put_if_known(self, serial: str, source: Source, otherwise: Callable[[], None]) -> None:
        """Put a token onto its card if the directory has it; if not, call `otherwise`."""
        ...

    def put_token(self, reading: TokenReading, reader: str, *, pad: bool) -> None:
        """Put a token that has told its serial number itself onto its card."""
        ...

    def put_badge(self, number: str) -> None:
        """Put whoever has this badge onto their card."""
        ...

    def put_name(self, reference: str) -> None:
        """Put down who is meant, without asking."""
        ...

    def puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> bool:
        """Show a chip card without serial number; tell whether the token card had room for it."""
        ...

    @property
    def token_card(self) -> TokenCard:
        """Return the token card as it is now."""
        ...

    @property
    def person_card(self) -> PersonCard:
        """Return the person card as it is now."""
        ...


class Intake:
    """Judges what was read by the desk's rules."""

    def __init__(self, context: StationContext, cards: Cards) -> None:
        """Put what fills a card onto `cards`, and tell the rest to the window."""
        self._settings = context.settings
        self._clock = context.clock
        self._notify = context.tell
        self._cards = cards
        self._last: tuple[str, datetime] | None = None

    def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed into the token card."""
        match classify(text, rules_of(self._settings, source)):
            case SerialScan(serial=serial, others=others):
                if self._is_new(serial, source, self._cards.token_card.state):
                    self._cards.put_serial(serial, source, others)
            case BadgeScan(number=number):
                self._take_badge(number, source)
            case Refused(kind=RefusalKind.SIX_DIGITS as kind):
                serial = short_serial(text, rules_of(self._settings, source))
                refuse = partial(self._notify, ScanNotice(kind))
                self._cards.put_if_known(serial, source, refuse)
            case Refused(kind=kind):
                guess = layout_guess(text, rules_of(self._settings, source))
                self._notify(ScanNotice(kind, guess))

    def named(self, reference: str) -> None:
        """Take an employee number or a UPN while the directory is out of reach."""
        refused = names_nobody(reference, self._settings.rules)
        if refused is None:
            self._cards.put_name(reference)
        else:
            self._notify(ScanNotice(refused))

    def tapped(self, reading: CardReading, reader: str, *, pad: bool) -> None:
        """Take what a chip card in `reader` says it is."""
        match reading:
            case TokenReading(serial=serial):
                if self._is_new(serial, Source.CARD, self._cards.token_card.state):
                    self._cards.put_token(reading, reader, pad=pad)
            case BadgeReading():
                self._take_chip(reading, reader, pad=pad)
            case _:
                self._puzzle(reading, reader, pad=pad)

    def forget(self) -> None:
        """Let the next reading count, whatever it is: the desk has gone on since the last one."""
        self._last = None

    def _take_chip(self, reading: BadgeReading, reader: str, *, pad: bool) -> None:
        """A badge whose number means nobody here is a card like any other."""
        number = badge_number(reading, self._settings.badges)
        if number is None:
            self._puzzle(NotAToken(Thing.UNKNOWN), reader, pad=pad)
        else:
            self._take_badge(number, Source.CARD)

    def _take_badge(self, number: str, source: Source) -> None:
        if self._is_new(f"badge {number}", source, self._cards.person_card.state):
            self._cards.put_badge(number)

    def _puzzle(self, reading: NotAToken | NeedsHelp, reader: str, *, pad: bool) -> None:
        if not self._cards.puzzle(reading, reader, pad=pad):
            self._notify(CardNotice(reading))

    def _is_new(self, read: str, source: Source, card: CardState) -> bool:
        """Tell whether `read` counts: an echo is of a machine, and of what the card still holds."""
        now = self._clock.now()
        last, self._last = self._last, (read, now)
        if last is None or last[0] != read or source is Source.TYPED or card not in _HELD:
            return True
        return not timedelta() <= now - last[1] < ECHO
