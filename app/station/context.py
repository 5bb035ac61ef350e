"""What a station is made of: its ports, what was configured for this desk, and the context."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.badge import BadgeRules
from app.core.checkup import Examination
from app.core.cloud import Cloud
from app.core.import_ports import SeedFiles
from app.core.lane import LaneRules
from app.core.model import Mode, Operator, Source
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
    """What an administrator chose for this desk.

    Exports go to the folder `exports`, or to the home folder where it is "".
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

    name: str = "Front desk"
    tenant: str = ""
    mode: Mode = Mode.ASSIGN_AND_ACTIVATE
    rules: ScanRules = DEFAULT_RULES
    badges: BadgeRules = field(default_factory=BadgeRules)
    patience: Patience = field(default_factory=Patience)
    search_limit: int = 25
    exports: str = ""
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

    @property
    def hides_list(self) -> bool:
        """Tell whether the day's list is shown to nobody: at a kiosk, and in self-service."""
        return self.wipe_after > 0 or self.lane is not None

    def rules_for(self, source: Source) -> ScanRules:
        """Return the rules for what comes from `source`: only keys go through a layout."""
        return self.rules if source is Source.SCANNER else self.rules.beyond_keys


async def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters through which the station works. `let_go` closes what they hold.

    `cards` and `scanners` are None where the configuration wants none of them watched. `checks` are
    the examinations of a check-up that need no sign-in. `seeds` reads what is imported; None where
    a station imports nothing. Without a `shelf` nothing is kept but the record, so that a job on
    many tokens is not offered again after a restart.
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
    shelf: Shelf | None = None


@dataclass(slots=True)
class SignedIn:
    """Who is signed in, or None. The session alone writes it (station.session)."""

    operator: Operator | None = None


@dataclass(frozen=True, slots=True)
class StationContext:
    """What every part of a station works with; each part takes it as its first argument.

    `tell` shows a notice in the window and may be called on the station's loop alone. A part that
    depends on another part is called by it: nothing listens to `tell`.
    """

    ports: Ports
    settings: DeskSettings
    tell: Notify
    signed_in: SignedIn = field(default_factory=SignedIn)

    @property
    def clock(self) -> Clock:
        """Return the clock of this machine."""
        return self.ports.clock

    @property
    def operator(self) -> Operator | None:
        """Return who is signed in at this moment, or None."""
        return self.signed_in.operator
