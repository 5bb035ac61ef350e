"""What signs for a station that signs in by itself: a certificate, and a key that stays put.

A `Signer` is asked for signatures and never for its key. Entra asks for RSASSA-PSS and still takes
RSASSA-PKCS1-v1_5 (Microsoft identity platform, certificate credentials); some cards, TPMs and
drivers have only the older one. So the better one is tried first. No signature leaves before the
certificate itself has verified it: a key of another certificate, or a TPM that salts its own way,
is met here and not as a refusal of the tenant.
"""

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.core.errors import KeyUnusable
from app.core.stationkey import CertificateOutOfTime, KeyCannotSign

SMALLEST_KEY = 2048
"""Bits that Entra asks of a certificate's RSA key (certificate credentials)."""

SALT = 32
"""Bytes of salt: as many as the hash has (RFC 7518, section 3.5)."""

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 in RSASSA-PKCS1-v1_5 (RFC 8017, section 9.2, note 1)."""


class Scheme(enum.Enum):
    """How SHA-256 is signed, the better way first; the value is its name in a JWT (RFC 7518)."""

    PSS = "PS256"
    PKCS1 = "RS256"


class SchemeNotOffered(Exception):
    """The store does not sign in this way; in the other it may."""


class Signer(Protocol):
    """A certificate and whatever signs with its key."""

    @property
    def place(self) -> str:
        """Where the key lies, as an administrator calls it."""
        ...

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that the tenant knows."""
        ...

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        """Return the signature of `data`. Raises SchemeNotOffered and KeyUnusable."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, and how."""

    data: bytes
    signature: bytes
    scheme: Scheme


def signed(signer: Signer, message: Callable[[Scheme], bytes]) -> Signed:
    """Return `message` in the first scheme whose signature the certificate verifies.

    Raises KeyUnusable; KeyCannotSign where there is no such scheme.
    """
    problem = "it signs neither PS256 nor RS256"
    for scheme in Scheme:
        data = message(scheme)
        try:
            signature = signer.sign(data, scheme)
        except SchemeNotOffered:
            continue
        if verifies(signer.certificate, data, signature, scheme):
            return Signed(data, signature, scheme)
        problem = "what it signs is not verified by the certificate"
    raise KeyCannotSign(signer.place, problem)


def verifies(certificate: x509.Certificate, data: bytes, signature: bytes, scheme: Scheme) -> bool:
    """Tell whether `signature` is one of `data` by the key of `certificate`."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, data, padding_of(scheme), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def padding_of(scheme: Scheme) -> padding.AsymmetricPadding:
    """Return what cryptography calls `scheme`."""
    if scheme is Scheme.PSS:
        return padding.PSS(padding.MGF1(hashes.SHA256()), SALT)
    return padding.PKCS1v15()


def judge(place: str, certificate: x509.Certificate, now: datetime) -> None:
    """Refuse a certificate that Entra would not take. Raises KeyUnusable."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise KeyUnusable(place, f"not an RSA key of {SMALLEST_KEY} bits or more")
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now >= ends:
        raise CertificateOutOfTime(place, f"the certificate expired on {ends.date().isoformat()}")
    if now < begins:
        day = begins.date().isoformat()
        raise CertificateOutOfTime(place, f"the certificate is good only from {day} on")


def thumbprints(der: bytes) -> tuple[str, str]:
    """Return the SHA-1 and SHA-256 thumbprints of a certificate, in capital hexadecimal digits.

    SHA-1 is what Windows and the admin centre call a thumbprint; it names and protects nothing.
    """
    sha1, sha256 = hashlib.sha1(der, usedforsecurity=False), hashlib.sha256(der)
    return sha1.hexdigest().upper(), sha256.hexdigest().upper()


def plain(thumbprint: str) -> str:
    """Return a thumbprint as `thumbprints` writes it, however a tool wrote it."""
    return thumbprint.replace(":", "").replace(" ", "").upper()
