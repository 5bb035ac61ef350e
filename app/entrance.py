"""What leads to a station: the configuration is read, a tenant chosen, or a first one set up.

Every start reads the configuration anew, so that what was mended or written meanwhile counts
without starting the program again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from app.clock import SystemClock
from app.core.errors import NotConfigured, SettingsError, SettingsProblem
from app.core.kiosk import KioskRules
from app.core.lane import Lane
from app.core.rights import scopes_for
from app.place import (
    Place,
    as_kiosk,
    place_of,
    record_folder,
    rights,
    scan_rules,
    site_of,
    tenant_of,
)
from app.settings.loading import Loaded, Sources, load
from app.settings.places import documents_folder
from app.settings.remembered import RememberedWindow, last_choice, remember_choice
from app.settings.schema import Configuration, TenantProfile
from app.settings.tries import TriesFile
from app.station.context import Notify
from app.station.first_run import FirstRun, Ground
from app.station.gate import Gate
from app.station.notices import TenantChoice, TenantsNotice
from app.station.station import Station

if TYPE_CHECKING:
    from app.ui.application import Dress
    from app.ui.bridge import Build
    from app.ui.kiosk.shell import Guard

_LOG = logging.getLogger("oathdesk")

PutTogether = Callable[[Place, Notify], Awaitable[Station]]


class Entrance:
    """The ways to a station, as app.ui.bridge.Ways: each is a build for the window's bridge.

    `key` names one of several tenants for good: then there is nothing to choose. `put_together`
    makes a station at a place, and `demo` one on a practice tenant. What is a kiosk at the start,
    by the configuration or because `kiosk` says so, stays one: there is nothing to choose there,
    and nobody sets one up who merely stands before it.
    """

    def __init__(
        self,
        sources: Sources,
        key: str,
        put_together: PutTogether,
        demo: "Build",
        *,
        kiosk: bool = False,
    ) -> None:
        """Read the configuration once, for what is needed before the window."""
        self._sources = sources
        self._key = key
        self._put_together = put_together
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

    def station(self, key: str = "") -> "Build":
        """Return how to build the station of the tenant `key`; without one, of the last chosen."""

        async def built(notify: Notify) -> Station | FirstRun:
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
            place = place_of(configuration, tenant, self._loaded.proxies)
            place = replace(place, site=site_of(self._sources, tenant.key))
            return await self._put_together(place, notify)

        return built

    def demo(self) -> "Build":
        """Return how to build a station on a practice tenant, in this very program."""

        async def built(notify: Notify) -> "Station | FirstRun":
            notify(TenantsNotice(demo=True))
            return await self._demo(notify)

        return built

    def dress(self) -> "Dress":
        """Return how the window looks, listens and speaks, by what was read last."""
        from app.ui.application import Dress  # noqa: PLC0415 - Qt, not needed for --version
        from app.ui.theme import Theme  # noqa: PLC0415 - the same

        configuration = self._loaded.configuration
        look, rules = configuration.look, scan_rules(configuration)
        wedge, theme = configuration.scanner.wedge, Theme(look.theme.value)
        own = configuration.desk.lane is Lane.SELF and bool(configuration.tenants)
        return Dress(
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


def _first_run(loaded: Loaded, sources: Sources, notify: Notify) -> FirstRun:
    """Return what sets up a station without a tenant. Raises SettingsError for the network's."""
    from app.auth.tenant import TenantLookup  # noqa: PLC0415 - after the first paint
    from app.graph.transport import make_http  # noqa: PLC0415 - the same
    from app.network.tls import make_ssl_context  # noqa: PLC0415 - the same
    from app.settings.writing import TenancyFile, fixed_elsewhere  # noqa: PLC0415 - the same

    configuration = loaded.configuration
    network, permissions = configuration.network, configuration.permissions
    features = rights(configuration)
    http = make_http(make_ssl_context(network.ca_file), proxies=loaded.proxies)
    ground = Ground(
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
    return FirstRun(TenantLookup(http), keeper, ground, notify, http.aclose)
