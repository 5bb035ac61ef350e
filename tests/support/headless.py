"""A real station without a window: the record on disk, MSAL, HTTPS, nothing replaced.

    async with a_station(Where.of(ready), ledger_file) as desk:
        await desk.sign_in()
        await desk.fill(serial_number, badge)
        await desk.submit()

It also runs as a process of its own, which can be killed at any moment:
`python -m tests.support.headless READY.json LEDGER [GRAPH_URL]` takes commands as lines of JSON and
tells every notice as one (see `Wire`).
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.auth import AuthSettings, MsalSignIn
from app.core.access_pass import PassOrder
from app.core.enrollment import DRAFT, RESTING, Enrollment, State
from app.core.errors import OathdeskError
from app.core.model import Mode, Source
from app.core.ports import AccessToken, Clock, DevicePrompt
from app.core.record import Line
from app.core.rights import Standing, essential_scopes, scopes_for
from app.core.signin import SecretStore, SignInMethod
from app.graph.client import Exchange, GraphClient, Options
from app.graph.directory import GraphDirectory
from app.graph.transport import TimeLimits, make_http
from app.ledger import SqliteLedger
from app.ledger.shelf import FileShelf
from app.network.tls import make_ssl_context
from app.seeds import SeedFiles
from app.station.context import DeskSettings, Notify, Patience, Ports
from app.station.desk.desk import Desk
from app.station.jobs import JobNotice
from app.station.notices import (
    DeskNotice,
    Notice,
    PersonCard,
    SessionNotice,
    SessionState,
    TokenCard,
)
from app.station.passes import PassNotice, PassStage
from app.station.people import PhotoNotice
from app.station.station import Station
from app.station.today import TodayNotice
from tests.support.bulk import bulk, finish_bulk
from tests.support.patience import HANG_SECONDS
from tests.support.replacing import finish, replace_token

N = TypeVar("N")

WAITS_FOR_SOMEBODY = DRAFT - {State.EMPTY, State.HAS_TOKEN, State.HAS_PERSON, State.CHECKING}
"""Where a draft with both cards stands once it was checked."""

_LANDING = 0.3
"""Seconds for what is still on its way when a station closes."""

_SHORT = 2.0
"""Seconds for a desk whose directory may be in trouble."""

Browser = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Where:
    """Which tenant, and by which address the directory is reached.

    `resource` is what the tenant calls the directory when scopes are asked for; it stays the same
    where `graph_url` leads there by a detour.
    """

    graph_url: str
    resource: str
    authority: str
    client_id: str
    ca_file: str
    username: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, ready: Mapping[str, Any], graph_url: str = "") -> Where:
        """Where a running simulator is; `ready` is the content of its ready file."""
        first = ready["operators"][0]
        resource = str(ready["graph_url"])
        return cls(
            graph_url=graph_url or resource,
            resource=resource,
            authority=str(ready["authority"]),
            client_id=str(ready["client_id"]),
            ca_file=str(ready["ca_file"]),
            username=str(first["username"]),
            password=str(first["password"]),
        )


class YoungClock:
    """Real time, shifted by less than a minute so that at first every time step is young.

    Waits last a `hurry`-th of what was asked for.
    """

    def __init__(self, hurry: float = 1.0) -> None:
        now = datetime.now(UTC)
        self._shift = timedelta(seconds=62 - now.timestamp() % 60)
        self._hurry = hurry
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / self._hurry)


class Handed:
    """A sign-in with a token that somebody else got: core.ports.SignIn where MSAL is not the point.

    Getting one from the practice tenant by MSAL costs more than all the rest of a short life.
    """

    methods = (SignInMethod.BROWSER,)
    application = ""
    signed_in_by: SignInMethod | None = SignInMethod.BROWSER

    def __init__(self, value: str) -> None:
        self._token = AccessToken(value, frozenset(scopes_for()))

    async def store(self) -> SecretStore:
        return SecretStore()

    async def access_token(self, claims: str | None = None) -> AccessToken:
        return self._token

    async def in_browser(
        self, opened: Callable[[str], None], hint: str = "", *, fresh: bool = False
    ) -> None:
        opened("")

    async def by_device_code(self, prompt: Callable[[DevicePrompt], None]) -> None:
        """Nothing to do: the token is there."""

    async def by_broker(self, window: int, hint: str = "", *, fresh: bool = False) -> None:
        """The same."""

    async def unattended(self) -> None:
        """The same."""

    async def resume(self) -> bool:
        return False

    async def sign_out(self) -> None:
        """The token goes with the object."""

    def close(self) -> None:
        """There is nothing to let go."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a station under test is put together, where that differs from the real one."""

    clock: Clock = field(default_factory=YoungClock)
    settings: DeskSettings = field(default_factory=DeskSettings)
    limits: TimeLimits = field(default_factory=TimeLimits)
    options: Options = field(default_factory=lambda: Options(pace=None))
    browser: Browser | None = None
    context: ssl.SSLContext | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = scopes_for()
    true_time: bool = False
    """Whether the station hears the directory's clock, which a clock made young disagrees with."""
    auth: Mapping[str, Any] = field(default_factory=dict)

    def patient(self, *delays: float) -> Manner:
        """The same with other waits between looks."""
        patience = Patience(delays=delays)
        return replace(self, settings=replace(self.settings, patience=patience))


@dataclass(slots=True)
class Flight:
    """How many requests are on their way.

    A connection that is cancelled while it is being made is closed by the garbage collector alone
    (anyio forgets it), which a test run with warnings as errors would not forgive.
    """

    begun: int = 0
    ended: int = 0
    landed: asyncio.Event = field(default_factory=asyncio.Event)

    async def begins(self, _request: object) -> None:
        """A request sets out."""
        self.begun += 1

    def ends(self) -> None:
        """One has come back, with an answer or without."""
        self.ended += 1
        self.landed.set()

    async def over(self) -> None:
        """Wait a moment for what is on its way; one that was cancelled never comes back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LANDING):
                while self.ended < self.begun:
                    self.landed.clear()
                    await self.landed.wait()


async def assemble(
    where: Where, ledger_file: Path, notify: Notify, manner: Manner, flight: Flight | None = None
) -> Station:
    """Put a station together as app.main does. Raises LedgerError."""
    flight = flight or Flight()
    ledger = SqliteLedger(ledger_file)
    await asyncio.to_thread(ledger.open)
    context = manner.context or make_ssl_context(Path(where.ca_file))
    http = make_http(context, manner.limits)
    http.event_hooks = {"request": [flight.begins]}
    sign_in = _sign_in(where, manner, context)

    def tell(exchange: Exchange) -> None:
        flight.ends()
        if not exchange.path.endswith("/photo/$value"):
            station.heard(
                answered=exchange.status is not None,
                latency=exchange.latency_ms,
                offset=exchange.clock_offset if manner.true_time else None,
            )

    options = replace(manner.options, on_exchange=tell)
    client = GraphClient(where.graph_url, sign_in, http, manner.clock, options)

    async def let_go() -> None:
        await http.aclose()
        sign_in.close()
        await asyncio.to_thread(ledger.close)

    outside = Ports(
        GraphDirectory(client, own=own_account(sign_in)),
        sign_in,
        ledger,
        manner.clock,
        let_go,
        shelf=FileShelf(ledger_file.with_suffix("")),
        seeds=SeedFiles(ledger_file.with_name("columns.json")),
    )
    station = Station(outside, manner.settings, notify)
    return station


def own_account(sign_in: Any) -> Callable[[], str]:
    """What app.main asks for the person who is signed in; `Handed` has no account."""
    return lambda: getattr(getattr(sign_in, "account", None), "id", "")


def _sign_in(where: Where, manner: Manner, context: ssl.SSLContext) -> Any:
    if manner.token:
        return Handed(manner.token)
    auth = AuthSettings(
        where.authority,
        where.client_id,
        tuple(f"{where.resource}/{scope}" for scope in manner.scopes),
        ssl_context=context,
        instance_discovery=False,
        essential=tuple(f"{where.resource}/{each}" for each in essential_scopes(manner.scopes)),
    )
    auth = replace(auth, **manner.auth)
    return MsalSignIn(auth, manner.clock, manner.browser or person_at_browser(where))


def person_at_browser(where: Where) -> Browser:
    """Somebody who fills in the sign-in page with the right name and password."""

    def opened(url: str) -> bool:
        from tests.support.simulated import browser_login  # noqa: PLC0415 - a killed run needs none

        browser_login(url, where.username, where.password, ca_file=where.ca_file)
        return True

    return opened


class Headless:
    """A station and everything it told. What a window would show is the last notice of a kind."""

    def __init__(self, manner: Manner, also: Notify = lambda _notice: None) -> None:
        self.manner = manner
        self.notices: list[Notice] = []
        self._latest: dict[type[object], Any] = {}
        self._also = also
        self._bell = asyncio.Event()
        self._station: Station | None = None

    def attach(self, station: Station) -> None:
        """Drive `station`."""
        self._station = station

    @property
    def station(self) -> Station:
        assert self._station is not None
        return self._station

    @property
    def desk(self) -> Desk:
        return self.station.desk

    def hear(self, notice: Notice) -> None:
        """Take a notice in."""
        self.notices.append(notice)
        self._latest[type(notice)] = notice
        self._bell.set()
        self._also(notice)

    def last(self, kind: type[N]) -> N | None:
        """The latest notice of one kind."""
        found: N | None = self._latest.get(kind)
        return found

    def of(self, kind: type[N]) -> list[N]:
        """Every notice of one kind, in order."""
        return [notice for notice in self.notices if isinstance(notice, kind)]

    @property
    def enrollment(self) -> Enrollment:
        shown = self.last(DeskNotice)
        assert shown is not None
        return shown.enrollment

    @property
    def state(self) -> State:
        return self.enrollment.state

    @property
    def token_card(self) -> TokenCard:
        shown = self.last(DeskNotice)
        assert shown is not None
        return shown.token_card

    @property
    def person_card(self) -> PersonCard:
        shown = self.last(DeskNotice)
        assert shown is not None
        return shown.person_card

    @property
    def lacks(self) -> tuple[Standing, ...]:
        shown = self.last(DeskNotice)
        assert shown is not None
        return shown.lacks

    @property
    def session(self) -> SessionNotice:
        return self.last(SessionNotice) or SessionNotice(SessionState.SIGNED_OUT)

    @property
    def lines(self) -> tuple[Line, ...]:
        shown = self.last(TodayNotice)
        return shown.lines if shown else ()

    def stageable(self) -> bool:
        """Whether what is on the desk can be staged."""
        shown = self.last(DeskNotice)
        return shown is not None and shown.stageable

    def states(self) -> list[State]:
        """The states that the desk has shown, each once in a row."""
        shown = [notice.enrollment.state for notice in self.of(DeskNotice)]
        return [s for i, s in enumerate(shown) if i == 0 or shown[i - 1] is not s]

    async def until(self, true: Callable[[], bool], seconds: float = HANG_SECONDS) -> None:
        """Wait for a notice after which `true` holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not true():
                self._bell.clear()
                await self._bell.wait()

    async def reach(self, *states: State) -> Enrollment:
        """Wait until the enrollment in front is in one of `states`."""
        await self.until(lambda: self.state in states)
        return self.enrollment

    async def sign_in(self) -> SessionNotice:
        """Sign in through the browser; return how that ended."""
        over = {SessionState.SIGNED_IN, SessionState.FAILED, SessionState.SIGNED_OUT}
        await self.station.session.begin_in_browser()
        await self.until(lambda: self.session.state in over)
        return self.session

    async def scan(self, text: str) -> None:
        """Scan `text`."""
        await self.station.input.scanned(text, Source.SCANNER)

    async def fill(self, serial_number: str, badge: str) -> Enrollment:
        """Scan a token and a badge (an employee number), and wait for the check."""
        await self.scan(serial_number)
        await self.scan(f"EMP{badge}")
        return await self.reach(*WAITS_FOR_SOMEBODY)

    async def submit(self, digits: str = "") -> Enrollment:
        """Submit, and wait until the enrollment has come to rest."""
        await self.desk.submit(digits)
        return await self.rest()

    async def quiet(self) -> None:
        """Wait until the photo of whoever is on the card has come: the last thing to be asked."""
        person = self.enrollment.person
        await self.until(
            lambda: person is None or any(n.person_id == person.id for n in self.of(PhotoNotice))
        )

    async def submit_refused(self) -> Enrollment:
        """Submit what cannot be recorded, and wait until it is said."""
        await self.desk.submit()
        return await self.reach(State.UNRECORDED)

    async def rest(self) -> Enrollment:
        """Wait until the enrollment in front is at rest."""
        return await self.reach(*RESTING)

    async def ask_for_pass(self, badge: str) -> PassNotice:
        """Put a person on the card and begin to issue a pass; return what is asked."""
        await self.scan(f"EMP{badge}")
        await self.until(lambda: self.enrollment.person is not None)
        person = self.enrollment.person
        assert person is not None
        await self.station.passes.open(person)
        return await self.reach_pass(PassStage.ASKING, PassStage.FAILED)

    async def issue_pass(self, badge: str) -> PassNotice:
        """Issue a pass, and wait until the desk knows what became of it."""
        asked = await self.ask_for_pass(badge)
        ending = asked.existing.id if asked.existing else ""
        await self.station.passes.issue(PassOrder(60, once=True), ending)
        over = (PassStage.CONFIRMED, PassStage.UNCERTAIN, PassStage.FAILED)
        return await self.reach_pass(*over)

    async def reach_pass(self, *stages: PassStage) -> PassNotice:
        """Wait until the pass in front is in one of `stages`."""
        await self.until(lambda: (self.last(PassNotice) or PassNotice()).stage in stages)
        found = self.last(PassNotice)
        assert found is not None
        return found

    async def settled(self) -> None:
        """Wait until every enrollment in the record is at rest, and none is left unsettled."""
        await self.until(lambda: all(is_final(line.state) for line in self.lines))


def is_final(state: State) -> bool:
    """Whether a recorded enrollment has an outcome: nothing is owed to it any more."""
    return state in RESTING | {State.BLOCKED} and state is not State.UNSETTLED


@asynccontextmanager
async def a_station(
    where: Where, ledger_file: Path, manner: Manner | None = None, also: Notify = lambda _n: None
) -> AsyncIterator[Headless]:
    """Run a station; it is closed at the end. Raises LedgerError for an unusable record."""
    manner = manner or Manner()
    desk = Headless(manner, also)
    flight = Flight()
    station = await assemble(where, ledger_file, desk.hear, manner, flight)
    desk.attach(station)
    try:
        await station.start()
        yield desk
        await flight.over()
    finally:
        await station.close()


# A process of its own ---------------------------------------------------------------------------

Send = Callable[[Mapping[str, object]], None]
Command = Mapping[str, Any]


def told(notice: Notice) -> dict[str, object] | None:
    """What a notice says, as plain data; None for what a killed station's witness has no use for.

    Only states and ids: no name, no code, no address.
    """
    match notice:
        case DeskNotice(enrollment=e):
            error = type(e.error).__name__ if e.error else ""
            found = [finding.kind.name for finding in e.findings]
            return {"told": "desk", "id": e.id, "state": e.state.value, "error": error} | (
                {"findings": found} if found else {}
            )
        case SessionNotice(state=state, error=error):
            name = type(error).__name__ if error else ""
            return {"told": "session", "state": state.value, "error": name}
        case TodayNotice(lines=lines):
            rows = [[line.enrollment_id, line.state.value] for line in lines]
            return {"told": "today", "lines": rows}
        case JobNotice(progress=progress) if progress is not None:
            counts = {state.value: count for state, count in progress.counts.items() if count}
            return {"told": "bulk", "state": progress.state.value, "counts": counts}
    return None


class Wire:
    """Commands in, notices out. After each command comes {"done": its name} or {"failed": why}.

    sign_in | mode {"mode"} | scan {"text"} | wait {"states", "seconds"?} | submit {"code"?}
    fill {"serial", "badge"} | enroll {"serial", "badge", "mode", "code"?} | settle | stop
    stage {"serial", "badge"}: assign only, while the directory is out of reach
    replace {"serial", "new", "code"}: a lost token, both halves | finish: what is left of that
    issue_pass {"badge"}: a Temporary Access Pass, valid for an hour, usable once
    bulk {"deed", "serials"}: one deed for many tokens | finish_bulk: what is left of that
    """

    def __init__(self, desk: Headless, send: Send) -> None:
        self._desk = desk
        self._send = send

    async def obey(self, command: Command) -> bool:
        """Carry one command out; False after the last."""
        name = str(command["do"])
        acts: Mapping[str, Callable[[Command], Awaitable[object]]] = {
            "sign_in": lambda _c: self._desk.sign_in(),
            "mode": lambda c: self._desk.desk.choose_mode(Mode(c["mode"])),
            "scan": lambda c: self._desk.scan(c["text"]),
            "wait": self._wait,
            "submit": lambda c: self._desk.desk.submit(c.get("code", "")),
            "fill": self._fill,
            "enroll": self._enroll,
            "stage": self._stage,
            "replace": lambda c: replace_token(self._desk, c),
            "finish": lambda _c: finish(self._desk),
            "issue_pass": lambda c: self._desk.issue_pass(c["badge"]),
            "bulk": lambda c: bulk(self._desk, c),
            "finish_bulk": lambda _c: finish_bulk(self._desk),
            "settle": lambda _c: self._desk.settled(),
            "stop": self._nothing,
        }
        try:
            await acts[name](command)
        except (TimeoutError, OathdeskError) as error:
            self._send({"failed": name, "why": type(error).__name__})
        else:
            self._send({"done": name})
        return name != "stop"

    async def _wait(self, command: Command) -> None:
        states = {State(value) for value in command["states"]}
        await self._desk.until(
            lambda: self._desk.state in states, float(command.get("seconds", HANG_SECONDS))
        )

    async def _fill(self, command: Command) -> None:
        await self._desk.fill(command["serial"], command["badge"])
        await self._desk.quiet()

    async def _enroll(self, command: Command) -> None:
        await self._desk.desk.start_afresh()
        await self._desk.desk.choose_mode(Mode(command["mode"]))
        async with asyncio.timeout(_SHORT):
            await self._desk.fill(command["serial"], command["badge"])
        await self._desk.desk.submit(command.get("code", ""))

    async def _stage(self, command: Command) -> None:
        await self._desk.desk.start_afresh()
        await self._desk.desk.choose_mode(Mode.ASSIGN_ONLY)
        await self._desk.scan(command["serial"])
        await self._desk.scan(f"EMP{command['badge']}")
        await self._desk.until(self._desk.stageable, _SHORT)
        await self._desk.desk.submit()

    async def _nothing(self, _command: Command) -> None:
        """Stop."""


async def serve(
    where: Where,
    ledger_file: Path,
    manner: Manner,
    reader: asyncio.StreamReader,
    send: Send,
) -> None:
    """Run a station that obeys the lines from `reader` until it is told to stop, or they end."""

    def tell(notice: Notice) -> None:
        message = told(notice)
        if message is not None:
            send(message)

    async with a_station(where, ledger_file, manner, tell) as desk:
        send({"told": "ready"})
        wire = Wire(desk, send)
        while line := await reader.readline():
            if not await wire.obey(json.loads(line)):
                return


def line_of(message: Mapping[str, object]) -> bytes:
    """A message as it goes over the wire."""
    return json.dumps(message).encode() + b"\n"


def standard_input() -> asyncio.StreamReader:
    """Read standard input on a thread of its own; call it on the running loop.

    Windows' loop reads pipes that were opened for overlapped I/O alone, and those that `subprocess`
    makes are not: a read of them would never end.
    """
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended
            while data := os.read(sys.stdin.fileno(), 65_536):
                loop.call_soon_threadsafe(reader.feed_data, data)
            loop.call_soon_threadsafe(reader.feed_eof)

    threading.Thread(target=read, name="standard input", daemon=True).start()
    return reader


async def _main(ready: Mapping[str, Any], ledger_file: str, graph_url: str = "") -> None:
    reader = standard_input()

    def send(message: Mapping[str, object]) -> None:
        sys.stdout.buffer.write(line_of(message))
        sys.stdout.buffer.flush()

    try:
        manner = Manner(settings=DeskSettings(passes=True))
        await serve(Where.of(ready, graph_url), Path(ledger_file), manner, reader, send)
    except OathdeskError as error:
        send({"failed": "start", "why": type(error).__name__})


if __name__ == "__main__":
    ready_json = Path(sys.argv[1]).read_text(encoding="utf-8")
    asyncio.run(_main(json.loads(ready_json), *sys.argv[2:]))
