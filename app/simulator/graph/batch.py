"""`$batch`: up to twenty requests in one, each answered as if it had come alone."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from app.simulator.graph.service import BOTH, Call, GraphRequest, GraphResponse, operation
from app.simulator.refusals import GraphRefusal, refusal

MOST_REQUESTS = 20
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


@operation("POST", "/$batch", versions=BOTH)
def batch(call: Call) -> GraphResponse:
    """Answer every part; a part whose dependency failed gets 424."""
    parts = _parts(call.json_body())
    statuses: dict[str, int] = {}
    answers = []
    for part in parts:
        answer = _answer(call, part, statuses)
        statuses[part["id"].lower()] = answer["status"]
        answers.append(answer)
    return GraphResponse(200, {"responses": answers})


def _parts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = body.get("requests")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_REQUESTS:
        raise refusal("bad_body", f"A batch holds 1 to {MOST_REQUESTS} requests.")
    seen: set[str] = set()
    for part in parts:
        _check_part(part, seen)
        seen.add(part["id"].lower())
    return parts


def _check_part(part: Any, seen: set[str]) -> None:
    if not isinstance(part, dict) or not all(
        isinstance(part.get(name), str) for name in ("id", "method", "url")
    ):
        raise refusal("bad_body", "A batch request needs id, method and url.")
    if part["id"].lower() in seen:
        raise refusal("bad_body", "The ids of a batch must be unique.")
    if part["method"] not in _METHODS or "://" in part["url"]:
        raise refusal("bad_body", "A batch request is not valid.")
    for name in part.get("dependsOn") or ():
        if str(name).lower() not in seen:
            raise refusal("bad_body", "dependsOn names a request that does not come before it.")
    if part.get("body") is not None and "content-type" not in _headers(part):
        raise refusal("bad_body", "A batch request with a body needs a Content-Type header.")


def _headers(part: Mapping[str, Any]) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (part.get("headers") or {}).items()}


def _answer(call: Call, part: Mapping[str, Any], statuses: Mapping[str, int]) -> dict[str, Any]:
    request = _request(call, part)
    names = [str(name).lower() for name in part.get("dependsOn") or ()]
    if any(statuses[name] >= 400 for name in names):
        response = call.service.error(refusal("failed_dependency"), request)
    else:
        response = _admitted(call, request)
    return _shown(part["id"], response)


def _admitted(call: Call, request: GraphRequest) -> GraphResponse:
    try:
        call.service.meter(request)
    except GraphRefusal as refused:
        return call.service.error(refused, request)
    return call.service.handle(request, call.caller)


def _request(call: Call, part: Mapping[str, Any]) -> GraphRequest:
    path, _, query = part["url"].partition("?")
    body = part.get("body")
    return GraphRequest(
        method=part["method"],
        version=call.request.version,
        path="/" + path.lstrip("/").replace("%24", "$"),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        headers=_headers(part),
        body=b"" if body is None else json.dumps(body).encode(),
        correlation=call.request.correlation,
    )


def _shown(part_id: str, response: GraphResponse) -> dict[str, Any]:
    headers = {**response.headers, "request-id": str(uuid4())}
    shown: dict[str, Any] = {"id": part_id, "status": response.status, "headers": headers}
    if response.body is None:
        return shown
    headers["Content-Type"] = response.content_type.partition(";")[0]
    is_bytes = isinstance(response.body, bytes)
    shown["body"] = base64.b64encode(response.body).decode() if is_bytes else response.body
    return shown
