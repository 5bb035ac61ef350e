"""One tree of errors, so that every layer above an adapter speaks of faults in the same words.

    OathdeskError
    ├── DirectoryError            the directory, or the way to it; carries Evidence
    │   ├── Unreachable           no connection: nothing was sent
    │   │   └── ProxyRefused      a proxy on the way asks for a password (407)
    │   ├── AnswerLost            sent, but no whole answer came back: it may have been acted upon
    │   ├── NotUnderstood         an answer came, and it is not one the directory gives
    │   ├── Throttled             429: refused before it was looked at
    │   ├── Unavailable           500, 502, 503, 504
    │   ├── SignInExpired         401: a fresh sign-in token is needed, perhaps with claims
    │   ├── Forbidden             403: a scope or a role is missing
    │   ├── NotFound              404
    │   ├── NotShown              what would tell it is hidden from this sign-in
    │   ├── NotOffered            this cloud knows no hardware tokens at all
    │   └── Rejected              any other 4xx: the request itself was refused
    ├── SignInError
    │   ├── SignInCancelled       the operator closed or cancelled it
    │   ├── SignInTimedOut        not finished in time
    │   ├── SignInRefused         the tenant said no; carries its own code and words
    │   │   ├── SignInEnded       it was good once: a person has to sign in again
    │   │   ├── WrongTenant       the account belongs to another tenant
    │   │   ├── AccountRefused    locked, disabled, expired, or not assigned to the application
    │   │   ├── SecondFactorMissing   multifactor authentication was refused or is not set up
    │   │   ├── PolicyRefused     conditional access or security defaults do not let it in
    │   │   │   └── DeviceCodeBlocked   they do not let a device code in
    │   │   ├── ConsentMissing    nobody has consented to what the station asks for
    │   │   │   └── ConsentDeclined     the person declined the permissions on the page
    │   │   ├── RegistrationWrong the tenant or the application is not what was configured
    │   │   │   ├── TenantUnknown the sign-in service knows no tenant of this ID or name
    │   │   │   └── PublicClientOff     the application does not allow public client flows
    │   │   ├── CertificateRefused    the application's certificate is not the registered one
    │   │   └── ClockWrong        what this machine signed is too old or from the future
    │   ├── SignInUnreachable     the sign-in service could not be reached
    │   │   ├── SignInUntrusted   what answers shows a certificate that is not trusted
    │   │   └── SignInProxyRefused    a proxy on the way asks for a password (407)
    │   ├── BrowserNotConfined    the browser of a kiosk would lead elsewhere than to the sign-in
    │   ├── KeyUnusable           the key of an unattended station cannot be used; core.stationkey
    │   │                         tells apart why
    │   └── NotForgotten          the system's store would not let go of a sign-in
    ├── LedgerError
    │   ├── LedgerUnwritable      the disk is full, read-only or failing
    │   │   └── LedgerGone        the file was removed or replaced while it was open
    │   ├── LedgerUnreadable      the file is damaged, or of a newer version
    │   └── ExportFailed          the file for other programs cannot be written
    ├── SeedFileError             a file of seeds that cannot be read as a whole
    │   ├── SeedFileUnreadable    it is gone, may not be read, is cut short, or is not well-formed
    │   ├── SeedFileNotRecognised it is no seed file, or of a kind that is not supported
    │   ├── SeedFileEmpty         it is read, and holds no token
    │   ├── SeedFileWrongKey      the key or the password does not open it
    │   ├── SeedFileTooLarge      it, or a part of it, is beyond any seed file's size
    │   ├── SeedFileHostile       it is made to harm whoever reads it
    │   ├── SeedReaderMissing     what decrypts such a file is not installed
    │   ├── SeedReadingStopped    the operator stopped it
    │   └── SeedFaultsUnsaved     the file with the faults cannot be written
    ├── SettingsError             the configuration: unreadable, or values not allowed
    │   ├── NotConfigured         nobody has named a tenant yet
    │   └── SettingsUnwritable    a file of the user's cannot be written
    ├── PracticeUnavailable       the practice tenant does not start
    └── IllegalEvent              a programming error: an event that its state does not admit

An error carries facts. The sentence an operator reads is chosen from its type by the user
interface.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.signin import Unconfined


@dataclass(frozen=True, slots=True)
class Evidence:
    """The raw facts of one exchange with the directory, for the person who supports the operator.

    `path` has no query, since a query may hold a person's name. `message` is the server's own text,
    unchanged.
    """

    method: str = ""
    path: str = ""
    status: int | None = None
    code: str = ""
    message: str = ""
    request_id: str = ""
    client_request_id: str = ""
    server_date: str = ""
    at: datetime | None = None

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return what is known as (label, value) pairs, in the order a supporter asks for them."""
        rows = (
            ("Request", f"{self.method} {self.path}".strip()),
            ("HTTP status", "" if self.status is None else str(self.status)),
            ("Graph code", self.code),
            ("Message", self.message),
            ("request-id", self.request_id),
            ("client-request-id", self.client_request_id),
            ("Server date", self.server_date),
            ("Time (UTC)", self.at.isoformat(timespec="milliseconds") if self.at else ""),
        )
        return tuple((label, value) for label, value in rows if value)


class OathdeskError(Exception):
    """The root: whatever the station can explain."""


class DirectoryError(OathdeskError):
    """Something between the station and the directory did not go as asked."""

    def __init__(self, evidence: Evidence) -> None:
        """Keep `evidence`; the text of the exception is for logs and holds no query and no body."""
        super().__init__(
            f"{evidence.method} {evidence.path} -> {evidence.status} {evidence.code}".strip()
        )
        self.evidence = evidence


class Unreachable(DirectoryError):
    """No connection was made, so nothing was sent."""


class ProxyRefused(Unreachable):
    """407: a proxy on the way wants a name and a password, or does not take those it was given."""


class AnswerLost(DirectoryError):
    """The request went out and no whole answer came back: the directory may have acted."""


class NotUnderstood(DirectoryError):
    """An answer came that the directory does not give: HTML, broken JSON, missing members."""


class Throttled(DirectoryError):
    """429: refused before it was looked at.

    `retry_after` is the wait in seconds that the directory asked for, or None where it named none.
    """

    def __init__(self, evidence: Evidence, retry_after: float | None = None) -> None:
        """Keep the wait beside the evidence."""
        super().__init__(evidence)
        self.retry_after = retry_after


class Unavailable(DirectoryError):
    """5xx: the service failed. After 503 nothing was done; after 500, 502 and 504 nobody knows.

    `retry_after` is the wait in seconds that the directory asked for, or None where it named none.
    """

    def __init__(self, evidence: Evidence, retry_after: float | None = None) -> None:
        """Keep the wait beside the evidence."""
        super().__init__(evidence)
        self.retry_after = retry_after


class SignInExpired(DirectoryError):
    """401: a fresh sign-in token is needed. `claims` is the decoded claims challenge, or None."""

    def __init__(self, evidence: Evidence, claims: str | None = None) -> None:
        """Keep the challenge beside the evidence."""
        super().__init__(evidence)
        self.claims = claims


class Forbidden(DirectoryError):
    """403: the operator's sign-in lacks a scope or a role for this target."""


class NotFound(DirectoryError):
    """404: the person, token or method is not there (or not yet visible)."""


class NotShown(DirectoryError):
    """The directory answered, and what would confirm the request is hidden from this sign-in.

    An Authentication Administrator may have a restricted read of methods (Graph contract, section
    13).
    """


class NotOffered(DirectoryError):
    """The cloud has no management of hardware tokens: even a bare read of the inventory misses it.

    Graph documents it for the global cloud alone (contract, section 10).
    """


class Rejected(DirectoryError):
    """Any other 4xx: the directory looked at the request and said no."""


class SignInError(OathdeskError):
    """Signing in did not succeed."""


class SignInCancelled(SignInError):
    """The operator cancelled, or closed the sign-in page."""


class SignInTimedOut(SignInError):
    """The sign-in was not finished in time; the text says what was waited for.

    Behind a device code this may be a tenant that blocks it: the page on the other device then
    shows the refusal, while the sign-in service goes on answering authorization_pending here.
    """


@dataclass(frozen=True, slots=True)
class SignInEvidence:
    """What the sign-in service said: `error` (such as invalid_grant), its words, its ids.

    `number` is Microsoft Entra's own, the digits of "AADSTS53003"; 0 where it gave none.
    """

    error: str = ""
    description: str = ""
    correlation_id: str = ""
    at: datetime | None = field(default=None)
    number: int = 0

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return what is known as (label, value) pairs."""
        told = not self.number or str(self.number) in self.description
        rows = (
            ("Error", self.error),
            ("Error code", "" if told else f"AADSTS{self.number}"),
            ("Description", self.description),
            ("correlation-id", self.correlation_id),
            ("Time (UTC)", self.at.isoformat(timespec="milliseconds") if self.at else ""),
        )
        return tuple((label, value) for label, value in rows if value)


class SignInRefused(SignInError):
    """The tenant refused: wrong tenant, no consent, MFA or conditional access not satisfied."""

    def __init__(self, evidence: SignInEvidence) -> None:
        """Keep what the service said."""
        super().__init__(evidence.error)
        self.evidence = evidence


class SignInEnded(SignInRefused):
    """A sign-in that was good cannot be renewed: revoked, too old, or challenged."""


class WrongTenant(SignInRefused):
    """The account that signed in is none of this tenant's."""


class AccountRefused(SignInRefused):
    """The account itself: locked, disabled, its password expired, or not given the application."""


class SecondFactorMissing(SignInRefused):
    """Multifactor authentication was refused, failed, or is not set up for the account."""


class PolicyRefused(SignInRefused):
    """Conditional access or security defaults: not from this device, this place, at this risk."""


class DeviceCodeBlocked(PolicyRefused):
    """A policy of the tenant blocks the device code flow.

    Security defaults do, new tenants do since July 2026, and so does a Conditional Access policy
    that Microsoft manages in many others (Graph contract, section 13).
    """


class ConsentMissing(SignInRefused):
    """The application was not given the permissions that the station asks for."""


class ConsentDeclined(ConsentMissing):
    """The person did not accept the permissions on the sign-in page (AADSTS65004)."""


class RegistrationWrong(SignInRefused):
    """The configured tenant or application does not exist, or is registered another way."""


class TenantUnknown(RegistrationWrong):
    """There is no tenant of this ID or domain name in the cloud that was asked."""


class PublicClientOff(RegistrationWrong):
    """The app registration does not allow public client flows (AADSTS7000218)."""


class CertificateRefused(SignInRefused):
    """The tenant does not know the certificate of an unattended station, or holds it expired."""


class ClockWrong(SignInRefused):
    """What this machine signed is outside its time: its clock is minutes off."""


class SignInUnreachable(SignInError):
    """The sign-in service could not be reached or did not answer as one."""

    def __init__(self, reason: str = "") -> None:
        """Keep `reason`, the network's own words."""
        super().__init__(reason)
        self.evidence = SignInEvidence(description=reason)


class SignInUntrusted(SignInUnreachable):
    """What answers there shows a certificate that this machine does not trust."""


class SignInProxyRefused(SignInUnreachable):
    """407: a proxy on the way wants a name and a password, or does not take those it was given."""


class KeyUnusable(SignInError):
    """The key of an unattended station: `place` is file or store, `problem` what is wrong with it.

    `mend` is the command that mends it, where one does; it is shown as it is.
    """

    def __init__(self, place: str, problem: str, mend: str = "") -> None:
        """Keep where and what."""
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem
        self.mend = mend


class BrowserNotConfined(SignInError):
    """The browser for the sign-in was not started, since it would not be confined.

    `place` is the file or folder it is about, `problem` the evidence in words.
    """

    def __init__(self, why: Unconfined, place: str, problem: str = "") -> None:
        """Keep why, where and what."""
        super().__init__(f"{place}: {problem}" if problem else place)
        self.why = why
        self.place = place
        self.problem = problem


class NotForgotten(SignInError):
    """After a sign-out the system's store still holds the sign-in: `reason` says why."""

    def __init__(self, reason: str) -> None:
        """Keep the store's own words."""
        super().__init__(reason)
        self.reason = reason


class LedgerError(OathdeskError):
    """The record on disk."""


class LedgerUnwritable(LedgerError):
    """Nothing can be recorded: the disk is full, read-only or failing. Nothing may be submitted."""


class LedgerGone(LedgerUnwritable):
    """The record's file was removed, renamed or replaced while the station had it open.

    What was written would be in a file that has no name any more.
    """


class LedgerUnreadable(LedgerError):
    """The file is damaged or was written by a newer version."""


class ExportFailed(LedgerError):
    """The file that the record was to be written out to cannot be made; the record is unharmed."""


class SeedFileError(OathdeskError):
    """A seed file as a whole, not one row of it. Nothing of it was taken.

    `problem` says what is wrong and never quotes the file; `line` is where, counted from 1, or None
    where that is not known.
    """

    def __init__(self, problem: str, line: int | None = None) -> None:
        """Keep what and where."""
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.problem = problem
        self.line = line


class SeedFileUnreadable(SeedFileError):
    """It is not there (any more), may not be read, is cut short, or is not well-formed."""


class SeedFileNotRecognised(SeedFileError):
    """It is no seed file, or one of a kind that is not supported."""


class SeedFileEmpty(SeedFileError):
    """It is a seed file of a known kind, and no token is in it."""


class SeedFileWrongKey(SeedFileError):
    """The key or the password does not open it."""


class SeedFileTooLarge(SeedFileError):
    """It has more bytes or rows, or a longer row, than any seed file."""


class SeedFileHostile(SeedFileError):
    """It asks for what no vendor's file asks for: entities, endless nesting, years of computing."""


class SeedReaderMissing(SeedFileError):
    """It is encrypted, and what decrypts such files is not installed."""


class SeedReadingStopped(SeedFileError):
    """The operator stopped the reading."""


class SeedFaultsUnsaved(SeedFileError):
    """The file that the faults were to be written to cannot be made."""


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """One thing that is wrong with the configuration, for whoever wrote it.

    `place` is where it stands: file and line, variable, option. `problem` says what was found and
    `allowed` what may stand there; neither holds the value of a key that may be a secret. A
    `warning` does not keep the station from its work.
    """

    place: str
    problem: str
    key: str = ""
    allowed: str = ""
    warning: bool = False

    def __str__(self) -> str:
        where = f"{self.place}: {self.key}" if self.key else self.place
        return f"{where}: {self.problem}" + (f"; allowed: {self.allowed}" if self.allowed else "")


class SettingsError(OathdeskError):
    """The configuration cannot be used; `problems` are all that were found, in their order."""

    def __init__(self, *problems: SettingsProblem) -> None:
        """Keep the problems."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class NotConfigured(SettingsError):
    """Nothing is wrong, but there is no tenant that the station could serve."""


class SettingsUnwritable(SettingsError):
    """A tenant, or a message, cannot be written; every file is as it was."""


class PracticeUnavailable(OathdeskError):
    """The practice tenant does not start; the text says why, in the system's own words."""


class IllegalEvent(OathdeskError):
    """An event that its state does not admit; the enrollment is unchanged."""
