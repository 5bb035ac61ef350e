"""The receipt's own sentences: a table per language, resources/receipt/<language>.json.

They do not go through `say`, since a receipt speaks the language of the person who signs it, which
need not be that of the operator's window.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QDateTime, QLocale

from app.assets import resources
from app.core.receipt import Receipt, ReceiptRules, language_of
from app.ui.widgets import displayable

_APART, _TOGETHER = "\u2068", "\u2069"  # first strong isolate and its end (UAX #9)

OWN: Final = "lead.own"


@dataclass(frozen=True, slots=True)
class SheetLanguage:
    """One language: `tag`, its sentences by their keys, and how it writes a date."""

    tag: str
    sentences: Mapping[str, str]
    locale: QLocale

    def says(self, key: str, **places: str) -> str:
        """Return a sentence; what is filled in keeps its own direction of writing."""
        return self.sentences[key].format(**{name: apart(word) for name, word in places.items()})

    def moment(self, at: datetime) -> str:
        """Return a moment in the desk's own time zone."""
        local = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
        forms = QLocale.FormatType
        return self.sentences["moment"].format(
            date=self.locale.toString(local.date(), forms.LongFormat),
            time=self.locale.toString(local.time(), forms.ShortFormat),
            zone=local.timeZoneAbbreviation(),
        )


def apart(word: str) -> str:
    """Return `word` so that it cannot turn around what stands beside it, whatever is in it."""
    return f"{_APART}{displayable(word)}{_TOGETHER}"


@lru_cache
def languages() -> Mapping[str, SheetLanguage]:
    """Return every language that receipts speak, by its tag."""
    files = sorted((resources() / "receipt").glob("*.json"))
    return {
        file.stem: SheetLanguage(file.stem, json.loads(file.read_text("utf-8")), QLocale(file.stem))
        for file in files
    }


def sheet_language(receipt: Receipt, rules: ReceiptRules) -> SheetLanguage:
    """Return the language to write `receipt` in."""
    return languages()[language_of(receipt, rules, languages())]
