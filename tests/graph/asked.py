"""Holds a request against the OpenAPI subset: a path, options and a body that Graph knows."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from tests.contract import validate

PASSES = re.compile("temporaryAccessPass", re.IGNORECASE)
"""In v1.0, wherever they are."""
BETA_ONLY = ("/authentication/", "/hardwareOathDevices", "/authenticationMethodsPolicy/")


async def check(request: httpx.Request) -> None:
    """An httpx hook: raise AssertionError unless the contract knows such a request."""
    path = request.url.raw_path.partition(b"?")[0].decode("ascii")
    version = path.split("/")[1]
    template = validate.template_of(request.method, path)
    assert template is not None, f"{request.method} {path} is not in the contract"
    beta_only = any(part in template for part in BETA_ONLY) and not PASSES.search(template)
    assert version == ("beta" if beta_only else "v1.0"), f"{path}: the wrong version"
    at_path = validate.document()["paths"][template]
    operation = at_path[request.method.lower()]
    known = _names([*at_path.get("parameters", ()), *operation.get("parameters", ())])
    unknown = set(request.url.params) - known - {"$skiptoken"}
    assert not unknown, f"{template}: {unknown} are not in the contract"
    if "consistencylevel" in request.headers:
        assert "ConsistencyLevel" in known
    _check_body(template, operation, request.content)


def _names(parameters: list[dict[str, Any]]) -> set[str]:
    shared = validate.document()["components"]["parameters"]
    resolved = (shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in parameters)
    return {parameter["name"] for parameter in resolved}


def _check_body(template: str, operation: dict[str, Any], content: bytes) -> None:
    if "requestBody" not in operation:
        assert content == b"", f"{template}: takes no body"
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validate._validate(validate._absolute(schema), json.loads(content), template)
