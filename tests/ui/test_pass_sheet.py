"""M7 at the window: a Temporary Access Pass is offered, asked about, shown once and forgotten."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core.access_pass import PassPolicy
from app.core.errors import AnswerLost, Evidence, Forbidden, Rejected
from app.core.model import Method, MethodKind, PolicyState
from app.core.record import EntryKind
from app.core.states import State
from app.station.context import DeskSettings, Notify
from app.station.passes import PassNotice, PassStage
from app.station.station import Station
from app.ui.pages.desk.pass_sheet import PassSheet
from tests.fakes.nouns import a_phone
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT
from tests.ui.hands import press, scan
from tests.ui.stage import Stage, a_window_on
from tests.ui.test_lock import everything_told

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
REFUSED = Evidence("POST", "/passes", 400, "badRequest", "The policy says no.", "request-1")


class Desk:
    """A desk with Ada on the card."""

    def __init__(self, stage: Stage, world: FakeWorld) -> None:
        self.stage = stage
        self.world = world

    @property
    def sheet(self) -> PassSheet:
        return self.stage.window.pages.passing

    @property
    def offer(self) -> QWidget:
        return self.stage.desk.person.pass_button

    @property
    def told(self) -> str:
        return self.sheet.message.accessibleName()

    @property
    def secret(self) -> str:
        return self.world.directory.pass_values[-1]

    def at(self, *stages: PassStage) -> None:
        """Wait until the last notice of a pass is of one of `stages`."""

        def there() -> bool:
            found = [n for n in self.stage.notices if isinstance(n, PassNotice)]
            return bool(found) and found[-1].stage in stages

        self.stage.until(there)

    def open(self) -> None:
        self.stage.until(self.offer.isVisible)
        self.stage.desk.person.pass_button.click()
        self.at(PassStage.ASKING, PassStage.FAILED)
        self.stage.until(self.sheet.isVisible)

    def issue(self) -> None:
        self.open()
        self.stage.focused_on(self.sheet.button)
        press(Qt.Key.Key_Return)
        self.at(PassStage.CONFIRMED)
        self.stage.until(lambda: self.sheet.display.is_shown)

    def recorded(self) -> list[State]:
        entries = self.world.ledger.entries
        return [entry.state for entry in entries if entry.kind is EntryKind.PASS]


def a_pass_window(qtbot: QtBot, world: FakeWorld, **settings: object) -> Iterator[Desk]:
    async def build(notify: Notify) -> Station:
        chosen = DeskSettings(
            name="Desk 1", tenant="Contoso", patience=SHORT, sounds=frozenset(), passes=True
        )
        return Station(world.station_ports, replace(chosen, **settings), notify, None)  # type: ignore[arg-type]

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        stage.put_person(world.ada)
        yield Desk(stage, world)


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def desk(qtbot: QtBot, world: FakeWorld) -> Iterator[Desk]:
    yield from a_pass_window(qtbot, world)


def every_text(root: QWidget) -> str:
    """What every widget below `root` holds as text, shown or not."""
    found = []
    for widget in root.findChildren(QWidget):
        found += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel | QLineEdit):
            found.append(widget.text())
        if isinstance(widget, QPlainTextEdit | QTextEdit):
            found.append(widget.toPlainText())
    return " ".join(found)


def lit(desk: Desk) -> int:
    """How many pixels of the display are not its ground: 0 where nothing is written there."""
    picture = desk.sheet.display.grab().toImage()
    middle = picture.copy(12, 8, picture.width() - 24, picture.height() - 16)
    ground = middle.pixel(0, 0)
    return sum(
        middle.pixel(x, y) != ground for x in range(middle.width()) for y in range(middle.height())
    )


def test_m7_it_is_shown_large_once_and_in_no_text(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.issue()
    assert lit(desk) > 500
    assert desk.sheet.name.text() == "Ada"
    assert "can be used once" in desk.sheet.facts.text()
    assert "lists the pass" in desk.told
    window = desk.stage.window
    heard = " ".join(everything_told(QAccessible.queryAccessibleInterface(window)))
    for kept in (every_text(window), heard, QApplication.clipboard().text(), caplog.text):
        assert desk.secret not in kept
    assert desk.secret not in repr(desk.stage.notices)
    assert desk.secret not in repr(desk.world.ledger.entries)
    press(Qt.Key.Key_C, CONTROL)
    press(Qt.Key.Key_A, CONTROL)
    press(Qt.Key.Key_C, CONTROL)
    assert desk.secret not in QApplication.clipboard().text()


def test_m7_the_button_hides_it_and_nothing_brings_it_back(desk: Desk) -> None:
    desk.issue()
    desk.sheet.hide_button.click()
    assert not desk.sheet.isVisible()
    assert not desk.sheet.display.is_shown
    desk.at(PassStage.CLOSED)
    assert lit(desk) == 0
    assert (desk.sheet.name.text(), desk.sheet.facts.text()) == ("", "")
    assert desk.world.directory.count("issue_pass") == 1
    assert desk.recorded()[-1] is State.ISSUED


def test_m7_another_enter_neither_hides_it_nor_issues_another(desk: Desk) -> None:
    desk.issue()
    for _ in range(3):
        press(Qt.Key.Key_Return)
    desk.stage.qtbot.wait(20)
    assert desk.sheet.display.is_shown
    assert desk.world.directory.count("issue_pass") == 1


@pytest.mark.parametrize("way", ["escape", "next person", "F3", "lock", "sign out", "page", "away"])
def test_m7_it_is_forgotten_whichever_way_the_person_is_left(desk: Desk, way: str) -> None:
    desk.issue()
    display = desk.sheet.display
    match way:
        case "escape":
            press(Qt.Key.Key_Escape)
        case "next person":
            scan(f"EMP{desk.world.ben.employee_id}")
        case "F3":
            desk.stage.desk.setFocus()
            press(Qt.Key.Key_F3)
        case "lock":
            press(Qt.Key.Key_L, CONTROL)
            desk.stage.until(lambda: desk.stage.window.lock_screen.locked)
        case "sign out":
            press(Qt.Key.Key_F12)
        case "page":
            desk.stage.window.rail.chosen.emit("help")
        case _:
            desk.stage.window._start_afresh()
    desk.stage.until(lambda: not display.is_shown)
    desk.at(PassStage.CLOSED)
    assert lit(desk) == 0
    assert not desk.sheet.isVisible()


def test_m7_a_kiosk_that_is_left_forgets_it(qtbot: QtBot, world: FakeWorld) -> None:
    world.clock.stop()
    for desk in a_pass_window(qtbot, world, wipe_after=30.0):
        desk.open()
        desk.sheet.button.click()
        desk.stage.until(lambda d=desk: d.sheet.display.is_shown)  # type: ignore[misc]
        for _ in range(40):
            desk.stage.on_the_station(lambda: world.clock.advance(1))
            desk.stage.qtbot.wait(1)
        desk.stage.until(lambda d=desk: not d.sheet.display.is_shown)  # type: ignore[misc]
        assert not desk.sheet.isVisible()


def test_m7_a_valid_pass_is_named_first_and_enter_does_not_end_it(desk: Desk) -> None:
    old = desk.world.directory.put_pass(desk.world.ada)
    desk.open()
    assert "Ada has a pass that is valid until" in desk.told
    assert "A new pass ends it" in desk.told
    assert "End it" in desk.sheet.button.text()
    desk.stage.focused_on(desk.sheet.lifetime)
    press(Qt.Key.Key_Return)
    desk.stage.qtbot.wait(20)
    assert desk.world.directory.count("issue_pass") == 0
    desk.sheet.button.click()
    desk.at(PassStage.CONFIRMED)
    assert desk.world.tenant.passes[desk.world.ada.id].id != old.id


def test_m7_the_choices_are_those_of_the_policy(desk: Desk) -> None:
    policy = PassPolicy(PolicyState.ENABLED, 60, 480, 120, once=True)
    desk.world.tenant.pass_policy = policy
    desk.open()
    lifetime = desk.sheet.lifetime
    words = [lifetime.itemText(row) for row in range(lifetime.count())]
    assert words == ["1 hour", "2 hours", "4 hours", "8 hours"]
    assert lifetime.currentText() == "2 hours"
    assert not desk.sheet.use.isEnabled()
    assert desk.sheet.use.current() == "once"
    lifetime.setCurrentText("4 hours")
    desk.sheet.button.click()
    desk.at(PassStage.CONFIRMED)
    made = desk.world.tenant.passes[desk.world.ada.id]
    assert (made.minutes, made.once) == (240, True)


def test_m7_a_pass_for_several_uses_can_be_chosen(desk: Desk) -> None:
    desk.open()
    desk.sheet.use.set_current("often")
    desk.sheet.button.click()
    desk.at(PassStage.CONFIRMED)
    assert desk.world.tenant.passes[desk.world.ada.id].once is False
    assert "several times" in desk.sheet.facts.text()


def test_m7_a_policy_that_is_off_leaves_nothing_to_choose(desk: Desk) -> None:
    desk.world.tenant.pass_policy = PassPolicy(PolicyState.DISABLED)
    desk.open()
    assert "switched off" in desk.told
    assert not desk.sheet.button.isVisible()
    assert not desk.sheet.lifetime.isVisible()


def test_m7_without_the_policy_the_tenants_default_is_offered_first(desk: Desk) -> None:
    desk.stage.on_the_station(
        lambda: desk.world.directory.fail_always("pass_policy", Forbidden(REFUSED))
    )
    desk.open()
    assert desk.sheet.lifetime.currentText() == "The tenant's default"
    assert "cannot be read with your role" in desk.told
    desk.sheet.button.click()
    desk.at(PassStage.CONFIRMED)
    assert desk.world.tenant.passes[desk.world.ada.id].minutes == 60


def test_m7_a_refusal_says_what_the_directory_said_with_its_evidence(desk: Desk) -> None:
    desk.stage.on_the_station(lambda: desk.world.directory.fail("issue_pass", Rejected(REFUSED)))
    desk.open()
    desk.sheet.button.click()
    desk.at(PassStage.FAILED)
    assert "The policy says no." in desk.told
    assert "request-1" in desk.sheet.evidence.as_text()
    assert desk.recorded() == [State.RECORDING, State.NOT_DONE]
    desk.sheet.button.click()
    desk.at(PassStage.ASKING)
    assert not desk.sheet.evidence.isVisible()


def test_m7_a_lost_answer_says_so_and_offers_another(desk: Desk) -> None:
    desk.stage.on_the_station(
        lambda: desk.world.directory.fail("issue_pass", AnswerLost(REFUSED), acts=True)
    )
    desk.open()
    desk.sheet.button.click()
    desk.at(PassStage.CONFIRMED)
    assert "its value is lost" in desk.told
    assert not desk.sheet.display.is_shown
    desk.sheet.button.click()
    desk.at(PassStage.ASKING)
    assert "A new pass ends it" in desk.told


def test_m7_a_person_with_a_method_is_not_offered_one(qtbot: QtBot, world: FakeWorld) -> None:
    world.tenant.other_methods[world.ada.id] = (Method("pw", MethodKind.PASSWORD), a_phone())
    for desk in a_pass_window(qtbot, world):
        assert not desk.offer.isVisible()


def test_m7_it_is_off_unless_it_is_switched_on(qtbot: QtBot, world: FakeWorld) -> None:
    for desk in a_pass_window(qtbot, world, passes=False):
        desk.stage.qtbot.wait(20)
        assert not desk.offer.isVisible()


@pytest.mark.parametrize("size", [(800, 600), (1280, 800)])
def test_m7_the_whole_pass_and_its_button_are_in_sight(desk: Desk, size: tuple[int, int]) -> None:
    desk.stage.window.resize(*size)
    desk.stage.qtbot.wait(20)
    desk.issue()
    for widget in (desk.sheet.display, desk.sheet.hide_button):
        assert widget.visibleRegion().boundingRect() == widget.rect()


def test_m7_the_day_and_the_history_name_it(desk: Desk) -> None:
    desk.issue()
    press(Qt.Key.Key_Escape)
    today = desk.stage.desk.today.model
    row = [today.data(today.index(0, column)) for column in (1, 2, 3)]
    assert row == ["Ada", "Access pass", "Pass issued"]
