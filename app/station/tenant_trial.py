"""A trial of a tenant: who may be tried with, how it begins and how it ends.

The trial touches one test person, who must be no administrator and have no hardware token, one
spare token in stock, and tokens that it uploads itself. What the steps do stands in
station.trial_steps.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.errors import NotFound
from app.core.model import (
    COUNTS_TOWARDS_LIMIT,
    METHODS_LIMIT,
    Person,
    ProtectionKind,
    Token,
    TokenStatus,
)
from app.core.ports import Clock, Directory
from app.core.shelf import Shelf
from app.core.tenant_trial import Examiner, Finding, Step, TrialRequests, judged, unanswered
from app.core.trial_journal import JOURNAL, Journal, Touched, journal_from
from app.station.trial_steps import TrialSteps, words_of
from app.station.trial_work import TrialPatience, TrialWork


class NotAdmitted(Exception):
    """The trial must not be carried out with this person or token; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended. `left` is what is not known to be undone, `stopped` that it was ended."""

    findings: tuple[Finding, ...]
    left: tuple[Touched, ...] = ()
    stopped: bool = False
    person: Person | None = None
    spare: Token | None = None


@dataclass(slots=True)
class TenantTrial:
    """The trial that one command carries out, over `requests` and `directory`."""

    requests: TrialRequests
    directory: Directory
    clock: Clock
    shelf: Shelf
    examiner: Examiner
    patience: TrialPatience = field(default_factory=TrialPatience)

    def left_over(self) -> Journal | None:
        """Return the journal of an earlier trial. Raises LedgerUnreadable."""
        return journal_from(self.shelf.kept(JOURNAL))

    async def undo(self, journal: Journal) -> Journal:
        """Undo what an earlier trial has left; return its journal as it is then."""
        person = Person(journal.person_id, "")
        work = self._work(journal, person, None)
        await work.undo()
        return work.journal

    async def admit(self, named: str, spare: str) -> tuple[Person, Token | None]:
        """Return the test person and the spare token that are named, if both may be used.

        Raises NotAdmitted, DirectoryError and SignInError.
        """
        try:
            person = await self.directory.person(named)
        except NotFound:
            raise NotAdmitted(f"there is no person {named}") from None
        if person.guest or not person.enabled:
            kind = "a guest" if person.guest else "disabled, or it cannot be read whether they are"
            raise NotAdmitted(f"{named} is {kind}")
        await self._check_no_administrator(person)
        tokens = await self.requests.tokens_of(person.id)
        if not tokens.accepted:
            raise NotAdmitted(
                f"the tokens of {named} cannot be read ({words_of(tokens)}), so that nobody knows "
                "whether one of them would be touched"
            )
        if tokens.items():
            raise NotAdmitted(f"{named} has a hardware token already; name somebody who has none")
        methods = await self.directory.methods(person.id)
        if sum(each.kind in COUNTS_TOWARDS_LIMIT for each in methods) >= METHODS_LIMIT:
            raise NotAdmitted(f"{named} has {METHODS_LIMIT} authenticator apps already")
        return person, await self._spare(spare) if spare else None

    async def _check_no_administrator(self, person: Person) -> None:
        name = person.user_principal_name or person.id
        roles = await self.directory.roles_of(person.id)
        if roles is None:
            raise NotAdmitted(
                f"the roles of {name} cannot be read, so that nobody knows whether they are an "
                "administrator; it takes the permission RoleManagement.Read.Directory"
            )
        if roles:
            held = ", ".join(role.name or role.template_id for role in roles)
            raise NotAdmitted(f"{name} is an administrator: {held}")
        protections = await self.directory.protections_of(person.id)
        if any(each.kind is ProtectionKind.ROLE_GROUP for each in protections):
            raise NotAdmitted(
                f"{name} is a member or an owner of a group to which roles can be assigned"
            )

    async def _spare(self, serial: str) -> Token:
        found = await self.directory.find_tokens(serial)
        if len(found) != 1:
            count = "no token" if not found else f"{len(found)} tokens"
            raise NotAdmitted(f"the inventory has {count} with the serial number {serial}")
        token = found[0]
        if token.holder is not None or token.status is not TokenStatus.AVAILABLE:
            raise NotAdmitted(f"the token {serial} is not in stock")
        return token

    def begin(self, person: Person, spare: Token | None) -> Journal:
        """Return the journal of a trial that begins now."""
        began = self.clock.now().isoformat(timespec="seconds")
        run = secrets.token_hex(3).upper()
        return Journal(run, began, person.id, spare.serial_number if spare else "")

    async def run(
        self, journal: Journal, person: Person, spare: Token | None, steps: Sequence[Step]
    ) -> Outcome:
        """Carry out those of `steps` that `journal` has no answers of, and undo what was written.

        Raises SignInError and LedgerError, after which the journal tells the next start what is
        left.
        """
        work = self._work(journal, person, spare)
        work.keep(journal)
        try:
            stopped = await TrialSteps(work).through(steps)
        finally:
            work.wipe_seeds()
        left = await work.undo()
        answered = work.journal.answered
        findings = tuple(each for step in steps for each in answered.get(step.key, ()))
        told = (*findings, *_untold(steps, findings), self._throttling())
        return Outcome(told, left, stopped, person, spare)

    def finish(self, outcome: Outcome) -> None:
        """Forget a trial whose report is written, unless something of it is still to be done.

        Raises LedgerUnwritable.
        """
        if not outcome.left and not outcome.stopped:
            self.shelf.drop(JOURNAL)

    def _work(self, journal: Journal, person: Person, spare: Token | None) -> TrialWork:
        return TrialWork(
            self.requests,
            self.clock,
            self.shelf,
            self.examiner,
            journal,
            person,
            spare,
            self.patience,
        )

    def _throttling(self) -> Finding:
        exchanges, throttled = self.requests.counted()
        return judged("throttle.met", f"{throttled} of {exchanges} requests were answered 429")


def _untold(steps: Sequence[Step], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    known = {each.fact for each in findings}
    facts = [fact for step in steps for fact in step.facts]
    return tuple(unanswered(fact, "the trial was ended") for fact in facts if fact not in known)
