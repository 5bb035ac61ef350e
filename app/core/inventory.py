"""The tenant's tokens in columns, so that 100,000 of them are filtered while somebody types.

A list of objects would have to be walked attribute by attribute. Here each property is a list of
its own, what is searched is folded once and for all, and every order is made beforehand, so that a
filter is a walk over small integers which keeps the order it walked in. `tests/bench` holds that
against its floor.

An Inventory is filled by whoever reads the directory. Rows are never moved: what this desk changes
meanwhile is written over its row, or marked as gone, and the orders are left as they were made.
"""

import enum
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.core.history import fold, search_words
from app.core.model import HashFunction, Holder, Token, TokenStatus

STATES: Final = tuple(TokenStatus)
_RANKS: Final = {status: rank for rank, status in enumerate(STATES)}
_RUN: Final = 2_000
"""Rows that are sorted in one go: about a millisecond in which no other thread runs."""

_QUOTES: Final = str.maketrans(dict.fromkeys("'`"))

WAITS: Final = frozenset({TokenStatus.ASSIGNED, TokenStatus.FAILED_ACTIVATION})
"""Somebody has the token and cannot sign in with it yet."""


Key = Callable[[int], tuple[Any, ...]]
"""What a row is sorted by."""


class Column(enum.Enum):
    """What can be sorted by."""

    SERIAL = "serial_number"
    MAKER = "manufacturer"
    MODEL = "model"
    INTERVAL = "interval"
    HASH = "hash_function"
    STATE = "state"
    HOLDER = "holder"
    USED = "last_used"


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and whether backwards. Rows without a value are last forwards."""

    column: Column = Column.SERIAL
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed down to; what is left empty admits all.

    Every word of `text` must occur in the serial number, the maker, the model, the name of the
    token or its holder's; every word of `holder` in the holder's name. `model` is a maker and a
    model. `waits_since` admits what was assigned at that moment or before, as far as anybody here
    knows, and is not activated; `unused_since` what somebody has and has not used since, or never.
    Both moments are aware.
    """

    text: str = ""
    states: frozenset[TokenStatus] = frozenset()
    model: tuple[str, str] | None = None
    holder: str = ""
    waits_since: datetime | None = None
    unused_since: datetime | None = None


class Inventory:
    """Rows 0, 1, 2 ... in the order they came; a row is never moved."""

    __slots__ = (
        "_gone",
        "_orders",
        "_places",
        "display_names",
        "hashes",
        "hay",
        "holder_hay",
        "holder_ids",
        "holders",
        "ids",
        "intervals",
        "makers",
        "models",
        "ranks",
        "serials",
        "used",
        "waiting",
    )

    def __init__(
        self, tokens: Iterable[Token] = (), waiting: Mapping[str, datetime] | None = None
    ) -> None:
        """`waiting` tells since when tokens wait for their activation, by device id."""
        self.ids: list[str] = []
        self.serials: list[str] = []
        self.makers: list[str] = []
        self.models: list[str] = []
        self.display_names: list[str] = []
        self.intervals: list[int] = []
        self.hashes: list[HashFunction] = []
        self.ranks: list[int] = []
        self.holders: list[str] = []
        self.holder_ids: list[str] = []
        self.used: list[int] = []
        self.waiting: list[int] = []
        self.hay: list[str] = []
        self.holder_hay: list[str] = []
        self._orders: dict[Column, list[int]] = {}
        self._places: dict[str, int] = {}
        self._gone: set[int] = set()
        folded: dict[tuple[str, str], str] = {}
        for token in tokens:
            self._add(token, (waiting or {}).get(token.device_id), folded)

    def __len__(self) -> int:
        return len(self.ids)

    def _add(
        self, token: Token, since: datetime | None, folded: dict[tuple[str, str], str]
    ) -> None:
        holder = token.holder or Holder("")
        product = (token.manufacturer, token.model)
        if product not in folded:
            folded[product] = _folded(f"{token.manufacturer}\n{token.model}")
        name = _folded(holder.display_name) if holder.display_name else ""
        rest = _folded(f"{token.serial_number}\n{token.display_name}")
        self.ids.append(token.device_id)
        self.serials.append(token.serial_number)
        self.makers.append(token.manufacturer)
        self.models.append(token.model)
        self.display_names.append(token.display_name)
        self.intervals.append(token.interval)
        self.hashes.append(token.hash_function)
        self.ranks.append(_RANKS[token.status])
        self.holders.append(holder.display_name)
        self.holder_ids.append(holder.id)
        self.used.append(_seconds(token.last_used))
        self.waiting.append(_seconds(since) if token.status in WAITS else 0)
        self.hay.append(f"{rest}\n{folded[product]}\n{name}")
        self.holder_hay.append(name)

    def append(self, more: "Inventory") -> None:
        """Take the rows of `more` as well, behind the others."""
        for name in _LISTS:
            getattr(self, name).extend(getattr(more, name))
        self._orders.clear()
        self._places.clear()

    def row_of(self, device_id: str) -> int | None:
        """Return where a token is, or None where it is not, or no more."""
        if len(self._places) != len(self.ids):
            self._places = {name: row for row, name in enumerate(self.ids)}
        row = self._places.get(device_id)
        return None if row in self._gone else row

    def change(self, token: Token, since: datetime | None = None) -> int | None:
        """Write `token` over its row; return which that is, or None where it has none."""
        row = self.row_of(token.device_id)
        if row is None:
            return None
        changed = Inventory([token], {token.device_id: since} if since else None)
        for name in _LISTS:
            getattr(self, name)[row] = getattr(changed, name)[0]
        return row

    def remove(self, device_id: str) -> int | None:
        """Count a token as gone; return its row, or None where it has none."""
        row = self.row_of(device_id)
        if row is not None:
            self._gone.add(row)
        return row

    def count(self) -> int:
        """Return how many tokens there are, without those that are gone."""
        return len(self.ids) - len(self._gone)

    def rows(self) -> Sequence[int]:
        """Return every row that is not gone, as they came."""
        return self._present(range(len(self)))

    def _present(self, rows: Sequence[int]) -> Sequence[int]:
        gone = self._gone
        return [row for row in rows if row not in gone] if gone else rows

    # One row --------------------------------------------------------------------------------------

    def status(self, row: int) -> TokenStatus:
        """Return how the directory says the token stands."""
        return STATES[self.ranks[row]]

    def is_held(self, row: int) -> bool:
        """Tell whether somebody has the token: decided by whom it names (contract, C9)."""
        return bool(self.holder_ids[row] or self.holders[row])

    def last_used(self, row: int) -> datetime | None:
        """Return when somebody last signed in with it, to the second."""
        return _moment(self.used[row])

    def waits_since(self, row: int) -> datetime | None:
        """Return since when at least it is assigned and not activated, where that is known."""
        return _moment(self.waiting[row])

    def token(self, row: int) -> Token:
        """Return a row as the token it was."""
        held = Holder(self.holder_ids[row], self.holders[row]) if self.is_held(row) else None
        return Token(
            device_id=self.ids[row],
            serial_number=self.serials[row],
            manufacturer=self.makers[row],
            model=self.models[row],
            display_name=self.display_names[row],
            interval=self.intervals[row],
            hash_function=self.hashes[row],
            status=self.status(row),
            holder=held,
            last_used=self.last_used(row),
        )

    # Many rows ------------------------------------------------------------------------------------

    def products(self) -> tuple[tuple[str, str], ...]:
        """Return each maker and model there is, once, in order."""
        found = set(zip(self.makers, self.models, strict=True))
        return tuple(sorted(found, key=lambda each: (each[0].casefold(), each[1].casefold(), each)))

    def arrange(self) -> None:
        """Make every order beforehand: a second or so for 100,000 rows, in short turns."""
        for column in Column:
            self._order(column)

    def is_arranged(self) -> bool:
        """Tell whether every order is made."""
        return len(self._orders) == len(Column)

    def select(
        self, wanted: Wanted, order: Order | None = None, within: Sequence[int] | None = None
    ) -> list[int]:
        """Return the rows that are wanted, in `order`, or as they came.

        `within` are the rows of an earlier answer that hold all of these: a word that only grew
        longer is looked for there. They keep their order, and `order` is not looked at.
        """
        rows = self._present(within if within is not None else self._walk(order))
        if wanted.states:
            rows = self._in_states(rows, wanted.states)
        if wanted.model is not None:
            maker, model = wanted.model
            makers, models = self.makers, self.models
            rows = [row for row in rows if models[row] == model and makers[row] == maker]
        if wanted.waits_since is not None:
            latest, waiting = _seconds(wanted.waits_since), self.waiting
            rows = [row for row in rows if 0 < waiting[row] <= latest]
        if wanted.unused_since is not None:
            first, used = _seconds(wanted.unused_since), self.used
            ids, names = self.holder_ids, self.holders
            rows = [row for row in rows if used[row] < first and (ids[row] or names[row])]
        rows = _holding(rows, self.hay, wanted.text)
        rows = _holding(rows, self.holder_hay, wanted.holder)
        return list(rows)

    def _in_states(self, rows: Sequence[int], states: frozenset[TokenStatus]) -> list[int]:
        chosen, ranks = {_RANKS[status] for status in states}, self.ranks
        return [row for row in rows if ranks[row] in chosen]

    def _walk(self, order: Order | None) -> Sequence[int]:
        if order is None:
            return range(len(self))
        rows = self._order(order.column)
        return rows[::-1] if order.backwards else rows

    def _order(self, column: Column) -> list[int]:
        if column not in self._orders:
            self._orders[column] = _sorted(len(self), self._key(column))
        return self._orders[column]

    def _key(self, column: Column) -> Key:
        """Return what a row is sorted by; within equal ones by serial number."""
        serials = self.serials
        match column:
            case Column.SERIAL:
                return lambda row: (serials[row].casefold(), row)
            case Column.HOLDER:
                names = self.holder_hay
                return lambda row: (not names[row], names[row], serials[row], row)
            case Column.USED:
                used = self.used
                return lambda row: (not used[row], used[row], serials[row], row)
        values: Mapping[Column, Sequence[object]] = {
            Column.MAKER: self.makers,
            Column.MODEL: self.models,
            Column.INTERVAL: self.intervals,
            Column.HASH: self.hashes,
            Column.STATE: self.ranks,
        }
        ranked = _ranked(values[column])
        return lambda row: (ranked[row], serials[row], row)


_LISTS: Final = tuple(name for name in Inventory.__slots__ if not name.startswith("_"))


def _holding(rows: Sequence[int], hay: Sequence[str], text: str) -> Sequence[int]:
    for word in search_words(text):
        rows = [row for row in rows if word in hay[row]]
    return rows


def _folded(text: str) -> str:
    """Return `text` as `fold` does, the way that is ten times as fast where it can be gone."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text.lower().translate(_QUOTES)
    return "\n".join(fold(part) for part in text.split("\n"))


def _ranked(values: Sequence[object]) -> list[int]:
    """Return the place of each value among the different ones, without case."""
    names = {each: each.value if isinstance(each, enum.Enum) else each for each in set(values)}
    ordered = sorted(names, key=lambda each: _comparable(names[each]))
    ranks = {each: rank for rank, each in enumerate(ordered)}
    return [ranks[each] for each in values]


def _comparable(value: object) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, str(value).casefold())


def _sorted(count: int, key: Key) -> list[int]:
    """Return the rows in order, sorted in short runs: one long sort lets no other thread paint."""
    runs = [sorted(range(at, min(at + _RUN, count)), key=key) for at in range(0, count, _RUN)]
    return runs[0] if len(runs) == 1 else list(heapq.merge(*runs, key=key))


def _seconds(moment: datetime | None) -> int:
    """Return Unix seconds, 0 for never; nothing was used or assigned before 1970."""
    return max(int(moment.timestamp()), 1) if moment is not None else 0


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
