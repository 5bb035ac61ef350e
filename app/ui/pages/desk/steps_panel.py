"""The course of this enrollment: checked, coded, submitted, confirmed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.enrollment import Enrollment
from app.ui.models.steps import steps
from app.ui.widgets import Card, Timeline
from app.ui.widgets.scrolled import Scrolled
from app.ui.wording.say import say


class StepsPanel(Card):
    """The timeline of the enrollment in front."""

    def __init__(self) -> None:
        super().__init__(say("This enrollment"))
        self.timeline = Timeline()
        ground = QWidget()
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.timeline)
        column.addStretch(1)
        area = Scrolled(ground, say("This enrollment"))  # in a low window it is cut, not squeezed
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(area)

    def show_enrollment(self, enrollment: Enrollment) -> None:
        """Render the steps of `enrollment`."""
        self.timeline.set_steps(steps(enrollment))
