"""T1 at the window: what could not be recorded stays in the list, to be opened or dismissed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.model import Mode
from app.ui.models.today import STATE
from app.ui.wording.desk import not_recorded_words, state_word
from tests.fakes.world import FakeWorld
from tests.ui.hands import enter, press
from tests.ui.stage import Stage, a_window

pytestmark = pytest.mark.expect_log("it is written as soon as the record can be written")


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    """A signed-in window whose first submit could not be recorded, with nothing in front by now."""
    with a_window(qtbot, world, mode=Mode.ASSIGN_ONLY) as stage:
        stage.fill(world, State.READY)
        world.ledger.full = True
        stage.on_the_station(world.clock.stop)
        enter()
        stage.reach(State.UNRECORDED)
        press(Qt.Key.Key_Escape)
        stage.reach(State.EMPTY)
        yield stage
        world.ledger.full = False


def chosen(stage: Stage) -> None:
    """Put the focus on the only row of the list."""
    view = stage.desk.today.view
    view.setCurrentIndex(stage.desk.today.model.index(0, 0))
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    stage.focused_on(view)


def state_of(stage: Stage) -> State:
    return stage.desk.today.model.line(0).state


def test_t1_it_is_listed_with_its_sentence_after_the_desk_was_cleared(stage: Stage) -> None:
    model = stage.desk.today.model
    assert (model.count(), model.needing_attention()) == (1, 1)
    index = model.index(0, STATE)
    assert index.data() == state_word(State.UNRECORDED)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == not_recorded_words()


def test_t1_enter_brings_token_and_person_back(stage: Stage, world: FakeWorld) -> None:
    world.ledger.full = False
    stage.on_the_station(world.clock.run)
    chosen(stage)
    enter()
    stage.reach(State.READY)
    assert stage.enrollment.person == world.ada
    assert stage.shown.token_card.serial_number == world.token.serial_number


def test_t1_delete_dismisses_it_and_it_needs_nobody_any_more(stage: Stage) -> None:
    chosen(stage)
    press(Qt.Key.Key_Delete)
    stage.until(lambda: state_of(stage) is State.WITHDRAWN)
    assert stage.desk.today.model.needing_attention() == 0


def test_t1_the_menu_of_its_row_dismisses_it_too(stage: Stage) -> None:
    menu = stage.desk.today.menu_of(stage.desk.today.model.index(0, STATE))
    assert menu is not None
    menu.actions()[1].trigger()
    stage.until(lambda: state_of(stage) is State.WITHDRAWN)
    assert stage.desk.today.menu_of(stage.desk.today.model.index(0, STATE)) is None
