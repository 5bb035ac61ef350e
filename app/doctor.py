"""The examinations of one station, put together from every adapter; the floor below `main`.

`oathdesk doctor` and the page in the window carry out the same ones.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.clock import SystemClock
from app.core.checkup import Check, Examination, Finding, Told, Verdict
from app.core.cloud import Cloud
from app.core.errors import BrowserNotConfined, SettingsError
from app.core.model import Operator
from app.core.ports import Clock, DevicePrompt, Directory, SignIn
from app.core.rights import essential_scopes, scopes_for
from app.core.signin import SignInMethod
from app.core.tenant_trial import TrialRequests
from app.network.proxies import Proxies
from app.settings.loading import Loaded, Sources
from app.station.account import Account, Who, read_operator
from app.station.examining import in_thread

if TYPE_CHECKING:
    from app.auth import StationKey
    from app.browser.confined import ConfinedBrowser
    from app.checks.way import Way
    from app.readers import SerialScannerSettings

_ANSWERS = (Check.SIGN_IN_ANSWER.value, Check.GRAPH_ANSWER.value)
_SLOW = 30.0
"""Seconds for what tries several addresses, or walks through the whole record."""

_SIGN_IN = (
    Check.SIGN_IN_NAME,
    Check.SIGN_IN_CONNECTION,
    Check.SIGN_IN_TLS,
    Check.SIGN_IN_ANSWER,
)
_GRAPH = (Check.GRAPH_NAME, Check.GRAPH_CONNECTION, Check.GRAPH_TLS, Check.GRAPH_ANSWER)


@dataclass(frozen=True, slots=True)
class Site:
    """What is to be examined. Without `authority` no tenant is configured.

    `settings` is what was loaded and from where; None where nothing is configured by files.
    `desks`, `cards` and `ports` are as in app.place.Place, `certificate` is that of an unattended
    station, `browser` the one of a kiosk that leads to the sign-in alone.
    """

    record: Path
    logs: Path
    authority: str = ""
    graph_url: str = ""
    settings: tuple[Loaded, Sources] | None = None
    cloud: Cloud = Cloud.GLOBAL
    ca_file: Path | None = None
    desks: int = 1
    proxies: Proxies = field(default_factory=Proxies)
    cards: bool = True
    ports: "SerialScannerSettings | None" = None
    certificate: "StationKey | None" = None
    browser: "ConfinedBrowser | None" = None
    client_id: str = ""
    scopes: tuple[str, ...] = scopes_for()
    methods: tuple[SignInMethod, ...] = (SignInMethod.BROWSER, SignInMethod.DEVICE)
    keep: bool = False
    instance_discovery: bool = True
    clock: Clock = field(default_factory=SystemClock)


def examinations(site: Site, executor: Executor) -> Sequence[Examination]:
    """Return all that needs no sign-in; what blocks runs on `executor`."""
    return (*_machine(site, executor), *_network(site, executor))


def _machine(site: Site, executor: Executor) -> Sequence[Examination]:
    from app.checks.machine import look_at_folder, look_at_program  # noqa: PLC0415 - when needed
    from app.checks.trust import look_at_environment  # noqa: PLC0415 - httpcore
    from app.ledger.health import look_at_record  # noqa: PLC0415 - SQLite

    def blocking(check: Check, look: Callable[[], Finding], *needs: Check) -> Examination:
        keys = tuple(need.value for need in needs)
        return Examination(check, in_thread(executor, look), needs=keys, seconds=_SLOW)

    folder, record = Check.RECORD_FOLDER, site.record
    return (
        blocking(Check.PROGRAM, look_at_program),
        *_configuration(site),
        blocking(Check.ENVIRONMENT, lambda: look_at_environment(site.proxies)),
        blocking(folder, lambda: look_at_folder(folder, record.parent)),
        blocking(Check.RECORD, lambda: look_at_record(record)),
        blocking(Check.LOG_FOLDER, lambda: look_at_folder(Check.LOG_FOLDER, site.logs)),
        blocking(Check.CERTIFICATE, lambda: _certificate(site)),
        blocking(Check.CONFINED_BROWSER, lambda: _browser(site)),
        blocking(Check.CARD_READERS, lambda: _readers(site)),
        blocking(Check.SERIAL_PORTS, lambda: _ports(site)),
    )


def _configuration(site: Site) -> Sequence[Examination]:
    from app.settings.health import look_at_configuration  # noqa: PLC0415 - when needed

    if site.settings is None:
        return ()
    loaded, sources = site.settings

    async def look() -> Finding:
        return look_at_configuration(loaded, sources)

    return (Examination(Check.CONFIGURATION, look),)


def _certificate(site: Site) -> Finding:
    from app.auth.health import look_at_certificate  # noqa: PLC0415 - imports cryptography

    if site.certificate is None:
        return _not_wanted(Check.CERTIFICATE)
    return look_at_certificate(site.certificate, site.clock.now())


def _browser(site: Site) -> Finding:
    """Tell whether the browser of a kiosk would be started, and where it may lead."""
    check = Check.CONFINED_BROWSER
    if SignInMethod.CONFINED not in site.methods:
        return _not_wanted(check)
    if site.browser is None:
        return Finding(check, Verdict.FAILURE, Told.BROWSER_ON_LINUX)
    try:
        site.browser.check()
    except BrowserNotConfined as error:
        return Finding(check, Verdict.FAILURE, Told.FAULT, error=error)
    hosts = site.browser.wanted.hosts
    rows = (("Program", str(site.browser.program)), *(("Host", host) for host in hosts))
    return Finding(check, Verdict.OK, Told.BROWSER_CONFINED, {"count": len(hosts)}, rows)


def _readers(site: Site) -> Finding:
    from app.readers.health import look_at_readers  # noqa: PLC0415 - when needed

    return look_at_readers() if site.cards else _not_wanted(Check.CARD_READERS)


def _ports(site: Site) -> Finding:
    from app.readers.health import look_at_ports  # noqa: PLC0415 - when needed

    return look_at_ports(site.ports) if site.ports else _not_wanted(Check.SERIAL_PORTS)


def _not_wanted(check: Check) -> Finding:
    return Finding(check, Verdict.NOT_CHECKED, Told.NOT_WANTED)


def _network(site: Site, executor: Executor) -> Sequence[Examination]:
    from app.checks.both import look_at_clock, look_at_proxy, look_at_tenant  # noqa: PLC0415 - httpcore
    from app.checks.trust import look_at_authorities  # noqa: PLC0415 - the same
    from app.checks.way import Trust, Way  # noqa: PLC0415 - the same

    trust = Trust(site.ca_file)
    authorities = Examination(
        Check.AUTHORITIES, in_thread(executor, lambda: look_at_authorities(trust))
    )
    if not site.authority:
        others = (Check.PROXY, *_SIGN_IN, *_GRAPH, Check.CLOCK, Check.TENANT)
        return (authorities, *without_tenant(*others))
    document = f"{site.authority}/v2.0/.well-known/openid-configuration"
    sign_in = Way(document, _SIGN_IN, trust, site.clock, site.proxies)
    graph = Way(f"{site.graph_url}/v1.0/me", _GRAPH, trust, site.clock, site.proxies)
    both = (sign_in, graph)
    tenant = in_thread(executor, lambda: look_at_tenant(sign_in))
    return (
        authorities,
        Examination(Check.PROXY, in_thread(executor, lambda: look_at_proxy(both)), seconds=_SLOW),
        *_steps(sign_in, executor),
        *_steps(graph, executor),
        Examination(Check.CLOCK, in_thread(executor, lambda: look_at_clock(both)), after=_ANSWERS),
        Examination(Check.TENANT, tenant, needs=(Check.SIGN_IN_ANSWER.value,)),
    )


def _steps(way: "Way", executor: Executor) -> Sequence[Examination]:
    """Name, connection, TLS, answer: each needs the one before, TLS the trusted authorities too."""
    looks = (way.name, way.connection, way.tls, way.look)
    name, connection, tls, _ = (check.value for check in way.checks)
    needs = (
        (Check.PROXY.value,),
        (name,),
        (connection, Check.AUTHORITIES.value),
        (tls,),
    )
    return tuple(
        Examination(check, in_thread(executor, look), needs=before, seconds=_SLOW)
        for check, look, before in zip(way.checks, looks, needs, strict=True)
    )


# With a sign-in ---------------------------------------------------------------------------------

OF_ACCOUNT = (
    Check.SECRET_STORE,
    Check.METHODS,
    Check.SIGNED_IN,
    Check.DEVICE_CODE,
    Check.CLOUD,
    Check.POLICY,
    Check.INVENTORY,
)


@dataclass(frozen=True, slots=True)
class OpenCloud:
    """The cloud as the station reaches it, with a sign-in to begin; to be closed.

    `trial` are the raw requests of a trial of the tenant, over the same connections.
    """

    sign_in: SignIn
    directory: Directory
    close: Callable[[], Awaitable[None]]
    trial: TrialRequests


def cloud_of(site: Site) -> OpenCloud | Sequence[Examination]:
    """Return the cloud of `site`, or the findings of every check that there can be none for."""
    if not site.authority:
        return without_tenant(*OF_ACCOUNT)
    try:
        return _open(site)
    except SettingsError as error:  # a proxy that httpx does not take, or unreadable certificates
        of_proxy = any(problem.key == "network.proxy" for problem in error.problems)
        return _after(Check.PROXY if of_proxy else Check.AUTHORITIES)


def _open(site: Site) -> OpenCloud:
    from app.auth import AuthSettings, Means, MsalSignIn  # noqa: PLC0415 - not needed without a tenant
    from app.graph.client import GraphClient, Options  # noqa: PLC0415 - the same
    from app.graph.directory import GraphDirectory  # noqa: PLC0415 - the same
    from app.graph.pace import Pace  # noqa: PLC0415 - the same
    from app.graph.tenant_trial import GraphTrial, Tally  # noqa: PLC0415 - the same
    from app.graph.transport import make_http  # noqa: PLC0415 - the same
    from app.network.tls import make_ssl_context  # noqa: PLC0415 - the same

    context = make_ssl_context(site.ca_file)
    http = make_http(context, proxies=site.proxies)
    settings = AuthSettings(
        site.authority,
        site.client_id,
        tuple(f"{site.graph_url}/{scope}" for scope in site.scopes),
        ssl_context=context,
        instance_discovery=site.instance_discovery,
        proxies=site.proxies,
        methods=site.methods,
        certificate=site.certificate,
        keep=site.keep,
        store_folder=site.record.parent,
        essential=tuple(f"{site.graph_url}/{scope}" for scope in essential_scopes(site.scopes)),
    )
    sign_in = MsalSignIn(settings, site.clock, means=Means(confined=site.browser))

    async def close() -> None:
        sign_in.close()
        await http.aclose()

    tally = Tally()
    options = Options(pace=Pace().shared_by(site.desks), on_exchange=tally.take)
    client = GraphClient(site.graph_url, sign_in, http, site.clock, options)
    return OpenCloud(sign_in, GraphDirectory(client), close, GraphTrial(client, tally))


async def enter(cloud: OpenCloud, prompt: Callable[[DevicePrompt], None]) -> Operator:
    """Sign in from a command line; `prompt` asks a person, where nothing else will do.

    Raises SignInError and DirectoryError.
    """
    if SignInMethod.CERTIFICATE in cloud.sign_in.methods:
        await cloud.sign_in.unattended()
    elif not await cloud.sign_in.resume():
        await cloud.sign_in.by_device_code(prompt)
    return await read_operator(cloud.directory, cloud.sign_in)


def account_of(site: Site, cloud: OpenCloud, who: Who, seconds: float) -> Account:
    """Return what is learned of the sign-in that `who` makes or finds, within `seconds`."""
    documented = site.cloud.documents_hardware_oath
    return Account(cloud.directory, cloud.sign_in, who, site.methods, documented, seconds)


def without_tenant(*checks: Check) -> Sequence[Examination]:
    """Return examinations that find only that no tenant is configured."""
    return tuple(_unplaced(check, Told.NO_TENANT) for check in checks)


def _after(cause: Check) -> Sequence[Examination]:
    facts = {"check": cause, "subject": ""}
    return tuple(_unplaced(check, Told.AFTER, facts) for check in OF_ACCOUNT)


def _unplaced(
    check: Check, why: Told, facts: Mapping[str, object] = MappingProxyType({})
) -> Examination:
    async def look() -> Finding:
        return Finding(check, Verdict.NOT_CHECKED, why, facts)

    return Examination(check, look)
