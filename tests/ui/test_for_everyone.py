"""A screen reader finds a name for every control, and every script has its letters."""

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFontInfo, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.layouts import Layout
from app.core.model import Reason
from app.core.reading import ReaderAppeared
from app.core.receipt import ReceiptRules, Signature, receipt_of
from app.simulator.options import DEFAULT_SEED
from app.simulator.population import make_people
from app.station.receipt_notice import ReceiptNotice
from app.ui.application import application
from tests.core.trials import Scanner
from tests.fakes.nouns import a_phone, an_authenticator
from tests.fakes.world import WRONG, FakeWorld
from tests.ui.hands import TAIL_MS, press, scan
from tests.ui.stage import Stage, a_window

Scene = Callable[[Stage, FakeWorld], None]
SCRIPTS = ("O’Brien-Müller", "Nguyễn Thị Minh Khai", "山田 花子", "محمد", "Łukasz", "김민준")
NEEDED = "fonts-inter fonts-noto-core fonts-noto-cjk"


def signing_in(stage: Stage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.browser.isVisible)


def on_the_practice_form(stage: Stage, world: FakeWorld) -> None:
    world.sign_in.waits = True
    signing_in(stage, world)
    press(Qt.Key.Key_Return)
    stage.until(stage.window.signin.form.isVisible)


def at_an_empty_desk(stage: Stage, _world: FakeWorld) -> None:
    stage.reach(State.EMPTY)


def before_the_code(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)


def after_a_refusal(stage: Stage, world: FakeWorld) -> None:
    before_the_code(stage, world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    press(Qt.Key.Key_F8)
    stage.until(stage.desk.sheet.isVisible)


def after_a_bad_scan(stage: Stage, _world: FakeWorld) -> None:
    scan("https://www.example.com/")
    stage.until(lambda: stage.alert != "")


def in_the_help(stage: Stage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_F1)
    stage.until(stage.window.pages.help.isVisible)


def on_the_readers_page(stage: Stage, world: FakeWorld) -> None:
    world.cards.tell(ReaderAppeared("ACS ACR1252 PICC", pad=True))
    press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    stage.until(stage.window.pages.readers.isVisible)


def after_a_scanner_was_tried(stage: Stage, world: FakeWorld) -> None:
    on_the_readers_page(stage, world)
    scan(Scanner(layout=Layout.AZERTY, prefix="~").types())
    stage.until(stage.window.pages.readers.trial.result.lines.isVisible)


def on_the_session_page(stage: Stage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    stage.until(stage.window.pages.session.isVisible)


def before_a_locked_desk(stage: Stage, world: FakeWorld) -> None:
    before_the_code(stage, world)
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.window.curtain.drawn)


def at_the_doctor(stage: Stage, _world: FakeWorld) -> None:
    stage.window.rail.chosen.emit("doctor")
    stage.until(stage.window.pages.doctor.details.copy_button.isEnabled)


def before_a_receipt(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    rules = ReceiptRules("Contoso", signature=Signature.SCREEN)
    receipt = receipt_of(world.ledger.entries)
    stage.window.show_notice(ReceiptNotice(rules, receipt))
    stage.until(stage.window.pages.receipt.pad.isVisible)


def where_a_loose_token_lies(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    scan(world.token.serial_number)
    stage.until(lambda: bool(stage.desk.life.choice.options.options()))


def after_the_wrong_token_was_shown(stage: Stage, world: FakeWorld) -> None:
    where_a_loose_token_lies(stage, world)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.desk.life.work.shown.shows)
    scan(world.second.serial_number)
    stage.until(lambda: bool(stage.desk.life.work.shown.action.says))


def looking_at_what_somebody_has(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    world.tenant.other_methods[world.ada.id] = (an_authenticator(), a_phone())
    stage.put_person(world.ada)
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.desk.holdings.model.rowCount() > 1)


def asked_why_a_token_is_replaced(stage: Stage, world: FakeWorld) -> None:
    looking_at_what_somebody_has(stage, world)
    press(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: len(stage.desk.life.choice.options.options()) == len(Reason))


def before_a_replacement_is_sent(stage: Stage, world: FakeWorld) -> None:
    asked_why_a_token_is_replaced(stage, world)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    stage.focused_on(stage.desk.token.edit)
    scan(world.second.serial_number)
    stage.until(lambda: stage.desk.life.work.shown.action.code)


def in_a_line_where_somebody_needs_attention(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    before_the_code(stage, world)
    stage.submit_code(WRONG)
    stage.reach(State.EMPTY)
    stage.until(lambda: stage.desk.today.model.needing_attention() == 1)


SCENES: list[Scene] = [
    signing_in, on_the_practice_form, at_an_empty_desk, before_the_code, after_a_refusal,
    after_a_bad_scan, in_the_help, on_the_readers_page, after_a_scanner_was_tried,
    on_the_session_page, before_a_locked_desk, at_the_doctor, where_a_loose_token_lies,
    after_the_wrong_token_was_shown, looking_at_what_somebody_has, asked_why_a_token_is_replaced,
    before_a_replacement_is_sent, before_a_receipt, in_a_line_where_somebody_needs_attention,
]  # fmt: skip


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world, practice=True) as stage:
        yield stage


def focusable(stage: Stage) -> list[QWidget]:
    found = stage.window.findChildren(QWidget)
    return [w for w in found if w.isVisible() and w.focusPolicy() != Qt.FocusPolicy.NoFocus]


def spoken(widget: QWidget) -> str:
    """The name that a screen reader is told."""
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def enter_scene(scene: Scene, stage: Stage, world: FakeWorld) -> None:
    scene(stage, world)
    QApplication.processEvents()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_control_that_takes_the_focus_has_a_name(
    scene: Scene, stage: Stage, world: FakeWorld
) -> None:
    enter_scene(scene, stage, world)
    controls = focusable(stage)
    assert controls
    assert [repr(control) for control in controls if not spoken(control).strip()] == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_focus_is_somewhere_that_can_be_seen(
    scene: Scene, stage: Stage, world: FakeWorld
) -> None:
    enter_scene(scene, stage, world)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.isVisible()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_no_label_reads_what_it_shows_as_markup(
    scene: Scene, stage: Stage, world: FakeWorld
) -> None:
    enter_scene(scene, stage, world)
    labels = stage.window.findChildren(QLabel)
    rich = [label for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
    assert [label.text() for label in rich if label.text()] == []


def test_tab_goes_round_and_never_gets_stuck(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.qtbot.wait(TAIL_MS)
    start, seen = QApplication.focusWidget(), []
    for _ in range(60):
        press(Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
        if seen[-1] is start:
            break
    assert seen[-1] is start
    assert len(seen) >= 3


def test_a_screen_reader_is_told_how_many_digits_and_never_which(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.action.code)
    for digit in "041":
        stage.desk.action.code._append(digit)
    told = QAccessible.queryAccessibleInterface(stage.desk.action.code)
    words = told.text(QAccessible.Text.Name) + told.text(QAccessible.Text.Description)
    assert "3 of 6" in words
    assert "041" not in words + told.text(QAccessible.Text.Value)


# Scripts ---------------------------------------------------------------------------------------


def glyphs(words: str) -> list[int]:
    layout = QTextLayout(words, application().font())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return [index for run in layout.glyphRuns() for index in run.glyphIndexes()]


def needs_fonts() -> None:
    if sys.platform.startswith("linux") and QFontInfo(application().font()).family() != "Inter":
        pytest.skip(f"needs the fonts that bootstrap.py installs: apt-get install {NEEDED}")


def test_every_name_of_the_practice_tenant_is_drawn_with_letters(qapp: QApplication) -> None:
    needs_fonts()
    people, _ = make_people(5000, DEFAULT_SEED)
    letters = set("".join(person.display_name for person in people))
    assert len(letters) > 300
    unknown = {letter for letter in letters if 0 in glyphs(letter)}
    assert unknown == set()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_its_own_script_is_drawn_with_letters(name: str, qapp: QApplication) -> None:
    needs_fonts()
    assert 0 not in glyphs(name)


def test_a_letter_that_no_font_has_would_be_noticed(qapp: QApplication) -> None:
    assert 0 in glyphs("\U0010fffd")
