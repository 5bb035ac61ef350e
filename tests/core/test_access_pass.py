from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.access_pass import (
    LONGEST_MINUTES,
    SHORTEST_MINUTES,
    AccessPass,
    OrderFault,
    PassOrder,
    PassPolicy,
    PassReason,
    can_sign_in,
    fault_of,
    is_offered,
    lifetimes,
    still_valid,
)
from app.core.model import Method, MethodKind, Operator, PolicyState, TokenStatus
from tests.fakes.nouns import a_person, a_token, an_operator, hardware_method

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OPEN = PassPolicy(PolicyState.ENABLED, 60, 480, 60, once=False)
PASSWORD = Method("pw", MethodKind.PASSWORD)


@pytest.mark.parametrize(
    ("order", "policy", "fault"),
    [
        (PassOrder(60, once=True), OPEN, None),
        (PassOrder(480, once=False), OPEN, None),
        (PassOrder(59), OPEN, OrderFault.TOO_SHORT),
        (PassOrder(481), OPEN, OrderFault.TOO_LONG),
        (PassOrder(), OPEN, None),
        (PassOrder(), replace(OPEN, state=PolicyState.DISABLED), OrderFault.POLICY_OFF),
        (PassOrder(60, once=False), replace(OPEN, once=True), OrderFault.REUSABLE),
        (PassOrder(60), replace(OPEN, once=True), None),
        (PassOrder(9), None, OrderFault.TOO_SHORT),
        (PassOrder(LONGEST_MINUTES), None, None),
        (PassOrder(LONGEST_MINUTES + 1), PassPolicy(longest=10**6), OrderFault.TOO_LONG),
    ],
)
def test_m7_an_order_is_held_against_the_policy(
    order: PassOrder, policy: PassPolicy | None, fault: OrderFault | None
) -> None:
    assert fault_of(order, policy) is fault


MINUTES = st.none() | st.integers(1, LONGEST_MINUTES)


@given(MINUTES, MINUTES, MINUTES)
def test_m7_every_lifetime_that_is_offered_is_within_the_policy(
    shortest: int | None, longest: int | None, usual: int | None
) -> None:
    policy = PassPolicy(PolicyState.ENABLED, shortest, longest, usual, once=False)
    offered = lifetimes(policy)
    assert offered
    assert list(offered) == sorted(set(offered))
    for minutes in offered:
        assert fault_of(PassOrder(minutes), policy) is None
        assert SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES


@pytest.mark.parametrize(
    ("held", "ends"),
    [
        (AccessPass("1", begins=NOW, minutes=60, reason=PassReason.ENABLED_BY_POLICY), True),
        (AccessPass("1", begins=NOW, minutes=60, reason=PassReason.NOT_YET_VALID), True),
        (AccessPass("1", begins=NOW, minutes=60, reason=PassReason.DISABLED_BY_POLICY), True),
        (AccessPass("1", begins=NOW, minutes=60, reason=PassReason.ONE_TIME_USED), False),
        (AccessPass("1", reason=PassReason.EXPIRED), False),
        (AccessPass("1", begins=NOW - timedelta(hours=2), minutes=60), False),
        (AccessPass("1"), True),
    ],
)
def test_m7_a_pass_that_has_not_ended_is_asked_about(held: AccessPass, *, ends: bool) -> None:
    assert (still_valid((held,), NOW) is held) is ends
    assert still_valid((), NOW) is None


def test_m7_what_lets_a_person_sign_in() -> None:
    token = replace(a_token("86590001"), status=TokenStatus.ASSIGNED)
    ways = {kind for kind in MethodKind if can_sign_in((PASSWORD, Method("m", kind)))}
    assert set(MethodKind) - ways == {
        MethodKind.PASSWORD,
        MethodKind.EMAIL,
        MethodKind.TEMPORARY_PASS,
    }
    assert not can_sign_in((PASSWORD, hardware_method(token)))
    assert can_sign_in((hardware_method(replace(token, status=TokenStatus.ACTIVATED)),))


def test_m7_for_whom_a_pass_is_offered() -> None:
    ada, dana = a_person("Ada", "1"), an_operator()
    assert is_offered(ada, (PASSWORD,), dana)
    assert is_offered(ada, (), dana)
    assert not is_offered(ada, (Method("m", MethodKind.PASSKEY),), dana)
    assert not is_offered(replace(ada, external=True), (), dana)
    assert not is_offered(replace(ada, enabled=False), (), dana)
    assert not is_offered(replace(ada, id=dana.id), (), dana)
    assert not is_offered(ada, (), replace(dana, own=True))
    assert not is_offered(ada, (), None)
    assert not is_offered(ada, (), Operator.of_application("app", dana.scopes))
    narrow = frozenset({"User.Read", "UserAuthMethod-HardwareOATH.ReadWrite.All"})
    assert not is_offered(ada, (), replace(dana, scopes=narrow))
