"""Cards made of bytes: each answers as its family's documentation says, and remembers the asking.

They serve twice: straight as a `Transmit`, and behind the wire of a virtual reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

OK = b"\x90\x00"
NOT_FOUND = b"\x6a\x82"
UNKNOWN_INS = b"\x6d\x00"

TOKEN2_CLOCK = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Applet:
    """What an application says when selected, and its answers by the command's first four bytes.

    `shut` is the status of a selection that is refused, and yet switches over.
    """

    greeting: bytes = b""
    answers: Mapping[str, bytes] = field(default_factory=dict)
    shut: bytes = OK


class FakeCard:
    """A card with applications, and answers to commands that need none.

    `piece` cuts answers into pieces of so many bytes (61xx); `first_length` makes the card ask for
    the right length first (6Cxx); `before` is called with each command and may wait or raise.
    """

    def __init__(
        self,
        atr: str,
        applets: Mapping[str, Applet] | None = None,
        bare: Mapping[str, bytes] | None = None,
        otherwise: bytes = UNKNOWN_INS,
    ) -> None:
        self.atr = bytes.fromhex(atr)
        self.asked: list[bytes] = []
        self.noticed_at: float | None = None
        self.piece: int | None = None
        self.first_length = False
        self.before: Callable[[bytes], None] = lambda _: None
        self._applets = {bytes.fromhex(aid): applet for aid, applet in (applets or {}).items()}
        self._bare = bare or {}
        self._otherwise = otherwise
        self._selected = Applet()
        self._rest = b""

    def __call__(self, command: bytes) -> tuple[bytes, int]:
        answer = self.answer(command)
        return answer[:-2], int.from_bytes(answer[-2:])

    def noticed(self) -> None:
        """The reader has found the card; of several times the first counts."""
        if self.noticed_at is None:
            self.noticed_at = time.perf_counter()

    def reset(self) -> None:
        self._selected, self._rest = Applet(), b""

    def answer(self, command: bytes) -> bytes:
        self.asked.append(command)
        self.before(command)
        if command[1] == 0xC0:
            return self._next_piece(command[4] or 256)
        whole = self._whole(command)
        data, status = whole[:-2], whole[-2:]
        if self.first_length and data and (len(command) < 5 or command[-1] != len(data)):
            return bytes((0x6C, len(data)))
        if self.piece is None or len(data) <= self.piece:
            return data + status
        self._rest = data
        return self._more()

    def _whole(self, command: bytes) -> bytes:
        if command[:4] == b"\x00\xa4\x04\x00":
            return self._select(command[5 : 5 + command[4]])
        header = command[:4].hex()
        known = {**self._bare, **self._selected.answers}
        return known.get(header, self._otherwise)

    def _select(self, application: bytes) -> bytes:
        applet = self._applets.get(application)
        if applet is None:
            return NOT_FOUND
        self._selected = applet
        return applet.greeting + applet.shut

    def _next_piece(self, wanted: int) -> bytes:
        size = min(wanted, self.piece or wanted)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece + (self._more() if self._rest else OK)

    def _more(self) -> bytes:
        return bytes((0x61, min(len(self._rest), 255)))


PAD_ATR = "3B8180018080"
"""What a reader makes up for a card without contacts that says nothing else (DESFire)."""

CONTACT_ATR = "3B6500002063CB6800"


def token2_info(serial: str, clock: datetime = TOKEN2_CLOCK) -> bytes:
    head = bytes.fromhex("010203") + bytes((len(serial),))
    return head + serial.encode() + b"\x12\x34" + int(clock.timestamp()).to_bytes(4)


def token2_otp(serial: str = "8659610123456", drift: timedelta = timedelta()) -> FakeCard:
    info = token2_info(serial, TOKEN2_CLOCK + drift) + OK
    return FakeCard(PAD_ATR, bare={"80410000": info})


def token2_fido(serial: str = "72102935780528") -> FakeCard:
    answer = b"\xd1" + bytes((len(serial),)) + serial.encode() + OK
    applet = Applet(answers={"80330000": answer})
    return FakeCard("3B80800101", {"F00000014F747001": applet})


def token2_fido_early(serial: str = "86105112345678") -> FakeCard:
    """A key that knows the command only once FIDO is selected, which it pretends to refuse."""
    answer = b"\xd1" + bytes((len(serial),)) + serial.encode() + OK
    applets = {
        "F00000014F747001": Applet(),
        "A0000006472F0001": Applet(answers={"80330000": answer}, shut=b"\x6a\x81"),
    }
    return FakeCard("3B80800101", applets)


def oath_applet() -> FakeCard:
    return FakeCard(PAD_ATR, {"A0000005272101": Applet(bytes.fromhex("7903050403"))})


YUBIKEY_USB_ATR = "3BFD1300008131FE158073C021C057597562694B657940"
YUBIKEY_NFC_ATR = "3B8D80018073C021C057597562694B6579F9"
MANAGEMENT = "A000000527471117"
GREETING = b"Virtual mgr - FW version 5.7.1"


def yubikey_fields(serial: int | None, form: int = 0x01) -> bytes:
    number = b"" if serial is None else b"\x02\x04" + serial.to_bytes(4)
    rest = b"\x04\x01" + bytes((form,)) + bytes.fromhex("05030507010A01000D02033F0E02033F")
    fields = bytes.fromhex("0102033F0302033F") + number + rest
    return bytes((len(fields),)) + fields


def yubikey(serial: int | None = 12345678, atr: str = YUBIKEY_USB_ATR, form: int = 1) -> FakeCard:
    answers = {"001d0000": yubikey_fields(serial, form) + OK}
    return FakeCard(atr, {MANAGEMENT: Applet(GREETING, answers)})


def yubikey_by_otp(serial: int = 3141592) -> FakeCard:
    applets = {
        MANAGEMENT: Applet(b"Virtual mgr - FW version 3.4.6"),
        "A0000005272001": Applet(
            bytes.fromhex("03040600000000"), {"00011000": serial.to_bytes(4) + OK}
        ),
    }
    return FakeCard("3BFA1800008131FE454A434F5033315632332FF1", applets)


def yubikey_by_piv(serial: int = 20202020) -> FakeCard:
    applets = {
        MANAGEMENT: Applet(GREETING, {"001d0000": yubikey_fields(None) + OK}),
        "A000000308": Applet(b"\x61\x02\x4f\x00", {"00f80000": serial.to_bytes(4) + OK}),
    }
    return FakeCard(YUBIKEY_USB_ATR, applets)


def yubikey_restricted() -> FakeCard:
    address = bytes.fromhex("001FD1011B5504") + b"yubico.com/getting-started"
    answers = {"00a4000c": OK, "00b00000": address + OK}
    return FakeCard(YUBIKEY_NFC_ATR, {"D2760000850101": Applet(answers=answers)})


NITROKEY_ATR = "3B8F01805D4E6974726F6B657900000000006A"
ADMIN = "A00000084700000001"
UUID = bytes.fromhex("0A1B2C3D4E5F60718293A4B5C6D7E8F9")


def nitrokey() -> FakeCard:
    greeting = bytes.fromhex("7903040D0082010A") + b"\x8f\x04" + UUID[:4]
    applets = {
        "A0000005272101": Applet(greeting),
        ADMIN: Applet(answers={"00620000": UUID + OK}),
    }
    return FakeCard(NITROKEY_ATR, applets)


def nitrokey_without_secrets() -> FakeCard:
    return FakeCard(NITROKEY_ATR, {ADMIN: Applet(answers={"00620000": UUID + OK})})


def solo() -> FakeCard:
    return FakeCard("3B888001536F6C6F20320000", {ADMIN: Applet(answers={"00620000": UUID + OK})})


def canokey() -> FakeCard:
    applets = {
        "A0000005272101": Applet(bytes.fromhex("7903050505710812345678ABCDEF01")),
        "F000000000": Applet(answers={"00320000": bytes.fromhex("C0FFEE42") + OK}),
    }
    return FakeCard("3BF71100008131FE6543616E6F6B657999", applets)


GUID = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
FASC_N = bytes.fromhex("D0439458210C2C19A0846D83685A1082108CE73984108CA3FC")
"""The example of the PACS guidance: agency 0032, system 0001, credential 092446."""


def chuid(guid: bytes = GUID, fasc_n: bytes = FASC_N) -> bytes:
    fields = b"\x30" + bytes((len(fasc_n),)) + fasc_n + b"\x34\x10" + guid
    fields += b"\x35\x08" + b"20301231" + b"\x3e\x81\xc8" + bytes(200) + b"\xfe\x00"
    return b"\x53\x82" + len(fields).to_bytes(2) + fields


def piv(guid: bytes = GUID) -> FakeCard:
    card = FakeCard(
        CONTACT_ATR, {"A000000308": Applet(b"\x61\x02\x4f\x00", {"00cb3fff": chuid(guid) + OK})}
    )
    card.piece = 200
    return card


def badge(uid: str = "04A1B2C3D4E5F6") -> FakeCard:
    return FakeCard(PAD_ATR, bare={"ffca0000": bytes.fromhex(uid) + OK}, otherwise=b"\x6e\x00")


def memory_badge(uid: str = "DEADBEEF") -> FakeCard:
    atr = "3B8F8001804F0CA000000306030001000000006A"
    return FakeCard(atr, bare={"ffca0000": bytes.fromhex(uid) + OK}, otherwise=b"\x6f\x00")


def payment_card() -> FakeCard:
    return FakeCard(CONTACT_ATR, otherwise=b"\x6e\x00")
