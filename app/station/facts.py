"""Gathers what the preflight judges: the policy, read seldom, and fresh views of the rest."""

import asyncio
from datetime import datetime, timedelta

from app.core.enrollment import Enrollment
from app.core.errors import Forbidden, NotFound
from app.core.model import Method, Operator, Policy, Token
from app.core.ports import Clock, Directory
from app.core.preflight import Facts

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
