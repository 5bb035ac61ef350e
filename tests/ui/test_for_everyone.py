"""A screen reader finds a name for every control, and every script has its letters."""

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QFontInfo, QTextLayout
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.bulk import BulkDeed
from app.core.enrollment import State
from app.core.layouts import Layout
from app.core.model import Reason
from app.core.reading import ReaderAppeared
from app.core.receipt import ReceiptRules, Signature, receipt_of
from app.core.seed import Need, SeedFile, SeedFormat
from app.simulator.options import DEFAULT_SEED
from app.simulator.population import make_people
from app.station.receipts import ReceiptNotice
from app.ui.application import application
from tests.core.trials import Scanner
from tests.fakes.nouns import a_phone, an_authenticator
from tests.fakes.seeds import a_seed
from tests.fakes.world import WRONG, FakeWorld
from tests.ui.hands import TAIL_MS, press, scan
from tests.ui.stage import Stage, a_window
from tests.ui.test_import_page import entitled

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
    stage.until(lambda: stage.window.lock_screen.locked)


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


def at_the_inventory(stage: Stage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    stage.until(stage.window.pages.inventory.filters.csv.isEnabled)


def before_a_deletion(stage: Stage, world: FakeWorld) -> None:
    at_the_inventory(stage, world)
    page = stage.window.pages.inventory
    page.list.model.choose_listed()
    page.list.asked.emit(BulkDeed.DELETE)
    stage.until(page.confirm.isVisible)


def watching_a_job(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    world.directory.hold("unassign")
    at_the_inventory(stage, world)
    page = stage.window.pages.inventory
    page.list.model.choose_listed()
    page.list.asked.emit(BulkDeed.UNASSIGN)
    page.confirm.yes.click()
    stage.until(page.job.isVisible)


def on_the_import_page(stage: Stage, _world: FakeWorld) -> None:
    press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    stage.until(stage.window.pages.importing.isVisible)


def with_a_file_on_the_import_page(stage: Stage, world: FakeWorld) -> None:
    made = [a_seed(f"7700000{number}", world.ada.user_principal_name) for number in range(3)]
    world.seeds.put("tokens.csv", *made)
    on_the_import_page(stage, world)
    page = stage.window.pages.importing
    page.open_file("tokens.csv")
    stage.until(page.preview.assign.isVisible)
    page.preview.assign.setChecked(True)


def with_the_columns_of_a_file(stage: Stage, world: FakeWorld) -> None:
    needs = frozenset(Need)
    world.seeds.files["odd.csv"] = lambda _told: SeedFile(
        SeedFormat.OTHER_CSV, (), (), needs, ("", "", "")
    )
    on_the_import_page(stage, world)
    page = stage.window.pages.importing
    page.open_file("odd.csv")
    stage.until(page.asking.columns.isVisible)


def over_an_unknown_token(stage: Stage, world: FakeWorld) -> None:
    entitled(world)
    stage.on_the_station(lambda: None)
    press(Qt.Key.Key_F5)
    scan("77009999")
    sheet = stage.window.pages.adding
    stage.until(sheet.offer.isVisible)
    sheet.offer.click()
    stage.until(sheet.isVisible)


def where_a_loose_token_lies(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    scan(world.token.serial_number)
    stage.until(lambda: bool(stage.desk.third.choice.options.options()))


def after_the_wrong_token_was_shown(stage: Stage, world: FakeWorld) -> None:
    where_a_loose_token_lies(stage, world)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.desk.third.work.shown.shows_token)
    scan(world.second.serial_number)
    stage.until(lambda: bool(stage.desk.third.work.shown.says))


def looking_at_what_somebody_has(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    world.tenant.other_methods[world.ada.id] = (an_authenticator(), a_phone())
    stage.put_person(world.ada)
    press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.desk.holdings.model.rowCount() > 1)


def asked_why_a_token_is_replaced(stage: Stage, world: FakeWorld) -> None:
    looking_at_what_somebody_has(stage, world)
    press(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: len(stage.desk.third.choice.options.options()) == len(Reason))


def before_a_replacement_is_sent(stage: Stage, world: FakeWorld) -> None:
    asked_why_a_token_is_replaced(stage, world)
    press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    stage.focused_on(stage.desk.token.edit)
    scan(world.second.serial_number)
    stage.until(lambda: stage.desk.third.work.shown.code)


def in_a_line_where_somebody_needs_attention(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    before_the_code(stage, world)
    stage.submit_code(WRONG)
    stage.reach(State.EMPTY)
    stage.until(lambda: stage.desk.today.model.needing_attention() == 1)


SCENES: list[Scene] = [
    signing_in, on_the_practice_form, at_an_empty_desk, before_the_code, after_a_refusal,
    after_a_bad_scan, in_the_help, on_the_readers_page, after_a_scanner_was_tried,
    on_the_import_page,
    with_a_file_on_the_import_page, with_the_columns_of_a_file, over_an_unknown_token,
    on_the_session_page, before_a_locked_desk, at_the_doctor, where_a_loose_token_lies,
    after_the_wrong_token_was_shown, looking_at_what_somebody_has, asked_why_a_token_is_replaced,
    before_a_replacement_is_sent, before_a_receipt, in_a_line_where_somebody_needs_attention,
    at_the_inventory, before_a_deletion, watching_a_job,
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


def nameless(stage: Stage) -> list[str]:
    """Controls that take the focus and have no name to be told."""
    controls = focusable(stage)
    assert controls
    return [repr(control) for control in controls if not spoken(control).strip()]


def lost_focus(_stage: Stage) -> list[str]:
    """Where the focus is, if nobody can see it."""
    focused = QApplication.focusWidget()
    return [] if focused is not None and focused.isVisible() else [repr(focused)]


def markup(stage: Stage) -> list[str]:
    """Labels that would read what they show as markup."""
    labels = stage.window.findChildren(QLabel)
    rich = [label for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
    return [label.text() for label in rich if label.text()]


def cut_short(stage: Stage) -> list[str]:
    """Buttons that have less room than their words take."""
    found = stage.window.findChildren(QPushButton)
    buttons = [button for button in found if button.isVisible() and button.text()]
    return [b.text() for b in buttons if b.width() < words_width(b)]


def words_width(button: QPushButton) -> int:
    """How many px the words of a button take in its own font; an & is drawn as a line below."""
    return button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_whoever_looks_or_listens_is_told(scene: Scene, stage: Stage, world: FakeWorld) -> None:
    enter_scene(scene, stage, world)
    for faults in (nameless, lost_focus, markup, cut_short):
        assert faults(stage) == []


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
    stage.focused_on(stage.desk.work.code)
    for digit in "041":
        stage.desk.work.code._append(digit)
    told = QAccessible.queryAccessibleInterface(stage.desk.work.code)
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
