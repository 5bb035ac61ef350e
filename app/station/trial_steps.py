"""What each step of a trial of a tenant does, by the names of core.tenant_trial.STEPS.

A step observes facts. What it could not observe gets a reason: a right that is missing, an answer
that did not come, a person who said no. Steps hand one token from one to the next; it is the spare
one where one was named, else one of the trial's own.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app.core.code import VerificationCode
from app.core.tenant_trial import (
    NAME_WITH_OTHER_LETTERS,
    NO,
    STEPS,
    YES,
    Finding,
    Reply,
    SecretForm,
    Step,
    Upload,
    Verdict,
    judged,
    steps_for,
    unanswered,
)
from app.core.trial_journal import Journal
from app.station.trial_work import (
    Declined,
    Hindered,
    Material,
    Stopped,
    TrialWork,
    flat,
    is_same,
    text_of,
)

_DEVICE_MEMBERS: Final = (
    "id",
    "displayName",
    "serialNumber",
    "manufacturer",
    "model",
    "timeIntervalInSeconds",
    "status",
    "hashFunction",
    "assignedTo",
)
"""Members of a device that are told for a token that somebody has (contract, section 2.1)."""

_KINDS: Final = (
    ("30_sha256", 30, "hmacsha256"),
    ("60_sha1", 60, "hmacsha1"),
    ("60_sha256", 60, "hmacsha256"),
    ("45_sha1", 45, "hmacsha1"),
    ("30_sha512", 30, "hmacsha512"),
)
_DOCUMENTED_KINDS: Final = frozenset({"30_sha256", "60_sha1", "60_sha256"})


def is_answered(findings: Sequence[Finding]) -> bool:
    """Tell whether a step with these findings need not be carried out again."""
    return bool(findings) and all(each.verdict is not Verdict.NOT_ANSWERED for each in findings)


def due(steps: Sequence[Step], journal: Journal) -> tuple[Step, ...]:
    """Return those of `steps` that are not answered, and what they rest on, in order."""
    open_steps = [step.key for step in steps if step.key not in journal.answered]
    return steps_for(open_steps)


def words_of(reply: Reply) -> str:
    """Return how a request was answered, for a sentence."""
    return f"HTTP {reply.status or 'none'} {reply.code}".strip()


@dataclass(frozen=True, slots=True)
class TenantPolicy:
    """The policy as the trial reads it; an empty `state` where it could not be read."""

    state: str
    migration: str
    covers_everyone: bool

    @classmethod
    def of(cls, policy: Mapping[str, Any], migration: str) -> "TenantPolicy":
        """Return what a policy's JSON says. It covers everyone if none of them is excluded."""
        included, excluded = policy.get("includeTargets"), policy.get("excludeTargets")
        targets = included if isinstance(included, list) else []
        everyone = any(text_of(each, "id") == "all_users" for each in targets)
        return cls(text_of(policy, "state"), migration, everyone and not excluded)


class TrialSteps:
    """One way through the steps. The token in use is in stock, with the person, or activated."""

    def __init__(self, work: TrialWork) -> None:
        self._work = work
        self._found: dict[str, Finding] = {}
        self._own_token: Material | None = None
        self._main: Material | None = None
        self._state = ""
        self._lag = 0.0
        self._policy: TenantPolicy | None = None
        self._steps: Mapping[str, Callable[[], Awaitable[None]]] = {
            "policy": self._read_policy,
            "inventory": self._read_inventory,
            "upload": self._upload,
            "duplicate": self._duplicate,
            "secret": self._secret,
            "kinds": self._kinds,
            "bulk": self._bulk,
            "assign": self._assign,
            "held": self._held,
            "wrong_code": self._wrong_code,
            "activate": self._activate,
            "deactivate": self._deactivate,
            "unassign": self._unassign,
            "at_once": self._at_once,
            "by_serial": self._by_serial,
        }

    async def through(self, steps: Sequence[Step]) -> bool:
        """Carry out what is due of `steps`; return whether the person stopped it."""
        done: set[str] = set()
        for step in due(steps, self._work.journal):
            lacking = [STEPS[need].about for need in step.needs if need not in done]
            try:
                self._work.check_stop()
                why = await self._carry_out(step, lacking)
            except Stopped:
                self._note(step, "the trial was ended")
                return True
            if not why:
                done.add(step.key)
        return False

    async def _carry_out(self, step: Step, lacking: Sequence[str]) -> str:
        """Carry out `step`; return why it was not carried out to its end, "" where it was."""
        why = f"it rests on: {', '.join(lacking)}" if lacking else ""
        self._found = {}
        try:
            if not why:
                self._work.examiner.tell(f"{step.about[:1].upper()}{step.about[1:]}.")
                await self._steps[step.key]()
        except Declined:
            why = "you left it out"
        except Hindered as hindrance:
            why = str(hindrance)
        self._note(step, why)
        return why

    def _note(self, step: Step, why: str) -> None:
        """Keep what `step` has found; answers of an earlier run stay where this one has none."""
        before = {each.fact: each for each in self._work.journal.answered.get(step.key, ())}
        reason = why or "it could not be observed"
        findings = [
            self._found.get(fact) or before.get(fact) or unanswered(fact, reason)
            for fact in step.facts
        ]
        if is_answered(findings) or not why.startswith("the trial"):
            self._work.keep(self._work.journal.with_answers(step.key, findings))

    def _tell(self, fact: str, observed: str, reply: Reply | None = None) -> None:
        self._found[fact] = judged(fact, observed, reply.rows() if reply else ())

    def _tell_outcome(self, fact: str, reply: Reply) -> None:
        """Note whether a request was accepted; a right that is missing answers nothing."""
        if reply.accepted or reply.refused:
            self._tell(fact, reply.outcome, reply)
        else:
            self._found[fact] = unanswered(fact, reply.outcome, reply.rows())

    def _tell_answer(self, fact: str, reply: Reply) -> None:
        """Note the answer to a request about which nothing is documented."""
        words = f"{reply.outcome} ({reply.status} {reply.code})" if reply.refused else reply.outcome
        if reply.accepted or reply.refused:
            self._tell(fact, words, reply)
        else:
            self._found[fact] = unanswered(fact, reply.outcome, reply.rows())

    async def _tell_given(self, fact: str, reply: Reply, observed: str = "") -> None:
        """Note the status (or `observed`) of a request that makes the token the person's.

        A refusal differs from the documents only where the policy cannot be the reason.
        """
        if reply.refused and not await self._policy_allows():
            why = "refused, for which the policy may be the reason"
            self._found[fact] = unanswered(fact, why, reply.rows())
        elif reply.accepted or reply.refused:
            self._tell(fact, observed or str(reply.status), reply)
        else:
            self._found[fact] = unanswered(fact, reply.outcome, reply.rows())

    def _tell_status(self, fact: str, reply: Reply) -> None:
        """Note the status of a request that should be accepted."""
        if reply.accepted or reply.refused:
            self._tell(fact, str(reply.status), reply)
        else:
            self._found[fact] = unanswered(fact, reply.outcome, reply.rows())

    # Reading ------------------------------------------------------------------------------------

    async def _read_policy(self) -> None:
        reply = await self._work.requests.policy()
        self._tell_status("policy.read", reply)
        root = await self._work.requests.methods_policy()
        migration = text_of(root.entity(), "policyMigrationState")
        if migration:
            self._tell("policy.migration", migration)
        if not reply.accepted:
            raise Hindered(f"the policy cannot be read ({words_of(reply)})")
        wrapped = isinstance((reply.body or {}).get("value"), dict)
        self._tell("policy.shape", "inside value" if wrapped else "bare")
        self._policy = TenantPolicy.of(reply.entity(), migration)
        self._tell("policy.state", self._policy.state)
        self._tell("policy.covers_everyone", YES if self._policy.covers_everyone else NO)

    async def _policy_now(self) -> "TenantPolicy":
        """Return the policy, read now where no step has read it."""
        if self._policy is None:
            reply = await self._work.requests.policy()
            root = await self._work.requests.methods_policy()
            migration = text_of(root.entity(), "policyMigrationState")
            self._policy = TenantPolicy.of(reply.entity(), migration)
        return self._policy

    async def _policy_allows(self) -> bool:
        """Tell whether the policy surely lets the person use a token."""
        policy = await self._policy_now()
        return policy.state == "enabled" and policy.covers_everyone

    async def _read_inventory(self) -> None:
        reply = await self._work.requests.inventory()
        if not reply.accepted:
            raise Hindered(f"the inventory cannot be read ({words_of(reply)})")
        items, more = reply.items(), bool((reply.body or {}).get("@odata.nextLink"))
        self._tell("inventory.page", f"{len(items)} on the first page, {'more' if more else 'all'}")
        wrapped = any("serialNumber" not in each and "device" in each for each in items)
        self._tell("inventory.shape", "inside device" if wrapped else "flat")
        top = await self._work.requests.inventory(top=1)
        if top.accepted and len(items) < 2:  # noqa: PLR2004 - of fewer tokens nothing can be told
            self._found["inventory.top"] = unanswered("inventory.top", "too few tokens to tell")
        elif top.accepted:
            self._tell("inventory.top", "honoured" if len(top.items()) == 1 else "ignored", top)
        else:
            self._tell_answer("inventory.top", top)

    # The trial's own token ----------------------------------------------------------------------

    async def _own(self, reply_to: Callable[[Reply], None] | None = None) -> Material:
        """Return the trial's own token, uploaded now where it is not there yet."""
        if self._own_token is not None:
            return self._own_token
        upload = replace(self._work.new_upload(), name=NAME_WITH_OTHER_LETTERS)
        self._work.ask("create", token=upload.serial)
        reply, token = await self._work.create(upload)
        if reply_to is not None:
            reply_to(reply)
        if token is None:
            raise Hindered(f"the token is not uploaded ({words_of(reply)})")
        self._own_token = await self._with_id(token)
        return self._own_token

    async def _with_id(self, token: Material) -> Material:
        """Return `token` with its device id, found by reading where the answer had none."""
        if token.device_id:
            return token
        found, _ = await self._seen(token.serial)
        device_id = text_of(found or {}, "id")
        if not device_id:
            raise Hindered("the token that was uploaded does not show itself")
        return replace(token, device_id=device_id)

    async def _seen(self, serial: str) -> tuple[Mapping[str, Any] | None, float]:
        """Return the token of this number as the inventory shows it, and after how many seconds."""
        waited = 0.0
        async for waited in self._work.looks():
            self._work.check_stop()
            reply = await self._work.requests.with_serial(serial)
            found = [flat(each) for each in reply.items()]
            same = [each for each in found if text_of(each, "serialNumber") == serial]
            if same:
                return same[0], waited
            if not reply.accepted:
                break
        return None, waited

    async def _upload(self) -> None:
        def tell(reply: Reply) -> None:
            self._tell_status("create.status", reply)
            if reply.accepted:
                created = reply.entity()
                secret = created.get("secretKey")
                self._tell("create.secret", "null" if secret is None else "told")
                if status := text_of(created, "status"):
                    self._tell("create.state", status)

        own = await self._own(tell)
        seen, waited = await self._seen(own.serial)
        if seen is None:
            self._tell("create.visible_after", f"not within {waited:.0f} s")
            return
        self._lag = max(self._lag, waited)
        self._tell("create.visible_after", f"{waited:.0f} s")
        kept = text_of(seen, "displayName")
        self._tell("create.name", "kept" if kept == NAME_WITH_OTHER_LETTERS else "changed")
        if "create.state" not in self._found:
            self._tell("create.state", text_of(seen, "status") or "not told")

    async def _duplicate(self) -> None:
        own = await self._own()
        assert own.upload is not None
        again = replace(self._work.new_upload(), serial=own.serial)
        self._work.ask("create_twice", token=own.serial)
        reply, twin = await self._work.create(again)
        self._tell_answer("duplicate.answer", reply)
        if twin is not None:  # two of one number: neither is of any use from now on
            self._own_token = None
            await self._work.undo(own.serial)

    async def _secret(self) -> None:
        bad = replace(self._work.new_upload(), form=SecretForm.NOT_BASE32)
        self._work.ask("create_bad", token=bad.serial)
        reply, _ = await self._work.create(bad)
        self._tell_outcome("secret.bad", reply)
        await self._work.undo(bad.serial)
        lower = replace(self._work.new_upload(), form=SecretForm.LOWER_CASE)
        self._work.ask("create_lower", token=lower.serial)
        reply, _ = await self._work.create(lower)
        self._tell_answer("secret.lower_case", reply)
        await self._work.undo(lower.serial)

    async def _kinds(self) -> None:
        for key, interval, hash_function in _KINDS:
            upload = self._work.new_upload(interval, hash_function)
            kind = f"{interval} s, {hash_function}"
            self._work.ask("create_kind", token=upload.serial, kind=kind)
            reply, token = await self._work.create(upload)
            self._tell_outcome(f"kind.{key}", reply)
            if token is not None and key in _DOCUMENTED_KINDS:
                await self._kind_code(key, kind, await self._with_id(token))
            await self._work.undo(upload.serial)

    async def _kind_code(self, key: str, kind: str, token: Material) -> None:
        """Activate a token of one kind with the code that its seed gives."""
        await self._to_stock()
        self._work.ask("kind_code", token=token.serial, kind=kind)
        reply = await self._at_once_with(token, await self._work.right_code(token))
        await self._tell_given(f"kind.{key}_code", reply, reply.outcome)

    async def _bulk(self) -> None:
        own = await self._own()
        good = self._work.new_upload()
        copy = replace(self._work.new_upload(), serial=own.serial)
        self._work.ask("create_many", token=good.serial)
        reply = await self._work.create_many((good, copy))
        self._tell_answer("bulk.answer", reply)
        if reply.accepted or reply.refused:
            created = await self._shows(good)
            self._tell("bulk.good_part", "created" if created else "not created")
        await self._work.undo(good.serial)
        if len((await self._work.requests.with_serial(own.serial)).items()) > 1:
            self._own_token = None
            await self._work.undo(own.serial)

    async def _shows(self, upload: Upload) -> bool:
        """Tell whether a token shows itself, given as long as the slowest one so far took."""
        async for _ in self._work.looks(2 * self._lag + 5):
            reply = await self._work.requests.with_serial(upload.serial)
            if any(text_of(flat(each), "serialNumber") == upload.serial for each in reply.items()):
                return True
        return False

    # The token in use ---------------------------------------------------------------------------

    async def _token(self) -> Material:
        """Return the token that is handed out: the spare one, else one of the trial's own."""
        if self._main is not None and (self._main.upload is None or self._own_token is not None):
            return self._main
        spare = self._work.spare
        if spare is None:
            self._main = await self._own()
        else:
            self._main = Material(spare.serial_number, spare.device_id, spare.interval, spare.model)
        return self._main

    async def _to_stock(self) -> None:
        """Take the token in use back from the person, where they may have it."""
        if self._main is not None and self._state:
            await self._work.take_back(self._main.serial)
            if self._work.journal.of(self._main.serial).held:
                raise Hindered("the token cannot be taken back")
        self._state = ""

    async def _method(self, token: Material) -> Mapping[str, Any] | None:
        """Return the token as the person's list shows it, or None."""
        reply = await self._work.requests.tokens_of(self._work.person.id)
        touched = self._work.journal.of(token.serial)
        return next((each for each in reply.items() if is_same(each, touched)), None)

    async def _status(self, token: Material) -> str:
        """Return the status of a token, by the inventory, else by the person's list."""
        reply = await self._work.requests.device(token.device_id)
        if status := text_of(flat(reply.entity()), "status"):
            return status
        method = await self._method(token) or {}
        return text_of(method.get("device"), "status")

    async def _status_after(self, token: Material, before: str) -> tuple[str, float]:
        """Return the status once it is another than `before`, and after how many seconds.

        Where it stays the same it is given as long as the slowest write so far took.
        """
        status, waited = before, 0.0
        async for waited in self._work.looks(2 * self._lag + 5):  # noqa: B007 - told at the end
            self._work.check_stop()
            status = await self._status(token)
            if status not in {before, ""}:
                break
        return status or "not told", waited

    async def _assign(self) -> None:
        token = await self._token()
        await self._to_stock()
        work, person = self._work, self._work.person
        work.ask("assign", token=token.serial)
        reply = await work.give(token, lambda: work.requests.assign(person.id, token.device_id))
        await self._tell_given("assign.status", reply)
        await self._tell_of_policy(reply)
        if not reply.accepted:
            raise Hindered(f"the token is not assigned ({words_of(reply)})")
        self._state = "assigned"
        answer = reply.entity()
        method_id = text_of(answer, "id")
        created = answer.get("createdDateTime")
        self._tell("assign.created", "told" if created else "null")
        await self._read_back(token, method_id)
        await self._filters(token)

    async def _tell_of_policy(self, reply: Reply) -> None:
        """Note whether the policy kept the token from being assigned, where it would."""
        policy = await self._policy_now()
        state, migration = policy.state, policy.migration
        if state == "enabled" and not policy.covers_everyone:
            state = "enabled for some"
        words = f"policy {state or 'not read'}, {migration or 'migration not read'}"
        if state and (reply.accepted or reply.refused):
            self._tell("assign.policy", f"{words}: {reply.outcome}", reply)
        else:
            self._found["assign.policy"] = unanswered("assign.policy", words, reply.rows())

    async def _read_back(self, token: Material, method_id: str) -> None:
        method: Mapping[str, Any] | None = None
        waited = 0.0
        async for waited in self._work.looks():  # noqa: B007 - told at the end
            self._work.check_stop()
            method = await self._method(token)
            if method is not None:
                break
        if method is None:
            self._tell("assign.visible_after", f"not within {waited:.0f} s")
            return
        self._lag = max(self._lag, waited)
        self._tell("assign.visible_after", f"{waited:.0f} s")
        shown = text_of(method, "id")
        self._work.note_method(token, shown)
        same = {shown, method_id or shown} == {token.device_id}
        self._tell("assign.method_id", "the device's id" if same else "another id")
        device = method.get("device")
        self._tell("read.device", "told" if isinstance(device, dict) else "left out")
        self._tell("read.hides", _hidden(method))
        self._tell("assign.state", (await self._status_after(token, "available"))[0])
        general = await self._work.requests.methods_of(self._work.person.id)
        if general.accepted:
            touched = self._work.journal.of(token.serial)
            listed = any(is_same(each, touched) for each in general.items())
            self._tell("read.general_list", YES if listed else NO)
        else:
            self._tell_answer("read.general_list", general)

    async def _filters(self, token: Material) -> None:
        requests = self._work.requests
        by_serial = await requests.with_serial(token.serial)
        if by_serial.accepted:
            found = [text_of(flat(each), "serialNumber") for each in by_serial.items()]
            exact = set(found) == {token.serial}
            self._tell("filter.serial", "found" if exact else f"{len(found)} tokens", by_serial)
        else:
            self._tell_outcome("filter.serial", by_serial)
        by_status = await requests.with_status("assigned")
        if by_status.accepted:
            others = {text_of(flat(each), "status") for each in by_status.items()} - {"assigned"}
            self._tell("filter.status", "gives others too" if others else YES, by_status)
        else:
            self._tell_outcome("filter.status", by_status)
        for fact, name in (("filter.holder_id", "assignedTo/id"), ("filter.holder", "assignedTo")):
            held = await requests.held_by(self._work.person.id, name)
            if held.accepted:
                serials = {text_of(flat(each), "serialNumber") for each in held.items()}
                exact = serials == {token.serial}
                self._tell(fact, f"{name} finds {'it alone' if exact else f'{len(serials)}'}", held)
            else:
                self._tell_answer(fact, held)

    async def _held(self) -> None:
        token, work = await self._token(), self._work
        person = work.person.id
        work.ask("assign_twice", token=token.serial)
        reply = await work.give(token, lambda: work.requests.assign(person, token.device_id))
        self._tell_answer("held.assign", reply)
        work.ask("update_held", token=token.serial)
        changed = await work.send(
            token, lambda: work.requests.set_model(token.device_id, token.model)
        )
        self._tell_outcome("held.update", changed)
        if not token.is_own:
            why = "not tried on the spare token, which would be lost if it were accepted"
            self._found["held.delete"] = unanswered("held.delete", why)
            return
        work.ask("delete_held", token=token.serial)
        deleted = await work.send(token, lambda: work.requests.delete(token.device_id))
        self._tell_outcome("held.delete", deleted)
        if deleted.accepted:
            self._own_token, self._main, self._state = None, None, ""

    async def _wrong_code(self) -> None:
        token, work = await self._in_hand()
        before = await self._status(token)
        work.ask("activate_wrong", token=token.serial)
        reply = await self._activate_with(token, work.wrong_code(token))
        self._tell_wrong("wrong.code", token, reply)
        if reply.accepted:
            self._state = "activated"
        self._tell("wrong.state", (await self._status_after(token, before))[0])

    def _tell_wrong(self, fact: str, token: Material, reply: Reply) -> None:
        """Note what a wrong code led to; a made-up one for the spare token may be a right one."""
        if reply.accepted and not token.is_own:
            why = "accepted: of 170 made-up codes one is right by chance"
            self._found[fact] = unanswered(fact, why, reply.rows())
        else:
            self._tell_outcome(fact, reply)

    async def _activate(self) -> None:
        token, work = await self._in_hand()
        if self._state == "activated":  # by a wrong code
            await self._reassign(token)
        before = await self._status(token)
        work.ask("activate", token=token.serial)
        reply = await self._activate_with(token, await work.right_code(token))
        self._tell_status("activate.status", reply)
        if not reply.accepted:
            raise Hindered(f"the token is not activated ({words_of(reply)})")
        self._state = "activated"
        status, waited = await self._status_after(token, before)
        self._tell("activate.state", status)
        self._tell("activate.visible_after", f"{waited:.0f} s")

    async def _reassign(self, token: Material) -> None:
        await self._to_stock()
        work = self._work
        work.ask("assign", token=token.serial)
        person = work.person.id
        reply = await work.give(token, lambda: work.requests.assign(person, token.device_id))
        if not reply.accepted:
            raise Hindered(f"the token is not assigned ({words_of(reply)})")
        self._state = "assigned"

    async def _in_hand(self) -> tuple[Material, TrialWork]:
        """Return the token in use, which the person has. Raises Hindered where they have not."""
        token = await self._token()
        if not self._state:
            raise Hindered("the person does not have the token")
        return token, self._work

    async def _activate_with(self, token: Material, code: VerificationCode) -> Reply:
        work, method_id = self._work, self._work.method_of(token)
        person = work.person.id
        return await work.send(token, lambda: work.requests.activate(person, method_id, code))

    async def _deactivate(self) -> None:
        token, work = await self._in_hand()
        method_id, person = work.method_of(token), work.person.id
        work.ask("deactivate", token=token.serial)
        reply = await work.send(token, lambda: work.requests.deactivate(person, method_id))
        self._tell_status("deactivate.status", reply)
        if not reply.accepted:
            raise Hindered(f"the token is not deactivated ({words_of(reply)})")
        self._state = "assigned"
        self._tell("deactivate.state", (await self._status_after(token, "activated"))[0])
        self._tell("deactivate.kept", YES if await self._method(token) is not None else NO)

    async def _unassign(self) -> None:
        token, work = await self._in_hand()
        before, method_id = await self._status(token), work.method_of(token)
        work.ask("unassign", token=token.serial)
        person = work.person.id
        reply = await work.send(token, lambda: work.requests.unassign(person, method_id))
        self._tell_status("unassign.status", reply)
        waited = await work.take_back(token.serial)
        if waited is None:
            raise Hindered("the token cannot be taken back")
        self._state = ""
        self._tell("unassign.visible_after", f"{waited:.0f} s")
        self._tell("unassign.state", (await self._status_after(token, before))[0])

    # Assigning and activating in one ------------------------------------------------------------

    async def _at_once(self) -> None:
        await self._in_one("at_once", self._at_once_with)

    async def _by_serial(self) -> None:
        await self._in_one("serial", self._by_serial_with)

    async def _at_once_with(self, token: Material, code: VerificationCode) -> Reply:
        work, person = self._work, self._work.person.id
        return await work.give(
            token, lambda: work.requests.assign_and_activate(person, token.device_id, code)
        )

    async def _by_serial_with(self, token: Material, code: VerificationCode) -> Reply:
        work, person = self._work, self._work.person.id
        return await work.give(
            token, lambda: work.requests.assign_and_activate_by_serial(person, token.serial, code)
        )

    async def _in_one(
        self, key: str, request: Callable[[Material, VerificationCode], Awaitable[Reply]]
    ) -> None:
        """Try a wrong code, look what it left behind, take that back, and try the right one."""
        token, work = await self._token(), self._work
        await self._to_stock()
        work.ask(f"{key}_wrong", token=token.serial)
        reply = await request(token, work.wrong_code(token))
        self._state = "perhaps assigned"
        self._tell_wrong(f"{key}.wrong_code", token, reply)
        if reply.refused and not await self._policy_allows():
            why = "refused, for which the policy may be the reason"
            self._found[f"{key}.wrong_code"] = unanswered(f"{key}.wrong_code", why, reply.rows())
        elif reply.refused:
            left, _ = await self._status_after(token, "available")
            held = await self._method(token) is not None
            where = "with the person" if held else "in stock"
            self._tell(f"{key}.wrong_leaves", f"the token {where}, {left}")
        await self._to_stock()
        work.ask(key, token=token.serial)
        reply = await request(token, await work.right_code(token))
        self._state = "perhaps assigned"
        await self._tell_given(f"{key}.status", reply)
        if reply.accepted:
            self._tell(f"{key}.state", (await self._status_after(token, "available"))[0])
        await self._to_stock()


def _hidden(method: Mapping[str, Any]) -> str:
    """Return which documented members of a method were not told, or "nothing"."""
    device = method.get("device")
    if not isinstance(device, dict):
        return "device"
    lacking = [name for name in _DEVICE_MEMBERS if name not in device]
    return ", ".join(f"device.{name}" for name in lacking) or "nothing"
