"""The JWT of a station that signs in by itself, read with a library of somebody else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.auth.assertion import SECONDS, assertion
from app.auth.signing import Scheme
from tests.auth.pen import KEY, Pen

CLIENT, ENDPOINT = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50", "https://login.contoso.example/token"


def made(*offers: Scheme) -> str:
    return assertion(Pen(*offers), CLIENT, ENDPOINT, datetime.now(UTC))


def read(token: str, algorithm: str) -> Any:
    return jwt.decode(token, KEY.public_key(), [algorithm], audience=ENDPOINT, issuer=CLIENT)


@pytest.mark.parametrize(
    ("scheme", "name", "kind"),
    [
        (Scheme.PSS, "x5t#S256", hashes.SHA256()),
        (Scheme.PKCS1, "x5t", hashes.SHA1()),  # noqa: S303 - x5t is SHA-1
    ],
)
def test_each_way_to_sign_goes_with_its_thumbprint(
    scheme: Scheme, name: str, kind: hashes.HashAlgorithm
) -> None:
    token = made(scheme)
    header = jwt.get_unverified_header(token)
    assert header["alg"] == scheme.value
    assert {"x5t", "x5t#S256"} & set(header) == {name}
    named = base64.urlsafe_b64decode(header[name] + "=")
    (chain,) = header["x5c"]
    sent = x509.load_der_x509_certificate(base64.b64decode(chain))
    assert sent.public_key() == KEY.public_key()
    assert named == sent.fingerprint(kind)
    assert read(token, scheme.value)["sub"] == CLIENT


def test_it_is_good_for_minutes_and_made_anew_each_time() -> None:
    first, second = (read(made(Scheme.PSS), "PS256") for _ in range(2))
    assert first["exp"] - first["iat"] == SECONDS <= 600
    assert first["jti"] != second["jti"]
