"""The one way by which MSAL reaches the network: verified, bounded, with one deadline per exchange.

MSAL's own session would let REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE replace the configured
certificates, would follow redirects, and MSAL logs an answer that is not JSON in full, which may be
half a sign-in token. So exchanges here follow nothing, go to hosts of the sign-in service alone,
and hand on only JSON objects.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from app.auth.addresses import is_of_authority, plain_text
from app.auth.answers import DESCRIPTION_LIMIT, ERROR_LIMIT, no_way, refusal
from app.auth.settings import AuthSettings
from app.core.errors import SignInEvidence, SignInUnreachable
from app.network.exchange import ExchangeError, Https


class NotAnAnswerError(requests.RequestException):
    """What came back is not what a sign-in service answers: a captive portal, a proxy's page.

    MSAL takes errors of requests for those of the network, and then goes on with a token that still
    has life left.
    """


class NoAnswerError(requests.RequestException):
    """The exchange brought no usable answer, as `reason` says."""

    def __init__(self, error: ExchangeError) -> None:
        super().__init__(str(error))
        self.reason = error


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
        self._authority = settings.authority
        self._https = Https(settings.ssl_context, settings.proxies, settings.limits)

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
        self._https.close()

    def _ask(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        if not is_of_authority(url, self._authority):
            raise NotAnAnswerError(f"an address of another host: {urlsplit(url).hostname}")
        if query := _form(options.get("params")):
            url = f"{url}{'&' if urlsplit(url).query else '?'}{query}"
        headers, content = dict(options.get("headers") or {}), b""
        if method == "POST":
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            content = _form(options.get("data")).encode("ascii")
        try:
            reply = self._https.exchange(method, url, headers, content)
        except ExchangeError as error:
            raise NoAnswerError(error) from None
        text = reply.content.decode("utf-8", "replace")
        if reply.is_cut:
            raise NotAnAnswerError(f"more than {len(reply.content)} bytes")
        if reply.status < 500 and not _is_object(text):  # noqa: PLR2004 - 5xx need no JSON
            raise NotAnAnswerError(f"HTTP {reply.status} without a JSON object")
        return Answer(reply.status, text, reply.headers)


def _form(pairs: Mapping[str, object] | None) -> str:
    """Return `pairs` as application/x-www-form-urlencoded, without those that have no value."""
    return urlencode({name: value for name, value in (pairs or {}).items() if value is not None})


def unreachable(error: requests.RequestException) -> SignInUnreachable:
    """Return what an exchange that `error` ended means for somebody who signs in."""
    if isinstance(error, NoAnswerError):
        why = error.reason
        return no_way(str(why), to_proxy=why.at_proxy, untrusted=why.untrusted)
    return no_way(str(error) or type(error).__name__)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _evidence(body: Mapping[str, object], status: int) -> SignInEvidence:
    return SignInEvidence(
        error=plain_text(str(body.get("error", f"HTTP {status}")), ERROR_LIMIT),
        description=plain_text(str(body.get("error_description", "")), DESCRIPTION_LIMIT),
        correlation_id=plain_text(str(body.get("correlation_id", "")), ERROR_LIMIT),
    )
