"""`oathdesk config`: what it says of a sound configuration, and of one with faults."""

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import config as config_cli
from app.settings.example import example_file
from app.settings.schema import KEYS
from tests.journeys.program import environment, user_file
from tests.settings.layers import LEAST, Machine
from tests.support.patience import HANG_SECONDS

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def ask(machine: Machine, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run the command on the machine; its exit code, what it said, what it complained of."""

    def asked(*words: object) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        config_cli.add_arguments(parser)
        given = parser.parse_args([str(word) for word in words])
        code = config_cli.run_from(given, machine.sources())
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def run(folder: Path, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, at home in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "app", *(str(word) for word in words)],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=HANG_SECONDS,
        check=False,
    )


def test_a_sound_configuration_is_said_to_be_sound(machine: Machine, ask: Ask) -> None:
    machine.user(LEAST)
    assert ask("check") == (0, "The configuration is sound. Hints: 0\n", "")


def test_hints_are_told_and_no_fault(machine: Machine, ask: Ask) -> None:
    machine.user(LEAST)
    machine.environment["OATHDESK_DESK_NMAE"] = "x"
    code, said, _ = ask("check")
    assert code == 0
    assert said.startswith("Hint: environment: OATHDESK_DESK_NMAE: it names no key, perhaps")
    assert said.endswith("The configuration is sound. Hints: 1\n")


def test_without_a_tenant_it_says_where_to_name_one(machine: Machine, ask: Ask) -> None:
    code, said, _ = ask("check")
    assert code == 0
    assert said.splitlines() == [
        "The configuration is sound. Hints: 0",
        f"No tenant is configured yet. Its place is {machine.user_file}",
    ]


def test_every_problem_is_printed_with_its_place(machine: Machine, ask: Ask) -> None:
    machine.user(LEAST + "[desk]\nnmae = 'x'\nmode = 'give'\n")
    code, said, _ = ask("check")
    lines = said.splitlines()
    assert code == 1
    assert lines[0].startswith(f"Problem: {machine.user_file}:5: desk.nmae: ")
    assert lines[1].startswith(f"Problem: {machine.user_file}:6: desk.mode: ")
    assert '"assign-only"' in lines[1]
    assert lines[2] == "The configuration cannot be used. Problems: 2"


def test_show_prints_each_key_with_value_layer_place_and_lock(machine: Machine, ask: Ask) -> None:
    machine.administrator(f"locked = ['desk.name']\n{LEAST}[desk]\nname = 'Lobby'\n")
    machine.options.append("lock.after=5")
    code, said, _ = ask("show")
    rows = {line.split()[0]: line for line in said.splitlines()[1:]}
    assert code == 0
    assert set(rows) == {key.path for key in KEYS}
    place = f"{machine.machine_file}:6"
    assert rows["desk.name"].split() == [
        "desk.name",
        '"Lobby"',
        "machine-wide",
        "file",
        place,
        "locked",
    ]
    assert "command line: --set lock.after" in rows["lock.after"]
    assert rows["look.theme"].split() == ["look.theme", '"system"', "built", "in", "built", "in"]


def test_show_masks_secrets_and_commands_no_terminal(machine: Machine, ask: Ask) -> None:
    machine.user('[network]\nproxy = "http://me:hush@proxy"\n[badge]\npattern = "a\u009b2J"\n')
    _, said, _ = ask("show")
    assert "hush" not in said
    assert "(not shown)" in said
    assert "\x9b" not in said


def test_show_says_when_not_all_could_be_used(machine: Machine, ask: Ask) -> None:
    machine.user("[desk]\nname = 3\n")
    code, said, complaint = ask("show")
    assert code == 1
    assert '"Front desk"' in said
    assert "oathdesk config check" in complaint


def test_example_prints_the_file_that_ships(ask: Ask) -> None:
    code, said, _ = ask("example")
    assert code == 0
    assert said == example_file()
    tomllib.loads(said)


def test_admx_writes_both_files_of_the_template(tmp_path: Path, ask: Ask) -> None:
    code, said, _ = ask("admx", tmp_path / "new")
    files = [tmp_path / "new" / "oathdesk.admx", tmp_path / "new" / "en-US" / "oathdesk.adml"]
    assert code == 0
    assert said.splitlines() == [f"Written: {file}" for file in files]
    assert all(file.read_bytes().startswith(b"<?xml") for file in files)


def test_admx_says_where_it_cannot_write(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "taken").touch()
    code, said, complaint = ask("admx", tmp_path / "taken")
    assert (code, said) == (2, "")
    assert complaint.startswith(str(tmp_path / "taken"))


def test_the_program_checks_what_the_station_would_read(tmp_path: Path) -> None:
    file = user_file(tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text(LEAST + "[look]\ntheme = 'drak'\n", encoding="utf-8")
    done = run(tmp_path, "config", "check")
    assert done.returncode == 1
    assert f'{file}:5: look.theme: found the text "drak", perhaps dark is meant' in done.stdout
    assert done.stderr == ""
    file.write_text(LEAST, encoding="utf-8")
    assert run(tmp_path, "config", "check").returncode == 0


def test_the_program_takes_keys_from_option_and_environment(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(LEAST, encoding="latin-1")
    words = ["--config", file, "--set", "desk.name=Hall", "config", "show"]
    done = run(tmp_path, *words, OATHDESK_LOCK_AFTER="7")
    assert done.returncode == 0
    assert '"Hall"' in done.stdout
    assert "environment: OATHDESK_LOCK_AFTER" in done.stdout
    file.write_bytes(b"[desk]\nname = 'Stra\xdfe'\n")
    done = run(tmp_path, "--config", file, "config", "check")
    assert done.returncode == 1
    assert f"{file}:2: there is a character in another encoding" in done.stdout


def test_a_terminal_of_few_letters_is_told_all_the_same(tmp_path: Path) -> None:
    done = run(
        tmp_path, "--set", "desk.name=受付", "config", "show", PYTHONIOENCODING="ascii:strict"
    )
    assert "\\u53d7\\u4ed8" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="names of files on Windows are always text")
def test_an_environment_that_is_no_text_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "config", "check", OATHDESK_DESK_NAME="\udcff")
    assert done.returncode == 1
    assert "it holds control characters" in done.stdout


def test_the_record_is_looked_for_where_the_configuration_says(tmp_path: Path) -> None:
    ids = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-aaaaaaaaaaaa"
    tenant = ("--set", f"tenant.id={ids[0]}", "--set", f"tenant.client_id={ids[1]}")
    place = tmp_path / "elsewhere"
    done = run(tmp_path, "--set", f"ledger.folder={place}", *tenant, "ledger", "verify")
    assert done.stderr == f"There is no record at {place / ids[0] / 'ledger.db'}.\n"
    assert done.returncode == 2


def test_of_several_tenants_the_record_has_to_be_named(tmp_path: Path) -> None:
    ids = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-aaaaaaaaaaaa"
    options = [
        f"tenants.{key}.{name}={value}"
        for key in ("north", "south")
        for name, value in zip(("id", "client_id"), ids, strict=True)
    ]
    given = [word for option in options for word in ("--set", option)]
    done = run(tmp_path, *given, "ledger", "verify")
    assert done.stderr == "Name the tenant of the record with --tenant: north, south.\n"
    done = run(tmp_path, *given, "--tenant", "south", "ledger", "verify")
    assert f"{ids[0]}" in done.stderr
    assert "There is no record" in done.stderr


def test_without_a_tenant_there_is_no_record(tmp_path: Path) -> None:
    done = run(tmp_path, "ledger", "verify")
    assert done.stderr == "No tenant is configured. Name the file of the record.\n"
    assert done.returncode == 2
