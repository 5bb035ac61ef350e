"""One long story of submits, faults and kills, told from a seed, and what must hold after each.

The same seed makes the same choices; at which instruction a process dies is the machine's affair.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.enrollment import OPEN, State
from app.core.model import Mode
from app.core.record import EntryKind, Line, lines
from app.ledger import records, verify
from app.simulator import totp
from app.simulator.server import PersonInfo
from tests.kills.nursery import Died, Life, Nursery
from tests.support.headless import is_final
from tests.support.proxy import Cut, Relay, Side
from tests.support.simulated import SAM, Simulated, wrong_code

WRITE_FAULTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "lost_answer"},
    {"kind": "slow", "seconds": 0.04},
    {"kind": "slow_answer", "seconds": 0.04},
    {"kind": "reset"},
    {"kind": "bad_gateway"},
    {"kind": "gateway_timeout"},
    {"kind": "service_unavailable", "retry_after": 1},
    {"kind": "too_many_requests", "retry_after": 1},
    {"kind": "html"},
    {"kind": "truncated_json"},
)
READ_FAULTS = ("reset", "lost_answer", "service_unavailable", "bad_gateway")
LAGS = (0.0, 0.0, 0.0, 0.03, 0.1)
NOT_LOOKED_AT = frozenset({401, 429, 503})
"""Only after these may a write be sent once more."""
BYTES = 12_000
"""How much a busy life sends and receives, roughly."""

_FEW = 5
_QUIET_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Deed:
    """One submit of the story."""

    serial: str
    person: PersonInfo
    mode: Mode
    wrong: bool = False
    staged: bool = False


@dataclass
class Chronicle:
    """Lives on one record after the other, and their judgement."""

    tenant: Simulated
    relay: Relay
    nursery: Nursery
    folder: Path
    seed: int
    kills: int = 0
    judged: int = 0
    deaths: Counter[str] = field(default_factory=Counter)
    left_open: Counter[State] = field(default_factory=Counter)
    outcomes: dict[str, State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a story is no secret
        self._volume = 0
        self._begin_volume()

    def tell(self, kills: int) -> None:
        """Kill a station `kills` times, and judge each time that one got its work settled."""
        while self.kills < kills:
            if len(self._people) < _FEW or len(self._serials) < _FEW:
                self._begin_volume()
            self._one_life()
            self.kills += 1
        self._last_life()

    def _let_latecomers_arrive(self) -> None:
        """Wait until the tenant hears nothing more from the dead.

        What a killed station had under way is still carried to the tenant by the machine between
        them, and would be taken for a request of the next volume.
        """
        heard = -1
        while heard != (now := len(self.tenant.control("GET", "/requests")["requests"])):
            heard = now
            time.sleep(_QUIET_SECONDS)

    # Lives ----------------------------------------------------------------------------------

    def _begin_volume(self) -> None:
        """Begin a new record, and have the tenant as new."""
        if self._volume:
            self._last_life()
            self._let_latecomers_arrive()
        self.tenant.reset()
        self._volume += 1
        self.ledger = self.folder / f"ledger-{self._volume}.db"
        self._people = [p for p in self.tenant.ready.people if p.employeeId]
        self._serials = [t.serial for t in self.tenant.ready.tokens if t.status == "available"]
        self._random.shuffle(self._people)
        self._random.shuffle(self._serials)

    def _one_life(self) -> None:
        """Start, settle, judge, work; and die somewhere on the way."""
        self._calm()
        early = self._random.random() < 0.3
        life = self.nursery.birth(self.ledger, self.relay.url)
        if early:
            self._doom(life, 0.25)
        try:
            self._settle(life)
            self._judge()
            if not early:
                self._doom(life, 0.3)
            for deed in list(self._deeds()):
                self._do(life, deed)
            life.idle(0.1)
        except Died:
            pass
        finally:
            life.bury()
        self._look_at_what_is_left()

    def _last_life(self) -> None:
        """One that nobody kills until everything is settled."""
        self._calm()
        life = self.nursery.birth(self.ledger, self.relay.url)
        try:
            self._settle(life)
            self._judge()
        finally:
            life.bury()

    def _look_at_what_is_left(self) -> None:
        """Count what the dead one owed: a story in which nothing is ever open proves nothing."""
        if self.ledger.exists():
            found = lines(record.entry for record in records(self.ledger))
            self.left_open.update(line.state for line in found if line.state in OPEN)

    def _settle(self, life: Life) -> None:
        if not life.do("sign_in"):
            raise AssertionError(self._about("nobody could sign in", life))
        if not life.do("settle"):
            raise AssertionError(self._about("the record was not settled", life))

    def _calm(self) -> None:
        """Let everything work."""
        self.relay.pass_on()
        self.tenant.control("DELETE", "/faults")
        self.tenant.control("POST", "/lag", {"seconds": 0})

    def _doom(self, life: Life, seconds: float) -> None:
        """Decide how this life ends."""
        way = self._random.choice(("time", "lines", "request bytes", "answer bytes"))
        self.deaths[way] += 1
        amount = self._random.random()
        if way == "time":
            life.die_after_seconds(amount * seconds)
        elif way == "lines":
            life.die_after_lines(int(amount * 40))
        else:
            side = Side.REQUEST if way == "request bytes" else Side.ANSWER
            self.relay.cut(Cut(side, int(amount * BYTES), before=life.kill))

    # Deeds ----------------------------------------------------------------------------------

    def _deeds(self) -> Iterator[Deed]:
        for _ in range(self._random.randint(1, 3)):
            mode = self._random.choice(list(Mode))
            assigns = mode is Mode.ASSIGN_ONLY
            yield Deed(
                self._serials.pop(),
                self._people.pop(),
                mode,
                wrong=not assigns and self._random.random() < 0.15,
                staged=assigns and self._random.random() < 0.2,
            )

    def _do(self, life: Life, deed: Deed) -> None:
        if deed.staged:
            self._stage(life, deed)
            return
        self._disturb(deed)
        life.do(
            "enroll",
            serial=deed.serial,
            badge=deed.person.employeeId,
            mode=deed.mode.value,
            code="" if deed.mode is Mode.ASSIGN_ONLY else self._code(deed),
        )

    def _stage(self, life: Life, deed: Deed) -> None:
        self.relay.refuse()
        life.do("stage", serial=deed.serial, badge=deed.person.employeeId)
        if self._random.random() < 0.6:
            self.relay.pass_on()
            life.idle(0.1)

    def _disturb(self, deed: Deed) -> None:
        """Arm what goes wrong with this deed."""
        path = f"{deed.person.id}/authentication/hardwareOathMethods"
        chance = self._random.random()
        write = {"method": "POST", "path": path}
        if chance < 0.5:
            fault = dict(self._random.choice(WRITE_FAULTS))
            self.tenant.fault(fault.pop("kind"), match=write, **fault)
        elif chance < 0.6:
            self.tenant.fault("assign_elsewhere", match=write, serial=deed.serial, person=SAM)
        if self._random.random() < 0.2:
            kind = self._random.choice(READ_FAULTS)
            self.tenant.fault(kind, match={"method": "GET", "path": path})
        self.tenant.control("POST", "/lag", {"seconds": self._random.choice(LAGS)})

    def _code(self, deed: Deed) -> str:
        assert self.tenant.server.practice is not None
        tenant = self.tenant.server.practice.tenant
        device = tenant.device_by_serial(deed.serial)
        if deed.wrong:
            return wrong_code(device, tenant.clock())
        return totp.code_at(device, tenant.clock())

    # Judgement ------------------------------------------------------------------------------

    def _judge(self) -> None:
        """Everything in the record has one outcome, and the tenant agrees."""
        assert verify(self.ledger) is None, self._about("the record is not whole")
        entries = [found.entry for found in records(self.ledger)]
        intents, finals = Counter[str](), Counter[str]()
        for entry in entries:
            intents[entry.enrollment_id] += entry.kind is EntryKind.INTENT
            finals[entry.enrollment_id] += is_final(entry.state)
        writes = self._writes()
        given = self._given()
        known = lines(entries)
        unrecorded = set(writes) - {line.person_id for line in known}
        assert not unrecorded, self._about(f"sent without a record: {unrecorded}")
        for line in known:
            about = self._about(f"{line.state} {line.serial_number} {line.enrollment_id}")
            assert is_final(line.state), about
            assert finals[line.enrollment_id] == 1, about
            assert self._agrees(line), about
            assert given[line.person_id] <= 1, about
            sent = writes[line.person_id]
            assert len({each for each, _ in sent}) <= intents[line.enrollment_id] <= 1, about
            assert NOT_LOOKED_AT.issuperset(status for _, status in sent[:-1]), f"{about} {sent}"
            self.outcomes[line.enrollment_id] = line.state
        self.judged += 1

    def _agrees(self, line: Line) -> bool:
        """Whether the tenant's own truth is what the record says."""
        truth = self.tenant.token_state(line.serial_number)
        theirs = truth["holder_id"] is not None and truth["holder_id"] == line.person_id
        match line.state:
            case State.ASSIGNED:
                return theirs and truth["status"] == "assigned"
            case State.ACTIVATED:
                return theirs and truth["status"] == "activated"
            case State.HALF_DONE:
                return theirs and truth["status"] in {"assigned", "failedActivation"}
            case State.TAKEN:
                return truth["holder_id"] is not None and not theirs
            case State.NOT_DONE | State.BLOCKED:
                return not theirs
        return False

    def _writes(self) -> dict[str, list[tuple[str, int]]]:
        """By person: id and status of the requests that would have given them a token."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for request in self.tenant.control("GET", "/requests")["requests"]:
            parts = request["path"].split("/")
            if request["method"] == "POST" and "hardwareOathMethods" in parts:
                found[parts[3]].append((request["client_request_id"], request["status"]))
        return found

    def _given(self) -> Counter[str]:
        """By person: how often the tenant acted."""
        assert self.tenant.server.practice is not None
        audit = self.tenant.server.practice.tenant.audit
        return Counter(e.target or "" for e in audit if "registered" in e.activity)

    def _about(self, what: str, life: Life | None = None) -> str:
        told = "" if life is None else "\n" + "\n".join(life.said[-20:])
        return f"{what}; --kill-seed {self.seed}, kill {self.kills}, {self.ledger.name}{told}"
