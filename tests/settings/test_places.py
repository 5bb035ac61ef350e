"""Where the machine keeps what belongs to the program."""

import os
import sys
from pathlib import Path

import pytest

from app.settings.places import data_folder, default_file, documents_folder, machine_file
from app.station_config import record_folder
from tests.settings.layers import Machine


def test_the_places_of_a_user_are_named_after_the_program() -> None:
    assert default_file().name == "config.toml"
    assert "oathdesk" in str(default_file()).casefold()
    assert "oathdesk" in str(data_folder()).casefold()
    assert documents_folder().is_absolute()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Windows has no /etc")
def test_no_variable_moves_the_file_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", "/elsewhere")
    assert machine_file() == Path("/etc/oathdesk/config.toml")


VARIABLES = ("XDG_DATA_HOME", "HOME")
LINUX_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="Windows has no list of accounts in /etc; macOS has another",
)


def record(folder: Path, administrator: str) -> Path:
    machine = Machine(folder)
    machine.administrator(administrator)
    return record_folder(machine.load().configuration)


@LINUX_ONLY
@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("locked", ["*", "ledger.*", "ledger.folder"])
def test_t5_no_variable_moves_a_record_whose_folder_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, locked: str
) -> None:
    import pwd  # noqa: PLC0415 - which Windows has not

    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert record(tmp_path, f"locked = ['{locked}']\n") == own / ".local/share/Oathdesk"


@LINUX_ONLY
def test_t5_a_folder_that_is_locked_and_named_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    told = "locked = ['ledger.folder']\n[ledger]\nfolder = '/srv/records'\n"
    assert record(tmp_path, told) == Path("/srv/records")


@LINUX_ONLY
def test_t5_a_folder_that_is_not_locked_goes_by_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "mine"))
    assert record(tmp_path, "locked = ['desk.*']\n") == tmp_path / "mine" / "Oathdesk"
