"""Where the machine keeps what belongs to the program."""

import sys
from pathlib import Path

import pytest

from app.settings.places import data_folder, default_file, documents_folder, machine_file


def test_the_places_of_a_user_are_named_after_the_program() -> None:
    assert default_file().name == "config.toml"
    assert "oathdesk" in str(default_file()).casefold()
    assert "oathdesk" in str(data_folder()).casefold()
    assert documents_folder().is_absolute()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /etc; run it on Linux")
def test_no_variable_moves_the_file_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", "/elsewhere")
    assert machine_file() == Path("/etc/oathdesk/config.toml")
