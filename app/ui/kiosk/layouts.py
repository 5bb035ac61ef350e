"""What stands on the keys of the screen's keyboard, row by row.

A key is the character it writes, or the name of what it does.
"""

from typing import Final

Rows = tuple[tuple[str, ...], ...]

BACKSPACE: Final = "Backspace"
ENTER: Final = "Return"
SPACE: Final = "Space"
SHIFT: Final = "Shift"
MORE: Final = "More"
FEWER: Final = "Fewer"
HIDE: Final = "Hide"

WIDTHS: Final = {SPACE: 8, ENTER: 3, BACKSPACE: 3, SHIFT: 3, MORE: 3, FEWER: 3, HIDE: 3}
"""How many half keys wide a key is; a letter has two."""

GLYPHS: Final = {
    BACKSPACE: "⌫",
    ENTER: "⏎",
    SPACE: "",
    SHIFT: "⇧",
    MORE: "àéß",
    FEWER: "abc",
    HIDE: "▾",
}

_FIGURES: Final = (*"1234567890", BACKSPACE)
_LAST: Final = (SPACE, *"@.", ENTER, HIDE)

DIGITS: Final[Rows] = (
    (*"123", BACKSPACE),
    (*"456", HIDE),
    (*"789", ENTER),
    ("0",),
)
"""As on the block of digits of a keyboard, from the top down as on a telephone."""

_ENGLISH: Final[Rows] = (
    _FIGURES,
    tuple("qwertyuiop"),
    tuple("asdfghjkl'"),
    (SHIFT, *"zxcvbnm-_"),
    (MORE, *_LAST),
)
_GERMAN: Final[Rows] = (
    _FIGURES,
    tuple("qwertzuiopü"),
    tuple("asdfghjklöä"),
    (SHIFT, *"yxcvbnm-ß"),
    (MORE, *_LAST),
)
ACCENTS: Final[Rows] = (
    (*"àáâãäåăąæç", BACKSPACE),
    tuple("ćčďđèéêëęěğ"),
    tuple("ìíîïıłñńňòóôõ"),
    (SHIFT, *"öőøœřśšşßťù"),
    (FEWER, *"úûüűůýžźż", ENTER, HIDE),
)


def letters(language: str) -> Rows:
    """Return the letters as somebody who speaks `language` ("de", "en" ...) finds them."""
    return _GERMAN if language == "de" else _ENGLISH
