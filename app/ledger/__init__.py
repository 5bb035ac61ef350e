"""The record on disk: append-only, hash-chained, durable before anything is sent."""

from app.ledger.opening import OpenReport
from app.ledger.reading import Fault, Why, records, verify
from app.ledger.store import SqliteLedger

__all__ = ["Fault", "OpenReport", "SqliteLedger", "Why", "records", "verify"]
