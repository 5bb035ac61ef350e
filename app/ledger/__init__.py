"""The record on disk: append-only, hash-chained, durable before anything is sent."""

from app.ledger.opening import OpenReport
from app.ledger.reading import Fault, Held, Why, held, records, verify
from app.ledger.store import SqliteLedger
from app.ledger.uploads import UploadFile

__all__ = [
    "Fault",
    "Held",
    "OpenReport",
    "SqliteLedger",
    "UploadFile",
    "Why",
    "held",
    "records",
    "verify",
]
