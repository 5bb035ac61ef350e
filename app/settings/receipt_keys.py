"""The keys of the sections about receipts, as rows of the schema's table."""

from typing import Any, Final

from app.core.receipt import Paper, Signature
from app.settings.choices import ReceiptLanguage
from app.settings.kinds import Choice, Flag, Items, Place, Text

_HEADER: Final = "Contoso Ltd, Corporate Security, 1 Example Way, Exampletown"
_TEXT: Final = ["en: I report its loss at once.", "de: Ich melde seinen Verlust sofort."]

RECEIPT_ROWS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "offered",
        "kind": Flag(),
        "about": "Whether receipts can be made of what was handed over.",
        "default": True,
    },
    {
        "name": "header",
        "kind": Text(300),
        "about": "What stands on top of a receipt, instead of the tenant's name.",
        "default": "",
        "example": _HEADER,
    },
    {
        "name": "text",
        "kind": Items(Text(800, least=1), 12),
        "about": "The organisation's own paragraphs; one that begins with a language and a colon "
        "is on receipts in that language alone.",
        "default": [],
        "example": _TEXT,
    },
    {
        "name": "language",
        "kind": Choice(ReceiptLanguage),
        "about": "The language of a receipt, where that of the person is not known or not wanted.",
        "default": "en",
    },
    {
        "name": "persons_language",
        "kind": Flag(),
        "about": "Whether a receipt is in the language that the person prefers by the directory.",
        "default": True,
    },
    {
        "name": "signature",
        "kind": Choice(Signature),
        "about": "Where a receipt is signed.",
        "default": "paper",
    },
    {
        "name": "paper",
        "kind": Choice(Paper),
        "about": "The sheet that a receipt is made for.",
        "default": "a4",
    },
    {
        "name": "folder",
        "kind": Place(),
        "about": "The folder for receipts as PDF, instead of that for exports.",
        "example": "receipts",
    },
    {
        "name": "printing",
        "kind": Flag(),
        "about": "Whether receipts may be printed.",
        "default": True,
    },
    {
        "name": "printer",
        "kind": Text(200),
        "about": "The printer for receipts, by the name the system knows it by, instead of the "
        "usual one.",
        "default": "",
        "example": "Front desk",
    },
)
