"""Where foreign faults become ours: httpx's exceptions and Graph's answers in, core.errors out.

What matters is not the kind of failure but what is known after it: was anything sent, was it looked
at, was it acted upon? An answer is judged by its HTTP status alone, since Graph's texts change and
its codes may be empty; code and text are kept as evidence, unchanged.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    Forbidden,
    NotFound,
    NotUnderstood,
    ProxyRefused,
    Rejected,
    SignInExpired,
    Throttled,
    Unavailable,
    Unreachable,
)

_LONGEST_TEXT = 2_000
_LONGEST_BLOT = 6
_NEVER_SENT = (
    httpx.ConnectError,  # refused, no route, no name, a certificate that does not verify
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,  # the proxy refused the tunnel, perhaps asking for a password
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,  # the request could not be written down
)
_WANTS_PASSWORD = re.compile(r"\b407\b")  # httpcore: "407 Proxy Authentication Required"
_CHALLENGED = frozenset({400, 401, 403})
_TOO_MANY = 429
_CLAIMS = re.compile(r'\bclaims\s*=\s*(?:"([^"]*)"|([^\s,"]+))', re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer: its body as bytes, bounded, and the evidence of the exchange.

    The body is not shown: it may be that of a new Temporary Access Pass.
    """

    headers: httpx.Headers
    content: bytes = field(repr=False)
    evidence: Evidence

    @property
    def status(self) -> int:
        """The HTTP status; an answer always has one."""
        return self.evidence.status or 0

    @property
    def is_success(self) -> bool:
        """Tell whether Graph accepted the request (any 2xx; C6 and C10 of the contract)."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the meaning of these numbers is HTTP's

    @property
    def is_page(self) -> bool:
        """Tell whether this is a web page: Graph never sends one, portals and proxies do."""
        return "html" in self.headers.get("content-type", "").lower()


def of_network(error: Exception, asked: Evidence) -> DirectoryError:
    """Return what `error`, raised before an answer was whole, means for the request in `asked`."""
    words = type(error).__name__
    if not isinstance(error, httpx.LocalProtocolError):  # its text quotes headers: a secret
        words = f"{words}: {error}"[:_LONGEST_TEXT]
    told = _with_message(asked, words)
    if isinstance(error, httpx.ProxyError) and _WANTS_PASSWORD.search(str(error)):
        return ProxyRefused(told)
    if isinstance(error, _NEVER_SENT):
        return Unreachable(told)
    if isinstance(error, httpx.DecodingError):
        return NotUnderstood(told)
    return AnswerLost(told)


def of_answer(answer: Answer) -> DirectoryError | None:
    """Return what an answer's status means, or None where it is a success of Graph's making."""
    claims = claims_challenge(answer)
    if claims is not None:
        return SignInExpired(answer.evidence, claims)
    if answer.status == _TOO_MANY:
        return Throttled(answer.evidence, retry_after(answer))
    if answer.status >= 500:  # noqa: PLR2004 - HTTP's own number
        return Unavailable(answer.evidence, retry_after(answer))
    if answer.is_page or answer.status < 400:  # noqa: PLR2004 - HTTP's own number
        whole = answer.is_success and not answer.is_page
        return None if whole else NotUnderstood(answer.evidence)
    return _refusal(answer.evidence)


def _refusal(evidence: Evidence) -> DirectoryError:
    kinds: dict[int | None, type[DirectoryError]] = {
        401: SignInExpired,
        403: Forbidden,
        404: NotFound,
    }
    return kinds.get(evidence.status, Rejected)(evidence)


def decoded(answer: Answer) -> object:
    """Return the JSON of a success; raises NotUnderstood where it is none."""
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(_with_message(answer.evidence, f"not JSON: {_short(error)}")) from None


def _short(error: Exception) -> str:
    """The decoder's complaint without the text it complains about: that may name people."""
    return error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__


def _with_message(evidence: Evidence, message: str) -> Evidence:
    return replace(evidence, message=message)


def not_understood(evidence: Evidence, why: str) -> NotUnderstood:
    """Return the error for an answer whose JSON is not what Graph gives, with the reason."""
    return NotUnderstood(_with_message(evidence, why))


def answered(
    asked: Evidence,
    response: httpx.Response,
    content: bytes,
    at: datetime,
    secrets: tuple[str, ...] = (),
) -> Answer:
    """Return the answer with all that a supporter asks for, read off headers and error envelope.

    Evidence is recorded and copied; `secrets`, the code and the sign-in token that were sent, never
    are. Should the server repeat one of them, it is blotted out before anything is cut short.
    """
    code, message, inner = _envelope(response, content)

    def told(value: object) -> str:
        return _text(_blotted(value, secrets))

    evidence = replace(
        asked,
        status=response.status_code,
        code=told(code),
        message=told(message),
        request_id=told(response.headers.get("request-id", "")) or told(inner.get("request-id")),
        server_date=told(response.headers.get("date", "")),
        at=at,
    )
    return Answer(response.headers, content, evidence)


def _blotted(value: object, secrets: tuple[str, ...]) -> object:
    if not isinstance(value, str):
        return value
    for secret in filter(None, secrets):
        value = value.replace(secret, "*" * min(len(secret), _LONGEST_BLOT))
    return value


def _envelope(
    response: httpx.Response, content: bytes
) -> tuple[object, object, Mapping[str, object]]:
    """Return code, message and innerError; member names in any case (C23 of the contract)."""
    if response.is_success:
        return "", "", {}
    error = _lowered(_lowered(_json_or_none(content)).get("error"))
    message = error.get("message")
    if not isinstance(message, str) or not message:
        message = _page_title(response, content)
    return error.get("code"), message, _lowered(error.get("innererror"))


def _json_or_none(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _lowered(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        return {}
    return {str(name).lower(): member for name, member in value.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return value.encode(errors="replace").decode()[:_LONGEST_TEXT]


def _page_title(response: httpx.Response, content: bytes) -> str:
    """Name the portal or proxy that answered in Graph's place, by its page's title."""
    if "html" not in response.headers.get("content-type", "").lower():
        return ""
    title = _TITLE.search(content[:20_000].decode(errors="replace"))
    return " ".join(title[1].split()) if title else ""


def claims_challenge(answer: Answer) -> str | None:
    """Return the claims that a fresh sign-in token must carry, as JSON text, or None.

    They come with 401, and by other pages of Graph's documentation with 403 or 400 (C27); among
    several challenges, with fields in any order.
    """
    if answer.status not in _CHALLENGED:
        return None
    for header in answer.headers.get_list("www-authenticate"):
        for quoted, bare in _CLAIMS.findall(header):
            claims = _claims(quoted or bare)
            if claims is not None:
                return claims
    return None


def _claims(encoded: str) -> str | None:
    """Decode base64 of either alphabet, padded or not; None where it holds no JSON object."""
    text = encoded.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
        return plain if isinstance(json.loads(plain), dict) else None
    except (binascii.Error, ValueError, RecursionError):
        return None


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that Retry-After asks to wait; None where it is absent or nonsense.

    A date is held against the server's own Date, so that a wrong clock here does no harm.
    """
    text = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = http_date(text)
    now = http_date(answer.evidence.server_date) or answer.evidence.at
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110, section 5.6.7), aware; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
