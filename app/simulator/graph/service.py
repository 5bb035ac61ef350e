"""Finds the operation for a request, lets it act on the tenant, and wraps what comes out.

Operations are plain functions registered with `@operation`; nothing here knows about sockets, so
`$batch` can send its parts through the same door.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from app.simulator.access import Caller
from app.simulator.refusals import GraphRefusal, refusal
from app.simulator.tenant import AuditEntry, Tenant, timestamp
from app.simulator.throttling import Throttling

JSON_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)
BETA = frozenset(("beta",))
BOTH = frozenset(("beta", "v1.0"))
OATH_SEGMENTS = ("/authenticationMethodDevices/", "/hardwareOathMethods")
"""What only the global cloud is documented to have (contract, section 10)."""
MOST_BODY = 1_000_000
"""Bytes of a request body that are read at most."""


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request, as much of it as operations look at.

    `path` starts after the version and is still percent-encoded, but for `$`; `query` is decoded
    pairs; `headers` have lower-case names.
    """

    method: str
    version: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    correlation: str = ""

    @property
    def eventual(self) -> bool:
        """Whether the client asked for advanced queries."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"


@dataclass(frozen=True, slots=True)
class GraphResponse:
    """One answer: `body` is a JSON value, raw bytes, or None for no content."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    def payload(self) -> bytes:
        """The body as it goes over the wire."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation gets: the request, who calls, the path's parameters and the tenant."""

    request: GraphRequest
    caller: Caller
    tenant: Tenant
    service: "GraphService"
    parameters: Mapping[str, str]

    @property
    def root(self) -> str:
        """Base URL of the version called, for links and contexts."""
        return f"{self.service.graph_url}/{self.request.version}"

    def context(self, fragment: str) -> str:
        """The value of `@odata.context` for what `fragment` names."""
        return f"{self.root}/$metadata#{fragment}"

    def json_body(self) -> dict[str, Any]:
        """The JSON object sent; refuses everything else."""
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise refusal("bad_body", "A JSON body with Content-Type application/json is needed.")
        try:
            body = json.loads(self.request.body)
        except ValueError:
            raise refusal("bad_body", "Unable to read JSON request payload.") from None
        if not isinstance(body, dict):
            raise refusal("bad_body", "The request payload must be a JSON object.")
        return body

    def record(self, activity: str, category: str, target: str | None) -> None:
        """Write a line of the audit log for what this call did."""
        person = self.caller.person
        self.tenant.audit.append(
            AuditEntry(
                id=f"AuthenticationMethods_{uuid4()}",
                when=self.tenant.now(),
                activity=activity,
                category=category,
                actor=person.id if person else None,
                actor_upn=person.user_principal_name if person else None,
                target=target,
                correlation=self.request.correlation or str(uuid4()),
            )
        )


Handler = Callable[[Call], GraphResponse]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path template, the versions that know it, and the function that serves it."""

    method: str
    template: str
    versions: frozenset[str]
    handler: Handler
    pattern: re.Pattern[str]


OPERATIONS: list[Operation] = []


def operation(
    method: str, *templates: str, versions: frozenset[str] = BETA
) -> Callable[[Handler], Handler]:
    """Register a handler for one method and one or more path templates (`{name}` parts)."""

    def register(handler: Handler) -> Handler:
        OPERATIONS.extend(
            Operation(method, template, versions, handler, _pattern(template))
            for template in templates
        )
        return handler

    return register


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    names = (f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile("".join(names) + r"/?\Z", re.IGNORECASE)


class GraphService:
    """Dispatches requests to operations and turns refusals into Graph's error envelope."""

    def __init__(self, tenant: Tenant, graph_url: str, throttling: Throttling) -> None:
        self.tenant = tenant
        self.graph_url = graph_url
        self.throttling = throttling

    def meter(self, request: GraphRequest) -> None:
        """Count a request against the throttle; raises 429 when it is one too many."""
        self.throttling.admit(request.path)

    def handle(self, request: GraphRequest, caller: Caller | GraphRefusal) -> GraphResponse:
        """The answer to a request whose sender was recognised, or refused."""
        try:
            if isinstance(caller, GraphRefusal):
                raise caller
            found, parameters = self._find(request)
            return found.handler(Call(request, caller, self.tenant, self, parameters))
        except GraphRefusal as refused:
            return self.error(refused, request)

    def _find(self, request: GraphRequest) -> tuple[Operation, Mapping[str, str]]:
        if request.version not in BOTH:
            raise refusal("unknown_version", request.version)
        known = [
            (operation, match)
            for operation in OPERATIONS
            if self._offers(operation) and (match := operation.pattern.match(request.path))
        ]
        here = [entry for entry in known if request.version in entry[0].versions]
        for operation, match in here:
            if operation.method == request.method:
                return operation, {k: unquote(v) for k, v in match.groupdict().items()}
        if known:
            raise refusal("wrong_method")
        raise refusal("unknown_segment", request.path.rsplit("/", 1)[-1])

    def _offers(self, operation: Operation) -> bool:
        """Whether this cloud has the operation: elsewhere its segment does not exist."""
        is_oath = any(segment in operation.template for segment in OATH_SEGMENTS)
        return self.tenant.options.hardware_oath or not is_oath

    def error(self, refused: GraphRefusal, request: GraphRequest) -> GraphResponse:
        """Graph's error envelope for a refusal."""
        inner = {
            "date": timestamp(self.tenant.clock()).rstrip("Z"),
            "request-id": str(uuid4()),
            "client-request-id": request.correlation,
        }
        if refused.status == 429:
            inner |= {"code": "429", "message": "Please retry after", "status": "429"}
        error = {"code": refused.code, "message": refused.message, "innerError": inner}
        return GraphResponse(refused.status, {"error": error}, refused.headers)
