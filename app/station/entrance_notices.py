"""What is told before anybody can sign in: which tenant, or that none is configured yet."""

import enum
from dataclasses import dataclass, field

from app.core.cloud import Cloud
from app.core.errors import OathdeskError, SettingsError, SettingsProblem
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.signin import SignInMethod
from app.core.tenancy import FoundTenant, Typed


@dataclass(frozen=True, slots=True)
class StartingNotice:
    """A station is about to be put together. Nothing that was told of one before is so any more."""


@dataclass(frozen=True, slots=True)
class TenantChoice:
    """One of several tenants, and what it is called where operators choose."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class TenantsNotice:
    """The tenants to choose from, and the key of the one that is being opened.

    No choices mean that there is nothing to choose. `demo` tells that this is a demo which somebody
    began instead of setting the station up.
    """

    choices: tuple[TenantChoice, ...] = ()
    chosen: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
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
class FirstRunNotice:
    """How far a first run is with what was `typed`.

    `savable` tells whether it may be written now: the tenant was found, or it could not be asked
    for and was typed as its ID. `letter` is that of the message as it is now, where it was saved.
    """

    ground: Ground
    step: Step = Step.TYPING
    typed: Typed = field(default_factory=Typed)
    found: FoundTenant | None = None
    error: OathdeskError | None = None
    savable: bool = False
    letter: Letter | None = None


EntranceNotice = StartingNotice | TenantsNotice | FirstRunNotice
