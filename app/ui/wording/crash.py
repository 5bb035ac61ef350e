"""What an operator reads when the program itself made a mistake."""

from app.ui.wording.errors import Trouble
from app.ui.wording.say import say


def crash() -> Trouble:
    """Return the sentence and the advice for an error that nobody expected."""
    return Trouble(
        say("Something went wrong inside Oathdesk."),
        say(
            "You can go on. Compare the desk with the person and the token in front of you first; "
            "if they do not agree, start Oathdesk again. What was submitted is in the record."
        ),
    )


def more_crashes(count: int) -> str:
    """Return what to say of `count` further errors, "" for none."""
    if count == 0:
        return ""
    if count == 1:
        return say("One more error came after it. Both are in the log.")
    return say("{count} more errors came after it. All of them are in the log.", count=count)


def go_on() -> str:
    """Return the name of the button that puts the sheet away."""
    return say("Go on")


def copy_details() -> str:
    """Return the name of the button that copies the details."""
    return say("Copy details")


def details() -> str:
    """Return the heading of the details."""
    return say("Details for your administrator")


def labels() -> tuple[str, str, str, str, str]:
    """Return the labels of the details: time, thread, error, log file, place in the program."""
    return say("Time (UTC)"), say("Thread"), say("Error"), say("Log"), say("At")
