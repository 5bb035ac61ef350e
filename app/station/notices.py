"""What the station tells whoever shows it: one kind of frozen notice per thing that changes."""

import enum
from dataclasses import dataclass

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import Enrollment
from app.core.errors import OathdeskError
from app.core.model import Mode, Operator, Person, Source
from app.core.ports import DevicePrompt, PracticeSet
from app.core.record import Line
from app.core.scan import RefusalKind


class SessionState(enum.Enum):
    """Where the sign-in stands."""

    SIGNED_OUT = "signed_out"
    STARTING = "starting"
    IN_BROWSER = "in_browser"
    BY_DEVICE = "by_device"
    OPENING = "opening"
    SIGNED_IN = "signed_in"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SessionNotice:
    """The sign-in changed.

    `url` is the page that was opened, `prompt` what to do on another device.
    """

    state: SessionState
    operator: Operator | None = None
    url: str = ""
    prompt: DevicePrompt | None = None
    error: OathdeskError | None = None


class CardState(enum.Enum):
    """What a card of the desk shows."""

    EMPTY = "empty"
    LOADING = "loading"
    FOUND = "found"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TokenCard:
    """The token card.

    `serial_number` is what was read; `suggestions` are serials that look alike.
    """

    state: CardState = CardState.EMPTY
    serial_number: str = ""
    source: Source = Source.TYPED
    count: int = 1
    suggestions: tuple[str, ...] = ()
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """The person card.

    `badge` is the number that was scanned, where it was; `person` is known early.
    """

    state: CardState = CardState.EMPTY
    person: Person | None = None
    badge: str = ""
    candidates: tuple[Person, ...] = ()
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class DeskNotice:
    """The desk changed: its enrollment and its two cards."""

    enrollment: Enrollment
    token_card: TokenCard
    person_card: PersonCard


@dataclass(frozen=True, slots=True)
class ScanNotice:
    """A scan came in that fills no card.

    `repair` is a guess at what a wrong keyboard layout did to it.
    """

    refused: RefusalKind
    repair: str = ""


@dataclass(frozen=True, slots=True)
class CodeNotice:
    """The code guard's word on the digits that were typed."""

    verdict: CodeVerdict


@dataclass(frozen=True, slots=True)
class SearchNotice:
    """The directory's answer to a search for people, or why there is none."""

    query: str
    people: tuple[Person, ...] = ()
    error: OathdeskError | None = None


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
class DirectoryNotice:
    """The way to the directory: how long the last answer took in ms, or that none came."""

    reachable: bool
    latency: float | None = None


@dataclass(frozen=True, slots=True)
class ReadyNotice:
    """The station is put together, or why it could not be. `practice` tells an embedded tenant."""

    desk: str = ""
    tenant: str = ""
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE
    practice: PracticeSet | None = None
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class PressedNotice:
    """A practice token was pressed and shows this code, or none where it could not be."""

    serial_number: str
    code: VerificationCode | None = None


@dataclass(frozen=True, slots=True)
class SignInPageNotice:
    """The practice sign-in page did not take what was filled in."""

    complaint: str


Notice = (
    SessionNotice
    | DeskNotice
    | ScanNotice
    | CodeNotice
    | SearchNotice
    | PhotoNotice
    | TodayNotice
    | DirectoryNotice
    | ReadyNotice
    | PressedNotice
    | SignInPageNotice
)
