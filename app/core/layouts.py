"""What a scanner's keys become on a machine with another keyboard layout, and how to undo it.

A keyboard-wedge scanner sends key positions for the keyboard it is set to, mostly a US one; the
machine reads them by its own layout. So "8659-A" arrives as "_-(ç)Q" on a French machine. Best is
to set the scanner to the machine's layout; where that cannot be, the station undoes it.

The tables are those of Linux (xkeyboard-config), which agree with the layouts of Windows of the
same name on every key that a serial number needs. A test compares them with the installed ones.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping
from typing import Final


class Layout(enum.Enum):
    """How the machine reads the keys of a scanner that is set to a US keyboard."""

    SAME = "same"
    """As they were meant: the layouts agree."""
    AZERTY = "azerty"
    QWERTZ = "qwertz"
    BELGIAN = "belgian"
    SWISS_GERMAN = "swiss-german"
    SWISS_FRENCH = "swiss-french"
    CZECH = "czech"
    CZECH_QWERTY = "czech-qwerty"
    SLOVAK = "slovak"
    SLOVAK_QWERTY = "slovak-qwerty"
    HUNGARIAN = "hungarian"
    TURKISH = "turkish"
    TURKISH_F = "turkish-f"
    CROATIAN = "croatian"
    """Croatian, Slovenian, Bosnian and Serbian in Latin letters."""
    ITALIAN = "italian"
    SPANISH = "spanish"
    PORTUGUESE = "portuguese"
    NORDIC = "nordic"
    """Swedish and Finnish, and as far as serial numbers go Danish and Norwegian."""
    LITHUANIAN = "lithuanian"


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
    BELGIAN = "belgian"
    """The same, of the Belgian layout of Windows."""
    TURKISH = "turkish"
    """It swaps the case of letters in the Turkish way: dotless i with I, i with dotted I."""


# What each key of a US keyboard types, first without and then with Shift, on a US machine and by
# each other layout, key by key. A dead key stands for its accent.
_US: Final = (
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
)
_KEYS: Final[Mapping[Layout, str]] = {
    Layout.AZERTY: "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!"
    "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%WXCVBN?./§",
    Layout.QWERTZ: "1234567890ß´qwertzuiopü+asdfghjklöäyxcvbnm,.-"
    '!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄYXCVBNM;:_',
    Layout.BELGIAN: "&é\"'(§è!çà)-azertyuiop^$qsdfghjklmùwxcvbn,;:="
    "1234567890°_AZERTYUIOP¨*QSDFGHJKLM%WXCVBN?./+",
    Layout.SWISS_GERMAN: "1234567890'^qwertzuiopü¨asdfghjklöäyxcvbnm,.-"
    '+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéàYXCVBNM;:_',
    Layout.SWISS_FRENCH: "1234567890'^qwertzuiopè¨asdfghjkléàyxcvbnm,.-"
    '+"*ç%&/()=?`QWERTZUIOPü!ASDFGHJKLöäYXCVBNM;:_',
    Layout.CZECH: "+ěščřžýáíé=´qwertzuiopú)asdfghjklů§yxcvbnm,.-"
    '1234567890%ˇQWERTZUIOP/(ASDFGHJKL"!YXCVBNM?:_',
    Layout.CZECH_QWERTY: "+ěščřžýáíé=´qwertyuiopú)asdfghjklů§zxcvbnm,.-"
    '1234567890%ˇQWERTYUIOP/(ASDFGHJKL"!ZXCVBNM?:_',
    Layout.SLOVAK: "+ľščťžýáíé=´qwertzuiopúäasdfghjklô§yxcvbnm,.-"
    '1234567890%ˇQWERTZUIOP/(ASDFGHJKL"!YXCVBNM?:_',
    Layout.SLOVAK_QWERTY: "+ľščťžýáíé=´qwertyuiopúäasdfghjklô§zxcvbnm,.-"
    '1234567890%ˇQWERTYUIOP/(ASDFGHJKL"!ZXCVBNM?:_',
    Layout.HUNGARIAN: "123456789öüóqwertzuiopőúasdfghjkléáyxcvbnm,.-"
    "'\"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁYXCVBNM?:_",
    Layout.TURKISH: "1234567890*-qwertyuıopğüasdfghjklşizxcvbnmöç."
    "!'^+%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİZXCVBNMÖÇ:",
    Layout.TURKISH_F: "1234567890/-fgğıodrnhpqwuieaütkmlyşjövcçzsb.,"
    "!\"^$%&'()=?_FGĞIODRNHPQWUİEAÜTKMLYŞJÖVCÇZSB:;",
    Layout.CROATIAN: "1234567890'+qwertzuiopšđasdfghjklčćyxcvbnm,.-"
    '!"#$%&/()=?*QWERTZUIOPŠĐASDFGHJKLČĆYXCVBNM;:_',
    Layout.ITALIAN: "1234567890'ìqwertyuiopè+asdfghjklòàzxcvbnm,.-"
    '!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°ZXCVBNM;:_',
    Layout.SPANISH: "1234567890'¡qwertyuiop`+asdfghjklñ´zxcvbnm,.-"
    '!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨ZXCVBNM;:_',
    Layout.PORTUGUESE: "1234567890'«qwertyuiop+´asdfghjklçºzxcvbnm,.-"
    '!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇªZXCVBNM;:_',
    Layout.NORDIC: "1234567890+´qwertyuiopå¨asdfghjklöäzxcvbnm,.-"
    '!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄZXCVBNM;:_',
    Layout.LITHUANIAN: "ąčęėįšųū„“-žqwertyuiop[]asdfghjkl;'zxcvbnm,./"
    'ĄČĘĖĮŠŲŪ()_ŽQWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?',
}


def _table(keys: str, meanings: str) -> Mapping[int, str]:
    return dict(zip(map(ord, keys), meanings, strict=True))


_MEANT: Final[Mapping[Layout, Mapping[int, str]]] = {
    Layout.SAME: {},
    **{layout: _table(keys, _US) for layout, keys in _KEYS.items()},
}
_TYPED: Final[Mapping[Layout, Mapping[int, str]]] = {
    Layout.SAME: {},
    **{layout: _table(_US, keys) for layout, keys in _KEYS.items()},
}
_ACCENTS: Final = {
    "\u0300": "`",
    "\u0301": "´",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": "¨",
    "\u030c": "ˇ",
}
"""What a dead key types alone, by the accent that it puts on the next letter."""
_SHARP_S: Final = {"ß": "ẞ", "ẞ": "ß"}  # str.swapcase makes two letters of the small one
_TURKISH_I: Final = {"ı": "I", "I": "ı", "i": "İ", "İ": "i"}
_HALF: Final = len(_US) // 2


def _shifted(keys: str) -> Mapping[int, str]:
    """Each key's character with Shift for the one without, and the other way round."""
    return _table(keys, keys[_HALF:] + keys[:_HALF])


_SHIFTED: Final[Mapping[CapsLock, Mapping[int, str]]] = {
    CapsLock.OFF: {},
    CapsLock.FRENCH: _shifted(_KEYS[Layout.AZERTY]),
    CapsLock.GERMAN: _shifted(_KEYS[Layout.QWERTZ]),
    CapsLock.BELGIAN: _shifted(_KEYS[Layout.BELGIAN]),
}
_CAPS: Final[Mapping[Layout, tuple[CapsLock, ...]]] = {
    Layout.SAME: (CapsLock.LETTERS, CapsLock.FRENCH, CapsLock.GERMAN, CapsLock.BELGIAN),
    Layout.AZERTY: (CapsLock.LETTERS, CapsLock.FRENCH),
    Layout.QWERTZ: (CapsLock.LETTERS, CapsLock.GERMAN),
    Layout.BELGIAN: (CapsLock.LETTERS, CapsLock.BELGIAN),
    Layout.TURKISH: (CapsLock.TURKISH,),
    Layout.TURKISH_F: (CapsLock.TURKISH,),
}


def caps_of(layout: Layout) -> tuple[CapsLock, ...]:
    """Return what Caps Lock may do on a machine with `layout`, the likeliest first."""
    return _CAPS.get(layout, (CapsLock.LETTERS,))


_OF_SERIALS: Final = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def alike(layout: Layout) -> tuple[Layout, ...]:
    """Return every layout that makes the same of a serial number as `layout` does, itself too."""
    typed = as_typed(_OF_SERIALS, layout)
    return tuple(other for other in Layout if as_typed(_OF_SERIALS, other) == typed)


def as_meant(text: str, layout: Layout) -> str:
    """Return what the scanner sent, from what the machine made of it.

    A letter with an accent that no key has is what a dead key and the key after it became.
    """
    if layout is Layout.SAME:
        return text
    return "".join(_key_meant(letter, _MEANT[layout]) for letter in text)


def as_typed(text: str, layout: Layout) -> str:
    """Return what a machine with `layout` makes of the keys for `text` (US ASCII)."""
    return text.translate(_TYPED[layout])


def with_caps(text: str, caps: CapsLock) -> str:
    """Return what `text` becomes by Caps Lock; done twice, it is undone."""
    match caps:
        case CapsLock.LETTERS:
            return "".join(map(_other_case, text))
        case CapsLock.TURKISH:
            return "".join(_TURKISH_I.get(letter) or _other_case(letter) for letter in text)
        case _:
            return text.translate(_SHIFTED[caps])


def _key_meant(letter: str, meant: Mapping[int, str]) -> str:
    if (known := meant.get(ord(letter))) is not None:
        return known
    base, accent = unicodedata.normalize("NFD", letter)[:1], _accent(letter)
    if not accent or ord(accent) not in meant:
        return letter
    return meant[ord(accent)] + meant.get(ord(base), base)


def _accent(letter: str) -> str:
    """Return the accent that `letter` carries, as a dead key types it alone, or nothing."""
    parts = unicodedata.normalize("NFD", letter)
    return _ACCENTS.get(parts[1], "") if len(parts) > 1 else ""


def _other_case(letter: str) -> str:
    """Return the other case of `letter`, where that is one letter and leads back."""
    other = _SHARP_S.get(letter, letter.swapcase())
    back = _SHARP_S.get(other, other.swapcase())
    return other if len(other) == 1 and back == letter else letter
