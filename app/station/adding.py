"""Brings one token into the tenant from the desk: the one in the hand, which nobody knows there.

Offered for a serial number that the inventory does not have, where the operator may change the
inventory. The seed comes with the gesture, goes out with one request and is overwritten; the way in
between is that of every upload: on record, sent, read back.
"""

from collections.abc import Awaitable, Callable

from app.core.enrollment import SUCCESS, Enrollment, State
from app.core.errors import DirectoryError, LedgerError, OathdeskError, SignInError
from app.core.importing import folded
from app.core.model import Operation, Operator, Token
from app.core.rights import Feature, standing
from app.core.seed import SeedToken
from app.station.context import StationContext
from app.station.import_notices import AddNotice, AddState
from app.station.notices import CardState, TokenCard
from app.station.read_back import Found, InventoryLookup, SharedReadBack
from app.station.submissions import Submissions
from app.station.tasks import Tasks
from app.station.upload import draft

_ADD = "add"

Again = Callable[[str], Awaitable[None]]


class Adding:
    """One token at a time. `elsewhere` are the serial numbers, folded, that it is at work on."""

    def __init__(self, context: StationContext, submissions: Submissions, again: Again) -> None:
        """Offer nothing yet. `again` looks a serial number up at the desk once it is there."""
        self._context = context
        self._ports = context.ports
        self._submissions = submissions
        self._again = again
        self._notify = context.tell
        self._tasks = Tasks()
        self._offered = ""
        self.elsewhere: set[str] = set()

    def token_card_changed(self, card: TokenCard) -> None:
        """Offer to bring in the token on `card`, where the tenant does not know it."""
        wanted = card.serial_number if card.state is CardState.UNKNOWN and self._may() else ""
        if wanted != self._offered:
            self._offered = wanted
            state = AddState.OFFERED if wanted else AddState.NOT_OFFERED
            self._notify(AddNotice(state, wanted))

    async def add(self, token: SeedToken) -> None:
        """Bring `token` in; its seed is this object's to overwrite from now on."""
        operator = self._context.operator
        if operator is None or folded(token.serial) in self.elsewhere:
            token.secret.wipe()
            return
        self._notify(AddNotice(AddState.SENDING, token.serial))
        self._tasks.start(f"{_ADD} {folded(token.serial)}", self._add(token, operator))

    async def close(self) -> None:
        """Stop. What was sent is settled at the next start."""
        await self._tasks.stop_all()
        self._offered = ""

    def _may(self) -> bool:
        operator = self._context.operator
        return operator is not None and not standing(Feature.WRITE_INVENTORY, operator).is_lack

    async def _add(self, token: SeedToken, operator: Operator) -> None:
        key = folded(token.serial)
        self.elsewhere.add(key)
        try:
            ended = await self._brought(token, operator)
        except (DirectoryError, SignInError, LedgerError) as error:
            self._tell(AddState.FAILED, token.serial, error)
            return
        finally:
            token.secret.wipe()
            self.elsewhere.discard(key)
        self._tell(_state_of(ended), token.serial, ended.error)
        if ended.state in SUCCESS and self._offered == token.serial:
            await self._again(token.serial)

    async def _brought(self, token: SeedToken, operator: Operator) -> Enrollment:
        """Send it, and look until it has come to rest; return its enrollment then."""
        directory, patience = self._ports.directory, self._context.settings.patience
        seen = Token("", token.serial, token.manufacturer, token.model)
        drafted = draft(State.READY, Operation.CREATE, seen)
        sent = await self._submissions.submit(drafted, operator, lambda _: directory.create(token))
        if sent.state is State.NOT_DONE:
            return sent
        lookup = InventoryLookup(directory)
        shared = SharedReadBack(lookup, self._submissions.take, patience, self._ports.clock)
        shared.add(sent)
        if sent.state is State.AFTER_REFUSAL:
            found = await directory.find_tokens(token.serial)
            rests = await shared.judge(folded(token.serial), next(iter(found), None), over=True)
        else:
            rests = await self._looked_for(shared)
        assert rests is not None
        return rests.enrollment

    async def _looked_for(self, shared: SharedReadBack) -> Found:
        while True:
            await self._ports.clock.sleep(shared.seconds_until_look(busy=False) or 0)
            try:
                found = await shared.look()
            except (DirectoryError, SignInError):
                await self._ports.clock.sleep(self._context.settings.patience.delays[-1])
                continue
            if found:
                return found[0]

    def _tell(self, state: AddState, serial: str, error: OathdeskError | None) -> None:
        self._notify(AddNotice(state, serial, error))


def _state_of(ended: Enrollment) -> AddState:
    if ended.state in SUCCESS:
        return AddState.DONE
    if ended.state is State.UNSETTLED:
        return AddState.UNSEEN
    there = bool(ended.trail) and ended.trail[-1].event == "SeenListed"
    return AddState.THERE if there else AddState.FAILED
