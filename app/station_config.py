"""What one station works with, read from the configuration: tenant, record, readers, network.

Here alone the keys of the configuration become the settings of each part. app/compose.py makes the
parts of it, app/doctor.py examines them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app import logs
from app.clock import SystemClock
from app.core.errors import SettingsError, SettingsProblem
from app.core.kiosk import KioskRules
from app.core.lane import SELF_SCOPES, Lane, LaneRules
from app.core.ports import Clock
from app.core.rights import DEFAULT_FEATURES, scopes_for
from app.core.rights import Feature as Right
from app.core.scan import ScanRules
from app.core.signin import KeyStore, SignInMethod
from app.network.proxies import Proxies, variables_set
from app.settings.choices import Feature, LineEnding, SignInCache
from app.settings.loading import Loaded, Sources, load
from app.settings.places import data_folder, documents_folder
from app.settings.schema import Configuration, SignInSection, TenantProfile
from app.station.context import DeskSettings
from app.station.notices import Sound

if TYPE_CHECKING:
    from app.auth import StationKey
    from app.browser.confined import ConfinedBrowser
    from app.browser.policy import Wanted
    from app.readers import SerialScannerSettings

_RIGHTS: Final = {
    Feature.INVENTORY: frozenset({Right.READ_INVENTORY}),
    Feature.POLICY: frozenset({Right.READ_POLICY}),
    Feature.ROLES: frozenset({Right.READ_ROLES, Right.READ_GROUPS}),
    Feature.MANAGE: frozenset({Right.WRITE_INVENTORY}),
    Feature.PASSES: frozenset({Right.ISSUE_PASS}),
}
_ALWAYS: Final = DEFAULT_FEATURES - frozenset({Right.READ_INVENTORY, Right.READ_POLICY})
_ENDINGS: Final = {
    LineEnding.ANY: b"",
    LineEnding.CR: b"\r",
    LineEnding.LF: b"\n",
    LineEnding.CRLF: b"\r\n",
    LineEnding.TAB: b"\t",
    LineEnding.NONE: b"\0",  # which no scanner sends: a code ends with the silence after it
}
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One tenant, the record of what is done there, the readers and the way to the network.

    Without `authority` no tenant is configured; then a station cannot be built, only examined.
    `ledger_file` is the record, `log_folder` where the program's log is. `scopes` are the
    permissions that are asked for at a sign-in by one of `methods`. `key` signs a station in that
    nobody attends; `browser` is the one that shows the sign-in alone. `keep` puts the sign-in into
    the system's encrypted store. `desks` is how many desks share Graph's limit. `cards` tells
    whether card readers are watched, `serial` which serial ports; None for none. `origin` is what
    was loaded and from where; None where nothing is configured by files.
    """

    ledger_file: Path
    log_folder: Path
    authority: str = ""
    graph_url: str = ""
    client_id: str = ""
    desk: DeskSettings = field(default_factory=DeskSettings)
    scopes: tuple[str, ...] = scopes_for(DEFAULT_FEATURES)
    methods: tuple[SignInMethod, ...] = (SignInMethod.BROWSER, SignInMethod.DEVICE)
    browser: ConfinedBrowser | None = None
    key: StationKey | None = None
    keep: bool = False
    ca_file: Path | None = None
    desks: int = 1
    proxies: Proxies = field(default_factory=Proxies)
    instance_discovery: bool = True
    cards: bool = True
    serial: SerialScannerSettings | None = None
    origin: tuple[Loaded, Sources] | None = None
    clock: Clock = field(default_factory=SystemClock)


def record_folder(configuration: Configuration) -> Path:
    """Return the folder of all records, which one station at a time works in."""
    return configuration.ledger.folder or data_folder()


def ledger_file(configuration: Configuration, tenant: TenantProfile) -> Path:
    """Return where the record of `tenant` is kept: each has its own.

    What one tenant left open must never be settled by asking another.
    """
    return record_folder(configuration) / tenant.id / "ledger.db"


def records(configuration: Configuration) -> dict[str, Path]:
    """Return the file of each tenant's record, by the key of its profile."""
    return {each.key: ledger_file(configuration, each) for each in configuration.tenants}


def tenant_of(configuration: Configuration, key: str) -> TenantProfile:
    """Return the tenant whose profile is called `key`. Raises SettingsError where there is none."""
    for each in configuration.tenants:
        if each.key == key:
            return each
    allowed = "--tenant with one of " + ", ".join(
        each.key or each.id for each in configuration.tenants
    )
    problem = f"there is no tenant {key}"
    raise SettingsError(SettingsProblem("command line", problem, "tenants", allowed))


def config_of(
    configuration: Configuration,
    tenant: TenantProfile | None,
    origin: tuple[Loaded, Sources] | None = None,
) -> StationConfig:
    """Return what a station of `tenant` works with; without a tenant, what can be examined.

    `origin` is what `configuration` was read from; without it the system's proxies do not count.
    """
    network = configuration.network
    config = StationConfig(
        record_folder(configuration) / "none.db",
        logs.log_folder(),
        scopes=asked_scopes(configuration),
        methods=methods_of(configuration),
        key=station_key(configuration.signin),
        keep=_keeps(configuration),
        ca_file=network.ca_file,
        desks=network.desks,
        proxies=origin[0].proxies if origin else Proxies(network.proxy, of_system=False),
        cards=configuration.readers.cards,
        serial=_serial(configuration),
        origin=origin,
    )
    config = replace(config, browser=confined_browser(configuration, config.proxies))
    if tenant is None:
        return config
    return replace(
        config,
        ledger_file=ledger_file(configuration, tenant),
        authority=tenant.authority,
        graph_url=tenant.cloud.graph_url,
        client_id=tenant.client_id,
        desk=_desk(configuration, tenant),
    )


def examined_config(sources: Sources, key: str = "") -> StationConfig:
    """Read what a check-up looks at from `sources`, whatever state the configuration is in.

    `key` names the tenant; where it names none, the first is looked at.
    """
    loaded = load(sources)
    tenants = loaded.configuration.tenants
    named = [each for each in tenants if each.key == key]
    tenant = next(iter(named or tenants), None)
    return config_of(loaded.configuration, tenant, (loaded, sources))


def asked_scopes(configuration: Configuration) -> tuple[str, ...]:
    """Return the permissions to ask for: those that are named, or what the work here needs."""
    own = configuration.desk.lane is Lane.SELF
    needed = SELF_SCOPES if own else scopes_for(rights(configuration))
    return configuration.permissions.scopes or needed


def rights(configuration: Configuration) -> frozenset[Right]:
    """Return what the station does with the directory, by the features that are switched on."""
    wanted = [_RIGHTS.get(each, frozenset()) for each in configuration.permissions.features]
    return _ALWAYS.union(*wanted)


def methods_of(configuration: Configuration) -> tuple[SignInMethod, ...]:
    """Return how somebody can sign in: a kiosk opens a browser only where it may open links."""
    kiosk, methods = configuration.kiosk, configuration.signin.methods
    if not kiosk.enabled or kiosk.links:
        return methods
    return tuple(each for each in methods if each is not SignInMethod.BROWSER)


def confined_browser(
    configuration: Configuration, proxies: Proxies | None = None
) -> ConfinedBrowser | None:
    """Return the browser that leads to the sign-in alone; None where this system has none."""
    if not sys.platform.startswith("linux"):
        return None
    from app.browser.confined import PROGRAM, ConfinedBrowser  # noqa: PLC0415 - after the first paint

    named = variables_set() if proxies and proxies.named_by_system() else ()
    return ConfinedBrowser(
        confined_to(configuration),
        configuration.signin.browser_program or PROGRAM,
        proxies={name: os.environ[name] for name in named},
    )


def confined_to(configuration: Configuration) -> Wanted:
    """Return what a confined browser may reach: the sign-in of every tenant, and no more.

    The policies are the machine's, so they serve all of its tenants.
    """
    from app.browser.policy import Wanted  # noqa: PLC0415 - after the first paint

    clouds = [host for each in configuration.tenants for host in each.cloud.sign_in_hosts]
    hosts = tuple(dict.fromkeys((*clouds, *configuration.signin.browser_hosts)))
    network = configuration.network
    return Wanted(hosts, network.ca_file, network.proxy)


def _keeps(configuration: Configuration) -> bool:
    """Tell whether a sign-in may outlive the program: on a kiosk it would be anybody's."""
    wanted = configuration.signin.cache is SignInCache.SYSTEM
    return wanted and not configuration.kiosk.enabled


def as_kiosk(configuration: Configuration, *, on: bool = True) -> Configuration:
    """Return `configuration` for a station that is run as a kiosk, or as none, whatever it says."""
    return replace(configuration, kiosk=replace(configuration.kiosk, enabled=on))


def scan_rules(configuration: Configuration) -> ScanRules:
    """Return what the site calls a badge, and what its scanners do to a serial number."""
    scanner = configuration.scanner
    return ScanRules(
        badge_pattern=configuration.badge.pattern,
        prefix=scanner.prefix,
        separator=scanner.separator,
        layout=scanner.layout,
    )


def station_key(signin: SignInSection) -> StationKey | None:
    """Return where the key of a station that signs in by itself lies; None where it has none."""
    from app.auth import Certificate, StoredKey  # noqa: PLC0415 - after the first paint

    if signin.key_store is KeyStore.FILE:
        ask = _secret_in(signin.passphrase_file)
        return Certificate(signin.certificate, passphrase=ask) if signin.certificate else None
    try:
        return StoredKey(
            signin.key_store,
            signin.thumbprint,
            signin.key_module,
            signin.key_token,
            pin=_secret_in(signin.key_pin_file),
        )
    except ValueError:  # what its store needs is not named: the configuration says so itself
        return None


def _secret_in(file: Path | None) -> Callable[[], str]:
    """Return what reads a passphrase or a PIN anew each time; without a file there is none."""
    from app.auth.keyfile import passphrase  # noqa: PLC0415 - imports cryptography

    return (lambda: passphrase(file)) if file else str


def _desk(configuration: Configuration, tenant: TenantProfile) -> DeskSettings:
    sound, own = configuration.sound, configuration.desk.lane is Lane.SELF
    exports = configuration.desk.exports or documents_folder()
    sounds = {Sound.ACCEPTED: sound.accepted, Sound.ATTENTION: sound.attention}
    desk = DeskSettings(
        name=configuration.desk.name,
        tenant=tenant.title if len(configuration.tenants) > 1 else tenant.name,
        mode=configuration.desk.mode,
        rules=scan_rules(configuration),
        badges=configuration.badge.rules,
        exports=str(exports),
        sounds=frozenset(each for each, wanted in sounds.items() if wanted),
        lock_after=0.0 if own else configuration.lock.after * _MINUTE,
        sign_out_after=0.0 if own else configuration.lock.sign_out_after * _MINUTE,
        cloud=tenant.cloud,
        without_token=configuration.desk.without_token,
        retention=_retention(configuration),
        line=configuration.desk.line_mode,
        method_name=configuration.desk.method_name,
        passes=Feature.PASSES in configuration.permissions.features,
        receipts=configuration.receipt.rules(tenant.name, exports),
        lane=configuration.lane.rules if own else None,
        low_mark=configuration.inventory.low_mark,
    )
    kiosk = configuration.kiosk
    return for_strangers(desk, kiosk.rules) if kiosk.enabled else desk


def for_strangers(desk: DeskSettings, rules: KioskRules) -> DeskSettings:
    """Return `desk` as it is on a kiosk: it forgets whoever was there, and prints if it may.

    A lane forgets by itself, and no later than the kiosk is to.
    """
    receipts, lane, most = desk.receipts, desk.lane, rules.wipe_after
    if receipts is not None:
        receipts = replace(receipts, printing=receipts.printing and rules.printing)
    if lane is None:
        return replace(desk, receipts=receipts, wipe_after=most)
    lane = LaneRules(min(lane.idle, most), min(lane.goodbye, most))
    return replace(desk, receipts=receipts, lane=lane)


def _retention(configuration: Configuration) -> timedelta | None:
    days = configuration.ledger.retention_days
    return timedelta(days=days) if days else None


def _serial(configuration: Configuration) -> SerialScannerSettings | None:
    from app.readers import SerialScannerSettings  # noqa: PLC0415 - after the first paint

    serial = configuration.serial
    if not serial.enabled:
        return None
    return SerialScannerSettings(
        ports=serial.ports,
        baud=serial.baud,
        ending=_ENDINGS[serial.ending],
        prefix=serial.prefix,
        separator=serial.separator,
        silence=serial.silence,
    )
