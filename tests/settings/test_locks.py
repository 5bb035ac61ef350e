"""What an administrator may lock, and what of it is no lock."""

from pathlib import Path

import pytest

from app.core.errors import SettingsProblem
from app.settings.locks import locks_of, matches
from tests.settings.layers import document


@pytest.mark.parametrize(
    "pattern",
    ["*", "desk.*", "desk.mode", "tenants.*", "tenants.north.*", "tenants.north.id"],
)
def test_what_names_keys_is_a_lock(pattern: str, tmp_path: Path) -> None:
    assert list(locks_of(document(tmp_path, f'locked = ["{pattern}"]'))) == [pattern]


@pytest.mark.parametrize(
    ("listed", "line", "said"),
    [
        ('"desk.mode"', 1, 'the text "desk.mode"'),
        ("true", 1, "true"),
        ("{}", 1, "a table"),
        ('["desk.mode",\n 3]', 2, "the whole number 3"),
        ('[\n"desk.mdoe"]', 2, "desk.mode is meant"),
        ('["desk"]', 1, "no key alone"),
        ('["desk.mode.*"]', 1, "no such key"),
        ('["tenants.North.*"]', 1, "no such key"),
        ('["*.*"]', 1, "no such key"),
        ('[""]', 1, "no such section"),
        (str(["desk.mode"] * 201), 1, "a list of 201"),
    ],
)
def test_what_names_none_is_told_with_its_line(
    listed: str, line: int, said: str, tmp_path: Path
) -> None:
    *_, problem = locks_of(document(tmp_path, f"locked = {listed}"))
    assert isinstance(problem, SettingsProblem)
    assert problem.place.endswith(f"config.toml:{line}")
    assert said in problem.problem


def test_without_a_list_nothing_is_locked(tmp_path: Path) -> None:
    assert list(locks_of(document(tmp_path, "[desk]\n"))) == []


@pytest.mark.parametrize(
    ("pattern", "path", "locked"),
    [
        ("*", "desk.mode", True),
        ("desk.*", "desk.mode", True),
        ("desk.mode", "desk.mode", True),
        ("desk.mode", "desk.name", False),
        ("tenant.*", "tenants.north.id", False),
        ("tenants.*", "tenants.north.id", True),
        ("tenants.north.*", "tenants.north.id", True),
        ("tenants.north.*", "tenants.northern.id", False),
    ],
)
def test_a_lock_holds_what_it_names_and_no_more(pattern: str, path: str, locked: object) -> None:
    assert matches(pattern, path) is locked
