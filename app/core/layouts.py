"""What a scanner's keys become on a machine with another keyboard layout, and how to undo it.

A keyboard-wedge scanner sends key positions for the keyboard it is set to, mostly a US one; the
machine reads them by its own layout. So "8659-A" arrives as "_-(ç)Q" on a French machine. Best is
to set the scanner to the machine's layout; where that cannot be, the station undoes it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final


class Layout(enum.Enum):
    """How the machine reads the keys of a scanner that is set to a US keyboard."""

    SAME = "same"
    """As they were meant: the layouts agree."""
    AZERTY = "azerty"
    QWERTZ = "qwertz"


class CapsLock(enum.Enum):
    """What Caps Lock does to the keys of a machine while it is on."""

    OFF = "off"
    LETTERS = "letters"
    """It swaps the case of letters: Linux, macOS, and most layouts of Windows. Linux makes a
    capital of the sharp s, too."""
    FRENCH = "french"
    """It presses Shift on every key, as the French layout of Windows has it."""
    GERMAN = "german"
    """The same, of the German layout of Windows."""


# What each key of a US keyboard types, first without and then with Shift, on a US machine and by
# the French and German layouts of Windows, key by key. A dead key stands for its accent.
_US: Final = (
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
)
_FRENCH: Final = (
    "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!1234567890°+AZERTYUIOP¨£QSDFGHJKLM%WXCVBN?./§"
)
_GERMAN: Final = (
    '1234567890ß´qwertzuiopü+asdfghjklöäyxcvbnm,.-!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄYXCVBNM;:_'
)


def _table(keys: str, meanings: str) -> Mapping[int, str]:
    return dict(zip(map(ord, keys), meanings, strict=True))


_MEANT: Final[Mapping[Layout, Mapping[int, str]]] = {
    Layout.SAME: {},
    Layout.AZERTY: _table(_FRENCH, _US),
    Layout.QWERTZ: _table(_GERMAN, _US),
}
_TYPED: Final[Mapping[Layout, Mapping[int, str]]] = {
    Layout.SAME: {},
    Layout.AZERTY: _table(_US, _FRENCH),
    Layout.QWERTZ: _table(_US, _GERMAN),
}
_SHARP_S: Final = {"ß": "ẞ", "ẞ": "ß"}  # str.swapcase makes two letters of the small one
_HALF: Final = len(_US) // 2


def _shifted(keys: str) -> Mapping[int, str]:
    """Each key's character with Shift for the one without, and the other way round."""
    return _table(keys, keys[_HALF:] + keys[:_HALF])


_SHIFTED: Final[Mapping[CapsLock, Mapping[int, str]]] = {
    CapsLock.OFF: {},
    CapsLock.FRENCH: _shifted(_FRENCH),
    CapsLock.GERMAN: _shifted(_GERMAN),
}


def as_meant(text: str, layout: Layout) -> str:
    """Return what the scanner sent, from what the machine made of it."""
    return text.translate(_MEANT[layout])


def as_typed(text: str, layout: Layout) -> str:
    """Return what a machine with `layout` makes of the keys for `text` (US ASCII)."""
    return text.translate(_TYPED[layout])


def with_caps(text: str, caps: CapsLock) -> str:
    """Return what `text` becomes by Caps Lock; done twice, it is undone."""
    if caps is CapsLock.LETTERS:
        return "".join(map(_other_case, text))
    return text.translate(_SHIFTED[caps])


def _other_case(letter: str) -> str:
    """Return the other case of `letter`, where that is one letter and leads back."""
    other = _SHARP_S.get(letter, letter.swapcase())
    back = _SHARP_S.get(other, other.swapcase())
    return other if len(other) == 1 and back == letter else letter
