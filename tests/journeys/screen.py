"""A screen nobody looks at, hands that type on it, and a window manager so that focus works."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.program import environment, ready_at
from tests.support.simulated import trust

TOOLS = ("Xvfb", "openbox", "xdotool")
PERSON_MS, SCANNER_MS = 90, 1
PAUSE_MS = 300
"""Longer than the silence that tells typing from a scan, and one scan from the next."""
START_SECONDS = 2.0
"""How long a person looks at a window that has just opened."""
PATIENCE = 20.0


def missing() -> str:
    """What keeps real keys from being pressed here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "real keys are pressed on Linux alone, under Xvfb"
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    how = "apt-get install xvfb openbox xdotool, or python3 packaging/bootstrap.py test as root"
    return f"needs {', '.join(lacking)}: {how}" if lacking else ""


@dataclass
class Screen:
    """An X display and its keyboard; `by_hand` counts the keys that a person had to press."""

    display: str
    by_hand: int = 0

    def scan(self, text: str) -> None:
        """Read `text` as a scanner does: a millisecond or two a key, Enter behind it."""
        self._xdotool("type", "--delay", str(SCANNER_MS), "--args", "1", text, "key", "Return")
        time.sleep(PAUSE_MS / 1000)

    def write(self, text: str) -> None:
        """Type `text` as a person does; xdotool's own delay differs from version to version."""
        for letter in text:
            self._xdotool("type", letter)
            time.sleep(PERSON_MS / 1000)
        self.by_hand += len(text)
        time.sleep(PAUSE_MS / 1000)

    def press(self, key: str) -> None:
        """Press one key by its X name."""
        self._xdotool("key", key)
        self.by_hand += 1

    def wait_for_window(self, title: str) -> None:
        """Wait until a window with `title` is there and has the keyboard."""
        self._xdotool("search", "--sync", "--onlyvisible", "--name", title, "windowactivate")
        self._xdotool("search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync")

    def _xdotool(self, *words: str) -> None:
        subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )


@dataclass
class Desk:
    """The demo as a process, the keyboard in front of it, and its tenant's control door."""

    screen: Screen
    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    control: httpx.Client
    log: Path

    def token(self, number: int = 0) -> str:
        """The serial number of a token that nobody held when the demo began."""
        tokens = self.ready["tokens"]
        free = [t for t in tokens if t["status"] == "available" and t["interval"] == 30]
        return str(free[number]["serial"])

    def truth(self, serial: str) -> dict[str, Any]:
        """The tenant's own view of a token."""
        return self._get(f"/state/token/{serial}")

    def code(self, serial: str) -> str:
        """What the token shows, early in its time step."""
        while True:
            body = {"serial": serial}
            answer = self.control.post(f"{self.ready['control_url']}/press", json=body).json()
            if answer["seconds_left"] > PERSON_MS * 6 / 1000 + 8:
                return str(answer["code"])
            time.sleep(0.3)

    def asked(self, part: str, times: int = 1) -> None:
        """Wait until the tenant was asked for a path with `part` in it, so many times in all.

        Whatever follows from the answer is asked and painted before a person would go on, so it is
        waited for as well: until nothing more is asked for half a second.
        """
        self.until(f"a request for {part}", lambda: self.count(part) >= times)
        asked = -1
        while asked < (asked := self.count("")):
            time.sleep(0.5)

    def until(self, what: str, true: Callable[[], bool]) -> None:
        """Wait until something is true of the tenant; the program must live meanwhile."""
        patience = time.monotonic() + PATIENCE
        while not true():
            assert self.process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < patience, f"{what} did not come"
            time.sleep(0.05)

    def close(self) -> int:
        """Close the window as a person does; the exit code."""
        self.screen.press("alt+F4")
        return self.process.wait(PATIENCE)

    def count(self, part: str) -> int:
        """How often the tenant was asked for a path with `part` in it."""
        paths = [request["path"] for request in self._get("/requests")["requests"]]
        return sum(part in path for path in paths)

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.control.get(f"{self.ready['control_url']}{path}").json()
        return found


@contextmanager
def a_screen() -> Iterator[Screen]:
    """A free X display with a window manager on it."""
    with ExitStack() as stack:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-noreset"]
        _started(stack, [*command, "-nolisten", "tcp"], pass_fds=(write,))
        os.close(write)
        with os.fdopen(read, encoding="ascii") as told:
            display = f":{told.readline().strip()}"
        _started(stack, ["openbox"], env={**os.environ, "DISPLAY": display})
        yield Screen(display)


@contextmanager
def a_desk(screen: Screen, home: Path, *options: str) -> Iterator[Desk]:
    """`oathdesk demo` with `options` on `screen`, its window in front."""
    ready_file, log = home / "ready.json", home / "program.log"
    command = [sys.executable, "-m", "app", "demo", *options]
    command += ["--ready-file", str(ready_file)]
    seen = environment(home, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb")
    with ExitStack() as stack:
        said = stack.enter_context(log.open("wb"))
        process = _started(stack, command, env=seen, stdout=said, stderr=said)
        ready = ready_at(ready_file)
        control = httpx.Client(verify=trust(ready["ca_file"]), trust_env=False, timeout=20)
        stack.enter_context(control)
        screen.wait_for_window("Oathdesk")
        time.sleep(START_SECONDS)
        yield Desk(screen, process, ready, control, log)


def _started(stack: ExitStack, command: list[str], **how: Any) -> subprocess.Popen[bytes]:
    """Start `command`; it is ended with `stack`."""
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **how}
    process = subprocess.Popen(command, **how)
    stack.callback(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
