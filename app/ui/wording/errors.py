"""What an operator reads when something goes wrong: a sentence, and what to do about it."""

from dataclasses import dataclass

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    ExportFailed,
    Forbidden,
    LedgerError,
    LedgerUnreadable,
    LedgerUnwritable,
    NotFound,
    NotUnderstood,
    OathdeskError,
    Rejected,
    SeedFaultsUnsaved,
    SeedFileError,
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
    SeedFileWrongKey,
    SeedReaderMissing,
    SettingsError,
    SignInExpired,
    SignInRefused,
    SignInUnreachable,
    Throttled,
    Unavailable,
    Unreachable,
)
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
    Rejected: (
        "The directory refused the request.",
        "The details say why in its own words.",
    ),
    SignInRefused: (
        "The tenant refused the sign-in.",
        "The details say why in its own words. Your administrator can help with them.",
    ),
    SignInUnreachable: (
        "The sign-in service cannot be reached.",
        "Check the network of this machine, then try again.",
    ),
    LedgerUnwritable: (
        "The record of this desk cannot be written.",
        "Nothing is sent without a record. Free space on the disk, then try again.",
    ),
    SettingsError: (
        "This station is not configured yet.",
        "The details say which file and which key. To look around first, run the demo.",
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
    if isinstance(error, SettingsError):
        return ((say("File and key"), error.place), (say("Problem"), error.problem))
    if isinstance(error, LedgerError | SeedFileError):
        return ((say("Problem"), str(error)),)
    return ()


def refused_code(error: OathdeskError | None) -> Trouble:
    """Return what to say when an activation was refused and nothing was changed."""
    if isinstance(error, Rejected):
        return Trouble(
            say("The directory did not accept the code."),
            say("Wait for the next code on the token, then type it. The details have its words."),
        )
    return trouble(error) if error else Trouble(say("Nothing was changed."), "")
