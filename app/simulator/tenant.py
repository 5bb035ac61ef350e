r"""The state of the practice tenant and the rules of a token's life, without any HTTP.

    available --assign--> assigned --activate--> activated
                             |  \--refused code--> failedActivation --activate--> activated
                             |<--deactivate-- activated
    available <--unassign-- any of them

Writers always meet the truth; readers may be shown an older state (see `LaggedTable`).
Every rule that refuses raises `GraphRefusal`.
"""

import re
import secrets
import string
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.simulator import totp
from app.simulator.lagged import LaggedTable
from app.simulator.model import AccessPass, Device, Operator, PassPolicy, Person, Policy
from app.simulator.options import Migration, SimulatorOptions
from app.simulator.population import make_people
from app.simulator.refusals import refusal
from app.simulator.stock import make_tokens

OATH_LIMIT = 5
"""Hardware OATH tokens and authenticator apps a person may hold together (contract, section 8)."""

FEWEST_WITH_PROTECTED = 200
"""How many people a tenant has before some of them are beyond most administrators' reach."""

_COUNTED = ("microsoftAuthenticatorAuthenticationMethod", "softwareOathAuthenticationMethod")
_SECRET = re.compile(r"[A-Za-z2-7]{1,128}=*\Z")
_CODE = re.compile(r"[0-9]{6}\Z")
_PASS_LETTERS = string.ascii_letters + string.digits + "!#$%&*+-=?@"


def timestamp(seconds: float) -> str:
    """Unix seconds as Graph writes a DateTimeOffset."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the directory audit log."""

    id: str
    when: str
    activity: str
    category: str
    actor: str | None
    actor_upn: str | None
    target: str | None
    correlation: str


class Tenant:
    """People, tokens, operators and policy, and everything that can be done with a token."""

    def __init__(self, options: SimulatorOptions, clock: Callable[[], float] = time.time) -> None:
        self.options = options
        self.clock = clock
        self.display_name = "Contoso"
        self.id = str(UUID(int=0x3F9D2C718A404BE6B5D7E20C94A16F30 ^ options.seed, version=4))
        self._people, self.operators = make_people(options.people, options.seed)
        self._tokens = make_tokens(options.tokens, options.seed, self._people)
        self._protect_some()
        self.reset()

    def _protect_some(self) -> None:
        """Let three of the last ordinary people be ones whom most administrators do not reach."""
        if len(self._people) < FEWEST_WITH_PROTECTED:
            return
        holders = {device.holder for device in self._tokens}
        ordinary = (
            at
            for at, p in reversed(list(enumerate(self._people)))
            if p.account_enabled and not (p.is_guest or p.roles or p.id in holders)
        )
        changes: tuple[dict[str, Any], ...] = (
            {"role_groups": ("Tier 0 operators",)},
            {"owned_role_groups": ("Break-glass accounts",)},
            {"restricted": True},
        )
        for at, change in zip(ordinary, changes, strict=False):
            self._people[at] = replace(self._people[at], **change)

    def reset(self) -> None:
        """Back to how the tenant was made; the lag returns to its option."""
        self.lag = self.options.lag
        self.state = self.options.state
        self.people = self._table((p.id, p) for p in self._people)
        self.devices = self._table((d.id, d) for d in self._tokens)
        self.policies = self._table([("HardwareOath", Policy())])
        self.pass_policies = self._table([("TemporaryAccessPass", PassPolicy())])
        self.passes = self._table(())
        self.audit: list[AuditEntry] = []
        self._by_upn = {p.user_principal_name.lower(): p.id for p in self._people}
        self._ever_held: defaultdict[str, set[str]] = defaultdict(set)
        self._ever_called: defaultdict[str, set[str]] = defaultdict(set)
        for device in self._tokens:
            self._index(device)

    def _table(self, values: Any) -> LaggedTable[Any]:
        return LaggedTable(values, self.clock, lambda: self.lag)

    def now(self) -> str:
        """The present as Graph writes it."""
        return timestamp(self.clock())

    # -- people -------------------------------------------------------------------------------

    def person_key(self, id_or_upn: str) -> str:
        """The object id for an id or a userPrincipalName."""
        return self._by_upn.get(id_or_upn.lower(), id_or_upn.lower())

    def person_seen(self, id_or_upn: str) -> Person:
        """A person as readers see them; raises 404 when they see none."""
        person: Person | None = self.people.seen(self.person_key(id_or_upn))
        if person is None:
            raise refusal("unknown_resource", id_or_upn)
        return person

    def person(self, id_or_upn: str) -> Person:
        """A person as they truly are; raises 404 when there is none."""
        person: Person | None = self.people.current(self.person_key(id_or_upn))
        if person is None:
            raise refusal("unknown_resource", id_or_upn)
        return person

    def operator(self, username: str) -> Operator | None:
        """The practice credentials of a username, if somebody signs in with it."""
        wanted = username.strip().lower()
        return next((o for o in self.operators if o.username.lower() == wanted), None)

    # -- tokens as others see them ------------------------------------------------------------

    def inventory_seen(self) -> list[Device]:
        """The tokens the inventory lists: legacy ones are in a store of their own."""
        return [device for device in self.devices.all_seen() if not device.legacy]

    def called_seen(self, serial: str) -> list[Device]:
        """The tokens that readers of the inventory see with a serial number."""
        found = (self.devices.seen(device_id) for device_id in sorted(self._ever_called[serial]))
        return [device for device in found if device and not device.legacy]

    def device_seen(self, device_id: str) -> Device:
        """An inventory token as readers see it; raises 404."""
        device: Device | None = self.devices.seen(device_id.lower())
        if device is None or device.legacy:
            raise refusal("no_device")
        return device

    def held_seen(self, person_id: str) -> list[Device]:
        """The tokens readers see on a person."""
        ids = sorted(self._ever_held[person_id])
        found = (self.devices.seen(device_id) for device_id in ids)
        return [device for device in found if device and device.holder == person_id]

    def method_seen(self, person_id: str, method_id: str) -> Device:
        """One of the tokens readers see on a person; raises 404."""
        for device in self.held_seen(person_id):
            if device.id == method_id.lower():
                return device
        raise refusal("no_method")

    # -- tokens as they truly are -------------------------------------------------------------

    def device(self, device_id: str) -> Device:
        """A token as it truly is; raises 404."""
        device: Device | None = self.devices.current(device_id.lower())
        if device is None:
            raise refusal("no_device")
        return device

    def device_by_serial(self, serial: str) -> Device:
        """The inventory token with a serial number; raises 404."""
        device = self.find_serial(serial)
        if device is None:
            raise refusal("no_device")
        return device

    def find_serial(self, serial: str) -> Device | None:
        """The true token with a serial number, the inventory's before a legacy one."""
        found = (self.devices.current(device_id) for device_id in self._ever_called[serial])
        there = [device for device in found if device]
        return min(there, key=lambda device: device.legacy, default=None)

    def held(self, person_id: str) -> list[Device]:
        """The tokens a person truly holds."""
        found = (self.devices.current(device_id) for device_id in self._ever_held[person_id])
        return [device for device in found if device and device.holder == person_id]

    def method(self, person_id: str, method_id: str) -> Device:
        """A token a person truly holds; raises 404."""
        device: Device | None = self.devices.current(method_id.lower())
        if device is None or device.holder != person_id:
            raise refusal("no_method")
        return device

    def store(self, device: Device) -> Device:
        """Write a token as it now is."""
        self.devices.put(device.id, device)
        self._index(device)
        return device

    def _index(self, device: Device) -> None:
        """Remember a token where it is looked for; what it once was is never forgotten."""
        self._ever_called[device.serial_number].add(device.id)
        if device.holder:
            self._ever_held[device.holder].add(device.id)

    # -- Temporary Access Passes --------------------------------------------------------------

    @property
    def pass_policy(self) -> PassPolicy:
        """The policy for passes as it truly is."""
        policy: PassPolicy = self.pass_policies.current("TemporaryAccessPass") or PassPolicy()
        return policy

    def issue_pass(
        self,
        person: Person,
        minutes: int | None = None,
        begins: float | None = None,
        *,
        once: bool | None = None,
    ) -> AccessPass:
        """Give a person a pass; one that they have ends with it, valid or not.

        What is None takes the policy's value, or begins now. Sources: "Create
        temporaryAccessPassMethod" (Graph v1.0) for the bounds and for the end of an earlier pass.
        That a policy which is off refuses is reported from the field; a person whom the policy does
        not cover gets a pass that is no use to them, as Entra's how-to says.
        """
        policy = self.pass_policy
        if policy.state != "enabled":
            raise refusal("pass_policy")
        if "#EXT#" in person.user_principal_name.upper():
            raise refusal("pass_external")
        minutes = policy.usual if minutes is None else minutes
        once = policy.once if once is None else once
        if not policy.shortest <= minutes <= policy.longest:
            raise refusal("pass_lifetime", policy.shortest, policy.longest)
        if policy.once and not once:
            raise refusal("pass_reusable")
        now = self.clock()
        begins = now if begins is None else begins
        value = "".join(secrets.choice(_PASS_LETTERS) for _ in range(policy.length))
        issued = AccessPass(str(uuid4()), value, now, begins, minutes, once)
        self.passes.put(person.id, issued)
        return issued

    def pass_usability(self, person: Person, held: AccessPass) -> str:
        """Whether a pass is usable now, and why not: `methodUsabilityReason` of Graph."""
        now = self.clock()
        if held.used and held.once:
            return "OneTimeUsed"
        if now >= held.begins + held.minutes * 60:
            return "Expired"
        policy = self.pass_policy
        if not policy.covers(person.id) or (policy.once and not held.once):
            return "DisabledByPolicy"
        return "EnabledByPolicy" if now >= held.begins else "NotYetValid"

    # -- a token's life -----------------------------------------------------------------------

    def assign(self, person: Person, device: Device) -> Device:
        """Give a token to a person without activating it."""
        if device.holder == person.id:
            raise refusal("already_held")
        self._check_may_receive(person, device)
        return self._given(person, device)

    def _given(self, person: Person, device: Device) -> Device:
        """Store `device` as the person's; its method exists from now on."""
        held = replace(device, holder=person.id, status="assigned", registered=self.now())
        return self.store(held)

    def assign_and_activate(
        self, person: Person, device: Device, code: str, display_name: str | None
    ) -> Device:
        """Give a token and activate it. A refused code leaves it assigned, as failedActivation.

        A token the person already holds is only activated (seen in the field, contract U8).
        """
        self.check_code_shape(code)
        if not person.account_enabled:
            raise refusal("disabled_account")
        if device.holder != person.id:
            self._check_may_receive(person, device)
            device = self._given(person, device)
        return self.activate(person, device, code, display_name)

    def activate(
        self, person: Person, device: Device, code: str, display_name: str | None
    ) -> Device:
        """Activate a token its holder has, with the code on its display."""
        self.check_code_shape(code)
        if device.status == "activated":
            raise refusal("already_active")
        self._check_person(person)
        if not person.account_enabled:
            raise refusal("disabled_account")
        step = totp.matching_step(device, code, self.clock())
        if step is None:
            self.store(replace(device, status="failedActivation"))
            raise refusal("bad_code")
        if device.last_step is not None and step <= device.last_step:
            raise refusal("code_used")
        return self._activated(device, step, display_name)

    def _activated(self, device: Device, step: int, display_name: str | None) -> Device:
        return self.store(
            replace(
                device,
                status="activated",
                registered=device.registered or self.now(),
                display_name=display_name or device.display_name,
                known_drift=step - totp.step_at(device, self.clock()),
                last_step=step,
            )
        )

    def deactivate(self, device: Device) -> Device:
        """Deactivate; the token stays with its holder."""
        if device.status != "activated":
            raise refusal("not_active")
        return self.store(replace(device, status="assigned"))

    def unassign(self, device: Device) -> Device:
        """Take a token from its holder; it returns to the inventory as available."""
        return self.store(
            replace(
                device,
                holder=None,
                status="available",
                registered=None,
                last_used=None,
                last_step=None,
                known_drift=0,
            )
        )

    def _check_may_receive(self, person: Person, device: Device) -> None:
        if device.holder is not None:
            raise refusal("held_by_other")
        self._check_person(person)
        apps = sum(1 for method in person.other_methods if method.kind in _COUNTED)
        if apps + len(self.held(person.id)) >= OATH_LIMIT:
            raise refusal("too_many")

    def _check_person(self, person: Person) -> None:
        policy: Policy = self.policies.current("HardwareOath") or Policy()
        by_legacy = self.state.legacy_policy and self.state.migration is not Migration.COMPLETE
        if policy.state != "enabled" and not by_legacy:
            raise refusal("policy_off")
        if person.is_guest:
            raise refusal("guest")
        if not policy.covers(person.id) and not by_legacy:
            raise refusal("policy_scope")

    @staticmethod
    def check_code_shape(code: str) -> None:
        """Refuse what is not six digits before anything is done."""
        if not _CODE.match(code):
            raise refusal("code_shape")

    # -- the inventory ------------------------------------------------------------------------

    def create(self, fields: Mapping[str, Any], holder: Person | None) -> Device:
        """Add a token, already given to `holder` when there is one. `fields` are well-typed."""
        if not _SECRET.match(fields["secretKey"]):
            raise refusal("bad_secret")
        existing = self.find_serial(fields["serialNumber"])
        if existing is not None and not existing.legacy:
            raise refusal("duplicate_serial")
        device = Device(
            id=str(uuid4()),
            serial_number=fields["serialNumber"],
            manufacturer=fields["manufacturer"],
            model=fields["model"],
            secret=fields["secretKey"].upper().rstrip("="),
            interval=fields["timeIntervalInSeconds"],
            hash_function=fields.get("hashFunction") or "hmacsha1",
            display_name=fields.get("displayName"),
        )
        if holder is None:
            return self.store(device)
        self._check_may_receive(holder, device)
        return self._given(holder, device)

    def update(self, device: Device, fields: Mapping[str, Any]) -> Device:
        """Change what may be changed of an unassigned token; `fields` are model field names."""
        if device.holder is not None:
            raise refusal("still_assigned")
        return self.store(replace(device, **fields))

    def delete(self, device: Device) -> None:
        """Remove an unassigned token."""
        if device.holder is not None:
            raise refusal("still_assigned")
        self.devices.put(device.id, None)
