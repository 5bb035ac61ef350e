"""Keys as Qt names them, in the words of the policy (core.kiosk)."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.core.kiosk import Chord, With

_HELD = (
    (Qt.KeyboardModifier.ShiftModifier, With.SHIFT),
    (Qt.KeyboardModifier.ControlModifier, With.CONTROL),
    (Qt.KeyboardModifier.AltModifier, With.ALT),
    (Qt.KeyboardModifier.MetaModifier, With.META),
)
_BARE = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)


def chord_of(event: QKeyEvent) -> Chord:
    """Return the key of `event` and what is held down with it; a dead key has a name as well."""
    held = With.NOTHING
    for modifier, found in _HELD:
        if event.modifiers() & modifier:
            held |= found
    try:
        name = Qt.Key(event.key()).name.removeprefix("Key_")
    except ValueError:  # a letter of a script that Qt has no names for
        name = ""
    return name, held


def types(event: QKeyEvent) -> bool:
    """Tell whether the key writes something that can be seen."""
    text = event.text()
    return bool(text) and text.isprintable()


def is_bare(event: QKeyEvent) -> bool:
    """Tell whether it is one of those that do nothing by themselves."""
    return Qt.Key(event.key()) in _BARE
