"""The issuing of one Temporary Access Pass, as one table, and what is written down about it.

How it works
------------
1.  The intent is written down before the request is sent (RECORDING).
2.  Accepted leads to CONFIRMING, refused and not sent to NOT_DONE, a lost answer to RESOLVING. The
    request is never repeated: a second pass ends the first, and the person may have it by then.
3.  In CONFIRMING and RESOLVING the person's passes are read. ISSUED is reached by a sight of this
    pass alone. Reads may be stale, and a service that lost its answer may act late: that no pass of
    this request is there is believed only when LATE has passed. Until then it is UNSETTLED, which
    says that a pass may have been issued. One that was accepted and is not there any more by then
    was deleted or replaced; that it was accepted stays on record.
4.  A station that was stopped takes up what is open by Restarted, like a lost answer.

The value of the pass is no part of it. What is recorded is the fact: who issued it to whom, for how
long, how often it can be used, its id, and whether its value was handed to the window.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from app.core.access_pass import AccessPass, PassOrder
from app.core.corrections import EARLY, LATE
from app.core.errors import DirectoryError, Evidence, IllegalEvent, OathdeskError
from app.core.model import Mode, Operation, Operator, Person
from app.core.record import (
    Entry,
    EntryKind,
    PassFacts,
    evidence_facts,
    operator_facts,
    pass_facts,
)
from app.core.states import OPEN, State


class PassEvent(enum.Enum):
    """What can happen to a pass; the value is the name that the record has for it."""

    ACCEPTED = "Accepted"
    REFUSED = "Refused"
    NOT_SENT = "NotSent"
    LOST = "Lost"
    SEEN = "PassSeen"
    MISSING = "PassMissing"
    """So long after the request no pass of it is there."""
    PATIENCE_ENDED = "PatienceEnded"
    RESTARTED = "Restarted"


PASSAGES: Mapping[State, Mapping[PassEvent, State]] = MappingProxyType(
    {
        State.RECORDING: {
            PassEvent.ACCEPTED: State.CONFIRMING,
            PassEvent.REFUSED: State.NOT_DONE,
            PassEvent.NOT_SENT: State.NOT_DONE,
            PassEvent.LOST: State.RESOLVING,
            PassEvent.RESTARTED: State.RESOLVING,
        },
        State.CONFIRMING: {
            PassEvent.SEEN: State.ISSUED,
            PassEvent.MISSING: State.NOT_DONE,
            PassEvent.PATIENCE_ENDED: State.UNSETTLED,
            PassEvent.RESTARTED: State.CONFIRMING,
        },
        State.RESOLVING: {
            PassEvent.SEEN: State.ISSUED,
            PassEvent.MISSING: State.NOT_DONE,
            PassEvent.PATIENCE_ENDED: State.UNSETTLED,
            PassEvent.RESTARTED: State.RESOLVING,
        },
        State.UNSETTLED: {
            PassEvent.SEEN: State.ISSUED,
            PassEvent.MISSING: State.NOT_DONE,
            PassEvent.RESTARTED: State.RESOLVING,
        },
        State.ISSUED: {},
        State.NOT_DONE: {},
    }
)

_LOOKED_AT = frozenset({State.CONFIRMING, State.RESOLVING})


@dataclass(frozen=True, slots=True)
class PassWork:
    """The issuing of one pass at one moment.

    `submitted` is when the intent was written down. `before` is the id of the pass that the person
    had then, of whatever age; "" where they had none. `pass_id` is the id of the new one, once it
    is known. `evidence` is the exchange in which the directory accepted.
    """

    id: str
    person: Person
    order: PassOrder
    submitted: datetime
    state: State = State.RECORDING
    before: str = ""
    pass_id: str = ""
    created: datetime | None = None
    facts: PassFacts = field(default_factory=PassFacts)
    error: OathdeskError | None = None
    evidence: Evidence | None = None

    @property
    def wants_look(self) -> bool:
        """Tell whether the station reads the person's passes now."""
        return self.state in _LOOKED_AT

    def after(
        self,
        event: PassEvent,
        *,
        seen: AccessPass | None = None,
        error: OathdeskError | None = None,
        evidence: Evidence | None = None,
        shown: bool | None = None,
    ) -> "PassWork":
        """Return the work after `event`. Raises IllegalEvent where PASSAGES does not list it.

        `seen` is the pass as an answer or a look has told it, `shown` whether its value was.
        """
        state = PASSAGES[self.state].get(event)
        if state is None:
            raise IllegalEvent(f"{event.value} in {self.state.value}")
        known = self.facts
        if seen is not None:
            minutes = known.minutes if seen.minutes is None else seen.minutes
            once = known.once if seen.once is None else seen.once
            known = replace(known, minutes=minutes, once=once)
        if shown is not None:
            known = replace(known, shown=shown)
        return replace(
            self,
            state=state,
            pass_id=seen.id if seen else self.pass_id,
            created=seen.created if seen else self.created,
            facts=known,
            error=error,
            evidence=evidence or self.evidence,
        )

    def judge(
        self, passes: Iterable[AccessPass], now: datetime, ahead: timedelta = timedelta()
    ) -> tuple[PassEvent, AccessPass | None] | None:
        """Return what `passes`, read at `now`, say of this one, or None while that is open.

        `ahead` is true time minus the station's clock.
        """
        seen = next((each for each in passes if self._is(each, ahead)), None)
        if seen is not None:
            return PassEvent.SEEN, seen
        return (PassEvent.MISSING, None) if now - self.submitted > LATE else None

    def _is(self, found: AccessPass, ahead: timedelta) -> bool:
        """Tell whether `found` is what this request made.

        Without its id it is told by when it was made and by what was asked for, since the
        directory names no request with a pass.
        """
        if self.pass_id:
            return found.id == self.pass_id
        if found.id == self.before or found.created is None:
            return False
        sent = self.submitted + ahead
        pairs = ((self.order.minutes, found.minutes), (self.order.once, found.once))
        same = all(wanted is None or wanted == told for wanted, told in pairs)
        return same and sent - EARLY <= found.created <= sent + LATE


def ordered(work: PassWork, operator: Operator, desk: str) -> Entry:
    """Return the entry that must be durable before the request is sent."""
    facts = {
        "mode": Mode.ASSIGN_ONLY.value,
        "operation": Operation.ISSUE_PASS.value,
        "attempt": "1",
        "serial_number": "",
        "device_id": "",
        "person_id": work.person.id,
        "person_name": work.person.display_name,
        "person_upn": work.person.user_principal_name,
        "desk": desk,
        **operator_facts(operator),
        **_told(PassFacts(work.order.minutes, work.order.once)),
    }
    if work.before:
        facts["pass_before"] = work.before
    return Entry(work.id, EntryKind.PASS, work.state, work.submitted, facts)


def passage(work: PassWork, event: PassEvent, at: datetime) -> Entry:
    """Return the entry that says what a pass has come to by `event`, and on what evidence."""
    facts = {"event": event.value, **_told(work.facts)}
    if work.pass_id:
        facts["pass_id"] = work.pass_id
    if work.created is not None:
        facts["pass_created"] = work.created.isoformat()
    evidence = work.evidence
    if work.error is not None:
        facts["error"] = type(work.error).__name__
        evidence = work.error.evidence if isinstance(work.error, DirectoryError) else None
    return Entry(work.id, EntryKind.PASS, work.state, at, facts | evidence_facts(evidence))


def _told(facts: PassFacts) -> dict[str, str]:
    flags = {"one_time": facts.once, "value_shown": facts.shown}
    told = {name: "yes" if flag else "no" for name, flag in flags.items() if flag is not None}
    return told if facts.minutes is None else {"lifetime_minutes": str(facts.minutes), **told}


def open_passes(entries: Iterable[Entry]) -> tuple[PassWork, ...]:
    """Return each pass whose issuing the record still owes an answer for, oldest first."""
    found: dict[str, PassWork] = {}
    for entry in entries:
        if entry.kind is EntryKind.PASS:
            known = found.get(entry.enrollment_id)
            found[entry.enrollment_id] = (
                _restored(entry) if known is None else _passed(known, entry)
            )
    return tuple(work for work in found.values() if work.state in OPEN)


def _restored(entry: Entry) -> PassWork:
    facts = entry.facts
    known = pass_facts(facts, PassFacts())
    return PassWork(
        entry.enrollment_id,
        Person(facts["person_id"], facts["person_name"], facts["person_upn"]),
        PassOrder(known.minutes, known.once),
        entry.at,
        entry.state,
        before=facts.get("pass_before", ""),
        facts=known,
    )


def _passed(work: PassWork, entry: Entry) -> PassWork:
    facts, created = entry.facts, entry.facts.get("pass_created")
    return replace(
        work,
        state=entry.state,
        pass_id=facts.get("pass_id", work.pass_id),
        created=datetime.fromisoformat(created) if created else work.created,
        facts=pass_facts(facts, work.facts),
    )
