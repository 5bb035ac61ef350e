"""What there is to know of a session: for the page that shows it, and for whoever diagnoses it."""

from dataclasses import dataclass
from datetime import datetime

from app.core.model import Operator, Role
from app.core.rights import Standing


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session at one moment. None means not known, everywhere.

    `clock_offset` is the directory's clock minus this machine's in seconds, `latency` the last
    exchange's in milliseconds, `rights_read_at` when roles and scopes were last read.
    """

    operator: Operator | None = None
    tenant: str = ""
    scopes: frozenset[str] = frozenset()
    roles: frozenset[Role] | None = None
    lacks: tuple[Standing, ...] = ()
    expires_at: datetime | None = None
    clock_offset: float | None = None
    latency: float | None = None
    rights_read_at: datetime | None = None
