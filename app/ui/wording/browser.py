"""The words of the page that a browser shows when it comes back from signing in."""

from PySide6.QtCore import QLocale

from app.ui.wording.say import say


def page_words() -> dict[str, str]:
    """Return the words by their names in `app.auth.Words`, and the language they are in."""
    return {
        "language": QLocale().bcp47Name(),
        "signed_in": say("You are signed in"),
        "signed_in_advice": say("Go back to Oathdesk. You can close this page."),
        "cancelled": say("The sign-in was cancelled"),
        "cancelled_advice": say("Nobody is signed in. Go back to Oathdesk to try again."),
        "failed": say("The sign-in did not succeed"),
        "failed_advice": say("Go back to Oathdesk, which says why."),
        "unexpected": say("This address is part of a sign-in"),
        "unexpected_advice": say("Nothing is shown here. Go back to Oathdesk."),
    }
