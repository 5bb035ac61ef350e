"""A desk that is locked in the middle of a shift, and who comes back to it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.core.enrollment import State
from app.station.notices import CardState, SessionNotice, SessionState
from app.ui.wording.lock import not_taken
from tests.journeys.travel import PACED_MS, Journey
from tests.support.simulated import AARON
from tests.ui.hands import TAIL_MS, enter, press, scan

CONTROL = Qt.KeyboardModifier.ControlModifier


def lock(journey: Journey) -> None:
    journey.stage.qtbot.wait(TAIL_MS)
    press(Qt.Key.Key_L, CONTROL)
    journey.stage.until(lambda: journey.stage.window.lock_screen.locked)


def unlock(journey: Journey, username: str = "") -> None:
    """Enter on the cover, and the practice page that is shown there."""
    signin = journey.stage.window.lock_page.signin
    enter()
    journey.stage.until(signin.form.isVisible)
    if username:
        operator = journey.tenant.operator(username)
        signin.form.username.setText(operator.username)
        signin.form.password.setText(operator.password)
    enter()
    journey.stage.until(lambda: not journey.stage.window.lock_screen.locked)
    journey.stage.until(journey.stage.desk.isVisible)


def test_the_draft_waits_behind_the_lock_and_is_handed_over_after_it(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    journey.scan_both(mode_key=Qt.Key.Key_F4)
    before = stage.enrollment
    lock(journey)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert stage.window.lock_page.isAncestorOf(focused)
    scan(journey.free()[1])
    stage.until(lambda: stage.window.lock_page.strip.words() == not_taken())
    unlock(journey)
    stage.qtbot.waitUntil(lambda: stage.state is State.READY, timeout=PACED_MS)
    assert (stage.enrollment.id, stage.enrollment.token) == (before.id, before.token)
    journey.submit()
    stage.qtbot.waitUntil(lambda: stage.state is State.ASSIGNED, timeout=PACED_MS)
    assert journey.truth() == ("assigned", journey.person.userPrincipalName)
    assert journey.posts("hardwareOathMethods") == 1
    told = [n.state for n in stage.notices if isinstance(n, SessionNotice)]
    assert SessionState.LOCKED in told
    assert SessionState.SIGNED_OUT not in told


def test_another_operator_takes_a_locked_desk_over_and_reads_what_went(journey: Journey) -> None:
    journey.sign_in()
    stage = journey.stage
    scan(journey.serial)
    stage.reach(State.HAS_TOKEN)
    lock(journey)
    unlock(journey, AARON)
    stage.until(lambda: "was cleared" in stage.alert)
    assert "Aaron" in stage.alert
    assert stage.shown.token_card.state is CardState.EMPTY
