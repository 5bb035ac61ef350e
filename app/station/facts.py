"""Gathers what the preflight judges: the policy, read seldom, and fresh views of the rest."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from app.core.enrollment import Enrollment, State, advance
from app.core.errors import DirectoryError, Forbidden, NotFound, SignInError, SignInExpired
from app.core.events import CheckFailed, Event, Passed, PersonPut, Stopped, TokenPut
from app.core.model import Mode, Operator, Person, Policy, Token
from app.core.ports import Clock, Directory
from app.core.preflight import (
    OF_THE_TENANT,
    REASONS,
    Facts,
    Finding,
    FindingKind,
    OverrideReason,
    asked_for_reason,
    check,
    check_recipient,
    operation_for,
    passes_with,
    stands_in_the_way,
)
from app.core.rights import Feature, Verdict, standing
from app.station.held_roles import HeldRoles
from app.station.notices import TokenCard

_CHECKED = frozenset({State.BLOCKED, State.READY, State.AWAITING_CODE})

POLICY_AGE = timedelta(minutes=5)
"""How long a policy that was read is good for. A change takes twenty minutes to work anyway."""


class FactFinder:
    """Reads facts from the directory and remembers the policy for a while."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Begin without a policy."""
        self._directory = directory
        self._clock = clock
        self._policy: Policy | None = None
        self._read_at: datetime | None = None
        self._may_read = True
        self._served = ""
        self._passed: dict[tuple[FindingKind, str], OverrideReason] = {}
        self._methods: dict[tuple[str, str], str] = {}
        self.held = HeldRoles(directory, clock)

    async def facts(self, enrollment: Enrollment, operator: Operator, count: int) -> Facts:
        """Return the facts of a complete draft. Raises DirectoryError and SignInError."""
        if enrollment.token is None or enrollment.person is None:
            raise ValueError("a check needs a token and a person")
        return Facts(
            token=enrollment.token,
            person=enrollment.person,
            methods=enrollment.methods,
            operator=operator,
            mode=enrollment.mode,
            policy=await self.policy(),
            serial_count=count,
            held=await self.held.of(enrollment.person, operator),
            protections=await self.held.protections_of(enrollment.person, operator),
            wanted=enrollment.wanted,
            method_id=self._methods.get((enrollment.token.device_id, enrollment.person.id), ""),
            passed=self.passed(enrollment.person.id),
        )

    async def check(
        self,
        draft: Enrollment,
        operator: Operator,
        card: TokenCard,
        *,
        underway: bool,
    ) -> Enrollment:
        """Return a complete draft as its check ends; unchecked where it could not be made."""
        try:
            event = await self.judge(
                draft, operator, card.count, underway=underway, drift=card.drift
            )
        except (DirectoryError, SignInError) as error:
            event = CheckFailed(at=self._clock.now(), error=error)
        return advance(draft, event)

    async def judge(
        self,
        enrollment: Enrollment,
        operator: Operator,
        count: int,
        *,
        underway: bool,
        drift: float | None = None,
    ) -> Event:
        """Check a complete draft: Passed, or Stopped. Raises DirectoryError and SignInError.

        `count` is how many tokens have the serial number; `underway` tells that another enrollment
        of this desk is handing over the token; `drift` is what the token's clock is off, in
        seconds, where it has told its time.
        """
        facts = await self.facts(enrollment, operator, count)
        facts = replace(facts, underway=underway, drift=drift)
        findings, now = check(facts), self._clock.now()
        if stands_in_the_way(findings):
            return Stopped(at=now, findings=findings)
        operation, method_id = operation_for(facts)
        return Passed(at=now, findings=findings, operation=operation, method_id=method_id)

    async def judge_recipient(
        self, person: Person, operator: Operator, reason: OverrideReason | None
    ) -> tuple[Finding, ...]:
        """Return what speaks against `person` having a token, as far as it is cheap to know.

        `reason` is one that was given for many people. Raises DirectoryError and SignInError.
        """
        facts = Facts(
            token=Token("", ""),
            person=person,
            methods=(),
            operator=operator,
            mode=Mode.ASSIGN_ONLY,
            policy=await self.policy(),
            passed={**passes_with(reason), **self.passed(person.id)},
        )
        return check_recipient(facts)

    async def refreshed(self, draft: Enrollment) -> Enrollment:
        """Return a draft that is being checked with its token and methods read again.

        Unchecked where they could not be read.
        """
        if draft.token is None or draft.person is None:
            raise ValueError("a fresh look needs a token and a person")
        self.held.forget()
        self.held.meet(draft.person)
        try:
            token, methods = await asyncio.gather(
                self._token(draft, draft.token),
                self._directory.methods(draft.person.id),
            )
        except (DirectoryError, SignInError) as error:
            return advance(draft, CheckFailed(at=self._clock.now(), error=error))
        now = self._clock.now()
        fresh = advance(draft, TokenPut(at=now, token=token))
        return advance(fresh, PersonPut(at=now, person=draft.person, methods=methods))

    async def _token(self, draft: Enrollment, token: Token) -> Token:
        """Read the token again, where the inventory can be asked for it.

        For what is taken back the person's side is enough: it alone knows a token of the older
        store (contract, section 8), and it is all that some operators may read.
        """
        if not token.device_id:
            return token
        try:
            return await self._directory.token(token.device_id)
        except (Forbidden, NotFound):
            if not draft.takes_back:
                raise
            return token

    async def policy(self) -> Policy | None:
        """Return the tenant's policy, or None where this operator may not read it."""
        if not self._may_read:
            return None
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > POLICY_AGE:
            self._policy = await self._read()
            self._read_at = now
        return self._policy

    def take_method(self, enrollment: Enrollment) -> None:
        """Remember how the person's side names a token; a list of theirs may hide its device."""
        token, person = enrollment.token, enrollment.person
        if token is not None and person is not None and token.device_id and enrollment.method_id:
            self._methods[token.device_id, person.id] = enrollment.method_id

    # Going on with a reason ---------------------------------------------------------------------

    def take_reason(self, enrollment: Enrollment, reason: OverrideReason) -> bool:
        """Take the reason that the check of `enrollment` asks for; tell whether it asks for it.

        It counts in what is checked from now on, until the shift ends: what concerns the whole
        tenant passes for everybody, anything else for this person.
        """
        asked, person = asked_for_reason(enrollment.findings), enrollment.person
        if enrollment.state is not State.BLOCKED or asked is None or person is None:
            return False
        if reason not in REASONS[asked.kind]:
            return False
        self._passed[asked.kind, "" if asked.kind in OF_THE_TENANT else person.id] = reason
        return True

    def passed(self, person_id: str) -> dict[FindingKind, OverrideReason]:
        """Return the reasons that count for this person."""
        return {kind: why for (kind, whom), why in self._passed.items() if whom in {"", person_id}}

    def end_shift(self) -> None:
        """Forget the reasons that were given: the next one who signs in is asked anew."""
        self._served = ""
        self._passed.clear()
        self._methods.clear()

    def serve(self, operator: Operator) -> None:
        """Read for `operator` from now on, and everything anew next time.

        The reasons of another operator do not count for this one.
        """
        if operator.id != self._served:
            self.end_shift()
        self._served = operator.id
        self._read_at = None
        known = standing(Feature.READ_POLICY, operator).verdict
        self._may_read = not operator.own or known is not Verdict.SCOPE_MISSING
        self.held.serve(operator)

    async def _read(self) -> Policy | None:
        try:
            return await self._directory.policy()
        except (Forbidden, NotFound):
            return None


def is_stale(enrollment: Enrollment) -> bool:
    """Tell whether what was checked before somebody had to sign in again has to be checked afresh.

    What was not sent for want of a sign-in is a draft like any other.
    """
    unsent = enrollment.state is State.NOT_DONE
    lacked_sign_in = isinstance(enrollment.error, SignInError | SignInExpired)
    return enrollment.state in _CHECKED or (unsent and lacked_sign_in)
