"""How a trial of a tenant writes: asked for, noted down before it is sent, and undone afterwards.

Every write goes through `TrialWork`. Before it is sent, the journal says which token it may change;
what the journal says is undone at the end, or by the next start after a kill. A token counts as
undone only once reading shows it so.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import chain, repeat
from typing import Any, Final

from app.core.code import CODE_DIGITS, StepClock, VerificationCode
from app.core.model import HashFunction, Person, Token
from app.core.ports import Clock
from app.core.secret import Secret
from app.core.shelf import Shelf
from app.core.tenant_trial import (
    SERIAL_PREFIX,
    WRITES,
    Consent,
    Examiner,
    Reply,
    TrialRequests,
    Upload,
)
from app.core.totp import code_at
from app.core.trial_journal import JOURNAL, Journal, Touched

LOOKS: Final = (0.0, 1.0, 2.0, 3.0, 5.0)
"""Seconds before each look of a read-back (Graph contract, section 7); the last one repeats."""

_SEED_BYTES: Final = {"hmacsha1": 20, "hmacsha256": 32}
_HASHES: Final = {"hmacsha1": HashFunction.SHA1, "hmacsha256": HashFunction.SHA256}
_ALIVE_SECONDS: Final = 8.0
"""Life that a computed code has left when it is sent."""

_WINDOW: Final = timedelta(days=3)
"""Around now; the directory accepts codes of two days at most (Graph contract, section 8)."""


@dataclass(frozen=True, slots=True)
class TrialPatience:
    """Seconds that a trial waits for reading to agree with what was written.

    `settle` is also how long a write whose answer was lost may take to show itself.
    """

    settle: float = 60.0


class Declined(Exception):
    """The person said no to a write."""


class Hindered(Exception):
    """Something is in the way of a step; the text says what."""


class Stopped(Exception):
    """The person wants the trial to end."""


@dataclass(slots=True)
class Material:
    """The token that a step works with. `upload` is how it was made, None for the spare one."""

    serial: str
    device_id: str
    interval: int
    model: str
    upload: Upload | None = None
    last_step: int = -1

    @property
    def is_own(self) -> bool:
        """Whether the trial has made it, seed and all."""
        return self.upload is not None


@dataclass(slots=True)
class TrialWork:
    """The writes of one trial, and their undoing. `person` is the test person."""

    requests: TrialRequests
    clock: Clock
    shelf: Shelf
    examiner: Examiner
    journal: Journal
    person: Person
    spare: Token | None = None
    patience: TrialPatience = field(default_factory=TrialPatience)
    _seeds: list[Secret] = field(default_factory=list)

    # Asking -------------------------------------------------------------------------------------

    def ask(self, write: str, **facts: str) -> None:
        """Ask whether to send `write`. Raises Declined and Stopped."""
        words = WRITES[write]
        facts.setdefault("person", self.person.user_principal_name or "the test person")
        match self.examiner.agree(words, words.asks.format(**facts)):
            case Consent.NO:
                raise Declined
            case Consent.STOP:
                raise Stopped

    def check_stop(self) -> None:
        """Raise Stopped where the person wants the trial to end."""
        if self.examiner.stopped:
            raise Stopped

    def keep(self, journal: Journal) -> None:
        """Let `journal` be the one that counts, and write it down. Raises LedgerUnwritable."""
        self.shelf.keep(JOURNAL, journal.text())
        self.journal = journal

    # Writing ------------------------------------------------------------------------------------

    def new_upload(self, interval: int = 30, hash_function: str = "hmacsha1") -> Upload:
        """Return a throw-away token with a seed that is nowhere else, and a number of its own."""
        journal = replace(self.journal, uploads=self.journal.uploads + 1)
        self.keep(journal)
        serial = f"{SERIAL_PREFIX}{journal.run}-{journal.uploads}"
        seed = Secret(secrets.token_bytes(_SEED_BYTES.get(hash_function, 20)))
        self._seeds.append(seed)
        return Upload(serial, seed, interval, hash_function)

    def wipe_seeds(self) -> None:
        """Overwrite every seed that was made."""
        for seed in self._seeds:
            seed.wipe()

    async def create(self, upload: Upload) -> tuple[Reply, Material | None]:
        """Upload a token; return the answer, and the token where it was accepted."""
        before = self._touched(upload.serial, own=True)
        self._intend(replace(before, there=True))
        reply = await self.requests.create(upload)
        if not reply.accepted:
            self._answered(replace(before, there=before.there or _may_have_acted(reply)), reply)
            return reply, None
        created = reply.entity()
        device_id = text_of(created, "id")
        ids = (*before.device_ids, device_id) if device_id else before.device_ids
        self._answered(replace(before, there=True, device_ids=ids), reply)
        model = text_of(created, "model")
        return reply, Material(upload.serial, device_id, upload.interval, model, upload)

    async def create_many(self, uploads: Sequence[Upload]) -> Reply:
        """Upload tokens in one request; which of them were created, only reading tells."""
        for upload in uploads:
            self._intend(replace(self._touched(upload.serial, own=True), there=True))
        reply = await self.requests.create_many(uploads)
        for upload in uploads:
            self._answered(self.journal.of(upload.serial), reply)
        return reply

    async def give(self, token: Material, request: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send what may make `token` the person's; note the method where the answer names it.

        Whatever the answer, the journal says that the person may have it until reading shows that
        they have not.
        """
        self._intend(replace(self._of(token), held=True))
        reply = await request()
        touched = self.journal.of(token.serial)
        method_id = text_of(reply.entity(), "id") if reply.accepted else ""
        self._answered(replace(touched, method_id=method_id or touched.method_id), reply)
        return reply

    async def send(self, token: Material, request: Callable[[], Awaitable[Reply]]) -> Reply:
        """Send another write about `token`, which the journal names already."""
        self._intend(self._of(token))
        reply = await request()
        self._answered(self.journal.of(token.serial), reply)
        return reply

    def method_of(self, token: Material) -> str:
        """Return the id of the token's method, which is the device's id unless told otherwise."""
        return self._of(token).method_id or token.device_id

    def note_method(self, token: Material, method_id: str) -> None:
        """Keep the id that reading showed for the token's method."""
        touched = self._of(token)
        if method_id and touched.method_id != method_id:
            self.keep(self.journal.with_token(replace(touched, method_id=method_id)))

    def _of(self, token: Material) -> Touched:
        found = self._touched(token.serial, own=token.is_own)
        return found if found.device_ids else replace(found, device_ids=(token.device_id,))

    def _touched(self, serial: str, *, own: bool) -> Touched:
        known = {each.serial: each for each in self.journal.touched}
        return known.get(serial) or Touched(serial, own)

    def _intend(self, token: Touched) -> None:
        since = self.clock.now().isoformat()
        self.keep(self.journal.with_token(replace(token, answered=False, since=since)))

    def _answered(self, token: Touched, reply: Reply) -> None:
        """Keep `token` after a write; one that was not answered may still show itself."""
        since = self.journal.of(token.serial).since
        changed = replace(token, answered=reply.status is not None, since=since)
        self.keep(self.journal.with_token(changed))

    # Codes --------------------------------------------------------------------------------------

    async def right_code(self, token: Material) -> VerificationCode:
        """Return a code that the token shows now, not used before and with life left.

        That of the spare token is read off its display. Raises Stopped.
        """
        if token.upload is None:
            code = self.examiner.code(token.serial)
            if code is None:
                raise Stopped
            return code
        steps = StepClock(token.interval)
        while True:
            now = self.clock.now().timestamp()
            left = steps.seconds_left(now)
            if steps.step(now) > token.last_step and left >= _ALIVE_SECONDS:
                break
            self.examiner.tell(f"Waiting {left:.0f} s for the next code.")
            await self.clock.sleep(left)
            self.check_stop()
        token.last_step = steps.step(now)
        return code_at(token.upload.secret, now, token.interval, self._hash(token.upload))

    def wrong_code(self, token: Material) -> VerificationCode:
        """Return six digits that the token shows at no moment near now.

        Of the spare token's seed nothing is known: one made-up code of 170 is right by chance.
        """
        shown: set[str] = set()
        if token.upload is not None:
            now, upload = self.clock.now(), token.upload
            count = int(2 * _WINDOW.total_seconds() / token.interval)
            first = (now - _WINDOW).timestamp()
            shown = {
                code_at(
                    upload.secret, first + number * token.interval, token.interval,
                    self._hash(upload),
                ).reveal()
                for number in range(count + 1)
            }  # fmt: skip
        while True:
            digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
            if digits not in shown:
                return VerificationCode(digits)

    @staticmethod
    def _hash(upload: Upload) -> HashFunction:
        return _HASHES[upload.hash_function]

    # Undoing ------------------------------------------------------------------------------------

    async def undo(self, serial: str = "") -> tuple[Touched, ...]:
        """Bring what the journal names (or the one token `serial`) back to how it was.

        Return what is not known to be undone; it stays in the journal.
        """
        for token in reversed(self.journal.open):
            if serial and token.serial != serial:
                continue
            if token.held:
                await self.take_back(token.serial)
            if self.journal.of(token.serial).there:
                await self._remove(token.serial)
        return tuple(each for each in self.journal.open if not serial or each.serial == serial)

    async def take_back(self, serial: str) -> float | None:
        """Take a token from the test person; return after how many seconds that could be read.

        None where it could not be, and the journal still names it.
        """
        token = self.journal.of(serial)
        tried: dict[str, Reply] = {}
        for method_id in dict.fromkeys((token.method_id, *token.device_ids)):
            if method_id:
                tried[method_id] = await self.requests.unassign(self.journal.person_id, method_id)
        async for waited in self.looks():
            listed = await self.requests.tokens_of(self.journal.person_id)
            ours = [each for each in listed.items() if is_same(each, token)]
            for method_id in (text_of(each, "id") for each in ours):
                last = tried.get(method_id)
                if last is None or not last.accepted:
                    again = await self.requests.unassign(self.journal.person_id, method_id)
                    tried[method_id] = again
            if listed.accepted and not ours and self._has_settled(token):
                done = replace(token, held=False, method_id="", answered=True)
                self.keep(self.journal.with_token(done))
                return waited
        return None

    async def _remove(self, serial: str) -> None:
        """Delete a token of the trial's own from the inventory, and every other of its number."""
        token = self.journal.of(serial)
        if not token.own or not token.serial.startswith(SERIAL_PREFIX):
            return  # a serial number that the trial did not make is never deleted
        tried = {each: await self.requests.delete(each) for each in token.device_ids if each}
        async for _ in self.looks():
            found = await self.requests.with_serial(serial)
            same = [each for each in found.items() if text_of(flat(each), "serialNumber") == serial]
            for device_id in (text_of(flat(each), "id") for each in same):
                last = tried.get(device_id)
                if device_id and (last is None or not last.accepted):
                    tried[device_id] = await self.requests.delete(device_id)
            if found.accepted and not same and self._has_settled(token):
                done = replace(token, there=False, device_ids=(), answered=True)
                self.keep(self.journal.with_token(done))
                return

    def _has_settled(self, token: Touched) -> bool:
        """Whether a write about `token` that was not answered would have shown itself by now."""
        if token.answered or not token.since:
            return True
        age = self.clock.now() - datetime.fromisoformat(token.since)
        return not timedelta(0) <= age < timedelta(seconds=self.patience.settle)

    async def looks(self, seconds: float | None = None) -> AsyncIterator[float]:
        """Yield at each look how many seconds have passed, until the patience is over."""
        limit = self.patience.settle if seconds is None else seconds
        began, slept = self.clock.now(), 0.0
        for wait in chain(LOOKS, repeat(LOOKS[-1])):
            await self.clock.sleep(wait)
            slept += wait
            yield max(0.0, (self.clock.now() - began).total_seconds())
            if slept >= limit:
                return


def _may_have_acted(reply: Reply) -> bool:
    """Tell whether Graph may have done what was asked, although it did not say so."""
    return reply.status is None or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_same(method: Mapping[str, Any], token: Touched) -> bool:
    """Tell whether a person's method, as it was read, is this token: by its id or its device."""
    device = method.get("device")
    known = {token.method_id, *token.device_ids} - {""}
    if text_of(method, "id") in known or text_of(device, "id") in known:
        return True
    return text_of(device, "serialNumber") == token.serial


def flat(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an inventory item, out of `device` where it comes so (C7)."""
    inner = item.get("device")
    return inner if "serialNumber" not in item and isinstance(inner, dict) else item


def text_of(item: object, name: str) -> str:
    """Return a member of a JSON object where it is text, else ""."""
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""
