"""Card readers through the real service: what comes, goes, breaks and hangs, is told and survived.

Everything but the readers and the cards is real: pcscd, its socket, pyscard, the card thread.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.core.reading import (
    BadgeKind,
    BadgeReading,
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Help,
    Missing,
    NeedsHelp,
    NotAToken,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ServiceBack,
    ServiceMissing,
    Thing,
    TokenReading,
)
from app.readers.pcsc import PcscReader
from app.readers.slot import Pace
from tests.fakes.clock import FakeClock
from tests.readers import cards
from tests.readers.conftest import Serve
from tests.readers.heard import Heard
from tests.readers.other_program import OtherProgram
from tests.readers.vpcd import Pulled

PAD = "ACS ACR122U PICC Interface"
OTHER_PAD = "HID OMNIKEY 5022 CL"
SLOT = "Gemalto PC Twin Reader"
OTHER_SLOT = "Identiv uTrust 2700 R Smart Card Reader"
YUBICO = "Yubico YubiKey OTP+FIDO+CCID"
MOLTO = "TOKEN2 Molto2 [CCID Interface]"

HASTE = Pace(back_off=(0.1, 0.2), between=0.1, held=0.2)
"""As usual, but for pauses that a test would only sit out."""

Watch = Callable[..., Heard[ReaderEvent]]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watch the readers; what is told is collected until the test ends."""
    readers: list[PcscReader] = []

    def begin(pace: Pace = HASTE) -> Heard[ReaderEvent]:
        heard: Heard[ReaderEvent] = Heard()
        reader = PcscReader(FakeClock(), pace)
        readers.append(reader)
        reader.start(heard)
        return heard

    yield begin
    for reader in readers:
        reader.stop()


def is_read(reader: str) -> Callable[[ReaderEvent], bool]:
    return lambda event: isinstance(event, CardRead) and event.reader == reader


def reading_of(heard: Heard[ReaderEvent], reader: str, times: int = 1) -> CardReading:
    """What the card of `reader` turned out to be, the `times`th time."""
    found = heard.until(is_read(reader), times)[times - 1]
    assert isinstance(found, CardRead)
    return found.reading


def serial_of(reading: CardReading) -> str:
    assert isinstance(reading, TokenReading), reading
    return reading.serial


def test_cards_in_several_readers_at_once_are_all_read(serve: Serve, watch: Watch) -> None:
    service = serve([PAD, OTHER_PAD, SLOT, OTHER_SLOT, YUBICO, MOLTO])
    laid = {
        (0, 0): cards.token2_otp(drift=timedelta(seconds=70)),
        (0, 1): cards.token2_fido(),
        (1, 0): cards.badge(),
        (1, 1): cards.memory_badge(),
        (2, 0): cards.nitrokey(),
        (2, 1): cards.canokey(),
        (3, 0): cards.solo(),
        (3, 1): cards.piv(),
        (4, 0): cards.yubikey(),
        (4, 1): cards.yubikey_by_otp(),
        (5, 0): cards.token2_otp(),
    }
    heard = watch()
    slots = {place: service.slot(*place) for place in laid}
    for place, card in laid.items():
        slots[place].insert(card)
    read = {place: reading_of(heard, service.reader(*place)) for place in laid}
    token = read.pop((0, 0))
    assert isinstance(token, TokenReading)
    assert (token.serial, token.drift) == ("8659610123456", 60.0)
    assert read.pop((1, 0)) == BadgeReading(BadgeKind.UID, "04A1B2C3D4E5F6")
    assert read.pop((1, 1)) == BadgeReading(BadgeKind.UID, "DEADBEEF")
    assert read.pop((3, 1)) == BadgeReading(BadgeKind.CHUID, cards.GUID.hex().upper())
    assert read.pop((5, 0)) == NotAToken(Thing.MOLTO2)
    assert laid[5, 0].asked == []
    assert {place: serial_of(reading) for place, reading in read.items()} == {
        (0, 1): "72102935780528",
        (2, 0): "0A1B2C3D",
        (2, 1): "C0FFEE42",
        (3, 0): cards.UUID.hex().upper(),
        (4, 0): "12345678",
        (4, 1): "3141592",
    }
    for slot in slots.values():
        slot.remove()
    heard.until(lambda event: isinstance(event, CardGone), len(laid))
    assert len(heard.of(CardSeen)) == len(laid)


def test_a_card_that_lies_there_before_the_station_starts_is_read(
    serve: Serve, watch: Watch
) -> None:
    service = serve([SLOT])
    service.slot().insert(cards.canokey())
    time.sleep(0.6)
    assert serial_of(reading_of(watch(), service.reader())) == "C0FFEE42"


def test_answers_in_pieces_and_lengths_asked_for_come_together(serve: Serve, watch: Watch) -> None:
    service = serve([SLOT])
    chained, particular = cards.token2_fido(), cards.canokey()
    chained.piece, particular.first_length = 5, True
    heard = watch()
    service.slot(0, 0).insert(chained)
    service.slot(0, 1).insert(particular)
    assert serial_of(reading_of(heard, service.reader(0, 0))) == "72102935780528"
    assert serial_of(reading_of(heard, service.reader(0, 1))) == "C0FFEE42"


def test_a_card_swapped_fast_is_another_card(serve: Serve, watch: Watch) -> None:
    service = serve([SLOT])
    slot, heard = service.slot(), watch()
    slot.insert(cards.yubikey(11111111))
    assert serial_of(reading_of(heard, service.reader())) == "11111111"
    slot.swap(cards.yubikey(22222222))
    assert serial_of(reading_of(heard, service.reader(), 2)) == "22222222"
    slot.swap(cards.yubikey(33333333))
    assert serial_of(reading_of(heard, service.reader(), 3)) == "33333333"
    assert len(heard.of(CardGone)) == 2


def test_a_card_that_flutters_is_read_once(serve: Serve, watch: Watch) -> None:
    service = serve([PAD])
    slot, heard = service.slot(), watch(Pace(back_off=(0.1,), double=6.0))
    for times in (1, 2, 3):
        slot.insert(cards.token2_otp())
        heard.until(lambda event: isinstance(event, CardSeen), times)
        slot.remove()
        heard.until(lambda event: isinstance(event, CardGone), times)
    slot.insert(cards.token2_otp("8659600999999"))
    assert serial_of(reading_of(heard, service.reader(), 2)) == "8659600999999"
    assert len(heard.of(CardRead)) == 2


def test_a_card_pulled_while_it_is_asked_wants_to_be_held_still(serve: Serve, watch: Watch) -> None:
    service = serve([SLOT])
    slot, heard = service.slot(), watch()
    pulled = cards.nitrokey_without_secrets()

    def pull(command: bytes) -> None:
        if command[1] == 0x62:
            raise Pulled

    pulled.before = pull
    slot.insert(pulled)
    assert reading_of(heard, service.reader()) == NeedsHelp(Help.LIFTED)
    heard.until(lambda event: isinstance(event, CardGone))
    slot.insert(cards.nitrokey_without_secrets())
    assert serial_of(reading_of(heard, service.reader(), 2)) == "0A1B2C3D"


def test_a_slow_card_is_read_within_its_time_and_given_up_after_it(
    serve: Serve, watch: Watch
) -> None:
    service = serve([SLOT])
    slow, slower = cards.canokey(), cards.piv()
    slow.before = lambda _: time.sleep(0.05)
    slower.before = lambda _: time.sleep(0.4)
    heard = watch(Pace(back_off=(0.1,), budget=1.0))
    service.slot(0, 0).insert(slow)
    assert serial_of(reading_of(heard, service.reader(0, 0))) == "C0FFEE42"
    service.slot(0, 1).insert(slower)
    reading = reading_of(heard, service.reader(0, 1))
    assert isinstance(reading, NeedsHelp)
    assert reading.why is Help.UNRESPONSIVE
    assert len(slower.asked) <= 4


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_a_service_that_stops_is_waited_for(serve: Serve, watch: Watch, how: str) -> None:
    service = serve([SLOT])
    heard = watch()
    service.slot().insert(cards.yubikey(11111111))
    reading_of(heard, service.reader())
    service.stop(signal.Signals[how])
    (missing,) = heard.until(lambda event: isinstance(event, ServiceMissing))
    assert isinstance(missing, ServiceMissing)
    assert missing.why is Missing.SERVICE
    assert heard.of(CardGone) == [CardGone(service.reader())]
    assert len(heard.of(ReaderGone)) == 2
    service.start()
    heard.until(lambda event: isinstance(event, ServiceBack), 2)
    service.slot().insert(cards.yubikey(22222222))
    assert serial_of(reading_of(heard, service.reader(), 2)) == "22222222"
    assert len(heard.of(ServiceMissing)) == 1


def test_a_service_that_is_not_there_yet_is_told_once_and_taken_up_when_it_comes(
    serve: Serve, watch: Watch
) -> None:
    service = serve([SLOT])
    service.stop()
    heard = watch()
    heard.until(lambda event: isinstance(event, ServiceMissing))
    time.sleep(0.5)
    assert len(heard.events) == 1
    service.start()
    heard.until(lambda event: isinstance(event, ReaderAppeared), 2)
    service.slot().insert(cards.solo())
    assert serial_of(reading_of(heard, service.reader())) == cards.UUID.hex().upper()


def test_a_card_that_another_program_holds_is_read_once_it_lets_go(
    serve: Serve, watch: Watch
) -> None:
    service = serve([SLOT])
    slot = service.slot()
    slot.insert(cards.yubikey())
    with OtherProgram(service.reader()) as other:
        heard = watch()
        reading = reading_of(heard, service.reader())
        assert isinstance(reading, NeedsHelp)
        assert reading.why is Help.BUSY
        service.slot(0, 1).insert(cards.canokey())
        assert serial_of(reading_of(heard, service.reader(0, 1))) == "C0FFEE42"
        other.let_go()
        assert serial_of(reading_of(heard, service.reader(), 2)) == "12345678"
        assert other.is_alive


def test_other_programs_can_use_a_card_that_was_read(serve: Serve, watch: Watch) -> None:
    service = serve([SLOT])
    card = cards.yubikey()
    service.slot().insert(card)
    reading_of(watch(), service.reader())
    with OtherProgram(service.reader()) as other:
        assert other.ask("001d000000").endswith("9000")  # what we selected is selected still


def test_nothing_is_told_after_stop_and_it_can_start_again(serve: Serve) -> None:
    service = serve([SLOT])
    reader, heard = PcscReader(FakeClock(), HASTE), Heard[ReaderEvent]()
    reader.start(heard)
    heard.until(lambda event: isinstance(event, ReaderAppeared), 2)
    with pytest.raises(RuntimeError):
        reader.start(heard)
    reader.stop()
    reader.stop()
    told = len(heard.events)
    service.slot().insert(cards.yubikey())
    time.sleep(0.6)
    assert len(heard.events) == told
    reader.start(heard)
    assert serial_of(reading_of(heard, service.reader())) == "12345678"
    reader.stop()


def test_stop_does_not_wait_for_a_card_that_never_answers(serve: Serve) -> None:
    service = serve([SLOT])
    card = cards.yubikey()
    card.before = lambda _: time.sleep(1.0)
    reader, heard = PcscReader(FakeClock(), HASTE), Heard[ReaderEvent]()
    reader.start(heard)
    service.slot().insert(card)
    heard.until(lambda event: isinstance(event, CardSeen))
    reader.stop()
    assert heard.of(CardRead) == []
