"""The little picture of a key beside what it does: the fastest way is told where it is used."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.ui.theme import finger_sized
from app.ui.widgets.text import text


class KeyCap(QLabel):
    """The name of a key, drawn as its cap; hidden while it has none."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_key(key)

    def set_key(self, key: str) -> None:
        """Show another key, or nothing for ""."""
        self.setText(key)
        appear(self, visible=bool(key))


class KeyHint(QAbstractButton):
    """A key and what it does; a click does the same (`clicked`).

    The key itself is the way for the keyboard, so the hint is no stop for Tab.
    """

    def __init__(self, key: str = "", words: str = "") -> None:
        super().__init__()
        self._cap = KeyCap()
        self._words = text(role="smallmuted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self._cap, self._words):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_hint(key, words)

    def set_hint(self, key: str, words: str) -> None:
        """Show another key and action; hidden where there is neither."""
        self._cap.set_key(key)
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setAccessibleDescription(key)
        appear(self, visible=bool(key or words))

    def sizeHint(self) -> QSize:
        """As wide as cap and words; for a finger, no lower than it is wide."""
        return finger_sized(inner_size(self))

    def minimumSizeHint(self) -> QSize:
        """The hint is never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The labels inside paint themselves."""


def appear(widget: QWidget, *, visible: bool) -> None:
    """Show or hide `widget`, but never as a window: without a parent yet, it shows with it."""
    if widget.parentWidget() is not None or not visible:
        widget.setVisible(visible)
    else:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, on=False)


def inner_size(widget: QWidget) -> QSize:
    """What the layout of `widget` asks for."""
    layout = widget.layout()
    return layout.sizeHint() if layout else QSize()
