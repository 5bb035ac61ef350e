"""The trial of a tenant: what no document says about hardware tokens in Graph, as tables.

`FACTS` is what is to be learned: where a document says something, an observation is compared with
it; where none does, the observation is the answer. `WRITES` is everything that the trial sends to
the tenant beyond reading, with how it is undone. `STEPS` says in which order, and what rests on
what. The Graph contract's section 12 is where the open questions come from; the numbers in
`reference` are its sections, its operations (D1 to D8, U1 to U10) and its contradictions (C1 to
C29).

What was written and is not known to be undone stands in core.trial_journal.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

from app.core.code import VerificationCode
from app.core.secret import Secret

FORMAT: Final = 1
"""The version of the report and of the journal; a member that is added does not change it."""

SERIAL_PREFIX: Final = "OATHDESK-TRIAL-"
"""How the serial number of every token begins that a trial uploads."""

MANUFACTURER: Final = "Oathdesk"
MODEL: Final = "Trial"
NAME_WITH_OTHER_LETTERS: Final = "Trial Ä 試"
"""A display name beyond ASCII: Graph's metadata doubts that such names are kept."""


# What is learned --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to observe. `says` is what the contract says about it, with its `reference`.

    An observation that is none of `expected` differs. Without `expected` nothing documents it, and
    the observation is the answer.
    """

    key: str
    reference: str
    says: str
    expected: tuple[str, ...] = ()

    @property
    def is_documented(self) -> bool:
        """Whether an observation can differ from a document."""
        return bool(self.expected)


REFUSED, ACCEPTED = "refused", "accepted"
YES, NO = "yes", "no"

_UNKNOWN = "no document says"

FACTS: Final[Mapping[str, Fact]] = {
    fact.key: fact
    for fact in (
        Fact("policy.read", "13", "Policy.Read.All and a reading role read it", ("200",)),
        Fact("policy.shape", "C8", "documents contradict each other: bare, or inside value"),
        Fact("policy.state", "2.3", "enabled or disabled", ("enabled", "disabled")),
        Fact(
            "policy.migration",
            "13",
            "preMigration, migrationInProgress or migrationComplete",
            ("preMigration", "migrationInProgress", "migrationComplete"),
        ),
        Fact("policy.covers_everyone", "2.3", _UNKNOWN),
        Fact("inventory.page", "12.3", "the page size is not documented"),
        Fact("inventory.top", "12.3, C17", "$top is in the metadata and in no document"),
        Fact("inventory.shape", "C7", "documents contradict each other: flat, or inside device"),
        Fact("create.status", "D3", "201", ("201",)),
        Fact("create.secret", "2.1", "secretKey is null in every answer", ("null",)),
        Fact("create.state", "2.4", "a new token is available", ("available",)),
        Fact("create.visible_after", "7", "public scripts wait 1 s"),
        Fact("create.name", "12.8", "whether letters beyond ASCII are kept is not documented"),
        Fact("filter.serial", "D1", "$filter=serialNumber eq finds it", ("found",)),
        Fact("filter.status", "D1, C18", "$filter=status eq gives tokens of that status", (YES,)),
        Fact("filter.holder_id", "12.3", "by which property assignedTo is filtered: not said"),
        Fact("filter.holder", "12.3", "by which property assignedTo is filtered: not said"),
        Fact("duplicate.answer", "12.1", "the answer to a serial number that is there: not said"),
        Fact("secret.bad", "5", "a secret that is no Base32 is refused", (REFUSED,)),
        Fact("secret.lower_case", "5", "documents contradict each other about lower-case letters"),
        Fact("kind.30_sha256", "8", "accepted", (ACCEPTED,)),
        Fact("kind.60_sha1", "8", "accepted", (ACCEPTED,)),
        Fact("kind.60_sha256", "8", "accepted", (ACCEPTED,)),
        Fact("kind.45_sha1", "8", "only 30 and 60 s are offered", (REFUSED,)),
        Fact("kind.30_sha512", "8", "only SHA-1 and SHA-256 are offered", (REFUSED,)),
        Fact("kind.30_sha256_code", "8", "its code activates it", (ACCEPTED,)),
        Fact("kind.60_sha1_code", "8", "its code activates it", (ACCEPTED,)),
        Fact("kind.60_sha256_code", "8", "its code activates it", (ACCEPTED,)),
        Fact("bulk.answer", "12.4", "the answer where a part of a bulk upload fails: not said"),
        Fact("bulk.good_part", "12.4", "whether the rest is created: not said"),
        Fact("assign.status", "U1", "201", ("201",)),
        Fact("assign.policy", "13", "whether a policy that is off refuses it: not said"),
        Fact("assign.method_id", "12.2", "the device's id in every sample"),
        Fact("assign.created", "13", "the answer carries createdDateTime", ("told",)),
        Fact("assign.state", "2.4, C4", "the token is assigned", ("assigned",)),
        Fact("assign.visible_after", "7", "public scripts wait 3 s"),
        Fact("read.device", "12.2", "whether the device is always told with the method: not said"),
        Fact("read.hides", "13", "what a restricted read hides: not said"),
        Fact("read.general_list", "6", "whether the general list has hardware tokens: not said"),
        Fact("held.assign", "12.1", "the answer to assigning it once more: not said"),
        Fact("held.delete", "D7", "a token that somebody has is not deleted", (REFUSED,)),
        Fact("held.update", "D5", "a token that somebody has is not changed", (REFUSED,)),
        Fact("wrong.code", "12.1", "a wrong code is refused; the words are not known", (REFUSED,)),
        Fact("wrong.state", "2.4", "failedActivation is inferred from its name alone"),
        Fact("activate.status", "U5", "204", ("204",)),
        Fact("activate.state", "2.4", "the token is activated", ("activated",)),
        Fact("activate.visible_after", "7", "not said"),
        Fact("deactivate.status", "U6", "204", ("204",)),
        Fact("deactivate.state", "12.5", "presumably assigned again"),
        Fact("deactivate.kept", "2.4", "the person keeps the token", (YES,)),
        Fact("unassign.status", "U4", "204", ("204",)),
        Fact("unassign.state", "2.4", "the token is available again", ("available",)),
        Fact("unassign.visible_after", "7", "not said"),
        Fact("at_once.wrong_code", "12.1", "a wrong code is refused; words not known", (REFUSED,)),
        Fact("at_once.wrong_leaves", "12.1", "whether the token is then assigned: not said"),
        Fact("at_once.status", "U7", "204", ("204",)),
        Fact("at_once.state", "2.4", "the token is activated", ("activated",)),
        Fact("serial.wrong_code", "12.1", "a wrong code is refused; words not known", (REFUSED,)),
        Fact("serial.wrong_leaves", "12.1", "whether the token is then assigned: not said"),
        Fact("serial.status", "U8", "204", ("204",)),
        Fact("serial.state", "2.4", "the token is activated", ("activated",)),
        Fact("throttle.met", "12.6", "5 requests in 10 s; whether it is enforced: not said"),
    )
}

NOT_TRIED: Final = (
    ("a guest", "takes a second test person"),
    ("a token that somebody else holds", "takes a second test person"),
    ("more than five tokens", "takes five tokens on one person"),
    ("a lock-out after wrong codes", "could lock the test person out"),
    ("enforcement of 5 requests in 10 s", "would hold up every desk of the tenant"),
    ("the tenant's audit events", "takes a permission that the station does not ask for"),
    ("the first claims challenge", "comes by itself or not at all"),
)
"""What section 12 asks and the trial leaves alone, with the reason."""


# What is written --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes the tenant: what the person at the terminal is asked, and its undoing.

    `{token}` stands for the serial number and `{person}` for the test person's user name.
    """

    key: str
    asks: str
    undone: str


_NO_EFFECT = "If it is accepted after all, it is undone."
_DELETED = "The token is deleted again."
_TAKEN_BACK = "The token is taken back from the person."

WRITES: Final[Mapping[str, Write]] = {
    write.key: write
    for write in (
        Write("create", "Upload a throw-away token {token} with a seed made here?", _DELETED),
        Write("create_twice", "Upload {token} a second time, which should be refused?", _DELETED),
        Write("create_bad", "Upload {token} with a secret that is no Base32?", _DELETED),
        Write("create_lower", "Upload {token} with its secret in lower case?", _DELETED),
        Write("create_kind", "Upload a throw-away token {token} ({kind})?", _DELETED),
        Write("create_many", "Upload {token} and a copy that has to fail, in one?", _DELETED),
        Write("assign", "Assign {token} to {person}, without activating it?", _TAKEN_BACK),
        Write("assign_twice", "Assign {token} to {person} once more?", _TAKEN_BACK),
        Write("delete_held", "Delete {token} while {person} has it?", _NO_EFFECT),
        Write("update_held", "Send {token} its own model while {person} has it?", _NO_EFFECT),
        Write("activate_wrong", "Activate {token} with a wrong code?", _TAKEN_BACK),
        Write("activate", "Activate {token} with the right code?", _TAKEN_BACK),
        Write("deactivate", "Deactivate {token}?", _TAKEN_BACK),
        Write("unassign", "Take {token} from {person}, back into stock?", "This is the undoing."),
        Write(
            "at_once_wrong",
            "Assign {token} to {person} and activate it in one, with a wrong code?",
            _TAKEN_BACK,
        ),
        Write("at_once", "Do the same with the right code?", _TAKEN_BACK),
        Write(
            "serial_wrong",
            "Assign and activate {token} by its serial number, with a wrong code?",
            _TAKEN_BACK,
        ),
        Write("serial", "Do the same with the right code?", _TAKEN_BACK),
        Write("kind_code", "Assign {token} ({kind}) to {person} with its code?", _TAKEN_BACK),
    )
}


@dataclass(frozen=True, slots=True)
class Step:
    """Some facts that are learned together, by what is written for them (none: it only reads).

    `needs` are steps that have to be carried out before, in the same run: they bring the token into
    the state that this one begins with.
    """

    key: str
    about: str
    facts: tuple[str, ...]
    writes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def _facts_of(*prefixes: str) -> tuple[str, ...]:
    return tuple(key for key in FACTS if key.partition(".")[0] in prefixes)


STEPS: Final[Mapping[str, Step]] = {
    step.key: step
    for step in (
        Step("policy", "the policy as it is read", _facts_of("policy")),
        Step("inventory", "pages and options of the inventory", _facts_of("inventory")),
        Step("upload", "a token of the trial's own", _facts_of("create"), ("create",)),
        Step("duplicate", "a serial number twice", _facts_of("duplicate"), ("create_twice",)),
        Step("secret", "how a secret may be written", _facts_of("secret"),
             ("create_bad", "create_lower")),
        Step("kinds", "time steps and hash functions", _facts_of("kind"),
             ("create_kind", "kind_code")),
        Step("bulk", "an upload of many of which a part fails", _facts_of("bulk"),
             ("create_many",)),
        Step("assign", "assigning, and what is read then",
             _facts_of("assign", "read", "filter"), ("assign",)),
        Step("held", "a token that somebody has", _facts_of("held"),
             ("assign_twice", "delete_held", "update_held"), ("assign",)),
        Step("wrong_code", "activating with a wrong code", _facts_of("wrong"),
             ("activate_wrong",), ("assign",)),
        Step("activate", "activating with the right code", _facts_of("activate"), ("activate",),
             ("assign",)),
        Step("deactivate", "deactivating", _facts_of("deactivate"), ("deactivate",),
             ("activate",)),
        Step("unassign", "taking it back", _facts_of("unassign"), ("unassign",), ("assign",)),
        Step("at_once", "assigning and activating in one", _facts_of("at_once"),
             ("at_once_wrong", "at_once")),
        Step("by_serial", "the same by serial number", _facts_of("serial"),
             ("serial_wrong", "serial")),
    )
}  # fmt: skip
"""In the order in which they are carried out."""


def steps_for(keys: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps named by `keys` and what they rest on, in order. Raises KeyError."""
    wanted: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in wanted:
            wanted.add(key)
            waiting += STEPS[key].needs
    return tuple(step for step in STEPS.values() if step.key in wanted)


# What was found ---------------------------------------------------------------------------------


class Verdict(enum.Enum):
    """How an observation stands to the contract."""

    AS_DOCUMENTED = "as_documented"
    DIFFERENT = "different"
    ANSWER = "answer"
    """No document says it: this is the answer."""
    NOT_ANSWERED = "not_answered"
    """It was not asked, or something was in the way; the observation says what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact as it was observed. `rows` are raw evidence: status, code, message, request-id."""

    fact: str
    verdict: Verdict
    observed: str
    rows: tuple[tuple[str, str], ...] = ()


def judged(key: str, observed: str, rows: tuple[tuple[str, str], ...] = ()) -> Finding:
    """Return the finding of what was observed for the fact `key`."""
    fact = FACTS[key]
    if not fact.is_documented:
        return Finding(key, Verdict.ANSWER, observed, rows)
    same = observed in fact.expected
    return Finding(key, Verdict.AS_DOCUMENTED if same else Verdict.DIFFERENT, observed, rows)


def unanswered(key: str, why: str, rows: tuple[tuple[str, str], ...] = ()) -> Finding:
    """Return the finding of a fact that could not be learned."""
    return Finding(key, Verdict.NOT_ANSWERED, why, rows)


def count(findings: Iterable[Finding], verdict: Verdict) -> int:
    """Return how many of `findings` have `verdict`."""
    return sum(finding.verdict is verdict for finding in findings)


# Requests and their answers ---------------------------------------------------------------------

_DENIED = frozenset({401, 403})
_THROTTLED = 429
_REDIRECTS = HTTPStatus.MULTIPLE_CHOICES
_CLIENT_ERRORS, _SERVER_ERRORS = HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Reply:
    """What Graph answered to one request. `status` is None where no answer came.

    `body` is its JSON object; None where it has none, or where it was a refusal.
    """

    status: int | None
    code: str = ""
    message: str = ""
    request_id: str = ""
    body: Mapping[str, Any] | None = None

    @property
    def accepted(self) -> bool:
        """Whether Graph did what was asked."""
        return self.status is not None and HTTPStatus.OK <= self.status < _REDIRECTS

    @property
    def refused(self) -> bool:
        """Whether Graph looked at the request itself and said no: not for a right that is missing.

        So neither 401, 403 nor 429, which say nothing about the request.
        """
        refused = self.status is not None and _CLIENT_ERRORS <= self.status < _SERVER_ERRORS
        return refused and self.status not in {*_DENIED, _THROTTLED}

    @property
    def missing(self) -> bool:
        """Whether there is no such thing."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def outcome(self) -> str:
        """`accepted`, `refused`, or what came in the way."""
        if self.accepted:
            return ACCEPTED
        if self.refused:
            return REFUSED
        return f"HTTP {self.status}" if self.status else "no answer"

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return the evidence as (label, value) pairs, without what is empty."""
        rows = (
            ("HTTP status", str(self.status or "none")),
            ("Graph code", self.code),
            ("Message", self.message),
            ("request-id", self.request_id),
        )
        return tuple((label, value) for label, value in rows if value)

    def items(self) -> tuple[Mapping[str, Any], ...]:
        """Return the objects of a collection; none where it is no collection."""
        found = (self.body or {}).get("value")
        if not isinstance(found, list):
            return ()
        return tuple(each for each in found if isinstance(each, dict))

    def entity(self) -> Mapping[str, Any]:
        """Return the single object, out of `value` where it comes so (C8)."""
        inner = (self.body or {}).get("value")
        return inner if isinstance(inner, dict) else self.body or {}


class SecretForm(enum.Enum):
    """How the secret of an upload is written."""

    BASE32 = "base32"
    LOWER_CASE = "lower_case"
    NOT_BASE32 = "not_base32"


@dataclass(frozen=True, slots=True)
class Upload:
    """A token that the trial uploads. `hash_function` is Graph's word, `interval` in seconds."""

    serial: str
    secret: Secret = field(repr=False)
    interval: int = 30
    hash_function: str = "hmacsha1"
    name: str = ""
    form: SecretForm = SecretForm.BASE32


class TrialRequests(Protocol):
    """Graph as the trial asks it: one request each, the raw answer, refusals as replies.

    Raises SignInError where a person has to sign in again.
    """

    async def policy(self) -> Reply:
        """Read the policy for hardware tokens."""
        ...

    async def methods_policy(self) -> Reply:
        """Read the policy that it belongs to, for the migration state."""
        ...

    async def inventory(self, top: int | None = None) -> Reply:
        """Read the first page of the inventory, with $top where `top` is given."""
        ...

    async def with_serial(self, serial: str) -> Reply:
        """Read the tokens with a serial number."""
        ...

    async def with_status(self, status: str) -> Reply:
        """Read the first page of the tokens of one status."""
        ...

    async def held_by(self, person_id: str, property_name: str) -> Reply:
        """Read the tokens whose property `property_name` is `person_id`."""
        ...

    async def device(self, device_id: str) -> Reply:
        """Read one token of the inventory."""
        ...

    async def tokens_of(self, person_id: str) -> Reply:
        """Read a person's hardware tokens."""
        ...

    async def methods_of(self, person_id: str) -> Reply:
        """Read a person's authentication methods of every kind."""
        ...

    async def create(self, upload: Upload) -> Reply:
        """Upload a token."""
        ...

    async def create_many(self, uploads: Sequence[Upload]) -> Reply:
        """Upload tokens in one request."""
        ...

    async def set_model(self, device_id: str, model: str) -> Reply:
        """Change the model of a token."""
        ...

    async def delete(self, device_id: str) -> Reply:
        """Delete a token from the inventory."""
        ...

    async def assign(self, person_id: str, device_id: str) -> Reply:
        """Assign a token."""
        ...

    async def activate(self, person_id: str, method_id: str, code: VerificationCode) -> Reply:
        """Activate a token that the person has."""
        ...

    async def deactivate(self, person_id: str, method_id: str) -> Reply:
        """Deactivate a token, which the person keeps."""
        ...

    async def unassign(self, person_id: str, method_id: str) -> Reply:
        """Take a token from the person."""
        ...

    async def assign_and_activate(
        self, person_id: str, device_id: str, code: VerificationCode
    ) -> Reply:
        """Assign and activate in one."""
        ...

    async def assign_and_activate_by_serial(
        self, person_id: str, serial: str, code: VerificationCode
    ) -> Reply:
        """Assign and activate in one, by serial number."""
        ...

    def counted(self) -> tuple[int, int]:
        """Return how many exchanges there were, and how many of them were answered 429."""
        ...


class Consent(enum.Enum):
    """What the person at the terminal says to a write."""

    YES = "yes"
    NO = "no"
    """Leave the rest of this step out."""
    STOP = "stop"
    """Undo what was done, and end."""


class Examiner(Protocol):
    """The person who carries out the trial, at a terminal. Its methods wait for them."""

    def agree(self, write: Write, question: str) -> Consent:
        """Ask whether to send `write`, by its `question` in full, and say how it is undone."""
        ...

    def code(self, serial: str) -> VerificationCode | None:
        """Ask for the code that the token shows now; None stops the trial."""
        ...

    def tell(self, text: str) -> None:
        """Say what is happening."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether the person wants it to end, also between two questions."""
        ...
