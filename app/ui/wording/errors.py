"""What an operator reads when something goes wrong: a sentence, and what to do about it."""

from dataclasses import dataclass

from app.core.errors import (
    AccountRefused,
    AnswerLost,
    CertificateRefused,
    ClockWrong,
    ConsentMissing,
    DirectoryError,
    ExportFailed,
    Forbidden,
    KeyUnusable,
    LedgerError,
    LedgerUnreadable,
    LedgerUnwritable,
    NotConfigured,
    NotForgotten,
    NotFound,
    NotOffered,
    NotUnderstood,
    OathdeskError,
    PolicyRefused,
    PracticeUnavailable,
    ProxyRefused,
    RegistrationWrong,
    Rejected,
    SecondFactorMissing,
    SeedFaultsUnsaved,
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
    SignInUnreachable,
    SignInUntrusted,
    TenantUnknown,
    Throttled,
    Unavailable,
    Unreachable,
    WrongTenant,
)
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
            "Serving a person needs the role Authentication Administrator; serving an "
            "administrator needs Privileged Authentication Administrator."
        ),
    ),
    NotFound: (
        "The directory does not find this token or this person any more.",
        "Somebody may have removed it a moment ago. Scan and search again.",
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
    PolicyRefused: (
        "A conditional access policy of the tenant does not allow this sign-in.",
        "It may ask for another device or another network. The details name it.",
    ),
    ConsentMissing: (
        "The tenant has not consented to what this station asks for.",
        "An administrator of the tenant has to consent to the application once.",
    ),
    RegistrationWrong: (
        "The tenant does not know this station as it is configured.",
        "Your administrator can compare tenant and client id with the app registration.",
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
    LedgerUnwritable: (
        "The record of this desk cannot be written.",
        "Nothing is sent without a record. Free space on the disk, then try again.",
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
            "Open a CSV file, a PSKC file, or an XML file of SafeNet or Deepnet. Archives, "
            "workbooks and PGP messages have to be unpacked first."
        ),
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

_UNKNOWN = ("Something went wrong that has no name yet.", "The details help your administrator.")


def trouble(error: OathdeskError) -> Trouble:
    """Return what to say of `error`, by its type."""
    found = next((_TROUBLES[kind] for kind in type(error).__mro__ if kind in _TROUBLES), _UNKNOWN)
    return Trouble(say(found[0]), say(found[1]))


def evidence_rows(error: OathdeskError | None) -> tuple[tuple[str, str], ...]:
    """Return the raw facts of `error` as (label, value) pairs; empty where it carries none."""
    if isinstance(error, DirectoryError | SignInRefused | SignInUnreachable):
        return error.evidence.rows()
    if isinstance(error, KeyUnusable):
        kind = say("Key store") if isinstance(error, StoreKeyUnusable) else say("File")
        rows = ((kind, error.place), (say("Problem"), error.problem))
        return (*rows, (say("Command that mends it"), error.mend)) if error.mend else rows
    if isinstance(error, NotForgotten | PracticeUnavailable):
        return ((say("Problem"), str(error)),)
    if isinstance(error, SettingsError):
        return tuple(row for problem in error.problems for row in _problem_rows(problem))
    if isinstance(error, LedgerError | SeedFileError):
        return ((say("Problem"), str(error)),)
    return ()


def _problem_rows(problem: SettingsProblem) -> tuple[tuple[str, str], ...]:
    rows = (
        (say("Place"), problem.place),
        (say("Key"), problem.key),
        (say("Hint") if problem.warning else say("Problem"), problem.problem),
        (say("Allowed"), problem.allowed),
    )
    return tuple((label, value) for label, value in rows if value)


def refused_code(error: OathdeskError | None) -> Trouble:
    """Return what to say when an activation was refused and nothing was changed."""
    if isinstance(error, Rejected):
        return Trouble(
            say("The directory did not accept the code."),
            say("Wait for the next code on the token, then type it. The details have its words."),
        )
    return trouble(error) if error else Trouble(say("Nothing was changed."), "")
