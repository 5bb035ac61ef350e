"""The window on a real station in a hurry: what is done with a token after it was handed over.

The directory lags by five seconds, as the station counts: it waits a twentieth of what it would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from app.core.code import StepClock
from app.core.enrollment import State
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.station.context import DeskSettings, Notify, Patience
from app.station.station import Station
from app.ui.models.today import STATE
from tests.support.headless import Manner, Where, YoungClock, assemble
from tests.ui.hands import enter, press, scan, write
from tests.ui.stage import Stage, a_window_on

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.simulator.model import Device
    from app.simulator.server import PersonInfo
    from app.simulator.tenant import Tenant
    from app.ui.bridge import StationFactory
from tests.support.patience import HANG_MS
from tests.support.simulated import Simulated

CTRL = Qt.KeyboardModifier.ControlModifier
HURRY = 20.0
LAG = 5.0
"""Seconds, as the station counts."""

PATIENT = Patience(delays=(0, 1, 2, 3, 5, 5, 7, 7, 10))

STEP = 30
EARLY = 12.0
"""Seconds that a code must still live to be typed in peace."""

AGAIN_MS = 320
"""Longer than the time in which an equal scan is taken for a double read."""

ALL = scopes_for(DEFAULT_FEATURES | {Feature.READ_ROLES})
FEWEST = ("User.Read", "User.Read.All", "UserAuthMethod-HardwareOATH.ReadWrite.All")


@dataclass
class Life:
    """A window, its tenant, and the clock of its station."""

    stage: Stage
    tenant: Simulated
    clock: YoungClock = field(repr=False)

    # The tenant -----------------------------------------------------------------------------

    @property
    def truth(self) -> Tenant:
        """The tenant itself, as nobody but a test sees it."""
        assert self.tenant.server.practice is not None
        return self.tenant.server.practice.tenant

    @property
    def person(self) -> PersonInfo:
        return next(p for p in self.tenant.ready.people if p.employeeId and not self.held_by(p.id))

    def held_by(self, person_id: str) -> list[Device]:
        return self.truth.held(person_id)

    def free(self, number: int = 0) -> str:
        """The serial number of a token that nobody held when the tenant began."""
        tokens = self.tenant.ready.tokens
        right = [t for t in tokens if t.status == "available" and not t.clock_steps]
        return [t.serial for t in right if t.interval == STEP][number]

    def give(self, serial: str, person: PersonInfo, status: str = "activated") -> None:
        """Let somebody have a token since long ago."""
        device = self.truth.device_by_serial(serial)
        self.truth.store(replace(device, holder=person.id, status=status))

    def lag(self) -> None:
        """Let the directory lag from now on; what is old by now is seen by everybody."""
        self.stage.qtbot.wait(int(2 * LAG / HURRY * 1000))
        self.tenant.control("POST", "/lag", {"seconds": LAG / HURRY})

    def state_of(self, serial: str) -> tuple[str, str | None]:
        """How a token truly stands, and the object id of who holds it."""
        state: dict[str, Any] = self.tenant.token_state(serial)
        return state["status"], state["holder_id"]

    def sent(self, method: str, tail: str) -> int:
        """How many requests with this method to a path that ends so the tenant received."""
        requests = self.tenant.control("GET", "/requests")["requests"]
        return sum(r["method"] == method and tail in r["path"] for r in requests)

    # The hands ------------------------------------------------------------------------------

    def until(self, true: Any) -> None:
        self.stage.qtbot.waitUntil(true, timeout=HANG_MS)

    def sign_in(self) -> None:
        """Enter on the button; somebody at the browser does the rest."""
        self.until(self.stage.window.signin.browser.hasFocus)
        press(Qt.Key.Key_Return)
        self.until(self.stage.desk.isVisible)

    def scan(self, text: str) -> None:
        """Scan, not in the same breath as before."""
        self.stage.qtbot.wait(AGAIN_MS)
        scan(text)

    def find_whose(self, serial: str) -> None:
        """Scan a loose token, and wait until it is known whose it is."""
        self.scan(serial)
        self.until(lambda: "unassign" in self.offers)

    def look_at(self, person: PersonInfo) -> None:
        """Scan somebody's badge, and look at what they have."""
        self.scan(f"EMP{person.employeeId}")
        self.until(lambda: self.stage.shown.enrollment.person is not None)
        press(Qt.Key.Key_B, CTRL)
        self.until(lambda: self.stage.desk.holdings.model.rowCount() > 0)
        self.until(lambda: bool(self.offers))

    def choose(self, key: Qt.Key) -> None:
        """Ctrl and the number of an offer."""
        press(key, CTRL)

    def show(self, serial: str) -> None:
        """Show the token that is to be taken back."""
        self.reach(State.AWAITING_TOKEN)
        self.scan(serial)
        self.reach(State.READY)

    def confirm(self, *states: State) -> None:
        """Enter on the big button, and wait for the end."""
        self.stage.qtbot.waitUntil(self.work.button.hasFocus, timeout=HANG_MS)
        enter()
        self.reach(*states)

    def type_code(self, digits: str, *states: State) -> None:
        """Type six digits early in a time step, and wait for the end."""
        self.until(self.work.code.hasFocus)
        self.until(self.is_early)
        write(digits)
        press(Qt.Key.Key_Return)
        self.reach(*states)

    def code(self, serial: str) -> str:
        """What the token shows."""
        return self.tenant.press(serial)

    def is_early(self) -> bool:
        return StepClock(STEP).seconds_left(self.clock.now().timestamp()) > EARLY

    def tab_to_today(self) -> None:
        """Reach the list of today with the Tab key alone."""
        view = self.stage.desk.today.view
        for _ in range(30):
            if QApplication.focusWidget() is view:
                return
            press(Qt.Key.Key_Tab)
        raise AssertionError("Tab does not lead to the list of today")

    # The eyes -------------------------------------------------------------------------------

    @property
    def work(self) -> Any:
        return self.stage.desk.third.work

    @property
    def offers(self) -> dict[str, str]:
        """What is offered now, each with what stands in its way."""
        life = self.stage.desk.third
        if life.currentWidget() is not life.choice:
            return {}
        return {option.key: option.why for option in life.choice.options.options()}

    @property
    def can(self) -> set[str]:
        """What can be done, by what is offered."""
        return {key for key, why in self.offers.items() if not why}

    def reach(self, *states: State) -> None:
        """Wait until what is in work is in one of `states`."""
        life = self.stage.desk.third
        self.until(lambda: life.enrollment is not None and life.enrollment.state in states)

    def follows(self) -> None:
        """Wait until the other half of a replacement is offered, and take it with Enter."""
        self.until(lambda: bool(self.work.shown.follows) and self.work.button.hasFocus())
        enter()

    def listed(self) -> list[str]:
        """The states in the list of today, from the top."""
        model = self.stage.desk.today.model
        return [str(model.index(row, STATE).data()) for row in range(model.rowCount())]

    def says(self, words: str) -> None:
        """Wait until `words` can be seen."""
        self.until(lambda: words in self.shown())

    def shown(self) -> str:
        labels = self.stage.desk.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())


def hurried(tenant: Simulated, ledger: Path, manner: Manner) -> StationFactory:
    """How to build a station in a hurry on `tenant`, its record in `ledger`."""
    where = Where.of(json.loads(tenant.ready.as_json()))

    async def built(notify: Notify) -> Station:
        return await assemble(where, ledger, notify, manner)

    return built


@contextmanager
def living(
    qtbot: QtBot, tenant: Simulated, ledger: Path, scopes: tuple[str, ...] = ALL
) -> Iterator[Life]:
    """Open the window on `tenant` and sign in; close it at the end."""
    clock = YoungClock(HURRY)
    manner = Manner(clock=clock, settings=DeskSettings(patience=PATIENT), scopes=scopes)
    with a_window_on(qtbot, hurried(tenant, ledger, manner)) as stage:
        life = Life(stage, tenant, clock)
        life.sign_in()
        yield life
