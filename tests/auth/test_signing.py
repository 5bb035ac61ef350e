"""What is asked of a certificate, and of a signature before it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.auth.signing import (
    Scheme,
    judge,
    plain,
    signed,
    thumbprints,
    verifies,
)
from app.core.errors import KeyUnusable
from app.core.stationkey import CertificateOutOfTime, KeyCannotSign
from tests.auth.keys import NOW, YEAR, Key, rsa_key
from tests.auth.pen import Pen, certificate

DATA = b"what is to be signed"


def named(scheme: Scheme) -> bytes:
    return scheme.value.encode()


@pytest.mark.parametrize(
    ("offers", "taken"),
    [(tuple(Scheme), Scheme.PSS), ((Scheme.PSS,), Scheme.PSS), ((Scheme.PKCS1,), Scheme.PKCS1)],
)
def test_the_best_way_that_is_offered_is_taken(offers: tuple[Scheme, ...], taken: Scheme) -> None:
    made = signed(Pen(*offers), named)
    assert (made.scheme, made.data) == (taken, taken.value.encode())
    assert verifies(certificate(), made.data, made.signature, taken)


def test_what_offers_no_way_cannot_sign() -> None:
    with pytest.raises(KeyCannotSign, match="neither PS256 nor RS256"):
        signed(Pen(), named)


def test_what_the_certificate_does_not_verify_never_leaves() -> None:
    pen = Pen(*Scheme)
    pen.key = rsa_key()
    with pytest.raises(KeyCannotSign, match="not verified"):
        signed(pen, named)


def test_a_signature_of_other_data_or_in_another_way_does_not_verify() -> None:
    signature = Pen(*Scheme).sign(DATA, Scheme.PSS)
    assert verifies(certificate(), DATA, signature, Scheme.PSS)
    assert not verifies(certificate(), DATA + b".", signature, Scheme.PSS)
    assert not verifies(certificate(), DATA, signature, Scheme.PKCS1)
    other = certificate(ec.generate_private_key(ec.SECP256R1()))
    assert not verifies(other, DATA, signature, Scheme.PSS)


@pytest.mark.parametrize(
    ("moment", "said"),
    [(NOW + YEAR, "expired on 2027-11-23"), (NOW - YEAR - timedelta(1), "from 2025-11-23 on")],
)
def test_a_certificate_outside_its_time_is_refused_with_the_day(moment: object, said: str) -> None:
    with pytest.raises(CertificateOutOfTime, match=said):
        judge("pen", certificate(), moment)  # type: ignore[arg-type] # - a row of the table


@pytest.mark.parametrize("key", [rsa_key(1024), ec.generate_private_key(ec.SECP256R1())])
def test_only_rsa_of_enough_bits_is_taken(key: Key) -> None:
    judge("pen", certificate(), NOW)
    with pytest.raises(KeyUnusable, match="2048"):
        judge("pen", certificate(key), NOW)


def test_a_thumbprint_is_the_same_however_a_tool_writes_it() -> None:
    found = certificate()
    sha1, sha256 = thumbprints(found.public_bytes(serialization.Encoding.DER))
    assert (len(sha1), len(sha256)) == (40, 64)
    assert sha256 == found.fingerprint(hashes.SHA256()).hex().upper()
    pairs = [sha1[at : at + 2].lower() for at in range(0, 40, 2)]
    assert plain(":".join(pairs)) == plain(" ".join(pairs)) == sha1
