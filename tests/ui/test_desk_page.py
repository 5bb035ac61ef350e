"""An enrollment by keyboard alone: the focus is where one types next, the keys do as told."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import AnswerLost, Evidence, NotUnderstood, OathdeskError, Unreachable
from app.core.model import Migration, Mode, Person, Policy, PolicyState, TokenStatus
from app.core.preflight import OverrideReason
from app.station.notices import CardState
from app.ui.models.today import ACT, STATE
from app.ui.wording.errors import trouble
from tests.fakes.nouns import a_person
from tests.fakes.world import RIGHT, WRONG, FakeWorld
from tests.ui.hands import PAUSE_MS, enter, press, scan, send, write
from tests.ui.stage import Stage, a_window

HTML = NotUnderstood(Evidence("GET", "/v1.0/users", 200, message="<html>", client_request_id="c-1"))
DOUBLE_READ_MS = 320
"""Longer than the time in which an equal scan is taken for a double read."""

LOW = 340
"""Height in px under which a card is that has little to say."""

RTL = "\u202eمحمد Haddad"


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


@pytest.fixture
def assigning(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world, Mode.ASSIGN_ONLY) as stage:
        yield stage


def shown(stage: Stage) -> str:
    """Every word of the desk that can be seen."""
    labels = [label for label in stage.desk.findChildren(QLabel) if label.isVisible()]
    return " ".join(label.text() for label in labels)


def ask(stage: Stage, query: str) -> None:
    """Put `query` into the search and let it be asked for; long ones by paste, as people do."""
    search = stage.desk.person.search
    search.setFocus()
    if len(query) < 5:
        write(query)
    else:
        QGuiApplication.clipboard().setText(query)
        press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


# The happy path --------------------------------------------------------------------------------


def test_scan_four_letters_and_six_digits_activate_a_token(stage: Stage, world: FakeWorld) -> None:
    stage.focused_on(stage.desk.token.edit)
    stage.put_token(world.token.serial_number)
    stage.focused_on(stage.desk.person.search.edit)
    write("ada")
    stage.until(stage.desk.person.search.is_open)
    press(Qt.Key.Key_Return)
    stage.reach(State.AWAITING_CODE)
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    assert world.tenant.tokens[world.token.device_id].status is TokenStatus.ACTIVATED
    press(Qt.Key.Key_Return)
    stage.reach(State.EMPTY)
    stage.focused_on(stage.desk.token.edit)


def test_the_cards_are_no_higher_than_what_is_in_front_needs(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.until(lambda: stage.desk.third.height() < LOW)


def test_assign_only_takes_no_code(assigning: Stage, world: FakeWorld) -> None:
    assigning.fill(world, State.READY)
    assigning.focused_on(assigning.desk.work.button)
    enter()
    assigning.reach(State.ASSIGNED)
    assert world.directory.writes == ["assign"]


def test_the_badge_may_come_before_the_token(stage: Stage, world: FakeWorld) -> None:
    stage.put_person(world.ada)
    stage.focused_on(stage.desk.token.edit)
    stage.put_token(world.token.serial_number)
    stage.reach(State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)


def test_a_serial_number_may_be_typed_by_hand(stage: Stage, world: FakeWorld) -> None:
    write(world.token.serial_number[:4])
    write(world.token.serial_number[4:])
    press(Qt.Key.Key_Return)
    stage.reach(State.HAS_TOKEN)
    assert stage.enrollment.token == world.token


def test_a_name_may_be_typed_before_the_token_is_scanned(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F3)
    write("ben")
    stage.until(stage.desk.person.search.is_open)
    scan(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.desk.person.search.query() == "ben"
    stage.focused_on(stage.desk.person.search.edit)
    enter()
    stage.reach(State.AWAITING_CODE)
    assert stage.enrollment.person == world.ben


def test_done_is_listed_and_claimed_only_after_the_directory_agreed(
    stage: Stage, world: FakeWorld
) -> None:
    hold = world.directory.hold("hardware_methods")
    stage.fill(world)
    stage.submit_code()
    stage.reach(State.CONFIRMING)
    assert "Activated" not in shown(stage)
    stage.until(hold.reached.is_set)
    stage.on_the_station(hold.go.set)
    stage.reach(State.ACTIVATED)
    model = stage.desk.today.model
    stage.until(lambda: model.data(model.index(0, STATE)) == "Activated")
    assert "Activated" in shown(stage)


# What goes wrong -------------------------------------------------------------------------------


def test_a_wrong_code_is_told_and_the_right_one_then_activates(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    stage.until(lambda: "The code was not accepted" in shown(stage))
    stage.focused_on(stage.desk.work.code)
    assert stage.desk.work.code.code() == ""
    stage.submit_code(RIGHT)
    stage.reach(State.ACTIVATED)


def test_the_same_code_is_not_sent_twice(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    stage.submit_code(WRONG)
    stage.until(lambda: "already sent" in shown(stage))
    assert len(world.directory.writes) == 1
    stage.focused_on(stage.desk.work.code)


def test_a_lost_answer_is_settled_by_asking(stage: Stage, world: FakeWorld) -> None:
    world.directory.fail("assign_and_activate", AnswerLost(Evidence("POST", "/x")), acts=True)
    stage.fill(world)
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    assert len(world.directory.writes) == 1


def test_a_person_who_may_not_have_a_token_is_told_before_anything_is_sent(
    stage: Stage, world: FakeWorld
) -> None:
    guest = world.tenant.add_person(replace(a_person("Gus", "20499"), guest=True))
    stage.put_token(world.token.serial_number)
    stage.put_person(guest)
    stage.reach(State.BLOCKED)
    assert "guest" in shown(stage)
    press(Qt.Key.Key_Return)
    stage.qtbot.wait(30)
    assert world.directory.writes == []


def test_an_unknown_badge_leads_to_the_search(stage: Stage) -> None:
    scan("EMP99999")
    stage.until(lambda: stage.shown.person_card.state is CardState.UNKNOWN)
    assert "Nobody has badge 99999" in shown(stage)


@pytest.mark.parametrize("error", [HTML, Unreachable(Evidence("GET", "/v1.0/users"))])
def test_a_directory_that_fails_is_told_where_it_was_asked(
    error: OathdeskError, stage: Stage, world: FakeWorld
) -> None:
    world.directory.fail_always("find_tokens", error)
    scan(world.token.serial_number)
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    assert trouble(error).sentence in shown(stage)
    world.directory.recover("find_tokens")
    stage.qtbot.wait(DOUBLE_READ_MS)
    stage.put_token(world.token.serial_number)


def test_a_search_that_is_answered_with_html_says_so_and_keeps_the_query(
    stage: Stage, world: FakeWorld
) -> None:
    world.directory.fail_always("search_people", HTML)
    ask(stage, "ada")
    search = stage.desk.person.search
    stage.until(lambda: not search.is_busy() and search.is_open())
    assert trouble(HTML).sentence in search._panel.note.text()
    assert search.query() == "ada"


# Searches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["'", "%", '"', "\\", "a" * 300, RTL, "<b>", "O'Br"])
def test_any_search_is_answered(query: str, stage: Stage, world: FakeWorld) -> None:
    ask(stage, query)
    search = stage.desk.person.search
    stage.until(lambda: not search.is_busy() and search.is_open())
    assert world.directory.count("search_people") == 1
    assert search.rows_shown() == []
    assert "Nobody is found" in search._panel.note.text()


def test_an_empty_search_asks_nothing(stage: Stage, world: FakeWorld) -> None:
    ask(stage, "  ")
    press(Qt.Key.Key_Return)
    stage.qtbot.wait(PAUSE_MS)
    assert world.directory.count("search_people") == 0
    assert not stage.desk.person.search.is_open()


def test_a_name_that_turns_the_direction_round_is_shown_as_plain_text(
    stage: Stage, world: FakeWorld
) -> None:
    person = world.tenant.add_person(replace(a_person("Haddad", "20498"), display_name=RTL))
    stage.put_person(person)
    assert RTL.removeprefix("\u202e") in shown(stage)
    assert "\u202e" not in shown(stage)


def test_a_name_with_markup_is_shown_as_it_is(stage: Stage, world: FakeWorld) -> None:
    name = "<b>Bobby</b> & {name}"
    person = world.tenant.add_person(replace(a_person("Bobby", "20497"), display_name=name))
    stage.put_person(person)
    assert name in shown(stage)


def test_a_scan_while_the_search_is_open_fills_the_token(stage: Stage, world: FakeWorld) -> None:
    ask(stage, "ada")
    stage.until(stage.desk.person.search.is_open)
    scan(world.token.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.desk.person.search.query() == "ada"


# Keys ------------------------------------------------------------------------------------------


def test_f2_makes_room_for_another_token(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    press(Qt.Key.Key_F2)
    stage.reach(State.HAS_PERSON)
    stage.focused_on(stage.desk.token.edit)


def test_f3_makes_room_for_another_person(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    press(Qt.Key.Key_F3)
    stage.reach(State.HAS_TOKEN)
    stage.focused_on(stage.desk.person.search.edit)


def test_f4_changes_what_is_handed_over(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    press(Qt.Key.Key_F4)
    stage.reach(State.READY)
    press(Qt.Key.Key_F4)
    stage.reach(State.AWAITING_CODE)


def test_the_mnemonics_change_what_is_handed_over(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    press(Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    stage.reach(State.READY)
    press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    stage.reach(State.AWAITING_CODE)


def test_f5_checks_again(stage: Stage, world: FakeWorld) -> None:
    world.directory.give(world.token, world.ben)
    stage.fill(world, State.BLOCKED)
    world.tenant.take_back(world.token.device_id, world.clock.now())
    press(Qt.Key.Key_F5)
    stage.reach(State.AWAITING_CODE)


def test_f8_shows_and_copies_the_details_and_puts_them_away(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    QGuiApplication.clipboard().clear()
    press(Qt.Key.Key_F8)
    stage.until(stage.desk.sheet.isVisible)
    copied = QGuiApplication.clipboard().text()
    for fact in ("400", "badRequest", "The code is not valid.", "request-assign_and_activate"):
        assert fact in copied
    assert WRONG not in copied
    press(Qt.Key.Key_F8)
    assert not stage.desk.sheet.isVisible()


def test_escape_puts_the_details_away_and_nothing_else(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    press(Qt.Key.Key_F8)
    stage.until(stage.desk.sheet.isVisible)
    press(Qt.Key.Key_Escape)
    assert not stage.desk.sheet.isVisible()
    assert stage.state is State.NOT_DONE


def test_the_digits_of_the_next_code_stay_while_the_look_after_a_refusal_ends(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    stage.focused_on(stage.desk.work.code)
    write("041")
    for state in (State.AFTER_REFUSAL, State.NOT_DONE):
        looked = replace(stage.enrollment, state=state)
        stage.tell(replace(stage.shown, enrollment=looked))
    assert stage.desk.work.code.code() == "041"


def test_f8_without_an_error_shows_nothing(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    press(Qt.Key.Key_F8)
    assert not stage.desk.sheet.isVisible()


def test_escape_takes_back_one_thing_after_the_other(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    write("12")
    press(Qt.Key.Key_Escape)
    assert stage.desk.work.code.code() == ""
    stage.reach(State.AWAITING_CODE)
    press(Qt.Key.Key_Escape)
    stage.reach(State.HAS_TOKEN)
    stage.focused_on(stage.desk.person.search.edit)
    press(Qt.Key.Key_Escape)
    stage.reach(State.EMPTY)
    press(Qt.Key.Key_Escape)
    stage.qtbot.wait(30)
    assert stage.state is State.EMPTY
    stage.focused_on(stage.desk.token.edit)


def test_escape_in_the_search_takes_the_list_then_the_letters(stage: Stage) -> None:
    ask(stage, "ada")
    search = stage.desk.person.search
    stage.until(search.is_open)
    press(Qt.Key.Key_Escape)
    assert not search.is_open()
    assert search.query() == "ada"
    press(Qt.Key.Key_Escape)
    assert search.query() == ""


def test_escape_after_it_is_done_begins_with_the_next_person(
    assigning: Stage, world: FakeWorld
) -> None:
    assigning.fill(world, State.READY)
    enter()
    assigning.reach(State.ASSIGNED)
    press(Qt.Key.Key_Escape)
    assigning.reach(State.EMPTY)


def test_an_incomplete_code_is_not_sent(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    stage.submit_code("04123")
    stage.qtbot.wait(30)
    assert stage.state is State.AWAITING_CODE
    assert world.directory.writes == []


def test_a_second_enter_sends_nothing_twice(assigning: Stage, world: FakeWorld) -> None:
    hold = world.directory.hold("assign")
    assigning.fill(world, State.READY)
    enter()
    press(Qt.Key.Key_Return)
    assigning.until(hold.reached.is_set)
    press(Qt.Key.Key_Return)
    assigning.on_the_station(hold.go.set)
    assigning.reach(State.ASSIGNED)
    assert world.directory.writes == ["assign"]


def test_the_next_person_is_served_while_the_last_is_being_confirmed(
    assigning: Stage, world: FakeWorld
) -> None:
    hold = world.directory.hold("hardware_methods")
    assigning.fill(world, State.READY)
    enter()
    assigning.until(hold.reached.is_set)
    assigning.put_token(world.second.serial_number)
    assigning.put_person(world.ben)
    assigning.reach(State.READY)
    assert assigning.enrollment.person == world.ben
    assigning.on_the_station(hold.go.set)
    assigning.until(lambda: assigning.desk.today.model.done() == 1)
    assert assigning.state is State.READY
    assert assigning.desk.today.view.isColumnHidden(ACT)  # nothing to do there: room for names


def test_what_needs_attention_is_opened_from_todays_list(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world)
    stage.submit_code(WRONG)
    stage.reach(State.NOT_DONE)
    stage.put_token(world.second.serial_number)
    stage.reach(State.HAS_TOKEN)
    assert stage.desk.today.model.needing_attention() == 1
    view = stage.desk.today.view
    assert not view.isColumnHidden(ACT)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Home)
    view.setCurrentIndex(stage.desk.today.model.index(0, 0))
    enter()
    stage.reach(State.NOT_DONE)
    assert stage.enrollment.token == world.token


# The practice tray -----------------------------------------------------------------------------


def test_without_hardware_the_tray_scans_and_presses(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, practice=True) as stage:
        press(Qt.Key.Key_F6)
        stage.reach(State.HAS_TOKEN)
        press(Qt.Key.Key_F7)
        stage.reach(State.AWAITING_CODE)
        press(Qt.Key.Key_F9)
        stage.until(lambda: len(stage.desk.dock.display().digits()) == 6)
        stage.submit_code(stage.desk.dock.display().digits())
        stage.reach(State.ACTIVATED)


def test_a_practice_token_that_cannot_be_pressed_stays_dark(qtbot: QtBot, world: FakeWorld) -> None:
    with a_window(qtbot, world, practice=True) as stage:
        press(Qt.Key.Key_F6)
        stage.reach(State.HAS_TOKEN)
        world.practice.error = Unreachable(Evidence())
        press(Qt.Key.Key_F9)
        stage.qtbot.wait(50)
        assert stage.desk.dock.display().digits() == ""


# Typing goes on --------------------------------------------------------------------------------


def test_letters_typed_while_an_answer_comes_in_are_not_lost(
    stage: Stage, world: FakeWorld
) -> None:
    hold = world.directory.hold("find_tokens")
    scan(world.token.serial_number)
    stage.until(hold.reached.is_set)
    stage.qtbot.wait(PAUSE_MS)
    focused = QApplication.focusWidget()
    assert focused is stage.desk.person.search.edit
    send("a")
    stage.on_the_station(hold.go.set)
    write("da")
    stage.reach(State.HAS_TOKEN)
    stage.until(lambda: stage.desk.person.search.query() == "ada")


def test_nobody_is_forgotten_when_a_photo_is_late(stage: Stage, world: FakeWorld) -> None:
    hold = world.directory.hold("photo")
    person: Person = world.ada
    stage.put_person(person)
    stage.put_token(world.token.serial_number)
    stage.reach(State.AWAITING_CODE)
    stage.on_the_station(hold.go.set)
    stage.until(lambda: person.id in stage.desk.person._photos)
    assert stage.state is State.AWAITING_CODE


# Going on with a reason -------------------------------------------------------------------------


def reasons(stage: Stage) -> list[str]:
    return [option.key for option in stage.desk.work.reasons.options()]


@pytest.mark.parametrize("by", ["key", "mouse", "arrows"])
def test_m2_a_reason_is_chosen_on_the_action_card_and_an_enter_too_many_chooses_none(
    assigning: Stage, world: FakeWorld, by: str
) -> None:
    legacy = Policy(PolicyState.DISABLED, migration=Migration.PRE)
    world.directory.tenant.policy = legacy
    assigning.fill(world, State.BLOCKED)
    assert reasons(assigning) == ["legacy_policy", "policy_changes", "instructed"]
    press(Qt.Key.Key_Return)
    assigning.reach(State.BLOCKED)
    panel = assigning.desk.work.reasons
    if by == "key":
        press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    elif by == "mouse":
        QTest.mouseClick(panel.button(1), Qt.MouseButton.LeftButton)
    else:
        panel.button(0).setFocus()
        press(Qt.Key.Key_Down)
        press(Qt.Key.Key_Return)
    assigning.reach(State.READY)
    assert reasons(assigning) == []
    assert world.directory.writes == []
    enrollment = assigning.desk.enrollment()
    assert enrollment is not None
    assert [finding.reason for finding in enrollment.findings] == [OverrideReason.POLICY_CHANGES]
