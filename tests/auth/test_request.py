import asyncio
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.request import (
    BODY_LIMIT,
    FIELD_LIMIT,
    BadRequestError,
    Request,
    body_length,
    parse_form,
    parse_head,
    read_request,
)

FORM = {"content-type": "application/x-www-form-urlencoded", "content-length": "7"}
HOSTS = frozenset({"localhost:5000"})


def read(sent: bytes) -> Request:
    async def reading() -> Request:
        reader = asyncio.StreamReader(limit=1024)
        reader.feed_data(sent)
        reader.feed_eof()
        return await read_request(reader, HOSTS)

    return asyncio.run(reading())


def status_of(sent: bytes) -> int:
    with pytest.raises(BadRequestError) as refused:
        read(sent)
    return refused.value.status


def test_a_browsers_form_is_read() -> None:
    request = read(
        b"POST /?x=1 HTTP/1.1\r\nHost: localhost:5000\r\n"
        b"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        b"Content-Length: 14\r\n\r\ncode=a%2Bb&s=1"
    )

    assert (request.method, request.path) == ("POST", "/")
    assert request.form == {"code": "a+b", "s": "1"}
    assert "a+b" not in repr(request)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2\r\nHost: localhost:5000\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: evil.example:5000\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 4096 + b"\r\n\r\n", 431),
    ],
)
def test_what_no_browser_sends_is_refused(sent: bytes, status: int) -> None:
    assert status_of(sent) == status


def test_a_form_that_never_arrives_whole_is_the_end_of_the_connection() -> None:
    with pytest.raises(EOFError):
        read(
            b"POST / HTTP/1.1\r\nHost: localhost:5000\r\nContent-Length: 9\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\ncode"
        )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"content-type": "application/json"}, 415),
        ({"content-length": ""}, 411),
        ({"content-length": "-1"}, 411),
        ({"content-length": "\u0663"}, 411),
        ({"content-length": str(BODY_LIMIT + 1)}, 413),
        ({"content-length": "9" * 5000}, 413),
        ({"transfer-encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_is_no_bounded_form_is_refused(change: dict[str, str], status: int) -> None:
    with pytest.raises(BadRequestError) as refused:
        body_length(FORM | change)

    assert refused.value.status == status


def test_the_largest_form_is_taken() -> None:
    assert body_length(FORM | {"content-length": str(BODY_LIMIT)}) == BODY_LIMIT


@pytest.mark.parametrize(
    "body", [b"state=a&state=b", b"a=%ff", b"\xff", b"&".join([b"a=1"] * (FIELD_LIMIT + 1))]
)
def test_a_form_with_two_meanings_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        parse_form(body)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=FIELD_LIMIT))
def test_every_form_a_browser_encodes_comes_back(form: dict[str, str]) -> None:
    assert parse_form(urlencode(form).encode()) == form


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(noise: bytes) -> None:
    for parse in (parse_head, parse_form):
        with suppress(BadRequestError):
            parse(noise)
