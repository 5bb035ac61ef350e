"""A sheet over a page, not a window of its own: a kiosk has nothing to close."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

_MARGIN = 32


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
            self.hide()
            return True
        return False

    def place(self) -> None:
        """Stand in the middle, as high as what is in it needs."""
        page = self._page
        width = min(self._width, page.width() - _MARGIN)
        height = min(self.sizeHint().height(), page.height() - _MARGIN)
        self.setGeometry((page.width() - width) // 2, (page.height() - height) // 2, width, height)
