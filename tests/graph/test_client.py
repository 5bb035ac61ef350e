"""The request path against a server that misbehaves, over real sockets and real TLS."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
import trustme

from app import __version__
from app.core.errors import (
    AnswerLost,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    Rejected,
    SignInExpired,
    SignInRefused,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.graph.client import BETA, Call, GraphClient
from tests.graph.support import (
    NOON,
    Desk,
    Reply,
    StillClock,
    Tokens,
    answer,
    desk,
    page,
    raw,
    recorded,
    refusal,
    reset,
    silence,
)

READ = Call("/users/1", query={"$select": "id,displayName"})
WRITE = Call("/users/1/methods", BETA, "POST", body={"device": {"id": "d1"}})
CHALLENGED = "error-401-claims-challenge"
CLAIMS = {"access_token": {"nbf": {"essential": True, "value": "1795420800"}}}


def at_desk(
    authority: trustme.CA,
    use: Callable[[Desk], Awaitable[None]],
    *,
    trusted: bool = True,
    tokens: Tokens | None = None,
    read_seconds: float = 10.0,
) -> None:
    async def session() -> None:
        async with desk(
            authority, trusted=trusted, tokens=tokens, read_seconds=read_seconds
        ) as here:
            await use(here)

    asyncio.run(session())


def test_a_read_says_who_asks_and_what_for(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, {"id": "1"}))
        body, evidence = await here.client.read(replace(READ, eventual=True))
        (asked,) = here.server.asked
        assert body == {"id": "1"}
        assert asked.method == "GET"
        assert asked.target == "/v1.0/users/1?$select=id,displayName"
        assert asked.headers["authorization"] == "Bearer first-token"
        assert asked.headers["accept"] == "application/json"
        assert asked.headers["user-agent"] == f"Oathdesk/{__version__}"
        assert asked.headers["consistencylevel"] == "eventual"
        assert str(uuid.UUID(asked.headers["client-request-id"])) == evidence.client_request_id

    at_desk(authority, use)


def test_a_write_is_accepted_with_its_evidence(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded("user-hardwareoath-create"))
        evidence = await here.client.write(WRITE)
        (asked,) = here.server.asked
        assert (asked.method, asked.target) == ("POST", "/beta/users/1/methods")
        assert asked.headers["content-type"] == "application/json"
        assert asked.json == {"device": {"id": "d1"}}
        assert (evidence.method, evidence.path) == ("POST", "/beta/users/1/methods")
        assert evidence.status == 201
        assert evidence.request_id == "6c0de1f4-3f5b-4a8a-9a57-2b9d6a7c1e21"
        assert evidence.at == NOON

    at_desk(authority, use)


def test_each_call_has_an_id_of_its_own_that_its_repetitions_share(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(503), answer(200, {}), answer(200, {}))
        await here.client.read(READ)
        await here.client.read(READ)
        first, again, other = (each.headers["client-request-id"] for each in here.server.asked)
        assert first == again != other

    at_desk(authority, use)


def test_all_calls_share_one_warm_connection(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(*[answer(200, {})] * 3)
        for _ in range(3):
            await here.client.read(READ)
        assert here.server.connections == 1

    at_desk(authority, use)


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal(400, "invalidRequest", "The code is wrong."), Rejected),
        (refusal(403, "accessDenied", "Request Authorization failed"), Forbidden),
        (refusal(404, "Request_ResourceNotFound", "gone"), NotFound),
        (refusal(409), Rejected),
        (refusal(500), Unavailable),
        (page("Hotel Network"), NotUnderstood),
        (page("Blocked", 403), NotUnderstood),
        (answer(302, headers={"Location": "https://elsewhere.example/"}), NotUnderstood),
    ],
)
def test_a_refusal_is_told_as_what_it_is_and_not_repeated(
    authority: trustme.CA, reply: Reply, kind: type[Exception], *, write: bool
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(reply)
        with pytest.raises(kind):
            await (here.client.write(WRITE) if write else here.client.read(READ))
        assert len(here.server.asked) == 1

    at_desk(authority, use)


@pytest.mark.parametrize(
    "broken",
    [
        answer(200, content=b'{"value": ['),
        answer(200, content=b""),
        answer(200, content=b"garbage", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["cut JSON", "nothing", "no gzip"],
)
def test_a_read_needs_json(authority: trustme.CA, broken: Reply) -> None:
    async def use(here: Desk) -> None:
        here.server.will(broken)
        with pytest.raises(NotUnderstood):
            await here.client.read(READ)

    at_desk(authority, use)


def test_a_packed_answer_is_unpacked(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        packed = gzip.compress(b'{"id": "1"}')
        here.server.will(answer(200, content=packed, headers={"Content-Encoding": "gzip"}))
        assert (await here.client.read(READ))[0] == {"id": "1"}

    at_desk(authority, use)


@pytest.mark.parametrize(
    "accepted",
    [
        answer(201, content=b'{"id": '),
        answer(201, content=b'{"id": ', promised=500),
        answer(200, content=b"garbage", headers={"Content-Encoding": "gzip"}),
        answer(204),
    ],
    ids=["cut JSON", "cut body", "no gzip", "no content"],
)
def test_a_write_answered_2xx_was_accepted_whatever_its_body(
    authority: trustme.CA, accepted: Reply
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(accepted)
        assert (await here.client.write(WRITE)).status in {200, 201, 204}
        assert len(here.server.asked) == 1

    at_desk(authority, use)


def test_a_refusal_whose_body_is_lost_is_still_a_refusal(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(403, content=b'{"error"', promised=500))
        with pytest.raises(Forbidden):
            await here.client.write(WRITE)

    at_desk(authority, use)


@pytest.mark.parametrize(
    "cut",
    [reset(), raw(b"HTTP/1.1 2"), raw(b"SSH-2.0-OpenSSH\r\n\r\n"), answer(200, {}, promised=99)],
    ids=["reset", "cut status line", "another protocol", "cut body"],
)
def test_a_read_whose_answer_was_cut_is_asked_again(authority: trustme.CA, cut: Reply) -> None:
    async def use(here: Desk) -> None:
        here.server.will(cut, answer(200, {"id": "1"}))
        assert (await here.client.read(READ))[0] == {"id": "1"}

    at_desk(authority, use)


@pytest.mark.parametrize(
    "cut",
    [reset(), raw(b"HTTP/1.1 2"), raw(b"SSH-2.0-OpenSSH\r\n\r\n")],
    ids=["reset", "cut status line", "another protocol"],
)
def test_a_write_whose_answer_was_lost_is_never_sent_again(
    authority: trustme.CA, cut: Reply
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(cut)
        with pytest.raises(AnswerLost) as caught:
            await here.client.write(WRITE)
        assert len(here.server.asked) == 1
        assert caught.value.evidence.status is None
        assert caught.value.evidence.client_request_id
        assert caught.value.evidence.at == NOON

    at_desk(authority, use)


def test_a_write_that_is_not_answered_in_time_is_lost(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(silence())
        with pytest.raises(AnswerLost):
            await here.client.write(WRITE)
        assert len(here.server.asked) == 1

    at_desk(authority, use, read_seconds=0.1)


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(
    authority: trustme.CA, *, write: bool
) -> None:
    async def use(here: Desk) -> None:
        with pytest.raises(Unreachable) as caught:
            await (here.client.write(WRITE) if write else here.client.read(READ))
        assert "CERTIFICATE_VERIFY_FAILED" in caught.value.evidence.message
        assert here.server.asked == []

    at_desk(authority, use, trusted=False)


def test_a_closed_port_is_tried_three_times_for_a_read_and_once_for_a_write() -> None:
    async def use() -> None:
        clock = StillClock()
        async with httpx.AsyncClient() as http:
            client = GraphClient("https://127.0.0.1:9", Tokens(), http, clock)
            with pytest.raises(Unreachable):
                await client.write(WRITE)
            assert clock.slept == []
            with pytest.raises(Unreachable):
                await client.read(READ)
            assert len(clock.slept) == 2

    asyncio.run(use())


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    async def use() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            client = GraphClient("https://graph.invalid", Tokens(), http, StillClock())
            with pytest.raises(Unreachable):
                await client.write(WRITE)

    asyncio.run(use())


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_throttled_call_waits_as_long_as_it_is_told(
    authority: trustme.CA, status: int, *, write: bool
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(status, Retry_After="7"), answer(200, {}))
        await (here.client.write(WRITE) if write else here.client.read(READ))
        assert here.clock.slept == [7]

    at_desk(authority, use)


def test_retry_after_may_be_a_date(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        date = "Mon, 23 Nov 2026 12:00:04 GMT"
        here.server.will(refusal(429, Retry_After=date), answer(200, {}))
        await here.client.read(READ)
        assert here.clock.slept == [4]

    at_desk(authority, use)


def test_without_retry_after_waits_grow_and_then_end(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(*[refusal(429)] * 3)
        with pytest.raises(Throttled):
            await here.client.read(READ)
        assert here.clock.slept == [0.5, 1.0]

    at_desk(authority, use)


@pytest.mark.parametrize("lie", ["86400", "0", "soon"])
def test_a_lie_in_retry_after_neither_hangs_the_desk_nor_hammers_the_server(
    authority: trustme.CA, lie: str
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(*[refusal(429, Retry_After=lie)] * 3)
        with pytest.raises(Throttled):
            await here.client.read(READ)
        assert sum(here.clock.slept) <= 10
        assert all(wait > 0 for wait in here.clock.slept)

    at_desk(authority, use)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_write_that_failed_at_the_server_is_never_sent_again(
    authority: trustme.CA, status: int
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(page("Bad Gateway", status))
        with pytest.raises(Unavailable) as caught:
            await here.client.write(WRITE)
        assert caught.value.evidence.status == status
        assert len(here.server.asked) == 1

    at_desk(authority, use)


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_a_claims_challenge_is_answered_and_the_call_replayed_once(
    authority: trustme.CA, *, write: bool
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded(CHALLENGED), answer(200, {}))
        await (here.client.write(WRITE) if write else here.client.read(READ))
        assert here.tokens.claims[0] is None
        assert json.loads(here.tokens.claims[1] or "") == CLAIMS
        carried = [asked.headers["authorization"] for asked in here.server.asked]
        assert carried == ["Bearer first-token", "Bearer second-token"]
        assert len({asked.headers["client-request-id"] for asked in here.server.asked}) == 1

    at_desk(authority, use, tokens=Tokens(["first-token", "second-token"]))


def test_a_challenge_that_is_repeated_is_told(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded(CHALLENGED), recorded(CHALLENGED))
        with pytest.raises(SignInExpired) as caught:
            await here.client.read(READ)
        assert json.loads(caught.value.claims or "") == CLAIMS
        assert len(here.server.asked) == 2

    at_desk(authority, use)


def test_a_challenge_that_only_a_person_can_answer_asks_for_that_person(
    authority: trustme.CA,
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(recorded(CHALLENGED))
        with pytest.raises(SignInRefused):
            await here.client.read(READ)

    at_desk(authority, use, tokens=Tokens(refuses_after=1))


def test_a_token_that_ran_out_is_replaced_if_there_is_another(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(401, "InvalidAuthenticationToken"), answer(200, {}))
        await here.client.read(READ)
        assert here.tokens.claims == [None, ""]  # "" asks to renew in any case

    at_desk(authority, use, tokens=Tokens(["first-token", "second-token"]))


def test_the_same_token_is_not_tried_twice(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(refusal(401, "InvalidAuthenticationToken"))
        with pytest.raises(SignInExpired):
            await here.client.read(READ)
        assert len(here.server.asked) == 1

    at_desk(authority, use)


def test_all_pages_are_read(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        link = f"{here.server.url}/beta/things?$top=2&$skiptoken=a%2Bb=="
        here.server.will(
            answer(200, {"value": [{"id": "1"}], "@odata.nextLink": link}),
            answer(200, {"value": [{"id": "2"}], "@odata.nextLink": None}),
        )
        found, _ = await here.client.read_all(Call("/things", BETA, eventual=True))
        assert [item["id"] for item in found] == ["1", "2"]
        assert here.server.asked[1].target == "/beta/things?$top=2&$skiptoken=a%2Bb=="
        assert here.server.asked[1].headers["consistencylevel"] == "eventual"
        assert here.exchanges[1].path == "/beta/things"

    at_desk(authority, use)


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/beta/things",
        "https://127.0.0.1/beta/things",
        "http://127.0.0.1:{port}/beta/things",
        "https://user:word@127.0.0.1:{port}/beta/things",
        "https://127.0.0.1:{port}@elsewhere.example/",
        "//elsewhere.example/",
        "/beta/things",
        "https://[broken",
        "https://127.0.0.1:{port}/\ud800",
    ],
)
def test_a_next_page_on_another_host_never_gets_the_token(authority: trustme.CA, link: str) -> None:
    async def use(here: Desk) -> None:
        port = here.server.url.rpartition(":")[2]
        here.server.will(
            answer(200, {"value": [], "@odata.nextLink": link.format(port=port)}), answer(200, {})
        )
        with pytest.raises(NotUnderstood):
            await here.client.read_all(Call("/things"))
        assert len(here.server.asked) == 1

    at_desk(authority, use)


def test_pages_without_end_are_not_followed_without_end(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        link = f"{here.server.url}/v1.0/things?again"
        here.server.will(*[answer(200, {"value": [], "@odata.nextLink": link})] * 200)
        with pytest.raises(NotUnderstood):
            await here.client.read_all(Call("/things"))
        assert len(here.server.asked) == 100

    at_desk(authority, use)


def test_an_answer_without_end_is_not_read_without_end(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, content=b'"' + b"x" * 5_000 + b'"'))
        with pytest.raises(NotUnderstood):
            await here.client.read(replace(READ, largest=1_000))

    at_desk(authority, use)


def test_each_exchange_is_told_with_its_latency_and_the_servers_clock(
    authority: trustme.CA,
) -> None:
    async def use(here: Desk) -> None:
        date = {"Date": "Mon, 23 Nov 2026 12:01:00 GMT"}
        here.server.will(answer(200, {}, date), reset())
        await here.client.read(READ)
        with pytest.raises(AnswerLost):
            await here.client.write(WRITE)
        heard, lost = here.exchanges
        assert (heard.method, heard.path, heard.status) == ("GET", "/v1.0/users/1", 200)
        assert heard.latency_ms > 0
        assert heard.clock_offset == pytest.approx(60.5, abs=5)
        assert (lost.status, lost.clock_offset) == (None, None)

    at_desk(authority, use)


def test_the_log_names_the_exchange_and_nothing_secret_or_personal(
    authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    async def use(here: Desk) -> None:
        here.server.will(answer(200, {"displayName": "Mara"}), recorded("error-400-bad-code"))
        await here.client.read(Call("/users", query={"$filter": "startswith(mail,'mara')"}))
        body = {"verificationCode": "731904"}
        with pytest.raises(Rejected):
            await here.client.write(replace(WRITE, body=body))
        for error in here.exchanges:
            assert "731904" not in repr(error)

    caplog.set_level(logging.DEBUG)
    at_desk(authority, use)
    ours = [record.getMessage() for record in caplog.records if record.name == "oathdesk.graph"]
    assert "GET /v1.0/users -> 200" in ours[0]
    assert "request-id req-1" in ours[0]
    assert "POST /beta/users/1/methods -> 400" in ours[1]
    everything = caplog.text.lower()
    for hidden in ("mara", "731904", "first-token", "bearer", "startswith"):
        assert hidden not in everything


def test_a_call_shows_neither_its_query_nor_its_body() -> None:
    call = Call("/x", query={"$search": "mara"}, body={"verificationCode": "731904"})
    assert "mara" not in repr(call)
    assert "731904" not in repr(call)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "graph.microsoft.com", "", "https://"])
def test_a_directory_without_tls_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        GraphClient(url, Tokens(), httpx.AsyncClient(), StillClock())


def test_a_cancelled_call_leaves_the_client_usable(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(silence(), answer(200, {"id": "1"}))
        waiting = asyncio.create_task(here.client.read(replace(READ, paced=True)))
        while not here.server.asked:  # noqa: ASYNC110 - the server is not to know of its test
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await here.client.read(replace(READ, paced=True)))[0] == {"id": "1"}

    at_desk(authority, use)


def test_paced_calls_keep_to_five_in_ten_seconds(authority: trustme.CA) -> None:
    async def use(here: Desk) -> None:
        here.server.will(*[answer(204)] * 6)
        for _ in range(6):
            await here.client.write(replace(WRITE, paced=True))
        assert here.clock.slept == [10]

    at_desk(authority, use)


def test_evidence_of_what_was_never_answered_names_the_request() -> None:
    assert Evidence("GET", "/v1.0/users").rows() == (("Request", "GET /v1.0/users"),)
