"""What each layer gives, key by key, and what in it is no key at all."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import SettingsProblem
from app.settings.givens import (
    MOST,
    Found,
    Given,
    Layer,
    of_command_line,
    of_environment,
    of_file,
    of_policies,
)
from tests.fakes.registry import FakeRegistry
from tests.settings.layers import document


def sorted_out(found: Iterable[Found]) -> tuple[list[Given], list[SettingsProblem]]:
    listed = list(found)
    givens = [each for each in listed if isinstance(each, Given)]
    return givens, [each for each in listed if isinstance(each, SettingsProblem)]


def test_a_file_gives_each_key_with_its_line(tmp_path: Path) -> None:
    text = '[desk]\nname = "Lobby"\n\n[tenants.north]\nid = "x"\n'
    givens, problems = sorted_out(of_file(document(tmp_path, text), Layer.USER))
    file = tmp_path / "config.toml"
    assert [(each.path, each.place, each.value) for each in givens] == [
        ("desk.name", f"{file}:2", "Lobby"),
        ("tenants.north.id", f"{file}:5", "x"),
    ]
    assert {each.base for each in givens} == {tmp_path}
    assert problems == []


@pytest.mark.parametrize(
    ("text", "line", "key", "said"),
    [
        ("[desk]\nnmae = 'x'\n", 2, "desk.nmae", "desk.name is meant"),
        ("[dsek]\nname = 'x'\n", 1, "dsek", "desk is meant"),
        ("\nname = 'x'\n", 2, "name", "tenant.name or desk.name is meant"),
        ("desk = 'x'\n", 1, "desk", "where a section belongs"),
        ("[[desk]]\nname = 'x'\n", 1, "desk", "where a section belongs"),
        ("[desk.name]\nx = 1\n[desk.x]\n", 3, "desk.x", "no such key"),
        ("[tenants]\nid = 'x'\n", 2, "tenants.id", "where a profile belongs"),
        ("[tenants.North]\nid = 'x'\n", 1, "tenants.North", "cannot be called that"),
        ("[tenants.'a.b']\nid = 'x'\n", 1, "tenants.a.b", "cannot be called that"),
        ("[tenants.a]\nidd = 'x'\n", 2, "tenants.a.idd", "no such key"),
        ("[tenants]\na.'id.x' = 3\n", 2, "tenants.a.id.x", "no such key"),
        ("'\\u001b[2J' = 3\n".replace("'", '"'), 1, "\\x1b[2J", "no such section"),
    ],
)
def test_what_is_no_key_is_named_with_its_line(
    text: str, line: int, key: str, said: str, tmp_path: Path
) -> None:
    _, problems = sorted_out(of_file(document(tmp_path, text), Layer.USER))
    assert [problem.place for problem in problems] == [f"{tmp_path / 'config.toml'}:{line}"]
    assert problems[0].key == key
    assert said in problems[0].problem
    assert not problems[0].warning


def test_every_unknown_key_is_named_not_only_the_first(tmp_path: Path) -> None:
    text = "[desk]\na = 1\nb = 2\n[x]\n[look]\nc = 3\n"
    _, problems = sorted_out(of_file(document(tmp_path, text), Layer.USER))
    assert [problem.key for problem in problems] == ["desk.a", "desk.b", "x", "look.c"]


def test_a_file_full_of_nonsense_is_given_up_at_last(tmp_path: Path) -> None:
    text = "".join(f"k{number} = 0\n" for number in range(MOST + 100))
    _, problems = sorted_out(of_file(document(tmp_path, text), Layer.USER))
    assert len(problems) == MOST + 1
    assert problems[-1].problem == f"more than {MOST} entries"


def test_the_value_of_an_unknown_key_is_never_told(tmp_path: Path) -> None:
    text = "[network]\nproxi = 'http://me:hush@proxy'\n"
    _, problems = sorted_out(of_file(document(tmp_path, text), Layer.USER))
    assert "hush" not in repr(problems)


@pytest.mark.parametrize("layer", [Layer.USER, Layer.MACHINE])
def test_only_an_administrator_locks(layer: Layer, tmp_path: Path) -> None:
    _, problems = sorted_out(of_file(document(tmp_path, "locked = ['*']\n"), layer))
    if layer is Layer.MACHINE:
        assert problems == []
    else:
        assert [problem.key for problem in problems] == ["locked"]
        assert problems[0].warning


def test_variables_give_the_keys_they_spell() -> None:
    variables = {
        "OATHDESK_DESK_NAME": "Lobby",
        "OATHDESK_TENANT_CLIENT_ID": "x",
        "OATHDESK_LOOK_MOTION": "no",
        "OATHDESK_SIGNIN_METHODS": "browser, broker",
        "OATHDESK_LOCK_AFTER": "5",
        "PATH": "/bin",
    }
    givens, problems = sorted_out(of_environment(variables))
    assert {each.path: each.value for each in givens} == {
        "desk.name": "Lobby",
        "tenant.client_id": "x",
        "look.motion": False,
        "signin.methods": ["browser", "broker"],
        "lock.after": 5,
    }
    assert givens[0].place == "environment: OATHDESK_DESK_NAME"
    assert problems == []


def test_an_empty_variable_counts_as_not_set() -> None:
    assert list(of_environment({"OATHDESK_DESK_NAME": ""})) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OATHDESK_DESK_NMAE", "perhaps OATHDESK_DESK_NAME is meant"),
        ("OATHDESK_DESKNAME", "perhaps OATHDESK_DESK_NAME is meant"),
        ("oathdesk_desk_name", "perhaps OATHDESK_DESK_NAME is meant"),
        ("Oathdesk_Desk_Name", "perhaps OATHDESK_DESK_NAME is meant"),
        ("OATHDESK_", "it names no key"),
        ("OATHDESK_\x1b[2J", "it names no key"),
    ],
)
def test_a_variable_spelled_oddly_is_warned_of_and_its_value_not_told(name: str, said: str) -> None:
    givens, problems = sorted_out(of_environment({name: "hush"}))
    assert givens == []
    assert [problem.warning for problem in problems] == [True]
    assert said in problems[0].problem
    assert "hush" not in repr(problems)
    assert str(problems[0]).isprintable()


def test_options_give_the_keys_they_name_in_their_order() -> None:
    options = ["desk.name=A", " desk.name =B=C", "network.proxy=", "tenants.north.label=N"]
    givens, problems = sorted_out(of_command_line(options))
    assert [(each.path, each.value) for each in givens] == [
        ("desk.name", "A"),
        ("desk.name", "B=C"),
        ("network.proxy", ""),
        ("tenants.north.label", "N"),
    ]
    assert givens[0].place == "command line: --set desk.name"
    assert problems == []


@pytest.mark.parametrize(
    "option",
    [
        "",
        "=",
        "desk.name",
        "desk",
        "hush",
        "=hush",
        "http://me:hush@proxy",
        "a b=hush",
        "network.proxy:hush",
    ],
)
def test_an_option_that_names_no_key_is_told_without_its_text(option: str) -> None:
    givens, problems = sorted_out(of_command_line([option]))
    assert givens == []
    assert [problem.allowed for problem in problems] == ["section.key=value"]
    assert "hush" not in repr(problems)


def test_an_option_with_a_misspelt_key_is_told_with_the_right_one() -> None:
    _, problems = sorted_out(of_command_line(["network.proxi=http://me:hush@proxy"]))
    assert "network.proxy is meant" in problems[0].problem
    assert "hush" not in repr(problems)


@given(options=st.lists(st.text(), max_size=3))
def test_whatever_an_option_holds_it_is_given_or_told(options: list[str]) -> None:
    assert len(list(of_command_line(options))) == len(options)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that a program is in")
def test_from_a_folder_that_is_gone_relative_paths_begin_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    givens, _ = sorted_out(of_command_line(["desk.exports=out"]))
    assert [each.base for each in givens] == [None]
    monkeypatch.chdir(os.sep)


def test_policies_give_the_values_of_every_section_and_profile() -> None:
    registry = FakeRegistry()
    registry.write("Mode", "assign-only", "Desk")
    registry.write("motion", 0, "look")
    registry.write("methods", ["browser", ""], "signin")
    registry.write("ID", "x", "tenants", "north")
    givens, problems = sorted_out(of_policies(registry))
    assert {each.path: each.value for each in givens} == {
        "desk.mode": "assign-only",
        "look.motion": False,
        "signin.methods": ["browser"],
        "tenants.north.id": "x",
    }
    assert givens[0].place == "HKLM\\Software\\Policies\\Oathdesk\\Desk\\Mode"
    assert problems == []


def test_a_policy_that_names_no_key_is_warned_of() -> None:
    registry = FakeRegistry()
    registry.write("nmae", "hush", "desk")
    registry.write("stray", "hush")
    registry.write("name", "hush", "desk", "deeper")
    _, problems = sorted_out(of_policies(registry))
    assert [(problem.key, problem.warning) for problem in problems] == [
        ("stray", True),
        ("desk.nmae", True),
        ("desk.deeper.name", True),
    ]
    assert "hush" not in repr(problems)


def test_policies_that_may_not_be_read_are_a_problem() -> None:
    registry = FakeRegistry()
    registry.write("name", "Lobby", "desk")
    registry.bar("desk")
    givens, problems = sorted_out(of_policies(registry))
    assert givens == []
    assert "Access is denied" in problems[0].problem
    assert not problems[0].warning


def test_what_was_given_keeps_its_value_out_of_its_repr() -> None:
    givens, _ = sorted_out(of_command_line(["network.proxy=http://me:hush@proxy"]))
    assert "hush" not in repr(givens)
