"""Issues and checks signed tokens. Access tokens say who, which app, and what was granted."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.simulator.model import Person

GRAPH_RESOURCE = "https://graph.microsoft.com"
_ALGORITHM = "ES256"


class BadToken(Exception):
    """An access token that is not ours, or is damaged."""


class ExpiredToken(Exception):
    """An access token that was good once."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says. `person_id` is None for an app; `sequence` counts issues."""

    person_id: str | None
    client_id: str
    scopes: frozenset[str]
    sequence: int


class TokenIssuer:
    """Holds the signing key of one run of the simulator."""

    def __init__(self, issuer: str, tenant_id: str, clock: Callable[[], float]) -> None:
        self.issuer = issuer
        self.tenant_id = tenant_id
        self._clock = clock
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._key_id = uuid4().hex
        self.sequence = 0

    def key_set(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set."""
        numbers = self._key.public_key().public_numbers()
        x, y = (_base64url(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        key = {"kty": "EC", "crv": "P-256", "use": "sig", "kid": self._key_id, "x": x, "y": y}
        return {"keys": [key]}

    def access_token(
        self, person: Person | None, client_id: str, scopes: frozenset[str], lifetime: int,
        *, continuous: bool,
    ) -> str:  # fmt: skip
        """A signed access token for Graph, good for `lifetime` seconds."""
        self.sequence += 1
        claims: dict[str, Any] = {"aud": GRAPH_RESOURCE, "appid": client_id, "ver": "1.0"}
        claims |= {"seq": self.sequence, "jti": uuid4().hex}
        if person is None:
            claims |= {"roles": sorted(scopes), "idtyp": "app"}
        else:
            claims |= {"oid": person.id, "upn": person.user_principal_name, "idtyp": "user"}
            claims |= {"name": person.display_name, "scp": " ".join(sorted(scopes))}
        if continuous:
            claims["xms_cc"] = ["CP1"]
        return self._signed(claims, lifetime)

    def id_token(self, person: Person, client_id: str, nonce: str | None) -> str:
        """An OpenID Connect id_token; echoes the nonce of the authorize request."""
        claims = {
            "aud": client_id,
            "oid": person.id,
            "sub": hashlib.sha256(f"{client_id}{person.id}".encode()).hexdigest()[:43],
            "name": person.display_name,
            "preferred_username": person.user_principal_name,
            "ver": "2.0",
        }
        return self._signed(claims | ({"nonce": nonce} if nonce else {}), 3600)

    def _signed(self, claims: dict[str, Any], lifetime: int) -> str:
        now = int(self._clock())
        times = {"iat": now, "nbf": now, "exp": now + lifetime}
        body = {"iss": self.issuer, "tid": self.tenant_id} | times | claims
        return jwt.encode(body, self._key, _ALGORITHM, headers={"kid": self._key_id})

    def read(self, token: str) -> AccessClaims:
        """Check an access token's signature, audience and age; raises BadToken, ExpiredToken."""
        try:
            claims = jwt.decode(
                token, self._key.public_key(), [_ALGORITHM], audience=GRAPH_RESOURCE,
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            raise BadToken(str(error)) from error
        if claims["exp"] <= self._clock():
            raise ExpiredToken
        granted = claims["roles"] if claims["idtyp"] == "app" else claims["scp"].split()
        return AccessClaims(claims.get("oid"), claims["appid"], frozenset(granted), claims["seq"])


def client_info(person: Person, tenant_id: str) -> str:
    """The `client_info` MSAL builds its account id from."""
    return _base64url(json.dumps({"uid": person.id, "utid": tenant_id}).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class ClientCertificate:
    """The practice app's certificate: made here, and used to verify its assertions.

    Those in `registered` (PEM) are as good; of their keys nothing is known here.
    """

    def __init__(self, now: Callable[[], float], registered: Iterable[bytes] = ()) -> None:
        self._clock = now
        self._key = rsa.generate_private_key(65537, 2048)
        self.certificate = _self_signed(self._key)
        others = (x509.load_pem_x509_certificate(pem) for pem in registered)
        self._known = (self.certificate, *others)

    def pem(self) -> bytes:
        """Private key and certificate, as MSAL and other clients take them."""
        key = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)

    def check(self, assertion: str, client_id: str, audience: str, now: float) -> None:
        """Check that a registered certificate signed an assertion, for this app and endpoint, now.

        Raises BadToken, and ExpiredToken where its time is over or has not begun.
        """
        try:
            key = self._named(jwt.get_unverified_header(assertion)).public_key()
            claims = jwt.decode(
                assertion, cast("rsa.RSAPublicKey", key), ["RS256", "PS256"], audience=audience,
                issuer=client_id,
                options={
                    "require": ["exp", "iss", "sub", "aud", "jti"],
                    "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                },
            )  # fmt: skip
        except jwt.InvalidTokenError as error:
            raise BadToken(str(error)) from error
        if claims["sub"] != client_id:
            raise BadToken("for another app")
        if not float(claims.get("nbf", now)) <= now < float(claims["exp"]):
            raise ExpiredToken

    def _named(self, header: dict[str, Any]) -> x509.Certificate:
        """Return the certificate that an assertion's header names; raises BadToken."""
        for certificate in self._known:
            named = {
                "x5t": certificate.fingerprint(hashes.SHA1()),  # noqa: S303 - the x5t header is defined as SHA-1
                "x5t#S256": certificate.fingerprint(hashes.SHA256()),
            }
            given = {name: header[name] for name in named if name in header}
            if given and all(
                str(value).rstrip("=") == _base64url(named[name]) for name, value in given.items()
            ):
                return certificate
        raise BadToken("by another certificate")


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Oathdesk practice app")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
