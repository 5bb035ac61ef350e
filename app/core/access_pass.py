"""Temporary Access Passes: what the directory tells of one, what its policy admits, who gets one.

A pass is a passcode with which a person signs in for some minutes to hours, so that they can
register a first method of their own. The directory tells its value once, in the answer that
creates it. A person has one pass at most: a new one ends the one before, valid or not.

Sources: the resources temporaryAccessPassAuthenticationMethod and temporaryAccessPass-
AuthenticationMethodConfiguration of the Graph v1.0 reference, and MicrosoftDocs/entra-docs,
howto-authentication-temporary-access-pass.md.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.core.errors import Evidence
from app.core.model import Method, MethodKind, Operator, Person, PolicyState, TokenStatus
from app.core.rights import Feature, standing
from app.core.secret import Secret

SHORTEST_MINUTES: Final = 10
LONGEST_MINUTES: Final = 43_200
"""Minutes that Microsoft Graph admits for any pass of any tenant; the longest is 30 days."""


class PassReason(enum.Enum):
    """methodUsabilityReason: why a pass can be used now, or why not."""

    ENABLED_BY_POLICY = "EnabledByPolicy"
    DISABLED_BY_POLICY = "DisabledByPolicy"
    EXPIRED = "Expired"
    NOT_YET_VALID = "NotYetValid"
    ONE_TIME_USED = "OneTimeUsed"
    OTHER = "other"

    @classmethod
    def of(cls, text: str) -> "PassReason":
        """Return the member spelled `text`, in any case, or OTHER."""
        wanted = text.casefold()
        return next((each for each in cls if each.value.casefold() == wanted), cls.OTHER)


_ENDED: Final = frozenset({PassReason.EXPIRED, PassReason.ONE_TIME_USED})


@dataclass(frozen=True, slots=True)
class AccessPass:
    """A pass as the directory lists it, without its value. None where it does not tell.

    `minutes` is the lifetime from `begins` on; `once` tells whether it can be used only once.
    """

    id: str
    created: datetime | None = None
    begins: datetime | None = None
    minutes: int | None = None
    once: bool | None = None
    usable: bool | None = None
    reason: PassReason = PassReason.OTHER

    @property
    def ends(self) -> datetime | None:
        """Return when it expires, where its beginning and lifetime are known."""
        if self.begins is None or self.minutes is None:
            return None
        return self.begins + timedelta(minutes=self.minutes)

    def has_ended(self, now: datetime) -> bool:
        """Tell whether it can never be used (again): a new pass takes nothing from the person."""
        return self.reason in _ENDED or (self.ends is not None and self.ends <= now)


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """The answer to the creation of a pass: the exchange and, where its body was whole, the rest.

    `value` is the passcode, which is told here alone.
    """

    evidence: Evidence
    access_pass: AccessPass | None = None
    value: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PassPolicy:
    """The tenant's policy for passes, lifetimes in minutes; None where it does not tell."""

    state: PolicyState = PolicyState.OTHER
    shortest: int | None = None
    longest: int | None = None
    usual: int | None = None
    once: bool | None = None
    """Whether every pass of the tenant can be used only once."""

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the shortest and the longest lifetime in minutes; Graph's own where not told."""
        shortest = max(self.shortest or SHORTEST_MINUTES, SHORTEST_MINUTES)
        longest = min(self.longest or LONGEST_MINUTES, LONGEST_MINUTES)
        return shortest, max(shortest, longest)


@dataclass(frozen=True, slots=True)
class PassOrder:
    """What the operator asks for. None leaves the choice to the tenant's policy."""

    minutes: int | None = None
    once: bool | None = None


class OrderFault(enum.Enum):
    """What the policy does not admit."""

    POLICY_OFF = "policy_off"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    REUSABLE = "reusable"
    """The policy restricts every pass to one-time use."""


def fault_of(order: PassOrder, policy: PassPolicy | None) -> OrderFault | None:
    """Return why the policy refuses `order`, or None. A policy that could not be read is None."""
    policy = policy or PassPolicy()
    if policy.state is PolicyState.DISABLED:
        return OrderFault.POLICY_OFF
    shortest, longest = policy.bounds
    if order.minutes is not None and order.minutes < shortest:
        return OrderFault.TOO_SHORT
    if order.minutes is not None and order.minutes > longest:
        return OrderFault.TOO_LONG
    return OrderFault.REUSABLE if policy.once and order.once is False else None


_STEPS: Final = (10, 15, 30, 60, 120, 240, 480, 1_440, 4_320, 10_080, LONGEST_MINUTES)


def lifetimes(policy: PassPolicy) -> tuple[int, ...]:
    """Return lifetimes in minutes to choose from, within the policy, its own default among them."""
    shortest, longest = policy.bounds
    offered = {shortest, longest, *(each for each in _STEPS if shortest <= each <= longest)}
    if policy.usual is not None and shortest <= policy.usual <= longest:
        offered.add(policy.usual)
    return tuple(sorted(offered))


def still_valid(passes: Iterable[AccessPass], now: datetime) -> AccessPass | None:
    """Return the pass that a new one would end, or None.

    One that is not valid yet, or that the policy does not admit now, counts: it may be later.
    """
    return next((each for each in passes if not each.has_ended(now)), None)


# For whom ---------------------------------------------------------------------------------------

_NO_WAY_IN: Final = frozenset({MethodKind.PASSWORD, MethodKind.EMAIL, MethodKind.TEMPORARY_PASS})
"""Kinds that do not satisfy multifactor authentication by themselves or with each other.

An email address serves self-service password reset alone (Graph, emailAuthenticationMethod); of a
pass it is asked separately whether it is valid.
"""


def can_sign_in(methods: Iterable[Method]) -> bool:
    """Tell whether one of a person's methods is a second factor, or replaces the password.

    A hardware token is one once it is activated; where its device is not shown it counts.
    """
    return any(_is_way_in(method) for method in methods)


def _is_way_in(method: Method) -> bool:
    if method.kind is MethodKind.HARDWARE_TOKEN:
        return method.token is None or method.token.status in {
            TokenStatus.ACTIVATED,
            TokenStatus.OTHER,
        }
    return method.kind not in _NO_WAY_IN


def may_issue(operator: Operator | None) -> bool:
    """Tell whether `operator` is a person who serves others, and so may issue passes at all."""
    return operator is not None and not (operator.own or operator.application)


def is_offered(person: Person, methods: Iterable[Method], operator: Operator | None) -> bool:
    """Tell whether a pass is offered to `operator` for `person`, whose methods were all read.

    It is not where the general list of methods may not be read, since then nobody knows whether
    the person has one. Nor is it for the operator themselves, an account from another organization
    or one that is disabled: Entra issues a pass to nobody of the first two, and the third could
    not sign in with it. A station that signs in by itself issues none: whoever stands there could
    let themselves in as anybody, and nobody would answer for it.
    """
    if not may_issue(operator) or operator is None or operator.id == person.id:
        return False
    if person.external or person.enabled is False or can_sign_in(methods):
        return False
    return not standing(Feature.SEE_METHODS, operator).is_lack
