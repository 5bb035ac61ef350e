"""The session page says who is signed in and what they may do, and never a token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.model import Role
from app.ui.pages.session.page import SessionPage
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.sign_in.expires_at = world.clock.now() + timedelta(minutes=42)
    return world


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


@pytest.fixture
def page(stage: Stage) -> SessionPage:
    press(Qt.Key.Key_I, CONTROL)
    stage.until(stage.window.pages.session.isVisible)
    found = stage.window.pages.session
    stage.until(lambda: "Olu" in words(found))
    return found


def words(page: SessionPage) -> str:
    labels = [label for label in page.findChildren(QLabel) if label.isVisible()]
    return " ".join(label.text() for label in labels)


def test_it_says_who_where_and_for_how_long(page: SessionPage) -> None:
    shown = words(page)
    for part in ("Olu", "Contoso", "Desk 1", "in the browser", "In memory alone"):
        assert part in shown
    assert "42 min" in shown or "41 min" in shown


def test_it_says_what_each_permission_is_for_and_names_no_token(page: SessionPage) -> None:
    assert "UserAuthenticationMethod.ReadWrite.All" in words(page)
    assert "assign and activate tokens" in words(page)
    assert "sign-in token" not in page.as_text()


def test_everything_can_be_copied_as_plain_text(page: SessionPage) -> None:
    press(Qt.Key.Key_F8)
    copied = QGuiApplication.clipboard().text()
    assert copied == page.as_text()
    assert "Olu" in copied


def test_looking_again_has_rights_read_anew(
    page: SessionPage, stage: Stage, world: FakeWorld
) -> None:
    world.directory.who = replace(an_operator(), roles=frozenset({Role.GLOBAL_READER}))
    press(Qt.Key.Key_F5)
    stage.until(lambda: "Global Reader" in words(page))


def test_escape_leads_back_and_signing_out_leaves_nothing(page: SessionPage, stage: Stage) -> None:
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.browser.isVisible)
    assert "Olu" not in page.as_text()


def test_the_name_in_the_top_bar_leads_there_too(stage: Stage) -> None:
    stage.window.top.session.emit()
    stage.until(stage.window.pages.session.isVisible)
