"""What the operator may not do, and a clock that is off, are seen where the work is done."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import Evidence, Forbidden, NotOffered
from app.core.model import HeldRole, Mode, Role
from app.core.rights import scopes_for
from app.core.skew import FEWEST
from app.station.notices import CardState
from app.station.station import Station
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan
from tests.ui.stage import Stage, a_window

NO = Evidence("GET", "/", 403, "accessDenied")
ROLES = frozenset({Role.AUTHENTICATION_ADMINISTRATOR, Role.GLOBAL_READER})
COMPLETE = replace(an_operator(), scopes=frozenset(scopes_for()), roles=ROLES)


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.directory.who = COMPLETE
    return world


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world, Mode.ASSIGN_ONLY) as stage:
        yield stage


def without(scope: str) -> frozenset[str]:
    return COMPLETE.scopes - {scope}


def words(stage: Stage) -> str:
    """Everything that is to be read on the desk."""
    shown = (label for label in stage.desk.findChildren(QLabel) if label.isVisible())
    return "\n".join(label.text() for label in shown)


def heard(stage: Stage, offset: float) -> None:
    async def gesture(station: Station) -> None:
        for _ in range(FEWEST):
            station.heard(answered=True, latency=5.0, offset=offset)

    stage.window.desk._ask(gesture)


def test_an_operator_who_may_not_read_the_inventory_reads_what_is_missing_and_who_grants_it(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.directory.who = replace(COMPLETE, scopes=without("Policy.Read.All"))
    world.directory.fail_always("find_tokens", Forbidden(NO))
    with a_window(qtbot, world) as stage:
        scan(world.token.serial_number)
        stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
        assert "Your sign-in cannot read tokens." in words(stage)
        assert "The permission Policy.Read.All is missing." in words(stage)
        assert "Privileged Role Administrator" in words(stage)


def test_an_operator_who_may_not_hand_over_reads_it_before_anything_is_scanned(
    qtbot: QtBot, world: FakeWorld
) -> None:
    write = "UserAuthenticationMethod.ReadWrite.All"
    world.directory.who = replace(COMPLETE, scopes=without(write))
    with a_window(qtbot, world) as stage:
        assert stage.state is State.EMPTY
        assert f"The permission {write} is missing." in words(stage)
        assert not stage.desk.work.button.isEnabled()


def test_a_badge_that_may_not_be_looked_up_says_which_permission_it_takes(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.directory.who = replace(COMPLETE, scopes=without("User.Read.All"))
    world.directory.fail_always("people_by_badge", Forbidden(NO))
    with a_window(qtbot, world) as stage:
        scan(f"EMP{world.ada.employee_id}")
        stage.until(lambda: stage.shown.person_card.state is CardState.FAILED)
        assert "The permission User.Read.All is missing." in words(stage)


def test_a_role_that_expired_is_told_over_the_desk_and_beside_the_button(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.READY)

    def expire() -> None:
        world.directory.who = replace(COMPLETE, roles=frozenset({Role.GLOBAL_READER}))
        world.directory.fail("assign", Forbidden(NO))

    stage.on_the_station(expire)
    stage.desk.work.button.click()
    stage.reach(State.NOT_DONE)
    stage.until(lambda: "You no longer have Authentication Administrator." in stage.alert)
    stage.until(lambda: "The role Authentication Administrator is missing" in words(stage))


def test_pressing_f5_reads_the_rights_again(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.READY)

    def activate() -> None:
        more = ROLES | {Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR}
        world.directory.who = replace(COMPLETE, roles=more)

    stage.on_the_station(activate)
    press(Qt.Key.Key_F5)
    stage.until(lambda: "You now have Privileged Authentication Administrator." in stage.alert)
    stage.reach(State.READY)


def test_a_cloud_without_hardware_tokens_is_named_on_the_card(
    stage: Stage, world: FakeWorld
) -> None:
    world.directory.fail_always("find_tokens", NotOffered(NO))
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    assert "This cloud has no hardware tokens." in words(stage)


def test_who_serves_the_person_in_front_is_told_before_anything_is_sent(
    qtbot: QtBot, world: FakeWorld
) -> None:
    chief = HeldRole(Role.GLOBAL_ADMINISTRATOR.value, "Global Administrator")
    world.tenant.roles[world.ada.id] = (chief,)
    world.directory.who = replace(COMPLETE, scopes=COMPLETE.scopes | {"Directory.Read.All"})
    with a_window(qtbot, world) as stage:
        stage.fill(world, State.BLOCKED)
        assert "This person has the role Global Administrator." in words(stage)
        assert world.directory.writes == []


def test_a_clock_that_is_off_is_seen_in_the_top_bar_alone(stage: Stage) -> None:
    heard(stage, 42.0)
    stage.until(stage.window.top.clock.isVisible)
    assert stage.window.top.clock.words() == "Clock 42 s slow"
    assert stage.window.banners.banner.words() == ""
    heard(stage, 0.0)
    stage.until(lambda: not stage.window.top.clock.isVisible())


def test_a_clock_that_is_minutes_off_is_said_across_the_window_until_it_is_right(
    qtbot: QtBot, world: FakeWorld
) -> None:
    with a_window(qtbot, world, practice=True) as stage:
        heard(stage, -600.0)
        stage.until(lambda: "clock is 10 minutes fast" in stage.window.banners.banner.words())
        heard(stage, 0.0)
        stage.until(lambda: "Practice" in stage.window.banners.banner.words())


def test_the_ring_counts_by_true_time(stage: Stage) -> None:
    here = stage.desk.work.seconds_left()
    heard(stage, 15.0)
    stage.until(lambda: abs(stage.desk.work.seconds_left() - here) > 10)
