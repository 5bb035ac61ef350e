"""Decides who may sign in and what an app is given: codes, device codes, refresh tokens.

Errors carry numbers as Entra writes them (AADSTS...), so that a client's branches are exercised;
the texts are our own.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.simulator.access import FRESH_PROOF, FRESH_SECONDS, Caller
from app.simulator.model import Person
from app.simulator.options import DeviceCode, SimulatorOptions
from app.simulator.refusals import GraphRefusal, refusal
from app.simulator.signin.issuer import (
    GRAPH_RESOURCE,
    AccessClaims,
    BadToken,
    ClientCertificate,
    ExpiredToken,
    TokenIssuer,
    client_info,
)
from app.simulator.signin.pages import FilledIn
from app.simulator.tenant import Tenant

OIDC_SCOPES = frozenset(("openid", "profile", "offline_access", "email"))
CODE_LIFETIME = 600.0
DEVICE_LIFETIME = 900
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
BLOCKED_DEVICE_CODE: Mapping[DeviceCode, tuple[int, str]] = {
    DeviceCode.SECURITY_DEFAULTS: (530035, "Access has been blocked by security defaults."),
    DeviceCode.DEVICE_POLICY: (
        530033,
        "Access has been blocked by Conditional Access: the device has to be managed.",
    ),
    DeviceCode.CONDITIONAL_ACCESS: (
        53003,
        "Access has been blocked by Conditional Access policies.",
    ),
}
"""Numbers: contract, section 13. That they come with authorization_declined is an assumption."""

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SignInRefusal(Exception):
    """A sign-in that is refused: OAuth error, AADSTS number, text, and Entra's suberror."""

    def __init__(self, error: str, number: int, text: str, suberror: str = "") -> None:
        super().__init__(f"{error}: AADSTS{number}")
        self.error = error
        self.number = number
        self.description = f"AADSTS{number}: {text}"
        self.suberror = suberror


@dataclass(slots=True)
class Grant:
    """What a person allowed an app: kept behind a code, a device code or a refresh token."""

    client_id: str
    scope: str
    person_id: str | None = None
    nonce: str | None = None
    redirect_uri: str = ""
    challenge: str = field(default="", repr=False)
    continuous: bool = False
    expires: float = 0.0
    refused: bool = False
    proven: float = 0.0
    by_device: bool = False
    blocked: SignInRefusal | None = None


class SignInDesk:
    """The pure part of the sign-in service: everything but HTTP."""

    def __init__(self, tenant: Tenant, options: SimulatorOptions, base_url: str) -> None:
        self.tenant = tenant
        self.options = options
        self.authority = f"{base_url}/{tenant.id}"
        self.base_url = base_url
        seed = options.seed
        self.client_id = str(UUID(int=0x9BE2F7C411D84A658C3E70F5A2D4B631 ^ seed, version=4))
        self.app_client_id = str(UUID(int=0xA1C0FFEE11D84A658C3E70F5A2D4B631 ^ seed, version=4))
        self.issuer = TokenIssuer(f"{self.authority}/v2.0", tenant.id, tenant.clock)
        self.certificate = ClientCertificate(tenant.clock, options.app_certificates)
        self.reset()

    def reset(self) -> None:
        """Forget every sign-in so far and restore the consents."""
        self.restore_consents()
        self.app_permissions = set(self.options.app_permissions)
        self.codes: dict[str, Grant] = {}
        self.device_codes: dict[str, Grant] = {}
        self.user_codes: dict[str, str] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.expired_up_to = 0
        self.proofs: dict[int, float] = {}
        self.skew = 0.0
        self.next_refusals: list[SignInRefusal] = []
        self.filled_in: FilledIn | None = None

    def restore_consents(self) -> None:
        """Consent to what the options name, but for what the tenant's state leaves out."""
        without = {name.lower() for name in self.tenant.state.without_consent}
        named = self.options.consented_scopes
        self.consented = {scope for scope in named if scope.lower() not in without}

    @property
    def token_endpoint(self) -> str:
        """Where every grant is exchanged, and the audience of client assertions."""
        return f"{self.authority}/oauth2/v2.0/token"

    # -- who is there -------------------------------------------------------------------------

    def check_password(self, username: str, password: str) -> Person:
        """The person behind practice credentials; raises SignInRefusal."""
        operator = self.tenant.operator(username)
        if operator is None or not secrets.compare_digest(
            operator.password.encode(), password.encode()
        ):
            raise SignInRefusal("invalid_grant", 50126, "Invalid username or password.")
        if self.next_refusals:
            raise self.next_refusals.pop(0)
        return self._enabled_person(operator.person_id)

    def _enabled_person(self, person_id: str) -> Person:
        person: Person | None = self.tenant.people.current(person_id)
        if person is None:
            raise SignInRefusal("invalid_grant", 50034, "The user account does not exist.")
        if not person.account_enabled:
            raise SignInRefusal("invalid_grant", 50057, "The user account is disabled.")
        return person

    def check_client(self, client_id: str) -> None:
        """Refuse an app that is not registered."""
        if client_id not in (self.client_id, self.app_client_id):
            text = f"Application with identifier '{client_id}' was not found in the directory."
            raise SignInRefusal("unauthorized_client", 700016, text)

    # -- scopes -------------------------------------------------------------------------------

    def granted(self, scope: str) -> frozenset[str]:
        """The Graph scopes behind a requested `scope` text; refuses what lacks consent."""
        names = {short_scope(part, self.base_url) for part in scope.split()} - OIDC_SCOPES
        if ".default" in names:
            return frozenset(self.consented)
        by_lower = {name.lower(): name for name in self.consented}
        missing = sorted(name for name in names if name.lower() not in by_lower)
        if missing:
            text = "The user or administrator has not consented to use the application"
            text += f" with these permissions: {', '.join(missing)}."
            raise SignInRefusal("invalid_grant", 65001, text, "consent_required")
        return frozenset(by_lower[name.lower()] for name in names)

    # -- authorization code -------------------------------------------------------------------

    def begin(self, query: Mapping[str, str]) -> Grant:
        """Check an authorize request; raises SignInRefusal."""
        self.check_client(query.get("client_id", ""))
        if query.get("response_type") != "code":
            text = "The response_type must be 'code'."
            raise SignInRefusal("unsupported_response_type", 700054, text)
        if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
            raise SignInRefusal("invalid_request", 9002325, "PKCE with S256 is required.")
        if query.get("prompt") == "none":
            text = "Session information is not sufficient for single sign-on."
            raise SignInRefusal("interaction_required", 50058, text)
        self.granted(query.get("scope", ""))
        return Grant(
            client_id=query["client_id"],
            scope=query["scope"],
            nonce=query.get("nonce"),
            redirect_uri=query.get("redirect_uri", ""),
            challenge=query["code_challenge"],
            continuous=_is_continuous(query.get("claims")),
        )

    def code_for(self, grant: Grant, person: Person) -> str:
        """A fresh authorization code, good for ten minutes and one use."""
        grant.person_id = person.id
        grant.proven = self.tenant.clock()
        grant.expires = self.tenant.clock() + CODE_LIFETIME
        code = secrets.token_urlsafe(48)
        self.codes[code] = grant
        return code

    # -- device code --------------------------------------------------------------------------

    def begin_device(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Start a device sign-in: the answer of the device authorization endpoint."""
        self.check_client(form.get("client_id", ""))
        self.granted(form.get("scope", ""))
        device_code = secrets.token_urlsafe(48)
        user_code = "".join(secrets.choice(USER_CODE_LETTERS) for _ in range(8))
        grant = Grant(form["client_id"], form["scope"], by_device=True)
        grant.continuous = _is_continuous(form.get("claims"))
        grant.expires = self.tenant.clock() + DEVICE_LIFETIME
        self.device_codes[device_code] = grant
        self.user_codes[user_code] = device_code
        page = f"{self.base_url}/device"
        return {
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": DEVICE_LIFETIME,
            "interval": self.options.device_poll_seconds,
            "message": f"To sign in, open {page} and enter the code {user_code}.",
        }

    def device_grant(self, user_code: str) -> Grant | None:
        """The waiting grant behind the code a person types, if it is still good."""
        typed = "".join(user_code.split()).replace("-", "").upper()
        grant = self.device_codes.get(self.user_codes.get(typed, ""))
        return grant if grant and grant.expires > self.tenant.clock() else None

    def device_signed_in(self, grant: Grant, person: Person) -> SignInRefusal | None:
        """Take in who signed in at the other device; return what the tenant blocks it with."""
        state = self.tenant.state
        if state.device_code is not DeviceCode.ALLOWED:
            number, text = BLOCKED_DEVICE_CODE[state.device_code]
            refused = SignInRefusal("authorization_declined", number, text)
            grant.blocked = refused if state.device_block_told else None
            return refused
        grant.person_id, grant.proven = person.id, self.tenant.clock()
        return None

    # -- the token endpoint -------------------------------------------------------------------

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request; raises SignInRefusal."""
        exchanges = {
            "authorization_code": self._exchange_code,
            "refresh_token": self._exchange_refresh,
            "urn:ietf:params:oauth:grant-type:device_code": self._exchange_device,
            "client_credentials": self._exchange_app,
        }
        exchange = exchanges.get(form.get("grant_type", ""))
        if exchange is None:
            raise SignInRefusal("unsupported_grant_type", 70003, "The grant type is not supported.")
        self.check_client(form.get("client_id", ""))
        return exchange(form)

    def _exchange_code(self, form: Mapping[str, str]) -> dict[str, Any]:
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.expires <= self.tenant.clock():
            raise SignInRefusal("invalid_grant", 70008, "The code has expired or was used before.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.challenge:
            raise SignInRefusal("invalid_grant", 501481, "The code verifier does not match.")
        if (form.get("redirect_uri"), form["client_id"]) != (grant.redirect_uri, grant.client_id):
            raise SignInRefusal("invalid_client", 500112, "The reply address does not match.")
        return self._answer(grant, form)

    def _exchange_device(self, form: Mapping[str, str]) -> dict[str, Any]:
        device_code = form.get("device_code", "")
        grant = self.device_codes.get(device_code)
        if grant is None or grant.expires <= self.tenant.clock():
            raise SignInRefusal("expired_token", 70020, "The device code has expired.")
        if grant.refused:
            raise SignInRefusal("authorization_declined", 70018, "The person declined.")
        if grant.blocked is not None:
            raise grant.blocked
        if grant.person_id is None:
            raise SignInRefusal("authorization_pending", 70016, "The person has not finished yet.")
        if not self.tenant.state.public_client_flows:
            text = "The request body must contain 'client_assertion' or 'client_secret'."
            raise SignInRefusal("invalid_client", 7000218, text)
        del self.device_codes[device_code]
        return self._answer(grant, form)

    def _exchange_refresh(self, form: Mapping[str, str]) -> dict[str, Any]:
        grant = self.refresh_tokens.get(form.get("refresh_token", ""))
        if grant is None or grant.client_id != form["client_id"]:
            text = "The refresh token was revoked or is not known."
            raise SignInRefusal("invalid_grant", 50173, text, "bad_token")
        if grant.by_device and self.tenant.state.device_code is not DeviceCode.ALLOWED:
            text = "The refresh token is invalid due to authentication flow checks."
            raise SignInRefusal("invalid_grant", 530036, text)
        if wants_fresh_proof(form.get("claims")) and self._is_stale(grant.proven):
            text = "The multi-factor authentication is too old and has to be renewed."
            raise SignInRefusal("interaction_required", 50078, text, "basic_action")
        return self._answer(grant, form)

    def _answer(self, grant: Grant, form: Mapping[str, str]) -> dict[str, Any]:
        person = self._enabled_person(grant.person_id or "")
        scope = form.get("scope") or grant.scope
        continuous = grant.continuous or _is_continuous(form.get("claims"))
        access = self.issuer.access_token(
            person, grant.client_id, self.granted(scope), self.options.access_token_seconds,
            continuous=continuous,
        )  # fmt: skip
        self.proofs[self.issuer.sequence] = grant.proven
        answer = self._lifetime() | {"access_token": access}
        answer["scope"] = " ".join(p for p in scope.split() if p != "offline_access")
        if "openid" in scope.split():
            answer["id_token"] = self.issuer.id_token(person, grant.client_id, grant.nonce)
        if "offline_access" in scope.split():
            answer["refresh_token"] = self._refresh_token(grant, scope, continuous=continuous)
        if form.get("client_info") == "1":
            answer["client_info"] = client_info(person, self.tenant.id)
        return answer

    def _lifetime(self) -> dict[str, Any]:
        seconds = self.options.access_token_seconds
        return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds}

    def _refresh_token(self, grant: Grant, scope: str, *, continuous: bool) -> str:
        token = secrets.token_urlsafe(64)
        kept = Grant(grant.client_id, scope, grant.person_id, continuous=continuous)
        kept.by_device = grant.by_device
        kept.proven = grant.proven
        self.refresh_tokens[token] = kept
        return token

    def _exchange_app(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form["client_id"] != self.app_client_id:
            raise SignInRefusal("unauthorized_client", 700016, "This app has no certificate.")
        self._check_assertion(form)
        if short_scope(form.get("scope", ""), self.base_url) != ".default":
            raise SignInRefusal("invalid_scope", 1002012, "The scope must end in '/.default'.")
        access = self.issuer.access_token(
            None, self.app_client_id, frozenset(self.app_permissions),
            self.options.access_token_seconds, continuous=_is_continuous(form.get("claims")),
        )  # fmt: skip
        return self._lifetime() | {"access_token": access}

    def _check_assertion(self, form: Mapping[str, str]) -> None:
        """Refuse what the app's certificate did not sign, or signed by a clock far from ours."""
        text = "The client assertion failed signature validation."
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise SignInRefusal("invalid_client", 700027, text)
        now, assertion = self.tenant.clock() + self.skew, form.get("client_assertion", "")
        try:
            self.certificate.check(assertion, self.app_client_id, self.token_endpoint, now)
        except BadToken:
            raise SignInRefusal("invalid_client", 700027, text) from None
        except ExpiredToken:
            text = "The client assertion is not within its valid time range."
            raise SignInRefusal("invalid_client", 700024, text) from None

    # -- what Graph asks ----------------------------------------------------------------------

    def caller(self, authorization: str) -> Caller | GraphRefusal:
        """Who sends a request with this `Authorization` header, or why nobody does."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return self._unauthorized("token_missing")
        try:
            claims = self.issuer.read(token.strip())
        except BadToken:
            return self._unauthorized("bad_token")
        except ExpiredToken:
            return self._unauthorized("expired")
        if claims.sequence <= self.expired_up_to:
            return self._unauthorized("expired")
        return self._caller_of(claims)

    def _caller_of(self, claims: AccessClaims) -> Caller | GraphRefusal:
        if claims.person_id is None:
            return Caller(claims.scopes & self.app_permissions, None, claims.client_id)
        person: Person | None = self.tenant.people.current(claims.person_id)
        if person is None or not person.account_enabled:
            return self._unauthorized("bad_token")
        stale = self._is_stale(self.proofs.get(claims.sequence, 0.0))
        return Caller(claims.scopes & self.consented, person, claims.client_id, stale)

    def _is_stale(self, proven: float) -> bool:
        return self.tenant.clock() - proven > FRESH_SECONDS

    def age(self) -> None:
        """Make every sign-in so far older than what changing one's own methods takes."""
        self.proofs = {one: at - 2 * FRESH_SECONDS for one, at in self.proofs.items()}
        for grant in self.refresh_tokens.values():
            grant.proven -= 2 * FRESH_SECONDS

    def sequence_of(self, authorization: str) -> int:
        """The issue number of a good access token; 0 for anything else."""
        try:
            return self.issuer.read(authorization.partition(" ")[2].strip()).sequence
        except (BadToken, ExpiredToken):
            return 0

    def challenge_header(self, extra: str = "") -> str:
        """`WWW-Authenticate` for a 401; `extra` carries the fields of a claims challenge."""
        where = f'Bearer realm="", authorization_uri="{self.authority}/oauth2/v2.0/authorize"'
        return f"{where}, {extra}" if extra else where

    def _unauthorized(self, name: str) -> GraphRefusal:
        refused = refusal(name)
        client = 'client_id="00000003-0000-0000-c000-000000000000"'
        refused.headers["WWW-Authenticate"] = self.challenge_header(client)
        return refused


def short_scope(scope: str, base_url: str) -> str:
    """A scope without the resource in front of it."""
    for prefix in (f"{GRAPH_RESOURCE}/", f"{base_url}/"):
        if scope.lower().startswith(prefix.lower()):
            return scope[len(prefix) :].lstrip("/")
    return scope


def wants_fresh_proof(claims: str | None) -> bool:
    """Whether the `claims` parameter repeats what `access.require_recent` asks for."""
    try:
        wanted = json.loads(claims or "{}")["access_token"]["acrs"]["value"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(wanted == FRESH_PROOF)


def _is_continuous(claims: str | None) -> bool:
    """Whether the `claims` parameter declares the CP1 capability (claims challenges)."""
    try:
        values = json.loads(claims or "{}")["access_token"]["xms_cc"]["values"]
    except (ValueError, KeyError, TypeError):
        return False
    return "CP1" in values
