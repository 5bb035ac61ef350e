"""Two stations with records of their own on one tenant, told from a seed, on a clock of the test's.

What happens to a request is decided here: it is acted upon or not, at once or up to 150 seconds
later, and its answer comes, comes late or is lost. The tenant remembers who changed which token
when, so that a record can be held against it.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from app.core.corrections import UNDONE, supersedes
from app.core.enrollment import RESTING, SUCCESS, State
from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    LedgerUnwritable,
    Unreachable,
)
from app.core.model import TAKES_BACK, Mode, Operation, Person, Source, Token, TokenStatus
from app.core.record import Entry, EntryKind, Line, Recordable, lines, submitted_at
from app.ledger import SqliteLedger, records, verify
from app.station.context import DeskSettings, Patience, Ports
from app.station.corrections import LATER
from app.station.notices import DeskNotice, Notice
from app.station.station import Station
from tests.fakes.clock import FakeClock
from tests.fakes.directory import WRITES, FakeDirectory
from tests.fakes.nouns import a_person, a_token
from tests.fakes.sign_in import FakeSignIn
from tests.fakes.tenant import FakeTenant, Lag
from tests.station.driven import pass_time, settle, without_threads

T = TypeVar("T")

PATIENCE: Final = Patience()
LATEST: Final = 150.0
"""Seconds after which a request that hung is acted upon at the latest."""

READS: Final = ("hardware_methods", "token", "methods", "find_tokens")
SERIALS: Final = ("86590001", "86590002")
_NEVER_READ: Final = Unreachable(Evidence("GET", "/"))


class Fate(enum.Enum):
    """What becomes of one request that changes something."""

    DONE = "done"
    SLOW = "slow"
    """Acted upon at once, and answered some seconds later."""
    ANSWER_LOST = "answer lost"
    LATE = "late"
    """The answer is lost, and it is acted upon up to LATEST seconds later."""
    VERY_LATE = "very late"
    """The same, after the last look that comes by itself."""
    REQUEST_LOST = "request lost"
    UNREACHABLE = "unreachable"


_UNANSWERED: Final = {Fate.LATE, Fate.VERY_LATE, Fate.ANSWER_LOST, Fate.REQUEST_LOST}
FATES: Final = (*[Fate.DONE] * 4, Fate.SLOW, Fate.ANSWER_LOST, *[Fate.LATE] * 3, *Fate)


@dataclass(frozen=True, slots=True)
class Written:
    """One change of a token by one station: when, and how the token stood before."""

    at: datetime
    site: str
    before: Token
    after: Token


class OneTenant(FakeTenant):
    """The tenant of both, which remembers who changed what."""

    def __init__(self) -> None:
        super().__init__()
        self.story: list[Written] = []
        self.writer = ""

    def _write(self, token: Token, at: datetime) -> None:
        self.story.append(Written(at, self.writer, self.tokens[token.device_id], token))
        super()._write(token, at)


class Erratic(FakeDirectory):
    """The way of one station to the tenant."""

    def __init__(
        self, site: str, tenant: OneTenant, clock: FakeClock, chance: random.Random
    ) -> None:
        super().__init__(clock)
        self.tenant: OneTenant = tenant
        self.site = site
        self.fate = Fate.DONE
        self.landings: set[asyncio.Task[None]] = set()
        self.sent = 0
        self.hangs = False
        """Whether a request is acted upon when no look comes by itself any more."""
        self._driven = clock
        self._chance = chance

    async def _answer(
        self,
        name: str,
        arguments: tuple[str, ...],
        act: Callable[[], T],
        *,
        long_work: bool = False,
    ) -> T:
        if name not in WRITES:
            return await super()._answer(name, arguments, act, long_work=long_work)
        fate, self.fate = self.fate, Fate.DONE
        if fate is Fate.UNREACHABLE:
            raise Unreachable(Evidence("POST", f"/{name}"))
        self.sent += 1
        lost = AnswerLost(Evidence("POST", f"/{name}"))
        match fate:
            case Fate.LATE:
                self._land(act, self._chance.uniform(1, LATEST))
            case Fate.VERY_LATE:
                self.hangs = True
                self._land(act, self._chance.uniform(LATER, 2 * LATER))
            case Fate.ANSWER_LOST:
                self._act(act)
        if fate in _UNANSWERED:
            await self._driven.sleep(self._chance.choice((0, 1, 30)))
            raise lost
        answer = self._act(act)
        if fate is Fate.SLOW:
            await self._driven.sleep(self._chance.uniform(1, 20))
        return answer

    def blind(self, seconds: float) -> None:
        """Let no read have an answer for so long."""

        async def see_again() -> None:
            await self._driven.sleep(seconds)
            for call in READS:
                self.recover(call)

        for call in READS:
            self.fail_always(call, _NEVER_READ)
        self._keep(see_again())

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.landings.add(task)
        task.add_done_callback(self.landings.discard)

    def _act(self, act: Callable[[], T]) -> T:
        self.tenant.writer = self.site
        return act()

    def _land(self, act: Callable[[], object], seconds: float) -> None:
        """Act later, whatever becomes of the station meanwhile; a refusal is heard by nobody."""

        async def land() -> None:
            await self._driven.sleep(seconds)
            try:
                self._act(act)
            except DirectoryError:
                return

        self._keep(land())


class HeldLedger(SqliteLedger):
    """A real record that another program can hold, so that nothing is written meanwhile."""

    held = False

    def append(self, entry: Recordable) -> int:
        if self.held:
            raise LedgerUnwritable("another program holds the record")
        return super().append(entry)


@dataclass
class Site:
    """One station, over its lives, and its record."""

    name: str
    tenant: OneTenant
    clock: FakeClock
    file: Path
    chance: random.Random
    taken: set[str] = field(default_factory=set)
    """Ids of the enrollments that were submitted here."""

    def __post_init__(self) -> None:
        self.directory = Erratic(self.name, self.tenant, self.clock, self.chance)

    async def start(self) -> None:
        """Open the record and the station anew, and sign in."""
        self.ledger = HeldLedger(self.file)
        self.ledger.open()
        sign_in = FakeSignIn(self.clock)
        outside = Ports(self.directory, sign_in, self.ledger, self.clock)
        settings = DeskSettings(name=self.name, patience=PATIENCE)
        self.station = Station(outside, settings, self._heard)
        await self.station.start()
        await self.station.session.begin_in_browser()
        await settle()

    async def kill(self) -> None:
        """End it where it stands: nothing more is written, told or asked."""
        self.ledger.held = True
        await self.station.close()
        self.ledger.close()
        on_disk = {entry.enrollment_id for entry in self.entries()}
        self.taken &= on_disk  # what the record would not take dies with the process

    def _heard(self, notice: Notice) -> None:
        if isinstance(notice, DeskNotice):
            shown = notice.enrollment
            if shown.state in {State.SUBMITTING, State.UNRECORDED}:
                self.taken.add(shown.id)

    @property
    def needs_no_gesture(self) -> bool:
        """Whether the station finds by itself what there is to find."""
        return not self.directory.hangs

    # What is done there -------------------------------------------------------------------------

    async def enroll(self, token: Token, person: Person, mode: Mode, code: str) -> None:
        desk = self.station.desk
        await self.station.desk.start_afresh()
        await desk.choose_mode(mode)
        await self.station.input.scanned(token.serial_number, Source.SCANNER)
        await settle()
        await desk.serve(person)
        await settle()
        await desk.submit(code)

    async def next_code(self, code: str) -> None:
        await self.station.desk.submit(code)

    async def take_back(self, token: Token, person: Person, operation: Operation) -> None:
        life = self.station.work
        await life.begin(operation, token, person)
        await settle()
        if life.awaits_token:
            await self.station.input.scanned(token.serial_number, Source.SCANNER)
            await life.submit()

    async def activate(self, token: Token, person: Person, code: str) -> None:
        life = self.station.work
        await life.begin(Operation.ACTIVATE, token, person)
        await settle()
        await life.submit(code)

    # What it says -------------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        return [each.entry for each in records(self.file)]


@dataclass
class Round:
    """One story, told from its seed, and its judgement."""

    seed: int
    folder: Path
    told: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    async def live(self) -> None:
        """Tell it, let everything land, and judge."""
        without_threads()
        self.chance = random.Random(self.seed)  # noqa: S311 - a story is no secret
        self.clock = FakeClock()
        self.clock.stop()
        self.tenant = OneTenant()
        self.lag = self.chance.choice((0, 0, 2, 10, 20, 45, 60))
        self.tenant.lag = Lag(seconds=self.lag)
        self.tenant.leaves_assigned = self.chance.random() < 0.5
        self.tokens = [self.tenant.add_token(a_token(serial)) for serial in SERIALS]
        names = (("Ada", "20417"), ("Ben", "20418"))
        self.people = [self.tenant.add_person(a_person(*each)) for each in names]
        self.sites = [
            Site(name, self.tenant, self.clock, self.folder / f"{name}.db", self.chance)
            for name in ("north", "south")
        ]
        for site in self.sites:
            await site.start()
        try:
            for _ in range(self.chance.randint(3, 8)):
                await self._move(self.chance.choice(self.sites))
            await self._come_to_rest()
            self._judge(self.sites)
        finally:
            for site in self.sites:
                await site.kill()

    # Moves --------------------------------------------------------------------------------------

    async def _move(self, site: Site) -> None:
        moves = {
            "enroll": 5,
            "next code": 4,
            "take back": 2,
            "activate": 1,
            "kill": 2,
            "hold the record": 1,
            "reads fail": 1,
        }
        move = self.chance.choices(list(moves), list(moves.values()))[0]
        token, person = self.chance.choice(self.tokens), self.chance.choice(self.people)
        site.directory.fate = self.chance.choice(FATES)
        code = await self._code(token)
        self._note(site, move, token.serial_number, person.display_name, site.directory.fate.value)
        match move:
            case "enroll":
                await site.enroll(token, person, self.chance.choice(list(Mode)), code)
            case "next code":
                await site.next_code(code)
            case "take back":
                await self._take_back(site, token)
            case "activate":
                holder = self._holder(token)
                if holder is not None:
                    await site.activate(token, holder, code)
            case "kill":
                await pass_time(self.clock, self.chance.uniform(0, 5))
                await site.kill()
                await site.start()
            case "hold the record":
                site.ledger.held = not site.ledger.held
            case _:
                site.directory.blind(self.chance.uniform(5, 120))
        await pass_time(self.clock, self.chance.choice((0, 0, 1, 5, 20, 60, 100)))

    async def _take_back(self, site: Site, token: Token) -> None:
        holder = self._holder(token)
        if holder is not None:
            operation = self.chance.choice((Operation.UNASSIGN, Operation.DEACTIVATE))
            await site.take_back(token, holder, operation)

    async def _code(self, token: Token) -> str:
        """Return a fresh code that the token shows, or one that it does not."""
        if self.clock.now().second % 30 > 20:
            await pass_time(self.clock, 11)
        code = f"{self.chance.randrange(1_000_000):06}"
        right = self.chance.random() < 0.65
        self.tenant.shows(token.device_id, code if right else f"{(int(code) + 1) % 1_000_000:06}")
        return code

    def _holder(self, token: Token) -> Person | None:
        holder = self.tenant.tokens[token.device_id].holder
        return self.tenant.people[holder.id] if holder else None

    # The end ------------------------------------------------------------------------------------

    async def _come_to_rest(self) -> None:
        """Let every patience end and what comes late come, and judge; then the same once more.

        The first time the stations have found by themselves what there was to find. The second time
        requests have landed after that, an administrator may have been at work, and it takes a
        start, a look-up or the next day.
        """
        for site in self.sites:
            site.ledger.held = False
            site.directory.fate = Fate.DONE
        await pass_time(self.clock, LATER + self.lag + 120)
        self._judge([site for site in self.sites if site.needs_no_gesture], unsettled=True)
        await pass_time(self.clock, 2 * LATER)
        assert not any(site.directory.landings for site in self.sites)
        self._administer()
        await pass_time(self.clock, self.lag)
        for site in self.sites:
            look = self.chance.choice(("start", "token", "person", "day"))
            self._note(site, "looks again", look)
            match look:
                case "start":
                    await site.kill()
                    await site.start()
                case "token":
                    for token in self.tokens:
                        await site.station.desk.start_afresh()
                        await site.station.input.scanned(token.serial_number, Source.SCANNER)
                        await settle()
                case "person":
                    for person in self.people:
                        await site.station.desk.start_afresh()
                        await site.station.desk.serve(person)
                        await settle()
                case _:
                    await pass_time(self.clock, 86_400)
            await pass_time(self.clock, 5)

    def _administer(self) -> None:
        """Let an administrator take a token back: no station has a part in that."""
        token = self.chance.choice(self.tokens)
        if self.chance.random() < 0.5 and self._holder(token) is not None:
            self.tenant.writer = "portal"
            self._note(self.sites[0], "an administrator takes back", token.serial_number)
            self.tenant.take_back(token.device_id, self.clock.now())

    def _judge(self, sites: Sequence[Site], *, unsettled: bool = False) -> None:
        for site in sites:
            assert verify(site.file) is None, self._about("the record is not whole")
            entries = site.entries()
            intents = [entry for entry in entries if entry.kind is EntryKind.INTENT]
            known = lines(entries)
            listed = {line.enrollment_id for line in known}
            assert site.taken <= listed, self._about("an accepted submit is not on record")
            assert site.directory.sent <= len(intents), self._about("sent without an intent")
            shown = {line.enrollment_id for line in site.station.today.lines()}
            assert listed <= shown or self.clock.now().day != 23, self._about("not under Today")
            for line in known:
                if any(supersedes(other, line) for other in known):
                    continue  # it tells of what was, and another answers for the token
                own = [entry for entry in entries if entry.enrollment_id == line.enrollment_id]
                sent = submitted_at(own)
                if sent is None or line.state is State.UNRECORDED:
                    continue  # it was not sent
                if not (unsettled and line.state is State.UNSETTLED):
                    self._judge_line(site, line, sent)
            self._judge_story(site, entries)

    def _judge_story(self, site: Site, entries: Sequence[Entry]) -> None:
        """Nothing was claimed too early, and nothing corrected that was somebody's later deed."""
        sent: dict[str, datetime] = {}
        serials: dict[str, str] = {}
        changed: dict[str, tuple[int, str]] = {}
        latest: dict[str, int] = {}
        for number, entry in enumerate(entries):
            name, event = entry.enrollment_id, entry.facts.get("event", "")
            if entry.kind is EntryKind.INTENT:
                sent[name] = entry.at
                serials[name] = entry.facts["serial_number"]
            words = f"{site.name}: {name[:4]} {entry.state.value}, {event}"
            if name not in sent:
                continue  # it could not be recorded, and so was not sent
            age = (entry.at - sent[name]).total_seconds()
            if event.startswith("Stays"):
                assert age >= PATIENCE.seconds, self._about(f"{words}, too early")
            if entry.kind is EntryKind.CORRECTION:
                since, other = changed.get(serials[name], (-1, name))
                superseded = other != name and since > latest[name]
                assert not superseded, self._about(f"{words}, though another answers for it")
                undone = entry.state in {State.NOT_DONE, State.TAKEN}
                undone = undone and entry.facts["was"] not in {"not_done", "taken", "unsettled"}
                in_time = not undone or age <= UNDONE.total_seconds()
                assert in_time, self._about(f"{words}, too late")
            if entry.state in SUCCESS | {State.HALF_DONE}:
                changed[serials[name]] = number, name
            latest[name] = number

    def _judge_line(self, site: Site, line: Line, sent: datetime) -> None:
        words = f"{site.name}: {line.enrollment_id[:4]} {line.state.value}, {line.serial_number}"
        assert line.state in RESTING, self._about(words)
        self.ends[line.state.value] += 1
        self.ends["corrected"] += line.corrected is not None
        truth = self.tenant.tokens[line.device_id]
        is_so = agrees(line, truth) or self._changed_since(site, line, sent)
        assert is_so, self._about(words)

    def _changed_since(self, site: Site, line: Line, sent: datetime) -> bool:
        """Whether the state was so, until another desk changed it after all patience.

        That is after the read-back, or after the look that has corrected the state. A change of
        this desk's own is never an excuse, however late it came.
        """
        changes = [each for each in self.tenant.story if each.after.device_id == line.device_id]
        rested = sent + timedelta(seconds=PATIENCE.seconds)
        looked = line.changed if line.corrected is not None else rested
        seen = looked - timedelta(seconds=self.lag)
        own = [number for number, each in enumerate(changes, 1) if each.site == site.name]
        later = [each for each in changes[max(own, default=0) :] if each.at > seen]
        if not later:
            return False
        self.ends["changed by another desk later"] += 1
        return agrees(line, later[0].before)

    # Telling ------------------------------------------------------------------------------------

    def _note(self, site: Site, *words: str) -> None:
        self.told.append(f"{self.clock.now():%H:%M:%S} {site.name}: {', '.join(words)}")

    def _about(self, what: str) -> str:
        changes = [
            f"{each.at:%H:%M:%S} {each.site} makes {each.after.serial_number} "
            f"{each.after.status.value}, {each.after.holder}"
            for each in self.tenant.story
        ]
        record = [
            f"{entry.at:%H:%M:%S} {site.name} {entry.enrollment_id[:4]} {entry.kind.value} "
            f"{entry.state.value} {entry.facts.get('event', '')} "
            f"{entry.facts.get('operation', '')} {entry.facts.get('serial_number', '')} "
            f"{entry.facts.get('person_name', '')}"
            for site in self.sites
            for entry in site.entries()
        ]
        story = "\n".join((*self.told, "", *changes, "", *record))
        return f"{what}; seed {self.seed}, lag {self.lag} s\n{story}"


def agrees(line: Line, truth: Token) -> bool:
    """Whether what a line at rest says is how the token stands."""
    theirs = truth.holder is not None and truth.holder.id == line.person_id
    active = truth.status is TokenStatus.ACTIVATED
    match line.state:
        case State.ACTIVATED:
            return theirs and active
        case State.ASSIGNED | State.HALF_DONE | State.DEACTIVATED:
            return theirs and not active
        case State.TAKEN:
            return truth.holder is not None and not theirs
        case State.NOT_DONE if line.operation in TAKES_BACK:
            return theirs
        case State.NOT_DONE | State.RETURNED:
            return not theirs
    return False
