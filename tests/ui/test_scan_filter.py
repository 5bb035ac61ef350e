"""A scan goes to no field, whichever has the focus; what a person types arrives as it was typed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.trial import Arrival, Ending
from app.core.wedge import MAXIMUM_TEXT
from app.ui.scan_filter import ScanFilter
from app.ui.widgets import CodeField, PersonSearch, Row
from tests.ui.hands import PAUSE_MS, PERSON_MS, focus, press, scan, send, write

SERIAL = "8659610904217"
WHOLE = 6
"""Characters of a scan that are known for one before its end; a part of fewer was typed."""
SECRET = "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"


class Form(QWidget):
    """A window with a field of every kind a scan could land in."""

    def __init__(self) -> None:
        super().__init__()
        self.edit, self.other = QLineEdit(), QLineEdit()
        self.button = QPushButton("Submit")
        self.code = CodeField("Code", lambda count, of: f"{count} of {of}")
        self.table = QTableView()
        self.search = PersonSearch("Person", "Name")
        self.done: list[str] = []
        self.table.setModel(QStringListModel(["8", "86", "1"]))
        column = QVBoxLayout(self)
        for part in (self.edit, self.other, self.button, self.code, self.table, self.search):
            column.addWidget(part)
        self.button.clicked.connect(lambda: self.done.append("clicked"))
        self.edit.returnPressed.connect(lambda: self.done.append("entered"))
        self.code.submitted.connect(lambda _digits: self.done.append("submitted"))
        self.code.changed.connect(lambda _count: self.done.append("typed"))
        self.table.activated.connect(lambda _index: self.done.append("activated"))
        self.search.chosen.connect(lambda _key: self.done.append("chosen"))

    def closeEvent(self, _event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self.done.append("closed")

    def texts(self) -> list[str]:
        """What stands in the fields."""
        return [self.edit.text(), self.other.text(), self.code.code(), self.search.query()]

    def row(self) -> int:
        return self.table.currentIndex().row()


@dataclass
class Heard:
    """What the filter told, in order. A scan is its text; the rest is a word."""

    told: list[str] = field(default_factory=list)

    def listen(self, scans: ScanFilter) -> None:
        scans.scanned.connect(self.told.append)
        scans.torn.connect(lambda: self.told.append("torn"))
        scans.repeated.connect(lambda: self.told.append("repeated"))
        scans.overlong.connect(lambda length: self.told.append(f"overlong {length}"))


@pytest.fixture
def heard(qapp: QApplication) -> Iterator[Heard]:
    scans, heard = ScanFilter(), Heard()
    heard.listen(scans)
    scans.install(qapp)
    yield heard
    scans.remove(qapp)


@pytest.fixture
def form(heard: Heard, qtbot: QtBot) -> Form:
    made = Form()
    qtbot.addWidget(made)
    made.resize(600, 600)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


PLACES = ("edit", "button", "code", "table", "search", "nothing")


def put_focus(form: Form, place: str, qtbot: QtBot) -> None:
    """Move the focus to `place` of the form, or away from every field."""
    if place == "nothing":
        focus().clearFocus()
        assert QApplication.focusWidget() is None
        return
    widget = {**vars(form), "search": form.search.edit}[place]
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


@pytest.mark.parametrize("terminator", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
@pytest.mark.parametrize("place", PLACES)
def test_a_scan_goes_to_no_field_and_its_terminator_presses_nothing(
    place: str, terminator: Qt.Key, form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, place, qtbot)
    before, row = QApplication.focusWidget(), form.row()
    scan(SERIAL, terminator)
    qtbot.wait(1)
    assert heard.told == [SERIAL]
    assert form.texts() == ["", "", "", ""]
    assert form.done == []
    assert (QApplication.focusWidget(), form.row()) == (before, row)


def test_a_second_line_feed_of_the_scanner_presses_nothing_either(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "button", qtbot)
    scan(SERIAL)
    press(Qt.Key.Key_Return)
    assert heard.told == [SERIAL]
    assert form.done == []


def test_a_scanner_without_a_terminator_is_heard_after_a_silence(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    scan(SERIAL, terminator=None)
    assert heard.told == []
    qtbot.waitUntil(lambda: heard.told == [SERIAL])
    assert form.texts() == ["", "", "", ""]


@pytest.mark.parametrize("place", ["edit", "search"])
def test_what_a_person_types_arrives_unchanged(
    place: str, form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, place, qtbot)
    write("Nguyễn 山")
    assert "".join(form.texts()) == "Nguyễn 山"
    assert heard.told == []


def test_six_digits_typed_by_a_person_arrive_in_the_code_field(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "code", qtbot)
    write("041238")
    press(Qt.Key.Key_Return)
    assert form.code.code() == "041238"
    assert form.done[-1] == "submitted"
    assert heard.told == []


def test_keys_that_a_quick_hand_rolls_over_arrive_in_order(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    for pair in ("an", "d ", "th", "en"):
        send(pair[0])
        send(pair[1])
        qtbot.wait(160)
    assert form.edit.text() == "and then"
    assert heard.told == []


def test_a_key_that_is_held_down_is_no_scan(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    for _ in range(12):
        send("a", Qt.Key.Key_A, repeats=True)
        qtbot.wait(30)
    qtbot.wait(PAUSE_MS)
    assert form.edit.text() == "a" * 12
    assert heard.told == []


def test_a_double_letter_that_the_platform_takes_for_a_repeat_belongs_to_the_scan(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    send("0", Qt.Key.Key_0)
    send("0", Qt.Key.Key_0, repeats=True)
    scan("417208")
    assert heard.told == ["00417208"]
    assert form.edit.text() == ""


def test_enter_after_typing_is_the_fields_own(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    send("a")
    send("b")
    press(Qt.Key.Key_Return)
    assert form.edit.text() == "ab"
    assert form.done == ["entered"]
    assert heard.told == []


def test_a_command_is_never_part_of_a_scan(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    form.edit.setText("before")
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert form.edit.selectedText() == "before"
    assert heard.told == []


def test_what_was_typed_before_the_focus_moves_stays_where_it_was_typed(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    send("a")
    send("b")
    form.other.setFocus()
    send("c")
    qtbot.wait(PAUSE_MS)
    assert form.texts()[:2] == ["ab", "c"]
    assert heard.told == []


@pytest.mark.parametrize("already_read", [2, 5, 9])
def test_a_scan_is_not_torn_when_the_focus_moves_in_the_middle_of_it(
    already_read: int, form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    scan(SERIAL[:already_read], terminator=None)
    form.other.setFocus()
    scan(SERIAL[already_read:])
    qtbot.wait(PAUSE_MS)
    assert heard.told == [SERIAL]
    assert form.texts() == ["", "", "", ""]


def test_a_letter_for_a_field_that_is_gone_by_now_goes_to_the_next_one(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    send("a")
    form.edit.hide()
    form.other.setFocus()
    qtbot.wait(PAUSE_MS)
    assert form.other.text() == "a"


def test_tab_after_a_quick_letter_leaves_the_letter_behind(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    send("a")
    press(Qt.Key.Key_Tab)
    send("b")
    qtbot.wait(PAUSE_MS)
    assert form.texts()[:2] == ["a", "b"]


def test_two_scans_in_a_row_are_two(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    scan(SERIAL)
    scan("EMP20417")
    qtbot.wait(PAUSE_MS)
    assert heard.told == [SERIAL, "EMP20417"]
    assert form.texts() == ["", "", "", ""]


def test_the_same_scan_twice_in_a_row_is_one(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    scan(SERIAL)
    scan(SERIAL)
    assert heard.told == [SERIAL, "repeated"]


def test_the_same_scan_after_a_while_is_another(form: Form, heard: Heard, qtbot: QtBot) -> None:
    scan(SERIAL)
    qtbot.wait(350)
    scan(SERIAL)
    assert heard.told == [SERIAL, SERIAL]


def test_a_scan_that_follows_typing_too_closely_is_asked_for_again(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    send("8")
    qtbot.waitUntil(lambda: form.edit.text() == "8")
    scan(SERIAL[1:])
    assert heard.told == ["torn"]
    assert form.edit.text() == ""


def type_and_enter(text: str, qtbot: QtBot) -> None:
    """Type as a person in a hurry does: Enter comes right with the last key."""
    for letter in text[:-1]:
        send(letter)
        qtbot.wait(PERSON_MS)
    send(text[-1])
    press(Qt.Key.Key_Return)


def test_a_person_with_a_line_in_front_of_them_is_never_asked_to_scan_again(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    for token in (SERIAL, "8659610904218"):
        scan(token)
        put_focus(form, "edit", qtbot)
        form.edit.clear()
        type_and_enter("Mull", qtbot)
        put_focus(form, "code", qtbot)
        type_and_enter("041238", qtbot)
    assert heard.told == [SERIAL, "8659610904218"]
    assert form.edit.text() == "Mull"
    assert form.done.count("entered") == 2
    assert form.done.count("submitted") == 2


def test_a_name_typed_right_after_a_scan_without_an_ending_stands_in_its_field(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "search", qtbot)
    scan(SERIAL, terminator=None)
    qtbot.wait(PAUSE_MS)
    write("Mull")
    assert form.search.query() == "Mull"
    assert heard.told == [SERIAL]


def test_a_letter_that_a_torn_scan_took_away_comes_back_with_the_scan(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    write("M")
    scan(SERIAL)
    assert (heard.told, form.edit.text()) == (["torn"], "")
    scan(SERIAL)
    assert (heard.told, form.edit.text()) == (["torn", SERIAL], "M")


@pytest.mark.parametrize("place", ["edit", "code", "search"])
@pytest.mark.parametrize("at", [1, 4, 7, 12, 13])
def test_case_07_of_a_scan_that_stalls_nothing_is_left_in_any_field(
    at: int, place: str, form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, place, qtbot)
    scan(SERIAL[:at], terminator=None)
    qtbot.wait(300)
    scan(SERIAL[at:])
    assert heard.told == (["torn"] if at < WHOLE else [SERIAL])
    assert form.texts() == ["", "", "", ""]
    assert "entered" not in form.done
    assert "submitted" not in form.done


def test_a_field_that_was_changed_since_a_scan_began_in_it_is_left_alone(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    scan("8659", terminator=None)
    qtbot.waitUntil(lambda: form.edit.text() == "8659")
    form.edit.setText("changed")
    scan(SERIAL[4:])
    assert heard.told == ["torn"]
    assert form.edit.text() == "changed"


def test_the_separator_of_a_gs1_label_is_part_of_the_scan(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    scan("]C110LOT7", terminator=None)
    send("\x1d", Qt.Key.Key_BracketRight, modifier=Qt.KeyboardModifier.ControlModifier)
    scan(f"21{SERIAL}")
    assert heard.told == [f"]C110LOT7\x1d21{SERIAL}"]
    assert form.edit.text() == ""


def test_a_scan_as_long_as_a_page_is_heard_whole(form: Form, heard: Heard, qtbot: QtBot) -> None:
    put_focus(form, "edit", qtbot)
    scan("8" * MAXIMUM_TEXT)
    assert [len(told) for told in heard.told] == [MAXIMUM_TEXT]
    assert form.edit.text() == ""


def test_a_scan_that_is_longer_still_is_told_by_its_length_alone(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "edit", qtbot)
    scan("8" * (MAXIMUM_TEXT + 1))
    assert heard.told == [f"overlong {MAXIMUM_TEXT + 1}"]
    assert form.edit.text() == ""


def test_a_scan_while_a_dialog_is_open_neither_fills_nor_closes_it(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    dialog = QDialog(form)
    note, accept = QLineEdit(), QPushButton("OK")
    column = QVBoxLayout(dialog)
    column.addWidget(note)
    column.addWidget(accept)
    accept.setDefault(True)
    accept.clicked.connect(dialog.accept)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    note.setFocus()
    scan(SERIAL)
    assert heard.told == [SERIAL]
    assert dialog.isVisible()
    assert note.text() == ""
    dialog.close()


def test_a_scan_while_the_search_shows_people_chooses_nobody(
    form: Form, heard: Heard, qtbot: QtBot
) -> None:
    put_focus(form, "search", qtbot)
    with qtbot.waitSignal(form.search.query_changed):
        write("ada")
    form.search.set_results("ada", [Row("1", "Ada", "", "ada@example.com", "1", "A")])
    assert form.search.is_open()
    scan(SERIAL)
    assert heard.told == [SERIAL]
    assert form.search.query() == "ada"
    assert form.done == []


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_that_is_scanned_stands_in_no_field(
    place: str, form: Form, heard: Heard, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    put_focus(form, place, qtbot)
    scan(SECRET)
    qtbot.wait(1)
    assert heard.told == [SECRET]
    assert form.texts() == ["", "", "", ""]
    assert "JBSWY3DPEHPK3PXP" not in caplog.text


def test_nothing_is_held_once_the_filter_is_removed(qapp: QApplication, qtbot: QtBot) -> None:
    scans, heard = ScanFilter(), Heard()
    heard.listen(scans)
    scans.install(qapp)
    scans.remove(qapp)
    edit = QLineEdit()
    qtbot.addWidget(edit)
    edit.show()
    edit.activateWindow()
    qtbot.waitUntil(edit.isActiveWindow)
    edit.setFocus()
    scan(SERIAL)
    assert edit.text() == SERIAL
    assert heard.told == []


def test_a_quick_tap_of_the_space_bar_presses_a_button(form: Form, heard: Heard) -> None:
    form.button.setFocus()
    press(Qt.Key.Key_Space)  # let go before the filter has decided
    QTest.qWait(PAUSE_MS)
    assert form.done == ["clicked"]
    assert not heard.told


# Trying scanners out ----------------------------------------------------------------------------


@pytest.fixture
def scans(qapp: QApplication) -> Iterator[ScanFilter]:
    made = ScanFilter()
    made.install(qapp)
    made.try_out(on=True)
    yield made
    made.remove(qapp)


@pytest.fixture
def tried(scans: ScanFilter) -> list[Arrival]:
    arrived: list[Arrival] = []
    scans.tried.connect(arrived.append)
    return arrived


@pytest.fixture
def trying(scans: ScanFilter, tried: list[Arrival], qtbot: QtBot) -> tuple[Form, Heard]:
    """The form while scanners are tried, its edit in focus, and what is scanned meanwhile."""
    made, heard = Form(), Heard()
    heard.listen(scans)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.edit.setFocus()
    qtbot.waitUntil(made.edit.hasFocus)
    return made, heard


def spelt(tried: list[Arrival]) -> list[tuple[str, Ending]]:
    return [(arrival.text, arrival.ending) for arrival in tried]


@pytest.mark.parametrize(
    ("terminator", "ending"),
    [(Qt.Key.Key_Return, Ending.ENTER), (Qt.Key.Key_Tab, Ending.TAB), (None, Ending.NOTHING)],
)
def test_what_is_scanned_on_trial_is_told_as_it_came_and_goes_nowhere(
    terminator: Qt.Key | None,
    ending: Ending,
    trying: tuple[Form, Heard],
    tried: list[Arrival],
    qtbot: QtBot,
) -> None:
    form, heard = trying
    scan(SERIAL, terminator)
    qtbot.waitUntil(lambda: spelt(tried) == [(SERIAL, ending)])
    qtbot.wait(PAUSE_MS)
    assert form.texts() == ["", "", "", ""]
    assert form.done == []
    assert heard.told == []
    assert form.edit.hasFocus()


def test_what_comes_as_slowly_as_typing_is_told_with_its_gaps(
    trying: tuple[Form, Heard], tried: list[Arrival], qtbot: QtBot
) -> None:
    form, _ = trying
    write("8659")
    qtbot.waitUntil(lambda: spelt(tried) == [("8659", Ending.NOTHING)])
    assert all(0.05 < gap < 0.4 for gap in tried[0].gaps)
    assert form.texts() == ["", "", "", ""]


def test_a_double_read_on_trial_is_told_twice(
    trying: tuple[Form, Heard], tried: list[Arrival]
) -> None:
    scan(SERIAL)
    scan(SERIAL)
    assert spelt(tried) == [(SERIAL, Ending.ENTER)] * 2


def test_tab_and_a_lone_space_still_work_the_page_on_trial(
    trying: tuple[Form, Heard], tried: list[Arrival], qtbot: QtBot
) -> None:
    form, _ = trying
    press(Qt.Key.Key_Tab)
    assert form.other.hasFocus()
    form.button.setFocus()
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: form.done == ["clicked"])
    scan(f" {SERIAL}")
    assert spelt(tried) == [(f" {SERIAL}", Ending.ENTER)]
    assert form.done == ["clicked"]


def test_function_keys_escape_and_commands_pass_on_trial(
    trying: tuple[Form, Heard], tried: list[Arrival], qtbot: QtBot
) -> None:
    form, _ = trying
    form.edit.setText("before")
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert form.edit.selectedText() == "before"
    press(Qt.Key.Key_Backspace)
    assert form.edit.text() == ""
    press(Qt.Key.Key_F1)
    press(Qt.Key.Key_Escape)
    qtbot.wait(PAUSE_MS)
    assert tried == []


def test_after_the_trial_a_scan_is_a_scan_again(
    trying: tuple[Form, Heard], scans: ScanFilter, tried: list[Arrival], qtbot: QtBot
) -> None:
    form, heard = trying
    scan(SERIAL)
    scans.try_out(on=False)
    scan(SERIAL)
    assert heard.told == [SERIAL]
    write("typed")
    assert form.edit.text() == "typed"
    assert len(tried) == 1


def test_a_scan_that_the_end_of_the_trial_cuts_in_two_is_no_half_a_scan(
    trying: tuple[Form, Heard], scans: ScanFilter, tried: list[Arrival], qtbot: QtBot
) -> None:
    form, heard = trying
    scan(SERIAL[:6], terminator=None)
    scans.try_out(on=False)
    scan(SERIAL[6:])
    qtbot.wait(PAUSE_MS)
    assert (tried, heard.told, form.texts()) == ([], [], ["", "", "", ""])


def test_what_was_typed_just_before_the_trial_is_typed(
    trying: tuple[Form, Heard], scans: ScanFilter, tried: list[Arrival]
) -> None:
    form, _ = trying
    scans.try_out(on=False)
    send("a")
    assert form.edit.text() == ""
    scans.try_out(on=True)
    assert form.edit.text() == "a"
    assert tried == []


def test_a_secret_on_trial_stands_in_no_field_and_no_log(
    trying: tuple[Form, Heard], tried: list[Arrival], caplog: pytest.LogCaptureFixture
) -> None:
    form, _ = trying
    scan(SECRET)
    assert spelt(tried) == [(SECRET, Ending.ENTER)]
    assert form.texts() == ["", "", "", ""]
    assert "JBSWY3DPEHPK3PXP" not in caplog.text + repr(tried)
