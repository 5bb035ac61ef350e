"""A sign-in that ends while somebody works, and somebody else who takes over, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.errors import SignInEnded, SignInEvidence, SignInUnreachable
from app.ui.wording.errors import trouble
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.ui.hands import PAUSE_MS, enter, press, scan, write
from tests.ui.stage import Stage, a_window

ENDED = SignInEnded(SignInEvidence("invalid_grant", "AADSTS50173: revoked."))


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window(qtbot, world) as stage:
        yield stage


def end(stage: Stage, world: FakeWorld) -> None:
    """Let the sign-in end at the next question, as a search asks it."""
    world.directory.fail("search_people", ENDED)
    stage._bridge.ask(lambda station: station.people.search("Ada"))
    stage.until(stage.window.ended.isVisible)


def test_the_window_says_so_over_the_desk_and_f10_signs_in_again(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    before = stage.enrollment
    end(stage, world)
    assert "What is on the desk stays." in stage.window.ended.words()
    assert stage.desk.isVisible()
    assert stage.enrollment == before
    press(Qt.Key.Key_F10)
    stage.until(lambda: not stage.window.ended.isVisible())
    stage.until(stage.desk.isVisible)
    stage.reach(State.AWAITING_CODE)
    assert (stage.enrollment.id, stage.enrollment.token) == (before.id, before.token)
    assert world.sign_in.hints[-1] == an_operator().user_principal_name
    stage.submit_code()
    stage.reach(State.ACTIVATED)


def test_the_button_of_the_strip_does_what_its_key_does(stage: Stage, world: FakeWorld) -> None:
    end(stage, world)
    stage.window.ended.findChildren(QPushButton)[0].click()
    stage.until(lambda: len(world.sign_in.hints) == 2)
    stage.until(lambda: stage.desk.isVisible() and not stage.window.ended.isVisible())


def test_digits_that_were_typed_are_still_there(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    write("041")
    end(stage, world)
    assert stage.desk.work.code.code() == "041"


def test_a_warning_lies_over_it_and_gives_way_to_it_again(stage: Stage, world: FakeWorld) -> None:
    end(stage, world)
    scan("https://www.example.com/")
    stage.until(lambda: stage.alert != "")
    press(Qt.Key.Key_Escape)
    stage.until(lambda: stage.alert == "")
    assert stage.window.ended.isVisible()
    press(Qt.Key.Key_Escape)
    stage.qtbot.wait(PAUSE_MS)
    assert stage.window.ended.isVisible()


def test_escape_on_the_way_leads_back_to_the_desk_as_it_was(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    before = stage.enrollment
    end(stage, world)
    world.sign_in.waits = True
    press(Qt.Key.Key_F10)
    stage.until(stage.window.signin.cancel.isVisible)
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    assert stage.window.ended.isVisible()
    assert stage.enrollment == before


def test_a_try_that_fails_says_why_and_the_next_one_finds_the_draft(
    stage: Stage, world: FakeWorld
) -> None:
    stage.fill(world, State.AWAITING_CODE)
    before = stage.enrollment
    end(stage, world)
    error = SignInUnreachable("no route")
    world.sign_in.fail(error)
    press(Qt.Key.Key_F10)
    stage.until(stage.window.signin.browser.isVisible)
    stage.focused_on(stage.window.signin.browser)
    enter()
    stage.until(stage.desk.isVisible)
    stage.reach(State.AWAITING_CODE)
    assert stage.enrollment.id == before.id
    assert trouble(error).sentence not in stage.alert


def test_another_operator_finds_an_empty_desk_and_why(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.focused_on(stage.desk.work.code)
    write("041")
    end(stage, world)
    world.directory.who = an_operator("Nora")
    press(Qt.Key.Key_F10)
    stage.until(lambda: "Nora signed in" in stage.alert)
    stage.until(lambda: stage.state is State.EMPTY)
    assert stage.desk.work.code.code() == ""


def test_f10_means_nothing_while_all_is_well(stage: Stage, world: FakeWorld) -> None:
    press(Qt.Key.Key_F10)
    stage.qtbot.wait(PAUSE_MS)
    assert len(world.sign_in.hints) == 1
    assert stage.desk.isVisible()


@pytest.mark.parametrize("how", ["key", "button"])
def test_somebody_else_takes_over_in_one_step(stage: Stage, world: FakeWorld, how: str) -> None:
    stage.fill(world, State.AWAITING_CODE)
    world.directory.who = an_operator("Nora")
    if how == "key":
        press(Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    else:
        stage.window.top.switch.emit()
    stage.until(lambda: world.sign_in.hints == ["", ""])
    stage.until(lambda: stage.desk.isVisible() and stage.state is State.EMPTY)
    assert world.sign_in.signed_out == 1
    assert stage.alert == ""
