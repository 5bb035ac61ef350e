"""Find out what a card is: the families in an order that neither disturbs a card nor mistakes it.

A reader's name or an ATR that names the maker goes first and ends it. Then every family that can be
selected is asked, then PIV for a badge. Token2's programmable tokens cannot be selected: their
command is sent only to a card that has selected nothing. A Molto2 is never sent a byte, since being
asked has been seen to hang it (token2/keyroost).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.core.reading import CardReading, Help, NeedsHelp, NotAToken, Thing, TokenReading
from app.readers.families import badge, canokey, nitrokey, solo, token2_fido, token2_otp, yubikey
from app.readers.families.apdu import NotThisFamily, Transmit, Unreadable

Ask = Callable[[Transmit], CardReading]

# Token2 puts its name on a device with a hundred profiles, on security keys and on an NFC pad
# (token2/keyroost, docs/PROTOCOL.md). Whatever does not say that it is one of the others may be
# the first.
_MOLTO: Final = re.compile(r"molto|token2(?!.*(?:fido|pin\+|bio|nfc))", re.IGNORECASE)
_YUBICO: Final = re.compile(r"yubico yubikey", re.IGNORECASE)
_PAD: Final = re.compile(r"\b(?:nfc|picc|contactless|rfid|cl)\b|acr12|acr1[25]52", re.IGNORECASE)

# PC/SC specification, part 3, 3.1.3.2.3: what a reader makes up for a card without contacts.
_WITHOUT_CONTACTS: Final = re.compile(rb"\x3b[\x80-\x8f]\x80\x01", re.DOTALL)
_STORAGE: Final = bytes.fromhex("804F0CA000000306")
"""A reader's own words for a memory card (MIFARE and its kin), which knows no applications."""

_BY_ATR: Final[tuple[tuple[bytes, Ask], ...]] = (
    (b"yubikey", yubikey.read_known),
    (b"nitrokey", nitrokey.read_known),
    (b"canokey", canokey.read),
    (b"solo 2", solo.read),
)
SELECTED: Final[tuple[Ask, ...]] = (
    token2_fido.read,
    yubikey.read,
    nitrokey.read,
    solo.read,
    canokey.read,
    badge.read_chuid,
)


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a card before it is asked: its reader's name, and its answer to reset."""

    reader: str
    atr: bytes

    @property
    def without_contacts(self) -> bool:
        """Whether it lies on a pad rather than in a slot."""
        return _WITHOUT_CONTACTS.match(self.atr) is not None


@dataclass(slots=True)
class _Asked:
    """What the families said so far; the first that knows the card ends the search."""

    transmit: Transmit
    unreadable: str = ""
    """Why the first family that the card is of could not read it."""
    selected: bool = False
    instead: NotAToken | None = field(default=None)

    def ask(self, ask: Ask) -> CardReading | None:
        try:
            reading = ask(self.transmit)
        except NotThisFamily:
            return None
        except Unreadable as error:
            self.selected = True
            self.unreadable = self.unreadable or str(error)
            return None
        self.selected = True
        if isinstance(reading, NotAToken):
            self.instead = self.instead or reading
            return None
        return reading

    def end(self) -> CardReading:
        if self.unreadable:
            return NeedsHelp(Help.UNREADABLE, self.unreadable)
        return self.instead or NotAToken(Thing.UNKNOWN)


def is_molto(reader: str) -> bool:
    """Whether the reader may be a Token2 Molto2, which is to be left alone."""
    return _MOLTO.search(reader) is not None


def is_pad(reader: str) -> bool:
    """Whether the reader, by its name, reads cards that are laid on it."""
    return _PAD.search(reader) is not None


def probe(card: Card, transmit: Transmit) -> CardReading:
    """Ask the card what it is. What `transmit` raises passes through."""
    if is_molto(card.reader):
        return NotAToken(Thing.MOLTO2)
    asked = _Asked(transmit)
    known = _known(card)
    if known is not None:
        return asked.ask(known) or asked.end()
    if _STORAGE not in card.atr:
        for ask in SELECTED:
            reading = asked.ask(ask)
            if reading is not None:
                return reading
        if not asked.selected:
            reading = asked.ask(token2_otp.read)
            if isinstance(reading, TokenReading):
                return reading
    return _number_of_chip(card, asked) or asked.end()


def _known(card: Card) -> Ask | None:
    """The family that the reader or the card names."""
    if _YUBICO.search(card.reader):
        return yubikey.read_known
    atr = card.atr.lower()
    return next((ask for name, ask in _BY_ATR if name in atr), None)


def _number_of_chip(card: Card, asked: _Asked) -> CardReading | None:
    """The chip's own number makes a badge of a card that is nothing else."""
    if not card.without_contacts or asked.instead is not None or asked.unreadable:
        return None
    return asked.ask(badge.read_uid)
