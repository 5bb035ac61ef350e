"""What the station tells whoever shows it: one kind of frozen notice per thing that changes."""

import enum
from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import Enrollment, State
from app.core.errors import OathdeskError
from app.core.history import HistoryPage, KnownOperator
from app.core.model import Mode, Operator, Person, Source
from app.core.ports import DevicePrompt
from app.core.practice import PracticeSet
from app.core.reading import CardReading, Missing, NeedsHelp, NotAToken, PortTrouble, TokenReading
from app.core.record import Entry, Line
from app.core.rights import Standing
from app.core.scan import LayoutGuess, RefusalKind
from app.core.signin import SignInMethod
from app.core.skew import ClockState
from app.station.entrance_notices import EntranceNotice
from app.station.import_notices import ImportNotices
from app.station.inventory_notices import InventoryNotices
from app.station.session_facts import SessionFacts
from app.station.side_notices import SideNotice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the history is to list. Days are those of the desk's own time zone, both included.

    `days` counts back from today, today included; 0 means that `first` and `last` tell.
    """

    text: str = ""
    states: frozenset[State] = frozenset()
    operator: str = ""
    days: int = 0
    first: date | None = None
    last: date | None = None


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
class SessionNotice:
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
class DeskNotice:
    """The desk changed: its enrollment and its two cards.

    `offline` tells that the directory is out of reach, `stageable` that a submit puts the work into
    the tray then, `lacks` which scopes and roles this operator does not have. `retry_at` is when a
    check that could not be made is repeated, None where it is not. `pass_offered` tells that a
    Temporary Access Pass can be issued to the person on the card.
    """

    enrollment: Enrollment
    token_card: TokenCard
    person_card: PersonCard
    offline: bool = False
    stageable: bool = False
    lacks: tuple[Standing, ...] = ()
    retry_at: datetime | None = None
    pass_offered: bool = False


@dataclass(frozen=True, slots=True)
class ScanNotice:
    """A scan came in that fills no card.

    `guess` is what a wrong keyboard layout may have done to it, where one explains it.
    """

    refused: RefusalKind
    guess: LayoutGuess | None = None


@dataclass(frozen=True, slots=True)
class CardNotice:
    """A chip card came that fills no card of the desk, while the token card is in use."""

    reading: NotAToken | NeedsHelp


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """A card reader and what is in it now; `card` is None where there is nothing, or nothing yet.

    `pad`: cards are laid on it. `busy`: a card is there and is being asked.
    """

    name: str
    pad: bool = False
    busy: bool = False
    card: CardReading | None = None


@dataclass(frozen=True, slots=True)
class ScannerLine:
    """A scanner in serial-port mode, or why its port cannot be listened to."""

    port: str
    name: str = ""
    trouble: PortTrouble | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadersNotice:
    """What is connected, now. `missing` is why no card reader can be used, `detail` its evidence.

    `cards` and `ports` tell whether either is looked for at all, by configuration.
    """

    readers: tuple[ReaderLine, ...] = ()
    scanners: tuple[ScannerLine, ...] = ()
    missing: Missing | None = None
    detail: str = ""
    cards: bool = True
    ports: bool = True


@dataclass(frozen=True, slots=True)
class TrialScanNotice:
    """A scanner in serial-port mode read something while scanners are being tried out."""

    port: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeNotice:
    """The code guard's word on the digits that were typed."""

    verdict: CodeVerdict


@dataclass(frozen=True, slots=True)
class SearchNotice:
    """The directory's answer to a search for people, or why there is none.

    `retry_at` is when a search that failed is repeated, None where it is not.
    """

    query: str
    people: tuple[Person, ...] = ()
    error: OathdeskError | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoNotice:
    """A person's photo came in; None where there is none."""

    person_id: str
    photo: bytes | None


@dataclass(frozen=True, slots=True)
class TodayNotice:
    """Today's enrollments, what needs attention first, then newest first."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class CorrectionNotice:
    """What had come to rest has turned out otherwise; `line.corrected` is the state before."""

    line: Line


@dataclass(frozen=True, slots=True)
class DirectoryNotice:
    """The way to the directory: how long the last answer took in ms, or that none came."""

    reachable: bool
    latency: float | None = None


class Sound(enum.Enum):
    """What a desk can be heard to say; the value is the name of its file."""

    ACCEPTED = "accepted"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class ReadyNotice:
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
class PressedNotice:
    """A practice token was pressed and shows this code, or none where it could not be."""

    serial_number: str
    code: VerificationCode | None = None


@dataclass(frozen=True, slots=True)
class SignInPageNotice:
    """The practice sign-in page did not take what was filled in."""

    complaint: str


@dataclass(frozen=True, slots=True)
class HistoryNotice:
    """A page of the record: what was `wanted`, and how many lines come before it."""

    wanted: Wanted
    before: int
    page: HistoryPage
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class TimelineNotice:
    """The whole story of one enrollment, or why it cannot be read."""

    enrollment_id: str
    entries: tuple[Entry, ...] = ()
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class OperatorsNotice:
    """Everybody who ever submitted an enrollment, by name."""

    operators: tuple[KnownOperator, ...]


class ExportState(enum.Enum):
    """Where an export stands."""

    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExportNotice:
    """An export goes on or has ended: how many entries are written, and to which file."""

    state: ExportState
    count: int = 0
    path: str = ""
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class TroubleNotice:
    """Something went wrong that belongs to no card: the record cannot be written, say."""

    error: OathdeskError


@dataclass(frozen=True, slots=True)
class RightsNotice:
    """What the operator may do has changed: names of scopes and roles, as Entra writes them.

    `error` is why the sign-in could not be renewed when that was tried.
    """

    operator: Operator
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class ClockNotice:
    """How far this machine's clock is off: the directory's minus its own, in seconds."""

    offset: float
    state: ClockState


@dataclass(frozen=True, slots=True)
class SessionFactsNotice:
    """What there is to know of the session, as it was asked for."""

    facts: SessionFacts


OfHistory = HistoryNotice | TimelineNotice | OperatorsNotice | ExportNotice
Notice = (
    SessionNotice
    | DeskNotice
    | ScanNotice
    | CardNotice
    | ReadersNotice
    | TrialScanNotice
    | CodeNotice
    | SearchNotice
    | PhotoNotice
    | TodayNotice
    | CorrectionNotice
    | DirectoryNotice
    | ReadyNotice
    | PressedNotice
    | SignInPageNotice
    | OfHistory
    | TroubleNotice
    | RightsNotice
    | ClockNotice
    | SessionFactsNotice
    | SideNotice
    | EntranceNotice
    | ImportNotices
    | InventoryNotices
)
