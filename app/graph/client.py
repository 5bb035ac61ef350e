"""The one path on which every request to Graph travels, so that each rule is kept in one place.

    read / read_all / download / write      what endpoints call
      _perform      waits for its turn (pace.py), tries again where that is right (retry.py)
      _signed       brings a sign-in token, and a fresh one when challenged, once
      _send         sends, judges (faults.py), reports

An exchange is logged by method, path and ids. Queries, headers and bodies are not: they hold names,
sign-in tokens and verification codes.
"""

import copy
import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import httpx

from app import __version__
from app.core.errors import (
    DirectoryError,
    Evidence,
    NotUnderstood,
    SignInEnded,
    SignInEvidence,
    SignInExpired,
)
from app.core.ports import AccessToken, Clock, TokenSource
from app.graph import faults, odata, wire
from app.graph.faults import Answer
from app.graph.pace import Pace, Pacer
from app.graph.retry import PATIENCE_SECONDS, Attempt, RetryPolicy

log = logging.getLogger("oathdesk.graph")

V1 = "v1.0"
BETA = "beta"
LARGEST_BODY = 8 * 1024 * 1024
"""Bytes of a JSON answer, unpacked. A page of a thousand people is below one megabyte."""

_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one exchange told about the way to Graph.

    `latency_ms` is from the first byte sent to the last received, or until it failed. `status` is
    None where no answer came. `clock_offset` is the server's clock minus the station's in seconds,
    good to about one second, or None where the server told no time.
    """

    method: str
    path: str
    status: int | None
    latency_ms: float
    clock_offset: float | None
    at: datetime


def _always() -> bool:
    return True


def _nobody(_exchange: Exchange) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the client behaves. `pace` None means unpaced; `chance` returns a number from 0 to 1."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    pace: Pace | None = field(default_factory=Pace)
    on_exchange: Callable[[Exchange], None] = _nobody
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Call:
    """One logical call. `path` begins with a slash, its segments quoted; any method but GET writes.

    `paced` calls queue for Graph's throttle on authentication methods, those of long work behind
    all others; `patience` is the seconds that may go by in trying again; `largest` bounds the
    answer in bytes.
    """

    path: str
    version: str = V1
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    eventual: bool = False
    paced: bool = False
    is_long_work: bool = False
    accept: str = "application/json"
    patience: float = PATIENCE_SECONDS
    largest: int = LARGEST_BODY
    next_link: httpx.URL | None = field(default=None, repr=False)

    @property
    def is_write(self) -> bool:
        """Tell whether Graph may act upon it, so that it must not be repeated blindly."""
        return self.method != "GET"


class GraphClient:
    """Requests to Graph at `base_url` (scheme and host, no version).

    Raises ValueError unless `base_url` is https: a sign-in token goes with every request.
    """

    def __init__(
        self,
        base_url: str,
        tokens: TokenSource,
        http: httpx.AsyncClient,
        clock: Clock,
        options: Options | None = None,
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/"))
        if self._base.scheme != "https" or not self._base.host:
            raise ValueError("the address of the directory begins with https://")
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._options = options or Options()
        self._pacer = Pacer(self._options.pace, clock)
        self._holds: Callable[[], bool] = _always

    def only_while(self, holds: Callable[[], bool]) -> Self:
        """Return a client of the same pace that sends with a sign-in token only while `holds`.

        It is for calls to /me. Whom they reach is decided by the sign-in token alone, and they may
        wait for minutes, in which somebody else may sign in. They raise SignInEnded then.
        """
        client = copy.copy(self)
        client._holds = holds  # noqa: SLF001 - the copy is of this class
        return client

    async def access_token(self) -> AccessToken:
        """Return the sign-in token in use, for its scopes. Raises SignInError."""
        return await self._tokens.access_token()

    async def read(self, call: Call) -> tuple[object, Evidence]:
        """Return the JSON of one answer, with its evidence. Raises DirectoryError, SignInError."""
        answer = await self._perform(call)
        return faults.decoded(answer), answer.evidence

    async def read_all(self, call: Call) -> tuple[Sequence[wire.Json], Evidence]:
        """Return the items of a collection from all its pages, with the last page's evidence.

        The link to the next page is used as it came, but never leads to another host.
        """
        found: list[wire.Json] = []
        for _ in range(_MOST_PAGES):
            body, evidence = await self.read(call)
            found += wire.items(body, evidence)
            link = wire.next_link(body)
            if not link:
                return found, evidence
            call = replace(call, next_link=self._same_host(link, evidence))
        raise faults.not_understood(evidence, f"more than {_MOST_PAGES} pages")

    async def read_page(self, call: Call, following: str = "") -> tuple[object, Evidence]:
        """Return one page of a collection: the first, or the one at the address `following`.

        That address is one the directory gave; it is used as it came, and never leads to another
        host. Raises as `read` does.
        """
        if following:
            call = replace(call, next_link=self._same_host(following, self._asked(call)))
        return await self.read(call)

    async def download(self, call: Call) -> bytes:
        """Return the bytes of one answer, at most `call.largest`. Raises as `read` does."""
        return (await self._perform(call)).content

    async def write(self, call: Call) -> Evidence:
        """Send a write and return the evidence that Graph accepted it.

        Any 2xx accepts, even where its body is lost or broken: the body says nothing that a
        read-back would not. Raises as `read` does.
        """
        return (await self._perform(call)).evidence

    async def write_and_read(self, call: Call) -> tuple[object, Evidence]:
        """Send a write; return what its answer says as JSON, or None, and the evidence.

        An answer without a body, or with one that is no JSON, accepts all the same: it is None.
        Raises as `read` does.
        """
        answer = await self._perform(call)
        try:
            return faults.decoded(answer), answer.evidence
        except NotUnderstood:
            return None, answer.evidence

    def _same_host(self, link: str, evidence: Evidence) -> httpx.URL:
        try:
            url = httpx.URL(link)
        except (httpx.InvalidURL, UnicodeError):
            raise faults.not_understood(evidence, "the next page has no valid address") from None
        here = (self._base.scheme, self._base.host, self._base.port)
        if (url.scheme, url.host, url.port) != here or url.userinfo:
            raise faults.not_understood(evidence, "the next page is on another host")
        return url

    async def _perform(self, call: Call) -> Answer:
        """Try, and try again as long as the policy says so. One client-request-id for all tries."""
        asked = self._asked(call)
        waited, elapsed, number = 0.0, 0.0, 1
        while True:
            try:
                async with self._turn(call):
                    began = self._clock.now()
                    return await self._signed(call, asked)
            except DirectoryError as error:
                elapsed += (self._clock.now() - began).total_seconds()
                attempt = Attempt(number, call.is_write, waited, elapsed, call.patience)
                wait = self._options.retry.decide(error, attempt, self._options.chance())
                if wait is None:
                    raise
            log.info("again in %.1f s: %s %s", wait, asked.method, asked.path)
            await self._clock.sleep(wait)
            waited, number = waited + wait, number + 1

    def _turn(self, call: Call) -> AbstractAsyncContextManager[None]:
        return self._pacer.slot(
            is_write=call.is_write, free=not call.paced, is_long_work=call.is_long_work
        )

    def _asked(self, call: Call) -> Evidence:
        return Evidence(
            method=call.method,
            path=self._url(call).raw_path.partition(b"?")[0].decode("ascii"),
            client_request_id=str(uuid.uuid4()),
        )

    def _url(self, call: Call) -> httpx.URL:
        if call.next_link is not None:
            return call.next_link
        query = f"?{odata.query_string(call.query)}" if call.query else ""
        return httpx.URL(f"{self._base}/{call.version}{call.path}{query}")

    async def _signed(self, call: Call, asked: Evidence) -> Answer:
        """Send with a sign-in token; when that is refused, get a fresh one and replay once.

        A refused sign-in was not acted upon, so replaying a write is safe. Without a claims
        challenge a replay makes sense only if the source had another token to give.
        """
        token = await self._token()
        try:
            return await self._send(call, asked, token)
        except SignInExpired as expired:
            fresh = await self._token(expired.claims or "")
            if expired.claims is None and fresh.value == token.value:
                raise
        return await self._send(call, asked, fresh)

    async def _token(self, claims: str | None = None) -> AccessToken:
        token = await self._tokens.access_token(claims)
        if not self._holds():
            why = "somebody else has signed in since this was asked for"
            raise SignInEnded(SignInEvidence("another_account", why, at=self._clock.now()))
        return token

    async def _send(self, call: Call, asked: Evidence, token: AccessToken) -> Answer:
        began = time.perf_counter()
        try:
            request = self._request(call, asked, token)
            answer = await self._receive(call, asked, request, _secrets(call, token))
        except DirectoryError as error:
            self._report(error.evidence, began)
            raise
        except (httpx.HTTPError, OSError) as error:
            failed = faults.of_network(error, replace(asked, at=self._clock.now()))
            self._report(failed.evidence, began)
            raise failed from error
        self._report(answer.evidence, began)
        failure = faults.of_answer(answer)
        if failure is not None:
            raise failure
        return answer

    def _request(self, call: Call, asked: Evidence, token: AccessToken) -> httpx.Request:
        headers = {
            "Authorization": f"Bearer {token.value}",
            "Accept": call.accept,
            "User-Agent": f"Oathdesk/{__version__}",
            "client-request-id": asked.client_request_id,
        }
        if call.eventual:
            headers["ConsistencyLevel"] = "eventual"
        return self._http.build_request(
            call.method, self._url(call), headers=headers, json=call.body
        )

    async def _receive(
        self, call: Call, asked: Evidence, request: httpx.Request, secrets: tuple[str, ...]
    ) -> Answer:
        """Send and read the whole answer. Once the status is known, a lost body changes little.

        Only a read that succeeded needs its body; a refusal stays a refusal and an accepted write
        stays accepted without it.
        """
        response = await self._http.send(request, stream=True, follow_redirects=False)
        async with aclosing(response):
            needed = response.is_success and not call.is_write
            content, whole = b"", True
            try:
                content, whole = await _body(response, call.largest)
            except (httpx.HTTPError, OSError):
                if needed:
                    raise
            answer = faults.answered(asked, response, content, self._clock.now(), secrets)
            if needed and not whole:
                why = f"an answer of more than {call.largest} bytes"
                raise NotUnderstood(replace(answer.evidence, message=why))
            return answer

    def _report(self, evidence: Evidence, began: float) -> None:
        milliseconds = (time.perf_counter() - began) * 1000
        log.info(
            "%s %s -> %s in %.0f ms (request-id %s, client-request-id %s)",
            evidence.method,
            evidence.path,
            evidence.status or "no answer",
            milliseconds,
            evidence.request_id or "none",
            evidence.client_request_id,
        )
        at = evidence.at or self._clock.now()
        self._options.on_exchange(
            Exchange(
                method=evidence.method,
                path=evidence.path,
                status=evidence.status,
                latency_ms=milliseconds,
                clock_offset=_offset(evidence.server_date, at, milliseconds),
                at=at,
            )
        )


def _secrets(call: Call, token: AccessToken) -> tuple[str, ...]:
    """What goes along with a request and must not come back into anything that is kept.

    An upload of many tokens has its seeds in the items of `value`.
    """
    body = call.body or {}
    items = body.get("value")
    bodies = (body, *(items if isinstance(items, list) else ()))
    names = ("verificationCode", "secretKey")
    sent = (each.get(name) for each in bodies if isinstance(each, dict) for name in names)
    return (token.value, *(secret for secret in sent if isinstance(secret, str)))


async def _body(response: httpx.Response, largest: int) -> tuple[bytes, bool]:
    """Return the body up to `largest` bytes, and whether that is all of it."""
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > largest:
            return bytes(content[:largest]), False
    return bytes(content), True


def _offset(server_date: str, at: datetime, milliseconds: float) -> float | None:
    """The server's clock minus ours: its Date tells whole seconds, spoken half an exchange ago."""
    told = faults.http_date(server_date)
    if told is None:
        return None
    return (told - at).total_seconds() + 0.5 + milliseconds / 2000
