"""The record as a table model that reads page by page, and the story of one enrollment as text.

A million events open at once because only what was scrolled to has been read: the view asks for
more when its end comes into sight, and the page's answer is appended.
"""

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QModelIndex, Qt, Signal

from app.core.enrollment import State
from app.core.history import HistoryScope, RecordedEvent
from app.core.record import Entry, EntryKind, Line, happened_at, lines
from app.core.station_event import StationEvent
from app.station.history import HistoryNotice, Wanted
from app.ui.models.headed import HeadedModel, Index
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.text import displayable, plain_tip
from app.ui.widgets.tone import Tone
from app.ui.wording.history import (
    attempt_words,
    day_and_time,
    due_words,
    event_words,
    exact_time,
    history_state,
    history_tone,
    history_word,
    intent_words,
    staged_words,
)
from app.ui.wording.passes import token_words
from app.ui.wording.say import say
from app.ui.wording.station_events import event_detail, event_name
from app.ui.wording.station_events import headings as event_headings

WHEN, PERSON, SERIAL, STATE, OPERATOR = range(5)
_PREFIX: Final = "evidence."
# As core.errors.Evidence.rows has them; the record keeps facts by name.
_ORDER: Final = (
    "Request",
    "HTTP status",
    "Graph code",
    "Message",
    "request-id",
    "client-request-id",
    "Server date",
    "Time (UTC)",
)


class HistoryModel(HeadedModel):
    """What has been read of the list that is wanted; `wants_more` asks for the next page."""

    wants_more = Signal()

    def __init__(self) -> None:
        super().__init__(*_enrollment_headings())
        self._wanted: Wanted | None = None
        self._lines: list[Line] = []
        self._events: list[RecordedEvent] = []
        """One of the two is empty: the list is of enrollments or of other events."""
        self._rows: dict[str, int] = {}
        self._more = False
        self._asked = False

    def take(self, notice: HistoryNotice) -> None:
        """Begin anew with a first page, or append a later one that belongs to what is listed."""
        if notice.before == 0:
            self._begin(notice)
        elif notice.wanted == self._wanted and notice.before == self.count():
            self._append(notice)

    def refresh(self, news: tuple[Line, ...]) -> None:
        """Show the latest state of lines that are listed."""
        for line in news:
            row = self._rows.get(line.enrollment_id)
            if row is not None and self._lines[row] != line:
                self._lines[row] = line
                self.tell_rows(row, row)

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._wanted, self._lines, self._events, self._rows = None, [], [], {}
        self._more = self._asked = False
        self.endResetModel()

    def line(self, row: int) -> Line:
        """Return the enrollment in `row` of a list of enrollments."""
        return self._lines[row]

    def recorded_event(self, row: int) -> RecordedEvent | None:
        """Return the event in `row`, or None where the list is of enrollments."""
        return self._events[row] if self._events else None

    def row_of(self, enrollment_id: str) -> int | None:
        """Return where an enrollment is listed, or None."""
        return self._rows.get(enrollment_id)

    def has_more(self) -> bool:
        """Tell whether the record holds more than has been read."""
        return self._more

    def count(self) -> int:
        return len(self._lines) + len(self._events)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._more and not self._asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.wants_more.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        event = self.recorded_event(index.row())
        if event is not None:
            return _event_data(event, index.column(), role)
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _words(line, index.column())
        if role == TONE_ROLE:
            return history_tone(line.state)
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == PERSON:
            return plain_tip(line.person_upn)
        return None

    def _begin(self, notice: HistoryNotice) -> None:
        self.beginResetModel()
        self._wanted = notice.wanted
        self._lines, self._events = list(notice.page.lines), list(notice.page.events)
        of_events = notice.wanted.scope is HistoryScope.STATION
        self.set_headings(*(event_headings() if of_events else _enrollment_headings()))
        self._rows = {line.enrollment_id: row for row, line in enumerate(self._lines)}
        self._settle(notice)
        self.endResetModel()

    def _append(self, notice: HistoryNotice) -> None:
        fresh, first = notice.page.lines, self.count()
        count = len(fresh) + len(notice.page.events)
        if not count:
            self._settle(notice)
            return
        self.beginInsertRows(QModelIndex(), first, first + count - 1)
        self._lines += fresh
        self._events += notice.page.events
        self._rows |= {line.enrollment_id: first + row for row, line in enumerate(fresh)}
        self._settle(notice)
        self.endInsertRows()

    def _settle(self, notice: HistoryNotice) -> None:
        """Take in what the answer says of a next page. One that failed can be asked for again."""
        self._asked = False
        if notice.error is None:
            self._more = notice.page.following is not None


def _enrollment_headings() -> tuple[str, ...]:
    return say("Began"), say("Person"), say("Token"), say("State"), say("Operator")


def _event_data(found: RecordedEvent, column: int, role: int) -> Any:
    """Return what a cell of the list of events shows."""
    if role == Qt.ItemDataRole.DisplayRole:
        return _event_words(found.event, column)
    return Tone.NEUTRAL if role == TONE_ROLE else None


def _event_words(event: StationEvent, column: int) -> str:
    match column:
        case 0:
            return day_and_time(happened_at(event))
        case 1:
            return event_name(event)
        case 2:
            return displayable(event.facts.get("file", ""))
        case 3:
            return event_detail(event)
        case _:
            return displayable(event.facts.get("operator_name", ""))


def _words(line: Line, column: int) -> str:
    match column:
        case 0:
            return day_and_time(line.began)
        case 1:
            return displayable(line.person_name)
        case 2:
            return token_words(line)
        case 3:
            return history_word(line)
        case _:
            return say("Self-service") if line.own else displayable(line.operator_name)


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the story: what it led to, when and by what, and the raw facts behind it."""

    state: State
    title: str
    tone: Tone
    time: str
    event: str
    rows: tuple[tuple[str, str], ...] = ()


def happenings(entries: tuple[Entry, ...]) -> tuple[Happening, ...]:
    """Return every entry as it is told, in order."""
    return tuple(_happening(entry) for entry in entries)


def latest(entries: tuple[Entry, ...]) -> Line | None:
    """Return the line that `entries` of one enrollment come to."""
    return next(iter(lines(entries)), None)


def story_text(entries: tuple[Entry, ...]) -> str:
    """Return the whole story as text for the clipboard: every entry with every fact it holds."""
    blocks = []
    for entry in entries:
        head = f"{exact_time(entry.at)}  {entry.kind.value}  {entry.state.value}"
        facts = [f"    {key}: {displayable(value)}" for key, value in entry.facts.items()]
        blocks.append("\n".join([head, *facts]))
    name = entries[0].enrollment_id if entries else ""
    return "\n".join([f"enrollment {name}", *blocks])


def _event(entry: Entry) -> str:
    match entry.kind:
        case EntryKind.INTENT:
            return intent_words(entry.facts.get("attempt", ""))
        case EntryKind.ATTEMPT:
            return attempt_words()
        case EntryKind.STAGED:
            return staged_words()
        case EntryKind.DUE:
            return due_words()
        case EntryKind.PASS if "event" not in entry.facts:
            return intent_words("")
        case EntryKind.STATE | EntryKind.CORRECTION | EntryKind.PASS:
            return event_words(entry.facts.get("event", ""))


def _happening(entry: Entry) -> Happening:
    facts = entry.facts
    named = ((say("Error"), "error"), (say("Findings"), "findings"))
    said = [(label, facts[name]) for label, name in named if facts.get(name)]
    told = {
        key.removeprefix(_PREFIX): value for key, value in facts.items() if key.startswith(_PREFIX)
    }
    places = {label: place for place, label in enumerate(_ORDER)}
    evidence = sorted(told.items(), key=lambda row: places.get(row[0], len(_ORDER)))
    return Happening(
        state=entry.state,
        title=history_state(entry.state),
        tone=history_tone(entry.state),
        time=exact_time(entry.at),
        event=_event(entry),
        rows=(*said, *evidence),
    )
