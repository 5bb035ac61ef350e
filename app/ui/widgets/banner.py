"""A strip across the window for what concerns everything below it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from app.ui.widgets.buttons import LinkButton
from app.ui.widgets.glyph import Glyph
from app.ui.widgets.keycap import KeyCap
from app.ui.widgets.text import restyle, text
from app.ui.widgets.tone import Tone


class Banner(QFrame):
    """A sentence in a tone, with an action where there is one; hidden until it has words."""

    activated = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._icon = Glyph("info", size=18)
        self._words = text(role="smallstrong", wrap=True)
        self._action = LinkButton()
        self._cap = KeyCap()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._icon)
        row.addWidget(self._words, 100)
        row.addWidget(self._action)
        row.addWidget(self._cap)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._action.clicked.connect(self.activated)
        self.hide()

    def set_banner(self, words: str, tone: Tone, action: str = "", key: str = "") -> None:
        """Say `words`; `action` is a button, `key` the key that does the same."""
        self._words.setText(words)
        restyle(self._words, tone=tone.value)
        restyle(self, tone=tone.value)
        restyle(self._action, tone=tone.value)
        self._icon.set_icon("alert" if tone in (Tone.BAD, Tone.CAUTION) else "info", tone.ink)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._cap.set_key(key)
        self.setAccessibleName(words)
        self._centre(bool(action))
        self.show()

    def clear_banner(self) -> None:
        """Take the strip away."""
        self._words.clear()
        self.setAccessibleName("")
        self.hide()

    def words(self) -> str:
        """What the strip says, "" when hidden."""
        return self._words.text()

    def _centre(self, with_action: bool) -> None:
        """A mere notice stands in the middle; one with an action starts at the leading side."""
        self._words.setWordWrap(with_action)
        row = self.layout()
        if isinstance(row, QHBoxLayout):
            row.setStretchFactor(self._words, 100 if with_action else 0)
