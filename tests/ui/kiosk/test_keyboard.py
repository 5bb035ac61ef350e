"""The keyboard on the screen types into the field that a finger touched, and is never a scanner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.kiosk import KioskRules, ScreenKeys
from app.ui.kiosk import layouts
from tests.fakes.world import RIGHT, FakeWorld
from tests.ui.hands import scan, write
from tests.ui.kiosk.stage import ALWAYS, RULES, KioskStage, a_kiosk
from tests.ui.kiosk.test_shell import reach


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def at(qtbot: QtBot, world: FakeWorld) -> Iterator[KioskStage]:
    with a_kiosk(qtbot, world) as at:
        yield at


def type_on_screen(at: KioskStage, text: str) -> None:
    """Touch key after key without a pause, faster than any scanner."""
    for letter in text:
        at.touch_key(letter)


def test_it_appears_at_a_finger_and_not_at_a_mouse(at: KioskStage) -> None:
    edit = at.stage.desk.token.edit
    QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
    assert at.kiosk.keyboard.isHidden()
    at.touch(edit)
    assert at.kiosk.keyboard.isVisible()
    at.touch_key("Hide")
    assert at.kiosk.keyboard.isHidden()


def test_letters_for_a_search_and_digits_for_a_code(at: KioskStage, world: FakeWorld) -> None:
    at.touch(at.stage.desk.person.search.edit)
    assert {"q", "@", layouts.SPACE} <= {key.key for key in at.kiosk.keyboard.shown_keys()}
    at.stage.fill(world, State.AWAITING_CODE)
    at.stage.focused_on(at.stage.desk.work.code)
    at.touch(at.stage.desk.work.code)
    shown = {key.key for key in at.kiosk.keyboard.shown_keys()}
    assert shown == {*"0123456789", layouts.BACKSPACE, layouts.ENTER, layouts.HIDE}


def test_an_enrollment_needs_no_other_keyboard(at: KioskStage, world: FakeWorld) -> None:
    at.touch(at.stage.desk.token.edit)
    type_on_screen(at, world.token.serial_number)
    at.touch_key("Return")
    at.stage.reach(State.HAS_TOKEN)
    at.touch(at.stage.desk.person.search.edit)
    type_on_screen(at, "ada")
    at.stage.until(at.stage.desk.person.search.is_open)
    at.touch_key("Return")
    at.stage.reach(State.AWAITING_CODE)
    at.stage.focused_on(at.stage.desk.work.code)
    type_on_screen(at, RIGHT)  # the keys followed the focus, as digits
    at.touch_key("Return")
    reach(at, world, State.ACTIVATED)


def test_quick_fingers_are_never_taken_for_a_scan(at: KioskStage, world: FakeWorld) -> None:
    scanned: list[str] = []
    at.kiosk.scans.scanned.connect(scanned.append)
    at.touch(at.stage.desk.person.search.edit)
    type_on_screen(at, world.token.serial_number)
    at.qtbot.wait(300)
    assert scanned == []
    assert at.stage.desk.person.search.edit.text() == world.token.serial_number


def test_a_scanner_works_beside_it(at: KioskStage, world: FakeWorld) -> None:
    at.touch(at.stage.desk.person.search.edit)
    type_on_screen(at, "ad")
    scan(world.token.serial_number)
    at.stage.reach(State.HAS_TOKEN)
    assert at.stage.desk.person.search.edit.text() == "ad"
    assert at.kiosk.keyboard.isVisible()


def test_a_finger_in_the_middle_of_a_scan_does_not_tear_it(
    at: KioskStage, world: FakeWorld
) -> None:
    at.touch(at.stage.desk.person.search.edit)
    serial = world.token.serial_number
    scan(serial[:5], terminator=None)
    at.touch_key("x")
    scan(serial[5:])
    at.stage.reach(State.HAS_TOKEN)
    assert at.stage.desk.person.search.edit.text() == "x"


def test_a_real_keyboard_puts_it_away(at: KioskStage) -> None:
    at.touch(at.stage.desk.token.edit)
    type_on_screen(at, "1")
    write("2")
    assert at.stage.desk.token.edit.text() == "12"
    assert at.kiosk.keyboard.isHidden()


def test_capitals_last_for_one_letter(at: KioskStage) -> None:
    at.touch(at.stage.desk.person.search.edit)
    at.touch_key("Shift")
    assert at.key("a").text() == "A"
    type_on_screen(at, "ab")
    assert at.stage.desk.person.search.edit.text() == "Ab"
    at.touch_key("Backspace")
    assert at.stage.desk.person.search.edit.text() == "A"


def test_letters_of_other_names_are_a_touch_away(at: KioskStage) -> None:
    at.touch(at.stage.desk.person.search.edit)
    at.touch_key("More")
    type_on_screen(at, "łø")
    at.touch_key("Fewer")
    at.touch_key("Space")
    type_on_screen(at, "a")
    assert at.stage.desk.person.search.edit.text() == "łø a"


def test_who_speaks_german_finds_the_letters_where_they_are(at: KioskStage) -> None:
    QLocale.setDefault(QLocale("de_DE"))
    at.touch(at.stage.desk.person.search.edit)
    rows = [key.key for key in at.kiosk.keyboard.shown_keys()]
    assert {"ä", "ö", "ü", "ß"} <= set(rows)
    assert rows.index("z") < rows.index("a") < rows.index("y")


def test_no_key_takes_the_focus(at: KioskStage) -> None:
    at.touch(at.stage.desk.token.edit)
    at.touch_key("5")
    assert QApplication.focusWidget() is at.stage.desk.token.edit
    policies = {key.focusPolicy() for key in at.kiosk.keyboard.shown_keys()}
    assert policies == {Qt.FocusPolicy.NoFocus}


def test_every_key_has_a_name_for_whoever_does_not_see_it(at: KioskStage) -> None:
    at.touch(at.stage.desk.token.edit)
    for rows in (layouts.DIGITS, layouts.ACCENTS):
        assert all(key.accessibleName() for key in at.kiosk.keyboard.shown_keys())
        at.kiosk.keyboard._change(rows)
    assert at.kiosk.keyboard.accessibleName()


@pytest.mark.parametrize("rows", [layouts.DIGITS, layouts.letters("en"), layouts.letters("de")])
def test_each_key_is_there_once(rows: layouts.Rows) -> None:
    names = [name for row in rows for name in row]
    assert len(set(names)) == len(names)
    assert all(name in layouts.GLYPHS or len(name) == 1 for name in names)


def test_where_any_pointer_counts_it_is_there_with_the_field(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_kiosk(qtbot, world, ALWAYS) as at:
        at.stage.focused_on(at.stage.desk.token.edit)
        assert at.kiosk.keyboard.isVisible()


def test_where_it_is_not_wanted_no_finger_brings_it(qtbot: QtBot, world: FakeWorld) -> None:
    rules = KioskRules(RULES.pin, keyboard=ScreenKeys.NEVER)
    with a_kiosk(qtbot, world, rules) as at:
        at.touch(at.stage.desk.token.edit)
        assert at.kiosk.keyboard.isHidden()
        at.summon()
        assert at.kiosk.keyboard.isHidden()


def test_it_never_lies_over_the_field_it_writes_to(qtbot: QtBot, world: FakeWorld) -> None:
    with a_kiosk(qtbot, world, ALWAYS) as at:
        window, keyboard = at.stage.window, at.kiosk.keyboard
        low = QLineEdit(window)
        for top in range(0, window.height() - 60, 40):
            low.setGeometry(100, top, 300, 48)
            low.show()
            low.raise_()
            keyboard.write_to(low)
            place = keyboard.geometry()
            assert not place.intersects(low.geometry())
            assert window.rect().contains(place)
        low.deleteLater()
        keyboard.put_away()


def test_the_list_of_a_search_stays_above_it(at: KioskStage, world: FakeWorld) -> None:
    search = at.stage.desk.person.search
    at.touch(search.edit)
    type_on_screen(at, "ada")
    at.stage.until(search.is_open)
    panel: QWidget = search._panel
    below = panel.mapTo(at.stage.window, QPoint(0, panel.height())).y()
    assert below <= at.kiosk.keyboard.y()
