"""Runs the program: the station in its window, or the practice tenant with a station on it."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app import logs
from app.compose import StationLauncher, browser_of, build_station, configured, guard_of
from app.core.errors import BrowserNotConfined, PracticeUnavailable
from app.core.kiosk import KioskRules, ScreenKeys
from app.core.lane import SELF_SCOPES, LaneRules
from app.core.pin import SALT_BYTES, PinHash
from app.core.receipt import ReceiptRules
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.signin import SignInMethod, Unconfined
from app.settings.loading import Sources, load
from app.settings.places import documents_folder
from app.station.context import DeskSettings, Notify
from app.station_config import StationConfig, config_of, for_strangers, record_folder, tenant_of

if TYPE_CHECKING:
    from app.browser.confined import ConfinedBrowser
    from app.simulator.server import PersonInfo, ReadyInfo
    from app.station.station import Station
    from app.ui.kiosk.shell import Guard

ALREADY_RUNS = 3
"""The exit code of a second start."""

PRACTICE_PIN: Final = "271828"
"""The supervisor's PIN of a practice kiosk, which guards nothing."""

_PAGE_SECONDS = 8.0
"""How long a tour shows the page in a kiosk's browser."""


# The station -------------------------------------------------------------------------------------


def builder(sources: Sources, tenant: str = "") -> "Callable[[Notify], Awaitable[Station]]":
    """Return what builds a station on the configured tenant; `tenant` names one of several."""
    import webbrowser  # noqa: PLC0415 - not needed for --version

    loaded = load(sources)

    async def build(notify: Notify) -> "Station":
        configuration = configured(loaded, sources)
        profile = tenant_of(configuration, tenant)
        config = config_of(configuration, profile, (loaded, sources))
        return await build_station(config, notify, None, webbrowser.open)

    return build


def run_alone(sources: Sources, work: Callable[[], int]) -> int:
    """Do `work` on the records while no station has them; ALREADY_RUNS where one does."""
    from app.ui.application import alone  # noqa: PLC0415 - Qt, not needed for --version

    with alone(record_folder(load(sources).configuration) / "ledger.db") as first:
        return ALREADY_RUNS if first is None else work()


def run_station(sources: Sources, tenant: str = "", *, kiosk: bool = False) -> int:
    """Run the station on the configured tenant until its window closes; return the exit code.

    `tenant` names one of several. It is a kiosk where it is configured to be one, or `kiosk` says
    so; then the code is core.kiosk.LEFT where a supervisor has ended it. The code is ALREADY_RUNS
    where another process has the record; then it is not opened.
    """
    from app.ui.application import alone, run  # noqa: PLC0415 - Qt, not needed for --version

    async def build(config: StationConfig, notify: Notify) -> "Station":
        return await build_station(config, notify, None, browser_of(launcher.configuration))

    launcher = StationLauncher(sources, tenant, build, practising, kiosk=kiosk)
    options = launcher.window_options()
    with alone(launcher.record / "ledger.db", options) as first:
        if first is None:
            return ALREADY_RUNS
        with logs.kept_in(logs.log_folder()):
            return run(launcher.station(), first, options, launcher)


# The practice tenant -----------------------------------------------------------------------------


async def practising(notify: Notify) -> "Station":
    """Build a station on a practice tenant of its own, which ends with the station.

    Raises PracticeUnavailable where the tenant does not start.
    """
    from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra
    from app.simulator.server import SimulatorServer  # noqa: PLC0415 - the same

    async with AsyncExitStack() as ends:
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="oathdesk-demo-")
        ends.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
        server = SimulatorServer()
        ends.push_async_callback(asyncio.to_thread, server.stop)
        try:
            ready = await asyncio.to_thread(server.start)
        except (OSError, RuntimeError) as error:
            raise PracticeUnavailable(str(error)) from None
        config = practice_config(ready, Path(folder), logs.log_folder())
        return await build_station(
            config, notify, SimulatedPractice(ready), lambda _url: True, ends
        )


def self_service_config(ready: "ReadyInfo", folder: Path, rules: LaneRules) -> StationConfig:
    """Return what a station of the practice tenant works with where people serve themselves."""
    config = practice_config(ready, folder)
    desk = replace(config.desk, name="Self-service", lane=rules)
    return replace(config, desk=desk, scopes=SELF_SCOPES)


def practice_config(
    ready: "ReadyInfo", folder: Path, log_folder: Path | None = None
) -> StationConfig:
    """Return what a station of the practice tenant works with, its record in `folder`.

    The log is there too, unless `log_folder` says otherwise. Operators may read roles, so that the
    desk warns of an administrator, and change the inventory where their role lets them.
    """
    documents = str(documents_folder())
    features = {Feature.READ_ROLES, Feature.READ_GROUPS, Feature.WRITE_INVENTORY}
    return StationConfig(
        folder / "ledger.db",
        log_folder or folder / "logs",
        authority=ready.authority,
        graph_url=ready.graph_url,
        client_id=ready.client_id,
        desk=DeskSettings(
            tenant=ready.tenant_name,
            exports=documents,
            receipts=ReceiptRules(header=ready.tenant_name, folder=documents),
        ),
        scopes=scopes_for(DEFAULT_FEATURES | features),
        ca_file=Path(ready.ca_file),
        instance_discovery=False,
    )


def practice_rules() -> KioskRules:
    """Return the rules of a practice kiosk: any pointer is a finger there."""
    pin = PinHash.of(PRACTICE_PIN, b"practice".ljust(SALT_BYTES))
    return KioskRules(pin, keyboard=ScreenKeys.ALWAYS)


def practice_kiosk_config(
    config: StationConfig, browser: "ConfinedBrowser | None" = None
) -> StationConfig:
    """Return `config` as that of a practice kiosk; with a `browser` people sign in there."""
    config = replace(config, desk=for_strangers(config.desk, practice_rules()))
    if browser is None:
        return config
    return replace(config, browser=browser, methods=(SignInMethod.CONFINED,))


def practice_kiosk_browser(ready: "ReadyInfo", folder: Path, *, display: bool) -> "ConfinedBrowser":
    """Return the browser of a practice kiosk, its policies in `folder`. Blocks for the disk.

    Raises BrowserNotConfined where there is no `display`, or no browser that can be confined.
    """
    if not display:
        raise BrowserNotConfined(Unconfined.NO_DISPLAY, "DISPLAY", "it is not set")
    from app.browser.policy import Wanted  # noqa: PLC0415 - after the first paint
    from app.browser.practice import practice_browser  # noqa: PLC0415 - the same

    host = urlsplit(ready.authority).netloc
    return practice_browser(Wanted((host,), Path(ready.ca_file)), folder)


@dataclass(frozen=True, slots=True)
class DemoKiosk:
    """A practice kiosk: whether it may show its browser, and whether there is a display for it."""

    browser: bool = True
    display: bool = True


def run_demo(
    tour: Path | None,
    ready_file: Path | None = None,
    *,
    self_service: bool = False,
    kiosk: DemoKiosk | None = None,
) -> int:
    """Run the station on an embedded tenant, or play the tour into the folder `tour`.

    `ready_file` is written once the tenant serves, as `oathdesk simulator` writes its own. With
    `self_service` people serve themselves; there is no tour of that.
    """
    from app.simulator.cli import write_private  # noqa: PLC0415 - an optional extra
    from app.simulator.options import SimulatorOptions  # noqa: PLC0415 - an optional extra
    from app.simulator.server import SimulatorServer  # noqa: PLC0415 - the same

    with (
        _practice_folder() as folder,
        logs.kept_in(Path(folder) / "logs"),
        SimulatorServer(SimulatorOptions()) as ready,
    ):
        if ready_file is not None:
            write_private(ready_file, ready.as_json())
        if self_service:
            config = self_service_config(ready, Path(folder), LaneRules())
        else:
            config = practice_config(ready, Path(folder))
        demo = Demo(ready, config, lane=self_service)
        if kiosk is not None:
            demo = _as_kiosk(demo, kiosk, Path(folder))
        return _tour(demo, tour) if tour else demo.show()


@dataclass(frozen=True, slots=True)
class Demo:
    """A station on an embedded tenant: what it works with, and how its window looks.

    `unconfined` is why a kiosk has no browser of its own, where it should have one.
    """

    ready: "ReadyInfo"
    config: StationConfig
    lane: bool = False
    guard: "Guard | None" = None
    unconfined: BrowserNotConfined | None = None

    def factory(self, after: float | None = None) -> "Callable[[Notify], Awaitable[Station]]":
        """Return what builds it. The page in a kiosk's browser sends itself `after` seconds.

        Without such a browser the sign-in page is the practice form of the window.
        """
        from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra

        async def build(notify: Notify) -> "Station":
            practice = SimulatedPractice(self.ready, own=self.lane, unconfined=self.unconfined)
            if self.config.browser is not None:
                await practice.fill_page(after)
            return await build_station(self.config, notify, practice, lambda _url: True)

        return build

    def show(self) -> int:
        """Show it until its window closes; return the exit code."""
        from app.ui.application import run  # noqa: PLC0415 - Qt
        from app.ui.language import OF_THE_SYSTEM  # noqa: PLC0415 - the same
        from app.ui.launcher import WindowOptions  # noqa: PLC0415 - the same

        options = WindowOptions(language=OF_THE_SYSTEM, lane=self.lane, kiosk=self.guard)
        return run(self.factory(), options=options)


def _as_kiosk(demo: Demo, kiosk: DemoKiosk, folder: Path) -> Demo:
    """Return `demo` as a kiosk, with a browser of its own where this machine can show one.

    Other systems than Linux have no such browser, so that nothing is missing there.
    """
    guard = guard_of(practice_rules(), folder)
    browser, unconfined = None, None
    if kiosk.browser and sys.platform.startswith("linux"):
        try:
            browser = practice_kiosk_browser(demo.ready, folder, display=kiosk.display)
        except BrowserNotConfined as error:
            unconfined = error
            _say_form_stands_in(error)
    config = practice_kiosk_config(demo.config, browser)
    return replace(demo, config=config, guard=guard, unconfined=unconfined)


def _say_form_stands_in(error: BrowserNotConfined) -> None:
    from app.ui.wording.errors import trouble  # noqa: PLC0415 - after the first paint

    said = trouble(error)
    sys.stderr.write(f"{said.sentence} {said.advice} ({error})\n")
    sys.stderr.write("A form in the window stands in for it.\n")


@contextmanager
def _practice_folder() -> Iterator[str]:
    """Have a folder for what is practised, which goes at the end.

    Windows removes no open file, and a station that ends while it starts may hold its record yet:
    then the folder is left to the system, which empties its temporary folder.
    """
    folder = tempfile.mkdtemp(prefix="oathdesk-demo-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tour(demo: Demo, folder: Path) -> int:
    from app.ui.tour import Plan, play  # noqa: PLC0415 - Qt and its test tools

    ready = demo.ready
    free = [token.serial for token in ready.tokens if token.status == "available"]
    held = next(token.serial for token in ready.tokens if token.status == "activated")
    now, later = _person(ready, "Siobhán"), _person(ready, "Nguyễn")
    plan = Plan(
        assign_serial=free[1],
        assign_to=later.userPrincipalName,
        assign_query=later.displayName[:4],
        activate_serial=free[0],
        activate_for=now.userPrincipalName,
        activate_query=now.displayName[:4],
        held_serial=held,
        folder=folder,
    )
    result = play(demo.factory(_PAGE_SECONDS), plan, demo.guard)
    truth = asyncio.run(_truth(ready, plan.activate_serial))
    agreed = truth["status"] == "activated" and truth["holder_upn"] == result.activated_for
    report = {**result.report(), "tenant": dict(truth), "agreed": agreed}
    (folder / "tour.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    sys.stdout.write(f"{len(result.steps)} pictures and tour.json are in {folder}\n")
    return 0 if agreed and result.complete else 1


def _person(ready: "ReadyInfo", name: str) -> "PersonInfo":
    """Return the first practice person whose name begins with `name`, or simply the first."""
    found = (person for person in ready.people if person.displayName.startswith(name))
    return next(found, ready.people[0])


async def _truth(ready: "ReadyInfo", serial_number: str) -> dict[str, object]:
    from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra

    practice = SimulatedPractice(ready)
    try:
        return dict(await practice.truth(serial_number))
    finally:
        await practice.close()
