"""T10: photos are forgotten at sign-out, at the lock and with the next person at a kiosk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.ui.widgets import Avatar
from app.ui.widgets.avatar import FACES, decode_photo
from tests.fakes.nouns import a_person
from tests.fakes.world import FakeWorld
from tests.ui.hands import enter, press
from tests.ui.stage import Stage, a_window
from tests.ui.widgets.test_faces import encoded

FACE = encoded(120, 120)


@contextmanager
def a_face_in_front(qtbot: QtBot) -> Iterator[tuple[Stage, FakeWorld]]:
    world = FakeWorld()
    person = world.tenant.add_person(a_person("Cleo", "30200"), photo=FACE)
    FACES.forget()
    with a_window(qtbot, world) as stage:
        stage.put_person(person)
        avatar = stage.desk.person.findChild(Avatar)
        assert isinstance(avatar, Avatar)
        stage.until(avatar.has_photo)
        assert decode_photo(FACE) is not None
        yield stage, world


def faces(stage: Stage) -> list[bool]:
    return [avatar.has_photo() for avatar in stage.desk.person.findChildren(Avatar)]


def sign_out(stage: Stage) -> None:
    press(Qt.Key.Key_F12)
    stage.until(stage.window.signin.browser.isVisible)


def lock(stage: Stage) -> None:
    press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.window.lock_screen.locked)


@pytest.mark.parametrize("leave", [sign_out, lock], ids=lambda leave: leave.__name__)
def test_t10_no_face_is_left_when_the_operator_leaves(
    leave: Callable[[Stage], None], qtbot: QtBot
) -> None:
    with a_face_in_front(qtbot) as (stage, _world):
        leave(stage)
        stage.until(lambda: FACES.held == 0)
        assert True not in faces(stage)
        left: list[int] = []

        async def look(station: object) -> None:
            left.append(station.people.photo_bytes)  # type: ignore[attr-defined]

        stage._bridge.ask(look)
        stage.until(lambda: left == [0])


def test_t10_after_the_lock_the_face_is_fetched_again(qtbot: QtBot) -> None:
    with a_face_in_front(qtbot) as (stage, world):
        asked = world.directory.count("photo")
        lock(stage)
        enter()
        stage.until(lambda: not stage.window.lock_screen.locked)
        stage.until(lambda: faces(stage) == [True])
        assert world.directory.count("photo") == asked + 1
        stage.reach(State.HAS_PERSON)
