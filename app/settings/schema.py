"""Every setting, once: a field of its section with what it takes, means, and is without one.

The checker, the defaults, the commented example file, the policy template and the list of keys are
made from these fields, so they cannot disagree. A new setting is a field here, and what reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from app.core.badge import ATTRIBUTES, BadgeRules, ChipNumber
from app.core.cloud import Cloud
from app.core.kiosk import WIPE_SECONDS, KioskRules, ScreenKeys
from app.core.lane import Lane, LaneRules
from app.core.layouts import Layout
from app.core.model import Mode
from app.core.pin import PinHash
from app.core.receipt import Paper, ReceiptRules, Signature
from app.core.scan import DEFAULT_BADGE
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
from app.settings.key import Key
from app.settings.kinds import (
    Choice,
    Flag,
    Guid,
    Items,
    Kind,
    NameTemplate,
    Pattern,
    Pin,
    Place,
    Proxy,
    Seconds,
    Text,
    Whole,
)

PROFILES: Final = "tenants"
"""The section whose tables are profiles, each with the keys of PROFILE_KEYS."""

_SETTING: Final = "setting"
_SECTION: Final = "section"

_GUID: Final = "11111111-2222-3333-4444-555555555555"
_PIN: Final = "scrypt:15:8:1:AAECAwQFBgcICQoLDA0ODw:w89rOqoVyQ8-7CZWLFt7KbTM9ZvxW8uRohrR6ujXVeA"
_HEADER: Final = "Contoso Ltd, Corporate Security, 1 Example Way, Exampletown"
_TEXT: Final = ["en: I report its loss at once.", "de: Ich melde seinen Verlust sofort."]
_WEDGE: Final = WedgeSettings()
_DAY_MINUTES: Final = 24 * 60
_MOST_DESKS: Final = 10
"""With ten desks each makes one call in 20 seconds; after a longer wait a code would be dead."""

_NAME = Text(100)
_PERMISSION = Text(
    100, re.compile(r"[A-Za-z-]+(\.[A-Za-z-]+)*"), "the name of a permission such as User.Read"
)
_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = Text(
    253,
    re.compile(rf"{_LABEL}(?:\.{_LABEL})+(?::[1-9][0-9]{{0,4}})?"),
    "the name of a host such as adfs.contoso.example, with a port where it is not 443",
)
_HEX_PAIR = "[0-9A-Fa-f]{2}"
_THUMBPRINT = Text(
    100,
    re.compile(rf"(?:{_HEX_PAIR}[ :]?){{19}}(?:(?:{_HEX_PAIR}[ :]?){{12}})?{_HEX_PAIR}"),
    "a thumbprint of 40 or 64 hexadecimal digits",
)


def setting(  # noqa: PLR0913 - the six things that a setting is
    kind: Kind,
    about: str,
    default: object = None,
    example: object = None,
    *,
    secret: bool = False,
    optional: bool = False,
) -> Any:
    """Return the field of one setting; its arguments are those of Key.

    `optional`: code that makes the section may leave it out; it is then the default.
    """
    made = Key("", "", kind, about, default, example, secret)
    metadata = {_SETTING: made}
    if optional:
        return field(default=made.fallback, repr=not secret, metadata=metadata)
    return field(repr=not secret, metadata=metadata)


def section(about: str) -> Any:
    """Return the field of one section; `about` says in one sentence what it is for."""
    return field(metadata={_SECTION: about})


@dataclass(frozen=True, slots=True)
class TenantProfile:
    """A tenant and the application that operators sign in to it as.

    `key` is the name of the profile's table; the tenant of [tenant] has none.
    """

    key: str
    id: str = setting(Guid(), "The directory (tenant) ID.", example=_GUID)
    client_id: str = setting(
        Guid(),
        "The application (client) ID of the app registration.",
        example="66666666-7777-8888-9999-aaaaaaaaaaaa",
    )
    name: str = setting(_NAME, "What operators call the tenant.", "", "Contoso", optional=True)
    cloud: Cloud = setting(
        Choice(Cloud),
        "The cloud that the tenant lives in.",
        "global",
        optional=True,
    )
    label: str = setting(
        Text(60),
        "How the profile is called where operators choose.",
        "",
        "Contoso, North",
        optional=True,
    )

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

    methods: tuple[SignInMethod, ...] = setting(
        Items(Choice(SignInMethod), least=1),
        "The ways to sign in that are offered, the first one first.",
        ["browser", "device-code"],
    )
    cache: SignInCache = setting(
        Choice(SignInCache),
        "Whether a sign-in outlives the program: kept in memory only, or encrypted by the system.",
        "memory",
    )
    browser_program: Path | None = setting(
        Place(file=True),
        "The Chromium of the confined browser, instead of Debian's; it has to read its "
        "policies from /etc/chromium/policies/managed.",
        example="/usr/lib/chromium/chromium",
    )
    browser_hosts: tuple[str, ...] = setting(
        Items(_HOST),
        "Hosts that a sign-in in the confined browser passes besides Microsoft's own: those "
        "of a federated identity provider.",
        [],
        ["adfs.contoso.example"],
    )
    certificate: Path | None = setting(
        Place(file=True),
        "The certificate of an unattended station with its private key, as PEM or PFX.",
        example="station.pem",
    )
    passphrase_file: Path | None = setting(
        Place(file=True),
        "A file that holds the passphrase of the certificate's key, readable by the station alone.",
        example="station.passphrase",
    )
    key_store: KeyStore = setting(
        Choice(KeyStore),
        "Where the key of an unattended station lies: in a file, or in a store it never leaves.",
        "file",
    )
    thumbprint: str = setting(
        _THUMBPRINT,
        "Which certificate of the key store is the station's.",
        "",
        "84E05C1D98BCE3A5421D225B140B36E86A3D5534",
    )
    key_module: Path | None = setting(
        Place(file=True),
        "The PKCS#11 library that speaks to the TPM, card or HSM with the station's key.",
        example="module.so",
    )
    key_token: str = setting(
        Text(32),
        "The label of the PKCS#11 token with the station's key, where the library knows several.",
        "",
        "Kiosk",
    )
    key_pin_file: Path | None = setting(
        Place(file=True),
        "A file that holds the PIN of the PKCS#11 token, readable by the station alone.",
        example="station.pin",
    )


@dataclass(frozen=True, slots=True)
class PermissionsSection:
    """What the station may do; without scopes they follow from the features."""

    scopes: tuple[str, ...] = setting(
        Items(_PERMISSION),
        "The permissions to ask for; an empty list asks for those that the features need.",
        [],
        ["User.Read", "User.Read.All"],
    )
    features: tuple[Feature, ...] = setting(
        Items(Choice(Feature), least=1),
        "What the station is used for, and so which permissions it asks for.",
        ["assign", "inventory", "policy"],
    )


@dataclass(frozen=True, slots=True)
class NetworkSection:
    """The way to the directory; empty text means the proxy of the system.

    `desks` is how many desks share Graph's limit for this application in this tenant.
    """

    proxy: str = setting(
        Proxy(),
        "The proxy to use instead of that of the system; its password is never shown.",
        "",
        "http://proxy.contoso.example:8080",
        secret=True,
    )
    ca_file: Path | None = setting(
        Place(file=True),
        "The certificates (PEM) of the company's own authority, besides those of the system.",
        example="company-ca.pem",
    )
    desks: int = setting(
        Whole(1, _MOST_DESKS),
        "How many desks work at a time with this application in this tenant: they share the "
        "limit of Microsoft Graph for calls about sign-in methods, and each keeps to its "
        "share.",
        1,
    )


@dataclass(frozen=True, slots=True)
class DeskSection:
    """The desk; without a folder, exports go where the platform keeps documents.

    `method_name` is a template of core.method_name; empty text sends no name.
    """

    name: str = setting(
        Text(100, least=1),
        "What the record and the window call this desk.",
        "Front desk",
    )
    mode: Mode = setting(
        Choice(Mode),
        "What the desk hands over at first: a token that works, or one that is activated later.",
        "assign-and-activate",
    )
    exports: Path | None = setting(
        Place(),
        "The folder for exports, instead of the documents of whoever runs the station.",
        example="exports",
    )
    without_token: bool = setting(
        Flag(),
        "Whether a token that is lost or broken is taken from its holder on the operator's word.",
        default=True,
    )
    method_name: str = setting(
        NameTemplate(),
        "What a token is called among the sign-in methods of the person who gets it, by its "
        "maker, its model and the last four characters of its serial number; without it no "
        "name is sent.",
        "",
        "{model} ...{last}",
    )
    line_mode: bool = setting(
        Flag(),
        "Whether the desk begins in line mode: person, token, code, and at once the next person.",
        default=False,
    )
    lane: Lane = setting(
        Choice(Lane),
        "Who stands here: an operator who serves people, or people who serve themselves.",
        "operator",
    )


@dataclass(frozen=True, slots=True)
class LaneSection:
    """Self-service; seconds."""

    idle: int = setting(
        Whole(20, 900),
        "The seconds without a sign of life after which self-service forgets whoever was there.",
        90,
    )
    goodbye: int = setting(
        Whole(5, 120),
        "The seconds for which self-service shows that it is done before it forgets.",
        20,
    )

    @property
    def rules(self) -> LaneRules:
        """When whoever stands there is forgotten."""
        return LaneRules(float(self.idle), float(self.goodbye))


@dataclass(frozen=True, slots=True)
class ScannerSection:
    """A scanner that types; times in seconds, as in core.wedge.WedgeSettings."""

    average_gap: float = setting(
        Seconds(0.001, 0.1),
        "The mean time between two keys of a scan stays under this.",
        _WEDGE.average_gap,
    )
    longest_gap: float = setting(
        Seconds(_WEDGE.first_gap, 0.5),
        "The time between any two keys of a scan stays under this.",
        _WEDGE.longest_gap,
    )
    silence: float = setting(
        Seconds(_WEDGE.first_gap, 1),
        "What interrupts a scan that has no Enter at its end yet; no less than longest_gap.",
        _WEDGE.silence,
    )
    stall: float = setting(
        Seconds(_WEDGE.first_gap, 3),
        "How long the rest of an interrupted scan is waited for; no less than silence.",
        _WEDGE.stall,
    )
    needs_ending: bool = setting(
        Flag(),
        "Whether every scan ends with Enter or Tab; one without is then asked for again.",
        default=_WEDGE.needs_ending,
    )
    minimum_length: int = setting(
        Whole(3, 64),
        "The number of characters of the shortest scan.",
        _WEDGE.minimum_length,
    )
    duplicate_window: float = setting(
        Seconds(0, 5),
        "The same code read again within this time counts once.",
        _WEDGE.duplicate_window,
    )
    prefix: str = setting(Text(16), "Text that the scanner is set to send first.", "", "~~")
    separator: str = setting(
        Text(16),
        "What the scanner sends between the fields of a GS1 label (FNC1), where it is not GS.",
        "",
        "|",
    )
    layout: Layout = setting(
        Choice(Layout),
        "The keyboard layout of this machine, where the scanner is set to another (US) one.",
        "same",
    )

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

    cards: bool = setting(Flag(), "Whether card readers are used.", default=True)


@dataclass(frozen=True, slots=True)
class SerialSection:
    """Scanners on serial ports; `silence` in seconds."""

    enabled: bool = setting(Flag(), "Whether scanners on serial ports are used.", default=True)
    ports: tuple[str, ...] = setting(
        Items(Text(100), 16),
        "Ports to listen to, besides those that scanners are known by.",
        [],
        ["COM4"],
    )
    baud: int = setting(Whole(300, 4_000_000), "The speed of a port that is not USB.", 9600)
    ending: LineEnding = setting(
        Choice(LineEnding),
        "What the scanner sends after each code.",
        "any",
    )
    prefix: str = setting(Text(16), "Text that the scanner is set to send first.", "", "~~")
    separator: str = setting(
        Text(16),
        "What the scanner sends between the fields of a GS1 label (FNC1), where it is not GS.",
        "",
        "|",
    )
    silence: float = setting(
        Seconds(0, 5),
        "What ends a code without an ending; 0 where every code has one.",
        1.1,
    )


@dataclass(frozen=True, slots=True)
class BadgeSection:
    """Badges; None where the site scans none."""

    pattern: re.Pattern[str] | None = setting(
        Pattern(),
        "What a badge reads like, in capitals; its group `number` is what the directory knows.",
        DEFAULT_BADGE.pattern,
    )
    attribute: str = setting(
        Text(
            21,
            re.compile("|".join(ATTRIBUTES)),
            f'"{ATTRIBUTES[0]}", or "{ATTRIBUTES[1]}" to "{ATTRIBUTES[-1]}"',
            least=1,
        ),
        "The attribute of a person that holds the number of the badge.",
        "employeeId",
    )
    chip: ChipNumber = setting(
        Choice(ChipNumber),
        "How the directory spells the number of a badge's chip, if it holds that number at all.",
        "ignored",
    )
    chip_pattern: re.Pattern[str] | None = setting(
        Pattern(),
        "What the number of a tapped badge reads like; its group `number` is what counts.",
        "",
        "0*(?P<number>[0-9]{4,10})",
    )

    @property
    def rules(self) -> BadgeRules:
        """What a tapped badge says."""
        return BadgeRules(self.attribute, self.chip, self.chip_pattern)


@dataclass(frozen=True, slots=True)
class ReceiptSection:
    """Receipts; without a folder they go where exports go."""

    offered: bool = setting(
        Flag(),
        "Whether receipts can be made of what was handed over.",
        default=True,
    )
    header: str = setting(
        Text(300),
        "What stands on top of a receipt, instead of the tenant's name.",
        "",
        _HEADER,
    )
    text: tuple[str, ...] = setting(
        Items(Text(800, least=1), 12),
        "The organisation's own paragraphs; one that begins with a language and a colon is on"
        " receipts in that language alone.",
        [],
        _TEXT,
    )
    language: ReceiptLanguage = setting(
        Choice(ReceiptLanguage),
        "The language of a receipt, where that of the person is not known or not wanted.",
        "en",
    )
    persons_language: bool = setting(
        Flag(),
        "Whether a receipt is in the language that the person prefers by the directory.",
        default=True,
    )
    signature: Signature = setting(Choice(Signature), "Where a receipt is signed.", "paper")
    paper: Paper = setting(Choice(Paper), "The sheet that a receipt is made for.", "a4")
    folder: Path | None = setting(
        Place(),
        "The folder for receipts as PDF, instead of that for exports.",
        example="receipts",
    )
    printing: bool = setting(Flag(), "Whether receipts may be printed.", default=True)
    printer: str = setting(
        Text(200),
        "The printer for receipts, by the name the system knows it by, instead of the usual one.",
        "",
        "Front desk",
    )

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

    accepted: bool = setting(
        Flag(),
        "Whether a sound tells that an enrollment succeeded.",
        default=True,
    )
    attention: bool = setting(
        Flag(),
        "Whether a sound tells that somebody is needed.",
        default=True,
    )


@dataclass(frozen=True, slots=True)
class LookSection:
    """The window."""

    theme: LookTheme = setting(Choice(LookTheme), "The colours of the window.", "system")
    motion: bool = setting(Flag(), "Whether things move on the screen.", default=True)
    language: LookLanguage = setting(Choice(LookLanguage), "The language of the window.", "system")


@dataclass(frozen=True, slots=True)
class LockSection:
    """Minutes without an operator; 0 means never."""

    after: int = setting(
        Whole(0, _DAY_MINUTES),
        "The minutes without an operator after which the window locks; 0 for never.",
        10,
    )
    sign_out_after: int = setting(
        Whole(0, _DAY_MINUTES),
        "The minutes without an operator after which the station signs out; 0 for never.",
        60,
    )


@dataclass(frozen=True, slots=True)
class InventorySection:
    """The tokens of the tenant; a `low_mark` of 0 lets no model run low."""

    low_mark: int = setting(
        Whole(0, 100_000),
        "A model with fewer free tokens than this runs low; 0 for never.",
        10,
    )


@dataclass(frozen=True, slots=True)
class KioskSection:
    """A kiosk; `wipe_after` is in seconds."""

    enabled: bool = setting(
        Flag(),
        "Whether this machine is a kiosk: full screen, and no way out but a supervisor's.",
        default=False,
    )
    pin: PinHash | None = setting(
        Pin(),
        "The hash of the PIN that lets a supervisor out, made by `oathdesk kiosk pin`.",
        "",
        _PIN,
        secret=True,
    )
    wipe_after: int = setting(
        Whole(10, 3600),
        "The seconds after which nothing is left of whoever stood there last.",
        WIPE_SECONDS,
    )
    keyboard: ScreenKeys = setting(
        Choice(ScreenKeys),
        "When the keyboard on the screen appears: at a finger, at any pointer, or not.",
        "touch",
    )
    clipboard: bool = setting(Flag(), "Whether anything can be copied and pasted.", default=False)
    printing: bool = setting(Flag(), "Whether anything can be printed.", default=False)
    links: bool = setting(
        Flag(),
        "Whether another program may be opened, as signing in with the browser does.",
        default=False,
    )

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

    folder: Path | None = setting(
        Place(),
        "The folder of the record, instead of that of whoever runs the station.",
        example="record",
    )
    retention_days: int = setting(
        Whole(0, 36_500),
        "The days after which names leave the record; 0 for never.",
        0,
    )


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that was configured. No tenants means that nobody has set up this station yet."""

    tenants: tuple[TenantProfile, ...] = section(
        "Several tenants, each in its own table; chosen at sign-in, or by --tenant <name>.",
    )
    signin: SignInSection = section("How operators sign in.")
    permissions: PermissionsSection = section("What the station may do in the tenant.")
    network: NetworkSection = section("The way to the directory. TLS is always verified.")
    desk: DeskSection = section("The desk and how it hands out tokens.")
    lane: LaneSection = section('Self-service, where desk.lane is "self".')
    scanner: ScannerSection = section(
        "A scanner that types like a keyboard, told from typing by its rhythm.",
    )
    readers: ReadersSection = section("Readers of smart cards and of contactless tokens.")
    serial: SerialSection = section("Scanners on a serial port.")
    badge: BadgeSection = section("How a person is found by a badge.")
    receipt: ReceiptSection = section("The receipt of a handover, as PDF and on paper.")
    sound: SoundSection = section("Which sounds are played.")
    look: LookSection = section("How the window looks, and the language it speaks.")
    lock: LockSection = section("What happens when nobody is at the desk.")
    inventory: InventorySection = section("The tokens of the tenant.")
    kiosk: KioskSection = section("A machine that stands where nobody watches it.")
    ledger: LedgerSection = section("The record of enrollments.")


SECTIONS: Final[Mapping[str, str]] = {
    "tenant": "The tenant that this station serves.",
    **{each.name: each.metadata[_SECTION] for each in fields(Configuration)},
}
"""What each section is for, in their order."""

SECTION_TYPES: Final[Mapping[str, type[Any]]] = {
    each.name: each.type for each in fields(Configuration) if isinstance(each.type, type)
}
"""The type of each section but the tenants'."""


def _keys_of(section_type: type[Any], name: str) -> tuple[Key, ...]:
    """Return the keys of a section called `name`."""
    return tuple(
        replace(each.metadata[_SETTING], section=name, name=each.name)
        for each in fields(section_type)
        if _SETTING in each.metadata
    )


PROFILE_KEYS: Final = _keys_of(TenantProfile, f"{PROFILES}.*")

KEYS: Final = (
    *(key for key in _keys_of(TenantProfile, "tenant") if key.name != "label"),
    *(key for name, made in SECTION_TYPES.items() for key in _keys_of(made, name)),
)
"""Every key but those of profiles, in the order of the sections."""
