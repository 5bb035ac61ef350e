"""What is written down about an enrollment, and how today's list is read out of it.

Events that are no part of an enrollment are in core.station_event.

The record is a sequence of entries; a line of the list is a fold over the entries of one
enrollment. No entry ever holds a code, a seed or a sign-in token: `facts` are ids, names, serial
numbers and what the directory said.
"""

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from app.core.enrollment import NEEDS_ATTENTION, OPEN, RESTING, Enrollment, State
from app.core.errors import DirectoryError, Evidence, OathdeskError
from app.core.model import (
    CREATES,
    TAKES_BACK,
    WITHOUT_PERSON,
    Link,
    Mode,
    Operation,
    Operator,
    Person,
    Proof,
    Reason,
    Token,
)
from app.core.preflight import Finding
from app.core.station_event import StationEvent, Subject, SubjectKind

SELF_SERVICE = "self_service"
"""The kind of operator that a person is who serves themselves."""

_NOBODY = Person("", "")


HAPPENED_AT = "happened_at"
"""The fact that an entry has which was written late: when it happened, in ISO 8601 with offset."""


class EntryKind(enum.Enum):
    """What an entry says about its enrollment.

    ATTEMPT is a submit whose intent could not be written at its time, so that nothing was sent. It
    is written as soon as the record takes entries again.
    """

    INTENT = "intent"
    ATTEMPT = "attempt"
    STAGED = "staged"
    DUE = "due"
    STATE = "state"
    CORRECTION = "correction"
    """The directory was found to hold something else than the state of rest before it says."""
    PASS = "pass"
    """One event in the life of a Temporary Access Pass; its first entry is the intent to issue
    it. None of them holds its value."""


_PASSAGES = frozenset({EntryKind.STATE, EntryKind.CORRECTION})
"""Kinds that say which state an enrollment has come to; the others begin an attempt."""


_LEAST_DIGITS = 32
"""Hexadecimal digits of a hash that stand for the whole of it: 128 bits."""

_HEAD = re.compile(rf"([0-9]{{1,18}}):([0-9a-fA-F]{{{_LEAST_DIGITS},64}})")


@dataclass(frozen=True, slots=True)
class Head:
    """An entry's sequence number and its hash, which stands for everything up to that entry.

    Numbers begin with 1; 0 is the record before its first entry. `hash` is a SHA-256 in 64
    hexadecimal digits, or its first 32 at least.
    """

    sequence: int
    hash: str

    def __str__(self) -> str:
        """Return it as it is printed and read."""
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Return the head that `text` names, such as "12:9f86...". Raises ValueError."""
        found = _HEAD.fullmatch("".join(text.split()))
        if found is None:
            raise ValueError(f"not a sequence number, a colon and a hash: {text!r}")
        return cls(int(found[1]), found[2].lower())

    def is_of(self, digest: str) -> bool:
        """Tell whether it names an entry whose hash is `digest`, in 64 hexadecimal digits."""
        return len(self.hash) >= _LEAST_DIGITS and digest.startswith(self.hash.lower())


class HeadReason(enum.Enum):
    """Why a head is written to the system's log."""

    BEGUN = "begun"
    """The record is new."""
    OPENED = "opened"
    HOURLY = "hourly"
    SIGNED_OUT = "signed-out"
    CLOSED = "closed"
    ERASED = "erased"
    """Names were erased from the record."""
    REPLACED = "replaced"
    """The record takes the place of a damaged one, which was set aside."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One durable event. `facts` maps short names to text."""

    enrollment_id: str
    kind: EntryKind
    state: State
    at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """Return what the entry is about."""
        return Subject(SubjectKind.ENROLLMENT, self.enrollment_id)


Recordable = Entry | StationEvent
"""What can be written to the record."""

_R = TypeVar("_R", bound=Entry | StationEvent)


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What the record tells of a Temporary Access Pass, but for its value, which it never holds.

    `minutes` and `once` are None where the tenant's policy decided and no answer has told.
    `shown` tells whether its value was handed to the window; None before the answer.
    """

    minutes: int | None = None
    once: bool | None = None
    shown: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One enrollment as a list shows it, or one Temporary Access Pass.

    For a pass `operation` is ISSUE_PASS and `access_pass` is there; it has no token.
    """

    enrollment_id: str
    began: datetime
    changed: datetime
    state: State
    mode: Mode
    serial_number: str
    device_id: str
    person_id: str
    person_name: str
    person_upn: str
    operator_name: str
    attempts: int = 1
    error: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    """Whom staged work is for, in the operator's own words, until the directory has told."""
    operation: Operation = Operation.ASSIGN
    proof: Proof | None = None
    """How it was shown that the right token is taken back, or that it is not there."""
    link: Link | None = None
    own: bool = False
    """Whether the person served themselves."""
    job: str = ""
    """The id of the job that this was one row of."""
    corrected: State | None = None
    """The state that the line showed before the directory was found to hold something else."""
    overrides: tuple[tuple[str, str], ...] = ()
    """What stood in the way and was passed, each with the reason: values of FindingKind and
    OverrideReason, or words that a newer version wrote."""
    access_pass: PassFacts | None = None

    @property
    def needs_attention(self) -> bool:
        """Tell whether an operator has to look at it."""
        return self.state in NEEDS_ATTENTION

    @property
    def is_for_the_desk(self) -> bool:
        """Tell whether it needs attention and has a person, so that the desk can settle it."""
        return self.needs_attention and self.operation not in WITHOUT_PERSON | CREATES

    @property
    def rests(self) -> bool:
        """Tell whether the station has nothing more to do for it by itself."""
        return self.state in RESTING or self.state is State.BLOCKED


def intent(enrollment: Enrollment, operator: Operator, desk: str, at: datetime) -> Entry:
    """Return the entry that must be durable before the request is sent."""
    return Entry(
        enrollment.id,
        EntryKind.INTENT,
        enrollment.state,
        at,
        _facts(enrollment, operator, desk),
    )


def attempt(entry: Entry, error: OathdeskError | None = None) -> Entry:
    """Return what to write later in place of `entry`, an intent or staged work.

    `error` is why `entry` could not be written when it was submitted; None where the operator
    signed out before that began.
    """
    told = {} if error is None else {"error": type(error).__name__}
    facts = {**entry.facts, **told}
    return replace(entry, kind=EntryKind.ATTEMPT, state=State.UNRECORDED, facts=facts)


def written_late(entry: _R, at: datetime) -> _R:
    """Return `entry` as of the moment `at` it is written; when it happened is a fact of it.

    So the moments of a record never run backwards, by which erasures are judged.
    """
    return replace(entry, at=at, facts={**entry.facts, HAPPENED_AT: entry.at.isoformat()})


def happened_at(entry: Recordable) -> datetime:
    """Return when that happened which `entry` tells of, an aware time."""
    told = entry.facts.get(HAPPENED_AT)
    return datetime.fromisoformat(told) if told else entry.at


def due(enrollment: Enrollment, operator: Operator, desk: str, at: datetime) -> Entry:
    """Return the entry that makes the second half of a replacement durable, before the first."""
    return Entry(enrollment.id, EntryKind.DUE, State.DUE, at, _facts(enrollment, operator, desk))


def _facts(enrollment: Enrollment, operator: Operator, desk: str) -> Mapping[str, str]:
    token, person = enrollment.token, enrollment.person
    if enrollment.operation in WITHOUT_PERSON:
        person = _NOBODY
    if token is None or person is None:
        raise ValueError("an intent needs a token and a person")
    facts = {
        "mode": enrollment.mode.value,
        "operation": enrollment.operation.value,
        "attempt": str(enrollment.attempts),
        "serial_number": token.serial_number,
        "device_id": token.device_id,
        "person_id": person.id,
        "person_name": person.display_name,
        "person_upn": person.user_principal_name,
        "desk": desk,
        **operator_facts(operator),
        **_told(token, person),
    }
    if enrollment.proof is not None:
        facts["proof"] = enrollment.proof.value
    if enrollment.job:
        facts["job"] = enrollment.job
    facts |= _override_facts(enrollment.findings)
    return facts | _link_facts(enrollment.link)


_OVERRIDE = "override."


def _override_facts(findings: Iterable[Finding]) -> dict[str, str]:
    """Return what stood in the way and the reason that the operator gave to go on."""
    return {
        f"{_OVERRIDE}{finding.kind.value}": finding.reason.value
        for finding in findings
        if finding.reason is not None
    }


def _overrides(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.removeprefix(_OVERRIDE), reason)
        for name, reason in facts.items()
        if name.startswith(_OVERRIDE)
    )


def _told(token: Token, person: Person) -> dict[str, str]:
    """Return the facts that a receipt is made of and that are not always known."""
    told = {
        "manufacturer": token.manufacturer,
        "model": token.model,
        "person_language": person.language,
    }
    return {name: value for name, value in told.items() if value}


def _link_facts(link: Link | None) -> dict[str, str]:
    if link is None:
        return {}
    half = "second" if link.second else "first"
    return {
        "replacement.partner": link.partner,
        "replacement.half": half,
        "replacement.reason": link.reason.value,
    }


def _link(facts: Mapping[str, str]) -> Link | None:
    if "replacement.partner" not in facts:
        return None
    return Link(
        facts["replacement.partner"],
        Reason(facts["replacement.reason"]),
        second=facts["replacement.half"] == "second",
    )


@dataclass(frozen=True, slots=True)
class StagedWork:
    """What was staged without a network: a serial number and whom it is for.

    `person` is an object id, a UPN or an employee number: whatever the operator had. `name` is what
    the list shows until the directory tells more.
    """

    id: str
    serial_number: str
    person: str
    name: str


def staged(work: StagedWork, operator: Operator, desk: str, at: datetime) -> Entry:
    """Return the entry that makes staged work durable."""
    facts = {
        "mode": Mode.ASSIGN_ONLY.value,
        "operation": Operation.ASSIGN.value,
        "attempt": "0",
        "serial_number": work.serial_number,
        "device_id": "",
        "person_id": "",
        "person_name": work.name,
        "person_upn": "",
        "person": work.person,
        "desk": desk,
        **operator_facts(operator),
    }
    return Entry(work.id, EntryKind.STAGED, State.STAGED, at, facts)


def operator_facts(operator: Operator) -> dict[str, str]:
    """Return the facts of who acts; what it is is said of those who are no ordinary operator."""
    facts = {
        "operator_id": operator.id,
        "operator_name": operator.display_name,
        "operator_upn": operator.user_principal_name,
    }
    kind = "application" if operator.application else SELF_SERVICE if operator.own else ""
    return facts | ({"operator_kind": kind} if kind else {})


def staged_work(entries: Iterable[Entry]) -> tuple[StagedWork, ...]:
    """Return what is staged and still waits, oldest first."""
    last: dict[str, State] = {}
    found: dict[str, StagedWork] = {}
    for entry in entries:
        last[entry.enrollment_id] = entry.state
        if entry.kind is EntryKind.STAGED:
            facts = entry.facts
            found[entry.enrollment_id] = StagedWork(
                entry.enrollment_id,
                facts["serial_number"],
                facts["person"],
                facts["person_name"],
            )
    return tuple(work for work in found.values() if last[work.id] is State.STAGED)


def interrupted(entries: Iterable[Entry]) -> tuple[tuple[Enrollment, datetime], ...]:
    """Return each enrollment that was sent and does not rest, as it stood, with its last moment.

    Only what a look into the directory needs is restored: ids, names, mode and state.
    """
    return tuple((e, at) for e, at in _sent(entries) if e.state in OPEN)


def restored(entries: Iterable[Entry]) -> Enrollment | None:
    """Return the one enrollment that `entries` tell of, if it was ever to be sent.

    As in `interrupted`, only what a look into the directory needs is there.
    """
    return next((enrollment for enrollment, _ in _sent(entries)), None)


def _sent(entries: Iterable[Entry]) -> Iterable[tuple[Enrollment, datetime]]:
    found: dict[str, tuple[Enrollment, datetime]] = {}
    for entry in entries:
        known = found.get(entry.enrollment_id)
        if entry.kind in {EntryKind.INTENT, EntryKind.ATTEMPT}:
            found[entry.enrollment_id] = (_restored(entry), entry.at)
        elif known is not None:
            found[entry.enrollment_id] = (_passed(known[0], entry), entry.at)
    return found.values()


def _passed(enrollment: Enrollment, entry: Entry) -> Enrollment:
    """Return `enrollment` after a passage, with the method that it names."""
    created = entry.facts.get("method_created")
    return replace(
        enrollment,
        state=entry.state,
        method_id=entry.facts.get("method_id", enrollment.method_id),
        method_created=datetime.fromisoformat(created) if created else enrollment.method_created,
    )


def _restored(entry: Entry) -> Enrollment:
    facts = entry.facts
    operation = Operation(facts["operation"])
    return Enrollment(
        id=entry.enrollment_id,
        mode=Mode(facts["mode"]),
        state=entry.state,
        token=Token(facts["device_id"], facts["serial_number"]),
        person=_person(facts) if operation not in WITHOUT_PERSON else None,
        wanted=operation if operation in TAKES_BACK | WITHOUT_PERSON else None,
        operation=operation,
        attempts=int(facts["attempt"]),
        proof=_proof(facts),
        link=_link(facts),
        job=facts.get("job", ""),
    )


def _person(facts: Mapping[str, str]) -> Person:
    return Person(facts["person_id"], facts["person_name"], facts["person_upn"])


def _proof(facts: Mapping[str, str]) -> Proof | None:
    return Proof(facts["proof"]) if "proof" in facts else None


def due_work(entries: Iterable[Entry]) -> tuple[tuple[Enrollment, datetime], ...]:
    """Return each second half that still waits, with the moment it was agreed upon, oldest first.

    One that was submitted is no longer among them.
    """
    found: dict[str, tuple[Enrollment, datetime]] = {}
    for entry in entries:
        if entry.kind is EntryKind.DUE:
            found[entry.enrollment_id] = (_restored(entry), entry.at)
        else:
            found.pop(entry.enrollment_id, None)
    return tuple(found.values())


def passage(enrollment: Enrollment, at: datetime) -> Entry:
    """Return the entry that says which state an enrollment has come to, and on what evidence."""
    facts = {"event": enrollment.trail[-1].event} if enrollment.trail else {}
    if enrollment.findings and enrollment.state is State.BLOCKED:
        facts["findings"] = ", ".join(found.kind.value for found in enrollment.findings)
    if enrollment.error is not None:
        facts["error"] = type(enrollment.error).__name__
    facts |= _method_facts(enrollment) | evidence_facts(_evidence_of(enrollment))
    return Entry(enrollment.id, EntryKind.STATE, enrollment.state, at, facts)


def _method_facts(enrollment: Enrollment) -> dict[str, str]:
    """Return how the person's side names the token, and when it came there, where that is known."""
    if not enrollment.method_id or enrollment.person is None:
        return {}
    facts = {"method_id": enrollment.method_id}
    if enrollment.method_created is not None:
        facts["method_created"] = enrollment.method_created.isoformat()
    return facts


def correction(enrollment: Enrollment, was: State, seen: datetime, at: datetime) -> Entry:
    """Return the entry that a state of rest was corrected, from what, and when that was seen.

    The evidence of the request stays with the entries before: what is seen is no answer to it.
    """
    token, person = enrollment.token, enrollment.person
    holder = token.holder if token is not None else None
    facts = {
        "event": enrollment.trail[-1].event,
        "was": was.value,
        "seen_at": seen.isoformat(),
        "seen_status": token.status.value if token is not None else "",
        "seen_holder": holder.id if holder is not None else "",
        "seen_method": enrollment.method_id if person is not None else "",
    }
    known = {name: value for name, value in facts.items() if value}
    return Entry(enrollment.id, EntryKind.CORRECTION, enrollment.state, at, known)


def submitted_at(entries: Iterable[Entry]) -> datetime | None:
    """Return when the latest attempt was written down, just before it was sent, or None."""
    moments = [entry.at for entry in entries if entry.kind is EntryKind.INTENT]
    return moments[-1] if moments else None


def evidence_facts(evidence: Evidence | None) -> dict[str, str]:
    """Return `evidence` as facts, one per known row."""
    return {} if evidence is None else {f"evidence.{key}": value for key, value in evidence.rows()}


def lines(entries: Iterable[Entry]) -> tuple[Line, ...]:
    """Return one line per enrollment, oldest first, from entries in their order."""
    found: dict[str, Line] = {}
    for entry in entries:
        line = _fold(found.get(entry.enrollment_id), entry)
        if line is not None:
            found[entry.enrollment_id] = line
    return tuple(found.values())


def _evidence_of(enrollment: Enrollment) -> Evidence | None:
    error = enrollment.error
    return error.evidence if isinstance(error, DirectoryError) else enrollment.evidence


def _fold(line: Line | None, entry: Entry) -> Line | None:
    if entry.kind is EntryKind.PASS:
        return _of_pass(line, entry)
    if entry.kind not in _PASSAGES:
        return _begun(line, entry)
    if line is None:
        return None
    return replace(
        line,
        changed=happened_at(entry),
        state=entry.state,
        error=entry.facts.get("error", ""),
        evidence=_evidence_rows(entry.facts),
        corrected=line.state if entry.kind is EntryKind.CORRECTION else None,
    )


def _of_pass(line: Line | None, entry: Entry) -> Line:
    """Return the line of a pass after `entry`: its intent, or what was told or seen since."""
    before = line or _begun(None, entry)
    known = before.access_pass or PassFacts()
    return replace(
        before,
        changed=happened_at(entry),
        state=entry.state,
        error=entry.facts.get("error", ""),
        evidence=_evidence_rows(entry.facts),
        access_pass=pass_facts(entry.facts, known),
    )


def pass_facts(facts: Mapping[str, str], known: PassFacts) -> PassFacts:
    """Return what `facts` of an entry tell of a pass; what they leave out is as `known`."""
    minutes, flags = facts.get("lifetime_minutes", ""), {"yes": True, "no": False}
    return PassFacts(
        int(minutes) if minutes else known.minutes,
        flags.get(facts.get("one_time", ""), known.once),
        flags.get(facts.get("value_shown", ""), known.shown),
    )


def _begun(line: Line | None, entry: Entry) -> Line:
    facts = entry.facts
    return Line(
        enrollment_id=entry.enrollment_id,
        began=line.began if line else happened_at(entry),
        changed=happened_at(entry),
        state=entry.state,
        mode=Mode(facts["mode"]),
        serial_number=facts["serial_number"],
        device_id=facts["device_id"],
        person_id=facts["person_id"],
        person_name=facts["person_name"],
        person_upn=facts["person_upn"],
        operator_name=facts["operator_name"],
        attempts=int(facts["attempt"]),
        error=facts.get("error", ""),
        reference=facts.get("person", ""),
        operation=Operation(facts.get("operation", Operation.ASSIGN.value)),
        proof=_proof(facts),
        link=_link(facts),
        own=facts.get("operator_kind") == SELF_SERVICE,
        job=facts.get("job", ""),
        overrides=_overrides(facts),
    )


def _evidence_rows(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    prefix = "evidence."
    return tuple(
        (key.removeprefix(prefix), value) for key, value in facts.items() if key.startswith(prefix)
    )
