"""What is said of a job: how far it is, how long it takes, and what became of each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.errors import Forbidden
from app.core.importing import Handing
from app.core.job import JobRow, JobState, Progress, RowReason, RowState
from app.core.preflight import REASONS, Finding, FindingKind, Severity
from app.core.stored_job import JobKind, StoredJob
from app.ui.widgets.tone import Tone
from app.ui.wording.desk import finding
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
    RowState.SENT: ("Sent", Tone.INFO),
    RowState.DONE: ("Done", Tone.GOOD),
    RowState.SKIPPED: ("Skipped", Tone.NEUTRAL),
    RowState.FAILED: ("Failed", Tone.BAD),
    RowState.UNCLEAR: ("Unclear", Tone.CAUTION),
    RowState.LEFT: ("Not begun", Tone.NEUTRAL),
}

_DONE: Final[Mapping[JobKind, str]] = {
    JobKind.UNASSIGN: "Removed",
    JobKind.DELETE: "Deleted",
    JobKind.UPLOAD: "In the tenant",
}

_WORDS: Final[Mapping[RowReason, tuple[str, Tone]]] = {
    RowReason.IN_INVENTORY: ("Was there", Tone.NEUTRAL),
    RowReason.NOT_LISTED: ("Not seen yet", Tone.CAUTION),
    RowReason.NOT_ACTIVATED: ("Not activated", Tone.CAUTION),
    RowReason.CREATED: ("In the tenant", Tone.GOOD),
    RowReason.ASSIGNED: ("Assigned", Tone.GOOD),
    RowReason.ACTIVATED: ("Activated", Tone.GOOD),
}
"""Reasons that say more than the state of their row."""

_REASONS: Final[Mapping[RowReason, str]] = {
    RowReason.GONE: "The inventory does not list it any more.",
    RowReason.NOT_HELD: "Nobody has it any more.",
    RowReason.HELD: "Somebody has it now, so it is not deleted.",
    RowReason.HOLDER_CHANGED: "Somebody else has it now, so it is left alone.",
    RowReason.UNDERWAY: "This desk is handing it over at the moment.",
    RowReason.IN_INVENTORY: "The tenant had a token with this serial number. Whether it has the "
    "same seed nobody can tell.",
    RowReason.NOT_LISTED: "It was accepted, and the inventory does not list it yet. Look again "
    "later.",
    RowReason.NOT_ACTIVATED: "It is the person's, and its code was not accepted. Activate it at "
    "the desk.",
}

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class RowTold:
    """A row as it is told: its state in a word, its tone, and a sentence where there is one."""

    word: str
    tone: Tone
    said: str = ""


def job_title(job: StoredJob) -> str:
    """Return what a job is called."""
    count = len(job.rows)
    match job.kind:
        case JobKind.UPLOAD if job.handing is Handing.NOTHING:
            return say("Upload of {file}", file=job.file)
        case JobKind.UPLOAD:
            return say("Upload and assignment of {file}", file=job.file)
        case JobKind.UNASSIGN if count == 1:
            return say("Removing 1 token from its holder")
        case JobKind.UNASSIGN:
            return say("Removing {count:,} tokens from people", count=count)
        case JobKind.DELETE if count == 1:
            return say("Deleting 1 token from the tenant")
        case JobKind.DELETE:
            return say("Deleting {count:,} tokens from the tenant", count=count)


def row_told(row: JobRow, kind: JobKind) -> RowTold:
    """Return a row of a job of one kind as it is told."""
    if isinstance(row.reason, FindingKind):
        return _not_handed_over(row.reason)
    word, tone = _ROWS[row.state]
    if row.state is RowState.DONE:
        word = _DONE[kind]
    if isinstance(row.reason, RowReason):
        word, tone = _WORDS.get(row.reason, (word, tone))
    return RowTold(say(word), tone, _said(row, kind))


def _said(row: JobRow, kind: JobKind) -> str:
    """Return the sentence about a row; "" where its state says it all."""
    if isinstance(row.reason, RowReason):
        return say(_REASONS[row.reason]) if row.reason in _REASONS else ""
    if row.state is RowState.SENT:
        return say("It was sent, and is looked for in the inventory.")
    if kind is not JobKind.UPLOAD and isinstance(row.error, Forbidden):
        return say("The directory does not permit it for this one.")
    if kind is not JobKind.UPLOAD and row.state is RowState.UNCLEAR:
        return say("It was sent, and is not confirmed yet.")
    return trouble(row.error).sentence if row.error is not None else ""


def _not_handed_over(kind: FindingKind) -> RowTold:
    """Return why a row's token was not given to its person, and what to do."""
    found = finding(Finding(kind, Severity.ASKS))
    advice = found.advice
    if kind in REASONS:
        advice = say("Choose a reason before the upload, or hand the token over at the desk.")
    return RowTold(say("Not handed over"), Tone.CAUTION, f"{found.sentence} {advice}")


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
