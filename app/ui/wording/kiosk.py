"""What a kiosk says: to whoever types on its screen, and to the supervisor who lets it go."""

from collections.abc import Mapping
from typing import Final

from app.station.gate import Answer, Verdict
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_KEYS: Final[Mapping[str, str]] = {
    "Backspace": "Delete backwards",
    "Return": "Enter",
    "Space": "Space",
    "Shift": "Capital letters",
    "More": "More letters",
    "Fewer": "Plain letters",
    "Hide": "Put the keyboard away",
}

_ROWS: Final[Mapping[str, str]] = {
    "readers": "Readers",
    "doctor": "Doctor",
    "session": "Session",
    "history": "History",
    "help": "Help",
    "leave": "Leave full screen",
    "end": "End the program",
    "back": "Back to the kiosk",
}


def key_name(key: str) -> str:
    """Return what a screen reader calls a key on the screen that writes nothing."""
    return say(_KEYS[key])


def keyboard() -> str:
    """Return what the keyboard on the screen is called."""
    return say("Keyboard on the screen")


def supervisor() -> Trouble:
    """Return heading and lead of the sheet that asks for a PIN."""
    return Trouble(say("Supervisor"), say("Type the PIN to leave the kiosk."))


def opened() -> Trouble:
    """Return heading and lead of the sheet once the PIN was right."""
    lead = say("Without anybody here the kiosk comes back by itself.")
    return Trouble(say("Supervisor"), lead)


def pin() -> str:
    """Return the name of the field for the PIN."""
    return say("PIN of the supervisor")


def digits(count: int) -> str:
    """Return how far a PIN is typed, without telling it."""
    return say("Digits typed: {count}", count=count)


def cancel() -> str:
    """Return the name of the button that puts the sheet away."""
    return say("Cancel")


def open_kiosk() -> str:
    """Return the name of the button that tries the PIN."""
    return say("Open")


def choice(name: str) -> str:
    """Return the name of what a supervisor can choose."""
    return say(_ROWS[name])


def at_work() -> str:
    """Return what is said while a supervisor is at work."""
    return say("A supervisor is at work here.")


def verdict(given: Verdict) -> Trouble:
    """Return what to say to a PIN that does not open."""
    seconds = round(given.wait + 0.5)
    match given.answer:
        case Answer.NO_PIN:
            return Trouble(
                say("This kiosk has no PIN, so it cannot be left from here."),
                say("The administrator of the machine can make one: oathdesk kiosk pin."),
            )
        case Answer.NOT_COUNTED:
            return Trouble(
                say("The try cannot be counted, so no PIN is taken."),
                say("Free space on the disk, or let the administrator of the machine end it."),
            )
        case Answer.WRONG if not given.wait:
            return Trouble(say("This is not the PIN."), "")
        case _:
            return Trouble(
                say("Too many PINs were wrong."),
                say("The next one is taken in {seconds} s.", seconds=seconds),
            )
