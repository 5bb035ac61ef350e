"""The bar above every page: which desk and tenant, how the directory answers, who is here."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout

from app.core.model import Operator
from app.core.skew import ClockState
from app.station.connection import DirectoryNotice
from app.station.notices import ReadyNotice
from app.station.readers import ReaderLine, ReadersNotice
from app.station.timekeeper import ClockNotice
from app.ui.theme import finger_sized
from app.ui.widgets import Elided, KeyHint, StatusPill, Tone, text
from app.ui.widgets.buttons import FingerButton
from app.ui.wording.rights import clock_pill, clock_words
from app.ui.wording.say import say


class Who(QAbstractButton):
    """Who is signed in; a click leads to the session, and so does the key in its tip."""

    def __init__(self) -> None:
        super().__init__()
        self._name = Elided(role="strong")
        self._name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(say("Who is signed in, and what they may do (Ctrl+I)"))

    def set_name(self, name: str, description: str) -> None:
        """Show `name`."""
        self._name.setText(name)
        self._name.setAccessibleDescription(description)
        self.setAccessibleName(say("Session of {name}", name=name) if name else "")

    def sizeHint(self) -> QSize:
        """As wide as the name, and as high as a finger needs it."""
        return finger_sized(self._name.sizeHint())

    def minimumSizeHint(self) -> QSize:
        """The name may be cut."""
        return finger_sized(self._name.minimumSizeHint())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The label inside paints itself."""


class TopBar(QFrame):
    """Renders the desk's name and the states that are always in sight."""

    sign_out = Signal()
    switch = Signal()
    session = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self._at_kiosk = False
        self.not_me = FingerButton(say("Not me"))
        self.cancel = FingerButton(say("Cancel"))
        for button in (self.not_me, self.cancel):
            button.hide()
        self._desk = text(role="title")
        self._tenant = Elided(role="muted")
        self._scanner = StatusPill(say("Scanner"), Tone.NEUTRAL, say("Nothing scanned yet"))
        self._pad = StatusPill(say("NFC pad"))
        self._slot = StatusPill(say("Card reader"))
        self._directory = StatusPill(say("Directory"), Tone.NEUTRAL, say("Not asked yet"))
        self.clock = StatusPill()
        self.clock.hide()
        self._met: set[StatusPill] = set()
        self._here = False
        self._operator = Who()
        self._other = KeyHint(say("Shift+F12"), say("switch"))
        self._leave = KeyHint("F12", say("sign out"))
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(10)
        row.addWidget(self._desk)
        row.addWidget(self._tenant)
        row.addStretch(1)
        row.addWidget(self.clock)
        for part in (
            self._scanner,
            self._pad,
            self._slot,
            self._directory,
            self._operator,
            self._other,
            self._leave,
        ):
            row.addWidget(part)
        for button in (self.not_me, self.cancel):
            row.addWidget(button)
        self.not_me.clicked.connect(self.sign_out)
        self.cancel.clicked.connect(self.cancelled)
        self._leave.clicked.connect(self.sign_out)
        self._other.clicked.connect(self.switch)
        self._operator.clicked.connect(self.session)
        self.set_operator(None)

    def offer_ways_out(self) -> None:
        """Show buttons for a finger: a kiosk may have no keyboard."""
        self._at_kiosk = True
        self._show_ways_out()

    def _show_ways_out(self) -> None:
        for button in (self.not_me, self.cancel):
            button.setVisible(self._at_kiosk and self._here)

    def show_ready(self, notice: ReadyNotice) -> None:
        """Name the desk and the tenant."""
        self._desk.setText(notice.desk)
        self._tenant.setText(notice.tenant)

    def show_directory(self, notice: DirectoryNotice) -> None:
        """Tell how the directory answers."""
        if not notice.reachable:
            self._directory.set_status(say("No connection"), Tone.BAD, say("The directory is away"))
        elif notice.latency is not None:
            words = say("Directory, {ms} ms", ms=round(notice.latency))
            self._directory.set_status(words, Tone.GOOD, say("The directory answers"))

    def show_clock(self, notice: ClockNotice) -> None:
        """Tell that this machine's clock is off; one that is right is no news."""
        said = clock_words(notice)
        wrong = notice.state is ClockState.WRONG
        self.clock.setVisible(notice.state is not ClockState.FINE)
        self.clock.set_status(
            clock_pill(notice), Tone.BAD if wrong else Tone.CAUTION, said.sentence
        )
        self.clock.setToolTip(f"{said.sentence} {said.advice}".strip())

    def show_readers(self, notice: ReadersNotice) -> None:
        """Tell how the card readers and the serial-port scanners do, once there were any."""
        for pill, pad in ((self._pad, True), (self._slot, False)):
            lines = [line for line in notice.readers if line.pad is pad]
            self._show_reader(pill, lines)
        if any(line.trouble is None for line in notice.scanners):
            self.scanner_works()

    def _show_reader(self, pill: StatusPill, lines: list[ReaderLine]) -> None:
        if lines:
            self._met.add(pill)
            busy = any(line.busy for line in lines)
            word = say("A card is being read") if busy else say("Ready for a card")
            pill.set_status(pill.words(), Tone.INFO if busy else Tone.GOOD, word)
        elif pill in self._met:
            pill.set_status(pill.words(), Tone.CAUTION, say("It is not connected any more"))
        pill.setVisible(self._here and pill in self._met)

    def scanner_works(self) -> None:
        """Tell that a scanner has been heard."""
        self._scanner.set_status(say("Scanner"), Tone.GOOD, say("The scanner works"))

    def set_operator(self, operator: Operator | None) -> None:
        """Name who is signed in, or nobody; an application is no one, and nobody's to switch."""
        self._here = operator is not None
        whole = operator.display_name if operator else ""
        self._operator.set_name(_name(operator), whole)
        for part in (self._scanner, self._directory, self._operator, self._leave):
            part.setVisible(self._here)
        for pill in (self._pad, self._slot):
            pill.setVisible(self._here and pill in self._met)
        self._other.setVisible(operator is not None and not operator.application)
        self._show_ways_out()


def _name(operator: Operator | None) -> str:
    if operator is None:
        return ""
    return say("Unattended station") if operator.application else operator.display_name
