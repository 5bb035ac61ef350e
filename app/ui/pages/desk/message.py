"""A sentence and an advice in a tone: how the desk tells trouble, and success."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.ui.widgets import Glyph, Tone, Wrapped, restyle
from app.ui.wording.errors import Trouble

_ICONS = {Tone.GOOD: "check", Tone.CAUTION: "alert", Tone.BAD: "alert", Tone.INFO: "info"}


class Message(QFrame):
    """Icon, sentence and advice on the tone's ground. Hidden while it says nothing."""

    def __init__(self, tone: Tone = Tone.NEUTRAL, said: Trouble | None = None) -> None:
        super().__init__()
        self.setObjectName("message")
        self._glyph = Glyph("info", size=20)
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped(role="small")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._sentence)
        words.addWidget(self._advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self._glyph)
        row.addLayout(words, 1)
        if said is None:
            self.hide()
        else:
            self._write(tone, said)

    def set_message(self, tone: Tone, said: Trouble) -> None:
        """Say `said` in `tone`, and show it."""
        self._write(tone, said)
        self.show()

    def _write(self, tone: Tone, said: Trouble) -> None:
        """Fill in the words. Without a parent it is not shown: that would open a window."""
        restyle(self, tone=tone.value)
        self._glyph.set_icon(_ICONS.get(tone, "info"), tone.ink)
        self._sentence.setText(said.sentence)
        self._advice.setText(said.advice)
        self._advice.setVisible(bool(said.advice))
        self.setAccessibleName(f"{said.sentence} {said.advice}".strip())

    def clear(self) -> None:
        """Say nothing, and keep nothing of what was said."""
        self._sentence.setText("")
        self._advice.setText("")
        self.setAccessibleName("")
        self.hide()
