"""How somebody can sign in at a station, and where the sign-in is kept."""

import enum
from dataclasses import dataclass


class SignInMethod(enum.Enum):
    """A way to sign in. CERTIFICATE is the station itself, with nobody at it."""

    BROWSER = "browser"
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
class Account:
    """Who signed in, as the sign-in service says: object id, name and UPN.

    It is no authority for what they may do; the directory is.
    """

    id: str
    name: str = ""
    upn: str = ""
