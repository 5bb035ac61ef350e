"""What a locked desk shows: that it is locked, and how its operator gets back. Nothing else.

It names nobody: whoever passes by needs to know no more than that somebody works here.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.station.notices import ReadyNotice, SessionNotice
from app.station.practice import SignInPageNotice
from app.ui.bridge import Gesture
from app.ui.pages.signin import SignInPage
from app.ui.widgets import Banner, Tone
from app.ui.widgets.buttons import FingerButton
from app.ui.wording.lock import not_taken, way_back
from app.ui.wording.say import say


class LockPage(QWidget):
    """The sign-in page in other words, and a strip above it for what is not taken.

    At a kiosk `left` tells that another person may stand there now.
    """

    left = Signal()

    def __init__(self, ask: Callable[[Gesture], None]) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("Locked"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.strip = Banner()
        self.signin = SignInPage(ask, way_back)
        self.setFocusProxy(self.signin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.signin, 1)
        self.not_me = FingerButton(say("Not me"))
        self.not_me.clicked.connect(self.left)
        self.not_me.hide()
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 24, 24)
        row.addStretch(1)
        row.addWidget(self.not_me)
        row.addStretch(1)
        column.addLayout(row)

    def offer_way_out(self) -> None:
        """Show a button for a finger that signs the operator out."""
        self.not_me.show()

    def show_ready(self, notice: ReadyNotice) -> None:
        """Learn how somebody can sign in here."""
        self.signin.show_ready(notice)

    def show_session(self, notice: SessionNotice) -> None:
        """Render how far a sign-in is."""
        self.signin.show_session(notice)

    def show_complaint(self, notice: SignInPageNotice) -> None:
        """Show what the practice tenant's sign-in page complains of."""
        self.signin.show_complaint(notice)

    def refuse(self) -> None:
        """Say that what was scanned or tapped was not taken."""
        self.strip.set_banner(not_taken(), Tone.CAUTION)

    def begin(self) -> None:
        """Say nothing of what was refused the last time."""
        self.strip.clear_banner()
