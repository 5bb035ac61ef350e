"""Try a scanner: a test code to scan, and everything that is known of what arrived."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.scan import ScanRules
from app.core.trial import REFERENCE, Arrival, Trial, as_toml, try_keys, try_line
from app.core.wedge import WedgeSettings
from app.ui.pages.desk.message import Message
from app.ui.widgets import Card, EvidencePanel, FactGrid, Glyph, Rule, Wrapped, text
from app.ui.widgets.bar_code import BarCode
from app.ui.widgets.gap_strip import GapStrip
from app.ui.widgets.qr_code import QrCode
from app.ui.widgets.scrolled import Scrolled
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say
from app.ui.wording.trial import (
    details,
    facts,
    gaps_words,
    lines_words,
    nothing_arrived,
    reference_hint,
    rhythm_words,
    trouble_words,
    verdict,
)

_QR_SIDE = 132
_NOTHING, _RESULT = 0, 1


class TestCode(QWidget):
    """The reference text as a QR code and as a Code 128: some scanners read the one alone."""

    def __init__(self) -> None:
        super().__init__()
        qr = QrCode(_QR_SIDE)
        qr.set_text(REFERENCE, say("Test code, as a QR code"))
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(text(say("Scan one of these codes"), "title"))
        words.addWidget(Wrapped(reference_hint(), "muted"))
        words.addWidget(text(say("They say {text}", text=REFERENCE), "smallmuted"))
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(qr, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(BarCode(REFERENCE, say("Test code, as a barcode")))


class TroubleRow(QWidget):
    """One thing that is wrong, and what mends it."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = Wrapped(role="strong")
        self._advice = Wrapped(role="small")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._sentence)
        words.addWidget(self._advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Glyph("alert", "caution", 20), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def tell(self, said: Trouble) -> None:
        """Say `said`."""
        self._sentence.setText(said.sentence)
        self._advice.setText(said.advice)
        self.setAccessibleName(f"{said.sentence} {said.advice}")


class Result(QWidget):
    """All that is known of what arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.message = Message()
        self.facts = FactGrid()
        self.details = FactGrid()
        self.strip = GapStrip()
        self._strip_words = Wrapped(role="smallmuted")
        self._troubles: list[TroubleRow] = []
        self._trouble_column = QVBoxLayout()
        self._trouble_column.setSpacing(10)
        self._lines_words = Wrapped(lines_words(), "strong")
        self.lines = EvidencePanel(say("C&opy lines"), say("Lines of the configuration file"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 4, 4)
        column.setSpacing(12)
        column.addWidget(self.message)
        column.addWidget(self.facts)
        column.addLayout(self._trouble_column)
        column.addWidget(self._lines_words)
        column.addWidget(self.lines)
        column.addWidget(self.details)
        column.addWidget(self.strip)
        column.addWidget(self._strip_words)
        column.addStretch(1)

    def tell(self, trial: Trial, source: str, limit: float) -> None:
        """Show `trial`, which came by `source`; `limit` in seconds for the average gap."""
        self.message.set_message(*verdict(trial))
        self._tell_troubles([trouble_words(each) for each in trial.troubles])
        lines = as_toml(trial.proposals)
        self.lines.set_lines(lines)
        self._lines_words.setVisible(bool(lines))
        self.lines.setVisible(bool(lines))
        self.facts.set_facts(facts(trial))
        self.facts.setVisible(not trial.secret)
        self.details.set_facts(details(trial, source))
        self.strip.set_gaps(trial.gaps or (), limit, rhythm_words(trial))
        self._strip_words.setText(gaps_words(limit))
        self._strip_words.setVisible(bool(trial.gaps))

    def forget(self) -> None:
        """Hold nothing of what was scanned."""
        self.message.clear()
        self._tell_troubles([])
        self.lines.set_lines("")
        self.facts.set_facts([])
        self.details.set_facts([])
        self.strip.set_gaps((), 1.0, "")

    def _tell_troubles(self, told: list[Trouble]) -> None:
        while len(self._troubles) < len(told):
            row = TroubleRow()
            self._troubles.append(row)
            self._trouble_column.addWidget(row)
        for number, row in enumerate(self._troubles):
            row.setVisible(number < len(told))
            row.tell(told[number] if number < len(told) else Trouble("", ""))


class TrialPanel(Card):
    """The test code above, the result below. Tells `heard` when a scanner that types was one."""

    heard = Signal()

    def __init__(self, settings: WedgeSettings, rules: ScanRules) -> None:
        """Judge by the wedge settings and scan rules of this station."""
        super().__init__(say("Try a scanner"))
        self._settings = settings
        self._rules = rules
        self._count = 0
        self.result = Result()
        self.area = Scrolled(self.result, say("What arrived from the scanner"))
        self.area.focused.connect(self.set_active)
        self._counted = text(role="smallmuted")
        self._stack = QStackedWidget()
        self._lay_out()
        self.forget()

    def _lay_out(self) -> None:
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._stack.setSizePolicy(policy)
        self._stack.addWidget(self._nothing())
        self._stack.addWidget(self.area)
        self.add_header(self._counted)
        self.body.addWidget(TestCode())
        self.body.addWidget(Rule())
        self.body.addWidget(self._stack, 1)

    def _nothing(self) -> QWidget:
        said = nothing_arrived()
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(Glyph("scanner", "muted", 40))
        column.addWidget(Wrapped(said.sentence, "title"))
        column.addWidget(Wrapped(said.advice, "muted"))
        column.addStretch(1)
        return side

    def try_keys(self, arrival: Arrival) -> None:
        """Show what a scanner that types has sent."""
        trial = try_keys(arrival, self._settings, self._rules)
        self._tell(trial, say("Keyboard"))
        if not trial.typed:
            self.heard.emit()

    def try_line(self, port: str, line: str) -> None:
        """Show what a scanner on a serial port has sent."""
        self._tell(try_line(line, self._rules), port)

    def forget(self) -> None:
        """Show nothing of what was scanned before."""
        self._count = 0
        self._counted.clear()
        self.result.forget()
        self._stack.setCurrentIndex(_NOTHING)

    def _tell(self, trial: Trial, source: str) -> None:
        self._count += 1
        self._counted.setText(say("Scan {count}", count=self._count))
        self.result.tell(trial, source, self._settings.average_gap)
        self._stack.setCurrentIndex(_RESULT)
        self.area.verticalScrollBar().setValue(0)
        self.flash(verdict(trial)[0])
