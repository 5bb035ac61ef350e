"""The receipt page: the sheet as it will be, where to sign it, and how it leaves the window."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.receipt import Receipt, ReceiptRules, Signature
from app.station.receipts import ReceiptKeptNotice, ReceiptNotice
from app.ui.bridge import Gesture
from app.ui.pages.desk.message import Message
from app.ui.receipts.output import NoPrinter, NotPrinted, pdf_of, print_out
from app.ui.receipts.pad import SignaturePad
from app.ui.receipts.sheet import ReceiptTooLong, Sheet, compose, picture
from app.ui.theme import color
from app.ui.widgets import Card, LinkButton, PrimaryButton, SecondaryButton, Tone, Wrapped
from app.ui.wording import receipt as words
from app.ui.wording.say import say

_SHEET_SHARE, _SIDE_SHARE = 58, 42
_SHARPEST = 1600
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class Preview(QWidget):
    """The sheet, as large as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._picture = QImage()
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setAccessibleName(say("The receipt as it will be printed"))

    def show_picture(self, image: QImage) -> None:
        """Show the sheet as it was drawn."""
        self._picture = image
        self.update()

    def sizeHint(self) -> QSize:
        """A sheet that can be read."""
        return QSize(460, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit anew."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sheet in the middle, with an edge around it."""
        if self._picture.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._picture.size().scaled(
            self.size() - QSize(2, 2), Qt.AspectRatioMode.KeepAspectRatio
        )
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        place = QRectF(left, top, size.width(), size.height())
        painter.drawImage(place, self._picture)
        painter.setPen(color("control"))
        painter.drawRect(place)


class ReceiptPage(QWidget):
    """Shows one receipt. Tells `left` when the operator goes back to where they came from."""

    left = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._sheet: Sheet | None = None
        self.preview = Preview()
        self.card = Card(say("Receipt"))
        self.name = Wrapped(role="title")
        self.about = Wrapped(role="muted")
        self.hint = Wrapped(say("Please sign here."), "strong")
        self.pad = SignaturePad()
        self.again = LinkButton(say("Sign &again"))
        self.message = Message()
        self.save_button = PrimaryButton(say("Save as PDF"), "Enter")
        self.print_button = SecondaryButton(say("Print"), key=say("Ctrl+P"))
        self.back_button = SecondaryButton(say("Back"), key="Esc")
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        body = self.card.body
        for part in (self.name, self.about, self.hint, self.pad):
            body.addWidget(part)
        body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        body.addWidget(self.message)
        body.addStretch(1)
        for button in (self.save_button, self.print_button, self.back_button):
            body.addWidget(button)
        side = QVBoxLayout()
        side.addWidget(self.card)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 20, 24, 20)
        row.setSpacing(20)
        row.addWidget(self.preview, _SHEET_SHARE)
        row.addLayout(side, _SIDE_SHARE)

    def _wire(self) -> None:
        self.pad.changed.connect(self._draw)
        self.again.clicked.connect(self.pad.clear)
        self.save_button.clicked.connect(self.save)
        self.print_button.clicked.connect(self.print)
        self.back_button.clicked.connect(self.left)

    # What the station tells -----------------------------------------------------------------

    def show_receipt(self, notice: ReceiptNotice) -> None:
        """Show a receipt, or why there is none."""
        self.forget()
        if notice.error is not None:
            self.message.set_message(Tone.BAD, words.unreadable(notice.error))
        elif notice.receipt is None:
            self.message.set_message(Tone.INFO, words.no_receipt())
        else:
            self._compose(notice.receipt, notice.rules)

    def show_kept(self, notice: ReceiptKeptNotice) -> None:
        """Say where the file is, or why there is none."""
        if self._sheet is None:
            return
        if notice.error is not None:
            self.message.set_message(Tone.BAD, words.not_kept(notice.error))
        else:
            self.message.set_message(Tone.GOOD, words.kept(notice.path))

    def forget(self) -> None:
        """Leave nothing of anybody on the page."""
        self._sheet = None
        self.pad.clear()
        self.message.clear()
        self.name.setText("")
        self.about.setText("")
        self.preview.show_picture(QImage())
        for part in (self.hint, self.pad, self.again, self.save_button, self.print_button):
            part.hide()

    # Gestures -------------------------------------------------------------------------------

    def save(self) -> None:
        """Have the sheet written as a PDF."""
        sheet = self._sheet
        if sheet is not None:
            pdf = pdf_of(sheet, self.pad.strokes)
            self._ask(lambda station: station.receipts.keep(sheet.receipt, pdf))

    def print(self) -> None:
        """Print the sheet, where that is allowed."""
        if self._sheet is None or not self._sheet.rules.printing:
            return
        try:
            printer = print_out(self._sheet, self.pad.strokes)
        except NoPrinter as error:
            self.message.set_message(Tone.CAUTION, words.no_printer(error.wanted))
        except NotPrinted:
            self.message.set_message(Tone.BAD, words.not_printed())
        else:
            self.message.set_message(Tone.GOOD, words.printed(printer))

    def showEvent(self, _event: object) -> None:
        """Begin at the button."""
        self._focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves, Ctrl+P prints, Escape leads back."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() in _ENTER:
            self.save()
        elif event.key() == Qt.Key.Key_P and control:
            self.print()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # Inside ---------------------------------------------------------------------------------

    def _compose(self, receipt: Receipt, rules: ReceiptRules) -> None:
        self.name.setText(receipt.person_name)
        self.about.setText(words.about(receipt))
        try:
            self._sheet = compose(receipt, rules)
        except ReceiptTooLong:
            self.message.set_message(Tone.BAD, words.too_long())
            return
        on_screen = rules.signature is Signature.SCREEN
        for part in (self.hint, self.pad, self.again):
            part.setVisible(on_screen)
        self.save_button.show()
        self.print_button.setVisible(rules.printing)
        self._draw()
        self._focus()

    def _draw(self) -> None:
        if self._sheet is not None:
            self.preview.show_picture(picture(self._sheet, _SHARPEST, self.pad.strokes))

    def _focus(self) -> None:
        if self.isVisible():
            (self.save_button if self._sheet is not None else self.back_button).setFocus()
