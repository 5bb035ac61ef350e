"""How long the record names people: what may be erased, on whose order, and what came of it.

Data protection law asks that names go after a time. What still owes an answer stays whatever its
age: an intent must not vanish before somebody has seen how it ended.
"""

from dataclasses import dataclass
from datetime import datetime

from app.core.enrollment import OPEN, RESTING, State

MAY_GO = (RESTING | {State.BLOCKED}) - OPEN | {State.UNRECORDED}
"""The latest states of enrollments that nothing more is asked of.

What was UNRECORDED was not sent, so no answer of the directory can be missing for it."""

BY_RETENTION, BY_ADMINISTRATOR = "retention", "administrator"


@dataclass(frozen=True, slots=True)
class EraseOrder:
    """The order to erase what came to rest before `before`, and other events before that.

    It is given at the moment `at`; both are aware. `ordered_by` says who or what gives it.
    """

    before: datetime
    at: datetime
    ordered_by: str = BY_RETENTION


@dataclass(frozen=True, slots=True)
class Erased:
    """How many enrollments and other events lost their content, and how many entries those had.

    `entries` counts each event as one. What is `kept` is old enough and stays: an entry of it is
    not what was written, and erasing it would erase the proof.
    """

    enrollments: int = 0
    entries: int = 0
    kept: int = 0
    events: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        """Return both together."""
        return Erased(
            self.enrollments + other.enrollments,
            self.entries + other.entries,
            self.kept + other.kept,
            self.events + other.events,
        )
