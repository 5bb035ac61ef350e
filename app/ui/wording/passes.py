"""What is said of Temporary Access Passes."""

from app.core.model import Operation
from app.core.record import Line, PassFacts
from app.core.states import State
from app.ui.widgets.serial_label import group_serial
from app.ui.wording.say import say

_HOUR, _DAY = 60, 1_440


def token_words(line: Line) -> str:
    """Return what stands in the column for the token; a pass has none and is named instead."""
    if line.operation is Operation.ISSUE_PASS:
        return say("Access pass")
    return group_serial(line.serial_number)


def pass_state(state: State, facts: PassFacts) -> str:
    """Return the state of a pass where it has words of its own, else nothing.

    One that was accepted (`facts.shown` is known) and is not there any more was issued all the
    same.
    """
    if state is State.UNSETTLED:
        return say("Pass may have been issued")
    if state is State.NOT_DONE:
        return say("No pass issued") if facts.shown is None else say("Pass no longer there")
    return ""


def lifetime_words(minutes: int) -> str:
    """Return a lifetime in the largest unit that it is a whole number of."""
    if minutes % _DAY == 0:
        days = minutes // _DAY
        return say("1 day") if days == 1 else say("{count} days", count=days)
    if minutes % _HOUR == 0:
        hours = minutes // _HOUR
        return say("1 hour") if hours == 1 else say("{count} hours", count=hours)
    return say("1 minute") if minutes == 1 else say("{count} minutes", count=minutes)


def use_words(once: bool) -> str:
    """Return how often a pass can be used."""
    return say("Once") if once else say("Several times")


def pass_rows(facts: PassFacts) -> tuple[tuple[str, str], ...]:
    """Return what the record knows of a pass as (label, value) pairs; unknown values are empty."""
    shown = {True: say("Yes"), False: say("No, its value is lost"), None: ""}
    return (
        (say("Valid for"), "" if facts.minutes is None else lifetime_words(facts.minutes)),
        (say("Can be used"), "" if facts.once is None else use_words(facts.once)),
        (say("Pass shown"), shown[facts.shown]),
    )
