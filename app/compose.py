"""Makes the parts of a station from its configuration; here alone they are put together.

`build_station` builds a whole station, `cloud_of` the sign-in and the Graph client alone, for the
commands, and `StationLauncher` whichever station the window is to be on. What costs time to import
is imported when it is built: on the station's thread, while the first frame is on the screen.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import SystemClock
from app.core.checkup import Check, Examination
from app.core.errors import NotConfigured, SettingsError, SettingsProblem
from app.core.kiosk import KioskRules
from app.core.lane import Lane
from app.core.model import Operator
from app.core.ports import DevicePrompt, Directory, SignIn
from app.core.record import HeadReason
from app.core.rights import essential_scopes, scopes_for
from app.core.signin import SignInMethod
from app.core.tenant_trial import TrialRequests
from app.settings.loading import Loaded, Sources, load
from app.settings.places import data_folder, documents_folder
from app.settings.remembered import RememberedWindow, last_choice, remember_choice
from app.settings.schema import Configuration, TenantProfile
from app.station.context import Notify, Ports
from app.station.notices import TenantChoice, TenantsNotice
from app.station_config import (
    StationConfig,
    as_kiosk,
    config_of,
    record_folder,
    rights,
    scan_rules,
    tenant_of,
)

if TYPE_CHECKING:
    import ssl

    import httpx

    from app.auth import AuthSettings, MsalSignIn
    from app.graph.client import Exchange, GraphClient
    from app.ledger import SqliteLedger
    from app.simulator.dock import SimulatedPractice
    from app.station.first_run import FirstRun
    from app.station.station import Station
    from app.ui.bridge import StationFactory
    from app.ui.kiosk.shell import Guard
    from app.ui.launcher import WindowOptions

_LOG = logging.getLogger("oathdesk")

_PHOTO = "/photo/$value"

_HOUR = 3_600.0
"""Seconds from one head in the system's log to the next."""

_THREADS = 8
"""Of the check-up; most of them wait for the network."""

BuildStation = Callable[[StationConfig, Notify], Awaitable["Station"]]


# A station ---------------------------------------------------------------------------------------


async def build_station(
    config: StationConfig,
    notify: Notify,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
    ends: AsyncExitStack | None = None,
) -> "Station":
    """Build a station on the running loop; what is in `ends` is closed after all it works with.

    Raises LedgerError for an unusable record, SettingsError for settings that cannot be used; then
    everything is closed already.
    """
    from app.station.station import Station  # noqa: PLC0415 - after the first paint

    async with ends or AsyncExitStack() as opened:
        exchanged = Exchanged()
        ports = await _open_ports(config, practice, open_browser, opened, exchanged)
        ports = replace(ports, let_go=opened.pop_all().aclose)
        exchanged.station = station = Station(ports, config.desk, notify, practice)
    return station


async def _open_ports(
    config: StationConfig,
    practice: "SimulatedPractice | None",
    open_browser: Callable[[str], bool],
    ends: AsyncExitStack,
    exchanged: "Exchanged",
) -> Ports:
    """Open the ports of a station; `ends` closes them in the opposite order."""
    from app.doctor import examinations  # noqa: PLC0415 - after the first paint
    from app.ledger import SqliteLedger  # noqa: PLC0415 - the same
    from app.ledger.headlog import system_log  # noqa: PLC0415 - the same
    from app.ledger.shelf import FileShelf  # noqa: PLC0415 - the same
    from app.readers import PcscReader, SerialPortScanner  # noqa: PLC0415 - the same
    from app.seeds import SeedFiles  # noqa: PLC0415 - the same
    from app.ui.wording.browser import page_words  # noqa: PLC0415 - the same

    # Heads of a practice tenant's record, which is never audited, stay out of the system's log.
    log = system_log() if practice is None else None
    ledger = SqliteLedger(config.ledger_file, log=log, desk=config.desk.name)
    await asyncio.to_thread(ledger.open)
    ends.push_async_callback(asyncio.to_thread, ledger.close)
    _check_list_behind(ledger, ends)
    log_heads_behind(ledger, ends)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="checkup")
    ends.callback(threads.shutdown, wait=False, cancel_futures=True)
    connection = _connect(config, exchanged, open_browser, page_words())
    ends.callback(connection.sign_in.close)
    if practice is not None:
        ends.push_async_callback(practice.close)
    ends.push_async_callback(connection.http.aclose)
    return Ports(
        connection.directory(config),
        connection.sign_in,
        ledger,
        config.clock,
        cards=PcscReader(config.clock) if config.cards else None,
        scanners=SerialPortScanner(config.serial) if config.serial else None,
        checks=examinations(config, threads),
        seeds=SeedFiles(config.ledger_file.with_name("columns.json")),
        shelf=FileShelf(config.ledger_file.parent),
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
    """Tells `station` how each exchange went, but for photos, of which many come at once."""

    station: "Station | None" = None

    def __call__(self, exchange: "Exchange") -> None:
        if self.station is not None and not exchange.path.endswith(_PHOTO):
            answered, offset = exchange.status is not None, exchange.clock_offset
            self.station.heard(answered=answered, latency=exchange.latency_ms, offset=offset)


# The cloud ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Connection:
    """A sign-in, and Graph's client that asks it for access tokens over `http`."""

    sign_in: "MsalSignIn"
    client: "GraphClient"
    http: "httpx.AsyncClient"

    def directory(self, config: StationConfig) -> Directory:
        """Return the directory behind the client."""
        from app.graph.directory import GraphDirectory  # noqa: PLC0415 - after the first paint

        def own_id() -> str:
            """Return the object id of the person who is signed in; a station itself has none."""
            account = self.sign_in.account
            return account.id if account else ""

        return GraphDirectory(self.client, config.desk.badges.attribute, own_id)


def _connect(
    config: StationConfig,
    on_exchange: "Callable[[Exchange], None]",
    open_browser: Callable[[str], bool] | None = None,
    page_words: dict[str, str] | None = None,
) -> _Connection:
    """Connect sign-in and Graph's client; nothing is sent yet. Raises SettingsError.

    `page_words` are those of the page that a browser ends on, by their names in app.auth.Words.
    """
    import webbrowser  # noqa: PLC0415 - not needed for --version

    from app.auth import Means, MsalSignIn, Words  # noqa: PLC0415 - after the first paint
    from app.graph.client import GraphClient, Options  # noqa: PLC0415 - the same
    from app.graph.pace import Pace  # noqa: PLC0415 - the same
    from app.graph.transport import make_http  # noqa: PLC0415 - the same
    from app.network.tls import make_ssl_context  # noqa: PLC0415 - the same

    context = make_ssl_context(config.ca_file)
    settings = _auth_settings(config, context)
    http = make_http(context, proxies=config.proxies)
    means = Means(Words(**page_words or {}), confined=config.browser)
    sign_in = MsalSignIn(settings, config.clock, open_browser or webbrowser.open, means)
    options = Options(pace=Pace().shared_by(config.desks), on_exchange=on_exchange)
    client = GraphClient(config.graph_url, sign_in, http, config.clock, options)
    return _Connection(sign_in, client, http)


def _auth_settings(config: StationConfig, context: "ssl.SSLContext") -> "AuthSettings":
    """Return how to sign in. Raises SettingsError."""
    from app.auth import AuthSettings  # noqa: PLC0415 - after the first paint

    essential = essential_scopes(config.scopes)
    try:
        return AuthSettings(
            config.authority,
            config.client_id,
            tuple(f"{config.graph_url}/{scope}" for scope in config.scopes),
            ssl_context=context,
            instance_discovery=config.instance_discovery,
            proxies=config.proxies,
            methods=config.methods,
            certificate=config.key,
            keep=config.keep,
            store_folder=data_folder(),
            essential=tuple(f"{config.graph_url}/{scope}" for scope in essential),
        )
    except ValueError as error:
        raise SettingsError(SettingsProblem("configuration", str(error), "signin")) from None


@dataclass(frozen=True, slots=True)
class OpenCloud:
    """The cloud as a station reaches it, for a command; to be closed.

    `trial` are the raw requests of a trial of the tenant, over the same connections.
    """

    sign_in: SignIn
    directory: Directory
    close: Callable[[], Awaitable[None]]
    trial: TrialRequests


_CAUSES = {"network.proxy": Check.PROXY, "signin": Check.CONFIGURATION}
"""Which check tells of a setting that the cloud cannot be opened with; else AUTHORITIES does."""


def cloud_of(config: StationConfig) -> OpenCloud | Sequence[Examination]:
    """Open the cloud of `config`, or return what a check-up finds where that is not possible."""
    from app.doctor import OF_ACCOUNT, not_examined, without_tenant  # noqa: PLC0415 - after the first paint

    if not config.authority:
        return without_tenant(*OF_ACCOUNT)
    try:
        return _open_cloud(config)
    except SettingsError as error:
        keys = [problem.key for problem in error.problems]
        causes = (_CAUSES[key] for key in keys if key in _CAUSES)
        return not_examined(next(causes, Check.AUTHORITIES))


def _open_cloud(config: StationConfig) -> OpenCloud:
    from app.graph.tenant_trial import GraphTrial, Tally  # noqa: PLC0415 - seldom needed

    tally = Tally()
    connection = _connect(config, tally.take)

    async def close() -> None:
        connection.sign_in.close()
        await connection.http.aclose()

    directory = connection.directory(config)
    return OpenCloud(connection.sign_in, directory, close, GraphTrial(connection.client, tally))


async def enter(cloud: OpenCloud, prompt: Callable[[DevicePrompt], None]) -> Operator:
    """Sign in from a command line; `prompt` asks a person, where nothing else will do.

    Raises SignInError and DirectoryError.
    """
    from app.station.account import read_operator  # noqa: PLC0415 - not needed for the window's start

    if SignInMethod.CERTIFICATE in cloud.sign_in.methods:
        await cloud.sign_in.unattended()
    elif not await cloud.sign_in.resume():
        await cloud.sign_in.by_device_code(prompt)
    return await read_operator(cloud.directory, cloud.sign_in)


# Which station the window is on ------------------------------------------------------------------


class StationLauncher:
    """Makes the station of a tenant, a first run without one, or a demo: app.ui.launcher.Launcher.

    Every start reads the configuration anew, so that what was corrected or written meanwhile
    counts without starting the program again.

    `key` names one of several tenants for good: then there is nothing to choose. `build` makes a
    station, `demo` one on a practice tenant. A kiosk at the start, by the configuration or because
    of `kiosk`, stays one: there is no tenant to choose there and none to set up.
    """

    def __init__(
        self,
        sources: Sources,
        key: str,
        build: BuildStation,
        demo: "StationFactory",
        *,
        kiosk: bool = False,
    ) -> None:
        """Read the configuration once, for what is needed before the window."""
        self._sources = sources
        self._key = key
        self._build = build
        self._demo = demo
        loaded = load(sources)
        self._kiosk = kiosk or loaded.configuration.kiosk.enabled
        self._loaded = self._as_begun(loaded)
        self._record = record_folder(self._loaded.configuration)
        self._guard = self._made_guard()
        self._memory = self._record / "last-tenant.json"  # never in the configuration

    @property
    def configuration(self) -> Configuration:
        """The configuration that was read last."""
        return self._loaded.configuration

    @property
    def record(self) -> Path:
        """The folder of all records, which one station at a time works in."""
        return self._record

    def station(self, key: str = "") -> "StationFactory":
        """Return what builds the station of the tenant `key`, or of the last one without it."""

        async def built(notify: Notify) -> "Station | FirstRun":
            self._loaded = self._as_begun(await asyncio.to_thread(load, self._sources))
            try:
                configuration = configured(self._loaded, self._sources)
            except NotConfigured:
                if self._kiosk:
                    raise
                return _first_run(self._loaded, self._sources, notify)
            self._stay_in(record_folder(configuration))
            if key and not self._key:
                await asyncio.to_thread(remember_choice, self._memory, key)
            tenant = await asyncio.to_thread(self._tenant, configuration, key)
            notify(self._choices(configuration, tenant))
            config = config_of(configuration, tenant, (self._loaded, self._sources))
            return await self._build(config, notify)

        return built

    def demo(self) -> "StationFactory":
        """Return what builds a station on a practice tenant, in this program."""

        async def built(notify: Notify) -> "Station | FirstRun":
            notify(TenantsNotice(demo=True))
            return await self._demo(notify)

        return built

    def window_options(self) -> "WindowOptions":
        """Return how the window looks, listens and speaks, by what was read last."""
        from app.ui.launcher import WindowOptions  # noqa: PLC0415 - Qt, not needed for --version
        from app.ui.theme import Theme  # noqa: PLC0415 - the same

        configuration = self._loaded.configuration
        look, rules = configuration.look, scan_rules(configuration)
        wedge, theme = configuration.scanner.wedge, Theme(look.theme.value)
        own = configuration.desk.lane is Lane.SELF and bool(configuration.tenants)
        return WindowOptions(
            theme,
            wedge,
            rules,
            motion=look.motion,
            language=look.language,
            lane=own,
            kiosk=self._guard,
            memory=RememberedWindow(self._record / "window.json"),
        )

    def _as_begun(self, loaded: Loaded) -> Loaded:
        """Return `loaded` as a kiosk's, or as a desk's, whichever this program was started as."""
        return replace(loaded, configuration=as_kiosk(loaded.configuration, on=self._kiosk))

    def _made_guard(self) -> "Guard | None":
        """Return the kiosk's guard, which the first reading decides: a gate counts over both."""
        kiosk = self._loaded.configuration.kiosk
        return guard_of(kiosk.rules, self._record) if kiosk.enabled else None

    def _tenant(self, configuration: Configuration, key: str) -> TenantProfile:
        """Return the tenant to open. One that was chosen before and is gone is the first again."""
        if self._key:
            return tenant_of(configuration, self._key)
        wanted = key or ("" if self._kiosk else last_choice(self._memory))
        found = (each for each in configuration.tenants if each.key == wanted)
        return next(found, configuration.tenants[0])

    def _choices(self, configuration: Configuration, tenant: TenantProfile) -> TenantsNotice:
        tenants = configuration.tenants
        if self._key or self._kiosk or len(tenants) == 1:
            return TenantsNotice()
        choices = tuple(TenantChoice(each.key, each.title) for each in tenants)
        return TenantsNotice(choices, tenant.key)

    def _stay_in(self, folder: Path) -> None:
        """Refuse another folder of records: the one of the start is claimed, and no other."""
        if folder != self._record:
            problem = "it is another folder than when the program was started"
            allowed = "another folder counts after the program was started again"
            place = self._loaded.origins["ledger.folder"].place
            raise SettingsError(SettingsProblem(place, problem, "ledger.folder", allowed))


def guard_of(rules: KioskRules, folder: Path) -> "Guard":
    """Return what makes a kiosk of the window; tries of the PIN are counted in `folder`."""
    from app.settings.tries import TriesFile  # noqa: PLC0415 - for kiosks alone
    from app.station.gate import Gate  # noqa: PLC0415 - the same
    from app.ui.kiosk.shell import Guard  # noqa: PLC0415 - Qt, not needed for --version

    uptime = SystemClock().uptime
    return Guard(rules, Gate(rules.pin, TriesFile(folder / "kiosk.json", uptime), uptime))


def browser_of(configuration: Configuration) -> Callable[[str], bool]:
    """Return what opens the system's browser or, on a kiosk without links, nothing."""
    import webbrowser  # noqa: PLC0415 - not needed for --version

    kiosk = configuration.kiosk
    return webbrowser.open if kiosk.links or not kiosk.enabled else lambda _url: False


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


def has_practice_tenant() -> bool:
    """Tell whether the optional parts that the practice tenant is made of are installed."""
    return all(find_spec(name) is not None for name in ("starlette", "trustme", "uvicorn"))


def _first_run(loaded: Loaded, sources: Sources, notify: Notify) -> "FirstRun":
    """Return what sets up a station without a tenant. Raises SettingsError for the network's."""
    from app.auth.tenant import TenantLookup  # noqa: PLC0415 - after the first paint
    from app.graph.transport import make_http  # noqa: PLC0415 - the same
    from app.network.tls import make_ssl_context  # noqa: PLC0415 - the same
    from app.settings.writing import TenancyFile, fixed_elsewhere  # noqa: PLC0415 - the same
    from app.station.first_run import FirstRun, FirstRunSettings  # noqa: PLC0415 - the same

    configuration = loaded.configuration
    network, permissions = configuration.network, configuration.permissions
    features = rights(configuration)
    http = make_http(make_ssl_context(network.ca_file), proxies=loaded.proxies)
    settings = FirstRunSettings(
        file=str(sources.user_file),
        cloud=loaded.cloud,
        features=features,
        scopes=permissions.scopes or scopes_for(features),
        methods=configuration.signin.methods,
        fixed=fixed_elsewhere(loaded),
        demo=has_practice_tenant(),
    )
    keeper = TenancyFile(sources, configuration.desk.exports or documents_folder())
    notify(TenantsNotice())
    return FirstRun(TenantLookup(http), keeper, settings, notify, http.aclose)
