"""Enrollments as an upload begins them."""

import uuid

from app.core.enrollment import Enrollment, State
from app.core.model import Mode, Operation, Person, Token


def draft(
    state: State, operation: Operation, token: Token, person: Person | None, job: str
) -> Enrollment:
    """Return the enrollment of a row of the upload `job`, not sent yet."""
    mode = Mode.ASSIGN_AND_ACTIVATE if operation is Operation.ACTIVATE else Mode.ASSIGN_ONLY
    return Enrollment(
        fresh_id(), mode, state, token=token, person=person, operation=operation, job=job
    )


def activation(token: Token, person: Person | None, job: str) -> Enrollment:
    """Return the enrollment that activates what was assigned."""
    return draft(State.AWAITING_CODE, Operation.ACTIVATE, token, person, job)


def fresh_id() -> str:
    """Return an id that nothing had before."""
    return uuid.uuid4().hex
