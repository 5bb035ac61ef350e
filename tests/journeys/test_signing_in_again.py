"""A sign-in that ends in the middle of a shift, with a half-filled desk, and goes on."""

from PySide6.QtCore import Qt

from app.core.enrollment import State
from app.core.model import Mode
from app.station.notices import CardState, SessionNotice, SessionState
from tests.journeys.travel import PACED_MS, Journey
from tests.support.simulated import AARON
from tests.ui.hands import TAIL_MS, enter, press, scan, write


def challenge(journey: Journey) -> None:
    """From now on the directory wants a sign-in newer than this one, and no renewal brings it."""
    journey.tenant.fault("revoke_refresh_tokens")
    journey.tenant.fault("claims_challenge", times=99)


def meet_it(journey: Journey) -> None:
    """Search for somebody, as the operator would: the question that meets the challenge."""
    write("Ad")
    journey.stage.until(journey.stage.window.ended.isVisible)


def again(journey: Journey, username: str = "") -> None:
    """F10, and the practice page."""
    signin = journey.stage.window.signin
    press(Qt.Key.Key_F10)
    journey.stage.until(signin.form.isVisible)
    if username:
        operator = journey.tenant.operator(username)
        signin.form.username.setText(operator.username)
        signin.form.password.setText(operator.password)
    enter()
    journey.stage.until(journey.stage.desk.isVisible)


def sessions(journey: Journey) -> list[SessionState]:
    return [n.state for n in journey.stage.notices if isinstance(n, SessionNotice)]


def test_a_half_filled_desk_waits_for_the_same_operator_and_goes_on(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    press(Qt.Key.Key_F4)
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
    stage.until(lambda: stage.enrollment.mode is Mode.ASSIGN_ONLY)
    stage.qtbot.wait(TAIL_MS)
    before = stage.enrollment
    challenge(journey)
    meet_it(journey)
    assert "What is on the desk stays." in stage.window.ended.words()
    assert stage.desk.isVisible()
    assert stage.enrollment == before

    again(journey)
    stage.until(lambda: stage.window.ended.words() == "")
    assert (stage.enrollment.id, stage.enrollment.token) == (before.id, before.token)
    assert stage.enrollment.mode is Mode.ASSIGN_ONLY
    assert SessionState.SIGNED_OUT not in sessions(journey)
    scan(f"EMP{journey.person.employeeId}")
    stage.reach(State.READY)
    journey.submit()
    stage.reach(State.ASSIGNED)
    assert journey.truth() == ("assigned", journey.person.userPrincipalName)
    assert journey.posts("hardwareOathMethods") == 1


def test_a_submit_that_met_the_end_is_sent_once_after_signing_in_again(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    challenge(journey)
    journey.submit()
    stage.reach(State.NOT_DONE)
    stage.until(stage.window.ended.isVisible)
    again(journey)
    stage.qtbot.waitUntil(lambda: stage.state is State.READY, timeout=PACED_MS)
    journey.submit()
    stage.qtbot.waitUntil(lambda: stage.state is State.ASSIGNED, timeout=PACED_MS)
    assert journey.truth() == ("assigned", journey.person.userPrincipalName)


def test_another_operator_finds_an_empty_desk_and_reads_why(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
    stage.qtbot.wait(TAIL_MS)
    challenge(journey)
    meet_it(journey)
    again(journey, AARON)
    stage.until(lambda: "was cleared" in stage.alert)
    assert stage.shown.token_card.state is CardState.EMPTY
    assert stage.desk.person.search.edit.text() == ""
    assert "Aaron" in stage.alert


def test_somebody_else_signs_in_in_one_step_and_the_first_is_forgotten(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
    stage.qtbot.wait(TAIL_MS)
    press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    stage.until(stage.window.signin.form.isVisible)
    operator = journey.tenant.operator(AARON)
    stage.window.signin.form.username.setText(operator.username)
    stage.window.signin.form.password.setText(operator.password)
    enter()
    stage.until(stage.desk.isVisible)
    stage.until(lambda: stage.state is State.EMPTY)
    signed_in = [n for n in journey.stage.notices if isinstance(n, SessionNotice) and n.operator]
    assert signed_in[-1].operator is not None
    assert signed_in[-1].operator.user_principal_name == AARON
    assert SessionState.SIGNED_OUT in sessions(journey)
