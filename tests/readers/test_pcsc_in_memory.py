"""The card thread over a service in memory: what no real service does when it is asked to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from app.core.reading import (
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Help,
    Missing,
    NeedsHelp,
    NoReader,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ServiceBack,
    ServiceMissing,
    TokenReading,
)
from app.readers.pcsc import PcscReader
from app.readers.slot import Pace
from app.readers.winscard import Unusable, Winscard
from tests.fakes.clock import FakeClock
from tests.readers import cards
from tests.readers.heard import Heard
from tests.readers.scard import Scard
from tests.support.patience import HANG_SECONDS

SLOT = "Gemalto PC Twin Reader 0"
PAD = "ACS ACR122U PICC Interface 0"
HASTE = Pace(back_off=(0.02, 0.04), tries=3, between=0.02, held=0.05, poll=0.2)

Watch = Callable[..., Heard[ReaderEvent]]


@pytest.fixture
def watch() -> Iterator[Watch]:
    readers: list[PcscReader] = []

    def begin(make: Callable[[], Winscard], pace: Pace = HASTE) -> Heard[ReaderEvent]:
        heard: Heard[ReaderEvent] = Heard()
        reader = PcscReader(FakeClock(), pace, make)
        readers.append(reader)
        reader.start(heard)
        return heard

    yield begin
    for reader in readers:
        reader.stop()


def read(heard: Heard[ReaderEvent], times: int = 1) -> CardReading:
    found = heard.until(lambda event: isinstance(event, CardRead), times)[times - 1]
    assert isinstance(found, CardRead)
    return found.reading


def why(reading: CardReading) -> Help:
    assert isinstance(reading, NeedsHelp), reading
    return reading.why


@pytest.mark.parametrize("knows_notice", [True, False])
def test_readers_come_and_go(watch: Watch, *, knows_notice: bool) -> None:
    scard = Scard(knows_notice=knows_notice)
    heard = watch(scard.winscard)
    heard.until(lambda event: isinstance(event, NoReader))
    scard.plug(SLOT)
    heard.until(lambda event: isinstance(event, ReaderAppeared))
    scard.lay(SLOT, cards.canokey())
    assert isinstance(read(heard), TokenReading)
    scard.unplug(SLOT)
    heard.until(lambda event: isinstance(event, NoReader), 2)
    assert heard.events[-3:] == [CardGone(SLOT), ReaderGone(SLOT), NoReader()]
    assert scard.dispositions == {0}


def test_cards_are_told_apart_by_their_atr_where_the_system_counts_nothing(watch: Watch) -> None:
    scard = Scard(counts=False, negative=True)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.canokey())
    heard = watch(scard.winscard)
    read(heard)
    scard.lay(SLOT, cards.solo())
    assert isinstance(read(heard, 2), TokenReading)
    assert heard.of(CardGone) == [CardGone(SLOT)]


def test_a_service_that_does_not_wait_is_not_asked_without_end(watch: Watch) -> None:
    scard = Scard(waits=False)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.canokey())
    heard = watch(scard.winscard)
    assert isinstance(read(heard), TokenReading)
    first, began = scard.looks, time.monotonic()
    while scard.looks < first + 10:
        time.sleep(0.01)
    assert time.monotonic() - began > 10 * 0.04  # ten pauses of 0.05 s, but for the clock's grain
    scard.lay(SLOT, cards.solo())
    assert isinstance(read(heard, 2), TokenReading)


def test_a_card_that_is_reset_by_another_program_is_asked_from_the_beginning(watch: Watch) -> None:
    scard = Scard(resets=3)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.yubikey())
    assert isinstance(read(watch(scard.winscard)), TokenReading)


def test_a_card_that_is_reset_again_and_again_is_given_up(watch: Watch) -> None:
    scard = Scard(resets=1_000)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.yubikey())
    assert why(read(watch(scard.winscard))) is Help.UNRESPONSIVE
    assert scard.resets == 1_000 - 3 * 4


def test_a_card_that_another_program_opened_alone_is_read_when_it_is_closed(watch: Watch) -> None:
    scard = Scard(exclusive=True)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.yubikey())
    heard = watch(scard.winscard)
    assert why(read(heard)) is Help.BUSY
    time.sleep(0.2)
    assert len(heard.of(CardRead)) == 1
    scard.exclusive = False
    assert isinstance(read(heard, 2), TokenReading)


def test_success_without_an_answer_is_no_answer(watch: Watch) -> None:
    scard = Scard(silent=True)
    scard.plug(SLOT)
    scard.lay(SLOT, cards.yubikey())
    assert why(read(watch(scard.winscard))) is Help.UNRESPONSIVE


def test_what_does_not_answer_a_pad_is_asleep_and_is_read_when_it_wakes(watch: Watch) -> None:
    scard = Scard()
    scard.plug(PAD)
    heard = watch(scard.winscard)
    scard.lay(PAD, None, mute=True)
    assert why(read(heard)) is Help.ASLEEP
    place = scard.places[PAD]
    place.count -= 1  # the same event goes on, as some readers have it
    scard.lay(PAD, cards.token2_otp())
    assert isinstance(read(heard, 2), TokenReading)


def test_what_does_not_answer_a_slot_is_unresponsive(watch: Watch) -> None:
    scard = Scard()
    scard.plug(SLOT)
    scard.lay(SLOT, None, mute=True)
    assert why(read(watch(scard.winscard))) is Help.UNRESPONSIVE


def test_a_card_that_hangs_is_told_and_holds_up_no_other(watch: Watch) -> None:
    scard = Scard()
    scard.plug(SLOT)
    scard.plug(PAD)
    hanging = cards.yubikey()
    hanging.before = lambda _: time.sleep(0.6)
    heard = watch(scard.winscard, Pace(tries=2, between=0.02, budget=0.1, poll=0.1))
    scard.lay(SLOT, hanging)
    heard.until(lambda event: isinstance(event, CardSeen))
    scard.lay(PAD, cards.token2_fido())
    found = heard.until(lambda event: isinstance(event, CardRead), 2)
    assert [event.reader for event in found if isinstance(event, CardRead)] == [PAD, SLOT]


def test_an_answer_of_a_card_that_is_gone_is_nobodys(watch: Watch) -> None:
    scard = Scard()
    scard.plug(SLOT)
    asked, swapped = threading.Event(), threading.Event()

    def wait(command: bytes) -> None:
        if command[1] == 0x1D:  # the last one: its answer is whole, and too late
            asked.set()
            swapped.wait(HANG_SECONDS)

    slow = cards.yubikey(11111111)
    slow.before = wait
    heard = watch(scard.winscard)
    scard.lay(SLOT, slow)
    assert asked.wait(HANG_SECONDS)
    scard.lay(SLOT, cards.yubikey(22222222))
    assert why(read(heard)) is Help.LIFTED
    swapped.set()
    reading = read(heard, 2)
    assert isinstance(reading, TokenReading)
    assert reading.serial == "22222222"
    time.sleep(0.3)
    assert len(heard.of(CardRead)) == 2


def test_what_is_missing_is_told_once_for_each_reason(watch: Watch) -> None:
    scard = Scard(runs=False)
    reasons = iter([Missing.PYSCARD, Missing.PYSCARD, Missing.LIBRARY])

    def make() -> Winscard:
        reason = next(reasons, None)
        if reason is not None:
            raise Unusable(reason, "")
        return scard.winscard()

    heard = watch(make)
    heard.until(lambda event: isinstance(event, ServiceMissing), 3)
    scard.halt(runs=True)
    heard.until(lambda event: isinstance(event, ServiceBack))
    scard.halt()
    found = heard.until(lambda event: isinstance(event, ServiceMissing), 4)
    told = [event.why for event in found if isinstance(event, ServiceMissing)]
    assert told == [Missing.PYSCARD, Missing.LIBRARY, Missing.SERVICE, Missing.SERVICE]


def test_the_pauses_before_another_try_grow_and_stay_at_the_last(watch: Watch) -> None:
    tried: list[float] = []
    enough = threading.Event()

    def make() -> Winscard:
        tried.append(time.monotonic())
        if len(tried) == 6:
            enough.set()
        raise Unusable(Missing.SERVICE, "")

    watch(make, Pace(back_off=(0.02, 0.05, 0.1)))
    assert enough.wait(HANG_SECONDS)
    pauses = [later - earlier for earlier, later in pairwise(tried[:6])]
    least = (0.02, 0.05, 0.1, 0.1, 0.1)
    assert all(pause >= each * 0.9 for pause, each in zip(pauses, least, strict=True)), pauses
