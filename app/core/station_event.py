"""What happens at a station besides enrollments: who signed in, what was imported or exported.

Each event has a subject, so that it can be found by what it is about. No event ever holds a seed,
a code, a PIN, a sign-in token or the path of a file.

To record one more kind of event, add its name here, write it from the use case it happens in
(station.event_recorder) and give it its words (ui.wording.station_events).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class SubjectKind(enum.StrEnum):
    """What an entry of the record is about."""

    ENROLLMENT = "enrollment"
    TOKEN = "token"
    SESSION = "session"
    JOB = "job"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Subject:
    """The one thing that an entry is about.

    `id` is random for an enrollment, a session and a job, the directory's device id for a token and
    the object id for a person.
    """

    kind: SubjectKind
    id: str


class EventName(enum.StrEnum):
    """The events that this version writes. A record may hold names of a later version."""

    SIGNED_IN = "signed_in"
    """Subject: the session that begins. Facts: `method`, and `again` where the sign-in of the same
    operator was renewed."""
    SIGNED_OUT = "signed_out"
    """Subject: the session that ends. Facts: `cause`."""
    LOCKED = "locked"
    """Subject: the session. Facts: `cause`."""
    UNLOCKED = "unlocked"
    """Subject: the session, whose operator has signed in again."""
    FILE_IMPORTED = "file_imported"
    """A file of seeds was accepted and its upload begins. Subject: the job. Facts: `file` (its name
    without the folder), `sha256` (of its bytes), `format`, `rows`, `faults` and `uploads`."""
    HISTORY_EXPORTED = "history_exported"
    """Subject: the session. Facts: `file` (its name without the folder), `form`, `entries`."""
    INVENTORY_EXPORTED = "inventory_exported"
    """Subject: the session. Facts: `file` (its name without the folder), `form`, `rows`."""


class Cause(enum.StrEnum):
    """Why a session was locked or ended."""

    ASKED = "asked"
    """The operator asked for it."""
    IDLE = "idle"
    """There was no input for the configured time."""
    REPLACED = "replaced"
    """Another operator signed in."""
    CLOSED = "closed"
    """The program was closed."""


@dataclass(frozen=True, slots=True)
class StationEvent:
    """One durable event that is no part of an enrollment. `facts` maps short names to text.

    `name` is an EventName, or a name that a later version wrote. `at` is aware.
    """

    subject: Subject
    name: str
    at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)
