"""S14: six digits are the code while the code is asked for, however fast they come and wherever."""

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.scan import RefusalKind
from app.station.notices import CardState
from app.ui.wording.desk import refusal
from tests.fakes.nouns import a_token
from tests.fakes.world import RIGHT, FakeWorld
from tests.ui.hands import PAUSE_MS, PERSON_MS, STALL_MS, press, scan, send
from tests.ui.stage import Stage, a_window

SHORT_SERIAL = "204817"


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def the_code(stage: Stage) -> QWidget:
    return stage.desk.work.code


def the_rail(stage: Stage) -> QWidget:
    return next(
        part
        for part in stage.window.rail.findChildren(QWidget)
        if part.focusPolicy() != Qt.FocusPolicy.NoFocus and part.isVisible()
    )


def the_list_of_today(stage: Stage) -> QWidget:
    return stage.desk.today.view


def the_page(stage: Stage) -> QWidget:
    return stage.desk


@pytest.mark.parametrize(
    ("place", "terminator"),
    [
        (the_code, Qt.Key.Key_Return),
        (the_rail, Qt.Key.Key_Enter),
        (the_list_of_today, Qt.Key.Key_Return),
        (the_page, Qt.Key.Key_Return),
    ],
    ids=["code", "rail", "today", "page"],
)
def test_s14_six_fast_digits_and_enter_are_the_code_whatever_has_the_focus(
    place: Callable[[Stage], QWidget], terminator: Qt.Key, stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    place(stage).setFocus()
    scan(RIGHT, terminator)
    stage.reach(State.ACTIVATED)
    assert stage.refused == []


def test_the_next_token_is_scanned_right_after_the_last_code_and_its_enter(
    stage: Stage, world: FakeWorld, qtbot: QtBot
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    for digit in RIGHT[:-1]:
        send(digit)
        qtbot.wait(PERSON_MS)
    send(RIGHT[-1])
    press(Qt.Key.Key_Return)
    scan(world.second.serial_number)
    stage.until(lambda: stage.shown.token_card.serial_number == world.second.serial_number)
    stage.until(lambda: "activate" in "".join(world.directory.writes))
    assert "pieces" not in stage.alert


@pytest.mark.parametrize("terminator", [None, Qt.Key.Key_Tab], ids=["nothing", "tab"])
def test_s14_without_enter_the_digits_stand_in_the_field_and_wait_for_it(
    terminator: Qt.Key | None, stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    the_rail(stage).setFocus()
    scan(RIGHT, terminator)
    stage.until(lambda: stage.desk.work.code.code() == RIGHT)
    assert world.directory.writes == []
    stage.focused_on(stage.desk.work.code)
    stage.qtbot.wait(PAUSE_MS)
    press(Qt.Key.Key_Return)
    stage.reach(State.ACTIVATED)


@pytest.mark.parametrize(
    ("place", "gaps"),
    [
        (the_code, (1, 1, 200, 1, 1)),
        (the_rail, (200, 1, 1, 1, 1)),
        (the_rail, (80,) * 5),
        (the_list_of_today, (1, 1, 200, 1, 1)),
        (the_list_of_today, (25, 25, 200, 25, 25)),
    ],
)
def test_s14_the_rhythm_of_the_digits_is_no_matter(
    gaps: tuple[int, ...], place: Callable[[Stage], QWidget], stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    place(stage).setFocus()
    at = int(time.monotonic() * 1000)
    for digit, gap in zip(RIGHT, (*gaps, 0), strict=True):
        send(digit, at=at)
        at += gap
        stage.qtbot.wait(gap)
    stage.until(lambda: stage.desk.work.code.code() == RIGHT)
    stage.qtbot.wait(PAUSE_MS)
    press(Qt.Key.Key_Return)
    stage.reach(State.ACTIVATED)


def test_s14_digits_in_two_fast_runs_and_enter_are_the_code(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    scan(RIGHT[:3], terminator=None)
    stage.qtbot.wait(PAUSE_MS)
    scan(RIGHT[3:])
    stage.reach(State.ACTIVATED)
    assert "pieces" not in stage.alert


def test_s14_digits_that_come_anew_take_the_place_of_those_typed_before(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    send("9")
    stage.until(lambda: stage.desk.work.code.code() == "9")
    stage.qtbot.wait(STALL_MS)  # sooner, the digit and the six may be one serial number
    scan(RIGHT)
    stage.reach(State.ACTIVATED)


def test_s14_a_token_that_is_activated_later_is_given_its_code_as_fast(
    stage: Stage, world: FakeWorld
) -> None:
    world.directory.give(world.token, world.ada, activated=False)
    scan(world.token.serial_number)
    stage.until(lambda: stage.desk.third.currentWidget() is stage.desk.third.choice)
    stage.until(lambda: bool(stage.desk.third.choice.options.options()))
    press(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    stage.focused_on(stage.desk.third.work.code)
    the_rail(stage).setFocus()
    scan(RIGHT)
    stage.until(lambda: stage.desk.third.enrollment is not None)
    stage.until(lambda: stage.desk.third.enrollment.state is State.ACTIVATED)  # type: ignore[union-attr]


def test_s14_the_end_of_a_torn_serial_number_is_no_code(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    send("8")
    stage.until(lambda: stage.desk.work.code.code() == "8")
    scan("590001")
    stage.until(lambda: "Scan again" in stage.alert)
    assert world.directory.writes == []


def test_s14_a_serial_number_of_six_digits_is_one_while_no_code_is_asked_for(
    stage: Stage, world: FakeWorld
) -> None:
    short = world.tenant.add_token(a_token(SHORT_SERIAL))
    scan(SHORT_SERIAL)
    stage.reach(State.HAS_TOKEN)
    assert stage.enrollment.token == short
    assert stage.refused == []


def test_s14_six_digits_that_no_token_has_are_refused_and_shown_nowhere(
    stage: Stage, world: FakeWorld
) -> None:
    scan("041238")
    stage.until(lambda: refusal(RefusalKind.SIX_DIGITS).sentence in stage.alert)
    assert stage.shown.token_card.state is CardState.EMPTY
    assert world.ledger.entries == ()
