"""The work in front on the third card: what it comes to, the code or the proof, the big button."""

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.code import RESERVE_SECONDS, StepClock
from app.core.enrollment import Enrollment, State
from app.core.model import Mode, Operation, Proof, Reason
from app.core.preflight import OverrideReason
from app.station.desk.notices import Offer
from app.station.notices import CodeNotice, DeskNotice
from app.station.timekeeper import ClockNotice
from app.ui.models.work import WorkView, work_view
from app.ui.pages.desk.message import Message
from app.ui.pages.desk.serial_edit import SerialEdit
from app.ui.widgets import (
    Card,
    CodeField,
    KeyHint,
    Mark,
    Numbered,
    Option,
    PrimaryButton,
    SecondaryButton,
    Segmented,
    Spinner,
    StepRing,
    Tone,
    Wrapped,
)
from app.ui.widgets.countdown import Countdown
from app.ui.wording.desk import code_verdict, mode_words, override_reason
from app.ui.wording.errors import read_trouble
from app.ui.wording.keyboard import ctrl
from app.ui.wording.lifecycle import missing_words, undo_words
from app.ui.wording.say import say

_TICK_MS = 200
_MARKS = {
    State.ACTIVATED: Mark.GOOD,
    State.ASSIGNED: Mark.GOOD,
    State.DEACTIVATED: Mark.GOOD,
    State.RETURNED: Mark.GOOD,
    State.AFTER_REFUSAL: Mark.BAD,
    State.NOT_DONE: Mark.BAD,
    State.TAKEN: Mark.BAD,
    State.BLOCKED: Mark.CAUTION,
    State.UNCHECKED: Mark.BAD,
    State.UNRECORDED: Mark.BAD,
    State.HALF_DONE: Mark.CAUTION,
    State.UNSETTLED: Mark.CAUTION,
}


_SAID = {Reason.LOST: Proof.LOST, Reason.BROKEN: Proof.BROKEN}
"""What a replacement has already said of the old token."""


class WorkPanel(Card):
    """Renders a WorkView and tells what the operator did.

    `mode_chosen` carries what is handed over: a working token, or one that is activated later.
    `proved` carries a serial number that was typed, `missed` why there is no token to be shown.
    """

    mode_chosen = Signal(object)
    proved = Signal(str)
    missed = Signal(object)
    withdrawn = Signal()
    submitted = Signal(str)
    again = Signal()
    next_wanted = Signal()
    details = Signal()
    undone = Signal()
    reason_given = Signal(object)

    def __init__(self) -> None:
        super().__init__(say("Hand over"))
        self.mode = Segmented(
            say("What is handed over"), [(mode.value, mode_words(mode)) for mode in Mode]
        )
        self.proof = SerialEdit()
        self.missing = Numbered(across=True)
        self.code = CodeField(say("Code on the token"), _progress)
        self.button = PrimaryButton()
        self._preview = Wrapped(role="strong")
        self._beside = Wrapped(role="smallmuted")
        self._withdraw_hint = KeyHint(ctrl("9"), say("take this half back"))
        self._again = SecondaryButton(key="F5")
        self._again_hint = KeyHint("F5")
        self._details_hint = KeyHint("F8", say("details"))
        self._undo_hint = KeyHint()
        self._ring = StepRing()
        self._spinner = Spinner()
        self._tip = Wrapped(role="muted")
        self._messages = QVBoxLayout()
        self._verdict = Message()
        self.reasons = Numbered()
        self._verdict_step: int | None = None
        """The time step of the token that the code guard spoke of."""
        self.shown = WorkView()
        self._notice: DeskNotice | None = None
        self._said: Proof | None = None
        self._ahead = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._until_check = Countdown(self)
        self._until_check.changed.connect(self._count)
        self._arrange()
        self._wire()

    def _arrange(self) -> None:
        hint = QHBoxLayout()
        hint.setSpacing(10)
        hint.addWidget(self._ring)
        hint.addWidget(self._spinner)
        hint.addWidget(self._tip, 1)
        self._messages.setSpacing(8)
        hints = QHBoxLayout()
        hints.setSpacing(16)
        hints.addWidget(self._again_hint)
        hints.addWidget(self._details_hint)
        hints.addWidget(self._undo_hint)
        hints.addStretch(1)
        for words in (self.mode, self._preview, self._beside):
            self.body.addWidget(words)
        self.body.addLayout(self._messages)
        self.body.addWidget(self.code)
        self.body.addWidget(self._verdict)
        self.body.addLayout(hint)
        for asks in (self.proof, self.missing, self.reasons):
            self.body.addWidget(asks)
        self.body.addStretch(1)
        self.body.addWidget(self._withdraw_hint, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(hints)
        self.body.addWidget(self._again)
        self.body.addWidget(self.button)
        for widget in (self._preview, self._beside, self.proof, self.missing, self._withdraw_hint):
            widget.hide()

    def _wire(self) -> None:
        self.mode.chosen.connect(lambda key: self.mode_chosen.emit(Mode(key)))
        self.proof.entered.connect(self.proved)
        self.missing.chosen.connect(lambda key: self.missed.emit(Proof(key)))
        self._withdraw_hint.clicked.connect(self.withdrawn)
        self.code.submitted.connect(self._submit)
        self.code.changed.connect(self._typed)
        self.button.clicked.connect(self._press)
        self._again.clicked.connect(self.again)
        self._again_hint.clicked.connect(self.again)
        self._details_hint.clicked.connect(self.details)
        self._undo_hint.clicked.connect(self.undone)
        self.reasons.chosen.connect(lambda key: self.reason_given.emit(OverrideReason(key)))
        self._timer.timeout.connect(self._tick)

    # What the station tells -----------------------------------------------------------------

    def show_work(self, notice: DeskNotice, offers: tuple[Offer, ...]) -> None:
        """Render the work in front; `offers` are what is left to do of replacements."""
        told, self._notice = self._notice, notice
        before, enrollment = told.enrollment if told else None, notice.enrollment
        moved = before is None or _place(before) != _place(enrollment)
        if before is None or not _asks_for_the_same_code(before, enrollment):
            self.code.clear()
        if moved:
            self._withdraw_verdict()
        if moved or (told is not None and notice.wrong != told.wrong):
            self.proof.clear()
        self._said = _SAID.get(enrollment.link.reason) if enrollment.link else None
        self.mode.set_current(enrollment.mode.value)
        view, shown = work_view(notice, offers), self.shown
        if moved or view != shown:
            self.shown = view
            self._render(view)

    @property
    def enrollment(self) -> Enrollment | None:
        """Return what is shown."""
        return self._notice.enrollment if self._notice else None

    def forget(self) -> None:
        """Leave nothing that was typed."""
        self.proof.clear()
        self.code.clear()

    def show_verdict(self, notice: CodeNotice) -> None:
        """Say what the code guard thinks of the digits, and ask for others."""
        said = code_verdict(notice.verdict)
        self.code.clear()
        self.code.set_error(True)
        self._verdict.set_message(Tone.CAUTION, said)
        self._verdict_step = self._clock().step(self._token_time())

    def _withdraw_verdict(self) -> None:
        """Say no more of a code than is true now."""
        self._verdict.clear()
        self._verdict_step = None

    def show_clock(self, notice: ClockNotice) -> None:
        """Count the life of a code by the directory's time from now on."""
        self._ahead = notice.offset

    @property
    def asks_for_code(self) -> bool:
        """Return whether the six digits can be typed now."""
        return self.shown.code and self.code.isEnabled()

    def focus_target(self) -> QWidget | None:
        """Return where the operator goes on: the proof, the code, the button, or nowhere here.

        Where a replacement has said that the old token is lost, Enter says it here as well.
        """
        if self.shown.shows_token:
            if self._said is not None and self._said in self.shown.missing:
                return self.missing.button(self.shown.missing.index(self._said))
            return self.proof
        if self.asks_for_code:
            return self.code
        if self.shown.button:
            return self.button
        return self._again if self.shown.again else None

    def seconds_left(self) -> float:
        """Return how long the present time step of the token lasts, in seconds."""
        return self._clock().seconds_left(self._token_time())

    def _clock(self) -> StepClock:
        token = self.enrollment.token if self.enrollment else None
        return StepClock(token.interval if token else 30)

    def _token_time(self) -> float:
        """Return the token's own time in Unix seconds, as far as it and true time are known."""
        notice = self._notice
        of_cards = notice is not None and notice.chosen is None
        drift = notice.token_card.drift if notice is not None and of_cards else None
        return time.time() + self._ahead + (drift or 0.0)

    # Inside ---------------------------------------------------------------------------------

    def _render(self, view: WorkView) -> None:
        enrollment = self.enrollment
        state = enrollment.state if enrollment else State.EMPTY
        waits = view.shows_token
        dim = not (view.button or view.busy or waits)
        self.set_title(view.title)
        self.set_mark(_MARKS.get(state, Mark.NUMBER), 3, dim=dim)
        self.mode.setEnabled(view.mode_open)
        self.mode.setVisible(view.mode_open)
        _write(self._preview, view.preview)
        _write(self._beside, view.beside)
        self._show_messages(view)
        self.code.setVisible(view.code)
        self.code.setEnabled(view.code and bool(view.button))
        self._spinner.setVisible(view.busy)
        self.proof.setVisible(waits)
        self._show_missing(view)
        self._show_reasons(view)
        self._withdraw_hint.setVisible(view.withdraws)
        alone = bool(view.again) and not view.button
        self._again.set_words(view.again, "F5")
        self._again.setVisible(alone)
        self._again_hint.set_hint("F5" if view.again and not alone else "", view.again)
        self._again_hint.setVisible(bool(view.again) and not alone)
        self._details_hint.setVisible(bool(enrollment and enrollment.error))
        self._offer_undo(view.undo)
        # While the token is to be shown, what is to be done is above, where the button would be.
        self.button.setVisible((not view.again or bool(view.button)) and not waits)
        self.button.set_words(view.button or say("Submit"), "Enter" if view.button else "")
        self._guard_button()
        self._run_ring(view)

    def _offer_undo(self, operation: Operation | None) -> None:
        """Offer the request that takes back what was done, beside its key; or none."""
        words = undo_words(operation) if operation is not None else ""
        self._undo_hint.set_hint(ctrl("Z") if words else "", words)

    def _show_missing(self, view: WorkView) -> None:
        """Offer what may be said of a token that cannot be shown."""
        numbered = enumerate(view.missing, start=1)
        said = [Option(one.value, missing_words(one), ctrl(str(at))) for at, one in numbered]
        self.missing.set_options(said)
        self.missing.setVisible(bool(said))

    def _show_reasons(self, view: WorkView) -> None:
        """Offer the reasons. The focus stays elsewhere: an Enter too many must not choose one."""
        options = [
            Option(reason.value, override_reason(reason), ctrl(str(number)))
            for number, reason in enumerate(view.reasons, start=1)
        ]
        self.reasons.set_options(options)
        self.reasons.setVisible(bool(options))

    def _show_messages(self, view: WorkView) -> None:
        while self._messages.count():
            item = self._messages.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for tone, said in view.says:
            message = Message(tone, said)
            self._messages.addWidget(message)
            message.show()  # at once: the layout would show it only when the events allow
        self._until_check.count_to(view.retry_at)
        if view.retry_at is not None:
            self._count()

    def _count(self) -> None:
        """Say how long it is until the next check, in place of why it could not be made."""
        item, error = self._messages.itemAt(0), self.shown.unread
        message = item.widget() if item is not None else None
        if error is not None and isinstance(message, Message):
            message.set_message(Tone.BAD, read_trouble(error, self._until_check.seconds()))

    def _run_ring(self, view: WorkView) -> None:
        live = view.code and bool(view.button)
        self._ring.setVisible(live)
        if live:
            self._timer.start()
            self._tick()
        else:
            self._timer.stop()
            self._tip.setText(view.hint)
            self._tip.setVisible(bool(view.hint))

    def _tick(self) -> None:
        """Show how long the present code lives; the station's guard judges for itself."""
        clock, now = self._clock(), self._token_time()
        left = clock.seconds_left(now)
        if self._verdict_step is not None and clock.step(now) != self._verdict_step:
            self._withdraw_verdict()
            self.code.set_error(False)
        tone = Tone.CAUTION if left < RESERVE_SECONDS else Tone.INFO
        self._ring.set_value(clock.fraction_left(now), tone)
        self._tip.setVisible(True)
        self._tip.setText(_hint(left))

    def _guard_button(self) -> None:
        ready = not self.shown.code or self.code.is_complete()
        self.button.setEnabled(bool(self.shown.button) and ready)

    def _typed(self, count: int) -> None:
        if count:
            self._withdraw_verdict()
            self.code.set_error(False)
        self._guard_button()

    def _submit(self, digits: str) -> None:
        if self.shown.button:
            self.submitted.emit(digits)

    def _press(self) -> None:
        if self.shown.finished:
            self.next_wanted.emit()
        else:
            self.submitted.emit(self.code.code())


def _place(enrollment: Enrollment) -> tuple[str, State]:
    return enrollment.id, enrollment.state


def _asks_for_the_same_code(before: Enrollment, now: Enrollment) -> bool:
    """Tell whether digits that are being typed stay: a look may end beside them."""
    if _place(before) == _place(now):
        return True
    same = (before.id, before.attempts) == (now.id, now.attempts)
    return same and before.wants_code and now.wants_code


def _progress(count: int, of: int) -> str:
    return say("{count} of {of} digits typed", count=count, of=of)


def _hint(left: float) -> str:
    if left < RESERVE_SECONDS:
        return say("This code ends in a moment. Wait for the next one.")
    return say("Press the button on the token. {seconds} s left for this code.", seconds=int(left))


def _write(label: Wrapped, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
