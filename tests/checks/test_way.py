"""Each step of the way fails for its own reason, which is told with evidence."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from app.checks.both import look_at_clock, look_at_proxy, look_at_tenant
from app.checks.way import LIMITS, Answer, Trust, Way
from app.clock import SystemClock
from app.core.checkup import Check, Finding, Told, Verdict
from app.core.errors import RegistrationWrong, SignInRefused
from app.network.exchange import Limits
from app.network.proxies import Proxies
from tests.checks.servers import answering, context_of, listening, saying, written
from tests.support.hostile import (
    DRIPS,
    STACKED,
    Act,
    Hostile,
    Peer,
    bomb,
    hostile,
    in_handshake,
    zeros,
)
from tests.support.hostile import answering as answering_as_is
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Tunnel, black_hole, free_port

CHECKS = (Check.GRAPH_NAME, Check.GRAPH_CONNECTION, Check.GRAPH_TLS, Check.GRAPH_ANSWER)
JSON = b'{"error": {"code": "InvalidAuthenticationToken"}}'


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Contoso")


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> Trust:
    return Trust(written(authority, tmp_path))


def way_to(port: int, trust: Trust | None = None, proxy: str = "", name: str = "localhost") -> Way:
    url = f"https://{name}:{port}/v1.0/me"
    return Way(url, CHECKS, trust or Trust(), SystemClock(), Proxies(proxy))


def answer(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def told(finding: Finding) -> tuple[Check, Verdict, Told]:
    return finding.check, finding.verdict, finding.told


# Name and connection ----------------------------------------------------------------------------


def test_a_name_that_is_known_is_told_with_its_addresses() -> None:
    finding = way_to(443).name()
    assert told(finding) == (Check.GRAPH_NAME, Verdict.OK, Told.NAME_KNOWN)
    assert ("Address", "127.0.0.1") in finding.rows


@pytest.mark.parametrize("name", ["graph.contoso.invalid", "x" * 70 + ".example"])
def test_a_name_that_nobody_knows_is_told(name: str) -> None:
    finding = way_to(443, name=name).name()
    assert told(finding) == (Check.GRAPH_NAME, Verdict.FAILURE, Told.NAME_UNKNOWN)


def test_a_connection_is_made_or_refused() -> None:
    with listening(saying(b"")) as port:
        assert way_to(port).connection().told is Told.CONNECTED
    assert way_to(free_port()).connection().told is Told.CONNECTION_REFUSED


def test_a_host_that_does_not_answer_is_told_from_one_that_refuses() -> None:
    port = free_port()
    with black_hole(port, "127.0.0.1"):
        way = way_to(port, name="127.0.0.1")
        way.limits = Limits(connect=0.2)
        assert way.connection().told is Told.CONNECTION_SILENT


def test_with_a_proxy_name_and_connection_are_left_to_it() -> None:
    way = way_to(443, proxy="http://proxy.contoso.com:8080", name="graph.microsoft.com")
    for finding in (way.name(), way.connection()):
        assert (finding.verdict, finding.told) == (Verdict.NOT_CHECKED, Told.BY_PROXY)


# TLS --------------------------------------------------------------------------------------------


def test_a_trusted_certificate_is_told_with_the_protocol(
    authority: trustme.CA, trust: Trust
) -> None:
    with listening(answering(context_of(authority, "localhost"))) as port:
        finding = way_to(port, trust).tls()
    assert (finding.told, finding.rows) == (Told.TRUSTED, (("Protocol", "TLSv1.3"),))


def test_a_certificate_of_an_unknown_authority_is_shown(authority: trustme.CA) -> None:
    with listening(answering(context_of(authority, "localhost"))) as port:
        finding = way_to(port).tls()
    assert told(finding) == (Check.GRAPH_TLS, Verdict.FAILURE, Told.UNKNOWN_AUTHORITY)
    assert "Contoso" in str(finding.facts["issuer"])
    assert [label for label, _ in finding.rows][:2] == ["Verification", "Certificate 1"]


def test_an_expired_certificate_and_one_for_another_name_are_told_apart(
    authority: trustme.CA, trust: Trust
) -> None:
    with listening(answering(context_of(authority, "localhost", expired=True))) as port:
        assert way_to(port, trust).tls().told is Told.CERTIFICATE_TIME
    with listening(answering(context_of(authority, "portal.example.com"))) as port:
        assert way_to(port, trust).tls().told is Told.CERTIFICATE_NAME


def test_who_speaks_no_tls_and_authorities_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with listening(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert way_to(port).tls().told is Told.TLS_FAILED
    (tmp_path / "empty.pem").write_bytes(b"")
    for file in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        assert way_to(443, Trust(file)).tls().told is Told.AUTHORITIES_UNREADABLE


def test_the_certificate_is_seen_through_a_proxy_too(authority: trustme.CA) -> None:
    server = answering(context_of(authority, "graph.microsoft.com"))
    with listening(server) as target, Tunnel(target, "desk", "right") as tunnel:
        proxy = f"http://desk:right@localhost:{tunnel.port}"
        finding = way_to(443, proxy=proxy, name="graph.microsoft.com").tls()
    assert finding.told is Told.UNKNOWN_AUTHORITY
    assert len(finding.rows) > 1


# The answer -------------------------------------------------------------------------------------


def looked(authority: trustme.CA, trust: Trust, said: bytes) -> tuple[Finding, Way]:
    with listening(answering(context_of(authority, "localhost"), said)) as port:
        way = way_to(port, trust)
        return way.look(), way


def test_an_answer_in_json_is_an_answer_even_where_it_refuses(
    authority: trustme.CA, trust: Trust
) -> None:
    date = "Date: Tue, 01 Dec 2026 12:00:00 GMT"
    finding, way = looked(authority, trust, answer("401 Unauthorized", JSON, date))
    assert told(finding) == (Check.GRAPH_ANSWER, Verdict.OK, Told.ANSWERED)
    assert way.answer is not None
    assert way.answer.status == 401
    assert way.answer.offset is not None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            answer("200 OK", b"<title> Guest\nWi-Fi </title>", "Content-Type: text/html"),
            Told.ANSWERED_PAGE,
        ),
        (answer("302 Found", b"", "Location: https://portal.example.com/"), Told.ANSWERED_PAGE),
        (answer("200 OK", b"[1]"), Told.ANSWERED_PAGE),
        (answer("503 Service Unavailable", JSON), Told.ANSWERED_FAULT),
        (answer("200 OK", JSON)[:-10], Told.ANSWER_FAILED),
        (b"", Told.ANSWER_FAILED),
    ],
)
def test_everything_else_is_told_for_what_it_is(
    said: bytes, found: Told, authority: trustme.CA, trust: Trust
) -> None:
    finding, _ = looked(authority, trust, said)
    assert told(finding) == (Check.GRAPH_ANSWER, Verdict.FAILURE, found)


def test_a_page_is_named_by_its_title_and_a_huge_one_is_cut(
    authority: trustme.CA, trust: Trust
) -> None:
    page = b"<title> Guest\n  Wi-Fi </title>" + b"x" * (1 << 20)
    finding, _ = looked(authority, trust, answer("200 OK", page, "Content-Type: text/html"))
    assert ("Page title", "Guest Wi-Fi") in finding.rows


@pytest.mark.parametrize("date", ["", "Date: yesterday", "Date: Tue, 01 Dec 2026 12:00:00 -0000"])
def test_a_server_that_tells_no_time_gives_no_offset(
    date: str, authority: trustme.CA, trust: Trust
) -> None:
    headers = (date,) if date else ()
    _, way = looked(authority, trust, answer("200 OK", JSON, *headers))
    assert way.answer is not None
    assert way.answer.offset is None


# T6 and T7: a peer that means harm -------------------------------------------------------------


def harmed(server: Hostile, proxy: str = "") -> Way:
    way = Way(f"{server.url}/v1.0/me", CHECKS, Trust(), SystemClock(), Proxies(proxy))
    way.trust = Trusting(server)
    way.limits = replace(LIMITS, total=0.8)
    return way


class Trusting(Trust):
    """Trusts one hostile server."""

    def __init__(self, server: Hostile) -> None:
        super().__init__()
        self._server = server

    def context(self) -> ssl.SSLContext:
        return self._server.trust


@pytest.mark.parametrize("drip", DRIPS, ids=lambda drip: drip.__name__)
def test_t6_the_doctor_leaves_a_peer_that_trickles_at_the_deadline(drip: Act) -> None:
    with hostile(drip) as server:
        assert harmed(server).look().told is Told.ANSWER_FAILED
        assert server.hung_up.acquire(timeout=HANG_SECONDS)


def test_t6_the_doctor_leaves_a_handshake_and_a_proxy_that_trickle() -> None:
    def opens_slowly(peer: Peer) -> None:
        peer.drip(peer.raw, b"HTTP/1.1 200 Opened\r\nX-Endless: ", b"x")

    with hostile(in_handshake) as server:
        assert harmed(server).tls().told is Told.TLS_FAILED
        assert server.hung_up.acquire(timeout=HANG_SECONDS)
    with hostile(opens_slowly) as server:
        way = harmed(server, f"http://localhost:{server.port}")
        way.url = "https://graph.microsoft.com/v1.0/me"
        assert look_at_proxy((way,)).verdict is Verdict.FAILURE
        assert server.hung_up.acquire(timeout=HANG_SECONDS)


def test_t7_the_doctor_decodes_once_and_no_more_than_it_looks_at() -> None:
    with hostile(answering_as_is(bomb(2, 1 << 22), *STACKED[0])) as server:
        assert harmed(server).look().told is Told.ANSWER_FAILED
    with hostile(answering_as_is(zeros(1 << 24), "Content-Encoding: gzip")) as server:
        way = harmed(server)
        way.limits = LIMITS
        assert way.look().told is Told.ANSWERED_PAGE


# Of both ways together --------------------------------------------------------------------------


def with_answer(status: int, document: dict[str, object], offset: float | None = None) -> Way:
    way = way_to(443)
    way.answer = Answer(status, document, offset)
    return way


@pytest.mark.parametrize(
    ("offset", "verdict", "found"),
    [
        (-1.0, Verdict.OK, Told.CLOCK_RIGHT),
        (45.0, Verdict.WARNING, Told.CLOCK_OFF),
        (-600.0, Verdict.FAILURE, Told.CLOCK_WRONG),
    ],
)
def test_the_clock_is_judged_by_those_that_answered(
    offset: float, verdict: Verdict, found: Told
) -> None:
    finding = look_at_clock((with_answer(200, {}, offset), way_to(443)))
    assert told(finding) == (Check.CLOCK, verdict, found)


def test_without_an_answer_the_clock_is_not_judged() -> None:
    finding = look_at_clock((way_to(443), with_answer(200, {})))
    assert told(finding) == (Check.CLOCK, Verdict.NOT_CHECKED, Told.CLOCK_UNKNOWN)


def test_a_tenant_exists_where_its_document_says_how_to_sign_in() -> None:
    document: dict[str, object] = {"issuer": "https://x/", "token_endpoint": "https://x/token"}
    assert look_at_tenant(with_answer(200, document)).told is Told.TENANT_EXISTS


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (
            400,
            {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."},
            RegistrationWrong,
        ),
        (400, {"error": "invalid_request", "error_description": "no"}, SignInRefused),
        (200, {"hello": "world"}, SignInRefused),
    ],
)
def test_a_tenant_that_is_none_is_told_in_the_services_words(
    status: int, document: dict[str, object], error: type[SignInRefused]
) -> None:
    finding = look_at_tenant(with_answer(status, document))
    assert finding.verdict is Verdict.FAILURE
    assert type(finding.error) is error
    description = document.get("error_description", "")
    assert isinstance(finding.error, SignInRefused)
    assert finding.error.evidence.description == description


def test_the_proxy_is_told_by_what_keeps_it_from_opening_the_way() -> None:
    def proxied(address: str) -> Told:
        near, far = way_to(443), way_to(443, proxy=address, name="graph.microsoft.com")
        return look_at_proxy((near, far)).told

    assert proxied("") is Told.PROXY_NONE
    assert proxied("socks5://localhost:1") is Told.PROXY_UNUSABLE
    assert proxied(f"http://localhost:{free_port()}") is Told.PROXY_AWAY
    with listening(saying(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as port:
        assert proxied(f"http://localhost:{port}") is Told.PROXY_REFUSES
    with Tunnel(free_port(), "desk", "right") as tunnel:
        assert proxied(f"http://localhost:{tunnel.port}") is Told.PROXY_PASSWORD


def test_a_proxy_of_the_system_is_told_from_a_configured_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening(saying(b"")) as target, Tunnel(target, "desk", "right") as tunnel:
        address = f"http://desk:right@localhost:{tunnel.port}"
        way = way_to(443, proxy=address, name="graph.microsoft.com")
        assert look_at_proxy((way,)).told is Told.PROXY_CONFIGURED
        for name in ("NO_PROXY", "no_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", address)
        plain = way_to(443, name="graph.microsoft.com")
        finding = look_at_proxy((plain,))
    assert finding.told is Told.PROXY_OF_SYSTEM
    assert "right" not in repr(finding)
