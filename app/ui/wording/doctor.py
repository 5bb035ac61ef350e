"""What `doctor` says: the name of each check, what its finding means, and what to do about it."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.core.checkup import Check, Finding, Told, Verdict, overall
from app.core.ports import DevicePrompt
from app.ui.wording.doctor_words import FINDINGS
from app.ui.wording.errors import Trouble, evidence_rows, read_trouble
from app.ui.wording.roles import role_words
from app.ui.wording.say import say

_CHECKS: Final[Mapping[Check, str]] = {
    Check.PROGRAM: "Program",
    Check.CONFIGURATION: "Configuration",
    Check.ENVIRONMENT: "Environment",
    Check.RECORD_FOLDER: "Folder of the record",
    Check.RECORD: "Record",
    Check.LOG_FOLDER: "Folder of the log",
    Check.SECRET_STORE: "Key store of the system",
    Check.CERTIFICATE: "Certificate of the station",
    Check.CONFINED_BROWSER: "Confined browser",
    Check.CARD_READERS: "Card readers",
    Check.SERIAL_PORTS: "Serial ports",
    Check.AUTHORITIES: "Trusted authorities",
    Check.PROXY: "Proxy",
    Check.SIGN_IN_NAME: "Sign-in service: name",
    Check.SIGN_IN_CONNECTION: "Sign-in service: connection",
    Check.SIGN_IN_TLS: "Sign-in service: certificate",
    Check.SIGN_IN_ANSWER: "Sign-in service: answer",
    Check.GRAPH_NAME: "Microsoft Graph: name",
    Check.GRAPH_CONNECTION: "Microsoft Graph: connection",
    Check.GRAPH_TLS: "Microsoft Graph: certificate",
    Check.GRAPH_ANSWER: "Microsoft Graph: answer",
    Check.CLOCK: "Clock",
    Check.TENANT: "Tenant",
    Check.METHODS: "Ways to sign in",
    Check.SIGNED_IN: "Sign-in",
    Check.DEVICE_CODE: "Sign-in with a code on another device",
    Check.SCOPE: "Permission",
    Check.ROLE: "Role",
    Check.CLOUD: "Hardware tokens in this cloud",
    Check.POLICY: "Policy for hardware tokens",
    Check.INVENTORY: "Inventory of tokens",
}

_VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.OK: "ok",
    Verdict.WARNING: "warning",
    Verdict.FAILURE: "failure",
    Verdict.NOT_CHECKED: "not checked",
}

_OVERALL: Final[Mapping[Verdict, str]] = {
    Verdict.OK: "Everything that was checked is in order.",
    Verdict.WARNING: "The station can work. Some things deserve a look.",
    Verdict.FAILURE: "Something keeps the station from its work.",
}


def check_name(check: Check, subject: str = "") -> str:
    """Return what is looked at, in a few words."""
    if subject:
        return say("{check} {subject}", check=say(_CHECKS[check]), subject=role_words(subject))
    return say(_CHECKS[check])


def verdict_word(verdict: Verdict) -> str:
    """Return how a check went, in a word."""
    return say(_VERDICTS[verdict])


def overall_words(findings: Iterable[Finding]) -> str:
    """Return what all findings mean together."""
    findings = tuple(findings)
    if all(finding.verdict is Verdict.NOT_CHECKED for finding in findings):
        return say("Nothing could be checked.")
    return say(_OVERALL[overall(findings)])


def progress(known: int, expected: int) -> str:
    """Return how far a run is."""
    return say("Checked {known} of {expected}", known=known, expected=expected)


def counts(findings: Iterable[Finding]) -> str:
    """Return how many checks went how."""
    found = [finding.verdict for finding in findings]
    return say(
        "ok: {ok}, warnings: {warnings}, failures: {failures}, not checked: {skipped}",
        ok=found.count(Verdict.OK),
        warnings=found.count(Verdict.WARNING),
        failures=found.count(Verdict.FAILURE),
        skipped=found.count(Verdict.NOT_CHECKED),
    )


def said(finding: Finding) -> Trouble:
    """Return what `finding` means and what to do; the advice is empty where nothing is."""
    if finding.error is not None:
        return read_trouble(finding.error)
    sentence, advice = FINDINGS[finding.told]
    places = _places(finding)
    return Trouble(say(sentence, **places), say(advice, **places) if advice else "")


def rows_of(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return the raw evidence of `finding` as (label, value) pairs."""
    return (*finding.rows, *evidence_rows(finding.error))


def device_words(prompt: DevicePrompt) -> str:
    """Return what to do on another device in order to sign in."""
    return say(
        "To sign in, open {url} on any device and type the code {code}.",
        url=prompt.url,
        code=prompt.user_code,
    )


def _places(finding: Finding) -> dict[str, object]:
    """Return what fills the places of a sentence: the facts, as they are read."""
    places = dict(finding.facts)
    match finding.told:
        case Told.AFTER:
            check, subject = places["check"], str(places["subject"])
            assert isinstance(check, Check)
            places["name"] = check_name(check, subject)
        case Told.CLOCK_RIGHT | Told.CLOCK_OFF | Told.CLOCK_WRONG:
            places["off"] = _off(float(str(places["offset"])))
        case Told.ROLE_MISSING:
            places["role"] = role_words(str(places["role"]))
        case Told.INVENTORY_READ:
            count = str(places["count"])
            places["shown"] = say("{count} or more", count=count) if places["more"] else count
    return places


def _off(offset: float) -> str:
    """Return a clock's distance: it is slow where the server's is ahead."""
    seconds = round(abs(offset))
    if seconds < _MINUTE * 2:
        text = say("{seconds} s", seconds=seconds)
    else:
        text = say("{minutes} min", minutes=round(seconds / _MINUTE))
    slow = offset > 0
    return say("{distance} slow", distance=text) if slow else say("{distance} fast", distance=text)


_MINUTE: Final = 60
