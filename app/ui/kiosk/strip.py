"""The strip below the pages while a supervisor is at work: that they are, and the way back."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.ui.widgets import SecondaryButton, text
from app.ui.wording.kiosk import at_work, choice


class Strip(QFrame):
    """Lies over the lower edge of `window`; `back` is emitted by its button."""

    back = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("dock")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self.button = SecondaryButton(choice("back"))
        self.button.clicked.connect(self.back)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.addWidget(text(at_work(), "strong"))
        row.addStretch(1)
        row.addWidget(self.button)
        window.installEventFilter(self)
        self.hide()

    def appear(self) -> None:
        """Show it above everything."""
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the edge of the window."""
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        height = self.sizeHint().height()
        self.setGeometry(0, self._window.height() - height, self._window.width(), height)
