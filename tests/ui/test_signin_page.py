"""Signing in by keyboard: in the browser, on another device, on the practice page; and not."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.errors import (
    Evidence,
    NotUnderstood,
    SignInCancelled,
    SignInError,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
)
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
