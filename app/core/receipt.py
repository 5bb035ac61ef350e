"""What is signed for when a token changes hands: the facts of it, read out of the record.

A receipt is made of nothing but the entries of one enrollment, so that the same one can be made
again on any later day. The record holds no code, no seed and no sign-in token, and so neither does
a receipt.
"""

import enum
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.enrollment import State
from app.core.record import SELF_SERVICE, Entry, EntryKind, Head, lines

ENGLISH = "en"

_FOR_ONE_LANGUAGE = re.compile(r"([a-z]{2}):\s+(.*)", re.DOTALL)
_REQUESTS = ("request-id", "client-request-id")


class Handover(enum.Enum):
    """What is signed for."""

    WORKING = "working"
    """A token that works was handed over."""
    LATER = "later"
    """A token was handed over that its holder has yet to activate."""
    RETURNED = "returned"


HANDOVERS: Mapping[State, Handover] = {
    State.ACTIVATED: Handover.WORKING,
    State.ASSIGNED: Handover.LATER,
    State.RETURNED: Handover.RETURNED,
}
"""The ends of an enrollment that there is a receipt for."""


class Signature(enum.Enum):
    """Where a receipt is signed: nowhere, on paper, or with a finger on the screen."""

    NONE = "none"
    PAPER = "paper"
    SCREEN = "screen"


class Paper(enum.Enum):
    """The sheet that a receipt is made for."""

    A4 = "a4"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The facts of one receipt. What is not known is empty.

    `at` is the moment at which the directory agreed, `request_id` names the exchange in which it
    did what was asked. `language` is the tag of the language that the person prefers. `own` tells
    that they served themselves; then no operator is named beside. `head` is the last entry of the
    enrollment with its hash, by which `oathdesk ledger verify --expect` checks the record.
    """

    enrollment_id: str
    handover: Handover
    person_name: str
    person_upn: str
    serial_number: str
    desk: str
    operator_name: str
    at: datetime
    model: str = ""
    request_id: str = ""
    language: str = ""
    own: bool = False
    head: Head | None = None


@dataclass(frozen=True, slots=True)
class ReceiptRules:
    """What an organisation chose for its receipts.

    `header` stands on top; each paragraph of `text` is on every receipt, or, where it begins with
    a language and a colon ("de: ..."), on those in that language. `language` is used where the
    person's own is unknown, or not wanted (`persons_language`). PDF files go to the folder
    `folder`.
    `printing` tells whether receipts may be printed, `printer` on which one; "" is the system's
    own choice.
    """

    header: str = ""
    text: tuple[str, ...] = ()
    language: str = ENGLISH
    persons_language: bool = True
    signature: Signature = Signature.PAPER
    paper: Paper = Paper.A4
    printing: bool = True
    printer: str = ""
    folder: str = ""


def receipt_of(entries: Iterable[Entry], head: Head | None = None) -> Receipt | None:
    """Return the receipt of the one enrollment that `entries` tell of; None where there is none.

    `head` is the last of them with its hash. There is a receipt only for what came to a good end,
    and for nothing that was erased.
    """
    entries = tuple(entries)
    line = next(iter(lines(entries)), None)
    handover = HANDOVERS.get(line.state) if line else None
    if line is None or handover is None or not line.person_name:
        return None
    facts = _intent(entries)
    named = facts.get("manufacturer", ""), facts.get("model", "")
    return Receipt(
        enrollment_id=line.enrollment_id,
        handover=handover,
        person_name=line.person_name,
        person_upn=line.person_upn,
        serial_number=line.serial_number,
        desk=facts.get("desk", ""),
        operator_name=line.operator_name,
        at=line.changed,
        model=" ".join(filter(None, named)),
        request_id=_request(entries),
        language=facts.get("person_language", ""),
        own=facts.get("operator_kind") == SELF_SERVICE,
        head=head,
    )


def _intent(entries: tuple[Entry, ...]) -> Mapping[str, str]:
    """Return the facts of the latest attempt."""
    attempts = (entry.facts for entry in reversed(entries) if entry.kind is EntryKind.INTENT)
    return next(attempts, {})


def _request(entries: tuple[Entry, ...]) -> str:
    """Return how the directory calls the latest exchange, or else what the station called it."""
    for entry in reversed(entries):
        named = (entry.facts.get(f"evidence.{name}", "") for name in _REQUESTS)
        found = next(filter(None, named), "")
        if found:
            return found
        if entry.kind is EntryKind.INTENT:
            break
    return ""


def language_of(receipt: Receipt, rules: ReceiptRules, known: Collection[str]) -> str:
    """Return the language to write `receipt` in, one of `known`, which English is always among."""
    wanted = (receipt.language if rules.persons_language else "", rules.language)
    plain = (tag.replace("_", "-").partition("-")[0].casefold() for tag in wanted)
    return next((tag for tag in plain if tag in known), ENGLISH)


def paragraphs(text: Iterable[str], language: str) -> tuple[str, ...]:
    """Return those paragraphs of an organisation's own `text` that a receipt in `language` has."""
    found = []
    for paragraph in text:
        match = _FOR_ONE_LANGUAGE.fullmatch(paragraph)
        if match is None:
            found.append(paragraph)
        elif match[1] == language:
            found.append(match[2])
    return tuple(found)
