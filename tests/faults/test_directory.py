"""A directory that changes behind the desk's back, lags behind itself, or withdraws a permission.

What holds in every row: the final state agrees with the tenant's own truth, and what the operator
reads names what happened.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.enrollment import State
from app.core.errors import AccountRefused, Forbidden, NotFound, Rejected
from app.core.model import Mode
from app.core.preflight import FindingKind, OverrideReason
from app.ledger import SqliteLedger
from app.station.notices import CardState, SessionState
from tests.fakes.nouns import an_operator
from tests.faults.scene import HURRY, Scene, fast
from tests.support.headless import Headless
from tests.support.simulated import DANA, SAM

pytestmark = pytest.mark.anyio

WRITE = {"method": "POST", "path": "hardwareOathMethods"}


def findings(desk: Headless) -> set[FindingKind]:
    return {finding.kind for finding in desk.enrollment.findings}


def state_of(desk: Headless) -> State:
    return desk.state


async def checked_again(desk: Headless) -> State:
    """Check afresh, and tell where that leads."""
    await desk.station.work.try_again()
    return (await desk.reach(State.BLOCKED, State.READY, State.UNCHECKED)).state


@pytest.mark.parametrize("lag", [0, 1, 7, 30, 60])
@pytest.mark.parametrize("mode", list(Mode))
async def test_replication_is_waited_for(scene: Scene, lag: float, mode: Mode) -> None:
    manner = fast(0, 1, 2, 3, 5, 5, 7, 7, 10, 10, 10, 15, 15, mode=mode)
    done = State.ASSIGNED if mode is Mode.ASSIGN_ONLY else State.ACTIVATED
    async with scene.filled(manner=manner) as desk:
        scene.tenant.control("POST", "/lag", {"seconds": lag / HURRY})
        code = scene.code() if mode is Mode.ASSIGN_AND_ACTIVATE else ""
        assert (await desk.submit(code)).state is done

    assert scene.holds(done.value)
    assert len(scene.writes()) == 1
    scene.row(f"replication lag of {lag} s, {mode.value}", "reads until it agrees", done)


async def test_replication_and_a_lost_answer_together_are_settled(scene: Scene) -> None:
    async with scene.filled(manner=fast(0, 5, 10, 20, 30)) as desk:
        scene.tenant.control("POST", "/lag", {"seconds": 20 / HURRY})
        scene.tenant.fault("lost_answer", match=WRITE)
        assert (await desk.submit()).state is State.ASSIGNED

    assert len(scene.writes()) == 1
    scene.row("lag of 20 s and a lost answer", "reads until it shows", State.ASSIGNED)


async def test_lag_beyond_all_patience_is_never_called_done_or_undone(scene: Scene) -> None:
    async with scene.filled(manner=fast(0, 5, 10)) as desk:
        scene.tenant.control("POST", "/lag", {"seconds": 500})
        assert (await desk.submit()).state is State.UNSETTLED

        scene.tenant.control("POST", "/lag", {"seconds": 0})
        await desk.station.work.try_again()
        await desk.until(lambda: desk.state is State.ASSIGNED)

    assert len(scene.writes()) == 1
    scene.row("lag beyond all patience", "says open; asked again: done", State.ASSIGNED)


async def test_a_token_given_away_meanwhile_is_told_as_taken(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("assign_elsewhere", serial=scene.serial, person=SAM)
        enrollment = await desk.submit()
        assert enrollment.state is State.TAKEN
        assert isinstance(enrollment.error, Rejected)
        assert "another user" in enrollment.error.evidence.message

    assert scene.truth["holder_upn"] == SAM
    assert scene.given() == 0
    scene.row("another desk was quicker", "says who has it", State.TAKEN)


async def test_a_token_given_away_while_the_answer_is_lost_is_told_as_taken(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("assign_elsewhere", match=WRITE, serial=scene.serial, person=SAM)
        scene.tenant.fault("lost_answer", match=WRITE)
        assert (await desk.submit()).state is State.TAKEN

    assert scene.truth["holder_upn"] == SAM
    scene.row("another desk, and the answer lost", "reads; says who has it", State.TAKEN)


async def test_a_token_deleted_meanwhile_leaves_nothing_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("delete_token", serial=scene.serial)
        enrollment = await desk.submit()
        assert enrollment.state in {State.NOT_DONE, State.UNSETTLED}
        assert isinstance(enrollment.error, NotFound)
        assert scene.given() == 0
        await desk.desk.start_afresh()
        await desk.scan(scene.serial)
        await desk.until(lambda: desk.token_card.state is CardState.UNKNOWN)

    scene.row("token deleted meanwhile", "says it is not there", enrollment.state)


async def test_a_person_deleted_meanwhile_leaves_nothing_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("delete_person", person=scene.person.id)
        enrollment = await desk.submit()
        assert enrollment.state in {State.NOT_DONE, State.UNSETTLED}
        assert isinstance(enrollment.error, NotFound)

    assert scene.truth["status"] == "available"
    scene.row("person deleted meanwhile", "says they are not there", enrollment.state)


async def test_a_person_disabled_meanwhile_is_told_in_the_directorys_words(scene: Scene) -> None:
    async with scene.filled(manner=fast(0, 1, 2, mode=Mode.ASSIGN_AND_ACTIVATE)) as desk:
        scene.tenant.fault("disable_person", person=scene.person.id)
        enrollment = await desk.submit(scene.code())
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Rejected)
        assert "disabled" in enrollment.error.evidence.message

    assert scene.truth["status"] == "available"
    scene.row("person disabled meanwhile", "nothing done; says why", State.NOT_DONE)


async def test_a_disabled_person_is_found_by_the_check(scene: Scene) -> None:
    scene.tenant.fault("disable_person", person=scene.person.id)
    async with scene.open_desk() as desk:
        await desk.fill(scene.serial, scene.person.employeeId or "")
        assert desk.state is State.BLOCKED
        assert FindingKind.PERSON_DISABLED in findings(desk)
        assert scene.writes() == []

    scene.row("person disabled before the check", "asks for the reason", State.BLOCKED)


async def test_m6_a_new_hire_is_given_a_token_before_the_account_is_enabled(scene: Scene) -> None:
    scene.tenant.fault("disable_person", person=scene.person.id)
    async with scene.open_desk() as desk:
        await desk.fill(scene.serial, scene.person.employeeId or "")
        await desk.station.work.go_on_because(OverrideReason.STARTS_LATER)
        await desk.reach(State.READY)
        enrollment = await desk.submit()
        assert enrollment.state is State.ASSIGNED
    assert scene.holds("assigned")
    ledger = SqliteLedger(scene.ledger)
    intent = ledger.timeline(enrollment.id)[0]
    ledger.close()
    assert intent.facts["override.person_disabled"] == "starts_later"
    scene.row("person disabled, a reason is given", "assigns; on record", State.ASSIGNED)


@pytest.mark.parametrize("migration", ["preMigration", "migrationInProgress"])
async def test_m2_a_policy_that_is_off_is_passed_once_a_shift_while_legacy_policies_count(
    scene: Scene, migration: str
) -> None:
    scene.tenant.control("POST", "/tenant", {"migration": migration})
    scene.tenant.fault("policy_off")
    async with scene.open_desk() as desk:
        await desk.fill(scene.serial, scene.person.employeeId or "")
        assert findings(desk) == {FindingKind.POLICY_OFF}
        await desk.station.work.go_on_because(OverrideReason.STARTS_LATER)  # fits another finding
        assert state_of(desk) is State.BLOCKED
        await desk.station.work.go_on_because(OverrideReason.LEGACY_POLICY)
        await desk.reach(State.READY)
        assert (await desk.submit()).state is State.ASSIGNED
        await desk.desk.start_afresh()
        serial, other = scene.another
        await desk.fill(serial, other.employeeId or "")
        assert state_of(desk) is State.READY  # asked once a shift, not once a person
        await desk.station.sign_out()
        await desk.sign_in()
        await desk.fill(serial, other.employeeId or "")
        assert state_of(desk) is State.BLOCKED
    scene.row(f"policy off, {migration}", "asks once a shift; on record", State.ASSIGNED)


async def test_m2_a_policy_that_is_off_blocks_once_the_migration_is_complete(scene: Scene) -> None:
    scene.tenant.fault("policy_off")
    async with scene.open_desk() as desk:
        await desk.fill(scene.serial, scene.person.employeeId or "")
        for reason in OverrideReason:
            await desk.station.work.go_on_because(reason)
        assert desk.state is State.BLOCKED
    assert scene.writes() == []


async def test_m2_a_person_outside_the_policy_is_asked_about_each_by_themselves(
    scene: Scene,
) -> None:
    scene.tenant.control("POST", "/tenant", {"migration": "preMigration"})
    people = scene.tenant.ready.people[:2]
    async with scene.open_desk() as desk:
        for person, serial in zip(people, (scene.serial, "00417208"), strict=True):
            scene.tenant.fault("policy_out_of_scope", person=person.id)
            await desk.desk.open(desk.desk.operator or an_operator())  # reads the policy anew
            await desk.fill(serial, person.employeeId or "")
            assert desk.state is State.BLOCKED
            await desk.station.work.go_on_because(OverrideReason.INSTRUCTED)
            await desk.reach(State.READY)
            await desk.desk.start_afresh()


async def test_a_policy_switched_off_meanwhile_leaves_nothing_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("policy_off")
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Rejected)

    assert scene.truth["status"] == "available"
    scene.row("policy switched off meanwhile", "nothing done; says why", State.NOT_DONE)


async def test_a_person_outside_the_policy_leaves_nothing_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("policy_out_of_scope", person=scene.person.id)
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Rejected)

    scene.row("person outside the policy meanwhile", "nothing done; says why", State.NOT_DONE)


async def test_consent_withdrawn_meanwhile_is_forbidden_and_nothing_is_done(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("withdraw_consent", scope="UserAuthenticationMethod.ReadWrite.All")
        enrollment = await desk.submit()
        assert enrollment.state in {State.NOT_DONE, State.UNSETTLED}
        assert isinstance(enrollment.error, Forbidden)

    assert scene.truth["status"] == "available"
    scene.row("consent withdrawn meanwhile", "says what is forbidden", enrollment.state)


async def test_a_role_that_expired_is_forbidden_until_it_is_back(scene: Scene) -> None:
    async with scene.filled() as desk:
        roles = scene.tenant.control("GET", f"/state/person/{DANA}")["roles"]
        scene.tenant.fault("remove_role", person=DANA)
        enrollment = await desk.submit()
        assert enrollment.state in {State.NOT_DONE, State.UNSETTLED}
        assert isinstance(enrollment.error, Forbidden)
        assert scene.truth["status"] == "available"

        give_roles(scene, tuple(roles))
        if desk.state is State.UNSETTLED:
            await desk.station.work.try_again()
            await desk.until(lambda: desk.state is State.NOT_DONE)
        assert await checked_again(desk) is State.READY
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("role expired (PIM), then renewed", "says so; works again", State.ASSIGNED)


def give_roles(scene: Scene, roles: tuple[str, ...]) -> None:
    """Renew the operator's roles, as PIM would."""
    assert scene.tenant.server.practice is not None
    tenant = scene.tenant.server.practice.tenant
    operator = tenant.person(DANA)
    tenant.people.put(operator.id, replace(operator, roles=roles))


async def test_a_claims_challenge_is_met_by_itself(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("claims_challenge")
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    assert sorted(w["status"] for w in scene.writes()) == [201, 401]
    scene.row("claims challenge", "renews the sign-in, sends once more", State.ASSIGNED)


async def test_a_wrong_code_leaves_it_half_done_and_the_next_one_finishes(scene: Scene) -> None:
    async with scene.filled(manner=scene.in_mode(Mode.ASSIGN_AND_ACTIVATE)) as desk:
        wrong = scene.tenant.wrong_code(scene.serial)
        assert (await desk.submit(wrong)).state is State.HALF_DONE
        assert scene.truth["holder_id"] == scene.person.id
        await desk.desk.submit(scene.code())
        await desk.until(lambda: desk.state is State.ACTIVATED)

    assert scene.holds("activated")
    scene.row("a wrong code", "assigned, not active; next code", State.ACTIVATED)


async def test_a_disabled_operator_is_signed_out_of_the_directory(scene: Scene) -> None:
    async with scene.filled() as desk:
        scene.tenant.fault("disable_person", person=DANA)
        enrollment = await desk.submit()
        assert enrollment.state in {State.NOT_DONE, State.UNSETTLED}
        assert enrollment.error is not None

    assert scene.truth["status"] == "available"
    scene.row("operator disabled meanwhile", "says sign in again", enrollment.state)
    assert desk.session.state is SessionState.ENDED
    assert isinstance(desk.session.error, AccountRefused)
