"""What a station is made of: the ports it works through and what was configured for this desk."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.core.badge import BadgeRules
from app.core.checkup import Examination
from app.core.cloud import Cloud
from app.core.import_ports import SeedFiles, UploadJournal
from app.core.lane import LaneRules
from app.core.model import Mode
from app.core.ports import CardReader, Clock, Directory, Ledger, LineScanner, SignIn
from app.core.receipt import ReceiptRules
from app.core.scan import DEFAULT_RULES, ScanRules
from app.core.shelf import Shelf
from app.station.notices import Notice, Sound

Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a read-back may take, after an acceptance, a refusal and a lost answer alike.

    `delays` are the seconds before each look, one after the other.
    A look follows the answer at once, since the directory usually agrees by then. Replication takes
    up to a minute, so the default waits a minute and a half in all, and no enrollment costs more
    than one look for each delay.
    `again` tells whether what rests is looked at again: when its patience ends, where it came to
    rest before, at the start, once a day, and when its token or its person is looked up.
    """

    delays: tuple[float, ...] = (0, 1, 2, 3, 5, 5, 7, 7, 10, 10, 10, 15, 15)
    again: bool = True

    @property
    def seconds(self) -> float:
        """Return how long all looks take."""
        return sum(self.delays)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What an administrator chose for this desk. Exports go to the folder `exports`.

    `rights_age` is the seconds after which the operator's roles are read again. Nobody at the desk
    for `lock_after` seconds locks it, for `sign_out_after` seconds signs out; 0 is never.
    `without_token` tells whether a token may be taken from a person that is lost or broken, on the
    operator's word. Enrollments that came to rest longer than `retention` ago are erased from the
    record; None keeps them for ever. Without `receipts` none are made. With `lane` people serve
    themselves here; with `line` the window begins in line mode. A model with fewer free tokens than
    `low_mark` runs low; 0 lets none. Of whoever stood at a kiosk nothing is left after `wipe_after`
    seconds; 0 is no kiosk, or one that has a lane, which forgets by itself.
    `method_name` is the template of the name that a token gets as a sign-in method
    (core.method_name); without one no name is sent. `passes` tells whether Temporary Access Passes
    can be issued here.
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
    low_mark: int = 10
    wipe_after: float = 0.0
    method_name: str = ""
    passes: bool = False


async def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters through which the station works. `let_go` closes what they hold.

    `cards` and `scanners` are None where the configuration wants none of them watched. `checks` are
    the examinations of a check-up that need no sign-in. `seeds` and `uploads` are what an import
    reads and keeps; None where a station imports nothing. Without a `shelf` nothing is kept but the
    record, so that a job on many tokens is not offered again after a restart.
    """

    directory: Directory
    sign_in: SignIn
    ledger: Ledger
    clock: Clock
    let_go: Callable[[], Awaitable[None]] = _nothing
    cards: CardReader | None = None
    scanners: LineScanner | None = None
    checks: Sequence[Examination] = ()
    seeds: SeedFiles | None = None
    uploads: UploadJournal | None = None
    shelf: Shelf | None = None


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
    whether what was just scanned or tapped may be taken: not at a locked desk. `person_left` is
    called when the person on the card makes way for another, or for nobody.
    """

    is_up: Callable[[], bool] = _always
    staged: Callable[[], None] = _for_nobody
    ahead: Callable[[], float] = _not_at_all
    takes: Callable[[], bool] = _always
    person_left: Callable[[], None] = _for_nobody
