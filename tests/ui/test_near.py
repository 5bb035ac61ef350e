"""The near serial number at the token card: what differs is marked, and one key takes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.station.notices import CardState
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan
from tests.ui.stage import Stage, a_window


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def choices(stage: Stage) -> list[QPushButton]:
    found = stage.desk.token.findChildren(QPushButton)
    return [each for each in found if each.isVisible() and "Alt+" in each.text()]


def test_case_31_one_key_takes_the_near_serial(stage: Stage, world: FakeWorld) -> None:
    world.tenant.add_token(a_token("306EUO4-00960"))
    world.tenant.add_token(a_token("306EUO400960"))
    scan("306EU0400960")
    stage.until(lambda: len(choices(stage)) == 2)
    assert stage.shown.token_card.state is CardState.UNKNOWN
    texts = [each.text() for each in choices(stage)]
    assert {text.split()[0] for text in texts} == {"306EU‹O›400960", "306EU‹O›4‹-›00960"}
    assert all(each.accessibleName().startswith("Take 306EUO4") for each in choices(stage))
    wanted = stage.shown.token_card.suggestions[1]
    press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    stage.until(lambda: stage.state is State.HAS_TOKEN)
    assert stage.shown.token_card.serial_number == wanted
    assert choices(stage) == []
