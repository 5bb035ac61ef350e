"""What administrators distribute the installer with: winget's manifest, the recipe for Intune."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

import msi
import release
import sbom
from tests.packaging.builds import ROOT

SCHEMA = json.loads(Path(__file__).with_name("winget.json").read_text("utf-8"))
WINDOWS = ROOT / "packaging" / "windows"
RECIPE = (WINDOWS / "intune.md").read_text("utf-8")
ADDRESS = "https://files.example.org/oathdesk/v0.2.0"
SPACE = "{http://schemas.microsoft.com/wix/2006/wi}"


@pytest.fixture
def written(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The manifest of an installer, as the command leaves it, read as YAML."""
    installer = tmp_path / f"oathdesk-{release.version()}-x64.msi"
    installer.write_bytes(b"an installer")
    script = ROOT / "packaging" / "winget.py"
    options = ["--address", ADDRESS, "--into", str(tmp_path / "winget")]
    subprocess.run([sys.executable, str(script), str(installer), *options], check=True)
    files = sorted((tmp_path / "winget").iterdir())
    return {file.name: yaml.safe_load(file.read_text("utf-8")) for file in files}


def test_each_file_of_the_manifest_follows_the_schema(written: dict[str, dict[str, Any]]) -> None:
    assert set(written) == {
        "Oathdesk.Oathdesk.yaml",
        "Oathdesk.Oathdesk.installer.yaml",
        "Oathdesk.Oathdesk.locale.en-US.yaml",
    }
    for content in written.values():
        jsonschema.Draft7Validator(SCHEMA).validate(content)
        assert content["PackageVersion"] == release.version()


def test_the_manifest_names_the_installer_and_what_windows_lists_of_it(
    written: dict[str, dict[str, Any]],
) -> None:
    content = written["Oathdesk.Oathdesk.installer.yaml"]
    (installer,) = content["Installers"]
    (listed,) = content["AppsAndFeaturesEntries"]
    assert installer["InstallerUrl"] == f"{ADDRESS}/oathdesk-{release.version()}-x64.msi"
    assert installer["InstallerSha256"] == hashlib.sha256(b"an installer").hexdigest().upper()
    product = f"{{{sbom.derived(f'product {release.version()}').upper()}}}"
    assert installer["ProductCode"] == listed["ProductCode"] == product
    assert listed["UpgradeCode"] == f"{{{msi.UPGRADE_CODE}}}"


@pytest.mark.parametrize(
    ("file", "name", "value"),
    [
        ("Oathdesk.Oathdesk.installer.yaml", "Scope", "everybody"),
        ("Oathdesk.Oathdesk.installer.yaml", "Instalers", []),
        ("Oathdesk.Oathdesk.locale.en-US.yaml", "ShortDescription", ""),
        ("Oathdesk.Oathdesk.yaml", "ManifestVersion", "0.1"),
    ],
)
def test_the_schema_refuses_what_winget_would(
    written: dict[str, dict[str, Any]], file: str, name: str, value: object
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate({**written[file], name: value})


def test_the_recipe_for_intune_names_every_property_of_the_installer() -> None:
    wix = ET.parse(WINDOWS / "oathdesk.wxs").getroot()  # noqa: S314 - the project's own file
    properties = {
        each.attrib["Id"]
        for each in wix.iter(f"{SPACE}Property")
        if "Value" not in each.attrib and not each.attrib["Id"].endswith("WAS")
    }
    assert properties == set(re.findall(r"`([A-Z]{5,})`", RECIPE))
    assert set(re.findall(r"\b([A-Z]+)=", RECIPE)) <= properties


def test_the_recipe_names_files_that_are_installed() -> None:
    for name in re.findall(r"`kiosk\\([\w.-]+)`", RECIPE):
        assert (WINDOWS / "kiosk" / name).exists(), name
    assert "oathdesk.admx" in (WINDOWS / "oathdesk.wxs").read_text("utf-8")
