"""A job as a person watches it: how far, how fast, how long yet, and what became of each row.

It renders what it is told and tells what is asked for; it knows nothing of who does the work. One
button pauses and goes on, one ends the job after a question in its place (no dialog), one takes up
again what came to nothing, and one puts the panel away once the job is over.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.job import AGAIN, JobRow, JobState, Progress, RowState
from app.core.stored_job import JobKind
from app.station.jobs import JobNotice
from app.ui.models.job import LABEL, SAID, STATE, JobModel
from app.ui.widgets.buttons import DangerButton, SecondaryButton
from app.ui.widgets.card import Card
from app.ui.widgets.chip import Chip
from app.ui.widgets.chip_delegate import ChipDelegate
from app.ui.widgets.rows import dress_rows
from app.ui.widgets.text import Wrapped
from app.ui.wording.job import (
    end_question,
    held_words,
    job_title,
    progress_words,
    state_told,
)
from app.ui.wording.say import say

_SCALE = 1000
_WIDTHS = {LABEL: 190, STATE: 130}


class JobPanel(Card):
    """One job. `show_job` renders each notice of it; hidden until it begins.

    paused, resumed, cancelled   the person wants so; the panel waits to be told that it is so
    again                        take up what failed, is unclear or was left
    dismissed                    the person has seen the end
    """

    paused = Signal()
    resumed = Signal()
    cancelled = Signal()
    again = Signal()
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model = JobModel()
        self.state = Chip()
        self.bar = QProgressBar()
        self.words = Wrapped(role="body")
        self.held = Wrapped(role="smallmuted")
        self.pause_button = SecondaryButton(say("&Pause"))
        self.end_button = SecondaryButton(say("&End the job"))
        self.again_button = SecondaryButton(say("&Try these again"), icon="refresh")
        self.dismiss_button = SecondaryButton(say("Dis&miss"))
        self.question = _Question()
        self.view = QTableView()
        self._progress: Progress | None = None
        self._lay_out()
        self._wire()
        self.hide()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.again_button, self.pause_button, self.end_button, self.dismiss_button):
            buttons.addWidget(button)
        self.add_header(self.state)
        self.body.addWidget(self.bar)
        self.body.addLayout(buttons)
        self.body.addWidget(self.held)
        self.body.addWidget(self.question)
        self.body.addWidget(self.view, 1)
        self._dress()

    def _dress(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _SCALE)
        self.bar.setAccessibleName(say("Progress of the job"))
        self.view.setModel(self.model)
        self.view.setItemDelegateForColumn(STATE, ChipDelegate(self.view))
        self.view.setAccessibleName(say("Rows of the job"))
        dress_rows(self.view, _WIDTHS, stretched=SAID)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.horizontalHeader().setHighlightSections(False)
        self.view.horizontalHeader().setSectionsClickable(False)
        self.view.setMinimumHeight(120)

    def _wire(self) -> None:
        self.pause_button.clicked.connect(self._pause_or_resume)
        self.end_button.clicked.connect(self._ask_to_end)
        self.question.agreed.connect(self._end)
        self.question.declined.connect(self._do_not_end)
        self.again_button.clicked.connect(self.again)
        self.dismiss_button.clicked.connect(self.dismissed)

    def show_job(self, notice: JobNotice) -> None:
        """Render what the station tells of the job."""
        if notice.rows is not None and notice.progress is not None:
            self.begin(notice.rows, notice.progress, job_title(notice.job), notice.job.kind)
        elif notice.progress is not None:
            self.show_progress(notice.progress, notice.changed)
        elif notice.error is None:
            self.forget()

    def begin(self, rows: Sequence[JobRow], progress: Progress, title: str, kind: JobKind) -> None:
        """Show a job from its start, or as it was found after a restart."""
        self.set_title(title)
        self.model.set_rows(rows, kind)
        self.question.hide()
        self.show_progress(progress)
        self.show()

    def show_progress(self, progress: Progress, changed: Iterable[JobRow] = ()) -> None:
        """Show how far it is, and the rows that changed since."""
        self._progress = progress
        self.model.take(changed)
        self.bar.setValue(_SCALE * progress.settled // max(progress.total, 1))
        self.words.setText(progress_words(progress))
        self.state.set_chip(*state_told(progress))
        self.held.setText(held_words(progress))
        self.held.setVisible(progress.held_by is not None)
        self.setAccessibleDescription(f"{self.state.words()}. {self.words.text()}")
        self._offer(progress)

    def forget(self) -> None:
        """Show no job."""
        self.hide()
        self.question.hide()
        self.model.set_rows((), JobKind.UPLOAD)
        self._progress = None

    def _offer(self, progress: Progress) -> None:
        """Offer what can be done now, and nothing else."""
        over, ended = progress.is_over, progress.state in {JobState.CANCELLED, JobState.FINISHED}
        stands = progress.state is JobState.PAUSED
        had_focus = self.pause_button.hasFocus() or self.end_button.hasFocus()
        self.pause_button.set_words(say("&Go on") if stands else say("&Pause"))
        self.pause_button.setVisible(not ended)
        self.end_button.setVisible(not ended)
        self.again_button.setVisible(over and any(progress.count(each) for each in AGAIN))
        self.dismiss_button.setVisible(over)
        if ended:
            self.question.hide()
        if over and had_focus:
            self.dismiss_button.setFocus()
        if self.question.isVisible():
            self.question.ask(end_question(progress))

    def _pause_or_resume(self) -> None:
        if self._progress is not None:
            stands = self._progress.state is JobState.PAUSED
            (self.resumed if stands else self.paused).emit()

    def _ask_to_end(self) -> None:
        if self._progress is None:
            return
        if self._progress.count(RowState.WAITING) == 0:
            self.cancelled.emit()
            return
        self.question.ask(end_question(self._progress))
        self.question.no.setFocus()

    def _end(self) -> None:
        self.question.hide()
        self.cancelled.emit()

    def _do_not_end(self) -> None:
        self.question.hide()
        self.end_button.setFocus()


class _Question(QWidget):
    """Asks once more before a job is ended; hidden until it asks."""

    agreed = Signal()
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = Wrapped(role="strong")
        self.yes = DangerButton(say("End the job &now"))
        self.no = SecondaryButton(say("&Keep it"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._words, 1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        self.yes.clicked.connect(self.agreed)
        self.no.clicked.connect(self.declined)
        self.hide()

    def ask(self, words: str) -> None:
        """Ask `words`."""
        self._words.setText(words)
        self.setAccessibleName(words)
        self.show()
