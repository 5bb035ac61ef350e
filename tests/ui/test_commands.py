"""The table of commands: each has its page or its act, and no two have one key."""

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.commands import OnRail, page_commands
from app.ui.pages.stack import Pages
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    with a_window(qtbot, FakeWorld()) as stage:
        yield stage


def test_no_two_commands_have_one_key(stage: Stage) -> None:
    keys = Counter(command.keys for command in stage.window.commands.every if command.keys)
    assert max(keys.values()) == 1


def test_every_page_of_the_rail_can_be_made(stage: Stage) -> None:
    pages = [command.name for command in page_commands() if command.name not in {"lock", "look"}]
    assert [name for name in pages if not hasattr(Pages, name)] == []
    assert all(command.icon and command.purpose for command in page_commands())
    assert {command.on_rail for command in page_commands()} == {OnRail.TOP, OnRail.BOTTOM}
    for name in pages:
        stage.window.commands.run(name)
        assert stage.window.pages.current_name() == name


def test_an_action_shows_its_key_and_goes_where_the_key_goes(stage: Stage) -> None:
    press(Qt.Key.Key_F11)
    assert stage.window.pages.current_name() == "history"
    actions = {action.objectName(): action for action in stage.window.actions()}
    assert actions["history"].shortcut().toString() == "F11"
    actions["desk"].trigger()
    assert stage.window.pages.current_name() == "desk"


def test_what_is_an_operators_cannot_be_done_before_the_sign_in(stage: Stage) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.isVisible)
    disabled = {each.objectName() for each in stage.window.actions() if not each.isEnabled()}
    wanted = {each.name for each in stage.window.commands.every if each.of_operators}
    assert disabled == wanted
    press(Qt.Key.Key_F11)
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert stage.window.signin.isVisible()
    press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert stage.window.pages.current_name() == "readers"
