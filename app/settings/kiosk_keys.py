"""The keys of the section about kiosks, as rows of the schema's table."""

from dataclasses import dataclass
from typing import Any, Final

from app.core.kiosk import WIPE_SECONDS, ScreenKeys
from app.core.pin import PinHash
from app.settings.kinds import Choice, Flag, Kind, NotTaken, Whole

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


KIOSK_ROWS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "enabled",
        "kind": Flag(),
        "about": "Whether this machine is a kiosk: full screen, and no way out but a supervisor's.",
        "default": False,
    },
    {
        "name": "pin",
        "kind": Pin(),
        "about": "The hash of the PIN that lets a supervisor out, made by `oathdesk kiosk pin`.",
        "default": "",
        "example": _EXAMPLE,
        "secret": True,
    },
    {
        "name": "wipe_after",
        "kind": Whole(10, 3600),
        "about": "The seconds after which nothing is left of whoever stood there last.",
        "default": WIPE_SECONDS,
    },
    {
        "name": "keyboard",
        "kind": Choice(ScreenKeys),
        "about": "When the keyboard on the screen appears: at a finger, at any pointer, or not.",
        "default": "touch",
    },
    {
        "name": "clipboard",
        "kind": Flag(),
        "about": "Whether anything can be copied and pasted.",
        "default": False,
    },
    {
        "name": "printing",
        "kind": Flag(),
        "about": "Whether anything can be printed.",
        "default": False,
    },
    {
        "name": "links",
        "kind": Flag(),
        "about": "Whether another program may be opened, as signing in with the browser does.",
        "default": False,
    },
)
