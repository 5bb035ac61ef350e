"""What `doctor` looks at, and what it may find: facts alone, for the wording to make sentences of.

A check that rests on another one which failed is not carried out: one cause gives one failure, and
whatever hangs on it says which it waits for. Nothing here holds a secret or a person's name.
"""

import enum
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.core.errors import OathdeskError

Rows = tuple[tuple[str, str], ...]
"""Raw evidence as (label, value) pairs, in the order a supporter asks for it."""


class Check(enum.Enum):
    """What is looked at, in the order of the report; the value is the key for other programs."""

    PROGRAM = "program"
    CONFIGURATION = "configuration"
    ENVIRONMENT = "environment"
    RECORD_FOLDER = "record_folder"
    RECORD = "record"
    LOG_FOLDER = "log_folder"
    SECRET_STORE = "secret_store"
    CERTIFICATE = "certificate"
    CONFINED_BROWSER = "confined_browser"
    CARD_READERS = "card_readers"
    SERIAL_PORTS = "serial_ports"
    AUTHORITIES = "authorities"
    PROXY = "proxy"
    SIGN_IN_NAME = "sign_in_name"
    SIGN_IN_CONNECTION = "sign_in_connection"
    SIGN_IN_TLS = "sign_in_tls"
    SIGN_IN_ANSWER = "sign_in_answer"
    GRAPH_NAME = "graph_name"
    GRAPH_CONNECTION = "graph_connection"
    GRAPH_TLS = "graph_tls"
    GRAPH_ANSWER = "graph_answer"
    CLOCK = "clock"
    TENANT = "tenant"
    METHODS = "methods"
    SIGNED_IN = "signed_in"
    DEVICE_CODE = "device_code"
    SCOPE = "scope"
    ROLE = "role"
    CLOUD = "cloud"
    POLICY = "policy"
    INVENTORY = "inventory"


class Verdict(enum.Enum):
    """How a check went. A warning lets the station work; a failure keeps it from some of it."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_CHECKED = "not_checked"


class Told(enum.Enum):
    """What was found; the value is the key for other programs.

    FAULT stands for the error that the finding carries, and for the words which that error has.
    """

    FAULT = "fault"
    # Not checked
    AFTER = "depends_on_another"
    NOBODY = "nobody_signed_in"
    NOT_WANTED = "not_wanted"
    BY_PROXY = "left_to_the_proxy"
    NO_TENANT = "no_tenant_configured"
    FOR_PEOPLE = "for_people_only"
    # Any check
    TOO_SLOW = "took_too_long"
    # This machine
    VERSIONS = "versions"
    SOUND = "configuration_sound"
    HINTS = "configuration_hints"
    ENVIRONMENT_CLEAR = "environment_clear"
    ENVIRONMENT_IGNORED = "environment_ignored"
    FOLDER_WRITABLE = "folder_writable"
    FOLDER_FULL = "folder_nearly_full"
    FOLDER_UNWRITABLE = "folder_unwritable"
    RECORD_WHOLE = "record_whole"
    RECORD_ALONE = "record_whole_without_anchor"
    RECORD_NONE = "record_not_begun"
    RECORD_CHANGED = "record_changed"
    RECORD_LISTED_OTHERWISE = "record_list_changed"
    RECORD_UNFOLLOWED = "record_head_unfollowed"
    RECORD_LONG = "record_not_verified_in_time"
    STORE_KEEPS = "store_keeps"
    STORE_ABSENT = "store_absent"
    STORE_LOCKED = "store_locked"
    STORE_FAILED = "store_failed"
    KEY_GOOD = "certificate_good"
    KEY_SIGNS = "key_store_signs"
    KEY_ENDS_SOON = "certificate_ends_soon"
    BROWSER_CONFINED = "browser_confined"
    BROWSER_ON_LINUX = "browser_on_linux_only"
    READERS_FOUND = "readers_found"
    READERS_NONE = "readers_none"
    READERS_PACKAGE = "readers_package_missing"
    READERS_LIBRARY = "readers_library_missing"
    READERS_SERVICE = "readers_service_missing"
    PORTS_FOUND = "ports_found"
    PORTS_NONE = "ports_none"
    PORTS_FORBIDDEN = "ports_forbidden"
    PORTS_PACKAGE = "ports_package_missing"
    # The way to the cloud
    AUTHORITIES_OF_SYSTEM = "authorities_of_system"
    AUTHORITIES_BUILT_IN = "authorities_built_in"
    PROXY_NONE = "proxy_none"
    PROXY_CONFIGURED = "proxy_configured"
    PROXY_OF_SYSTEM = "proxy_of_system"
    PROXY_PASSWORD = "proxy_wants_password"
    PROXY_REFUSES = "proxy_refuses"
    PROXY_AWAY = "proxy_unreachable"
    PROXY_UNUSABLE = "proxy_unusable"
    NAME_KNOWN = "name_known"
    NAME_UNKNOWN = "name_unknown"
    CONNECTED = "connected"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_SILENT = "connection_silent"
    CONNECTION_FAILED = "connection_failed"
    TRUSTED = "certificate_trusted"
    UNKNOWN_AUTHORITY = "certificate_of_unknown_authority"
    CERTIFICATE_TIME = "certificate_out_of_its_time"
    CERTIFICATE_NAME = "certificate_for_another_name"
    CERTIFICATE_REFUSED = "certificate_refused"
    AUTHORITIES_UNREADABLE = "authorities_unreadable"
    TLS_FAILED = "tls_failed"
    ANSWERED = "answered"
    ANSWERED_PAGE = "answered_with_a_page"
    ANSWERED_FAULT = "service_has_a_fault"
    ANSWER_FAILED = "no_answer"
    CLOCK_RIGHT = "clock_right"
    CLOCK_OFF = "clock_off"
    CLOCK_WRONG = "clock_wrong"
    CLOCK_UNKNOWN = "clock_unknown"
    # Sign-in and rights
    TENANT_EXISTS = "tenant_exists"
    METHODS_OFFERED = "methods_offered"
    METHODS_NONE = "methods_none"
    METHODS_FEWER = "methods_fewer_than_configured"
    SIGNED_IN = "signed_in"
    DEVICE_CODE_WORKS = "device_code_works"
    DEVICE_CODE_OPEN = "device_code_not_blocked"
    DEVICE_CODE_DEFAULTS = "device_code_blocked_by_security_defaults"
    DEVICE_CODE_BLOCKED = "device_code_blocked_by_policy"
    DEVICE_CODE_UNKNOWN = "device_code_unknown"
    SCOPE_GRANTED = "scope_granted"
    SCOPE_MISSING = "scope_missing"
    SCOPES_UNKNOWN = "scopes_unknown"
    ROLE_HELD = "role_held"
    ROLE_MISSING = "role_missing"
    ROLES_UNREADABLE = "roles_unreadable"
    CLOUD_OFFERS = "cloud_offers_tokens"
    CLOUD_DOCUMENTED = "cloud_documented"
    CLOUD_DOUBTFUL = "cloud_not_documented"
    POLICY_FOR_ALL = "policy_for_everyone"
    POLICY_FOR_SOME = "policy_for_some"
    POLICY_FOR_NONE = "policy_for_nobody"
    POLICY_OFF = "policy_off"
    POLICY_OFF_LEGACY = "policy_off_but_legacy_policies_count"
    POLICY_UNKNOWN = "policy_unknown"
    INVENTORY_READ = "inventory_read"
    INVENTORY_EMPTY = "inventory_empty"


GOES_ON: Final = frozenset({Told.NOT_WANTED, Told.BY_PROXY, Told.FOR_PEOPLE, Told.ROLES_UNREADABLE})
"""Not checked, and no reason for what depends on it to wait: not needed, or not to be known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `facts` fill the places of its sentence; `rows` are raw evidence.

    `subject` tells apart what is checked more than once: the scope, the role.
    """

    check: Check
    verdict: Verdict
    told: Told
    facts: Mapping[str, object] = field(default_factory=dict)
    rows: Rows = ()
    subject: str = ""
    error: OathdeskError | None = None

    @property
    def key(self) -> str:
        """The finding's name among all of one run: `check` or `check/subject`."""
        return key_of(self.check, self.subject)

    @property
    def holds_up(self) -> bool:
        """Whether what depends on it cannot be checked."""
        if self.verdict is Verdict.NOT_CHECKED:
            return self.told not in GOES_ON
        return self.verdict is Verdict.FAILURE


def key_of(check: Check, subject: str = "") -> str:
    """Return the name of a finding."""
    return f"{check.value}/{subject}" if subject else check.value


@dataclass(frozen=True, slots=True)
class Examination:
    """How to look at one thing. It starts once all of `needs` and `after` are known, by key.

    It is not carried out where one of `needs` holds it up; what it merely comes `after` may have
    gone as it likes. `seconds` is how long it may take.
    """

    check: Check
    look: Callable[[], Awaitable[Finding]]
    subject: str = ""
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    seconds: float = 15.0

    @property
    def key(self) -> str:
        """The name of what it will find."""
        return key_of(self.check, self.subject)

    def not_checked(self, why: Told, **facts: object) -> Finding:
        """Return the finding of an examination that is not carried out."""
        return Finding(self.check, Verdict.NOT_CHECKED, why, facts, subject=self.subject)

    def too_slow(self) -> Finding:
        """Return the finding of one that did not end in its time."""
        facts = {"seconds": round(self.seconds)}
        return Finding(self.check, Verdict.FAILURE, Told.TOO_SLOW, facts, subject=self.subject)


WELL, UNWELL = 0, 1
"""The exit codes: nothing fails, something does. What is only warned of does not fail."""


def overall(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict; what was not checked counts as well as it can."""
    found = {finding.verdict for finding in findings}
    order = (Verdict.FAILURE, Verdict.WARNING)
    return next((verdict for verdict in order if verdict in found), Verdict.OK)


def exit_code(findings: Iterable[Finding]) -> int:
    """Return WELL or UNWELL."""
    return UNWELL if overall(findings) is Verdict.FAILURE else WELL


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return `findings` in the order of the report; scopes and roles as they were found."""
    order = {check: place for place, check in enumerate(Check)}
    return tuple(sorted(findings, key=lambda finding: order[finding.check]))
