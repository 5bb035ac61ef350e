"""What there is to know of a session: for the page that shows it, and for whoever diagnoses it."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.cloud import Cloud
from app.core.model import Operator, Role
from app.core.rights import Standing
from app.core.signin import SecretStore, SignInMethod
from app.station.notices import Notice


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session at one moment. None means not known, everywhere.

    `at` is that moment, `since` when the operator signed in and `by` how; None where the system had
    kept the sign-in. `store` tells where it is kept. `lock_after` and `sign_out_after` are seconds,
    0 for never. `clock_offset` is the directory's clock minus this machine's in seconds, `latency`
    the last exchange's in milliseconds, `rights_read_at` when roles and scopes were last read.
    """

    at: datetime | None = None
    operator: Operator | None = None
    tenant: str = ""
    cloud: Cloud = Cloud.GLOBAL
    desk: str = ""
    since: datetime | None = None
    by: SignInMethod | None = None
    store: SecretStore = field(default_factory=SecretStore)
    lock_after: float = 0.0
    sign_out_after: float = 0.0
    scopes: frozenset[str] = frozenset()
    roles: frozenset[Role] | None = None
    lacks: tuple[Standing, ...] = ()
    expires_at: datetime | None = None
    clock_offset: float | None = None
    latency: float | None = None
    rights_read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionFactsNotice(Notice):
    """What there is to know of the session, as it was asked for."""

    facts: SessionFacts
