"""The way to the directory, broken in every way that reliability.md lists, over real sockets.

What holds in every row: the operator is told a typed error or the true final state, the record and
the directory agree, a write is acted upon once at most, and work goes on when the cause is gone.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    NotUnderstood,
    ProxyRefused,
    SignInUnreachable,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import Mode, TokenStatus
from app.graph.transport import TimeLimits
from app.network.tls import make_ssl_context
from app.station.notices import CardState, SessionState
from tests.faults.scene import Scene, fast, port_of
from tests.support.headless import Headless, Manner
from tests.support.proxy import (
    Cut,
    Front,
    Reply,
    Side,
    Tunnel,
    black_hole,
    free_port,
)
from tests.support.simulated import SAM

pytestmark = pytest.mark.anyio

WRITE = {"method": "POST", "path": "hardwareOathMethods"}
READ_TOKENS = {"method": "GET", "path": "hardwareOathDevices"}
HASTE = TimeLimits(connect=0.4, read=0.4, write=0.4, pool=0.4)


async def submit_again(desk: Headless) -> State:
    """What an operator does when the cause is gone: check afresh, and submit."""
    await desk.station.work.try_again()
    await desk.reach(State.READY)
    return (await desk.submit()).state


# No connection ----------------------------------------------------------------------------------


async def test_a_refused_connection_sends_nothing_and_says_so(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.relay.refuse()
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Unreachable)
        assert scene.writes() == []

        scene.relay.pass_on()
        assert await submit_again(desk) is State.ASSIGNED

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("connection refused", "nothing sent; sends when asked again", State.ASSIGNED)


async def test_a_lookup_without_a_connection_fails_and_works_when_it_is_back(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.relay.refuse()
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.FAILED)
        assert isinstance(desk.token_card.error, Unreachable)

        scene.relay.pass_on()
        await desk.scan(scene.serial)
        await desk.reach(State.HAS_TOKEN)

    scene.row("connection refused at a scan", "the card says so; scan again", "token found")


async def test_a_name_that_does_not_resolve_is_unreachable(scene: Scene) -> None:
    async with scene.desk(scene.beyond("https://directory.invalid")) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        assert isinstance(session.error, Unreachable)

    async with scene.filled() as desk:
        assert (await desk.submit()).state is State.ASSIGNED
    scene.row("DNS fails", "sign-in ends unreachable; next time it works", State.ASSIGNED)


async def test_a_sign_in_service_whose_name_does_not_resolve_is_unreachable(scene: Scene) -> None:
    nowhere = replace(scene.where, authority="https://login.invalid/tenant")
    async with scene.desk(nowhere) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        assert isinstance(session.error, SignInUnreachable)

    scene.row("DNS fails for sign-in", "sign-in ends unreachable", "no request")


async def test_an_address_that_never_answers_is_passed_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = port_of(scene.relay.url)
    with two_addresses(monkeypatch), black_hole(port):
        async with scene.filled() as desk:
            assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("IPv6 is a black hole", "the other address is tried meanwhile", State.ASSIGNED)


@contextmanager
def two_addresses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that knows `localhost` by two addresses, the newer protocol's first."""
    found = socket.getaddrinfo

    def resolver(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        answers = found(host, port, *rest, **options)
        if host not in ("localhost", b"localhost"):
            return answers
        kind, protocol = answers[0][1:3]
        return [(socket.AF_INET6, kind, protocol, "", ("::1", port, 0, 0)), *answers]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", resolver)
        yield


# Work for later ---------------------------------------------------------------------------------


async def stage(scene: Scene, desk: Headless) -> None:
    """Assign without a network: the serial and the badge are all there is."""
    await desk.desk.start_afresh()
    await desk.scan(scene.serial)
    await desk.scan(f"EMP{scene.person.employeeId}")
    await desk.until(desk.stageable)
    await desk.desk.submit()
    await desk.until(lambda: any(line.serial_number == scene.serial for line in desk.lines))


async def test_work_staged_without_a_network_is_submitted_when_it_is_back(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.relay.refuse()
        await stage(scene, desk)
        assert [line.state for line in desk.lines] == [State.STAGED]
        assert scene.writes() == []

        scene.relay.pass_on()
        await desk.until(lambda: desk.lines[0].state is State.ASSIGNED)

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("assigned without a network", "stages it; sends when back", State.ASSIGNED)


async def test_staged_work_survives_a_restart(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.relay.refuse()
        await stage(scene, desk)
    scene.relay.pass_on()
    assert scene.writes() == []

    async with scene.open_desk() as desk:
        await desk.until(lambda: [line.state for line in desk.lines] == [State.ASSIGNED])

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("staged, then restarted", "sends it after the sign-in", State.ASSIGNED)


async def test_staged_work_is_checked_afresh_before_it_is_sent(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.relay.refuse()
        await stage(scene, desk)
        scene.tenant.fault("assign_elsewhere", serial=scene.serial, person=SAM)
        scene.relay.pass_on()
        await desk.until(lambda: desk.lines[0].state is State.BLOCKED)

    assert scene.truth["holder_upn"] == SAM
    assert scene.writes() == []
    scene.row("staged, meanwhile given away", "checks afresh, sends nothing", State.BLOCKED)


async def test_staged_work_that_was_taken_back_is_never_sent(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.relay.refuse()
        await stage(scene, desk)
        await desk.desk.staging.withdraw(desk.lines[0].enrollment_id)
        await desk.until(lambda: desk.lines[0].state is State.WITHDRAWN)
        scene.relay.pass_on()
        await desk.until(lambda: desk.station.connection.up)
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.FOUND)

    async with scene.open_desk() as desk:
        await desk.settled()
        assert [line.state for line in desk.lines] == [State.WITHDRAWN]

    assert scene.writes() == []
    scene.row("staged, then taken back", "never sends it", State.WITHDRAWN)


# A connection that breaks -----------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 200])
async def test_a_reset_before_the_request_arrived_is_settled_by_reading(
    scene: Scene, after: int
) -> None:
    async with scene.filled() as desk:
        cut = scene.relay.cut(Cut(Side.REQUEST, after))
        enrollment = await desk.submit()
        assert cut.done.is_set()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, AnswerLost)
        assert scene.truth["status"] == "available"

        assert await submit_again(desk) is State.ASSIGNED

    assert len(scene.writes()) == 1
    scene.row(f"reset after {after} bytes of a write", "reads; was not done; again", State.ASSIGNED)


@pytest.mark.parametrize("after", [0, 1, 300])
async def test_an_answer_lost_after_the_directory_acted_is_settled_by_reading(
    scene: Scene, after: int
) -> None:
    async with scene.filled() as desk:
        cut = scene.relay.cut(Cut(Side.ANSWER, after))
        enrollment = await desk.submit()
        assert cut.done.is_set()
        assert State.RESOLVING in desk.states()
        assert enrollment.state is State.ASSIGNED

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row(f"answer lost after {after} bytes", "reads; it was done", State.ASSIGNED)


async def test_a_connection_closed_in_the_middle_of_an_answer_is_settled_by_reading(
    scene: Scene,
) -> None:
    async with scene.filled() as desk:
        scene.relay.cut(Cut(Side.ANSWER, 100, resets=False))
        assert (await desk.submit()).state is State.ASSIGNED

    assert len(scene.writes()) == 1
    scene.row("answer truncated, then closed", "reads; it was done", State.ASSIGNED)


async def test_a_lost_answer_to_an_activation_is_settled_by_reading(scene: Scene) -> None:
    async with scene.filled(manner=scene.in_mode(Mode.ASSIGN_AND_ACTIVATE)) as desk:
        scene.relay.cut(Cut(Side.ANSWER))
        enrollment = await desk.submit(scene.code())
        assert State.RESOLVING in desk.states()
        assert enrollment.state is State.ACTIVATED

    assert scene.holds("activated")
    assert len(scene.writes()) == 1
    scene.row("answer lost, with a code", "reads; it was done", State.ACTIVATED)


async def test_an_answer_slower_than_the_time_limit_is_settled_by_reading(scene: Scene) -> None:
    manner = fast(0, 10, 20, 40, limits=HASTE)
    async with scene.filled(manner=manner) as desk:
        scene.tenant.fault("slow_answer", match=WRITE, seconds=0.6)
        assert (await desk.submit()).state is State.ASSIGNED
        assert State.RESOLVING in desk.states()

    assert len(await scene.writes_when_over()) == 1
    scene.row("answer slower than the limit", "reads; it was done", State.ASSIGNED)


async def test_a_directory_that_acts_after_the_time_limit_is_waited_for(scene: Scene) -> None:
    manner = fast(0, 10, 20, 40, limits=HASTE)
    async with scene.filled(manner=manner) as desk:
        scene.tenant.fault("slow", match=WRITE, seconds=0.6)
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    assert len(await scene.writes_when_over()) == 1
    scene.row("acted upon after the limit", "keeps reading until it shows", State.ASSIGNED)


async def test_a_network_that_swallows_everything_leaves_it_open_until_it_is_back(
    scene: Scene,
) -> None:
    async with scene.filled(manner=fast(0, 1, 2, limits=HASTE)) as desk:
        scene.relay.cut(Cut(Side.ANSWER, before=lambda: None))
        scene.tenant.fault("slow_answer", match=WRITE, seconds=0.2)
        await desk.desk.submit()
        await desk.reach(State.RESOLVING)
        scene.relay.refuse()
        enrollment = await desk.rest()
        assert enrollment.state is State.UNSETTLED
        assert isinstance(enrollment.error, AnswerLost)

        scene.relay.pass_on()
        await settle(desk)
        assert desk.state is State.ASSIGNED

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("network gone right after a write", "says open; asks when back", State.ASSIGNED)


async def settle(desk: Headless) -> None:
    """Let the station settle what is open: by itself when the network is back, or when asked."""
    await desk.station.work.try_again()
    await desk.until(lambda: desk.state is not State.UNSETTLED)
    await desk.rest()


async def test_bytes_that_arrive_late_are_waited_for(scene: Scene) -> None:
    async with scene.filled(manner=fast(0, 20, 40, 60, limits=HASTE)) as desk:
        scene.relay.hold()
        await desk.desk.submit()
        await desk.reach(State.RESOLVING)
        scene.relay.pass_on()
        enrollment = await desk.rest()

    assert (enrollment.state is State.ASSIGNED) == scene.holds("assigned")
    assert len(scene.writes()) <= 1
    scene.row("request delivered late", "keeps reading until it shows", enrollment.state)


# A service in trouble ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "arguments", "waits"),
    [
        ("without Retry-After", {}, 0.25),
        ("Retry-After in seconds", {"retry_after": 3}, 3),
        ("Retry-After as a date", {"retry_after": 4, "as_date": True}, 3),
    ],
)
async def test_a_throttled_write_is_repeated_when_the_directory_says(
    scene: Scene, how: str, arguments: dict[str, Any], waits: float
) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("too_many_requests", match=WRITE, **arguments)
        assert (await desk.submit()).state is State.ASSIGNED
        slept = getattr(desk.manner.clock, "slept", [])
        assert max(slept) >= waits

    assert [w["status"] for w in scene.writes()] == [429, 201]
    assert len({w["client_request_id"] for w in scene.writes()}) == 1
    scene.row(f"429 {how}", "waits, sends once more", State.ASSIGNED)


async def test_a_directory_that_stays_throttled_is_told_and_nothing_was_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("too_many_requests", match=WRITE, times=9, retry_after=60)
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Throttled)
        assert enrollment.error.retry_after == 60

        scene.tenant.control("DELETE", "/faults")
        assert await submit_again(desk) is State.ASSIGNED

    scene.row("429 for a minute", "says how long; sends when asked again", State.ASSIGNED)


async def test_a_write_refused_with_503_is_repeated(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("service_unavailable", match=WRITE, retry_after=2)
        assert (await desk.submit()).state is State.ASSIGNED

    assert [w["status"] for w in scene.writes()] == [503, 201]
    scene.row("503 with Retry-After", "waits, sends once more", State.ASSIGNED)


@pytest.mark.parametrize(("kind", "status"), [("bad_gateway", 502), ("gateway_timeout", 504)])
async def test_a_write_that_a_gateway_failed_is_not_repeated_but_settled_by_reading(
    scene: Scene, kind: str, status: int
) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault(kind, match=WRITE)
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Unavailable)
        assert len(scene.writes()) == 1
        assert await submit_again(desk) is State.ASSIGNED

    scene.row(f"{status} instead of acting", "reads; was not done; again", State.ASSIGNED)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_gateway_that_failed_after_the_directory_acted_is_settled_by_reading(
    scene: Scene, status: int
) -> None:
    with front(scene) as before:
        before.edit = lambda asked, reply: (
            Reply(status, {"Content-Type": "text/plain"}, b"") if asked.method == "POST" else reply
        )
        async with scene.filled(scene.beyond(before.url), trusting(scene, before)) as desk:
            assert (await desk.submit()).state is State.ASSIGNED
            assert State.RESOLVING in desk.states()

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row(f"{status} after acting", "reads; it was done", State.ASSIGNED)


@pytest.mark.parametrize(
    "kind", ["bad_gateway", "service_unavailable", "gateway_timeout", "reset", "lost_answer"]
)
async def test_a_read_that_failed_once_is_repeated_unseen(scene: Scene, kind: str) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault(kind, match=READ_TOKENS)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row(f"a read fails once ({kind})", "reads again by itself", State.ASSIGNED)


# Answers that are none --------------------------------------------------------------------------


async def test_a_page_instead_of_json_fails_the_card_and_not_the_station(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault("html", match=READ_TOKENS, times=9)
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.FAILED)
        assert isinstance(desk.token_card.error, NotUnderstood)

        scene.tenant.control("DELETE", "/faults")
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("HTML instead of JSON", "the card says so; scan again", State.ASSIGNED)


async def test_a_page_instead_of_an_answer_to_a_write_is_settled_by_reading(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("html", match=WRITE)
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, NotUnderstood)
        assert scene.truth["status"] == "available"
        assert await submit_again(desk) is State.ASSIGNED

    scene.row("HTML instead of acting", "reads; was not done; again", State.ASSIGNED)


async def test_a_captive_portal_before_everything_says_so_until_it_is_gone(scene: Scene) -> None:
    with front(scene) as portal:
        page = Reply(200, {"Content-Type": "text/html"}, b"<title>Guest network</title>Welcome")
        portal.edit = lambda _asked, _reply: page
        behind = replace(scene.beyond(portal.url), authority=f"{portal.url}/tenant")
        async with scene.desk(behind, trusting(scene, portal)) as desk:
            session = await desk.sign_in()
            assert session.state is SessionState.FAILED
            assert isinstance(session.error, SignInUnreachable)
        async with scene.desk(scene.beyond(portal.url), trusting(scene, portal)) as desk:
            session = await desk.sign_in()
            assert isinstance(session.error, NotUnderstood)

            portal.edit = lambda _asked, reply: reply
            await desk.sign_in()
            await scene.fill(desk)
            assert (await desk.submit()).state is State.ASSIGNED

    scene.row("captive portal over trusted TLS", "sign-in fails; then works", State.ASSIGNED)


async def test_json_cut_in_the_middle_is_told_for_a_read(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault("truncated_json", match=READ_TOKENS)
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.FAILED)
        assert isinstance(desk.token_card.error, NotUnderstood)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    scene.row("truncated JSON at a scan", "the card says so; scan again", State.ASSIGNED)


async def test_json_cut_in_the_middle_does_not_undo_an_accepted_write(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("truncated_json", match=WRITE)
        assert (await desk.submit()).state is State.ASSIGNED

    assert len(scene.writes()) == 1
    scene.row("truncated JSON after a write", "reads; it was done", State.ASSIGNED)


async def test_an_unknown_status_is_no_error(scene: Scene) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault("unknown_member", match=READ_TOKENS)
        await scene.fill(desk)
        assert desk.enrollment.token is not None
        assert desk.enrollment.token.status is TokenStatus.OTHER
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("unknown enum member", "cautions, goes on", State.ASSIGNED)


@pytest.mark.parametrize("missing", ["status", "assignedTo", "model", "displayName"])
async def test_a_missing_field_is_no_error(scene: Scene, missing: str) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault("missing_field", times=9, match=READ_TOKENS, field=missing)
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row(f"field missing: {missing}", "goes on without it", State.ASSIGNED)


@pytest.mark.parametrize(("kind", "tail"), [("wrapped_entity", "/"), ("wrapped_items", "$")])
async def test_a_wrapped_answer_is_unwrapped(scene: Scene, kind: str, tail: str) -> None:
    async with scene.open_desk() as desk:
        scene.tenant.fault(kind, times=9, match={"path": f"hardwareOathDevices{tail}"})
        await scene.fill(desk)
        scene.tenant.fault("lost_answer", match=WRITE)
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row(f"answer is {kind.replace('_', ', ')}", "unwraps it", State.ASSIGNED)


# TLS and proxies --------------------------------------------------------------------------------


async def test_a_certificate_that_does_not_verify_gets_nothing(scene: Scene) -> None:
    with front(scene) as stranger:
        async with scene.desk(scene.beyond(stranger.url)) as desk:
            session = await desk.sign_in()
            assert session.state is SessionState.FAILED
            assert isinstance(session.error, Unreachable)
        foreign = replace(scene.where, authority=f"{stranger.url}/tenant")
        async with scene.desk(foreign) as desk:
            session = await desk.sign_in()
            assert isinstance(session.error, SignInUnreachable)

    async with scene.filled() as desk:
        assert (await desk.submit()).state is State.ASSIGNED
    scene.row("certificate does not verify", "sends nothing, sign-in fails", State.ASSIGNED)


async def test_a_certificate_for_another_name_gets_nothing(scene: Scene) -> None:
    with front(scene, "directory.test") as stranger:
        async with scene.desk(scene.beyond(stranger.url), trusting(scene, stranger)) as desk:
            session = await desk.sign_in()
            assert isinstance(session.error, Unreachable)

    assert [r for r in scene.requests() if r["path"].startswith("/v1.0/me")] == []
    scene.row("certificate for another name", "sends nothing, sign-in fails", "no request")


async def test_a_proxy_that_asks_for_a_password_is_unreachable_until_it_gets_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with front(scene, "directory.test") as behind, Tunnel(behind.port, "desk", "9c2f") as proxy:
        where = scene.beyond("https://directory.test")
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with scene.desk(where, trusting(scene, behind)) as desk:
            session = await desk.sign_in()
            assert isinstance(session.error, ProxyRefused)
            assert "407" in session.error.evidence.message
        assert proxy.refused > 0
        assert proxy.opened == []

        monkeypatch.setenv("HTTPS_PROXY", f"http://desk:9c2f@127.0.0.1:{proxy.port}")
        async with scene.filled(where, trusting(scene, behind)) as desk:
            assert (await desk.submit()).state is State.ASSIGNED
        assert set(proxy.opened) == {"directory.test:443"}

    assert scene.holds("assigned")
    scene.row("proxy asks for a password", "says 407; works with it", State.ASSIGNED)


async def test_a_proxy_that_is_gone_is_unreachable(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    async with scene.desk(scene.beyond("https://directory.test")) as desk:
        session = await desk.sign_in()
        assert isinstance(session.error, Unreachable)

    scene.row("proxy is gone", "sign-in ends unreachable", "no request")


@contextmanager
def front(scene: Scene, name: str = "localhost") -> Iterator[Front]:
    """A server of its own before the directory, with a certificate for `name`."""
    ready = scene.tenant.ready
    with Front(ready.graph_url, ready.ca_file, name) as found:
        yield found


def trusting(scene: Scene, before: Front) -> Manner:
    """A desk that was told to trust the front's authority beside the tenant's."""
    context = make_ssl_context(Path(scene.tenant.ready.ca_file))
    before.authority.configure_trust(context)
    return replace(scene.manner, context=context)


async def test_t6_an_answer_that_trickles_is_lost_at_the_deadline_and_settled_by_reading(
    scene: Scene,
) -> None:
    with front(scene) as before:
        manner = replace(trusting(scene, before), limits=TimeLimits(total=2))
        async with scene.filled(scene.beyond(before.url), manner) as desk:
            before.drips = lambda asked: asked.method == "POST"
            enrollment = await desk.submit()
            assert State.RESOLVING in desk.states()
            assert enrollment.state is State.ASSIGNED

    assert scene.holds("assigned")
    assert len(scene.writes()) == 1
    scene.row("answer trickles without an end", "left at the deadline, reads", State.ASSIGNED)


async def test_t6_with_every_answer_trickling_an_enrollment_comes_to_rest_all_the_same(
    scene: Scene,
) -> None:
    with front(scene) as before:
        manner = trusting(scene, before).patient(0, 0)
        manner = replace(manner, limits=TimeLimits(total=1))
        async with scene.filled(scene.beyond(before.url), manner) as desk:
            before.drips = lambda _asked: True
            enrollment = await desk.submit()
            assert enrollment.state is State.UNSETTLED
            before.drips = lambda _asked: False

    scene.row("every answer trickles", "unsettled, found at the next look", State.UNSETTLED)
