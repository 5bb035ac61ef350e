"""The sign-in page: who is going to work at this desk.

Its sides follow the session's state one to one. On a practice tenant the sign-in page that a
browser would show is filled in right here, since no browser trusts the tenant's throw-away
certificate.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import BrowserNotConfined, OathdeskError
from app.core.ports import DevicePrompt
from app.core.practice import PracticeOperator
from app.core.signin import ScreenArea, SignInMethod
from app.station.notices import ReadyNotice, SessionNotice, SessionState, TenantsNotice
from app.station.practice import SignInPageNotice
from app.ui import clip
from app.ui.assets import app_icon
from app.ui.bridge import Gesture
from app.ui.pages.desk.message import Message
from app.ui.pages.tenants import TenantChooser
from app.ui.theme import look
from app.ui.widgets import (
    Card,
    EvidencePanel,
    LinkButton,
    PrimaryButton,
    SecondaryButton,
    Spinner,
    Tone,
    Wrapped,
    text,
)
from app.ui.widgets.buttons import FingerButton
from app.ui.widgets.qr_code import QrCode
from app.ui.wording.errors import Trouble, evidence_rows, trouble
from app.ui.wording.lock import lapsed
from app.ui.wording.say import say
from app.ui.wording.signin import starting, way_in

WayIn = Callable[[tuple[SignInMethod, ...]], Trouble]

_WIDTH = 460
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class PracticeForm(QWidget):
    """The fields of the practice tenant's sign-in page, filled in with the usual operator."""

    def __init__(self, send: Callable[[str, str], None]) -> None:
        super().__init__()
        self._send = send
        self.username = QLineEdit()
        self.username.setAccessibleName(say("User name"))
        self.password = QLineEdit()
        self.password.setAccessibleName(say("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.button = PrimaryButton(say("Sign in"), "Enter")
        self._complaint = Message()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for label, field in ((say("User name"), self.username), (say("Password"), self.password)):
            column.addWidget(text(label, "smallmuted"))
            column.addWidget(field)
        column.addWidget(self._complaint)
        column.addSpacing(6)
        column.addWidget(self.button)
        self.button.clicked.connect(self._submit)
        self.username.returnPressed.connect(self._submit)
        self.password.returnPressed.connect(self._submit)

    def fill(self, operator: PracticeOperator) -> None:
        """Suggest `operator`."""
        self.username.setText(operator.username)
        self.password.setText(operator.password)

    def complain(self, complaint: str) -> None:
        """Show what the page says of the last try."""
        self.button.setEnabled(True)
        self._complaint.set_message(Tone.BAD, Trouble(complaint, ""))
        self.password.setFocus()
        self.password.selectAll()

    def _submit(self) -> None:
        self._complaint.clear()
        self.button.setEnabled(False)
        self._send(self.username.text(), self.password.text())


class DeviceSide(QWidget):
    """The address and the code to type on another device, large, and as a QR code."""

    def __init__(self) -> None:
        super().__init__()
        self._address = Wrapped(role="body")
        self._code = QLabel()
        self._code.setObjectName("devicecode")
        self._code.setTextFormat(Qt.TextFormat.PlainText)
        self._qr = QrCode()
        words = QVBoxLayout()
        words.addWidget(text(say("Open this address on another device"), "smallmuted"))
        words.addWidget(self._address)
        words.addSpacing(8)
        words.addWidget(text(say("and type this code"), "smallmuted"))
        words.addWidget(self._code)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addLayout(words, 1)
        row.addWidget(self._qr)

    def show_prompt(self, prompt: DevicePrompt) -> None:
        """Show what to do."""
        self._address.setText(prompt.url)
        self._code.setText(prompt.user_code)
        self._code.setAccessibleName(" ".join(prompt.user_code))
        self._qr.set_text(prompt.url, say("Address as a QR code"))


class BrowserStrip(QFrame):
    """Lies over the lower edge of `window`, below the browser, with a button that closes it.

    A window has one, whichever of its sign-in pages shows it.
    """

    HEIGHT = 72
    """Pixels: room for a finger's button, and for the text beside it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("dock")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._window = window
        self.cancel = FingerButton(say("Cancel"))
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.addWidget(text(say("This browser leads to the sign-in alone."), "strong"))
        row.addStretch(1)
        row.addWidget(self.cancel)
        window.installEventFilter(self)
        self.hide()

    @staticmethod
    def area_above(window: QWidget) -> ScreenArea:
        """Return the part of the screen that `window` fills, but for its strip."""
        place = window.mapToGlobal(QPoint(0, 0))
        height = max(window.height() - BrowserStrip.HEIGHT, BrowserStrip.HEIGHT)
        return ScreenArea(place.x(), place.y(), window.width(), height, window.devicePixelRatioF())

    @staticmethod
    def show_over(window: QWidget, cancel: Callable[[], None]) -> None:
        """Show it above everything in `window`; `cancel` is called by its button."""
        if window.findChild(BrowserStrip) is None:
            strip = BrowserStrip(window)
            strip.cancel.clicked.connect(cancel)
            strip.place()
            strip.show()
            strip.raise_()

    @staticmethod
    def take_from(window: QWidget) -> None:
        """Take it away again."""
        strip = window.findChild(BrowserStrip)
        if isinstance(strip, BrowserStrip):
            strip.hide()
            strip.setParent(None)
            strip.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the edge of the window."""
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """Lie at the edge of the window."""
        top = self._window.height() - self.HEIGHT
        self.setGeometry(0, top, self._window.width(), self.HEIGHT)


class SignInPage(QWidget):
    """Renders the session; `ask` carries gestures to the station, `words` say what to do here.

    `tenant_chosen` carries the key of another tenant, `again` tells that a station which could not
    start is to be tried again, `left_demo` that a demo is to end.
    """

    tenant_chosen = Signal(str)
    again = Signal()
    left_demo = Signal()

    def __init__(self, ask: Callable[[Gesture], None], words: WayIn = way_in) -> None:
        super().__init__()
        self.setObjectName("page")
        self._ask = ask
        self._words = words
        self._url = ""
        self._practice: PracticeOperator | None = None
        self._unconfined: BrowserNotConfined | None = None
        self._in_demo = False
        self._heading = text(role="heading")
        self._lead = Wrapped(role="muted")
        self._message = Message()
        self._evidence = EvidencePanel(say("Copy"), say("Details for your administrator"))
        self._spinner = Spinner(28)
        self.browser = PrimaryButton(say("Sign in with the browser"), "Enter")
        self.device = SecondaryButton(say("Sign in on another device"), key="F6")
        self.broker = SecondaryButton(say("Sign in with your Windows account"), key="F7")
        self.confined = PrimaryButton(say("Sign in"), "Enter")
        self._offered: tuple[SignInMethod, ...] = ()
        self.cancel = SecondaryButton(say("Cancel"), key="Esc")
        self.copy = LinkButton(say("Copy the address"))
        self.look_again = PrimaryButton(say("Look again"), "F5")
        self.leave_demo = LinkButton(say("Leave the demo"))
        self.tenants = TenantChooser()
        self.form = PracticeForm(self._fill_in)
        self._prompt = DeviceSide()
        self._side = ""
        self._sides = {name: self._make(name) for name in ("wait", "choose", "browser", "device")}
        self._lay_out()
        self._wire()
        self.show_starting()

    def _make(self, name: str) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        parts: dict[str, tuple[QWidget, ...]] = {
            "wait": (self._spinner,),
            "choose": (
                self._message,
                self._evidence,
                *self._buttons().values(),
                self.look_again,
                self.leave_demo,
            ),
            "browser": (self.form, self.copy),
            "device": (self._prompt,),
        }
        for part in parts[name]:
            column.addWidget(part)
        return side

    def _buttons(self) -> dict[SignInMethod, QPushButton]:
        """Return the button of each method that a person can choose, in the order of the page."""
        return {
            SignInMethod.CONFINED: self.confined,
            SignInMethod.BROWSER: self.browser,
            SignInMethod.BROKER: self.broker,
            SignInMethod.DEVICE: self.device,
        }

    def _lay_out(self) -> None:
        self.mark = QLabel()
        self.mark.setPixmap(app_icon().pixmap(56, 56))
        card = Card()
        card.setFixedWidth(round((_WIDTH + 76) * look().scale))
        above = (self.mark, self._heading, self._lead, self.tenants)
        for part in (*above, *self._sides.values(), self.cancel):
            card.body.addWidget(part)
        card.body.setContentsMargins(20, 4, 20, 18)
        card.body.setSpacing(14)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)

    def _wire(self) -> None:
        self.browser.clicked.connect(self._in_browser)
        self.device.clicked.connect(self._by_device)
        self.broker.clicked.connect(self._by_broker)
        self.confined.clicked.connect(self._in_confined_browser)
        self.cancel.clicked.connect(self._cancel)
        self.copy.clicked.connect(self._copy_address)
        self.look_again.clicked.connect(self.again)
        self.leave_demo.clicked.connect(self.left_demo)
        self.tenants.chosen.connect(self.tenant_chosen)

    # What the station tells -----------------------------------------------------------------

    def show_starting(self) -> None:
        """Wait for the station. Which tenant it will be of may still be changed."""
        self._practice = None
        self._show("wait", say("Oathdesk"), starting(self.tenants.title), choosing=True)

    def show_tenants(self, notice: TenantsNotice) -> None:
        """Learn which tenants there are to choose from, and which is being opened."""
        self.tenants.show_tenants(notice)
        self._in_demo = notice.demo
        self.show_starting()

    def show_ready(self, notice: ReadyNotice) -> None:
        """Offer to sign in, or say why this station cannot start."""
        if notice.error is not None:
            self._choose()
            self._show("choose", say("This station cannot start"), "", choosing=True)
            self._tell(notice.error)
            for button in self._buttons().values():
                button.hide()
            self.look_again.show()
            self._focus()
            return
        self._offered = notice.methods
        if notice.practice is not None and notice.practice.operators:
            self._practice = notice.practice.operators[0]
            self._unconfined = notice.practice.unconfined
        self._choose()

    def show_session(self, notice: SessionNotice) -> None:
        """Render the session's state."""
        if notice.state is not SessionState.IN_CONFINED_BROWSER:
            BrowserStrip.take_from(self.window())
        match notice.state:
            case SessionState.SIGNED_OUT | SessionState.LOCKED:
                self._choose()
                if notice.lapsed:
                    self._message.set_message(Tone.INFO, lapsed(cleared=notice.cleared))
            case SessionState.FAILED if notice.error is not None:
                self._choose()
                self._tell(notice.error)
            case SessionState.IN_BROWSER:
                self._in_progress(notice.url)
            case SessionState.IN_CONFINED_BROWSER:
                self._browser_open()
            case SessionState.BY_DEVICE if notice.prompt is not None:
                self._show("device", say("Sign in on another device"), "")
                self._prompt.show_prompt(notice.prompt)
                self.cancel.show()
            case _:
                self._show("wait", say("Signing in"), say("One moment."))

    def show_complaint(self, notice: SignInPageNotice) -> None:
        """Show what the practice tenant's sign-in page complains of."""
        self.form.complain(notice.complaint)

    def showEvent(self, _event: object) -> None:
        """Begin at the button."""
        self._focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter signs in, F6 on another device, F7 with the system's account, Escape cancels."""
        button = self._meant_by(event.key())
        if button is not None and button.isVisible():
            button.click()
        elif event.key() == Qt.Key.Key_Escape and self.cancel.isVisible():
            self._cancel()
        else:
            super().keyPressEvent(event)

    def _meant_by(self, key: int) -> QPushButton | None:
        """Return the button that a key presses; Enter means the first that is offered."""
        if key in _ENTER:
            return self._first()
        own: dict[int, QPushButton] = {
            Qt.Key.Key_F5: self.look_again,
            Qt.Key.Key_F6: self.device,
            Qt.Key.Key_F7: self.broker,
        }
        return own.get(key)

    def _first(self) -> QPushButton | None:
        buttons = (*self._buttons().values(), self.look_again)
        return next((button for button in buttons if button.isVisible()), None)

    # Inside ---------------------------------------------------------------------------------

    def _show(self, side: str, heading: str, lead: str, *, choosing: bool = False) -> None:
        """Show a side; `choosing` offers the tenants, while nobody is signing in."""
        self._heading.setText(heading)
        self._lead.setText(lead)
        self._lead.setVisible(bool(lead))
        self.cancel.hide()
        self.tenants.setVisible(choosing and self.tenants.has_choice)
        self._side = side
        for name, widget in self._sides.items():
            widget.setVisible(name == side)
        self._focus()

    def _choose(self) -> None:
        self._message.clear()
        self._evidence.set_evidence(())
        self._evidence.hide()
        for method, button in self._buttons().items():
            button.setVisible(method in self._offered)
        self.look_again.hide()
        self.leave_demo.setVisible(self._in_demo)
        said = self._words(self._offered)
        self._show("choose", said.sentence, said.advice, choosing=True)

    def _tell(self, error: OathdeskError) -> None:
        said = trouble(error)
        self._message.set_message(Tone.BAD, said)
        rows = evidence_rows(error)
        self._evidence.set_evidence(rows)
        self._evidence.setVisible(bool(rows))

    def _in_progress(self, url: str) -> None:
        self._url = url
        self.form.setVisible(self._practice is not None)
        self.copy.setVisible(self._practice is None and clip.is_open())
        if self._practice is not None:
            self.form.fill(self._practice)
            self.form.button.setEnabled(True)
            lead = say("The practice tenant asks for a name and a password. Both are filled in.")
            self._show("browser", say("Practice sign-in"), f"{lead}{self._why_no_browser()}")
        else:
            lead = say("A page has opened in your browser. Sign in there, then come back.")
            self._show("browser", say("Go on in the browser"), lead)
        self.cancel.show()

    def _why_no_browser(self) -> str:
        """Return why this form stands in for a kiosk's browser, or nothing."""
        if self._unconfined is None:
            return ""
        reason = trouble(self._unconfined).sentence
        return " " + say("A kiosk would show its own browser here. {reason}", reason=reason)

    def _browser_open(self) -> None:
        """Leave the screen to the browser, but for a strip with the way back."""
        lead = say("A browser has opened. It closes by itself once you have signed in.")
        self._show("wait", say("Go on in the browser"), lead)
        self.cancel.show()
        ask = self._ask  # the pages of a kiosk may be made anew meanwhile, and the strip stays
        BrowserStrip.show_over(self.window(), lambda: ask(lambda station: station.session.cancel()))

    def _focus(self) -> None:
        if not self.isVisible() or self.tenants.box.hasFocus():
            return
        if self._side == "browser" and self._practice is not None:
            self.form.password.setFocus()
        elif self._side == "choose":
            (self._first() or self).setFocus()
        else:
            self.setFocus()

    # Gestures -------------------------------------------------------------------------------

    def _in_browser(self) -> None:
        self._ask(lambda station: station.session.begin_in_browser())

    def _in_confined_browser(self) -> None:
        area = BrowserStrip.area_above(self.window())
        self._ask(lambda station: station.session.begin_in_confined_browser(area))

    def _by_device(self) -> None:
        self._ask(lambda station: station.session.begin_by_device_code())

    def _by_broker(self) -> None:
        window = int(self.window().winId())
        self._ask(lambda station: station.session.begin_by_broker(window))

    def _cancel(self) -> None:
        self._ask(lambda station: station.session.cancel())

    def _fill_in(self, username: str, password: str) -> None:
        url = self._url
        self._ask(lambda station: station.sign_in_for_practice(url, username, password))

    def _copy_address(self) -> None:
        clip.copy(self._url)
