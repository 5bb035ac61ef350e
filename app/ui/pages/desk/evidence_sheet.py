"""The raw facts behind a sentence: one key shows and copies them, the same key puts them away."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui import clip
from app.ui.widgets import EvidencePanel, KeyHint, text
from app.ui.wording.say import say

_WIDTH = 640


class EvidenceSheet(QFrame):
    """A sheet over its page, not a window of its own: a kiosk has nothing to close."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.setObjectName("sheet")
        self.panel = EvidencePanel(say("Copy"), say("Details for your administrator"))
        hint = KeyHint("F8", say("close"))
        hint.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(text(say("Details for your administrator"), "subtitle"))
        head.addStretch(1)
        head.addWidget(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(10)
        column.addLayout(head)
        if clip.is_open():
            column.addWidget(text(say("They are on the clipboard now."), "muted"))
        column.addWidget(self.panel)
        self._page = page
        page.installEventFilter(self)
        self.hide()

    def toggle(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show and copy `rows`, or hide what is shown."""
        if self.isVisible() or not rows:
            self.hide()
            return
        self.panel.set_evidence(rows)
        self.panel.copy()
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the page; Escape puts the sheet away first."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        if (
            self.isVisible()
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.hide()
            return True
        return False

    def _place(self) -> None:
        page = self._page
        width = min(_WIDTH, page.width() - 32)
        height = min(self.sizeHint().height(), page.height() - 32)
        self.setGeometry((page.width() - width) // 2, (page.height() - height) // 2, width, height)
