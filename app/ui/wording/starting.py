"""What a person reads who starts Oathdesk while it runs already."""

from app.ui.wording.say import say


def already_runs(*, answered: bool) -> str:
    """Return the sentence for a second start; `answered` where the first has come forward."""
    if answered:
        return say("Oathdesk runs already on this record; its window comes to the front.")
    return say(
        "Oathdesk runs already on this record, but its window does not answer. "
        "Close it, or wait until it has ended, then start again."
    )
