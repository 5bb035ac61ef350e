"""Without a network: the desk says so, the tray takes what can wait, and nothing is lost."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import Evidence, Unreachable
from app.core.model import Mode, TokenStatus
from app.station.notices import CardState
from app.station.station import Station
from app.station.today import TodayNotice
from app.ui.models.today import ACT
from tests.fakes.world import FakeWorld
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window

GONE = Unreachable(Evidence("GET", "/v1.0/users"))
CALLS = (
    "find_tokens",
    "people_by_badge",
    "people_by_employee_id",
    "search_people",
    "person",
    "methods",
    "token",
)


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world, Mode.ASSIGN_ONLY) as stage:
        yield stage


def lose_the_network(stage: Stage, world: FakeWorld) -> None:
    def fail() -> None:
        for call in CALLS:
            world.directory.fail_always(call, GONE)

    stage.on_the_station(fail)
    heard(stage, answered=False)
    stage.until(lambda: stage.shown.offline)


def regain_the_network(stage: Stage, world: FakeWorld) -> None:
    def mend() -> None:
        for call in CALLS:
            world.directory.recover(call)

    stage.on_the_station(mend)
    heard(stage, answered=True)


def heard(stage: Stage, *, answered: bool) -> None:
    async def gesture(station: Station) -> None:
        station.heard(answered=answered, latency=None)

    stage.window.desk._ask(gesture)


def states(stage: Stage) -> list[State]:
    notices = [notice for notice in stage.notices if isinstance(notice, TodayNotice)]
    return [line.state for line in notices[-1].lines] if notices else []


def put_into_the_tray(stage: Stage, world: FakeWorld) -> None:
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    scan(f"EMP{world.ada.employee_id}")
    stage.until(lambda: stage.shown.stageable)
    stage.focused_on(stage.desk.work.button)
    enter()
    stage.until(lambda: states(stage) == [State.STAGED])


def test_what_waits_in_the_tray_is_assigned_when_the_network_is_back(
    stage: Stage, world: FakeWorld
) -> None:
    lose_the_network(stage, world)
    put_into_the_tray(stage, world)
    assert world.directory.count("assign") == 0
    regain_the_network(stage, world)
    stage.until(lambda: states(stage) == [State.ASSIGNED])
    held = world.tenant.tokens[world.token.device_id]
    assert held.status is TokenStatus.ASSIGNED
    assert held.holder is not None
    assert held.holder.id == world.ada.id


def test_what_waits_can_be_taken_back_from_the_list(stage: Stage, world: FakeWorld) -> None:
    lose_the_network(stage, world)
    put_into_the_tray(stage, world)
    view = stage.desk.today.view
    view.clicked.emit(stage.desk.today.model.index(0, ACT))
    stage.until(lambda: states(stage) == [State.WITHDRAWN])
    regain_the_network(stage, world)
    stage.until(lambda: not stage.shown.offline)
    assert world.directory.count("assign") == 0


def test_a_code_cannot_wait_and_the_card_says_so(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F4)
    stage.until(lambda: stage.enrollment.mode is Mode.ASSIGN_AND_ACTIVATE)
    lose_the_network(stage, world)
    assert not stage.desk.work.code.isEnabled()
    assert not stage.desk.work.button.isEnabled()


def test_a_person_can_be_named_by_number_without_the_directory(
    stage: Stage, world: FakeWorld
) -> None:
    lose_the_network(stage, world)
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    stage.focused_on(stage.desk.person.search.edit)
    write(world.ada.employee_id)
    stage.until(stage.desk.person.search.is_open)
    press(Qt.Key.Key_Return)
    stage.until(lambda: stage.shown.person_card.state is CardState.NAMED)
    stage.focused_on(stage.desk.work.button)


def test_f5_looks_up_again_what_could_not_be_looked_up(stage: Stage, world: FakeWorld) -> None:
    stage.on_the_station(lambda: world.directory.fail("find_tokens", GONE))
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    press(Qt.Key.Key_F5)
    stage.until(lambda: stage.shown.token_card.state is CardState.FOUND)
