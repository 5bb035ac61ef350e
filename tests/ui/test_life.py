"""What is done with a token after its hand-over, by keyboard alone, at a window over fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.enrollment import Enrollment, State
from app.core.errors import Evidence, Forbidden, Unreachable
from app.core.model import METHODS_LIMIT, HeldRole, Role, TokenStatus
from app.core.record import Line
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.station.notices import CardState
from app.ui.pages.desk.third_card import ThirdCard
from app.ui.widgets import Option
from tests.fakes.nouns import a_phone, an_authenticator, an_operator
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window

CTRL = Qt.KeyboardModifier.ControlModifier
AGAIN_MS = 320
"""Longer than the time in which an equal scan is taken for a double read."""


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


def side(stage: Stage) -> ThirdCard:
    return stage.desk.third


def beside(stage: Stage) -> Enrollment:
    found = side(stage).enrollment
    assert found is not None, "nothing is in work"
    return found


def reach(stage: Stage, *states: State) -> None:
    """Wait until what is in work beside the desk is in one of `states`."""
    stage.until(lambda: (found := side(stage).enrollment) is not None and found.state in states)


def said(stage: Stage) -> str:
    """Every word of the desk that can be seen."""
    labels = stage.desk.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def until_said(stage: Stage, words: str) -> None:
    stage.until(lambda: words in said(stage))


def options(stage: Stage) -> dict[str, Option]:
    front = side(stage)
    if front.currentWidget() is not front.choice:
        return {}
    return {option.key: option for option in front.choice.options.options()}


def offered(stage: Stage, key: str) -> Callable[[], bool]:
    return lambda: key in options(stage)


def find_whose(stage: Stage, world: FakeWorld) -> None:
    """Scan a loose token and wait until it is known whose it is."""
    scan(world.token.serial_number)
    stage.until(offered(stage, "unassign"))


def look_at(stage: Stage, world: FakeWorld) -> None:
    """Scan a badge and look at what the person has."""
    stage.put_person(world.ada)
    press(Qt.Key.Key_B, CTRL)
    stage.until(lambda: stage.desk.holdings.isVisible() and side(stage).is_at_list)
    stage.until(lambda: stage.desk.holdings.model.rowCount() > 0)


def activated(world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada, activated=True)


# Whose is this ---------------------------------------------------------------------------------


def test_a_loose_token_tells_whose_it_is_and_what_can_be_done(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    find_whose(stage, world)
    assert "Ada has this token." in said(stage)
    assert "Not at this desk" in said(stage)
    assert [o.key for o in options(stage).values() if not o.why] == [
        "deactivate",
        "unassign",
        "replace",
    ]
    assert options(stage)["activate"].why.startswith("This person already has this token")
    stage.focused_on(side(stage).choice.options.button(1))


def test_the_arrow_keys_walk_past_what_cannot_be_done(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    find_whose(stage, world)
    buttons = side(stage).choice.options
    stage.focused_on(buttons.button(1))
    press(Qt.Key.Key_Down)
    stage.focused_on(buttons.button(2))
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Up)
    stage.focused_on(buttons.button(3))
    enter()
    until_said(stage, "Why is token 8659 0001 replaced?")


def test_a_key_for_what_cannot_be_done_does_nothing(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    find_whose(stage, world)
    press(Qt.Key.Key_1, CTRL)
    press(Qt.Key.Key_9, CTRL)
    assert side(stage).enrollment is None
    assert world.directory.writes == []


def test_a_token_in_stock_is_asked_about_by_key(stage: Stage, world: FakeWorld) -> None:
    stage.put_token(world.token.serial_number)
    press(Qt.Key.Key_T, CTRL)
    until_said(stage, "Nobody has this token.")
    press(Qt.Key.Key_Escape)
    stage.until(lambda: not side(stage).is_chosen)


def test_who_may_not_be_asked_is_said_and_asked_again(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    stage.put_token(world.second.serial_number)
    world.directory.fail("find_tokens", Unreachable(Evidence("GET", "/")))
    press(Qt.Key.Key_T, CTRL)
    until_said(stage, "The directory cannot be reached.")
    press(Qt.Key.Key_F8)
    stage.until(stage.desk.sheet.isVisible)
    press(Qt.Key.Key_F8)
    press(Qt.Key.Key_F5)
    until_said(stage, "Nobody has this token.")


def test_a_person_who_comes_for_the_token_of_somebody_else_is_told_no_more_of_it(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    find_whose(stage, world)
    stage.put_person(world.ben)
    stage.until(lambda: not side(stage).is_chosen)
    until_said(stage, "This token belongs to Ada.")


def test_a_name_may_be_typed_whatever_is_offered(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    find_whose(stage, world)
    stage.focused_on(side(stage).choice.options.button(1))
    write("ben")
    stage.until(stage.desk.person.search.is_open)
    press(Qt.Key.Key_Return)
    stage.until(lambda: stage.shown.person_card.person == world.ben)
    until_said(stage, "This token belongs to Ada.")


def test_its_holder_may_be_put_down_beside_it(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    find_whose(stage, world)
    stage.put_person(world.ada)
    assert side(stage).is_chosen
    press(Qt.Key.Key_3, CTRL)
    reach(stage, State.AWAITING_TOKEN)


# Taking back -----------------------------------------------------------------------------------


def take_back(stage: Stage, world: FakeWorld) -> None:
    find_whose(stage, world)
    press(Qt.Key.Key_3, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    stage.focused_on(side(stage).work.proof)
    stage.qtbot.wait(AGAIN_MS)


def test_a_token_is_taken_back_with_the_token_in_the_hand(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    take_back(stage, world)
    assert "Remove 8659 0001 from Ada; it goes back to stock." in said(stage)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    assert world.directory.writes == []
    stage.focused_on(side(stage).work.button)
    enter()
    reach(stage, State.RETURNED)
    until_said(stage, "Removed from Ada.")
    assert "In stock" in said(stage)
    assert world.tenant.tokens[world.token.device_id].holder is None
    enter()
    stage.until(lambda: not side(stage).is_chosen)
    stage.focused_on(stage.desk.token.edit)


def test_the_wrong_token_is_told_and_nothing_is_sent(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    take_back(stage, world)
    scan(world.second.serial_number)
    until_said(stage, "That is token 8659 0002, another one.")
    assert beside(stage).state is State.AWAITING_TOKEN
    stage.qtbot.wait(AGAIN_MS)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    assert world.directory.writes == []


def test_the_number_may_be_typed_to_show_the_token(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    take_back(stage, world)
    write(world.token.serial_number)
    press(Qt.Key.Key_Return)
    reach(stage, State.READY)


def test_a_lost_token_is_taken_back_on_the_operators_word(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    look_at(stage, world)
    press(Qt.Key.Key_3, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    press(Qt.Key.Key_1, CTRL)
    reach(stage, State.READY)
    assert "Nobody can sign in with it any more." in said(stage)
    enter()
    reach(stage, State.RETURNED)
    stage.until(lambda: stage.desk.today.model.rowCount() == 1)


def test_what_was_taken_back_is_handed_over_again_with_one_key(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    take_back(stage, world)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    press(Qt.Key.Key_Z, CTRL)
    reach(stage, State.AWAITING_CODE)
    stage.focused_on(side(stage).work.code)
    write(RIGHT)
    press(Qt.Key.Key_Return)
    reach(stage, State.ACTIVATED)


def test_escape_goes_back_step_by_step_and_nothing_is_sent(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    take_back(stage, world)
    press(Qt.Key.Key_Escape)
    stage.until(offered(stage, "unassign"))
    press(Qt.Key.Key_Escape)
    stage.until(lambda: not side(stage).is_chosen)
    assert world.directory.writes == []


def test_another_token_on_the_desk_leaves_what_was_not_sent(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    take_back(stage, world)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    scan(world.second.serial_number)
    stage.until(lambda: side(stage).enrollment is None)
    stage.reach(State.HAS_TOKEN)
    assert world.directory.writes == []


def test_who_comes_next_begins_with_nothing_of_what_was_done(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    look_at(stage, world)
    press(Qt.Key.Key_3, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    scan(world.second.serial_number)
    stage.reach(State.HAS_TOKEN)
    stage.until(lambda: stage.shown.person_card.person is None)
    assert side(stage).enrollment is None


def test_a_hand_over_is_undone_with_one_key_and_the_token_in_the_hand(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    until_said(stage, "undo: remove it again")
    press(Qt.Key.Key_Z, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    assert world.directory.writes == ["assign_and_activate", "unassign"]


# Activating later, deactivating ----------------------------------------------------------------


def test_a_token_that_was_assigned_earlier_is_activated(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ada)
    find_whose(stage, world)
    assert options(stage)["deactivate"].why.startswith("This token is not activated.")
    enter()
    reach(stage, State.AWAITING_CODE)
    assert "Activate 8659 0001 for Ada." in said(stage)
    stage.focused_on(side(stage).work.code)
    write(WRONG)
    press(Qt.Key.Key_Return)
    reach(stage, State.HALF_DONE)
    stage.focused_on(side(stage).work.code)
    write(RIGHT)
    press(Qt.Key.Key_Return)
    reach(stage, State.ACTIVATED)
    assert world.tenant.tokens[world.token.device_id].status is TokenStatus.ACTIVATED


def test_a_token_is_deactivated_and_activated_again(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    find_whose(stage, world)
    press(Qt.Key.Key_2, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    stage.qtbot.wait(AGAIN_MS)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    enter()
    reach(stage, State.DEACTIVATED)
    until_said(stage, "keeps token 8659 0001")
    press(Qt.Key.Key_Z, CTRL)
    reach(stage, State.AWAITING_CODE)


# Replacing -------------------------------------------------------------------------------------

NEW_CODE = "123456"


def begin_replacement(stage: Stage, world: FakeWorld, reason: Qt.Key) -> None:
    """Look at what somebody has, choose to replace their token, and say why."""
    look_at(stage, world)
    press(Qt.Key.Key_4, CTRL)
    until_said(stage, "Why is token 8659 0001 replaced?")
    press(reason, CTRL)
    until_said(stage, "Scan the new token.")
    stage.focused_on(stage.desk.token.edit)


def hand_over_new(stage: Stage, world: FakeWorld) -> None:
    world.tenant.shows(world.second.device_id, NEW_CODE)
    reach(stage, State.AWAITING_CODE)
    stage.focused_on(side(stage).work.code)
    write(NEW_CODE)
    press(Qt.Key.Key_Return)
    reach(stage, State.ACTIVATED)


def test_a_lost_token_is_replaced_the_new_one_first(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.second.serial_number)
    hand_over_new(stage, world)
    stage.until(lambda: bool(side(stage).work.shown.follows))
    stage.focused_on(side(stage).work.button)
    enter()
    reach(stage, State.AWAITING_TOKEN)
    stage.focused_on(side(stage).work.missing.button(0))  # it was said to be lost before
    enter()
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    assert world.directory.writes == ["assign_and_activate", "unassign"]
    stage.until(lambda: stage.desk.today.model.needing_attention() == 0)


def test_a_token_that_drifted_is_shown_before_it_is_taken_back(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_3)
    scan(world.second.serial_number)
    hand_over_new(stage, world)
    stage.until(lambda: bool(side(stage).work.shown.follows))
    enter()
    reach(stage, State.AWAITING_TOKEN)
    stage.focused_on(side(stage).work.proof)
    scan(world.token.serial_number)
    reach(stage, State.READY)


def test_at_the_limit_the_old_token_goes_first(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    apps = [an_authenticator(number) for number in range(METHODS_LIMIT - 1)]
    world.tenant.other_methods[world.ada.id] = tuple(apps)
    begin_replacement(stage, world, Qt.Key.Key_2)
    scan(world.second.serial_number)
    reach(stage, State.AWAITING_TOKEN)
    assert "the old token goes first" in said(stage)
    press(Qt.Key.Key_2, CTRL)
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    stage.until(lambda: bool(side(stage).work.shown.follows))
    enter()
    hand_over_new(stage, world)
    assert world.directory.writes == ["unassign", "assign_and_activate"]


def test_the_old_token_is_no_new_one(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.token.serial_number)
    until_said(stage, "That is the old token, 8659 0001.")
    press(Qt.Key.Key_Escape)
    stage.until(lambda: not side(stage).is_chosen)
    assert world.directory.writes == []


def test_the_second_half_waits_in_the_list_of_today_until_it_is_opened(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.second.serial_number)
    hand_over_new(stage, world)
    stage.until(lambda: bool(side(stage).work.shown.follows))
    press(Qt.Key.Key_Escape)
    stage.until(lambda: not side(stage).is_chosen)
    open_first_line(stage)
    reach(stage, State.AWAITING_TOKEN)
    assert "Remove 8659 0001 from Ada" in said(stage)


def open_first_line(stage: Stage) -> None:
    """Enter on the first line of today's list."""
    view = stage.desk.today.view
    stage.until(lambda: stage.desk.today.model.needing_attention() > 0)
    view.setFocus()
    view.setCurrentIndex(stage.desk.today.model.index(0, 0))
    press(Qt.Key.Key_Return)


def test_a_second_half_whose_first_is_not_done_says_so_and_can_be_taken_back(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.second.serial_number)
    reach(stage, State.AWAITING_CODE)
    stage.focused_on(side(stage).work.code)
    write(WRONG)
    press(Qt.Key.Key_Return)
    reach(stage, State.NOT_DONE, State.HALF_DONE)
    press(Qt.Key.Key_Escape)
    stage.until(lambda: side(stage).enrollment is None)
    open_due(stage)
    until_said(stage, "The first half of this replacement is not done")
    press(Qt.Key.Key_2, CTRL)
    stage.until(lambda: not [line for line in lines(stage) if line.state is State.DUE])
    assert not side(stage).is_chosen


def lines(stage: Stage) -> list[Line]:
    model = stage.desk.today.model
    return [model.line(row) for row in range(model.rowCount())]


def open_due(stage: Stage) -> None:
    """Enter on the line of a second half."""
    stage.until(lambda: any(line.state is State.DUE for line in lines(stage)))
    row = [line.state for line in lines(stage)].index(State.DUE)
    stage.desk.today.view.setFocus()
    stage.desk.today.view.setCurrentIndex(stage.desk.today.model.index(row, 0))
    press(Qt.Key.Key_Return)


def test_a_second_half_that_is_not_needed_any_more_is_taken_back(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.second.serial_number)
    hand_over_new(stage, world)
    stage.until(lambda: bool(side(stage).work.shown.follows))
    enter()
    reach(stage, State.AWAITING_TOKEN)
    press(Qt.Key.Key_9, CTRL)
    stage.until(lambda: State.WITHDRAWN in [line.state for line in lines(stage)])
    assert world.directory.writes == ["assign_and_activate"]


def test_a_first_half_that_was_refused_is_opened_and_done(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    begin_replacement(stage, world, Qt.Key.Key_1)
    scan(world.second.serial_number)
    reach(stage, State.AWAITING_CODE)
    stage.focused_on(side(stage).work.code)
    write(WRONG)
    press(Qt.Key.Key_Return)
    reach(stage, State.NOT_DONE, State.HALF_DONE)
    press(Qt.Key.Key_Escape)
    stage.until(lambda: side(stage).enrollment is None)
    open_due(stage)
    until_said(stage, "The first half of this replacement is not done")
    press(Qt.Key.Key_1, CTRL)
    hand_over_new(stage, world)
    stage.until(lambda: bool(side(stage).work.shown.follows))


# What they have --------------------------------------------------------------------------------


def test_what_somebody_has_is_listed_with_dates_and_offers(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    world.tenant.other_methods[world.ada.id] = (an_authenticator(), a_phone())
    look_at(stage, world)
    model = stage.desk.holdings.model
    named = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert named[0] == "8659 0001"
    assert any("Phone" in name for name in named)
    stage.focused_on(stage.desk.holdings.view)
    stage.until(lambda: offered(stage, "unassign")() and not options(stage)["unassign"].why)
    press(Qt.Key.Key_Down)
    stage.until(lambda: not options(stage))
    until_said(stage, "Nothing can be done with this here.")
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.today.isVisible)


def test_a_token_that_is_listed_twice_is_cleaned_up(stage: Stage, world: FakeWorld) -> None:
    activated(world)
    old = world.tenant.add_token(replace(world.token, device_id="left-over"))
    world.tenant.legacy.add(old.device_id)
    world.directory.give(old, world.ada)
    look_at(stage, world)
    until_said(stage, "Token 8659 0001 is listed twice here.")
    press(Qt.Key.Key_5, CTRL)
    reach(stage, State.AWAITING_TOKEN)
    scan(world.token.serial_number)
    reach(stage, State.READY)
    enter()
    reach(stage, State.RETURNED)
    held = world.tenant.held_by(world.ada.id)
    assert [token.device_id for token in held] == [world.token.device_id]


def test_a_role_that_is_too_low_is_the_reason_beside_every_offer(
    stage: Stage, world: FakeWorld
) -> None:
    activated(world)
    world.tenant.roles[world.ada.id] = (HeldRole(Role.GLOBAL_ADMINISTRATOR.value, "Global Admin"),)
    look_at(stage, world)
    stage.until(offered(stage, "unassign"))
    taken = ("deactivate", "unassign", "replace")
    assert all("has the role Global Admin" in options(stage)[deed].why for deed in taken)
    press(Qt.Key.Key_3, CTRL)
    assert side(stage).enrollment is None


# By serial number ------------------------------------------------------------------------------


def test_without_the_right_to_the_inventory_a_token_is_handed_over_by_its_number(
    stage: Stage, world: FakeWorld
) -> None:
    world.directory.fail_always("find_tokens", Forbidden(Evidence("GET", "/")))
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    scan(f"EMP{world.ada.employee_id}")
    reach(stage, State.AWAITING_CODE)
    assert "handed over by its serial number" in said(stage)
    stage.focused_on(side(stage).work.code)
    write(RIGHT)
    press(Qt.Key.Key_Return)
    reach(stage, State.ACTIVATED)
    assert world.directory.writes == ["assign_and_activate_by_serial"]
