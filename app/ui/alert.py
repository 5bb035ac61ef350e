"""What has just gone wrong, laid over the top bar: nothing on the page moves for it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.ui.widgets import Banner


class Alert(Banner):
    """A banner that covers another widget while it says something."""

    def cover(self, widget: QWidget) -> None:
        """Lie over `widget`, however it is resized."""
        self.setParent(widget)
        widget.installEventFilter(self)
        self.clear_banner()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the size of what is covered."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False
