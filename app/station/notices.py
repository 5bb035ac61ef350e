"""What the station tells the window: the base class, and the notices of more than one use case."""

import enum
from dataclasses import dataclass
from datetime import datetime

from app.core.code import CodeVerdict
from app.core.enrollment import Enrollment
from app.core.errors import OathdeskError
from app.core.model import Mode, Operator, Person, Source
from app.core.ports import DevicePrompt
from app.core.practice import PracticeSet
from app.core.reading import CardReading, NeedsHelp, NotAToken, TokenReading
from app.core.rights import Standing
from app.core.scan import LayoutGuess, RefusalKind
from app.core.signin import SignInMethod


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that the station tells the window. Each kind is a frozen class of its own.

    A kind that one use case tells stands beside it; those of several use cases stand here, or in a
    module of their own.
    """


class SessionState(enum.Enum):
    """Where the sign-in stands.

    IN_CONFINED_BROWSER is a browser of the program's own, in front of its window.

    ENDED is in the middle of a shift: the operator has to sign in again, and the desk waits. LOCKED
    is the same because nobody was there, or because the operator left; it is told again where a try
    to sign in leads nowhere, and only SIGNED_IN and SIGNED_OUT end it.
    """

    SIGNED_OUT = "signed_out"
    STARTING = "starting"
    IN_BROWSER = "in_browser"
    IN_CONFINED_BROWSER = "in_confined_browser"
    BY_DEVICE = "by_device"
    OPENING = "opening"
    SIGNED_IN = "signed_in"
    ENDED = "ended"
    LOCKED = "locked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SessionNotice(Notice):
    """The sign-in changed.

    `url` is the page that was opened, `prompt` what to do on another device. `cleared` tells that
    what another operator had left on the desk was taken away. `lapsed` tells of a sign-out that the
    station did by itself, since nobody was there for long.
    """

    state: SessionState
    operator: Operator | None = None
    url: str = ""
    prompt: DevicePrompt | None = None
    error: OathdeskError | None = None
    cleared: bool = False
    lapsed: bool = False


class CardState(enum.Enum):
    """What a card of the desk shows.

    NAMED is a person who cannot be looked up at the moment; UNREAD is a chip card that is no token,
    or one that needs help to be read.
    """

    EMPTY = "empty"
    LOADING = "loading"
    FOUND = "found"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NAMED = "named"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class TokenCard:
    """The token card.

    `serial_number` is what was read; `suggestions` are serials that look alike. `reading` is what a
    chip card in `reader` said of itself; `pad` where it lies on one. `retry_at` is when a look-up
    that failed is repeated, None where it is not.
    """

    state: CardState = CardState.EMPTY
    serial_number: str = ""
    source: Source = Source.TYPED
    count: int = 1
    suggestions: tuple[str, ...] = ()
    error: OathdeskError | None = None
    reading: CardReading | None = None
    reader: str = ""
    pad: bool = False
    retry_at: datetime | None = None

    @property
    def drift(self) -> float | None:
        """The token's clock minus the station's, in seconds, where the token has told it."""
        return self.reading.drift if isinstance(self.reading, TokenReading) else None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """The person card.

    `badge` is the number that was scanned, where it was; `person` is known early. `retry_at` is
    when a look-up that failed is repeated, None where it is not.
    """

    state: CardState = CardState.EMPTY
    person: Person | None = None
    badge: str = ""
    candidates: tuple[Person, ...] = ()
    error: OathdeskError | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeskNotice(Notice):
    """The desk changed: the enrollment in front, and the two cards.

    `aside` is what the cards come to while an operation that was chosen for a token is in front;
    None where `enrollment` is that itself. `offline` tells that the directory is out of reach,
    `stageable` that a submit puts the work into the tray then, `lacks` which scopes and roles this
    operator does not have. `retry_at` is when a check that could not be made is repeated, None
    where it is not. `pass_offered` tells that a Temporary Access Pass can be issued to the person
    on the card. `wrong` is the serial number that was shown where another token's was asked for;
    `without_token` tells whether this desk takes the operator's word where a token that is asked
    for is lost or broken.
    """

    enrollment: Enrollment
    token_card: TokenCard
    person_card: PersonCard
    aside: Enrollment | None = None
    offline: bool = False
    stageable: bool = False
    lacks: tuple[Standing, ...] = ()
    retry_at: datetime | None = None
    pass_offered: bool = False
    wrong: str = ""
    without_token: bool = False

    @property
    def chosen(self) -> Enrollment | None:
        """Return what is in front where its operation was chosen; None where the cards are."""
        return None if self.aside is None else self.enrollment

    @property
    def of_cards(self) -> Enrollment:
        """Return what the two cards come to, in front or not."""
        return self.enrollment if self.aside is None else self.aside


@dataclass(frozen=True, slots=True)
class ScanNotice(Notice):
    """A scan came in that fills no card.

    `guess` is what a wrong keyboard layout may have done to it, where one explains it.
    """

    refused: RefusalKind
    guess: LayoutGuess | None = None


@dataclass(frozen=True, slots=True)
class CardNotice(Notice):
    """A chip card came that fills no card of the desk, while the token card is in use."""

    reading: NotAToken | NeedsHelp


@dataclass(frozen=True, slots=True)
class CodeNotice(Notice):
    """The code guard's word on the digits that were typed."""

    verdict: CodeVerdict


class Sound(enum.Enum):
    """What a desk can be heard to say; the value is the name of its file."""

    ACCEPTED = "accepted"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class ReadyNotice(Notice):
    """The station is put together, or why it could not be. `practice` tells an embedded tenant.

    `sounds` are those that this desk makes, `methods` how somebody can sign in here; `receipts`
    tells whether it makes any, and `line` whether it begins in line mode.
    """

    desk: str = ""
    tenant: str = ""
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE
    practice: PracticeSet | None = None
    sounds: frozenset[Sound] = frozenset()
    methods: tuple[SignInMethod, ...] = ()
    receipts: bool = False
    error: OathdeskError | None = None
    line: bool = False


@dataclass(frozen=True, slots=True)
class TroubleNotice(Notice):
    """Something went wrong that belongs to no card: the record cannot be written, say."""

    error: OathdeskError


@dataclass(frozen=True, slots=True)
class StartingNotice(Notice):
    """A station is about to be put together. Nothing that was told of one before is so any more."""


@dataclass(frozen=True, slots=True)
class TenantChoice:
    """One of several tenants, and what it is called where operators choose."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class TenantsNotice(Notice):
    """The tenants to choose from, and the key of the one that is being opened.

    No choices mean that there is nothing to choose. `demo` tells that this is a demo which somebody
    began instead of setting the station up.
    """

    choices: tuple[TenantChoice, ...] = ()
    chosen: str = ""
    demo: bool = False
