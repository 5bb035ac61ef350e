"""A line of people: person, token, code, and the next one, whatever became of the last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.model import Mode
from app.station.notices import Sound
from app.ui.models.today import STATE
from tests.fakes.world import WRONG, FakeWorld
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window, a_window_on, on

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    """A desk that was put into the line by its key."""
    with a_window(qtbot, world) as stage:
        stage.reach(State.EMPTY)
        press(Qt.Key.Key_O, CTRL)
        yield stage


@pytest.fixture
def loud(qtbot: QtBot, world: FakeWorld) -> Iterator[tuple[Stage, list[Sound]]]:
    """A desk that begins in the line, hands over without a code, and is listened to."""
    build = on(world, Mode.ASSIGN_ONLY, sounds=frozenset(Sound), line=True)
    with a_window_on(qtbot, build) as stage:
        heard: list[Sound] = []
        stage.desk.heard.connect(heard.append)
        stage.sign_in()
        stage.reach(State.EMPTY)
        yield stage, heard


def chips(stage: Stage) -> list[str]:
    return [chip.words() for chip in stage.desk.line.told.chips()]


def counted(stage: Stage) -> list[str]:
    """What the bar counts, without the rate and the time of whoever is in front."""
    return [word for word in chips(stage) if "hour" not in word and "Here" not in word]


def states(stage: Stage) -> list[str]:
    model = stage.desk.today.model
    return [str(model.index(row, STATE).data()) for row in range(model.rowCount())]


def refuse_one(stage: Stage, world: FakeWorld) -> None:
    """Somebody's code is refused while the desk is free again."""
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code(WRONG)
    stage.reach(State.EMPTY)
    stage.until(lambda: "1 to look at" in chips(stage))


def column(stage: Stage, card: object) -> int:
    cards = stage.desk._cards
    return next(at for at in range(3) if cards.itemAtPosition(0, at).widget() is card)  # type: ignore[union-attr]


# The mode --------------------------------------------------------------------------------------


def test_one_key_leads_into_the_line_and_the_same_one_out_of_it(stage: Stage) -> None:
    desk = stage.desk
    assert desk.line.isVisible()
    assert not desk.steps.isVisible()
    assert (column(stage, desk.person), column(stage, desk.token)) == (0, 1)
    stage.focused_on(desk.person.search.edit)
    press(Qt.Key.Key_O, CTRL)
    assert not desk.line.isVisible()
    assert desk.steps.isVisible()
    assert (column(stage, desk.token), column(stage, desk.person)) == (0, 1)
    stage.focused_on(desk.token.edit)


def test_the_configuration_begins_in_the_line(loud: tuple[Stage, list[Sound]]) -> None:
    stage, _ = loud
    assert stage.desk.line.isVisible()
    stage.focused_on(stage.desk.person.search.edit)


def test_person_token_and_code_is_the_order_and_tab_follows_it(
    stage: Stage, world: FakeWorld
) -> None:
    desk = stage.desk
    stage.focused_on(desk.person.search.edit)
    press(Qt.Key.Key_Tab)
    stage.focused_on(desk.token.edit)
    press(Qt.Key.Key_Backtab)
    write("ada")
    stage.until(desk.person.search.is_open)
    press(Qt.Key.Key_Return)
    stage.focused_on(desk.token.edit)
    scan(world.token.serial_number)
    stage.reach(State.AWAITING_CODE)
    stage.focused_on(desk.work.code)


def test_escape_takes_back_the_token_before_the_person(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    press(Qt.Key.Key_Escape)
    stage.reach(State.HAS_PERSON)
    stage.focused_on(stage.desk.token.edit)
    press(Qt.Key.Key_Escape)
    stage.reach(State.EMPTY)


# The next person -------------------------------------------------------------------------------


def test_the_desk_is_free_at_once_and_nothing_is_done_before_it_is_read_back(
    stage: Stage, world: FakeWorld
) -> None:
    held = world.directory.hold("assign_and_activate")
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code()
    stage.reach(State.EMPTY)
    stage.focused_on(stage.desk.person.search.edit)
    assert counted(stage) == ["0 done", "1 open"]
    stage.on_the_station(held.go.set)
    stage.until(lambda: counted(stage) == ["1 done", "0 open"])
    assert states(stage) == ["Activated"]


@pytest.mark.expect_log("it is written as soon as the record can be written")
def test_what_was_not_written_down_stays_in_front(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    world.ledger.full = True
    stage.submit_code()
    stage.reach(State.UNRECORDED)
    assert stage.enrollment.person == world.ada
    assert world.directory.writes == []
    world.ledger.full = False
    stage.until(lambda: bool(world.ledger.entries))


def test_how_long_somebody_has_been_here_is_told_until_they_go(
    stage: Stage, world: FakeWorld
) -> None:
    assert "Here" not in chips(stage)[-1]
    stage.put_person(world.ada)
    stage.until(lambda: chips(stage)[-1].startswith("Here for 0:"))
    press(Qt.Key.Key_Escape)
    stage.until(lambda: "Here" not in chips(stage)[-1])


# What needs attention --------------------------------------------------------------------------


def test_what_was_refused_waits_on_top_and_interrupts_nobody(
    stage: Stage, world: FakeWorld
) -> None:
    refuse_one(stage, world)
    assert states(stage) == ["Refused"]
    stage.focused_on(stage.desk.person.search.edit)
    assert stage.alert == ""


def test_one_key_leads_to_it_and_escape_back_to_whoever_is_in_front(
    stage: Stage, world: FakeWorld
) -> None:
    refuse_one(stage, world)
    stage.put_person(world.ada)
    stage.focused_on(stage.desk.token.edit)
    press(Qt.Key.Key_N, CTRL)
    stage.focused_on(stage.desk.today.view)
    press(Qt.Key.Key_Escape)
    stage.focused_on(stage.desk.token.edit)
    assert stage.enrollment.person == world.ada


def test_it_is_opened_with_enter_and_settled_with_the_next_code(
    stage: Stage, world: FakeWorld
) -> None:
    refuse_one(stage, world)
    press(Qt.Key.Key_N, CTRL)
    enter()
    stage.reach(State.NOT_DONE)
    stage.submit_code()
    stage.reach(State.EMPTY)
    stage.until(lambda: counted(stage) == ["1 done", "0 open"])


def test_where_nothing_needs_attention_the_key_leads_nowhere(stage: Stage) -> None:
    stage.focused_on(stage.desk.person.search.edit)
    press(Qt.Key.Key_N, CTRL)
    assert QApplication.focusWidget() is stage.desk.person.search.edit


# Sounds ----------------------------------------------------------------------------------------


def test_what_is_confirmed_behind_the_desk_is_heard(
    loud: tuple[Stage, list[Sound]], world: FakeWorld
) -> None:
    stage, heard = loud
    stage.fill(world, State.READY)
    heard.clear()
    stage.focused_on(stage.desk.work.button)
    enter()
    stage.until(lambda: heard == [Sound.ACCEPTED])
    stage.reach(State.EMPTY)


def test_what_needs_attention_behind_the_desk_is_heard(stage: Stage, world: FakeWorld) -> None:
    heard: list[Sound] = []
    stage.fill(world, State.AWAITING_CODE)
    stage.desk.heard.connect(heard.append)
    stage.submit_code(WRONG)
    stage.until(lambda: heard == [Sound.ATTENTION])
