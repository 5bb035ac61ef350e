"""How somebody can sign in at a station, and where the sign-in is kept."""

import enum
from dataclasses import dataclass


class SignInMethod(enum.Enum):
    """A way to sign in. CERTIFICATE signs the station itself in, without a person.

    CONFINED is a browser that this program starts itself, and that reaches the sign-in alone.
    """

    BROWSER = "browser"
    CONFINED = "confined-browser"
    DEVICE = "device-code"
    BROKER = "broker"
    CERTIFICATE = "certificate"


class KeyStore(enum.Enum):
    """Where the key of a station that signs in by itself lies.

    All but FILE keep it to themselves: they sign, and never hand it over.
    """

    FILE = "file"
    PKCS11 = "pkcs11"
    WINDOWS_MACHINE = "windows-machine"
    WINDOWS_USER = "windows-user"


class StoreState(enum.Enum):
    """Whether the system keeps the sign-in, encrypted; where it does not, memory alone does."""

    NOT_WANTED = "not_wanted"
    KEEPS = "keeps"
    ABSENT = "absent"
    LOCKED = "locked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SecretStore:
    """The system's store of secrets as this station finds it.

    `name` is what the system calls it, `reason` its own words where it does not keep the sign-in.
    """

    state: StoreState = StoreState.NOT_WANTED
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScreenArea:
    """The part of the screen that a browser's window is to fill.

    Position and size are in device-independent pixels; `scale` is how many of the screen's pixels
    one of them is wide.
    """

    x: int = 0
    y: int = 0
    width: int = 1024
    height: int = 700
    scale: float = 1.0


class Unconfined(enum.Enum):
    """Why the confined browser is not started."""

    NO_PROGRAM = "no_program"
    OTHER_PROGRAM = "other_program"
    """The program does not read its policies where Debian's Chromium does."""
    NO_POLICY = "no_policy"
    OPEN_POLICY = "open_policy"
    """Somebody else than root may write the policies."""
    UNREADABLE_POLICY = "unreadable_policy"
    OTHER_POLICY = "other_policy"
    """The policies that count are not those that the configuration asks for."""
    NOT_STARTED = "not_started"
    NOT_POSSIBLE = "not_possible"
    """This machine does not let a practice kiosk confine it."""
    NO_DISPLAY = "no_display"


@dataclass(frozen=True, slots=True)
class Account:
    """Who signed in, as the sign-in service says: object id, name and UPN.

    It is no authority for what they may do; the directory is.
    """

    id: str
    name: str = ""
    upn: str = ""
