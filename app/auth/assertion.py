"""The JWT by which an application proves that it has the key of its certificate.

Microsoft identity platform, certificate credentials: PS256 goes with the SHA-256 of the certificate
(`x5t#S256`), RS256 with its SHA-1 (`x5t`). One is made for each request, and is good for minutes.
It has no `nbf`: a machine whose clock is a minute fast would be refused for nothing.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives import serialization

from app.auth.signing import Scheme, Signer, signed, thumbprints

SECONDS = 600
"""How long it is good: Entra's page on the subject asks for 5 to 10 minutes at most."""


def assertion(signer: Signer, client_id: str, audience: str, now: datetime) -> str:
    """Return an assertion of the application `client_id` for the token endpoint `audience`.

    It is a secret while it is good. Raises KeyUnusable.
    """
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    moment = int(now.timestamp())
    claims = {
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": str(uuid.uuid4()),
        "iat": moment,
        "exp": moment + SECONDS,
    }
    body = _part(claims)
    made = signed(signer, lambda scheme: f"{_part(_header(der, scheme))}.{body}".encode("ascii"))
    return f"{made.data.decode('ascii')}.{_base64url(made.signature)}"


def _header(der: bytes, scheme: Scheme) -> Mapping[str, object]:
    sha1, sha256 = (_base64url(bytes.fromhex(each)) for each in thumbprints(der))
    named = {"x5t#S256": sha256} if scheme is Scheme.PSS else {"x5t": sha1}
    chain = [base64.b64encode(der).decode("ascii")]
    return {"alg": scheme.value, "typ": "JWT", "x5c": chain} | named


def _part(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
