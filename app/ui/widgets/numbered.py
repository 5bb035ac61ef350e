"""A few things to choose from, side by side or one under the other, each with a key of its own.

Arrow keys walk along them, Enter takes the one in front, Ctrl and its number takes it from anywhere
on the page. What cannot be chosen stays in its place, grey, and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.widgets.buttons import KeyButton
from app.ui.widgets.text import Wrapped

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: `key` tells it apart, `hint` is how its key is called.

    `why` is what stands in its way; it cannot be chosen then.
    """

    key: str
    words: str
    hint: str = ""
    why: str = ""


class OptionButton(KeyButton):
    """One of the options. It leaves arrow keys and Enter to all of them together."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STEPS or event.key() in _ENTER:
            event.ignore()
        else:
            super().keyPressEvent(event)


class Numbered(QWidget):
    """The options, `across` side by side. `chosen` carries the key of the one that was taken."""

    chosen = Signal(str)

    def __init__(self, *, across: bool = False) -> None:
        super().__init__()
        self._options: tuple[Option, ...] = ()
        self._buttons: list[OptionButton] = []
        self._reasons: list[Wrapped] = []
        self._column: QBoxLayout = QHBoxLayout(self) if across else QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def set_options(self, options: Sequence[Option]) -> None:
        """Show exactly these; rows that stay are not made anew. One reason is told once."""
        self._options = tuple(options)
        while len(self._buttons) < len(options):
            self._add_row()
        repeated = {at for at, (one, after) in enumerate(pairwise(options)) if one.why == after.why}
        for index, (button, reason) in enumerate(zip(self._buttons, self._reasons, strict=True)):
            option = self._options[index] if index < len(options) else Option("", "")
            button.set_words(option.words, option.hint)
            button.setEnabled(not option.why)
            button.setAccessibleDescription(option.why or option.hint)
            said = option.why if index not in repeated else ""
            reason.setText(said)
            button.setVisible(index < len(options))
            reason.setVisible(bool(said))

    def options(self) -> tuple[Option, ...]:
        """Return what is shown."""
        return self._options

    def button(self, index: int) -> QWidget:
        """Return the button of the option at `index`, from 0."""
        return self._buttons[index]

    def focus_target(self) -> QWidget | None:
        """Return the first that can be chosen."""
        free = (
            b for b, option in zip(self._buttons, self._options, strict=False) if not option.why
        )
        return next(free, None)

    def take(self, number: int) -> bool:
        """Choose the option with this number, from 1; tell whether there is one to be chosen."""
        if not 1 <= number <= len(self._options) or self._options[number - 1].why:
            return False
        self.chosen.emit(self._options[number - 1].key)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys, take with Enter."""
        key, at = Qt.Key(event.key()), self._focused()
        if key in _STEPS and at is not None:
            self._walk(at, _STEPS[key])
        elif key in _ENTER and at is not None:
            self.take(at + 1)
        else:
            super().keyPressEvent(event)

    def _focused(self) -> int | None:
        return next((i for i, button in enumerate(self._buttons) if button.hasFocus()), None)

    def _walk(self, at: int, step: int) -> None:
        free = [i for i, option in enumerate(self._options) if not option.why]
        turned = free[(free.index(at) + step) % len(free)]
        self._buttons[turned].setFocus(Qt.FocusReason.TabFocusReason)

    def _add_row(self) -> None:
        at = len(self._buttons)
        button, reason = OptionButton(), Wrapped(role="smallmuted")
        button.clicked.connect(lambda: self.take(at + 1))
        self._buttons.append(button)
        self._reasons.append(reason)
        self._column.addWidget(button)
        self._column.addWidget(reason)
