"""The words for chip cards: what one is, what it needs, and what its clock says.

Chips of cards that are read; the chips of the page that show a state are widgets.
"""

from app.core.code import Drift, judge_drift
from app.core.reading import (
    CardReading,
    Family,
    Help,
    NeedsHelp,
    NotAToken,
    Thing,
    TokenReading,
)
from app.ui.wording.errors import Trouble
from app.ui.wording.say import say

_THINGS: dict[Thing, tuple[str, str]] = {
    Thing.MOLTO2: (
        "That is a Token2 Molto2, one device with a hundred tokens.",
        "It has no serial number for one of them. Scan or type the number of the token.",
    ),
    Thing.SECURITY_KEY: (
        "That is a security key, and it tells no serial number.",
        "If it is a token of this tenant, scan or type the number printed on it.",
    ),
    Thing.OATH_APPLET: (
        "That card makes codes, but tells no serial number.",
        "Scan or type the number printed on it.",
    ),
    Thing.RANDOM_UID: (
        "That is a phone or a card that shows another number each time.",
        "Lay a token on the reader, or scan or type its serial number.",
    ),
    Thing.UNKNOWN: (
        "That card is not a token.",
        "Lay a token on the reader, or scan or type its serial number.",
    ),
}

_HELPS: dict[Help, tuple[str, str]] = {
    Help.ASLEEP: (
        "Something lies on the reader and does not answer.",
        "If it is a token with a display, press its button, then lay it down again.",
    ),
    Help.NFC_RESTRICTED: (
        "This YubiKey is new and keeps its NFC closed.",
        "Plug it into USB once, then lay it down again.",
    ),
    Help.BUSY: (
        "Another program is using this card.",
        "It is read as soon as that program lets go. Close it if this takes long.",
    ),
    Help.LIFTED: (
        "The card was taken away before it was read.",
        "Leave it on the reader until it is heard.",
    ),
    Help.UNRESPONSIVE: (
        "The card does not answer.",
        "Take it away and put it back, or scan or type the serial number.",
    ),
    Help.UNREADABLE: (
        "The card answers in a way that is not understood.",
        "Scan or type the serial number printed on it.",
    ),
}

_FAMILIES: dict[Family, str] = {
    Family.TOKEN2_OTP: "Token2 programmable token",
    Family.TOKEN2_FIDO: "Token2 security key",
}
"""What has no name of its own is described; the others go by their names in every language."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Up to twice a unit the smaller one is said: 90 s tells more than 1 min.
_UNITS = (
    (2 * _MINUTE, 1, "{sign}{count} s"),
    (2 * _HOUR, _MINUTE, "{sign}{count} min"),
    (2 * _DAY, _HOUR, "{sign}{count} h"),
    (float("inf"), _DAY, "{sign}{count} days"),
)


def puzzle(reading: NotAToken | NeedsHelp) -> Trouble:
    """Return what to say of a card that gives no serial number."""
    found = _THINGS[reading.what] if isinstance(reading, NotAToken) else _HELPS[reading.why]
    return Trouble(say(found[0]), say(found[1]))


def offset(seconds: float) -> str:
    """Return how far a clock is off, with its sign, such as "+2 s"."""
    size, unit, words = next(
        (abs(seconds), unit, words) for limit, unit, words in _UNITS if abs(seconds) < limit
    )
    count = round(size / unit)
    sign = "±" if not count else "−" if seconds < 0 else "+"
    return say(words, sign=sign, count=count)


def clock_words(drift: float) -> str:
    """Return the chip that tells a token's clock."""
    return say("Clock {offset}", offset=offset(drift))


def clock_meaning(drift: float, interval: int) -> str:
    """Return what a clock that is off means for a token with this time step, in seconds."""
    match judge_drift(drift, interval):
        case Drift.FINE:
            return say("The clock of the token is right.")
        case Drift.SIGN_IN_MAY_FAIL:
            return say("The clock is off. Activating corrects it; without that, sign-in may fail.")
        case Drift.REPLACE:
            return say("The clock is off by more than the directory accepts. Take another token.")


def own_model(reading: CardReading | None) -> str:
    """Return what a token says it is, or nothing where it has not said."""
    if not isinstance(reading, TokenReading):
        return ""
    if not reading.model:
        return family_words(reading.family)
    maker = reading.family.value.split(" ", 1)[0]
    return reading.model if maker in reading.model else f"{maker} {reading.model}"


def family_words(family: Family) -> str:
    """Return what to call a token of which nothing but its family is known."""
    return say(_FAMILIES[family]) if family in _FAMILIES else family.value
