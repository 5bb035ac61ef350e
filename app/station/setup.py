"""What a station is made of: the ports it works through and what was configured for this desk."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.core.badge import BadgeRules
from app.core.checkup import Examination
from app.core.cloud import Cloud
from app.core.enrollment import State
from app.core.lane import LaneRules
from app.core.model import Mode
from app.core.ports import CardReader, Clock, Directory, Ledger, LineScanner, SignIn
from app.core.receipt import ReceiptRules
from app.core.scan import DEFAULT_RULES, ScanRules
from app.station.notices import Notice, Sound

Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a read-back may take.

    `delays` are the seconds before each look, one after the other.
    A look follows the answer at once, since the directory usually agrees by then. Replication takes
    up to a minute, so the default waits a minute and a half in all.
    """

    delays: tuple[float, ...] = (0, 1, 2, 3, 5, 5, 7, 7, 10, 10, 10, 15, 15)
    after_refusal: tuple[float, ...] = (0, 1, 2)

    def under(self, state: State) -> tuple[float, ...]:
        """Return the delays that belong to `state`.

        A refusal is a decision and seldom leaves anything behind; the next code is half a minute
        away, so a short look costs the operator nothing.
        """
        return self.after_refusal if state is State.AFTER_REFUSAL else self.delays


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What an administrator chose for this desk. Exports go to the folder `exports`.

    `rights_age` is the seconds after which the operator's roles are read again. Nobody at the desk
    for `lock_after` seconds locks it, for `sign_out_after` seconds signs out; 0 is never.
    `without_token` tells whether a token may be taken from a person that is lost or broken, on the
    operator's word. Enrollments that came to rest longer than `retention` ago are erased from the
    record; None keeps them for ever. Without `receipts` none are made. With
    `lane` people serve themselves here; with `line` the window begins in line mode.
    """

    desk: str = "Front desk"
    tenant: str = ""
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE
    rules: ScanRules = DEFAULT_RULES
    badges: BadgeRules = field(default_factory=BadgeRules)
    patience: Patience = field(default_factory=Patience)
    search_limit: int = 25
    exports: Path = field(default_factory=Path.home)
    sounds: frozenset[Sound] = frozenset(Sound)
    rights_age: float = 300.0
    lock_after: float = 0.0
    sign_out_after: float = 0.0
    cloud: Cloud = Cloud.GLOBAL
    without_token: bool = True
    retention: timedelta | None = None
    line: bool = False
    receipts: ReceiptRules | None = None
    lane: LaneRules | None = None


async def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The world outside the station, through its ports. `let_go` closes what they hold.

    `cards` and `ports` are None where the configuration wants none of them watched. `checks` are
    the examinations of a check-up that need no sign-in.
    """

    directory: Directory
    sign_in: SignIn
    ledger: Ledger
    clock: Clock
    let_go: Callable[[], Awaitable[None]] = _nothing
    cards: CardReader | None = None
    ports: LineScanner | None = None
    checks: Sequence[Examination] = ()


def _always() -> bool:
    return True


def _for_nobody() -> None:
    """Tell nobody."""


def _not_at_all() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Around:
    """What a desk asks of the station around it; alone, it believes everything to be well.

    `is_up` tells whether the directory can be reached, `staged` is told of new work in the tray,
    `ahead` is how many seconds true time is ahead of this machine's clock, and `takes` tells
    whether what was just scanned or tapped may be taken: not at a locked desk.
    """

    is_up: Callable[[], bool] = _always
    staged: Callable[[], None] = _for_nobody
    ahead: Callable[[], float] = _not_at_all
    takes: Callable[[], bool] = _always
