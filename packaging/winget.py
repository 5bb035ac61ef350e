"""Write the manifest with which winget installs the MSI of a release.

    python3 packaging/winget.py dist/oathdesk-0.2.0-x64.msi --address ADDRESS --into DIR

ADDRESS is the folder on the web that the release's files are in. The three files in DIR are what
the repository of packages takes, or a private source of an organisation. Their form is that of
version 1.10 of the manifest (Microsoft Learn, "Create your package manifest"), and
tests/packaging/winget.json describes what is used of it. It was never handed in: a package there
needs a public address and a signature that Windows trusts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import msi
import release
import sbom

IDENTIFIER = "Oathdesk.Oathdesk"
FORM = "1.10.0"
OLDEST = "10.0.17763.0"
"""Windows 10, version 1809: the oldest that Qt supports."""

SHORT = "Enrollment station for hardware OATH tokens in Microsoft Entra ID"

Value = str | list[str] | list[dict[str, str]]


def manifest(file: Path, version: str, address: str) -> dict[str, str]:
    """Return the manifest's files, name to text, for the installer `file` of `version`.

    `address` is where the file is to be downloaded from, without its name.
    """
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest().upper()
    product = f"{{{sbom.derived(f'product {version}').upper()}}}"
    installer = {
        "Architecture": "x64",
        "InstallerUrl": f"{address.rstrip('/')}/{file.name}",
        "InstallerSha256": digest,
        "ProductCode": product,
    }
    listed = {
        "DisplayName": "Oathdesk",
        "Publisher": "Oathdesk",
        "DisplayVersion": release.for_windows(version),
        "ProductCode": product,
        "UpgradeCode": f"{{{msi.UPGRADE_CODE}}}",
    }
    return {
        f"{IDENTIFIER}.yaml": _written("version", version, {"DefaultLocale": "en-US"}),
        f"{IDENTIFIER}.installer.yaml": _written(
            "installer",
            version,
            {
                "Platform": ["Windows.Desktop"],
                "MinimumOSVersion": OLDEST,
                "InstallerType": "wix",
                "Scope": "machine",
                "InstallModes": ["interactive", "silent", "silentWithProgress"],
                "UpgradeBehavior": "install",
                "ElevationRequirement": "elevatesSelf",
                "AppsAndFeaturesEntries": [listed],
                "Installers": [installer],
            },
        ),
        f"{IDENTIFIER}.locale.en-US.yaml": _written(
            "defaultLocale",
            version,
            {
                "PackageLocale": "en-US",
                "Publisher": "Oathdesk",
                "PackageName": "Oathdesk",
                "License": "Apache-2.0",
                "ShortDescription": SHORT,
                "Moniker": "oathdesk",
                "Tags": ["entra", "mfa", "oath", "totp"],
            },
        ),
    }


def _written(kind: str, version: str, values: Mapping[str, Value]) -> str:
    """Return one file in YAML. A text in JSON's quotes is one in YAML as well."""
    own: dict[str, Value] = {"PackageIdentifier": IDENTIFIER, "PackageVersion": version}
    own |= {**values, "ManifestType": kind, "ManifestVersion": FORM}
    lines = []
    for name, value in own.items():
        if isinstance(value, str):
            lines.append(f"{name}: {json.dumps(value)}")
            continue
        lines.append(f"{name}:")
        for each in value:
            if isinstance(each, str):
                lines.append(f"- {json.dumps(each)}")
            else:
                first, *others = (f"{key}: {json.dumps(text)}" for key, text in each.items())
                lines += [f"- {first}", *(f"  {other}" for other in others)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the files; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--address", required=True)
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    for name, text in manifest(given.file, release.version(), given.address).items():
        (given.into / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
