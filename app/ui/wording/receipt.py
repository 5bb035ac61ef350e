"""What the page of a receipt says; the receipt itself has sentences of its own."""

from app.core.errors import OathdeskError
from app.core.receipt import Handover, Receipt
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.say import say

_ABOUT: dict[Handover, str] = {
    Handover.WORKING: "A working token was handed over.",
    Handover.LATER: "A token was handed over that is not activated yet.",
    Handover.RETURNED: "A token was given back.",
}


def about(receipt: Receipt) -> str:
    """Return in one sentence what the receipt is for."""
    return say(_ABOUT[receipt.handover])


def no_receipt() -> Trouble:
    """Return what to say where there is nothing to make a receipt of."""
    return Trouble(
        say("There is no receipt to make."),
        say("A receipt is made of what was handed over or given back, once the directory agrees."),
    )


def unreadable(error: OathdeskError) -> Trouble:
    """Return what to say where the record could not be read."""
    return trouble(error)


def too_long() -> Trouble:
    """Return what to say where the organisation's words need more than a page."""
    return Trouble(
        say("The receipt does not fit on one page."),
        say("Your administrator can shorten receipt.header or receipt.text in the configuration."),
    )


def kept(path: str) -> Trouble:
    """Return what to say of a file that was written."""
    return Trouble(say("The receipt is saved."), path)


def not_kept(error: OathdeskError) -> Trouble:
    """Return what to say of a file that was not written."""
    return Trouble(
        say("The receipt could not be saved."),
        say("Check the folder for receipts: {reason}", reason=str(error)),
    )


def printed(printer: str) -> Trouble:
    """Return what to say of a page that a printer took."""
    return Trouble(say("The receipt is on its way to the printer."), printer)


def no_printer(wanted: str) -> Trouble:
    """Return what to say where there is no printer, or none called as is `wanted`."""
    if wanted:
        sentence = say("This machine has no printer called {name}.", name=wanted)
    else:
        sentence = say("This machine has no printer.")
    return Trouble(sentence, say("Save the receipt instead and print it elsewhere."))


def not_printed() -> Trouble:
    """Return what to say where a printer did not take the page."""
    return Trouble(
        say("The printer did not take the receipt."),
        say("Check the printer, then print again."),
    )
