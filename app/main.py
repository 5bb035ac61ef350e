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
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app import doctor, logs
from app.clock import SystemClock
from app.core.errors import NotConfigured, SettingsError, SettingsProblem
from app.core.kiosk import KioskRules
from app.place import (
    Place,
    as_kiosk,
    place_of,
    place_of_practice,
    practice_rules,
    record_folder,
    scan_rules,
    site_of,
    tenant_of,
)
from app.settings.configuration import Configuration
from app.settings.loading import Loaded, Sources, load
from app.settings.places import data_folder
from app.settings.tries import FileBook
from app.station.gate import Gate
from app.station.setup import Notify, Outside
from app.station.station import Station

if TYPE_CHECKING:
    import ssl

    from app.auth import AuthSettings
    from app.graph.client import Exchange
    from app.simulator.dock import SimulatedPractice
    from app.simulator.server import PersonInfo, ReadyInfo
    from app.ui.application import Dress
    from app.ui.kiosk.shell import Guard

_PHOTO = "/photo/$value"
_LOG = logging.getLogger("oathdesk")

Build = Callable[[Notify], Awaitable[Station]]

_THREADS = 8
"""Of the check-up; most of them wait for the network."""

ALREADY_RUNS = 3
"""The exit code of a second start."""


async def build(
    place: Place,
    notify: Notify,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
) -> Station:
    """Put a station together on the running loop.

    Raises LedgerError for an unusable record, SettingsError for what was configured in vain.
    """
    from app.auth import Means, MsalSignIn, Words  # noqa: PLC0415 - after the first paint
    from app.graph.client import GraphClient, Options  # noqa: PLC0415 - the same
    from app.graph.directory import GraphDirectory  # noqa: PLC0415 - the same
    from app.graph.transport import make_http, make_ssl_context  # noqa: PLC0415 - the same
    from app.ledger import SqliteLedger  # noqa: PLC0415 - the same
    from app.readers import PcscReader, SerialPortScanner  # noqa: PLC0415 - the same
    from app.ui.wording.browser import page_words  # noqa: PLC0415 - the same

    clock = SystemClock()
    context = make_ssl_context(place.ca_file)
    http = make_http(context, proxy=place.proxy)
    means = Means(Words(**page_words()))
    sign_in = MsalSignIn(_auth(place, context), clock, open_browser, means)
    ledger = SqliteLedger(place.ledger_file)
    await asyncio.to_thread(ledger.open)
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


def _auth(place: Place, context: "ssl.SSLContext") -> "AuthSettings":
    """Return how to sign in at `place`. Raises SettingsError."""
    from app.auth import AuthSettings, Certificate  # noqa: PLC0415 - after the first paint
    from app.auth.keyfile import passphrase  # noqa: PLC0415 - the same

    file = place.passphrase_file
    ask = (lambda: passphrase(file)) if file else str
    try:
        return AuthSettings(
            place.authority,
            place.client_id,
            tuple(f"{place.graph_url}/{scope}" for scope in place.scopes),
            ssl_context=context,
            instance_discovery=place.instance_discovery,
            proxy=place.proxy,
            methods=place.methods,
            certificate=Certificate(place.certificate, passphrase=ask)
            if place.certificate
            else None,
            keep=place.keep,
            store_folder=data_folder(),
        )
    except ValueError as error:
        raise SettingsError(SettingsProblem("configuration", str(error), "signin")) from None


def _tell(station: Station, exchange: "Exchange") -> None:
    """Tell the station how an exchange went, but for pictures: they come in crowds."""
    if not exchange.path.endswith(_PHOTO):
        answered, offset = exchange.status is not None, exchange.clock_offset
        station.heard(answered=answered, latency=exchange.latency_ms, offset=offset)


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


def run_station(sources: Sources, tenant: str = "", *, kiosk: bool = False) -> int:
    """Run the station on the configured tenant until its window closes; return the exit code.

    `tenant` names one of several. It is a kiosk where it is configured to be one, or `kiosk` says
    so; then the code is core.kiosk.LEFT where a supervisor has ended it. The code is ALREADY_RUNS
    where another process has the record; then it is not opened.
    """
    from app.ui.application import alone, run  # noqa: PLC0415 - Qt, not needed for --version

    loaded = load(sources)
    if kiosk:
        loaded = replace(loaded, configuration=as_kiosk(loaded.configuration))
    open_browser = browser_of(loaded.configuration)

    async def built(notify: Notify) -> Station:
        configuration = configured(loaded, sources)
        place = place_of(configuration, tenant_of(configuration, tenant))
        place = replace(place, site=site_of(sources, tenant))
        return await build(place, notify, None, open_browser)

    dress = dress_of(loaded.configuration)
    with alone(record_folder(loaded.configuration) / "ledger.db", dress) as first:
        if first is None:
            return ALREADY_RUNS
        with logs.kept_in(logs.log_folder()):
            return run(built, first, dress)


def dress_of(configuration: Configuration) -> "Dress":
    """Return how the window looks, listens and speaks; it costs a few microseconds."""
    from app.ui.application import Dress  # noqa: PLC0415 - Qt, not needed for --version
    from app.ui.theme import Theme  # noqa: PLC0415 - the same

    look = configuration.look
    rules = scan_rules(configuration)
    wedge = configuration.scanner.wedge
    theme = Theme(look.theme.value)
    kiosk = configuration.kiosk
    guard = guard_of(kiosk.rules, record_folder(configuration)) if kiosk.enabled else None
    return Dress(theme, wedge, rules, motion=look.motion, language=look.language, kiosk=guard)


def guard_of(rules: KioskRules, folder: Path) -> "Guard":
    """Return what makes a kiosk of the window; tries of the PIN are counted in `folder`."""
    from app.ui.kiosk.shell import Guard  # noqa: PLC0415 - Qt, not needed for --version

    return Guard(rules, Gate(rules.pin, FileBook(folder / "kiosk.json"), SystemClock()))


def browser_of(configuration: Configuration) -> Callable[[str], bool]:
    """Return what opens the system's browser or, on a kiosk without links, nothing."""
    import webbrowser  # noqa: PLC0415 - not needed for --version

    kiosk = configuration.kiosk
    return webbrowser.open if kiosk.links or not kiosk.enabled else lambda _url: False


def run_demo(tour: Path | None, ready_file: Path | None = None, *, kiosk: bool = False) -> int:
    """Run the station on an embedded tenant, as a `kiosk` or not, or play the tour into `tour`.

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
        if tour:
            return _tour(ready, place, tour)
        return _demo_kiosk(ready, place, Path(folder)) if kiosk else _demo(ready, place)


def _practising(ready: "ReadyInfo", place: Place) -> Build:
    """Return how to build a station whose browser is the practice sign-in form of the window."""
    from app.simulator.dock import SimulatedPractice  # noqa: PLC0415 - an optional extra

    async def built(notify: Notify) -> Station:
        return await build(place, notify, SimulatedPractice(ready), lambda _url: True)

    return built


def _demo(ready: "ReadyInfo", place: Place) -> int:
    from app.ui.application import Dress, run  # noqa: PLC0415 - Qt
    from app.ui.language import OF_THE_SYSTEM  # noqa: PLC0415 - the same

    return run(_practising(ready, place), dress=Dress(language=OF_THE_SYSTEM))


def _demo_kiosk(ready: "ReadyInfo", place: Place, folder: Path) -> int:
    from app.ui.application import Dress, run  # noqa: PLC0415 - Qt
    from app.ui.language import OF_THE_SYSTEM  # noqa: PLC0415 - the same

    rules = practice_rules()
    place = replace(place, desk=replace(place.desk, wipe_after=rules.wipe_after))
    dress = Dress(language=OF_THE_SYSTEM, kiosk=guard_of(rules, folder))
    return run(_practising(ready, place), dress=dress)


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
