"""What the version before has left on disk goes on: two jobs, open requests and queued work.

The fixture is the folder of a station that was killed in the middle of a job on four tokens and of
an upload of five, with work in its tray. The code before one job engine has written it, with a real
record, and the present code cannot make it:

- job.json: take four tokens back from Ada. The first was done, the second sent and never answered.
- upload.jsonl: bring in five tokens and activate them for Ada. The first row names nobody and had
  failed; two were accepted, the third was sent and never answered, the last was not begun.
- record.sql: the record of all that, made with sqlite3.Connection.iterdump, and one assignment to
  Ben that was staged while the directory was out of reach.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.importing import Handing
from app.core.job import JobState, Progress, RowState
from app.core.model import Operator, Role
from app.core.record import lines
from app.core.stored_job import JobKind
from app.ledger import SqliteLedger, records, verify
from app.ledger.shelf import FileShelf
from app.station.context import Ports
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from tests.fakes.nouns import SCOPE, a_token
from tests.fakes.seeds import a_seed
from tests.fakes.world import FakeWorld
from tests.station.stage import Stage, a_desk

pytestmark = pytest.mark.anyio

FIXTURE = Path(__file__).parent / "fixtures" / "killed-in-two-jobs"
FILE = "tokens.csv"
MANAGES = "Policy.ReadWrite.AuthenticationMethod"


class World(FakeWorld):
    """The tenant as it was at the kill, and the folder that the killed station has left."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.record = SqliteLedger(folder / "ledger.db")
        self.folder = folder
        self.directory.computes = True
        self.directory.who = Operator(
            "operator-olu",
            "Olu",
            "olu@example.com",
            roles=frozenset(
                {Role.AUTHENTICATION_ADMINISTRATOR, Role.AUTHENTICATION_POLICY_ADMINISTRATOR}
            ),
            scopes=frozenset({SCOPE, MANAGES}),
        )
        for number in range(1, 5):
            token = self.tenant.add_token(a_token(f"6600000{number}"))
            if number > 2:  # the first two were taken back
                self.directory.give(token, self.ada, activated=True)
        for number in range(1, 4):
            made = a_seed(f"7700000{number}", row=number + 2)
            self.tenant.create(made, self.ada, self.clock.now())
            self.directory.seeds[made.serial] = made.secret.reveal_base32()

    @property
    def station_ports(self) -> Ports:
        return replace(super().station_ports, ledger=self.record, shelf=FileShelf(self.folder))


@pytest.fixture
def world(tmp_path: Path) -> World:
    for name in ("job.json", "upload.jsonl"):
        shutil.copy(FIXTURE / name, tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as db:
        db.executescript((FIXTURE / "record.sql").read_text(encoding="utf-8"))
    world = World(tmp_path)
    world.clock.advance(3600)
    return world


@asynccontextmanager
async def started(world: World) -> AsyncIterator[Stage]:
    async with a_desk(world=world) as stage:
        yield stage
    world.record.close()


def progress(stage: Stage, kind: JobKind) -> Progress | None:
    told = [notice for notice in stage.of(JobNotice) if notice.job.kind is kind]
    return told[-1].progress if told else None


async def over(stage: Stage, kind: JobKind) -> Progress:
    await stage.until(lambda: bool((now := progress(stage, kind)) and now.is_over))
    found = progress(stage, kind)
    assert found is not None
    return found


def states(world: World) -> dict[str, State]:
    """The last state of each token in the record."""
    told = lines(found.entry for found in records(world.folder / "ledger.db"))
    return {line.serial_number: line.state for line in told}


async def test_a_job_on_many_tokens_is_offered_and_nothing_of_it_is_sent_twice(
    world: World,
) -> None:
    async with started(world) as stage:
        await stage.until(lambda: progress(stage, JobKind.UNASSIGN) is not None)
        found = progress(stage, JobKind.UNASSIGN)
        assert found is not None
        assert (found.state, found.total) == (JobState.PAUSED, 4)
        assert found.count(RowState.DONE) >= 1
        await stage.station.bulk.job.resume()
        found = await over(stage, JobKind.UNASSIGN)
        assert found.count(RowState.DONE) == 4
        assert world.directory.count("unassign") == 2
        assert all(world.tenant.tokens[f"device-6600000{n}"].holder is None for n in range(1, 5))
        await stage.station.bulk.job.dismiss()
        assert not (world.folder / "job.json").exists()
    assert {states(world)[f"6600000{number}"] for number in range(1, 5)} == {State.RETURNED}
    assert verify(world.folder / "ledger.db") is None


async def test_an_upload_is_told_and_the_same_file_goes_on_with_it(world: World) -> None:
    ada = world.ada.user_principal_name
    people = ["nobody@example.com", ada, ada, ada, ada]
    world.seeds.put(FILE, *(a_seed(f"7700000{n}", who, n + 2) for n, who in enumerate(people)))
    async with started(world) as stage:
        await stage.station.importing.look()
        left = stage.of(ImportNotice)[-1].left
        assert left is not None
        assert (left.file, left.handing, left.left) == (FILE, Handing.ACTIVATE, 5)
        await stage.station.importing.open(FILE, FILE)
        await stage.until(lambda: stage.of(ImportNotice)[-1].state is ImportState.READY)
        assert len(stage.of(ImportNotice)[-1].preview.half) == 3
        await stage.station.importing.begin(Handing.ACTIVATE)
        found = await over(stage, JobKind.UPLOAD)
        assert (found.count(RowState.DONE), found.count(RowState.FAILED)) == (4, 1)
        assert world.directory.count("create") == 1
        tokens = world.tenant.held_by(world.ada.id)
        active = {t.serial_number for t in tokens if t.status.value == "activated"}
        assert active >= {f"7700000{number}" for number in range(1, 5)}
    found_states = states(world)
    assert {found_states[f"7700000{number}"] for number in range(1, 5)} == {State.ACTIVATED}


async def test_work_in_the_tray_is_submitted(world: World) -> None:
    async with started(world) as stage:
        await stage.until(lambda: len(world.tenant.held_by(world.ben.id)) == 1)
        await stage.until(lambda: stage.today[-1].state is State.ASSIGNED)
    (token,) = world.tenant.held_by(world.ben.id)
    assert token.serial_number == "86590001"
    assert states(world)["86590001"] is State.ASSIGNED
