"""A sheet that tells of an error in the program while the window below stays usable.

It lies over the lower edge and takes no focus: whoever is typing a code goes on typing it. One
sheet at a time; what comes meanwhile is counted, and is in the log.
"""

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.widgets import EvidencePanel, Glyph, SecondaryButton, text
from app.ui.wording import crash as wording

_WIDTH = 720
_MARGIN = 16


class CrashSheet(QFrame):
    """The sheet of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._focus_before: QWidget | None = None
        self._further = 0
        self.gone = QTimer(self)
        self.gone.setSingleShot(True)
        self.gone.timeout.connect(self.put_away)
        self.setObjectName("sheet")
        said = wording.crash()
        self.setAccessibleName(said.sentence)
        self.setAccessibleDescription(said.advice)
        self.more = text("", "smallstrong", wrap=True)
        self.panel = EvidencePanel(wording.copy_details(), wording.details())
        self.go_on = SecondaryButton(wording.go_on(), key="Esc")
        self.go_on.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.go_on.clicked.connect(self.put_away)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Glyph("alert", size=20))
        head.addWidget(text(said.sentence, "strong", wrap=True), 1)
        head.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(text(said.advice, wrap=True))
        column.addWidget(self.more)
        column.addWidget(self.panel)
        self.hide()

    def go_by_itself(self, milliseconds: int) -> None:
        """Go away after so long from now on: where nobody is, nobody puts a sheet away."""
        self.gone.setInterval(milliseconds)

    def tell(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show the details of an error, or count it where one is shown already."""
        if self.isVisible():
            self._count(self._further + 1)
            return
        self._count(0)
        self.panel.set_evidence(rows)
        self._focus_before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self._watch()
        if self.gone.interval():
            self.gone.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def put_away(self) -> None:
        """Go on where the operator was."""
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        focused = QApplication.focusWidget()
        before = self._focus_before
        if focused and self.isAncestorOf(focused) and before and shiboken6.isValid(before):
            before.setFocus()
        self.gone.stop()
        self.panel.set_evidence(())
        self.hide()

    def further(self) -> int:
        """Return how many errors came while this one was shown."""
        return self._further

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape puts the sheet away before it means anything else; a resize moves it."""
        if event.type() is QEvent.Type.Resize and watched is self._window:
            self._place()
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.put_away()
            return True
        return False

    def _watch(self) -> None:
        """Watch the whole application while visible: the focus may be on any widget."""
        app = QCoreApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def _count(self, further: int) -> None:
        self._further = further
        self.more.setText(wording.more_crashes(further))
        self.more.setVisible(further > 0)
        if self.isVisible():
            self._place()

    def _place(self) -> None:
        room = self._window.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        width = min(_WIDTH, room.width())
        column = self.layout()
        wanted = column.totalHeightForWidth(width) if column else self.sizeHint().height()
        height = min(max(wanted, self.minimumSizeHint().height()), room.height())
        left = room.left() + (room.width() - width) // 2
        self.setGeometry(left, room.bottom() - height + 1, width, height)
