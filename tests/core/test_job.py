"""A job's books: each row settled once, nothing begun while it stands, and honest figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.core.errors import Evidence, Throttled, Unreachable
from app.core.job import AGAIN, BEGUN, OVER, SETTLED, Job, JobRow, JobState, RowState

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
GONE = Unreachable(Evidence())


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def rows(count: int) -> list[JobRow]:
    return [JobRow(str(number), f"Token {number}") for number in range(count)]


def begun(job: Job) -> JobRow:
    row = job.next()
    assert row is not None
    return row


def settle(job: Job, state: RowState, at: float) -> JobRow:
    row = replace(begun(job), state=state)
    job.take(row, after(at))
    return row


def test_rows_are_handed_out_in_order_and_the_last_one_finishes_the_job() -> None:
    job = Job(rows(3), NOON)
    assert [settle(job, RowState.DONE, at).key for at in range(3)] == ["0", "1", "2"]
    assert (job.state, job.next()) == (JobState.FINISHED, None)
    assert job.progress(after(9)).is_over


def test_a_job_without_rows_is_finished() -> None:
    assert Job([], NOON).state is JobState.FINISHED


def test_a_job_that_is_found_done_or_done_while_paused_is_finished() -> None:
    done = [replace(row, state=RowState.DONE) for row in rows(2)]
    assert Job(done, NOON, paused=True).state is JobState.FINISHED
    job = Job(rows(1), NOON)
    row = begun(job)
    job.pause(after(1))
    job.take(replace(row, state=RowState.DONE), after(2))
    assert job.state is JobState.FINISHED


def test_two_rows_with_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        Job([*rows(2), JobRow("1", "again")], NOON)


def test_what_was_settled_before_a_restart_is_not_done_again() -> None:
    first, second = rows(2)
    job = Job([replace(first, state=RowState.DONE), second], NOON, paused=True)
    assert job.next() is None
    job.resume(NOON)
    assert begun(job).key == "1"


def test_a_pause_begins_nothing_and_lets_the_row_in_hand_end() -> None:
    job = Job(rows(3), NOON)
    row = begun(job)
    job.pause(after(1))
    assert job.next() is None
    job.take(replace(row, state=RowState.DONE), after(2))
    assert job.progress(after(3)).count(RowState.DONE) == 1
    job.resume(after(4))
    assert begun(job).key == "1"


def test_a_held_job_says_why_and_a_person_may_pause_it_still() -> None:
    job = Job(rows(1), NOON)
    job.hold(GONE, after(1))
    assert job.progress(after(1)).held_by is GONE
    job.pause(after(2))
    job.hold(GONE, after(3))
    assert job.state is JobState.PAUSED
    assert job.progress(after(3)).held_by is None


def test_a_row_that_was_not_sent_waits_again_and_comes_first() -> None:
    job = Job(rows(2), NOON)
    job.hold(GONE, after(1))
    assert job.next() is None
    job.resume(after(2))
    row = begun(job)
    job.take(replace(row, state=RowState.WAITING), after(2))
    assert begun(job).key == row.key


def test_ending_leaves_what_waits_and_finishes_what_was_begun() -> None:
    job = Job(rows(3), NOON)
    row = begun(job)
    job.cancel(after(1))
    assert not job.progress(after(1)).is_over
    job.take(replace(row, state=RowState.DONE), after(2))
    assert [each.state for each in job.rows] == [RowState.DONE, RowState.LEFT, RowState.LEFT]
    assert job.progress(after(2)).is_over
    job.cancel(after(3))
    job.resume(after(3))
    assert job.state is JobState.CANCELLED


def test_a_row_put_back_after_the_end_is_left() -> None:
    job = Job(rows(1), NOON)
    row = begun(job)
    job.cancel(after(1))
    put_back = job.take(replace(row, state=RowState.WAITING), after(2))
    assert put_back.state is RowState.LEFT


def test_what_came_to_nothing_can_be_taken_up_again() -> None:
    job = Job(rows(4), NOON)
    settle(job, RowState.DONE, 1)
    row = replace(begun(job), state=RowState.FAILED, error=Throttled(Evidence()))
    job.take(row, after(2))
    settle(job, RowState.UNCLEAR, 3)
    job.cancel(after(4))
    assert job.again(after(5)) == 3
    assert [begun(job).key for _ in range(3)] == ["1", "2", "3"]
    assert job.row("1").error is None


def test_nothing_is_taken_up_again_while_a_job_runs_or_where_all_is_well() -> None:
    job = Job(rows(2), NOON)
    settle(job, RowState.FAILED, 1)
    assert job.again(after(1)) == 0
    settle(job, RowState.DONE, 2)
    assert job.again(after(3)) == 1
    settle(job, RowState.SKIPPED, 4)
    assert job.again(after(5)) == 0
    assert job.state is JobState.FINISHED


def test_a_row_is_settled_once_and_by_a_state_that_settles() -> None:
    job = Job(rows(2), NOON)
    row = begun(job)
    with pytest.raises(ValueError, match="does not become"):
        job.take(replace(row, state=RowState.WORKING), NOON)
    job.take(replace(row, state=RowState.DONE), NOON)
    with pytest.raises(ValueError, match="does not become"):
        job.take(replace(row, state=RowState.FAILED), NOON)
    with pytest.raises(ValueError, match="does not become"):
        job.take(replace(row, state=RowState.WAITING), NOON)
    assert job.row(row.key).state is RowState.DONE


def test_what_was_sent_keeps_the_job_open_until_it_was_read_back() -> None:
    job = Job(rows(3), NOON)
    first, second = begun(job), begun(job)
    for row in (first, second):
        job.take(replace(row, state=RowState.SENT), after(1))
    with pytest.raises(ValueError, match="does not become"):
        job.take(replace(first, state=RowState.SENT), after(2))
    job.cancel(after(2))
    assert not job.progress(after(2)).is_over
    assert job.again(after(2)) == 0
    job.take(replace(second, state=RowState.DONE), after(3))
    left = job.take(replace(first, state=RowState.WAITING), after(4))
    assert left.state is RowState.LEFT
    assert job.progress(after(4)).is_over


def test_the_rate_counts_a_row_once_when_it_is_sent() -> None:
    job = Job(rows(100), NOON)
    sent = []
    for number in range(1, 11):
        row = replace(begun(job), state=RowState.SENT)
        sent.append(job.take(row, after(2 * number)))
    told = job.progress(after(20))
    assert told.rate == pytest.approx(0.5)
    assert told.left == pytest.approx(90 / 0.5)
    for row in sent:
        job.take(replace(row, state=RowState.DONE), after(20))
    assert job.progress(after(20)).rate == pytest.approx(0.5)


def test_rate_and_time_left_count_work_and_not_pauses() -> None:
    job = Job(rows(100), NOON)
    assert job.progress(NOON).rate is None
    for number in range(1, 11):
        settle(job, RowState.DONE, 2 * number)
    job.pause(after(20))
    assert job.progress(after(500)).rate == pytest.approx(0.5)
    job.resume(after(1000))
    settle(job, RowState.DONE, 1002)
    told = job.progress(after(1002))
    assert told.rate == pytest.approx(0.5)
    assert told.left == pytest.approx(89 / 0.5)


def test_a_job_that_slows_down_says_so_before_the_next_row_ends() -> None:
    job = Job(rows(100), NOON)
    for number in range(1, 11):
        settle(job, RowState.DONE, number)
    stalled = job.progress(after(40)).rate
    assert stalled == pytest.approx(10 / 40)


def test_a_clock_that_is_set_back_breaks_nothing() -> None:
    job = Job(rows(10), NOON)
    for _ in range(4):
        settle(job, RowState.DONE, -3600)
    assert job.progress(after(-3600)).rate is None


class Books(RuleBasedStateMachine):
    """Whatever is asked in whatever order, the counts are the rows, and nothing is done twice."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.job = Job(rows(5), NOON)
        self.hand: list[JobRow] = []

    @rule(seconds=st.floats(-5, 60))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def begin(self) -> None:
        runs = self.job.state is JobState.RUNNING
        row = self.job.next()
        if row is not None:
            assert runs
            assert row.key not in {each.key for each in self.hand}
            self.hand.append(row)

    @precondition(lambda self: self.hand)
    @rule(state=st.sampled_from(sorted(SETTLED - {RowState.LEFT}, key=lambda each: each.value)))
    def settle(self, state: RowState) -> None:
        self.job.take(replace(self.hand.pop(), state=state), self.now)

    @precondition(lambda self: self.hand)
    @rule()
    def put_back(self) -> None:
        self.job.take(replace(self.hand.pop(), state=RowState.WAITING), self.now)

    @precondition(lambda self: self.hand and self.hand[-1].state is RowState.WORKING)
    @rule()
    def send(self) -> None:
        self.hand[-1] = self.job.take(replace(self.hand[-1], state=RowState.SENT), self.now)

    @rule()
    def pause(self) -> None:
        self.job.pause(self.now)

    @rule()
    def hold(self) -> None:
        self.job.hold(GONE, self.now)

    @rule()
    def resume(self) -> None:
        self.job.resume(self.now)

    @rule()
    def cancel(self) -> None:
        self.job.cancel(self.now)

    @rule()
    def again(self) -> None:
        self.job.again(self.now)

    @invariant()
    def the_counts_are_the_rows(self) -> None:
        told = self.job.progress(self.now)
        states = [row.state for row in self.job.rows]
        assert {state: states.count(state) for state in RowState} == {
            state: told.count(state) for state in RowState
        }
        assert sum(map(told.count, BEGUN)) == len(self.hand)
        assert told.settled + told.count(RowState.WAITING) + len(self.hand) == 5

    @invariant()
    def a_job_is_over_when_nothing_waits(self) -> None:
        waits = any(row.state is RowState.WAITING for row in self.job.rows)
        if self.job.state in OVER:
            assert not waits
        if self.job.state is JobState.FINISHED:
            assert not self.hand
            assert all(row.state in SETTLED for row in self.job.rows)

    @invariant()
    def what_is_well_is_never_taken_up_again(self) -> None:
        assert all(row.state not in SETTLED - AGAIN for row in self.hand)


Books.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBooks = Books.TestCase
