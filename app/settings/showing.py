"""How a value is shown: as TOML writes it, or as what was found where something else belongs."""

import enum
import json
import re
from datetime import date, time
from typing import Final

from app.core.text import printable

_SHOWN: Final = 60
_LARGEST: Final = 10**18
_NOUNS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a whole number"),
    (float, "a number"),
    ((list, tuple), "a list"),
    (dict, "a table"),
    ((date, time), "a date or time"),
    (bytes, "binary data"),
)


def toml(value: object) -> str:
    """Return `value` as it would stand in a file; what is not set is empty text."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return f"{value:g}"
        case list() | tuple():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case _:
            return json.dumps(_text(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case enum.Enum():
            return str(value.value).replace("_", "-")
        case re.Pattern():
            return str(value.pattern)
        case _:
            return str(value)


def found(value: object, *, secret: bool = False) -> str:
    """Say what `value` is, to follow "found"; of a secret only its kind."""
    noun = next((noun for kinds, noun in _NOUNS if isinstance(value, kinds)), "something else")
    if secret or not isinstance(value, str | int | float):
        return noun
    if isinstance(value, bool):
        return toml(value)
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return "a very large whole number"
    return f"the {noun.removeprefix('a ')} {plain(toml(value))}"


def plain(text: str) -> str:
    """Return `text` printable, and cut to what a line has room for."""
    return printable(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
