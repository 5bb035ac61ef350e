"""What the station tells of the inventory."""

import enum
from dataclasses import dataclass
from datetime import datetime

from app.core.errors import OathdeskError
from app.core.inventory import Inventory
from app.core.rights import Standing
from app.core.stock import ModelStock
from app.station.notices import Notice


class SyncState(enum.Enum):
    """Where reading the inventory stands."""

    LOADING = "loading"
    """For the first time: what was read is shown meanwhile."""
    REFRESHING = "refreshing"
    """Again, in the background: what is shown stays until all is read."""
    WAITING = "waiting"
    """The directory asked for a pause, or does not answer; it goes on by itself."""
    READY = "ready"
    FAILED = "failed"
    """It ended before all was read; what was read before stays."""


@dataclass(frozen=True, slots=True)
class SyncNotice(Notice):
    """How far reading the inventory is: `count` tokens so far, `since` when it began.

    `batch` are rows to show behind the ones before, and `afresh` tells that none are before. With
    READY comes `whole`, the inventory in every order, which takes the place of all rows told
    before. `standings` are how the operator stands to what can be done with many tokens; `at` is
    the present, for filters that reach back from it.
    """

    state: SyncState
    count: int = 0
    batch: Inventory | None = None
    afresh: bool = False
    whole: Inventory | None = None
    stock: tuple[ModelStock, ...] = ()
    low_mark: int = 0
    at: datetime | None = None
    error: OathdeskError | None = None
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class ForgottenNotice(Notice):
    """The inventory is forgotten: whoever read it has signed out."""


@dataclass(frozen=True, slots=True)
class ChangedTokensNotice(Notice):
    """What this desk changed, and has written into the inventory that was told as `whole`."""

    device_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InventoryExportNotice(Notice):
    """An export of the inventory: `done` rows written to `path`, or the `error` that ended it."""

    path: str = ""
    done: int | None = None
    error: OathdeskError | None = None


InventoryNotices = SyncNotice | ForgottenNotice | ChangedTokensNotice | InventoryExportNotice
