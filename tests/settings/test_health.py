"""The configuration is judged with every problem, every hint, and what is locked."""

from pathlib import Path

import pytest

from app.core.checkup import Finding, Told, Verdict
from app.core.errors import NotConfigured, SettingsError
from app.settings.health import look_at_configuration
from tests.settings.layers import LEAST, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def looked(machine: Machine) -> Finding:
    return look_at_configuration(machine.load(), machine.sources())


def test_a_sound_configuration_is_well_and_names_its_files(machine: Machine) -> None:
    machine.user(LEAST)
    finding = looked(machine)
    assert (finding.verdict, finding.told) == (Verdict.OK, Told.SOUND)
    assert ("User's file", str(machine.user_file)) in finding.rows


def test_what_is_locked_is_named(machine: Machine) -> None:
    machine.administrator('locked = ["desk.name"]\n[desk]\nname = "Lobby"\n')
    machine.user(LEAST)
    finding = looked(machine)
    assert finding.facts["locked"] == 1
    assert ("Locked", "desk.name") in finding.rows


def test_a_hint_is_a_warning_with_its_place(machine: Machine) -> None:
    machine.user(LEAST)
    machine.environment["OATHDESK_DESK_NMAE"] = "x"
    finding = looked(machine)
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.HINTS)
    assert any(label == "Hint" and "OATHDESK_DESK_NMAE" in value for label, value in finding.rows)


def test_a_problem_is_a_failure_that_carries_them_all(machine: Machine) -> None:
    machine.user(LEAST + '[desk]\nnmae = "x"\nmode = "give"\n')
    finding = looked(machine)
    assert finding.verdict is Verdict.FAILURE
    assert isinstance(finding.error, SettingsError)
    assert [problem.key for problem in finding.error.problems] == ["desk.nmae", "desk.mode"]


def test_without_a_tenant_it_says_where_to_name_one(machine: Machine) -> None:
    finding = looked(machine)
    assert finding.verdict is Verdict.FAILURE
    assert isinstance(finding.error, NotConfigured)
    assert finding.error.problems[0].place == str(machine.user_file)


def test_a_password_in_the_proxys_address_is_not_told(machine: Machine) -> None:
    machine.user(LEAST + '[network]\nproxy = "ftp://desk:Correct-Horse-7@proxy"\n')
    finding = looked(machine)
    assert finding.verdict is Verdict.FAILURE
    assert "Correct-Horse-7" not in f"{finding!r} {finding.error}"
