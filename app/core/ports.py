"""What the station asks of the outside world. Adapters fulfil it; tests use fakes with state.

Every method of Directory raises core.errors.DirectoryError (or SignInError where renewing the sign-
in fails).
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.core.access_pass import AccessPass, IssuedPass, PassOrder, PassPolicy
from app.core.cloud import Cloud
from app.core.code import VerificationCode
from app.core.errors import Evidence
from app.core.history import ExportForm, HistoryPage, HistoryQuery, KnownOperator
from app.core.model import (
    HeldRole,
    InventoryGlance,
    InventoryPage,
    Method,
    Operator,
    Person,
    Policy,
    Protection,
    SignInRules,
    Token,
)
from app.core.reading import ReaderEvent, ScannerEvent
from app.core.record import Entry, Head, HeadReason, Recordable
from app.core.retention import Erased, EraseOrder
from app.core.seed import SeedToken
from app.core.signin import Account, ScreenArea, SecretStore, SignInMethod
from app.core.tenancy import FoundTenant, Tenancy


class Clock(Protocol):
    """Time as the station sees it; a fake makes it stand still."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` without holding anything up."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """The answer to an assignment: the exchange, and the new method where the body named it."""

    evidence: Evidence
    method: Method | None = None


class Directory(Protocol):
    """Microsoft Graph, as far as a desk needs it."""

    async def operator(self) -> Operator:
        """Return who is signed in (`/me`), with roles where they can be read."""
        ...

    async def find_tokens(
        self, serial_number: str, *, long_work: bool = False
    ) -> tuple[Token, ...]:
        """Return the inventory's tokens with exactly this serial number: none, one, or more.

        `long_work` lets requests of the desk go first. Raises NotOffered where this cloud
        has no inventory of hardware tokens.
        """
        ...

    async def token(self, device_id: str, *, long_work: bool = False) -> Token:
        """Return one token of the inventory; NotFound if the inventory has no such token.

        `long_work` lets requests of the desk go first.
        """
        ...

    async def search_people(self, text: str, limit: int) -> tuple[Person, ...]:
        """Return at most `limit` people whose name, UPN, mail or number begins with `text`."""
        ...

    async def people_by_employee_id(self, number: str) -> tuple[Person, ...]:
        """Return the people with exactly this employee number."""
        ...

    async def people_by_badge(self, number: str) -> tuple[Person, ...]:
        """Return the people with exactly this number in the attribute that badges are filed in."""
        ...

    async def person(self, person_id: str) -> Person:
        """Return one person by object id."""
        ...

    async def photo(self, person_id: str) -> bytes | None:
        """Return the person's photo (JPEG or PNG bytes), or None where none can be had."""
        ...

    async def methods(self, person_id: str) -> tuple[Method, ...]:
        """Return all authentication methods of a person, hardware tokens with their device."""
        ...

    async def hardware_methods(
        self, person_id: str, *, long_work: bool = False
    ) -> tuple[Method, ...]:
        """Return a person's hardware tokens alone: the read-back after a write, in one request.

        `long_work` lets requests of the desk go first.
        """
        ...

    async def roles_of(self, person_id: str) -> tuple[HeldRole, ...] | None:
        """Return the directory roles a person holds, or None where they cannot be read in full."""
        ...

    async def protections_of(self, person_id: str) -> tuple[Protection, ...]:
        """Return what protects a person from administrators, as far as it can be read."""
        ...

    async def passes(self, person_id: str) -> tuple[AccessPass, ...]:
        """Return a person's Temporary Access Passes without their values: none, or one."""
        ...

    async def pass_policy(self) -> PassPolicy:
        """Return the tenant's policy for Temporary Access Passes."""
        ...

    async def issue_pass(self, person_id: str, order: PassOrder) -> IssuedPass:
        """Issue a pass to a person; one that they have ends with it. Never repeated blindly."""
        ...

    async def policy(self) -> Policy:
        """Return the tenant's hardware OATH policy."""
        ...

    async def sign_in_rules(self) -> SignInRules:
        """Return what the tenant's sign-in policies mean for the device code flow."""
        ...

    async def inventory(self) -> InventoryGlance:
        """Return a glance at the inventory, in one request however large it is.

        Raises NotOffered where this cloud has no inventory of hardware tokens.
        """
        ...

    async def inventory_page(
        self, following: str = "", *, long_work: bool = False
    ) -> InventoryPage:
        """Return one page of the inventory: the first one, or the one that `following` names.

        `long_work` lets requests of the desk go first. Raises NotOffered where this cloud
        has no inventory of hardware tokens.
        """
        ...

    async def assign(self, person_id: str, device_id: str) -> Assignment:
        """Assign without activation; return the exchange and, where it was told, the method."""
        ...

    async def assign_and_activate(
        self, person_id: str, device_id: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        """Assign and activate with the token's present code; return the exchange.

        `name` is what the method is called on the person's side; none is sent where it is empty.
        """
        ...

    async def assign_and_activate_by_serial(
        self, person_id: str, serial_number: str, code: VerificationCode, *, name: str = ""
    ) -> Evidence:
        """Do the same for whoever may not read the inventory; return the exchange."""
        ...

    async def activate(
        self,
        person_id: str,
        method_id: str,
        code: VerificationCode,
        *,
        name: str = "",
        long_work: bool = False,
    ) -> Evidence:
        """Activate a token already assigned; return the exchange.

        `name` is as in assign_and_activate. `long_work` lets requests of the desk go first.
        """
        ...

    async def deactivate(self, person_id: str, method_id: str) -> Evidence:
        """Deactivate a token, which its holder keeps; return the exchange."""
        ...

    async def unassign(
        self, person_id: str, method_id: str, *, long_work: bool = False
    ) -> Evidence:
        """Take a token from its holder, back into stock; return the exchange.

        `long_work` lets requests of the desk go first.
        """
        ...

    async def create(self, token: SeedToken, holder_id: str = "") -> Evidence:
        """Bring a token with its seed into the inventory, as somebody's where told; long work.

        Return the exchange. The only call that a seed goes out with.
        """
        ...

    async def delete(self, device_id: str) -> Evidence:
        """Delete a token that nobody has from the inventory; return the exchange."""
        ...


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A sign-in token for the directory. The value is a secret: masked wherever it is printed.

    `expires_at` is None where its source does not tell.
    """

    value: str = field(repr=False)
    scopes: frozenset[str] = frozenset()
    expires_at: datetime | None = None


class TokenSource(Protocol):
    """Where the directory's client gets its sign-in token."""

    async def access_token(self, claims: str | None = None) -> AccessToken:
        """Return a token with life left, renewed silently; `claims` answers a claims challenge.

        Raises SignInError where a person has to sign in again.
        """
        ...


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What the operator does on another device: open `url`, type the one-time `user_code`."""

    url: str
    user_code: str
    expires_at: datetime


class BrowserWindow(Protocol):
    """A confined browser while it is open."""

    async def closed(self) -> None:
        """Wait until it is closed. Raises BrowserNotConfined where it ended by a fault."""
        ...


class ConfinedBrowser(Protocol):
    """A browser that leads to the sign-in and nowhere else."""

    @property
    def redirect_ports(self) -> tuple[int, ...]:
        """Return the loopback ports that a sign-in in it may come back to."""
        ...

    def showing(self, address: str, area: ScreenArea) -> AbstractAsyncContextManager[BrowserWindow]:
        """Show the page at `address` in `area` of the screen for as long as this is entered.

        Raises BrowserNotConfined where it would lead elsewhere too.
        """
        ...


class SignIn(TokenSource, Protocol):
    """Signing an operator in and out. Cancelling the awaiting task cancels the sign-in.

    `hint` is the user name of somebody who has to sign in again; without it the person chooses.
    `fresh` wants the person to prove themselves now, whatever this machine remembers of them. Every
    way to sign in raises SignInError.
    """

    @property
    def methods(self) -> tuple[SignInMethod, ...]:
        """Return the ways to sign in that are configured and available here."""
        ...

    @property
    def application(self) -> str:
        """Return the application's client id where the station itself is signed in, else ""."""
        ...

    @property
    def signed_in_by(self) -> SignInMethod | None:
        """Return the way of the present sign-in; None without one, and for one kept from before."""
        ...

    @property
    def account(self) -> Account | None:
        """Return who signed in, as the sign-in service says; None for nobody and for a station."""
        ...

    async def store(self) -> SecretStore:
        """Look whether the system keeps the sign-in."""
        ...

    async def in_browser(
        self, opened: Callable[[str], None], hint: str = "", *, fresh: bool = False
    ) -> None:
        """Sign in through the system browser; `opened` is told the address, should it be needed."""
        ...

    async def in_confined_browser(
        self,
        opened: Callable[[str], None],
        area: ScreenArea,
        hint: str = "",
        *,
        fresh: bool = False,
    ) -> None:
        """Sign in through a browser that leads nowhere else and fills `area` of the screen."""
        ...

    async def by_device_code(self, prompt: Callable[[DevicePrompt], None]) -> None:
        """Sign in on another device; `prompt` is told what to show."""
        ...

    async def by_broker(self, window: int, hint: str = "", *, fresh: bool = False) -> None:
        """Let the system sign somebody in, in front of the window with this handle."""
        ...

    async def unattended(self) -> None:
        """Sign the station itself in, by its certificate."""
        ...

    async def resume(self) -> bool:
        """Take up the sign-in that the system keeps; False where there is none. Asks nobody."""
        ...

    async def sign_out(self) -> None:
        """Forget the operator and every sign-in token. Raises NotForgotten."""
        ...


class TenantFinder(Protocol):
    """The sign-in service, as far as it answers before anybody signs in."""

    async def find(self, named: str, cloud: Cloud) -> FoundTenant:
        """Return the tenant of this GUID or domain name, asked of the service of `cloud`.

        It may live in another cloud than was asked. Raises SignInError, TenantUnknown among them.
        """
        ...


class TenancyKeeper(Protocol):
    """Files of the user's own. Its methods block for the disk: call them off the event loop."""

    def keep(self, tenancy: Tenancy) -> None:
        """Write `tenancy` as the one tenant of this station. Raises SettingsUnwritable."""
        ...

    def keep_letter(self, text: str) -> str:
        """Write a message to a new file of its own; return its path. Raises SettingsUnwritable."""
        ...


class Ledger(Protocol):
    """The record on disk. Its methods block for a disk flush: call them off the event loop."""

    def append(self, entry: Recordable) -> int:
        """Write `entry` durably; return its sequence number from 1 on. Raises LedgerUnwritable."""
        ...

    def since(self, moment: datetime) -> Sequence[Entry]:
        """Return the entries of every enrollment touched at or after `moment`, in order."""
        ...

    def unsettled(self) -> Sequence[Entry]:
        """Return the entries of every enrollment that has not come to rest, in order."""
        ...

    def page(self, query: HistoryQuery, after: int | None, limit: int) -> HistoryPage:
        """Return at most `limit` enrollments or other events, by the query's scope.

        `after` is the `following` of the page before.
        """
        ...

    def timeline(self, enrollment_id: str) -> Sequence[Entry]:
        """Return the entries of one enrollment, in order; none where it is not known."""
        ...

    def head_of(self, enrollment_id: str) -> Head | None:
        """Return the last entry of one enrollment as a head; None where it is not known."""
        ...

    def log_head(self, reason: HeadReason) -> None:
        """Write the record's head to the system's log, where there is one. Raises nothing."""
        ...

    def operators(self) -> Sequence[KnownOperator]:
        """Return everybody who submitted an enrollment, by name."""
        ...

    def export(
        self, query: HistoryQuery, form: ExportForm, path: str, tell: Callable[[int], None]
    ) -> int:
        """Write the entries of what `query` finds to the new file `path`; return how many.

        `tell` hears now and then how many are written; an exception it raises ends the export and
        leaves no file. Raises ExportFailed where the file cannot be written.
        """
        ...

    def erase(self, order: EraseOrder, tell: Callable[[int], None]) -> Erased:
        """Erase what came to rest long ago, never in the way of an append; return how much.

        `tell` hears now and then how many entries are erased; an exception it raises ends it there.
        Raises LedgerUnwritable; what was erased by then stays so.
        """
        ...


class CardReader(Protocol):
    """The card readers of this machine, all of them, whatever comes and goes."""

    def start(self, told: Callable[[ReaderEvent], None]) -> None:
        """Begin to watch; `told` is called on the watching thread and must return at once."""
        ...

    def stop(self) -> None:
        """End it; `told` is not called again once this returns. May be called twice."""
        ...


class LineScanner(Protocol):
    """The scanners of this machine that send lines of text instead of keystrokes."""

    def start(self, told: Callable[[ScannerEvent], None]) -> None:
        """Begin to listen; `told` is called on the listening thread and must return at once."""
        ...

    def stop(self) -> None:
        """End it; `told` is not called again once this returns. May be called twice."""
        ...
