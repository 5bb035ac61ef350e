from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    ProxyRefused,
    Rejected,
    SignInExpired,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.graph import faults
from app.graph.faults import Answer
from tests.graph.support import NOON, NOON_AS_HTTP, fixture

ASKED = Evidence(method="GET", path="/v1.0/users", client_request_id="ours")
CLAIMS = {"access_token": {"nbf": {"essential": True, "value": "1795420800"}}}


def answered(
    status: int,
    headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    body: object = None,
    content: bytes | None = None,
) -> Answer:
    content = json.dumps(body).encode() if content is None else content
    response = httpx.Response(status, headers=headers or {})
    return faults.answered(ASKED, response, content, NOON)


def recorded(name: str) -> Answer:
    response = fixture(name)["response"]
    return answered(response["status"], response["headers"], response["body"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error-400-bad-code", Rejected),
        ("error-400-search-without-consistencylevel", Rejected),
        ("error-401-token-missing", SignInExpired),
        ("error-401-claims-challenge", SignInExpired),
        ("error-403-authmethods", Forbidden),
        ("error-403-directory", Forbidden),
        ("error-404-method", NotFound),
        ("error-404-user", NotFound),
        ("user-photo-none", NotFound),
        ("error-429", Throttled),
        ("error-503", Unavailable),
        ("error-504", Unavailable),
    ],
)
def test_every_recorded_refusal_keeps_what_the_server_said(
    name: str, kind: type[DirectoryError]
) -> None:
    error = faults.of_answer(recorded(name))
    said = fixture(name)["response"]["body"]["error"]
    assert type(error) is kind
    assert error.evidence.code == said["code"]
    assert error.evidence.message == said["message"]
    assert error.evidence.request_id == "6c0de1f4-3f5b-4a8a-9a57-2b9d6a7c1e21"
    assert error.evidence.client_request_id == "ours"
    assert error.evidence.at == NOON


@pytest.mark.parametrize("status", [400, 405, 407, 409, 410, 412, 418, 422])
def test_any_other_4xx_is_a_rejection(status: int) -> None:
    assert type(faults.of_answer(answered(status, body={"error": {}}))) is Rejected


@pytest.mark.parametrize("status", [500, 502, 503, 504, 509])
def test_a_5xx_is_unavailable_even_as_a_web_page(status: int) -> None:
    error = faults.of_answer(answered(status, {"content-type": "text/html"}, content=b"<html>"))
    assert type(error) is Unavailable


@pytest.mark.parametrize("status", [200, 201, 302, 307, 400, 401, 403, 404])
def test_a_web_page_is_nothing_that_graph_says(status: int) -> None:
    headers = {"content-type": "text/html; charset=utf-8"}
    html = b"<html><head><TITLE>\n Hotel  Network\n</title></head></html>"
    error = faults.of_answer(answered(status, headers, content=html))
    assert type(error) is NotUnderstood
    if status >= 300:
        assert error.evidence.message == "Hotel Network"


def test_a_redirect_is_not_understood() -> None:
    assert type(faults.of_answer(answered(302, {"location": "https://x"}))) is NotUnderstood


def test_the_inner_error_gives_the_request_id_where_no_header_does() -> None:
    body = {"Error": {"Code": "x", "innererror": {"Request-Id": "inner"}}}
    assert answered(400, body=body).evidence.request_id == "inner"
    assert answered(400, body=body).evidence.code == "x"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("error"), inner),
    max_leaves=8,
)


@given(status=st.integers(300, 599), body=JSON, content=st.none() | st.binary())
def test_no_envelope_however_odd_breaks_the_reading(
    status: int, body: object, content: bytes | None
) -> None:
    assert isinstance(faults.of_answer(answered(status, None, body, content)), DirectoryError)


def encoded(claims: object, *, url_safe: bool = False, padded: bool = True) -> str:
    plain = json.dumps(claims).encode()
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(plain).decode()
    return text if padded else text.rstrip("=")


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("url_safe", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_a_claims_challenge_is_read_in_every_spelling(
    status: int, *, url_safe: bool, padded: bool
) -> None:
    claims = {"access_token": {"x": "\u00ff\u00fe~?>>"}}
    value = encoded(claims, url_safe=url_safe, padded=padded)
    header = f'Bearer realm="", claims="{value}", error="insufficient_claims"'
    error = faults.of_answer(answered(status, {"www-authenticate": header}))
    assert type(error) is SignInExpired
    assert error.claims is not None
    assert json.loads(error.claims) == claims


def test_the_challenge_is_found_among_several() -> None:
    headers = [
        ("www-authenticate", 'PoP algorithms="RS256"'),
        ("www-authenticate", f'Bearer realm="", claims="{encoded(CLAIMS)}"'),
    ]
    error = faults.of_answer(answered(401, headers))
    assert isinstance(error, SignInExpired)
    assert json.loads(error.claims or "") == CLAIMS


@pytest.mark.parametrize("value", ["", "%%%", "bm90IGpzb24=", encoded([1])])
def test_a_challenge_that_cannot_be_decoded_is_none(value: str) -> None:
    header = {"www-authenticate": f'Bearer claims="{value}"'}
    error = faults.of_answer(answered(401, header))
    assert isinstance(error, SignInExpired)
    assert error.claims is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("10", 10),
        (" 7 ", 7),
        ("2.5", 2.5),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("99999999999999999999", None),
        ("Mon, 99 Nov 9999 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_else_nothing(
    text: str, seconds: float | None
) -> None:
    answer = answered(429, {"retry-after": text, "date": NOON_AS_HTTP})
    assert faults.retry_after(answer) == seconds


def test_a_date_in_retry_after_is_held_against_the_servers_own_clock() -> None:
    headers = {
        "retry-after": "Tue, 24 Nov 2026 09:00:05 GMT",
        "date": "Tue, 24 Nov 2026 09:00:00 GMT",
    }
    assert faults.retry_after(answered(503, headers)) == 5


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ConnectTimeout("slow"), Unreachable),
        (httpx.PoolTimeout("full"), Unreachable),
        (httpx.ProxyError("407 Proxy Authentication Required"), ProxyRefused),
        (httpx.ProxyError("403 Forbidden"), Unreachable),
        (httpx.ReadTimeout("slow"), AnswerLost),
        (httpx.WriteTimeout("slow"), AnswerLost),
        (httpx.ReadError("reset"), AnswerLost),
        (httpx.WriteError("reset"), AnswerLost),
        (httpx.RemoteProtocolError("gone"), AnswerLost),
        (ConnectionResetError("reset"), AnswerLost),
        (httpx.DecodingError("no gzip"), NotUnderstood),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_every_failure_of_the_network_says_what_may_have_happened(
    error: Exception, kind: type[DirectoryError]
) -> None:
    failed = faults.of_network(error, ASKED)
    assert type(failed) is kind
    assert str(error) in failed.evidence.message
    assert failed.evidence.status is None


def test_a_request_that_cannot_be_written_does_not_quote_its_headers() -> None:
    secret = httpx.LocalProtocolError("Illegal header value b'Bearer secret'")
    failed = faults.of_network(secret, ASKED)
    assert type(failed) is Unreachable
    assert failed.evidence.message == "LocalProtocolError"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"value": [{"displayName": "Mara', b"\xff\xfe", b"9" * 5000, b"[" * 100_000],
    ids=["empty", "brace", "cut", "no UTF-8", "huge number", "deep"],
)
def test_what_is_no_json_is_not_understood_and_not_quoted(content: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        faults.decoded(answered(200, content=content))
    assert "Mara" not in caught.value.evidence.message


@given(st.text())
def test_no_text_breaks_the_reading_of_a_date(text: str) -> None:
    moment = faults.http_date(text)
    assert moment is None or moment.tzinfo is UTC


def test_a_date_is_read() -> None:
    assert faults.http_date(NOON_AS_HTTP) == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("where", ["code", "message", "request-id", "date", "inner"])
def test_what_was_sent_is_blotted_out_wherever_the_server_repeats_it(where: str) -> None:
    token = "token-" + "x" * 3000
    words = f"no 048213 and no {token} here"
    inner = {"request-id": words} if where == "inner" else {}
    error = {where: words, "innerError": inner} if where in {"code", "message"} else {}
    headers = {where: words} if where in {"request-id", "date"} else {}
    body = json.dumps({"error": error or {"innerError": inner}}).encode()
    response = httpx.Response(400, headers=headers)

    told = faults.answered(ASKED, response, body, NOON, (token, "048213")).evidence

    said = f"{told.code}{told.message}{told.request_id}{told.server_date}"
    assert said == "no ****** and no ****** here"


def test_digits_that_were_not_sent_are_left_as_they_are() -> None:
    told = answered(400, body={"error": {"code": "badRequest", "message": "no 048213 here"}})
    assert told.evidence.message == "no 048213 here"
