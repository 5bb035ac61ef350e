"""A sheet over a page, not a window of its own: a kiosk has nothing to close."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

_MARGIN = 32


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


def is_typed(event: QKeyEvent) -> bool:
    """Tell whether a key types something, so that a sheet keeps it from the page below.

    The window's own keys, such as those that lock and sign out, must go on.
    """
    return bool(event.text()) and not event.modifiers() & _COMMANDS


class Sheet(QFrame):
    """Stands in the middle of `page`, at most `width` px wide; hidden until it is shown."""

    def __init__(self, page: QWidget, width: int) -> None:
        super().__init__(page)
        self.setObjectName("sheet")
        self._page = page
        self._width = width
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the page; Escape puts the sheet away first."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.place()
        if (
            self.isVisible()
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.put_away()
            return True
        return False

    def put_away(self) -> None:
        """Close the sheet, as Escape asks for."""
        self.hide()

    def place(self) -> None:
        """Stand in the middle, as high as what is in it needs."""
        page = self._page
        width = min(self._width, page.width() - _MARGIN)
        height = min(self.sizeHint().height(), page.height() - _MARGIN)
        self.setGeometry((page.width() - width) // 2, (page.height() - height) // 2, width, height)
