"""The inventory at a real window: found, sorted, chosen, taken back, deleted and written out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.core.bulk import BulkDeed
from app.core.errors import Evidence, Forbidden, Rejected, Throttled
from app.core.inventory_export import HEADINGS
from app.core.model import Role, TokenStatus
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.ui.models.inventory import CHECK, HASH, HOLDER, MODEL, SERIAL, STATE
from app.ui.pages.inventory.page import InventoryPage
from tests.fakes.directory import evidence_of
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.station.test_bulk import a_manager
from tests.ui.hands import press
from tests.ui.hands import write as type_text
from tests.ui.stage import Stage, a_window

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
TOKENS = 40


def a_tenant(count: int = TOKENS) -> FakeWorld:
    """`count` tokens of two models; each fourth is Ada's and active, the next Ben's and not."""
    world = FakeWorld()
    world.directory.who = a_manager()
    for token in (world.token, world.second):
        world.tenant.remove_token(token.device_id)
    for number in range(count):
        token = a_token(f"7700{number:04}")
        token = replace(token, model="T1" if number % 2 else "T2")
        world.tenant.add_token(token)
        if number % 4 == 0:
            world.directory.give(token, world.ada, activated=True)
        elif number % 4 == 1:
            world.directory.give(token, world.ben)
    world.directory.page_size = 7
    return world


def page_of(stage: Stage) -> InventoryPage:
    return stage.window.pages.inventory


def is_read(stage: Stage) -> bool:
    """Whether the whole inventory is shown."""
    return page_of(stage).filters.sync.text().startswith("Read at ")


@contextmanager
def an_inventory(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    """The window on `world`, the inventory page in front and read."""
    with a_window(qtbot, world) as stage:
        press(Qt.Key.Key_F11, SHIFT)
        stage.until(page_of(stage).isVisible)
        stage.until(lambda: is_read(stage))
        yield stage


@pytest.fixture
def world() -> FakeWorld:
    return a_tenant()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with an_inventory(qtbot, world) as stage:
        yield stage


def serials(stage: Stage) -> list[str]:
    model = page_of(stage).list.model
    return [model.inventory.serials[row] for row in model.listed()]


def cell(stage: Stage, place: int, column: int) -> object:
    return page_of(stage).list.model.index(place, column).data()


def button(stage: Stage, deed: BulkDeed) -> QPushButton:
    return page_of(stage).list.deeds[deed]


def said(stage: Stage) -> str:
    return page_of(stage).note.message.accessibleName()


# Reading -----------------------------------------------------------------------------------------


def test_every_token_is_listed_with_what_the_tenant_says_of_it(stage: Stage) -> None:
    assert len(serials(stage)) == TOKENS
    assert page_of(stage).list.count.text() == "40 tokens"
    row = [cell(stage, 0, column) for column in (SERIAL, MODEL, STATE, HOLDER)]
    assert row == ["7700 0000", "T2", "Activated", "Ada"]
    assert page_of(stage).filters.sync.text().startswith("Read at 20")


def test_rows_are_shown_while_the_rest_is_read(qtbot: QtBot, world: FakeWorld) -> None:
    gates = [world.directory.hold("inventory_page") for _ in range(2)]
    with a_window(qtbot, world) as stage:
        press(Qt.Key.Key_F11, SHIFT)
        stage.until(page_of(stage).isVisible)
        reading = "Reading the inventory. 0 so far."
        stage.until(lambda: page_of(stage).filters.sync.text() == reading)
        stage.until(gates[0].reached.is_set)
        assert not page_of(stage).filters.csv.isEnabled()
        stage.on_the_station(gates[0].go.set)
        stage.until(lambda: len(serials(stage)) == 7)
        type_text("000003")
        assert serials(stage) == ["77000003"]
        stage.on_the_station(gates[1].go.set)
        stage.until(page_of(stage).filters.csv.isEnabled)
        assert serials(stage) == ["77000003"]
        page_of(stage).filters.reset()
        assert len(serials(stage)) == TOKENS


def test_a_list_that_has_just_been_read_is_shown_from_its_top(qtbot: QtBot) -> None:
    """Whichever token the directory happened to tell first."""
    world = a_tenant(0)
    for number in reversed(range(TOKENS)):
        world.tenant.add_token(a_token(f"7700{number:04}"))
    with an_inventory(qtbot, world) as stage:
        view = page_of(stage).list.view
        assert view.currentIndex().row() == 0
        assert view.rowAt(0) == 0


def test_no_column_is_left_out_in_a_window_of_usual_size(stage: Stage) -> None:
    view = page_of(stage).list.view
    columns = range(view.model().columnCount())
    stage.window.resize(1280, 800)
    stage.until(lambda: not any(map(view.isColumnHidden, columns)))
    stage.until(lambda: view.columnWidth(HOLDER) >= 100)


def test_a_smaller_window_keeps_the_columns_that_tell_a_token_from_another(stage: Stage) -> None:
    view = page_of(stage).list.view
    stage.window.resize(1024, 700)
    stage.until(lambda: view.isColumnHidden(HASH))
    assert not any(map(view.isColumnHidden, (SERIAL, MODEL, STATE, HOLDER)))
    assert view.columnWidth(HOLDER) >= 100


def test_a_pause_that_the_directory_asks_for_is_told_and_sat_out(
    qtbot: QtBot, world: FakeWorld
) -> None:
    throttled = Throttled(evidence_of("inventory_page", 429), retry_after=7)
    world.directory.fail("inventory_page", throttled)
    with an_inventory(qtbot, world) as stage:
        states = [n.state for n in stage.notices if isinstance(n, SyncNotice)]
        assert SyncState.WAITING in states
        assert 7 in world.clock.slept
        assert len(serials(stage)) == TOKENS


def test_without_the_right_to_read_the_page_says_what_is_missing(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.directory.fail_always("inventory_page", Forbidden(Evidence(status=403)))
    world.directory.who = replace(a_manager(), roles=frozenset({Role.AUTHENTICATION_ADMINISTRATOR}))
    with a_window(qtbot, world) as stage:
        press(Qt.Key.Key_F11, SHIFT)
        stage.until(lambda: "Authentication Policy Administrator" in said(stage))
        assert "cannot read tokens" in said(stage)
        world.directory.recover("inventory_page")
        press(Qt.Key.Key_F5)
        stage.until(lambda: len(serials(stage)) == TOKENS)
        assert not page_of(stage).note.isVisible()


def test_an_empty_tenant_says_so(qtbot: QtBot) -> None:
    with an_inventory(qtbot, a_tenant(0)) as stage:
        assert page_of(stage).list.empty.isVisible()
        assert "no hardware tokens" in page_of(stage).list.empty.accessibleName()


def test_reading_again_keeps_the_place_the_choice_and_the_filter(
    stage: Stage, world: FakeWorld
) -> None:
    page = page_of(stage)
    type_text("T1")
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Space)
    stage.until(lambda: bool(page.list.model.chosen()))
    kept = page.list.current_id()
    before = page.list.model.inventory
    stage.on_the_station(lambda: world.tenant.remove_token("device-77000001"))
    press(Qt.Key.Key_F5)
    stage.until(lambda: page.list.model.inventory is not before)
    assert page.list.current_id() == kept
    assert [page.list.model.inventory.ids[row] for row in page.list.model.chosen()] == [kept]
    assert len(serials(stage)) == TOKENS // 2 - 1


def test_a_list_that_is_old_is_read_again_while_somebody_looks(
    stage: Stage, world: FakeWorld
) -> None:
    reads = world.directory.count("inventory_page")
    page_of(stage)._timer.timeout.emit()
    stage.on_the_station(lambda: world.clock.advance(timedelta(minutes=11).total_seconds()))
    before = page_of(stage).list.model.inventory
    page_of(stage)._timer.timeout.emit()
    stage.until(lambda: page_of(stage).list.model.inventory is not before)
    assert world.directory.count("inventory_page") == 2 * reads


def test_whoever_comes_next_sees_nothing_of_it(stage: Stage) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.isVisible)
    stage.until(lambda: page_of(stage).list.model.rowCount() == 0)
    assert page_of(stage).stock.chart.rows == []


# Filters and order -------------------------------------------------------------------------------


def test_each_keystroke_narrows_the_list_at_once(stage: Stage) -> None:
    page = page_of(stage)
    stage.focused_on(page.filters.edit)
    page.filters.edit.setText("7700")
    assert len(serials(stage)) == TOKENS
    page.filters.edit.setText("7700003")
    assert len(serials(stage)) == 10
    page.filters.edit.setText("zzz")
    assert page.list.empty.accessibleName().startswith("No token matches.")
    page.list.empty.all.click()
    assert len(serials(stage)) == TOKENS


def test_states_models_holders_and_use_narrow_it_too(stage: Stage) -> None:
    filters = page_of(stage).filters
    filters.states.setCurrentText("In stock")
    assert len(serials(stage)) == 20
    filters.models.setCurrentText("Example Works T1")
    assert len(serials(stage)) == 10
    filters.reset()
    filters.holder.setText("ben")
    assert len(serials(stage)) == 10
    assert page_of(stage).list.count.text() == "10 of 40 tokens"


def test_tokens_that_nobody_activated_for_days_are_found(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    page.filters.use.setCurrentIndex(1)
    page.filters.days.setValue(3)
    assert serials(stage) == []
    stage.on_the_station(lambda: world.clock.advance(timedelta(days=4).total_seconds()))
    before = page.list.model.inventory
    press(Qt.Key.Key_F5)
    stage.until(lambda: page.list.model.inventory is not before)
    page.filters.days.setValue(4)
    assert len(serials(stage)) == 10
    assert {cell(stage, place, HOLDER) for place in range(10)} == {"Ben"}


def test_tokens_that_somebody_has_and_does_not_use_are_found(qtbot: QtBot) -> None:
    world = a_tenant(4)
    used = replace(world.tenant.tokens["device-77000000"], last_used=world.clock.now())
    world.tenant.add_token(used)
    with an_inventory(qtbot, world) as stage:
        page_of(stage).filters.use.setCurrentIndex(2)
        page_of(stage).filters.since.setDate(QDate(2026, 11, 1))
        assert serials(stage) == ["77000001"]


def test_a_heading_sorts_and_the_place_stays(stage: Stage) -> None:
    page = page_of(stage)
    page.list.keep_in_sight("device-77000005")
    page.list.view.horizontalHeader().setSortIndicator(HOLDER, Qt.SortOrder.AscendingOrder)
    holders = [cell(stage, place, HOLDER) for place in range(TOKENS)]
    assert holders == ["Ada"] * 10 + ["Ben"] * 10 + [""] * 20
    assert page.list.current_id() == "device-77000005"
    page.list.view.horizontalHeader().setSortIndicator(SERIAL, Qt.SortOrder.DescendingOrder)
    assert serials(stage)[0] == "77000039"


# Choosing ----------------------------------------------------------------------------------------


def test_tokens_are_chosen_by_keys_alone_and_stay_chosen_under_another_filter(
    stage: Stage,
) -> None:
    page = page_of(stage)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(Qt.Key.Key_Space)
    stage.until(lambda: len(page.list.model.chosen()) == 2)
    page.filters.edit.setText("0039")
    press(Qt.Key.Key_A, CONTROL)
    assert page.list.chosen.text() == "3 chosen, 2 of them not listed now"
    page.list.none.click()
    assert page.list.model.chosen() == ()


def test_a_click_on_the_mark_chooses_one_and_on_its_heading_all(stage: Stage) -> None:
    page = page_of(stage)
    index = page.list.model.index(3, CHECK)
    page.list.view.scrollTo(index)
    box = page.list.view.visualRect(index)
    QTest.mouseClick(page.list.view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert page.list.model.chosen() == (3,)
    header = page.list.view.horizontalHeader()
    header.sortIndicatorChanged.emit(CHECK, Qt.SortOrder.AscendingOrder)
    assert len(page.list.model.chosen()) == TOKENS


# Acting ------------------------------------------------------------------------------------------


def choose_all(stage: Stage, words: str) -> None:
    page_of(stage).filters.edit.setText(words)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_A, CONTROL)


def test_chosen_tokens_are_taken_back_after_a_clear_yes(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    choose_all(stage, "ada")
    button(stage, BulkDeed.UNASSIGN).click()
    assert page.confirm.sentence.text() == (
        "10 tokens will be removed from 1 person and go back to stock."
    )
    stage.focused_on(page.confirm.no)
    page.confirm.yes.click()
    stage.until(lambda: page.job.state.words() == "Finished")
    assert world.tenant.held_by(world.ada.id) == []
    assert page.job.words.text() == "10 of 10 · 10 done"
    assert page.job.model.index(0, 1).data() == "Removed"
    stage.focused_on(page.job.dismiss_button)
    press(Qt.Key.Key_Space)
    stage.until(page.list.isVisible)
    page.filters.reset()
    assert {cell(stage, place, STATE) for place in range(0, TOKENS, 4)} == {"In stock"}


def test_a_no_changes_nothing(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    choose_all(stage, "ada")
    button(stage, BulkDeed.UNASSIGN).click()
    stage.focused_on(page.confirm.no)
    press(Qt.Key.Key_Escape)
    stage.focused_on(page.list.view)
    assert not page.confirm.isVisible()
    assert page.isVisible()
    assert world.directory.writes == []


def test_a_deletion_wants_the_number_typed(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    choose_all(stage, "7700003")
    button(stage, BulkDeed.DELETE).click()
    stage.focused_on(page.confirm.number)
    assert "4 that somebody has are left out." in page.confirm.advice.text()
    for wrong in ("10", "", "5"):
        page.confirm.number.setText(wrong)
        press(Qt.Key.Key_Return)
        assert not page.confirm.yes.isEnabled()
    page.confirm.number.setText("6")
    press(Qt.Key.Key_Return)
    stage.until(lambda: page.job.state.words() == "Finished")
    assert world.directory.writes == ["delete"] * 6
    assert len(world.tenant.tokens) == TOKENS - 6
    page.job.dismiss_button.click()
    stage.until(page.list.isVisible)
    page.filters.reset()
    assert len(serials(stage)) == TOKENS - 6


def test_what_fits_none_of_the_chosen_says_so(stage: Stage) -> None:
    page = page_of(stage)
    choose_all(stage, "ada")
    button(stage, BulkDeed.DELETE).click()
    assert page.confirm.sentence.text() == "Somebody has each of these tokens."
    assert not page.confirm.yes.isVisible()


def test_a_job_can_be_paused_looked_away_from_and_ended(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    gate = world.directory.hold("unassign")
    choose_all(stage, "ada")
    button(stage, BulkDeed.UNASSIGN).click()
    page.confirm.yes.click()
    stage.until(gate.reached.is_set)
    stage.until(page.job.isVisible)
    page.job.pause_button.click()
    stage.until(lambda: page.job.state.words() == "Paused")
    page.view.set_current("tokens")
    assert page.list.isVisible()
    assert not button(stage, BulkDeed.UNASSIGN).isEnabled()
    page.view.set_current("job")
    page.job.end_button.click()
    page.job.question.yes.click()
    stage.on_the_station(gate.go.set)
    stage.until(page.job.dismiss_button.isVisible)
    assert page.job.words.text() == "10 of 10 · 1 done · 9 not begun"
    assert len(world.tenant.held_by(world.ada.id)) == 9


def test_a_row_that_fails_says_why_and_is_tried_again(stage: Stage, world: FakeWorld) -> None:
    page = page_of(stage)
    world.directory.fail("unassign", Rejected(evidence_of("unassign", 400)))
    choose_all(stage, "ada")
    button(stage, BulkDeed.UNASSIGN).click()
    page.confirm.yes.click()
    stage.until(page.job.again_button.isVisible)
    assert page.job.model.index(0, 1).data() == "Failed"
    assert page.job.model.index(0, 2).data() != ""
    page.job.again_button.click()
    stage.until(lambda: page.job.words.text() == "10 of 10 · 10 done")


def test_a_job_that_was_cut_short_is_shown_first_and_goes_on(
    qtbot: QtBot, world: FakeWorld
) -> None:
    gate = world.directory.hold("unassign", acts=True)
    with an_inventory(qtbot, world) as stage:
        choose_all(stage, "ada")
        button(stage, BulkDeed.UNASSIGN).click()
        page_of(stage).confirm.yes.click()
        stage.until(gate.reached.is_set)
    with a_window(qtbot, world) as stage:
        stage.until(lambda: "inventory" in vars(stage.window.pages))
        press(Qt.Key.Key_F11, SHIFT)
        page = page_of(stage)
        stage.until(page.job.isVisible)
        assert "cut short" in said(stage)
        page.job.pause_button.click()
        stage.until(lambda: page.job.words.text() == "10 of 10 · 10 done")
        assert world.directory.writes == ["unassign"] * 10


def test_what_the_operator_may_not_do_is_greyed_with_the_reason(qtbot: QtBot) -> None:
    world = a_tenant()
    plain = replace(
        a_manager(), scopes=frozenset({"UserAuthenticationMethod.ReadWrite.All", "Policy.Read.All"})
    )
    world.directory.who = plain
    with an_inventory(qtbot, world) as stage:
        choose_all(stage, "7700003")
        assert button(stage, BulkDeed.UNASSIGN).isEnabled()
        delete = button(stage, BulkDeed.DELETE)
        assert not delete.isEnabled()
        assert "Policy.ReadWrite.AuthenticationMethod" in delete.accessibleDescription()
        assert "Policy.ReadWrite.AuthenticationMethod" in delete.toolTip()


# Stock and exports -------------------------------------------------------------------------------


def test_stock_is_told_by_model_with_what_runs_low_first(qtbot: QtBot) -> None:
    world = a_tenant(24)
    for number in range(2, 24, 4):
        world.directory.give(world.tenant.tokens[f"device-7700{number:04}"], world.ada)
    with an_inventory(qtbot, world) as stage:
        stock = page_of(stage).stock
        told = [row.accessibleName() for row in stock.chart.rows]
        assert told == [
            "Example Works T1: 6 free, fewer than 10. 12 in all, 6 to be activated.",
            "Example Works T2: 0 free, fewer than 10. 12 in all, 6 activated, 6 to be activated.",
        ]
        assert stock.mark.text() == "2 models have fewer than 10 free."
        stage.until(lambda: all(row.low.isVisible() for row in stock.chart.rows))


def exported(stage: Stage, world: FakeWorld) -> str:
    stage.until(lambda: any(isinstance(n, InventoryExportNotice) for n in stage.notices))
    (text,) = world.shelf.exports.values()
    return text


def test_what_is_listed_is_written_as_csv(stage: Stage, world: FakeWorld) -> None:
    page_of(stage).filters.edit.setText("ada")
    page_of(stage).filters.csv.click()
    rows = list(csv.DictReader(StringIO(exported(stage, world))))
    assert [row["serial_number"] for row in rows] == serials(stage)
    assert rows[0]["status"] == "activated"
    assert tuple(rows[0]) == HEADINGS
    stage.until(page_of(stage).note.copy_button.isVisible)
    page_of(stage).note.copy_button.click()
    assert QApplication.clipboard().text() == next(iter(world.shelf.exports))


def test_what_is_listed_is_written_as_json(stage: Stage, world: FakeWorld) -> None:
    page_of(stage).filters.states.setCurrentText("In stock")
    page_of(stage).filters.json.click()
    rows = json.loads(exported(stage, world))
    assert len(rows) == 20
    assert {row["status"] for row in rows} == {TokenStatus.AVAILABLE.value}
    assert rows[0]["interval_seconds"] == 30


def test_a_disk_that_is_full_says_so(stage: Stage, world: FakeWorld) -> None:
    world.shelf.full = True
    page_of(stage).filters.csv.click()
    stage.until(page_of(stage).note.isVisible)
    assert not page_of(stage).note.copy_button.isVisible()


def test_escape_leads_back_to_the_desk(stage: Stage) -> None:
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
