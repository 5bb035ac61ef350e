"""The keys of the section about kiosks, and of the browser that a kiosk signs people in with."""

import re
from dataclasses import dataclass
from typing import Final

from app.core.kiosk import WIPE_SECONDS, ScreenKeys
from app.core.pin import PinHash
from app.settings.key import Key
from app.settings.kinds import Choice, Flag, Items, Kind, NotTaken, Place, Text, Whole

_EXAMPLE: Final = "scrypt:15:8:1:AAECAwQFBgcICQoLDA0ODw:w89rOqoVyQ8-7CZWLFt7KbTM9ZvxW8uRohrR6ujXVeA"


@dataclass(frozen=True, slots=True)
class Pin(Kind):
    """The hash of a PIN as `oathdesk kiosk pin` prints it; empty text stands for none."""

    @property
    def allowed(self) -> str:
        return "the text that `oathdesk kiosk pin` prints"

    def taken(self, value: object) -> PinHash | None:
        if not isinstance(value, str):
            raise NotTaken(value)
        try:
            return PinHash.read(value) if value else None
        except ValueError as error:
            raise NotTaken(value, str(error)) from None


_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = Text(
    253,
    re.compile(rf"{_LABEL}(?:\.{_LABEL})+(?::[1-9][0-9]{{0,4}})?"),
    "the name of a host such as adfs.contoso.example, with a port where it is not 443",
)

BROWSER_KEYS: Final = (
    Key(
        "signin",
        "browser_program",
        Place(file=True),
        "The Chromium of the confined browser, instead of Debian's; it has to read its policies "
        "from /etc/chromium/policies/managed.",
        example="/usr/lib/chromium/chromium",
    ),
    Key(
        "signin",
        "browser_hosts",
        Items(_HOST),
        "Hosts that a sign-in in the confined browser passes besides Microsoft's own: those of a "
        "federated identity provider.",
        [],
        ["adfs.contoso.example"],
    ),
)

KIOSK_KEYS: Final = (
    Key(
        "kiosk",
        "enabled",
        Flag(),
        "Whether this machine is a kiosk: full screen, and no way out but a supervisor's.",
        default=False,
    ),
    Key(
        "kiosk",
        "pin",
        Pin(),
        "The hash of the PIN that lets a supervisor out, made by `oathdesk kiosk pin`.",
        "",
        _EXAMPLE,
        secret=True,
    ),
    Key(
        "kiosk",
        "wipe_after",
        Whole(10, 3600),
        "The seconds after which nothing is left of whoever stood there last.",
        WIPE_SECONDS,
    ),
    Key(
        "kiosk",
        "keyboard",
        Choice(ScreenKeys),
        "When the keyboard on the screen appears: at a finger, at any pointer, or not.",
        "touch",
    ),
    Key(
        "kiosk",
        "clipboard",
        Flag(),
        "Whether anything can be copied and pasted.",
        default=False,
    ),
    Key(
        "kiosk",
        "printing",
        Flag(),
        "Whether anything can be printed.",
        default=False,
    ),
    Key(
        "kiosk",
        "links",
        Flag(),
        "Whether another program may be opened, as signing in with the browser does.",
        default=False,
    ),
)
