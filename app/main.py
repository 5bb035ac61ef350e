"""The composition root: the only module that knows every package.

The window is shown first; what costs time to import (httpx, msal) is imported on the station's
thread while the first frame is already on the screen.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import doctor, logs
from app.clock import SystemClock
from app.core.errors import BrowserNotConfined, PracticeUnavailable, SettingsError, SettingsProblem
from app.core.lane import LaneRules
from app.core.record import HeadReason
from app.core.rights import essential_scopes
from app.entrance import Entrance, browser_of, configured, guard_of
from app.place import (
    Place,
    place_of,
    place_of_practice,
    place_of_practice_kiosk,
    place_of_self_service,
    practice_kiosk_browser,
    practice_rules,
    record_folder,
    site_of,
    station_key,
    tenant_of,
)
from app.settings.loading import Sources, load
from app.settings.places import data_folder
from app.station.context import Notify, Ports
from app.station.station import Station

if TYPE_CHECKING:
    import ssl

    from app.auth import AuthSettings
    from app.graph.client import Exchange
    from app.ledger import SqliteLedger
    from app.simulator.dock import SimulatedPractice
    from app.simulator.server import PersonInfo, ReadyInfo
    from app.ui.kiosk.shell import Guard

_PHOTO = "/photo/$value"

Build = Callable[[Notify], Awaitable[Station]]

_HOUR = 3_600.0
"""Seconds from one head in the system's log to the next."""

_THREADS = 8
"""Of the check-up; most of them wait for the network."""

_PAGE_SECONDS = 8.0
"""How long a tour shows the page in a kiosk's browser."""

ALREADY_RUNS = 3
"""The exit code of a second start."""


async def build(
    place: Place,
    notify: Notify,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
    ends: AsyncExitStack | None = None,
) -> Station:
    """Put a station together on the running loop; what is in `ends` ends with it, at last.

    Raises LedgerError for an unusable record, SettingsError for what was configured in vain; then
    everything has ended already.
    """
    async with ends or AsyncExitStack() as opened:
        exchanged = Exchanged()
        ports = await _open_ports(place, practice, open_browser, opened, exchanged)
        ports = replace(ports, let_go=opened.pop_all().aclose)
        exchanged.station = station = Station(ports, place.desk, notify, practice)
    return station


async def _open_ports(
    place: Place,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
    ends: AsyncExitStack,
    exchanged: "Exchanged",
) -> Ports:
    """Open the ports of a station; `ends` closes it in the opposite order."""
    from app.auth import Means, MsalSignIn, Words  # noqa: PLC0415 - after the first paint
    from app.graph.client import GraphClient, Options  # noqa: PLC0415 - the same
    from app.graph.directory import GraphDirectory  # noqa: PLC0415 - the same
    from app.graph.pace import Pace  # noqa: PLC0415 - the same
    from app.graph.transport import make_http  # noqa: PLC0415 - the same
    from app.ledger import SqliteLedger  # noqa: PLC0415 - the same
    from app.ledger.headlog import system_log  # noqa: PLC0415 - the same
    from app.ledger.shelf import FileShelf  # noqa: PLC0415 - the same
    from app.network.tls import make_ssl_context  # noqa: PLC0415 - the same
    from app.readers import PcscReader, SerialPortScanner  # noqa: PLC0415 - the same
    from app.seeds import SeedFiles  # noqa: PLC0415 - the same
    from app.ui.wording.browser import page_words  # noqa: PLC0415 - the same

    clock = SystemClock()
    context = make_ssl_context(place.ca_file)
    settings = _auth(place, context)
    # Heads of a practice tenant's record, which is never audited, stay out of the system's log.
    log = system_log() if practice is None else None
    ledger = SqliteLedger(place.ledger_file, log=log, desk=place.desk.name)
    await asyncio.to_thread(ledger.open)
    ends.push_async_callback(asyncio.to_thread, ledger.close)
    _check_list_behind(ledger, ends)
    log_heads_behind(ledger, ends)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="checkup")
    ends.callback(threads.shutdown, wait=False, cancel_futures=True)
    means = Means(Words(**page_words()), confined=place.browser)
    sign_in = MsalSignIn(settings, clock, open_browser, means)
    ends.callback(sign_in.close)
    if practice is not None:
        ends.push_async_callback(practice.close)
    http = make_http(context, proxies=place.proxies)
    ends.push_async_callback(http.aclose)
    options = Options(pace=Pace().shared_by(place.desks), on_exchange=exchanged)
    client = GraphClient(place.graph_url, sign_in, http, clock, options)

    def own_id() -> str:
        """Return the object id of the person who is signed in; a station itself has none."""
        account = sign_in.account
        return account.id if account else ""

    return Ports(
        GraphDirectory(client, place.desk.badges.attribute, own_id),
        sign_in,
        ledger,
        clock,
        cards=PcscReader(clock) if place.cards else None,
        scanners=SerialPortScanner(place.ports) if place.ports else None,
        checks=doctor.examinations(place.site, threads) if place.site else (),
        seeds=SeedFiles(place.ledger_file.with_name("columns.json")),
        shelf=FileShelf(place.ledger_file.parent),
    )


def _check_list_behind(ledger: "SqliteLedger", ends: AsyncExitStack) -> None:
    """Compare the record's list with its entries while the station starts; `ends` stops that."""
    stopped = threading.Event()
    checking = asyncio.create_task(asyncio.to_thread(ledger.check_list, stopped.is_set))

    async def end() -> None:
        stopped.set()
        await checking

    ends.push_async_callback(end)


def log_heads_behind(ledger: "SqliteLedger", ends: AsyncExitStack, every: float = _HOUR) -> None:
    """Write the record's head to the system's log again and again; `ends` stops that."""

    async def log() -> None:
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(ledger.log_head, HeadReason.HOURLY)

    logging_heads = asyncio.create_task(log())

    async def end() -> None:
        logging_heads.cancel()
        with suppress(asyncio.CancelledError):
            await logging_heads

    ends.push_async_callback(end)


class Exchanged:
    """Tells `station` how each exchange went, but for pictures: they come in crowds."""

    station: Station | None = None

    def __call__(self, exchange: "Exchange") -> None:
        if self.station is not None and not exchange.path.endswith(_PHOTO):
            answered, offset = exchange.status is not None, exchange.clock_offset
            self.station.heard(answered=answered, latency=exchange.latency_ms, offset=offset)


def _auth(place: Place, context: "ssl.SSLContext") -> "AuthSettings":
    """Return how to sign in at `place`. Raises SettingsError."""
    from app.auth import AuthSettings  # noqa: PLC0415 - after the first paint

    try:
        return AuthSettings(
            place.authority,
            place.client_id,
            tuple(f"{place.graph_url}/{scope}" for scope in place.scopes),
            ssl_context=context,
            instance_discovery=place.instance_discovery,
            proxies=place.proxies,
            methods=place.methods,
            certificate=station_key(place.key) if place.key else None,
            keep=place.keep,
            store_folder=data_folder(),
            essential=tuple(f"{place.graph_url}/{each}" for each in essential_scopes(place.scopes)),
        )
    except ValueError as error:
        raise SettingsError(SettingsProblem("configuration", str(error), "signin")) from None


def builder(sources: Sources, tenant: str = "") -> Build:
    """Return how to build a station on the configured tenant; `tenant` names one of several."""
    import webbrowser  # noqa: PLC0415 - not needed for --version

    loaded = load(sources)

    async def built(notify: Notify) -> Station:
        configuration = configured(loaded, sources)
        place = place_of(configuration, tenant_of(configuration, tenant), loaded.proxies)
        place = replace(place, site=site_of(sources, tenant))
        return await build(place, notify, None, webbrowser.open)

    return built


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

    async def put_together(place: Place, notify: Notify) -> Station:
        return await build(place, notify, None, browser_of(entrance.configuration))

    entrance = Entrance(sources, tenant, put_together, practising, kiosk=kiosk)
    dress = entrance.dress()
    with alone(entrance.record / "ledger.db", dress) as first:
        if first is None:
            return ALREADY_RUNS
        with logs.kept_in(logs.log_folder()):
            return run(entrance.station(), first, dress, entrance)


async def practising(notify: Notify) -> Station:
    """Put a station together on a practice tenant of its own, which ends with the station.

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
        place = place_of_practice(ready, Path(folder), logs.log_folder())
        return await build(place, notify, SimulatedPractice(ready), lambda _url: True, ends)


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
            place = place_of_self_service(ready, Path(folder), LaneRules())
        else:
            place = place_of_practice(ready, Path(folder))
        demo = Demo(ready, place, lane=self_service)
        if kiosk is not None:
            demo = _as_kiosk(demo, kiosk, Path(folder))
        return _tour(demo, tour) if tour else demo.show()


@dataclass(frozen=True, slots=True)
class Demo:
    """A station on an embedded tenant: where it works, and how its window looks.

    `unconfined` is why a kiosk has no browser of its own, where it should have one.
    """

    ready: "ReadyInfo"
    place: Place
    lane: bool = False
    guard: "Guard | None" = None
    unconfined: BrowserNotConfined | None = None

    def build(self, after: float | None = None) -> Build:
        """Return how to build it. The page in a kiosk's browser sends itself `after` seconds.

        Without such a browser the sign-in page is the practice form of the window.
        """
        from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra

        async def built(notify: Notify) -> Station:
            practice = SimulatedPractice(self.ready, own=self.lane, unconfined=self.unconfined)
            if self.place.browser is not None:
                await practice.fill_page(after)
            return await build(self.place, notify, practice, lambda _url: True)

        return built

    def show(self) -> int:
        """Show it until its window closes; return the exit code."""
        from app.ui.application import Dress, run  # noqa: PLC0415 - Qt
        from app.ui.language import OF_THE_SYSTEM  # noqa: PLC0415 - the same

        dress = Dress(language=OF_THE_SYSTEM, lane=self.lane, kiosk=self.guard)
        return run(self.build(), dress=dress)


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
    place = place_of_practice_kiosk(demo.place, browser)
    return replace(demo, place=place, guard=guard, unconfined=unconfined)


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
    result = play(demo.build(_PAGE_SECONDS), plan, demo.guard)
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
