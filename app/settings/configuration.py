"""What was configured, as one frozen value: what the program reads of it, and nothing of files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from app.core.badge import BadgeRules, ChipNumber
from app.core.cloud import Cloud
from app.core.kiosk import KioskRules, ScreenKeys
from app.core.lane import Lane, LaneRules
from app.core.layouts import Layout
from app.core.model import Mode
from app.core.pin import PinHash
from app.core.receipt import Paper, ReceiptRules, Signature
from app.core.signin import KeyStore, SignInMethod
from app.core.wedge import WedgeSettings
from app.settings.choices import (
    Feature,
    LineEnding,
    LookLanguage,
    LookTheme,
    ReceiptLanguage,
    SignInCache,
)
from app.settings.lookup import profile_names
from app.settings.schema import KEYS, PROFILE_KEYS, PROFILES


@dataclass(frozen=True, slots=True)
class TenantProfile:
    """A tenant and the application that operators sign in to it as.

    `key` is the name of the profile's table; the tenant of [tenant] has none.
    """

    key: str
    id: str
    client_id: str
    name: str = ""
    cloud: Cloud = Cloud.GLOBAL
    label: str = ""

    @property
    def authority(self) -> str:
        """The sign-in authority of the tenant."""
        return self.cloud.authority(self.id)

    @property
    def title(self) -> str:
        """What the profile is called where operators choose."""
        return self.label or self.name or self.key or self.id


@dataclass(frozen=True, slots=True)
class SignInSection:
    """How operators sign in."""

    methods: tuple[SignInMethod, ...]
    cache: SignInCache
    certificate: Path | None
    passphrase_file: Path | None
    key_store: KeyStore
    thumbprint: str
    key_module: Path | None
    key_token: str
    key_pin_file: Path | None
    browser_program: Path | None
    browser_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PermissionsSection:
    """What the station may do; without scopes they follow from the features."""

    scopes: tuple[str, ...]
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class NetworkSection:
    """The way to the directory; empty text means the proxy of the system.

    `desks` is how many desks share Graph's limit for this application in this tenant.
    """

    proxy: str = field(repr=False)  # it may hold a password
    ca_file: Path | None
    desks: int


@dataclass(frozen=True, slots=True)
class DeskSection:
    """The desk; without a folder, exports go where the platform keeps documents.

    `method_name` is a template of core.method_name; empty text sends no name.
    """

    name: str
    mode: Mode
    exports: Path | None
    without_token: bool
    method_name: str
    line_mode: bool
    lane: Lane


@dataclass(frozen=True, slots=True)
class LaneSection:
    """Self-service; seconds."""

    idle: int
    goodbye: int

    @property
    def rules(self) -> LaneRules:
        """When whoever stands there is forgotten."""
        return LaneRules(float(self.idle), float(self.goodbye))


@dataclass(frozen=True, slots=True)
class ScannerSection:
    """A scanner that types; times in seconds, as in core.wedge.WedgeSettings."""

    average_gap: float
    longest_gap: float
    silence: float
    stall: float
    needs_ending: bool
    minimum_length: int
    duplicate_window: float
    prefix: str
    separator: str
    layout: Layout

    @property
    def wedge(self) -> WedgeSettings:
        """The rhythm of the scanner. Raises ValueError where the times contradict each other."""
        return WedgeSettings(
            self.average_gap,
            self.longest_gap,
            self.silence,
            self.minimum_length,
            self.duplicate_window,
            stall=self.stall,
            needs_ending=self.needs_ending,
        )


@dataclass(frozen=True, slots=True)
class ReadersSection:
    """Card readers."""

    cards: bool


@dataclass(frozen=True, slots=True)
class SerialSection:
    """Scanners on serial ports; `silence` in seconds."""

    enabled: bool
    ports: tuple[str, ...]
    baud: int
    ending: LineEnding
    prefix: str
    separator: str
    silence: float


@dataclass(frozen=True, slots=True)
class BadgeSection:
    """Badges; None where the site scans none."""

    pattern: re.Pattern[str] | None
    attribute: str
    chip: ChipNumber
    chip_pattern: re.Pattern[str] | None

    @property
    def rules(self) -> BadgeRules:
        """What a tapped badge says."""
        return BadgeRules(self.attribute, self.chip, self.chip_pattern)


@dataclass(frozen=True, slots=True)
class ReceiptSection:
    """Receipts; without a folder they go where exports go."""

    offered: bool
    header: str
    text: tuple[str, ...]
    language: ReceiptLanguage
    persons_language: bool
    signature: Signature
    paper: Paper
    folder: Path | None
    printing: bool
    printer: str

    def rules(self, tenant: str, exports: Path) -> ReceiptRules | None:
        """What a receipt of the tenant called `tenant` is like; None where there are none."""
        if not self.offered:
            return None
        return ReceiptRules(
            header=self.header or tenant,
            text=self.text,
            language=self.language.value,
            persons_language=self.persons_language,
            signature=self.signature,
            paper=self.paper,
            printing=self.printing,
            printer=self.printer,
            folder=str(self.folder or exports),
        )


@dataclass(frozen=True, slots=True)
class SoundSection:
    """Which sounds are played."""

    accepted: bool
    attention: bool


@dataclass(frozen=True, slots=True)
class LookSection:
    """The window."""

    theme: LookTheme
    motion: bool
    language: LookLanguage


@dataclass(frozen=True, slots=True)
class LockSection:
    """Minutes without an operator; 0 means never."""

    after: int
    sign_out_after: int


@dataclass(frozen=True, slots=True)
class InventorySection:
    """The tokens of the tenant; a `low_mark` of 0 lets no model run low."""

    low_mark: int


@dataclass(frozen=True, slots=True)
class KioskSection:
    """A kiosk; `wipe_after` is in seconds."""

    enabled: bool
    pin: PinHash | None
    wipe_after: int
    keyboard: ScreenKeys
    clipboard: bool
    printing: bool
    links: bool

    @property
    def rules(self) -> KioskRules:
        """The section as the window works by it."""
        return KioskRules(
            self.pin,
            self.wipe_after,
            self.keyboard,
            clipboard=self.clipboard,
            printing=self.printing,
            links=self.links,
        )


@dataclass(frozen=True, slots=True)
class LedgerSection:
    """The record; without a folder it is kept where the platform keeps a person's data.

    `retention_days` of 0 means for ever.
    """

    folder: Path | None
    retention_days: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that was configured. No tenants means that nobody has set up this station yet."""

    tenants: tuple[TenantProfile, ...]
    signin: SignInSection
    permissions: PermissionsSection
    network: NetworkSection
    desk: DeskSection
    lane: LaneSection
    scanner: ScannerSection
    readers: ReadersSection
    serial: SerialSection
    badge: BadgeSection
    receipt: ReceiptSection
    sound: SoundSection
    look: LookSection
    lock: LockSection
    inventory: InventorySection
    kiosk: KioskSection
    ledger: LedgerSection


SECTION_TYPES: Final[Mapping[str, type[Any]]] = {
    each.name: each.type for each in fields(Configuration) if isinstance(each.type, type)
}
"""The type of each section but the tenants'."""


def built(values: Mapping[str, object]) -> Configuration:
    """Return the configuration that `values`, by path, make; every key has one."""
    sections = {
        name: kind(**{each.name: values[f"{name}.{each.name}"] for each in fields(kind)})
        for name, kind in SECTION_TYPES.items()
        if name != PROFILES
    }
    return Configuration(tenants=_tenants(values), **sections)


def defaults() -> Configuration:
    """Return the configuration of a station that nobody has configured."""
    return built({key.path: key.fallback for key in KEYS})


def _tenants(values: Mapping[str, object]) -> tuple[TenantProfile, ...]:
    """Those tenants that have both IDs; who has but one is a problem of the loader's."""
    plain = {each.name: values.get(f"tenant.{each.name}", "") for each in PROFILE_KEYS}
    profiles = [("", plain)]
    for name in profile_names(values):
        members = {each.name: values[f"{PROFILES}.{name}.{each.name}"] for each in PROFILE_KEYS}
        profiles.append((name, members))
    return tuple(
        _profile(name, members)
        for name, members in profiles
        if members["id"] and members["client_id"]
    )


def _profile(name: str, members: Mapping[str, Any]) -> TenantProfile:
    return TenantProfile(key=name, **members)
