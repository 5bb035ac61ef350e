"""A file is read, shown row by row, asked about, and put away without a trace."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import SeedFileWrongKey
from app.core.importing import Standing
from app.core.model import Role
from app.core.rights import Verdict
from app.core.secret import Secret
from app.core.seed import FaultKind, Need, RowFault, SeedFile, SeedFormat, SeedOptions
from app.station.import_notices import FaultsNotice, ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.upload import FILE as UPLOAD_FILE
from tests.fakes.nouns import a_token
from tests.fakes.seeds import a_seed
from tests.station.stage import AWAY, DESK, Stage, a_desk
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

FILE = "tokens.csv"
TOKENS = tuple(a_seed(f"7700000{number}", "", number + 2) for number in range(4))
FAULT = RowFault(7, FaultKind.SECRET_MISSING, "77000009")


async def told(stage: Stage, *states: ImportState) -> ImportNotice:
    await stage.until(lambda: shown(stage).state in states)
    return shown(stage)


def shown(stage: Stage) -> ImportNotice:
    return [ImportNotice(), *stage.of(ImportNotice)][-1]


async def opened(stage: Stage, *states: ImportState) -> ImportNotice:
    await stage.station.importing.open(f"/there/{FILE}", FILE)
    return await told(stage, *(states or (ImportState.READY,)))


def put(stage: Stage) -> None:
    stage.world.seeds.put(f"/there/{FILE}", *TOKENS, faults=(FAULT,))


async def test_every_row_is_shown_with_its_fault_before_anything_is_sent() -> None:
    async with a_desk() as stage:
        put(stage)
        found = await opened(stage)
        assert [row.row for row in found.preview.rows] == [2, 3, 4, 5, 7]
        assert found.preview.rows[-1].fault == FAULT
        assert found.preview.counts() == {
            Standing.GOOD: 4,
            Standing.THERE: 0,
            Standing.FAULTY: 1,
        }
        assert stage.world.directory.writes == []


async def test_serial_numbers_that_the_tenant_has_are_marked() -> None:
    async with a_desk() as stage:
        put(stage)
        stage.world.tenant.add_token(a_token("77000002"))
        found = await opened(stage)
        standings = [found.preview.standing(row) for row in found.preview.rows]
        assert standings[2] is Standing.THERE
        assert standings.count(Standing.GOOD) == 3


async def test_a_long_file_is_held_against_the_whole_list_of_the_inventory() -> None:
    async with a_desk() as stage:
        tokens = [a_seed(f"7700{number:04d}", "", number) for number in range(50)]
        stage.world.seeds.put(f"/there/{FILE}", *tokens)
        stage.world.tenant.add_token(a_token("77000012"))
        found = await opened(stage)
        assert found.preview.there == frozenset({"77000012"})
        assert stage.world.directory.count("find_tokens") == 0


async def test_good_rows_go_without_the_bad() -> None:
    async with a_desk() as stage:
        put(stage)
        stage.world.tenant.add_token(a_token("77000002"))
        await opened(stage)
        await stage.station.importing.begin()
        await stage.until(lambda: bool(stage.of(JobNotice)))
        await stage.until(lambda: bool((told := stage.of(JobNotice)[-1].progress) and told.is_over))
        assert sorted(stage.world.directory.seeds) == ["77000000", "77000001", "77000003"]


async def test_what_only_the_operator_can_tell_is_asked_before_the_tenant_is() -> None:
    async with a_desk() as stage:

        def read(options: SeedOptions) -> SeedFile:
            if options.interval is None:
                return SeedFile(SeedFormat.SAFENET_XML, (), (FAULT,), frozenset({Need.INTERVAL}))
            return SeedFile(SeedFormat.SAFENET_XML, (a_seed("77000000"),))

        stage.world.seeds.files[f"/there/{FILE}"] = read
        found = await opened(stage, ImportState.ASKING)
        assert found.needs == {Need.INTERVAL}
        assert stage.world.directory.count("find_tokens", "inventory_page") == 0
        await stage.station.importing.answer(SeedOptions(interval=60))
        found = await told(stage, ImportState.READY)
        assert len(found.preview.rows) == 1


async def test_a_key_and_a_password_are_overwritten_once_the_file_was_read() -> None:
    async with a_desk() as stage:
        put(stage)
        options = SeedOptions(key=Secret(b"k" * 16), password=Secret(b"qwerty"))
        await stage.station.importing.open(f"/there/{FILE}", FILE, options)
        await told(stage, ImportState.READY)
        assert options.key is not None
        assert options.password is not None
        assert options.key.wiped
        assert options.password.wiped


async def test_a_file_that_cannot_be_read_says_why() -> None:
    async with a_desk() as stage:
        error = SeedFileWrongKey("the password does not open it")
        stage.world.seeds.refuse(f"/there/{FILE}", error)
        found = await opened(stage, ImportState.REFUSED)
        assert found.error is error
        await stage.station.importing.begin()
        assert stage.of(JobNotice) == []


async def test_a_tenant_that_cannot_be_asked_can_be_asked_again() -> None:
    async with a_desk() as stage:
        put(stage)
        stage.world.directory.fail("find_tokens", AWAY)
        found = await opened(stage, ImportState.UNCHECKED)
        assert found.error is AWAY
        await stage.station.importing.begin()
        assert stage.of(JobNotice) == []
        await stage.station.importing.look_up()
        await told(stage, ImportState.READY)


async def test_the_seeds_of_a_file_are_overwritten_when_another_is_opened() -> None:
    async with a_desk() as stage:
        put(stage)
        await opened(stage)
        stage.world.seeds.put("/there/other.csv", a_seed("77008888"))
        await stage.station.importing.open("/there/other.csv", "other.csv")
        await stage.until(lambda: shown(stage).file == "other.csv")
        await told(stage, ImportState.READY)
        assert len(stage.world.seeds.secrets()) == 1


async def test_a_file_that_is_put_away_leaves_no_seed() -> None:
    async with a_desk() as stage:
        put(stage)
        await opened(stage)
        await stage.station.importing.stop()
        assert shown(stage).state is ImportState.EMPTY
        assert stage.world.seeds.secrets() == []


async def test_a_file_that_is_put_away_while_it_is_read_leaves_no_seed_either() -> None:
    async with a_desk() as stage:
        reading, go_on = threading.Event(), threading.Event()

        def read(_options: SeedOptions) -> SeedFile:
            reading.set()
            go_on.wait(HANG_SECONDS)
            return SeedFile(SeedFormat.ENTRA_CSV, (a_seed("77000000"),))

        stage.world.seeds.files[f"/there/{FILE}"] = read
        await stage.station.importing.open(f"/there/{FILE}", FILE)
        await asyncio.to_thread(reading.wait, 10)
        await stage.station.importing.stop()
        go_on.set()
        await stage.until(lambda: bool(stage.world.seeds.given_out))
        await stage.until(lambda: not stage.world.seeds.secrets())
        assert shown(stage).state is ImportState.EMPTY


async def test_the_seeds_of_rows_that_stay_behind_are_overwritten_when_the_others_go() -> None:
    async with a_desk() as stage:
        put(stage)
        stage.world.tenant.add_token(a_token("77000002"))
        await opened(stage)
        held = stage.world.directory.hold("create", acts=True)
        await stage.station.importing.begin()
        await held.reached.wait()
        kept = len(stage.world.seeds.secrets())
        held.go.set()
        assert kept == 3


async def test_faults_are_saved_with_their_sentences() -> None:
    async with a_desk(settings=replace(DESK, exports=str(Path("/exports")))) as stage:
        put(stage)
        await opened(stage)
        await stage.station.importing.save_faults(lambda f: f.kind.value)
        ((path, saved),) = stage.world.seeds.saved.items()
        assert saved == ["no secret"]
        assert Path(path).parent == Path("/exports")
        assert Path(path).name.startswith("tokens-faults-2026-11-23-")
        assert stage.of(FaultsNotice) == [FaultsNotice(path, 1)]
        stage.world.seeds.full = True
        await stage.station.importing.save_faults(lambda f: f.kind.value)
        assert stage.of(FaultsNotice)[-1].error is not None


async def test_no_other_file_is_opened_while_one_is_uploaded() -> None:
    async with a_desk() as stage:
        put(stage)
        await opened(stage)
        held = stage.world.directory.hold("create", acts=True)
        await stage.station.importing.begin()
        await held.reached.wait()
        before = len(stage.world.seeds.asked)
        await stage.station.importing.open(f"/there/{FILE}", FILE)
        held.go.set()
        assert len(stage.world.seeds.asked) == before


async def test_an_operator_without_the_role_is_told_which_one_it_takes() -> None:
    async with a_desk() as stage:
        await stage.station.importing.look()
        lacks = shown(stage).lacks
        assert lacks is not None
        assert lacks.verdict is Verdict.SCOPE_MISSING
        stage.world.directory.who = replace(
            stage.world.directory.who,
            roles=frozenset({Role.AUTHENTICATION_POLICY_ADMINISTRATOR}),
            scopes=frozenset({"Policy.ReadWrite.AuthenticationMethod"}),
        )
        await stage.station.rights.renew()
        await stage.station.rights.settled()
        await stage.station.importing.look()
        assert shown(stage).lacks is None


async def test_a_left_upload_can_be_let_go_of() -> None:
    async with a_desk() as stage:
        put(stage)
        await opened(stage)
        held = stage.world.directory.hold("create")
        await stage.station.importing.begin()
        await held.reached.wait()
    async with a_desk(world=stage.world) as stage:
        await stage.station.importing.look()
        assert shown(stage).left is not None
        await stage.station.importing.forget_left()
        assert shown(stage).left is None
        assert UPLOAD_FILE not in stage.world.shelf.files
