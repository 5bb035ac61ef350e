"""What is done with a token after it was handed over: activated, deactivated, taken back, replaced.

One enrollment at a time, beside the desk's own and in the same table, record and recovery. Nothing
is taken from a person before the token was shown, or the operator has said why it is not there. A
replacement is two enrollments that know each other: the second one is on record before the first
is sent, and from then on it is offered until somebody does it or takes it back.
"""

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import RESTING, WAITING, Enrollment, State, advance
from app.core.errors import DirectoryError, LedgerError, SignInError
from app.core.events import (
    CheckFailed,
    PersonPut,
    Proved,
    Stopped,
    Submitted,
    TokenPut,
    TriedAgain,
    Withdrawn,
)
from app.core.lifecycle import old_goes_first, preview, proves, undo, without
from app.core.model import (
    TAKES_BACK,
    WITHOUT_TOKEN,
    Link,
    Mode,
    Operation,
    Operator,
    Person,
    Proof,
    Reason,
    Source,
    Token,
)
from app.core.ports import Ledger
from app.core.preflight import stands_in_the_way
from app.core.reading import CardReading, TokenReading
from app.core.record import Entry, due, due_work, lines, passage, restored
from app.core.scan import Refused, SerialScan, classify
from app.station.desk import Desk
from app.station.life_notices import LifeNotice, Offer, OffersNotice
from app.station.notices import CodeNotice, ScanNotice, TroubleNotice
from app.station.runs import Written
from app.station.setup import Around, DeskSettings, Notify, Outside
from app.station.tasks import Tasks

_OFFERS = "offers"

_PROOFS = {
    Source.SCANNER: Proof.SCANNED,
    Source.PRACTICE: Proof.SCANNED,
    Source.CARD: Proof.CARD,
    Source.TYPED: Proof.TYPED,
}


class Lifecycle:
    """One enrollment beside the desk, gesture by gesture. `runs` carries what is submitted."""

    def __init__(
        self,
        outside: Outside,
        settings: DeskSettings,
        desk: Desk,
        written: Written,
        notify: Notify,
    ) -> None:
        """Begin with nothing in work; tell each entry that became durable to `written`.

        What `desk` knows of codes, facts and enrollments on their way is known here too.
        """
        self._outside = outside
        self._settings = settings
        self._facts = desk.facts
        self._runs = desk.runs
        self._guards = desk.guards
        self._written = written
        self._notify = notify
        self._around = Around()
        self._tasks = Tasks()
        self._enrollment: Enrollment | None = None
        self._second: Enrollment | None = None
        self._runs.tell_too(self._told)

    def mind(self, around: Around) -> None:
        """Be part of a station from now on."""
        self._around = around

    @property
    def enrollment(self) -> Enrollment | None:
        """Return what is in work, or None."""
        return self._enrollment

    @property
    def awaits_token(self) -> bool:
        """Tell whether the next token that is scanned or tapped is meant as a proof."""
        return self._enrollment is not None and self._enrollment.state is State.AWAITING_TOKEN

    # Beginning ----------------------------------------------------------------------------------

    async def begin(self, operation: Operation, token: Token, person: Person) -> None:
        """Prepare one request: ACTIVATE, DEACTIVATE or UNASSIGN `token`, which `person` has."""
        mode = Mode.ASSIGN_ONLY if operation in TAKES_BACK else Mode.ASSIGN_AND_ACTIVATE
        draft = Enrollment(_fresh_id(), mode, wanted=operation, operation=operation)
        await self._begin(draft, token, person)

    async def begin_by_serial(self, serial_number: str, person: Person) -> None:
        """Prepare to hand over a token that cannot be looked up: assigned and activated at once."""
        draft = Enrollment(_fresh_id(), Mode.ASSIGN_AND_ACTIVATE)
        await self._begin(draft, Token("", serial_number), person)

    async def replace(
        self, old: Token, new: Token, person: Person, reason: Reason, mode: Mode
    ) -> None:
        """Prepare to give `person` the token `new` for `old`.

        The new one comes first, so that they are never without, unless they are at the limit.
        """
        try:
            methods = await self._outside.directory.methods(person.id)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return
        giving = Enrollment(_fresh_id(), mode, State.CHECKING, token=new, person=person)
        taking = replace(
            giving,
            id=_fresh_id(),
            mode=Mode.ASSIGN_ONLY,
            token=old,
            wanted=Operation.UNASSIGN,
            operation=Operation.UNASSIGN,
        )
        first, second = (taking, giving) if old_goes_first(methods) else (giving, taking)
        first = replace(first, link=Link(second.id, reason))
        second = replace(second, link=Link(first.id, reason, second=True))
        draft = replace(first, state=State.EMPTY, token=None, person=None)
        await self._begin(draft, first.token or old, person, second)

    async def take_up(self, enrollment_id: str) -> None:
        """Prepare the second half of a replacement. Nothing happens before its first is done."""
        offers = await self._offers()
        offer = next((one for one in offers if one.second.id == enrollment_id), None)
        if offer is None or not offer.is_ready:
            return
        second = offer.second
        token, person = second.token, second.person
        if token is None or person is None:
            raise ValueError("what is due has a token and a person")
        try:
            person = await self._outside.directory.person(person.id)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return
        await self._begin(replace(second, token=None, person=None), token, person)

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment that rests back, of this session or of any day; check what is undone.

        It stays the enrollment it was, so that the other half of a replacement still knows it.
        """
        known = self._runs.known(enrollment_id)
        if known is None:
            ledger = self._outside.ledger
            known = restored(await asyncio.to_thread(ledger.timeline, enrollment_id))
        if known is None or known.state not in RESTING or self._runs.operator is None:
            return
        self._enrollment, self._second = known, None
        self._tell()
        if known.state is State.NOT_DONE:
            await self.try_again()

    async def withdraw(self, enrollment_id: str) -> None:
        """Take back the second half of a replacement: it is not offered again."""
        if self._enrollment is not None and self._enrollment.id == enrollment_id:
            return
        for offer in await self._offers():
            if offer.second.id == enrollment_id:
                withdrawn = advance(offer.second, Withdrawn(at=self._now()))
                await self._append(passage(withdrawn, self._now()))
                await self.tell_offers()

    async def cancel(self) -> None:
        """Leave what is in work. What was submitted goes on behind."""
        self._enrollment = self._second = None
        self._tell()

    async def close(self) -> None:
        """Stop, and forget whom was served."""
        self._enrollment = self._second = None
        await self._tasks.stop_all()

    # Proving ------------------------------------------------------------------------------------

    async def scanned(self, text: str, source: Source) -> None:
        """Take what was scanned or typed while the token is to be shown."""
        match classify(text, self._settings.rules):
            case SerialScan(serial=serial):
                self._shown(serial, source)
            case Refused(kind=kind):
                self._notify(ScanNotice(kind))

    async def tapped(self, reading: CardReading) -> None:
        """Take what a chip card says of itself while the token is to be shown."""
        if isinstance(reading, TokenReading):
            self._shown(reading.serial, Source.CARD)

    async def say_missing(self, proof: Proof) -> None:
        """Go on without the token, where this desk allows it: LOST or BROKEN, and recorded so."""
        if self.awaits_token and proof in WITHOUT_TOKEN and self._settings.without_token:
            self._prove(proof)

    def _shown(self, serial_number: str, source: Source) -> None:
        token = self._enrollment.token if self._enrollment else None
        if token is None or not self.awaits_token:
            return
        if proves(token, serial_number):
            self._prove(_PROOFS[source])
        else:
            self._tell(wrong=serial_number)

    def _prove(self, proof: Proof) -> None:
        if self._enrollment is not None:
            self._enrollment = advance(self._enrollment, Proved(at=self._now(), proof=proof))
            self._tell()

    # Submitting ---------------------------------------------------------------------------------

    async def confirm(self, digits: str = "") -> None:
        """Send what was previewed, with `digits` where a code is needed.

        The second half of a replacement is on record before its first is sent.
        """
        enrollment = self._enrollment
        if enrollment is None or enrollment.token is None or not enrollment.admits(Submitted):
            return
        if self._is_underway(enrollment):
            await self.try_again()  # which tells that another enrollment is at it
            return
        code = None
        if enrollment.wants_code:
            code = self._admitted(enrollment.token, digits)
            if code is None:
                return
        if await self._second_is_durable() and self._enrollment is enrollment:
            self._runs.send_off(advance(enrollment, Submitted(at=self._now())), code)

    async def try_again(self) -> None:
        """Check a draft afresh, or look into the directory again for what is not settled."""
        if self._enrollment is None or not self._enrollment.admits(TriedAgain):
            return
        again = advance(self._enrollment, TriedAgain(at=self._now()))
        if again.state is State.CHECKING:
            self._enrollment = again
            self._tell()
            await self._check()
        else:
            self._runs.send_off(again, None)

    async def tell_offers(self) -> None:
        """Tell what is left to do of replacements."""
        try:
            self._notify(OffersNotice(await self._offers()))
        except LedgerError as error:
            self._notify(TroubleNotice(error))

    # Inside -------------------------------------------------------------------------------------

    async def _begin(
        self, draft: Enrollment, token: Token, person: Person, second: Enrollment | None = None
    ) -> None:
        if self._runs.operator is None:
            return
        self._second = second
        draft = advance(draft, TokenPut(at=self._now(), token=token))
        self._enrollment = advance(draft, PersonPut(at=self._now(), person=person))
        self._tell()
        await self._check()

    async def _check(self) -> None:
        """Read afresh and judge; whatever was begun or left meanwhile is not touched."""
        asked, operator = self._enrollment, self._runs.operator
        if asked is None or operator is None:
            return
        checked = await self._facts.refreshed(asked)
        if checked.state is State.CHECKING:
            checked = await self._judged(checked, operator)
        if self._enrollment is asked:
            self._enrollment = checked
            self._tell()

    async def _judged(self, draft: Enrollment, operator: Operator) -> Enrollment:
        """Judge a draft, and what follows it: no half is begun where the other cannot be done."""
        checked = await self._facts.check(draft, operator, 1, underway=self._is_underway(draft))
        if self._second is None or checked.state in {State.BLOCKED, State.UNCHECKED}:
            return checked
        after = await self._foreseen(draft, self._second, operator)
        match after.state:
            case State.BLOCKED:
                found = tuple(one for one in after.findings if stands_in_the_way((one,)))
                return advance(draft, Stopped(at=self._now(), findings=found))
            case State.UNCHECKED if after.error is not None:
                return advance(draft, CheckFailed(at=self._now(), error=after.error))
        return checked

    async def _foreseen(
        self, first: Enrollment, second: Enrollment, operator: Operator
    ) -> Enrollment:
        """Return the second half as its check will end once the first is done."""
        fresh = await self._facts.refreshed(second)
        if fresh.state is not State.CHECKING:
            return fresh
        if first.takes_back and first.token is not None:
            fresh = replace(fresh, methods=without(fresh.methods, first.token))
        return await self._facts.check(fresh, operator, 1, underway=self._is_underway(fresh))

    def _is_underway(self, draft: Enrollment) -> bool:
        return draft.token is not None and self._runs.is_underway(draft.token, draft.id)

    async def _second_is_durable(self) -> bool:
        """Put the second half on record, once; tell whether the first may be sent."""
        operator = self._runs.operator
        if operator is None:
            return False
        if self._second is None:
            return True
        entry = due(self._second, operator, self._settings.desk, self._now())
        try:
            await self._append(entry)
        except LedgerError as error:
            self._notify(TroubleNotice(error))
            return False
        self._second = None
        return True

    async def _offers(self) -> tuple[Offer, ...]:
        return await asyncio.to_thread(_read_offers, self._outside.ledger)

    async def _append(self, entry: Entry) -> None:
        await asyncio.to_thread(self._outside.ledger.append, entry)
        self._written(entry)

    def _admitted(self, token: Token, digits: str) -> VerificationCode | None:
        """Return the code if it may be sent now; else tell why not."""
        now = self._now().timestamp() + self._around.ahead()
        admitted = self._guards.admit(token, digits, now)
        if isinstance(admitted, CodeVerdict):
            self._notify(CodeNotice(admitted))
            return None
        return admitted

    def _told(self, enrollment: Enrollment) -> None:
        if self._enrollment is not None and enrollment.id == self._enrollment.id:
            self._enrollment = enrollment
            self._tell()
        if enrollment.link is not None and enrollment.action is None:
            self._tasks.once_more(_OFFERS, self.tell_offers)

    def _tell(self, wrong: str = "") -> None:
        shown = self._enrollment
        if shown is None:
            self._notify(LifeNotice())
        else:
            self._notify(LifeNotice(shown, preview(shown), wrong, undo(shown)))

    def _now(self) -> datetime:
        return self._outside.clock.now()


def _fresh_id() -> str:
    return uuid.uuid4().hex


def _read_offers(ledger: Ledger) -> tuple[Offer, ...]:
    """Return what is due, each with its first half as the record has it."""
    found = []
    for second, since in due_work(ledger.unsettled()):
        partner = second.link.partner if second.link else ""
        known = lines(ledger.timeline(partner))
        first = next((line for line in known if line.state not in WAITING), None)
        found.append(Offer(second, since, first))
    return tuple(found)
