"""The key of an unattended station as `doctor` looks at it: whether it signs, and for how long."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives import serialization

from app.auth.settings import Certificate, StationKey
from app.auth.signing import Signer, signed, thumbprints
from app.auth.stationkey import signer_of
from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.errors import KeyUnusable

SOON = timedelta(days=30)
"""Time enough to register another certificate with the tenant."""

SPECIMEN = b"Oathdesk looks whether the key of its station signs."
"""What is signed and then verified; it is good for nothing else."""


def look_at_certificate(key: StationKey, now: datetime) -> Finding:
    """Find the key, have it sign, and judge who can read it and when its certificate ends."""
    check = Check.CERTIFICATE
    try:
        signer = signer_of(key, now)
        scheme = signed(signer, lambda _: SPECIMEN).scheme.value
    except KeyUnusable as error:
        return Finding(check, Verdict.FAILURE, Told.FAULT, error=error)
    ends = signer.certificate.not_valid_after_utc
    day = ends.date().isoformat()
    facts = {"days": str((ends - now).days), "day": day}
    in_file = isinstance(key, Certificate)
    rows = _rows("File" if in_file else "Key store", signer, scheme, day)
    if ends - now < SOON:
        return Finding(check, Verdict.WARNING, Told.KEY_ENDS_SOON, facts, rows)
    told = Told.KEY_GOOD if in_file else Told.KEY_SIGNS
    return Finding(check, Verdict.OK, told, facts, rows)


def _rows(kind: str, signer: Signer, scheme: str, day: str) -> Rows:
    der = signer.certificate.public_bytes(serialization.Encoding.DER)
    return (
        (kind, signer.place),
        ("Certificate", signer.certificate.subject.rfc4514_string()),
        ("Thumbprint", thumbprints(der)[0]),
        ("Signs", scheme),
        ("Ends", day),
    )
