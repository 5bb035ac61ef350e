"""The session page's words: who is signed in, what they may do, and how this station stands."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.clock import local
from app.core.cloud import Cloud
from app.core.model import Operator
from app.core.rights import ROLE_NAMES, Feature, served_by
from app.core.signin import SecretStore, SignInMethod, StoreState
from app.core.skew import judge_offset
from app.station.session_facts import SessionFacts
from app.station.timekeeper import ClockNotice
from app.ui.wording.rights import clock_words
from app.ui.wording.roles import role_words
from app.ui.wording.say import say

Rows = tuple[tuple[str, str], ...]

_CLOUDS: Mapping[Cloud, str] = {
    Cloud.GLOBAL: "Global",
    Cloud.US_GOV_L4: "US Government L4 (GCC High)",
    Cloud.US_GOV_L5: "US Government L5 (DoD)",
    Cloud.CHINA: "China, operated by 21Vianet",
}

_WAYS: Mapping[SignInMethod | None, str] = {
    SignInMethod.BROWSER: "{time}, in the browser",
    SignInMethod.CONFINED: "{time}, in the browser of this kiosk",
    SignInMethod.DEVICE: "{time}, on another device",
    SignInMethod.BROKER: "{time}, with a Windows account",
    SignInMethod.CERTIFICATE: "{time}, by the station's own certificate",
    None: "{time}, with the sign-in that this system had kept",
}

_STORES: Mapping[StoreState, str] = {
    StoreState.NOT_WANTED: "In memory alone. It is gone when the program ends.",
    StoreState.KEEPS: "Encrypted in {name}, until somebody signs out.",
    StoreState.ABSENT: "In memory alone, since this system has no store for secrets.",
    StoreState.LOCKED: "In memory alone, since {name} is locked.",
    StoreState.FAILED: "In memory alone, since {name} does not work: {reason}.",
}

_FOR: Mapping[Feature, str] = {
    Feature.SIGN_IN: "sign in and say who you are",
    Feature.FIND_PEOPLE: "search for people",
    Feature.EMPLOYEE_DATA: "find people by the number on their badge",
    Feature.SEE_TOKENS: "see the tokens that people have",
    Feature.SEE_METHODS: "see the sign-in methods that people have",
    Feature.ASSIGN: "assign and activate tokens",
    Feature.READ_INVENTORY: "find tokens by their serial number",
    Feature.READ_POLICY: "read the tenant's policy for tokens",
    Feature.READ_ROLES: "see which roles people hold",
    Feature.READ_GROUPS: "see who is in a role-assignable group",
    Feature.WRITE_INVENTORY: "bring tokens into the tenant",
    Feature.ISSUE_PASS: "issue Temporary Access Passes",
}

_MINUTE, _HOUR = 60, 3600
_SOON = 120
"""Seconds from which on a countdown is told in seconds."""


def who_rows(facts: SessionFacts) -> Rows:
    """Return who is signed in, where, since when and how."""
    operator = facts.operator
    if operator is None:
        return ((say("Signed in"), say("Nobody")),)
    rows = [*_name_rows(operator), (say("Tenant"), facts.tenant or say("Without a name"))]
    if facts.cloud is not Cloud.GLOBAL:
        rows.append((say("Cloud"), cloud_name(facts.cloud)))
    rows.append((say("Desk"), facts.desk))
    if facts.since is not None:
        rows.append((say("Signed in"), say(_WAYS[facts.by], time=_moment(facts.since))))
    return tuple(rows)


def _name_rows(operator: Operator) -> list[tuple[str, str]]:
    if operator.application:
        return [
            (say("Name"), say("This station, unattended")),
            (say("Application"), operator.id),
        ]
    return [
        (say("Name"), operator.display_name),
        (say("Signs in as"), operator.user_principal_name),
    ]


def token_row(facts: SessionFacts, passed: float) -> tuple[str, str]:
    """Return how long the sign-in token is good for, `passed` seconds after `facts`."""
    label = say("Sign-in token")
    if facts.operator is None or facts.expires_at is None or facts.at is None:
        return label, say("It is not known when it runs out.")
    left = (facts.expires_at - facts.at).total_seconds() - passed
    if left <= 0:
        return label, say("It has run out. It is renewed when it is needed next.")
    return label, say("Good for {time}, then renewed by itself.", time=span(left))


def station_rows(facts: SessionFacts) -> Rows:
    """Return how this station stands: its store, its lock, its clock and its way to the tenant."""
    return (
        (say("Kept"), store_words(facts.store)),
        (say("Locks"), _lock_words(facts)),
        (say("Signs out"), _sign_out_words(facts)),
        (say("Clock"), _clock(facts.clock_offset)),
        (say("Last answer"), _latency(facts.latency)),
    )


def store_words(store: SecretStore) -> str:
    """Return where the sign-in is kept, and why not elsewhere."""
    name = store.name or say("the system's store")
    return say(_STORES[store.state], name=name, reason=store.reason or say("no reason given"))


def scope_rows(facts: SessionFacts) -> Rows:
    """Return each permission that was granted and what it is for."""
    return tuple((scope, purpose(scope)) for scope in sorted(facts.scopes, key=_rank))


def no_scopes() -> str:
    """Return what to say where the sign-in does not tell what was granted."""
    return say("The sign-in does not tell which permissions were granted.")


def roles_words(facts: SessionFacts) -> str:
    """Return the roles by name, or why there are none to name."""
    if facts.operator is not None and facts.operator.application:
        return say("A station has no roles. Its permissions decide.")
    if facts.roles is None:
        return say("They could not be read. The directory decides with each request.")
    if not facts.roles:
        return say("None that matters here. A role limited to a unit is not among them.")
    return ", ".join(sorted(role_words(ROLE_NAMES[role]) for role in facts.roles))


def read_words(facts: SessionFacts) -> str:
    """Return when permissions and roles were read."""
    if facts.rights_read_at is None:
        return ""
    return say("Read at {time}", time=_moment(facts.rights_read_at))


def nothing_missing() -> str:
    """Return what to say where nothing is known to be missing."""
    return say("Nothing is known to be missing.")


def span(seconds: float) -> str:
    """Return a length of time in words, in the largest unit that says enough."""
    whole = max(round(seconds), 0)
    if whole < _SOON:
        return say("1 second") if whole == 1 else say("{count} seconds", count=whole)
    if whole < _SOON * _MINUTE:
        return say("{count} minutes", count=whole // _MINUTE)
    hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
    return say("{hours} h {minutes} min", hours=hours, minutes=minutes)


def as_text(sections: tuple[tuple[str, Rows], ...]) -> str:
    """Return the page as plain text: each section's title, and its rows below."""
    blocks = []
    for title, rows in sections:
        lines = [f"{label}: {value}" if label else value for label, value in rows]
        blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)


def cloud_name(cloud: Cloud) -> str:
    """Return what a cloud is called."""
    return say(_CLOUDS[cloud])


def purpose(scope: str, features: Iterable[Feature] = Feature) -> str:
    """Return what a permission is for, of `features`."""
    return purposes(served_by(scope, features))


def purposes(served: Iterable[Feature]) -> str:
    """Return what something is for that serves these features."""
    words = ", ".join(say(_FOR[feature]) for feature in served)
    if not words:
        return say("Not used here.")
    return say("To {what}.", what=words)


def _rank(scope: str) -> tuple[int, str]:
    """In the order of a shift; what serves nothing comes last."""
    served = served_by(scope, Feature)
    return (list(Feature).index(served[0]) if served else len(Feature), scope)


def _lock_words(facts: SessionFacts) -> str:
    if facts.operator is not None and facts.operator.application:
        limits = [limit for limit in (facts.lock_after, facts.sign_out_after) if limit > 0]
        if not limits:
            return say("Never. Ctrl+L clears the desk.")
        return say(
            "Never; its desk is cleared {time} after the last sign of life.", time=span(min(limits))
        )
    if facts.lock_after <= 0:
        return say("With Ctrl+L, never by itself.")
    return say("{time} after the last sign of life, or with Ctrl+L.", time=span(facts.lock_after))


def _sign_out_words(facts: SessionFacts) -> str:
    unattended = facts.operator is not None and facts.operator.application
    if facts.sign_out_after <= 0 or unattended:
        return say("Never by itself.")
    return say("{time} after the last sign of life.", time=span(facts.sign_out_after))


def _clock(offset: float | None) -> str:
    if offset is None:
        return say("The directory has not told the time often enough to say.")
    said = clock_words(ClockNotice(offset, judge_offset(offset)))
    return f"{said.sentence} {said.advice}".strip() or say("It is right.")


def _latency(latency: float | None) -> str:
    if latency is None:
        return say("The directory has not answered yet.")
    return say("After {ms} ms", ms=round(latency))


def _moment(moment: datetime) -> str:
    return local(moment).strftime("%H:%M:%S")
