"""A kiosk that is killed in the middle of an enrollment comes back to the desk and to the truth."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.ledger import records
from tests.journeys.observed import look
from tests.journeys.program import environment
from tests.journeys.screen import (
    PRACTICE_PASSWORD,
    SEARCH,
    SERIAL,
    SIGN_IN,
    Screen,
    a_screen,
    missing,
)
from tests.support.headless import is_final
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.simulated import Simulated

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

PARENT = "import sys; from app.kiosk_parent import Parent; sys.exit(Parent(sys.argv[1:]).run())"


class Kept:
    """A kiosk on a screen, the parent that keeps it running, and its tenant."""

    def __init__(self, screen: Screen, tenant: Simulated, folder: Path) -> None:
        self.screen, self.tenant, self.folder = screen, tenant, folder
        self.door = folder / "door"
        ready = folder / "ready.json"
        ready.write_text(tenant.ready.as_json(), encoding="utf-8")
        child = [sys.executable, "-m", "tests.journeys.kiosk_program", str(ready), str(folder)]
        self.parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, *child],
            env=environment(folder, DISPLAY=screen.display, QT_QPA_PLATFORM="xcb"),
        )

    def child(self) -> int:
        """The number of the kiosk's process; 0 while there is none."""
        file = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children")
        return int(file.read_text("ascii").split()[0]) if file.read_text("ascii") else 0

    def until(self, what: str, true: Callable[[], bool]) -> None:
        def is_so() -> bool:
            assert self.parent.poll() is None, "the parent has ended"
            return true()

        wait_until(is_so, lambda: f"{what}; last seen: {look(self.door)}")

    def count(self, part: str, method: str = "") -> int:
        """How often the tenant was asked for a path with `part` in it."""
        asked = self.tenant.control("GET", "/requests")["requests"]
        return sum(part in each["path"] and method in each["method"] for each in asked)

    def asked(self, part: str, act: Callable[[], None], method: str = "") -> None:
        """Do `act` and wait until the tenant was asked for `part` because of it."""
        before = self.count(part, method)
        act()
        self.until(part, lambda: self.count(part, method) > before)

    def has_keyboard(self, name: str) -> None:
        """Wait until the next key goes to the widget of this name."""
        self.until(f"the keyboard at {name!r}", lambda: look(self.door)["focus"] == name)

    def sign_in(self) -> None:
        """Wait for the page, then Enter, and Enter on the practice form."""
        for name in (SIGN_IN, PRACTICE_PASSWORD):
            self.has_keyboard(name)
            self.screen.press("Return")
        self.has_keyboard(SERIAL)

    def told(self) -> list[State]:
        """Every state that was ever written down."""
        return [found.entry.state for found in records(self.folder / "ledger.db")]


@contextmanager
def kept(screen: Screen, tenant: Simulated, folder: Path) -> Iterator[Kept]:
    kiosk = Kept(screen, tenant, folder)
    try:
        yield kiosk
        kiosk.parent.send_signal(signal.SIGTERM)
        assert kiosk.parent.wait(HANG_SECONDS) == 0
    finally:
        if kiosk.parent.poll() is None:
            kiosk.parent.terminate()
            kiosk.parent.wait(HANG_SECONDS)


def test_it_comes_back_to_the_settled_truth_and_sends_nothing_twice(
    tenant: Simulated, tmp_path: Path
) -> None:
    tenant.reset()
    free = [t.serial for t in tenant.ready.tokens if t.status == "available"]
    person = tenant.ready.people[0]
    with a_screen() as screen, kept(screen, tenant, tmp_path) as kiosk:
        kiosk.sign_in()
        screen.press("F4")
        screen.scan(free[0])
        kiosk.has_keyboard(SEARCH)
        screen.scan(f"EMP{person.employeeId}")
        kiosk.has_keyboard("Assign")
        tenant.control("POST", "/lag", {"seconds": 500})
        kiosk.asked("hardwareOathMethods", lambda: screen.press("Return"), "POST")
        assert not any(map(is_final, kiosk.told()))

        first = kiosk.child()
        os.kill(first, signal.SIGKILL)
        kiosk.until("another life", lambda: kiosk.child() not in {0, first})
        tenant.control("POST", "/lag", {"seconds": 0})
        kiosk.sign_in()
        kiosk.until("the truth", lambda: State.ASSIGNED in kiosk.told())

        assert [state for state in kiosk.told() if is_final(state)] == [State.ASSIGNED]
        assert kiosk.count("hardwareOathMethods", "POST") == 1
        truth = tenant.token_state(free[0])
        assert (truth["status"], truth["holder_upn"]) == ("assigned", person.userPrincipalName)
    tenant.reset()
