"""MSAL's dictionaries and exceptions as the station's own types, in one place and without I/O."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.auth.settings import RESERVED_SCOPES
from app.core.errors import (
    AccountRefused,
    CertificateRefused,
    ClockWrong,
    ConsentMissing,
    PolicyRefused,
    RegistrationWrong,
    SecondFactorMissing,
    SignInCancelled,
    SignInEnded,
    SignInError,
    SignInEvidence,
    SignInProxyRefused,
    SignInRefused,
    SignInUnreachable,
    SignInUntrusted,
    WrongTenant,
)
from app.core.ports import DevicePrompt
from app.core.signin import Account

DESCRIPTION_LIMIT = 2000
"""Characters of the service's own words that are kept."""

LONGEST_CODE_SECONDS = 3600.0
"""A device code that claims to live longer is not believed."""

_DECLINED = frozenset({"authorization_declined", "cancelled"})
_TOO_LATE = frozenset({"authorization_pending", "slow_down", "expired_token", "code_expired"})
_DECLINED_CONSENT = "AADSTS65004"
_WANTS_PASSWORD = re.compile(r"\b407\b")
"""In "Tunnel connection failed: 407 ..." (urllib3), "407 Proxy Authentication ..." (httpcore)."""
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # OpenSSL's name for it, which ssl puts into its words
_NUMBER = re.compile(r"\bAADSTS(\d{5,7})\b")

NUMBERS: Mapping[type[SignInRefused], frozenset[int]] = {
    SignInEnded: frozenset(
        {50058, 50089, 50132, 50133, 50173, 70008, 70043, 70044, 700082, 700084}
    ),
    WrongTenant: frozenset({50020, 50034, 51004, 90072}),
    AccountRefused: frozenset({50053, 50055, 50057, 50105, 50144}),
    SecondFactorMissing: frozenset({50072, 50074, 50076, 50078, 50079, 50158, 53004, 500121}),
    PolicyRefused: frozenset({50005, 50097, 50131, 53000, 53001, 53002, 53003, 53009, 53011}),
    ConsentMissing: frozenset({65001, 90094, 90095}),
    RegistrationWrong: frozenset({50194, 90002, 650057, 700016, 900023, 7000112, 7000218}),
    CertificateRefused: frozenset({700027}),
    ClockWrong: frozenset({500133, 700024}),
}
"""What the service's own numbers mean (Microsoft Entra authentication and authorization error
codes). Any other is a SignInRefused, and its words are kept all the same."""

_BY_NUMBER = {number: kind for kind, numbers in NUMBERS.items() for number in numbers}
_BY_ERROR: Mapping[str, type[SignInRefused]] = {
    "consent_required": ConsentMissing,
    "interaction_required": SignInEnded,
    "invalid_tenant": RegistrationWrong,
    "login_required": SignInEnded,
}
"""What is meant where there is no number (OpenID Connect Core 1.0, section 3.1.2.6)."""


def failure(result: Mapping[str, object], at: datetime) -> SignInError | None:
    """Return what `result` says went wrong, or None where it holds a sign-in token."""
    error = str(result.get("error", ""))
    description = str(result.get("error_description", ""))
    if not error and "access_token" in result:
        return None
    if error in _DECLINED | _TOO_LATE or _person_declined(error, description):
        return SignInCancelled(error)
    return refusal(
        SignInEvidence(
            error=error or "invalid_response",
            description=description[:DESCRIPTION_LIMIT],
            correlation_id=str(result.get("correlation_id", "")),
            at=at,
        )
    )


def refusal(evidence: SignInEvidence) -> SignInRefused:
    """Return the refusal that `evidence` tells of, by the service's number or by its error."""
    number = _NUMBER.search(evidence.description)
    known = _BY_NUMBER.get(int(number[1])) if number else _BY_ERROR.get(evidence.error)
    return (known or SignInRefused)(evidence)


def no_way(reason: str, *, to_proxy: bool) -> SignInUnreachable:
    """Return what an exchange that the network ended with the words `reason` means.

    `to_proxy` tells that it ended at a proxy, before the service was reached.
    """
    if to_proxy and _WANTS_PASSWORD.search(reason):
        return SignInProxyRefused(reason)
    return SignInUntrusted(reason) if _UNTRUSTED in reason else SignInUnreachable(reason)


def renewal(error: SignInError) -> SignInError:
    """Return what `error` means for somebody who was signed in: without a name of its own, the end.

    An expired grant and a wish to see a person again have many numbers, and one meaning.
    """
    return SignInEnded(error.evidence) if type(error) is SignInRefused else error


def signed_out(at: datetime) -> SignInEnded:
    """Return the error for a token asked for while nobody is signed in.

    The code is OpenID Connect's own (OpenID Connect Core 1.0, section 3.1.2.6).
    """
    return SignInEnded(SignInEvidence(error="login_required", at=at))


def device_prompt(flow: Mapping[str, object], now: datetime) -> DevicePrompt:
    """Return what to show for a device flow. Raises SignInRefused and SignInUnreachable."""
    if "user_code" not in flow:
        raise failure(flow, now) or SignInUnreachable("no device code")
    try:
        lifetime = min(float(str(flow["expires_in"])), LONGEST_CODE_SECONDS)
        ends = now + timedelta(seconds=lifetime)
        return DevicePrompt(str(flow["verification_uri"]), str(flow["user_code"]), ends)
    except (KeyError, ValueError) as error:
        raise SignInUnreachable(f"no device code: {type(error).__name__}") from None


def account(result: Mapping[str, object]) -> Account | None:
    """Return who signed in, by the claims of the ID token; None where they name nobody.

    `oid` is the object id in the directory (Microsoft identity platform, ID token claims).
    """
    claims = result.get("id_token_claims")
    told = claims if isinstance(claims, dict) else {}
    oid, name, upn = (told.get(each) for each in ("oid", "name", "preferred_username"))
    if not isinstance(oid, str) or not oid:
        return None
    return Account(oid, name if isinstance(name, str) else "", upn if isinstance(upn, str) else "")


def bare_scopes(scope: str) -> frozenset[str]:
    """Return the names in a scope text without the directory's address: `User.Read`."""
    names = {name.rsplit("/", 1)[-1] for name in scope.split()}
    return frozenset(names - RESERVED_SCOPES - {"email", ""})


def _person_declined(error: str, description: str) -> bool:
    """Tell a person's no from a policy's: Entra says access_denied for both."""
    if error != "access_denied":
        return False
    return "AADSTS" not in description or _DECLINED_CONSENT in description
