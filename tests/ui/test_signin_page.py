"""Signing in by keyboard: in the browser, on another device, on the practice page; and not."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.errors import (
    ClockWrong,
    ConsentMissing,
    Evidence,
    KeyUnusable,
    NotUnderstood,
    PolicyRefused,
    SecondFactorMissing,
    SignInCancelled,
    SignInError,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
    WrongTenant,
)
from app.core.signin import SignInMethod
from app.ui.wording.errors import trouble
from tests.fakes.practice import OPERATOR
from tests.fakes.sign_in import DEVICE_URL, URL, USER_CODE
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window

REFUSED = SignInRefused(SignInEvidence("access_denied", "AADSTS500121: no second factor.", "i-1"))


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    world.sign_in.waits = True
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        yield stage


@pytest.fixture
def practising(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    world.sign_in.waits = True
    with a_window(qtbot, world, practice=True, signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        yield stage


def shown(stage: Stage) -> str:
    page = stage.window.signin
    labels = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    buttons = [button.text() for button in page.findChildren(QPushButton) if button.isVisible()]
    return " ".join([*labels, *buttons])


def complete(stage: Stage, world: FakeWorld) -> None:
    """Let the sign-in that waits succeed, as if the person had come back."""
    stage.on_the_station(world.sign_in.complete)


def test_enter_signs_in_through_the_browser(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: "in your browser" in shown(stage))
    complete(stage, world)
    stage.until(stage.desk.isVisible)


def test_the_address_can_be_copied_for_another_browser(stage: Stage) -> None:
    press(Qt.Key.Key_Return)
    stage.until(stage.window.signin.copy.isVisible)
    stage.window.signin.copy.click()
    assert QGuiApplication.clipboard().text() == URL


def test_escape_cancels_and_the_way_in_is_offered_again(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    stage.until(stage.window.signin.cancel.isVisible)
    press(Qt.Key.Key_Escape)
    stage.until(stage.window.signin.browser.isVisible)
    stage.focused_on(stage.window.signin.browser)
    assert world.sign_in.cancelled == 1


def test_f6_signs_in_on_another_device_and_shows_what_to_do(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F6)
    stage.until(lambda: USER_CODE in shown(stage))
    assert DEVICE_URL in shown(stage)
    complete(stage, world)
    stage.until(stage.desk.isVisible)


def test_a_device_sign_in_can_be_cancelled(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F6)
    stage.until(lambda: USER_CODE in shown(stage))
    press(Qt.Key.Key_Escape)
    stage.until(stage.window.signin.browser.isVisible)
    assert USER_CODE not in shown(stage)


@pytest.mark.parametrize("error", [REFUSED, SignInUnreachable("no route to host")])
def test_a_sign_in_that_fails_says_why_and_can_be_tried_again(
    error: SignInError, stage: Stage, world: FakeWorld
) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    stage.on_the_station(lambda: world.sign_in.fail(error))
    stage.until(lambda: trouble(error).sentence in shown(stage))
    assert "AADSTS" not in shown(stage)
    stage.focused_on(stage.window.signin.browser)
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    complete(stage, world)
    stage.until(stage.desk.isVisible)


def test_the_services_own_words_are_at_hand(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    stage.on_the_station(lambda: world.sign_in.fail(REFUSED))
    evidence = stage.window.signin._evidence
    stage.until(evidence.isVisible)
    assert "AADSTS500121: no second factor." in evidence.as_text()


def test_a_window_that_was_closed_by_the_person_is_no_error(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    stage.on_the_station(lambda: world.sign_in.fail(SignInCancelled("closed")))
    stage.until(stage.window.signin.browser.isVisible)
    assert "Sign in to start" in shown(stage)


def test_a_directory_that_does_not_say_who_is_there_keeps_the_desk_closed(
    stage: Stage, world: FakeWorld
) -> None:
    error = NotUnderstood(Evidence("GET", "/v1.0/me", 200, message="<html>"))
    world.directory.fail("operator", error)
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    complete(stage, world)
    stage.until(lambda: trouble(error).sentence in shown(stage))
    assert not stage.desk.isVisible()


def test_the_practice_page_is_filled_in_with_enter(practising: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    form = practising.window.signin.form
    practising.until(form.isVisible)
    assert form.username.text() == OPERATOR.username
    practising.focused_on(form.password)
    press(Qt.Key.Key_Return)
    practising.until(practising.desk.isVisible)


def test_a_wrong_practice_password_is_told_and_asked_for_again(
    practising: Stage, world: FakeWorld
) -> None:
    press(Qt.Key.Key_Return)
    form = practising.window.signin.form
    practising.until(form.isVisible)
    form.password.setText("wrong")
    press(Qt.Key.Key_Return)
    practising.until(lambda: "is not right" in shown(practising))
    practising.focused_on(form.password)
    assert form.password.selectedText() == form.password.text()
    form.password.setText(OPERATOR.password)
    press(Qt.Key.Key_Return)
    practising.until(practising.desk.isVisible)


def test_the_password_is_masked_and_written_nowhere(
    practising: Stage, world: FakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    press(Qt.Key.Key_Return)
    form = practising.window.signin.form
    practising.until(form.isVisible)
    assert form.password.echoMode() is form.password.EchoMode.Password
    press(Qt.Key.Key_Return)
    practising.until(practising.desk.isVisible)
    assert OPERATOR.password not in caplog.text
    assert OPERATOR.password not in repr(practising.notices)


def test_the_operator_is_named_once_signed_in(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    complete(stage, world)
    stage.until(stage.desk.isVisible)
    labels = stage.window.top.findChildren(QLabel)
    assert "Olu" in [label.text() for label in labels if label.isVisible()]


def test_no_key_is_needed_but_enter(practising: Stage) -> None:
    assert QApplication.focusWidget() is practising.window.signin.browser
    press(Qt.Key.Key_Return)
    practising.until(practising.window.signin.form.isVisible)
    press(Qt.Key.Key_Return)
    practising.until(practising.desk.isVisible)
    practising.focused_on(practising.desk.token.edit)


# -- what is offered ------------------------------------------------------------------------------


def offered(stage: Stage) -> list[str]:
    """The buttons that can be pressed now, by their words."""
    page = stage.window.signin
    buttons = (page.browser, page.broker, page.device)
    return [button.text() for button in buttons if button.isVisible()]


@pytest.mark.parametrize(
    ("methods", "count"),
    [
        ((SignInMethod.BROWSER,), 1),
        ((SignInMethod.DEVICE,), 1),
        ((SignInMethod.BROKER,), 1),
        ((SignInMethod.BROWSER, SignInMethod.DEVICE), 2),
        ((SignInMethod.BROWSER, SignInMethod.BROKER, SignInMethod.DEVICE), 3),
    ],
)
def test_exactly_the_ways_in_that_there_are_are_offered_and_enter_takes_the_first(
    qtbot: QtBot, world: FakeWorld, methods: tuple[SignInMethod, ...], count: int
) -> None:
    world.sign_in.methods = methods
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(lambda: len(offered(stage)) == count)
        press(Qt.Key.Key_Return)
        stage.until(stage.desk.isVisible)


def test_f7_signs_in_with_the_windows_account_before_this_window(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.sign_in.methods = (SignInMethod.BROWSER, SignInMethod.BROKER)
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.window.signin.broker.isVisible)
        press(Qt.Key.Key_F7)
        stage.until(stage.desk.isVisible)
        assert world.sign_in.windows == [int(stage.window.winId())]


def test_keys_of_ways_that_are_not_offered_do_nothing(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F7)
    stage.qtbot.wait(50)
    assert not world.sign_in.is_open
    assert world.sign_in.windows == []


def test_a_station_that_signs_in_by_itself_offers_nothing_and_says_what_keeps_it(
    qtbot: QtBot, world: FakeWorld
) -> None:
    world.sign_in.methods = (SignInMethod.CERTIFICATE,)
    world.clock.stop()
    error = KeyUnusable("kiosk.pem", "others can get at it (mode 0644)", "chmod 600 kiosk.pem")
    world.sign_in.fail(error)
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(lambda: trouble(error).sentence in shown(stage))
        assert "signs in by itself" in shown(stage)
        assert offered(stage) == []
        assert "chmod 600 kiosk.pem" in stage.window.signin._evidence.as_text()
        stage.on_the_station(world.clock.run)
        stage.until(stage.desk.isVisible)
        assert "Unattended station" in top(stage)
        assert "switch" not in top(stage)


def test_where_nobody_can_sign_in_the_page_says_so(qtbot: QtBot, world: FakeWorld) -> None:
    world.sign_in.methods = ()
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(lambda: "Nobody can sign in here" in shown(stage))
        assert offered(stage) == []
        press(Qt.Key.Key_Return)


def test_a_kept_sign_in_goes_straight_to_the_desk(qtbot: QtBot, world: FakeWorld) -> None:
    world.sign_in.kept = True
    with a_window(qtbot, world, signed_in=False) as stage:
        stage.until(stage.desk.isVisible)
        assert world.sign_in.hints == []


def top(stage: Stage) -> str:
    labels = stage.window.top.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


@pytest.mark.parametrize(
    "error",
    [
        kind(SignInEvidence("access_denied", "AADSTS1: words", "i-1"))
        for kind in (WrongTenant, SecondFactorMissing, PolicyRefused, ConsentMissing, ClockWrong)
    ],
    ids=lambda error: type(error).__name__,
)
def test_each_named_refusal_is_told_in_its_own_words_and_keeps_the_services(
    error: SignInRefused, stage: Stage, world: FakeWorld
) -> None:
    press(Qt.Key.Key_Return)
    stage.until(lambda: world.sign_in.is_open)
    stage.on_the_station(lambda: world.sign_in.fail(error))
    stage.until(lambda: trouble(error).sentence in shown(stage))
    assert trouble(error).sentence != trouble(SignInRefused(error.evidence)).sentence
    assert "AADSTS1: words" in stage.window.signin._evidence.as_text()
