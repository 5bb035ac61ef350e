"""What keys are called on the keyboard of the operator's language."""

from app.ui.wording.say import say


def ctrl(key: str) -> str:
    """Return the name of `key` together with the control key."""
    return say("Ctrl+{key}", key=key)
