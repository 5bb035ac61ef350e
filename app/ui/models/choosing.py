"""What the third card offers to choose from: what can be done with a token, why it is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.lifecycle import Deed
from app.core.model import Reason, Token
from app.station.desk.notices import HeldToken, HoldingsNotice, Offer, ReplacingNotice, WhoseNotice
from app.ui.widgets import Option, Tone, group_serial
from app.ui.wording.custody import duplicate, handed_out, last_used, whose, why_not
from app.ui.wording.errors import Trouble, read_trouble
from app.ui.wording.history import day
from app.ui.wording.keyboard import ctrl
from app.ui.wording.lifecycle import (
    deed_name,
    not_the_new_one,
    pending_words,
    replaces_words,
    replacing_words,
    why_replaced,
)
from app.ui.wording.say import say

CLEAN_UP, OPEN_FIRST, TAKE_BACK = "clean_up", "open_first", "take_back"

DEEDS = (Deed.ACTIVATE, Deed.DEACTIVATE, Deed.UNASSIGN, Deed.REPLACE)
"""Handing over is what the desk's own card is for."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """How the card looks: a sentence and an advice, perhaps a warning, and what to choose from."""

    title: str
    said: Trouble
    options: Sequence[Option] = ()
    tone: Tone = Tone.INFO
    warning: Trouble | None = None
    busy: bool = False


def whose_view(notice: WhoseNotice) -> ChoiceView:
    """Return whose a token is, and what can be done with it."""
    title, serial = say("Whose is this"), group_serial(notice.serial_number)
    if notice.error is not None:
        return ChoiceView(title, read_trouble(notice.error), tone=Tone.BAD)
    if notice.busy:
        return ChoiceView(title, Trouble(say("Asking the directory."), ""), busy=True)
    alone = notice.found[0] if len(notice.found) == 1 else None
    options = deeds(alone) if alone is not None else ()
    return ChoiceView(title, whose(serial, notice.found), options)


def story(notice: WhoseNotice) -> list[tuple[str, str]]:
    """Return what is known of a token besides how it stands: its use, and who handed it out."""
    if len(notice.found) != 1:
        return []
    held = notice.found[0]
    since = day(held.method.created if held.method else None)
    facts = [(say("Since"), since)] if since else []
    used, handed = last_used(held), handed_out(held.handed_out)
    return [*facts, (say("Last used"), used), (say("Handed out"), handed)]


def held_view(held: HeldToken | None, notice: HoldingsNotice) -> ChoiceView:
    """Return what can be done with the token of the row in front."""
    title, clean_up = say("What can be done"), _clean_up(notice)
    if held is None:
        said = Trouble("", "")
        if notice.holdings is not None:
            said = Trouble(
                say("Nothing can be done with this here."),
                say("Hardware tokens are what this desk deals with."),
            )
        return ChoiceView(title, said, clean_up, warning=_twice(notice), busy=notice.busy)
    warning, serial = _twice(notice), group_serial(held.token.serial_number)
    said = Trouble("" if warning else say("Token {serial}", serial=serial), "")
    return ChoiceView(title, said, (*deeds(held), *clean_up), warning=warning)


def reasons_view(old: Token) -> ChoiceView:
    """Return the reasons why `old` may be replaced."""
    said = Trouble(why_replaced(group_serial(old.serial_number)), say("The record keeps it."))
    options = [
        Option(reason.value, replaces_words(reason), ctrl(str(at)))
        for at, reason in enumerate(Reason, 1)
    ]
    return ChoiceView(say("Replace a token"), said, options)


def replacing_view(notice: ReplacingNotice) -> ChoiceView:
    """Return what a replacement that is being prepared waits for."""
    old = notice.old.serial_number if notice.old else ""
    name = notice.person.display_name if notice.person else ""
    warning = not_the_new_one(group_serial(notice.wrong)) if notice.wrong else None
    said = replacing_words(group_serial(old), name)
    return ChoiceView(say("Replace a token"), said, warning=warning)


def pending_view(offer: Offer) -> ChoiceView:
    """Return why a second half has to wait, and what can be done about it."""
    opened = [Option(OPEN_FIRST, say("Open the first half"))] if offer.first else []
    taken = Option(TAKE_BACK, say("Take the rest back"))
    options = [
        Option(one.key, one.words, ctrl(str(at))) for at, one in enumerate((*opened, taken), 1)
    ]
    return ChoiceView(say("Replace a token"), pending_words(offer.first), options)


def deeds(held: HeldToken) -> tuple[Option, ...]:
    """Return each deed with its key; what cannot be done says why."""
    judged = {choice.deed: choice for choice in held.choices}
    return tuple(
        Option(deed.value, deed_name(deed), ctrl(str(at)), why_not(judged[deed]))
        for at, deed in enumerate(DEEDS, 1)
        if deed in judged
    )


def _twice(notice: HoldingsNotice) -> Trouble | None:
    twins = notice.duplicates
    return duplicate(group_serial(twins[0].legacy.serial_number)) if twins else None


def _clean_up(notice: HoldingsNotice) -> tuple[Option, ...]:
    if not notice.duplicates:
        return ()
    return (Option(CLEAN_UP, say("Clean up what is listed twice"), ctrl(str(len(DEEDS) + 1))),)
