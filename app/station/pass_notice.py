"""What the station tells of a Temporary Access Pass that an operator issues."""

import enum
from dataclasses import dataclass, field

from app.core.access_pass import AccessPass, OrderFault, PassPolicy
from app.core.errors import OathdeskError
from app.core.model import Person
from app.core.rights import Standing
from app.core.secret import Secret


class PassStage(enum.Enum):
    """Where the issuing of a pass stands, as the operator sees it."""

    CLOSED = "closed"
    """Nobody issues a pass; whatever was shown is to be forgotten."""
    READING = "reading"
    """The policy and the person's pass are read."""
    ASKING = "asking"
    """The operator chooses, and agrees to the end of a pass that is still valid."""
    SENDING = "sending"
    SHOWN = "shown"
    """The directory accepted and told the value, which is not confirmed by reading yet."""
    CHECKING = "checking"
    """The value is not known, and the directory is asked whether a pass was issued."""
    CONFIRMED = "confirmed"
    """The pass was seen in the directory."""
    UNCERTAIN = "uncertain"
    """The pass may have been issued; the station looks again later."""
    FAILED = "failed"
    """No pass was issued, or nothing could be read; `error` says why."""


@dataclass(frozen=True, slots=True)
class PassNotice:
    """The issuing of a pass changed.

    `policy` is None where it may not be read. `existing` is a pass that is still valid, and that a
    new one would end. `issued` is the new one. `value` is there in SHOWN alone; whoever shows it
    overwrites it when it is hidden. `shown` tells whether the value was handed out before. `lack`
    is the scope or role that the operator does not have.
    """

    stage: PassStage = PassStage.CLOSED
    person: Person | None = None
    policy: PassPolicy | None = None
    existing: AccessPass | None = None
    fault: OrderFault | None = None
    issued: AccessPass | None = None
    value: Secret | None = field(default=None, repr=False)
    shown: bool = False
    error: OathdeskError | None = None
    lack: Standing | None = None
