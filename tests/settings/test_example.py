"""The example file is the one that ships, sets nothing, and is right in all that it proposes."""

import re
from pathlib import Path

import pytest

from app.assets import resources
from app.settings.example import example_file
from app.settings.givens import Layer
from app.settings.loading import Loaded
from app.settings.schema import KEYS, PROFILE_KEYS
from tests.settings.layers import Machine, on_this_machine

PROPOSED = re.compile(r"(?m)^#(?=\[|\w+ = )")
PROFILE = re.compile(r"(?m)^\[tenants\.[\s\S]*?(?=\n\n)")
BROWSER = "/usr/lib/chromium/chromium"
TENANT = re.compile(r"(?m)^\[tenant\][\s\S]*?(?=\n\n# Several)")


def proposed() -> str:
    """The example with everything that it proposes set."""
    return PROPOSED.sub("", example_file())


def loaded_with(machine: Machine, text: str) -> Loaded:
    program = str(on_this_machine(BROWSER, machine.folder))
    machine.administrator(text.replace(f'"{BROWSER}"', f"'{program}'"))
    for name in ("station.pem", "station.passphrase", "station.pin", "module.so", "company-ca.pem"):
        (machine.machine_file.parent / name).touch()
    return machine.load()


def test_the_file_that_ships_is_what_the_schema_yields() -> None:
    file = resources() / "config" / "oathdesk.example.toml"
    assert file.read_text(encoding="utf-8") == example_file()


def test_as_it_is_it_sets_nothing_and_has_no_fault(machine: Machine) -> None:
    loaded = loaded_with(machine, example_file())
    assert loaded.problems == ()
    assert {origin.layer for origin in loaded.origins.values()} == {Layer.BUILT_IN}


@pytest.mark.parametrize("without", [PROFILE, TENANT], ids=["one tenant", "several"])
def test_all_that_it_proposes_is_right(without: re.Pattern[str], machine: Machine) -> None:
    text = without.sub("", proposed(), count=1)
    loaded = loaded_with(machine, text)
    assert loaded.problems == ()
    assert len(loaded.configuration.tenants) == 1
    set_there = {path for path, origin in loaded.origins.items() if origin.layer is Layer.MACHINE}
    keys = KEYS if without is PROFILE else (*PROFILE_KEYS, *KEYS[4:])
    assert set_there == {key.path.replace("*", "north") for key in keys}


def test_every_line_fits_a_terminal() -> None:
    assert max(map(len, example_file().splitlines())) <= 100


def test_every_key_is_explained_above_it(tmp_path: Path) -> None:
    lines = example_file().splitlines()
    words = " ".join(line.removeprefix("# ") for line in lines)
    for key in KEYS:
        assert key.about in words
