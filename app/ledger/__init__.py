"""The record on disk: append-only, hash-chained, durable before anything is sent."""

from app.ledger.opening import OpenReport
from app.ledger.reading import Held, held, records
from app.ledger.store import SqliteLedger
from app.ledger.verifying import Fault, Missed, Report, Unfollowed, Why, examine, verify

__all__ = [
    "Fault",
    "Held",
    "Missed",
    "OpenReport",
    "Report",
    "SqliteLedger",
    "Unfollowed",
    "Why",
    "examine",
    "held",
    "records",
    "verify",
]
