"""Gathers what the preflight judges: the policy, read seldom, and fresh views of the rest."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from app.core.enrollment import Enrollment, State
from app.core.errors import Forbidden, NotFound, SignInError, SignInExpired
from app.core.events import Event, Passed, Stopped
from app.core.model import Method, Operator, Policy, Token
from app.core.ports import Clock, Directory
from app.core.preflight import Facts, check, operation_for, stands_in_the_way

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
        )

    async def judge(
        self, enrollment: Enrollment, operator: Operator, count: int, *, underway: bool
    ) -> Event:
        """Check a complete draft: Passed, or Stopped. Raises DirectoryError and SignInError.

        `count` is how many tokens have the serial number; `underway` tells that another enrollment
        of this desk is handing over the token.
        """
        facts = replace(await self.facts(enrollment, operator, count), underway=underway)
        findings, now = check(facts), self._clock.now()
        if stands_in_the_way(findings):
            return Stopped(at=now, findings=findings)
        operation, method_id = operation_for(facts)
        return Passed(at=now, findings=findings, operation=operation, method_id=method_id)

    async def fresh(self, enrollment: Enrollment) -> tuple[Token, tuple[Method, ...]]:
        """Read the token and the person's methods again."""
        if enrollment.token is None or enrollment.person is None:
            raise ValueError("a fresh look needs a token and a person")
        return await asyncio.gather(
            self._directory.token(enrollment.token.device_id),
            self._directory.methods(enrollment.person.id),
        )

    async def policy(self) -> Policy | None:
        """Return the tenant's policy, or None where this operator may not read it."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > POLICY_AGE:
            self._policy = await self._read()
            self._read_at = now
        return self._policy

    def forget(self) -> None:
        """Read the policy anew next time."""
        self._read_at = None

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
