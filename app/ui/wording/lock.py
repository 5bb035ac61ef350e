"""What a locked desk says, and what is said of a desk that was left."""

from app.core.signin import SignInMethod
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say


def way_back(methods: tuple[SignInMethod, ...]) -> Trouble:
    """Return heading and lead of the cover, by how somebody can sign in."""
    if set(methods) - {SignInMethod.CERTIFICATE}:
        return Trouble(
            say("This desk is locked"),
            say(
                "Sign in again to go on where you were. If somebody else signs in, what is on the "
                "desk is cleared."
            ),
        )
    return Trouble(
        say("This desk is locked"),
        say("Nobody can sign in here. Close the program to leave the desk."),
    )


def not_taken() -> str:
    """Return what to say to a scan or a tap at a locked desk."""
    return say("This desk is locked, so that was not taken. Sign in, then scan or tap again.")


def try_again() -> str:
    """Return the same where the desk is about to be cleared or locked."""
    return say("Nobody was here for a while, so that was not taken. Scan or tap again.")


def abandoned() -> str:
    """Return what to say where an unattended desk was cleared."""
    return say("Nobody was here for a while, so the desk was cleared.")


def lapsed(*, cleared: bool) -> Trouble:
    """Return what to say at the sign-in page after the station has signed out by itself."""
    sentence = say("Nobody was here for a while, so the station signed out.")
    if cleared:
        return Trouble(sentence, say("What was on the desk and not submitted was cleared."))
    return Trouble(sentence, say("Nothing was left on the desk."))
