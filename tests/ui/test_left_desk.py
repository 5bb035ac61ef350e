"""A desk that was left for long: nothing of whoever was there stays in the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.signin import SignInMethod
from app.station.context import DeskSettings, Notify
from app.station.lock import AbandonedNotice
from app.station.notices import SessionNotice, SessionState
from app.station.station import Station
from app.ui.wording.lock import abandoned, lapsed, not_taken
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT
from tests.ui.hands import press, scan, write
from tests.ui.stage import Stage, a_window_on

CONTROL = Qt.KeyboardModifier.ControlModifier
LIMITS = DeskSettings(
    name="Desk 1", tenant="Contoso", patience=SHORT, lock_after=600, sign_out_after=3600
)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.clock.stop()
    return world


@contextmanager
def left_alone(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    """A window on a station with limits, on a clock that stands still."""

    async def build(notify: Notify) -> Station:
        return Station(world.station_ports, LIMITS, notify)

    with a_window_on(qtbot, build) as stage:
        yield stage


def pass_by(stage: Stage, world: FakeWorld, seconds: float) -> None:
    stage.on_the_station(lambda: world.clock.advance(seconds))


def told(interface: QAccessibleInterface) -> str:
    kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    words = [interface.text(kind) for kind in kinds]
    children = (interface.child(index) for index in range(interface.childCount()))
    return " ".join([*words, *(told(child) for child in children)])


def heard(stage: Stage) -> str:
    """Every word of the window, whether it is shown or hidden."""
    return told(QAccessible.queryAccessibleInterface(stage.window))


def signed_out(stage: Stage) -> bool:
    found = [n for n in stage.notices if isinstance(n, SessionNotice)]
    return bool(found) and found[-1].state is SessionState.SIGNED_OUT


@pytest.mark.parametrize("locked_before", [False, True])
def test_a_sign_out_by_time_leaves_nothing_and_says_so(
    qtbot: QtBot, world: FakeWorld, *, locked_before: bool
) -> None:
    with left_alone(qtbot, world) as stage:
        stage.sign_in()
        press(Qt.Key.Key_I, CONTROL)
        stage.until(lambda: "Olu" in heard(stage))
        press(Qt.Key.Key_Escape)
        stage.fill(world, State.AWAITING_CODE)
        stage.focused_on(stage.desk.work.code)
        write("041")
        stage.window.history.filters.edit.setText("Ada")
        if locked_before:
            press(Qt.Key.Key_L, CONTROL)
            stage.until(lambda: stage.window.lock_screen.locked)
        pass_by(stage, world, 3601)
        stage.until(lambda: signed_out(stage))
        stage.until(stage.window.signin.browser.isVisible)
        assert not stage.window.lock_screen.locked
        assert stage.desk.work.code.code() == ""
        assert stage.window.history.filters.edit.text() == ""
        assert lapsed(cleared=True).sentence in heard(stage)
        for name in ("Olu", world.ada.display_name, world.token.serial_number):
            assert name not in heard(stage)


def test_an_unattended_desk_that_was_left_keeps_nothing_that_was_typed(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.sign_in.methods = (SignInMethod.CERTIFICATE,)
    with left_alone(qtbot, world) as stage:
        stage.until(stage.desk.isVisible)
        stage.put_token(world.token.serial_number)
        stage.desk.person.search.edit.setText("Ada Ex")
        stage.window.history.filters.edit.setText("Ada")
        press(Qt.Key.Key_F11)
        stage.until(stage.window.history.isVisible)
        pass_by(stage, world, 601)
        stage.until(lambda: AbandonedNotice() in stage.notices)
        stage.until(lambda: stage.alert == abandoned())
        assert stage.desk.isVisible()
        assert stage.desk.person.search.edit.text() == ""
        assert stage.window.history.filters.edit.text() == ""
        assert stage.state is State.EMPTY


@pytest.mark.parametrize("kind", ["torn", "overlong"])
def test_a_bad_scan_at_a_locked_desk_is_answered_on_the_cover_alone(
    qtbot: QtBot, world: FakeWorld, kind: str
) -> None:
    with left_alone(qtbot, world) as stage:
        stage.sign_in()
        press(Qt.Key.Key_L, CONTROL)
        stage.until(lambda: stage.window.lock_screen.locked)
        if kind == "torn":
            scan("8659\x1d0610904217")
        else:
            scan("8" * 10_001)
        stage.until(lambda: stage.window.lock_page.strip.words() == not_taken())
        assert stage.alert == ""
