"""Setting up a station that has no tenant yet: it stands where a station would.

What was typed is asked of the sign-in service and then written into the user's file; the station
that is put together afterwards reads it there like any other.
"""

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.cloud import Cloud
from app.core.errors import (
    OathdeskError,
    SettingsError,
    SettingsProblem,
    SignInError,
    SignInUnreachable,
)
from app.core.ports import TenancyKeeper, TenantFinder
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.signin import SignInMethod
from app.core.tenancy import FoundTenant, Tenancy, Typed
from app.station.context import Notify
from app.station.notices import Notice
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_WORK, _LETTER = "first run", "letter"


@dataclass(frozen=True, slots=True)
class FirstRunSettings:
    """What a first run builds on: the file to write the tenant to, and what is configured so far.

    `fixed` are keys of the tenant that the user's file has no say in. `demo` tells whether what the
    practice tenant is made of is installed.
    """

    file: str
    cloud: Cloud = Cloud.GLOBAL
    features: frozenset[Feature] = DEFAULT_FEATURES
    scopes: tuple[str, ...] = field(default_factory=scopes_for)
    methods: tuple[SignInMethod, ...] = (SignInMethod.BROWSER, SignInMethod.DEVICE)
    fixed: tuple[SettingsProblem, ...] = ()
    demo: bool = False


class Step(enum.Enum):
    """How far a first run is."""

    TYPING = "typing"
    CHECKING = "checking"
    FOUND = "found"
    FAILED = "failed"
    SAVING = "saving"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Letter:
    """What became of the message that was to be saved: its file, or why there is none."""

    path: str = ""
    error: SettingsError | None = None


@dataclass(frozen=True, slots=True)
class FirstRunNotice(Notice):
    """How far a first run is with what was `typed`.

    `savable` tells whether it may be written now: the tenant was found, or it could not be asked
    for and was typed as its ID. `letter` is that of the message as it is now, where it was saved.
    """

    settings: FirstRunSettings
    step: Step = Step.TYPING
    typed: Typed = field(default_factory=Typed)
    found: FoundTenant | None = None
    error: OathdeskError | None = None
    savable: bool = False
    letter: Letter | None = None


class FirstRun:
    """Lives on the station's loop; tells FirstRunNotice through `notify`."""

    def __init__(
        self,
        finder: TenantFinder,
        keeper: TenancyKeeper,
        settings: FirstRunSettings,
        notify: Notify,
        let_go: Callable[[], Awaitable[None]],
    ) -> None:
        """Ask nothing yet; `let_go` closes what `finder` holds."""
        self._finder = finder
        self._keeper = keeper
        self._notify = notify
        self._let_go = let_go
        self._tasks = Tasks()
        self._now = FirstRunNotice(settings)

    async def start(self) -> None:
        """Tell what is asked for."""
        self._notify(self._now)

    async def check(self, typed: Typed) -> None:
        """Ask the sign-in service for the tenant; what was being checked before is let go."""
        if self._is_fixed:
            return
        self._tasks.stop(_WORK)
        if typed.flaws:
            self._tell(step=Step.TYPING, typed=typed)
        else:
            self._tell(step=Step.CHECKING, typed=typed)
            self._tasks.start(_WORK, self._check(typed))

    async def change(self, typed: Typed) -> None:
        """Take in that something else is typed now: what was found is no longer meant."""
        if not self._is_fixed and typed != self._now.typed:
            self._tasks.stop(_WORK)
            self._tell(step=Step.TYPING, typed=typed)

    async def save(self) -> None:
        """Write what was checked, where it may be written."""
        if self._now.savable:
            before = self._now
            self._tell(step=Step.SAVING, typed=before.typed, found=before.found)
            self._tasks.start(_WORK, self._save(before))

    async def save_letter(self, text: str) -> None:
        """Write the message to the tenant's administrator to a file of its own."""
        self._tasks.start(_LETTER, self._save_letter(text))

    async def close(self) -> None:
        """Stop what is under way; what is being written is written to its end."""
        if self._now.step is Step.SAVING:
            await self._tasks.wait(_WORK)
        await self._tasks.stop_all()
        await self._let_go()

    @property
    def _is_fixed(self) -> bool:
        """Whether what was typed is being written, or is written: nothing changes that any more."""
        return self._now.step in {Step.SAVING, Step.SAVED}

    async def _check(self, typed: Typed) -> None:
        free = not self._now.settings.fixed
        try:
            found = await self._finder.find(typed.named, typed.cloud)
        except SignInError as error:
            _LOG.info("the tenant was not found: %s", type(error).__name__)
            unasked = isinstance(error, SignInUnreachable) and bool(typed.tenant_id)
            self._tell(step=Step.FAILED, typed=typed, error=error, savable=free and unasked)
        else:
            typed = replace(typed, cloud=found.cloud)
            self._tell(step=Step.FOUND, typed=typed, found=found, savable=free)

    async def _save(self, checked: FirstRunNotice) -> None:
        tenancy = _tenancy(checked.typed, checked.found)
        try:
            await asyncio.to_thread(self._keeper.keep, tenancy)
        except SettingsError as error:
            self._tell(
                step=Step.FAILED,
                typed=checked.typed,
                found=checked.found,
                error=error,
                savable=True,
            )
        else:
            _LOG.info("the tenant %s is configured", tenancy.id)
            self._tell(step=Step.SAVED, typed=checked.typed, found=checked.found)

    async def _save_letter(self, text: str) -> None:
        try:
            letter = Letter(path=await asyncio.to_thread(self._keeper.keep_letter, text))
        except SettingsError as error:
            letter = Letter(error=error)
        self._now = replace(self._now, letter=letter)
        self._notify(self._now)

    def _tell(self, **changed: Any) -> None:
        self._now = FirstRunNotice(self._now.settings, **changed)
        self._notify(self._now)


def _tenancy(typed: Typed, found: FoundTenant | None) -> Tenancy:
    """Return what is written. The domain name that was typed is what the tenant is called."""
    tenant_id = found.id if found else typed.tenant_id
    return Tenancy(tenant_id, typed.client_id, typed.cloud, typed.domain)
