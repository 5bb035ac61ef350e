"""Looking things up in the record: what to look for, and how words are made comparable.

An operator types a name as it sounds, without accents, or the last digits of a serial number. Both
the record's words and the ones typed go through `fold`, so that comparing is a plain search for one
text inside another, which every store can do.
"""

import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.enrollment import State
from app.core.record import Line
from app.core.station_event import StationEvent

MOST_WORDS = 8
LONGEST_TEXT = 120
_LONGEST_WORDS = 1000

_SEARCHED = (
    "person_name",
    "person_upn",
    "person",
    "serial_number",
    "operator_name",
    "operator_upn",
    "file",
)

# Letters that Unicode does not take apart into a base and an accent (UnicodeData.txt), and marks
# that are typed in several ways or left out.
_PLAIN = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'`´\u02bc\u2018\u2019", "")
)


class ExportForm(enum.Enum):
    """What the record is written out as; the value is the file's ending."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class HistoryScope(enum.Enum):
    """Which entries of the record a query is about."""

    ENROLLMENTS = "enrollments"
    STATION = "station"
    """Events that are no part of an enrollment: sign-ins, imports, exports."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which enrollments or other events to list; what is left empty admits all.

    Every word of `text` must occur in the person's or the operator's name or UPN or in the serial
    number. `states` are the latest ones, `operator` is a KnownOperator's key, and an enrollment
    counts as of the moment it began: from `since` on, before `until`, both aware. Of other events,
    `text` is also looked for in the name of a file, and `states` means nothing.
    """

    text: str = ""
    states: frozenset[State] = frozenset()
    operator: str = ""
    since: datetime | None = None
    until: datetime | None = None
    scope: HistoryScope = HistoryScope.ENROLLMENTS


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A station event with its sequence number in the record (1, 2, ...)."""

    sequence: int
    event: StationEvent


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Enrollments, those that began last first; or other events, the newest first.

    `following` is what to ask for the next page with, or None where there is none.
    """

    lines: tuple[Line, ...] = ()
    following: int | None = None
    events: tuple[RecordedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownOperator:
    """Somebody the record names as operator. `key` is the UPN, or the name where it has none."""

    key: str
    name: str


def fold(text: str) -> str:
    """Return `text` without case, accents, control characters and half surrogate pairs."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in apart if not unicodedata.combining(letter))
    whole = kept.translate(_PLAIN).encode("utf-8", "ignore").decode()
    return "".join(letter if letter.isprintable() else " " for letter in whole)


def search_words(text: str) -> tuple[str, ...]:
    """Return what is typed as folded words, the longest first, eight at most."""
    words = sorted(set(fold(text[:LONGEST_TEXT]).split()), key=lambda word: (-len(word), word))
    return tuple(words[:MOST_WORDS])


def words_of(facts: Mapping[str, str]) -> str:
    """Return what can be found of an entry's `facts`, folded; empty where they name nobody."""
    found = dict.fromkeys(facts.get(name, "") for name in _SEARCHED)
    return "\n".join(fold(words) for words in found if words)[:_LONGEST_WORDS]


def operator_of(facts: Mapping[str, str]) -> KnownOperator | None:
    """Return the operator that an entry's `facts` name, or None."""
    name, upn = facts.get("operator_name", ""), facts.get("operator_upn", "")
    key = upn or name
    return KnownOperator(key, name or upn) if key else None
