"""The code is typed into one field, and never leaves it but as a signal."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets import CodeField
from app.ui.widgets.code_field import plain_digits
from tests.ui.widgets.typing_keys import type_keys


class Desk(QWidget):
    """A page that remembers what the field told and which keys it left over."""

    def __init__(self) -> None:
        super().__init__()
        self.field = CodeField("Code on the token", lambda count, of: f"{count} of {of} digits")
        self.told: list[tuple[str, object]] = []
        self.left_over: list[int] = []
        QVBoxLayout(self).addWidget(self.field)
        self.field.completed.connect(lambda code: self.told.append(("completed", code)))
        self.field.submitted.connect(lambda code: self.told.append(("submitted", code)))
        self.field.changed.connect(lambda count: self.told.append(("changed", count)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - an override keeps Qt's name
        self.left_over.append(event.key())


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    made = Desk()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    made.field.setFocus()
    return made


def test_six_digits_complete_the_code_once_and_leading_zeros_survive(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "004117")
    assert desk.told == [("changed", n) for n in range(1, 7)] + [("completed", "004117")]
    assert desk.field.code() == "004117"


def test_a_seventh_digit_changes_nothing(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "1234567")
    assert desk.field.code() == "123456"
    assert [what for what, _ in desk.told].count("completed") == 1


def test_letters_and_signs_are_left_to_the_page(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "1a-2")
    assert desk.field.code() == "12"
    assert desk.left_over == [Qt.Key.Key_A, Qt.Key.Key_Minus]


def test_arabic_indic_digits_become_plain_ones(desk: Desk) -> None:
    type_keys(desk.field, "٠٤١٩٨٧")
    assert desk.field.code() == "041987"


def test_backspace_takes_the_last_digit_and_delete_all(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "123")
    QTest.keyClick(desk.field, Qt.Key.Key_Backspace)
    assert desk.field.code() == "12"
    QTest.keyClick(desk.field, Qt.Key.Key_Delete)
    assert desk.field.code() == ""


def test_enter_submits_six_digits_and_is_left_to_the_page_before(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "12345")
    QTest.keyClick(desk.field, Qt.Key.Key_Return)
    assert desk.left_over == [Qt.Key.Key_Return]
    QTest.keyClicks(desk.field, "6")
    QTest.keyClick(desk.field, Qt.Key.Key_Return)
    assert desk.told[-1] == ("submitted", "123456")


def test_escape_is_left_to_the_page(desk: Desk) -> None:
    QTest.keyClick(desk.field, Qt.Key.Key_Escape)
    assert desk.left_over == [Qt.Key.Key_Escape]


@pytest.mark.parametrize("words", ["041987", " 041 987\n", "041-987"])
def test_six_pasted_digits_fill_the_field(desk: Desk, words: str) -> None:
    QGuiApplication.clipboard().setText(words)
    QTest.keyClick(desk.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert desk.told[-1] == ("completed", "041987")


@pytest.mark.parametrize("words", ["04198", "0419876", "otpauth://x?secret=041987", "", "x" * 9999])
def test_anything_else_pasted_is_passed_over(desk: Desk, words: str) -> None:
    QGuiApplication.clipboard().setText(words)
    QTest.keyClick(desk.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert desk.field.code() == ""


def test_an_input_method_can_type_the_digits(desk: Desk) -> None:
    event = QInputMethodEvent()
    event.setCommitString("０４１")
    QApplication.sendEvent(desk.field, event)
    assert desk.field.code() == "041"


def test_the_code_never_reaches_the_clipboard(desk: Desk) -> None:
    QGuiApplication.clipboard().setText("before")
    QTest.keyClicks(desk.field, "123456")
    for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_X):
        QTest.keyClick(desk.field, key, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "before"
    assert desk.field.code() == "123456"


def test_a_screen_reader_is_told_how_many_digits_but_not_which(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "041")
    spoken = QAccessible.queryAccessibleInterface(desk.field)
    assert spoken.role() is QAccessible.Role.EditableText
    assert spoken.state().passwordEdit
    assert spoken.text(QAccessible.Text.Name) == "Code on the token"
    assert spoken.text(QAccessible.Text.Description) == "3 of 6 digits"
    assert "041" not in spoken.text(QAccessible.Text.Value)
    assert "041" not in repr(desk.field)


def test_an_error_is_shown_until_the_next_digit(desk: Desk) -> None:
    desk.field.set_error(True)
    assert desk.field.has_error()
    QTest.keyClicks(desk.field, "1")
    assert not desk.field.has_error()


def test_clear_forgets_the_digits(desk: Desk) -> None:
    QTest.keyClicks(desk.field, "123456")
    desk.field.clear()
    desk.field.undo()
    assert desk.field.code() == ""
    assert desk.field.accessibleDescription() == "0 of 6 digits"


def test_a_disabled_field_takes_nothing(desk: Desk) -> None:
    desk.field.setEnabled(False)
    QTest.keyClicks(desk.field, "123456")
    assert desk.field.code() == ""


def test_the_boxes_do_not_overlap_and_stay_inside(desk: Desk) -> None:
    desk.field.resize(desk.field.minimumSizeHint())
    boxes = [desk.field.box(at) for at in range(6)]
    assert all(a.right() < b.left() for a, b in pairwise(boxes))
    assert boxes[-1].right() <= desk.field.width() + 1
    assert boxes[3].left() - boxes[2].right() > boxes[1].left() - boxes[0].right()


@given(st.text())
def test_plain_digits_gives_ascii_digits_alone(words: str) -> None:
    assert set(plain_digits(words)) <= set("0123456789")
