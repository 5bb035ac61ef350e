"""A trial of a practice tenant, in each way that a tenant can be: it ends, undoes, and tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Forbidden, LedgerUnreadable, SignInEnded
from app.core.model import METHODS_LIMIT
from app.core.tenant_trial import FACTS, STEPS, WRITES, Consent, Write
from app.core.trial_journal import journal_from
from app.station.tenant_trial import NotAdmitted
from tests.support.simulated import AARON, DANA, Simulated, start_simulator
from tests.support.trials import SCOPES, Person, Trials, observed, verdicts

DEVICES = r"/hardwareOathDevices$"
METHODS = r"/hardwareOathMethods"


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=260, tokens=150) as simulated:
        yield simulated


@pytest.fixture
def trials(tenant: Simulated, tmp_path: Path) -> Trials:
    return Trials(tenant, tmp_path)


@pytest.fixture(autouse=True)
def nothing_left(trials: Trials) -> Iterator[None]:
    """Whatever a trial met: every token is as it was before, and no journal tells otherwise."""
    yield
    trials.tenant.control("DELETE", "/faults")
    assert trials.everything() == trials.at_first
    journal = journal_from(trials.journal())
    assert journal is None or journal.open == ()


def spare_of(trials: Trials) -> str:
    device = next(
        each
        for each in trials.truth.devices.all_current()
        if each.status == "available" and each.interval == 30
    )
    return str(device.serial_number)


def writes(tenant: Simulated) -> list[str]:
    asked = tenant.control("GET", "/requests")["requests"]
    return [
        each["method"]
        for each in asked
        if each["method"] != "GET" and each["path"].startswith(("/beta/", "/v1.0/"))
    ]


# A tenant as it is documented -------------------------------------------------------------------


def test_a_tenant_as_documented_has_an_answer_to_everything_and_no_difference(
    trials: Trials,
) -> None:
    kept: list[str] = []

    class Watching(Person):
        def agree(self, write: Write, question: str) -> Consent:
            kept.append(trials.journal())
            return super().agree(write, question)

    person = Watching(trials.tenant.press)
    outcome = trials.carry_out(person)
    told = verdicts(outcome)
    assert told.get("different", []) == told.get("not_answered", []) == []
    assert {each.fact for each in outcome.findings} == set(FACTS)
    assert (outcome.left, outcome.stopped, trials.journal()) == ((), False, "")
    found = observed(outcome)
    assert found["inventory.page"] == "100 on the first page, more"
    assert found["duplicate.answer"] == "refused (400 badRequest)"
    assert found["wrong.state"] == "failedActivation"
    assert found["deactivate.state"] == "assigned"
    assert found["bulk.good_part"] == "created"
    assert found["throttle.met"].startswith("0 of ")
    each_write_was_asked_for(trials, person)
    no_secret_was_kept(kept)


def each_write_was_asked_for(trials: Trials, person: Person) -> None:
    """Every write of the table, and nothing else was sent but what undoes."""
    assert set(person.asked) == set(WRITES)
    assert not any("{" in question for question in person.questions)
    asked_deletes = 2  # deleting a token that somebody has, and taking it back
    sent = [method for method in writes(trials.tenant) if method != "DELETE"]
    assert len(sent) == len(person.asked) - asked_deletes
    assert {key for step in STEPS.values() for key in step.writes} == set(WRITES)
    assert {key for step in STEPS.values() for key in step.facts} == set(FACTS) - {"throttle.met"}


def no_secret_was_kept(journals: list[str]) -> None:
    """The journal has no place for a seed or a code."""
    touched = [each for text in journals for each in json.loads(text)["touched"]]
    members = {"serial", "own", "device_ids", "method_id", "there", "held", "answered", "since"}
    assert {name for each in touched for name in each} == members


def test_a_spare_token_is_handed_out_by_the_code_on_its_display_and_never_deleted(
    trials: Trials,
) -> None:
    serial = spare_of(trials)
    outcome = trials.carry_out(spare=serial)
    told, found = verdicts(outcome), observed(outcome)
    assert told.get("different", []) == []
    assert found["activate.status"] == found["at_once.status"] == found["serial.status"] == "204"
    assert "held.delete" in told["not_answered"]
    assert trials.tenant.token_state(serial)["status"] == "available"


def test_a_selection_brings_along_what_it_rests_on(trials: Trials) -> None:
    outcome = trials.carry_out(steps=("deactivate",))
    assert {"activate", "assign"}.isdisjoint(each.fact for each in outcome.findings)
    assert observed(outcome)["deactivate.state"] == "assigned"


# Tenants that differ ----------------------------------------------------------------------------


def test_a_directory_that_lags_is_waited_for_and_told(trials: Trials) -> None:
    lag = 30
    trials.tenant.control("POST", "/lag", {"seconds": lag})
    outcome = trials.carry_out()
    told, found = verdicts(outcome), observed(outcome)
    assert told.get("different", []) == []
    for fact in ("create.visible_after", "assign.visible_after", "unassign.visible_after"):
        assert lag - 1 <= int(found[fact].split()[0]) <= lag + 6
    assert found["deactivate.state"] == "assigned"
    assert found["unassign.state"] == "available"


OFF = {"state": "disabled"}


@pytest.mark.parametrize("migration", ["preMigration", "migrationInProgress", "migrationComplete"])
@pytest.mark.parametrize("off", [False, True], ids=["on", "off"])
def test_whether_a_policy_that_is_off_refuses_is_answered_in_each_migration_state(
    trials: Trials, migration: str, *, off: bool
) -> None:
    trials.tenant.control("POST", "/tenant", {"migration": migration})
    if off:
        trials.tenant.fault("policy_off")
    refused = off and migration == "migrationComplete"
    steps = ("policy", "assign", "at_once") if refused else ("policy", "assign")
    outcome = trials.carry_out(steps=steps)
    told, found = verdicts(outcome), observed(outcome)
    state = "disabled" if off else "enabled"
    result = "refused" if refused else "accepted"
    assert found["assign.policy"] == f"policy {state}, {migration}: {result}"
    assert told.get("different", []) == []
    assert ("assign.status" in told.get("not_answered", [])) is refused
    assert ("at_once.status" in told.get("not_answered", [])) is refused


def test_a_person_outside_the_policy_is_told_from_a_refusal_of_the_request(trials: Trials) -> None:
    trials.tenant.fault("policy_out_of_scope", person=trials.target.user_principal_name)
    outcome = trials.carry_out(steps=("assign",))
    assert observed(outcome)["assign.policy"] == (
        "policy enabled for some, migrationComplete: refused"
    )
    assert verdicts(outcome).get("different", []) == []


def test_what_a_restricted_read_hides_is_named_and_the_token_is_taken_back_all_the_same(
    trials: Trials,
) -> None:
    trials.tenant.control("POST", "/tenant", {"restricted_read": True})
    outcome = trials.carry_out(steps=("held", "deactivate", "unassign", "assign"))
    found = observed(outcome)
    assert (found["read.device"], found["read.hides"]) == ("left out", "device")
    assert verdicts(outcome).get("different", []) == []


@pytest.mark.parametrize("state", ["security-defaults", "device-policy", "conditional-access"])
def test_how_people_sign_in_changes_nothing_for_somebody_who_is_signed_in(
    trials: Trials, state: str
) -> None:
    trials.tenant.control("POST", "/tenant", {"device_code": state})
    outcome = trials.carry_out(steps=("policy", "assign"))
    assert set(verdicts(outcome)) == {"as_documented", "answer"}


def test_without_the_right_to_upload_a_spare_token_still_answers_its_part(trials: Trials) -> None:
    trials.scopes = tuple(
        each for each in SCOPES if each != "Policy.ReadWrite.AuthenticationMethod"
    )
    outcome = trials.carry_out(steps=("upload", "assign", "activate"), spare=spare_of(trials))
    told, found = verdicts(outcome), observed(outcome)
    assert told.get("different", []) == []
    assert found["create.status"] == "HTTP 403"
    assert "create.secret" in told["not_answered"]
    assert found["activate.state"] == "activated"


def test_people_in_a_restricted_unit_are_beyond_every_write_and_nothing_differs(
    trials: Trials,
) -> None:
    trials.tenant.fault("restrict_person", person=trials.target.id)
    named = next(p for p in trials.truth.people.all_current() if p.restricted and not p.roles)
    outcome = trials.carry_out(steps=("assign", "held"), named=named.user_principal_name)
    told = verdicts(outcome)
    assert told.get("different", []) == []
    assert observed(outcome)["assign.status"] == "HTTP 403"
    assert "held.assign" in told["not_answered"]


def test_answers_in_other_shapes_are_differences_or_answers_and_never_an_end(
    trials: Trials,
) -> None:
    trials.tenant.fault("wrapped_items", match={"method": "GET", "path": DEVICES}, times=1000)
    trials.tenant.fault("unknown_member", match={"path": METHODS}, times=1000)
    trials.tenant.fault(
        "unknown_member",
        match={"method": "GET", "path": r"/hardwareOathDevices/[^/]+$"},
        times=1000,
    )
    outcome = trials.carry_out(steps=("inventory", "upload", "assign"))
    found = observed(outcome)
    assert found["inventory.shape"] == "inside device"
    assert found["assign.state"] == "quarantined"
    assert "assign.state" in verdicts(outcome)["different"]
    assert found["filter.serial"] == "found"


# Faults on the way ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lost_answer", "reset", "bad_gateway", "html", "truncated_json"])
def test_a_write_whose_answer_is_lost_is_undone_all_the_same(trials: Trials, kind: str) -> None:
    for path in (DEVICES, rf"{METHODS}$", f"{METHODS}/assignAndActivate$"):
        trials.tenant.fault(kind, match={"method": "POST", "path": path})
    outcome = trials.carry_out(steps=("upload", "kinds", "assign", "at_once"))
    assert outcome.left == ()


def test_a_throttled_request_is_sent_again_and_the_report_counts_it(trials: Trials) -> None:
    throttled = {"method": "POST", "path": rf"{METHODS}$"}
    trials.tenant.fault("too_many_requests", match=throttled, times=2, retry_after=1)
    outcome = trials.carry_out(steps=("assign",))
    found = observed(outcome)
    assert found["assign.status"] == "201"
    assert found["throttle.met"].startswith("2 of ")


def test_what_cannot_be_undone_is_named_and_the_next_trial_undoes_it(trials: Trials) -> None:
    trials.tenant.fault("gateway_timeout", match={"method": "DELETE", "path": METHODS}, times=1000)
    outcome = trials.carry_out(steps=("assign",))
    assert [each.held for each in outcome.left] == [True]
    assert trials.everything() != trials.at_first
    trials.tenant.control("DELETE", "/faults")
    again = trials.carry_out(steps=("policy",))
    assert again.left == ()


def test_a_sign_in_that_ends_leaves_a_journal_that_the_next_trial_undoes(trials: Trials) -> None:
    def end(serial: str) -> str:
        trials.sign_in_ended = True
        return trials.tenant.press(serial)

    spare = spare_of(trials)
    with pytest.raises(SignInEnded):
        trials.carry_out(Person(end), ("activate",), spare=spare)
    assert trials.tenant.token_state(spare)["status"] == "assigned"
    trials.sign_in_ended = False
    assert trials.carry_out(steps=("policy",)).left == ()


# Who and what it must not touch -----------------------------------------------------------------


def an_administrator(trials: Trials) -> str:
    return DANA


def a_role_group_member(trials: Trials) -> str:
    people = trials.truth.people.all_current()
    return str(next(p.user_principal_name for p in people if p.role_groups))


def a_role_group_owner(trials: Trials) -> str:
    people = trials.truth.people.all_current()
    return str(next(p.user_principal_name for p in people if p.owned_role_groups))


def a_holder(trials: Trials) -> str:
    holder = next(
        each.holder
        for each in trials.truth.devices.all_current()
        if each.holder and not trials.truth.person(each.holder).roles
    )
    return str(trials.truth.person(holder).user_principal_name)


def a_guest(trials: Trials) -> str:
    return str(next(p.user_principal_name for p in trials.truth.people.all_current() if p.is_guest))


def a_disabled_account(trials: Trials) -> str:
    people = trials.truth.people.all_current()
    return str(
        next(p.user_principal_name for p in people if not p.account_enabled and not p.is_guest)
    )


def somebody_with_five_apps(trials: Trials) -> str:
    def apps(person: Any) -> int:
        return sum(each.kind.startswith("microsoftAuth") for each in person.other_methods)

    people = trials.truth.people.all_current()
    return str(
        next(
            p.user_principal_name
            for p in people
            if apps(p) >= METHODS_LIMIT and p.account_enabled and not p.is_guest
        )
    )


def nobody(_trials: Trials) -> str:
    return "nobody@contoso.example"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (an_administrator, "is an administrator: Authentication"),
        (a_role_group_member, "roles can be assigned"),
        (a_role_group_owner, "roles can be assigned"),
        (a_holder, "has a hardware token already"),
        (a_guest, "is a guest"),
        (a_disabled_account, "is disabled"),
        (somebody_with_five_apps, "authenticator apps already"),
        (nobody, "there is no person"),
    ],
)
def test_it_is_not_begun_with_somebody_who_could_be_harmed(
    trials: Trials, who: Any, why: str
) -> None:
    with pytest.raises(NotAdmitted, match=why):
        trials.carry_out(named=who(trials))
    assert writes(trials.tenant) == []


def test_it_is_not_begun_where_roles_cannot_be_read(trials: Trials) -> None:
    trials.scopes = tuple(each for each in SCOPES if "RoleManagement" not in each)
    with pytest.raises(NotAdmitted, match=r"RoleManagement\.Read\.Directory"):
        trials.carry_out(named=DANA)
    assert writes(trials.tenant) == []


def test_it_is_not_begun_where_the_persons_tokens_cannot_be_read(trials: Trials) -> None:
    trials.scopes = tuple(each for each in SCOPES if "UserAuthenticationMethod" not in each)
    with pytest.raises(NotAdmitted, match="cannot be read"):
        trials.carry_out()


def test_it_is_not_begun_with_a_token_that_is_not_in_stock(trials: Trials) -> None:
    held = next(d for d in trials.truth.devices.all_current() if d.holder and not d.legacy)
    with pytest.raises(NotAdmitted, match="is not in stock"):
        trials.carry_out(spare=held.serial_number)
    with pytest.raises(NotAdmitted, match="the inventory has no token"):
        trials.carry_out(spare="0000")


def test_without_a_role_for_the_inventory_a_spare_token_is_not_looked_up(trials: Trials) -> None:
    trials.username = AARON
    with pytest.raises(Forbidden):
        trials.carry_out(spare=spare_of(trials))


# Saying no, ending, going on --------------------------------------------------------------------


@pytest.mark.parametrize("write", WRITES)
def test_saying_no_to_any_write_leaves_its_step_out_and_the_rest_goes_on(
    trials: Trials, write: str
) -> None:
    wanted = next(step for step in STEPS.values() if write in step.writes)
    person = Person(trials.tenant.press, {write: Consent.NO})
    outcome = trials.carry_out(person, (wanted.key,))
    assert outcome.left == ()
    assert not outcome.stopped
    reasons = [each.observed for each in outcome.findings if each.verdict.value == "not_answered"]
    assert any("left it out" in each or "rests on" in each for each in reasons)


def test_ending_it_undoes_what_was_done_and_the_next_one_goes_on_without_asking_again(
    trials: Trials,
) -> None:
    ends = Person(trials.tenant.press, {"deactivate": Consent.STOP})
    first = trials.carry_out(ends)
    assert (first.stopped, first.left) == (True, ())
    assert trials.everything() == trials.at_first
    assert observed(first)["deactivate.state"] == "the trial was ended"
    goes_on = Person(trials.tenant.press)
    second = trials.carry_out(goes_on)
    assert verdicts(second).get("not_answered", []) == []
    assert observed(second)["wrong.state"] == "failedActivation"
    answered_before = {"create_bad", "create_kind", "create_many", "assign_twice", "activate_wrong"}
    assert answered_before.isdisjoint(goes_on.asked)
    assert trials.journal() == ""


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2}', '{"format": 1}', "\x00"])
def test_a_journal_that_cannot_be_read_is_an_error_and_no_new_trial(
    trials: Trials, text: str
) -> None:
    (trials.folder / "tenant-trial.json").write_text(text, encoding="utf-8")

    async def left() -> None:
        async with trials.opened(Person(trials.tenant.press)) as trial:
            with pytest.raises(LedgerUnreadable):
                trial.left_over()

    asyncio.run(left())
    (trials.folder / "tenant-trial.json").unlink()
