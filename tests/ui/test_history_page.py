"""Everything that was handed over can be found, read, settled and taken along."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import LedgerUnreadable
from app.core.history import HistoryPage, HistoryQuery
from app.core.model import Mode
from app.core.ports import Ledger
from app.core.record import Entry
from app.ledger import SqliteLedger, schema
from app.ledger.chain import row_of
from app.ledger.writing import write
from app.station.context import DeskSettings, Notify
from app.station.history import PAGE, ExportNotice, ExportState, HistoryNotice, Wanted
from app.station.station import Station
from app.ui.pages.history.page import HistoryPage as Page
from app.ui.theme import PALETTES, Theme, look
from app.ui.wording.errors import trouble
from app.ui.wording.history import nothing_found, nothing_yet
from tests.fakes.clock import START
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import FakeWorld
from tests.station.stage import SHORT
from tests.station.test_history import an_end, an_intent
from tests.ui.hands import press, scan
from tests.ui.hands import write as type_text
from tests.ui.stage import Stage, a_window_on

MANY = 3_000


def page_of(stage: Stage) -> Page:
    return stage.window.history


def fill(path: Path, count: int) -> None:
    """A record of `count` enrollments, ten minutes apart up to now; each 100th is not done."""
    with closing(SqliteLedger(path)) as ledger:
        ledger.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as db, schema.transaction(db):
        for number in range(count):
            for entry in entries_of(number, count):
                write(db, row_of(entry))


def entries_of(number: int, count: int) -> tuple[Entry, ...]:
    at = START - timedelta(minutes=10 * (count - number))
    end = State.NOT_DONE if number % 100 == 99 else State.ACTIVATED
    who = {"person_name": f"Zoë {number}", "serial_number": f"7700{number:06}"}
    desk = {"operator_name": f"Op {number % 2}", "operator_upn": f"op{number % 2}@x.example"}
    name = f"e{number}"
    return (an_intent(name, at, **who, **desk), an_end(name, end, at))


@contextmanager
def a_history(
    qtbot: QtBot, world: FakeWorld, exports: Path, ledger: Ledger | None = None
) -> Iterator[Stage]:
    """The window on `world`, signed in, with the history page in front."""

    async def build(notify: Notify) -> Station:
        mode = Mode.ASSIGN_ONLY
        settings = DeskSettings(name="Desk 1", mode=mode, patience=SHORT, exports=str(exports))
        outside = replace(world.station_ports, ledger=ledger or world.ledger)
        return Station(outside, settings, notify)

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        press(Qt.Key.Key_F11)
        stage.until(page_of(stage).isVisible)
        stage.until(lambda: answered(stage))
        yield stage


def answered(stage: Stage) -> bool:
    """Whether the list shows what its filters ask for."""
    told = [notice for notice in stage.notices if isinstance(notice, HistoryNotice)]
    return bool(told) and told[-1].wanted == page_of(stage).filters.wanted()


def shown(stage: Stage) -> list[str]:
    model = page_of(stage).list.model
    return [model.line(row).enrollment_id for row in range(model.rowCount())]


def reach(stage: Stage, *expected: str) -> None:
    stage.until(lambda: answered(stage) and shown(stage) == list(expected))


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def small(qtbot: QtBot, world: FakeWorld, tmp_path: Path) -> Iterator[Stage]:
    """Three enrollments over fakes: e2 not done, e1 activated, e0 activated."""
    for number in range(3):
        first, second = entries_of(number, 3)
        state = State.NOT_DONE if number == 2 else State.ACTIVATED
        facts = {**first.facts, "serial_number": world.token.serial_number} if number == 2 else {}
        world.ledger.append(replace(first, facts=facts or first.facts))
        world.ledger.append(replace(second, state=state))
    with a_history(qtbot, world, tmp_path) as stage:
        yield stage


@pytest.fixture
def large(qtbot: QtBot, world: FakeWorld, tmp_path: Path) -> Iterator[Stage]:
    """MANY enrollments in a real file."""
    path = tmp_path / "ledger.sqlite"
    fill(path, MANY)
    exports = tmp_path / "documents"
    with closing(SqliteLedger(path)) as ledger, a_history(qtbot, world, exports, ledger) as stage:
        yield stage


def test_the_history_is_only_for_whoever_is_signed_in(small: Stage) -> None:
    press(Qt.Key.Key_F12)
    small.until(small.window.signin.isVisible)
    press(Qt.Key.Key_F11)
    assert small.window.signin.isVisible()
    assert shown(small) == []
    assert page_of(small).details.as_text() == ""


def test_the_focus_starts_in_the_filter_and_escape_leads_back(small: Stage) -> None:
    small.focused_on(page_of(small).filters.edit)
    assert shown(small) == ["e2", "e1", "e0"]
    press(Qt.Key.Key_Escape)
    small.until(small.desk.isVisible)


def test_typing_narrows_the_list_and_asks_once_it_pauses(small: Stage) -> None:
    asked = len([n for n in small.notices if isinstance(n, HistoryNotice)])
    page_of(small).filters.edit.setText("7")
    page_of(small).filters.edit.setText("77")
    page_of(small).filters.edit.setText("zoe 7700000001")
    reach(small, "e1")
    assert len([n for n in small.notices if isinstance(n, HistoryNotice)]) == asked + 1


def test_an_answer_that_was_overtaken_is_not_shown(small: Stage) -> None:
    stale = HistoryNotice(Wanted(text="stale"), 0, HistoryPage())
    page_of(small).show_notice(stale)
    assert shown(small) == ["e2", "e1", "e0"]


def test_state_operator_and_days_narrow_the_list(small: Stage) -> None:
    filters = page_of(small).filters
    filters.states.setCurrentIndex(1)
    reach(small, "e2")
    filters.states.setCurrentIndex(0)
    small.until(lambda: filters.operators.count() == 3)
    filters.operators.setCurrentIndex(filters.operators.findData("op1@x.example"))
    reach(small, "e1")
    filters.operators.setCurrentIndex(0)
    filters.period.set_current("dates")
    local = (START - timedelta(days=400)).astimezone()
    for edit in (filters.first, filters.last):
        edit.setDate(QDate(local.year, local.month, local.day))
    reach(small)
    assert page_of(small).list.empty.isVisible()
    assert nothing_found().sentence in page_of(small).list.empty.accessibleName()
    page_of(small).list.empty.all.click()
    reach(small, "e2", "e1", "e0")
    filters.period.set_current("1")
    reach(small, "e2", "e1", "e0")


def test_an_empty_record_teaches(qtbot: QtBot, world: FakeWorld, tmp_path: Path) -> None:
    with a_history(qtbot, world, tmp_path) as stage:
        empty = page_of(stage).list.empty
        stage.until(empty.isVisible)
        assert nothing_yet().advice in empty.accessibleName()
        assert not empty.all.isVisible()


def test_the_details_tell_the_whole_story_and_can_be_copied(small: Stage) -> None:
    details = page_of(small).details
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    small.until(lambda: "enrollment e1" in details.as_text())
    press(Qt.Key.Key_F8)
    copied = QGuiApplication.clipboard().text()
    for fact in ("Zoë 1", "7700000001", "op1@x.example", "recording", "activated"):
        assert fact in copied
    names = [row.accessibleName() for row in details.story.findChildren(QWidget)]
    assert "Activated" in names
    assert not details.open_button.isVisible()


def test_what_needs_attention_is_settled_at_the_desk(small: Stage, world: FakeWorld) -> None:
    details = page_of(small).details
    small.until(lambda: "enrollment e2" in details.as_text())
    assert details.open_button.isVisible()
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    small.until(small.desk.isVisible)
    small.until(lambda: small.enrollment.token == world.token)
    small.until(lambda: small.enrollment.person == world.ada)


def test_enter_opens_nothing_where_nothing_is_to_be_done(small: Stage) -> None:
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    small.qtbot.wait(50)
    assert page_of(small).isVisible()


def test_a_scan_on_the_history_page_goes_to_the_desk(small: Stage, world: FakeWorld) -> None:
    scan(world.token.serial_number)
    small.reach(State.HAS_TOKEN)
    assert small.desk.isVisible()
    assert page_of(small).filters.edit.text() == ""


def test_f5_reads_the_record_again(small: Stage, world: FakeWorld) -> None:
    for entry in entries_of(4, 3):
        world.ledger.append(entry)
    press(Qt.Key.Key_F5)
    reach(small, "e4", "e2", "e1", "e0")


def test_a_record_that_cannot_be_read_is_told_of(
    qtbot: QtBot, world: FakeWorld, tmp_path: Path
) -> None:
    class Damaged(FakeLedger):
        def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
            raise LedgerUnreadable("entry 7")

    world.ledger = Damaged(world.journal)
    with a_history(qtbot, world, tmp_path) as stage:
        empty = page_of(stage).list.empty
        stage.until(empty.isVisible)
        assert trouble(LedgerUnreadable("")).sentence in empty.accessibleName()


def test_thousands_are_read_as_far_as_they_are_scrolled_to(large: Stage) -> None:
    page = page_of(large)
    assert page.list.model.rowCount() == PAGE
    page.list.view.setFocus()
    press(Qt.Key.Key_End)
    large.until(lambda: page.list.model.rowCount() == 2 * PAGE)
    press(Qt.Key.Key_End)
    large.until(lambda: page.list.model.rowCount() == 3 * PAGE)
    numbers = [int(name[1:]) for name in shown(large)]
    assert numbers == list(range(MANY - 1, MANY - 1 - len(numbers), -1))


def test_thousands_are_searched(large: Stage) -> None:
    type_text("zoe 2718")
    reach(large, "e2718")
    large.until(lambda: "7700002718" in page_of(large).details.as_text())


def test_what_is_listed_is_written_to_the_documents_folder(large: Stage, tmp_path: Path) -> None:
    page = page_of(large)
    page.filters.states.setCurrentIndex(1)
    large.until(lambda: answered(large) and len(shown(large)) == MANY // 100)
    page.filters.csv.click()
    large.until(page.export.copy_button.isVisible)
    page.export.copy_button.click()
    path = Path(QGuiApplication.clipboard().text())
    assert path.parent == tmp_path / "documents"
    rows = path.read_text("utf-8-sig").splitlines()
    assert len(rows) == 1 + 2 * MANY // 100
    assert str(path) in page.export.message.accessibleName()
    page.export.dismiss_button.click()
    assert not page.export.isVisible()


def test_while_a_file_is_written_it_can_be_stopped(small: Stage) -> None:
    page = page_of(small)
    page.show_notice(ExportNotice(ExportState.WRITING, 1200))
    assert "1,200" in page.export.message.accessibleName()
    assert page.export.stop_button.isVisible()
    assert not page.filters.csv.isEnabled()
    page.show_notice(ExportNotice(ExportState.STOPPED))
    assert page.filters.csv.isEnabled()


def test_everything_that_takes_the_focus_has_a_name(small: Stage) -> None:
    stops = [
        widget
        for widget in page_of(small).findChildren(QWidget)
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and widget.isVisible()
    ]
    assert len(stops) > 8
    for stop in stops:
        words = stop.text() if isinstance(stop, QAbstractButton) else ""
        inner = stop.objectName().startswith("qt_") or stop.focusProxy() is not None
        assert stop.accessibleName() or words or inner, stop


def test_tab_reaches_list_and_details(small: Stage) -> None:
    page = page_of(small)
    reached = set()
    for _ in range(20):
        press(Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert {page.list.view, page.details.area, page.details.copy_button} <= reached


@pytest.mark.parametrize("theme", list(PALETTES))
def test_the_page_is_drawn_in_every_theme_on_a_small_screen(
    small: Stage, theme: Theme, tmp_path: Path
) -> None:
    look().set_theme(theme)
    small.window.resize(1024, 680)
    page_of(small).filters.period.set_current("dates")
    small.until(lambda: answered(small))
    assert small.window.width() == 1024
    image: QImage = small.window.grab().toImage()
    assert image.width() == 1024


def test_the_look_is_changed_without_leaving_the_page(small: Stage) -> None:
    small.window.rail.chosen.emit("look")
    assert page_of(small).isVisible()
    small.window.rail.chosen.emit("look")


def test_sign_ins_and_exports_are_listed_with_everything_the_record_says(
    small: Stage, world: FakeWorld
) -> None:
    page = page_of(small)
    press(Qt.Key.Key_F11)
    page.filters.csv.click()
    small.until(lambda: len(world.ledger.events) == 2)
    page.filters.scope.setCurrentIndex(1)
    small.until(lambda: answered(small) and page.list.model.rowCount() == 2)
    model = page.list.model
    cells = [str(model.index(0, column).data()) for column in range(1, 5)]
    assert cells[0] == "History exported"
    assert cells[1].startswith("oathdesk-history-")
    assert cells[2] == "6 entries"
    assert cells[3] == world.directory.who.display_name
    assert str(model.index(1, 1).data()) == "Signed in"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "What happened"
    assert page.list.count.text() == "2 events"
    assert not page.filters.states.isEnabled()
    assert "History exported" in page.details.as_text()
    assert "Entries: 6" in page.details.as_text()
    page.list.view.setCurrentIndex(model.index(1, 0))
    small.until(lambda: "Signed in" in page.details.as_text())
    assert not page.details.open_button.isVisible()
    assert not page.details.receipt_button.isVisible()
    page.filters.edit.setText("no such name")
    small.until(lambda: answered(small))
    page.filters.edit.clear()
    page.filters.scope.setCurrentIndex(0)
    reach(small, "e2", "e1", "e0")
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Person"
    assert page.filters.states.isEnabled()


def test_events_in_a_real_file_are_found_by_a_word_of_a_name(large: Stage) -> None:
    page = page_of(large)
    page.filters.scope.setCurrentIndex(1)
    large.until(lambda: answered(large) and page.list.model.rowCount() >= 1)
    page.filters.edit.setText("zzz")
    large.until(lambda: answered(large) and page.list.model.rowCount() == 0)
    assert "No event matches." in page.list.empty.accessibleName()
    assert page.details.as_text() == ""
