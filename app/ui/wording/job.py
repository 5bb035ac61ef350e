"""What is said of a job: how far it is, how long it takes, and what became of each row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.core.job import JobRow, JobState, Progress, RowState
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import trouble
from app.ui.wording.say import say

_STATES: Final[dict[JobState, tuple[str, Tone]]] = {
    JobState.RUNNING: ("At work", Tone.INFO),
    JobState.PAUSED: ("Paused", Tone.CAUTION),
    JobState.HELD: ("Waiting", Tone.CAUTION),
    JobState.CANCELLED: ("Ended", Tone.NEUTRAL),
    JobState.FINISHED: ("Finished", Tone.GOOD),
}

_ROWS: Final[dict[RowState, tuple[str, Tone]]] = {
    RowState.WAITING: ("Waits", Tone.NEUTRAL),
    RowState.WORKING: ("At work", Tone.INFO),
    RowState.DONE: ("Done", Tone.GOOD),
    RowState.SKIPPED: ("Skipped", Tone.NEUTRAL),
    RowState.FAILED: ("Failed", Tone.BAD),
    RowState.UNCLEAR: ("Unclear", Tone.CAUTION),
    RowState.LEFT: ("Not begun", Tone.NEUTRAL),
}

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class RowTold:
    """A row as it is told: its state in a word, its tone, and a sentence where there is one."""

    word: str
    tone: Tone
    said: str = ""


RowWords = Callable[[JobRow], RowTold]


def row_told(row: JobRow) -> RowTold:
    """Return a row as it is told where a job has no words of its own."""
    word, tone = _ROWS[row.state]
    said = trouble(row.error).sentence if row.error is not None else row.detail
    return RowTold(say(word), tone, said)


def state_told(progress: Progress) -> tuple[str, Tone]:
    """Return what a job is doing, in a word."""
    word, tone = _STATES[progress.state]
    bad = progress.count(RowState.FAILED) + progress.count(RowState.UNCLEAR)
    if progress.state is JobState.FINISHED and bad:
        tone = Tone.CAUTION
    return say(word), tone


def progress_words(progress: Progress) -> str:
    """Return how far a job is, what failed, how fast it goes and how long the rest takes."""
    parts = [
        say("{settled:,} of {total:,}", settled=progress.settled, total=progress.total),
        *_counted(progress),
    ]
    if not progress.is_over and progress.rate is not None:
        parts.append(say("{rate:,.0f} a minute", rate=progress.rate * _MINUTE))
    if progress.left is not None:
        parts.append(left_words(progress.left))
    return " · ".join(parts)


def _counted(progress: Progress) -> list[str]:
    told = {
        RowState.DONE: "{count:,} done",
        RowState.SKIPPED: "{count:,} skipped",
        RowState.FAILED: "{count:,} failed",
        RowState.UNCLEAR: "{count:,} unclear",
        RowState.LEFT: "{count:,} not begun",
    }
    counts = ((words, progress.count(state)) for state, words in told.items())
    return [say(words, count=count) for words, count in counts if count]


def left_words(seconds: float) -> str:
    """Return how long the rest takes, no more exactly than anybody can know."""
    if seconds < _MINUTE:
        return say("less than a minute left")
    minutes = round(seconds / _MINUTE)
    if minutes < _MINUTE:
        return say("about {minutes} min left", minutes=minutes)
    return say("about {hours} h {minutes} min left", hours=minutes // 60, minutes=minutes % 60)


def held_words(progress: Progress) -> str:
    """Return why a job waits by itself, and that it goes on by itself; "" where it does not."""
    if progress.held_by is None:
        return ""
    why = trouble(progress.held_by).sentence
    return say("{why} The job goes on by itself as soon as it can.", why=why)


def end_question(progress: Progress) -> str:
    """Return what ending a job now means."""
    waiting = progress.count(RowState.WAITING)
    if waiting == 1:
        return say("1 row that waits is left as it is. What is done stays done.")
    return say(
        "{count:,} rows that wait are left as they are. What is done stays done.", count=waiting
    )
