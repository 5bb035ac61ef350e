"""The nouns: words of the directory that may grow, and methods told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.model import (
    COUNTS_TOWARDS_LIMIT,
    HashFunction,
    Method,
    MethodKind,
    PolicyState,
    Role,
    TokenStatus,
)
from tests.fakes.nouns import a_token, hardware_method


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("available", TokenStatus.AVAILABLE),
        ("assigned", TokenStatus.ASSIGNED),
        ("activated", TokenStatus.ACTIVATED),
        ("failedActivation", TokenStatus.FAILED_ACTIVATION),
        ("unknownFutureValue", TokenStatus.OTHER),
        ("Activated", TokenStatus.OTHER),
        ("", TokenStatus.OTHER),
        (None, TokenStatus.OTHER),
    ],
)
def test_a_status_is_known_or_other(text: str | None, status: TokenStatus) -> None:
    assert TokenStatus.of(text) is status


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("hmacsha1", HashFunction.SHA1),
        ("hmacsha256", HashFunction.SHA256),
        (None, HashFunction.SHA1),
        ("hmacsha512", HashFunction.OTHER),
    ],
)
def test_a_hash_function_is_sha1_unless_told(text: str | None, function: HashFunction) -> None:
    assert HashFunction.of(text) is function


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("enabled", PolicyState.ENABLED),
        ("disabled", PolicyState.DISABLED),
        ("paused", PolicyState.OTHER),
        (None, PolicyState.OTHER),
    ],
)
def test_a_policys_state_is_known_or_other(text: str | None, state: PolicyState) -> None:
    assert PolicyState.of(text) is state


def test_a_method_is_its_device_by_the_devices_id_where_told() -> None:
    method = hardware_method(a_token("1"))
    assert method.is_device("device-1")
    assert not method.is_device(method.id)


def test_a_method_whose_device_is_left_out_goes_by_its_own_id() -> None:
    bare = Method("device-1", MethodKind.HARDWARE_TOKEN)
    nameless = Method(
        "device-1", MethodKind.HARDWARE_TOKEN, token=replace(a_token("1"), device_id="")
    )
    assert bare.is_device("device-1")
    assert nameless.is_device("device-1")


@pytest.mark.parametrize("kind", [k for k in MethodKind if k is not MethodKind.HARDWARE_TOKEN])
def test_no_other_kind_of_method_is_a_device(kind: MethodKind) -> None:
    assert not Method("device-1", kind).is_device("device-1")


def test_three_kinds_count_towards_the_limit() -> None:
    assert {kind.value for kind in COUNTS_TOWARDS_LIMIT} == {
        "microsoftAuthenticator",
        "hardwareOath",
        "softwareOath",
    }


def test_no_two_roles_share_a_template() -> None:
    assert len({role.value for role in Role}) == len(Role) == 5
