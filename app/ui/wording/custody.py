"""The words for whose a token is, what a person has, and what stands there twice."""

from app.core.lifecycle import Choice
from app.core.model import MethodKind
from app.core.record import Line
from app.station.desk.notices import HeldToken
from app.ui.wording.desk import finding
from app.ui.wording.errors import Trouble
from app.ui.wording.history import day
from app.ui.wording.say import say

_METHODS: dict[MethodKind, str] = {
    MethodKind.AUTHENTICATOR: "Authenticator app",
    MethodKind.PASSWORDLESS_AUTHENTICATOR: "Authenticator app without password",
    MethodKind.EMAIL: "Email address",
    MethodKind.EXTERNAL: "External method",
    MethodKind.PASSKEY: "Passkey",
    MethodKind.HARDWARE_TOKEN: "Hardware token",
    MethodKind.PASSWORD: "Password",
    MethodKind.PHONE: "Phone",
    MethodKind.PLATFORM_CREDENTIAL: "Platform credential",
    MethodKind.QR_CODE_PIN: "QR code with PIN",
    MethodKind.SOFTWARE_TOKEN: "Software token",
    MethodKind.TEMPORARY_PASS: "Temporary pass",
    MethodKind.WINDOWS_HELLO: "Windows Hello",
    MethodKind.OTHER: "Another method",
}


def method_name(kind: MethodKind) -> str:
    """Return what kind of method it is, as the name of a row."""
    return say(_METHODS[kind])


def whose(serial: str, found: tuple[HeldToken, ...]) -> Trouble:
    """Return whose the token with this serial number is; `serial` is grouped."""
    if not found:
        return Trouble(
            say("This tenant has no token {serial}.", serial=serial),
            say("Compare the number with the token in the hand."),
        )
    if len(found) > 1:
        return Trouble(
            say("This tenant has {count} tokens with this number.", count=len(found)),
            say("Open the person to whom one of them belongs and look at what they have."),
        )
    return _holder(found[0])


def _holder(held: HeldToken) -> Trouble:
    if held.holder is not None:
        return Trouble(say("{name} has this token.", name=held.holder.display_name), "")
    holder = held.token.holder
    if holder is None:
        return Trouble(say("Nobody has this token."), say("It is in stock."))
    return Trouble(
        say("{name} has this token.", name=holder.display_name or holder.id),
        say("Their entry cannot be read, so nothing can be done with it here."),
    )


def last_used(held: HeldToken) -> str:
    """Return when the token was last used, as far as the directory tells."""
    return day(held.token.last_used) or say("Not told")


def handed_out(line: Line | None) -> str:
    """Return when and by whom the token was handed out at this desk."""
    if line is None:
        return say("Not at this desk")
    return say("{day}, {operator}", day=day(line.began), operator=line.operator_name)


def why_not(choice: Choice) -> str:
    """Return what stands in the way of a deed, on one line; nothing where it can be done."""
    if choice.why is None:
        return ""
    said = finding(choice.why)
    return f"{said.sentence} {said.advice}".strip()


def duplicate(serial: str) -> Trouble:
    """Return what to do about a token that stands twice on a person; `serial` is grouped."""
    return Trouble(
        say("Token {serial} is listed twice here.", serial=serial),
        say(
            "One entry is left over from an older upload. Take the token into your hand and clean "
            "up with Ctrl+5; the other entry stays."
        ),
    )
