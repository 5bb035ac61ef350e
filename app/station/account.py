"""What `doctor` looks at with a sign-in: who it is, what they may do, and what the tenant allows.

Nothing is written: the operator, the policy and one page of the inventory are read.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from app.core.checkup import Check, Examination, Finding, Told, Verdict, key_of
from app.core.errors import DirectoryError, NotOffered, SignInError
from app.core.model import (
    InventoryGlance,
    Migration,
    Operator,
    Policy,
    PolicyState,
    Role,
    SignInRules,
)
from app.core.ports import Directory, SignIn
from app.core.rights import (
    DEFAULT_FEATURES,
    NEEDS,
    ROLE_NAMES,
    Feature,
    asked_for,
    scopes_for,
    served_by,
)
from app.core.signin import SignInMethod, StoreState

Who = Callable[[], Awaitable[Operator | None]]

_WAY = (Check.TENANT.value, Check.GRAPH_ANSWER.value)
_STORES = {
    StoreState.KEEPS: (Verdict.OK, Told.STORE_KEEPS),
    StoreState.ABSENT: (Verdict.WARNING, Told.STORE_ABSENT),
    StoreState.LOCKED: (Verdict.WARNING, Told.STORE_LOCKED),
    StoreState.FAILED: (Verdict.WARNING, Told.STORE_FAILED),
}


@dataclass(slots=True)
class Account:
    """A sign-in, or nobody's, and what can be learned with it.

    `who` reads the operator anew and returns None where nobody is signed in. `wanted` are the ways
    to sign in that were configured, `documented` whether this cloud is known to have hardware
    tokens, `seconds` how long reading the operator may take, a sign-in included.
    """

    directory: Directory
    sign_in: SignIn
    who: Who
    wanted: tuple[SignInMethod, ...] = ()
    documented: bool = True
    seconds: float = 30.0
    operator: Operator | None = None
    inventory: InventoryGlance | DirectoryError | SignInError | None = None

    def examinations(self) -> Sequence[Examination]:
        """Return what to look at, each after what it needs."""
        signed_in = Check.SIGNED_IN.value
        cloud = Check.CLOUD.value
        return (
            Examination(Check.SECRET_STORE, self._store),
            Examination(Check.METHODS, self._methods),
            Examination(Check.SIGNED_IN, self._signed_in, needs=_WAY, seconds=self.seconds),
            Examination(Check.DEVICE_CODE, self._device_code, needs=(signed_in,), seconds=30.0),
            *(
                Examination(Check.SCOPE, self._scope_look(scope), scope, needs=(signed_in,))
                for scope in scopes_for()
            ),
            *(
                Examination(Check.ROLE, self._role_look(role), ROLE_NAMES[role], (signed_in,))
                for role in ROLES
            ),
            Examination(Check.CLOUD, self._cloud, after=(signed_in,), seconds=30.0),
            Examination(
                Check.POLICY,
                self._policy,
                needs=(signed_in, cloud, *_rights(Feature.READ_POLICY)),
                seconds=30.0,
            ),
            Examination(
                Check.INVENTORY,
                self._inventory,
                needs=(signed_in, cloud, *_rights(Feature.READ_INVENTORY)),
            ),
        )

    async def _store(self) -> Finding:
        store = await self.sign_in.store()
        if store.state is StoreState.NOT_WANTED:
            return Finding(Check.SECRET_STORE, Verdict.NOT_CHECKED, Told.NOT_WANTED)
        verdict, told = _STORES[store.state]
        rows = (("Store", store.name), ("Reason", store.reason))
        shown = tuple(row for row in rows if row[1])
        return Finding(Check.SECRET_STORE, verdict, told, {"store": store.name}, shown)

    async def _methods(self) -> Finding:
        here = self.sign_in.methods
        rows = tuple(("Method", method.value) for method in here)
        missing = [method.value for method in self.wanted if method not in here]
        if not here:
            return Finding(Check.METHODS, Verdict.FAILURE, Told.METHODS_NONE)
        if missing:
            facts = {"methods": ", ".join(missing)}
            return Finding(Check.METHODS, Verdict.WARNING, Told.METHODS_FEWER, facts, rows)
        return Finding(Check.METHODS, Verdict.OK, Told.METHODS_OFFERED, {"count": len(here)}, rows)

    async def _signed_in(self) -> Finding:
        check = Check.SIGNED_IN
        try:
            self.operator = operator = await self.who()
        except (SignInError, DirectoryError) as error:
            return Finding(check, Verdict.FAILURE, Told.FAULT, error=error)
        if operator is None:
            return Finding(check, Verdict.NOT_CHECKED, Told.NOBODY)
        rows = tuple(("Scope", scope) for scope in sorted(operator.scopes))
        return Finding(check, Verdict.OK, Told.SIGNED_IN, {"count": len(operator.scopes)}, rows)

    async def _device_code(self) -> Finding:
        """Tell whether the tenant lets device codes in: by this sign-in, or by its policies."""
        check = Check.DEVICE_CODE
        if SignInMethod.DEVICE not in self.wanted:
            return Finding(check, Verdict.NOT_CHECKED, Told.NOT_WANTED)
        if self.sign_in.signed_in_by is SignInMethod.DEVICE:
            return Finding(check, Verdict.OK, Told.DEVICE_CODE_WORKS)
        try:
            rules = await self.directory.sign_in_rules()
        except (SignInError, DirectoryError) as error:
            return Finding(check, Verdict.FAILURE, Told.FAULT, error=error)
        return self._judged_rules(rules)

    def _judged_rules(self, rules: SignInRules) -> Finding:
        """Judge what blocks device codes: a failure where there is no other way to sign in."""
        check, others = Check.DEVICE_CODE, set(self.sign_in.methods) - {SignInMethod.DEVICE}
        blocked = Verdict.WARNING if others else Verdict.FAILURE
        if rules.security_defaults:
            return Finding(check, blocked, Told.DEVICE_CODE_DEFAULTS)
        if rules.blocking:
            rows = tuple(("Policy", name) for name in rules.blocking)
            return Finding(check, blocked, Told.DEVICE_CODE_BLOCKED, {"count": len(rows)}, rows)
        if rules.security_defaults is None or rules.blocking is None:
            return Finding(check, Verdict.WARNING, Told.DEVICE_CODE_UNKNOWN)
        return Finding(check, Verdict.OK, Told.DEVICE_CODE_OPEN)

    # Rights -------------------------------------------------------------------------------------

    def _scope_look(self, scope: str) -> Callable[[], Awaitable[Finding]]:
        async def looked() -> Finding:
            verdict, told = self._scope(scope)
            served = ", ".join(feature.value for feature in served_by(scope))
            rows = (("Scope", scope), ("Serves", served))
            return Finding(Check.SCOPE, verdict, told, {"scope": scope}, rows, scope)

        return looked

    def _scope(self, scope: str) -> tuple[Verdict, Told]:
        operator = self._who()
        served = [f for f in served_by(scope) if not (operator.application and f is _PERSONAL)]
        if not served:
            return Verdict.NOT_CHECKED, Told.FOR_PEOPLE
        if not operator.scopes:
            return Verdict.WARNING, Told.SCOPES_UNKNOWN
        if all(operator.scopes & set(NEEDS[feature].scopes) for feature in served):
            return Verdict.OK, Told.SCOPE_GRANTED
        return Verdict.FAILURE, Told.SCOPE_MISSING

    def _role_look(self, role: Role) -> Callable[[], Awaitable[Finding]]:
        async def looked() -> Finding:
            verdict, told = self._role(role)
            accepted = ", ".join(ROLE_NAMES[each] for each in ROLES[role])
            facts, rows = {"role": ROLE_NAMES[role]}, (("Any of", accepted),)
            return Finding(Check.ROLE, verdict, told, facts, rows, ROLE_NAMES[role])

        return looked

    def _role(self, role: Role) -> tuple[Verdict, Told]:
        operator = self._who()
        if operator.application:
            return Verdict.NOT_CHECKED, Told.FOR_PEOPLE
        if operator.roles is None:
            return Verdict.NOT_CHECKED, Told.ROLES_UNREADABLE
        if operator.roles & set(ROLES[role]):
            return Verdict.OK, Told.ROLE_HELD
        return Verdict.FAILURE, Told.ROLE_MISSING

    def _who(self) -> Operator:
        assert self.operator is not None  # what asks needs SIGNED_IN
        return self.operator

    # The tenant ---------------------------------------------------------------------------------

    async def _cloud(self) -> Finding:
        """Tell whether there are hardware tokens at all: by asking, or by the documentation."""
        if self.operator is not None:
            self.inventory = await self._glance()
            if isinstance(self.inventory, NotOffered):
                error = self.inventory
                return Finding(Check.CLOUD, Verdict.FAILURE, Told.FAULT, error=error)
        if isinstance(self.inventory, InventoryGlance):
            return Finding(Check.CLOUD, Verdict.OK, Told.CLOUD_OFFERS)
        if self.documented:
            return Finding(Check.CLOUD, Verdict.OK, Told.CLOUD_DOCUMENTED)
        return Finding(Check.CLOUD, Verdict.WARNING, Told.CLOUD_DOUBTFUL)

    async def _glance(self) -> InventoryGlance | DirectoryError | SignInError:
        try:
            return await self.directory.inventory()
        except (DirectoryError, SignInError) as error:
            return error

    async def _inventory(self) -> Finding:
        found, check = self.inventory, Check.INVENTORY
        if not isinstance(found, InventoryGlance):
            return Finding(check, Verdict.FAILURE, Told.FAULT, error=found)
        if not found.count:
            return Finding(check, Verdict.WARNING, Told.INVENTORY_EMPTY)
        facts = {"count": found.count, "more": found.more}
        return Finding(check, Verdict.OK, Told.INVENTORY_READ, facts)

    async def _policy(self) -> Finding:
        try:
            policy = await self.directory.policy()
        except (DirectoryError, SignInError) as error:
            return Finding(Check.POLICY, Verdict.FAILURE, Told.FAULT, error=error)
        verdict, told = _judged(policy)
        facts = {
            "users": len(policy.included_users),
            "groups": len(policy.included_groups),
            "excluded": len(policy.excluded_users) + len(policy.excluded_groups),
        }
        return Finding(Check.POLICY, verdict, told, facts, _policy_rows(policy))


_PERSONAL = Feature.SIGN_IN


def _roles() -> dict[Role, tuple[Role, ...]]:
    """The roles to name, and which count as well; of two features the one that needs more."""
    found: dict[Role, tuple[Role, ...]] = {}
    for feature in Feature:
        roles = NEEDS[feature].roles
        if feature in DEFAULT_FEATURES and roles:
            before = found.get(roles[0], roles)
            found[roles[0]] = tuple(role for role in before if role in roles)
    return found


ROLES = _roles()


def _rights(feature: Feature) -> tuple[str, ...]:
    """Return the keys of the scope and the role that `feature` needs."""
    role = NEEDS[feature].roles[0]
    scope = next(s for s in scopes_for() if s in (asked_for(feature), *NEEDS[feature].scopes))
    return key_of(Check.SCOPE, scope), key_of(Check.ROLE, ROLE_NAMES[role])


_LEGACY_COUNTS = frozenset({Migration.PRE, Migration.IN_PROGRESS})


def _judged(policy: Policy) -> tuple[Verdict, Told]:
    if policy.state is PolicyState.DISABLED and policy.migration in _LEGACY_COUNTS:
        return Verdict.WARNING, Told.POLICY_OFF_LEGACY
    if policy.state is PolicyState.DISABLED:
        return Verdict.FAILURE, Told.POLICY_OFF
    if policy.state is not PolicyState.ENABLED:
        return Verdict.WARNING, Told.POLICY_UNKNOWN
    if policy.everyone:
        return Verdict.OK, Told.POLICY_FOR_ALL
    if policy.included_users or policy.included_groups:
        return Verdict.OK, Told.POLICY_FOR_SOME
    return Verdict.FAILURE, Told.POLICY_FOR_NONE


def _policy_rows(policy: Policy) -> tuple[tuple[str, str], ...]:
    return (
        ("State", policy.state.value),
        ("Migration", policy.migration.value),
        ("Everyone", "yes" if policy.everyone else "no"),
        ("Users included", str(len(policy.included_users))),
        ("Groups included", str(len(policy.included_groups))),
        ("Users excluded", str(len(policy.excluded_users))),
        ("Groups excluded", str(len(policy.excluded_groups))),
    )


async def read_operator(directory: Directory, sign_in: SignIn) -> Operator:
    """Return who is signed in. An application has no /me: it is what its certificate says."""
    if not sign_in.application:
        return await directory.operator()
    token = await sign_in.access_token()
    return Operator.of_application(sign_in.application, token.scopes)
