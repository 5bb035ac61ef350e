"""Three people of an onboarding day, by keyboard and scanner alone, at a directory that lags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from tests.journeys.living import CTRL, Life, living
from tests.support.simulated import Simulated
from tests.ui.hands import enter, press, write

if TYPE_CHECKING:
    from app.simulator.server import PersonInfo


@pytest.fixture
def life(tenant: Simulated, qtbot: QtBot, tmp_path: Path) -> Iterator[Life]:
    tenant.reset()
    with living(qtbot, tenant, tmp_path / "ledger.db") as life:
        life.lag()
        press(Qt.Key.Key_O, CTRL)
        yield life
    tenant.reset()


def three_people(life: Life) -> list[PersonInfo]:
    """People who can be told from all others by what is typed of them."""
    return [p for p in life.tenant.ready.people if p.employeeId and not life.held_by(p.id)][:3]


def choose(life: Life, person: PersonInfo) -> None:
    """Type how they sign in; Enter."""
    search = life.stage.desk.person.search
    life.until(search.edit.hasFocus)
    write(person.userPrincipalName.partition("@")[0])
    life.until(search.is_open)
    press(Qt.Key.Key_Return)


def hand_over(life: Life, person: PersonInfo, serial: str, digits: str = "") -> None:
    """Person, token, code; the desk is free for the next one."""
    desk = life.stage.desk
    choose(life, person)
    life.until(desk.token.edit.hasFocus)
    life.scan(serial)
    type_code(life, digits, serial)


def type_code(life: Life, digits: str, serial: str) -> None:
    """Type `digits`, or what the token shows early in its step; wait for the free desk."""
    life.until(life.stage.desk.work.code.hasFocus)
    life.until(life.is_early)
    write(digits or life.code(serial))
    press(Qt.Key.Key_Return)
    life.until(lambda: life.stage.state is State.EMPTY)


def counted(life: Life) -> list[str]:
    """What the bar counts, without the rate and the time of whoever is in front."""
    words = [chip.words() for chip in life.stage.desk.line.told.chips()]
    return [word for word in words if "hour" not in word and "Here" not in word]


def test_three_people_in_a_row_are_served_and_a_wrong_code_holds_nobody_up(life: Life) -> None:
    people, tokens = three_people(life), [life.free(number) for number in range(3)]
    hand_over(life, people[0], tokens[0])
    hand_over(life, people[1], tokens[1], life.tenant.wrong_code(tokens[1]))
    choose(life, people[2])
    life.until(lambda: "1 to look at" in counted(life))
    assert life.listed()[0] == "Assigned, not activated"
    life.until(life.stage.desk.token.edit.hasFocus)
    life.scan(tokens[2])
    type_code(life, "", tokens[2])
    life.until(lambda: counted(life) == ["2 done", "0 open", "1 to look at"])
    press(Qt.Key.Key_N, CTRL)
    life.until(life.stage.desk.today.view.hasFocus)
    enter()
    life.until(lambda: life.stage.state is State.HALF_DONE)
    type_code(life, "", tokens[1])
    life.until(lambda: counted(life) == ["3 done", "0 open"])
    assert life.listed() == ["Activated"] * 3
    truth = [life.state_of(token) for token in tokens]
    assert truth == [("activated", person.id) for person in people]
    assert life.stage.window.pages.currentWidget() is life.stage.desk
