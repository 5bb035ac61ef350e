"""Key files as an administrator makes them: PEM and PFX, good, expired, and of other kinds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from app.files import make_private

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
LONG_AGO, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def certificate_of(key: Key, begins: datetime = NOW - YEAR, ends: datetime = NOW + YEAR) -> bytes:
    """A certificate of `key`, as PEM."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kiosk")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def key_pem(key: Key, passphrase: str = "") -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, _lock(passphrase)
    )


def pfx(key: rsa.RSAPrivateKey, certificate: bytes, passphrase: str = "") -> bytes:
    found = x509.load_pem_x509_certificate(certificate)
    return pkcs12.serialize_key_and_certificates(b"kiosk", key, found, None, _lock(passphrase))


def private(path: Path, content: bytes) -> Path:
    """Write `content` so that nobody else can read it."""
    path.write_bytes(content)
    make_private(path)
    return path


def _lock(passphrase: str) -> serialization.KeySerializationEncryption:
    if passphrase:
        return serialization.BestAvailableEncryption(passphrase.encode())
    return serialization.NoEncryption()
