"""A column that scrolls inside a card; the card's own outline shows that it has the focus."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Ground(QWidget):
    """What is scrolled, exactly as high as its lines are at the width there is."""

    def minimumSizeHint(self) -> QSize:
        """Only as wide; the lines of the narrowest column would claim room that stays empty."""
        return QSize(super().minimumSizeHint().width(), 0)


class Scrolled(QScrollArea):
    """Shows `content` as wide as there is room; `focused` tells when arrow keys scroll it."""

    focused = Signal(bool)

    def __init__(self, content: QWidget, name: str) -> None:
        super().__init__()
        content.setObjectName("story")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.setWidget(content)
        self.viewport().setAutoFillBackground(False)

    def minimumSizeHint(self) -> QSize:
        """As wide as the content at least: this area scrolls up and down alone."""
        content, least = self.widget(), super().minimumSizeHint()
        if content is None:
            return least
        bar = self.verticalScrollBar().sizeHint().width()
        return least.expandedTo(QSize(content.minimumSizeHint().width() + bar, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for another width when the content does."""
        taken = super().eventFilter(watched, event)
        if watched is self.widget() and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return taken

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell of the focus."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that it is gone."""
        super().focusOutEvent(event)
        self.focused.emit(False)
