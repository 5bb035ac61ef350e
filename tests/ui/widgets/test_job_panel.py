"""The panel of a job: what it offers is what can be done now, and every figure is told in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.core.errors import Evidence, Forbidden, OathdeskError, Unreachable
from app.core.job import Job, JobRow, JobState, RowReason, RowState
from app.core.stored_job import JobKind
from app.ui.models.job import LABEL, SAID, STATE
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.job_panel import JobPanel
from app.ui.widgets.tone import Tone
from app.ui.wording.job import left_words

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Watched:
    """A job of four rows and the panel that shows it."""

    def __init__(self, panel: JobPanel) -> None:
        self.panel = panel
        self.now = NOON
        self.job = Job([JobRow(str(each), f"TOK-{each}") for each in range(4)], NOON)
        panel.begin(self.job.rows, self.job.progress(NOON), "Unassign 4 tokens", JobKind.UNASSIGN)

    def settle(
        self,
        state: RowState,
        error: OathdeskError | None = None,
        reason: RowReason | None = None,
    ) -> None:
        row = self.job.next()
        assert row is not None
        self.now += timedelta(seconds=2)
        settled = replace(row, state=state, error=error, reason=reason)
        self.job.take(settled, self.now)
        self.tell(settled)

    def tell(self, *changed: JobRow) -> None:
        self.panel.show_progress(self.job.progress(self.now), changed)

    def cell(self, place: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.panel.model.index(place, column).data(role)


@pytest.fixture
def watched(qtbot: QtBot) -> Watched:
    panel = JobPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    return Watched(panel)


def offered(panel: JobPanel) -> list[str]:
    buttons = (panel.pause_button, panel.end_button, panel.again_button, panel.dismiss_button)
    return [button.text().replace("&", "") for button in buttons if button.isVisible()]


def test_a_running_job_can_be_paused_and_ended(watched: Watched) -> None:
    assert offered(watched.panel) == ["Pause", "End the job"]
    assert watched.panel.words.text() == "0 of 4"
    assert watched.panel.accessibleName() == "Unassign 4 tokens"


def test_figures_grow_into_a_rate_and_a_time_left(watched: Watched) -> None:
    for _ in range(3):
        watched.settle(RowState.DONE)
    assert watched.panel.words.text() == "3 of 4 · 3 done · 30 a minute · less than a minute left"
    assert watched.panel.bar.value() == 750
    assert watched.panel.accessibleDescription().startswith("At work. 3 of 4")


def test_a_click_asks_and_the_panel_waits_to_be_told(watched: Watched, qtbot: QtBot) -> None:
    with qtbot.waitSignal(watched.panel.paused):
        watched.panel.pause_button.click()
    assert offered(watched.panel) == ["Pause", "End the job"]
    watched.job.pause(watched.now)
    watched.tell()
    assert offered(watched.panel) == ["Go on", "End the job"]
    with qtbot.waitSignal(watched.panel.resumed):
        watched.panel.pause_button.click()


def test_ending_is_asked_once_more_in_its_place(watched: Watched, qtbot: QtBot) -> None:
    panel = watched.panel
    panel.activateWindow()
    panel.end_button.click()
    assert panel.question.accessibleName() == (
        "4 rows that wait are left as they are. What is done stays done."
    )
    assert panel.question.no.hasFocus()
    panel.question.no.click()
    assert not panel.question.isVisible()
    panel.end_button.click()
    with qtbot.waitSignal(panel.cancelled):
        panel.question.yes.click()
    watched.job.cancel(watched.now)
    watched.tell(*watched.job.rows)
    assert offered(panel) == ["Try these again", "Dismiss"]
    assert panel.words.text() == "4 of 4 · 4 not begun"


def test_the_question_counts_what_waits_by_now(watched: Watched) -> None:
    watched.panel.end_button.click()
    for _ in range(3):
        watched.settle(RowState.DONE)
    assert watched.panel.question.accessibleName().startswith("1 row that waits")
    watched.settle(RowState.DONE)
    assert not watched.panel.question.isVisible()


def test_with_nothing_left_to_wait_ending_asks_nothing(watched: Watched, qtbot: QtBot) -> None:
    for _ in range(4):
        row = watched.job.next()
        assert row is not None
        watched.tell(row)
    with qtbot.waitSignal(watched.panel.cancelled):
        watched.panel.end_button.click()


def test_a_job_that_waits_says_why(watched: Watched) -> None:
    watched.job.hold(Unreachable(Evidence()), watched.now)
    watched.tell()
    assert watched.panel.state.words() == "Waiting"
    assert watched.panel.held.text().startswith("The directory cannot be reached.")
    watched.job.resume(watched.now)
    watched.tell()
    assert not watched.panel.held.isVisible()


def test_each_row_says_what_became_of_it(watched: Watched) -> None:
    watched.settle(RowState.DONE)
    watched.settle(RowState.FAILED, error=Forbidden(Evidence()))
    watched.settle(RowState.SKIPPED, reason=RowReason.NOT_HELD)
    assert [watched.cell(place, STATE) for place in range(4)] == [
        "Removed",
        "Failed",
        "Skipped",
        "Waits",
    ]
    assert watched.cell(1, STATE, TONE_ROLE) is Tone.BAD
    assert watched.cell(2, SAID) == "Nobody has it any more."
    assert watched.cell(1, SAID) != ""
    assert watched.cell(3, LABEL) == "TOK-3"


def test_a_job_that_came_out_well_has_nothing_to_take_up(watched: Watched, qtbot: QtBot) -> None:
    for _ in range(4):
        watched.settle(RowState.DONE)
    assert (watched.job.state, watched.panel.state.tone) == (JobState.FINISHED, Tone.GOOD)
    assert offered(watched.panel) == ["Dismiss"]
    with qtbot.waitSignal(watched.panel.dismissed):
        watched.panel.dismiss_button.click()


def test_a_job_that_failed_in_part_is_told_with_caution(watched: Watched, qtbot: QtBot) -> None:
    for _ in range(3):
        watched.settle(RowState.DONE)
    watched.settle(RowState.FAILED)
    assert watched.panel.state.tone is Tone.CAUTION
    with qtbot.waitSignal(watched.panel.again):
        watched.panel.again_button.click()


def test_forgotten_it_shows_nothing(watched: Watched) -> None:
    watched.panel.forget()
    assert not watched.panel.isVisible()
    assert watched.panel.model.rowCount() == 0


def test_the_rows_behave_as_qt_expects(watched: Watched) -> None:
    model = watched.panel.model
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    watched.settle(RowState.DONE)
    model.take([JobRow("unknown", "of another job")])
    watched.panel.forget()
    assert tester.model() is model


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute left"),
        (60, "about 1 min left"),
        (754, "about 13 min left"),
        (3590, "about 1 h 0 min left"),
        (3600, "about 1 h 0 min left"),
        (12_000, "about 3 h 20 min left"),
    ],
)
def test_time_left_is_told_no_more_exactly_than_it_is_known(seconds: float, words: str) -> None:
    assert left_words(seconds) == words
