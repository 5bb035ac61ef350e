"""The words of what is connected: card readers and what lies there, scanners, what is missing."""

from dataclasses import dataclass

from app.core.code import Drift, judge_drift
from app.core.reading import (
    BadgeReading,
    CardReading,
    Family,
    Help,
    Missing,
    NeedsHelp,
    NotAToken,
    PortTrouble,
    Thing,
    TokenReading,
)
from app.station.readers import ReaderLine, ScannerLine
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.tone import Tone
from app.ui.wording.chips import family_words
from app.ui.wording.say import say

LINUX, MACOS, WINDOWS = "linux", "darwin", "win32"
"""The platforms that the advice tells apart, as sys.platform has them; any other is as Linux."""

_SHOWN_OF_BADGE = 4
_STEP = 30
"""Seconds: the time step of nearly every token; a token does not tell its own."""
_SECONDS, _MINUTES, _HOURS = 120, 7_200, 172_800
"""Up to these many seconds a drift is told in seconds, minutes and hours."""


@dataclass(frozen=True, slots=True)
class Told:
    """How one device does: a chip, a sentence, and what to do where something is to be done.

    `icon` stands on the chip instead of the tone's own.
    """

    chip: str
    tone: Tone
    sentence: str
    advice: str = ""
    icon: str | None = None


_THINGS: dict[Thing, tuple[str, str]] = {
    Thing.MOLTO2: (
        "A Token2 Molto2, which holds a hundred tokens in one.",
        "It is not read. Type the serial number of the token.",
    ),
    Thing.SECURITY_KEY: (
        "A security key that tells no serial number.",
        "It cannot be handed over as a token here.",
    ),
    Thing.OATH_APPLET: (
        "A token that tells no serial number.",
        "Scan or type the number that is printed on it.",
    ),
    Thing.RANDOM_UID: (
        "A phone, or a card that shows a new number each time.",
        "It cannot be told who it belongs to.",
    ),
    Thing.UNKNOWN: (
        "A card without a serial number.",
        "If it is a token, scan or type the number that is printed on it.",
    ),
}

_HELP: dict[Help, tuple[str, str]] = {
    Help.ASLEEP: (
        "Something lies there and does not answer.",
        "Most likely a token that is asleep. Press its button, then lay it down again.",
    ),
    Help.NFC_RESTRICTED: (
        "A YubiKey as it left the factory, which does not speak by NFC yet.",
        "Plug it into a USB port once, then lay it down again.",
    ),
    Help.BUSY: (
        "Another program holds the card.",
        "Close that program; the card is read as soon as it lets go.",
    ),
    Help.LIFTED: (
        "It was taken away before it was read.",
        "Leave it for a second, until it is told here.",
    ),
    Help.UNRESPONSIVE: (
        "The card does not answer.",
        "Turn it over, or clean its contacts, and try again.",
    ),
    Help.UNREADABLE: (
        "The card answers, and not as its kind does.",
        "Try again. If it stays so, scan or type the number that is printed on it.",
    ),
}

_MISSING: dict[Missing, str] = {
    Missing.PYSCARD: "The part that talks to card readers is not installed.",
    Missing.LIBRARY: "The library for card readers is not installed.",
    Missing.SERVICE: "The service for card readers does not run.",
}

_LINUX_SETUP = (
    "On Debian: sudo apt install pcscd libpcsclite-dev gcc python3-dev, then "
    "pip install pyscard in the environment of Oathdesk."
)
_LINUX_SERVICE = (
    "On Debian: sudo apt install pcscd, then sudo systemctl start pcscd.socket. "
    "It is found here by itself."
)
_WINDOWS_SERVICE = (
    "Plug a reader in: Windows starts the service with it. If nothing happens, start Smart Card "
    "in the list of services."
)
_OWN_SERVICE = (
    "It belongs to the system. Plug the reader out and in again, then start the machine again."
)
_PIP_PYSCARD = "Run pip install pyscard in the environment of Oathdesk, then start Oathdesk again."

_GET: dict[tuple[Missing, str], str] = {
    (Missing.PYSCARD, LINUX): _LINUX_SETUP,
    (Missing.PYSCARD, WINDOWS): _PIP_PYSCARD,
    (Missing.PYSCARD, MACOS): _PIP_PYSCARD,
    (Missing.LIBRARY, LINUX): "On Debian: sudo apt install libpcsclite1 pcscd. "
    "Then start Oathdesk again.",
    (Missing.LIBRARY, WINDOWS): _OWN_SERVICE,
    (Missing.LIBRARY, MACOS): _OWN_SERVICE,
    (Missing.SERVICE, LINUX): _LINUX_SERVICE,
    (Missing.SERVICE, WINDOWS): _WINDOWS_SERVICE,
    (Missing.SERVICE, MACOS): _OWN_SERVICE,
}

_PORT_TROUBLES: dict[PortTrouble, str] = {
    PortTrouble.PYSERIAL: "The part that listens to serial ports is not installed.",
    PortTrouble.FORBIDDEN: "This user has no right to open the port.",
    PortTrouble.BUSY: "Another program has opened the port.",
    PortTrouble.FAILING: "The port cannot be opened.",
}

_PORT_ADVICE: dict[PortTrouble, str] = {
    PortTrouble.PYSERIAL: "Run pip install pyserial in the environment of Oathdesk, then start "
    "Oathdesk again. A scanner that types needs none of it.",
    PortTrouble.BUSY: "Close that program, a terminal or the maker's own tool; the scanner is "
    "found here by itself.",
    PortTrouble.FAILING: "Unplug the scanner and plug it in again. If it stays so, set it to type "
    "like a keyboard.",
}

_FORBIDDEN: dict[str, str] = {
    LINUX: "On Debian: sudo adduser, the name of this user, dialout. Then sign out of the system "
    "and in again.",
    MACOS: "Ask whoever looks after this machine for the right to open the port.",
    WINDOWS: "Ask whoever looks after this machine for the right to open the port.",
}


def reader_told(line: ReaderLine) -> Told:
    """Return how a card reader does, and what lies there."""
    if line.card is not None:
        return card_told(line.card)
    if line.busy:
        return Told(say("Being read"), Tone.INFO, say("A card is there and is being asked."))
    invitation = say("Lay a token on it.") if line.pad else say("Plug a token in.")
    return Told(say("Empty"), Tone.NEUTRAL, invitation)


def card_told(card: CardReading) -> Told:
    """Return what a card is. Of a badge's number only the last characters are shown."""
    match card:
        case TokenReading():
            return _token_told(card)
        case BadgeReading(number=number):
            tail = number[-_SHOWN_OF_BADGE:]
            words = say("A badge, whose number ends in {tail}.", tail=tail)
            return Told(say("Badge"), Tone.INFO, words, icon="badge")
        case NotAToken(what=what):
            return Told(say("No token"), Tone.CAUTION, *map(say, _THINGS[what]))
        case NeedsHelp(why=why):
            return Told(say("Not read"), Tone.CAUTION, *map(say, _HELP[why]))


def _token_told(token: TokenReading) -> Told:
    name, serial = product(token), group_serial(token.serial)
    if token.drift is None:
        words = say("{name}, serial number {serial}.", name=name, serial=serial)
        return Told(say("Token"), Tone.GOOD, words)
    words = say(
        "{name}, serial number {serial}, clock {drift}.",
        name=name,
        serial=serial,
        drift=drift_words(token.drift),
    )
    judged = judge_drift(token.drift, _STEP)
    if judged is Drift.FINE:
        return Told(say("Token"), Tone.GOOD, words)
    if judged is Drift.REPLACE:
        return Told(say("Clock lost"), Tone.BAD, words, say("Take another token."))
    advice = say("Activating it with a code corrects that.")
    return Told(say("Clock off"), Tone.CAUTION, words, advice)


def product(token: TokenReading) -> str:
    """Return maker and model, or the family where the model is not known."""
    if not token.model:
        return family_words(token.family)
    if token.family in (Family.TOKEN2_OTP, Family.TOKEN2_FIDO):
        return token.model if "Token2" in token.model else f"Token2 {token.model}"
    return token.model


def drift_words(seconds: float) -> str:
    """Return a drift in whole seconds, minutes, hours or days, with its sign."""
    size = abs(seconds)
    if size <= _SECONDS:
        return say("{drift:+.0f} s", drift=seconds)
    if size <= _MINUTES:
        return say("{drift:+.0f} min", drift=seconds / 60)
    if size <= _HOURS:
        return say("{drift:+.0f} h", drift=seconds / 3_600)
    return say("{drift:+,.0f} days", drift=seconds / 86_400)


def missing_told(missing: Missing, platform: str) -> Told:
    """Return why no card reader can be used, and how to get there on `platform`."""
    here = platform if platform in (MACOS, WINDOWS) else LINUX
    return Told(say("Missing"), Tone.CAUTION, say(_MISSING[missing]), say(_GET[missing, here]))


def no_reader_told(*, looked_for: bool) -> Told:
    """Return what to say where no card reader is connected, or none is looked for."""
    if not looked_for:
        words = say("Card readers are switched off in the configuration.")
        return Told(say("Off"), Tone.NEUTRAL, words)
    return Told(
        say("None"),
        Tone.NEUTRAL,
        say("No card reader is connected."),
        say("Plug one in by USB: an NFC pad, or a slot for chip cards. It is found by itself."),
    )


def scanner_told(line: ScannerLine, platform: str) -> Told:
    """Return how a scanner in serial-port mode does."""
    if line.trouble is None:
        words = say("Listened to on {port}.", port=line.port)
        return Told(say("Ready"), Tone.GOOD, words)
    advice = _PORT_ADVICE.get(line.trouble) or _FORBIDDEN.get(platform, _FORBIDDEN[LINUX])
    chip = say("Missing") if line.trouble is PortTrouble.PYSERIAL else say("Not open")
    return Told(chip, Tone.CAUTION, say(_PORT_TROUBLES[line.trouble]), say(advice))


def scanner_name(line: ScannerLine) -> str:
    """Return what to call a scanner in serial-port mode."""
    return line.name or line.port or serial_scanners()


def serial_scanners() -> str:
    """Return the name of scanners on a serial port, where none has one of its own."""
    return say("Scanners on a serial port")


def no_scanner_told(*, looked_for: bool) -> Told:
    """Return what to say where no scanner in serial-port mode is connected."""
    if not looked_for:
        words = say("They are not looked for, by configuration.")
        return Told(say("Off"), Tone.NEUTRAL, words)
    return Told(
        say("None"),
        Tone.NEUTRAL,
        say("No scanner is in serial-port mode."),
        say("Most scanners type like a keyboard and need no such mode."),
    )


def keyboard_told(*, heard: bool) -> Told:
    """Return whether a scanner that types like a keyboard was heard."""
    if heard:
        return Told(say("Heard"), Tone.GOOD, say("A scanner was heard since the start."))
    return Told(
        say("Not heard yet"),
        Tone.NEUTRAL,
        say("Such a scanner cannot be seen, only heard."),
        say("Scan the code at the side to try it."),
    )
