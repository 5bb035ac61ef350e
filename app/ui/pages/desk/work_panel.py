"""The third card while something is done with a token beside the desk: shown, confirmed, seen."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.model import Proof, Reason
from app.station.life_notices import LifeNotice, Offer
from app.ui.models.life import LifeView, life_view
from app.ui.pages.desk.enrollment_panel import EnrollmentPanel
from app.ui.pages.desk.serial_edit import SerialEdit
from app.ui.widgets import KeyHint, Mark, Numbered, Option, Wrapped
from app.ui.wording.keyboard import ctrl
from app.ui.wording.lifecycle import missing_words
from app.ui.wording.say import say

_PREVIEW_AT = 0
_PROOF_AT = 6
_SAID = {Reason.LOST: Proof.LOST, Reason.BROKEN: Proof.BROKEN}
"""What a replacement has already said of the old token."""


class WorkPanel(EnrollmentPanel):
    """Renders a LifeView: the preview in a sentence, the proof, the code, and how it ended."""

    proved = Signal(str)
    missed = Signal(object)
    withdrawn = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown = LifeView(life_view(LifeNotice()).action)
        self.proof = SerialEdit()
        self.missing = Numbered(across=True)
        self._said: Proof | None = None
        self._preview = Wrapped(role="strong")
        self._beside = Wrapped(role="smallmuted")
        self._withdraw_hint = KeyHint(ctrl("9"), say("take this half back"))
        self._furnish()

    def _furnish(self) -> None:
        for at, words in enumerate((self._preview, self._beside)):
            self.body.insertWidget(_PREVIEW_AT + at, words)
        for at, asks in enumerate((self.proof, self.missing)):
            self.body.insertWidget(_PROOF_AT + at, asks)
        aside = Qt.AlignmentFlag.AlignLeft
        self.body.insertWidget(self.body.count() - 2, self._withdraw_hint, 0, aside)
        self.proof.entered.connect(self.proved)
        self.missing.chosen.connect(self._miss)
        self._withdraw_hint.clicked.connect(self.withdrawn)

    def show_life(self, notice: LifeNotice, offers: tuple[Offer, ...]) -> None:
        """Render what is in work; where there is nothing, keep nothing that was typed."""
        enrollment = notice.enrollment
        if enrollment is None:
            self.proof.clear()
            self.code.clear()
            return
        view = self.shown = life_view(notice, offers)
        self._said = _SAID.get(enrollment.link.reason) if enrollment.link else None
        self.set_title(view.title)
        _write(self._preview, view.preview)
        _write(self._beside, view.beside)
        self.proof.setVisible(view.shows)
        if not view.shows or notice.wrong:
            self.proof.clear()
        said = [Option(one.value, missing_words(one), ctrl(str(at))) for at, one in _numbered(view)]
        self.missing.set_options(said)
        self.missing.setVisible(bool(said))
        self._withdraw_hint.setVisible(view.withdraws)
        self.offer_undo(view.undo)
        self.show_enrollment(enrollment, view.action)
        if view.shows:  # what is to be done now is above, where the button would be
            self.button.hide()
            self.set_mark(Mark.NUMBER, 3)

    def focus_target(self) -> QWidget | None:
        """Return where the operator goes on: what shows the token, the code, or the button.

        Where a replacement has said that the old token is lost, Enter says it here as well.
        """
        if not self.shown.shows:
            return super().focus_target()
        if self._said is not None and self._said in self.shown.missing:
            return self.missing.button(self.shown.missing.index(self._said))
        return self.proof

    def _miss(self, key: str) -> None:
        self.missed.emit(Proof(key))


def _numbered(view: LifeView) -> list[tuple[int, Proof]]:
    return list(enumerate(view.missing, 1))


def _write(label: Wrapped, words: str) -> None:
    label.setText(words)
    label.setVisible(bool(words))
