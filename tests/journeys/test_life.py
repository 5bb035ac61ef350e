"""A token after its hand-over: each flow by keyboard alone, against a directory that lags.

What holds in each: one request at the most, and what the window says is the tenant's own truth.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.model import METHODS_LIMIT
from tests.journeys.living import CTRL, FEWEST, Life, living
from tests.kills.nursery import Died, nursery
from tests.support.simulated import SAM, Simulated
from tests.ui.hands import enter, press

REMOVE, DEACTIVATE, REPLACE, CLEAN_UP = (
    Qt.Key.Key_3,
    Qt.Key.Key_2,
    Qt.Key.Key_4,
    Qt.Key.Key_5,
)
LOST, BROKEN, DRIFTED = Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3
METHODS = "hardwareOathMethods"


@pytest.fixture
def life(tenant: Simulated, qtbot: QtBot, tmp_path: Path) -> Iterator[Life]:
    tenant.reset()
    with living(qtbot, tenant, tmp_path / "ledger.db") as life:
        yield life
    tenant.reset()


# Whose is this, and back to stock --------------------------------------------------------------


def test_a_loose_token_is_taken_back_once_the_right_one_was_shown(life: Life) -> None:
    token, other, person = life.free(), life.free(1), life.person
    life.give(token, person)
    life.lag()
    life.find_whose(token)
    life.says(f"{person.displayName} has this token.")
    assert life.can == {"deactivate", "unassign", "replace"}
    life.choose(REMOVE)
    life.says(f"from {person.displayName}; it goes back to stock.")
    life.scan(other)
    life.says("another one.")
    assert life.sent("DELETE", METHODS) == 0
    life.show(token)
    life.confirm(State.RETURNED)
    life.says(f"Removed from {person.displayName}.")
    assert life.state_of(token) == ("available", None)
    assert life.sent("DELETE", METHODS) == 1


def test_a_token_that_another_desk_gave_on_meanwhile_is_told_and_left_alone(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person)
    life.lag()
    life.find_whose(token)
    life.choose(REMOVE)
    life.show(token)
    life.tenant.fault("assign_elsewhere", serial=token, person=SAM)
    life.confirm(State.TAKEN)
    life.says("Somebody else holds this token now.")
    assert life.tenant.token_state(token)["holder_upn"] == SAM


def test_what_was_taken_back_is_handed_over_again_with_one_key_and_a_code(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person)
    life.lag()
    life.find_whose(token)
    life.choose(REMOVE)
    life.show(token)
    life.confirm(State.RETURNED)
    press(Qt.Key.Key_Z, CTRL)
    life.reach(State.AWAITING_CODE)
    life.until(life.is_early)
    life.type_code(life.code(token), State.ACTIVATED)
    assert life.state_of(token) == ("activated", person.id)


# Activating later, deactivating ----------------------------------------------------------------


def test_a_token_assigned_earlier_is_activated_after_two_wrong_codes(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person, "assigned")
    life.lag()
    life.find_whose(token)
    assert life.can == {"activate", "unassign", "replace"}
    enter()
    life.reach(State.AWAITING_CODE)
    wrong = life.tenant.wrong_code(token)
    for digits in (wrong, str((int(wrong) + 1) % 10**6).zfill(6)):
        life.type_code(digits, State.AFTER_REFUSAL)
        life.reach(State.HALF_DONE)
        life.says("Type the next code, or leave it to the person")
    life.until(life.is_early)
    life.type_code(life.code(token), State.ACTIVATED)
    assert life.state_of(token) == ("activated", person.id)


def test_a_token_is_deactivated_and_stays_with_its_holder(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person)
    life.lag()
    life.look_at(person)
    life.choose(DEACTIVATE)
    life.show(token)
    life.confirm(State.DEACTIVATED)
    life.says("and cannot sign in with it.")
    assert life.state_of(token) == ("assigned", person.id)
    assert life.sent("POST", "/deactivate") == 1


# Who may not -----------------------------------------------------------------------------------


def test_a_role_that_is_too_low_for_this_target_is_said_beside_each_offer(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person)
    life.tenant.fault("give_role", person=person.id, role="Global Administrator")
    life.lag()
    life.find_whose(token)
    assert life.can == set()
    assert "Global Administrator" in life.offers["unassign"]
    life.choose(REMOVE)
    life.says("Only a Privileged Authentication Administrator")
    assert life.sent("DELETE", METHODS) == 0


def test_with_the_fewest_rights_a_token_is_handed_over_by_its_serial_number(
    tenant: Simulated, qtbot: QtBot, tmp_path: Path
) -> None:
    tenant.reset()
    with living(qtbot, tenant, tmp_path / "ledger.db", FEWEST) as life:
        token, person = life.free(), life.person
        life.lag()
        life.scan(token)
        life.scan(f"EMP{person.employeeId}")
        life.reach(State.AWAITING_CODE)
        life.says("handed over by its serial number")
        life.until(life.is_early)
        life.type_code(life.code(token), State.ACTIVATED)
        assert life.state_of(token) == ("activated", person.id)
        assert life.sent("POST", "assignAndActivateBySerialNumber") == 1
    tenant.reset()


# Replacing -------------------------------------------------------------------------------------


def begin(life: Life, new: str, reason: Qt.Key) -> None:
    """Replace the token in front of the list: why, and by which one."""
    life.choose(REPLACE)
    life.says("replaced?")
    life.choose(reason)
    life.says("Scan the new token.")
    life.scan(new)


def test_a_token_that_drifted_is_replaced_the_new_one_first(life: Life) -> None:
    old, new, person = life.free(), life.free(1), life.person
    life.give(old, person)
    life.lag()
    life.look_at(person)
    begin(life, new, DRIFTED)
    life.reach(State.AWAITING_CODE)
    life.until(life.is_early)
    life.type_code(life.code(new), State.ACTIVATED)
    assert life.state_of(old) == ("activated", person.id)
    life.follows()
    life.show(old)
    life.confirm(State.RETURNED)
    assert life.state_of(new) == ("activated", person.id)
    assert life.state_of(old) == ("available", None)


def test_at_the_limit_the_old_token_goes_first(life: Life) -> None:
    person = life.person
    counted = methods_counted_by(life, person.id)
    held = [life.free(number) for number in range(METHODS_LIMIT - counted)]
    new = life.free(len(held))
    for serial in held:
        life.give(serial, person)
    life.lag()
    life.look_at(person)
    old = life.stage.desk.holdings.current()
    assert old is not None
    begin(life, new, BROKEN)
    life.reach(State.AWAITING_TOKEN)
    life.says("the old token goes first")
    life.choose(BROKEN)
    life.reach(State.READY)
    life.confirm(State.RETURNED)
    life.follows()
    life.reach(State.AWAITING_CODE)
    life.until(life.is_early)
    life.type_code(life.code(new), State.ACTIVATED)
    assert life.state_of(new) == ("activated", person.id)
    assert life.state_of(old.token.serial_number) == ("available", None)


def methods_counted_by(life: Life, person_id: str) -> int:
    """How many methods of a person count towards the limit before a test gives them more."""
    counted = ("microsoftAuthenticator", "softwareOath")
    others = life.truth.person(person_id).other_methods
    return sum(method.kind in counted for method in others)


def test_a_window_goes_on_where_a_station_was_killed_between_two_halves(
    tenant: Simulated, qtbot: QtBot, tmp_path: Path
) -> None:
    tenant.reset()
    free = [t.serial for t in tenant.ready.tokens if t.status == "available" and t.interval == 30]
    old, new = free[:2]
    person = next(p.id for p in tenant.ready.people if p.employeeId)
    ledger = killed_between_the_halves(tenant, tmp_path, person, (old, new))
    with living(qtbot, tenant, ledger) as life:
        life.lag()
        assert (life.state_of(old)[1], life.state_of(new)[1]) == (person, person)
        life.until(lambda: life.listed()[:1] == ["Old token to be removed"])
        assert life.sent("DELETE", METHODS) == 0
        life.tab_to_today()
        enter()
        life.reach(State.AWAITING_TOKEN)
        life.says("The new token is handed over.")
        enter()  # it was said to be lost before the crash
        life.reach(State.READY)
        life.confirm(State.RETURNED)
        life.until(lambda: life.stage.desk.today.model.needing_attention() == 0)
        assert (life.state_of(old)[1], life.state_of(new)[1]) == (None, person)
        assert life.sent("DELETE", METHODS) == 1
    tenant.reset()


def killed_between_the_halves(
    tenant: Simulated, folder: Path, person: str, tokens: tuple[str, str]
) -> Path:
    """Kill stations, each a line later, until one leaves both tokens; its record."""
    old, new = tokens
    assert tenant.server.practice is not None
    truth = tenant.server.practice.tenant
    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-journey-") as home,
        nursery(Path(home), tenant.ready.as_json()) as births,
    ):
        for line in range(60):
            tenant.reset()
            device = truth.device_by_serial(old)
            truth.store(replace(device, holder=person, status="activated"))
            ledger = folder / f"ledger-{line}.db"
            life = births.birth(ledger, tenant.ready.graph_url)
            try:
                assert life.do("sign_in")
                life.die_after_lines(line)
                assert life.do("replace", serial=old, new=new, code=tenant.press(new))
            except Died:
                held = [tenant.token_state(serial)["holder_id"] for serial in tokens]
                if held == [person, person] and tenant.token_state(new)["status"] == "activated":
                    return ledger
            finally:
                life.bury()
    raise AssertionError("no kill left both tokens with the person")


# Listed twice ----------------------------------------------------------------------------------


def test_what_stands_there_twice_is_cleaned_up_with_the_token_in_the_hand(life: Life) -> None:
    token, person = life.free(), life.person
    life.give(token, person)
    kept = life.truth.device_by_serial(token)
    left_over = replace(kept, id="00000000-0000-4000-8000-0000000000aa", legacy=True)
    life.truth.store(left_over)
    life.lag()
    life.look_at(person)
    life.says("is listed twice here.")
    life.choose(CLEAN_UP)
    life.show(token)
    life.confirm(State.RETURNED)
    assert [device.id for device in life.held_by(person.id)] == [kept.id]
    assert life.state_of(token) == ("activated", person.id)
