"""Makes text from elsewhere safe to write down: on one line, and without commands for a device.

Names come from a directory that other people write to, messages from servers, values from files. In
a log, on a terminal, in a CSV file and on a receipt each of them belongs on one line. Many programs
end a line not only at a line feed but also at U+000B, U+000C, U+001C to U+001E, U+0085, U+2028 and
U+2029 (Unicode standard, section 5.8; Python's str.splitlines).
"""

from collections.abc import Mapping
from typing import Final

_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))
"""Unicode's category Cc, U+0085 (next line) among them."""

_SEPARATORS: Final = (0x2028, 0x2029)
"""The line separator and the paragraph separator."""

_REORDERING: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Embeddings, overrides and isolates of the writing direction (UAX #9): they turn a line around."""

_ASCII: Final = 0x7F

ESCAPES: Final[Mapping[int, str]] = {
    number: repr(chr(number))[1:-1] for number in (*_CONTROLS, *_SEPARATORS, *_REORDERING)
}
"""What stands for each character that ends a line or commands a device, for str.translate."""

_JSON: Final = {number: f"\\u{number:04x}" for number in ESCAPES if number >= _ASCII}

_SHOWN: Final = {
    number: " " if chr(number).isspace() and number not in _REORDERING else None
    for number in ESCAPES
}


def printable(text: str) -> str:
    r"""Return `text` with an escape (\x1b, \u2028) for each character that is not printable.

    It is the strictest form, for terminals: formats such as U+200B and spaces other than U+0020 are
    escaped too (str.isprintable).
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def one_line(text: str) -> str:
    """Return `text` with an escape for each character that ends a line or commands a device.

    Letters of every script stay as they are, with their joiners; so do spaces of any width.
    """
    return text.translate(ESCAPES)


def json_line(text: str) -> str:
    """Return the JSON `text` with JSON's own escape for each such character in its strings.

    json.dumps escapes those below U+0020 in any case, and with `ensure_ascii=False` no others.
    """
    return text.translate(_JSON)


def shown_line(text: str) -> str:
    """Return `text` on one line for people: a space for each line's end, and no other controls."""
    return text.translate(_SHOWN)
