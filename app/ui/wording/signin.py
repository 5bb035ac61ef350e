"""What the sign-in page says of itself, and what a sign-in that ends leaves to say."""

from app.core.errors import OathdeskError
from app.core.signin import SignInMethod
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.say import say


def way_in(methods: tuple[SignInMethod, ...]) -> Trouble:
    """Return heading and lead of the page, by how somebody can sign in."""
    if set(methods) - {SignInMethod.CERTIFICATE}:
        return Trouble(
            say("Sign in to start"),
            say("What you hand over at this desk is recorded under your name."),
        )
    if methods:
        return Trouble(
            say("This station signs in by itself"),
            say("Nobody has to sign in here. Where it does not succeed it tries again by itself."),
        )
    return Trouble(
        say("Nobody can sign in here"),
        say("No way to sign in is available. Your administrator can configure one."),
    )


def starting(tenant: str) -> str:
    """Return what to say while a station is put together, of `tenant` where there are several."""
    if tenant:
        return say("The station of {tenant} is starting.", tenant=tenant)
    return say("The station is starting.")


def ended(error: OathdeskError | None) -> str:
    """Return what to say when a sign-in has ended while somebody works."""
    if error is None:
        return say("Your sign-in has ended. What is on the desk stays.")
    return say("{sentence} What is on the desk stays.", sentence=trouble(error).sentence)


def cleared(name: str) -> str:
    """Return what to say when somebody else has signed in to a desk that was in use."""
    return say("{name} signed in, so what somebody else had on the desk was cleared.", name=name)
