"""What an operator reads when something goes wrong: a sentence, and what to do about it."""

import re
from dataclasses import dataclass

from app.core.errors import (
    AccountRefused,
    AnswerLost,
    BrowserNotConfined,
    CertificateRefused,
    ClockWrong,
    ConsentDeclined,
    ConsentMissing,
    DeviceCodeBlocked,
    DirectoryError,
    ExportFailed,
    Forbidden,
    KeyUnusable,
    LedgerError,
    LedgerGone,
    LedgerUnreadable,
    LedgerUnwritable,
    NotConfigured,
    NotForgotten,
    NotFound,
    NotOffered,
    NotShown,
    NotUnderstood,
    OathdeskError,
    PolicyRefused,
    PracticeUnavailable,
    ProxyRefused,
    PublicClientOff,
    RegistrationWrong,
    Rejected,
    SecondFactorMissing,
    SeedFaultsUnsaved,
    SeedFileEmpty,
    SeedFileError,
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
    SeedFileWrongKey,
    SeedReaderMissing,
    SettingsError,
    SettingsProblem,
    SettingsUnwritable,
    SignInEnded,
    SignInExpired,
    SignInProxyRefused,
    SignInRefused,
    SignInTimedOut,
    SignInUnreachable,
    SignInUntrusted,
    TenantUnknown,
    Throttled,
    Unavailable,
    Unreachable,
    WrongTenant,
)
from app.core.signin import Unconfined
from app.core.stationkey import StoreKeyUnusable
from app.ui.wording.keys import TROUBLES as OF_KEYS
from app.ui.wording.say import say


@dataclass(frozen=True, slots=True)
class Trouble:
    """A sentence and an advice, as shown."""

    sentence: str
    advice: str


_TROUBLES: dict[type[OathdeskError], tuple[str, str]] = {
    Unreachable: (
        "The directory cannot be reached.",
        "Check the network of this machine, then try again. Nothing was sent.",
    ),
    ProxyRefused: (
        "The network's proxy asks for a password before it lets the station through.",
        "Your administrator can configure the proxy for this station. Nothing was sent.",
    ),
    AnswerLost: (
        "The answer of the directory did not arrive.",
        "The station asks the directory what happened. Please wait.",
    ),
    NotUnderstood: (
        "The answer did not come from the directory.",
        "A proxy or a sign-in page of the network may stand between. Check the network.",
    ),
    Throttled: (
        "The directory asks for a pause.",
        "Too many requests came in a short time. Try again in a minute.",
    ),
    Unavailable: (
        "The directory is not available at the moment.",
        "The service has a fault of its own. Try again in a minute.",
    ),
    SignInExpired: (
        "The sign-in is no longer valid.",
        "Sign in again. What is on the desk stays.",
    ),
    Forbidden: (
        "The directory does not permit this with your sign-in.",
        (
            "Serving a person needs the role Authentication Administrator; an administrator or a "
            "member of a role-assignable group needs Privileged Authentication Administrator; a "
            "person in a restricted management unit needs a role for that unit."
        ),
    ),
    NotFound: (
        "The directory does not find this token or this person any more.",
        "Somebody may have removed it a moment ago. Scan and search again.",
    ),
    NotShown: (
        "Your sign-in may not read what would confirm this.",
        (
            "It sees how many tokens the person has, and not which. Somebody who may read more "
            "(Global Reader, Privileged Authentication Administrator) can look."
        ),
    ),
    NotOffered: (
        "This cloud has no hardware tokens.",
        (
            "Microsoft Graph is documented to manage them in the global cloud alone. Ask your "
            "administrator which cloud is meant."
        ),
    ),
    Rejected: (
        "The directory refused the request.",
        "The details say why in its own words.",
    ),
    SignInRefused: (
        "The tenant refused the sign-in.",
        "The details say why in its own words. Your administrator can help with them.",
    ),
    SignInEnded: (
        "The sign-in has ended.",
        "Sign in again. What is on the desk stays.",
    ),
    WrongTenant: (
        "This account belongs to another tenant.",
        "Sign in with an account of the tenant that this desk serves.",
    ),
    AccountRefused: (
        "The tenant does not let this account in.",
        (
            "It may be locked, disabled, or not given this application. The details tell your "
            "administrator which."
        ),
    ),
    SecondFactorMissing: (
        "The tenant asks for a second factor, and it was not given.",
        "Sign in again and confirm it. Set one up first where the account has none.",
    ),
    SignInTimedOut: (
        "Nobody finished the sign-in in time.",
        (
            "Try again. If the page said that the sign-in is blocked, ask your administrator for "
            "an exclusion, or sign in another way."
        ),
    ),
    PolicyRefused: (
        "A Conditional Access policy of the tenant does not allow this sign-in.",
        (
            "It may ask for another device or another network. The sign-in log of the tenant names "
            "the policy; your administrator can exclude this application."
        ),
    ),
    DeviceCodeBlocked: (
        "A policy of the tenant does not allow signing in with a code on another device.",
        (
            "Sign in with the browser on this machine, or ask your administrator to exclude this "
            "application and this location from the policy."
        ),
    ),
    ConsentMissing: (
        "The tenant has not consented to what this station asks for.",
        "An administrator of the tenant has to consent to the application once.",
    ),
    ConsentDeclined: (
        "The permissions were declined on the sign-in page.",
        (
            "Sign in again and accept them. Where the page asks for an administrator's approval, "
            "an administrator consents once for everybody."
        ),
    ),
    RegistrationWrong: (
        "The tenant does not know this station as it is configured.",
        "Your administrator can compare tenant and client id with the app registration.",
    ),
    PublicClientOff: (
        "The app registration does not allow signing in with a code on another device.",
        (
            "Your administrator can switch on Allow public client flows under Authentication. "
            "Signing in with the browser works without it."
        ),
    ),
    TenantUnknown: (
        "There is no such tenant in this cloud.",
        "Compare the ID or the domain name, and choose the cloud that the tenant lives in.",
    ),
    CertificateRefused: (
        "The tenant does not accept the certificate of this station.",
        "Your administrator can compare it with those of the app registration, and their dates.",
    ),
    ClockWrong: (
        "The clock of this machine is wrong.",
        "Set date and time, then try again. What a wrong clock signs is not accepted.",
    ),
    SignInUnreachable: (
        "The sign-in service cannot be reached.",
        "Check the network of this machine, then try again.",
    ),
    SignInUntrusted: (
        "This machine does not trust the certificate that the sign-in service shows.",
        (
            "Where a proxy of the company opens connections, your administrator names its "
            "certificate in network.ca_file. Otherwise look at date and time of this machine."
        ),
    ),
    SignInProxyRefused: (
        "The network's proxy asks for a password before anybody can sign in.",
        "Your administrator can configure the proxy for this station.",
    ),
    KeyUnusable: (
        "The key of this station cannot be used.",
        "The details say which file, what is wrong with it, and what mends it.",
    ),
    NotForgotten: (
        "The system's key store did not let go of the sign-in.",
        "Unlock the key store, then sign in and out again. Nobody is signed in at this desk.",
    ),
    LedgerGone: (
        "The record of this desk was removed or replaced while the station was running.",
        "Nothing is sent without a record. Put it back where it was, or ask your administrator.",
    ),
    LedgerUnwritable: (
        "The record of this desk cannot be written.",
        (
            "Nothing is sent without a record. The disk may be full, or another program may be "
            "using the file. Check again in a moment."
        ),
    ),
    SettingsError: (
        "The configuration of this station cannot be used.",
        "The details name each place and what may stand there. Your administrator can change it.",
    ),
    NotConfigured: (
        "This station is not configured yet.",
        "The details say which file and which key. To look around first, run the demo.",
    ),
    SettingsUnwritable: (
        "The tenant cannot be written into the configuration.",
        "The file is as it was. The details say what is in the way.",
    ),
    PracticeUnavailable: (
        "The practice tenant does not start.",
        "The details say why. Nothing else is the worse for it.",
    ),
    ExportFailed: (
        "The file for the export cannot be written.",
        "Free space on the disk or ask for another folder. The record itself is unharmed.",
    ),
    SeedFileUnreadable: (
        "The seed file cannot be read.",
        "The details say why. If the file is damaged, ask the vendor for it again.",
    ),
    SeedFileNotRecognised: (
        "This is not a seed file that Oathdesk knows.",
        (
            "Open a CSV, JSON, PSKC or SafeWord file, or an XML file of SafeNet or Deepnet. "
            "Archives, workbooks and PGP messages have to be unpacked first."
        ),
    ),
    SeedFileEmpty: (
        "There is no token in this file.",
        "The details say what was found. Ask the vendor for the file with the secrets.",
    ),
    SeedFileWrongKey: (
        "The key or the password does not open this file.",
        "Type it again. The vendor sends it apart from the file.",
    ),
    SeedFileTooLarge: (
        "This file is larger than a seed file can be.",
        "Check that it is the right file. A very large delivery can be divided into several files.",
    ),
    SeedFileHostile: (
        "This file was made to harm the program that reads it.",
        "It was not read. Ask whoever sent it, and do not open it elsewhere.",
    ),
    SeedReaderMissing: (
        "This file is encrypted, and what decrypts it is not installed.",
        "Ask your administrator to install Oathdesk with the part named import.",
    ),
    SeedFaultsUnsaved: (
        "The list of faults cannot be written.",
        "Free space on the disk or choose another folder.",
    ),
    LedgerUnreadable: (
        "The record of this desk cannot be read.",
        "It is damaged, or a newer version of Oathdesk wrote it. Ask your administrator.",
    ),
    **OF_KEYS,
}

_OF_A_READ: dict[type[OathdeskError], tuple[str, str, str]] = {
    AnswerLost: (
        "The directory did not answer.",
        "A look-up changes nothing.",
        "Try again.",
    ),
    NotUnderstood: (
        "The answer did not come from the directory.",
        "A proxy or a sign-in page of the network may stand between. Check the network.",
        "",
    ),
    Throttled: (
        "Too many requests.",
        "The directory asks for a pause. A look-up changes nothing.",
        "Try again in a minute.",
    ),
    Unavailable: (
        "The directory is not available at the moment.",
        "The service has a fault of its own. A look-up changes nothing.",
        "Try again in a minute.",
    ),
}
"""Errors that mean something else where the request only read: a sentence, what it means, and what
to do where the station does not repeat the read by itself. An operator must not wait for the result
of a change that was never requested.
"""

_BY_NUMBER: dict[int, tuple[str, str]] = {
    530031: (
        "An access policy of the tenant blocks this sign-in.",
        "The sign-in log of the tenant names the policy. Your administrator can change it.",
    ),
    530032: (
        "A security policy of the tenant blocks this sign-in.",
        "The sign-in log of the tenant names the policy. Your administrator can change it.",
    ),
    530033: (
        "The tenant asks for a managed device, and a code on another device cannot show one.",
        (
            "Sign in with the browser on this machine, or ask your administrator to exclude this "
            "application and this location from the policy."
        ),
    ),
    530034: (
        "This account comes from another tenant, which reports a risk for it.",
        "The administrator of its own tenant can clear the risk. Or sign in with another account.",
    ),
    530035: (
        "The security defaults of the tenant block this sign-in.",
        (
            "They block signing in with a code on another device. Sign in with the browser on this "
            "machine, or let the station sign in with a certificate."
        ),
    ),
    530036: (
        "The tenant has ended this sign-in because it began with a code on another device.",
        (
            "Sign in with the browser on this machine, or ask your administrator to exclude this "
            "application and this location from the policy."
        ),
    ),
    530084: (
        "The tenant asks for a sign-in that is bound to this machine (token protection).",
        (
            "On Windows, sign in with Windows. Elsewhere your administrator has to exclude this "
            "application from the policy."
        ),
    ),
    53000: (
        "The tenant asks for a device that is marked as compliant, and this one is not.",
        "Sign in from a managed machine, or ask your administrator to bring this one into order.",
    ),
    53001: (
        "The tenant asks for a device that is joined to its domain, and this one is not.",
        "Sign in from a joined machine, or ask your administrator to join this one.",
    ),
    50097: (
        "The tenant asks the device to identify itself.",
        "Sign in with Windows, or with a browser that knows the account of this machine.",
    ),
    50105: (
        "This account is not assigned to the application.",
        "Your administrator assigns it under Enterprise applications, Users and groups.",
    ),
    50053: (
        "This account is locked for a while after too many wrong sign-ins.",
        "Wait some minutes, then try again. Your administrator can see where they came from.",
    ),
    50055: (
        "The password of this account has expired.",
        "Set a new one in a browser, then sign in again.",
    ),
    50057: (
        "This account is disabled.",
        "Sign in with another account, or ask your administrator to enable it.",
    ),
    50011: (
        "The app registration lacks the address that the browser has to come back to.",
        (
            "Your administrator adds http://localhost under Authentication, Mobile and desktop "
            "applications."
        ),
    ),
    700016: (
        "The tenant does not know this application.",
        "Your administrator can compare the client ID with the app registration.",
    ),
    90002: (
        "The sign-in service does not know this tenant.",
        "Your administrator can compare the tenant ID, and the cloud that the tenant lives in.",
    ),
    90094: (
        "An administrator has to consent before anybody can sign in to this application.",
        "An administrator of the tenant has to consent to the application once.",
    ),
}
"""What Entra's own numbers mean where that is more than the kind of refusal (reference: Microsoft
Entra authentication and authorization error codes; 530031 to 530084: Graph contract, section 13).
"""

_UNCONFINED: dict[Unconfined, tuple[str, str]] = {
    Unconfined.NO_PROGRAM: (
        "The browser for the sign-in is not installed on this machine.",
        "Your administrator can install Debian's package chromium.",
    ),
    Unconfined.OTHER_PROGRAM: (
        "The configured browser does not read the policies that would confine it.",
        "Your administrator can leave signin.browser_program empty, for Debian's own Chromium.",
    ),
    Unconfined.NO_POLICY: (
        "The browser for the sign-in is not confined, so it is not started.",
        "Your administrator writes its policies with `oathdesk kiosk policy --install`.",
    ),
    Unconfined.OPEN_POLICY: (
        "Others than an administrator may change what confines the browser, so it is not started.",
        "Your administrator lets root alone write the file or folder that the details name.",
    ),
    Unconfined.UNREADABLE_POLICY: (
        "A policy of the browser cannot be read, so the browser is not started.",
        "Your administrator mends or removes the file that the details name.",
    ),
    Unconfined.OTHER_POLICY: (
        "The browser's policies do not confine it to the sign-in, so it is not started.",
        (
            "Your administrator writes them with `oathdesk kiosk policy --install`, and removes "
            "what the details name from other files in the folder."
        ),
    ),
    Unconfined.NOT_STARTED: (
        "The browser for the sign-in has ended by itself.",
        "Try again. Where it happens again, the details help your administrator.",
    ),
    Unconfined.NOT_POSSIBLE: (
        "This machine does not let a practice kiosk confine its browser.",
        "Linux needs to permit user namespaces; the details have its own words.",
    ),
    Unconfined.NO_DISPLAY: (
        "There is no display that the browser for the sign-in could be shown on.",
        "Start the program in a graphical session.",
    ),
}

_UNKNOWN = ("Something went wrong that has no name yet.", "The details help your administrator.")
_NUMBER_BEFORE = re.compile(r"^\s*AADSTS\d+:\s*")
_AFTER_THE_WORDS = re.compile(r"\s*(Trace\sID|Correlation\sID|Timestamp):.*", re.DOTALL)
_LONGEST_WORDS = 300


def trouble(error: OathdeskError) -> Trouble:
    """Return what to say of `error`, by the sign-in service's number or else by its type.

    For a request that may have changed something; `read_trouble` is for one that only reads.
    """
    if isinstance(error, SignInRefused):
        number = error.evidence.number
        if number in _BY_NUMBER:
            sentence, advice = _BY_NUMBER[number]
            return Trouble(say(sentence), say(advice))
        if type(error) is SignInRefused:
            return _unknown_refusal(error)
    if isinstance(error, BrowserNotConfined):
        sentence, advice = _UNCONFINED[error.why]
        return Trouble(say(sentence), say(advice))
    return _by_type(error)


def read_trouble(error: OathdeskError, seconds: int | None = None) -> Trouble:
    """Return what to say of `error` where the request that failed only read something.

    `seconds` is the time until the station repeats the read by itself, 0 while it does; None where
    it does not.
    """
    kind = next((kind for kind in type(error).__mro__ if kind in _OF_A_READ), None)
    if kind is None:
        said = trouble(error)
        return said if seconds is None else Trouble(said.sentence, _again(seconds))
    sentence, meaning, otherwise = _OF_A_READ[kind]
    by_hand = say(otherwise) if otherwise else ""
    following = by_hand if seconds is None else _again(seconds)
    return Trouble(say(sentence), f"{say(meaning)} {following}".strip())


def _again(seconds: int) -> str:
    if seconds <= 0:
        return say("Trying again now.")
    return say("Trying again in {seconds} s.", seconds=seconds)


def _unknown_refusal(error: SignInRefused) -> Trouble:
    """Return a refusal without a sentence of its own, with the service's number and its words."""
    number, words = error.evidence.number, _plain(error.evidence.description)
    said = _by_type(error)
    if number:
        said = Trouble(
            say("The tenant refused the sign-in ({number}).", number=f"AADSTS{number}"),
            said.advice,
        )
    return Trouble(said.sentence, say("It says: {words}", words=words)) if words else said


def _plain(description: str) -> str:
    """Return the words of a description: without number, ids and control characters, cut short."""
    words = _AFTER_THE_WORDS.sub("", _NUMBER_BEFORE.sub("", description))
    printable = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    longer = len(printable) > _LONGEST_WORDS
    return printable[: _LONGEST_WORDS - 1].rstrip() + "…" if longer else printable


def _by_type(error: OathdeskError) -> Trouble:
    found = next((_TROUBLES[kind] for kind in type(error).__mro__ if kind in _TROUBLES), _UNKNOWN)
    return Trouble(say(found[0]), say(found[1]))


def evidence_rows(error: OathdeskError | None) -> tuple[tuple[str, str], ...]:
    """Return the raw facts of `error` as (label, value) pairs; empty where it carries none."""
    if isinstance(error, DirectoryError | SignInRefused | SignInUnreachable):
        return error.evidence.rows()
    if isinstance(error, KeyUnusable | BrowserNotConfined):
        return tuple(row for row in _rows_of_place(error) if row[1])
    if isinstance(error, NotForgotten | PracticeUnavailable | SignInTimedOut):
        return ((say("Problem"), str(error)),)
    if isinstance(error, SettingsError):
        return tuple(row for problem in error.problems for row in _problem_rows(problem))
    if isinstance(error, LedgerError | SeedFileError):
        return ((say("Problem"), str(error)),)
    return ()


def _rows_of_place(error: KeyUnusable | BrowserNotConfined) -> tuple[tuple[str, str], ...]:
    kind, mend = say("File"), ""
    if isinstance(error, BrowserNotConfined):
        kind = say("Place")
    else:
        kind = say("Key store") if isinstance(error, StoreKeyUnusable) else kind
        mend = error.mend
    problem = (say("Problem"), error.problem)
    return (kind, error.place), problem, (say("Command that mends it"), mend)


def _problem_rows(problem: SettingsProblem) -> tuple[tuple[str, str], ...]:
    rows = (
        (say("Place"), problem.place),
        (say("Key"), problem.key),
        (say("Hint") if problem.warning else say("Problem"), problem.problem),
        (say("Allowed"), problem.allowed),
    )
    return tuple((label, value) for label, value in rows if value)


def refused_code(error: OathdeskError | None) -> Trouble:
    """Return what to say when a code was refused and, so far, nothing has changed."""
    if isinstance(error, Rejected):
        return Trouble(
            say("The code was not accepted."),
            say(
                "Nothing has changed so far. Wait for the next code on the token, then type it. "
                "The details have the directory's own words."
            ),
        )
    return trouble(error) if error else Trouble(say("Nothing was changed."), "")


def refused() -> Trouble:
    """Return what to say of a refusal whose answer is not known any more."""
    return Trouble(say("The directory refused this."), say("The details have its words."))


def still_asked() -> Trouble:
    """Return what to say while it is not known yet whether a refused request changed anything."""
    return Trouble(
        say("The directory is still asked whether anything was changed."),
        say("A change can show a minute late. You need not wait for it."),
    )
