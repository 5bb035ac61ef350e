"""The words for what happened at the station besides enrollments: who signed in, what was exported.

A record may hold an event of a later version of the program: its name and facts are shown as they
are.
"""

from typing import Final

from app.core.history import RecordedEvent
from app.core.record import happened_at
from app.core.station_event import StationEvent
from app.ui.widgets.text import displayable
from app.ui.wording.errors import Trouble
from app.ui.wording.history import exact_time
from app.ui.wording.say import say

_NAMES: Final[dict[str, str]] = {
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "locked": "Locked",
    "unlocked": "Unlocked",
    "file_imported": "File of seeds imported",
    "history_exported": "History exported",
    "inventory_exported": "Inventory exported",
}
_CAUSES: Final[dict[str, str]] = {
    "asked": "At the operator's request",
    "idle": "Without input for the configured time",
    "replaced": "Another operator signed in",
    "closed": "The program was closed",
}
_METHODS: Final[dict[str, str]] = {
    "browser": "In the browser",
    "confined-browser": "In the browser of this program",
    "device-code": "On another device",
    "broker": "Through the system",
    "certificate": "By the station's certificate",
    "kept": "By the sign-in that the system had kept",
}
_LABELS: Final[dict[str, str]] = {
    "operator_name": "Operator",
    "operator_upn": "Sign-in",
    "desk": "Desk",
    "cause": "Cause",
    "method": "Signed in",
    "file": "File",
    "rows": "Rows",
    "faults": "Faulty rows",
    "uploads": "Rows to be uploaded",
    "entries": "Entries",
    "sha256": "SHA-256 of the file",
    "format": "Format",
    "form": "Form",
}
_WORDS: Final = {"cause": _CAUSES, "method": _METHODS}


def event_name(event: StationEvent) -> str:
    """Return what happened, in a few words."""
    if event.facts.get("again"):
        return say("Signed in again")
    if event.name in _NAMES:
        return say(_NAMES[event.name])
    return displayable(event.name.replace("_", " ").capitalize())


def event_detail(event: StationEvent) -> str:
    """Return the one fact that tells most: the cause, the way of signing in, or the count."""
    facts = event.facts
    for name in ("cause", "method"):
        if name in facts:
            return _fact(name, facts[name])
    if "uploads" in facts:
        return say("{uploads} of {rows} rows", uploads=facts["uploads"], rows=facts.get("rows", ""))
    if "entries" in facts:
        return say("{count} entries", count=facts["entries"])
    return say("{count} rows", count=facts["rows"]) if "rows" in facts else ""


def event_rows(found: RecordedEvent) -> tuple[tuple[str, str], ...]:
    """Return everything that the record says of an event, as (label, value) pairs."""
    event = found.event
    named = [
        (say(label), _fact(name, event.facts[name]))
        for name, label in _LABELS.items()
        if event.facts.get(name)
    ]
    others = [
        (name, displayable(value))
        for name, value in event.facts.items()
        if name not in _LABELS and value
    ]
    return (
        (say("Time"), exact_time(happened_at(event))),
        *named,
        *others,
        (say("Subject"), displayable(f"{event.subject.kind} {event.subject.id}")),
        (say("Entry"), str(found.sequence)),
    )


def event_text(found: RecordedEvent) -> str:
    """Return an event as text for the clipboard."""
    return "\n".join(
        [
            event_name(found.event),
            *(f"    {label}: {value}" for label, value in event_rows(found)),
        ]
    )


def scope_choices() -> tuple[str, str]:
    """Return the words for enrollments and for all other events, in this order."""
    return say("Enrollments"), say("Sign-ins, imports, exports")


def headings() -> tuple[str, ...]:
    """Return the headings of the list of events."""
    return say("When"), say("What happened"), say("File"), say("Details"), say("Operator")


def counted_events(count: int, more: bool) -> str:
    """Return how many events are listed."""
    if more:
        return say("The latest {count:,}, scroll for more", count=count)
    return say("1 event") if count == 1 else say("{count:,} events", count=count)


def no_event_found() -> Trouble:
    """Return what a list of events without a match says."""
    return Trouble(
        say("No event matches."),
        say("Try fewer letters of the name or of the file, or a longer time."),
    )


def _fact(name: str, value: str) -> str:
    """Return the value of a fact in words, or as it is where there are none for it."""
    words = _WORDS.get(name, {})
    return say(words[value]) if value in words else displayable(value)
