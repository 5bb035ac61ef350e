"""Tokens and badges that are tapped, seen at the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.reading import (
    CardGone,
    CardRead,
    CardReading,
    CardSeen,
    Family,
    Help,
    NeedsHelp,
    NotAToken,
    ReaderAppeared,
    ReaderEvent,
    ReaderGone,
    ScannerAppeared,
    Thing,
    TokenReading,
)
from app.station.notices import CardState
from app.ui.widgets import StatusPill, Tone
from app.ui.widgets.chip import Chip
from app.ui.wording.chips import puzzle
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, write
from tests.ui.stage import Stage, a_window

PAD, SLOT = "NFC pad 00", "Slot 00"


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def happens(stage: Stage, world: FakeWorld, *events: ReaderEvent) -> None:
    stage.on_the_station(lambda: world.cards.tell(*events))


def lay(stage: Stage, world: FakeWorld, reading: CardReading) -> None:
    happens(stage, world, ReaderAppeared(PAD, pad=True), CardSeen(PAD), CardRead(PAD, reading))


def a_token(drift: float | None = None, serial: str = "86590001") -> TokenReading:
    return TokenReading(Family.TOKEN2_OTP, "C301-i", serial, drift=drift)


def words_on(card: QWidget) -> str:
    return " ".join(label.text() for label in card.findChildren(QLabel) if label.isVisible())


def words(stage: Stage) -> str:
    return words_on(stage.desk.token)


def chips(stage: Stage) -> dict[str, Tone]:
    shown = [chip for chip in stage.desk.token.findChildren(Chip) if chip.isVisible()]
    return {chip.words(): chip.tone for chip in shown}


def pills(stage: Stage) -> dict[str, Tone]:
    shown = [pill for pill in stage.window.top.findChildren(StatusPill) if pill.isVisible()]
    return {pill.words(): pill.tone for pill in shown}


def test_a_tapped_token_is_on_its_card_with_its_clock(stage: Stage, world: FakeWorld) -> None:
    lay(stage, world, a_token(drift=2.0))
    stage.reach(State.HAS_TOKEN)
    assert "Read by the NFC pad" in words(stage)
    assert chips(stage) == {"In stock": Tone.GOOD, "Clock +2 s": Tone.GOOD}
    assert stage.desk.token.is_flashing()
    stage.focused_on(stage.desk.person.search.edit)


@pytest.mark.parametrize(
    ("drift", "chip", "tone"),
    [(-300.0, "Clock −5 min", Tone.CAUTION), (259_200.0, "Clock +3 days", Tone.BAD)],
)
def test_a_clock_that_is_off_is_judged_and_said(
    stage: Stage, world: FakeWorld, drift: float, chip: str, tone: Tone
) -> None:
    lay(stage, world, a_token(drift))
    stage.reach(State.HAS_TOKEN)
    assert chips(stage)[chip] is tone
    stage.put_person(world.ada)
    stage.reach(State.AWAITING_CODE)
    stage.until(lambda: "clock of this token is off" in words_on(stage.desk.work))


def test_the_ring_runs_by_the_clock_of_the_token(stage: Stage, world: FakeWorld) -> None:
    lay(stage, world, a_token(drift=10.0))
    stage.put_person(world.ada)
    stage.reach(State.AWAITING_CODE)
    tapped = stage.desk.work.seconds_left()
    no_clock = replace(stage.shown, token_card=replace(stage.shown.token_card, reading=None))
    stage.desk.work.show_work(no_clock, ())
    own = stage.desk.work.seconds_left()
    assert (own - tapped) % 30 == pytest.approx(10.0, abs=0.5)


def test_a_card_that_is_no_token_says_so_and_the_number_can_be_typed(
    stage: Stage, world: FakeWorld
) -> None:
    lay(stage, world, NotAToken(Thing.SECURITY_KEY))
    stage.until(lambda: stage.shown.token_card.state is CardState.UNREAD)
    assert puzzle(NotAToken(Thing.SECURITY_KEY)).sentence in words(stage)
    assert "Scan the token" not in words(stage)
    stage.focused_on(stage.desk.token.edit)
    write("86590001")
    press(Qt.Key.Key_Return)
    stage.reach(State.HAS_TOKEN)


def test_what_is_said_of_a_card_goes_with_the_card(stage: Stage, world: FakeWorld) -> None:
    lay(stage, world, NeedsHelp(Help.ASLEEP))
    stage.until(lambda: puzzle(NeedsHelp(Help.ASLEEP)).advice in words(stage))
    happens(stage, world, CardGone(PAD))
    stage.until(lambda: "Scan the token" in words(stage))


def test_a_card_beside_a_token_is_said_over_the_page(stage: Stage, world: FakeWorld) -> None:
    stage.put_token(world.token.serial_number)
    lay(stage, world, NotAToken(Thing.UNKNOWN))
    stage.until(lambda: puzzle(NotAToken(Thing.UNKNOWN)).sentence in stage.alert)
    assert stage.state is State.HAS_TOKEN


def test_a_token_the_tenant_does_not_know_still_says_what_it_is(
    stage: Stage, world: FakeWorld
) -> None:
    lay(stage, world, a_token(serial="8659610904217"))
    stage.until(lambda: stage.shown.token_card.state is CardState.UNKNOWN)
    assert "Token2 C301-i" in words(stage)


def test_readers_are_in_sight_once_they_were_there(stage: Stage, world: FakeWorld) -> None:
    stage.until(lambda: "Directory" in "".join(pills(stage)))
    assert "NFC pad" not in pills(stage)
    happens(stage, world, ReaderAppeared(PAD, pad=True), ReaderAppeared(SLOT))
    stage.until(lambda: pills(stage).get("NFC pad") is Tone.GOOD)
    assert pills(stage)["Card reader"] is Tone.GOOD
    happens(stage, world, CardSeen(PAD))
    stage.until(lambda: pills(stage)["NFC pad"] is Tone.INFO)
    happens(stage, world, ReaderGone(PAD))
    stage.until(lambda: pills(stage)["NFC pad"] is Tone.CAUTION)
    assert pills(stage)["Card reader"] is Tone.GOOD


def test_a_serial_port_scanner_counts_as_a_scanner(stage: Stage, world: FakeWorld) -> None:
    stage.on_the_station(lambda: world.ports.tell(ScannerAppeared("COM7", "Datalogic")))
    stage.until(lambda: pills(stage).get("Scanner") is Tone.GOOD)


def test_a_practice_token_with_a_chip_can_be_tapped(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, practice=True) as stage:
        press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        stage.reach(State.HAS_TOKEN)
        assert stage.shown.token_card.drift == 300.0
        assert chips(stage)["Clock +5 min"] is Tone.CAUTION
