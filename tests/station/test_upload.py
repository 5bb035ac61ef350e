"""Tokens of a file come into the inventory, each once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from app.core.enrollment import State
from app.core.errors import (
    AnswerLost,
    Evidence,
    Forbidden,
    NotFound,
    Rejected,
    Throttled,
)
from app.core.importing import Handing, folded
from app.core.job import JobRow, JobState, Progress, RowReason, RowState
from app.core.model import Migration, Policy, PolicyState
from app.core.preflight import FindingKind, OverrideReason
from app.core.record import lines
from app.core.seed import SeedToken
from app.core.stored_job import read
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.read_back import SHARE
from app.station.upload import FILE as UPLOAD_FILE
from tests.fakes.nouns import a_person, a_token
from tests.fakes.seeds import a_seed
from tests.fakes.tenant import Lag
from tests.fakes.world import FakeWorld
from tests.station.stage import AWAY, DESK, Stage, a_desk

pytestmark = pytest.mark.anyio

LOST = AnswerLost(Evidence("POST", "/create"))
NO = Rejected(Evidence("POST", "/create", 400))
FILE = "tokens.csv"


def seeds(count: int, person: str = "") -> list[SeedToken]:
    return [a_seed(f"7700{number:04d}", person, number + 2) for number in range(count)]


async def opened(stage: Stage, tokens: Sequence[SeedToken]) -> ImportNotice:
    """Open a file with these tokens, and wait until it is looked at."""
    stage.world.seeds.put(FILE, *tokens)
    await stage.station.importing.open(FILE, FILE)
    await stage.until(lambda: file_shown(stage).state is ImportState.READY)
    return file_shown(stage)


async def begun(
    stage: Stage, tokens: Sequence[SeedToken], handing: Handing = Handing.NOTHING
) -> None:
    await opened(stage, tokens)
    await stage.station.importing.begin(handing)


async def uploaded(
    stage: Stage, tokens: Sequence[SeedToken], handing: Handing = Handing.NOTHING
) -> None:
    """Upload these tokens, and wait until every row is settled."""
    await begun(stage, tokens, handing)
    await ended(stage)


async def ended(stage: Stage) -> None:
    await stage.until(lambda: progress(stage).is_over)


def file_shown(stage: Stage) -> ImportNotice:
    return [ImportNotice(), *stage.of(ImportNotice)][-1]


def progress(stage: Stage) -> Progress:
    told = stage.of(JobNotice)[-1].progress
    assert told is not None
    return told


def rows(stage: Stage) -> dict[str, JobRow]:
    """The rows as a window that heard every notice shows them."""
    found: dict[str, JobRow] = {}
    for notice in stage.of(JobNotice):
        found |= {row.label: row for row in (*(notice.rows or ()), *notice.changed)}
    return found


def states(stage: Stage) -> set[RowState]:
    return {row.state for row in rows(stage).values()}


async def test_every_token_of_a_file_is_in_the_inventory_with_its_seed() -> None:
    async with a_desk() as stage:
        tokens = seeds(60)
        expected = {t.serial: t.secret.reveal_base32() for t in tokens}
        await uploaded(stage, tokens)
        assert stage.world.directory.seeds == expected
        assert states(stage) == {RowState.DONE}
        assert progress(stage).state is JobState.FINISHED


async def test_each_upload_is_on_record_before_it_is_sent_and_after_it_was_read_back() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(2))
        told = [did.what for did in stage.world.journal.lines]
        sent = [index for index, what in enumerate(told) if what == "create"]
        intents = [index for index, what in enumerate(told) if what.startswith("intent")]
        assert len(sent) == len(intents) == 2
        assert all(before < after for before, after in zip(intents, sent, strict=True))
        found = lines(stage.world.ledger.entries)
        assert {line.state for line in found} == {State.CREATED}
        assert {line.operator_name for line in found} == {"Olu"}
        assert stage.today == ()


async def test_reading_back_costs_a_fortieth_of_the_requests() -> None:
    async with a_desk() as stage:
        stage.world.directory.page_size = 50
        await uploaded(stage, seeds(400))
        reads = stage.world.directory.count("inventory_page", "find_tokens")
        assert stage.world.directory.count("create") == 400
        assert reads <= 1 + 400 // SHARE + 2 * 9


async def test_a_row_is_told_as_sent_before_it_is_told_as_done() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(1))
        held = stage.world.directory.hold("find_tokens")
        await stage.station.importing.begin()
        await held.reached.wait()
        await stage.until(lambda: rows(stage)["77000000"].state is RowState.SENT)
        held.go.set()
        await ended(stage)
        assert rows(stage)["77000000"].state is RowState.DONE


async def test_what_the_directory_shows_late_is_waited_for() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=2)
        await uploaded(stage, seeds(3))
        assert states(stage) == {RowState.DONE}
        assert stage.world.directory.count("create") == 3


async def test_what_was_accepted_and_never_shows_is_unclear_and_not_sent_again() -> None:
    async with a_desk() as stage:
        stage.world.tenant.lag = Lag(seconds=1000)
        await uploaded(stage, seeds(1))
        (row,) = rows(stage).values()
        assert (row.state, row.reason) == (RowState.UNCLEAR, RowReason.NOT_LISTED)
        stage.world.clock.advance(1000)
        await stage.station.importing.upload.job.again()
        await stage.until(lambda: states(stage) == {RowState.DONE})
        assert stage.world.directory.count("create") == 1


async def test_a_lost_answer_of_a_request_that_was_carried_out_sends_nothing_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", LOST, acts=True)
        await uploaded(stage, seeds(3))
        assert states(stage) == {RowState.DONE}
        assert stage.world.directory.count("create") == 3


async def test_a_lost_request_is_sent_again_once_patience_has_ended() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", LOST)
        await uploaded(stage, seeds(3))
        assert states(stage) == {RowState.DONE}
        assert stage.world.directory.count("create") == 4


async def test_a_request_that_is_always_lost_fails_after_three_tries() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail_always("create", LOST)
        await uploaded(stage, seeds(1))
        (row,) = rows(stage).values()
        assert (row.state, row.error) == (RowState.FAILED, LOST)
        assert stage.world.directory.count("create") == 3


async def test_a_token_that_came_to_the_tenant_meanwhile_is_skipped() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(2))
        stage.world.tenant.add_token(a_token("77000001"))
        await stage.station.importing.begin()
        await ended(stage)
        found = rows(stage)
        assert found["77000000"].state is RowState.DONE
        assert (found["77000001"].state, found["77000001"].reason) == (
            RowState.SKIPPED,
            RowReason.IN_INVENTORY,
        )
        told = {line.serial_number: line.state for line in lines(stage.world.ledger.entries)}
        assert told["77000001"] is State.NOT_DONE


async def test_a_token_that_is_refused_fails_with_the_directorys_words() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", NO)
        await uploaded(stage, seeds(2))
        found = rows(stage)
        assert (found["77000000"].state, found["77000000"].error) == (RowState.FAILED, NO)
        assert found["77000001"].state is RowState.DONE


async def test_what_failed_can_be_tried_again() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", NO)
        await uploaded(stage, seeds(2))
        await stage.station.importing.upload.job.again()
        await stage.until(lambda: states(stage) == {RowState.DONE})
        told = lines(stage.world.ledger.entries)
        assert sorted(line.attempts for line in told) == [1, 2]


async def test_without_a_network_the_job_waits_and_goes_on_by_itself() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(3))
        for _ in range(3):
            stage.world.directory.fail("create", AWAY)
        await stage.station.importing.begin()
        await ended(stage)
        held = [
            n.progress
            for n in stage.of(JobNotice)
            if n.progress and n.progress.state is JobState.HELD
        ]
        assert held
        assert {each.held_by for each in held} == {AWAY}
        assert states(stage) == {RowState.DONE}


async def test_a_throttled_job_waits_as_long_as_it_is_told_to() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(1))
        stage.world.directory.fail("create", Throttled(Evidence(status=429), 120.0))
        before = stage.world.clock.now()
        await stage.station.importing.begin()
        await ended(stage)
        assert (stage.world.clock.now() - before).total_seconds() >= 120
        assert states(stage) == {RowState.DONE}


async def test_a_missing_role_holds_the_job_and_fails_no_row() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", Forbidden(Evidence(status=403)))
        await uploaded(stage, seeds(2))
        assert states(stage) == {RowState.DONE}


@pytest.mark.expect_log("the event file_imported could not be recorded")
async def test_what_cannot_be_written_down_is_not_sent() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(2))
        stage.world.ledger.full = True
        stage.world.clock.stop()
        await stage.station.importing.begin()
        await stage.until(lambda: stage.world.clock.sleepers > 1)
        assert stage.world.directory.count("create") == 0
        stage.world.ledger.full = False
        stage.world.clock.run()
        await ended(stage)
        assert states(stage) == {RowState.DONE}


async def test_an_upload_that_cannot_be_kept_for_a_restart_is_not_begun() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(1))
        stage.world.shelf.full = True
        await stage.station.importing.begin()
        assert stage.of(JobNotice) == []
        assert stage.world.directory.count("create") == 0


async def test_a_paused_job_sends_nothing_until_it_goes_on() -> None:
    async with a_desk() as stage:
        held = stage.world.directory.hold("create", acts=True)
        await begun(stage, seeds(3))
        await held.reached.wait()
        await stage.station.importing.upload.job.pause()
        held.go.set()
        await stage.until(lambda: progress(stage).count(RowState.DONE) == 1)
        await stage.a_moment()
        assert stage.world.directory.count("create") == 1
        assert progress(stage).state is JobState.PAUSED
        await stage.station.importing.upload.job.resume()
        await ended(stage)
        assert states(stage) == {RowState.DONE}


async def test_a_job_that_is_ended_finishes_what_it_has_begun_and_leaves_the_rest() -> None:
    async with a_desk() as stage:
        held = stage.world.directory.hold("create", acts=True)
        await begun(stage, seeds(3))
        await held.reached.wait()
        await stage.station.importing.upload.job.cancel()
        held.go.set()
        await ended(stage)
        assert stage.world.directory.count("create") == 1
        found = rows(stage)
        assert found["77000000"].state is RowState.DONE
        assert {found[each].state for each in ("77000001", "77000002")} == {RowState.LEFT}


async def test_seeds_are_overwritten_as_soon_as_their_tokens_are_there() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(4))
        await stage.until(lambda: UPLOAD_FILE not in stage.world.shelf.files)
        assert stage.world.seeds.secrets() == []


async def test_seeds_of_what_failed_are_kept_until_its_end_was_seen() -> None:
    async with a_desk() as stage:
        stage.world.directory.fail("create", NO)
        await uploaded(stage, seeds(4))
        await stage.until(lambda: len(stage.world.seeds.secrets()) == 1)
        await stage.station.importing.dismiss()
        assert stage.world.seeds.secrets() == []
        assert stage.of(JobNotice)[-1].progress is None
        assert UPLOAD_FILE not in stage.world.shelf.files


async def test_signing_out_ends_the_upload_and_overwrites_every_seed() -> None:
    async with a_desk() as stage:
        held = stage.world.directory.hold("create", acts=True)
        await begun(stage, seeds(3))
        await held.reached.wait()
        await stage.station.sign_out()
        assert stage.world.seeds.secrets() == []
        left = read(stage.world.shelf.files[UPLOAD_FILE])
        assert left is not None
        assert left.left == 3


# After a crash ------------------------------------------------------------------------------------


async def killed_while_sending(count: int, *, acts: bool, done: int = 0) -> FakeWorld:
    """A run that ended while the request of a row was out; the directory had acted if `acts`."""
    async with a_desk() as stage:
        await opened(stage, seeds(count))
        directory = stage.world.directory
        for _ in range(done):
            directory.hold("create", acts=True).go.set()
        last = directory.hold("create", acts=acts)
        await stage.station.importing.begin()
        await last.reached.wait()
    return stage.world


@pytest.mark.parametrize("acts", [True, False])
async def test_after_a_kill_the_same_file_goes_on_and_nothing_is_there_twice(*, acts: bool) -> None:
    world = await killed_while_sending(5, acts=acts, done=2)
    async with a_desk(world=world) as stage:
        await stage.station.importing.look()
        left = file_shown(stage).left
        assert left is not None
        assert (left.file, len(left.rows)) == (FILE, 5)
        shown = await opened(stage, seeds(5))
        assert shown.preview.there is not None
        assert len(shown.preview.there) == 2 + acts
        await stage.station.importing.begin()
        await ended(stage)
        assert states(stage) == {RowState.DONE}
        serials = [token.serial_number for token in world.tenant.tokens.values()]
        assert len(serials) == len(set(serials)) == 2 + 5
        assert world.directory.count("create") == 5 + (not acts)


async def test_what_a_kill_has_left_open_is_settled_by_looking_alone() -> None:
    world = await killed_while_sending(1, acts=True)
    async with a_desk(world=world) as stage:
        await stage.until(lambda: lines(world.ledger.entries)[-1].state is State.CREATED)
        assert stage.world.directory.count("create") == 1


async def test_a_row_that_may_have_been_sent_before_the_kill_waits_until_patience_has_ended() -> (
    None
):
    world = await killed_while_sending(1, acts=True)
    world.tenant.lag = Lag(seconds=3)  # the directory shows late what it has
    world.tenant._versions[-1].written = world.clock.now()
    async with a_desk(world=world) as stage:
        shown = await opened(stage, seeds(1))
        if not shown.preview.there:
            await stage.station.importing.begin()
            await ended(stage)
            assert states(stage) == {RowState.DONE}
        assert world.directory.count("create") == 1


async def killed_while_activating(*, acts: bool) -> FakeWorld:
    """A run that ended while the activation of one of two assigned tokens was out."""
    async with a_desk() as stage:
        stage.world.directory.computes = True
        await opened(stage, seeds(2, stage.world.ada.user_principal_name))
        held = stage.world.directory.hold("activate", acts=acts)
        await stage.station.importing.begin(Handing.ACTIVATE)
        await held.reached.wait()
    return stage.world


@pytest.mark.parametrize("acts", [True, False])
async def test_after_a_kill_what_was_only_assigned_is_activated_by_the_same_file(
    *, acts: bool
) -> None:
    world = await killed_while_activating(acts=acts)
    async with a_desk(world=world) as stage:
        shown = await opened(stage, seeds(2, world.ada.user_principal_name))
        assert len(shown.preview.half) == 2 - acts
        assert shown.preview.going(Handing.ACTIVATE) == 2 - acts
        assert shown.preview.going(Handing.ASSIGN) == 0
        await stage.station.importing.begin(Handing.ACTIVATE)
        await ended(stage)
        assert states(stage) == {RowState.DONE}
        held = world.tenant.held_by(world.ada.id)
        assert [token.status.value for token in held] == ["activated"] * 2
        assert world.directory.count("create") == 2
        await stage.until(lambda: UPLOAD_FILE not in world.shelf.files)


async def test_what_was_only_assigned_stays_so_unless_activation_is_asked_for_again() -> None:
    world = await killed_while_activating(acts=False)
    async with a_desk(world=world) as stage:
        tokens = seeds(2, world.ada.user_principal_name)
        await opened(stage, [*tokens, a_seed("77009999", "", 9)])
        await stage.station.importing.begin(Handing.ASSIGN)
        await ended(stage)
        assert rows(stage).keys() == {"77009999"}
        assert {t.status.value for t in world.tenant.held_by(world.ada.id)} == {"assigned"}
        assert world.directory.count("create") == 3


# People -------------------------------------------------------------------------------------------


async def test_a_token_is_assigned_to_the_person_that_its_row_names() -> None:
    async with a_desk() as stage:
        ada = stage.world.ada
        tokens = [*seeds(1, ada.user_principal_name), a_seed("77009999", "", 9)]
        await uploaded(stage, tokens, Handing.ASSIGN)
        held = stage.world.tenant.held_by(ada.id)
        assert [token.serial_number for token in held] == ["77000000"]
        assert states(stage) == {RowState.DONE}
        told = {line.serial_number: line for line in lines(stage.world.ledger.entries)}
        assert told["77000000"].state is State.ASSIGNED
        assert told["77000000"].person_name == "Ada"
        assert told["77009999"].state is State.CREATED


async def test_without_the_wish_nothing_is_assigned() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(1, stage.world.ada.user_principal_name))
        assert stage.world.tenant.held_by(stage.world.ada.id) == []


async def test_a_person_that_nobody_knows_fails_the_row_and_creates_nothing() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(1, "nobody@example.com"), Handing.ASSIGN)
        (row,) = rows(stage).values()
        assert row.state is RowState.FAILED
        assert isinstance(row.error, NotFound)
        assert stage.world.directory.count("create") == 0


async def test_a_token_is_activated_with_the_code_that_its_seed_yields() -> None:
    async with a_desk() as stage:
        ada = stage.world.ada
        stage.world.directory.computes = True
        await uploaded(stage, seeds(2, ada.user_principal_name), Handing.ACTIVATE)
        assert states(stage) == {RowState.DONE}
        assert {token.status.value for token in stage.world.tenant.held_by(ada.id)} == {"activated"}
        made = [line.state for line in lines(stage.world.ledger.entries)]
        assert made.count(State.ACTIVATED) == made.count(State.ASSIGNED) == 2


async def test_m10_an_upload_that_activates_names_each_token() -> None:
    async with a_desk(settings=replace(DESK, method_name="{maker} {last}")) as stage:
        ada = stage.world.ada
        stage.world.directory.computes = True
        await uploaded(stage, seeds(2, ada.user_principal_name), Handing.ACTIVATE)
        assert states(stage) == {RowState.DONE}
        named = {token.display_name for token in stage.world.tenant.held_by(ada.id)}
        maker = seeds(1)[0].manufacturer
        assert named == {f"{maker} 0000", f"{maker} 0001"}


async def test_an_activation_that_is_refused_leaves_the_token_assigned_and_says_so() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(1, stage.world.ada.user_principal_name), Handing.ACTIVATE)
        (row,) = rows(stage).values()
        assert (row.state, row.reason) == (RowState.FAILED, RowReason.NOT_ACTIVATED)
        assert isinstance(row.error, Rejected)
        stage.world.directory.computes = True
        await stage.station.importing.upload.job.again()
        await stage.until(lambda: states(stage) == {RowState.DONE})
        assert stage.world.directory.count("create") == 1


async def test_a_row_keeps_its_name_whatever_the_case_of_its_letters() -> None:
    async with a_desk() as stage:
        await uploaded(stage, [a_seed("GAKT0000AB12")])
        (row,) = rows(stage).values()
        assert (row.key, row.label) == (folded("GAKT0000AB12"), "GAKT0000AB12")
        assert replace(row, key="").state is RowState.DONE


# Reasons for what asks for one ------------------------------------------------------------------

OFF_FOR_ALL = Policy(PolicyState.DISABLED, migration=Migration.PRE)


def disabled(world: FakeWorld) -> str:
    world.tenant.add_person(replace(a_person("Ida", "1"), enabled=False))
    return "ida@example.com"


async def test_a_row_whose_person_asks_for_a_reason_is_not_sent_without_one() -> None:
    async with a_desk() as stage:
        await uploaded(stage, seeds(1, disabled(stage.world)), Handing.ASSIGN)
        (row,) = rows(stage).values()
        assert (row.state, row.reason) == (RowState.FAILED, FindingKind.PERSON_DISABLED)
        assert stage.world.directory.count("create") == 0


@pytest.mark.parametrize("handing", [Handing.ASSIGN, Handing.ACTIVATE])
async def test_one_reason_serves_every_row_it_fits_and_is_recorded_with_each(
    handing: Handing,
) -> None:
    async with a_desk() as stage:
        stage.world.directory.computes = True
        people = [disabled(stage.world), "ada@example.com"]
        tokens = [a_seed(f"7700000{n}", person, n + 2) for n, person in enumerate(people)]
        await opened(stage, tokens)
        await stage.station.importing.begin(handing, OverrideReason.STARTS_LATER)
        await ended(stage)
        assert states(stage) == {RowState.DONE}, rows(stage)
        told = {line.serial_number: line.overrides for line in lines(stage.world.ledger.entries)}
        assert told["77000000"] == (("person_disabled", "starts_later"),)
        assert told["77000001"] == ()


async def test_a_reason_that_does_not_fit_what_asks_lets_nothing_pass() -> None:
    async with a_desk() as stage:
        await opened(stage, seeds(1, disabled(stage.world)))
        await stage.station.importing.begin(Handing.ASSIGN, OverrideReason.POLICY_CHANGES)
        await ended(stage)
        assert states(stage) == {RowState.FAILED}


async def test_a_reason_that_the_desk_gave_for_the_whole_tenant_counts_for_an_upload_too() -> None:
    async with a_desk() as stage:
        stage.world.tenant.policy = OFF_FOR_ALL
        stage.station.desk.facts._passed[FindingKind.POLICY_OFF, ""] = OverrideReason.LEGACY_POLICY
        await uploaded(stage, seeds(1, "ada@example.com"), Handing.ASSIGN)
        assert states(stage) == {RowState.DONE}
        (line,) = lines(stage.world.ledger.entries)
        assert line.overrides == (("policy_off", "legacy_policy"),)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"guest": True}, FindingKind.PERSON_GUEST),
        ({"enabled": False}, FindingKind.PERSON_DISABLED),
    ],
)
async def test_what_blocks_a_person_is_the_rows_reason(
    change: dict[str, Any], why: FindingKind
) -> None:
    async with a_desk() as stage:
        stage.world.tenant.add_person(replace(a_person("Ida", "1"), **change))
        await uploaded(stage, seeds(1, "ida@example.com"), Handing.ASSIGN)
        (row,) = rows(stage).values()
        assert (row.state, row.reason) == (RowState.FAILED, why)


async def test_tokens_that_nobody_gets_need_no_reason() -> None:
    async with a_desk() as stage:
        stage.world.tenant.policy = OFF_FOR_ALL
        await uploaded(stage, seeds(2, disabled(stage.world)))
        assert states(stage) == {RowState.DONE}
