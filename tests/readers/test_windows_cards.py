"""A hand-over on Windows: card and badge are read through winscard.dll, in a real window.

The readers are virtual ones: vpcd listens on its usual ports. Under Wine winscard.dll
speaks to the PC/SC service of the Debian below (packaging/wine.py starts it).
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from app.core.badge import BadgeRules, ChipNumber
from app.core.enrollment import State
from app.core.model import Mode
from app.core.reading import CardRead, ReaderEvent
from app.readers import PcscReader
from app.station.context import DeskSettings, Notify, Ports
from app.station.station import Station
from tests.fakes.clock import FakeClock
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.readers import cards
from tests.readers.heard import Heard
from tests.readers.vpcd import VirtualSlot
from tests.station.stage import SHORT
from tests.ui.stage import SILENT, Stage, a_window_on

PORT = 0x8C7B
"""Where vpcd listens unless it is configured otherwise; the next port is its second slot."""
TOKEN2, BADGE = "8659610123456", "04A1B2C3D4E5F6"


def lacks_readers() -> bool:
    with socket.socket() as link:
        link.settimeout(5)
        return link.connect_ex(("127.0.0.1", PORT)) != 0


pytestmark = [
    pytest.mark.skipif(
        sys.platform != "win32", reason="reads through winscard.dll, which Windows alone has"
    ),
    pytest.mark.skipif(
        sys.platform == "win32" and lacks_readers(), reason="needs the virtual readers of vpcd"
    ),
]


@pytest.fixture
def slot() -> Iterator[VirtualSlot]:
    slot = VirtualSlot(PORT)
    yield slot
    slot.remove()


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.tenant.add_token(a_token(TOKEN2), "041238")
    world.tenant.badges[world.ada.id] = BADGE
    return world


def test_a_token_is_handed_over_by_two_taps(
    qtbot: QtBot, world: FakeWorld, slot: VirtualSlot
) -> None:
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
        stage.sign_in()
        slot.insert(cards.token2_otp(TOKEN2, timedelta(minutes=5)))
        stage.reach(State.HAS_TOKEN)
        slot.remove()
        slot.insert(cards.badge(BADGE))
        stage.reach(State.READY)
        submitted(stage)
    assert [each.serial_number for each in world.tenant.held_by(world.ada.id)] == [TOKEN2]


def submitted(stage: Stage) -> None:
    """Press the button, and wait until the directory has confirmed the token."""
    stage.desk.work.button.click()
    stage.reach(State.ASSIGNED)


def is_of(serial: str, event: ReaderEvent) -> bool:
    return isinstance(event, CardRead) and serial in str(event.reading)


def test_cards_that_come_and_go_are_read_one_after_the_other(
    slot: VirtualSlot,
) -> None:
    heard: Heard[ReaderEvent] = Heard()
    reader = PcscReader(FakeClock())
    reader.start(heard)
    try:
        for serial in (11111111, 22222222):
            slot.insert(cards.yubikey(serial))
            heard.until(partial(is_of, str(serial)))
            slot.remove()
    finally:
        reader.stop()
