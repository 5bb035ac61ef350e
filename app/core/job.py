"""A job: many rows, done one after the other, that somebody can watch, pause and end.

Work on thousands of tokens takes an hour, since the directory admits few requests; so it has to say
how far it is, what became of each row, and when it will be done. This module keeps those figures.
The station's job runner does the rows (app.station.jobs), and stores the job (app.core.stored_job).

The rules
---------
1.  A row is settled once: DONE, SKIPPED (there was nothing left to do), FAILED, or UNCLEAR (it was
    sent, and nobody knows yet what became of it). DONE is for what was read back, never for what
    was merely sent.
2.  `next` hands out the row to do now, in order, and none while the job is not RUNNING. A row that
    was begun is finished whatever happens meanwhile: pausing and ending never cut one short.
3.  `take` says what became of a row that was begun: it is settled, it is SENT and still to be read
    back, or it waits again because nothing of it was sent. Many rows may be SENT at once.
4.  HELD is a pause that the work itself asked for (no network, no sign-in), with the reason; it is
    resumed by whoever finds that the reason is gone. PAUSED is a person's, and only a person ends
    it.
5.  `again` makes what FAILED, is UNCLEAR or was LEFT wait once more. Whoever does an UNCLEAR row
    looks first and never sends blindly.

The rate counts rows as they are handled (sent, or settled without), for that is what takes the
time, and the time the job was running, not its pauses. Times are aware datetimes from one clock; a
clock that is set back costs accuracy and nothing else.
"""

import enum
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.core.errors import OathdeskError
from app.core.preflight import FindingKind

RECENT: Final = 40
"""Rows by which the rate is measured: enough to be steady, few enough to follow a throttle."""
_ENOUGH: Final = 3


class JobState(enum.Enum):
    """What a job is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"
    CANCELLED = "cancelled"
    """Ended by a person; what waited was left."""
    FINISHED = "finished"
    """Every row is settled."""


class RowState(enum.Enum):
    """What became of a row."""

    WAITING = "waiting"
    WORKING = "working"
    SENT = "sent"
    """The directory has accepted it; reading has not confirmed it yet."""
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCLEAR = "unclear"
    LEFT = "left"
    """Not begun: the job was ended before."""


class RowReason(enum.Enum):
    """Why a row ended as it did, where its state and its error do not say it."""

    GONE = "gone"
    """Skipped: the inventory does not list the token any more."""
    NOT_HELD = "not_held"
    """Skipped: the token was to be taken back, and nobody has it."""
    HELD = "held"
    """Failed: the token was to be deleted, and somebody has it."""
    HOLDER_CHANGED = "holder_changed"
    """Failed: somebody else has the token than when the job was agreed to."""
    UNDERWAY = "underway"
    """Failed: this desk is handing the token over at this moment."""
    IN_INVENTORY = "there"
    """Skipped: the inventory had the serial number already."""
    NOT_LISTED = "unseen"
    """Unclear: the request was accepted, and the inventory does not list the token yet."""
    NOT_ACTIVATED = "not_activated"
    """Failed: the token was assigned to its person, and could not be activated."""
    CREATED = "created"
    """Done: the inventory lists the token."""
    ASSIGNED = "assigned"
    """Done: the inventory lists the token, and it is its person's."""
    ACTIVATED = "activated"
    """Done: the inventory lists the token, and its person can sign in with it."""


BEGUN: Final = frozenset({RowState.WORKING, RowState.SENT})
SETTLED: Final = frozenset(
    {RowState.DONE, RowState.SKIPPED, RowState.FAILED, RowState.UNCLEAR, RowState.LEFT}
)
AGAIN: Final = frozenset({RowState.FAILED, RowState.UNCLEAR, RowState.LEFT})
"""What `again` takes up."""
OVER: Final = frozenset({JobState.CANCELLED, JobState.FINISHED})


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row. `key` names it within the job, after a restart too; `label` is what people read.

    `error` is what the directory or the network said; `reason` is what the job itself found, or
    what the check of the row's person found in the way. Neither ever holds a secret.
    """

    key: str
    label: str
    state: RowState = RowState.WAITING
    error: OathdeskError | None = None
    reason: RowReason | FindingKind | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, at one moment.

    `rate` is rows per second over the last rows, `left` the seconds the rest takes at that rate;
    both are None where too little is known. `held_by` is what a HELD job waits for the end of.
    """

    state: JobState
    total: int
    counts: Mapping[RowState, int]
    rate: float | None = None
    left: float | None = None
    held_by: OathdeskError | None = None

    @property
    def settled(self) -> int:
        """How many rows need nothing more."""
        return sum(self.counts.get(state, 0) for state in SETTLED)

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen by itself, the row in hand included."""
        return self.state in OVER and not any(self.count(state) for state in BEGUN)

    def count(self, state: RowState) -> int:
        """Return how many rows are in `state`."""
        return self.counts.get(state, 0)


class Job:
    """The books of one job. Not safe for threads: it lives where its work is done."""

    def __init__(self, rows: Iterable[JobRow], at: datetime, *, paused: bool = False) -> None:
        """Begin with `rows`, whose keys differ; rows settled before a restart stay so.

        A row that was begun before a restart is given as UNCLEAR, or as WAITING where the caller
        looks into the record before it sends anything. `paused` begins the job paused. Raises
        ValueError where two rows have one key.
        """
        self._rows = list(rows)
        self._places = {row.key: place for place, row in enumerate(self._rows)}
        if len(self._places) != len(self._rows):
            raise ValueError("two rows have the same key")
        self._counts = Counter(row.state for row in self._rows)
        self._next = 0
        self._active = 0.0
        self._since = at
        self._handled_at: deque[float] = deque([0.0], maxlen=RECENT + 1)
        self._held_by: OathdeskError | None = None
        self._state = JobState.PAUSED if paused else JobState.RUNNING
        self._close_if_done()

    @property
    def state(self) -> JobState:
        """Return what the job is doing."""
        return self._state

    @property
    def rows(self) -> Sequence[JobRow]:
        """Return every row, in order."""
        return self._rows

    def row(self, key: str) -> JobRow:
        """Return one row. Raises KeyError."""
        return self._rows[self._places[key]]

    def next(self) -> JobRow | None:
        """Return the row to do now, which is WORKING from here on; None where there is none."""
        if self._state is not JobState.RUNNING:
            return None
        while self._next < len(self._rows):
            row = self._rows[self._next]
            self._next += 1
            if row.state is RowState.WAITING:
                return self._put(replace(row, state=RowState.WORKING))
        return None

    def take(self, row: JobRow, at: datetime) -> JobRow:
        """Take in what became of a row that was begun; return the row as it is listed then.

        It is settled, SENT, or WAITING again because nothing was sent; after `cancel` a row that
        would wait is LEFT. Raises KeyError, and ValueError for a row that was not begun or a state
        that no row can come to.
        """
        before = self.row(row.key).state
        to_be_sent = before is RowState.WORKING and row.state is RowState.SENT
        allowed = to_be_sent or row.state in SETTLED or row.state is RowState.WAITING
        if before not in BEGUN or not allowed:
            raise ValueError(f"{before.value} does not become {row.state.value}")
        if row.state is RowState.WAITING:
            return self._put_back(row.key)
        if before is RowState.WORKING:
            self._handled_at.append(self._running(at))
        self._put(row)
        self._close_if_done()
        return row

    def pause(self, at: datetime) -> None:
        """Begin no further row until `resume`."""
        if self._state in {JobState.RUNNING, JobState.HELD}:
            self._stand(JobState.PAUSED, at)

    def hold(self, error: OathdeskError, at: datetime) -> None:
        """Begin no further row until the reason is gone. A person's pause goes before it."""
        if self._state is JobState.RUNNING:
            self._stand(JobState.HELD, at)
            self._held_by = error

    def resume(self, at: datetime) -> None:
        """Go on, whoever made it stand."""
        if self._state in {JobState.PAUSED, JobState.HELD}:
            self._stand(JobState.RUNNING, at)
            self._close_if_done()

    def cancel(self, at: datetime) -> None:
        """End it: what waits is LEFT, what is WORKING is finished."""
        if self._state in OVER:
            return
        self._stand(JobState.CANCELLED, at)
        for row in self._rows:
            if row.state is RowState.WAITING:
                self._put(replace(row, state=RowState.LEFT))

    def again(self, at: datetime) -> int:
        """Let what came to nothing wait once more, and go on; return how many rows that are."""
        if self._state not in OVER or any(self._counts[state] for state in BEGUN):
            return 0
        found = [row for row in self._rows if row.state in AGAIN]
        for row in found:
            self._put(JobRow(row.key, row.label))
        if found:
            self._next = 0
            self._stand(JobState.RUNNING, at)
        return len(found)

    def progress(self, at: datetime) -> Progress:
        """Return how far it is."""
        rate = self._rate(at)
        waiting = self._counts[RowState.WAITING] + self._counts[RowState.WORKING]
        return Progress(
            state=self._state,
            total=len(self._rows),
            counts=dict(self._counts),
            rate=rate,
            left=waiting / rate if rate and self._state not in OVER else None,
            held_by=self._held_by,
        )

    # Inside -------------------------------------------------------------------------------------

    def _put_back(self, key: str) -> JobRow:
        place = self._places[key]
        row = JobRow(key, self._rows[place].label)
        if self._state is JobState.CANCELLED:
            return self._put(replace(row, state=RowState.LEFT))
        self._next = min(self._next, place)
        return self._put(row)

    def _put(self, row: JobRow) -> JobRow:
        place = self._places[row.key]
        self._counts[self._rows[place].state] -= 1
        self._counts[row.state] += 1
        self._rows[place] = row
        return row

    def _stand(self, state: JobState, at: datetime) -> None:
        self._active = self._running(at)
        self._since = at
        self._state, self._held_by = state, None

    def _running(self, at: datetime) -> float:
        """Seconds that the job was running until `at`."""
        if self._state is not JobState.RUNNING:
            return self._active
        return self._active + max((at - self._since).total_seconds(), 0.0)

    def _rate(self, at: datetime) -> float | None:
        rows = len(self._handled_at) - 1
        seconds = self._running(at) - self._handled_at[0]
        return rows / seconds if rows >= _ENOUGH and seconds > 0 else None

    def _close_if_done(self) -> None:
        open_rows = sum(self._counts[state] for state in (RowState.WAITING, *BEGUN))
        if not open_rows and self._state not in OVER:
            self._state, self._held_by = JobState.FINISHED, None
