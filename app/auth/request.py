"""Reading one HTTP/1.1 request from whoever connects to the loopback listener.

Anybody on this machine can connect: other programs, other users, a web page. So everything is
bounded, and what does not look exactly like a browser posting the sign-in's form is answered with a
status and forgotten.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

HEAD_LIMIT = 16 * 1024
"""Bytes of request line and headers."""

BODY_LIMIT = 64 * 1024
"""Bytes of a form; a code and a state are about 2 KiB."""

FIELD_LIMIT = 20
"""Fields of a form; the service sends four."""

_FORM = "application/x-www-form-urlencoded"


class BadRequestError(Exception):
    """What came is not a request that this listener takes."""

    def __init__(self, status: int) -> None:
        """Keep the HTTP status to answer with."""
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The form holds a sign-in code, so it is never printed."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


async def read_request(reader: asyncio.StreamReader, hosts: frozenset[str]) -> Request:
    """Read a request addressed to one of `hosts` (`name:port`).

    Raises BadRequestError, and EOFError where the other side went away.
    """
    request = parse_head(await _head(reader))
    if request.headers.get("host", "").lower() not in hosts:
        raise BadRequestError(421)  # RFC 9110, 15.5.20; a page elsewhere may point its name here
    if request.method != "POST":
        return request
    length = body_length(request.headers)
    form = parse_form(await reader.readexactly(length))
    return Request(request.method, request.path, request.headers, form)


def parse_head(head: bytes) -> Request:
    """Return the request line and headers. Raises BadRequestError."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")
        method, target, version = first.split(" ")
    except ValueError:
        raise BadRequestError(400) from None
    if version not in {"HTTP/1.0", "HTTP/1.1"} or not target.startswith("/"):
        raise BadRequestError(400)
    return Request(method, target.split("?", 1)[0], _headers(lines))


def body_length(headers: Mapping[str, str]) -> int:
    """Return how many bytes of form follow. Raises BadRequestError."""
    if headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
        raise BadRequestError(415)
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        raise BadRequestError(411)
    if len(length) > len(str(BODY_LIMIT)) or int(length) > BODY_LIMIT:
        raise BadRequestError(413)
    return int(length)


def parse_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form, each of which may stand only once. Raises BadRequestError."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=FIELD_LIMIT,
        )
    except ValueError:
        raise BadRequestError(400) from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise BadRequestError(400)
    return form


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(b"\r\n\r\n"))[:-4]
    except asyncio.LimitOverrunError:
        raise BadRequestError(431) from None


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not name or name != name.strip() or name in headers:
            raise BadRequestError(400)
        headers[name] = value.strip()
    return headers
