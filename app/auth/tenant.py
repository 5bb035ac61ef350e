"""Asks the sign-in service whether a tenant exists, and where: before anybody can sign in.

Its discovery document is public (OpenID Connect Discovery 1.0). Entra adds to it in which region
and cloud the tenant lives, and answers for a tenant of another of its clouds too; of an unknown one
it says so with 400 and a number (AADSTS90002).
"""

import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import httpx

from app.auth.addresses import plain_text
from app.auth.answers import DESCRIPTION_LIMIT, ERROR_LIMIT, no_way, refusal
from app.core.cloud import Cloud
from app.core.errors import (
    RegistrationWrong,
    SignInError,
    SignInEvidence,
    SignInUnreachable,
    TenantUnknown,
)
from app.core.tenancy import FoundTenant, guid
from app.network.tls import is_untrusted

ANSWER_LIMIT = 1 << 20
"""Bytes; the document has about 2 KiB."""

_DOD = "DOD"
"""The sub-scope of a tenant in US Government L5; L4 has DODCON, and GCC lives in the global cloud
(Microsoft Entra, National clouds; seen in the documents of such tenants)."""

_OK = 200
_REFUSALS = range(400, 500)


class TenantLookup:
    """core.ports.TenantFinder over `http`, which its owner closes.

    `http` brings the certificates and the proxy that were configured.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def find(self, named: str, cloud: Cloud) -> FoundTenant:
        """Return the tenant called `named`, a GUID or a domain name. Raises SignInError."""
        place = f"{cloud.authority(quote(named, safe=''))}/v2.0/.well-known/openid-configuration"
        try:
            async with self._http.stream("GET", place) as answer:
                status, text = answer.status_code, await _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(error) from None
        document = _object(status, text)
        if status != _OK:
            raise _refused(status, document)
        return _found(document, named, cloud)


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > ANSWER_LIMIT:
            raise SignInUnreachable(f"more than {ANSWER_LIMIT} bytes")
    return bytes(content)


def _unreachable(error: Exception) -> SignInUnreachable:
    """Return what an exchange that `error` ended means."""
    reason = plain_text(f"{type(error).__name__}: {error}", DESCRIPTION_LIMIT)
    to_proxy = isinstance(error, httpx.ProxyError)
    return no_way(reason, to_proxy=to_proxy, untrusted=is_untrusted(error))


def _object(status: int, text: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise SignInUnreachable(f"HTTP {status} without a JSON object")
    return document


def _refused(status: int, body: Mapping[str, object]) -> SignInError:
    if status not in _REFUSALS:
        return SignInUnreachable(f"HTTP {status}")
    evidence = SignInEvidence(
        error=plain_text(str(body.get("error", f"HTTP {status}")), ERROR_LIMIT),
        description=plain_text(str(body.get("error_description", "")), DESCRIPTION_LIMIT),
        correlation_id=plain_text(str(body.get("correlation_id", "")), ERROR_LIMIT),
    )
    found = refusal(evidence)
    return TenantUnknown(evidence) if isinstance(found, RegistrationWrong) else found


def _found(document: Mapping[str, object], named: str, asked: Cloud) -> FoundTenant:
    """Return the tenant that `document` is of. Its issuer names it (Discovery 1.0, section 3)."""
    issuer = str(document.get("issuer", ""))
    tenant_id = guid(urlsplit(issuer).path.strip("/").partition("/")[0])
    if not tenant_id or guid(named) not in {"", tenant_id}:
        raise SignInUnreachable(f"the document of another issuer: {plain_text(issuer, 200)}")
    region = plain_text(str(document.get("tenant_region_scope") or ""), 20)
    return FoundTenant(tenant_id, _cloud(document) or asked, region)


def _cloud(document: Mapping[str, object]) -> Cloud | None:
    """Return the cloud of the tenant, or None where the document does not tell it."""
    if document.get("tenant_region_sub_scope") == _DOD:
        return Cloud.US_GOV_L5
    graph, instance = document.get("msgraph_host"), document.get("cloud_instance_name")
    by_graph = [cloud for cloud in Cloud if cloud.graph_host == graph]
    by_instance = [cloud for cloud in Cloud if cloud.login_host == f"login.{instance}"]
    return next(iter(by_graph or by_instance), None)
