"""What goes wrong on the way to a real directory ends in what is true, and says so."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.core.enrollment import State
from app.station.notices import CardState, SessionNotice, SessionState
from tests.journeys.travel import PACED_MS, Journey
from tests.support.simulated import DANA, device_login
from tests.ui.hands import TAIL_MS, press, scan, write

WRITE = {"method": "POST", "path": "hardwareOathMethods"}


def test_scan_letters_and_digits_activate_a_token_in_the_tenant(
    journey: Journey, caplog: pytest.LogCaptureFixture
) -> None:
    journey.sign_in()
    stage = journey.stage
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
    stage.qtbot.wait(TAIL_MS)
    write(journey.person.displayName[:4])
    stage.until(lambda: bool(stage.desk.person.search.rows_shown()))
    press(Qt.Key.Key_Return)
    stage.reach(State.AWAITING_CODE)
    journey.type_code()
    stage.reach(State.ACTIVATED)
    assert stage.enrollment.person is not None
    assert journey.truth() == ("activated", stage.enrollment.person.user_principal_name)
    assert journey.posts("assignAndActivate") == 1
    assert_nothing_secret(journey, caplog)


def assert_nothing_secret(journey: Journey, caplog: pytest.LogCaptureFixture) -> None:
    """Neither log nor record hold a seed, a sign-in token or a password."""
    tokens, operators = journey.tenant.ready.tokens, journey.tenant.ready.operators
    secrets = [token.secret for token in tokens] + [who.password for who in operators]
    record = journey.recorded().decode("utf-8", "replace")
    assert journey.serial in record
    for secret in (*secrets, "eyJ", journey.tenant.ready.control_url):
        assert secret not in record
        assert secret not in caplog.text


def test_assign_only_leaves_the_activation_to_the_person(journey: Journey) -> None:
    journey.sign_in()
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    journey.submit()
    journey.stage.reach(State.ASSIGNED)
    assert journey.truth() == ("assigned", journey.person.userPrincipalName)


def test_signing_in_on_another_device(journey: Journey) -> None:
    stage = journey.stage
    stage.until(stage.window.signin.device.isVisible)
    press(Qt.Key.Key_F6)
    stage.until(lambda: prompts(journey) != [])
    prompt = prompts(journey)[-1].prompt
    assert prompt is not None
    device_login(
        prompt.url,
        prompt.user_code,
        DANA,
        journey.tenant.operator(DANA).password,
        ca_file=journey.tenant.ready.ca_file,
    )
    stage.until(stage.desk.isVisible)
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)


def prompts(journey: Journey) -> list[SessionNotice]:
    told = [n for n in journey.stage.notices if isinstance(n, SessionNotice)]
    return [notice for notice in told if notice.state is SessionState.BY_DEVICE]


def test_a_lost_answer_is_settled_by_reading_and_nothing_is_sent_twice(journey: Journey) -> None:
    journey.sign_in()
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    journey.tenant.fault("lost_answer", match=WRITE)
    journey.submit()
    journey.stage.reach(State.ASSIGNED)
    assert State.RESOLVING in journey.states()
    assert journey.truth() == ("assigned", journey.person.userPrincipalName)
    assert journey.posts("hardwareOathMethods") == 1


def test_while_the_directory_lags_it_says_submitted_and_not_yet_done(journey: Journey) -> None:
    journey.sign_in()
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    journey.tenant.control("POST", "/lag", {"seconds": 0.4})
    journey.submit()
    journey.stage.reach(State.CONFIRMING)
    journey.stage.until(lambda: "Submitted. Waiting" in journey.shown())
    assert "Confirmed by the directory" not in done_steps(journey)
    journey.stage.reach(State.ASSIGNED)
    assert "Confirmed by the directory" in done_steps(journey)


def done_steps(journey: Journey) -> list[str]:
    return [s.title for s in journey.stage.desk.steps.timeline.steps() if s.word == "Done"]


def test_after_a_wrong_code_the_right_one_activates(journey: Journey) -> None:
    journey.sign_in()
    journey.scan_both()
    journey.stage.qtbot.waitUntil(journey.is_early, timeout=PACED_MS)
    journey.type_code(journey.tenant.wrong_code(journey.serial))
    journey.stage.reach(State.HALF_DONE, State.NOT_DONE)
    assert journey.truth()[0] != "activated"
    journey.type_code()
    stage = journey.stage
    stage.qtbot.waitUntil(lambda: stage.state is State.ACTIVATED, timeout=PACED_MS)
    assert journey.truth() == ("activated", journey.person.userPrincipalName)


def test_a_page_of_html_is_told_as_such_and_the_next_scan_works(journey: Journey) -> None:
    journey.sign_in()
    journey.tenant.fault("html", match={"method": "GET", "path": "hardwareOathDevices"}, times=9)
    scan(journey.serial)
    stage = journey.stage
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    assert "did not come from the directory" in journey.shown()
    press(Qt.Key.Key_F8)
    stage.until(stage.desk.sheet.isVisible)
    assert "client-request-id" in QGuiApplication.clipboard().text()
    press(Qt.Key.Key_F8)
    journey.tenant.control("DELETE", "/faults")
    stage.qtbot.wait(350)
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)


def test_a_token_that_another_desk_took_meanwhile_is_told_and_left_alone(
    journey: Journey,
) -> None:
    journey.sign_in()
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    journey.tenant.fault("assign_elsewhere", serial=journey.serial)
    holder = journey.truth()
    journey.submit()
    journey.stage.reach(State.TAKEN)
    assert journey.truth() == holder
    assert holder[1] != journey.person.userPrincipalName
    journey.stage.until(lambda: "Somebody else holds this token now" in journey.shown())


def test_a_sign_in_that_was_revoked_asks_for_another_and_keeps_the_desk(journey: Journey) -> None:
    journey.sign_in()
    journey.tenant.fault("revoke_refresh_tokens")
    journey.tenant.fault("expire_access_tokens")
    scan(journey.serial)
    stage = journey.stage
    stage.until(lambda: stage.shown.token_card.state is CardState.FAILED)
    assert journey.shown()
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.isVisible)
    stage.qtbot.wait(350)
    journey.sign_in()
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
