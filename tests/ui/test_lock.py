"""A locked desk shows nothing, takes nothing, and gives everything back to its operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.core.enrollment import State
from app.core.reading import CardRead, Family, ReaderAppeared, TokenReading
from app.ui.activity import Activity
from app.ui.wording.lock import not_taken
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def lock(stage: Stage) -> None:
    press(Qt.Key.Key_L, CONTROL)
    stage.until(lambda: stage.window.lock_screen.locked)


def unlock(stage: Stage) -> None:
    enter()
    stage.until(lambda: not stage.window.lock_screen.locked)


def everything_told(interface: QAccessibleInterface) -> list[str]:
    """Every word that a screen reader finds below `interface`."""
    kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    words = [interface.text(kind) for kind in kinds]
    children = (interface.child(index) for index in range(interface.childCount()))
    return words + [word for child in children for word in everything_told(child)]


def heard(stage: Stage) -> str:
    return " ".join(everything_told(QAccessible.queryAccessibleInterface(stage.window)))


def test_nothing_of_the_desk_can_be_seen_read_or_reached(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    assert world.ada.display_name in heard(stage)
    lock(stage)
    assert not stage.desk.isVisible()
    assert not stage.window.rail.isVisible()
    assert world.ada.display_name not in heard(stage)
    assert world.token.serial_number not in heard(stage)
    assert "Olu" not in heard(stage)
    for _ in range(20):
        press(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert stage.window.lock_page.isAncestorOf(focused)


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_F11, Qt.Key.Key_F12, Qt.Key.Key_Escape])
def test_no_key_of_the_window_leads_past_the_lock(stage: Stage, key: Qt.Key) -> None:
    lock(stage)
    press(key)
    stage.qtbot.wait(50)
    assert stage.window.lock_screen.locked
    assert stage.window.lock_page.isVisible()


def test_whoever_locked_it_goes_on_where_they_were(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    draft = stage.enrollment.id
    lock(stage)
    unlock(stage)
    stage.reach(State.AWAITING_CODE)
    assert (stage.enrollment.id, stage.enrollment.person) == (draft, world.ada)
    assert world.sign_in.fresh[-1]
    stage.submit_code()
    stage.reach(State.ACTIVATED)


def test_somebody_else_finds_an_empty_desk_and_is_told_why(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    lock(stage)
    world.directory.who = an_operator("Nora")
    unlock(stage)
    stage.reach(State.EMPTY)
    assert "Nora" in stage.alert
    assert world.ada.display_name not in heard(stage)


def test_what_is_scanned_at_a_locked_desk_is_refused_and_not_kept(
    stage: Stage, world: FakeWorld
) -> None:
    lock(stage)
    scan(world.token.serial_number)
    stage.until(lambda: stage.window.lock_page.strip.words() == not_taken())
    unlock(stage)
    stage.reach(State.EMPTY)
    assert world.directory.count("find_tokens") == 0


def test_what_is_tapped_at_a_locked_desk_is_refused_and_not_kept(
    stage: Stage, world: FakeWorld
) -> None:
    lock(stage)
    reading = TokenReading(Family.TOKEN2_OTP, "C301-i", world.token.serial_number)
    stage.on_the_station(
        lambda: world.cards.tell(ReaderAppeared("Pad", pad=True), CardRead("Pad", reading))
    )
    stage.until(lambda: stage.window.lock_page.strip.words() == not_taken())
    unlock(stage)
    stage.reach(State.EMPTY)
    assert world.directory.count("find_tokens") == 0


def test_what_was_submitted_goes_on_behind_the_cover(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    slow = world.directory.hold("assign_and_activate")
    stage.submit_code()
    stage.reach(State.SUBMITTING)
    lock(stage)
    stage.on_the_station(slow.go.set)
    stage.reach(State.ACTIVATED)
    assert stage.window.lock_screen.locked
    unlock(stage)
    stage.until(stage.desk.isVisible)
    assert stage.state is State.ACTIVATED


def test_the_rail_locks_too_and_a_desk_nobody_is_at_cannot_be_locked(stage: Stage) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.browser.isVisible)
    press(Qt.Key.Key_L, CONTROL)
    stage.qtbot.wait(50)
    assert not stage.window.lock_screen.locked
    stage.sign_in()
    stage.window.rail.chosen.emit("lock")
    stage.until(lambda: stage.window.lock_screen.locked)


def test_signs_of_life_are_told_once_a_second_and_never_what_was_done(
    stage: Stage, qapp: QApplication
) -> None:
    activity, told = Activity(), []
    activity.alive.connect(lambda: told.append("alive"))
    activity.install(qapp)
    write("86590001")
    assert told == ["alive"]
    activity.remove(qapp)


def test_a_mouse_that_does_not_move_is_no_sign_of_life(stage: Stage, qapp: QApplication) -> None:
    activity, told = Activity(), []
    activity.alive.connect(lambda: told.append("alive"))
    activity.install(qapp)
    none = Qt.MouseButton.NoButton
    for place in (QPointF(), QPointF(), QPointF(30, 30)):
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(stage.desk, event)
        assert told == (["alive"] if place.x() else [])
    activity.remove(qapp)


@pytest.mark.parametrize("before_the_end", [lambda _stage: None, lock], ids=["open", "locked"])
def test_nothing_of_a_window_outlives_it(
    qtbot: QtBot, world: FakeWorld, before_the_end: Callable[[Stage], None]
) -> None:
    with a_window(qtbot, world) as stage:
        before_the_end(stage)
        cover, desk = stage.window.lock_page, stage.desk
    qtbot.waitUntil(lambda: not isValid(cover) and not isValid(desk))
