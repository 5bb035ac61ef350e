"""The installer for Windows, made by wixl of a build in small and looked at with msitools."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import msi
import release
import sbom
from app.settings.admx import TEMPLATES
from app.settings.registry import BRANCH
from app.settings.schema import KEYS
from environment import BootstrapError
from tests.packaging.builds import ROOT, draw_icons, nothing, said, tool

WINDOWS = ROOT / "packaging" / "windows"
FILES = (
    "oathdesk.exe",
    "oathdesk-console.exe",
    "_internal/python311.dll",
    "_internal/PySide6/Qt6Core.dll",
)
Row = list[str]
BACKSLASH = "\\"


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installer of a program of four files."""
    if sys.platform == "win32":
        pytest.skip("looks into the installer with msitools, which Windows has not")
    tool("wixl", "wixl")
    tool("msibuild", "msitools")
    place = tmp_path_factory.mktemp("windows")
    for name in FILES:
        file = place / "oathdesk" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    draw_icons(place / "icons")
    for name, text in TEMPLATES.items():
        file = place / "policies" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(), "utf-8")
    return msi.build(ROOT, msi.Build(place / "oathdesk", place, release.version()), place, nothing)


def _table(installer: Path, name: str) -> list[Row]:
    rows = said(tool("msiinfo", "msitools"), "export", installer, name).splitlines()
    return [row.split("\t") for row in rows[3:]]


def _properties(installer: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in _table(installer, "Property")}


def _given(installer: Path) -> list[Row]:
    """Return the rows of the registry that hold what an administrator gave."""
    return [row for row in _table(installer, "Registry") if row[2].startswith("Software")]


def test_it_is_for_all_users_and_knows_the_versions_before_it(installer: Path) -> None:
    said_of_itself = _properties(installer)
    assert said_of_itself["ALLUSERS"] == "1"
    assert said_of_itself["UpgradeCode"] == f"{{{msi.UPGRADE_CODE}}}"
    assert said_of_itself["ProductVersion"] == release.for_windows(release.version())
    actions = {row[-1] for row in _table(installer, "Upgrade")}
    assert actions == {"WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED"}


def test_it_is_for_64_bits(installer: Path) -> None:
    assert "Template: x64;1033" in said("msiinfo", "suminfo", installer)


def test_every_file_of_the_build_is_in_it_and_comes_out_as_it_was(
    installer: Path, tmp_path: Path
) -> None:
    said(tool("msiextract", "msitools"), "--directory", tmp_path, installer)
    programs = next(tmp_path.rglob("Oathdesk/oathdesk.exe")).parent
    for name in FILES:
        assert (programs / name).read_bytes() == name.encode()


def test_the_examples_of_kiosks_come_with_the_program(installer: Path, tmp_path: Path) -> None:
    said(tool("msiextract", "msitools"), "--directory", tmp_path, installer)
    examples = next(tmp_path.rglob("kiosk"))
    for file in (WINDOWS / "kiosk").iterdir():
        assert (examples / file.name).read_bytes() == file.read_bytes()


def test_the_template_of_the_policies_goes_where_windows_reads_templates(
    installer: Path, tmp_path: Path
) -> None:
    said(tool("msiextract", "msitools"), "--directory", tmp_path, installer)
    folder = next(tmp_path.rglob("PolicyDefinitions"))
    assert {name: (folder / name).read_text("utf-8") for name in TEMPLATES} == {
        name: text() for name, text in TEMPLATES.items()
    }


def test_the_log_application_knows_whose_entries_are_oathdesk_s(installer: Path) -> None:
    rows = [row for row in _table(installer, "Registry") if row[2].startswith("SYSTEM")]
    assert {row[2].rpartition(BACKSLASH)[2] for row in rows} == {"Oathdesk"}
    assert {row[3]: row[4] for row in rows} == {
        "EventMessageFile": "[System64Folder]EventCreate.exe",
        "TypesSupported": "#7",
    }


def test_the_codes_are_the_same_every_time_and_others_in_another_version(installer: Path) -> None:
    version = release.version()
    assert _properties(installer)["ProductCode"] == f"{{{sbom.derived(f'product {version}')}}}"
    assert sbom.derived("product 9.9.9") != sbom.derived(f"product {version}")


def test_what_an_administrator_gives_is_written_where_the_program_reads_its_policies(
    installer: Path,
) -> None:
    known = {key.path for key in KEYS}
    given = {}
    for _, root, branch, name, value, component in _given(installer):
        assert root == "2"  # HKEY_LOCAL_MACHINE
        assert branch.startswith(f"{BRANCH}\\")
        given[f"{branch.removeprefix(f'{BRANCH}' + chr(92))}.{name}"] = (value, component)
    assert set(given) <= known
    assert given["tenant.id"][0] == "[TENANTID]"
    assert given["desk.name"][0] == "[DESKNAME]"


def test_what_is_not_given_is_not_written(installer: Path) -> None:
    conditions = {row[0]: row[4] for row in _table(installer, "Component")}
    written = {row[5]: row[4].strip("[]") for row in _given(installer)}
    assert written
    assert {component: conditions[component] for component in written} == written


def test_an_upgrade_keeps_what_was_given_before(installer: Path) -> None:
    order = {row[0]: int(row[2]) for row in _table(installer, "InstallExecuteSequence")}
    kept = {row[2]: row[0] for row in _table(installer, "CustomAction")}
    written = {row[4].strip("[]") for row in _given(installer)}
    assert set(kept) == written
    for action in kept.values():
        assert order["AppSearch"] < order[action] < order["RemoveExistingProducts"]


def test_the_start_menu_leads_to_the_window_and_not_to_the_terminal(installer: Path) -> None:
    (shortcut,) = _table(installer, "Shortcut")
    component = shortcut[3]
    file = next(row for row in _table(installer, "File") if row[1] == component)
    assert file[2].rpartition("|")[2] == "oathdesk.exe"


def test_only_administrators_may_write_the_configuration_of_the_machine() -> None:
    wix = ET.parse(WINDOWS / "oathdesk.wxs")  # noqa: S314 - the project's own file
    (permission,) = wix.iter("{http://schemas.microsoft.com/wix/2006/wi}PermissionEx")
    entries = permission.attrib["Sddl"].removeprefix("D:PAI(").removesuffix(")").split(")(")
    rights = {entry.split(";")[-1]: entry.split(";")[2] for entry in entries}
    assert rights == {"SY": "FA", "BA": "FA", "BU": "0x1200a9"}  # users read and execute


@pytest.mark.parametrize("name", ["assigned-access.xml", "shell-launcher.xml"])
def test_the_kiosks_of_windows_start_the_program_that_is_installed(name: str) -> None:
    told = (WINDOWS / "kiosk" / name).read_text("utf-8")
    ET.fromstring(told)  # noqa: S314 - the project's own file
    assert r"%ProgramFiles%\Oathdesk\oathdesk.exe" in told
    assert name in (WINDOWS / "kiosk" / "kiosk.ps1").read_text("utf-8")


def test_without_wix_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WIX", raising=False)
    with pytest.raises(BootstrapError, match=r"no-wix is not there.*Install it"):
        msi._found("no-wix", "Install it.")
