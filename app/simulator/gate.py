"""The outermost layer of the server: stamps every answer, keeps the log, and does the faults.

It is a bare ASGI application because it must be able to close a connection without an answer.
"""

import asyncio
from collections import deque
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from email.utils import formatdate
from typing import Any
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from app.simulator.faults import AFTERWARDS, INSTEAD, Answer, Faults, Rule
from app.simulator.tenant import Tenant

LOGGED_REQUESTS = 5000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """What is kept of a request: never its body, never its authorization."""

    when: str
    method: str
    path: str
    query: str
    status: int
    client_request_id: str


class Gate:
    """Wraps the whole application of the simulator."""

    def __init__(self, inner: ASGIApp, tenant: Tenant, faults: Faults, control_prefix: str) -> None:
        self._inner = inner
        self._tenant = tenant
        self._faults = faults
        self._control_prefix = control_prefix
        self._log: deque[LoggedRequest] = deque(maxlen=LOGGED_REQUESTS)

    def log(self) -> list[dict[str, Any]]:
        """The requests received so far, oldest first."""
        return [asdict(entry) for entry in self._log]

    def forget(self) -> None:
        """Start the log afresh."""
        self._log.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._control_prefix):
            await self._inner(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        try:
            answer = await self._served(scope, receive, headers)
        except ClientDisconnect:  # half a request was never a request
            self._note(scope, headers, 0)
            return
        self._note(scope, headers, 0 if answer is None else answer.status)
        if answer is None:
            await _cut(receive, send)
        else:
            await self._send(answer, headers, send)

    async def _served(
        self, scope: Scope, receive: Receive, headers: MutableMapping[str, str]
    ) -> Answer | None:
        """The answer with its faults done, or None when the connection is to be cut."""
        rules = self._faults.due(scope["method"], scope["path"], headers.get("authorization", ""))
        if rules:
            receive = await _buffered(receive)
        await _delay(rules, "slow")
        kinds = [rule.kind for rule in rules]
        if "reset" in kinds:
            return None
        answer = next((self._faults.instead(r) for r in rules if r.kind in INSTEAD), None)
        if answer is None:
            answer = await _collect(self._inner, scope, receive)
        for rule in rules:
            if rule.kind in AFTERWARDS:
                answer = AFTERWARDS[rule.kind](rule, answer)
        await _delay(rules, "slow_answer")
        return None if "lost_answer" in kinds else answer

    def _note(self, scope: Scope, headers: MutableMapping[str, str], status: int) -> None:
        is_graph = scope["path"].startswith(("/beta/", "/v1.0/"))
        self._log.append(
            LoggedRequest(
                when=self._tenant.now(),
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1") if is_graph else "",
                status=status,
                client_request_id=headers.get("client-request-id", ""),
            )
        )

    async def _send(self, answer: Answer, headers: MutableMapping[str, str], send: Send) -> None:
        now = self._tenant.clock() + self._faults.clock_skew
        stamped = {
            "date": formatdate(now, usegmt=True),
            "request-id": str(uuid4()),
            "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Practice","Ring":"0"}}',
        }
        if "client-request-id" in headers:
            stamped["client-request-id"] = headers["client-request-id"]
        complete = stamped | dict(answer.headers)
        if answer.status not in (204, 304):
            complete["content-length"] = str(len(answer.body))
        raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in complete.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})


async def _buffered(receive: Receive) -> Receive:
    """The request read to its end, so that a slow service acts on it though the client left."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def replay() -> MutableMapping[str, Any]:
        return messages.pop(0) if messages else await receive()

    return replay


async def _delay(rules: list[Rule], kind: str) -> None:
    for rule in rules:
        if rule.kind == kind:
            await asyncio.sleep(float(rule.arguments.get("seconds", 5)))


async def _collect(inner: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    status, headers, body = 500, dict[str, str](), bytearray()

    async def keep(message: MutableMapping[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message["headers"]}
        else:
            body.extend(message.get("body", b""))

    await inner(scope, receive, keep)
    headers.pop("content-length", None)
    return Answer(status, headers, bytes(body))


async def _cut(receive: Receive, send: Send) -> None:
    """Close the connection without an answer.

    uvicorn hands the application a bound method of its request cycle as `send`; the cycle knows
    the transport. ASGI itself has no way to say this.
    """
    cycle: Any = getattr(send, "__self__", None)
    cycle.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
