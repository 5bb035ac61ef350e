from __future__ import annotations

import asyncio

import pytest
import trustme

from app.core.errors import (
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotOffered,
    NotUnderstood,
    Rejected,
)
from app.core.model import HashFunction, InventoryGlance
from app.core.secret import Secret
from app.core.seed import SeedToken
from app.graph import tokens
from tests.graph.support import Reply, Request, answer, body_of, desk, recorded, refusal

INVENTORY = "/beta/directory/authenticationMethodDevices/hardwareOathDevices"


def find(authority: trustme.CA, serial: str, body: object) -> tuple[list[str], str]:
    """Return the serial numbers found and the request that was sent."""

    async def use() -> tuple[list[str], str]:
        async with desk(authority) as here:
            here.server.will(answer(200, body))
            found = await tokens.with_serial(here.client, serial)
            return [token.serial_number for token in found], here.server.asked[0].target

    return asyncio.run(use())


def test_a_token_is_found_by_its_exact_serial_number(authority: trustme.CA) -> None:
    found, target = find(authority, "EX-100003", body_of("devices-filter-serial"))
    assert found == ["EX-100003"]
    assert target == f"{INVENTORY}?$filter=serialNumber%20eq%20%27EX-100003%27"


def test_a_serial_number_that_nobody_has_is_no_token(authority: trustme.CA) -> None:
    assert find(authority, "EX-999999", body_of("devices-filter-serial-none"))[0] == []


def test_what_the_service_returns_beyond_its_filter_is_left_out(authority: trustme.CA) -> None:
    body = {"value": [*body_of("devices-list-page2")["value"], {"id": "1", "serialNumber": None}]}
    assert find(authority, "EX-100001", body)[0] == []


def test_a_duplicate_is_seen_whatever_the_case_of_its_letters(authority: trustme.CA) -> None:
    body = {"value": [{"id": n, "serialNumber": n} for n in ("ex-1", "EX-1", "EX-10")]}
    assert find(authority, "Ex-1", body)[0] == ["ex-1", "EX-1"]


def test_an_apostrophe_in_a_scan_does_no_harm(authority: trustme.CA) -> None:
    _, target = find(authority, "a' or '1", {"value": []})
    assert target.endswith("eq%20%27a%27%27%20or%20%27%271%27")


def test_a_wrapped_inventory_is_read(authority: trustme.CA) -> None:
    body = body_of("devices-list-documented-wrapped")
    assert find(authority, "EX-100001", body)[0] == ["EX-100001"]


def test_a_duplicate_on_the_second_page_is_found(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            item = {"id": "1", "serialNumber": "EX-1"}
            link = f"{here.server.url}{INVENTORY}?$skiptoken=2"
            here.server.will(
                answer(200, {"value": [item], "@odata.nextLink": link}),
                answer(200, {"value": [{**item, "id": "2"}]}),
            )
            found = await tokens.with_serial(here.client, "EX-1")
            assert [token.device_id for token in found] == ["1", "2"]

    asyncio.run(use())


def test_one_token_is_read_by_its_id(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(recorded("device-get"), recorded("error-404-user"))
            assert (await tokens.by_id(here.client, "d 1")).serial_number == "EX-100001"
            assert here.server.asked[0].target == f"{INVENTORY}/d%201"
            with pytest.raises(NotFound):
                await tokens.by_id(here.client, "d2")

    asyncio.run(use())


def asked_where(authority: trustme.CA, *replies: Reply) -> tuple[DirectoryError | None, list[str]]:
    """Look a serial number up; return what was raised and which requests were sent."""

    async def use() -> tuple[DirectoryError | None, list[str]]:
        async with desk(authority) as here:
            here.server.will(*replies)
            raised: DirectoryError | None = None
            try:
                await tokens.where_offered(here.client, tokens.with_serial(here.client, "EX-1"))
            except DirectoryError as error:
                raised = error
            return raised, [request.target for request in here.server.asked]

    return asyncio.run(use())


NO_SEGMENT = refusal(400, "BadRequest", "Resource not found for the segment 'x'.")
NOT_HERE = refusal(404, "UnknownError", "")


@pytest.mark.parametrize("missing", [NO_SEGMENT, NOT_HERE], ids=["400", "404"])
def test_a_cloud_without_an_inventory_is_told_by_a_bare_read_of_it(
    authority: trustme.CA, missing: Reply
) -> None:
    error, asked = asked_where(authority, missing, missing)
    assert isinstance(error, NotOffered)
    assert error.evidence.path == INVENTORY
    assert asked[1] == INVENTORY


def test_a_refused_search_in_a_cloud_with_an_inventory_stays_what_it_is(
    authority: trustme.CA,
) -> None:
    error, asked = asked_where(authority, NO_SEGMENT, recorded("devices-list-page2"))
    assert isinstance(error, Rejected)
    assert len(asked) == 2


def test_an_inventory_that_may_not_be_read_is_not_said_to_be_missing(
    authority: trustme.CA,
) -> None:
    error, _ = asked_where(authority, NOT_HERE, recorded("error-403-directory"))
    assert isinstance(error, NotFound)
    error, asked = asked_where(authority, recorded("error-403-directory"))
    assert isinstance(error, Forbidden)
    assert len(asked) == 1


def glanced(authority: trustme.CA, reply: Reply) -> tuple[InventoryGlance, list[str]]:
    async def use() -> tuple[InventoryGlance, list[str]]:
        async with desk(authority) as here:
            here.server.will(reply)
            found = await tokens.glance(here.client)
            return found, [request.target for request in here.server.asked]

    return asyncio.run(use())


def test_a_glance_at_the_inventory_is_one_request_however_long_it_is(
    authority: trustme.CA,
) -> None:
    found, asked = glanced(authority, recorded("devices-list-page1"))
    assert (found.count, found.more) == (len(body_of("devices-list-page1")["value"]), True)
    assert asked == [INVENTORY]
    assert glanced(authority, answer(200, {"value": []}))[0] == InventoryGlance(0)


@pytest.mark.parametrize("missing", [NO_SEGMENT, NOT_HERE], ids=["400", "404"])
def test_a_glance_where_there_is_no_inventory_says_so(
    authority: trustme.CA, missing: Reply
) -> None:
    with pytest.raises(NotOffered):
        glanced(authority, missing)
    with pytest.raises(Forbidden):
        glanced(authority, recorded("error-403-directory"))


# Page by page ------------------------------------------------------------------------------------


def test_pages_are_followed_by_the_link_as_it_came(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            link = f"{here.server.url}{INVENTORY}?$skiptoken=a%2Bb"
            here.server.will(
                answer(
                    200, {"value": [{"id": "1", "serialNumber": "EX-1"}], "@odata.nextLink": link}
                ),
                answer(200, {"value": [{"id": "2", "serialNumber": "EX-2"}]}),
            )
            first = await tokens.page(here.client, "")
            second = await tokens.page(here.client, first.following)
            assert [page.tokens[0].device_id for page in (first, second)] == ["1", "2"]
            assert (first.following, second.following) == (link, "")
            assert [asked.target for asked in here.server.asked] == [
                INVENTORY,
                f"{INVENTORY}?$skiptoken=a%2Bb",
            ]

    asyncio.run(use())


def test_a_link_to_another_host_is_not_followed(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            with pytest.raises(NotUnderstood):
                await tokens.page(here.client, "https://elsewhere.example/beta/x")
            assert here.server.asked == []

    asyncio.run(use())


@pytest.mark.parametrize("status", [400, 404])
def test_without_an_inventory_the_first_page_says_that_there_is_none(
    authority: trustme.CA, status: int
) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(refusal(status), refusal(status))
            with pytest.raises(NotOffered):
                await tokens.page(here.client, "")
            link = f"{here.server.url}{INVENTORY}?$skiptoken=old"
            with pytest.raises((NotFound, Rejected)):
                await tokens.page(here.client, link)

    asyncio.run(use())


def test_a_token_is_deleted_by_its_id_without_a_body(authority: trustme.CA) -> None:
    async def use() -> None:
        async with desk(authority) as here:
            here.server.will(answer(204, None))
            evidence = await tokens.delete(here.client, "d 1")
            assert evidence.status == 204
            (asked,) = here.server.asked
            assert (asked.method, asked.target) == ("DELETE", f"{INVENTORY}/d%201")

    asyncio.run(use())


SEED = Secret(b"12345678901234567890")
MADE = SeedToken(2, "EX-100003", "Example Tokens", "OTP-6 NFC", 60, HashFunction.SHA256, SEED)


def create(authority: trustme.CA, reply: Reply, holder: str = "") -> tuple[Request, Evidence]:
    """Return the request that brings a token, and the evidence of its answer."""

    async def use() -> tuple[Request, Evidence]:
        async with desk(authority) as here:
            here.server.will(reply)
            evidence = await tokens.create(here.client, MADE, holder)
            return here.server.asked[0], evidence

    return asyncio.run(use())


def test_a_token_comes_with_all_that_the_inventory_asks_for(authority: trustme.CA) -> None:
    asked, evidence = create(authority, answer(201, {"id": "77e1c9f2"}))
    assert (asked.method, asked.target) == ("POST", INVENTORY)
    assert asked.json == {
        "serialNumber": "EX-100003",
        "manufacturer": "Example Tokens",
        "model": "OTP-6 NFC",
        "secretKey": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "timeIntervalInSeconds": 60,
        "hashFunction": "hmacsha256",
    }
    assert evidence.status == 201


def test_a_token_can_come_as_somebodys(authority: trustme.CA) -> None:
    asked, _ = create(authority, recorded("device-create-assigned"), "person-1")
    assert asked.json["assignTo"] == {"id": "person-1"}


def test_a_refusal_is_told_without_the_seed(authority: trustme.CA) -> None:
    words = "Invalid secret GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ."
    with pytest.raises(Rejected) as caught:
        create(authority, refusal(400, "badRequest", words))
    assert caught.value.evidence.message == "Invalid secret ******."
