"""The record on disk: append-only, hash-chained, durable before anything is sent."""

from app.ledger.opening import OpenReport
from app.ledger.reading import Fault, Held, Why, held, records, verify
from app.ledger.store import SqliteLedger

__all__ = ["Fault", "Held", "OpenReport", "SqliteLedger", "Why", "held", "records", "verify"]
