"""One line of a check-up: what it means, what to do, and the evidence word for word."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui.models.doctor import TONES
from app.ui.widgets import Card, Chip, FactGrid, Rule, SecondaryButton, Tone, Wrapped
from app.ui.wording.doctor_report import Shown
from app.ui.wording.say import say


class DetailsPanel(Card):
    """The line that is chosen. The button at the top copies the whole report."""

    def __init__(self) -> None:
        super().__init__(say("What it means"))
        self.copy_button = SecondaryButton(say("C&opy report"), icon="copy")
        self.copy_button.setToolTip(say("Copy every line, for the person who supports you (F8)"))
        self._name = Wrapped(role="title")
        self._verdict = Chip()
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped()
        self._rule = Rule()
        self.evidence = FactGrid()
        self._parts = QWidget()
        self._area = QScrollArea()
        self.copy_button.setEnabled(False)
        self._lay_out()
        self.add_header(self.copy_button)
        self.body.addWidget(self._area, 1)
        self.show_line(None)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._parts)
        column.setContentsMargins(0, 0, 10, 0)
        column.setSpacing(10)
        column.addWidget(self._name)
        column.addWidget(self._verdict, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._sentence)
        column.addWidget(self._advice)
        column.addWidget(self._rule)
        column.addWidget(self.evidence)
        column.addStretch(1)
        self._parts.setObjectName("story")
        self._area.setObjectName("story")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setAccessibleName(say("What it means"))
        self._area.setWidget(self._parts)

    def show_line(self, shown: Shown | None) -> None:
        """Show `shown`; nothing where nothing is known yet."""
        self._parts.setVisible(shown is not None)
        if shown is None:
            return
        self._name.setText(shown.name)
        self._verdict.set_chip(shown.word, TONES.get(shown.finding.verdict, Tone.NEUTRAL))
        self._sentence.setText(shown.sentence)
        self._advice.setText(shown.advice)
        self._advice.setVisible(bool(shown.advice))
        self._rule.setVisible(bool(shown.rows))
        self.evidence.set_facts([(label.strip(), value) for label, value in shown.rows])
