"""What the bar of line mode says."""

from app.core.line import Tally
from app.ui.wording.say import say

_MINUTE = 60


def counts(told: Tally) -> tuple[str, str, str]:
    """Return how many are done, open, and to be looked at."""
    return (
        say("{count} done", count=told.done),
        say("{count} open", count=told.open),
        say("{count} to look at", count=told.attention),
    )


def pace_words(per_hour: int) -> str:
    """Return how fast the line moves."""
    return say("{count} an hour", count=per_hour)


def waited_words(seconds: float) -> str:
    """Return how long ago the person in front came, in minutes and seconds."""
    minutes, rest = divmod(int(seconds), _MINUTE)
    return say("Here for {minutes}:{seconds}", minutes=minutes, seconds=f"{rest:02d}")
