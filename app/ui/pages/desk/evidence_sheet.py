"""The raw facts behind a sentence: one key shows and copies them, the same key puts them away."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui import clip
from app.ui.pages.desk.sheet import Sheet
from app.ui.widgets import EvidencePanel, KeyHint, text
from app.ui.wording.say import say

_WIDTH = 640


class EvidenceSheet(Sheet):
    """A sheet with the raw facts, to be read and handed on."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page, _WIDTH)
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
        self.hide()

    def toggle(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show and copy `rows`, or hide what is shown."""
        if self.isVisible() or not rows:
            self.hide()
            return
        self.panel.set_evidence(rows)
        self.panel.copy()
        self.place()
        self.show()
        self.raise_()
