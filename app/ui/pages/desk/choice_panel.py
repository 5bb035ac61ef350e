"""The third card while something is to be chosen: what can be done, and why the rest cannot."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.models.choosing import ChoiceView
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, Mark, Numbered, Spinner, Tone, Wrapped
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_MARKS = {Tone.BAD: Mark.BAD, Tone.CAUTION: Mark.CAUTION}


class ChoicePanel(Card):
    """Renders a ChoiceView. `chosen` carries the key of what was chosen, `left` that none was."""

    chosen = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__(say("What can be done"))
        self.options = Numbered()
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped(role="muted")
        self._message = Message()
        self._spinner = Spinner()
        for widget in (self._sentence, self._advice, self._message, self._spinner, self.options):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.options.chosen.connect(self.chosen)
        self.footer_activated.connect(self.left)

    def show_view(self, view: ChoiceView) -> None:
        """Render `view`. Trouble is told on its own ground, everything else plainly."""
        trouble = view.tone in _MARKS
        self.set_title(view.title)
        self.set_mark(_MARKS.get(view.tone, Mark.NUMBER), 3, view.said.sentence)
        _write(self._sentence, "" if trouble else view.said.sentence)
        _write(self._advice, "" if trouble else view.said.advice)
        self._warn(view.tone, view.said if trouble else view.warning)
        self._spinner.setVisible(view.busy)
        self.options.set_options(view.options)
        self.options.setVisible(bool(view.options))
        self.set_footer("", "Esc", say("back"))

    def _warn(self, tone: Tone, said: Trouble | None) -> None:
        if said is None:
            self._message.clear()
        else:
            self._message.set_message(tone if tone in _MARKS else Tone.CAUTION, said)

    def focus_target(self) -> QWidget | None:
        """Return the first thing that can be chosen, or nothing."""
        return self.options.focus_target()


def _write(label: Wrapped, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
