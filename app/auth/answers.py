"""MSAL's dictionaries and exceptions as the station's own types, in one place and without I/O."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app.auth.addresses import is_presentable, plain_text
from app.auth.settings import RESERVED_SCOPES
from app.core.errors import (
    AccountRefused,
    CertificateRefused,
    ClockWrong,
    ConsentDeclined,
    ConsentMissing,
    DeviceCodeBlocked,
    PolicyRefused,
    PublicClientOff,
    RegistrationWrong,
    SecondFactorMissing,
    SignInCancelled,
    SignInEnded,
    SignInError,
    SignInEvidence,
    SignInProxyRefused,
    SignInRefused,
    SignInTimedOut,
    SignInUnreachable,
    SignInUntrusted,
    WrongTenant,
)
from app.core.ports import DevicePrompt
from app.core.signin import Account

DESCRIPTION_LIMIT = 2000
"""Characters of the service's own words that are kept."""

ERROR_LIMIT = 100
"""Characters of its error code and its correlation id."""

LONGEST_CODE = 40
"""Characters of a device code that are shown; RFC 8628, section 6.1, has codes of 8 or 9."""

LONGEST_CODE_SECONDS = 3600.0
"""A device code that claims to live longer is not believed."""

_DECLINED = frozenset({"access_denied", "authorization_declined", "cancelled"})
"""A person's own no, where no number says that it was a policy's (RFC 6749, 4.1.2.1; RFC 8628)."""

_DECLINED_CODE = 70018
"""The number that Entra gives where a person declines on the page for device codes."""

_TOO_LATE = frozenset({"authorization_pending", "slow_down", "expired_token", "code_expired"})
_WANTS_PASSWORD = re.compile(r"\b407\b")
"""In "Tunnel connection failed: 407 ..." (urllib3), "407 Proxy Authentication ..." (httpcore)."""
_NUMBER = re.compile(r"\bAADSTS(\d{4,8})\b")
_NO_NUMBER = 10**8

NUMBERS: Mapping[type[SignInRefused], frozenset[int]] = {
    SignInEnded: frozenset(
        {50058, 50089, 50132, 50133, 50173, 70008, 70043, 70044, 700082, 700084}
    ),
    WrongTenant: frozenset({50020, 50034, 51004, 90072}),
    AccountRefused: frozenset({50053, 50055, 50057, 50105, 50144}),
    SecondFactorMissing: frozenset({50072, 50074, 50076, 50078, 50079, 50158, 53004, 500121}),
    PolicyRefused: frozenset(
        {50005, 50097, 50131, 53000, 53001, 53002, 53003, 53009, 53010, 53011}
        | {530031, 530032, 530034, 530035, 530084}
    ),
    DeviceCodeBlocked: frozenset({530033, 530036}),
    ConsentMissing: frozenset({65001, 90094, 90095, 90099}),
    ConsentDeclined: frozenset({65004}),
    RegistrationWrong: frozenset({50011, 50194, 90002, 650057, 700016, 900023, 7000112}),
    PublicClientOff: frozenset({7000218}),
    CertificateRefused: frozenset({700027}),
    ClockWrong: frozenset({500133, 700024}),
}
"""What the service's own numbers mean (Microsoft Entra authentication and authorization error
codes; 530031 to 530084: Graph contract, section 13). Any other is a SignInRefused, and its words
are kept all the same."""

_BY_NUMBER = {number: kind for kind, numbers in NUMBERS.items() for number in numbers}
_BY_ERROR: Mapping[str, type[SignInRefused]] = {
    "consent_required": ConsentMissing,
    "interaction_required": SignInEnded,
    "invalid_tenant": RegistrationWrong,
    "login_required": SignInEnded,
}
"""What is meant where there is no number (OpenID Connect Core 1.0, section 3.1.2.6)."""


def failure(result: Mapping[str, object], at: datetime) -> SignInError | None:
    """Return what `result` says went wrong, or None where it holds a sign-in token.

    Entra says access_denied and authorization_declined for a policy's refusal as well as for a
    person's: its number tells them apart, so only an error without one is the person's own.
    """
    error = str(result.get("error", ""))
    description = str(result.get("error_description", ""))
    if not error and "access_token" in result:
        return None
    number = _number(result, description)
    if error in _DECLINED and number in {0, _DECLINED_CODE}:
        return SignInCancelled(error)
    if error in _TOO_LATE and number not in _BY_NUMBER:
        return SignInTimedOut("the code expired before anybody had signed in with it")
    return refusal(
        SignInEvidence(
            error=plain_text(error, ERROR_LIMIT) or "invalid_response",
            description=plain_text(description, DESCRIPTION_LIMIT),
            correlation_id=plain_text(str(result.get("correlation_id", "")), ERROR_LIMIT),
            at=at,
            number=number,
        )
    )


def refusal(evidence: SignInEvidence) -> SignInRefused:
    """Return the refusal that `evidence` tells of, by the service's number or by its error."""
    number = evidence.number or _number_in(evidence.description)
    if number:
        known = _BY_NUMBER.get(number, SignInRefused)
        return known(replace(evidence, number=number))
    return _BY_ERROR.get(evidence.error, SignInRefused)(evidence)


def lacks_consent(result: Mapping[str, object] | None) -> bool:
    """Tell whether `result` says that consent is missing for one of the scopes asked for."""
    if result is None or "error" not in result:
        return False
    number = _number(result, str(result.get("error_description", "")))
    known = _BY_NUMBER.get(number) if number else _BY_ERROR.get(str(result["error"]))
    return known is ConsentMissing


def by_device_code(error: SignInError) -> SignInError:
    """Return what `error` means for a sign-in by device code: a policy's no is a no to that way."""
    if isinstance(error, PolicyRefused):
        return DeviceCodeBlocked(error.evidence)
    return error


def no_way(reason: str, *, to_proxy: bool = False, untrusted: bool = False) -> SignInUnreachable:
    """Return what an exchange that the network ended with the words `reason` means.

    `to_proxy` tells that it ended at a proxy, before the service was reached, and `untrusted` that
    a certificate was not accepted.
    """
    if to_proxy and _WANTS_PASSWORD.search(reason):
        return SignInProxyRefused(reason)
    return SignInUntrusted(reason) if untrusted else SignInUnreachable(reason)


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
        address = str(flow["verification_uri"])
    except (KeyError, ValueError) as error:
        raise SignInUnreachable(f"no device code: {type(error).__name__}") from None
    code = plain_text(str(flow["user_code"]), LONGEST_CODE)
    if not is_presentable(address) or not code:
        raise SignInUnreachable("a device code with an address or a code that cannot be shown")
    return DevicePrompt(address, code, ends)


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


def _number(result: Mapping[str, object], description: str) -> int:
    """Return Entra's number of an error, from its words or from `error_codes`; 0 for none."""
    codes = result.get("error_codes")
    first = codes[0] if isinstance(codes, list) and codes else 0
    usable = isinstance(first, int) and not isinstance(first, bool) and 0 < first < _NO_NUMBER
    return _number_in(description) or (first if usable else 0)


def _number_in(description: str) -> int:
    found = _NUMBER.search(description)
    return int(found[1]) if found else 0
