"""A virtual screen, hands that type on it, and a window manager so that focus works.

The hands wait for what a person at the screen would wait for: a text, or a field that has the
keyboard. How soon it comes depends on what else the machine does.
"""

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

from tests.journeys.observed import look
from tests.journeys.program import environment, ready_at
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.simulated import trust

TOOLS = ("Xvfb", "openbox", "xdotool")
PERSON_MS, SCANNER_MS = 90, 1
PAUSE_MS = 300
"""Longer than the silence that tells typing from a scan, and one scan from the next."""
SIGN_IN, PRACTICE_PASSWORD = "Sign in with the browser", "Password"
_SCANS = 5
"""How often a scan is tried on a machine that may be busy."""
SERIAL, SEARCH, CODE = "Serial number of the token", "Search for a person", "Code on the token"
NEXT = "Next person"
"""What has the keyboard on the sign-in page, on the practice form, and step by step at the desk."""


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
        """Wait until a window with `title` is there and has the keyboard.

        Its pages may still be under way: see `Desk.has_keyboard`.
        """
        wait_until(lambda: self._found(title, "windowactivate"), f"the window {title}")
        wait_until(lambda: self._found(title, "windowfocus", "--sync"), f"the focus at {title}")

    def _found(self, title: str, *words: str) -> bool:
        """Tell whether the window was there for `words`.

        The search also fails where another window goes away just as it is looked at.
        """
        try:
            self._xdotool("search", "--onlyvisible", "--name", title, *words)
        except subprocess.CalledProcessError:
            return False
        return True

    def _xdotool(self, *words: str) -> None:
        subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            check=True,
            capture_output=True,
            timeout=HANG_SECONDS,
        )


@dataclass
class Desk:
    """The demo as a process, the keyboard in front of it, and its tenant's control door."""

    screen: Screen
    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    control: httpx.Client
    log: Path
    door: Path

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

    def sign_in(self) -> None:
        """Sign in with two keys, as far as the desk."""
        self.has_keyboard(SIGN_IN)
        self.screen.press("Return")
        self.has_keyboard(PRACTICE_PASSWORD)
        self.screen.press("Return")
        self.has_keyboard(SERIAL)

    def has_keyboard(self, name: str) -> None:
        """Wait until the next key goes to the widget of this name."""
        self.until(f"the keyboard at {name!r}", lambda: self._focus() == name)

    def leaves(self, name: str) -> str:
        """Wait until the keyboard has left the widget of this name; where it is now."""
        self.until(f"the keyboard away from {name!r}", lambda: self._focus() not in {name, ""})
        return self._focus()

    def finds(self, name: str) -> None:
        """Wait until the search lists a person whose name begins with `name`."""

        def is_listed() -> bool:
            return any(row.startswith(name) for row in look(self.door)["rows"])

        self.until(f"a row for {name}", is_listed)

    def has_token(self, serial: str) -> None:
        """Wait until the token's card shows `serial`."""
        self.until(f"the token {serial}", lambda: self._shows(serial))

    def _shows(self, serial: str) -> bool:
        """Tell whether the token's card shows `serial`: in groups, as nothing else shows it."""
        texts = look(self.door)["texts"]
        return any(text != serial and text.replace(" ", "") == serial for text in texts)

    def scan(self, serial: str) -> None:
        """Scan `serial` until it is on the token's card.

        A busy machine may pass the keys of a scan on so slowly that the desk asks for it again.
        """
        for _ in range(_SCANS):
            self.screen.scan(serial)
            self.until(f"an answer to {serial}", lambda: self._shows(serial) or self._asks_again())
            if self._shows(serial):
                return
            self.screen.press("Escape")  # puts the warning away
            self.screen.by_hand -= 1
            self.until("the warning gone", lambda: not self._asks_again())
        raise AssertionError(f"{serial} was asked for again {_SCANS} times")

    def _asks_again(self) -> bool:
        return "The scan came in pieces. Scan again." in look(self.door)["texts"]

    def _focus(self) -> str:
        return str(look(self.door)["focus"])

    def asked(self, part: str, times: int = 1) -> None:
        """Wait until the tenant was asked for a path with `part` in it, so many times in all."""
        self.until(f"a request for {part}", lambda: self.count(part) >= times)

    def until(self, what: str, true: Callable[[], bool]) -> None:
        """Wait until something is true; the program must live meanwhile."""

        def is_so() -> bool:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            return true()

        wait_until(is_so, lambda: f"{what}; last seen: {look(self.door)}")

    def close(self) -> int:
        """Close the window as a person does; the exit code."""
        self.screen.press("alt+F4")
        return self.process.wait(HANG_SECONDS)

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
    ready_file, log, door = home / "ready.json", home / "program.log", home / "door"
    command = [sys.executable, "-m", "tests.journeys.observed", str(door), "demo", *options]
    command += ["--ready-file", str(ready_file)]
    seen = environment(home, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb")
    with ExitStack() as stack:
        said = stack.enter_context(log.open("wb"))
        process = _started(stack, command, env=seen, stdout=said, stderr=said)
        ready = ready_at(ready_file)
        control = httpx.Client(
            verify=trust(ready["ca_file"]), trust_env=False, timeout=HANG_SECONDS
        )
        stack.enter_context(control)
        screen.wait_for_window("Oathdesk")
        desk = Desk(screen, process, ready, control, log, door)
        desk.has_keyboard(SIGN_IN)
        yield desk


def _started(stack: ExitStack, command: list[str], **how: Any) -> subprocess.Popen[bytes]:
    """Start `command`; it is ended with `stack`."""
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **how}
    process = subprocess.Popen(command, **how)
    stack.callback(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(HANG_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
