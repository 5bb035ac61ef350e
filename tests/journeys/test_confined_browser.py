"""Somebody signs in at a kiosk in Debian's Chromium, and attacks it: nothing but the sign-in opens.

With --packages, for it needs Chromium (300 MB) and root: Chromium's sandbox does not run as root,
so it runs as the user nobody, in a mount namespace in which its policies are those of this test.
The attacker's keys are real ones on a virtual screen. What was opened is told by the practice
tenant's own log and by a server that stands for the rest of the world.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.browser.confined import PROGRAM
from app.browser.policy import REDIRECT_PORTS, as_json, policies
from app.cli.kiosk import install_policies
from tests.journeys.attack import Attacker, chance
from tests.journeys.confined_program import wanted_at
from tests.journeys.observed import look
from tests.journeys.program import environment
from tests.journeys.screen import SERIAL, Screen, a_screen, missing
from tests.journeys.test_tour import LIMIT
from tests.support.patience import wait_until
from tests.support.simulated import DANA, Simulated, start_simulator

SIGN_IN = "Sign in"
SIZE = (1280, 800)
NOBODY = "65534"
PATIENCE = 1.0
"""Seconds in which a page that opens would be seen. What opens later is seen by a later look."""

# What the kiosk starts in place of Chromium: Chromium as nobody, with the policies of the test. It
# names /etc/chromium/policies, as a program that reads them does.
AS_NOBODY = """\
#!/bin/sh
# It reads its policies from /etc/chromium/policies, as Chromium itself.
chown -R {user} "$HOME"
exec unshare --mount sh -c 'mount --bind "{etc}" /etc/chromium && exec setpriv --reuid {user} \
--regid {user} --clear-groups --pdeathsig KILL -- {program} "$@"' sh "$@"
"""


def lacking() -> str:
    """What keeps Chromium from being tried here, or nothing."""
    if missing():
        return missing()
    if os.geteuid() != 0:
        return "needs root, to run Chromium as another user and with policies of its own"
    if not PROGRAM.exists():
        return "needs Chromium: apt-get install chromium, or bootstrap.py test --packages as root"
    return ""


@pytest.fixture(scope="module", autouse=True)
def wanted(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--packages"):
        pytest.skip("starts Debian's Chromium: run it with --packages")
    if lacking():
        pytest.skip(lacking())


class Decoy:
    """A web server that stands for the rest of the world, and counts who comes."""

    def __init__(self, page: str = "<title>The rest of the world</title>", port: int = 0) -> None:
        seen = self.seen = list[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Kiosk:
    """The kiosk's program on a screen, with hands on it, and its tenant."""

    def __init__(self, screen: Screen, tenant: Simulated, folder: Path) -> None:
        self.screen, self.tenant, self.folder = screen, tenant, folder
        self.attacker = Attacker(screen.display, SIZE, chance(1))
        etc, self.door = folder / "etc", folder / "door"
        shutil.copytree("/etc/chromium", etc)
        install_policies(
            as_json(policies(wanted_at(tenant.ready))), etc / "policies/managed/test.json"
        )
        ready, program = folder / "ready.json", folder / "chromium"
        ready.write_text(tenant.ready.as_json(), encoding="utf-8")
        program.write_text(AS_NOBODY.format(user=NOBODY, etc=etc, program=PROGRAM))
        program.chmod(0o755)
        command = [sys.executable, "-m", "tests.journeys.confined_program"]
        command += [str(ready), str(folder), str(etc / "policies/managed"), str(program)]
        self.log = folder / "program.log"
        with self.log.open("wb") as said:
            self.process = subprocess.Popen(
                command,
                env=environment(folder, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb"),
                stdout=said,
                stderr=said,
            )

    def until(self, what: str, true: object) -> None:
        """Wait until something is true; the program must live meanwhile."""

        def is_so() -> bool:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            return bool(true())  # type: ignore[operator] # - a function without arguments

        wait_until(is_so, lambda: f"{what}; last seen: {look(self.door)}, {self.titles()}")

    def has_keyboard(self, name: str) -> None:
        self.until(f"the keyboard at {name!r}", lambda: look(self.door)["focus"] == name)

    def asked(self) -> list[str]:
        """Every path that the tenant was asked for."""
        return [each["path"] for each in self.tenant.control("GET", "/requests")["requests"]]

    def browsers(self) -> list[int]:
        """The processes of Chromium that run as nobody."""
        command = ["pgrep", "-u", NOBODY, "-f", f"^{PROGRAM}"]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        return [int(each) for each in found.stdout.split()]

    def titles(self) -> list[str]:
        """The titles of the windows that can be seen."""
        seen = self.attacker.run("search", "--onlyvisible", "--name", ".").split()
        return [self.attacker.run("getwindowname", each).strip() for each in seen]

    def in_front(self) -> str:
        """The title of the window that has the keyboard."""
        return self.attacker.run("getactivewindow", "getwindowname").strip()

    def own_path(self) -> str:
        """Where the pages and operations of the tenant's sign-in begin."""
        return "/" + self.tenant.ready.authority.rsplit("/", 1)[1]

    def profiles(self) -> list[Path]:
        return list(self.folder.glob("oathdesk-browser-*"))

    def open_browser(self) -> None:
        """Begin to sign in, and wait until the page is there and has the keyboard."""
        self.has_keyboard(SIGN_IN)
        before = len([path for path in self.asked() if path.endswith("/authorize")])
        self.screen.press("Return")
        self.until(
            "the sign-in page",
            lambda: len([path for path in self.asked() if path.endswith("/authorize")]) > before,
        )
        self.until("the browser's window", lambda: any("Chromium" in t for t in self.titles()))


@contextmanager
def a_kiosk(screen: Screen, tenant: Simulated) -> Iterator[Kiosk]:
    folder = Path(tempfile.mkdtemp(prefix="oathdesk-confined-"))
    folder.chmod(0o755)
    kiosk = Kiosk(screen, tenant, folder)
    try:
        yield kiosk
    finally:
        kiosk.process.kill()
        kiosk.process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with a_screen() as made:
        yield made


@pytest.fixture
def kiosk(screen: Screen) -> Iterator[Kiosk]:
    with start_simulator(people=20, tokens=20) as tenant, a_kiosk(screen, tenant) as kiosk:
        yield kiosk


TYPED = (
    "http://127.0.0.1:{port}/typed",
    "http://localhost:{port}/typed",
    "localhost:{port}/typed",
    "javascript:location='http://127.0.0.1:{port}/typed'",
    "data:text/html,<title>LED ASTRAY</title>",
    "view-source:http://127.0.0.1:{port}/typed",
    "file:///etc/passwd",
    "file:///",
    "view-source:file:///etc/passwd",
    "chrome://settings",
    "chrome://flags",
    "chrome://policy",
    "chrome://version",
    "chrome://extensions",
    "chrome://history",
    "chrome://downloads",
    "chrome://inspect",
    "chrome://chrome-urls",
    "about:version",
    "chrome-untrusted://print",
    "devtools://devtools/bundled/inspector.html",
    "mailto:somebody@contoso.example",
    "words to search for",
)
"""What is typed into the address line; none of it opens."""

KEYS = (
    "ctrl+t", "ctrl+n", "ctrl+shift+n", "ctrl+o", "Escape", "ctrl+s", "Escape", "ctrl+p", "Escape",
    "ctrl+u", "ctrl+j", "ctrl+h", "ctrl+d", "Escape", "ctrl+shift+b", "ctrl+shift+o",
    "ctrl+shift+i", "ctrl+shift+j", "ctrl+shift+c", "F12", "F1", "shift+Escape",
    "ctrl+shift+Delete", "Escape", "ctrl+shift+m", "Escape", "ctrl+shift+t", "alt+Home",
    "alt+Left", "alt+Right", "alt+f", "Down", "Down", "Down", "Return", "F10", "Return", "Escape",
    "ctrl+shift+Escape", "ctrl+f", "Escape", "F11", "F11", "F7", "Escape", "ctrl+shift+a",
    "Escape", "ctrl+alt+Delete", "super+e", "alt+F2", "Print", "XF86WWW", "XF86Mail",
)  # fmt: skip
"""What leads out of a browser: new tabs and windows, files, printers, tools, help, its menus."""

LED_ASTRAY = (
    "LED ASTRAY", "The rest of the world", "Settings", "Experiments", "About Version", "History",
    "Download", "Extensions", "Bookmarks", "Inspect", "Chrome URLs", "DevTools",
    "Open File", "Save File", "Print", "Index of", "root:", "Feedback", "Help",
)  # fmt: skip
"""The beginnings of the titles of what must never be seen.

Chromium's task manager is not among them: no policy takes it away, and the one that is set keeps it
from ending anything.
"""

HOSTILE = """\
<title>Hostile</title><body>
<script>
const there = "http://127.0.0.1:{port}";
window.open(there + "/opened"); open("chrome://settings"); open("file:///etc/passwd");
addEventListener("click", () => {{
  open(there + "/clicked"); open("view-source:" + there); open("mailto:somebody@contoso.example");
  const link = document.createElement("a");
  link.download = "left.txt"; link.href = "data:text/plain,left behind"; link.click();
  document.querySelector("input[type=file]").click();
  print(); document.body.requestFullscreen();
}});
</script>
<input type=file>
<iframe src="http://127.0.0.1:{port}/framed"></iframe>
<a style="position:fixed;inset:0" target="_blank" href="http://127.0.0.1:{port}/followed">Follow</a>
"""
"""A page on one of the ports that the sign-in may come back to, which tries to lead elsewhere."""


def programs() -> set[str]:
    """The names of the programs that run as nobody."""
    found = subprocess.run(
        ["ps", "-u", NOBODY, "-o", "comm="], capture_output=True, text=True, check=False
    )
    return set(found.stdout.split())


def test_somebody_signs_in_and_nothing_of_the_browser_is_left(kiosk: Kiosk) -> None:
    kiosk.open_browser()
    kiosk.until("the page", lambda: any(t.startswith("Sign in") for t in kiosk.titles()))
    kiosk.screen.write(DANA)
    kiosk.screen.press("Tab")
    kiosk.screen.write(next(o.password for o in kiosk.tenant.ready.operators if o.username == DANA))
    kiosk.screen.press("Return")
    kiosk.has_keyboard(SERIAL)
    wait_until(lambda: kiosk.browsers() == [], "the end of the browser")
    assert kiosk.profiles() == []
    assert "Traceback" not in kiosk.log.read_text("utf-8")


def test_cancel_stays_in_sight_and_closes_it(kiosk: Kiosk) -> None:
    kiosk.open_browser()
    kiosk.attacker.run("mousemove", "400", str(SIZE[1] - 20), "click", "1")  # beside the button
    kiosk.until("the browser in front", lambda: "Chromium" in kiosk.in_front())
    kiosk.attacker.run("mousemove", "1200", str(SIZE[1] - 36), "click", "1")
    kiosk.has_keyboard(SIGN_IN)
    wait_until(lambda: kiosk.browsers() == [], "the end of the browser")
    assert kiosk.profiles() == []


def test_closing_its_window_is_a_cancel_too(kiosk: Kiosk) -> None:
    kiosk.open_browser()
    kiosk.screen.press("ctrl+w")
    kiosk.has_keyboard(SIGN_IN)
    kiosk.open_browser()
    kiosk.screen.press("alt+F4")
    kiosk.has_keyboard(SIGN_IN)
    assert kiosk.profiles() == []


def test_a_kiosk_that_is_killed_takes_the_browser_along(kiosk: Kiosk) -> None:
    kiosk.open_browser()
    kiosk.process.kill()
    kiosk.process.wait()
    wait_until(lambda: kiosk.browsers() == [], "the end of the browser")
    assert len(kiosk.profiles()) == 1  # the next start removes it: tests/browser/test_confined.py


def test_the_kiosks_tour_signs_in_through_the_browser(screen: Screen, tmp_path: Path) -> None:
    pictures = tmp_path / "tour"
    command = [sys.executable, "-m", "app", "demo", "--kiosk", "--tour", str(pictures)]
    played = subprocess.run(
        command,
        env=environment(tmp_path, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb"),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    report = json.loads((pictures / "tour.json").read_text("utf-8"))
    assert [step["name"] for step in report["steps"]][:3] == ["sign-in", "browser", "desk"]
    behind, browser = (QImage(str(pictures / step["picture"])) for step in report["steps"][:2])
    assert browser.size() == behind.size()
    assert browser.pixel(640, 60) != behind.pixel(640, 60)  # the browser's address line
    assert not Path("/etc/chromium/policies/managed/practice.json").exists()


def test_whatever_is_typed_pressed_or_clicked_only_the_sign_in_opens(kiosk: Kiosk) -> None:
    decoy = Decoy()
    hostile = Decoy(HOSTILE.format(port=decoy.port), REDIRECT_PORTS[-1])
    kiosk.open_browser()
    seen: set[str] = set()

    def look_around() -> None:
        assert kiosk.process.poll() is None, kiosk.log.read_text("utf-8")
        assert decoy.seen == []
        for title in kiosk.titles():
            seen.add(title)
            assert not title.startswith(LED_ASTRAY), title
        assert programs() <= {"chromium", "chrome_crashpad"}, programs()

    def type_address(address: str) -> None:
        kiosk.attacker.run("key", "ctrl+l")
        kiosk.attacker.run("type", "--delay", "2", address)
        kiosk.attacker.run("key", "Return")

    for address in TYPED:
        type_address(address.format(port=decoy.port))
        time.sleep(PATIENCE)
        look_around()
    type_address(f"http://localhost:{REDIRECT_PORTS[-1]}/")
    kiosk.until("the hostile page", lambda: any(t.startswith("Hostile") for t in kiosk.titles()))
    for button in ("1", "3", "2", "1"):
        kiosk.attacker.run("mousemove", "600", "400", "click", button)
        time.sleep(PATIENCE)
        look_around()
    kiosk.attacker.run("mousemove", "600", "400", "mousedown", "1", "mousemove", "600", "20")
    kiosk.attacker.run("mouseup", "1")
    for key in KEYS:
        kiosk.attacker.run("key", key)
        time.sleep(PATIENCE / 4)
        look_around()
    assert hostile.seen  # it was there, and so its attempts were made
    leaves = [path for path in kiosk.asked() if not path.startswith(kiosk.own_path())]
    assert leaves == []
    downloaded = [*kiosk.folder.rglob("left*.txt"), *Path("/nonexistent").rglob("left*.txt")]
    assert downloaded == []
    while kiosk.browsers():  # every window that was opened is closed in the end
        kiosk.attacker.run("mousemove", "1200", str(SIZE[1] - 36), "click", "1")
        time.sleep(PATIENCE)
    kiosk.has_keyboard(SIGN_IN)
