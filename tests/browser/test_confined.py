"""The confined browser is started for one sign-in, ends with it, and leaves nothing behind.

A stand-in with state takes Chromium's place here; tests/journeys/test_confined_browser.py has the
real one.
"""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from app.browser.confined import ConfinedBrowser, options
from app.browser.policy import Wanted, as_json, policies
from app.cli.kiosk import install_policies
from app.core.errors import BrowserNotConfined
from app.core.signin import ScreenArea, Unconfined
from tests.browser.stand_in import NEEDED, StandIn
from tests.journeys.program import ROOT
from tests.support.patience import HANG_SECONDS, wait_until

pytestmark = pytest.mark.skipif(bool(NEEDED), reason=NEEDED)

PAGE = "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?state=abc"
AREA = ScreenArea(0, 0, 1280, 728, 1.0)
WANTED = Wanted(("login.microsoftonline.com",))


class World:
    """A machine with a stand-in for Chromium and policies for it."""

    def __init__(self, root: Path) -> None:
        self.chromium = StandIn(root / "chromium")
        self.policies = root / "etc" / "managed"
        self.runtime = root / "runtime"
        self.runtime.mkdir()
        install_policies(as_json(policies(WANTED)), self.policies / "zz-oathdesk-kiosk.json")
        self.browser = ConfinedBrowser(
            WANTED, self.chromium.program, self.policies, os.getuid(), runtime=self.runtime
        )

    def left(self) -> list[Path]:
        return list(self.runtime.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANG_SECONDS):
        while not true():  # noqa: ASYNC110 - another process tells of it by a file
            await asyncio.sleep(0.01)


async def opened(world: World, then: Callable[[], object] = lambda: None) -> None:
    """Show the page until the stand-in has noted how it was started, and do `then`."""
    async with world.browser.showing(PAGE, AREA):
        await until(lambda: world.chromium.was_started)
        then()


def test_it_shows_the_page_in_a_private_profile_that_is_gone_afterwards(world: World) -> None:
    asyncio.run(opened(world))
    assert world.chromium.noted("arguments").splitlines()[-1] == PAGE
    assert world.chromium.noted("mode") == "700"
    assert world.chromium.profile.parent == world.runtime
    assert world.left() == []


def test_it_and_what_it_has_started_end_with_the_sign_in(world: World) -> None:
    asyncio.run(opened(world, lambda: None))
    assert not world.chromium.is_running()
    wait_until(lambda: not world.chromium.is_running("child"), "the end of the child")


def test_the_page_is_no_option_whatever_it_looks_like(world: World) -> None:
    async def odd() -> None:
        async with world.browser.showing("--no-sandbox", AREA):
            await until(lambda: world.chromium.was_started)

    asyncio.run(odd())
    assert world.chromium.noted("arguments").splitlines()[-2:] == ["--", "--no-sandbox"]


def test_the_sandbox_is_never_switched_off() -> None:
    found = list(options(Path("profile"), AREA, on_wayland=False))
    assert not [each for each in found if "sandbox" in each or "insecure" in each]
    assert not [each for each in found if each.startswith("--ignore") or "debugging" in each]


def test_it_fills_the_part_of_the_screen_that_it_is_given() -> None:
    found = list(options(Path("profile"), ScreenArea(10, 20, 800, 600, 1.5), on_wayland=True))
    assert {"--window-position=10,20", "--window-size=800,600"} <= set(found)
    assert {"--force-device-scale-factor=1.5", "--ozone-platform=wayland"} <= set(found)


def test_no_variable_of_this_program_reaches_it_but_those_it_needs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "SSLKEYLOGFILE",
        "CHROMIUM_FLAGS",
        "OATHDESK_DESK_NAME",
        "BROWSER",
    ):
        monkeypatch.setenv(name, "leaked")
    monkeypatch.setenv("DISPLAY", ":7")
    asyncio.run(opened(world))
    seen = dict(line.split("=", 1) for line in world.chromium.noted("environment").splitlines())
    assert "leaked" not in seen.values()
    assert seen["DISPLAY"] == ":7"
    assert seen["DBUS_SESSION_BUS_ADDRESS"] == "disabled:"
    assert seen["HOME"] == seen["TMPDIR"] == str(world.chromium.profile)


def test_a_window_that_is_closed_is_told(world: World) -> None:
    world.chromium.then("close")

    async def wait() -> None:
        async with world.browser.showing(PAGE, AREA) as window:
            await asyncio.wait_for(window.closed(), HANG_SECONDS)

    asyncio.run(wait())
    assert world.left() == []


def test_a_browser_that_fails_is_told_with_its_code(world: World) -> None:
    world.chromium.then("crash")

    async def wait() -> None:
        async with world.browser.showing(PAGE, AREA) as window:
            await asyncio.wait_for(window.closed(), HANG_SECONDS)

    with pytest.raises(BrowserNotConfined, match="21") as caught:
        asyncio.run(wait())
    assert caught.value.why is Unconfined.NOT_STARTED
    assert world.left() == []


def test_a_sign_in_that_is_cancelled_takes_the_browser_along(world: World) -> None:
    async def cancelled() -> None:
        async def work() -> None:
            async with world.browser.showing(PAGE, AREA):
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await until(lambda: world.chromium.was_started)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not world.chromium.is_running()
        assert world.left() == []

    asyncio.run(cancelled())


KILLED = """
import asyncio, os, sys
from pathlib import Path
from tests.browser.test_confined import AREA, PAGE, WANTED
from app.browser.confined import ConfinedBrowser

async def main():
    program, policies, runtime = map(Path, sys.argv[1:])
    browser = ConfinedBrowser(WANTED, program, policies, os.getuid(), runtime=runtime)
    async with browser.showing(PAGE, AREA):
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_program_that_is_killed_takes_it_along_and_the_next_start_removes_the_profile(
    world: World,
) -> None:
    world.chromium.then("alone")
    places = (world.chromium.program, world.policies, world.runtime)
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), *map(str, places)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    wait_until(lambda: world.chromium.was_started, "the browser")
    assert world.chromium.is_running()
    program.send_signal(signal.SIGKILL)
    program.wait()
    wait_until(lambda: not world.chromium.is_running(), "the end of the browser")
    (left,) = world.left()
    assert (left / "Default" / "Cookies").exists()
    asyncio.run(opened(world))
    assert world.left() == []


def test_the_profile_of_another_program_that_runs_is_left_alone(world: World) -> None:
    async def both() -> None:
        async with world.browser.showing(PAGE, AREA):
            await until(lambda: world.chromium.was_started)
            first = world.chromium.profile
            async with world.browser.showing(PAGE, AREA):
                assert first.exists()

    asyncio.run(both())


def test_what_only_looks_like_a_profile_is_left_alone(world: World, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "in-use").touch()
    (world.runtime / "oathdesk-browser-link").symlink_to(elsewhere)
    (world.runtime / "oathdesk-browser-young").mkdir()  # its lock is not made yet
    asyncio.run(opened(world))
    assert (elsewhere / "in-use").exists()
    assert (world.runtime / "oathdesk-browser-young").exists()


def missing_program(world: World) -> None:
    world.chromium.program.unlink()


def not_executable(world: World) -> None:
    world.chromium.program.chmod(0o644)


def another_program(world: World) -> None:
    world.chromium.program.write_text("#!/bin/sh\nexec /usr/lib/chromium/chromium\n")


def empty_program(world: World) -> None:
    world.chromium.program.write_bytes(b"")


def no_policies(world: World) -> None:
    (world.policies / "zz-oathdesk-kiosk.json").unlink()


def looser_policies(world: World) -> None:
    install_policies('{"URLBlocklist": []}', world.policies / "zzz.json")


def open_policies(world: World) -> None:
    world.policies.chmod(0o777)


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (missing_program, Unconfined.NO_PROGRAM),
        (not_executable, Unconfined.NO_PROGRAM),
        (another_program, Unconfined.OTHER_PROGRAM),
        (empty_program, Unconfined.OTHER_PROGRAM),
        (no_policies, Unconfined.NO_POLICY),
        (looser_policies, Unconfined.OTHER_POLICY),
        (open_policies, Unconfined.OPEN_POLICY),
    ],
)
def test_what_would_not_be_confined_is_never_started(
    world: World, harm: Callable[[World], None], why: Unconfined
) -> None:
    harm(world)
    with pytest.raises(BrowserNotConfined) as caught:
        asyncio.run(opened(world))
    assert caught.value.why is why
    assert not world.chromium.was_started
    assert world.left() == []


def test_a_full_or_missing_folder_for_profiles_is_told(world: World) -> None:
    world.runtime.rmdir()
    with pytest.raises(BrowserNotConfined) as caught:
        asyncio.run(opened(world))
    assert caught.value.why is Unconfined.NOT_STARTED
    assert not world.chromium.was_started
