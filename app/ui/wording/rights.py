"""What an operator reads of their own rights and of this machine's clock."""

from collections.abc import Iterable, Mapping

from app.core.errors import Forbidden, OathdeskError
from app.core.rights import NEEDS, ROLE_NAMES, Feature, Standing, Verdict, asked_for
from app.core.skew import ClockState
from app.station.rights import RightsNotice
from app.station.timekeeper import ClockNotice
from app.ui.wording.errors import Trouble, read_trouble
from app.ui.wording.roles import role_words
from app.ui.wording.say import say

_CANNOT: Mapping[Feature, str] = {
    Feature.SIGN_IN: "Your sign-in cannot read your own account.",
    Feature.FIND_PEOPLE: "Your sign-in cannot search for people.",
    Feature.EMPLOYEE_DATA: "Your sign-in cannot look people up by their number.",
    Feature.SEE_TOKENS: "You may not see their tokens.",
    Feature.SEE_METHODS: "Your sign-in cannot see the sign-in methods of other people.",
    Feature.ASSIGN: "Your sign-in cannot hand over tokens.",
    Feature.READ_INVENTORY: "Your sign-in cannot read tokens.",
    Feature.READ_POLICY: "Your sign-in cannot read the tenant's policy for tokens.",
    Feature.READ_ROLES: "Your sign-in cannot read who holds which role.",
    Feature.READ_GROUPS: "Your sign-in cannot read who is in which group.",
    Feature.WRITE_INVENTORY: "Your sign-in cannot bring tokens into the tenant.",
    Feature.ISSUE_PASS: "Your sign-in cannot issue a Temporary Access Pass.",
}


def cannot(lack: Standing) -> Trouble:
    """Return what to say of what is missing: what does not work, what it needs, who grants it."""
    sentence = say(_CANNOT[lack.feature])
    if lack.verdict is Verdict.SCOPE_MISSING:
        advice = say(
            "The permission {name} is missing. A Privileged Role Administrator consents to it for "
            "this app; then sign in again.",
            name=lack.lacks,
        )
    else:
        advice = say(
            "The role {name} is missing or not active. Activate it or ask a Privileged Role "
            "Administrator for it, then press F5.",
            name=role_words(lack.lacks),
        )
    return Trouble(sentence, advice)


def refused(
    error: OathdeskError,
    lacks: tuple[Standing, ...],
    feature: Feature,
    *others: Feature,
    seconds: int | None = None,
) -> Trouble:
    """Return what to say of `error` where a read for `feature`, or for one of `others`, failed.

    `seconds` is the time until the station repeats the read, as in `read_trouble`. Of what the
    directory forbids, what the operator is known to lack is named; where nothing is known to be
    lacking, what `feature` needs.
    """
    if not isinstance(error, Forbidden):
        return read_trouble(error, seconds)
    concerned = (feature, *others)
    lack = next((one for one in lacks if one.feature in concerned), None)
    return cannot(lack) if lack is not None else _needs(feature)


def _needs(feature: Feature) -> Trouble:
    scope, roles = asked_for(feature), NEEDS[feature].roles
    if roles:
        advice = say(
            "It needs the permission {scope} and one of these roles, active: {roles}. Ask a "
            "Privileged Role Administrator, then press F5.",
            scope=scope,
            roles=_listed(ROLE_NAMES[role] for role in roles),
        )
    else:
        advice = say(
            "It needs the permission {scope}. A Privileged Role Administrator consents to it for "
            "this app; then sign in again.",
            scope=scope,
        )
    return Trouble(say(_CANNOT[feature]), advice)


def rights_changed(notice: RightsNotice) -> Trouble:
    """Return what to say when the operator's rights are not what they were."""
    gained, lost = _listed(notice.gained), _listed(notice.lost)
    if notice.error is not None:
        return Trouble(
            say("Your sign-in cannot be renewed."),
            say("Sign in again. If that is refused, what the tenant permits this app has changed."),
        )
    if not notice.lost:
        sentence = say("You now have {gained}.", gained=gained)
        return Trouble(sentence, say("It counts from now on; work on."))
    advice = say("Activate it again or ask your administrator, then press F5.")
    if notice.gained:
        sentence = say("You now have {gained}, but no longer {lost}.", gained=gained, lost=lost)
        return Trouble(sentence, advice)
    return Trouble(say("You no longer have {lost}.", lost=lost), advice)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(role_words, names))


def clock_words(notice: ClockNotice) -> Trouble:
    """Return what to say of a clock that is off; nothing of one that is right."""
    if notice.state is ClockState.FINE:
        return Trouble("", "")
    if notice.state is ClockState.OFF:
        return Trouble(
            _by_seconds(notice.offset),
            say("Codes are judged by the directory's time. Set the clock when you can."),
        )
    return Trouble(
        _by_minutes(notice.offset),
        say(
            "Signing in may fail, and the record shows wrong times. Set the clock of this machine."
        ),
    )


def clock_pill(notice: ClockNotice) -> str:
    """Return the same in the few letters that the top bar has room for."""
    seconds = round(abs(notice.offset))
    if notice.offset > 0:
        return say("Clock {seconds} s slow", seconds=seconds)
    return say("Clock {seconds} s fast", seconds=seconds)


def _by_seconds(offset: float) -> str:
    seconds = round(abs(offset))
    if offset > 0:
        return say("This machine's clock is {seconds} seconds slow.", seconds=seconds)
    return say("This machine's clock is {seconds} seconds fast.", seconds=seconds)


def _by_minutes(offset: float) -> str:
    minutes = round(abs(offset) / 60)
    if offset > 0:
        return say("This machine's clock is {minutes} minutes slow.", minutes=minutes)
    return say("This machine's clock is {minutes} minutes fast.", minutes=minutes)
