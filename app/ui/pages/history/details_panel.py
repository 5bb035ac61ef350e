"""Everything that happened to one enrollment, entry by entry, with the evidence behind each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.history import RecordedEvent
from app.core.receipt import HANDOVERS
from app.core.record import Entry, Line
from app.station.history import TimelineNotice
from app.ui import clip
from app.ui.models.history import Happening, happenings, latest, story_text
from app.ui.widgets import (
    Card,
    Chip,
    FactGrid,
    PrimaryButton,
    Rule,
    SecondaryButton,
    StepState,
    Tone,
    Wrapped,
)
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.timeline import Rail
from app.ui.wording.history import (
    about_rows,
    choose_one,
    history_tone,
    history_word,
    unreadable,
)
from app.ui.wording.say import say
from app.ui.wording.station_events import event_detail, event_name, event_rows, event_text

_STATES = {
    Tone.GOOD: StepState.DONE,
    Tone.CAUTION: StepState.ATTENTION,
    Tone.BAD: StepState.FAILED,
}


class HappeningRow(QWidget):
    """One entry: its state, what led there, when, and the raw facts."""

    def __init__(self, told: Happening, last: bool) -> None:
        super().__init__()
        rail = Rail()
        rail.set_state(_STATES.get(told.tone, StepState.WAITING), last)
        words = QVBoxLayout()
        words.setContentsMargins(0, 1, 0, 14)
        words.setSpacing(2)
        words.addWidget(Wrapped(told.title, "strong"))
        for line in (told.event, told.time):
            if line:
                words.addWidget(Wrapped(line, "smallmuted"))
        for label, value in told.rows:
            words.addWidget(Wrapped(f"{label}: {value}", "small"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(rail)
        row.addLayout(words, 1)
        facts = [f"{label}: {value}" for label, value in told.rows]
        self.setAccessibleName(told.title)
        self.setAccessibleDescription(". ".join([told.event, told.time, *facts]))


class Story(QWidget):
    """Who, what and the entries, in one column that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self._name = Wrapped(role="title")
        self._state = Chip()
        self._facts = FactGrid()
        self._rows: list[HappeningRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 10, 0)
        self._column.setSpacing(10)
        self._column.addWidget(self._name)
        self._column.addWidget(self._state, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._facts)
        self._column.addWidget(Rule())
        self._timeline = QVBoxLayout()
        self._timeline.setSpacing(0)
        self._column.addLayout(self._timeline)
        self._column.addStretch(1)
        self.setObjectName("story")

    def tell(self, line: Line, entries: tuple[Entry, ...]) -> None:
        """Show `line` and all of `entries`."""
        desk = next((entry.facts["desk"] for entry in entries if "desk" in entry.facts), "")
        self._name.setText(line.person_name)
        self._state.set_chip(history_word(line), history_tone(line.state))
        self._facts.set_facts(about_rows(line, group_serial(line.serial_number), desk))
        told = happenings(entries)
        self.forget_rows()
        for number, each in enumerate(told):
            row = HappeningRow(each, last=number == len(told) - 1)
            self._rows.append(row)
            self._timeline.addWidget(row)

    def tell_event(self, found: RecordedEvent) -> None:
        """Show an event that is no part of an enrollment."""
        self._name.setText(event_name(found.event))
        self._state.set_chip(event_detail(found.event), Tone.NEUTRAL)
        self._facts.set_facts(event_rows(found))
        self.forget_rows()

    def forget_rows(self) -> None:
        """Drop the entries of the enrollment before."""
        for row in self._rows:
            self._timeline.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()


class DetailsPanel(Card):
    """The story of the enrollment that is chosen. Tells `opened` with its id."""

    opened = Signal(str)
    receipt_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(say("What happened"))
        self._receipts = False
        self._entries: tuple[Entry, ...] = ()
        self._id = ""
        self._event: RecordedEvent | None = None
        self.story = Story()
        self.area = QScrollArea()
        self.copy_button = SecondaryButton(say("C&opy"), icon="copy")
        self.open_button = PrimaryButton(say("Open at the desk"), "Enter")
        self.receipt_button = SecondaryButton(say("&Receipt"), key=say("Ctrl+P"))
        self._said = Wrapped(choose_one(), "muted")
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._lay_out_story()
        self.copy_button.clicked.connect(self.copy)
        self.open_button.clicked.connect(self._open)
        self.receipt_button.clicked.connect(self.want_receipt)
        self.forget()

    def _lay_out_story(self) -> None:
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName(say("What happened to this enrollment"))
        self.area.setWidget(self.story)
        self.area.setObjectName("story")
        self.area.viewport().setAutoFillBackground(False)
        self.copy_button.setToolTip(say("Copy everything, for the person who supports you (F8)"))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._stack.setSizePolicy(policy)
        self._stack.addWidget(self._said)
        self._stack.addWidget(self.area)
        self.add_header(self.copy_button)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self.receipt_button)
        self.body.addWidget(self.open_button)

    def expect(self, enrollment_id: str) -> None:
        """Wait for the story of `enrollment_id`; "" waits for none."""
        self._id = enrollment_id
        if not enrollment_id:
            self.forget()

    def show_event(self, found: RecordedEvent) -> None:
        """Show an event that is no part of an enrollment, and wait for no story."""
        self.expect("")
        self._event = found
        self.story.tell_event(found)
        self._stack.setCurrentIndex(1)
        self.copy_button.show()
        self.area.verticalScrollBar().setValue(0)

    def show_timeline(self, notice: TimelineNotice) -> None:
        """Show the story, unless another one is waited for by now."""
        if notice.enrollment_id != self._id:
            return
        line = latest(notice.entries)
        if notice.error is not None or line is None:
            said = unreadable(notice.error).sentence if notice.error else choose_one()
            self.forget()
            self._said.setText(said)
            return
        fresh = not self._entries or self._entries[0].enrollment_id != notice.enrollment_id
        self._entries, self._event = notice.entries, None
        self.story.tell(line, notice.entries)
        self._stack.setCurrentIndex(1)
        self.copy_button.show()
        self.open_button.setVisible(line.is_for_the_desk)
        self.receipt_button.setVisible(self._receipts and line.state in HANDOVERS)
        if fresh:
            self.area.verticalScrollBar().setValue(0)

    def offer_receipts(self, *, offered: bool) -> None:
        """Offer a receipt of what was handed over from now on, or do not."""
        self._receipts = offered

    def want_receipt(self) -> None:
        """Ask for the receipt of what is shown, where one can be made."""
        if self._id and self.receipt_button.isVisible():
            self.receipt_wanted.emit(self._id)

    def as_text(self) -> str:
        """Return what `copy` puts on the clipboard."""
        if self._event is not None:
            return event_text(self._event)
        return story_text(self._entries) if self._entries else ""

    def copy(self) -> None:
        """Put the whole story on the clipboard."""
        if self._entries or self._event is not None:
            clip.copy(self.as_text())

    def forget(self) -> None:
        """Show nobody's story."""
        self._entries, self._event = (), None
        self.story.forget_rows()
        self._said.setText(choose_one())
        self._stack.setCurrentIndex(0)
        for button in (self.copy_button, self.open_button, self.receipt_button):
            button.hide()

    def _open(self) -> None:
        if self._id:
            self.opened.emit(self._id)
