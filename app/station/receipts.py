"""Receipts for what was handed over, of today or of any day, made of the record alone."""

import asyncio
from dataclasses import dataclass

from app.clock import local
from app.core.errors import ExportFailed, LedgerError, OathdeskError
from app.core.receipt import HANDOVERS, Receipt, ReceiptRules, receipt_of
from app.station.context import StationContext
from app.station.notices import Notice
from app.station.today import Today


@dataclass(frozen=True, slots=True)
class ReceiptNotice(Notice):
    """A receipt as it was asked for; None where there is none, with `error` where it is unreadable.

    `rules` are what the organisation chose for it.
    """

    rules: ReceiptRules
    receipt: Receipt | None = None
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class ReceiptKeptNotice(Notice):
    """A receipt was written to the file `path`, or could not be."""

    path: str = ""
    error: OathdeskError | None = None


class Receipts:
    """Finds the facts of receipts. Without rules in the settings this station makes none."""

    def __init__(self, context: StationContext, today: Today) -> None:
        """Read nothing yet; `today` is the list of the day."""
        self._ledger = context.ports.ledger
        self._shelf = context.ports.shelf
        self._rules = context.settings.receipts
        self._today = today
        self._notify = context.tell

    @property
    def offered(self) -> bool:
        """Tell whether this station makes receipts."""
        return self._rules is not None

    async def show(self, enrollment_id: str) -> None:
        """Tell the receipt of one enrollment, whenever it was."""
        if self._rules is None:
            return
        try:
            entries = await asyncio.to_thread(self._ledger.timeline, enrollment_id)
            head = await asyncio.to_thread(self._ledger.head_of, enrollment_id)
        except LedgerError as error:
            self._notify(ReceiptNotice(self._rules, error=error))
        else:
            self._notify(ReceiptNotice(self._rules, receipt_of(entries, head)))

    async def show_last(self) -> None:
        """Tell the receipt of what was handed over last today."""
        if self._rules is None:
            return
        done = [line for line in self._today.lines() if line.state in HANDOVERS]
        if done:
            await self.show(max(done, key=lambda line: line.changed).enrollment_id)
        else:
            self._notify(ReceiptNotice(self._rules))

    async def keep(self, receipt: Receipt, pdf: bytes) -> None:
        """Write `pdf` into the folder for receipts, under a name that nothing there has yet."""
        if self._rules is None or self._shelf is None:
            return
        serial = "".join(each for each in receipt.serial_number if each.isalnum() or each in "-_")
        stem = f"receipt-{serial}-{local(receipt.at):%Y-%m-%d-%H%M%S}"
        try:
            path = await asyncio.to_thread(
                self._shelf.write_new, self._rules.folder, stem, ".pdf", pdf
            )
        except ExportFailed as error:
            self._notify(ReceiptKeptNotice(error=error))
        else:
            self._notify(ReceiptKeptNotice(path))
