"""Where a station works, made of what was configured: tenant, record, readers, the way to the net.

Here alone the words of the configuration become the settings of each part.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app import doctor, logs
from app.core.errors import BrowserNotConfined, SettingsError, SettingsProblem
from app.core.kiosk import KioskRules, ScreenKeys
from app.core.lane import SELF_SCOPES, Lane, LaneRules
from app.core.pin import SALT_BYTES, PinHash
from app.core.receipt import ReceiptRules
from app.core.rights import DEFAULT_FEATURES, scopes_for
from app.core.rights import Feature as Right
from app.core.scan import ScanRules
from app.core.signin import KeyStore, SignInMethod, Unconfined
from app.network.proxies import Proxies, variables_set
from app.settings.choices import Feature, LineEnding, SignInCache
from app.settings.loading import Sources, load
from app.settings.places import data_folder, documents_folder
from app.settings.schema import Configuration, SignInSection, TenantProfile
from app.station.context import DeskSettings
from app.station.notices import Sound

if TYPE_CHECKING:
    from app.auth import StationKey
    from app.browser.confined import ConfinedBrowser
    from app.browser.policy import Wanted
    from app.readers import SerialScannerSettings
    from app.simulator.server import ReadyInfo

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

PRACTICE_PIN: Final = "271828"
"""The supervisor's PIN of a practice kiosk, which guards nothing."""

_FAST: Final = (SignInMethod.BROWSER, SignInMethod.DEVICE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a station works: which directory and authority, which record, which certificates.

    `scopes` are the permissions that are asked for. `key` names the key of a station that signs in
    by itself; `browser` is the one that leads to the sign-in alone. `keep` wants the sign-in in the
    system's encrypted store. `desks` is how many desks share Graph's limit. `cards` and `ports`
    tell whether card readers and which serial ports are watched; `site` is what the check-up looks
    at.
    """

    graph_url: str
    authority: str
    client_id: str
    ledger_file: Path
    desk: DeskSettings
    scopes: tuple[str, ...] = scopes_for(DEFAULT_FEATURES)
    methods: tuple[SignInMethod, ...] = _FAST
    browser: ConfinedBrowser | None = None
    key: SignInSection | None = None
    keep: bool = False
    ca_file: Path | None = None
    desks: int = 1
    proxies: Proxies = field(default_factory=Proxies)
    instance_discovery: bool = True
    cards: bool = True
    ports: SerialScannerSettings | None = None
    site: doctor.Site | None = None


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


def place_of(
    configuration: Configuration, tenant: TenantProfile, proxies: Proxies | None = None
) -> Place:
    """Return the place that `configuration` describes for `tenant`.

    `proxies` are those of app.settings.loading.Loaded; without them the system's do not count.
    """
    return Place(
        graph_url=tenant.cloud.graph_url,
        authority=tenant.authority,
        client_id=tenant.client_id,
        ledger_file=ledger_file(configuration, tenant),
        desk=_desk(configuration, tenant),
        scopes=asked_scopes(configuration),
        methods=methods_of(configuration),
        browser=confined_browser(configuration, proxies),
        key=configuration.signin,
        keep=_keeps(configuration),
        ca_file=configuration.network.ca_file,
        desks=configuration.network.desks,
        proxies=proxies or Proxies(configuration.network.proxy, of_system=False),
        cards=configuration.readers.cards,
        ports=_ports(configuration),
    )


def asked_scopes(configuration: Configuration) -> tuple[str, ...]:
    """Return the permissions to ask for: those that are named, or what the work here needs."""
    own = configuration.desk.lane is Lane.SELF
    needed = SELF_SCOPES if own else scopes_for(rights(configuration))
    return configuration.permissions.scopes or needed


def place_of_self_service(ready: ReadyInfo, folder: Path, rules: LaneRules) -> Place:
    """Return the place of a practice tenant at which people serve themselves."""
    place = place_of_practice(ready, folder)
    desk = replace(place.desk, name="Self-service", lane=rules)
    return replace(place, desk=desk, scopes=SELF_SCOPES)


def place_of_practice(ready: ReadyInfo, folder: Path, log_folder: Path | None = None) -> Place:
    """Return the place of a practice tenant, its record in `folder` and, unless elsewhere, its log.

    Its operators may read roles, so that it shows what is told of an administrator, and change the
    inventory where their role lets them.
    """
    return Place(
        graph_url=ready.graph_url,
        authority=ready.authority,
        client_id=ready.client_id,
        ledger_file=folder / "ledger.db",
        desk=DeskSettings(
            tenant=ready.tenant_name,
            exports=str(documents_folder()),
            receipts=ReceiptRules(header=ready.tenant_name, folder=str(documents_folder())),
        ),
        scopes=scopes_for(
            DEFAULT_FEATURES | {Right.READ_ROLES, Right.READ_GROUPS, Right.WRITE_INVENTORY}
        ),
        ca_file=Path(ready.ca_file),
        instance_discovery=False,
        site=doctor.Site(
            record=folder / "ledger.db",
            logs=log_folder or folder / "logs",
            authority=ready.authority,
            graph_url=ready.graph_url,
            ca_file=Path(ready.ca_file),
        ),
    )


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


def practice_rules() -> KioskRules:
    """Return the rules of a practice kiosk: any pointer is a finger there."""
    pin = PinHash.of(PRACTICE_PIN, b"practice".ljust(SALT_BYTES))
    return KioskRules(pin, keyboard=ScreenKeys.ALWAYS)


def place_of_practice_kiosk(place: Place, browser: ConfinedBrowser | None = None) -> Place:
    """Return the practice `place` as that of a kiosk; with a `browser` people sign in there."""
    place = replace(place, desk=for_strangers(place.desk, practice_rules()))
    if browser is None:
        return place
    return replace(place, browser=browser, methods=(SignInMethod.CONFINED,))


def practice_kiosk_browser(ready: ReadyInfo, folder: Path, *, display: bool) -> ConfinedBrowser:
    """Return the browser of a practice kiosk, its policies in `folder`. Blocks for the disk.

    Raises BrowserNotConfined where there is no `display`, or no browser that can be confined.
    """
    if not display:
        raise BrowserNotConfined(Unconfined.NO_DISPLAY, "DISPLAY", "it is not set")
    from app.browser.policy import Wanted  # noqa: PLC0415 - after the first paint
    from app.browser.practice import practice_browser  # noqa: PLC0415 - the same

    host = urlsplit(ready.authority).netloc
    return practice_browser(Wanted((host,), Path(ready.ca_file)), folder)


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


def site_of(sources: Sources, key: str = "") -> doctor.Site:
    """Return what a check-up looks at, whatever state the configuration is in.

    `key` names the tenant; where it names none, the first is looked at.
    """
    loaded = load(sources)
    configuration = loaded.configuration
    signin = configuration.signin
    named = [each for each in configuration.tenants if each.key == key]
    tenant = next(iter(named or configuration.tenants), None)
    site = doctor.Site(
        ledger_file(configuration, tenant) if tenant else record_folder(configuration) / "none.db",
        logs.log_folder(),
        settings=(loaded, sources),
        ca_file=configuration.network.ca_file,
        desks=configuration.network.desks,
        proxies=loaded.proxies,
        cards=configuration.readers.cards,
        ports=_ports(configuration),
        methods=methods_of(configuration),
        scopes=asked_scopes(configuration),
        keep=_keeps(configuration),
        certificate=station_key(signin),
        browser=confined_browser(configuration, loaded.proxies),
    )
    if tenant is None:
        return site
    return replace(
        site,
        authority=tenant.authority,
        graph_url=tenant.cloud.graph_url,
        client_id=tenant.client_id,
        cloud=tenant.cloud,
    )


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


def _ports(configuration: Configuration) -> SerialScannerSettings | None:
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
