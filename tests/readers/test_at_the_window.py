"""From a card in a reader's slot to the window: the real service, our threads, real widgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.badge import BadgeRules, ChipNumber
from app.core.enrollment import State
from app.core.model import Mode
from app.core.reading import NotAToken, Thing
from app.readers import PcscReader
from app.station.context import DeskSettings, Notify, Ports
from app.station.notices import CardState
from app.station.readers import ReadersNotice
from app.station.station import Station
from app.ui.wording.chips import puzzle
from tests.fakes.clock import FakeClock
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.readers import cards
from tests.readers.conftest import Serve
from tests.readers.daemon import Pcscd
from tests.station.stage import SHORT
from tests.ui.stage import SILENT, Stage, a_window_on

PAD, SLOT = "Some NFC Pad PICC", "Yubico YubiKey CCID"
TOKEN2, YUBIKEY = "8659610123456", "12345678"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    for serial in (TOKEN2, YUBIKEY):
        world.tenant.add_token(a_token(serial), "041238")
    return world


@pytest.fixture
def service(serve: Serve) -> Pcscd:
    return serve((PAD, SLOT))


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld, service: Pcscd) -> Iterator[Stage]:
    """A window on a station whose cards are read for real; the directory is a fake."""

    async def build(notify: Notify) -> Station:
        outside = Ports(
            world.directory,
            world.sign_in,
            world.ledger,
            world.clock,
            cards=PcscReader(FakeClock(cards.TOKEN2_CLOCK)),
        )
        settings = DeskSettings(
            mode=Mode.ASSIGN_ONLY,
            patience=SHORT,
            badges=BadgeRules(chip=ChipNumber.HEX),
            sounds=SILENT,
        )
        return Station(outside, settings, notify)

    with a_window_on(qtbot, build) as stage:
        stage.until(lambda: len(connected(stage).readers) == 4)
        stage.sign_in()
        yield stage


def connected(stage: Stage) -> ReadersNotice:
    told = [notice for notice in stage.notices if isinstance(notice, ReadersNotice)]
    return told[-1] if told else ReadersNotice()


def words(stage: Stage) -> str:
    labels = [label for label in stage.desk.token.findChildren(QLabel) if label.isVisible()]
    return " ".join(label.text() for label in labels)


def test_a_token_and_a_badge_are_tapped_and_the_token_is_assigned(
    stage: Stage, service: Pcscd, world: FakeWorld
) -> None:
    service.slot(0).insert(cards.token2_otp(TOKEN2, timedelta(minutes=5)))
    stage.reach(State.HAS_TOKEN)
    assert "Clock +5 min" in words(stage)
    service.slot(0).remove()
    world.tenant.badges[world.ada.id] = "04A1B2C3D4E5F6"
    service.slot(0).insert(cards.badge("04A1B2C3D4E5F6"))
    stage.reach(State.READY)
    assert stage.enrollment.person == world.ada
    assert stage.enrollment.token is not None
    assert stage.enrollment.token.serial_number == TOKEN2


def test_a_key_in_a_slot_is_read_and_a_strange_card_says_what_it_is(
    stage: Stage, service: Pcscd
) -> None:
    service.slot(0).insert(cards.oath_applet())
    stage.until(lambda: stage.shown.token_card.state is CardState.UNREAD)
    assert puzzle(NotAToken(Thing.OATH_APPLET)).sentence in words(stage)
    service.slot(0).remove()
    stage.until(lambda: stage.shown.token_card.state is CardState.EMPTY)
    service.slot(1).insert(cards.yubikey(int(YUBIKEY)))
    stage.reach(State.HAS_TOKEN)
    assert "Read by the card reader" in words(stage)


def test_the_service_may_stop_and_start_under_the_window(stage: Stage, service: Pcscd) -> None:
    service.stop()
    stage.until(lambda: connected(stage).missing is not None)
    service.start()
    stage.until(lambda: len(connected(stage).readers) == 4)
    service.slot(1).insert(cards.yubikey(int(YUBIKEY)))
    stage.reach(State.HAS_TOKEN)
