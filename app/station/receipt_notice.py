"""What the station tells of a receipt."""

from dataclasses import dataclass

from app.core.errors import OathdeskError
from app.core.receipt import Receipt, ReceiptRules


@dataclass(frozen=True, slots=True)
class ReceiptNotice:
    """A receipt as it was asked for; None where there is none, with `error` where it is unreadable.

    `rules` are what the organisation chose for it.
    """

    rules: ReceiptRules
    receipt: Receipt | None = None
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class ReceiptKeptNotice:
    """A receipt was written to the file `path`, or could not be."""

    path: str = ""
    error: OathdeskError | None = None


ReceiptNews = ReceiptNotice | ReceiptKeptNotice
