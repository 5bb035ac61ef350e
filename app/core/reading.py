"""What a reader tells the desk: readers and scanners come and go, and cards say who they are.

A card is one of four things, and the types keep them apart so that nobody mixes them up: a token,
whose serial number the directory knows; a badge, whose number belongs to a person; something else;
or a card that could be read if somebody helped. Only a `TokenReading` carries a serial number, so
the number of a badge can never be sent as one.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

# As long as core.scan takes: the longest known is a UUID in hexadecimal. Upper case, for that is
# how serial numbers are compared.
_SERIAL: Final = re.compile(r"[0-9A-Z](?:[0-9A-Z-]{0,30}[0-9A-Z])?")
_LONGEST_MODEL: Final = 60
_MODEL: Final = re.compile(rf"[ -~]{{0,{_LONGEST_MODEL}}}")


def is_serial(text: str) -> bool:
    """Tell whether `text` may be a serial number: 1 to 32 of 0-9, A-Z and inner dashes, ASCII."""
    return _SERIAL.fullmatch(text) is not None


class Family(enum.Enum):
    """Who made a token, as far as its protocol tells; the value is the name people know."""

    TOKEN2_OTP = "Token2 programmable token"
    TOKEN2_FIDO = "Token2 security key"
    YUBIKEY = "YubiKey"
    NITROKEY = "Nitrokey 3"
    CANOKEY = "CanoKey"
    SOLO = "Solo 2"


@dataclass(frozen=True, slots=True)
class TokenReading:
    """A token by its own word. `model` is a product name, perhaps empty.

    `clock` is the token's time, where it tells it, in whole seconds UTC; `drift` is that minus the
    station's time, in seconds, for core.code.judge_drift. Raises ValueError for a serial number
    that `is_serial` does not take, for a model beyond 60 printable ASCII characters, and for a
    clock without time zone.
    """

    family: Family
    model: str
    serial: str
    clock: datetime | None = None
    drift: float | None = None

    def __post_init__(self) -> None:
        if not is_serial(self.serial):
            raise ValueError("not a serial number")
        if _MODEL.fullmatch(self.model) is None:
            raise ValueError("not a model's name")
        if self.clock is not None and self.clock.tzinfo is None:
            raise ValueError("a token's clock is in UTC")

    def compared_with(self, now: datetime) -> TokenReading:
        """Return the same with the drift against `now` (aware), where the token tells its clock."""
        if self.clock is None:
            return self
        return replace(self, drift=(self.clock - now).total_seconds())

    def corrected(self, ahead: float) -> TokenReading:
        """Return the same with the drift against true time, `ahead` seconds of the station's."""
        return self if self.drift is None else replace(self, drift=self.drift - ahead)


class BadgeKind(enum.Enum):
    """Where a badge's number comes from."""

    UID = "UID"
    """The chip's own number, in hexadecimal: 4, 7 or 10 bytes."""
    CHUID = "CHUID"
    """The holder's identifier of a PIV card: its GUID in hexadecimal, or the FASC-N's digits."""


@dataclass(frozen=True, slots=True)
class BadgeReading:
    """A badge: a number to look a person up by, never a token's serial number.

    Raises ValueError unless `number` is 1 to 32 of 0-9 and A-Z.
    """

    kind: BadgeKind
    number: str

    def __post_init__(self) -> None:
        if not is_serial(self.number) or "-" in self.number:
            raise ValueError("not a badge's number")


class Thing(enum.Enum):
    """What a card is that gives neither a serial number nor a badge number."""

    MOLTO2 = "Token2 Molto2"
    """One device with a hundred profiles: its own serial number is nobody's token."""
    SECURITY_KEY = "security key without serial number"
    OATH_APPLET = "OATH applet without serial number"
    RANDOM_UID = "card that shows a new number each time"
    """A phone or a card of the kind that hides its number; ISO 14443-3, 6.5.4: it begins 08."""
    UNKNOWN = "unknown card"


@dataclass(frozen=True, slots=True)
class NotAToken:
    """A card that was read and is no token; scanning or typing the serial is what is left."""

    what: Thing


class Help(enum.Enum):
    """What keeps a card from being read, and with it what a person can do."""

    ASLEEP = "asleep"
    """Something lies on the pad and does not answer: most likely a token whose display is off."""
    NFC_RESTRICTED = "NFC restricted"
    """A YubiKey as it left the factory: NFC opens once it was plugged into USB."""
    BUSY = "busy"
    """Another program holds the card; it is read as soon as that program lets go."""
    LIFTED = "lifted"
    """Taken away before it was read."""
    UNRESPONSIVE = "unresponsive"
    """No answer, or none within the time a card is given."""
    UNREADABLE = "unreadable"
    """It answers, and not as its kind does."""


@dataclass(frozen=True, slots=True)
class NeedsHelp:
    """A card that could not be read. `detail` is raw evidence for support, never a sentence."""

    why: Help
    detail: str = ""


CardReading = TokenReading | BadgeReading | NotAToken | NeedsHelp


class Missing(enum.Enum):
    """What keeps every card reader from being used."""

    PYSCARD = "pyscard"
    """The Python package, or a build of it that fits this machine."""
    LIBRARY = "PC/SC library"
    """On Linux libpcsclite.so.1."""
    SERVICE = "PC/SC service"
    """It does not run. Windows also stops it when the last reader is unplugged."""


@dataclass(frozen=True, slots=True)
class ServiceMissing:
    """No card reader can be used now; told once, and again when the reason changes."""

    why: Missing
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ServiceBack:
    """Card readers can be used: for the first time, or again."""


@dataclass(frozen=True, slots=True)
class NoReader:
    """The service runs and has no reader; told when that begins. A ReaderAppeared ends it."""


@dataclass(frozen=True, slots=True)
class ReaderAppeared:
    """A card reader is there, by the name that the service gives it.

    `pad`: by its name it reads what is laid on it, rather than what is plugged in.
    """

    reader: str
    pad: bool = False


@dataclass(frozen=True, slots=True)
class ReaderGone:
    """A card reader was unplugged, or its service stopped."""

    reader: str


@dataclass(frozen=True, slots=True)
class CardSeen:
    """Something lies on, or is plugged into, a reader, and is about to be read."""

    reader: str


@dataclass(frozen=True, slots=True)
class CardRead:
    """What a card is. A token or badge read twice within two seconds is told once."""

    reader: str
    reading: CardReading


@dataclass(frozen=True, slots=True)
class CardGone:
    """The card of a reader was taken away."""

    reader: str


class PortTrouble(enum.Enum):
    """Why a serial-port scanner cannot be listened to."""

    PYSERIAL = "pyserial"
    """The Python package is not installed."""
    FORBIDDEN = "forbidden"
    """The system does not let this user open the port (Linux: the group dialout)."""
    BUSY = "busy"
    """Another program has opened it."""
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class ScannerAppeared:
    """A scanner in serial-port mode is listened to."""

    port: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ScannerGone:
    """A scanner was unplugged."""

    port: str


@dataclass(frozen=True, slots=True)
class ScannerTrouble:
    """A port cannot be listened to; told once, and again when the reason changes."""

    port: str
    why: PortTrouble
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TextScanned:
    """A line that a scanner sent, for core.scan to judge. It may hold a seed: never shown here."""

    port: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScanTorn:
    """A part of a scan came, and the rest did not. A part may be another token's number."""

    port: str


CardEvent = CardSeen | CardRead | CardGone
ServiceEvent = ServiceMissing | ServiceBack | NoReader
ScannerEvent = ScannerAppeared | ScannerGone | ScannerTrouble | TextScanned | ScanTorn
ReaderEvent = ReaderAppeared | ReaderGone | CardEvent | ServiceEvent
