"""MSAL's dictionaries and exceptions as the station's own types, in one place and without I/O."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.auth.settings import RESERVED_SCOPES
from app.core.errors import (
    SignInCancelled,
    SignInError,
    SignInEvidence,
    SignInRefused,
    SignInUnreachable,
)
from app.core.ports import DevicePrompt

DESCRIPTION_LIMIT = 2000
"""Characters of the service's own words that are kept."""

LONGEST_CODE_SECONDS = 3600.0
"""A device code that claims to live longer is not believed."""

_DECLINED = frozenset({"authorization_declined", "cancelled"})
_TOO_LATE = frozenset({"authorization_pending", "slow_down", "expired_token", "code_expired"})
_DECLINED_CONSENT = "AADSTS65004"


def failure(result: Mapping[str, object], at: datetime) -> SignInError | None:
    """Return what `result` says went wrong, or None where it holds a sign-in token."""
    error = str(result.get("error", ""))
    description = str(result.get("error_description", ""))
    if not error and "access_token" in result:
        return None
    if error in _DECLINED | _TOO_LATE or _person_declined(error, description):
        return SignInCancelled(error)
    return SignInRefused(
        SignInEvidence(
            error=error or "invalid_response",
            description=description[:DESCRIPTION_LIMIT],
            correlation_id=str(result.get("correlation_id", "")),
            at=at,
        )
    )


def signed_out(at: datetime) -> SignInRefused:
    """Return the error for a token asked for while nobody is signed in.

    The code is OpenID Connect's own (OpenID Connect Core 1.0, section 3.1.2.6).
    """
    return SignInRefused(SignInEvidence(error="login_required", at=at))


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


def bare_scopes(scope: str) -> frozenset[str]:
    """Return the names in a scope text without the directory's address: `User.Read`."""
    names = {name.rsplit("/", 1)[-1] for name in scope.split()}
    return frozenset(names - RESERVED_SCOPES - {"email", ""})


def _person_declined(error: str, description: str) -> bool:
    """Tell a person's no from a policy's: Entra says access_denied for both."""
    if error != "access_denied":
        return False
    return "AADSTS" not in description or _DECLINED_CONSENT in description
