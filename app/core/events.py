"""What can happen to an enrollment, and what each event tells about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.errors import DirectoryError, Evidence, OathdeskError
from app.core.model import Method, Mode, Operation, Person, Proof, Token
from app.core.preflight import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at the moment `at` (UTC)."""

    at: datetime

    def tells(self) -> dict[str, Any]:
        """Return the fields of an enrollment that this event sets, by name."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPut(Event):
    """A token that the directory knows lies on the token card."""

    token: Token

    def tells(self) -> dict[str, Any]:
        return {"token": self.token, "findings": (), "error": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCleared(Event):
    """The token card was emptied."""

    def tells(self) -> dict[str, Any]:
        return {"token": None, "findings": (), "error": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPut(Event):
    """A person stands on the person card, with the methods they have."""

    person: Person
    methods: tuple[Method, ...] = ()

    def tells(self) -> dict[str, Any]:
        cleared = {"findings": (), "error": None}
        return {"person": self.person, "methods": self.methods, **cleared}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCleared(Event):
    """The person card was emptied."""

    def tells(self) -> dict[str, Any]:
        return {"person": None, "methods": (), "findings": (), "error": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChosen(Event):
    """The operator chose what to hand over."""

    mode: Mode

    def tells(self) -> dict[str, Any]:
        return {"mode": self.mode}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Event):
    """The check found nothing that stands in the way; `findings` may hold cautions."""

    findings: tuple[Finding, ...] = ()
    operation: Operation = Operation.ASSIGN
    method_id: str = ""

    def tells(self) -> dict[str, Any]:
        return {
            "findings": self.findings,
            "error": None,
            "operation": self.operation,
            "method_id": self.method_id,
            "proof": None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Event):
    """The check found something that stands in the way."""

    findings: tuple[Finding, ...]

    def tells(self) -> dict[str, Any]:
        return {"findings": self.findings, "error": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(Event):
    """The check could not be made."""

    error: OathdeskError

    def tells(self) -> dict[str, Any]:
        return {"findings": (), "error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved(Event):
    """The token that is to be taken back is in the hand, or the operator said why it is not."""

    proof: Proof

    def tells(self) -> dict[str, Any]:
        return {"proof": self.proof}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Event):
    """The operator submitted.

    A code, where one is needed, travels beside the event and never in it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Event):
    """The intent is on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRecorded(Event):
    """The intent could not be written down, so nothing was sent."""

    error: OathdeskError

    def tells(self) -> dict[str, Any]:
        return {"error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted(Event):
    """The directory answered that it accepts the request.

    `method` is the new method on the person's side, where the answer named it.
    """

    evidence: Evidence
    method: Method | None = None

    def tells(self) -> dict[str, Any]:
        told: dict[str, Any] = {"evidence": self.evidence, "error": None}
        if self.method is not None:
            told |= {"method_id": self.method.id, "method_created": self.method.created}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """The directory answered that it does not accept the request."""

    error: DirectoryError

    def tells(self) -> dict[str, Any]:
        return {"error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent(Event):
    """The request surely never reached the directory's judgement."""

    error: OathdeskError

    def tells(self) -> dict[str, Any]:
        return {"error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Event):
    """Nobody knows whether the directory acted."""

    error: OathdeskError

    def tells(self) -> dict[str, Any]:
        return {"error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Event):
    """The directory was read.

    `method_id` is how the person's side names the token, `token` how the token stands now, and
    `methods` what the person has now; each only where it was seen.
    """

    method_id: str = ""
    token: Token | None = None
    methods: tuple[Method, ...] | None = None

    def tells(self) -> dict[str, Any]:
        seen = {"method_id": self.method_id or None, "token": self.token, "methods": self.methods}
        return {name: value for name, value in seen.items() if value is not None}


class SeenActivated(Seen):
    """The token is this person's and activated."""

    __slots__ = ()


class SeenAssigned(Seen):
    """The token is this person's, not (yet) activated."""

    __slots__ = ()


class SeenUnassigned(Seen):
    """The token is (still) nobody's."""

    __slots__ = ()


class SeenElsewhere(Seen):
    """The token is (still) somebody else's."""

    __slots__ = ()


class SeenGone(Seen):
    """The inventory does not list the token (any more, or not yet)."""

    __slots__ = ()


class SeenListed(Seen):
    """The inventory lists the token."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFailed(Event):
    """The directory could not be read this time."""

    error: OathdeskError


class StaysActivated(Seen):
    """Patience has ended: the token is this person's and activated, which was to end."""

    __slots__ = ()


class StaysAssigned(Seen):
    """Patience has ended: the token is this person's and was not seen activated."""

    __slots__ = ()


class StaysUnassigned(Seen):
    """Patience has ended: the token is nobody's, or at least not this person's."""

    __slots__ = ()


class StaysElsewhere(Seen):
    """Patience has ended: the token is somebody else's."""

    __slots__ = ()


class StaysGone(Seen):
    """Patience has ended: the inventory does not list the token."""

    __slots__ = ()


class Found(Seen):
    """The enrollment had come to rest, and the directory shows something else than it says."""

    __slots__ = ()


class FoundActivated(Found):
    """Looked at again: the token is this person's and activated."""

    __slots__ = ()


class FoundAssigned(Found):
    """Looked at again: the token is this person's and not activated."""

    __slots__ = ()


class FoundUnassigned(Found):
    """Looked at again: the token is not assigned."""

    __slots__ = ()


class FoundElsewhere(Found):
    """Looked at again: the token is somebody else's."""

    __slots__ = ()


class FoundGone(Found):
    """Looked at again: the inventory does not list the token."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatienceEnded(Event):
    """Patience has ended and the directory has not told enough.

    `error` is why the last look failed, if it did.
    """

    error: OathdeskError | None = None

    def tells(self) -> dict[str, Any]:
        return {"error": self.error} if self.error else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAgain(Event):
    """The operator asked for another try: a fresh check, or another look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Event):
    """The station was stopped meanwhile, or lost the network, and takes the enrollment up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """The operator took back what was staged, is due, or could not be recorded."""
