"""What is to be brought into the inventory, and what stands in the way, row by row.

A file's rows are shown before anything is sent: those that go, those that have a fault, those whose
serial number the tenant has already. Nothing here holds a seed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.core.model import HashFunction
from app.core.seed import RowFault, SeedFile, SeedToken


class Standing(enum.Enum):
    """Whether a row of a file can go."""

    GOOD = "good"
    THERE = "there"
    """The tenant has a token with this serial number; nobody can tell whether with this seed."""
    FAULTY = "faulty"


class PreviewRow(NamedTuple):
    """A row of a file as it is shown: all but its seed. `fault` is why it cannot go."""

    row: int
    serial: str
    manufacturer: str = ""
    model: str = ""
    interval: int | None = None
    hash_function: HashFunction | None = None
    person: str = ""
    fault: RowFault | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The rows of a file in their order.

    `there` are the serial numbers, folded, that the tenant has and that stay as they are; None
    until it was asked. `half` are those that an upload before has assigned and not yet activated.
    """

    rows: tuple[PreviewRow, ...] = ()
    there: frozenset[str] | None = None
    half: frozenset[str] = frozenset()

    def standing(self, row: PreviewRow) -> Standing:
        """Tell whether `row` can go, as far as is known."""
        if row.fault is not None:
            return Standing.FAULTY
        known = self.there is not None and folded(row.serial) in self.there
        return Standing.THERE if known else Standing.GOOD

    def counts(self) -> Mapping[Standing, int]:
        """Return how many rows stand how."""
        faulty = sum(row.fault is not None for row in self.rows)
        there = len(self.there or ())
        good = len(self.rows) - faulty - there
        return {Standing.GOOD: good, Standing.THERE: there, Standing.FAULTY: faulty}

    def is_half(self, row: PreviewRow) -> bool:
        """Tell whether `row` goes only to be activated."""
        return row.fault is None and folded(row.serial) in self.half

    def going(self, handing: Handing) -> int:
        """Return how many rows go if the tokens are handed over like that."""
        waiting = 0 if handing is Handing.ACTIVATE else len(self.half)
        return self.counts()[Standing.GOOD] - waiting

    def people(self) -> int:
        """Return for how many rows without a fault the file names a person."""
        return sum(1 for row in self.rows if row.person and row.fault is None)


def folded(serial: str) -> str:
    """Return a serial number as it is compared: labels and importers disagree about case."""
    return serial.casefold()


def preview_of(file: SeedFile) -> Preview:
    """Return the rows of `file`, in their order, without a seed."""
    good = map(_row_of, file.tokens)
    faulty = (PreviewRow(fault.row, fault.serial, fault=fault) for fault in file.faults)
    rows = [*good, *faulty]
    if file.faults:
        rows.sort(key=lambda row: row.row)
    return Preview(tuple(rows))


def _row_of(token: SeedToken) -> PreviewRow:
    return PreviewRow(
        token.row,
        token.serial,
        token.manufacturer,
        token.model,
        token.interval,
        token.hash_function,
        token.person,
    )


def without(tokens: Iterable[SeedToken], there: frozenset[str]) -> tuple[SeedToken, ...]:
    """Return the tokens whose serial numbers the tenant does not have."""
    return tuple(token for token in tokens if folded(token.serial) not in there)


class Handing(enum.Enum):
    """What becomes of a token beyond the inventory, for the person that its row names."""

    NOTHING = "nothing"
    ASSIGN = "assign"
    ACTIVATE = "activate"
    """Assign and activate, with a code that is computed from the seed: its clock is not seen."""
