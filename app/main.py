"""The composition root: the only module that knows every package.

The window is shown first; what costs time to import (httpx, msal) is imported on the station's
thread while the first frame is already on the screen.
"""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import doctor, logs
from app.clock import SystemClock
from app.core.errors import NotConfigured, SettingsProblem
from app.core.scan import ScanRules
from app.settings.configuration import SCOPES, Configuration
from app.settings.loading import Loaded, Sources, load
from app.settings.places import data_folder, documents_folder
from app.station.setup import DeskSettings, Notify, Outside
from app.station.station import Station

if TYPE_CHECKING:
    from app.graph.client import Exchange
    from app.readers import SerialScannerSettings
    from app.simulator.dock import SimulatedPractice
    from app.simulator.server import PersonInfo, ReadyInfo

_PHOTO = "/photo/$value"
_LOG = logging.getLogger("oathdesk")

Build = Callable[[Notify], Awaitable[Station]]

_THREADS = 8
"""Of the check-up; most of them wait for the network."""

ALREADY_RUNS = 3
"""The exit code of a second start."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a station works: which directory and authority, which record, which certificates.

    `cards` and `ports` tell whether card readers and which serial ports are watched; `site` is
    what the check-up looks at.
    """

    graph_url: str
    authority: str
    client_id: str
    ledger_file: Path
    desk: DeskSettings
    ca_file: Path | None = None
    instance_discovery: bool = True
    cards: bool = True
    ports: "SerialScannerSettings | None" = None
    site: doctor.Site | None = None


async def build(
    place: Place,
    notify: Notify,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
) -> Station:
    """Put a station together on the running loop. Raises LedgerError for an unusable record."""
    from app.auth import AuthSettings, MsalSignIn  # noqa: PLC0415 - after the first paint
    from app.graph.client import GraphClient, Options  # noqa: PLC0415 - the same
    from app.graph.directory import GraphDirectory  # noqa: PLC0415 - the same
    from app.graph.transport import make_http, make_ssl_context  # noqa: PLC0415 - the same
    from app.ledger import SqliteLedger  # noqa: PLC0415 - the same
    from app.readers import PcscReader, SerialPortScanner  # noqa: PLC0415 - the same

    clock = SystemClock()
    ledger = SqliteLedger(place.ledger_file)
    await asyncio.to_thread(ledger.open)
    context = make_ssl_context(place.ca_file)
    http = make_http(context)
    scopes = tuple(f"{place.graph_url}/{scope}" for scope in SCOPES)
    auth = AuthSettings(
        place.authority,
        place.client_id,
        scopes,
        ssl_context=context,
        instance_discovery=place.instance_discovery,
    )
    sign_in = MsalSignIn(auth, clock, open_browser)
    options = Options(on_exchange=lambda exchange: _tell(station, exchange))
    client = GraphClient(place.graph_url, sign_in, http, clock, options)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="checkup")

    async def let_go() -> None:
        await http.aclose()
        if practice is not None:
            await practice.close()
        sign_in.close()
        threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(ledger.close)

    outside = Outside(
        GraphDirectory(client, place.desk.badges.attribute),
        sign_in,
        ledger,
        clock,
        let_go,
        cards=PcscReader(clock) if place.cards else None,
        ports=SerialPortScanner(place.ports) if place.ports else None,
        checks=doctor.examinations(place.site, threads) if place.site else (),
    )
    station = Station(outside, place.desk, notify, practice)
    return station


def _tell(station: Station, exchange: "Exchange") -> None:
    """Tell the station how an exchange went, but for pictures: they come in crowds."""
    if not exchange.path.endswith(_PHOTO):
        answered, offset = exchange.status is not None, exchange.clock_offset
        station.heard(answered=answered, latency=exchange.latency_ms, offset=offset)


def ledger_file(configuration: Configuration) -> Path:
    """Return where the record of a real tenant is kept."""
    return (configuration.ledger.folder or data_folder()) / "ledger.db"


def configured(loaded: Loaded, sources: Sources) -> Configuration:
    """Return the configuration, with a tenant in it; what it warns of is logged.

    Raises SettingsError for what is wrong in `loaded`, NotConfigured where it names no tenant.
    """
    for warning in loaded.warnings:
        _LOG.warning("configuration: %s", warning)
    configuration = loaded.sound()
    if not configuration.tenants:
        problem = "no tenant is configured"
        allowed = "the tenant's ID, and beside it tenant.client_id"
        raise NotConfigured(SettingsProblem(str(sources.user_file), problem, "tenant.id", allowed))
    return configuration


def place_of(configuration: Configuration) -> Place:
    """Return the place that `configuration` describes: its tenant, or the first of several."""
    from app.readers import SerialScannerSettings  # noqa: PLC0415 - after the first paint

    tenant = configuration.tenants[0]
    return Place(
        graph_url=tenant.cloud.graph_url,
        authority=tenant.authority,
        client_id=tenant.client_id,
        ledger_file=ledger_file(configuration),
        desk=DeskSettings(
            desk=configuration.desk.name,
            tenant=tenant.name,
            mode=configuration.desk.mode,
            rules=ScanRules(badge_pattern=configuration.badge.pattern),
            exports=configuration.desk.exports or documents_folder(),
        ),
        ports=SerialScannerSettings(),
    )


def site_of(sources: Sources) -> doctor.Site:
    """Return what `oathdesk doctor` looks at, whatever state the configuration is in."""
    loaded = load(sources)
    return doctor.site_of(loaded, sources, ledger_file(loaded.configuration), logs.log_folder())


def place_of_practice(ready: "ReadyInfo", folder: Path) -> Place:
    """Return the place of a practice tenant, its record in `folder`."""
    return Place(
        graph_url=ready.graph_url,
        authority=ready.authority,
        client_id=ready.client_id,
        ledger_file=folder / "ledger.db",
        desk=DeskSettings(tenant=ready.tenant_name, exports=documents_folder()),
        ca_file=Path(ready.ca_file),
        instance_discovery=False,
        site=doctor.Site(
            record=folder / "ledger.db",
            logs=folder / "logs",
            authority=ready.authority,
            graph_url=ready.graph_url,
            ca_file=Path(ready.ca_file),
        ),
    )


def run_station(sources: Sources) -> int:
    """Run the station on the configured tenant until its window closes; return the exit code.

    The code is ALREADY_RUNS where another process has the record; then it is not opened.
    """
    import webbrowser  # noqa: PLC0415 - not needed for --version

    from app.ui.application import alone, run  # noqa: PLC0415 - Qt, not needed for --version

    loaded = load(sources)

    async def built(notify: Notify) -> Station:
        place = replace(place_of(configured(loaded, sources)), site=site_of(sources))
        return await build(place, notify, None, webbrowser.open)

    with alone(ledger_file(loaded.configuration)) as first:
        if first is None:
            return ALREADY_RUNS
        with logs.kept_in(logs.log_folder()):
            return run(built, first)


def run_demo(tour: Path | None, ready_file: Path | None = None) -> int:
    """Run the station on an embedded tenant, or play the tour into the folder `tour`.

    `ready_file` is written once the tenant serves, as `oathdesk simulator` writes its own.
    """
    from app.simulator.cli import write_private  # noqa: PLC0415 - an optional extra
    from app.simulator.options import SimulatorOptions  # noqa: PLC0415 - an optional extra
    from app.simulator.server import SimulatorServer  # noqa: PLC0415 - the same

    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-demo-") as folder,
        logs.kept_in(Path(folder) / "logs"),
        SimulatorServer(SimulatorOptions()) as ready,
    ):
        if ready_file is not None:
            write_private(ready_file, ready.as_json())
        place = place_of_practice(ready, Path(folder))
        return _tour(ready, place, tour) if tour else _demo(ready, place)


def _practising(ready: "ReadyInfo", place: Place) -> Build:
    """Return how to build a station whose browser is the practice sign-in form of the window."""
    from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra

    async def built(notify: Notify) -> Station:
        return await build(place, notify, SimulatedPractice(ready), lambda _url: True)

    return built


def _demo(ready: "ReadyInfo", place: Place) -> int:
    from app.ui.application import run  # noqa: PLC0415 - Qt

    return run(_practising(ready, place))


def _tour(ready: "ReadyInfo", place: Place, folder: Path) -> int:
    from app.ui.tour import Plan, play  # noqa: PLC0415 - Qt and its test tools

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
    result = play(_practising(ready, place), plan)
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
