"""A token that the tenant does not know is brought in from the desk: its seed, typed or scanned.

The seed stands in a masked field from the moment it is typed until it is sent, and nowhere else.
What a scanner reads goes into that field while the sheet is open, so that the QR code which a
vendor encloses with a token never comes near a serial number.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.model import HashFunction
from app.core.otpauth import LONGEST, Enclosed, SeedProblem, enclosed, is_address
from app.core.secret import Encoding
from app.core.seed import LONGEST_TEXT, SeedToken
from app.station.import_notices import AddNotice, AddState
from app.ui.bridge import Gesture
from app.ui.pages.desk.message import Message
from app.ui.pages.desk.sheet import Sheet, is_typed
from app.ui.widgets import (
    Card,
    KeyHint,
    LinkButton,
    PrimaryButton,
    Segmented,
    SerialLabel,
    Wrapped,
    text,
)
from app.ui.wording.adding import add_lead, add_words, seed_problem
from app.ui.wording.say import say

_WIDTH = 620
_BUSY = frozenset({AddState.SENDING})
_OVER = frozenset({AddState.DONE, AddState.NOT_OFFERED})


class AddSheet(Sheet):
    """A sheet over the desk page. `card` is where it is offered, `ask` carries what it asks for."""

    def __init__(self, page: QWidget, card: Card, ask: Callable[[Gesture], None]) -> None:
        super().__init__(page, _WIDTH)
        self._ask = ask
        self._serial = ""
        self._asks_for_hash = False
        self.offer = LinkButton(say("Add to the &tenant"))
        self.serial = SerialLabel()
        self.seed = _line(say("Seed of the token"), LONGEST)
        self.manufacturer = _line(say("Manufacturer"), LONGEST_TEXT)
        self.model = _line(say("Model"), LONGEST_TEXT)
        self.encoding = Segmented(
            say("How the seed is written"),
            ((Encoding.BASE32.name, say("&Base32")), (Encoding.HEX.name, say("He&xadecimal"))),
        )
        self.interval = Segmented(
            say("Time step"), (("30", say("&30 seconds")), ("60", say("&60 seconds")))
        )
        self.hash = Segmented(
            say("Hash"),
            (
                (HashFunction.SHA1.name, "SHA-1"),
                (HashFunction.SHA256.name, "SHA-256"),
            ),
        )
        self.message = Message()
        self.button = PrimaryButton(say("A&dd the token"), say("Enter"))
        self._lay_out(card)
        self._wire()

    def _lay_out(self, card: Card) -> None:
        card.body.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignLeading)
        self.offer.hide()
        self.seed.setEchoMode(QLineEdit.EchoMode.Password)
        hint = KeyHint("Esc", say("close"))
        hint.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(text(say("Add a token to the tenant"), "subtitle"))
        head.addStretch(1)
        head.addWidget(hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(10)
        grid.addWidget(self.manufacturer, 0, 0)
        grid.addWidget(self.model, 0, 1)
        grid.addWidget(self.interval, 1, 0)
        grid.addWidget(self.hash, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.serial)
        column.addWidget(Wrapped(add_lead(), role="muted"))
        column.addWidget(self.seed)
        column.addWidget(self.encoding)
        column.addLayout(grid)
        column.addWidget(self.message)
        column.addWidget(self.button)
        self.encoding.hide()
        self.hide()

    def _wire(self) -> None:
        self.offer.clicked.connect(self.open)
        self.button.clicked.connect(self.add)
        self.seed.textChanged.connect(self._read)
        for edit in (self.seed, self.manufacturer, self.model):
            edit.returnPressed.connect(self.add)

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: AddNotice) -> None:
        """Offer it, or say how far it is."""
        if notice.state in _OVER:
            self.hide()
            self.offer.setVisible(False)
        elif notice.state is AddState.OFFERED:
            self._serial = notice.serial_number
            self.serial.set_serial(notice.serial_number)
            self.offer.setVisible(True)
        else:
            self.message.set_message(*add_words(notice))
            self.place()
        self.button.setEnabled(notice.state not in _BUSY)

    def forget(self) -> None:
        """Leave nothing of the last operator's."""
        self.hide()
        self.offer.hide()
        self.serial.set_serial("")
        self.manufacturer.clear()
        self.model.clear()

    # What somebody does ---------------------------------------------------------------------

    def open(self) -> None:
        """Ask for the seed of the token on the card."""
        self.message.clear()
        self.show()
        self.place()
        self.raise_()
        self.seed.setFocus()

    def scanned(self, words: str) -> bool:
        """Take what a scanner read, where it is a seed that is waited for; tell whether it was."""
        if not self.isVisible() or not _is_seed(words):
            return False
        self.seed.setText(words)
        (self.model if self.manufacturer.text() else self.manufacturer).setFocus()
        return True

    def add(self) -> None:
        """Send it, where everything was told."""
        told = enclosed(self.seed.text(), self._encoding())
        if isinstance(told, SeedProblem):
            self._complain(told)
            return
        if told.asks_for_hash and not self.hash.current():
            self._complain(SeedProblem.HASH_MISSING)
            told.secret.wipe()
            return
        if not (self.manufacturer.text().strip() and self.model.text().strip()):
            self._complain(None)
            told.secret.wipe()
            return
        token = SeedToken(
            0,
            self._serial,
            self.manufacturer.text().strip(),
            self.model.text().strip(),
            told.interval or int(self.interval.current()),
            told.hash_function or HashFunction[self.hash.current()],
            told.secret,
        )
        self.seed.setText("")  # which forgets what could be undone, too
        self._ask(lambda station: station.adding.add(token))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it; nothing that is typed reaches the page below."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            event.setAccepted(is_typed(event))

    def hideEvent(self, event: QHideEvent) -> None:
        """A seed that was typed and not sent is gone with the sheet."""
        super().hideEvent(event)
        self.seed.setText("")
        self.message.clear()

    # Inside ---------------------------------------------------------------------------------

    def _read(self, words: str) -> None:
        """Take over what the text tells besides the seed, and ask what it leaves open."""
        told = enclosed(words, self._encoding()) if words else SeedProblem.MISSING
        self.encoding.setVisible(told is SeedProblem.AMBIGUOUS)
        self._ask_for_hash(wanted=isinstance(told, Enclosed) and told.asks_for_hash)
        if isinstance(told, Enclosed):
            self._take_over(told)
            told.secret.wipe()
        self.place()

    def _ask_for_hash(self, *, wanted: bool) -> None:
        """Preselect no hash for a seed that may be of either; an answer stays while it is long."""
        if wanted and not self._asks_for_hash:
            self.hash.clear()
        elif not wanted and not self.hash.current():
            self.hash.set_current(HashFunction.SHA1.name)
        self._asks_for_hash = wanted

    def _take_over(self, told: Enclosed) -> None:
        if told.interval is not None:
            self.interval.set_current(str(told.interval))
        if told.hash_function is not None:
            self.hash.set_current(told.hash_function.name)
        if told.issuer and not self.manufacturer.text():
            self.manufacturer.setText(told.issuer)

    def _encoding(self) -> Encoding | None:
        return Encoding[self.encoding.current()] if self.encoding.isVisible() else None

    def _complain(self, problem: SeedProblem | None) -> None:
        self.message.set_message(*seed_problem(problem))
        asked = self.manufacturer if problem is None else self.seed
        (self.hash if problem is SeedProblem.HASH_MISSING else asked).setFocus()
        self.place()


def _is_seed(words: str) -> bool:
    """Tell whether `words` can be nothing but a seed; a serial number is none."""
    told = enclosed(words)
    if isinstance(told, Enclosed):
        told.secret.wipe()
    return is_address(words) or isinstance(told, Enclosed) or told is SeedProblem.AMBIGUOUS


def _line(name: str, longest: int) -> QLineEdit:
    edit = QLineEdit()
    edit.setAccessibleName(name)
    edit.setPlaceholderText(name)
    edit.setMaxLength(longest)
    return edit
