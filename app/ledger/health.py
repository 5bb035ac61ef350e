"""The record as `doctor` looks at it: read from its first entry to its last, and never changed."""

from pathlib import Path

from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.errors import LedgerUnreadable
from app.ledger.reading import verify

SECONDS = 10.0
"""How long the whole record may take; about a million entries."""


def look_at_record(path: Path, seconds: float = SECONDS) -> Finding:
    """Verify the record at `path`, for at most `seconds`."""
    rows: Rows = (("File", str(path)),)
    facts: dict[str, object] = {"file": str(path), "seconds": round(seconds)}
    if not path.exists():
        return Finding(Check.RECORD, Verdict.OK, Told.RECORD_NONE, facts, rows)
    try:
        fault = verify(path, seconds)
    except LedgerUnreadable as error:
        return Finding(Check.RECORD, Verdict.FAILURE, Told.FAULT, facts, rows, error=error)
    except TimeoutError:
        return Finding(Check.RECORD, Verdict.WARNING, Told.RECORD_LONG, facts, rows)
    if fault is None:
        return Finding(Check.RECORD, Verdict.OK, Told.RECORD_WHOLE, facts, rows)
    facts["entry"] = fault.sequence
    rows = (*rows, ("Entry", str(fault.sequence)), ("Problem", fault.why.value))
    return Finding(Check.RECORD, Verdict.FAILURE, Told.RECORD_CHANGED, facts, rows)
