"""What is said of Temporary Access Passes."""

from collections.abc import Mapping
from datetime import datetime

from app.clock import local
from app.core.access_pass import AccessPass, OrderFault, PassPolicy, PassReason
from app.core.errors import Forbidden, NotFound, OathdeskError, Rejected
from app.core.model import Operation, Person
from app.core.record import Line, PassFacts
from app.core.rights import Feature
from app.core.states import State
from app.station.passes import PassNotice, PassStage
from app.ui.widgets.serial_label import group_serial
from app.ui.widgets.text import displayable
from app.ui.widgets.tone import Tone
from app.ui.wording.errors import Trouble, trouble
from app.ui.wording.rights import cannot, refused
from app.ui.wording.say import say

_HOUR, _DAY = 60, 1_440


def token_words(line: Line) -> str:
    """Return what stands in the column for the token; a pass has none and is named instead."""
    if line.operation is Operation.ISSUE_PASS:
        return say("Access pass")
    return group_serial(line.serial_number)


def pass_state(state: State, facts: PassFacts) -> str:
    """Return the state of a pass where it has words of its own, else nothing.

    One that was accepted (`facts.shown` is known) and is not there any more was issued all the
    same.
    """
    if state is State.UNSETTLED:
        return say("Pass may have been issued")
    if state is State.NOT_DONE:
        return say("No pass issued") if facts.shown is None else say("Pass no longer there")
    return ""


def lifetime_words(minutes: int) -> str:
    """Return a lifetime in the largest unit that it is a whole number of."""
    if minutes % _DAY == 0:
        days = minutes // _DAY
        return say("1 day") if days == 1 else say("{count} days", count=days)
    if minutes % _HOUR == 0:
        hours = minutes // _HOUR
        return say("1 hour") if hours == 1 else say("{count} hours", count=hours)
    return say("1 minute") if minutes == 1 else say("{count} minutes", count=minutes)


def use_words(once: bool) -> str:
    """Return how often a pass can be used."""
    return say("Once") if once else say("Several times")


def pass_rows(facts: PassFacts) -> tuple[tuple[str, str], ...]:
    """Return what the record knows of a pass as (label, value) pairs; unknown values are empty."""
    shown = {True: say("Yes"), False: say("No, its value is lost"), None: ""}
    return (
        (say("Valid for"), "" if facts.minutes is None else lifetime_words(facts.minutes)),
        (say("Can be used"), "" if facts.once is None else use_words(facts.once)),
        (say("Pass shown"), shown[facts.shown]),
    )


# The sheet --------------------------------------------------------------------------------------


def pass_lead() -> str:
    """Return what a pass is, for whoever issues one."""
    return say(
        "With a pass a person signs in without a second factor, to register a method of their "
        "own. Make sure of who is standing there."
    )


def pass_next() -> str:
    """Return what the person does with the pass."""
    return say(
        "Let the person read it and keep it to themselves. They sign in with it at "
        "aka.ms/mysecurityinfo or at a self-service station."
    )


def issue_words(notice: PassNotice) -> str:
    """Return what the button does."""
    if notice.stage in {PassStage.ASKING, PassStage.SENDING}:
        ends = notice.existing is not None
        return say("&End it and issue a new one") if ends else say("&Issue the pass")
    failed = notice.stage is PassStage.FAILED
    return say("&Try again") if failed else say("&Issue another pass")


def pass_use(issued: AccessPass) -> str:
    """Return until when a pass is valid and how often it can be used, as far as it was told."""
    until = _moment(issued.ends) if issued.ends is not None else ""
    if issued.once is None or not until:
        return say("Valid until {time}", time=until) if until else ""
    if issued.once:
        return say("Valid until {time}, can be used once", time=until)
    return say("Valid until {time}, can be used several times", time=until)


_TOLD: Mapping[PassStage, tuple[Tone, str, str]] = {
    PassStage.READING: (Tone.INFO, "Reading the policy and what the person has.", ""),
    PassStage.SENDING: (Tone.INFO, "Asking the directory for the pass.", ""),
    PassStage.CHECKING: (
        Tone.INFO,
        "The value of the pass did not arrive.",
        "The directory is asked whether a pass was issued. Nothing is sent again.",
    ),
    PassStage.CONFIRMED: (
        Tone.CAUTION,
        "A pass was issued, and its value is lost.",
        "It cannot be read again. Issue another pass, which ends this one.",
    ),
}
"""What is said of a stage where the value was not shown, and nothing else decides."""


def pass_message(notice: PassNotice) -> tuple[Tone, Trouble] | None:
    """Return what to say of how far the issuing is, and in which tone; None for nothing."""
    name = notice.person.display_name if notice.person else ""
    match notice.stage:
        case PassStage.CLOSED:
            return None
        case PassStage.ASKING:
            return _asked(notice, name)
        case PassStage.SHOWN | PassStage.CONFIRMED if notice.shown:
            return _shown(notice, name)
        case PassStage.UNCERTAIN:
            return Tone.CAUTION, _uncertain(shown=notice.shown)
        case PassStage.FAILED:
            return Tone.BAD, _failed(notice)
    tone, sentence, advice = _TOLD[notice.stage]
    return tone, Trouble(say(sentence), say(advice) if advice else "")


def _asked(notice: PassNotice, name: str) -> tuple[Tone, Trouble] | None:
    if notice.fault is not None:
        return Tone.BAD, _fault(notice.fault, notice.policy or PassPolicy())
    if notice.existing is not None:
        return Tone.CAUTION, _existing(notice.existing, name)
    if notice.lack is not None:
        return Tone.CAUTION, cannot(notice.lack)
    if notice.policy is None:
        return Tone.INFO, Trouble(
            say("The tenant's policy for passes cannot be read with your role."),
            say("The directory decides what it allows."),
        )
    return None


def _existing(existing: AccessPass, name: str) -> Trouble:
    ends = existing.ends
    if ends is None:
        sentence = say("{name} has a pass that may still be valid.", name=name)
    else:
        time = _moment(ends)
        sentence = say("{name} has a pass that is valid until {time}.", name=name, time=time)
    return Trouble(sentence, say("A new pass ends it. Its value cannot be shown again."))


def _fault(fault: OrderFault, policy: PassPolicy) -> Trouble:
    if fault is OrderFault.POLICY_OFF:
        return Trouble(
            say("Temporary Access Passes are switched off in this tenant."),
            say(
                "An Authentication Policy Administrator switches them on, under Authentication "
                "methods, Policies."
            ),
        )
    if fault is OrderFault.REUSABLE:
        return Trouble(
            say("The policy allows only passes that can be used once."), say("Choose “Once”.")
        )
    shortest, longest = map(lifetime_words, policy.bounds)
    return Trouble(
        say("The policy does not allow this lifetime."),
        say("Choose from {shortest} to {longest}.", shortest=shortest, longest=longest),
    )


def _shown(notice: PassNotice, name: str) -> tuple[Tone, Trouble]:
    issued = notice.issued
    if issued is not None and issued.reason is PassReason.DISABLED_BY_POLICY:
        return Tone.CAUTION, Trouble(
            say("The policy does not let {name} sign in with a pass.", name=name),
            say("An Authentication Policy Administrator adds the person to the policy for passes."),
        )
    if notice.stage is PassStage.SHOWN:
        return Tone.INFO, Trouble(say("Issued. The directory is asked to confirm it."), "")
    return Tone.GOOD, Trouble(
        say("The directory lists the pass."), say("It is shown once. Hide it when it was read.")
    )


def _uncertain(*, shown: bool) -> Trouble:
    again = say("The station looks again by itself and tells it in the list of today.")
    if shown:
        return Trouble(say("The directory does not list the pass yet. It may work already."), again)
    return Trouble(say("A pass may have been issued."), again)


def _failed(notice: PassNotice) -> Trouble:
    if notice.error is None:
        return cannot(notice.lack) if notice.lack is not None else Trouble("", "")
    return _error(notice.error, notice.person)


def _error(error: OathdeskError, person: Person | None) -> Trouble:
    if isinstance(error, Forbidden):
        return refused(error, (), Feature.ISSUE_PASS)
    if isinstance(error, NotFound):
        name = person.display_name if person else ""
        return Trouble(say("The directory does not know {name} any more.", name=name), "")
    if isinstance(error, Rejected):
        told = displayable(error.evidence.message)
        advice = say(
            "The policy for passes may be off or not cover this person, or the account may come "
            "from another organization."
        )
        return Trouble(
            say("The directory refused the pass: {message}", message=told)
            if told
            else say("The directory refused the pass."),
            advice,
        )
    return trouble(error)


def _moment(moment: datetime) -> str:
    """Return the desk's local day and time."""
    return say("{moment:%Y-%m-%d %H:%M}", moment=local(moment))
