"""The record as `doctor` looks at it: read from its first entry to its last, and never changed."""

from pathlib import Path

from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.errors import LedgerUnreadable
from app.ledger.headlog import LoggedHead, State, SystemLog, system_log
from app.ledger.verifying import Report, Why, examine

SECONDS = 15.0
"""How long the whole record may take; about a million entries."""


_SHOWN = 5
"""Heads that are named."""


def look_at_record(path: Path, seconds: float = SECONDS, log: SystemLog | None = None) -> Finding:
    """Verify the record at `path`, for at most `seconds`, with its heads in the system's log."""
    log = log or system_log()
    rows: Rows = (("File", str(path)),)
    facts: dict[str, object] = {"file": str(path), "seconds": round(seconds)}
    if not path.exists():
        return Finding(Check.RECORD, Verdict.OK, Told.RECORD_NONE, facts, rows)
    logged: tuple[LoggedHead, ...] = ()
    try:
        logged = log.read()
    except LedgerUnreadable as error:
        rows = (*rows, ("System log", str(error)))
    try:
        report = examine(path, (), seconds, logged)
    except LedgerUnreadable as error:
        return Finding(Check.RECORD, Verdict.FAILURE, Told.FAULT, facts, rows, error=error)
    except TimeoutError:
        return Finding(Check.RECORD, Verdict.WARNING, Told.RECORD_LONG, facts, rows)
    return _finding(report, facts, rows, anchored=log.state is not State.NONE)


def _finding(report: Report, facts: dict[str, object], rows: Rows, *, anchored: bool) -> Finding:
    rows = (*rows, ("Head", str(report.head)))
    if anchored:
        rows = (*rows, ("Heads in the system log", str(report.followed)))
    fault = report.fault
    if fault is not None:
        told = Told.RECORD_LISTED_OTHERWISE if fault.why is Why.LIST else Told.RECORD_CHANGED
        facts["entry"] = fault.sequence
        place = fault.enrollment_id or str(fault.sequence)
        rows = (*rows, ("Entry", place), ("Problem", fault.why.value))
        return Finding(Check.RECORD, Verdict.FAILURE, told, facts, rows)
    heads = [str(each.logged.head) for each in report.unfollowed]
    heads += [str(each.head) for each in report.others]
    if heads:
        rows = (*rows, *(("Head that is not followed", each) for each in heads[:_SHOWN]))
        return Finding(Check.RECORD, Verdict.FAILURE, Told.RECORD_UNFOLLOWED, facts, rows)
    told = Told.RECORD_WHOLE if anchored else Told.RECORD_ALONE
    return Finding(Check.RECORD, Verdict.OK, told, facts, rows)
