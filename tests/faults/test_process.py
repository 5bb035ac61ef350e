"""The process itself: killed at every point of a submit, started twice, on a disk in trouble.

The stations that are killed are real processes, and the kill is SIGKILL (on Windows
TerminateProcess) at the very moment when the relay sees the bytes pass.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.enrollment import State
from app.core.errors import LedgerGone, LedgerUnreadable, LedgerUnwritable
from app.core.model import Mode
from app.core.record import EntryKind
from app.ledger import records, verify
from tests.faults.scene import Scene, fast
from tests.support.headless import Headless, is_final
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Cut, Side

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


class Process:
    """A station in a process of its own, told what to do line by line."""

    def __init__(self, scene: Scene) -> None:
        self._ready = scene.ledger.with_name("ready.json")
        self._ready.write_text(scene.tenant.ready.as_json(), encoding="utf-8")
        command = [sys.executable, "-m", "tests.support.headless"]
        self._process = subprocess.Popen(
            [*command, str(self._ready), str(scene.ledger), scene.relay.url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def send(self, do: str, **arguments: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._process.stdin.flush()

    def heard(self) -> dict[str, Any]:
        """The next line it tells; nothing once it is dead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found: dict[str, Any] = json.loads(line) if line else {}
        return found

    def until(self, **wanted: Any) -> dict[str, Any]:
        """Read until a line says all of `wanted`."""
        while said := self.heard():
            if said.items() >= wanted.items():
                return said
            assert "failed" not in said, said
        raise EOFError("the station is dead")

    def kill(self) -> None:
        """Pull the plug."""
        self._process.kill()

    def end(self) -> None:
        """See it dead, and let its pipes go."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(HANG_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was not read is written to a pipe without a reader
                pipe.close()


@contextmanager
def ready_to_submit(scene: Scene, mode: Mode) -> Iterator[Process]:
    """A process with an operator and both cards filled, checked, and quiet."""
    process = Process(scene)
    try:
        process.until(told="ready")
        process.send("sign_in")
        process.until(done="sign_in")
        process.send("mode", mode=mode.value)
        process.send("fill", serial=scene.serial, badge=scene.person.employeeId)
        process.until(done="fill")
        yield process
    finally:
        process.end()


async def after_a_restart(scene: Scene, *expected: State) -> State:
    """Start again on the same record: what was left open is settled by itself."""
    async with scene.open_desk(manner=fast(0, 5, 10)) as desk:
        await desk.settled()
        states = [line.state for line in desk.lines]
    assert all(state in expected for state in states)
    return states[0] if states else State.EMPTY


def finals(ledger: Path) -> list[State]:
    """Every outcome that was ever written down."""
    return [found.entry.state for found in records(ledger) if is_final(found.entry.state)]


MODES = [(Mode.ASSIGN_ONLY, State.ASSIGNED), (Mode.ASSIGN_AND_ACTIVATE, State.ACTIVATED)]


@pytest.mark.parametrize(("mode", "done"), MODES)
async def test_killed_when_the_request_leaves_it_is_not_done(
    scene: Scene, mode: Mode, done: State
) -> None:
    with ready_to_submit(scene, mode) as process:
        cut = scene.relay.cut(Cut(Side.REQUEST, before=process.kill))
        process.send("submit", code=scene.code() if done is State.ACTIVATED else "")
        assert await asyncio.to_thread(cut.done.wait, 20)

    assert [found.entry.state for found in records(scene.ledger)] == [State.RECORDING]
    assert await after_a_restart(scene, State.NOT_DONE) is State.NOT_DONE
    assert scene.truth["status"] == "available"
    assert scene.writes() == []
    assert finals(scene.ledger) == [State.NOT_DONE]
    scene.row(f"killed as a write leaves, {mode.value}", "restart: reads; not done", State.NOT_DONE)


@pytest.mark.parametrize(("mode", "done"), MODES)
async def test_killed_when_the_answer_arrives_it_is_found_done(
    scene: Scene, mode: Mode, done: State
) -> None:
    with ready_to_submit(scene, mode) as process:
        cut = scene.relay.cut(Cut(Side.ANSWER, before=process.kill))
        process.send("submit", code=scene.code() if done is State.ACTIVATED else "")
        assert await asyncio.to_thread(cut.done.wait, 20)

    assert await after_a_restart(scene, done) is done
    assert scene.holds(done.value)
    assert len(scene.writes()) == 1
    assert finals(scene.ledger) == [done]
    scene.row(f"killed as the answer arrives, {mode.value}", "restart: reads; done", done)


async def test_killed_while_the_directory_is_being_read_back_it_is_found_done(
    scene: Scene,
) -> None:
    with ready_to_submit(scene, Mode.ASSIGN_ONLY) as process:
        scene.tenant.control("POST", "/lag", {"seconds": 500})
        process.send("submit")
        process.until(told="desk", state="confirming")
        process.kill()
        process.end()

    scene.tenant.control("POST", "/lag", {"seconds": 0})
    assert await after_a_restart(scene, State.ASSIGNED) is State.ASSIGNED
    assert len(scene.writes()) == 1
    scene.row("killed while reading back", "restart: reads; done", State.ASSIGNED)


async def test_killed_before_the_submit_nothing_is_left_open(scene: Scene) -> None:
    with ready_to_submit(scene, Mode.ASSIGN_ONLY) as process:
        process.kill()

    assert await after_a_restart(scene) is State.EMPTY
    assert scene.writes() == []
    scene.row("killed before the submit", "restart: an empty desk", "nothing open")


async def test_killed_during_recovery_the_next_start_settles_it(scene: Scene) -> None:
    with ready_to_submit(scene, Mode.ASSIGN_ONLY) as process:
        cut = scene.relay.cut(Cut(Side.ANSWER, before=process.kill))
        process.send("submit")
        assert await asyncio.to_thread(cut.done.wait, 20)
    scene.tenant.control("POST", "/lag", {"seconds": 500})
    again = Process(scene)
    again.until(told="ready")
    again.send("sign_in")
    again.until(done="sign_in")
    again.kill()
    again.end()

    scene.tenant.control("POST", "/lag", {"seconds": 0})
    assert await after_a_restart(scene, State.ASSIGNED) is State.ASSIGNED
    assert finals(scene.ledger) == [State.ASSIGNED]
    assert len(scene.writes()) == 1
    scene.row("killed during recovery", "next start settles it", State.ASSIGNED)


async def test_a_network_that_comes_and_goes_during_recovery_does_not_stop_it(
    scene: Scene,
) -> None:
    with ready_to_submit(scene, Mode.ASSIGN_ONLY) as process:
        cut = scene.relay.cut(Cut(Side.ANSWER, before=process.kill))
        process.send("submit")
        assert await asyncio.to_thread(cut.done.wait, 20)

    scene.tenant.control("POST", "/lag", {"seconds": 500})
    async with scene.open_desk(manner=fast(0, *[20.0] * 40)) as desk:
        await desk.until(lambda: resolving(desk))
        for _ in range(2):
            scene.relay.refuse()
            await desk.station.people.search("somebody")
            await desk.until(lambda: not desk.station.connection.up)
            scene.relay.pass_on()
            await desk.until(lambda: desk.station.connection.up)
        scene.tenant.control("POST", "/lag", {"seconds": 0})
        await desk.settled()
        assert [line.state for line in desk.lines] == [State.ASSIGNED]

    assert len(scene.writes()) == 1
    scene.row("network comes and goes in recovery", "goes on settling", State.ASSIGNED)


def resolving(desk: Headless) -> bool:
    return any(line.state in {State.RESOLVING, State.RECORDING} for line in desk.lines)


async def test_two_copies_on_one_record_keep_it_whole(scene: Scene) -> None:
    """The window refuses a second copy; should one get by, the record still holds."""
    async with scene.filled() as first, scene.open_desk() as second:
        people = scene.tenant.ready.people
        other = next(p for p in people if p.id != scene.person.id and p.employeeId)
        await second.fill(scene.serial, other.employeeId or "")
        await asyncio.gather(first.submit(), second.submit())
        states = {first.state, second.state}

    assert states == {State.ASSIGNED, State.TAKEN}
    assert verify(scene.ledger) is None
    scene.row("two copies, one token", "one gets it, one is told", "assigned + taken")


async def test_a_full_disk_stops_submitting_and_work_resumes_when_there_is_room(
    scene: Scene, expect_log: Any
) -> None:
    with small_disk(scene.ledger.parent) as disk:
        expect_log("was not sent and not recorded; it is written as soon as")
        moved = replace(scene, ledger=disk / "ledger.db")
        async with moved.filled() as desk:
            hog = disk / "hog"
            fill_up(hog)
            enrollment = await desk.submit_refused()
            assert isinstance(enrollment.error, LedgerUnwritable)
            assert moved.writes() == []

            hog.unlink()
            await desk.station.work.try_again()
            await desk.reach(State.READY)
            assert (await desk.submit()).state is State.ASSIGNED
        kinds = [each.entry.kind for each in records(moved.ledger)]
        assert kinds[:2] == [EntryKind.ATTEMPT, EntryKind.INTENT]
        moved.row("disk full", "sends nothing, says so; again", State.ASSIGNED)


@pytest.mark.expect_log("was not sent and not recorded; it is written as soon as")
@pytest.mark.skipif(
    os.name == "nt", reason="Windows removes and renames no file that a program has open"
)
async def test_t5_a_record_that_is_removed_stops_submitting_and_is_told(scene: Scene) -> None:
    async with scene.filled() as desk:
        kept = scene.ledger.parent.with_name("kept")
        scene.ledger.parent.rename(kept)
        enrollment = await desk.submit_refused()
        assert isinstance(enrollment.error, LedgerGone)
        assert scene.writes() == []
        assert not scene.ledger.exists()

        kept.rename(scene.ledger.parent)
        await desk.station.work.try_again()
        await desk.reach(State.READY)
        assert (await desk.submit()).state is State.ASSIGNED
    scene.row("record removed", "sends nothing, says so; again", State.ASSIGNED)


async def test_a_read_only_disk_stops_submitting(scene: Scene) -> None:
    with small_disk(scene.ledger.parent) as disk:
        moved = replace(scene, ledger=disk / "ledger.db")
        async with moved.filled():
            pass
        mount("-o", "remount,ro", disk)
        with pytest.raises(LedgerUnwritable):
            async with moved.desk():
                pass
        mount("-o", "remount,rw", disk)
        async with moved.filled() as desk:
            assert (await desk.submit()).state is State.ASSIGNED
        moved.row("read-only disk", "does not start; then works", State.ASSIGNED)


async def test_a_disk_that_fails_after_the_intent_leaves_the_truth_to_the_next_start(
    scene: Scene, expect_log: Any
) -> None:
    with small_disk(scene.ledger.parent) as disk:
        expect_log("could not be recorded")
        moved = replace(scene, ledger=disk / "ledger.db")
        async with moved.filled() as desk:
            scene.tenant.fault("slow_answer", match={"method": "POST"}, seconds=0.3)
            await desk.desk.submit()
            await desk.reach(State.SUBMITTING)
            fill_up(disk / "hog")
            assert (await desk.rest()).state is State.ASSIGNED
        (disk / "hog").unlink()
        assert await after_a_restart(moved, State.ASSIGNED) is State.ASSIGNED
        assert len(moved.writes()) == 1
        moved.row("disk full after the intent", "goes on; restart records it", State.ASSIGNED)


def damages() -> Sequence[Any]:
    def flip(data: bytearray) -> bytes:
        page = len(data) // 2 // 4096 * 4096  # what a page holds begins there; its middle is empty
        data[page] ^= 0xFF
        return bytes(data)

    return [
        pytest.param("truncated", lambda data: bytes(data[: len(data) // 2]), id="truncated"),
        pytest.param("overwritten", lambda data: b"\x00" * len(data), id="overwritten"),
        pytest.param("not a database", lambda _data: b"hello, world" * 400, id="not-a-database"),
        pytest.param("a flipped byte", flip, id="flipped"),
    ]


@pytest.mark.parametrize(("how", "damage"), damages())
async def test_a_damaged_record_is_set_aside_or_named_and_work_goes_on(
    scene: Scene, how: str, damage: Any, request: pytest.FixtureRequest
) -> None:
    async with scene.filled() as desk:
        assert (await desk.submit()).state is State.ASSIGNED
    whole = bytearray(scene.ledger.read_bytes())
    scene.ledger.write_bytes(damage(whole))

    free = [t.serial for t in scene.tenant.ready.tokens if t.status == "available"]
    scene.serial = free[(free.index(scene.serial) + 5) % len(free)]
    people = scene.tenant.ready.people
    scene.person = people[(people.index(scene.person) + 7) % len(people)]
    async with scene.filled() as desk:
        await desk.desk.submit()
        await desk.reach(State.ASSIGNED, State.UNRECORDED)
        if desk.state is State.UNRECORDED:  # damage met in the middle is told, and left behind
            request.getfixturevalue("expect_log")("was not sent and not recorded")
            assert isinstance(desk.enrollment.error, LedgerUnwritable)
            await desk.station.work.try_again()
            await desk.reach(State.READY)
            await desk.submit()
        assert desk.state is State.ASSIGNED

    aside = [p for p in scene.ledger.parent.iterdir() if "damaged" in p.name]
    assert aside or verify_names_it(scene.ledger)
    result = "set aside whole" if aside else "verify names the event"
    if aside:
        assert verify(scene.ledger) is None
        assert any(p.read_bytes()[:64] == damage(bytearray(whole))[:64] for p in aside)
        scene.row(f"record {how}", "begins a new one", result)


def verify_names_it(ledger: Path) -> bool:
    try:
        return verify(ledger) is not None
    except LedgerUnreadable:
        return True


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A real file system of one megabyte, where the machine lets a test mount one."""
    if os.name == "nt":
        pytest.skip("Windows mounts no file system of memory")
    disk = folder / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk):
        pytest.skip("mounting is not permitted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def mount(*arguments: str | Path) -> bool:
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    return done.returncode == 0


def fill_up(hog: Path) -> None:
    """Leave not a byte on the disk."""
    with suppress(OSError), hog.open("wb", buffering=0) as file:
        while True:
            file.write(b"\x00" * 512)
