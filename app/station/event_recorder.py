"""Records what happens at the station besides enrollments: sign-in and sign-out, imports, exports.

An event tells of something that has happened, so nobody waits for the record because of it and
nothing is stopped by a record that cannot be written: the event is held and written later
(station.recorder), and the operator is told once.
"""

import secrets

from app.core.errors import LedgerError
from app.core.model import Operator
from app.core.record import operator_facts
from app.core.signin import SignInMethod
from app.core.station_event import Cause, EventName, StationEvent, Subject, SubjectKind
from app.station.context import StationContext
from app.station.notices import TroubleNotice
from app.station.recorder import Recorder


class EventRecorder:
    """The events of one station, in the session of whoever is signed in. Lives on its loop."""

    def __init__(self, context: StationContext, recorder: Recorder) -> None:
        """Begin without a session."""
        self._recorder = recorder
        self._clock = context.clock
        self._settings = context.settings
        self._notify = context.tell
        self._operator: Operator | None = None
        self._session = ""
        self._locked = False

    def signed_in(self, operator: Operator, method: SignInMethod | None) -> None:
        """Record that `operator` signed in: anew, once more in the same session, or to unlock it.

        `method` is None where the system had kept the sign-in.
        """
        again = self._operator is not None and self._operator.id == operator.id
        if not again:
            self.signed_out(Cause.REPLACED)
            self._session = secrets.token_hex(16)
        self._operator = operator
        by = {"method": method.value if method is not None else "kept"}
        if again and self._locked:
            self.record(EventName.UNLOCKED, by)
        else:
            self.record(EventName.SIGNED_IN, by | ({"again": "yes"} if again else {}))
        self._locked = False

    def locked(self, cause: Cause) -> None:
        """Record that the session was locked, once until it is unlocked."""
        if self._operator is not None and not self._locked:
            self._locked = True
            self.record(EventName.LOCKED, {"cause": cause.value})

    def signed_out(self, cause: Cause) -> None:
        """Record the end of the session, where there is one."""
        if self._operator is not None:
            self.record(EventName.SIGNED_OUT, {"cause": cause.value})
            self._operator, self._session, self._locked = None, "", False

    def record(
        self, name: EventName, facts: dict[str, str] | None = None, subject: Subject | None = None
    ) -> None:
        """Record an event of this moment; without a `subject` it is about the session.

        Who is signed in and the desk's name are added to `facts`.
        """
        who = operator_facts(self._operator) if self._operator is not None else {}
        about = subject or Subject(SubjectKind.SESSION, self._session)
        told = {**who, "desk": self._settings.name, **(facts or {})}
        event = StationEvent(about, name.value, self._clock.now(), told)
        self._recorder.record_event(event, self._refused)

    def _refused(self, error: LedgerError) -> None:
        """Tell that an event could not be recorded yet; at a kiosk it is for the log alone."""
        if not (self._settings.wipe_after or self._settings.lane):
            self._notify(TroubleNotice(error))


def file_name(path: str) -> str:
    """Return the name of the file at `path` without its folder, of either kind of system."""
    return path.replace("\\", "/").rpartition("/")[2]


def new_job() -> Subject:
    """Return the subject of a job that begins now, under a random id."""
    return Subject(SubjectKind.JOB, secrets.token_hex(16))
