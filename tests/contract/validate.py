"""Checks that an HTTP answer is one the OpenAPI subset allows for its request.

`check()` raises AssertionError with every difference. Parts of a `$batch` are checked as if each
had come alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

SUBSET = Path(__file__).with_name("openapi-subset.yaml")
_BASE = "urn:oathdesk:openapi-subset"
_ERROR = {"$ref": f"{_BASE}#/components/schemas/microsoft.graph.ODataErrors.ODataError"}
_TYPED = re.compile(r"#(microsoft\.graph\.\w+)\Z")
_ID_HEADERS = ("request-id", "date", "x-ms-ags-diagnostic")


@cache
def document() -> Mapping[str, Any]:
    """The OpenAPI subset."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, Any] = yaml.load(SUBSET.read_text(encoding="utf-8"), loader)  # noqa: S506 - both loaders are the safe ones
    return found


@cache
def _registry() -> Registry[Any]:
    resource = DRAFT4.create_resource(dict(document()))
    registry: Registry[Any] = Registry()
    complete: Registry[Any] = registry.with_resource(_BASE, resource)
    return complete


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every path as a pattern; those with fewer parameters are tried first."""
    paths = sorted(document()["paths"], key=lambda path: (path.count("{"), path))
    return tuple((_pattern(path), path) for path in paths)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    inner = ("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile("".join(inner) + r"\Z", re.IGNORECASE)


def template_of(method: str, path: str) -> str | None:
    """The path template that serves a method and a path without its version."""
    bare = re.sub(r"\A/(beta|v1\.0)(?=/)", "", path).replace("%24", "$")
    for pattern, template in _templates():
        if pattern.match(bare) and method.lower() in document()["paths"][template]:
            return template
    return None


def check(method: str, path: str, status: int, headers: Mapping[str, str], body: object) -> None:
    """Raise AssertionError unless the answer is what the contract allows.

    `path` may carry a version and must carry no query; `body` is parsed JSON, bytes, or None.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in _ID_HEADERS if name not in lower]
    assert not missing, f"{method} {path}: headers missing: {missing}"
    check_body(method, path, status, lower.get("content-type", ""), body)


def check_body(method: str, path: str, status: int, content_type: str, body: object) -> None:
    """The part of `check` that needs no headers of the whole answer."""
    template = template_of(method, path)
    if template is None:
        assert status >= 400, f"{method} {path} is not in the contract, yet answered {status}"
        _validate(_ERROR, body, f"{method} {path}")
        return
    response = _response(document()["paths"][template][method.lower()]["responses"], status)
    assert response is not None, f"{method} {template}: {status} is not in the contract"
    if "content" not in response:
        assert body in (None, b""), f"{method} {template}: {status} must have no body"
        return
    media = content_type.partition(";")[0]
    if "application/json" not in response["content"]:
        assert isinstance(body, bytes | str), f"{method} {template}: {media} must be binary"
        return
    assert media == "application/json", f"{method} {template}: Content-Type is {media!r}"
    schema = response["content"]["application/json"]["schema"]
    _validate(_absolute(schema), body, f"{method} {path}")
    _check_typed(body, f"{method} {path}")
    if template == "/$batch" and status == 200 and isinstance(body, Mapping):
        _check_collisions(body)


def check_batch(requests: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> None:
    """Check every part of a `$batch` answer against the request it belongs to."""
    asked = {request["id"]: request for request in requests}
    for part in answer["responses"]:
        request = asked[part["id"]]
        kind = part.get("headers", {}).get("Content-Type", "")
        path = "/" + request["url"].partition("?")[0].lstrip("/")
        check_body(request["method"], path, part["status"], kind, part.get("body"))


def _check_collisions(body: Mapping[str, Any]) -> None:
    ids = [part["id"] for part in body["responses"]]
    assert len(ids) == len(set(ids)), "a batch answered a request twice"


def _response(responses: Mapping[str, Any], status: int) -> Mapping[str, Any] | None:
    found = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    if found is None or "$ref" not in found:
        return found
    name = found["$ref"].rpartition("/")[2]
    resolved: Mapping[str, Any] = document()["components"]["responses"][name]
    return resolved


def _absolute(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"$ref": f"{_BASE}{schema['$ref']}"} if "$ref" in schema else dict(schema)


def _check_typed(value: object, where: str) -> None:
    """Hold every object that names its type to the schema of that type."""
    if isinstance(value, list):
        for item in value:
            _check_typed(item, where)
    if not isinstance(value, Mapping):
        return
    named = _TYPED.match(str(value.get("@odata.type", "")))
    if named and named.group(1) in document()["components"]["schemas"]:
        schema = {"$ref": f"{_BASE}#/components/schemas/{named.group(1)}"}
        _validate(schema, value, where)
        _check_known(named.group(1), value, where)
    for item in value.values():
        _check_typed(item, where)


def _check_known(type_name: str, value: Mapping[str, Any], where: str) -> None:
    known = _properties(type_name)
    unknown = [name for name in value if not name.startswith("@") and name not in known]
    assert not unknown, f"{where}: {type_name} has no {unknown}"


@cache
def _properties(type_name: str) -> frozenset[str]:
    schema = document()["components"]["schemas"][type_name]
    found = set(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        found |= set(part.get("properties", {}))
        if "$ref" in part:
            found |= _properties(part["$ref"].rpartition("/")[2])
    return frozenset(found)


def _validate(schema: Mapping[str, Any], body: object, where: str) -> None:
    validator = OAS30Validator(schema, registry=_registry(), format_checker=oas30_format_checker)
    problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
    assert not problems, f"{where}: " + "; ".join(problems[:5])
