"""PC/SC as typed calls that raise: the only module that knows pyscard.

pyscard's own connections, monitors and exceptions are passed by: its monitors die with the service
and tell nobody. What is used is its thin layer over the system's library, `smartcard.scard`, whose
functions return a code. It is imported when it is first needed, so that a station without it runs.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.core.reading import Help, Missing

# Codes of the PC/SC API, the same on every system (pcsclite.h, winscard.h).
SUCCESS: Final = 0x00000000
TIMEOUT: Final = 0x8010000A
CANCELLED: Final = 0x80100002
SHARING_VIOLATION: Final = 0x8010000B
RESET_CARD: Final = 0x80100068
UNRESPONSIVE: Final = 0x80100066
NO_READERS: Final = 0x8010002E

READER_CODES: Final = frozenset({0x80100009, 0x80100017})
"""Unknown reader, reader unavailable: it was unplugged."""

SERVICE_CODES: Final = frozenset({0x80100001, 0x80100003, 0x80100013, 0x8010001D, 0x8010001E})
"""Internal and communication error, invalid handle, no service, service stopped."""

LIFTED_CODES: Final = frozenset({0x8010000C, 0x80100069})
"""No card, card removed."""

STATE_CHANGED: Final = 0x0002
STATE_PRESENT: Final = 0x0020
STATE_MUTE: Final = 0x0200
STATE_UNAWARE: Final = 0x0000

_NEW_READER: Final = r"\\?PnP?\Notification"
"""A reader of this name reports that readers come and go; macOS does not know it."""

_STATUS_BYTES: Final = 2


class PcscError(Exception):
    """A call failed: its name, and the code it returned."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call} 0x{code:08X}")
        self.call = call
        self.code = code


class ServiceLost(PcscError):
    """The service is not there any more, and neither is anything that was opened through it."""


class ReaderLost(PcscError):
    """The reader is not there any more."""


class CardTrouble(PcscError):
    """The card could not be talked to; it may be worth another try."""

    @property
    def help(self) -> Help:
        """What a person can do about it."""
        if self.code == SHARING_VIOLATION:
            return Help.BUSY
        return Help.LIFTED if self.code in LIFTED_CODES else Help.UNRESPONSIVE


class CardReset(CardTrouble):
    """Another program reset the card: what was selected is not any more."""


class Unusable(Exception):
    """PC/SC cannot be used on this machine now; `why` says what is missing."""

    def __init__(self, why: Missing, detail: str) -> None:
        super().__init__(f"{why.value}: {detail}")
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class SlotState:
    """A reader as the service sees it: the flags, the count of events above them, and the ATR."""

    reader: str
    flags: int
    atr: bytes


@dataclass(frozen=True, slots=True)
class Handle:
    """An open card, and the protocol header to send with every command."""

    card: int
    protocol: Any


class Winscard:
    """The calls, over pyscard's module. Codes become errors; nothing else is decided here."""

    def __init__(self, scard: Any) -> None:
        self._scard = scard
        self._protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1

    def establish(self) -> int:
        """Open a context. Raises Unusable where there is no service."""
        code, context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        if _unsigned(code) != SUCCESS:
            raise Unusable(Missing.SERVICE, f"0x{_unsigned(code):08X}")
        return int(context)

    def release(self, context: int) -> None:
        """Close a context; one that has died with its service is none to complain about."""
        self._scard.SCardReleaseContext(context)

    def cancel(self, context: int) -> None:
        """End a wait for changes, from another thread."""
        self._scard.SCardCancel(context)

    def readers(self, context: int) -> list[str]:
        """Return the readers' names, in the service's order."""
        code, names = self._scard.SCardListReaders(context, [])
        if _unsigned(code) == NO_READERS:
            return []
        _check_service("SCardListReaders", code)
        return [str(name) for name in names]

    def changes(self, context: int, seconds: float, known: Sequence[SlotState]) -> list[SlotState]:
        """Wait until something differs from `known`, at most `seconds`; return how it is then.

        Returns nothing where there was nothing to wait for. Raises ReaderLost where one of them is
        not there any more.
        """
        states = [(each.reader, each.flags) for each in known]
        code, found = self._scard.SCardGetStatusChange(context, int(seconds * 1000), states)
        if _unsigned(code) in {CANCELLED, NO_READERS}:
            return []
        if _unsigned(code) in READER_CODES:
            raise ReaderLost("SCardGetStatusChange", _unsigned(code))
        if _unsigned(code) != TIMEOUT:
            _check_service("SCardGetStatusChange", code)
        return [SlotState(str(name), flags, bytes(atr)) for name, flags, atr in found]

    def connect(self, context: int, reader: str) -> Handle:
        """Open the card of `reader`, for others to use as well."""
        shared = self._scard.SCARD_SHARE_SHARED
        code, card, protocol = self._scard.SCardConnect(context, reader, shared, self._protocols)
        _check("SCardConnect", code)
        return Handle(card, self._header(protocol))

    def reconnect(self, handle: Handle) -> Handle:
        """Take note that the card was reset, and go on with it."""
        shared, leave = self._scard.SCARD_SHARE_SHARED, self._scard.SCARD_LEAVE_CARD
        code, protocol = self._scard.SCardReconnect(handle.card, shared, self._protocols, leave)
        _check("SCardReconnect", code)
        return Handle(handle.card, self._header(protocol))

    def disconnect(self, handle: Handle) -> None:
        """Close the card and leave it as it is; one that is gone is none to complain about."""
        self._scard.SCardDisconnect(handle.card, self._scard.SCARD_LEAVE_CARD)

    def begin(self, handle: Handle) -> None:
        """Have the card alone. Raises CardTrouble at once where another program has.

        The call of that name waits for the other program, however long that takes. Asking for the
        ATR first fails instead of waiting (pcscd checks the lock for it).
        """
        code, _ = self._scard.SCardGetAttrib(handle.card, self._scard.SCARD_ATTR_ATR_STRING)
        if _unsigned(code) == SHARING_VIOLATION:
            raise CardTrouble("SCardGetAttrib", SHARING_VIOLATION)
        _check("SCardBeginTransaction", self._scard.SCardBeginTransaction(handle.card))

    def end(self, handle: Handle) -> None:
        """Let others have the card, left as it is."""
        self._scard.SCardEndTransaction(handle.card, self._scard.SCARD_LEAVE_CARD)

    def transmit(self, handle: Handle, command: bytes) -> tuple[bytes, int]:
        """Send one command; return the data and the status word.

        A card that is pulled meanwhile may be reported as success without an answer.
        """
        code, found = self._scard.SCardTransmit(handle.card, handle.protocol, list(command))
        _check("SCardTransmit", code)
        answer = bytes(each & 0xFF for each in found)
        if len(answer) < _STATUS_BYTES:
            raise CardTrouble("SCardTransmit without answer", SUCCESS)
        return answer[:-_STATUS_BYTES], int.from_bytes(answer[-_STATUS_BYTES:])

    def _header(self, protocol: int) -> Any:
        t0 = protocol == self._scard.SCARD_PROTOCOL_T0
        return self._scard.SCARD_PCI_T0 if t0 else self._scard.SCARD_PCI_T1


def load() -> Winscard:
    """Return the calls. Raises Unusable where pyscard or the library beneath it is not installed.

    On Linux pyscard loads the library while it is imported, once and for all, and complains on
    standard output where there is none: it is not imported before there is one.
    """
    if importlib.util.find_spec("smartcard") is None:
        raise Unusable(Missing.PYSCARD, "no module named smartcard")
    if sys.platform.startswith("linux"):
        try:
            ctypes.CDLL("libpcsclite.so.1")
        except OSError as error:
            raise Unusable(Missing.LIBRARY, str(error)) from error
    try:
        return Winscard(importlib.import_module("smartcard.scard"))
    except ImportError as error:
        raise Unusable(Missing.PYSCARD, str(error)) from error


def new_reader_notice() -> list[SlotState]:
    """What to wait for beside the readers, so that a new one is noticed at once."""
    return [] if sys.platform == "darwin" else [SlotState(_NEW_READER, STATE_UNAWARE, b"")]


def _check(call: str, code: int) -> None:
    """Raise the error that a failed call on a card amounts to."""
    code = _unsigned(code)
    if code in SERVICE_CODES:
        raise ServiceLost(call, code)
    if code in READER_CODES:
        raise ReaderLost(call, code)
    if code == RESET_CARD:
        raise CardReset(call, code)
    if code != SUCCESS:
        raise CardTrouble(call, code)


def _check_service(call: str, code: int) -> None:
    """Raise ServiceLost for a failed call on the service, whatever it says: a new one may work."""
    if _unsigned(code) != SUCCESS:
        raise ServiceLost(call, _unsigned(code))


def _unsigned(code: int) -> int:
    """The same code on every system: some hand it over as a negative number."""
    return code & 0xFFFFFFFF
