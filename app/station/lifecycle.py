"""What is done with a token after it was handed over: activated, deactivated, taken back, replaced.

One enrollment at a time, beside the desk's own and in the same table, record and recovery. Nothing
is taken from a person before the token was shown, or the operator has said why it is not there. A
replacement is two enrollments that know each other: the second one is on record before the first
is sent, and from then on it is offered until somebody does it or takes it back.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import DRAFT, RESTING, UNCLEAR, WATCHED, Enrollment, State, advance
from app.core.errors import DirectoryError, Forbidden, LedgerError, SignInError
from app.core.events import (
    CheckFailed,
    PersonPut,
    Proved,
    Stopped,
    Submitted,
    TokenPut,
    TriedAgain,
)
from app.core.lifecycle import preview, proves, undo, without
from app.core.model import (
    TAKES_BACK,
    WITHOUT_TOKEN,
    Mode,
    Operation,
    Operator,
    Person,
    Proof,
    Reason,
    Source,
    Token,
)
from app.core.near import variants
from app.core.preflight import OverrideReason, stands_in_the_way
from app.core.reading import CardReading, TokenReading
from app.core.record import restored
from app.core.rights import Feature, Verdict, standing
from app.core.scan import Refused, SerialScan, classify
from app.station.context import StationContext
from app.station.desk import Desk
from app.station.intake import rules_of
from app.station.life_notices import LifeNotice, OffersNotice
from app.station.notices import CodeNotice, ScanNotice, TokenCard, TroubleNotice
from app.station.read_retry import ReadRetry
from app.station.replacements import Replacements, halves
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper

_OFFERS, _CHECK = "offers", "check"

MOST_UNCHECKED: Final = 4
"""Near serial numbers that are offered where nobody could ask the directory for them."""

_PROOFS = {
    Source.SCANNER: Proof.SCANNED,
    Source.PRACTICE: Proof.SCANNED,
    Source.CARD: Proof.CARD,
    Source.TYPED: Proof.TYPED,
}


@dataclass(frozen=True, slots=True)
class NearSerials:
    """Serial numbers that look like an unknown one, the likeliest first.

    `are_known` tells that the directory has them; else nobody could ask it.
    """

    serials: tuple[str, ...] = ()
    are_known: bool = False


class Lifecycle:
    """One enrollment beside the desk, gesture by gesture. `runs` carries what is submitted."""

    def __init__(
        self,
        context: StationContext,
        desk: Desk,
        time: Timekeeper,
        changed: Callable[[Enrollment | None], None],
    ) -> None:
        """Begin with nothing in work.

        What `desk` knows of codes, facts and enrollments on their way is known here too, and the
        same recorder writes both. `changed` is called with what is in work once the window was
        told.
        """
        self._ports = context.ports
        self._settings = context.settings
        self._time = time
        self._changed = changed
        self._facts = desk.facts
        self._runs = desk.runs
        self._guards = desk.guards
        self._corrections = desk.corrections
        self._notify = context.tell
        self._recorder = desk.recorder
        self._replacements = Replacements(context, desk.recorder)
        self._tasks = Tasks()
        self._retry = ReadRetry(self._ports.clock, self._repeat_check)
        self._retry_at: datetime | None = None
        self._by_itself = False
        self._enrollment: Enrollment | None = None
        self._second: Enrollment | None = None
        self._count = 1

    @property
    def enrollment(self) -> Enrollment | None:
        """Return what is in work, or None."""
        return self._enrollment

    @property
    def retry_at(self) -> datetime | None:
        """Return when a check that failed is made again; None where it is not."""
        return self._retry_at

    @property
    def repeats_by_itself(self) -> bool:
        """Tell whether the present check was planned, and nobody has asked for it."""
        return self._by_itself

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

    async def hand_over(
        self,
        serial_number: str,
        person: Person,
        mode: Mode = Mode.ASSIGN_AND_ACTIVATE,
    ) -> DirectoryError | SignInError | None:
        """Prepare to hand a token over in `mode`, by its serial number alone where need be.

        Returns why the token could not be looked up, where it could not; then nothing is begun.

        That is where this operator may not read the inventory: by what was granted, or because the
        directory says so. Then the token is assigned and activated in any mode: a request that only
        assigns needs the device id, which the inventory alone tells (Graph contract, section 4).
        """
        operator = self._runs.operator
        if operator is None:
            return None
        try:
            tokens = await self._look_up(serial_number, operator)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return error
        token = tokens[0] if tokens else Token("", serial_number)
        by_serial = bool(tokens) and not token.device_id
        draft = Enrollment(_fresh_id(), Mode.ASSIGN_AND_ACTIVATE if by_serial else mode)
        await self._begin(draft, token, person, count=len(tokens))
        return None

    async def _look_up(self, serial_number: str, operator: Operator) -> tuple[Token, ...]:
        unlisted = (Token("", serial_number),)
        if standing(Feature.READ_INVENTORY, operator).verdict is Verdict.SCOPE_MISSING:
            return unlisted
        try:
            return await self._ports.directory.find_tokens(serial_number)
        except Forbidden:
            return unlisted

    async def near(self, serial_number: str, others: tuple[str, ...]) -> NearSerials:
        """Return what may be meant by a serial number that the directory does not know.

        `others` are other readings of what was scanned. Where the inventory may be read these are
        the near ones that it has, one request after the other; else the likeliest ways to write it.
        """
        likely, operator = variants(serial_number, others), self._runs.operator
        if operator is None:
            return NearSerials()
        if standing(Feature.READ_INVENTORY, operator).verdict is Verdict.SCOPE_MISSING:
            return NearSerials(likely[:MOST_UNCHECKED])
        found: list[str] = []
        for each in likely:
            try:
                tokens = await self._ports.directory.find_tokens(each, long_work=True)
            except Forbidden:
                return NearSerials(likely[:MOST_UNCHECKED])
            except (DirectoryError, SignInError):
                return NearSerials()  # that the number is unknown was said
            found.extend(token.serial_number for token in tokens[:1])
        return NearSerials(tuple(dict.fromkeys(found)), are_known=True)

    async def replace(
        self, old: Token, new: Token, person: Person, reason: Reason, mode: Mode
    ) -> None:
        """Prepare to give `person` the token `new` for `old`.

        The new one comes first, so that they are never without, unless they are at the limit.
        """
        try:
            methods = await self._ports.directory.methods(person.id)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return
        giving = Enrollment(_fresh_id(), mode, State.CHECKING, token=new, person=person)
        first, second = halves(giving, old, reason, methods)
        draft = replace(first, state=State.EMPTY, token=None, person=None)
        await self._begin(draft, first.token or old, person, second)

    async def take_up(self, enrollment_id: str) -> None:
        """Prepare the second half of a replacement. Nothing happens before its first is done.

        Raises LedgerError.
        """
        offers = await self._replacements.offers()
        offer = next((one for one in offers if one.second.id == enrollment_id), None)
        if offer is None or not offer.is_ready:
            return
        second = offer.second
        token, person = second.token, second.person
        if token is None or person is None:
            raise ValueError("what is due has a token and a person")
        try:
            person = await self._ports.directory.person(person.id)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return
        await self._begin(replace(second, token=None, person=None), token, person)

    async def resume(self, enrollment_id: str) -> None:
        """Bring an enrollment that rests back, of this session or of any day; check what is undone.

        It stays the enrollment it was, so that the other half of a replacement still knows it.
        Raises LedgerError.
        """
        known = self._runs.known(enrollment_id)
        if known is None:
            known = restored(await self._recorder.timeline(enrollment_id))
        if known is None or known.state not in RESTING | WATCHED or self._runs.operator is None:
            return
        self._forget_retry()
        self._enrollment, self._second, self._count = known, None, 1
        self._tell()
        if known.state in {State.NOT_DONE, State.UNRECORDED}:
            await self.try_again()

    async def withdraw(self, enrollment_id: str) -> None:
        """Take back the second half of a replacement: it is not offered again.

        One that is in work is left alone; `cancel` it first.
        """
        if self._enrollment is not None and self._enrollment.id == enrollment_id:
            return
        try:
            await self._replacements.withdraw(enrollment_id)
        except LedgerError as error:
            self._notify(TroubleNotice(error))
        await self.tell_offers()

    async def cancel(self) -> None:
        """Leave what is in work. What was submitted goes on behind."""
        self._forget_retry()
        self._enrollment = self._second = None
        self._tell()

    async def close(self) -> None:
        """Stop, and forget whom was served."""
        await self.cancel()
        await self._retry.close()
        await self._tasks.stop_all()

    # Proving ------------------------------------------------------------------------------------

    async def scanned(self, text: str, source: Source) -> None:
        """Take what was scanned or typed while the token is to be shown."""
        match classify(text, rules_of(self._settings, source)):
            case SerialScan(serial=serial, others=others):
                self._shown(self._expected_of(serial, others), source)
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

    def _expected_of(self, serial: str, others: tuple[str, ...]) -> str:
        """Return the reading of a label that is the token which is to be shown, or `serial`."""
        token = self._enrollment.token if self._enrollment else None
        if token is None:
            return serial
        return next((other for other in others if proves(token, other)), serial)

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

        The second half of a replacement is on record before its first is. From here on it goes its
        way, whatever comes to the desk meanwhile; a second Enter on the same gesture finds nothing
        left to send.
        """
        enrollment, operator = self._enrollment, self._runs.operator
        if enrollment is None or enrollment.token is None or not enrollment.admits(Submitted):
            return
        if operator is None:
            return
        if self._is_underway(enrollment):
            await self.try_again()  # which tells that another enrollment is at it
            return
        code = None
        if enrollment.wants_code:
            code = self._admitted(enrollment.token, digits)
            if code is None:
                return
        second, self._second = self._second, None
        before = () if second is None else (self._replacements.entry_of(second, operator),)
        self._runs.send_off(advance(enrollment, Submitted(at=self._now())), code, *before)

    async def try_again(self) -> None:
        """Check a draft afresh, or look into the directory again for what is not settled."""
        self._forget_retry()
        await self._try_again()

    async def _try_again(self) -> None:
        if self._enrollment is None or not self._enrollment.admits(TriedAgain):
            return
        again = advance(self._enrollment, TriedAgain(at=self._now()))
        if again.state is State.CHECKING:
            self._enrollment = again
            self._tell()
            await self._check()
        else:
            self._runs.send_off(again, None)

    async def go_on_because(self, reason: OverrideReason) -> None:
        """Give the reason that the check asks for, and check again."""
        if self._enrollment is not None and self._facts.take_reason(self._enrollment, reason):
            await self.try_again()

    async def tell_offers(self) -> None:
        """Tell what is left to do of replacements."""
        try:
            self._notify(OffersNotice(await self._replacements.offers()))
        except LedgerError as error:
            self._notify(TroubleNotice(error))

    # Inside -------------------------------------------------------------------------------------

    async def _begin(
        self,
        draft: Enrollment,
        token: Token,
        person: Person,
        second: Enrollment | None = None,
        count: int = 1,
    ) -> None:
        if self._runs.operator is None:
            return
        self._forget_retry()
        self._second, self._count = second, count
        self._corrections.met(serial_number=token.serial_number, person_id=person.id)
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
            self._plan_retry(checked)
            self._tell()

    def _plan_retry(self, checked: Enrollment) -> None:
        """Plan the next check where this one failed for a reason that passes by itself."""
        if checked.state is State.UNCHECKED and checked.error is not None:
            self._retry_at = self._retry.plan(checked.error)
        else:
            self._forget_retry()

    def _repeat_check(self) -> None:
        self._retry_at = None
        if self._enrollment is not None and self._enrollment.state is State.UNCHECKED:
            self._by_itself = True
            self._tasks.start(_CHECK, self._try_again())

    def _forget_retry(self) -> None:
        self._retry.reset()
        self._retry_at = None
        self._by_itself = False

    async def _judged(self, draft: Enrollment, operator: Operator) -> Enrollment:
        """Judge a draft, and what follows it: no half is begun where the other cannot be done."""
        card, underway = TokenCard(count=self._count), self._is_underway(draft)
        checked = await self._facts.check(draft, operator, card, underway=underway)
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
        underway = self._is_underway(fresh)
        return await self._facts.check(fresh, operator, TokenCard(), underway=underway)

    def _is_underway(self, draft: Enrollment) -> bool:
        return draft.token is not None and self._runs.is_underway(draft.token, draft.id)

    def _admitted(self, token: Token, digits: str) -> VerificationCode | None:
        """Return the code if it may be sent now; else tell why not."""
        true_time = self._now().timestamp() + self._time.ahead()
        admitted = self._guards.admit(token, digits, true_time)
        if isinstance(admitted, CodeVerdict):
            self._notify(CodeNotice(admitted))
            return None
        return admitted

    def enrollment_changed(self, enrollment: Enrollment) -> None:
        """Take in what has become of a submitted enrollment, which may be the one in work."""
        shown = self._enrollment
        if shown is not None and enrollment.id == shown.id:
            checked_anew = shown.state in DRAFT and enrollment.state in UNCLEAR
            if not checked_anew:
                self._enrollment = enrollment
                self._tell()
        if enrollment.link is not None and enrollment.action is None:
            self._tasks.once_more(_OFFERS, self.tell_offers)

    def _tell(self, wrong: str = "") -> None:
        shown = self._enrollment
        if shown is None:
            self._notify(LifeNotice())
        else:
            by_word = self._settings.without_token
            again = self._retry_at
            told = LifeNotice(shown, preview(shown), wrong, undo(shown), by_word, again)
            self._notify(told)
        self._changed(shown)

    def _now(self) -> datetime:
        return self._ports.clock.now()


def _fresh_id() -> str:
    return uuid.uuid4().hex
