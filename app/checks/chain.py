"""A server's certificates in words that a supporter can compare: who, by whom, until when."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.core.checkup import Rows


def chain_rows(chain: tuple[bytes, ...]) -> Rows:
    """Return evidence of each certificate of `chain` (DER), the server's own first."""
    if not chain:
        return (("Certificates", "the server shows them only to those who trust it (TLS 1.3)"),)
    rows: list[tuple[str, str]] = []
    for number, der in enumerate(chain, start=1):
        rows += _of_one(f"Certificate {number}", der)
    return tuple(rows)


def issuer_of(chain: tuple[bytes, ...]) -> str:
    """Return who signed the server's own certificate, or nothing where that cannot be read."""
    try:
        return x509.load_der_x509_certificate(chain[0]).issuer.rfc4514_string()
    except (ValueError, IndexError):
        return ""


def _of_one(label: str, der: bytes) -> Rows:
    try:
        certificate = x509.load_der_x509_certificate(der)
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return (
            (label, certificate.subject.rfc4514_string() or "no subject"),
            ("  issued by", certificate.issuer.rfc4514_string()),
            ("  valid", f"{begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC"),
            ("  SHA-256", certificate.fingerprint(hashes.SHA256()).hex(":").upper()),
        )
    except ValueError:
        return ((label, "unreadable"),)
