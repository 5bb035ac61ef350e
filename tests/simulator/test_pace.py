"""Replication lag, throttling and batches: what makes a real directory slow."""

from typing import Any

import pytest

from app.simulator.lagged import LaggedTable
from app.simulator.options import Throttle
from app.simulator.stock import DEMO_SERIAL
from tests.contract import validate
from tests.support.simulated import Simulated, start_simulator


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_reader_sees_a_write_after_the_lag_and_the_writer_at_once() -> None:
    clock = Clock()
    table: LaggedTable[str] = LaggedTable([("a", "old")], clock, lambda: 5.0)
    table.put("a", "new")
    assert (table.current("a"), table.seen("a")) == ("new", "old")
    clock.now += 6
    assert table.seen("a") == "new"


def test_a_reader_sees_every_state_in_turn() -> None:
    clock = Clock()
    table: LaggedTable[str] = LaggedTable([], clock, lambda: 5.0)
    for value in ("one", "two"):
        table.put("a", value)
        clock.now += 3
    assert table.seen("a") == "one"
    assert table.all_seen() == ["one"]
    clock.now += 3
    assert table.all_seen() == ["two"]


def test_a_removed_value_lingers_for_the_lag() -> None:
    clock = Clock()
    table: LaggedTable[str] = LaggedTable([("a", "old")], clock, lambda: 5.0)
    table.put("a", None)
    assert table.all_seen() == ["old"]
    assert list(table.all_current()) == []
    clock.now += 6
    assert table.all_seen() == []


def test_graph_reads_lag_behind_and_writes_do_not(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)["id"]
    tenant.control("POST", "/lag", {"seconds": 60})
    path = tenant.methods_path(person.id)
    assert tenant.post(path, {"device": {"id": device}}).status_code == 201
    assert tenant.get(path).json()["value"] == []
    assert tenant.device(DEMO_SERIAL)["status"] == "available"
    code = {"verificationCode": tenant.press(DEMO_SERIAL)}
    assert tenant.post(f"{path}/{device}/activate", code).status_code == 204
    assert tenant.token_state(DEMO_SERIAL)["status"] == "activated"
    tenant.control("POST", "/lag", {"seconds": 0})
    assert tenant.device(DEMO_SERIAL)["status"] == "activated"


def test_the_throttle_answers_429_with_seconds_to_wait(tenant: Simulated) -> None:
    path = tenant.methods_path(tenant.ready.people[0].id)
    tenant.access_token()
    tenant.control("POST", "/throttle", {"count": 2, "seconds": 30})
    statuses = [tenant.get(path).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = tenant.get(path)
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert tenant.get("/v1.0/users?$top=1").status_code == 200
    tenant.control("POST", "/throttle", {"count": None})
    assert tenant.get(path).status_code == 200


def test_lag_and_throttle_can_be_set_at_the_start() -> None:
    options = {"people": 30, "tokens": 12, "lag": 60.0, "throttle": Throttle(1, 60)}
    with start_simulator(**options) as tenant:
        person = tenant.ready.people[0].id
        token = tenant.access_token()
        assert tenant.get(tenant.methods_path(person), token=token).status_code == 200
        assert tenant.get(tenant.methods_path(person), token=token).status_code == 429


@pytest.mark.parametrize("text", ["", "5", "0/10", "5/0", "a/b", "-1/5", "5/"])
def test_a_throttle_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Throttle.parse(text)


def batch(tenant: Simulated, requests: list[dict[str, Any]]) -> dict[str, Any]:
    answer = tenant.post("/beta/$batch", {"requests": requests})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    validate.check_batch(requests, found)
    return {part["id"]: part for part in found["responses"]}


def test_a_batch_answers_each_part_by_itself(tenant: Simulated) -> None:
    upn = tenant.ready.people[0].userPrincipalName
    parts = batch(
        tenant,
        [
            {"id": "1", "method": "GET", "url": "/me?$select=id"},
            {"id": "2", "method": "GET", "url": f"users/{upn}/photo/$value"},
            {"id": "3", "method": "GET", "url": "/users/nobody"},
        ],
    )
    assert [parts[key]["status"] for key in "123"] == [200, 200, 404]
    assert isinstance(parts["2"]["body"], str)


def test_a_batch_step_fails_with_what_it_depends_on(tenant: Simulated) -> None:
    person, device = tenant.ready.people[0], tenant.device(DEMO_SERIAL)["id"]
    path = f"/users/{person.id}/authentication/hardwareOathMethods"
    headers = {"Content-Type": "application/json"}
    good = {"device": {"id": device}}
    parts = batch(
        tenant,
        [
            {"id": "1", "method": "POST", "url": path, "headers": headers, "body": good},
            {"id": "2", "method": "POST", "url": path, "headers": headers, "body": good},
            {"id": "3", "method": "GET", "url": path, "dependsOn": ["2"]},
            {"id": "4", "method": "GET", "url": path, "dependsOn": ["1"]},
        ],
    )
    assert [parts[key]["status"] for key in "1234"] == [201, 400, 424, 200]


def test_a_throttled_part_carries_its_own_wait(tenant: Simulated) -> None:
    path = f"/users/{tenant.ready.people[0].id}/authentication/hardwareOathMethods"
    tenant.access_token()
    tenant.control("POST", "/throttle", {"count": 1, "seconds": 30})
    requests = [{"id": str(n), "method": "GET", "url": path} for n in range(2)]
    parts = batch(tenant, requests)
    assert parts["0"]["status"] == 200
    assert parts["1"]["status"] == 429
    assert int(parts["1"]["headers"]["Retry-After"]) >= 1


ME = {"id": "1", "method": "GET", "url": "/me"}


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [ME] * 2,
        [{**ME, "id": str(n)} for n in range(21)],
        [{"id": "1", "method": "GET"}],
        [{**ME, "method": "TRACE"}],
        [{**ME, "url": "https://elsewhere.example/me"}],
        [{**ME, "dependsOn": ["2"]}],
        [{**ME, "method": "POST", "body": {}}],
        "x",
    ],
)
def test_a_malformed_batch_is_refused(tenant: Simulated, requests: Any) -> None:
    assert tenant.post("/beta/$batch", {"requests": requests}).status_code == 400
