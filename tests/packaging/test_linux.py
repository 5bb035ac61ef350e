"""The texts that are installed on Linux keep step with the program: manual, completion, kiosk."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import parser
from app.settings.loading import Sources, load
from tests.packaging.builds import ROOT, said, tool

LINUX = ROOT / "packaging" / "linux"
COMPLETION = LINUX / "oathdesk.bash-completion"
Path_ = tuple[str, ...]


def _commands(at: argparse.ArgumentParser, path: Path_ = ()) -> Iterator[tuple[Path_, set[str]]]:
    """Every command with what may follow it: its options, and the commands below it."""
    follows = {option for action in at._actions for option in action.option_strings}
    below = [action for action in at._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        follows |= set(action.choices)
        for name, inner in action.choices.items():
            yield from _commands(inner, (*path, name))
    yield path, {each for each in follows if not re.fullmatch(r"-\w", each)}


COMMANDS = dict(_commands(parser()))


def _completed(*words: str) -> set[str]:
    """What bash offers after `oathdesk WORDS`, where the last word is being typed."""
    line = ["oathdesk", *words]
    script = f"""
        compopt() {{ :; }}
        source {shlex.quote(str(COMPLETION))}
        COMP_WORDS=({shlex.join(line)}); COMP_CWORD={len(line) - 1}
        _oathdesk; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    bash = tool("bash", "bash")
    return set(said(bash, "--norc", "-c", script).split())


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "oathdesk")
def test_bash_offers_what_may_follow_a_command(path: Path_) -> None:
    if path == ("config", "admx"):
        assert "--help" not in _completed(*path, "")  # a folder is what may follow
        return
    assert _completed(*path, "") == COMMANDS[path]


def test_bash_completes_what_was_begun_and_skips_what_an_option_takes() -> None:
    assert _completed("--set", "desk.name=demo", "led") == {"ledger"}
    assert _completed("--set", "") == set()
    assert _completed("ledger", "export", "--format", "") == {"csv", "jsonl"}


def test_the_manual_names_every_command_and_every_option_of_the_program_itself() -> None:
    manual = (LINUX / "oathdesk.1").read_text("utf-8").replace("\\-", "-")
    for path, follows in COMMANDS.items():
        wanted = follows if not path else {each for each in follows if not each.startswith("-")}
        assert [each for each in wanted if each not in manual] == [], path


@pytest.mark.parametrize(
    "script",
    [*LINUX.glob("postrm"), *LINUX.glob("kiosk/p*[mt]"), *LINUX.glob("kiosk/*kiosk*")],
    ids=lambda path: path.name,
)
def test_a_script_is_one_that_a_plain_shell_reads(script: Path) -> None:
    if script.read_text("utf-8").startswith("#!/bin/sh"):
        subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_kiosks_beginning_of_a_configuration_is_sound_and_locked(tmp_path: Path) -> None:
    text = (LINUX / "kiosk" / "config.toml").read_text("utf-8")
    assert tomllib.loads(text)["locked"] == ["*"]
    machine = tmp_path / "config.toml"
    machine.write_text(text, encoding="utf-8")
    sources = Sources(machine, tmp_path / "none.toml")
    assert load(sources).errors == ()


def test_the_example_of_a_configuration_says_where_it_counts() -> None:
    service = (LINUX / "kiosk" / "oathdesk-kiosk.service").read_text("utf-8")
    assert "/etc/oathdesk/kiosk.environment" in service
    assert "/usr/lib/oathdesk/oathdesk" in service
