"""The lane's window. It shows one person one step, and leads nowhere else.

There is no history here, no session page and no doctor: whoever walks up to the screen is nobody in
particular. It owns no state of the work; it renders notices and passes gestures on.
"""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.code import StepClock
from app.core.lane import LaneStep, is_done, was_admitted
from app.core.model import Source
from app.core.scan import RefusalKind, code_in
from app.core.signin import SignInMethod
from app.station.lane import LaneNotice
from app.station.notices import (
    CodeNotice,
    Notice,
    ReadyNotice,
    ScanNotice,
    SessionNotice,
    SessionState,
    Sound,
    TroubleNotice,
)
from app.station.practice import PressedNotice, SignInPageNotice
from app.station.timekeeper import ClockNotice
from app.ui.assets import app_icon
from app.ui.banners import Banners
from app.ui.bridge import Bridge
from app.ui.lane.parts import CodeSide, ConfirmSide, EndSide, Side, StepRow, TokenSide, WaitSide
from app.ui.pages.desk.practice_dock import PracticeDock
from app.ui.pages.signin import SignInPage
from app.ui.scan_filter import ScanFilter
from app.ui.sounds import Player
from app.ui.theme import look
from app.ui.widgets import Elided, text
from app.ui.widgets.buttons import FingerButton
from app.ui.widgets.scroll_pane import ScrollPane
from app.ui.wording import lane as words
from app.ui.wording.desk import code_verdict, refusal_words
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_WIDTH = 620
_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class LaneWindow(QMainWindow):
    """Renders the lane; `bridge` carries gestures to the station."""

    def __init__(self, bridge: Bridge, scans: ScanFilter) -> None:
        """Show what `bridge` tells."""
        super().__init__()
        self._bridge = bridge
        self._scans = scans
        self._notice = LaneNotice(LaneStep.SIGN_IN)
        self._sounds: frozenset[Sound] = frozenset()
        self._practises = False
        self._ahead = 0.0
        """Seconds by which the directory's clock is ahead of this machine's."""
        self.player = Player()
        self.banners = Banners()
        self.tenant = Elided(role="title")
        self.who = text(role="muted")
        self.steps = StepRow()
        self.signin = SignInPage(bridge.ask, self._way_in)
        self.token, self.code, self.wait, self.end = TokenSide(), CodeSide(), WaitSide(), EndSide()
        self.confirm = ConfirmSide()
        self.not_me = FingerButton(say("Not me"))
        self.cancel = FingerButton(say("Cancel"), "Esc")
        self.countdown = text(role="strong")
        self.still_here = FingerButton(say("I am still here"))
        for button in (self.not_me, self.cancel, self.still_here):
            button.hide()
        self.dock = PracticeDock()
        self.stack = QStackedWidget()
        self._places = self._place_table()
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        self.setWindowTitle(say("Oathdesk"))
        self.setWindowIcon(app_icon())
        top = QWidget()
        top.setObjectName("topbar")
        names = QWidget()  # a warning covers this part alone: the ways out stay in sight
        head = QHBoxLayout(names)
        head.setContentsMargins(32, 14, 8, 14)
        head.addWidget(self.tenant, 1)
        head.addWidget(self.who)
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 32, 0)
        row.setSpacing(12)
        row.addWidget(names, 1)
        row.addWidget(self.not_me)
        row.addWidget(self.cancel)
        warning = QHBoxLayout()
        warning.setContentsMargins(32, 0, 32, 0)
        warning.setSpacing(16)
        warning.addStretch(1)
        warning.addWidget(self.countdown)
        warning.addWidget(self.still_here)
        warning.addStretch(1)
        self.signin.mark.hide()  # the room is for what is to be done
        self._signin_seat = ScrollPane(self.signin)
        self.stack.addWidget(self._signin_seat)
        self._seats: dict[Side, QWidget] = {side: self._seat(side) for side in self._sides()}
        ground = QWidget()
        ground.setObjectName("page")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.banners.banner, top):
            column.addWidget(part)
        column.addSpacing(22)
        column.addWidget(self.steps)
        column.addLayout(warning)  # above: the keyboard on the screen covers what is below
        column.addWidget(self.stack, 1)
        column.addSpacing(14)
        column.addWidget(self.dock)
        self.banners.cover(names)
        self.setCentralWidget(ScrollPane(ground))

    def _sides(self) -> tuple[Side, ...]:
        return self.token, self.code, self.confirm, self.wait, self.end

    def _seat(self, side: Side) -> QWidget:
        """Put `side` in the middle of the window, as wide as reads well."""
        seat = QWidget()
        seat.setObjectName("page")
        side.setMaximumWidth(round(_WIDTH * look().scale))
        row = QHBoxLayout(seat)
        row.setContentsMargins(32, 28, 32, 16)
        row.addStretch(1)
        row.addWidget(side, 6)
        row.addStretch(1)
        area = ScrollPane(seat)
        self.stack.addWidget(area)
        return area

    def _wire(self) -> None:
        ask = self._bridge.ask
        self._bridge.noticed.connect(self.show_notice)
        self._scans.scanned.connect(self._scanned)
        self._scans.torn.connect(self._scanned_in_pieces)
        self._scans.overlong.connect(
            lambda _length: self._warn(refusal_words(RefusalKind.TOO_LONG))
        )
        self.not_me.clicked.connect(self._leave)
        self.cancel.clicked.connect(self._leave)
        self.still_here.clicked.connect(self._stay)
        self.token.entered.connect(lambda words: self._scan(words, Source.TYPED))
        self.code.submitted.connect(self._submit)
        self.confirm.confirmed.connect(self._confirm)
        for side in (self.code, self.confirm, self.end):
            side.another.connect(self._another)
        self.end.again.connect(self._try_again)
        self.end.near_chosen.connect(self._choose_near)
        self.end.finished.connect(self._leave)
        self.dock.scanned.connect(lambda words: self._scan(words, Source.PRACTICE))
        self.dock.tapped.connect(lambda serial: ask(lambda station: station.tap(serial)))
        self.dock.pressed.connect(lambda serial: ask(lambda station: station.press(serial)))

    # What the station tells -----------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Render what concerns the lane; the rest is nobody's who stands here."""
        show = self._places.get(type(notice))
        if show is not None:
            show(notice)

    def _place_table(self) -> dict[type[Notice], Callable[[Any], None]]:
        return {
            LaneNotice: self._show_lane,
            ReadyNotice: self._show_ready,
            SessionNotice: self._show_session,
            SignInPageNotice: self.signin.show_complaint,
            ScanNotice: self._show_refusal,
            CodeNotice: self._show_verdict,
            PressedNotice: self.dock.show_pressed,
            TroubleNotice: self.banners.show_trouble,
            ClockNotice: self._show_clock,
        }

    def _show_ready(self, notice: ReadyNotice) -> None:
        self._sounds = notice.sounds
        self.tenant.setText(notice.tenant)
        self.banners.show_ready(notice)
        if notice.practice is not None:
            self.dock.fill(notice.practice)
            self._practises = True
            self.dock.hide()
        self.signin.show_ready(notice)

    def _show_session(self, notice: SessionNotice) -> None:
        """Show how far a sign-in is; one that has ended begins anew."""
        if notice.state is SessionState.SIGNED_OUT:
            self._forget()
        if notice.state is SessionState.ENDED:
            notice = SessionNotice(SessionState.SIGNED_OUT)
        if notice.state is not SessionState.SIGNED_IN:
            self.signin.show_session(notice)

    def _show_lane(self, notice: LaneNotice) -> None:
        before, self._notice = self._notice, notice
        self.who.setText(words.who_is_here(notice.person) if notice.person else "")
        enrollment = notice.enrollment
        third = words.name_of_third_step(enrollment)
        judged = was_admitted(enrollment)
        self.steps.show_step(notice.step, done=is_done(enrollment), judged=judged, third=third)
        self._count_down(notice)
        self.not_me.setVisible(bool(notice.person))
        begun = notice != LaneNotice(LaneStep.SIGN_IN)
        self.cancel.setVisible(begun)
        known = notice.are_known
        self.end.offer_near(notice.serial_number, notice.suggestions, known=known)
        if _place(before) != _place(notice):
            self.banners.alert.clear_banner()
            if notice == LaneNotice(LaneStep.SIGN_IN):
                self._forget()
            self.dock.setVisible(self._practises and notice.step is not LaneStep.SIGN_IN)
            self._turn_to(before, notice)
            self._hear(before, notice)
        self.end.count_to(notice.retry_at)

    def _turn_to(self, before: LaneNotice, notice: LaneNotice) -> None:
        match notice.step:
            case LaneStep.SIGN_IN:
                self._turn_to_sign_in(before, notice)
            case LaneStep.TOKEN:
                self._seat_at(self.token, self.token.edit)
            case LaneStep.CONFIRM:
                self.confirm.serial.set_serial(notice.serial_number)
                self._seat_at(self.confirm, self.confirm.button)
            case LaneStep.CODE:
                self.code.say(words.type_code(anyway=notice.code_anyway))
                if _asked(before) != _asked(notice):
                    self.code.clear()  # a look that ends meanwhile takes no digits away
                self.code.show_enrollment(notice.serial_number, notice.enrollment)
                self.dock.take(notice.serial_number)
                self._seat_at(self.code, self.code.code)
            case LaneStep.WAIT:
                self.wait.say(words.waiting(notice.enrollment))
                self._seat_at(self.wait, self.wait)
            case LaneStep.END:
                self.end.show_end(notice.enrollment, notice.person)
                self._seat_at(self.end, self.end.button)

    def _turn_to_sign_in(self, before: LaneNotice, notice: LaneNotice) -> None:
        """Say anew why somebody is to sign in; what went wrong with a sign-in stays told."""
        why = [(one.step, one.serial_number, one.again) for one in (before, notice)]
        if why[0] != why[1] and not notice.signing_in:
            self.signin.show_session(SessionNotice(SessionState.SIGNED_OUT))
        self.stack.setCurrentWidget(self._signin_seat)

    def _seat_at(self, side: Side, focus: QWidget) -> None:
        self.stack.setCurrentWidget(self._seats[side])
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _count_down(self, notice: LaneNotice) -> None:
        left = notice.seconds_left
        done = is_done(notice.enrollment)
        self.countdown.setText("" if left is None else words.wiped_in(left, done=done))
        self.still_here.setVisible(left is not None and not done)

    def _hear(self, before: LaneNotice, notice: LaneNotice) -> None:
        """Let the lane be heard at its end, where it is to be."""
        if notice.step is LaneStep.END and before.step is not LaneStep.END:
            sound = Sound.ACCEPTED if is_done(notice.enrollment) else Sound.ATTENTION
            if sound in self._sounds:
                self.player.play(sound)

    def _show_refusal(self, notice: ScanNotice) -> None:
        self.banners.show_refusal(notice)
        self.token.edit.selectAll()

    def _show_verdict(self, notice: CodeNotice) -> None:
        token = self._notice.enrollment.token if self._notice.enrollment else None
        clock = StepClock(token.interval if token else 30)
        self.code.warn(code_verdict(notice.verdict), clock.seconds_left(time.time() + self._ahead))

    def _show_clock(self, notice: ClockNotice) -> None:
        self._ahead = notice.offset
        self.banners.show_clock(notice)

    def _forget(self) -> None:
        """Leave nothing of whoever was here, on any side."""
        for side in self._sides():
            side.forget()
        self.who.setText("")
        self.countdown.setText("")
        self.banners.alert.clear_banner()
        self.signin.form.username.clear()
        self.signin.form.password.clear()

    def _way_in(self, methods: tuple[SignInMethod, ...]) -> Trouble:
        notice = self._notice
        return words.way_in(methods, notice.serial_number, again=notice.again)

    # Gestures -------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        """Take what came as fast as a scan: six digits are the code while it is asked for."""
        if not self._take_code(text):
            self._scan(text, Source.SCANNER)

    def _scanned_in_pieces(self, text: str) -> None:
        """Take six digits that came in pieces; ask for any other scan again."""
        if self._take_code(text):
            self._scans.accept_torn()
        else:
            self._warn(say("The scan came in pieces. Scan again."))

    def _take_code(self, text: str) -> bool:
        """Take `text` as the code and return True, if it is one and a code is asked for."""
        code = code_in(text)
        if code is None or self._notice.step is not LaneStep.CODE:
            return False
        self.banners.alert.clear_banner()
        self.code.code.take(code)
        if self._scans.entered:
            self._submit(code)
        return True

    def _scan(self, words: str, source: Source) -> None:
        self.banners.alert.clear_banner()
        self._with_lane(lambda lane: lane.scanned(words, source))

    def _submit(self, digits: str) -> None:
        self._with_lane(lambda lane: lane.submit(digits))

    def _confirm(self) -> None:
        self._with_lane(lambda lane: lane.confirm())

    def _another(self) -> None:
        self._with_lane(lambda lane: lane.another_token())

    def _choose_near(self, serial: str) -> None:
        self._with_lane(lambda lane: lane.choose_near(serial))

    def _try_again(self) -> None:
        self._with_lane(lambda lane: lane.try_again())

    def _stay(self) -> None:
        async def stay(lane: Any) -> None:
            lane.active()

        self._with_lane(stay)

    def _leave(self) -> None:
        self._with_lane(lambda lane: lane.leave())

    def _with_lane(self, act: Callable[[Any], Any]) -> None:
        async def gesture(station: Any) -> None:
            if station.lane is not None:
                await act(station.lane)

        self._bridge.ask(gesture)

    def _warn(self, said: str) -> None:
        self.banners.warn(said)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on at the end, Escape leaves, F8 tells details; F6, F7 and F9 are practice."""
        key = Qt.Key(event.key())
        if key in _ENTER and self._notice.step is LaneStep.END:
            self.end.go_on()
        elif key in _ENTER and self._notice.step is LaneStep.CONFIRM:
            self._confirm()
        elif key == Qt.Key.Key_Escape:
            self._step_back()
        elif key == Qt.Key.Key_F8:
            self.end.toggle_details()
        elif (act := self._practice(key, event.modifiers())) is not None:
            act()
        else:
            super().keyPressEvent(event)

    def _practice(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> Callable[[], None] | None:
        shift = modifiers == Qt.KeyboardModifier.ShiftModifier
        taps = self.dock.tap_next_token if shift else self.dock.scan_next_token
        if self.dock.isHidden():
            return None
        badge, press = self.dock.scan_next_badge, self.dock.press
        return {Qt.Key.Key_F6: taps, Qt.Key.Key_F7: badge, Qt.Key.Key_F9: press}.get(key)

    def _step_back(self) -> None:
        """Put a warning away, then the digits; after that whoever is here leaves."""
        if self.banners.alert.words():
            self.banners.alert.clear_banner()
        elif self._notice.step is LaneStep.CODE and self.code.code.code():
            self.code.code.clear()
        else:
            self._leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the station with the window."""
        self._bridge.close()
        super().closeEvent(event)


def _asked(notice: LaneNotice) -> tuple[object, ...]:
    """Return which code is asked for: of which token, and after how many that were refused."""
    attempts = notice.enrollment.attempts if notice.enrollment else 0
    return notice.step, notice.serial_number, notice.person, attempts


def _place(notice: LaneNotice) -> tuple[object, ...]:
    """Return what decides which side is shown, and how."""
    enrollment = notice.enrollment
    told = (enrollment.id, enrollment.state, enrollment.attempts) if enrollment else None
    return notice.step, notice.signing_in, notice.again, notice.serial_number, notice.person, told
