"""What the operator may do, kept up to date in the middle of a shift.

A role activated for an hour expires, another one is activated, a consent is withdrawn: nobody signs
out for that. So scopes and roles are read again when the directory has forbidden something, when
the operator asks, and when a check rests on what is older than some minutes. What changed is told
and counts from then on. A role that cannot be read stays a doubt.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.enrollment import State
from app.core.errors import DirectoryError, Forbidden, OathdeskError, SignInError, SignInRefused
from app.core.model import Operator
from app.core.record import Line
from app.core.rights import ROLE_NAMES
from app.station.context import StationContext
from app.station.notices import DeskNotice, Notice
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_RENEW, _LOOK = "renew", "look"

Renewed = Callable[[Operator], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RightsNotice(Notice):
    """What the operator may do has changed: names of scopes and roles, as Entra writes them.

    `error` is why the sign-in could not be renewed when that was tried.
    """

    operator: Operator
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    error: OathdeskError | None = None


class Rights:
    """Reads the operator again, whenever there is a reason to."""

    def __init__(self, context: StationContext, renewed: Renewed) -> None:
        """Await `renewed` with the operator in their new rights."""
        self._context = context
        self._ports = context.ports
        self._age = timedelta(seconds=context.settings.rights_age)
        self._renewed = renewed
        self._notify = context.tell
        self._tasks = Tasks()
        self._forbidden: tuple[Forbidden, ...] = ()
        self._listed: frozenset[tuple[str, int]] = frozenset()
        self._front = ""
        self.read_at: datetime | None = None

    def signed_in(self) -> None:
        """Take note that the operator, with scopes and roles, was read right now."""
        self.read_at = self._ports.clock.now()

    def desk_changed(self, desk: DeskNotice) -> None:
        """Renew where the directory forbids what the desk shows, or a check rests on old facts."""
        self._front = desk.enrollment.id
        self._refused(desk.enrollment.error, desk.token_card.error, desk.person_card.error)
        if desk.enrollment.state is State.CHECKING and self._is_old():
            self._tasks.once_more(_LOOK, self._look)

    def search_failed(self, error: OathdeskError) -> None:
        """Renew where the directory has forbidden a search for people."""
        if isinstance(error, Forbidden):
            self._refused(error, *self._forbidden)

    def list_changed(self, lines: tuple[Line, ...]) -> None:
        """Renew where an enrollment was refused that is no longer in front; each attempt once."""
        listed = frozenset(
            (line.enrollment_id, line.attempts)
            for line in lines
            if line.error == Forbidden.__name__
        )
        fresh = {enrollment_id for enrollment_id, _ in listed - self._listed}
        self._listed = listed
        if fresh - {self._front} and self._context.operator is not None:
            self._begin_renewing()

    async def renew(self) -> None:
        """Read scopes and roles again, with a sign-in token made for it."""
        self._tasks.once_more(_RENEW, self._renew)

    async def settled(self) -> None:
        """Wait until nothing is read any more."""
        await self._tasks.wait(_RENEW)

    async def close(self) -> None:
        """Stop reading, and forget."""
        await self._tasks.stop_all()
        self._forbidden = ()
        self.read_at = None

    def _refused(self, *errors: OathdeskError | None) -> None:
        """Renew where a refusal is told that was not told before."""
        told = tuple(error for error in errors if isinstance(error, Forbidden))
        if any(error not in self._forbidden for error in told):
            self._begin_renewing()
        self._forbidden = told

    def _begin_renewing(self) -> None:
        """Renew, unless this is closed: the desk closes later, and may tell of a refusal."""
        if self.read_at is not None:
            self._tasks.once_more(_RENEW, self._renew)

    def _is_old(self) -> bool:
        now = self._ports.clock.now()
        return self.read_at is not None and now - self.read_at > self._age

    async def _renew(self) -> None:
        """Get a fresh sign-in token first: what was granted is told with it alone."""
        before = self._context.operator
        if before is None:
            return
        try:
            await self._ports.sign_in.access_token("")
        except SignInRefused as error:
            self._notify(RightsNotice(before, error=error))
            return
        except (DirectoryError, SignInError):
            return
        await self._take(before, await self._read())

    async def _look(self) -> None:
        """Read again what is old; a change is taken in with a fresh token, as on request."""
        before, after = self._context.operator, await self._read()
        if before is not None and after is not None and _differ(before, after):
            await self._renew()

    async def _read(self) -> Operator | None:
        try:
            operator = await self._ports.directory.operator()
        except (DirectoryError, SignInError):
            return None
        self.read_at = self._ports.clock.now()
        return operator

    async def _take(self, before: Operator, after: Operator | None) -> None:
        """Let `after` count, unless somebody else has the desk by now."""
        if after is None or self._context.operator is not before or after.id != before.id:
            return
        if not _differ(before, after):
            return
        _LOG.info("the rights of %s have changed", after.id)
        gained, lost = _changes(before, after)
        if gained or lost:
            self._notify(RightsNotice(after, gained, lost))
        await self._renewed(after)


def _differ(before: Operator, after: Operator) -> bool:
    return (before.roles, before.scopes) != (after.roles, after.scopes)


def _changes(before: Operator, after: Operator) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what came and what went, by name; from or to the unknown nothing is claimed."""
    had, has = _names(before, after), _names(after, before)
    return tuple(sorted(has - had)), tuple(sorted(had - has))


def _names(operator: Operator, other: Operator) -> frozenset[str]:
    scopes = operator.scopes if other.scopes else frozenset[str]()
    roles = operator.roles if operator.roles is not None and other.roles is not None else ()
    return scopes | {ROLE_NAMES[role] for role in roles}
