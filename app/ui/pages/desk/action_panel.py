"""The third card of the desk: what is handed over, and the button that submits."""

from PySide6.QtCore import Signal

from app.core.enrollment import Enrollment
from app.core.lifecycle import undo
from app.core.model import Mode
from app.station.notices import DeskNotice
from app.ui.models.action import ActionView, action_view
from app.ui.pages.desk.enrollment_panel import EnrollmentPanel
from app.ui.widgets import Segmented
from app.ui.wording.desk import mode_words
from app.ui.wording.say import say


class ActionPanel(EnrollmentPanel):
    """Adds the choice of what is handed over: a working token, or one that is activated later."""

    mode_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        choices = [(mode.value, mode_words(mode)) for mode in Mode]
        self.mode = Segmented(say("What is handed over"), choices)
        self.mode.chosen.connect(self._choose_mode)
        self.body.insertWidget(0, self.mode)

    def show_desk(self, notice: DeskNotice) -> None:
        """Render the state of the enrollment in front."""
        self.mode.set_current(notice.enrollment.mode.value)
        drift = notice.token_card.drift or 0.0
        self.show_enrollment(notice.enrollment, action_view(notice), drift)
        self.offer_undo(undo(notice.enrollment))

    def show_enrollment(self, enrollment: Enrollment, view: ActionView, drift: float = 0.0) -> None:
        """Render `enrollment` as `view` has it, and whether the choice is still open."""
        super().show_enrollment(enrollment, view, drift)
        self.mode.setEnabled(view.mode_open)
        self.mode.setVisible(view.mode_open)

    def _choose_mode(self, key: str) -> None:
        self.mode_chosen.emit(Mode(key))
