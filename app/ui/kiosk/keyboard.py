"""The keyboard on the screen: digits for a code, letters for a search.

It lies over the window's lower edge, or over the upper one where it would hide the field it writes
to. Its keys take no focus; they go to the field that has it, on the way of real keys, but past what
tells a scanner by its rhythm: a finger is none, however quick.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from app.ui.kiosk import layouts
from app.ui.kiosk.layouts import Rows
from app.ui.wording.kiosk import key_name, keyboard

FLOOR: Final = "floor"
"""The property of the window that tells how far down it can be seen, in px."""

_KEY: Final = 52
_GAP: Final = 6
_WIDEST_KEY: Final = 88

_NAMED: Final = {
    layouts.BACKSPACE: (Qt.Key.Key_Backspace, ""),
    layouts.ENTER: (Qt.Key.Key_Return, "\r"),
    layouts.SPACE: (Qt.Key.Key_Space, " "),
}

Send = Callable[[QKeyEvent], None]


class ScreenKey(QPushButton):
    """One key. It acts as soon as it is touched, and repeats where that is of use."""

    def __init__(self, key: str) -> None:
        super().__init__(layouts.GLYPHS.get(key, key.replace("&", "&&")))
        self.key = key
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(44, 44)
        self.setAutoRepeat(key == layouts.BACKSPACE)
        self.setAccessibleName(key_name(key) if key in layouts.GLYPHS else key)

    def set_capital(self, *, on: bool) -> None:
        """Show the capital letter, where the key has one that is a single character."""
        if self.key not in layouts.GLYPHS:
            self.setText(self.letter(capital=on))

    def letter(self, *, capital: bool) -> str:
        """Return the character that the key writes, or its name where it writes none."""
        if self.key in layouts.GLYPHS:
            return self.key
        upper = self.key.upper()
        return upper if capital and len(upper) == 1 else self.key


class Keyboard(QFrame):
    """The keyboard of `window`; `send` types a key."""

    def __init__(self, window: QWidget, send: Send) -> None:
        super().__init__(window)
        self.setObjectName("screenkeys")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(keyboard())
        self._window = window
        self._send = send
        self._field: QLineEdit | None = None
        self._rows: Rows = ()
        self._capital = False
        self._keys: list[ScreenKey] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_GAP, _GAP, _GAP, _GAP)
        self._grid.setSpacing(_GAP)
        window.installEventFilter(self)
        self.hide()

    def write_to(self, field: QLineEdit) -> None:
        """Show the keys that `field` needs."""
        self._field = field
        only_digits = bool(field.inputMethodHints() & Qt.InputMethodHint.ImhDigitsOnly)
        self._lay_out(layouts.DIGITS if only_digits else _letters())
        self.show()
        self._place()
        self.raise_()

    def put_away(self) -> None:
        """Hide, and know of no field any more."""
        self._field = None
        self._window.setProperty(FLOOR, None)
        self.hide()

    def shown_keys(self) -> list[ScreenKey]:
        """Return the keys that are shown."""
        return list(self._keys)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the edge of the window."""
        if watched is self._window and event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    # Inside ---------------------------------------------------------------------------------

    def _lay_out(self, rows: Rows) -> None:
        if rows == self._rows:
            self._set_capital(on=False)
            return
        self._rows, self._capital = rows, False
        for old in self._keys:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()  # it may be the very key that was touched
        self._keys = []
        widest = _widest(rows)
        for row, names in enumerate(rows):
            column = (widest - _width(names, rows)) // 2
            for name in names:
                self._add(name, row, column, _halves(name, rows))
                column += _halves(name, rows)

    def _add(self, name: str, row: int, column: int, halves: int) -> None:
        key = ScreenKey(name)
        key.pressed.connect(partial(self._touched, key))
        self._grid.addWidget(key, row, column, 1, halves)
        self._keys.append(key)
        key.show()

    def _touched(self, key: ScreenKey) -> None:
        match key.key:
            case layouts.SHIFT:
                self._set_capital(on=not self._capital)
            case layouts.MORE:
                self._change(layouts.ACCENTS)
            case layouts.FEWER:
                self._change(_letters())
            case layouts.HIDE:
                self.put_away()
            case _:
                self._type(key)

    def _change(self, rows: Rows) -> None:
        self._lay_out(rows)
        self._place()

    def _type(self, key: ScreenKey) -> None:
        letter = key.letter(capital=self._capital)
        code, text = _NAMED[key.key] if key.key in _NAMED else (_code(letter), letter)
        held = Qt.KeyboardModifier.NoModifier
        if letter != key.key:
            held = Qt.KeyboardModifier.ShiftModifier
            self._set_capital(on=False)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            self._send(QKeyEvent(kind, code, held, text))

    def _set_capital(self, *, on: bool) -> None:
        self._capital = on
        for key in self._keys:
            key.set_capital(on=on)

    def _place(self) -> None:
        """Lie over the lower edge, unless the field is there."""
        whole, rows = self._window.rect(), len(self._rows)
        height = rows * _KEY + (rows + 1) * _GAP
        columns = _widest(self._rows) / 2
        room = max(0, whole.width() - round(columns * _WIDEST_KEY)) // 2
        self._grid.setContentsMargins(room + _GAP, _GAP, room + _GAP, _GAP)
        top = whole.height() - height
        if self._lowest() > top:
            top = 0
        self.setGeometry(0, top, whole.width(), height)
        self._window.setProperty(FLOOR, top or None)

    def _lowest(self) -> int:
        field = self._field
        if field is None:
            return 0
        return field.mapTo(self._window, QPoint(0, field.height())).y()


def text_field(widget: QWidget | None) -> QLineEdit | None:
    """Return `widget` where one can type into it."""
    if isinstance(widget, QLineEdit) and widget.isEnabled() and not widget.isReadOnly():
        return widget
    return None


def focused_field() -> QLineEdit | None:
    """Return the field that the next key goes to."""
    return text_field(QApplication.focusWidget())


def _letters() -> Rows:
    return layouts.letters(QLocale().name().partition("_")[0])


def _code(letter: str) -> int:
    """Return Qt's number of the key that writes `letter`: that of its capital."""
    return ord(letter.upper()) if len(letter.upper()) == 1 else ord(letter)


def _widest(rows: Rows) -> int:
    return max(_width(row, rows) for row in rows)


def _width(names: tuple[str, ...], rows: Rows) -> int:
    return sum(_halves(name, rows) for name in names)


def _halves(name: str, rows: Rows) -> int:
    if rows is layouts.DIGITS:
        return 8 if name == "0" else 2
    return layouts.WIDTHS.get(name, 2)
