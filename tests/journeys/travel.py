"""One journey: the real window on the real station, against a practice tenant over HTTPS.

Everything is the program's own, put together by its own composition root; the test works the
keyboard, injects faults at the tenant's control door and asks there what is true in the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.compose import build_station
from app.core.enrollment import State
from app.main import practice_config
from app.simulator.dock import SimulatedPractice
from app.simulator.server import PersonInfo
from app.station.context import Notify, Patience
from app.station.notices import DeskNotice
from app.station.station import Station
from app.ui.bridge import StationFactory
from tests.support.patience import HANG_MS
from tests.support.simulated import Simulated
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window_on

EARLY_SECONDS = 9.0
"""What a code must have left to be typed by a person and still be alive."""

SOON = Patience(delays=(0, 0.5, 0.5, 1, 1))
"""Looks for three seconds in all, where a desk would look for a minute and a half."""

PACED_MS = HANG_MS
"""The station keeps to Graph's throttle, five calls in ten seconds: a sixth one waits so long."""


@dataclass
class Journey:
    """A window and its tenant. `folder` holds the record of the desk."""

    stage: Stage
    tenant: Simulated
    folder: Path

    @property
    def serial(self) -> str:
        """A token that nobody holds, with the shorter time step."""
        return self.free()[0]

    def free(self) -> list[str]:
        tokens = self.tenant.ready.tokens
        return [t.serial for t in tokens if t.status == "available" and t.interval == 30]

    @property
    def person(self) -> PersonInfo:
        return self.tenant.ready.people[0]

    def sign_in(self) -> None:
        """Enter, and Enter on the practice form."""
        signin = self.stage.window.signin
        self.stage.until(signin.browser.hasFocus)
        press(Qt.Key.Key_Return)
        self.stage.until(signin.form.isVisible)
        press(Qt.Key.Key_Return)
        self.stage.until(self.stage.desk.isVisible)

    def scan_both(self, *, mode_key: Qt.Key | None = None) -> None:
        """Scan a token and a badge, and wait until they are checked."""
        if mode_key is not None:
            press(mode_key)
        scan(self.serial)
        self.stage.reach(State.HAS_TOKEN)
        scan(f"EMP{self.person.employeeId}")
        self.stage.reach(State.READY, State.AWAITING_CODE)

    def type_code(self, digits: str = "") -> None:
        """Type `digits`, or what the token shows, early in its time step."""
        stage = self.stage
        stage.focused_on(stage.desk.work.code)
        if not digits:
            stage.qtbot.waitUntil(self.is_early, timeout=PACED_MS)
        write(digits or self.tenant.press(self.serial))
        press(Qt.Key.Key_Return)

    def is_early(self) -> bool:
        """Whether the present code lives long enough to be typed."""
        return self.stage.desk.work.seconds_left() > EARLY_SECONDS

    def submit(self) -> None:
        """Enter on the button."""
        self.stage.focused_on(self.stage.desk.work.button)
        enter()

    def states(self) -> list[State]:
        """The states the desk was told, each once in a row."""
        told = [n.enrollment.state for n in self.stage.notices if isinstance(n, DeskNotice)]
        return [state for at, state in enumerate(told) if at == 0 or told[at - 1] is not state]

    def posts(self, tail: str) -> int:
        """How many POSTs to a path that ends with `tail` the tenant received."""
        requests = self.tenant.control("GET", "/requests")["requests"]
        return sum(r["method"] == "POST" and r["path"].endswith(tail) for r in requests)

    def truth(self) -> tuple[str, str | None]:
        """The tenant's own view of the token: its status and its holder's sign-in name."""
        state = self.tenant.token_state(self.serial)
        return state["status"], state["holder_upn"]

    def shown(self) -> str:
        """Every word of the desk that can be seen."""
        labels = self.stage.desk.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())

    def recorded(self) -> bytes:
        """The record as it lies on the disk."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("ledger*")))


def practising(tenant: Simulated, folder: Path) -> StationFactory:
    """How to build the station on `tenant`, its record in `folder`."""
    config = practice_config(tenant.ready, folder)
    config = replace(config, desk=replace(config.desk, patience=SOON))

    async def built(notify: Notify) -> Station:
        return await build_station(
            config, notify, SimulatedPractice(tenant.ready), lambda _url: True
        )

    return built


@contextmanager
def begin(tenant: Simulated, qtbot: QtBot, folder: Path) -> Iterator[Journey]:
    """Open the window on `tenant`; close it at the end."""
    with a_window_on(qtbot, practising(tenant, folder)) as stage:
        yield Journey(stage, tenant, folder)
