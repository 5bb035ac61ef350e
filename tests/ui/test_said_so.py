"""What the desk says is so: green only what was judged, refused what was refused, nothing stale."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.code import CodeVerdict
from app.core.enrollment import State
from app.core.errors import Evidence, Unavailable
from app.core.lane import LaneStep
from app.core.model import METHODS_LIMIT, Role
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.skew import ClockState
from app.station.notices import CardState, CodeNotice
from app.station.timekeeper import ClockNotice
from app.ui.lane.parts import StepRow
from app.ui.widgets import Tone
from app.ui.widgets.card import Mark, Marker
from app.ui.widgets.chip import Chip
from tests.fakes.nouns import a_person, an_authenticator, an_operator
from tests.fakes.world import WRONG, FakeWorld
from tests.ui.hands import press, scan, write
from tests.ui.stage import Stage, a_window
from tests.ui.test_life import activated, begin_replacement


@pytest.fixture
def world() -> FakeWorld:
    """A tenant whose operator may do all that a desk does, and read roles."""
    world = FakeWorld()
    scopes = frozenset(scopes_for(DEFAULT_FEATURES | {Feature.READ_ROLES}))
    roles = frozenset({Role.AUTHENTICATION_ADMINISTRATOR, Role.AUTHENTICATION_POLICY_ADMINISTRATOR})
    world.directory.who = replace(an_operator(), scopes=scopes, roles=roles)
    return world


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def words(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def tones(card: QWidget) -> set[Tone]:
    return {chip.tone for chip in card.findChildren(Chip) if chip.isVisible()}


def is_green(card: QWidget) -> bool:
    """Whether anything on `card` is drawn in the tone of what is good."""
    marks = [marker.mark for marker in card.findChildren(Marker) if marker.isVisible()]
    return Tone.GOOD in tones(card) or Mark.GOOD in marks


# W4: nothing green before it was judged ---------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"guest": True}, "Guest"),
        ({"enabled": False}, "Disabled"),
        ({"guest": None, "enabled": None}, "0 of 5"),
        ({}, "0 of 5"),
    ],
    ids=["guest", "disabled", "unknown", "member"],
)
def test_w4_a_person_without_a_token_on_the_desk_is_not_yet_said_to_be_fit(
    what: dict[str, bool | None], said: str, stage: Stage, world: FakeWorld
) -> None:
    person = replace(a_person("Gus", "30100"), **what)  # type: ignore[arg-type]
    world.tenant.add_person(person)
    stage.put_person(person)
    stage.reach(State.HAS_PERSON)
    assert not is_green(stage.desk.person)
    assert said in words(stage.desk.person)
    assert "May receive" not in words(stage.desk.person)


def test_w4_a_person_at_the_limit_is_told_before_any_token(stage: Stage, world: FakeWorld) -> None:
    apps = tuple(an_authenticator(number) for number in range(METHODS_LIMIT))
    world.tenant.other_methods[world.ada.id] = apps
    stage.put_person(world.ada)
    stage.reach(State.HAS_PERSON)
    assert "At the limit (5 of 5)" in words(stage.desk.person)
    assert tones(stage.desk.person) == {Tone.CAUTION}


def test_w4_no_count_is_told_before_the_methods_were_read(stage: Stage, world: FakeWorld) -> None:
    world.directory.hold("methods")
    scan(f"EMP{world.ada.employee_id}")
    stage.until(lambda: stage.shown.person_card.state is CardState.LOADING)
    stage.until(lambda: "Ada" in words(stage.desk.person))
    assert " of 5" not in words(stage.desk.person)
    assert not is_green(stage.desk.person)


def test_w4_what_was_judged_is_green(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.until(lambda: "May receive a token (0 of 5)" in words(stage.desk.person))
    assert is_green(stage.desk.person)
    assert is_green(stage.desk.token)


def test_w4_what_could_not_be_checked_is_not_green(stage: Stage, world: FakeWorld) -> None:
    world.directory.fail_always("policy", Unavailable(Evidence("GET", "/policy", 503)))
    stage.fill(world, State.UNCHECKED)
    assert not is_green(stage.desk.person)


def test_w4_a_token_that_somebody_holds_is_not_green(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    stage.put_token(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert not is_green(stage.desk.token)


def test_w4_during_a_replacement_nobody_is_said_to_have_nothing(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    stage.until(lambda: "1 of 5" in words(stage.desk.person))
    held = world.directory.hold("token")  # the check of the first half reads the token afresh
    scan(world.second.serial_number)
    stage.until(lambda: stage.desk.third.enrollment is not None)
    stage.until(lambda: stage.desk.third.currentWidget() is stage.desk.work)
    assert "Nothing yet" not in words(stage.desk.person)
    assert "0 of 5" not in words(stage.desk.person)
    stage.on_the_station(held.go.set)


@pytest.mark.parametrize(
    ("step", "judged", "ticked"),
    [
        (LaneStep.TOKEN, None, 1),
        (LaneStep.WAIT, None, 1),
        (LaneStep.WAIT, "judged", 2),
        (LaneStep.END, None, 1),
        (LaneStep.END, "judged", 2),
    ],
)
def test_w4_a_step_of_the_lane_is_ticked_when_it_was_judged(
    step: LaneStep,
    judged: str | None,
    ticked: int,
    qtbot: QtBot,
) -> None:
    row = StepRow()
    qtbot.addWidget(row)
    row.show_step(step, done=False, judged=bool(judged))
    good = [marker.mark is Mark.GOOD for marker in row.findChildren(Marker)]
    assert good == [number < ticked for number in range(3)]


# S8: the field that was asked for -----------------------------------------------------------------


def test_s8_another_person_is_searched_for_with_no_token_on_the_desk(
    stage: Stage, world: FakeWorld
) -> None:
    stage.put_person(world.ada)
    stage.focused_on(stage.desk.token.edit)
    press(Qt.Key.Key_F3)
    write("ben")
    assert stage.desk.token.edit.text() == ""
    assert stage.desk.person.search.query() == "ben"
    stage.until(stage.desk.person.search.is_open)
    press(Qt.Key.Key_Return)
    stage.until(lambda: stage.shown.person_card.person == world.ben)
    stage.focused_on(stage.desk.token.edit)


def test_s8_another_token_is_asked_for_in_a_line_of_people(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    stage.put_token(world.token.serial_number)
    stage.focused_on(stage.desk.person.search.edit)
    press(Qt.Key.Key_F2)
    write("8659")
    assert stage.desk.token.edit.text() == "8659"
    assert stage.desk.person.search.query() == ""


def test_s8_escape_goes_back_to_where_the_next_thing_is_typed(
    stage: Stage, world: FakeWorld
) -> None:
    stage.put_person(world.ada)
    press(Qt.Key.Key_F3)
    stage.focused_on(stage.desk.person.search.edit)
    press(Qt.Key.Key_Escape)
    stage.focused_on(stage.desk.token.edit)


# S10: a refused code ------------------------------------------------------------------------------


def test_s10_a_refused_code_is_called_refused_before_anything_else(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code(WRONG)
    stage.reach(State.HALF_DONE, State.NOT_DONE)
    said = words(stage.desk.work)
    assert "The code was not accepted." in said
    assert "so far" in said


# S11: a stale warning -----------------------------------------------------------------------------


def test_s11_a_warning_about_the_code_is_gone_with_its_step(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    action = stage.desk.work
    late = 28.0 - time.time() % 30  # the directory's time is 2 s before the end of a step
    stage.window.show_notice(ClockNotice(late, ClockState.FINE))
    stage.window.show_notice(CodeNotice(CodeVerdict.WAIT_FOR_NEXT))
    assert "Wait for the next one and type that." in words(action)
    assert action.code.has_error()
    stage.window.show_notice(ClockNotice(late + 4, ClockState.FINE))
    stage.until(lambda: "Wait for the next one and type that." not in words(action))
    assert not action.code.has_error()
