"""The small parts: what they show, what they tell, and what a screen reader is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QImageWriter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from app.ui.theme import Theme, apply_theme
from app.ui.widgets import (
    TONE_ROLE,
    Avatar,
    Banner,
    Card,
    Chip,
    ChipDelegate,
    ChipRow,
    Elided,
    EvidencePanel,
    FactGrid,
    KeyHint,
    Mark,
    NavRail,
    PrimaryButton,
    Segmented,
    SerialLabel,
    Spinner,
    StatusPill,
    Step,
    StepRing,
    StepState,
    Timeline,
    Tone,
    Wrapped,
    displayable,
    group_serial,
    initials_of,
    plain_tip,
    text,
)


def photo(side: int = 40) -> bytes:
    """A red PNG."""
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        ("8659610904217", "8659 6109 04217"),
        ("71358472", "7135 8472"),
        ("2600215704", "2600 2157 04"),
        ("12345", "12345"),
        ("ABC-123-DEF-456", "ABC-123-DEF-456"),
        ("", ""),
    ],
)
def test_a_serial_is_grouped_in_fours(serial: str, shown: str) -> None:
    assert group_serial(serial) == shown


@given(st.text())
def test_grouping_never_loses_a_character(serial: str) -> None:
    assert group_serial(serial).replace(" ", "") == serial.replace(" ", "")


def test_a_screen_reader_is_given_the_serial_without_gaps(qtbot: QtBot) -> None:
    label = SerialLabel("8659610904217")
    qtbot.addWidget(label)
    assert label.text() == "8659 6109 04217"
    assert label.accessibleName() == "8659610904217"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Siobhán O’Brien-Müller", "SO"),
        ("山田 太郎", "山"),
        ("Nguyễn Thị Lan", "NL"),
        ("عبد الله", "ع"),
        ("अनिल कुमार", "अकु"),
        ("ไทย สมชาย", "ทส"),
        ("Ελένη Παπαδοπούλου", "ΕΠ"),
        ("Ürün", "Ü"),
        ("  ", ""),
        ("(42)", ""),
    ],
)
def test_initials_stand_for_a_name_in_any_script(name: str, initials: str) -> None:
    assert initials_of(name) == initials


@given(st.text())
def test_any_name_has_initials_or_none(name: str) -> None:
    assert len(initials_of(name)) <= len(name) * 3


def test_text_that_would_deceive_is_made_harmless() -> None:
    assert displayable("a\u202eb\nc\x00") == "ab c"
    assert plain_tip("<b>x") == "<span>&lt;b&gt;x</span>"


@pytest.mark.parametrize("kind", [Elided, Wrapped, text])
def test_markup_in_data_is_shown_as_it_is(kind: type[Elided], qtbot: QtBot) -> None:
    label = kind("<b>Bobby</b>")
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<b>Bobby</b>"


@pytest.mark.parametrize("name", ["عبد الله", "Lan"])
def test_a_name_starts_where_the_windows_lines_start(name: str, qtbot: QtBot) -> None:
    label = text(name)
    qtbot.addWidget(label)
    label.resize(400, 30)
    sides = []
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        label.setLayoutDirection(direction)
        sides.append(inked_side(label.grab().toImage()))
    assert sides == ["left", "right"]


def inked_side(image: QImage) -> str:
    """The half of the picture that holds what differs from its corner."""
    ground = image.pixel(image.width() // 2, 0)
    across = [(x, y) for x in range(image.width()) for y in range(image.height())]
    inked = [x for x, y in across if image.pixel(x, y) != ground]
    return "left" if max(inked) < image.width() / 2 else "right"


def test_text_that_is_cut_can_be_read_as_a_tip(qtbot: QtBot) -> None:
    label = Elided("A name that is far too long")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert "far too long" in label.toolTip()
    label.resize(600, 20)
    assert label.toolTip() == ""


def test_a_long_word_breaks_instead_of_being_cut(qtbot: QtBot) -> None:
    label = Wrapped("x" * 100)
    qtbot.addWidget(label)
    assert label.heightForWidth(200) > 3 * label.fontMetrics().height()


def test_facts_are_replaced_as_a_whole(qtbot: QtBot) -> None:
    grid = FactGrid()
    qtbot.addWidget(grid)
    grid.set_facts([("Model", "C301"), ("Held by", "Nobody"), ("Code", "6 digits")])
    grid.set_facts([("Model", "<i>")])
    assert grid.facts() == [("Model", "<i>")]


def test_an_avatar_shows_a_photo_that_can_be_read(qtbot: QtBot) -> None:
    avatar = Avatar()
    qtbot.addWidget(avatar)
    avatar.set_person(photo(), "SM")
    assert avatar.has_photo()
    assert avatar.grab().toImage().pixelColor(38, 38).name() == "#ff0000"


@pytest.mark.parametrize("data", [None, b"", b"<svg/>", b"\x89PNG broken", b"x" * 4_000_001])
def test_an_avatar_shows_initials_instead_of_a_broken_photo(
    data: bytes | None, qtbot: QtBot
) -> None:
    avatar = Avatar()
    qtbot.addWidget(avatar)
    avatar.set_person(data, "SM")
    assert not avatar.has_photo()
    assert not avatar.grab().isNull()


def test_a_photo_of_huge_sides_is_not_decoded(qtbot: QtBot) -> None:
    avatar = Avatar()
    qtbot.addWidget(avatar)
    avatar.set_person(photo(4097), "SM")
    assert not avatar.has_photo()


def test_chips_are_replaced_as_a_whole_and_wrap(qtbot: QtBot) -> None:
    row = ChipRow()
    qtbot.addWidget(row)
    row.set_chips([("In stock", Tone.GOOD), ("Clock +2 s", Tone.GOOD), ("Guest", Tone.BAD)])
    assert row.heightForWidth(120) > row.heightForWidth(1000)
    row.set_chips([("Guest", Tone.CAUTION)])
    assert [(chip.words(), chip.tone) for chip in row.chips()] == [("Guest", Tone.CAUTION)]
    assert row.chips()[0].accessibleName() == "Guest"


def test_every_tone_has_another_icon() -> None:
    assert len({tone.icon for tone in Tone}) == len(Tone)


def test_arrow_keys_move_the_choice(qtbot: QtBot) -> None:
    choice = Segmented("How", [("activate", "Assign and &activate"), ("assign", "Assign &only")])
    qtbot.addWidget(choice)
    choice.show()
    told: list[str] = []
    choice.chosen.connect(told.append)
    choice.activateWindow()
    choice._segments["activate"].setFocus()
    qtbot.waitUntil(choice._segments["activate"].hasFocus)
    QTest.keyClick(choice._segments["activate"], Qt.Key.Key_Right)
    assert (choice.current(), told) == ("assign", ["assign"])
    choice.set_current("activate")
    assert told == ["assign", "activate"]


def test_a_mnemonic_reaches_a_choice(qtbot: QtBot) -> None:
    choice = Segmented("How", [("activate", "Assign and &activate"), ("assign", "Assign &only")])
    qtbot.addWidget(choice)
    choice.show()
    choice.activateWindow()
    qtbot.waitUntil(choice.isActiveWindow)
    QTest.keyClick(choice, Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: choice.current() == "assign")


def test_a_ring_keeps_to_its_bounds(qtbot: QtBot) -> None:
    ring = StepRing()
    qtbot.addWidget(ring)
    for given_value, shown in ((-1.0, 0.0), (0.5, 0.5), (7.0, 1.0)):
        ring.set_value(given_value, Tone.CAUTION)
        assert ring.value() == shown
        assert not ring.grab().isNull()


def test_a_spinner_turns_only_while_seen_and_allowed(qtbot: QtBot, qapp: QApplication) -> None:
    spinner = Spinner()
    qtbot.addWidget(spinner)
    spinner.show()
    assert not spinner.is_turning()
    spinner.hide()
    apply_theme(qapp, Theme.LIGHT, motion=True)
    spinner.show()
    assert spinner.is_turning()
    spinner.hide()
    assert not spinner.is_turning()


def test_a_card_flashes_and_comes_to_rest(qtbot: QtBot) -> None:
    card = Card("Token")
    qtbot.addWidget(card)
    card.show()
    card.flash()
    assert card.is_flashing()
    qtbot.waitUntil(lambda: not card.is_flashing())


def test_a_card_tells_its_state_to_a_screen_reader(qtbot: QtBot) -> None:
    card = Card("Token")
    qtbot.addWidget(card)
    card.set_mark(Mark.GOOD, word="Ready")
    assert (card.accessibleName(), card.accessibleDescription()) == ("Token", "Ready")


def test_the_footer_of_a_card_can_be_clicked(qtbot: QtBot) -> None:
    card = Card("Token")
    qtbot.addWidget(card)
    card.set_footer("Read by NFC pad", "F2", "another token")
    card.show()
    hint = card.findChild(KeyHint)
    assert hint is not None
    with qtbot.waitSignal(card.footer_activated):
        QTest.mouseClick(hint, Qt.MouseButton.LeftButton)


def test_a_timeline_shows_the_steps_it_is_given(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.set_steps([Step(state.value, "detail", state, "word") for state in StepState])
    tall = timeline.sizeHint().height()
    timeline.set_steps([Step("one", state=StepState.CURRENT, word="now")])
    timeline.show()
    assert timeline.sizeHint().height() < tall
    assert timeline.steps() == (Step("one", state=StepState.CURRENT, word="now"),)
    assert timeline._rows[0].accessibleDescription() == "now"


def test_a_banner_is_there_only_while_it_has_words(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.set_banner("No answer.", Tone.BAD, "Show evidence", "F9")
    assert banner.accessibleName() == "No answer."
    with qtbot.waitSignal(banner.activated):
        QTest.mouseClick(banner._action, Qt.MouseButton.LeftButton)
    banner.clear_banner()
    assert banner.isHidden()
    assert banner.words() == ""


def test_the_rail_tells_where_to_go_by_key_and_click(qtbot: QtBot) -> None:
    rail = NavRail("Places")
    qtbot.addWidget(rail)
    desk = rail.add_entry("desk", "desk", "Desk")
    history = rail.add_entry("history", "history", "History", tip="<F6>")
    rail.show()
    told: list[str] = []
    rail.chosen.connect(told.append)
    rail.set_current("desk")
    assert (desk.isChecked(), told) == (True, [])
    QTest.mouseClick(history, Qt.MouseButton.LeftButton)
    QTest.keyClick(desk, Qt.Key.Key_Space)
    assert told == ["history", "desk"]
    assert history.toolTip() == "<span>&lt;F6&gt;</span>"


def test_a_pill_speaks_its_state(qtbot: QtBot) -> None:
    pill = StatusPill("Scanner", Tone.BAD, "not connected")
    qtbot.addWidget(pill)
    assert (pill.accessibleName(), pill.accessibleDescription()) == ("Scanner", "not connected")


def test_a_primary_button_leaves_room_for_its_key(qtbot: QtBot) -> None:
    plain, keyed = PrimaryButton("Assign"), PrimaryButton("Assign", "Enter")
    for button in (plain, keyed):
        qtbot.addWidget(button)
        button.show()
    assert keyed.sizeHint().width() > plain.sizeHint().width()
    with qtbot.waitSignal(keyed.clicked):
        QTest.keyClick(keyed, Qt.Key.Key_Space)


def test_evidence_is_copied_word_for_word(qtbot: QtBot) -> None:
    panel = EvidencePanel("Copy", "Evidence")
    qtbot.addWidget(panel)
    panel.set_evidence([("Status", "403"), ("Message", "<b>no</b>\x00")])
    with qtbot.waitSignal(panel.copied):
        QTest.mouseClick(panel._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Status:  403\nMessage: <b>no</b>"


def test_evidence_that_wraps_is_shown_whole_whatever_its_width(qtbot: QtBot) -> None:
    panel = EvidencePanel("Copy", "Evidence")
    qtbot.addWidget(panel)
    panel.set_evidence([("Key store", "/usr/lib/softhsm/libsofthsm2.so"), ("Problem", "no " * 30)])
    heights = []
    for width in (900, 400, 900):
        panel.resize(width, 200)
        panel.show()
        qtbot.waitUntil(lambda: panel._text.verticalScrollBar().maximum() == 0)
        heights.append(panel._text.height())
    assert heights[0] == heights[2] < heights[1]


@pytest.mark.parametrize("tone", [*Tone, None])
def test_a_table_paints_states_as_chips(tone: Tone | None, qtbot: QtBot) -> None:
    view = QTableView()
    qtbot.addWidget(view)
    model = QStandardItemModel(1, 1, view)
    item = QStandardItem("Activated")
    item.setData(tone, TONE_ROLE)
    model.setItem(0, 0, item)
    view.setModel(model)
    view.setItemDelegate(ChipDelegate(view))
    view.show()
    assert not view.grab().isNull()


def test_a_chip_can_be_told_anew(qtbot: QtBot) -> None:
    chip = Chip("In stock", Tone.GOOD)
    qtbot.addWidget(chip)
    chip.set_chip("Held", Tone.CAUTION, icon="person")
    assert (chip.words(), chip.tone, chip.accessibleName()) == ("Held", Tone.CAUTION, "Held")
