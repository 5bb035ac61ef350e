"""The key of an unattended station as `doctor` looks at it: its access, and how long it lasts."""

from datetime import datetime, timedelta

from app.auth.keyfile import read
from app.auth.settings import Certificate
from app.core.checkup import Check, Finding, Told, Verdict
from app.core.errors import KeyUnusable

SOON = timedelta(days=30)
"""Time enough to register another certificate with the tenant."""


def look_at_certificate(certificate: Certificate, now: datetime) -> Finding:
    """Read the key's file and judge who can read it, and when its certificate ends."""
    check, facts = Check.CERTIFICATE, {"file": str(certificate.file)}
    try:
        credential = read(certificate.file, certificate.passphrase, now)
    except KeyUnusable as error:
        return Finding(check, Verdict.FAILURE, Told.FAULT, facts, error=error)
    left = credential.expires - now
    facts |= {"days": str(left.days), "day": credential.expires.date().isoformat()}
    rows = (("File", facts["file"]), ("Ends", facts["day"]))
    if left < SOON:
        return Finding(check, Verdict.WARNING, Told.KEY_ENDS_SOON, facts, rows)
    return Finding(check, Verdict.OK, Told.KEY_GOOD, facts, rows)
