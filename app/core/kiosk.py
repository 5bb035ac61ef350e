"""What a kiosk lets happen, as one policy: which keys, which pages, what for how long.

A kiosk stands where nobody watches it, and whoever stands before it is nobody's operator. So the
policy lists what is let through; whatever it does not name, a key of tomorrow included, is not.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.core.pin import PinHash

LEFT: Final = 10
"""The exit code of a kiosk that its supervisor has ended: not to be started again."""

WIPE_SECONDS: Final = 60
"""After which what the last person saw is gone, unless configured otherwise."""

GESTURE_TAPS: Final = 5
GESTURE_SECONDS: Final = 4.0
GESTURE_CORNER: Final = 72
"""The supervisor's gesture: so many taps within so many seconds, in a corner of so many px."""

SUPERVISED_SECONDS: Final = 180.0
"""Seconds without anybody after which a supervisor's freedom ends by itself."""

OPEN_PAGES: Final = frozenset({"signin", "desk"})
"""The pages of everybody; that of a receipt too, where it can be printed. All others are the
supervisor's."""


class ScreenKeys(enum.StrEnum):
    """When the keyboard on the screen appears: where a finger, or anything, touches a field."""

    TOUCH = "touch"
    ALWAYS = "always"
    NEVER = "never"


class With(enum.Flag):
    """The keys that are held down with another."""

    NOTHING = 0
    SHIFT = enum.auto()
    CONTROL = enum.auto()
    ALT = enum.auto()
    META = enum.auto()


@dataclass(frozen=True, slots=True)
class KioskRules:
    """What an administrator chose. Without `pin` nobody can leave by the gesture.

    `wipe_after` is in seconds. Copying, printing and links outside are off unless switched on.
    """

    pin: PinHash | None = None
    wipe_after: float = WIPE_SECONDS
    keyboard: ScreenKeys = ScreenKeys.TOUCH
    clipboard: bool = False
    printing: bool = False
    links: bool = False


def open_pages(rules: KioskRules) -> frozenset[str]:
    """Return the pages that are open to whoever stands there."""
    return OPEN_PAGES | {"receipt"} if rules.printing else OPEN_PAGES


Chord = tuple[str, With]

SUMMONS: Final[Chord] = ("F12", With.CONTROL | With.SHIFT)
"""What a supervisor presses instead of tapping in the corner."""

_EVERYWHERE: Final = (
    "Return", "Enter", "Tab", "Backtab", "Escape", "Backspace", "Delete", "Space",
    "Left", "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown",
)  # fmt: skip
_OF_THE_DESK: Final = ("F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F12")
_COMMANDS: Final = ("L", "T", "B", *"123456789")
"""Locks, asks whose a token is and what somebody has, chooses; all of it on the desk itself."""

PASSING: Final[Mapping[str, frozenset[With]]] = MappingProxyType(
    {
        **dict.fromkeys(_EVERYWHERE, frozenset({With.NOTHING, With.SHIFT})),
        **dict.fromkeys(_OF_THE_DESK, frozenset({With.NOTHING})),
        "F6": frozenset({With.NOTHING, With.SHIFT}),
        "F12": frozenset({With.NOTHING, With.SHIFT}),
        **dict.fromkeys(_COMMANDS, frozenset({With.CONTROL})),
        **dict.fromkeys("123456789", frozenset({With.ALT})),  # near serial numbers
    }
)
"""Keys that do something rather than type, and what may be held down with each."""

_COPYING: Final = frozenset({"A", "C", "V", "X"})
_PRINTING: Final = "P"


def passes(rules: KioskRules, chord: Chord, *, types: bool) -> bool:
    """Tell whether a key may do its work; `types` tells that it writes a printable character.

    Control and Alt together are AltGr, which writes: @ on a German keyboard.
    """
    key, held = chord
    if held in PASSING.get(key, ()):
        return True
    if types and held in {With.NOTHING, With.SHIFT}:
        return True
    if types and With.CONTROL | With.ALT in held and With.META not in held:
        return not key.startswith("F") or len(key) == 1
    if held is With.CONTROL and key in _COPYING:
        return rules.clipboard
    return held is With.CONTROL and key == _PRINTING and rules.printing
