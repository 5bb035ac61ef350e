"""Every key of the configuration, once: what it takes, what it is without one, what it means.

The checker, the defaults, the commented example file and the policy template are all made from
this table, so they cannot disagree.
"""

import re
from collections.abc import Mapping
from typing import Final

from app.core.badge import ATTRIBUTES, ChipNumber
from app.core.cloud import Cloud
from app.core.layouts import Layout
from app.core.model import Mode
from app.core.scan import DEFAULT_BADGE
from app.core.signin import SignInMethod
from app.core.wedge import WedgeSettings
from app.settings.choices import (
    Feature,
    LineEnding,
    LookLanguage,
    LookTheme,
    SignInCache,
)
from app.settings.key import Key
from app.settings.kinds import (
    Choice,
    Flag,
    Guid,
    Items,
    NameTemplate,
    Pattern,
    Place,
    Proxy,
    Seconds,
    Text,
    Whole,
)
from app.settings.kiosk_keys import BROWSER_KEYS, KIOSK_KEYS
from app.settings.lane_keys import LANE_ROWS
from app.settings.receipt_keys import RECEIPT_ROWS
from app.settings.unattended import UNATTENDED_KEYS

PROFILES: Final = "tenants"
"""The section whose tables are profiles, each with the keys of PROFILE_KEYS."""

_GUID: Final = "11111111-2222-3333-4444-555555555555"
_WEDGE: Final = WedgeSettings()
_DAY_MINUTES: Final = 24 * 60
_MOST_DESKS: Final = 10
"""With ten desks each makes one call in 20 seconds; after a longer wait a code would be dead."""


SECTIONS: Final[Mapping[str, str]] = {
    "tenant": "The tenant that this station serves.",
    PROFILES: "Several tenants, each in its own table; chosen at sign-in, or by --tenant <name>.",
    "signin": "How operators sign in.",
    "permissions": "What the station may do in the tenant.",
    "network": "The way to the directory. TLS is always verified.",
    "desk": "The desk and how it hands out tokens.",
    "lane": 'Self-service, where desk.lane is "self".',
    "scanner": "A scanner that types like a keyboard, told from typing by its rhythm.",
    "readers": "Readers of smart cards and of contactless tokens.",
    "serial": "Scanners on a serial port.",
    "badge": "How a person is found by a badge.",
    "receipt": "The receipt of a handover, as PDF and on paper.",
    "sound": "Which sounds are played.",
    "look": "How the window looks, and the language it speaks.",
    "lock": "What happens when nobody is at the desk.",
    "inventory": "The tokens of the tenant.",
    "kiosk": "A machine that stands where nobody watches it.",
    "ledger": "The record of enrollments.",
}

_NAME = Text(100)
_PERMISSION = Text(
    100, re.compile(r"[A-Za-z-]+(\.[A-Za-z-]+)*"), "the name of a permission such as User.Read"
)


def _tenant(section: str) -> tuple[Key, ...]:
    return (
        Key(section, "id", Guid(), "The directory (tenant) ID.", example=_GUID),
        Key(
            section,
            "client_id",
            Guid(),
            "The application (client) ID of the app registration.",
            example="66666666-7777-8888-9999-aaaaaaaaaaaa",
        ),
        Key(section, "name", _NAME, "What operators call the tenant.", "", "Contoso"),
        Key(section, "cloud", Choice(Cloud), "The cloud that the tenant lives in.", "global"),
    )


_TENANT_KEYS: Final = _tenant("tenant")

PROFILE_KEYS: Final = (
    *_tenant(f"{PROFILES}.*"),
    Key(
        f"{PROFILES}.*",
        "label",
        Text(60),
        "How the profile is called where operators choose.",
        "",
        "Contoso, North",
    ),
)

_ACCESS_KEYS: Final = (
    Key(
        "signin",
        "methods",
        Items(Choice(SignInMethod), least=1),
        "The ways to sign in that are offered, the first one first.",
        ["browser", "device-code"],
    ),
    Key(
        "signin",
        "cache",
        Choice(SignInCache),
        "Whether a sign-in outlives the program: kept in memory only, or encrypted by the system.",
        "memory",
    ),
    Key(
        "permissions",
        "scopes",
        Items(_PERMISSION),
        "The permissions to ask for; an empty list asks for those that the features need.",
        [],
        ["User.Read", "User.Read.All"],
    ),
    Key(
        "permissions",
        "features",
        Items(Choice(Feature), least=1),
        "What the station is used for, and so which permissions it asks for.",
        ["assign", "inventory", "policy"],
    ),
    Key(
        "network",
        "proxy",
        Proxy(),
        "The proxy to use instead of that of the system; its password is never shown.",
        "",
        "http://proxy.contoso.example:8080",
        secret=True,
    ),
    Key(
        "network",
        "ca_file",
        Place(file=True),
        "The certificates (PEM) of the company's own authority, besides those of the system.",
        example="company-ca.pem",
    ),
    Key(
        "network",
        "desks",
        Whole(1, _MOST_DESKS),
        "How many desks work at a time with this application in this tenant: they share the limit "
        "of Microsoft Graph for calls about sign-in methods, and each keeps to its share.",
        1,
    ),
)

_DESK_KEYS: Final = (
    Key(
        "desk",
        "name",
        Text(100, least=1),
        "What the record and the window call this desk.",
        "Front desk",
    ),
    Key(
        "desk",
        "mode",
        Choice(Mode),
        "What the desk hands over at first: a token that works, or one that is activated later.",
        "assign-and-activate",
    ),
    Key(
        "desk",
        "exports",
        Place(),
        "The folder for exports, instead of the documents of whoever runs the station.",
        example="exports",
    ),
    Key(
        "desk",
        "without_token",
        Flag(),
        "Whether a token that is lost or broken is taken from its holder on the operator's word.",
        default=True,
    ),
    Key(
        "desk",
        "method_name",
        NameTemplate(),
        "What a token is called among the sign-in methods of the person who gets it, by its maker, "
        "its model and the last four characters of its serial number; without it no name is sent.",
        "",
        "{model} ...{last}",
    ),
    Key(
        "desk",
        "line_mode",
        Flag(),
        "Whether the desk begins in line mode: person, token, code, and at once the next person.",
        default=False,
    ),
    Key(
        "badge",
        "pattern",
        Pattern(),
        "What a badge reads like, in capitals; its group `number` is what the directory knows.",
        DEFAULT_BADGE.pattern,
    ),
    Key(
        "badge",
        "attribute",
        Text(
            21,
            re.compile("|".join(ATTRIBUTES)),
            f'"{ATTRIBUTES[0]}", or "{ATTRIBUTES[1]}" to "{ATTRIBUTES[-1]}"',
            least=1,
        ),
        "The attribute of a person that holds the number of the badge.",
        "employeeId",
    ),
    Key(
        "badge",
        "chip",
        Choice(ChipNumber),
        "How the directory spells the number of a badge's chip, if it holds that number at all.",
        "ignored",
    ),
    Key(
        "badge",
        "chip_pattern",
        Pattern(),
        "What the number of a tapped badge reads like; its group `number` is what counts.",
        "",
        "0*(?P<number>[0-9]{4,10})",
    ),
)

_SCANNER_KEYS: Final = (
    Key(
        "scanner",
        "average_gap",
        Seconds(0.001, 0.1),
        "The mean time between two keys of a scan stays under this.",
        _WEDGE.average_gap,
    ),
    Key(
        "scanner",
        "longest_gap",
        Seconds(_WEDGE.first_gap, 0.5),
        "The time between any two keys of a scan stays under this.",
        _WEDGE.longest_gap,
    ),
    Key(
        "scanner",
        "silence",
        Seconds(_WEDGE.first_gap, 1),
        "What interrupts a scan that has no Enter at its end yet; no less than longest_gap.",
        _WEDGE.silence,
    ),
    Key(
        "scanner",
        "stall",
        Seconds(_WEDGE.first_gap, 3),
        "How long the rest of an interrupted scan is waited for; no less than silence.",
        _WEDGE.stall,
    ),
    Key(
        "scanner",
        "needs_ending",
        Flag(),
        "Whether every scan ends with Enter or Tab; one without is then asked for again.",
        default=_WEDGE.needs_ending,
    ),
    Key(
        "scanner",
        "minimum_length",
        Whole(3, 64),
        "The number of characters of the shortest scan.",
        _WEDGE.minimum_length,
    ),
    Key(
        "scanner",
        "duplicate_window",
        Seconds(0, 5),
        "The same code read again within this time counts once.",
        _WEDGE.duplicate_window,
    ),
    Key("scanner", "prefix", Text(16), "Text that the scanner is set to send first.", "", "~~"),
    Key(
        "scanner",
        "separator",
        Text(16),
        "What the scanner sends between the fields of a GS1 label (FNC1), where it is not GS.",
        "",
        "|",
    ),
    Key(
        "scanner",
        "layout",
        Choice(Layout),
        "The keyboard layout of this machine, where the scanner is set to another (US) one.",
        "same",
    ),
    Key("readers", "cards", Flag(), "Whether card readers are used.", default=True),
    Key("serial", "enabled", Flag(), "Whether scanners on serial ports are used.", default=True),
    Key(
        "serial",
        "ports",
        Items(Text(100), 16),
        "Ports to listen to, besides those that scanners are known by.",
        [],
        ["COM4"],
    ),
    Key("serial", "baud", Whole(300, 4_000_000), "The speed of a port that is not USB.", 9600),
    Key("serial", "ending", Choice(LineEnding), "What the scanner sends after each code.", "any"),
    Key("serial", "prefix", Text(16), "Text that the scanner is set to send first.", "", "~~"),
    Key(
        "serial",
        "separator",
        Text(16),
        "What the scanner sends between the fields of a GS1 label (FNC1), where it is not GS.",
        "",
        "|",
    ),
    Key(
        "serial",
        "silence",
        Seconds(0, 5),
        "What ends a code without an ending; 0 where every code has one.",
        1.1,
    ),
)

_ROOM_KEYS: Final = (
    Key(
        "sound",
        "accepted",
        Flag(),
        "Whether a sound tells that an enrollment succeeded.",
        default=True,
    ),
    Key(
        "sound", "attention", Flag(), "Whether a sound tells that somebody is needed.", default=True
    ),
    Key("look", "theme", Choice(LookTheme), "The colours of the window.", "system"),
    Key("look", "motion", Flag(), "Whether things move on the screen.", default=True),
    Key("look", "language", Choice(LookLanguage), "The language of the window.", "system"),
    Key(
        "lock",
        "after",
        Whole(0, _DAY_MINUTES),
        "The minutes without an operator after which the window locks; 0 for never.",
        10,
    ),
    Key(
        "lock",
        "sign_out_after",
        Whole(0, _DAY_MINUTES),
        "The minutes without an operator after which the station signs out; 0 for never.",
        60,
    ),
    Key(
        "inventory",
        "low_mark",
        Whole(0, 100_000),
        "A model with fewer free tokens than this runs low; 0 for never.",
        10,
    ),
    Key(
        "ledger",
        "folder",
        Place(),
        "The folder of the record, instead of that of whoever runs the station.",
        example="record",
    ),
    Key(
        "ledger",
        "retention_days",
        Whole(0, 36_500),
        "The days after which names leave the record; 0 for never.",
        0,
    ),
)

_RECEIPT_KEYS: Final = tuple(Key("receipt", **row) for row in RECEIPT_ROWS)

_OTHER_KEYS: Final = (*_RECEIPT_KEYS, *(Key(**row) for row in LANE_ROWS))

_ORDER: Final = tuple(SECTIONS)

KEYS: Final = tuple(
    sorted(
        (
            *_TENANT_KEYS,
            *_ACCESS_KEYS,
            *BROWSER_KEYS,
            *UNATTENDED_KEYS,
            *_DESK_KEYS,
            *_SCANNER_KEYS,
            *_OTHER_KEYS,
            *_ROOM_KEYS,
            *KIOSK_KEYS,
        ),
        key=lambda key: _ORDER.index(key.section),
    )
)
"""Every key but those of profiles, in the order of the sections."""
