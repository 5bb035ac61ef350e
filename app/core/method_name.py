"""How a hardware token is called among the sign-in methods of the person who gets it.

A person with two tokens sees two entries. A name that holds the model and the end of the serial
number tells which is which. An administrator writes it as a template, such as "{model} ...{last}".

Graph takes the name as the optional `displayName` of activate, assignAndActivate and
assignAndActivateBySerialNumber. Its parameters are marked as not Unicode in the metadata of the
beta version and no limit is documented, so a name is plain ASCII and short.
"""

import string
import unicodedata
from collections.abc import Iterator
from typing import Final

from app.core.model import Token

FIELDS: Final = ("maker", "model", "last")
"""What a template may name: the maker, the model, the last characters of the serial number."""

LONGEST_TEMPLATE: Final = 40
LONGEST: Final = 64
"""Characters of a name. No limit is documented; the maker and the model are cut to fit."""

_LAST: Final = 4
"""How many characters of the serial number `last` is."""


def check_template(template: str) -> None:
    """Raise ValueError, with the reason, unless method_name can use `template`."""
    if len(template) > LONGEST_TEMPLATE:
        raise ValueError(f"it has {len(template)} characters")
    if not (template.isascii() and template.isprintable()):
        raise ValueError("it holds characters other than printable ASCII")
    if not any(field for _, field in _parts(template)):
        raise ValueError("it names no field, so every token would be called the same")


def method_name(template: str, token: Token) -> str:
    """Return the name of `token`: ASCII, at most LONGEST characters.

    It is empty where the template is, and where nothing is known of what the template names.
    Raises ValueError for a template that check_template refuses.
    """
    if not template:
        return ""
    check_template(template)
    parts = list(_parts(template))
    values = {
        "maker": _ascii(token.manufacturer),
        "model": _ascii(token.model),
        "last": "".join(each for each in _ascii(token.serial_number) if each.isalnum())[-_LAST:],
    }
    if not any(values[field] for _, field in parts if field):
        return ""
    long = [field for _, field in parts if field in {"maker", "model"}]
    fixed = sum(len(text) + (_LAST if field == "last" else 0) for text, field in parts)
    room = (LONGEST - fixed) // len(long) if long else 0
    values |= {field: values[field][:room] for field in long}
    name = "".join(text + (values[field] if field else "") for text, field in parts)
    return " ".join(name.split())


def _parts(template: str) -> Iterator[tuple[str, str]]:
    """Yield each literal text with the field after it, or with "" where none follows."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError:
        raise ValueError("a brace has no other; write {{ or }} for a brace itself") from None
    for text, field, form, conversion in parsed:
        if field is not None and (field not in FIELDS or form or conversion):
            raise ValueError("it names a field that there is not")
        yield text, field or ""


def _ascii(text: str) -> str:
    """Return `text` in printable ASCII: accents and characters of other scripts are left out."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return "".join(each for each in plain if each.isprintable()).strip()
