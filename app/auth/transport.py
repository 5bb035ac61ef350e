"""The one way by which MSAL reaches the network: verified, bounded, with time limits.

MSAL's own session would let REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE replace the configured
certificates, would follow redirects, and MSAL logs an answer that is not JSON in full, which may be
half a sign-in token. So the session here ignores the environment but for the proxies, follows
nothing, and hands on only JSON objects.
"""

import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import requests
from requests.adapters import HTTPAdapter
from requests.utils import should_bypass_proxies
from urllib3.util.retry import Retry

from app.auth.answers import DESCRIPTION_LIMIT, no_way, refusal
from app.auth.settings import AuthSettings
from app.core.errors import SignInEvidence, SignInUnreachable

TIMEOUTS = (5.0, 20.0)
"""Seconds to connect, and between two pieces of the answer."""

ANSWER_LIMIT = 1 << 20
"""Bytes; a token answer is about 10 KiB, a discovery document 2 KiB."""


class NotAnAnswerError(requests.RequestException):
    """What came back is not what a sign-in service answers: a captive portal, a proxy's page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What MSAL looks at in an answer. The text may hold sign-in tokens."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def raise_for_status(self) -> None:
        """Raise requests.HTTPError for 4xx and 5xx, as MSAL expects of an answer."""
        if self.status_code >= 400:  # noqa: PLR2004 - where HTTP's errors begin
            raise requests.HTTPError(f"HTTP {self.status_code}")


class Transport:
    """What MSAL takes for its http_client. Methods block and raise requests.RequestException."""

    def __init__(self, settings: AuthSettings) -> None:
        self._proxy = settings.proxy
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("https://", _VerifyingAdapter(_context(settings)))
        self._session.mount("http://", _NoAdapter())

    def get(self, url: str, **options: Any) -> Answer:
        """Fetch a document. Raises SignInRefused where the service says why it has none."""
        answer = self._ask("GET", url, options)
        if 400 <= answer.status_code < 500:  # noqa: PLR2004 - the range of refusals
            raise refusal(_evidence(json.loads(answer.text), answer.status_code))
        return answer

    def post(self, url: str, **options: Any) -> Answer:
        """Send a form."""
        return self._ask("POST", url, options)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        wanted = {key: options.get(key) for key in ("params", "data", "headers")}
        with self._session.request(
            method,
            url,
            **wanted,
            timeout=TIMEOUTS,
            proxies=self._proxies_for(url),
            allow_redirects=False,
            stream=True,
        ) as response:
            text = _bounded(response)
            answer = Answer(response.status_code, text, dict(response.headers))
        if answer.status_code < 500 and not _is_object(text):  # noqa: PLR2004 - 5xx need no JSON
            raise NotAnAnswerError(f"HTTP {answer.status_code} without a JSON object")
        return answer

    def _proxies_for(self, url: str) -> dict[str, str]:
        if _is_loopback(urlsplit(url).hostname or ""):
            return {}
        if self._proxy is not None:
            return {"https": self._proxy}
        return {} if should_bypass_proxies(url, no_proxy=None) else getproxies()


class _VerifyingAdapter(HTTPAdapter):
    """Connections whose trust is one TLS context, and nothing that a call or a variable says."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=Retry(total=1, read=0, other=0, redirect=0))

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(
            proxy, **options, ssl_context=self._context, proxy_ssl_context=self._context
        )

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
        """Require a certificate; requests would add its own bundle to the context here."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = None
        conn.ca_cert_dir = None


class _NoAdapter(HTTPAdapter):
    """Refuses what is not https."""

    def send(self, *args: Any, **options: Any) -> requests.Response:  # noqa: ARG002 - requests' signature
        """Raise NotAnAnswerError."""
        raise NotAnAnswerError("not https")


def unreachable(error: requests.RequestException) -> SignInUnreachable:
    """Return what an exchange that `error` ended means for somebody who signs in."""
    to_proxy = isinstance(error, requests.exceptions.ProxyError)
    return no_way(reason(error), to_proxy=to_proxy)


def reason(error: BaseException) -> str:
    """Return the innermost words of a network error, without the layers around them."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", inner)
    return str(inner) or type(error).__name__


def _context(settings: AuthSettings) -> ssl.SSLContext:
    """Return the given context, or one over the given file or the system's certificates."""
    if settings.ssl_context is not None:
        return settings.ssl_context
    return ssl.create_default_context(cafile=settings.ca_file)


def _bounded(response: requests.Response) -> str:
    content = bytearray()
    for piece in response.iter_content(chunk_size=65536):
        content += piece
        if len(content) > ANSWER_LIMIT:
            raise NotAnAnswerError(f"more than {ANSWER_LIMIT} bytes")
    return content.decode("utf-8", "replace")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _evidence(body: Mapping[str, object], status: int) -> SignInEvidence:
    return SignInEvidence(
        error=str(body.get("error", f"HTTP {status}")),
        description=str(body.get("error_description", ""))[:DESCRIPTION_LIMIT],
        correlation_id=str(body.get("correlation_id", "")),
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
