"""The examinations of one station, made from the health checks of every adapter.

`oathdesk doctor` and the check-up's page in the window carry out the same ones.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.core.checkup import Check, Examination, Finding, Told, Verdict
from app.core.errors import BrowserNotConfined
from app.core.ports import Directory, SignIn
from app.core.signin import SignInMethod
from app.station.account import Account, Who
from app.station.examining import in_thread
from app.station_config import StationConfig

if TYPE_CHECKING:
    from app.checks.way import Way

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


def examinations(config: StationConfig, executor: Executor) -> Sequence[Examination]:
    """Return all that needs no sign-in; what blocks runs on `executor`."""
    return (*_machine(config, executor), *_network(config, executor))


def _machine(config: StationConfig, executor: Executor) -> Sequence[Examination]:
    from app.checks.machine import look_at_folder, look_at_program  # noqa: PLC0415 - when needed
    from app.checks.trust import look_at_environment  # noqa: PLC0415 - httpcore
    from app.ledger.health import look_at_record  # noqa: PLC0415 - SQLite

    def blocking(check: Check, look: Callable[[], Finding], *needs: Check) -> Examination:
        keys = tuple(need.value for need in needs)
        return Examination(check, in_thread(executor, look), needs=keys, seconds=_SLOW)

    folder, record = Check.RECORD_FOLDER, config.ledger_file
    return (
        blocking(Check.PROGRAM, look_at_program),
        *_configuration(config),
        blocking(Check.ENVIRONMENT, lambda: look_at_environment(config.proxies)),
        blocking(folder, lambda: look_at_folder(folder, record.parent)),
        blocking(Check.RECORD, lambda: look_at_record(record)),
        blocking(Check.LOG_FOLDER, lambda: look_at_folder(Check.LOG_FOLDER, config.log_folder)),
        blocking(Check.CERTIFICATE, lambda: _certificate(config)),
        blocking(Check.CONFINED_BROWSER, lambda: _browser(config)),
        blocking(Check.CARD_READERS, lambda: _readers(config)),
        blocking(Check.SERIAL_PORTS, lambda: _ports(config)),
    )


def _configuration(config: StationConfig) -> Sequence[Examination]:
    from app.settings.health import look_at_configuration  # noqa: PLC0415 - when needed

    if config.origin is None:
        return ()
    loaded, sources = config.origin

    async def look() -> Finding:
        return look_at_configuration(loaded, sources)

    return (Examination(Check.CONFIGURATION, look),)


def _certificate(config: StationConfig) -> Finding:
    from app.auth.health import look_at_certificate  # noqa: PLC0415 - imports cryptography

    if config.key is None:
        return _not_wanted(Check.CERTIFICATE)
    return look_at_certificate(config.key, config.clock.now())


def _browser(config: StationConfig) -> Finding:
    """Tell whether the browser of a kiosk would be started, and where it may lead."""
    check = Check.CONFINED_BROWSER
    if SignInMethod.CONFINED not in config.methods:
        return _not_wanted(check)
    if config.browser is None:
        return Finding(check, Verdict.FAILURE, Told.BROWSER_ON_LINUX)
    try:
        config.browser.check()
    except BrowserNotConfined as error:
        return Finding(check, Verdict.FAILURE, Told.FAULT, error=error)
    hosts = config.browser.wanted.hosts
    rows = (("Program", str(config.browser.program)), *(("Host", host) for host in hosts))
    return Finding(check, Verdict.OK, Told.BROWSER_CONFINED, {"count": len(hosts)}, rows)


def _readers(config: StationConfig) -> Finding:
    from app.readers.health import look_at_readers  # noqa: PLC0415 - when needed

    return look_at_readers() if config.cards else _not_wanted(Check.CARD_READERS)


def _ports(config: StationConfig) -> Finding:
    from app.readers.health import look_at_ports  # noqa: PLC0415 - when needed

    return look_at_ports(config.serial) if config.serial else _not_wanted(Check.SERIAL_PORTS)


def _not_wanted(check: Check) -> Finding:
    return Finding(check, Verdict.NOT_CHECKED, Told.NOT_WANTED)


def _network(config: StationConfig, executor: Executor) -> Sequence[Examination]:
    from app.checks.both import look_at_clock, look_at_proxy, look_at_tenant  # noqa: PLC0415 - httpcore
    from app.checks.trust import look_at_authorities  # noqa: PLC0415 - the same
    from app.checks.way import Trust, Way  # noqa: PLC0415 - the same

    trust = Trust(config.ca_file)
    authorities = Examination(
        Check.AUTHORITIES, in_thread(executor, lambda: look_at_authorities(trust))
    )
    if not config.authority:
        others = (Check.PROXY, *_SIGN_IN, *_GRAPH, Check.CLOCK, Check.TENANT)
        return (authorities, *without_tenant(*others))
    document = f"{config.authority}/v2.0/.well-known/openid-configuration"
    sign_in = Way(document, _SIGN_IN, trust, config.clock, config.proxies)
    graph = Way(f"{config.graph_url}/v1.0/me", _GRAPH, trust, config.clock, config.proxies)
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


def account_of(
    config: StationConfig, directory: Directory, sign_in: SignIn, who: Who, seconds: float
) -> Account:
    """Return what is learned of the sign-in that `who` makes or finds, within `seconds`."""
    documented = config.desk.cloud.documents_hardware_oath
    return Account(directory, sign_in, who, config.methods, documented, seconds)


def without_tenant(*checks: Check) -> Sequence[Examination]:
    """Return examinations that find only that no tenant is configured."""
    return tuple(_unplaced(check, Told.NO_TENANT) for check in checks)


def not_examined(cause: Check) -> Sequence[Examination]:
    """Return examinations of the account that find only that `cause` has to be mended first."""
    facts = {"check": cause, "subject": ""}
    return tuple(_unplaced(check, Told.AFTER, facts) for check in OF_ACCOUNT)


def _unplaced(
    check: Check, why: Told, facts: Mapping[str, object] = MappingProxyType({})
) -> Examination:
    async def look() -> Finding:
        return Finding(check, Verdict.NOT_CHECKED, why, facts)

    return Examination(check, look)
