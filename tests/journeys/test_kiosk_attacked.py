"""A kiosk that is leant upon stays in front, alone and alive, on a real screen with real keys."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.attack import Attacker, chance
from tests.journeys.screen import Desk, Screen, a_desk, a_screen, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

SIZE = (1280, 800)
SHORT, LONG = 15.0, 120.0
"""Seconds of the attack; the longer ones with --long, as the issue wants to see it."""
SETTLES = 20.0


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with a_screen() as made:
        yield made


@pytest.fixture
def kiosk(screen: Screen, tmp_path: Path) -> Iterator[Desk]:
    with a_desk(screen, tmp_path, "--kiosk") as desk:
        yield desk


def seconds(request: pytest.FixtureRequest) -> float:
    return LONG if request.config.getoption("--long") else SHORT


def children(pid: int) -> list[str]:
    """The programs that a process has started and that still run."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def holds(attacker: Attacker, desk: Desk) -> bool:
    """Whether there is one window, of the kiosk, over the whole screen, with the keyboard."""
    seen = attacker.windows(desk.process.pid)
    if len(seen) != 1 or attacker.in_front() != seen[0]:
        return False
    return attacker.geometry(seen[0]) == (0, 0, *SIZE)


def settled(attacker: Attacker, desk: Desk) -> bool:
    """Wait until it holds: what was hidden or covered comes back within a second or two."""
    patience = time.monotonic() + SETTLES
    while not holds(attacker, desk):
        if time.monotonic() > patience or desk.process.poll() is not None:
            return False
        time.sleep(0.1)
    return True


def test_whoever_hits_every_key_and_the_whole_screen_gets_nowhere(
    kiosk: Desk, request: pytest.FixtureRequest
) -> None:
    seed = time.time_ns() % 10_000
    attacker = Attacker(kiosk.screen.display, SIZE, chance(seed))
    assert settled(attacker, kiosk)
    kiosk.screen.press("Return")  # the attack begins where there is most to find: at the desk
    kiosk.asked("openid-configuration")
    kiosk.screen.press("Return")
    kiosk.asked("/me/transitiveMemberOf")
    until = time.monotonic() + seconds(request)
    for number, batch in enumerate(attacker.batches()):
        attacker.strike(batch)
        said = kiosk.log.read_text("utf-8")
        assert kiosk.process.poll() is None, f"it ended; seed {seed}, batch {number}: {said}"
        assert len(attacker.windows(kiosk.process.pid)) <= 1, f"seed {seed}, batch {number}"
        assert children(kiosk.process.pid) == [], f"seed {seed}, batch {number}"
        if time.monotonic() > until:
            break
    assert settled(attacker, kiosk), f"it is not in front; seed {seed}"
    assert attacker.acts > 200
    assert "Traceback" not in kiosk.log.read_text("utf-8")


def test_a_window_manager_that_asks_it_to_close_is_not_heard(kiosk: Desk) -> None:
    attacker = Attacker(kiosk.screen.display, SIZE, chance(1))
    assert settled(attacker, kiosk)
    (window,) = attacker.windows(kiosk.process.pid)
    attacker.run("windowquit", window)
    kiosk.screen.press("alt+F4")
    attacker.run("windowminimize", window)
    time.sleep(1)
    assert kiosk.process.poll() is None
    assert settled(attacker, kiosk)


def test_the_system_ends_it_in_good_order(kiosk: Desk) -> None:
    kiosk.process.terminate()
    assert kiosk.process.wait(20) == 0
    said = kiosk.log.read_text("utf-8")
    assert "Traceback" not in said
    assert "Warning" not in said


def test_a_supervisor_ends_it_with_the_code_that_is_not_started_again(kiosk: Desk) -> None:
    screen = kiosk.screen
    screen.press("ctrl+shift+F12")
    time.sleep(0.5)
    screen.write("271828")
    screen.press("Return")
    time.sleep(1.5)
    for _ in range(6):  # the last but one of the choices
        screen.press("Tab")
    screen.press("Return")
    assert kiosk.process.wait(20) == 10
