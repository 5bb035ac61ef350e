"""A person is found by typing; only the answer to what stands in the field is shown."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.widgets import PersonSearch, Row, Tone
from tests.ui.widgets.gallery import rows
from tests.ui.widgets.typing_keys import type_keys


class Page(QWidget):
    """A window with the search in it, remembering what it told."""

    def __init__(self) -> None:
        super().__init__()
        self.search = PersonSearch("Find a person", "Name")
        self.other = QLineEdit()
        self.asked: list[str] = []
        self.chosen: list[str] = []
        self.escaped = 0
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.other)
        column.addStretch(1)
        self.search.query_changed.connect(self.asked.append)
        self.search.chosen.connect(self.chosen.append)
        self.search.escaped.connect(self._escaped)
        self.resize(640, 640)

    def _escaped(self) -> None:
        self.escaped += 1

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.search.edit, key)

    def ask(self, qtbot: QtBot, words: str) -> None:
        type_keys(self.search.edit, words)
        qtbot.waitUntil(lambda: self.asked[-1:] == [self.search.query()])


@pytest.fixture
def page(qtbot: QtBot) -> Page:
    made = Page()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.search.edit.setFocus()
    qtbot.waitUntil(made.search.edit.hasFocus)
    return made


def test_letters_typed_in_a_row_are_asked_for_once(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "lan ")
    assert page.asked == ["lan"]
    assert page.search.is_busy()


def test_an_answer_is_shown_below_the_field_inside_the_window(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    panel = page.search._panel
    assert panel.parentWidget() is page
    assert page.rect().contains(panel.geometry())
    assert panel.y() >= page.search.mapTo(page, QPoint(0, 0)).y() + page.search.edit.height()
    assert not page.search.is_busy()
    assert page.search.edit.hasFocus()


def test_the_answer_to_an_older_question_is_dropped(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.ask(qtbot, "n")
    page.search.set_results("an", rows())
    assert not page.search.is_open()
    assert page.search.is_busy()
    page.press(Qt.Key.Key_Return)
    assert page.chosen == []


def test_a_question_whose_answer_was_dropped_is_asked_again(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    QTest.keyClicks(page.search.edit, "n")
    page.search.set_results("an", rows())
    page.press(Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: page.asked == ["an", "an"])


def test_enter_chooses_the_first_person(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    page.press(Qt.Key.Key_Return)
    assert page.chosen == ["id-0"]
    assert not page.search.is_open()


def test_arrows_move_the_choice_and_stop_at_the_ends(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows()[:3])
    for key in [Qt.Key.Key_Up, *[Qt.Key.Key_Down] * 9, Qt.Key.Key_Up, Qt.Key.Key_Return]:
        page.press(key)
    assert page.chosen == ["id-1"]


def test_enter_before_the_answer_asks_at_once_and_chooses_the_only_one(page: Page) -> None:
    QTest.keyClicks(page.search.edit, "lan")
    page.press(Qt.Key.Key_Return)
    assert page.asked == ["lan"]
    page.search.set_results("lan", rows()[:1])
    assert page.chosen == ["id-0"]


def test_enter_before_the_answer_never_chooses_among_several(page: Page) -> None:
    QTest.keyClicks(page.search.edit, "lan")
    page.press(Qt.Key.Key_Return)
    page.search.set_results("lan", rows()[:2])
    assert page.chosen == []
    assert page.search.is_open()


def test_a_letter_typed_after_an_early_enter_takes_it_back(page: Page, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search.edit, "la")
    page.press(Qt.Key.Key_Return)
    page.ask(qtbot, "n")
    page.search.set_results("lan", rows()[:1])
    assert page.chosen == []


def test_an_answer_given_at_once_is_chosen_by_an_early_enter(page: Page) -> None:
    page.search.query_changed.connect(lambda query: page.search.set_results(query, rows()[:1]))
    QTest.keyClicks(page.search.edit, "lan")
    page.press(Qt.Key.Key_Return)
    assert page.chosen == ["id-0"]
    assert not page.search.is_busy()


def test_nobody_found_is_said_in_the_words_given(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "zz")
    page.search.set_results("zz", [], "Nobody found.", Tone.CAUTION)
    assert page.search.is_open()
    assert page.search._panel.note.text() == "Nobody found."


def test_enter_after_an_error_asks_again(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "zz")
    page.search.set_results("zz", [], "No answer.", Tone.BAD)
    page.press(Qt.Key.Key_Return)
    assert page.asked == ["zz", "zz"]


def test_escape_closes_then_empties_then_steps_back(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    page.press(Qt.Key.Key_Escape)
    assert not page.search.is_open()
    assert page.search.query() == "an"
    page.press(Qt.Key.Key_Escape)
    assert page.search.query() == ""
    assert page.asked[-1] == ""
    page.press(Qt.Key.Key_Escape)
    assert page.escaped == 1


def test_the_list_closes_when_the_focus_leaves(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    QTest.keyClick(page.search.edit, Qt.Key.Key_Tab)
    assert page.other.hasFocus()
    assert not page.search.is_open()


def test_an_answer_that_comes_without_the_focus_stays_closed(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.other.setFocus()
    page.search.set_results("an", rows())
    assert not page.search.is_open()
    page.search.edit.setFocus()
    assert page.search.is_open()


def test_a_click_chooses(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    view = page.search._panel.view
    spot = view.visualRect(view.model().index(2, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert page.chosen == ["id-2"]


@pytest.mark.parametrize("words", ["'", "%", '"', "عبد", "\u202eabc"])
def test_any_sign_is_passed_on_as_it_is(page: Page, qtbot: QtBot, words: str) -> None:
    page.ask(qtbot, words)
    assert page.asked == [words]


def test_a_question_is_bounded_to_256_characters(page: Page, qtbot: QtBot) -> None:
    page.search.edit.insert("x" * 300)
    qtbot.waitUntil(lambda: bool(page.asked))
    assert len(page.asked[0]) == 256


def test_space_alone_is_no_question(page: Page, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search.edit, "   ")
    page.press(Qt.Key.Key_Return)
    qtbot.wait(200)
    assert page.asked == []


def test_a_photo_that_comes_later_reaches_its_person(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    page.search.set_photo("id-1", b"picture")
    page.search.set_photo("nobody", b"picture")
    assert [row.photo for row in page.search.rows_shown()][:3] == [None, b"picture", None]


def test_a_row_is_spoken_with_its_tags() -> None:
    row = Row("1", "Lan", "Hall 3", "lan@contoso.example", "004", tags=(("Guest", Tone.CAUTION),))
    assert row.spoken() == "Lan, Hall 3, lan@contoso.example, 004, Guest"


def test_the_list_keeps_to_a_window_that_shrinks(page: Page, qtbot: QtBot) -> None:
    page.ask(qtbot, "an")
    page.search.set_results("an", rows())
    page.resize(420, 360)
    qtbot.wait(20)
    assert page.rect().contains(page.search._panel.geometry())
