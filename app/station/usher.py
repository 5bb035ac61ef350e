"""Leads what lies on the desk to where it can be dealt with, so that nobody has to know the way.

A token that somebody holds is loose when nobody stands there for it: the question is whose it is.
A token that this operator may not look up is handed over by its serial number alone. While a
replacement is being prepared, the next token on the desk is the new one. And what was begun for
one token or person is left when another one comes to the desk; what was submitted goes on behind.
"""

from app.core.enrollment import RESTING, SUCCESS, Enrollment, State
from app.core.errors import Forbidden
from app.core.lifecycle import proves
from app.core.model import Person, Reason, Token
from app.station.context import StationContext
from app.station.desk import Desk
from app.station.inquiry import Inquiry
from app.station.life_notices import SwapNotice
from app.station.lifecycle import Lifecycle
from app.station.notices import CardState, DeskNotice, PersonCard
from app.station.tasks import Tasks

_LEAVE, _LEAD = "leave", "lead"
_UNDECIDED = frozenset({CardState.EMPTY, CardState.LOADING})


class Usher:
    """Leads from the desk to what is done beside it. It is called with every change of either."""

    def __init__(
        self, context: StationContext, desk: Desk, lifecycle: Lifecycle, inquiry: Inquiry
    ) -> None:
        """Begin with nothing led anywhere."""
        self._notify = context.tell
        self._desk, self._lifecycle, self._inquiry = desk, lifecycle, inquiry
        self._tasks = Tasks()
        self._swap = SwapNotice()
        self._serial = self._person = ""
        self._led: tuple[str, str] | None = None
        self._token_left_over = self._person_left_over = False

    async def swap(self, old: Token, person: Person, reason: Reason) -> None:
        """Prepare to replace `old`: `person` on their card, and room for the new token."""
        self._inquiry.leave()
        await self._lifecycle.cancel()
        await self._desk.clear_token()
        shown = self._desk.person_card.person
        if shown is None or shown.id != person.id:
            await self._desk.serve(person)
        self._tell(SwapNotice(old, person, reason))

    async def give_up(self) -> None:
        """Prepare no replacement any more."""
        if self._swap != SwapNotice():
            self._tell(SwapNotice())

    async def look_away(self) -> None:
        """Ask no longer whose a token is, or what somebody has."""
        self._inquiry.leave()

    async def start_afresh(self) -> None:
        """Leave everything, and empty the desk for the next person."""
        await self.give_up()
        self._inquiry.leave()
        await self._lifecycle.cancel()
        await self._desk.start_afresh()

    async def close(self) -> None:
        """Stop leading, and forget."""
        await self.give_up()
        await self._tasks.stop_all()
        self._led = None

    # What the desk shows --------------------------------------------------------------------

    def desk_changed(self, notice: DeskNotice) -> None:
        """Leave what the desk no longer shows, and lead on from what it shows now."""
        token, person = notice.token_card, notice.person_card
        self._leave_what_is_past(notice)
        self._serial, self._person = token.serial_number, _id(person)
        self._token_left_over &= token.state not in _UNDECIDED
        self._person_left_over &= person.state not in _UNDECIDED
        if token.state in _UNDECIDED:
            self._led = None
        if self._swap.old is not None:
            self._go_on_with_swap(notice, self._swap.old)
        elif self._lifecycle.enrollment is None and (self._serial, self._person) != self._led:
            self._lead(notice)

    def _leave_what_is_past(self, notice: DeskNotice) -> None:
        """Leave what is in work, or asked, for another token or person than comes now."""
        serial, person = notice.token_card.serial_number, _id(notice.person_card)
        new_token, new_person = serial != self._serial, person not in {"", self._person}
        at_work = self._lifecycle.enrollment
        if at_work is not None and (
            (new_token and serial and not _is_about_token(at_work, serial))
            or (new_person and not _is_about_person(at_work, person))
        ):
            self._tasks.start(_LEAVE, self._make_way(for_token=new_token))
        asked = self._inquiry.person
        if asked is not None and person != asked.id:
            self._inquiry.leave()
        if new_token or (new_person and not _is_holder(notice.enrollment.token, person)):
            self._inquiry.leave_token()

    async def _make_way(self, *, for_token: bool) -> None:
        """Leave what is in work; who comes next begins with nothing of what has ended."""
        await self._lifecycle.cancel()
        if for_token and self._person_left_over:
            await self._desk.clear_person()
        elif not for_token and self._token_left_over:
            await self._desk.clear_token()

    def _go_on_with_swap(self, notice: DeskNotice, old: Token) -> None:
        swap, person = self._swap, notice.person_card.person
        token = notice.enrollment.token
        if swap.person is None or (person is not None and person.id != swap.person.id):
            self._tell(SwapNotice())
        elif proves(old, notice.token_card.serial_number):
            if not swap.wrong:
                self._tell(SwapNotice(old, swap.person, swap.reason, old.serial_number))
        elif token is not None and notice.person_card.state is CardState.FOUND:
            self._tell(SwapNotice())
            self._led = (self._serial, self._person)
            mode = notice.enrollment.mode
            begun = self._lifecycle.replace(old, token, swap.person, swap.reason, mode)
            self._tasks.start(_LEAD, begun)

    def _lead(self, notice: DeskNotice) -> None:
        token, person = notice.token_card, notice.person_card.person
        if _is_barred(notice) and person is not None:
            self._led = (self._serial, self._person)
            begun = self._lifecycle.hand_over(token.serial_number, person)
            self._tasks.start(_LEAD, begun)
        elif _is_loose(notice) and self._inquiry.serial_number != token.serial_number:
            self._led = (self._serial, self._person)
            self._tasks.start(_LEAD, self._inquiry.whose(token.serial_number))

    # What the lifecycle shows ---------------------------------------------------------------

    def work_changed(self, enrollment: Enrollment | None) -> None:
        """Note what lies on the desk when something ends, and let go of answers that are stale."""
        asked = self._inquiry.person
        if enrollment is None:
            if asked is not None:
                self._tasks.start(_LEAD, self._inquiry.holdings(asked))
        elif enrollment.state in RESTING:
            self._token_left_over = bool(self._serial)
            self._person_left_over = bool(self._person)
        if enrollment is not None and enrollment.state in SUCCESS:
            self._inquiry.leave_token()

    def _tell(self, notice: SwapNotice) -> None:
        self._swap = notice
        self._notify(notice)


def _id(card: PersonCard) -> str:
    return card.person.id if card.person else ""


def _is_about_token(enrollment: Enrollment, serial_number: str) -> bool:
    return enrollment.token is not None and proves(enrollment.token, serial_number)


def _is_about_person(enrollment: Enrollment, person_id: str) -> bool:
    return enrollment.person is not None and enrollment.person.id == person_id


def _is_barred(notice: DeskNotice) -> bool:
    """Tell whether the token may not be looked up, and somebody stands there for it."""
    card = notice.token_card
    forbidden = card.state is CardState.FAILED and isinstance(card.error, Forbidden)
    return forbidden and notice.person_card.state is CardState.FOUND


def _is_loose(notice: DeskNotice) -> bool:
    """Tell whether somebody holds the token, and nobody else is to get it."""
    enrollment, token = notice.enrollment, notice.enrollment.token
    if token is None or token.holder is None or notice.token_card.state is not CardState.FOUND:
        return False
    alone = notice.person_card.state is CardState.EMPTY
    blocked = enrollment.state is State.BLOCKED
    return alone or (blocked and _is_holder(token, _id(notice.person_card)))


def _is_holder(token: Token | None, person_id: str) -> bool:
    return token is not None and token.holder is not None and token.holder.id == person_id
