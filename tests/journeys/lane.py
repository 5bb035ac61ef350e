"""A journey at the self-service lane: a window, a person at its keyboard, and a practice tenant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.compose import build_station
from app.core.errors import SignInEnded
from app.core.history import HistoryQuery
from app.core.lane import LaneRules, LaneStep
from app.ledger import SqliteLedger
from app.main import self_service_config
from app.simulator.dock import SimulatedPractice
from app.simulator.tenant import Tenant
from app.station.context import Notify, Patience
from app.station.lane import LaneNotice
from app.station.notices import Notice, SessionNotice, SessionState
from app.station.station import Station
from app.ui.application import SelfServiceApp
from app.ui.bridge import Gesture, StationFactory
from app.ui.lane.window import LaneWindow
from app.ui.launcher import WindowOptions
from app.ui.theme import Theme
from tests.support.patience import HANG_MS
from tests.support.simulated import SAM, Simulated
from tests.ui.hands import enter, press, scan, write

LAG = 2.0
ENOUGH = Patience(delays=(0, 0.5, 1, 1, 2, 3, 3))
EARLY_SECONDS = 9.0
STEP_SECONDS = 30.0
_EVERYTHING = HistoryQuery()


@dataclass
class LaneJourney:
    """A lane and its tenant. `folder` holds the record."""

    qtbot: QtBot
    front: SelfServiceApp
    tenant: Simulated
    folder: Path
    notices: list[Notice] = field(default_factory=list)
    last_code: str = ""

    @property
    def window(self) -> LaneWindow:
        return self.front.window

    @property
    def told(self) -> LaneNotice:
        found = [notice for notice in self.notices if isinstance(notice, LaneNotice)]
        return found[-1] if found else LaneNotice(LaneStep.SIGN_IN)

    @property
    def truly(self) -> Tenant:
        """The tenant itself, as nobody but a test sees it."""
        assert self.tenant.server.practice is not None
        return self.tenant.server.practice.tenant

    @property
    def serial(self) -> str:
        """A token that nobody holds, with the shorter time step."""
        return self.free()[0]

    def free(self) -> list[str]:
        tokens = self.tenant.ready.tokens
        return [t.serial for t in tokens if t.status == "available" and t.interval == 30]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=HANG_MS)

    def reach(self, step: LaneStep) -> None:
        self.until(lambda: self.told.step is step and not self.told.signing_in)

    def sign_in(self, username: str = SAM) -> None:
        """Enter, and Enter on the practice form, which knows whom to expect."""
        signin = self.window.signin
        self.until(signin.browser.hasFocus)
        enter()
        self.until(signin.form.isVisible)
        person = self.tenant.operator(username)
        signin.form.username.setText(person.username)
        signin.form.password.setText(person.password)
        enter()
        self.until(lambda: self.told.person != "" and not self.told.signing_in)

    def scan(self, serial: str = "") -> None:
        scan(serial or self.serial)

    def type_code(self, digits: str = "", serial: str = "") -> None:
        """Type `digits`, or what the token shows, early in its time step; then Enter."""
        self.reach(LaneStep.CODE)
        self.until(self.window.code.code.hasFocus)
        shown = serial or self.serial
        self.until(self._is_early)
        if self.tenant.press(shown) == self.last_code:
            self._let_a_step_pass()
        self.last_code = digits or self.tenant.press(shown)
        write(self.last_code)
        press(Qt.Key.Key_Return)

    def refused(self, attempts: int) -> None:
        """Wait until the code was refused for the so manieth time, and another one is asked for."""
        self.until(
            lambda: (
                self.told.step is LaneStep.CODE
                and self.told.enrollment is not None
                and self.told.enrollment.attempts == attempts
            )
        )

    def _is_early(self) -> bool:
        return STEP_SECONDS - self.truly.clock() % STEP_SECONDS > EARLY_SECONDS

    def _let_a_step_pass(self) -> None:
        """Let all tokens show their next code, and the tenant expect it, without waiting for it."""
        before = self.truly.clock
        self.truly.clock = lambda: before() + STEP_SECONDS

    def shown(self) -> str:
        """Every word that can be seen on the window."""
        labels = self.window.findChildren(QLabel)
        return " ".join(label.text() for label in labels if label.isVisible())

    def kept(self) -> str:
        """Every word that is anywhere on the window, seen or not, but for the practice tray."""
        parts = [
            w for w in self.window.findChildren(QLabel) if not self.window.dock.isAncestorOf(w)
        ]
        fields = self.window.findChildren(QLineEdit)
        return " ".join([*(label.text() for label in parts), *(each.text() for each in fields)])

    def sessions(self) -> list[SessionState]:
        return [notice.state for notice in self.notices if isinstance(notice, SessionNotice)]

    def requests(self) -> list[tuple[str, str]]:
        """Method and path of what Graph was asked."""
        found = self.tenant.control("GET", "/requests")["requests"]
        graph = ("/beta/", "/v1.0/")
        return [(r["method"], r["path"]) for r in found if r["path"].startswith(graph)]

    def posts(self) -> int:
        """How many writes were sent."""
        return sum(method == "POST" for method, _ in self.requests())

    def truth(self, serial: str = "") -> tuple[str, str | None]:
        """The tenant's own view of a token: its status and its holder's sign-in name."""
        state = self.tenant.token_state(serial or self.serial)
        return state["status"], state["holder_upn"]

    def recorded(self) -> list[dict[str, str]]:
        """The facts of every entry of the record, in order, read beside the running station."""
        ledger = SqliteLedger(self.folder / "ledger.db")
        ledger.open()
        try:
            lines = ledger.page(_EVERYTHING, None, 100).lines
            entries = [entry for line in lines for entry in ledger.timeline(line.enrollment_id)]
            return [dict(entry.facts) | {"state": entry.state.value} for entry in entries]
        finally:
            ledger.close()

    def held_beforehand(self, username: str, serials: list[str]) -> None:
        """Let another desk have assigned tokens to somebody, so long ago that all can see it."""
        for serial in serials:
            self.tenant.fault("assign_elsewhere", serial=serial, person=username)
        person = self.truly.person(username)
        self.until(lambda: len(self.truly.held_seen(person.id)) >= len(serials))

    def ask(self, gesture: Gesture) -> None:
        """Have something done on the station's own loop."""
        self.front.bridge.ask(gesture)

    def leave_alone(self) -> None:
        """Nobody is there from now on, and the lane's patience is short."""

        async def hurry(station: Station) -> None:
            assert station.lane is not None
            station.lane.rules = LaneRules(1, 1)

        self.ask(hurry)

    def is_forgotten(self) -> bool:
        """Whether the station itself knows nobody, and its sign-in cannot be used any more."""
        told: list[bool] = []

        async def look(station: Station) -> None:
            sign_in = station._ports.sign_in
            try:
                await sign_in.access_token()
            except SignInEnded:
                told.append(station.session.operator is None and sign_in.account is None)
            else:
                told.append(False)

        self.ask(look)
        self.until(lambda: told != [])
        return told[0]

    def is_wiped(self) -> bool:
        """Whether nobody is signed in, and nothing of anybody is left on the window."""
        out = self.sessions()[-1:] == [SessionState.SIGNED_OUT]
        nobody = out and self.told == LaneNotice(LaneStep.SIGN_IN)
        return nobody and self.window.signin.isVisible() and "Sam" not in self.kept()


def _build(tenant: Simulated, folder: Path, rules: LaneRules) -> StationFactory:
    config = self_service_config(tenant.ready, folder, rules)
    config = replace(config, desk=replace(config.desk, patience=ENOUGH, sounds=frozenset()))

    async def built(notify: Notify) -> Station:
        practice = SimulatedPractice(tenant.ready, own=True)
        return await build_station(config, notify, practice, lambda _url: True)

    return built


@contextmanager
def a_lane(
    tenant: Simulated,
    qtbot: QtBot,
    folder: Path,
    rules: LaneRules | None = None,
    options: WindowOptions | None = None,
) -> Iterator[LaneJourney]:
    """Open the lane on `tenant`, whose writes take a while to show; close it at the end."""
    tenant.reset()
    tenant.control("POST", "/lag", {"seconds": LAG})
    built = _build(tenant, folder, rules or LaneRules(600, 600))
    front = SelfServiceApp(built, options or WindowOptions(Theme.LIGHT, motion=False))
    journey = LaneJourney(qtbot, front, tenant, folder)
    front.bridge.noticed.connect(journey.notices.append)
    true_time = journey.truly.clock
    with front:
        front.window.activateWindow()
        yield journey
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    journey.truly.clock = true_time
    tenant.reset()
