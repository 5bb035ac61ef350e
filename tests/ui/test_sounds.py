"""The desk is heard through the system's own player, where it is to be heard at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.model import Mode
from app.station.notices import Sound
from app.ui.sounds import Player
from tests.fakes.world import FakeWorld
from tests.ui.hands import scan
from tests.ui.stage import Stage, a_window_on, on

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the player is a shell script")

Played = Callable[[], list[str]]


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """Put a player on PATH that writes down what it is given; returns what was played so far."""
    record = tmp_path / "played"
    player = tmp_path / "pw-play"
    player.write_text(f'#!/bin/sh\necho "$1" >> "{record}"\n', encoding="utf-8")
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def so_far() -> list[str]:
        lines = record.read_text("utf-8").splitlines() if record.exists() else []
        return [Path(line).stem for line in lines]

    return so_far


@contextmanager
def a_loud_window(qtbot: QtBot, world: FakeWorld, *sounds: Sound) -> Iterator[Stage]:
    """Open the window of a desk that makes these sounds, and sign in."""
    with a_window_on(qtbot, on(world, Mode.ASSIGN_ONLY, sounds=frozenset(sounds))) as stage:
        stage.sign_in()
        yield stage


def test_a_token_that_is_read_and_a_scan_that_is_refused_are_told_apart(
    qtbot: QtBot, played: Played
) -> None:
    world = FakeWorld()
    with a_loud_window(qtbot, world, *Sound) as stage:
        stage.put_token(world.token.serial_number)
        stage.until(lambda: played() == ["accepted"])
        scan("https://www.example.com/t/1")
        stage.until(lambda: played() == ["accepted", "attention"])


def test_a_desk_that_is_to_make_one_sound_alone_makes_no_other(
    qtbot: QtBot, played: Played
) -> None:
    world = FakeWorld()
    with a_loud_window(qtbot, world, Sound.ATTENTION) as stage:
        stage.put_token(world.token.serial_number)
        scan("https://www.example.com/t/1")
        stage.until(lambda: played() == ["attention"])


def test_a_sound_holds_nobody_up(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "pw-play"
    slow.write_text("#!/bin/sh\nexec sleep 2\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    player, began = Player(), time.monotonic()
    for _ in range(5):
        player.play(Sound.ACCEPTED)
    assert time.monotonic() - began < 2


def test_without_any_player_the_bell_has_to_do(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for sound in Sound:
        Player().play(sound)
