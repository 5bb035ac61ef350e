"""A look-up that failed at the desk: the seconds go down, a key asks at once, the result comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import AnswerLost, Evidence, Throttled, Unavailable
from app.station.notices import CardState
from app.ui.pages.desk.message import Message
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan, write
from tests.ui.stage import Stage, a_window

READ = Evidence("GET", "/beta/users")
LONG = 30
"""Seconds until the next try: longer than a test takes, so that no figure runs out meanwhile."""


@pytest.fixture
def world() -> FakeWorld:
    """A tenant whose time is that of the window and stands still."""
    world = FakeWorld()
    world.clock.set_ahead((datetime.now(UTC) - world.clock.now()).total_seconds())
    return world


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        stage.on_the_station(world.clock.stop)
        yield stage


def seconds_in(words: str) -> int:
    """The seconds that `words` count down; 0 where they count none."""
    found = re.search(r"(\d+) s\.", words)
    return int(found.group(1)) if found else 0


def search_for(stage: Stage, query: str) -> None:
    stage.desk.person.search.setFocus()
    write(query)
    stage.until(stage.desk.person.search.is_open)


def test_s12_a_person_sees_the_seconds_go_down_and_then_the_result(
    stage: Stage, world: FakeWorld
) -> None:
    world.directory.fail("search_people", Throttled(READ, LONG))
    search_for(stage, "ada")
    search = stage.desk.person.search
    assert search.note().startswith("Too many requests.")
    first = seconds_in(search.note())
    assert 0 < first <= LONG + 1
    stage.until(lambda: 0 < seconds_in(search.note()) < first)
    stage.on_the_station(lambda: world.clock.advance(LONG))
    stage.until(lambda: [row.name for row in search.rows_shown()] == [world.ada.display_name])
    assert search.note() == ""
    assert search._panel.again.isHidden()


def test_s12_enter_in_the_search_asks_at_once(stage: Stage, world: FakeWorld) -> None:
    world.directory.fail("search_people", AnswerLost(READ))
    search_for(stage, "ada")
    search = stage.desk.person.search
    assert search.note().startswith("The directory did not answer.")
    assert search._panel.again.isVisible()
    press(Qt.Key.Key_Return)
    stage.until(lambda: stage.shown.person_card.person == world.ada)


def test_s12_the_button_on_the_token_card_asks_at_once(stage: Stage, world: FakeWorld) -> None:
    world.directory.fail("find_tokens", Throttled(READ, LONG))
    scan(world.token.serial_number)
    button = stage.desk.token.try_now
    stage.until(button.isVisible)
    assert seconds_in(stage.desk.token._message.text()) > 0
    button.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Space)
    stage.until(lambda: stage.shown.token_card.state is CardState.FOUND)
    stage.until(lambda: not button.isVisible())


@pytest.mark.parametrize("call", ["people_by_badge", "methods"])
def test_s12_f5_asks_at_once_for_the_person(call: str, stage: Stage, world: FakeWorld) -> None:
    world.directory.fail(call, Throttled(READ, LONG))
    scan(f"EMP{world.ada.employee_id}")
    person = stage.desk.person
    button, words = {
        "people_by_badge": (person.try_lookup, person._lookup_message),
        "methods": (person.try_methods, person._message),
    }[call]
    stage.until(button.isVisible)
    assert seconds_in(words.text()) > 0
    press(Qt.Key.Key_F5)
    stage.until(lambda: stage.shown.person_card.state is CardState.FOUND)


def messages(widget: QWidget) -> list[str]:
    found = widget.findChildren(Message)
    return [each.accessibleName() for each in found if each.isVisible()]


def test_s12_the_check_counts_down_and_is_made(stage: Stage, world: FakeWorld) -> None:
    world.directory.fail("policy", Unavailable(READ, LONG))
    stage.fill(world, State.UNCHECKED)
    stage.until(lambda: any(seconds_in(words) for words in messages(stage.desk.work)))
    first = max(seconds_in(words) for words in messages(stage.desk.work))
    stage.until(lambda: 0 < max(map(seconds_in, messages(stage.desk.work)), default=0) < first)
    assert stage.desk.work._again.text() == "Try now"
    stage.on_the_station(lambda: world.clock.advance(LONG))
    stage.reach(State.AWAITING_CODE)
