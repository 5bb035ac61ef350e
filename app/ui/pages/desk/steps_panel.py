"""The course of this enrollment: checked, coded, submitted, confirmed."""

from app.core.enrollment import Enrollment
from app.ui.models.steps import steps
from app.ui.widgets import Card, Timeline
from app.ui.wording.say import say


class StepsPanel(Card):
    """The timeline of the enrollment in front."""

    def __init__(self) -> None:
        super().__init__(say("This enrollment"))
        self.timeline = Timeline()
        self.body.addWidget(self.timeline)
        self.body.addStretch(1)

    def show_enrollment(self, enrollment: Enrollment) -> None:
        """Render the steps of `enrollment`."""
        self.timeline.set_steps(steps(enrollment))
