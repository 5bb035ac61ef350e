"""Somebody registers their own token, by keyboard alone, and whatever may go wrong on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.lane import LaneStep
from app.core.record import SELF_SERVICE
from app.station.notices import SessionState
from tests.journeys.lane import LaneJourney, a_lane
from tests.support.simulated import NORA, SAM, Simulated
from tests.ui.hands import TAIL_MS, enter, press, write

METHODS = "/beta/me/authentication/hardwareOathMethods"
BY_SERIAL = f"{METHODS}/assignAndActivateBySerialNumber"


@pytest.fixture
def lane(tenant: Simulated, qtbot: QtBot, tmp_path: Path) -> Iterator[LaneJourney]:
    with a_lane(tenant, qtbot, tmp_path) as journey:
        yield journey


def test_somebody_registers_their_own_token_in_three_steps(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.reach(LaneStep.TOKEN)
    lane.scan()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)
    assert "Your token works, Sam Whitlock" in lane.shown()
    assert lane.told.enrollment is not None
    assert lane.told.enrollment.state is State.ACTIVATED

    asked = lane.requests()
    assert [path for method, path in asked if method == "POST"] == [BY_SERIAL]
    assert {path.partition("/authentication")[0] for _, path in asked} == {"/beta/me"}
    facts = lane.recorded()
    assert facts[0]["operator_kind"] == SELF_SERVICE
    assert facts[0]["operator_upn"] == facts[0]["person_upn"] == SAM
    assert [entry["state"] for entry in facts] == ["recording", "confirming", "activated"]

    enter()
    lane.until(lane.is_wiped)
    assert SessionState.SIGNED_OUT in lane.sessions()


def test_a_token_that_is_shown_first_waits_for_the_sign_in(lane: LaneJourney) -> None:
    lane.until(lane.window.signin.browser.hasFocus)
    lane.scan()
    lane.until(lambda: lane.told.serial_number == lane.serial)
    assert f"Your token {lane.serial} is kept." in lane.shown()
    lane.qtbot.wait(TAIL_MS)
    lane.sign_in()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)


def test_a_serial_number_may_be_typed_and_another_token_taken(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.reach(LaneStep.TOKEN)
    lane.until(lane.window.token.edit.hasFocus)
    write(lane.free()[1])
    press(Qt.Key.Key_Return)
    lane.reach(LaneStep.CODE)
    assert lane.told.serial_number == lane.free()[1]
    press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    lane.reach(LaneStep.TOKEN)
    lane.scan()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)
    assert lane.truth(lane.free()[1]) == ("available", None)


def test_a_proof_that_is_too_old_is_renewed_and_the_token_is_kept(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.scan()
    lane.reach(LaneStep.CODE)
    lane.tenant.fault("age_sign_ins")
    lane.type_code()
    lane.until(lambda: lane.told.step is LaneStep.SIGN_IN and lane.told.again)
    assert "Please confirm that it is still you" in lane.shown()
    assert lane.serial in lane.shown()
    assert lane.truth() == ("available", None)

    lane.sign_in()
    lane.reach(LaneStep.CODE)
    assert lane.told.serial_number == lane.serial
    assert "You are signed in again." in lane.shown()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)
    assert len({entry.get("attempt") for entry in lane.recorded()} - {None}) == 2


def test_somebody_else_who_confirms_begins_with_nothing(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.scan()
    lane.reach(LaneStep.CODE)
    lane.tenant.fault("age_sign_ins")
    lane.type_code()
    lane.until(lambda: lane.told.again)
    lane.sign_in(NORA)
    lane.reach(LaneStep.TOKEN)
    assert lane.told.serial_number == ""
    assert "Nora Bell" in lane.shown()
    assert "Sam" not in lane.kept()


def test_a_wrong_code_twice_and_then_the_right_one(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.scan()
    lane.type_code(lane.tenant.wrong_code(lane.serial))
    lane.refused(1)
    assert "That code was not accepted." in lane.shown()
    lane.type_code(lane.tenant.wrong_code(lane.serial, 1))
    lane.refused(2)
    assert "may belong to somebody else" in lane.shown()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)


def test_a_token_that_another_person_was_given_stays_theirs(lane: LaneJourney) -> None:
    lane.held_beforehand(NORA, [lane.serial])
    lane.sign_in(SAM)
    lane.scan()
    lane.type_code()
    lane.refused(1)
    for number in range(2):
        lane.type_code(lane.tenant.wrong_code(lane.serial, number))
        lane.refused(number + 2)
    lane.type_code(lane.tenant.wrong_code(lane.serial, 2))
    lane.reach(LaneStep.END)
    assert "The token may belong to somebody else" in lane.shown()
    assert "Nora" not in lane.kept()
    assert lane.truth() == ("assigned", NORA)
    press(Qt.Key.Key_F8)
    assert "400" in lane.shown()
    press(Qt.Key.Key_Escape)
    lane.until(lane.is_wiped)


def test_a_token_that_was_assigned_beforehand_is_activated_by_its_holder(
    lane: LaneJourney,
) -> None:
    lane.held_beforehand(NORA, [lane.serial])
    lane.sign_in(NORA)
    lane.scan()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", NORA)
    assert [path.rsplit("/", 1)[1] for how, path in lane.requests() if how == "POST"] == [
        "activate"
    ]


def test_who_has_all_they_may_have_reads_it_before_anything_is_sent(lane: LaneJourney) -> None:
    lane.held_beforehand(SAM, lane.free()[1:6])
    lane.sign_in()
    lane.scan()
    lane.reach(LaneStep.END)
    assert "as many tokens and authenticator apps as one person may have" in lane.shown()
    assert lane.posts() == 0
    enter()
    lane.until(lane.is_wiped)


def test_whom_the_policy_excludes_is_told_what_it_may_be(lane: LaneJourney) -> None:
    lane.tenant.fault("policy_out_of_scope", person=SAM)
    lane.sign_in()
    lane.scan()
    lane.type_code()
    lane.refused(1)
    lane.type_code(lane.tenant.wrong_code(lane.serial))
    lane.refused(2)
    assert "hardware tokens may not be allowed for you" in lane.shown()
    assert lane.truth() == ("available", None)
    press(Qt.Key.Key_Escape)
    lane.until(lane.is_wiped)


def test_the_record_says_that_each_served_themselves(lane: LaneJourney) -> None:
    for username, serial in ((SAM, lane.free()[0]), (NORA, lane.free()[1])):
        lane.sign_in(username)
        lane.reach(LaneStep.TOKEN)
        lane.scan(serial)
        lane.type_code(serial=serial)
        lane.reach(LaneStep.END)
        assert lane.truth(serial) == ("activated", username)
        enter()
        lane.until(lane.is_wiped)
        assert lane.is_forgotten()
    who = [facts for facts in lane.recorded() if "operator_upn" in facts]
    assert {(f["operator_upn"], f["person_upn"]) for f in who} == {(SAM, SAM), (NORA, NORA)}
    assert {f["operator_kind"] for f in who} == {SELF_SERVICE}


# Left behind ------------------------------------------------------------------------------------


def with_a_token_shown(lane: LaneJourney) -> None:
    lane.until(lane.window.signin.browser.hasFocus)
    lane.scan()
    lane.until(lambda: lane.told.serial_number != "")


def signed_in(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.reach(LaneStep.TOKEN)
    lane.until(lane.window.token.edit.hasFocus)
    write("86")


def before_the_code(lane: LaneJourney) -> None:
    signed_in(lane)
    press(Qt.Key.Key_Backspace)
    press(Qt.Key.Key_Backspace)
    lane.scan()
    lane.reach(LaneStep.CODE)
    write("123")


def asked_again(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.scan()
    lane.reach(LaneStep.CODE)
    lane.tenant.fault("age_sign_ins")
    lane.type_code()
    lane.until(lambda: lane.told.again)


def at_the_end(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.scan()
    lane.type_code()
    lane.reach(LaneStep.END)


@pytest.mark.parametrize(
    "left", [with_a_token_shown, signed_in, before_the_code, asked_again, at_the_end]
)
def test_whoever_leaves_in_the_middle_is_forgotten(
    left: Callable[[LaneJourney], None], lane: LaneJourney
) -> None:
    left(lane)
    lane.leave_alone()
    lane.until(lane.is_wiped)
    assert lane.is_forgotten()
    assert lane.window.code.code.code() == ""
    assert lane.window.token.edit.text() == ""
    assert lane.serial not in lane.kept()
    assert QApplication.focusWidget() is lane.window.signin.browser
