"""The release's workflow: three systems, the least rights, actions by commit, keys as secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.packaging.builds import ROOT

FILE = ROOT / ".github" / "workflows" / "release.yml"
TEXT = FILE.read_text("utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
BUILDS = ("linux", "windows", "macos")


def _commands(job: str) -> str:
    return "\n".join(step.get("run", "") for step in JOBS[job]["steps"])


@pytest.mark.parametrize("job", BUILDS)
def test_every_system_makes_its_packages_by_the_same_command(job: str) -> None:
    assert re.search(r"python3? packaging/bootstrap\.py package$", _commands(job), re.MULTILINE)


def test_nothing_is_made_that_was_not_checked() -> None:
    commands = _commands("linux")
    steps = (".ci/run", "test --packages", "bootstrap.py package")
    assert sorted(steps, key=commands.index) == list(steps)
    assert all("demo --tour" in _commands(job) for job in ("windows", "macos"))


def test_windows_tests_what_wine_cannot_tell_and_looks_at_what_was_installed() -> None:
    commands = _commands("windows")
    for test in ("test_eventlog", "test_files", "test_session_end", "test_single", "test_winkeys"):
        assert test in commands
    for name in re.findall(r"tests/[\w/.]+", commands):
        assert (ROOT / name).exists(), name
    assert all(word in commands for word in ("Get-Acl", "SourceExists", "oathdesk.admx"))


def test_it_is_published_only_for_a_tag_and_after_all_three() -> None:
    assert JOBS["publish"]["if"] == "github.ref_type == 'tag'"
    assert tuple(JOBS["publish"]["needs"]) == BUILDS
    assert "--draft" in _commands("publish")


def test_no_job_has_a_right_that_it_does_not_need() -> None:
    assert WORKFLOW["permissions"] == {}
    assert all(JOBS[job]["permissions"] == {"contents": "read"} for job in BUILDS)


def test_every_action_is_named_by_commit() -> None:
    uses = re.findall(r"uses: (\S+)(.*)", TEXT)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_no_key_is_written_into_a_command() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert "secrets." not in step.get("run", "")
