"""What an operator may do: each scope and each role missing on its own, and both in mid-shift.

Whatever is missing is named before or after the directory says no, nothing is claimed that is not
known, and what comes back counts without signing out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.code import CodeVerdict
from app.core.enrollment import State
from app.core.errors import ConsentMissing, Forbidden, NotOffered, NotShown
from app.core.model import Mode, Person
from app.core.preflight import FindingKind
from app.core.rights import Feature, scopes_for
from app.core.skew import ClockState
from app.station.notices import CardState, CodeNotice, DeskNotice, SessionState
from app.station.rights import RightsNotice
from app.station.timekeeper import ClockNotice
from tests.faults.scene import HURRY, NO_WAITING, Scene, fast
from tests.support.headless import (
    WAITS_FOR_SOMEBODY,
    Headless,
    Manner,
    Where,
    YoungClock,
    a_station,
)
from tests.support.simulated import AARON, DANA, PRIYA, start_simulator

pytestmark = pytest.mark.anyio

READS_ROLES = "RoleManagement.Read.Directory"
EVERYTHING = (*scopes_for(), READS_ROLES)
WRITE = "UserAuthenticationMethod.ReadWrite.All"
AA = "Authentication Administrator"
APA = "Authentication Policy Administrator"
PAA = "Privileged Authentication Administrator"
READER = "Global Reader"
CHIEF = "Global Administrator"


def granted(scene: Scene, *without: str, instead: tuple[str, ...] = ()) -> Manner:
    """The scene's manner with a sign-in that asks for less, or for something else."""
    scopes = tuple(scope for scope in EVERYTHING if scope not in without)
    return replace(scene.manner, scopes=(*scopes, *instead))


def findings(desk: Headless) -> set[tuple[FindingKind, str]]:
    return {(finding.kind, finding.about) for finding in desk.enrollment.findings}


def lacking(desk: Headless) -> dict[Feature, str]:
    """What the desk tells to be missing, by feature."""
    return {lack.feature: lack.lacks for lack in desk.lacks}


async def filled(desk: Headless, scene: Scene) -> str:
    """Put token and person on the desk; tell where that ends: a card, or a state."""
    await desk.scan(scene.serial)
    await desk.scan(f"EMP{scene.person.employeeId}")
    over = {CardState.FAILED, CardState.FOUND}
    await desk.until(lambda: {desk.token_card.state, desk.person_card.state} <= over)
    if desk.token_card.state is CardState.FAILED:
        assert isinstance(desk.token_card.error, Forbidden)
        return "no token"
    if desk.person_card.state is CardState.FAILED:
        assert isinstance(desk.person_card.error, Forbidden)
        return "no person"
    await desk.quiet()
    return (await desk.reach(*WAITS_FOR_SOMEBODY)).state.value


@dataclass(frozen=True)
class Case:
    """What a sign-in lacks, where the desk ends, what the check finds, what the desk names."""

    ends: str
    without: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    found: tuple[FindingKind, str] | None = None
    names: tuple[Feature, str] | None = None


NOT_CHECKED = FindingKind.NOT_CHECKED

SCOPE_CASES = {
    "with everything nothing is missing": Case("ready"),
    "without one's own profile the rest works": Case(
        "ready", ("User.Read",), names=(Feature.SIGN_IN, "User.Read")
    ),
    "without people's data a badge cannot be looked up": Case(
        "no person", ("User.Read.All",), names=(Feature.EMPLOYEE_DATA, "User.Read.All")
    ),
    "without any scope for methods a person cannot be served": Case(
        "no person", (WRITE,), names=(Feature.ASSIGN, WRITE)
    ),
    "with a scope that only reads methods the check stops": Case(
        "blocked",
        (WRITE,),
        ("UserAuthenticationMethod.Read.All",),
        (FindingKind.SCOPE_MISSING, WRITE),
        (Feature.ASSIGN, WRITE),
    ),
    "with the narrow scope the other methods stay unchecked": Case(
        "ready",
        (WRITE,),
        ("UserAuthMethod-HardwareOATH.ReadWrite.All",),
        (NOT_CHECKED, "UserAuthenticationMethod.Read.All"),
        (Feature.SEE_METHODS, "UserAuthenticationMethod.Read.All"),
    ),
    "without the inventory no token is found": Case(
        "no token", ("Policy.Read.All",), names=(Feature.READ_INVENTORY, "Policy.Read.All")
    ),
    "without role names nothing is claimed of roles": Case("ready", (READS_ROLES,)),
}


@pytest.mark.parametrize("sentence", SCOPE_CASES)
async def test_each_scope_missing_on_its_own(scene: Scene, sentence: str) -> None:
    case = SCOPE_CASES[sentence]
    manner = granted(scene, *case.without, instead=case.instead)
    async with scene.open_desk(manner=manner) as desk:
        assert await filled(desk, scene) == case.ends
        assert findings(desk) == ({case.found} if case.found else set())
        named = dict([case.names]) if case.names else {}
        assert named.items() <= lacking(desk).items()
        if not case.names:
            assert lacking(desk) == {}
        if case.ends == "ready":
            assert (await desk.submit()).state is State.ASSIGNED
    assert scene.holds("assigned") is (case.ends == "ready")
    assert bool(scene.writes()) is (case.ends == "ready")


@dataclass(frozen=True)
class RoleCase:
    """Which roles Dana holds, where the desk ends, what is found and named; what a submit does."""

    roles: tuple[str, ...]
    ends: str
    found: tuple[FindingKind, str] | None = None
    names: tuple[Feature, str] | None = None
    submits: State | None = None


ROLE_CASES = {
    "who serves and reads the policy does it all": RoleCase(
        (AA, APA), "ready", submits=State.ASSIGNED
    ),
    "a reader in place of the policy's administrator is enough": RoleCase(
        (AA, READER), "ready", submits=State.ASSIGNED
    ),
    "a privileged one is enough to serve": RoleCase((PAA, APA), "ready", submits=State.ASSIGNED),
    "a global administrator needs nothing else": RoleCase(
        (CHIEF,), "ready", submits=State.ASSIGNED
    ),
    "who may only serve finds no token": RoleCase(
        (AA,), "no token", names=(Feature.READ_INVENTORY, APA)
    ),
    "who may only see the policy sees no person's tokens": RoleCase(
        (APA,), "no person", names=(Feature.SEE_TOKENS, AA)
    ),
    "who may only read is warned, and refused by the directory": RoleCase(
        (READER, APA),
        "ready",
        (FindingKind.ROLE_DOUBTFUL, AA),
        (Feature.ASSIGN, AA),
        State.NOT_DONE,
    ),
    "who has no role at all finds no token": RoleCase(
        (), "no token", names=(Feature.READ_INVENTORY, APA)
    ),
}


@pytest.mark.parametrize("sentence", ROLE_CASES)
async def test_each_role_missing_on_its_own(scene: Scene, sentence: str) -> None:
    case = ROLE_CASES[sentence]
    hold(scene, DANA, *case.roles)
    async with scene.open_desk(manner=granted(scene)) as desk:
        assert await filled(desk, scene) == case.ends
        assert findings(desk) == ({case.found} if case.found else set())
        assert dict([case.names] if case.names else []).items() <= lacking(desk).items()
        if case.submits is not None:
            assert (await desk.submit()).state is case.submits
    assert scene.holds("assigned") is (case.submits is State.ASSIGNED)


def hold(scene: Scene, who: str, *roles: str) -> None:
    """Let `who` hold these roles and no others."""
    scene.tenant.fault("remove_role", person=who)
    for role in roles:
        scene.tenant.fault("give_role", person=who, role=role)


# In the middle of a shift -----------------------------------------------------------------------


async def changed(desk: Headless) -> RightsNotice:
    """Wait until it is told that the operator's rights are not what they were."""
    await desk.until(lambda: bool(desk.of(RightsNotice)))
    return desk.of(RightsNotice)[-1]


async def test_a_role_that_expires_is_told_with_the_refusal_and_counts(scene: Scene) -> None:
    async with scene.filled(manner=granted(scene)) as desk:
        hold(scene, DANA, APA, READER)
        assert (await desk.submit()).state is State.NOT_DONE
        notice = await changed(desk)
        assert (notice.gained, notice.lost) == ((READER,), (AA,))
        assert lacking(desk)[Feature.ASSIGN] == AA

    assert scene.truth["status"] == "available"
    scene.row("role expired (PIM)", "names it; counts from then on", State.NOT_DONE)


async def test_who_can_not_even_look_any_more_is_told_why_and_goes_on_later(scene: Scene) -> None:
    async with scene.filled(manner=granted(scene)) as desk:
        scene.tenant.fault("remove_role", person=DANA, role=AA)
        assert (await desk.submit()).state is State.UNSETTLED
        assert (await changed(desk)).lost == (AA,)

        scene.tenant.fault("give_role", person=DANA, role=AA)
        await desk.station.rights.renew()
        await desk.until(lambda: desk.of(RightsNotice)[-1].gained == (AA,))
        await submitted_again(desk)

    assert scene.holds("assigned")
    scene.row("role expired, then activated", "looks again; works", State.ASSIGNED)


async def submitted_again(desk: Headless) -> None:
    """Look what an open submit left behind, and submit once more."""
    await desk.station.work.try_again()
    await desk.reach(State.NOT_DONE)
    await desk.station.work.try_again()
    await desk.reach(State.READY)
    assert (await desk.submit()).state is State.ASSIGNED


async def test_a_role_activated_after_a_refusal_fills_the_card_by_itself(scene: Scene) -> None:
    hold(scene, DANA, AA)
    async with scene.open_desk(manner=granted(scene)) as desk:
        assert await filled(desk, scene) == "no token"
        scene.tenant.fault("give_role", person=DANA, role=APA)
        await desk.station.rights.renew()
        assert (await changed(desk)).gained == (APA,)
        assert (await desk.reach(State.READY)).findings == ()
        assert (await desk.submit()).state is State.ASSIGNED

    assert scene.holds("assigned")
    scene.row("role activated (PIM)", "asks again by itself; works", State.ASSIGNED)


async def test_a_role_that_expired_is_found_by_the_first_check_after_some_minutes(
    scene: Scene,
) -> None:
    manner = granted(scene)
    settings = replace(manner.settings, rights_age=0.0)
    async with scene.filled(manner=replace(manner, settings=settings)) as desk:
        hold(scene, DANA, APA, READER)
        await desk.station.work.try_again()
        assert (await changed(desk)).lost == (AA,)
        await desk.until(lambda: findings(desk) == {(FindingKind.ROLE_DOUBTFUL, AA)})
        assert desk.state is State.READY

    assert scene.writes() == []
    scene.row("role expired unnoticed", "the next check warns", State.READY)


async def test_a_consent_withdrawn_is_told_and_works_again_once_it_is_back(scene: Scene) -> None:
    async with scene.filled(manner=granted(scene)) as desk:
        scene.tenant.fault("withdraw_consent", scope=WRITE)
        assert (await desk.submit()).state is State.UNSETTLED
        assert WRITE in (await changed(desk)).lost
        assert scene.truth["status"] == "available"

        scene.tenant.fault("grant_consent", scope=WRITE)
        await desk.station.rights.renew()
        await desk.until(lambda: WRITE in desk.of(RightsNotice)[-1].gained)
        await submitted_again(desk)

    assert scene.holds("assigned")
    scene.row("consent withdrawn, then granted", "says so; works again", State.ASSIGNED)


def worked_on(desk: Headless) -> State | None:
    """The state of what the desk has in work beside the cards."""
    shown = desk.last(DeskNotice)
    return shown.chosen.state if shown and shown.chosen else None


BEYOND_SIGN_IN = [scope for scope in EVERYTHING if scope != "User.Read"]


@pytest.mark.parametrize("scope", BEYOND_SIGN_IN)
async def test_m3_a_permission_without_consent_is_named_and_the_station_goes_on(
    scene: Scene, scope: str
) -> None:
    scene.tenant.control("POST", "/tenant", {"without_consent": [scope]})
    async with scene.desk(manner=granted(scene)) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.SIGNED_IN
        assert session.operator is not None
        assert session.operator.scopes == set(EVERYTHING) - {scope}
        assert {lack.lacks for lack in desk.lacks} == ({scope} if scope != READS_ROLES else set())
    scene.row(f"no consent to {scope}", "says so; the rest works", "signed in")


async def test_m3_without_consent_to_the_inventory_tokens_go_by_serial_number(scene: Scene) -> None:
    scene.tenant.control("POST", "/tenant", {"without_consent": ["Policy.Read.All"]})
    settings = replace(scene.manner.settings, mode=Mode.ASSIGN_AND_ACTIVATE)
    async with scene.desk(manner=replace(granted(scene), settings=settings)) as desk:
        await desk.sign_in()
        person = Person(scene.person.id, scene.person.displayName)
        await desk.station.work.hand_over(scene.serial, person)
        await desk.until(lambda: worked_on(desk) is State.AWAITING_CODE)
        await desk.station.work.submit(scene.code())
        await desk.until(lambda: worked_on(desk) is State.ACTIVATED)
    assert scene.holds("activated")


async def test_m3_a_consent_that_comes_later_counts_when_rights_are_read_again(
    scene: Scene,
) -> None:
    scene.tenant.control("POST", "/tenant", {"without_consent": ["Policy.Read.All"]})
    async with scene.desk(manner=granted(scene)) as desk:
        await desk.sign_in()
        assert Feature.READ_INVENTORY in lacking(desk)
        scene.tenant.control("POST", "/tenant", {"without_consent": []})
        await desk.station.rights.renew()
        assert "Policy.Read.All" in (await changed(desk)).gained
        await scene.fill(desk)
        assert (await desk.submit()).state is State.ASSIGNED


async def test_m3_without_consent_to_sign_in_nobody_does(scene: Scene) -> None:
    scene.tenant.control("POST", "/tenant", {"without_consent": ["User.Read"]})
    async with scene.desk(manner=granted(scene)) as desk:
        session = await desk.sign_in()
        assert session.state is SessionState.FAILED
        assert isinstance(session.error, ConsentMissing)


# A person who is an administrator ---------------------------------------------------------------


def as_priya(scene: Scene) -> Where:
    """Priya signs in, who may serve anybody, and see the inventory."""
    scene.tenant.fault("give_role", person=PRIYA, role=READER)
    operator = scene.tenant.operator(PRIYA)
    return replace(scene.where, username=operator.username, password=operator.password)


ADMINISTRATORS = [
    # the person's role, what the check says, what the directory does
    ("Global Administrator", FindingKind.ADMINISTRATOR_REFUSED, State.BLOCKED),
    ("Helpdesk Administrator", FindingKind.ADMINISTRATOR_REFUSED, State.BLOCKED),
    ("Exchange Administrator", FindingKind.ADMINISTRATOR_DOUBTFUL, State.NOT_DONE),
    ("Some custom role", FindingKind.ADMINISTRATOR_DOUBTFUL, State.NOT_DONE),
    ("Reports Reader", None, State.ASSIGNED),
]


@pytest.mark.parametrize(("role", "kind", "ends"), ADMINISTRATORS)
async def test_an_authentication_administrator_is_told_whom_to_leave_to_others(
    scene: Scene, role: str, kind: FindingKind | None, ends: State
) -> None:
    scene.tenant.fault("give_role", person=scene.person.id, role=role)
    async with scene.open_desk(manner=granted(scene)) as desk:
        state = await filled(desk, scene)
        assert findings(desk) == ({(kind, role)} if kind else set())
        if state == State.READY.value:
            state = (await desk.submit()).state.value
        assert state == ends.value
    assert scene.holds("assigned") is (ends is State.ASSIGNED)


@pytest.mark.parametrize("role", ["Global Administrator", "Some custom role"])
async def test_a_privileged_operator_serves_an_administrator(scene: Scene, role: str) -> None:
    scene.tenant.fault("give_role", person=scene.person.id, role=role)
    async with scene.open_desk(as_priya(scene), granted(scene)) as desk:
        assert await filled(desk, scene) == State.READY.value
        assert findings(desk) == set()
        assert (await desk.submit()).state is State.ASSIGNED
    assert scene.holds("assigned")


async def test_of_an_administrator_whose_roles_cannot_be_read_nothing_is_claimed(
    scene: Scene,
) -> None:
    scene.tenant.fault("give_role", person=scene.person.id, role=CHIEF)
    async with scene.open_desk(manner=granted(scene, READS_ROLES)) as desk:
        assert await filled(desk, scene) == State.READY.value
        assert findings(desk) == set()
        enrollment = await desk.submit()
        assert enrollment.state is State.NOT_DONE
        assert isinstance(enrollment.error, Forbidden)
    scene.row("an administrator, roles unread", "the directory decides", State.NOT_DONE)


READS_GROUPS = "GroupMember.Read.All"


@pytest.mark.parametrize(
    ("fault", "kind", "ends"),
    [
        ("join_role_group", FindingKind.PERSON_IN_ROLE_GROUP, State.BLOCKED),
        ("restrict_person", FindingKind.PERSON_RESTRICTED, State.NOT_DONE),
    ],
)
async def test_m5_who_is_protected_without_a_role_is_named_before_anything_is_sent(
    scene: Scene, fault: str, kind: FindingKind, ends: State
) -> None:
    scene.tenant.fault(fault, person=scene.person.id)
    async with scene.open_desk(manner=granted(scene, instead=(READS_GROUPS,))) as desk:
        state = await filled(desk, scene)
        assert kind in {found for found, _ in findings(desk)}
        if state == State.READY.value:
            enrollment = await desk.submit()
            assert isinstance(enrollment.error, Forbidden)
            state = enrollment.state.value
        assert state == ends.value
    assert scene.truth["status"] == "available"


async def test_m5_without_the_permission_for_groups_the_directory_decides(scene: Scene) -> None:
    scene.tenant.fault("join_role_group", person=scene.person.id)
    async with scene.open_desk(manner=granted(scene)) as desk:
        assert await filled(desk, scene) == State.READY.value
        assert isinstance((await desk.submit()).error, Forbidden)


@pytest.mark.parametrize("before", [0, 1])
async def test_m9_a_token_by_serial_number_is_confirmed_by_what_a_restricted_read_shows(
    scene: Scene, before: int
) -> None:
    where, person = as_aaron(scene), Person(scene.person.id, scene.person.displayName)
    if before:
        device = scene.tenant.device("00417208")["id"]
        scene.tenant.post(scene.tenant.methods_path(person.id), {"device": {"id": device}})
    scene.tenant.control("POST", "/tenant", {"restricted_read": True})
    async with scene.desk(where, granted(scene, "Policy.Read.All")) as desk:
        await desk.sign_in()
        await desk.station.work.hand_over(scene.serial, person)
        await desk.until(lambda: worked_on(desk) is State.AWAITING_CODE)
        await desk.station.work.submit(scene.code())
        await desk.until(lambda: worked_on(desk) is State.ACTIVATED)
    assert scene.holds("activated")


async def test_m9_what_a_restricted_read_cannot_confirm_is_said_to_be_open(scene: Scene) -> None:
    where, person = as_aaron(scene), Person(scene.person.id, scene.person.displayName)
    scene.tenant.control("POST", "/tenant", {"restricted_read": True})
    async with scene.desk(where, granted(scene, "Policy.Read.All")) as desk:
        await desk.sign_in()
        await desk.station.work.hand_over(scene.serial, person)
        await desk.until(lambda: worked_on(desk) is State.AWAITING_CODE)
        scene.tenant.fault("lost_answer", match={"method": "POST", "path": "BySerialNumber"})
        await desk.station.work.submit(scene.code())
        await desk.until(lambda: worked_on(desk) is State.UNSETTLED)
        shown = desk.last(DeskNotice)
        assert shown is not None
        assert isinstance(shown.enrollment.error, NotShown)


def as_aaron(scene: Scene) -> Where:
    """Aaron signs in, an Authentication Administrator who may not read the inventory."""
    operator = scene.tenant.operator(AARON)
    return replace(scene.where, username=operator.username, password=operator.password)


# An operator who serves themselves ----------------------------------------------------------------


async def test_m11_an_operator_serves_themselves_at_me_after_a_fresh_proof(scene: Scene) -> None:
    async with scene.open_desk(manner=scene.in_mode(Mode.ASSIGN_ONLY)) as desk:
        operator = desk.session.operator
        assert operator is not None
        scene.person = replace(scene.person, id=operator.id)
        await desk.scan(scene.serial)
        await desk.desk.serve(Person(operator.id, operator.display_name))
        await desk.reach(State.READY)
        scene.tenant.fault("age_sign_ins")
        asked_anew = await desk.submit()
        assert asked_anew.state is State.NOT_DONE
        await desk.until(lambda: desk.session.state is SessionState.ENDED)
        await desk.sign_in()
        await desk.reach(State.READY)
        assert (await desk.submit()).state is State.ASSIGNED
    assert scene.holds("assigned")
    paths = [r["path"] for r in scene.requests() if "/authentication/" in r["path"]]
    assert any(path.startswith("/beta/me/authentication/hardwareOathMethods") for path in paths)
    assert not any("/users/" in path for path in paths)


# The clock, and another cloud -------------------------------------------------------------------


class SlowClock(YoungClock):
    """Real time, ten minutes late."""

    def __init__(self) -> None:
        super().__init__(HURRY)
        self._shift = timedelta(minutes=-10)

    def directory_at(self, second: float, minutes: int) -> float:
        """How far to move the directory's clock to be at `second` of a minute, some on from now."""
        return (second - self.now().timestamp()) % 60 + 60 * minutes


async def test_a_clock_ten_minutes_slow_is_told_and_codes_go_by_the_directorys(
    scene: Scene,
) -> None:
    clock = SlowClock()
    manner = replace(fast(*NO_WAITING), clock=clock, true_time=True)
    manner = replace(manner, settings=replace(manner.settings, mode=Mode.ASSIGN_AND_ACTIVATE))

    async def in_step_at(desk: Headless, second: float, minutes: int) -> None:
        """Let it be `second` of a minute there, where steps of 30 s and of 60 s begin and end."""
        scene.tenant.fault("clock_skew", seconds=clock.directory_at(second, minutes))
        await desk.station.work.try_again()
        await desk.reach(State.AWAITING_CODE)

    async with scene.filled(manner=manner) as desk:
        notice = desk.of(ClockNotice)[-1]
        assert notice.state is ClockState.WRONG
        assert notice.offset == pytest.approx(600, abs=2)
        await in_step_at(desk, 56, minutes=1)
        await desk.desk.submit(scene.code())
        assert desk.of(CodeNotice)[-1].verdict is CodeVerdict.WAIT_FOR_NEXT
        await in_step_at(desk, 2, minutes=3)
        assert (await desk.submit(scene.code())).state is State.ACTIVATED

    assert scene.holds("activated")
    scene.row("own clock ten minutes slow", "says so; goes by true time", State.ACTIVATED)


async def test_a_cloud_without_hardware_tokens_is_said_to_be_one(tmp_path: Path) -> None:
    with start_simulator(people=20, tokens=5, hardware_oath=False) as elsewhere:
        where = Where.of(json.loads(elsewhere.ready.as_json()))
        async with a_station(where, tmp_path / "ledger.db", fast(*NO_WAITING)) as desk:
            await desk.sign_in()
            await desk.scan(elsewhere.ready.tokens[0].serial)
            await desk.scan(f"EMP{elsewhere.ready.people[0].employeeId}")
            await desk.until(
                lambda: desk.token_card.state is desk.person_card.state is CardState.FAILED
            )
            assert isinstance(desk.token_card.error, NotOffered)
            assert isinstance(desk.person_card.error, NotOffered)
