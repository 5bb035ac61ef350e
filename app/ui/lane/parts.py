"""What the lane is made of: the row of steps, and the sides that take turns below it."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.core.enrollment import Enrollment
from app.core.lane import LaneStep
from app.ui.pages.desk.message import Message
from app.ui.theme import look
from app.ui.widgets import (
    CodeField,
    FactGrid,
    Glyph,
    LinkButton,
    Mark,
    PrimaryButton,
    SecondaryButton,
    SerialLabel,
    Spinner,
    Tone,
    Wrapped,
    restyle,
    text,
)
from app.ui.widgets.card import Marker
from app.ui.widgets.countdown import Countdown
from app.ui.wording import lane as words
from app.ui.wording.desk import near_serial, near_words
from app.ui.wording.errors import Trouble, evidence_rows
from app.ui.wording.say import say

_ORDER = (LaneStep.SIGN_IN, LaneStep.TOKEN, LaneStep.CODE)
_GLYPHS = {Tone.GOOD: "check", Tone.CAUTION: "alert", Tone.BAD: "alert"}


class StepRow(QWidget):
    """The three steps, the present one in full ink, those that are done with a tick."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[Marker] = []
        self._names: list[QLabel] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addStretch(1)
        for name in words.names_of_steps():
            mark, label = Marker(), text(name, "strong")
            self._marks.append(mark)
            self._names.append(label)
            row.addWidget(mark)
            row.addWidget(label)
            row.addSpacing(18)
        row.addStretch(1)

    def show_step(self, step: LaneStep, *, done: bool, judged: bool, third: str = "") -> None:
        """Mark `step` as the present one; the third is called `third`, if given.

        `judged` tells that the token which was shown may be registered, `done` that it is.
        """
        after = 3 if done else 2 if judged else 1
        self._names[2].setText(third or self._names[2].text())
        step = LaneStep.CODE if step is LaneStep.CONFIRM else step
        at = _ORDER.index(step) if step in _ORDER else after
        for number, (mark, label) in enumerate(zip(self._marks, self._names, strict=True)):
            passed = number < at
            mark.set_mark(Mark.GOOD if passed else Mark.NUMBER, number + 1, number > at)
            restyle(label, role="strong" if number == at else "muted")
        present = self._names[min(at, 2)].text()
        self.setAccessibleName(say("Step {number} of 3: {name}", number=at + 1, name=present))


class Side(QWidget):
    """A heading and a lead, large, with whatever belongs to the step below them."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = Wrapped(role="display")
        self.lead = Wrapped(role="muted")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(16)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.lead)

    def say(self, said: Trouble) -> None:
        """Show heading and lead."""
        self.heading.setText(said.sentence)
        self.lead.setText(said.advice)

    def forget(self) -> None:
        """Leave nothing of anybody here."""


class TokenSide(Side):
    """Where the token is shown, or its serial number typed."""

    entered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.say(words.show_token())
        self.edit = QLineEdit()
        self.edit.setAccessibleName(say("Serial number of the token"))
        self.edit.setPlaceholderText(say("Serial number"))
        self.column.addSpacing(8)
        self.column.addWidget(self.edit)
        self.column.addStretch(1)
        self.edit.returnPressed.connect(self._enter)

    def forget(self) -> None:
        """Empty the field."""
        self.edit.clear()

    def _enter(self) -> None:
        if self.edit.text().strip():
            self.entered.emit(self.edit.text())


class CodeSide(Side):
    """Where the six digits are typed."""

    submitted = Signal(str)
    another = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say(words.type_code())
        self.serial = SerialLabel()
        self.message = Message()
        self.code = CodeField(say("Code on the token"), _progress)
        self.button = PrimaryButton(say("Register this token"), "Enter")
        self.other = LinkButton(say("Take &another token"))
        for part in (self.serial, self.message, self.code, self.button):
            self.column.addWidget(part)
        self.column.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)
        self._warned = QTimer(self)
        self._warned.setSingleShot(True)
        self._warned.timeout.connect(self.message.clear)
        self.code.submitted.connect(self.submitted)
        self.code.changed.connect(self._changed)
        self.button.clicked.connect(lambda: self.submitted.emit(self.code.code()))
        self.other.clicked.connect(self.another)

    def show_enrollment(self, serial_number: str, enrollment: Enrollment | None) -> None:
        """Ask for a code, the first one or the next."""
        self.serial.set_serial(serial_number)
        self._warned.stop()
        said = words.not_yet(enrollment)
        if said is None:
            self.message.clear()
        else:
            self.message.set_message(Tone.CAUTION, said)
        self.lead.setVisible(said is None)
        self._changed()

    def clear(self) -> None:
        """Empty the field for the next code."""
        self.code.clear()
        self._changed()

    def warn(self, said: Trouble, seconds: float) -> None:
        """Say for so many seconds why a code was not even sent."""
        self.message.set_message(Tone.CAUTION, said)
        self.code.clear()
        self._warned.start(round(seconds * 1000))

    def forget(self) -> None:
        """Empty everything."""
        self._warned.stop()
        self.code.clear()
        self.message.clear()
        self.serial.set_serial("")

    def _changed(self, _count: int = 0) -> None:
        self.button.setEnabled(self.code.is_complete())


class ConfirmSide(Side):
    """Where it is said that the token is to be assigned, which takes no code."""

    confirmed = Signal()
    another = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say(words.confirm())
        self.serial = SerialLabel()
        self.button = PrimaryButton(say("Assign it to me"), "Enter")
        self.other = LinkButton(say("Take &another token"))
        for part in (self.serial, self.button):
            self.column.addWidget(part)
        self.column.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)
        self.button.clicked.connect(self.confirmed)
        self.other.clicked.connect(self.another)

    def forget(self) -> None:
        """Leave no serial number."""
        self.serial.set_serial("")


class WaitSide(Side):
    """While the station works there is nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.column.addSpacing(8)
        self.column.addWidget(Spinner(round(40 * look().scale)), 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(say("The station works. Please wait."))


class EndSide(Side):
    """What happened, and how to go on from there."""

    again = Signal()
    another = Signal()
    finished = Signal()
    near_chosen = Signal(str)
    """A near serial number that the person takes for the one that was shown."""

    def __init__(self) -> None:
        super().__init__()
        self._tries = False
        self._offered: tuple[str, ...] = ()
        self._enrollment: Enrollment | None = None
        self._countdown = Countdown(self)
        self._countdown.changed.connect(self._count)
        self.glyph = Glyph("check", "good", round(56 * look().scale))
        self.column.insertWidget(0, self.glyph, 0, Qt.AlignmentFlag.AlignLeft)
        self.button = PrimaryButton(say("Finish"), "Enter")
        self.other = SecondaryButton(say("Take &another token"))
        self.details = SecondaryButton(say("Details for your administrator"), key="F8")
        self.facts = FactGrid()
        self.near = QWidget()
        self._near = QVBoxLayout(self.near)
        self._near.setContentsMargins(0, 0, 0, 0)
        self._near.setSpacing(12)
        for part in (self.near, self.button, self.other, self.details, self.facts):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self.button.clicked.connect(self.go_on)
        self.other.clicked.connect(self.another)
        self.details.clicked.connect(self.toggle_details)
        self.forget()

    def show_end(self, enrollment: Enrollment | None, name: str) -> None:
        """Show what happened to `name` and how it can go on."""
        self._enrollment = enrollment
        tone, said = words.outcome(enrollment, name)
        self.say(said)
        self.glyph.set_icon(_GLYPHS[tone], tone.ink)
        self._tries = words.tries_again(enrollment)
        self.button.set_words(words.next_deed(enrollment), "Enter")
        self.other.setVisible(tone is not Tone.GOOD)
        rows = evidence_rows(enrollment.error if enrollment else None)
        self.facts.set_facts(rows)
        self.facts.hide()
        self.details.setVisible(bool(rows))

    def count_to(self, retry_at: datetime | None) -> None:
        """Say how long it is until the station reads again what it could not; None: it does not."""
        self._countdown.count_to(retry_at)
        self._count()

    def _count(self) -> None:
        seconds = self._countdown.seconds()
        said = words.repeated(self._enrollment, seconds) if seconds is not None else None
        if said is not None:
            self.say(said)

    def offer_near(self, shown: str, serials: tuple[str, ...], *, known: bool) -> None:
        """Offer the near serial numbers of the one that was `shown`; each is taken by one key."""
        if serials == self._offered:
            return
        self._offered = serials
        while (item := self._near.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if serials:
            lead = near_words(len(serials)) if known else words.other_ways_to_write()
            self._near.addWidget(Wrapped(lead, role="strong"))
        for number, serial in enumerate(serials, start=1):
            button = SecondaryButton(near_serial(shown, serial, number))
            button.setAccessibleName(say("Take {serial}", serial=serial))
            button.setShortcut(f"Alt+{number}")
            button.clicked.connect(partial(self.near_chosen.emit, serial))
            self._near.addWidget(button)
        self.near.setVisible(bool(serials))

    def go_on(self) -> None:
        """Do what the large button says."""
        (self.again if self._tries else self.finished).emit()

    def toggle_details(self) -> None:
        """Show the server's own words, or hide them."""
        if self.details.isVisible():
            self.facts.setVisible(self.facts.isHidden())

    def forget(self) -> None:
        """Leave no name and no evidence."""
        self.say(Trouble("", ""))
        self.facts.set_facts(())
        self._enrollment = None
        self.count_to(None)
        self.offer_near("", (), known=False)
        for part in (self.other, self.details, self.facts):
            part.hide()


def _progress(count: int, of: int) -> str:
    return say("{count} of {of} digits typed", count=count, of=of)
