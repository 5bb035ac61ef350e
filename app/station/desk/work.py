"""The work in front: one operation on one token for one person, from its draft to its rest.

There are two ways to the front. The desk's two cards, once filled, are the draft of a hand-over
(`apply`). And an operation can be chosen for a token and its person: activate, deactivate, take
back, replace, hand over by serial number alone, or go on with what the record tells (`begin` and
those after it). Then the draft of the cards is set aside, and is in front again after `leave`.

Whatever is in front is checked, proved, submitted and tried again in the same way, by the same
table. What was submitted goes on by itself (station.submissions). A replacement is two enrollments
that know each other: the second one is on record before the first is sent, and is offered from then
on until somebody does it or takes it back.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.core.code import CodeVerdict, VerificationCode
from app.core.enrollment import (
    DRAFT,
    ENDS,
    RESTING,
    UNCLEAR,
    WATCHED,
    Enrollment,
    State,
    advance,
)
from app.core.errors import DirectoryError, Forbidden, LedgerError, SignInError
from app.core.events import (
    CheckFailed,
    Event,
    PersonPut,
    Proved,
    Stopped,
    Submitted,
    TokenPut,
    TriedAgain,
)
from app.core.lifecycle import proves, without
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
from app.core.preflight import OverrideReason, stands_in_the_way
from app.core.record import restored
from app.core.rights import Feature, Verdict, standing
from app.station.context import StationContext
from app.station.corrections import Corrections
from app.station.desk.notices import Offer, OffersNotice
from app.station.desk.replacements import Replacements, halves
from app.station.facts import FactFinder, is_stale
from app.station.guards import Guards
from app.station.notices import CodeNotice, TokenCard, TroubleNotice
from app.station.read_retry import PASSING, ReadRetry
from app.station.recorder import Recorder
from app.station.submissions import Submissions
from app.station.tasks import Tasks
from app.station.timekeeper import Timekeeper

_OFFERS, _CHECK = "offers", "check"

_SEEN_AFRESH = frozenset(
    {State.AWAITING_TOKEN, State.AWAITING_CODE, State.READY, State.BLOCKED, State.RETURNED}
)
"""States in which an enrollment without methods has read that its person has none."""

_PROOFS = {
    Source.SCANNER: Proof.SCANNED,
    Source.PRACTICE: Proof.SCANNED,
    Source.CARD: Proof.CARD,
    Source.TYPED: Proof.TYPED,
}


class TokenWork:
    """The enrollment in front, gesture by gesture. `submissions` carries what is submitted."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the station by which an enrollment is done
        self,
        context: StationContext,
        time: Timekeeper,
        recorder: Recorder,
        facts: FactFinder,
        submissions: Submissions,
        corrections: Corrections,
        *,
        card: Callable[[], TokenCard],
        changed: Callable[[], None],
    ) -> None:
        """Begin with an empty draft in the configured mode.

        `card` returns the token card, from which the draft of the cards comes. `changed` is called
        with each change of what is in front.
        """
        self._ports = context.ports
        self._settings = context.settings
        self._notify = context.tell
        self._time = time
        self._recorder = recorder
        self._facts = facts
        self._submissions = submissions
        self._corrections = corrections
        self._card = card
        self._changed = changed
        self._guards = Guards()
        self._replacements = Replacements(context, recorder)
        self._tasks = Tasks()
        self._retry = ReadRetry(context.clock, self._repeat_check)
        self._retry_at: datetime | None = None
        self._by_itself = False
        self._enrollment = Enrollment(fresh_id(), context.settings.mode)
        self._aside: Enrollment | None = None
        """The draft of the cards while a chosen operation is in front; None while it is itself."""
        self._second: Enrollment | None = None
        """The other half of a replacement whose first half is in front and was not submitted."""
        self._count = 1
        """How many tokens of the tenant have the serial number of the chosen operation's token."""
        self._wrong = ""

    @property
    def enrollment(self) -> Enrollment:
        """Return what is in front."""
        return self._enrollment

    @property
    def chosen(self) -> Enrollment | None:
        """Return what is in front where its operation was chosen; None where the cards are."""
        return None if self._aside is None else self._enrollment

    @property
    def of_cards(self) -> Enrollment:
        """Return what the two cards come to, in front or not."""
        return self._enrollment if self._aside is None else self._aside

    @property
    def retry_at(self) -> datetime | None:
        """Return when a check that failed is made again; None where it is not."""
        return self._retry_at if self._enrollment.state is State.UNCHECKED else None

    @property
    def repeats_by_itself(self) -> bool:
        """Tell whether the present check was planned, and nobody has asked for it."""
        return self._by_itself

    @property
    def awaits_token(self) -> bool:
        """Tell whether the next token that is scanned or tapped is meant as a proof."""
        return self._enrollment.state is State.AWAITING_TOKEN

    @property
    def wrong(self) -> str:
        """Return the serial number that was shown where another token's is asked for, or ""."""
        return self._wrong if self.awaits_token else ""

    # The draft of the cards ---------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take in what happened on the cards; a draft in front that is complete is checked."""
        draft = advance(self.of_cards, event)
        if self._aside is None:
            self._show(draft)
        else:
            self._aside = draft
            self._tell()

    def put(self, draft: Enrollment) -> None:
        """Let the cards come to `draft` from now on. The caller tells of it."""
        if self._aside is None:
            self._forget_check()
            self._enrollment = draft
        else:
            self._aside = draft

    # A chosen operation -------------------------------------------------------------------------

    async def begin(self, operation: Operation, token: Token, person: Person) -> None:
        """Prepare ACTIVATE, DEACTIVATE or UNASSIGN of a token that `person` has, and check it.

        ASSIGN is what undoes an UNASSIGN: the token is handed over again, with a code.
        """
        if operation is Operation.ASSIGN:
            await self.hand_over(token.serial_number, person)
            return
        mode = Mode.ASSIGN_ONLY if operation in TAKES_BACK else Mode.ASSIGN_AND_ACTIVATE
        draft = Enrollment(fresh_id(), mode, wanted=operation, operation=operation)
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
        operator = self._submissions.operator
        if operator is None:
            return None
        if self._aside is not None:
            self._forget_check()  # what it would tell is of another token
        try:
            tokens = await self._look_up(serial_number, operator)
        except (DirectoryError, SignInError) as error:
            self._notify(TroubleNotice(error))
            return error
        token = tokens[0] if tokens else Token("", serial_number)
        by_serial = bool(tokens) and not token.device_id
        draft = Enrollment(fresh_id(), Mode.ASSIGN_AND_ACTIVATE if by_serial else mode)
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
        giving = Enrollment(fresh_id(), mode, State.CHECKING, token=new, person=person)
        first, second = halves(giving, old, reason, methods)
        draft = replace(first, state=State.EMPTY, token=None, person=None)
        await self._begin(draft, first.token or old, person, second)

    async def take_up(self, enrollment_id: str) -> None:
        """Prepare the second half of a replacement. Nothing happens before its first is done.

        Raises LedgerError.
        """
        offers = await self.offers()
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
        known = self._submissions.known(enrollment_id)
        if known is None:
            known = restored(await self._recorder.timeline(enrollment_id))
        if (
            known is None
            or known.state not in RESTING | WATCHED
            or self._submissions.operator is None
        ):
            return
        self._choose(known)
        if known.state in {State.NOT_DONE, State.UNRECORDED}:
            await self.try_again()

    async def withdraw(self, enrollment_id: str) -> None:
        """Take back the second half of a replacement: it is not offered again.

        One that is in front is left alone; `leave` it first.
        """
        if self._enrollment.id == enrollment_id:
            return
        try:
            await self._replacements.withdraw(enrollment_id)
        except LedgerError as error:
            self._notify(TroubleNotice(error))
        await self.tell_offers()

    async def cancel(self) -> None:
        """Leave a chosen operation, as `leave` does."""
        self.leave()

    def leave(self) -> None:
        """Put the draft of the cards in front again. What was submitted goes on behind."""
        if self._aside is None:
            return
        left, draft = self._enrollment, self._aside
        self._aside = self._second = None
        again = draft.admits(TriedAgain) and draft.state in DRAFT
        if again and (left.attempts or draft.state is State.UNCHECKED):
            self._show(advance(draft, TriedAgain(at=self._now())), afresh=True)
        else:
            self._show(draft)

    async def close(self) -> None:
        """Stop, and forget whom was served."""
        self.leave()
        await self._retry.close()
        await self._tasks.stop_all()

    # Proving ------------------------------------------------------------------------------------

    def show_token(self, serial_number: str, source: Source, others: tuple[str, ...] = ()) -> None:
        """Take the serial number of the token in the hand as the proof, where it is the right one.

        `others` are other readings of the same label.
        """
        token = self._enrollment.token
        if token is None or not self.awaits_token:
            return
        if any(proves(token, reading) for reading in (serial_number, *others)):
            self._prove(_PROOFS[source])
        else:
            if self._wrong:  # the window hears a change where the same token is shown once more
                self._wrong = ""
                self._tell()
            self._wrong = serial_number
            self._tell()

    async def say_missing(self, proof: Proof) -> None:
        """Go on without the token, where this desk allows it: LOST or BROKEN, and recorded so."""
        if self.awaits_token and proof in WITHOUT_TOKEN and self._settings.without_token:
            self._prove(proof)

    def _prove(self, proof: Proof) -> None:
        self._show(advance(self._enrollment, Proved(at=self._now(), proof=proof)))

    # Submitting ---------------------------------------------------------------------------------

    async def submit(self, digits: str = "") -> None:
        """Send what is in front, with `digits` where a code is needed.

        Where the code guard or the state does not admit it nothing is sent: the guard's word is a
        CodeNotice, and a second Enter on the same gesture finds nothing left to send. The second
        half of a replacement is on record before its first is. From here on it goes its way,
        whatever comes to the desk meanwhile.
        """
        enrollment, operator = self._enrollment, self._submissions.operator
        if operator is None or enrollment.token is None or not enrollment.admits(Submitted):
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
        self._submissions.send_off(advance(enrollment, Submitted(at=self._now())), code, *before)

    async def try_again(self) -> None:
        """Check a draft afresh, or look into the directory again for what is not settled.

        A chosen operation is checked when this returns.
        """
        if self._enrollment.admits(TriedAgain):  # a check that runs already is not stopped
            self._forget_check()
            self._check_again()
        if self._aside is not None:
            await self._tasks.wait(_CHECK)

    async def go_on_because(self, reason: OverrideReason) -> None:
        """Give the reason that the check asks for, and check again."""
        if self._facts.take_reason(self._enrollment, reason):
            await self.try_again()

    async def look_up_again(self, *, checked: bool = False) -> None:
        """Check again where that failed; a draft that was `checked` as well, unless it is proved.

        A token that was shown need not be shown twice: the directory judges the request anyway.
        """
        states = DRAFT if checked else {State.UNCHECKED}
        if self._enrollment.state in states and self._enrollment.proof is None:
            await self.try_again()

    async def go_on(self) -> None:
        """Check again what was checked before the operator had to sign in again."""
        await self.look_up_again()
        if is_stale(self._enrollment) and self._enrollment.proof is None:
            await self.try_again()

    def reconnected(self) -> None:
        """Check again where that failed for want of a connection."""
        unchecked = self._enrollment.state is State.UNCHECKED
        if unchecked and not isinstance(self._enrollment.error, PASSING):
            self._by_itself = True
            self._check_again()

    def stop_repeating(self) -> None:
        """Repeat no check until somebody asks for it."""
        planned = self.retry_at is not None
        self._forget_retry()
        if planned:
            self._tell()

    async def offers(self) -> tuple[Offer, ...]:
        """Return what is left to do of replacements, oldest first. Raises LedgerError."""
        return await self._replacements.offers()

    async def tell_offers(self) -> None:
        """Tell what is left to do of replacements."""
        try:
            self._notify(OffersNotice(await self.offers()))
        except LedgerError as error:
            self._notify(TroubleNotice(error))

    def enrollment_changed(self, enrollment: Enrollment) -> None:
        """Take in what has become of a submitted enrollment, which may be the one in front."""
        had_code = ENDS[enrollment.operation] is State.ACTIVATED
        if enrollment.state is State.UNRECORDED and enrollment.token is not None and had_code:
            self._guards.not_sent(enrollment.token)
        if enrollment.link is not None and enrollment.action is None:
            self._tasks.once_more(_OFFERS, self.tell_offers)
        if _goes_on(self._enrollment, enrollment):
            self._forget_check()
            self._enrollment = enrollment
            self._tell()
        elif self._aside is not None and _goes_on(self._aside, enrollment):
            self._aside = enrollment
            self._tell()

    # Inside -------------------------------------------------------------------------------------

    async def _begin(
        self,
        draft: Enrollment,
        token: Token,
        person: Person,
        second: Enrollment | None = None,
        count: int = 1,
    ) -> None:
        """Put an operation in front, and check it."""
        if self._submissions.operator is None:
            return
        self._corrections.met(serial_number=token.serial_number, person_id=person.id)
        draft = advance(draft, TokenPut(at=self._now(), token=token))
        draft = advance(draft, PersonPut(at=self._now(), person=person))
        self._choose(draft, second, count)
        await self._tasks.wait(_CHECK)

    def _choose(
        self, enrollment: Enrollment, second: Enrollment | None = None, count: int = 1
    ) -> None:
        """Put a chosen operation in front; the draft of the cards is set aside."""
        self._aside = self.of_cards
        self._second, self._count = second, count
        self._show(enrollment, afresh=True)

    def _show(self, enrollment: Enrollment, *, afresh: bool = False) -> None:
        """Put `enrollment` in front, and check it where it is to be checked.

        `afresh` reads token and methods again before that: somebody may have acted meanwhile.
        """
        self._forget_check()
        self._enrollment, self._wrong = enrollment, ""
        self._tell()
        if self._enrollment is enrollment and enrollment.state is State.CHECKING:
            self._tasks.start(_CHECK, self._check(afresh=afresh))

    async def _check(self, *, afresh: bool) -> None:
        """Judge what is in front; what came to the front meanwhile is not touched."""
        draft = asked = self._enrollment
        operator = self._submissions.operator
        if operator is None:
            return
        if afresh:
            draft = await self._facts.refreshed(draft)
        if draft.state is State.CHECKING:
            draft = await self._judged(draft, operator)
        if self._enrollment is not asked:
            return
        self._enrollment = draft
        if draft.state is State.UNCHECKED and draft.error is not None:
            self._retry_at = self._retry.plan(draft.error)
        else:
            self._forget_retry()
        self._tell()

    async def _judged(self, draft: Enrollment, operator: Operator) -> Enrollment:
        """Judge a draft, and what follows it: no half is begun where the other cannot be done."""
        card = self._card() if self._aside is None else TokenCard(count=self._count)
        checked = await self._facts.check(draft, operator, card, underway=self._is_underway(draft))
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

    def _check_again(self) -> None:
        if not self._enrollment.admits(TriedAgain):
            return
        again = advance(self._enrollment, TriedAgain(at=self._now()))
        if again.state is State.CHECKING:
            self._enrollment, self._wrong = again, ""
            self._tell()
            self._tasks.start(_CHECK, self._check(afresh=True))
        else:
            self._submissions.send_off(again, None)

    def _repeat_check(self) -> None:
        if self._enrollment.state is State.UNCHECKED:
            self._by_itself = True
            self._check_again()

    def _forget_check(self) -> None:
        self._tasks.stop(_CHECK)
        self._forget_retry()

    def _forget_retry(self) -> None:
        self._retry.reset()
        self._retry_at = None
        self._by_itself = False

    def _is_underway(self, draft: Enrollment) -> bool:
        return draft.token is not None and self._submissions.is_underway(draft.token, draft.id)

    def _admitted(self, token: Token, digits: str) -> VerificationCode | None:
        """Return the code if it may be sent now, by the token's own time; else tell why not."""
        drift = self._card().drift if self._aside is None else None
        now = self._now().timestamp() + self._time.ahead() + (drift or 0.0)
        admitted = self._guards.admit(token, digits, now)
        if isinstance(admitted, CodeVerdict):
            self._notify(CodeNotice(admitted))
            return None
        return admitted

    def _tell(self) -> None:
        """Tell of a change. The cards show what a chosen operation has seen of them since."""
        if self._aside is not None:
            self._aside = _as_seen(self._aside, self._enrollment)
        self._changed()

    def _now(self) -> datetime:
        return self._ports.clock.now()


def fresh_id() -> str:
    """Return an id for a new enrollment."""
    return uuid.uuid4().hex


def _goes_on(shown: Enrollment, told: Enrollment) -> bool:
    """Tell whether `told` takes the place of `shown`.

    While that is being checked for another attempt, what is still unclear of the last one does not.
    """
    if shown.id != told.id:
        return False
    return shown.state not in DRAFT or told.state not in UNCLEAR | {State.UNRECORDED}


def _as_seen(draft: Enrollment, other: Enrollment) -> Enrollment:
    """Return `draft` with its token and its person's methods as `other` has seen them since."""
    token, person = other.token, other.person
    if token is not None and draft.token is not None and draft.token.is_same(token):
        draft = replace(draft, token=token)
    same_person = person is not None and draft.person is not None and draft.person.id == person.id
    if same_person and (other.methods or other.state in _SEEN_AFRESH):
        draft = replace(draft, methods=other.methods)
    return draft
