"""What an embedded tenant offers beside the directory: things to scan, press and sign in with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.core.code import VerificationCode
from app.core.errors import BrowserNotConfined
from app.core.reading import Family


@dataclass(frozen=True, slots=True)
class PracticeToken:
    """A token of the practice tenant. `interval` is its time step in seconds.

    `chip` is the kind of token that a card reader would find, where it has a chip; `clock` is what
    its clock is off then, in seconds.
    """

    serial_number: str
    model: str
    interval: int
    chip: Family | None = None
    clock: float = 0.0


@dataclass(frozen=True, slots=True)
class PracticeBadge:
    """A badge of the practice tenant: what its barcode says, and whose it is."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class PracticeOperator:
    """Somebody who can sign in to the practice tenant.

    The password is public: it opens nothing else.
    """

    username: str
    password: str = field(repr=False)
    label: str = ""


@dataclass(frozen=True, slots=True)
class PracticeSet:
    """What lies on a practice desk: tokens, badges, and who can sign in, the usual one first.

    `unconfined` says why a practice kiosk shows no browser of its own, where it has none.
    """

    tokens: tuple[PracticeToken, ...] = ()
    badges: tuple[PracticeBadge, ...] = ()
    operators: tuple[PracticeOperator, ...] = ()
    unconfined: BrowserNotConfined | None = None


class Practice(Protocol):
    """What only an embedded tenant offers: things to scan and press, a sign-in page to fill in."""

    @property
    def things(self) -> PracticeSet:
        """Return what lies on the practice desk."""
        ...

    async def press(self, serial_number: str) -> VerificationCode:
        """Press the token's button: return the code it shows now. Raises DirectoryError."""
        ...

    async def fill_in(self, url: str, username: str, password: str) -> str:
        """Fill in the page at `url`, as a browser would; return its complaint, or nothing."""
        ...

    async def truth(self, serial_number: str) -> Mapping[str, object]:
        """Return the tenant's own view of a token, whatever the directory shows yet."""
        ...
