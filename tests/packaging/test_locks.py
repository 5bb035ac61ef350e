"""The locked versions: complete, hash-checked, consistent, and free of addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
PURPOSES = ("runtime", "demo", "test")


def _text(purpose: str) -> str:
    path = ROOT / "packaging" / "requirements" / f"{purpose}.txt"
    return path.read_text(encoding="utf-8")


def _entries(purpose: str) -> list[str]:
    """One entry per requirement, its continuation lines joined."""
    joined = _text(purpose).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def _pins(purpose: str) -> dict[str, str]:
    requirements = [Requirement(entry.partition("--hash")[0]) for entry in _entries(purpose)]
    return {canonicalize_name(each.name): str(each.specifier) for each in requirements}


def _asked_for(purpose: str) -> dict[str, Requirement]:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*settings["project"]["dependencies"]]
    for extra in ("broker", "import", "keyring", "pkcs11"):
        asked += settings["project"]["optional-dependencies"][extra]
    if purpose != "runtime":
        asked += settings["project"]["optional-dependencies"]["simulator"]
        asked += settings["dependency-groups"]["build"]
    if purpose == "test":
        asked += settings["dependency-groups"]["test"]
    return {canonicalize_name(Requirement(each).name): Requirement(each) for each in asked}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_requirement_is_pinned_and_hashed(purpose: str) -> None:
    for entry in _entries(purpose):
        assert re.match(r"[a-z0-9-]+==[\w.]+ ", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_file_holds_an_address_or_a_path(purpose: str) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host| @ |/", _text(purpose))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_dependency_of_the_project_is_locked_within_its_bounds(purpose: str) -> None:
    pins = _pins(purpose)
    for name, requirement in _asked_for(purpose).items():
        assert requirement.specifier.contains(pins[name].removeprefix("==")), name


def test_what_is_installed_for_tests_serves_the_demo_and_that_the_station() -> None:
    assert _pins("runtime").items() <= _pins("demo").items() <= _pins("test").items()
