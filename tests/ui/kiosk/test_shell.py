"""Nothing leads out of a kiosk but its supervisor, and nothing of the last person stays in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.core.enrollment import State
from app.core.errors import LedgerUnreadable
from app.core.kiosk import LEFT
from app.station.context import Notify
from app.station.station import Station
from app.ui import clip
from app.ui.theme import FINGER
from tests.fakes.world import WRONG, FakeWorld
from tests.ui.hands import press, scan, write
from tests.ui.kiosk.remains import remains
from tests.ui.kiosk.stage import ALWAYS, PIN, RULES, WIPE_AFTER, KioskStage, a_kiosk, a_kiosk_on
from tests.ui.test_for_everyone import spoken

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def at(qtbot: QtBot, world: FakeWorld) -> Iterator[KioskStage]:
    with a_kiosk(qtbot, world) as at:
        yield at


def windows() -> list[QWidget]:
    """Every window that is on the screen."""
    hidden = Qt.WidgetAttribute.WA_DontShowOnScreen
    return [
        w for w in QApplication.topLevelWidgets() if w.isVisible() and not w.testAttribute(hidden)
    ]


def on_the_desk(at: KioskStage) -> bool:
    pages = at.stage.window.pages
    return pages.currentWidget() is at.stage.desk and windows() == [at.stage.window]


def let_pass(at: KioskStage, world: FakeWorld, seconds: float) -> None:
    at.stage.on_the_station(lambda: world.clock.advance(seconds))


def reach(at: KioskStage, world: FakeWorld, state: State) -> None:
    """Let time go by second by second, as the desk looks at the directory, until it is done."""
    for _ in range(int(WIPE_AFTER) - 2):
        at.qtbot.wait(20)
        if at.stage.state is state:
            return
        let_pass(at, world, 1)
    at.stage.reach(state)


# The way out --------------------------------------------------------------------------------------


def test_it_fills_the_screen_and_offers_no_place_to_go(at: KioskStage) -> None:
    assert at.stage.window.isFullScreen()
    assert not at.stage.window.rail.isVisible()
    assert not at.stage.desk.today.isVisible()


def test_closing_the_window_does_not_close_it(at: KioskStage) -> None:
    assert not at.stage.window.close()
    at.qtbot.wait(50)
    assert at.stage.window.isVisible()
    at.stage.put_token("86590001")  # the station behind it lives


@pytest.mark.parametrize(
    ("key", "held"),
    [
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F4, ALT),
        (Qt.Key.Key_Q, CONTROL),
        (Qt.Key.Key_R, CONTROL),
        (Qt.Key.Key_I, CONTROL),
        (Qt.Key.Key_P, CONTROL),
        (Qt.Key.Key_O, CONTROL),
        (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F10, SHIFT),
    ],
)
def test_no_key_leads_away(at: KioskStage, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    press(key, held)
    at.qtbot.wait(30)
    assert on_the_desk(at)


@pytest.mark.parametrize("page", ["history", "session", "readers", "doctor", "help"])
def test_a_page_that_is_not_everybodys_is_left_at_once(at: KioskStage, page: str) -> None:
    at.stage.window.rail.chosen.emit(page)
    assert on_the_desk(at)


def test_the_name_in_the_top_bar_leads_nowhere(at: KioskStage) -> None:
    at.stage.window.top.session.emit()
    assert on_the_desk(at)


def a_menu() -> QWidget:
    menu = QMenu()
    menu.addAction(QAction("Open", menu))
    menu.popup(QPoint(10, 10))
    return menu


def a_dialog() -> QWidget:
    dialog = QDialog()
    dialog.open()
    return dialog


def a_file_dialog() -> QWidget:
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.open()
    return dialog


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)  # of a menu, by Qt
@pytest.mark.parametrize("opened", [a_menu, a_dialog, a_file_dialog])
def test_no_second_window_comes_on_the_screen(
    at: KioskStage, opened: Callable[[], QWidget]
) -> None:
    window = opened()
    assert windows() == [at.stage.window]
    at.qtbot.waitUntil(lambda: not window.isVisible())
    window.deleteLater()


def test_a_dialog_that_waits_for_an_answer_gets_none(at: KioskStage) -> None:
    assert QDialog().exec() == QDialog.DialogCode.Rejected


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_only_the_first_button_of_a_mouse_does_anything(
    at: KioskStage, button: Qt.MouseButton
) -> None:
    QTest.mouseClick(at.stage.desk.token.edit, button)
    at.qtbot.wait(30)
    assert windows() == [at.stage.window]
    assert at.stage.desk.token.edit.text() == ""


def test_nothing_is_opened_outside(at: KioskStage) -> None:
    """Where a kiosk answers for an address itself, Qt asks nobody else."""
    assert QDesktopServices.openUrl(QUrl("https://www.example.com/"))
    assert QDesktopServices.openUrl(QUrl("file:///etc/passwd"))
    assert on_the_desk(at)


def test_a_window_that_was_made_small_comes_back(at: KioskStage) -> None:
    at.stage.window.showMinimized()
    at.stage.until(at.stage.window.isFullScreen)
    at.stage.window.hide()
    at.stage.until(at.stage.window.isVisible)


def test_the_system_may_end_it(at: KioskStage) -> None:
    at.kiosk.let_end()
    assert at.stage.window.close()


# Copying ------------------------------------------------------------------------------------------


def test_nothing_can_be_copied_or_pasted(at: KioskStage) -> None:
    clipboard = QGuiApplication.clipboard()
    clip.copy("Ada")
    assert clipboard.text() == ""
    clipboard.setText("86590001")
    at.qtbot.waitUntil(lambda: clipboard.text() == "")
    at.stage.focused_on(at.stage.desk.token.edit)
    write("1234")
    press(Qt.Key.Key_A, CONTROL)
    press(Qt.Key.Key_C, CONTROL)
    press(Qt.Key.Key_V, CONTROL)
    assert at.stage.desk.token.edit.text() == "1234"
    assert clipboard.text() == ""


def test_details_are_shown_and_nothing_says_that_they_were_copied(
    at: KioskStage, world: FakeWorld
) -> None:
    at.stage.fill(world, State.AWAITING_CODE)
    at.stage.submit_code(WRONG)
    reach(at, world, State.NOT_DONE)
    press(Qt.Key.Key_F8)
    at.stage.until(at.stage.desk.sheet.isVisible)
    assert QGuiApplication.clipboard().text() == ""
    words = remains(at.stage.desk.sheet)
    assert "clipboard" not in words
    assert "HTTP" in words or "status" in words.lower()


def test_where_copying_is_switched_on_it_works(qtbot: QtBot, world: FakeWorld) -> None:
    with a_kiosk(qtbot, world, replace(RULES, clipboard=True)) as at:
        at.stage.focused_on(at.stage.desk.token.edit)
        write("1234")
        press(Qt.Key.Key_A, CONTROL)
        press(Qt.Key.Key_C, CONTROL)
        assert QGuiApplication.clipboard().text() == "1234"
    assert clip.is_open()


# Fingers ------------------------------------------------------------------------------------------


def test_a_finger_hides_the_pointer_and_a_mouse_shows_it(at: KioskStage) -> None:
    at.touch(at.stage.desk.token.edit)
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.shape() is Qt.CursorShape.BlankCursor
    at.tap_corner(1, QPoint(400, 600))
    assert QApplication.overrideCursor() is None


def too_small(window: QWidget) -> list[str]:
    """What can be touched and is smaller than a finger."""
    kinds = (QAbstractButton, QLineEdit)
    every = [w for kind in kinds for w in window.findChildren(kind) if w.isVisible()]
    found = [w for w in every if not isinstance(w.parent(), QLineEdit)]  # its icon is no target
    assert found
    return [
        f"{type(w).__name__} {w.width()}x{w.height()} {w.accessibleName() or w.objectName()}"
        for w in found
        if w.width() < FINGER or w.height() < FINGER
    ]


def signing_in(at: KioskStage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_F12)
    at.stage.until(at.stage.window.signin.browser.isVisible)


def before_the_code(at: KioskStage, world: FakeWorld) -> None:
    at.stage.fill(world, State.AWAITING_CODE)


def after_a_bad_scan(at: KioskStage, _world: FakeWorld) -> None:
    scan("https://www.example.com/")
    at.stage.until(lambda: at.stage.alert != "")


def before_the_supervisor(at: KioskStage, _world: FakeWorld) -> None:
    at.summon()


def with_the_supervisor(at: KioskStage, _world: FakeWorld) -> None:
    at.open()


SCENES = [signing_in, before_the_code, after_a_bad_scan, before_the_supervisor, with_the_supervisor]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_whatever_can_be_touched_is_as_large_as_a_finger(
    qtbot: QtBot, world: FakeWorld, scene: Callable[[KioskStage, FakeWorld], None]
) -> None:
    with a_kiosk(qtbot, world, ALWAYS, practice=True) as at:
        scene(at, world)
        QApplication.processEvents()
        assert too_small(at.stage.window) == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_whoever_does_not_see_it_is_told_the_name_of_everything(
    qtbot: QtBot, world: FakeWorld, scene: Callable[[KioskStage, FakeWorld], None]
) -> None:
    with a_kiosk(qtbot, world, ALWAYS) as at:
        scene(at, world)
        found = [w for w in at.stage.window.findChildren(QWidget) if w.isVisible()]
        controls = [w for w in found if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
        assert controls
        assert [repr(control) for control in controls if not spoken(control).strip()] == []
        labels = [each for each in at.stage.window.findChildren(QLabel) if each.text()]
        assert {each.textFormat() for each in labels} == {Qt.TextFormat.PlainText}


# What is left -------------------------------------------------------------------------------------


def is_wiped(at: KioskStage, before: QWidget) -> Callable[[], bool]:
    return lambda: at.stage.desk is not before and at.stage.enrollment.token is None


TRACES = ("Ada", "ada@", "20417", "8659")


def test_nothing_of_the_last_person_is_left_in_any_widget(at: KioskStage, world: FakeWorld) -> None:
    before = at.stage.desk
    write("Adam")  # typed in vain; long enough to be told from the beginning of a scan
    at.stage.fill(world, State.AWAITING_CODE)
    at.stage.focused_on(at.stage.desk.work.code)
    write("0412")
    assert any(trace in remains(at.stage.window) for trace in TRACES)
    let_pass(at, world, WIPE_AFTER + 2)
    at.stage.until(is_wiped(at, before))
    at.stage.until(lambda: not isValid(before))
    left = remains(at.stage.window)
    assert [trace for trace in (*TRACES, "0412") if trace in left] == []
    assert at.stage.alert == ""


def test_a_search_that_was_left_open_is_gone(at: KioskStage, world: FakeWorld) -> None:
    before = at.stage.desk
    at.stage.desk.person.search.setFocus()
    write("Ada")
    at.stage.until(at.stage.desk.person.search.is_open)
    let_pass(at, world, WIPE_AFTER + 2)
    at.stage.until(is_wiped(at, before))
    at.stage.until(lambda: not isValid(before))
    assert "Ada" not in remains(at.stage.window)


def test_what_was_refused_or_done_is_gone_as_well(at: KioskStage, world: FakeWorld) -> None:
    before = at.stage.desk
    at.stage.fill(world, State.AWAITING_CODE)
    at.stage.submit_code(WRONG)
    reach(at, world, State.NOT_DONE)
    press(Qt.Key.Key_F8)
    at.stage.until(at.stage.desk.sheet.isVisible)
    let_pass(at, world, WIPE_AFTER + 2)
    at.stage.until(is_wiped(at, before))
    at.stage.until(lambda: not isValid(before))
    assert [trace for trace in TRACES if trace in remains(at.stage.window)] == []


def test_whoever_signs_out_takes_everything_along(at: KioskStage, world: FakeWorld) -> None:
    before = at.stage.desk
    at.stage.fill(world, State.AWAITING_CODE)
    at.qtbot.wait(200)
    press(Qt.Key.Key_F12)
    at.stage.until(at.stage.window.signin.isVisible)
    at.stage.until(lambda: not isValid(before))
    assert [trace for trace in (*TRACES, "Olu") if trace in remains(at.stage.window)] == []


def test_the_desk_serves_the_next_person_after_it_was_wiped(
    at: KioskStage, world: FakeWorld
) -> None:
    before = at.stage.desk
    at.stage.fill(world, State.AWAITING_CODE)
    let_pass(at, world, WIPE_AFTER + 2)
    at.stage.until(is_wiped(at, before))
    at.stage.focused_on(at.stage.desk.token.edit)
    at.stage.fill(world, State.AWAITING_CODE)
    at.stage.submit_code()
    reach(at, world, State.ACTIVATED)


def test_what_was_typed_cannot_be_brought_back(at: KioskStage, world: FakeWorld) -> None:
    field = at.stage.window.signin.form.username
    field.setText("somebody@example.com")
    field.clear()
    assert field.isUndoAvailable()
    at.kiosk.wipe()
    assert not any(each.isUndoAvailable() for each in at.stage.window.findChildren(QLineEdit))


# The supervisor -----------------------------------------------------------------------------------


def test_five_taps_in_the_corner_ask_for_the_pin(at: KioskStage) -> None:
    at.tap_corner(4)
    assert at.sheet.isHidden()
    at.tap_corner(1)
    assert at.sheet.isVisible()


def test_a_tap_elsewhere_begins_the_gesture_anew(at: KioskStage) -> None:
    at.tap_corner(4)
    at.tap_corner(1, QPoint(400, 500))
    at.tap_corner(4)
    assert at.sheet.isHidden()


def test_a_chord_asks_for_the_pin_as_well(at: KioskStage) -> None:
    press(Qt.Key.Key_F12, CONTROL | SHIFT)
    assert at.sheet.isVisible()
    assert at.stage.shown.enrollment.state is State.EMPTY
    press(Qt.Key.Key_Escape)
    assert at.sheet.isHidden()


def test_the_right_pin_gives_the_pages_back(at: KioskStage) -> None:
    at.open("readers")
    window = at.stage.window
    assert window.pages.current_name() == "readers"
    assert window.rail.isVisible()
    assert at.kiosk.strip.isVisible()
    press(Qt.Key.Key_F1)
    assert window.pages.current_name() == "help"
    at.kiosk.strip.button.click()
    assert on_the_desk(at)
    assert not window.rail.isVisible()
    press(Qt.Key.Key_F1)
    assert on_the_desk(at)


def test_a_supervisor_leaves_the_full_screen_and_gives_it_back(at: KioskStage) -> None:
    at.open("leave")
    assert not at.stage.window.isFullScreen()
    at.qtbot.wait(700)  # longer than the look at whether it is in front
    assert not at.stage.window.isFullScreen()
    at.kiosk.strip.button.click()
    assert at.stage.window.isFullScreen()


def test_a_supervisor_ends_the_program_with_a_code_of_its_own(at: KioskStage) -> None:
    at.open("end")
    assert at.codes == [LEFT]


async def that_fails(_notify: Notify) -> Station:
    raise LedgerUnreadable("it is damaged")


def test_a_station_that_cannot_start_is_ended_by_its_supervisor_as_well(
    qtbot: QtBot,
) -> None:
    with a_kiosk_on(qtbot, that_fails) as at:
        at.stage.until(lambda: "cannot start" in remains(at.stage.window.signin))
        assert not at.stage.window.close()
        at.open("end")
        assert at.codes == [LEFT]


def test_closing_the_window_is_a_supervisors_way_to_end_it(at: KioskStage) -> None:
    at.open("leave")
    at.stage.window.close()
    assert at.codes == [LEFT]


def test_a_supervisor_who_is_called_away_leaves_nothing_open(at: KioskStage) -> None:
    at.open("doctor")
    at.kiosk.alone_after(60)
    at.stage.until(lambda: not at.kiosk.supervised)
    assert on_the_desk(at)
    assert at.stage.window.isFullScreen()


def test_the_kiosk_goes_on_where_nobody_gets_in(at: KioskStage, world: FakeWorld) -> None:
    at.stage.fill(world, State.AWAITING_CODE)
    at.summon()
    at.touch_key("1")
    press(Qt.Key.Key_Escape)
    at.stage.focused_on(at.stage.desk.work.code)
    assert at.stage.desk.work.code.code() == ""
    at.stage.submit_code()
    reach(at, world, State.ACTIVATED)


def test_what_a_supervisor_copies_is_gone_when_the_kiosk_comes_back(at: KioskStage) -> None:
    at.open("doctor")
    clip.copy("a report")
    assert QGuiApplication.clipboard().text() == "a report"
    at.kiosk.take_back()
    assert QGuiApplication.clipboard().text() == ""


def test_no_pin_shows_anywhere(at: KioskStage) -> None:
    at.summon()
    for digit in PIN:
        at.touch_key(digit)
    words = remains(at.stage.window, but=at.sheet.field)
    assert PIN not in words
    assert at.sheet.field.displayText() != PIN
    press(Qt.Key.Key_Escape)
    assert PIN not in remains(at.stage.window)


def test_w5_the_ways_out_of_a_kiosk_are_buttons_for_a_finger(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_kiosk(qtbot, world) as at:
        top = at.stage.window.top
        at.stage.until(lambda: top.width() == at.stage.window.width())  # no room for a rail
        for button in (top.not_me, top.cancel):
            assert button.isVisible()
            assert min(button.width(), button.height()) >= 48
        at.stage.put_person(world.ada)
        QTest.mouseClick(top.cancel, Qt.MouseButton.LeftButton)
        at.stage.reach(State.EMPTY)
        at.stage.put_person(world.ben)  # the same badge at once would be a double read
        QTest.mouseClick(top.not_me, Qt.MouseButton.LeftButton)
        at.stage.until(at.stage.window.signin.browser.isVisible)
        assert not top.not_me.isVisible()


def test_what_the_station_tells_after_the_window_is_gone_reaches_no_widget(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_kiosk(qtbot, world) as at:
        last = at.stage.shown
    at.stage.tell(last)
    assert not isValid(at.kiosk)
