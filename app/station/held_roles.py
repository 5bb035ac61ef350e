"""Which directory roles the people at the desk hold: an extra that nothing ever waits long for.

Who serves an administrator needs a role that reaches them, and should know before anything is
sent. The roles are read beside everything else as soon as somebody is on the card, and only where
the operator's sign-in has a scope that names roles.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.errors import DirectoryError, SignInError
from app.core.model import HeldRole, Operator, Person, Protection
from app.core.ports import Clock, Directory
from app.core.rights import Feature, Verdict, standing
from app.station.tasks import Tasks

HELD_AGE = timedelta(minutes=5)
"""How long roles that were read are good for."""

LONGEST_WAIT = 2.0
"""Seconds that a check waits for roles that are still being read; then it claims nothing."""

_KEPT = 50


@dataclass(slots=True)
class _Reading:
    """The roles of one person, once they are `done`; None where they could not be read."""

    begun: datetime
    roles: tuple[HeldRole, ...] | None = None
    protections: tuple[Protection, ...] = ()
    done: asyncio.Event = field(default_factory=asyncio.Event)


class HeldRoles:
    """Reads the roles of people and remembers them for a while."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Begin for nobody."""
        self._directory = directory
        self._clock = clock
        self._operator: Operator | None = None
        self._readings: OrderedDict[str, _Reading] = OrderedDict()
        self._tasks = Tasks()

    def serve(self, operator: Operator) -> None:
        """Read for `operator` from now on; what another one was told is forgotten."""
        self._operator = operator
        self.forget()

    def forget(self) -> None:
        """Read everything anew next time."""
        self._readings.clear()

    def meet(self, person: Person) -> None:
        """Begin to read the roles of `person`, unless they are known."""
        known = self._readings.get(person.id)
        is_young = known is not None and self._clock.now() - known.begun <= HELD_AGE
        if is_young or self._operator is None or not _may_read(self._operator):
            return
        reading = self._readings[person.id] = _Reading(self._clock.now())
        while len(self._readings) > _KEPT:
            self._readings.popitem(last=False)
        self._tasks.start(person.id, self._read(person.id, reading))

    async def of(self, person: Person, operator: Operator) -> tuple[HeldRole, ...] | None:
        """Return the roles of `person`, or None where nobody can say in time."""
        reading = await self._known(person, operator)
        return None if reading is None else reading.roles

    async def protections_of(self, person: Person, operator: Operator) -> tuple[Protection, ...]:
        """Return what else keeps administrators from `person`, as far as is known in time."""
        reading = await self._known(person, operator)
        return () if reading is None else reading.protections

    async def _known(self, person: Person, operator: Operator) -> _Reading | None:
        if not _may_read(operator):
            return None
        self.meet(person)
        reading = self._readings.get(person.id)
        if reading is None:
            return None
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await reading.done.wait()
        except TimeoutError:
            return None
        return reading

    async def close(self) -> None:
        """Stop reading, and forget."""
        await self._tasks.stop_all()
        self._operator = None
        self.forget()

    async def _read(self, person_id: str, reading: _Reading) -> None:
        operator = self._operator
        try:
            if operator is not None and _may(Feature.READ_GROUPS, operator):
                reading.protections = await self._directory.protections_of(person_id)
            if operator is not None and _may(Feature.READ_ROLES, operator):
                reading.roles = await self._directory.roles_of(person_id)
        except (DirectoryError, SignInError):
            reading.roles = None
        finally:
            reading.done.set()


def _may_read(operator: Operator) -> bool:
    return _may(Feature.READ_ROLES, operator) or _may(Feature.READ_GROUPS, operator)


def _may(feature: Feature, operator: Operator) -> bool:
    return standing(feature, operator).verdict is not Verdict.SCOPE_MISSING
