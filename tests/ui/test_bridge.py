"""The door between the two threads: what goes in, what comes out, and how it closes."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from app.core.errors import LedgerUnreadable
from app.core.model import Source
from app.station.context import DeskSettings, Notify
from app.station.first_run import FirstRun, FirstRunSettings
from app.station.notices import DeskNotice, Notice, ReadyNotice, SessionNotice, StartingNotice
from app.station.station import Station
from app.ui.bridge import Bridge, StationFactory
from tests.conftest import ExpectLog
from tests.fakes.tenancy import FakeFinder, FakeKeeper
from tests.fakes.world import FakeWorld

STATION = "station"


class Ear(QObject):
    """Keeps what it is told, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[Notice] = []
        self.threads: set[int] = set()

    @Slot(object)
    def hear(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.threads.add(threading.get_ident())

    def heard(self, kind: type[object]) -> bool:
        return any(isinstance(notice, kind) for notice in self.notices)


def on(world: FakeWorld, gate: threading.Event | None = None) -> StationFactory:
    """How to build a station over `world`, no sooner than `gate` opens."""

    async def build(notify: Notify) -> Station:
        if gate is not None:
            await asyncio.to_thread(gate.wait)
        return Station(world.station_ports, DeskSettings(), notify, world.practice)

    return build


class Doors:
    """Makes bridges, and closes what a test leaves open."""

    def __init__(self) -> None:
        self.made: list[Bridge] = []
        self.ear = Ear()

    def open(self, build: StationFactory) -> Bridge:
        bridge = Bridge(build)
        bridge.noticed.connect(self.ear.hear)
        self.made.append(bridge)
        return bridge

    def close(self) -> None:
        for bridge in self.made:
            bridge.close()


@pytest.fixture
def doors() -> Iterator[Doors]:
    made = Doors()
    yield made
    made.close()


def station_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == STATION]


def test_a_gesture_runs_on_the_stations_thread(doors: Doors, qtbot: QtBot) -> None:
    names: list[str] = []

    async def gesture(_station: Station) -> None:
        names.append(threading.current_thread().name)

    bridge = doors.open(on(FakeWorld()))
    bridge.start()
    bridge.ask(gesture)
    qtbot.waitUntil(lambda: names == [STATION])


def test_notices_arrive_on_the_thread_of_the_window(doors: Doors, qtbot: QtBot) -> None:
    bridge = doors.open(on(FakeWorld()))
    bridge.start()
    bridge.ask(lambda station: station.session.begin_in_browser())
    qtbot.waitUntil(lambda: doors.ear.heard(DeskNotice) and doors.ear.heard(SessionNotice))
    assert doors.ear.threads == {threading.get_ident()}


def test_gestures_are_performed_in_the_order_they_were_made(doors: Doors, qtbot: QtBot) -> None:
    seen: list[int] = []
    bridge = doors.open(on(FakeWorld()))

    def gesture(number: int) -> None:
        async def note(_station: Station) -> None:
            seen.append(number)

        bridge.ask(note)

    bridge.start()
    for number in range(50):
        gesture(number)
    qtbot.waitUntil(lambda: len(seen) == 50)
    assert seen == list(range(50))


def test_a_gesture_waits_until_the_station_is_put_together(doors: Doors, qtbot: QtBot) -> None:
    gate, world = threading.Event(), FakeWorld()
    bridge = doors.open(on(world, gate))
    bridge.start()
    bridge.ask(lambda station: station.session.begin_in_browser())
    qtbot.wait(50)
    assert doors.ear.notices == []
    gate.set()
    qtbot.waitUntil(lambda: world.sign_in.signed_in)


def test_a_gesture_that_fails_is_logged_and_the_next_one_is_served(
    doors: Doors, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    expect_log("ERROR oathdesk.ui: a gesture failed")
    world = FakeWorld()

    async def fails(_station: Station) -> None:
        raise ValueError("a programming error")

    bridge = doors.open(on(world))
    bridge.start()
    bridge.ask(fails)
    bridge.ask(lambda station: station.session.begin_in_browser())
    qtbot.waitUntil(lambda: world.sign_in.signed_in)


def test_a_station_that_cannot_be_built_says_why(doors: Doors, qtbot: QtBot) -> None:
    error = LedgerUnreadable("of a newer version")

    async def build(_notify: Notify) -> Station:
        raise error

    bridge = doors.open(build)
    bridge.start()
    qtbot.waitUntil(lambda: doors.ear.heard(ReadyNotice))
    assert doors.ear.notices == [ReadyNotice(error=error)]


def test_a_build_that_fails_otherwise_is_logged(
    doors: Doors, qtbot: QtBot, expect_log: ExpectLog, caplog: pytest.LogCaptureFixture
) -> None:
    expect_log("ERROR oathdesk.ui: a gesture failed")

    async def build(_notify: Notify) -> Station:
        raise ValueError("a programming error")

    doors.open(build).start()
    qtbot.waitUntil(lambda: "a gesture failed" in caplog.text)


def test_closing_ends_the_thread_and_what_was_under_way(doors: Doors, qtbot: QtBot) -> None:
    world = FakeWorld()
    world.sign_in.waits = True
    bridge = doors.open(on(world))
    bridge.start()
    bridge.ask(lambda station: station.session.begin_in_browser())
    qtbot.waitUntil(lambda: world.sign_in.is_open)
    bridge.close()
    assert station_threads() == []
    assert world.sign_in.cancelled == 1


def test_closing_while_the_station_is_being_built_is_quiet(doors: Doors, qtbot: QtBot) -> None:
    gate = threading.Event()
    bridge = doors.open(on(FakeWorld(), gate))
    bridge.start()
    bridge.ask(lambda station: station.session.begin_in_browser())
    qtbot.wait(20)
    gate.set()
    bridge.close()
    assert station_threads() == []


def test_a_closed_bridge_takes_no_gesture_and_tells_nothing(doors: Doors, qtbot: QtBot) -> None:
    world = FakeWorld()
    bridge = doors.open(on(world))
    bridge.start()
    qtbot.waitUntil(lambda: doors.ear.heard(ReadyNotice))
    bridge.close()
    told = len(doors.ear.notices)
    bridge.ask(lambda station: station.input.scanned("86590001", Source.SCANNER))
    bridge.close()
    qtbot.wait(20)
    assert len(doors.ear.notices) == told
    assert world.directory.calls == []


def test_a_bridge_that_was_never_started_can_be_closed(doors: Doors) -> None:
    doors.open(on(FakeWorld())).close()


def test_a_station_that_fails_to_close_does_not_keep_its_thread(
    doors: Doors, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    expect_log("ERROR oathdesk.ui: a gesture failed")
    world = FakeWorld()

    async def stuck() -> None:
        raise OSError("the disk is gone")

    outside = world.station_ports
    outside = type(outside)(
        outside.directory, outside.sign_in, outside.ledger, outside.clock, stuck
    )

    async def build(notify: Notify) -> Station:
        return Station(outside, DeskSettings(), notify)

    bridge = doors.open(build)
    bridge.start()
    qtbot.waitUntil(lambda: doors.ear.heard(ReadyNotice))
    bridge.close()
    assert station_threads() == []


def test_work_that_nothing_else_refers_to_is_not_lost(doors: Doors, qtbot: QtBot) -> None:
    ended = threading.Event()

    async def build(_notify: Notify) -> Station:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("nobody sets it")

    bridge = doors.open(build)
    bridge.start()
    qtbot.wait(50)
    gc.collect()
    assert not ended.is_set()
    bridge.close()
    assert ended.is_set()


# -- another station ------------------------------------------------------------------------------


class Stations:
    """Builds of stations with a name each; which were closed, in that order."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.built: list[str] = []

    def on(self, name: str, gate: threading.Event | None = None) -> StationFactory:
        world = FakeWorld()

        async def let_go() -> None:
            self.closed.append(name)

        async def build(notify: Notify) -> Station:
            if gate is not None:
                await asyncio.to_thread(gate.wait, 10)
            self.built.append(name)
            outside = replace(world.station_ports, let_go=let_go)
            return Station(outside, DeskSettings(name=name), notify)

        return build

    def first_run(self, name: str) -> StationFactory:
        async def let_go() -> None:
            self.closed.append(name)

        async def build(notify: Notify) -> FirstRun:
            self.built.append(name)
            return FirstRun(FakeFinder(), FakeKeeper(), FirstRunSettings(name), notify, let_go)

        return build


def ready(doors: Doors, desk: str) -> bool:
    return any(isinstance(each, ReadyNotice) and each.desk == desk for each in doors.ear.notices)


def test_the_first_station_is_closed_before_the_other_is_built(doors: Doors, qtbot: QtBot) -> None:
    stations = Stations()
    bridge = doors.open(stations.on("north"))
    bridge.start()
    qtbot.waitUntil(lambda: ready(doors, "north"))
    bridge.start_over(stations.on("south"))
    qtbot.waitUntil(lambda: ready(doors, "south"))
    assert stations.closed == ["north"]
    starting = [each for each in doors.ear.notices if isinstance(each, StartingNotice)]
    assert len(starting) == 1
    bridge.close()
    assert stations.closed == ["north", "south"]


def test_what_is_asked_meanwhile_is_for_the_other(doors: Doors, qtbot: QtBot) -> None:
    stations, gate, served = Stations(), threading.Event(), list[str]()

    async def gesture(station: Station) -> None:
        await station.session.begin_in_browser()
        served.append("served")

    bridge = doors.open(stations.on("north"))
    bridge.start()
    qtbot.waitUntil(lambda: ready(doors, "north"))
    bridge.start_over(stations.on("south", gate))
    qtbot.waitUntil(lambda: stations.closed == ["north"])
    bridge.ask(gesture)
    qtbot.wait(20)
    assert served == []
    gate.set()
    qtbot.waitUntil(lambda: len(served) == 1)


def test_of_several_in_a_row_only_the_last_is_told_of(doors: Doors, qtbot: QtBot) -> None:
    stations, gate = Stations(), threading.Event()
    bridge = doors.open(stations.on("north", gate))
    bridge.start()
    for name in ("east", "south", "west"):
        bridge.start_over(stations.on(name))
    gate.set()
    qtbot.waitUntil(lambda: ready(doors, "west"))
    assert {each.desk for each in doors.ear.notices if isinstance(each, ReadyNotice)} == {"west"}
    bridge.close()
    assert stations.closed == stations.built


def test_after_a_station_that_could_not_be_built_another_can(doors: Doors, qtbot: QtBot) -> None:
    stations = Stations()
    error = LedgerUnreadable("of a newer version")

    async def build(_notify: Notify) -> Station:
        raise error

    bridge = doors.open(build)
    bridge.start()
    qtbot.waitUntil(lambda: doors.ear.notices == [ReadyNotice(error=error)])
    bridge.start_over(stations.on("south"))
    qtbot.waitUntil(lambda: ready(doors, "south"))


def test_a_station_that_fails_to_close_is_in_nobodys_way(
    doors: Doors, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    expect_log("ERROR oathdesk.ui: a station did not close")
    stations, world = Stations(), FakeWorld()

    async def stuck() -> None:
        raise OSError("the disk is gone")

    async def build(notify: Notify) -> Station:
        return Station(
            replace(world.station_ports, let_go=stuck), DeskSettings(name="north"), notify
        )

    bridge = doors.open(build)
    bridge.start()
    qtbot.waitUntil(lambda: ready(doors, "north"))
    bridge.start_over(stations.on("south"))
    qtbot.waitUntil(lambda: ready(doors, "south"))


def test_gestures_of_one_kind_are_nobodys_where_the_other_stands(
    doors: Doors, qtbot: QtBot
) -> None:
    stations, done = Stations(), list[str]()

    async def at_a_station(_station: Station) -> None:
        done.append("station")

    async def at_a_first_run(_first_run: FirstRun) -> None:
        done.append("first run")

    bridge = doors.open(stations.first_run("config.toml"))
    bridge.start()
    bridge.ask(at_a_station)
    bridge.set_up(at_a_first_run)
    qtbot.waitUntil(lambda: done == ["first run"])
    bridge.start_over(stations.on("south"))
    bridge.set_up(at_a_first_run)
    bridge.ask(at_a_station)
    qtbot.waitUntil(lambda: done == ["first run", "station"])
    assert stations.closed == ["config.toml"]


def test_a_closed_bridge_begins_nothing_anew(doors: Doors, qtbot: QtBot) -> None:
    stations = Stations()
    bridge = doors.open(stations.on("north"))
    bridge.start()
    qtbot.waitUntil(lambda: ready(doors, "north"))
    bridge.close()
    bridge.start_over(stations.on("south"))
    assert stations.built == ["north"]
