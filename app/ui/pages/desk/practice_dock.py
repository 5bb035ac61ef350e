"""The practice dock: tokens to scan and press, badges to scan, without any hardware."""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.code import StepClock, VerificationCode
from app.core.practice import PracticeBadge, PracticeSet, PracticeToken
from app.station.practice import PressedNotice
from app.ui.widgets import Glyph, KeyCap, Lcd, restyle, text
from app.ui.wording.say import say

_DARK_AFTER_MS = 30_000


def _pair(words: QWidget, *others: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(words, 1)
    for other in others:
        row.addWidget(other)
    return row


def _button(words: str, name: str, act: Callable[[], None]) -> QPushButton:
    """A button that leaves the focus where it is; `name` is for a screen reader."""
    button = QPushButton(words)
    button.setAccessibleName(name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(act)
    return button


class PracticeTokenView(QFrame):
    """A token as it lies in the tray: its serial number, a display, and two buttons."""

    scanned = Signal(str)
    tapped = Signal(str)
    pressed = Signal(str)

    def __init__(self, token: PracticeToken) -> None:
        super().__init__()
        self.setObjectName("practicetoken")
        self.token = token
        self.lcd = Lcd()
        self._dark = QTimer(self)
        self._dark.setSingleShot(True)
        self._dark.timeout.connect(self.lcd.go_dark)
        serial = token.serial_number
        scan = _button(say("Scan"), say("Scan token {serial}", serial=serial), self.scan)
        tap = _button(say("Tap"), say("Tap token {serial}", serial=serial), self.tap)
        press = _button(say("Press"), say("Press token {serial}", serial=serial), self.press)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 8)
        column.setSpacing(6)
        column.addLayout(_pair(text(token.model, "smallmuted"), self.lcd))
        buttons = (scan, tap, press) if token.chip else (scan, press)
        column.addLayout(_pair(text(token.serial_number, "small"), *buttons))

    def tap(self) -> None:
        """Lay the token on a card reader."""
        self.tapped.emit(self.token.serial_number)

    def scan(self) -> None:
        """Hold the token under the scanner."""
        self.scanned.emit(self.token.serial_number)

    def press(self) -> None:
        """Press its button; the display is dark until the code is there."""
        self.lcd.go_dark()
        self.pressed.emit(self.token.serial_number)

    def show_code(self, code: VerificationCode | None) -> None:
        """Light the display until the time step ends."""
        if code is None:
            self.lcd.go_dark()
            return
        self.lcd.show_digits(code.reveal())
        left = StepClock(self.token.interval).seconds_left(time.time())
        self._dark.start(min(int(left * 1000), _DARK_AFTER_MS))


class PracticeBadgeView(QFrame):
    """A person's badge: a name and a barcode to scan."""

    scanned = Signal(str)

    def __init__(self, badge: PracticeBadge) -> None:
        super().__init__()
        self.setObjectName("practicebadge")
        self.badge = badge
        scan = _button(say("Scan"), say("Scan the badge of {name}", name=badge.name), self.scan)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 8)
        column.setSpacing(6)
        column.addLayout(_pair(text(badge.text, "smallmuted"), Glyph("badge", "muted", 18)))
        column.addLayout(_pair(text(badge.name, "small"), scan))

    def scan(self) -> None:
        """Hold the badge under the scanner."""
        self.scanned.emit(self.badge.text)


class PracticeDock(QFrame):
    """A tray along the lower edge.

    F6 scans the next token, Shift+F6 taps it, F7 scans the next badge, F9 presses.
    """

    scanned = Signal(str)
    tapped = Signal(str)
    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dock")
        self._tokens: list[PracticeTokenView] = []
        self._badges: list[PracticeBadgeView] = []
        self._next_token = 0
        self._next_badge = 0
        self._in_hand: PracticeTokenView | None = None
        self._tray = QWidget()
        self._row = QHBoxLayout(self._tray)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        area = QScrollArea()
        area.setWidget(self._tray)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout(self)
        area.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row.setContentsMargins(24, 9, 24, 9)
        row.setSpacing(18)
        row.addLayout(self._legend())
        row.addWidget(area, 1)
        self._area = area
        self.hide()

    def _legend(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.addWidget(text(say("Practice tray"), "strong"), 0, 0, 1, 2)
        keys = (("F6", say("scan a token")), ("F7", say("scan a badge")), ("F9", say("press it")))
        places = ((0, 2), (1, 0), (1, 2))
        for (key, words), (row, column) in zip(keys, places, strict=True):
            grid.addWidget(KeyCap(key), row, column)
            grid.addWidget(text(words, "smallmuted"), row, column + 1)
        return grid

    def fill(self, things: PracticeSet) -> None:
        """Lay out `things` and show the tray."""
        for token in things.tokens:
            view = PracticeTokenView(token)
            view.scanned.connect(self._scan)
            view.tapped.connect(self._tap)
            view.pressed.connect(self.pressed)
            self._tokens.append(view)
            self._row.addWidget(view)
        for badge in things.badges:
            card = PracticeBadgeView(badge)
            card.scanned.connect(self.scanned)
            self._badges.append(card)
            self._row.addWidget(card)
        self._row.addStretch(1)
        self._area.setFixedHeight(self._tray.sizeHint().height() + 2)
        self.show()

    def scan_next_token(self) -> None:
        """Take the next token of the tray."""
        if self._tokens:
            self._tokens[self._next_token % len(self._tokens)].scan()

    def tap_next_token(self) -> None:
        """Lay the next token of the tray that has a chip on a card reader."""
        turned = self._next_token % max(1, len(self._tokens))
        in_turn = [*self._tokens[turned:], *self._tokens[:turned]]
        view = next((view for view in in_turn if view.token.chip), None)
        if view is not None:
            view.tap()

    def scan_next_badge(self) -> None:
        """Take the next badge of the tray."""
        if self._badges:
            self._badges[self._next_badge % len(self._badges)].scan()
            self._next_badge += 1

    def press(self) -> None:
        """Press the token in the hand."""
        if self._in_hand is not None:
            self._in_hand.press()

    def display(self) -> Lcd:
        """Return the display of the token in the hand, or a dark one."""
        return self._in_hand.lcd if self._in_hand else Lcd()

    def take(self, serial_number: str) -> None:
        """Have the token with `serial_number` in the hand, if it lies in the tray."""
        for at, view in enumerate(self._tokens):
            mine = view.token.serial_number == serial_number
            restyle(view, inhand="true" if mine else "false")
            if mine:
                self._in_hand = view
                self._next_token = at + 1
                self._area.ensureWidgetVisible(view)

    def show_pressed(self, notice: PressedNotice) -> None:
        """Show the code on the token that was pressed."""
        for view in self._tokens:
            if view.token.serial_number == notice.serial_number:
                view.show_code(notice.code)

    def _scan(self, serial_number: str) -> None:
        self.take(serial_number)
        self.scanned.emit(serial_number)

    def _tap(self, serial_number: str) -> None:
        self.take(serial_number)
        self.tapped.emit(serial_number)
