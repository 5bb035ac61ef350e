"""What a look into the directory means for an enrollment: judgement, without a request."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.core.enrollment import Enrollment, State
from app.core.errors import Evidence, NotShown
from app.core.events import (
    Event,
    LookFailed,
    PatienceEnded,
    PersonPut,
    Seen,
    SeenActivated,
    SeenAssigned,
    SeenElsewhere,
    SeenGone,
    SeenListed,
    SeenUnassigned,
    StaysActivated,
    StaysAssigned,
    StaysElsewhere,
    StaysGone,
    StaysUnassigned,
)
from app.core.model import Holder, Method, MethodKind, Operation, Token, TokenStatus

HELD = frozenset({TokenStatus.ASSIGNED, TokenStatus.ACTIVATED})
"""Somebody holds the token; where nobody is named, it may well be this person."""


def on_person(enrollment: Enrollment, method: Method, token: Token | None, at: datetime) -> Seen:
    """Judge a token that the person's methods list.

    `token` is the inventory's view, where it was read: Graph may leave the device out of the list;
    then only the inventory knows whether it is activated.
    """
    known = method.token or token
    status = known.status if known is not None else TokenStatus.ASSIGNED
    kind = SeenActivated if status is TokenStatus.ACTIVATED else SeenAssigned
    return kind(
        at=at,
        method_id=method.id,
        token=_held(enrollment, status, known.device_id if known else method.id),
        methods=(*(m for m in enrollment.methods if m.id != method.id), method),
    )


def by_what_is_new(enrollment: Enrollment, methods: Iterable[Method], at: datetime) -> Event | None:
    """Judge a hand-over by serial number where the person's list hides the devices.

    A restricted read shows of each token its id and when it was created, and no serial number. Then
    a token that the person did not have before is the one that was handed over. An answer that
    accepted it accepted both halves; after a refusal only the assignment is left. After a lost
    answer nobody can say which of the two it is, nor which of several new ones it is: NotShown.

    Return None where nothing is hidden, or nothing is new.
    """
    hidden = [m for m in methods if m.kind is MethodKind.HARDWARE_TOKEN and not _tells_serial(m)]
    if enrollment.token is None or enrollment.token.device_id or not hidden:
        return None
    known = {method.id for method in enrollment.methods}
    new = [method for method in hidden if method.id not in known]
    # Only a check of this session has read what the person had before.
    checked = any(step.event == PersonPut.__name__ for step in enrollment.trail)
    if checked and not new:
        return None
    is_told = enrollment.evidence is not None or enrollment.state is State.AFTER_REFUSAL
    if not checked or len(new) > 1 or not is_told:
        asked = Evidence("GET", "hardwareOathMethods", 200, at=at)
        return LookFailed(at=at, error=NotShown(asked))
    accepted = enrollment.evidence is not None
    status = TokenStatus.ACTIVATED if accepted else TokenStatus.ASSIGNED
    kind = SeenActivated if accepted else SeenAssigned
    token = _held(enrollment, status, new[0].id)
    return kind(at=at, method_id=new[0].id, token=token, methods=(*enrollment.methods, new[0]))


def _tells_serial(method: Method) -> bool:
    return method.token is not None and bool(method.token.serial_number)


def _held(enrollment: Enrollment, status: TokenStatus, device_id: str) -> Token | None:
    """Return the enrollment's token as the person's own, in `status`.

    What a person has is never available: a stale view that says so is corrected. A token that was
    handed over by its serial number alone is known by its `device_id` from now on.
    """
    token, person = enrollment.token, enrollment.person
    if token is None or person is None:
        return token
    token = replace(token, device_id=token.device_id or device_id)
    status = TokenStatus.ASSIGNED if status is TokenStatus.AVAILABLE else status
    return replace(token, status=status, holder=Holder(person.id, person.display_name))


def in_inventory(enrollment: Enrollment, token: Token, at: datetime) -> Seen:
    """Judge a token that the person's methods do not list, by whom the inventory names.

    Decided by `assignedTo`, not by `status`: a documented sample shows a token with a holder as
    available.
    """
    person = enrollment.person
    if token.holder is None or person is None or token.holder.id != person.id:
        others = (*(m for m in enrollment.methods if not m.is_device(token.device_id)),)
        kind = SeenUnassigned if token.holder is None else SeenElsewhere
        return kind(at=at, token=token, methods=others)
    activated = token.status is TokenStatus.ACTIVATED
    return (SeenActivated if activated else SeenAssigned)(at=at, token=token)


def in_stock(enrollment: Enrollment, token: Token | None, at: datetime) -> Seen:
    """Judge a token that was to come into the inventory; None where it is not listed.

    After a refusal it matters only whether some token with that number is there.
    """
    if token is None:
        return SeenGone(at=at)
    refused = enrollment.state is State.AFTER_REFUSAL
    if refused or enrollment.operation is Operation.CREATE:
        return SeenListed(at=at, token=token)
    return in_inventory(enrollment, token, at)


def at_the_end(last: Event | None, enrollment: Enrollment, at: datetime) -> Event:
    """Return what to believe when patience has ended and `last` was the last look."""
    match last:
        case SeenActivated() | SeenAssigned():
            kind = StaysActivated if isinstance(last, SeenActivated) else StaysAssigned
            return kind(at=at, method_id=last.method_id or enrollment.method_id)
        case SeenUnassigned() if last.token is not None and last.token.status not in HELD:
            return StaysUnassigned(at=at, token=last.token)
        case SeenElsewhere():
            return StaysElsewhere(at=at, token=last.token)
        case SeenGone():
            return StaysGone(at=at)
        case LookFailed(error=error) if enrollment.error is None or isinstance(error, NotShown):
            # Otherwise an answer to the request itself says more than a look that failed.
            return PatienceEnded(at=at, error=error)
        case _:
            return PatienceEnded(at=at)
