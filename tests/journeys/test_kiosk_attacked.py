"""A kiosk that is leant upon stays in front, alone and alive, on a real screen with real keys."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.attack import Attacker, chance
from tests.journeys.screen import PRACTICE_PASSWORD, Desk, Screen, a_desk, a_screen, missing
from tests.support.patience import HANG_SECONDS, wait_until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

SIZE = (1280, 800)
ACTS = 312
"""Keys and taps of the attack. Each key is struck once, then any with any modifier."""
LONG = 120.0
"""Seconds for which the attack goes on with --long."""
SETTLES = 180.0
"""Seconds after which what the attack has covered must be in front again."""
PIN = "271828"


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with a_screen() as made:
        yield made


@pytest.fixture
def kiosk(screen: Screen, tmp_path: Path) -> Iterator[Desk]:
    with a_desk(screen, tmp_path, "--kiosk", "--form") as desk:
        yield desk


@pytest.fixture(scope="module")
def untouched(screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One kiosk for two tests; the second of them ends it."""
    with a_desk(screen, tmp_path_factory.mktemp("untouched"), "--kiosk", "--form") as desk:
        yield desk


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
    """Wait until it holds: what was hidden or covered comes back.

    A busy machine still works off the keys of the attack meanwhile.
    """

    def what() -> str:
        seen = attacker.windows(desk.process.pid)
        places = [attacker.geometry(each) for each in seen]
        return f"the kiosk in front of {attacker.in_front()}; its windows are {seen} at {places}"

    wait_until(
        lambda: desk.process.poll() is not None or holds(attacker, desk), what, seconds=SETTLES
    )
    return desk.process.poll() is None


@pytest.mark.timeout(600)
def test_whoever_hits_every_key_and_the_whole_screen_gets_nowhere(
    kiosk: Desk, request: pytest.FixtureRequest
) -> None:
    seed = time.time_ns() % 10_000
    attacker = Attacker(kiosk.screen.display, SIZE, chance(seed))
    assert settled(attacker, kiosk)
    kiosk.sign_in()  # the attack begins where there is most to find: at the desk
    until = time.monotonic() + (LONG if request.config.getoption("--long") else 0)
    for number, batch in enumerate(attacker.batches()):
        attacker.strike(batch)
        said = kiosk.log.read_text("utf-8")
        assert kiosk.process.poll() is None, f"it ended; seed {seed}, batch {number}: {said}"
        assert len(attacker.windows(kiosk.process.pid)) <= 1, f"seed {seed}, batch {number}"
        assert children(kiosk.process.pid) == [], f"seed {seed}, batch {number}"
        if attacker.acts >= ACTS and time.monotonic() >= until:
            break
    assert settled(attacker, kiosk), f"it is not in front; seed {seed}"
    assert "Traceback" not in kiosk.log.read_text("utf-8")


def test_a_window_manager_that_asks_it_to_close_is_not_heard(untouched: Desk) -> None:
    attacker = Attacker(untouched.screen.display, SIZE, chance(1))
    assert settled(attacker, untouched)
    (window,) = attacker.windows(untouched.process.pid)
    attacker.run("windowquit", window)
    untouched.screen.press("alt+F4")
    attacker.run("windowminimize", window)
    assert settled(attacker, untouched)
    untouched.screen.press("Return")  # it came after them, so they were heard before it
    untouched.has_keyboard(PRACTICE_PASSWORD)
    assert settled(attacker, untouched)


def test_the_system_ends_it_in_good_order(untouched: Desk) -> None:
    untouched.process.terminate()
    assert untouched.process.wait(HANG_SECONDS) == 0
    said = untouched.log.read_text("utf-8")
    assert "Traceback" not in said
    assert "Warning" not in said


def test_a_supervisor_ends_it_with_the_code_that_is_not_started_again(kiosk: Desk) -> None:
    screen = kiosk.screen
    screen.press("ctrl+shift+F12")
    kiosk.has_keyboard("PIN of the supervisor")
    screen.write(PIN)
    screen.press("Return")
    kiosk.has_keyboard("Readers")  # the first of the choices
    focus = "Readers"
    while focus != "End the program":
        screen.press("Tab")
        focus = kiosk.leaves(focus)
    screen.press("Return")
    assert kiosk.process.wait(HANG_SECONDS) == 10
