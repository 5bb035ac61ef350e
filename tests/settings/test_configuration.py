"""The configuration is checked key by key, and every fault names its file and its key."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import SettingsError
from app.core.model import Mode
from app.settings.configuration import Configuration, data_folder, default_file, load

TENANT, CLIENT = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30", "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
WHOLE = f"""
[tenant]
id = "{TENANT}"
client_id = "{CLIENT}"
name = "Contoso"

[desk]
name = "Lobby"
mode = "assign_only"
"""
LEAST = f'[tenant]\nid = "{TENANT}"\nclient_id = "{CLIENT}"\n'


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "config.toml"
    file.write_bytes(text.encode(encoding))
    return file


def refused(folder: Path, text: str) -> SettingsError:
    file = written(folder, text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert caught.value.place.startswith(str(file))
    assert caught.value.problem
    return caught.value


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE)) == Configuration(
        TENANT, CLIENT, "Contoso", "Lobby", Mode.ASSIGN_ONLY
    )


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = load(written(tmp_path, LEAST))
    assert (found.tenant_name, found.desk) == ("", "Front desk")
    assert found.mode is Mode.ASSIGN_AND_ACTIVATE


def test_the_authority_is_the_tenants_own(tmp_path: Path) -> None:
    authority = load(written(tmp_path, LEAST)).authority
    assert authority == f"https://login.microsoftonline.com/{TENANT}"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE, "utf-8-sig")).desk == "Lobby"


def test_names_in_any_script_are_kept(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE.replace("Lobby", "受付 Nguyễn"))).desk == "受付 Nguyễn"


@pytest.mark.parametrize("shape", ["{%s}", "%s", "urn:uuid:%s"])
def test_a_guid_may_be_written_as_tools_write_it(shape: str, tmp_path: Path) -> None:
    text = LEAST.replace(TENANT, shape % TENANT.upper())
    assert load(written(tmp_path, text)).tenant_id == TENANT


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "none.toml")
    assert caught.value.place == str(tmp_path / "none.toml")


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load(tmp_path)


def test_bad_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in refused(tmp_path, "[tenant]\nid = \n").problem


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe[\x00t\x00")
    with pytest.raises(SettingsError):
        load(file)


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    assert "megabyte" in refused(tmp_path, LEAST + "#" * 1_000_001).problem


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (WHOLE + "colour = 'blue'\n", "desk.colour"),
        (WHOLE + "[kiosk]\n", "kiosk"),
        (LEAST + "secret = 'x'\n", "tenant.secret"),
        ("id = 'x'\n" + LEAST, "id"),
    ],
)
def test_an_unknown_key_is_refused_and_named(text: str, place: str, tmp_path: Path) -> None:
    error = refused(tmp_path, text)
    assert place in error.place
    assert "allowed" in error.problem


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (LEAST.replace(f'"{TENANT}"', "17"), "id"),
        (LEAST + "name = ['Contoso']\n", "name"),
        (LEAST + "[desk]\nname = 3\n", "name"),
        (LEAST + "[desk]\nmode = true\n", "mode"),
        ("tenant = 'Contoso'\n", "tenant"),
        ("desk = 3\n" + LEAST, "desk"),
    ],
)
def test_a_value_of_another_type_is_refused_and_named(
    text: str, place: str, tmp_path: Path
) -> None:
    assert place in refused(tmp_path, text).place


@pytest.mark.parametrize("text", ["", LEAST.replace(TENANT, "contoso"), "[desk]\nname = 'x'\n"])
def test_a_tenant_that_is_missing_or_no_guid_is_refused(text: str, tmp_path: Path) -> None:
    error = refused(tmp_path, text)
    assert error.place.endswith("tenant.id")
    assert "GUID" in error.problem


def test_a_mode_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    error = refused(tmp_path, LEAST + "[desk]\nmode = 'assign'\n")
    assert all(mode.value in error.problem for mode in Mode)


@given(content=st.binary(max_size=400))
def test_whatever_a_file_holds_it_is_read_or_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("any") / "config.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError):
        load(file)


def test_nothing_of_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    load(written(tmp_path, WHOLE))
    assert caplog.text == ""


def test_the_places_of_the_machine_are_named_after_the_program() -> None:
    assert default_file().name == "config.toml"
    assert "oathdesk" in str(default_file()).casefold()
    assert "oathdesk" in str(data_folder()).casefold()
