"""The self-service lane: one person at a time, who serves themselves and is forgotten afterwards.

The enrollment is that of every desk: station.desk.work prepares it by the serial number alone,
since whoever serves themselves may not read the inventory, and station.submissions records it,
sends it and reads it back. The lane adds who may be served (whoever signed in, nobody else) and
when everything is forgotten: at the end, after a while without a sign of life, or because they
leave.

A screen that anybody can walk up to must not wait for ever, in any step. Only a request that is on
its way is waited for; that ends by itself.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.core.enrollment import Enrollment, advance
from app.core.errors import DirectoryError, Forbidden, SignInError
from app.core.events import CheckFailed, PersonPut, TokenPut
from app.core.lane import (
    LaneRules,
    LaneStep,
    is_done,
    is_settling,
    is_unknown,
    may_check_again,
    step_of,
)
from app.core.model import Mode, Operator, Person, Source, Token
from app.core.near import variants
from app.core.ports import Directory, SignIn
from app.core.reading import CardReading, TokenReading
from app.core.rights import Feature, Verdict, standing
from app.core.scan import BadgeScan, RefusalKind, Refused, SerialScan, classify
from app.core.signin import Account
from app.core.station_event import Cause
from app.station.context import StationContext
from app.station.desk.work import TokenWork
from app.station.notices import Notice, ScanNotice, SessionState
from app.station.read_retry import ReadRetry
from app.station.tasks import Tasks

_LOG = logging.getLogger("oathdesk.station")
_WATCH, _WORK, _LEAVE, _NEAR = "watch", "work", "leave", "near"

LOOK = 1.0
"""Seconds between two looks at the clock."""

SIGN_IN_SECONDS = 300.0
"""How long a sign-in may take: it happens in a browser or on a telephone, out of sight."""

WARNED = 20
"""Seconds before the screen is wiped in which that is shown."""

_IN_PROGRESS = frozenset(
    {
        SessionState.STARTING,
        SessionState.IN_BROWSER,
        SessionState.IN_CONFINED_BROWSER,
        SessionState.BY_DEVICE,
        SessionState.OPENING,
    }
)

Leave = Callable[[Cause], Awaitable[None]]

MOST_UNCHECKED: Final = 4
"""Near serial numbers that are offered where nobody could ask the directory for them."""


@dataclass(frozen=True, slots=True)
class NearSerials:
    """Serial numbers that look like an unknown one, the likeliest first.

    `are_known` tells that the directory has them; else nobody could ask it.
    """

    serials: tuple[str, ...] = ()
    are_known: bool = False


@dataclass(frozen=True, slots=True)
class LaneNotice(Notice):
    """Where the person at the lane stands.

    `person` is their name once they have signed in. `seconds_left` says when the screen will be
    wiped, where that is to be shown; `signing_in` that a sign-in is in progress, and `again` that
    it is asked for once more, with the token kept. `code_anyway` tells that a station which assigns
    without a code asks for one, since this person may not look the token up. `suggestions` are
    serial numbers that look like the shown one, which the directory does not know; `are_known` that
    the directory has them: for somebody who may not look them up they are only ways to write it.
    `retry_at` is when a read that failed is repeated.
    """

    step: LaneStep
    person: str = ""
    serial_number: str = ""
    enrollment: Enrollment | None = None
    seconds_left: int | None = None
    signing_in: bool = False
    again: bool = False
    code_anyway: bool = False
    suggestions: tuple[str, ...] = ()
    are_known: bool = False
    retry_at: datetime | None = None


async def who_signed_in(directory: Directory, sign_in: SignIn) -> Operator:
    """Return who signed in to serve themselves.

    The directory says so where it may be asked. The lane's own permission does not cover that
    question; then it is the sign-in service's word. Either way whatever is done goes to /me, and so
    to nobody but whom the sign-in token belongs to.
    """
    token = await sign_in.access_token()
    account = sign_in.account
    bare = Operator("", "", "", frozenset(), token.scopes, own=True)
    if account is None or standing(Feature.SIGN_IN, bare).verdict is Verdict.ALLOWED:
        told = await directory.operator()
        account = Account(told.id, told.display_name, told.user_principal_name)
    else:
        await directory.hardware_methods(account.id)  # what is not permitted shows now, not later
    return replace(bare, id=account.id, display_name=account.name, user_principal_name=account.upn)


class SelfService:
    """Somebody's way through the three steps, by way of `work`."""

    def __init__(
        self, context: StationContext, rules: LaneRules, work: TokenWork, leave: Leave
    ) -> None:
        """Begin with nobody; `leave` is awaited when whoever is there is to be forgotten."""
        self._clock = context.clock
        self._directory = context.ports.directory
        self.rules = rules
        self._settings = context.settings
        self._notify = context.tell
        self._work = work
        self._leave = leave
        self._tasks = Tasks()
        self._operator: Operator | None = None
        self._serial = ""
        self._others: tuple[str, ...] = ()
        """Other readings of the label that was scanned."""
        self._near = NearSerials()
        self._retry = ReadRetry(self._clock, self._repeat_look_up)
        self._retry_at: datetime | None = None
        self._enrollment: Enrollment | None = None
        self._signing_in = self._ended = False
        self._leaving = False
        """Whether whoever is there wants to leave once their request is settled."""
        self._since = self._clock.now()
        self._told: LaneNotice | None = None

    def session_changed(self, state: SessionState, operator: Operator | None) -> None:
        """Go to the step that the session asks for."""
        self._signing_in = state in _IN_PROGRESS
        match state:
            case SessionState.SIGNED_IN:
                self._operator, self._ended = operator, False
            case SessionState.ENDED:
                self._ended = True
            case SessionState.SIGNED_OUT if self._operator is not None:
                self._forget()
        self._moved()

    def work_changed(self, enrollment: Enrollment | None) -> None:
        """Go to the step at which `enrollment` is; forget a person who left before its end."""
        self._enrollment, self._retry_at = enrollment, self._work.retry_at
        if self._work.repeats_by_itself:
            self._tell()  # no sign of life
        else:
            self._moved()
        if is_unknown(enrollment):
            self._tasks.start(_NEAR, self._look_for_near(self._serial))
        if self._leaving and not is_settling(enrollment):
            self._leaving = False
            self._tasks.start(_LEAVE, self._forget_them(Cause.ASKED))

    async def start(self) -> None:
        """Begin to watch, and tell that nobody is there."""
        self._tasks.start(_WATCH, self._keep_looking())
        self._tell()

    async def close(self) -> None:
        """Stop watching."""
        await self._retry.close()
        await self._tasks.stop_all()

    # What the person does -----------------------------------------------------------------------

    async def opened(self, operator: Operator) -> None:
        """Serve `operator`. What they showed before they signed in, or had to again, counts."""
        known, self._operator = self._operator, operator
        if known is not None and known.id != operator.id:
            self._serial, self._enrollment = "", None
        self._tasks.start(_WORK, self._go_on(operator))

    async def scanned(self, text: str, source: Source) -> None:
        """Take what a scanner read, or what was typed as a serial number."""
        self.active()
        match classify(text, self._settings.rules_for(source)):
            case SerialScan(serial=serial) if len(serial) > self._settings.rules.maximum_serial:
                self._notify(ScanNotice(RefusalKind.BOX_LABEL))
            case SerialScan(serial=serial, others=others):
                await self._show(serial, others)
            case Refused(kind=kind):
                self._notify(ScanNotice(kind))
            case BadgeScan():
                self._notify(ScanNotice(RefusalKind.NOT_A_SERIAL))

    async def tapped(self, reading: CardReading, _reader: str, *, pad: bool) -> None:  # noqa: ARG002 - the way in of a desk
        """Take what a chip card says of itself."""
        self.active()
        if isinstance(reading, TokenReading):
            await self._show(reading.serial)

    def lifted(self, reader: str) -> None:
        """Nothing changes where a token is taken from its reader."""

    async def submit(self, digits: str) -> None:
        """Send the code."""
        self.active()
        if self._step is LaneStep.CODE:
            await self._work.submit(digits)

    async def confirm(self) -> None:
        """Send what takes no code: the token is assigned and not activated."""
        self.active()
        if self._step is LaneStep.CONFIRM:
            await self._work.submit()

    async def try_again(self) -> None:
        """Ask the directory once more, where that may help."""
        self.active()
        await self._check_again()

    async def choose_near(self, serial: str) -> None:
        """Take the near serial number that the person chose, where it was offered."""
        self.active()
        if serial in self._near.serials:
            await self._show(serial)

    async def another_token(self) -> None:
        """Go back to showing a token, unless a request is on its way or all is done."""
        self.active()
        if not (is_settling(self._enrollment) or is_done(self._enrollment)):
            self._serial = ""
            self._forget_reads()
            self._work.leave()
            self._moved()

    async def leave(self) -> None:
        """Forget everything about whoever is there; where a request is on its way, right after it.

        The request is settled and recorded all the same.
        """
        if is_settling(self._enrollment):
            self._leaving = True
        else:
            await self._forget_them(Cause.ASKED)

    def active(self) -> None:
        """Take note that somebody is there. The end does not wait for it."""
        if self._step is not LaneStep.END or not is_done(self._enrollment):
            self._since = self._clock.now()
            self._tell()

    # Inside -------------------------------------------------------------------------------------

    @property
    def _step(self) -> LaneStep:
        signed_in = self._operator is not None and not (self._signing_in or self._ended)
        return step_of(self._enrollment, signed_in=signed_in, serial_number=self._serial)

    async def _show(self, serial: str, others: tuple[str, ...] = ()) -> None:
        """Take the token that is shown; another one in its place only while that is a choice."""
        waits = is_settling(self._enrollment) or is_done(self._enrollment)
        if waits or serial == self._serial:
            return
        self._serial, self._others = serial, others
        self._enrollment = None
        self._forget_reads()
        self._moved()
        if self._operator is not None and not (self._signing_in or self._ended):
            self._tasks.start(_WORK, self._begin(self._operator))

    async def _look_for_near(self, serial: str) -> None:
        """Offer what may be meant by `serial`, which the directory does not know."""
        found = await self._find_near(serial, self._others, self._operator)
        if serial == self._serial and is_unknown(self._enrollment):
            self._near = found
            self._tell()

    async def _find_near(
        self, serial_number: str, others: tuple[str, ...], operator: Operator | None
    ) -> NearSerials:
        """Return what may be meant by a serial number that the directory does not know.

        `others` are other readings of what was scanned. Where the inventory may be read these are
        the near ones that it has, one request after the other; else the likeliest ways to write it.
        """
        likely = variants(serial_number, others)
        if operator is None:
            return NearSerials()
        if standing(Feature.READ_INVENTORY, operator).verdict is Verdict.SCOPE_MISSING:
            return NearSerials(likely[:MOST_UNCHECKED])
        found: list[str] = []
        for each in likely:
            try:
                tokens = await self._directory.find_tokens(each, long_work=True)
            except Forbidden:
                return NearSerials(likely[:MOST_UNCHECKED])
            except (DirectoryError, SignInError):
                return NearSerials()  # that the number is unknown was said
            found.extend(token.serial_number for token in tokens[:1])
        return NearSerials(tuple(dict.fromkeys(found)), are_known=True)

    def _forget_reads(self) -> None:
        """Forget what was offered, and what was to be repeated, for the token that was shown."""
        self._tasks.stop(_NEAR)
        self._near = NearSerials()
        self._retry.reset()
        self._retry_at = None

    async def _go_on(self, operator: Operator) -> None:
        """Take up what was shown before somebody signed in, or where the sign-in had ended."""
        enrollment = self._enrollment
        if not self._serial:
            return
        if enrollment is None:
            await self._begin(operator)
        else:
            await self._check_again()

    async def _check_again(self) -> None:
        if self._enrollment is None or not may_check_again(self._enrollment):
            return
        if self._work.chosen is not None:
            await self._work.try_again()
        elif self._operator is not None:  # the token could not even be looked up
            self._retry.reset()
            await self._begin(self._operator)

    async def _begin(self, operator: Operator) -> None:
        person = Person(operator.id, operator.display_name, operator.user_principal_name)
        serial = self._serial
        error = await self._work.hand_over(serial, person, self._settings.mode)
        if error is not None and serial == self._serial:
            at, token = self._clock.now(), Token("", serial)
            draft = advance(Enrollment("", self._settings.mode), TokenPut(at=at, token=token))
            draft = advance(draft, PersonPut(at=at, person=person))
            self._enrollment = advance(draft, CheckFailed(at=at, error=error))
            self._retry_at = self._retry.plan(error)
            self._tell()

    def _repeat_look_up(self) -> None:
        self._retry_at = None
        if self._operator is not None and self._enrollment is not None:
            self._tasks.start(_WORK, self._begin(self._operator))

    async def _forget_them(self, cause: Cause) -> None:
        """Sign out, and forget what was shown even where nobody had signed in yet."""
        self._forget()
        await self._leave(cause)
        self._forget()  # what ended meanwhile has told of itself
        self._moved()

    def _forget(self) -> None:
        """Know nobody any more, and nothing that they showed."""
        self._tasks.stop(_WORK)
        self._forget_reads()
        self._operator = self._enrollment = None
        self._serial, self._others, self._ended = "", (), False
        self._leaving = False

    def _moved(self) -> None:
        """Count the time anew: something has happened."""
        self._since = self._clock.now()
        self._tell()

    async def _keep_looking(self) -> None:
        while True:
            await self._clock.sleep(LOOK)
            left = self._left(self._clock.now())
            if left is not None and left <= 0:
                _LOG.info("whoever was at the lane is forgotten")
                self._since = self._clock.now()
                await self._forget_them(Cause.IDLE)
            else:
                self._tell()

    def _left(self, now: datetime) -> float | None:
        """Return the seconds until everything is forgotten; None where there is no need to."""
        limit = self._limit()
        if limit is None:
            return None
        self._since = min(self._since, now)  # a clock that was set back begins to count anew
        return limit - (now - self._since).total_seconds()

    def _limit(self) -> float | None:
        if self._signing_in:
            return SIGN_IN_SECONDS
        if self._operator is None and not self._serial:
            return None
        if is_settling(self._enrollment):
            return None
        return self.rules.goodbye if is_done(self._enrollment) else self.rules.idle

    def _asks_code_anyway(self) -> bool:
        only = self._settings.mode is Mode.ASSIGN_ONLY
        enrollment = self._enrollment
        return only and enrollment is not None and enrollment.mode is not Mode.ASSIGN_ONLY

    def _tell(self) -> None:
        """Tell where the person stands, where that has changed."""
        left = self._left(self._clock.now())
        shown = left is not None and (left <= WARNED or is_done(self._enrollment))
        notice = LaneNotice(
            step=self._step,
            person=self._operator.display_name if self._operator else "",
            serial_number=self._serial,
            enrollment=self._enrollment,
            seconds_left=max(0, math.ceil(left)) if left is not None and shown else None,
            signing_in=self._signing_in,
            again=self._ended,
            code_anyway=self._asks_code_anyway(),
            suggestions=self._near.serials,
            are_known=self._near.are_known,
            retry_at=self._retry_at,
        )
        if notice != self._told:
            self._told = notice
            self._notify(notice)
