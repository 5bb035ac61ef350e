from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Evidence, NotUnderstood
from app.core.model import (
    HashFunction,
    HeldRole,
    Holder,
    MethodKind,
    Migration,
    PolicyState,
    Role,
    TokenStatus,
)
from app.graph import wire
from tests.graph.support import body_of

EVIDENCE = Evidence(method="GET", path="/beta/x", status=200)
MARA = "5b0f1c2a-7d34-4e0b-9a61-3c8f2d915a01"
BADGE_TOKEN = "0f6a2f5e-93b1-4d57-a7c2-51e08d7b6a11"


def entity(name: str) -> wire.Json:
    return wire.entity(body_of(name), EVIDENCE)


def items(name: str) -> list[wire.Json]:
    return list(wire.items(body_of(name), EVIDENCE))


def test_a_token_of_the_inventory_is_read() -> None:
    token = wire.token(entity("device-get"), EVIDENCE)
    assert (token.device_id, token.serial_number) == (BADGE_TOKEN, "EX-100001")
    assert (token.manufacturer, token.model) == ("Example Tokens", "OTP-6 NFC")
    assert (token.interval, token.hash_function) == (30, HashFunction.SHA1)
    assert token.status is TokenStatus.FAILED_ACTIVATION
    assert token.holder == Holder(MARA, "Mara Lindqvist")
    assert token.display_name == ""
    assert token.last_used is None


def test_a_sixty_second_sha256_token_that_nobody_holds_is_read() -> None:
    (item,) = items("devices-filter-serial")
    token = wire.token(item, EVIDENCE)
    assert (token.interval, token.hash_function) == (60, HashFunction.SHA256)
    assert (token.status, token.holder) == (TokenStatus.AVAILABLE, None)


def test_a_device_wrapped_in_a_method_is_unwrapped() -> None:
    (item,) = items("devices-list-documented-wrapped")
    assert wire.token(item, EVIDENCE).serial_number == "EX-100001"


def test_who_holds_a_token_is_told_even_where_its_status_lags() -> None:
    token = wire.token(entity("device-create-assigned-status-available"), EVIDENCE)
    assert token.status is TokenStatus.AVAILABLE
    assert token.holder == Holder("c1a9e7d4-20f6-4b7e-8f35-64d0b7a1e902", "Jonas Oduya")


@pytest.mark.parametrize("name", ["user-hardwareoath-get", "user-hardwareoath-get-wrapped"])
def test_a_method_is_read_bare_or_wrapped(name: str) -> None:
    method = wire.hardware_method(entity(name), EVIDENCE)
    assert method.is_device(BADGE_TOKEN)
    assert method.token is not None
    assert method.token.status is TokenStatus.ACTIVATED
    assert method.created == datetime(2026, 11, 20, 8, 15, 30, tzinfo=UTC)
    assert method.label == "Mara badge token"


def test_a_method_just_created_has_no_device_and_is_still_known_by_its_id() -> None:
    method = wire.hardware_method(entity("user-hardwareoath-create"), EVIDENCE)
    assert method.token is None
    assert method.is_device(BADGE_TOKEN)


def test_every_kind_of_method_is_told_apart() -> None:
    methods = wire.every(items("user-methods-list"), EVIDENCE, wire.method)
    assert [(method.kind, method.label) for method in methods] == [
        (MethodKind.PASSWORD, ""),
        (MethodKind.PHONE, "+1 XXXXXXXX55"),
        (MethodKind.AUTHENTICATOR, "Pixel 9"),
        (MethodKind.PASSKEY, "Blue key"),
        (MethodKind.HARDWARE_TOKEN, ""),
    ]


@pytest.mark.parametrize("kind", list(MethodKind))
def test_each_derived_type_of_graph_has_its_kind(kind: MethodKind) -> None:
    odata_type = f"#microsoft.graph.{kind.value}AuthenticationMethod"
    assert wire.method({"id": "1", "@odata.type": odata_type}, EVIDENCE).kind is kind


def test_a_kind_that_graph_invents_tomorrow_is_other() -> None:
    item = {"id": "1", "@odata.type": "#microsoft.graph.retinaAuthenticationMethod"}
    assert wire.method(item, EVIDENCE).kind is MethodKind.OTHER


def test_people_are_read_with_what_was_granted() -> None:
    mara, per = wire.every(items("users-search"), EVIDENCE, wire.person)
    assert (mara.id, mara.display_name, mara.employee_id) == (MARA, "Mara Lindqvist", "10442")
    assert (mara.enabled, mara.guest, mara.job_title) == (True, False, "")
    assert (per.enabled, per.employee_id) == (False, "")


def test_what_the_operator_may_not_read_is_unknown_and_not_false() -> None:
    person = wire.person({"id": "1", "accountEnabled": None}, EVIDENCE)
    assert (person.enabled, person.guest) == (None, None)


def test_a_guest_is_known() -> None:
    assert wire.person({"id": "1", "userType": "Guest"}, EVIDENCE).guest is True


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("policy-hardwareoath-get", PolicyState.ENABLED),
        ("policy-hardwareoath-get-wrapped", PolicyState.DISABLED),
    ],
)
def test_the_policy_is_read_bare_or_wrapped(name: str, state: PolicyState) -> None:
    policy = wire.policy(entity(name))
    assert (policy.state, policy.everyone) == (state, True)
    assert policy.included_groups == frozenset()


def test_targets_of_a_policy_are_users_or_else_groups() -> None:
    policy = wire.policy(
        {
            "state": "paused",
            "includeTargets": [
                {"targetType": "user", "id": "u1"},
                {"targetType": "group", "id": "g1"},
                {"targetType": "device", "id": "d1"},
                {"targetType": "user", "id": None},
                "nonsense",
            ],
            "excludeTargets": [{"targetType": "user", "id": "u2"}],
        }
    )
    assert policy.state is PolicyState.OTHER
    assert not policy.everyone
    assert policy.included_users == {"u1"}
    assert policy.included_groups == {"g1", "d1"}
    assert policy.excluded_users == {"u2"}


def test_roles_are_known_by_their_template() -> None:
    expected = {Role.AUTHENTICATION_POLICY_ADMINISTRATOR, Role.AUTHENTICATION_ADMINISTRATOR}
    assert wire.roles(items("me-directoryroles")) == frozenset(expected)


def test_roles_without_their_names_are_not_known() -> None:
    assert wire.roles(items("me-directoryroles-limited")) is None


def test_held_roles_keep_what_no_desk_knows_and_are_unknown_without_their_template() -> None:
    one = {"id": "1", "roleTemplateId": "made-up", "displayName": "Lamplighter"}
    assert wire.held_roles([one]) == (HeldRole("made-up", "Lamplighter"),)
    assert wire.held_roles([]) == ()
    assert wire.held_roles(items("me-directoryroles-limited")) is None


def test_no_roles_is_a_fact() -> None:
    assert wire.roles([]) == frozenset()


def test_the_operator_has_bare_scopes_whatever_resource_they_came_with() -> None:
    scopes = frozenset({"https://graph.microsoft.com/User.Read", "openid"})
    operator = wire.operator(entity("me"), EVIDENCE, None, scopes)
    assert operator.display_name == "Desk Operator 4"
    assert operator.scopes == {"User.Read", "openid"}


def test_the_next_page_is_named_as_it_came() -> None:
    link = wire.next_link(body_of("devices-list-page1"))
    assert link is not None
    assert link.endswith("$skiptoken=example-opaque-1")
    assert wire.next_link(body_of("devices-list-page2")) is None


@pytest.mark.parametrize(
    ("value", "interval"),
    [(60, 60), ("60", 60), (None, 30), (True, 30), (0, 30), (-1, 30), (10**30, 30), ("x", 30)],
)
def test_a_time_step_that_cannot_be_is_the_usual_one(value: object, interval: int) -> None:
    assert wire.token({"id": "1", "timeIntervalInSeconds": value}, EVIDENCE).interval == interval


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T08:15:30Z", datetime(2026, 11, 20, 8, 15, 30, tzinfo=UTC)),
        ("2026-11-20T08:15:30.1234567Z", datetime(2026, 11, 20, 8, 15, 30, 123456, tzinfo=UTC)),
        ("2026-11-20T08:15:30", datetime(2026, 11, 20, 8, 15, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (17, None),
    ],
)
def test_moments_are_read_or_unknown(text: object, moment: datetime | None) -> None:
    assert wire.token({"id": "1", "lastUsedDateTime": text}, EVIDENCE).last_used == moment


@pytest.mark.parametrize("missing", [None, "", ".", "..", 7, "a\ud800b", "x" * 300])
@pytest.mark.parametrize("read", [wire.token, wire.person, wire.method, wire.hardware_method])
def test_what_has_no_usable_id_is_not_understood(
    missing: object, read: Callable[[wire.Json, Evidence], object]
) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read({"id": missing, "serialNumber": "1"}, EVIDENCE)
    assert caught.value.evidence.path == "/beta/x"


def test_half_a_surrogate_pair_does_not_get_in() -> None:
    assert wire.person({"id": "1", "displayName": "a\ud800"}, EVIDENCE).display_name == "a?"


MEMBERS = """
    value id device serialNumber displayName status hashFunction assignedTo userType mail state
    timeIntervalInSeconds lastUsedDateTime createdDateTime @odata.type @odata.nextLink targetType
    includeTargets excludeTargets roleTemplateId accountEnabled
"""
NAMES = st.sampled_from(MEMBERS.split())
TEXT = st.text(st.characters()) | st.sampled_from(
    ["user", "group", "activated", "hmacsha1", "#microsoft.graph.hardwareOathAuthenticationMethod"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=25,
)


READERS = (wire.token, wire.person, wire.method, wire.hardware_method)


def _entity(body: object) -> object:
    found = wire.entity(body, EVIDENCE)
    return [one(found, EVIDENCE) for one in READERS]


def _collection(body: object) -> object:
    found = wire.items(body, EVIDENCE)
    return [wire.every(found, EVIDENCE, one) for one in READERS]


def _policy(body: object) -> object:
    return wire.policy(wire.entity(body, EVIDENCE))


def _roles(body: object) -> object:
    return wire.roles(wire.items(body, EVIDENCE))


@pytest.mark.parametrize("read", [_entity, _collection, _policy, _roles, wire.next_link])
@given(JSON)
def test_arbitrary_json_is_read_or_not_understood_and_nothing_else(
    read: Callable[[object], object], body: object
) -> None:
    with contextlib.suppress(NotUnderstood):
        str(read(body)).encode(errors="surrogatepass")


@given(st.dictionaries(NAMES, JSON).map(lambda item: {"value": [{**item, "id": "1"}]}))
def test_an_item_with_an_id_is_always_read(body: object) -> None:
    for one in (wire.person, wire.method, wire.hardware_method):
        assert len(wire.every(wire.items(body, EVIDENCE), EVIDENCE, one)) == 1


@pytest.mark.parametrize(
    "targets",
    [
        None,
        "all_users",
        [None, 7, [], "all_users"],
        [{"targetType": "unknownFutureValue", "id": "x"}],
        [{"targetType": None, "id": None, "news": {"deep": [{}]}}],
        [{"targetType": {"a": 1}, "id": ["x"]}],
    ],
)
@pytest.mark.parametrize("state", ["enabled", "unknownFutureValue", None, 5, {}])
def test_m12_a_policy_with_unknown_members_is_read_and_excludes_nobody(
    targets: object, state: object
) -> None:
    item = {"state": state, "includeTargets": targets, "excludeTargets": targets, "new": [{}]}
    read = wire.policy(item, {"policyMigrationState": {"odd": True}, "newer": 1})
    assert read.excluded_users == read.included_users == frozenset()
    assert read.migration is Migration.OTHER
