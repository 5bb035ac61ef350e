"""Write the bill of materials of a build, in CycloneDX 1.6, from the parts that were found.

It lists what travels, with versions, licences and package addresses (purl), who needs whom, and
what the parts themselves list as built into them. The same build gives the same file: its serial
number is made of what it says.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import release

Row = Mapping[str, Any]

_SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$")
_SPACE = uuid.UUID("6d0d3f4e-5d0b-5f5c-9a0e-0a7d35c0a001")
"""Made for this project: serial numbers and the installer's codes are derived from it."""


def bill(rows: Sequence[Row], version: str, seconds: int, system: str) -> dict[str, Any]:
    """Return the bill of the program `version` for `system`, made of the parts in `rows`."""
    content: dict[str, Any] = {
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)),
            "component": {
                "type": "application",
                "bom-ref": release.NAME,
                "name": release.NAME,
                "version": version,
                "description": f"One-folder build for {system}",
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "purl": f"pkg:generic/{release.NAME}@{version}",
            },
        },
        "components": [_component(row) for row in rows],
        "dependencies": _dependencies(rows),
    }
    serial = uuid.uuid5(_SPACE, json.dumps(content, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return {**head, "serialNumber": f"urn:uuid:{serial}", **content}


def derived(name: str) -> str:
    """Return an identifier that stands for `name` in this project, the same every time."""
    return str(uuid.uuid5(_SPACE, name)).upper()


def _component(row: Row) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": row["name"],
        "name": row["name"],
        "version": row["version"],
        "purl": row["purl"],
        "licenses": [_licence(row["licence"])],
    }
    if row["inside"]:
        component["components"] = [_inner(each) for each in row["inside"]]
    return component


def _inner(each: Row) -> dict[str, Any]:
    """One thing built into a part; an address to download it from is no part of its name."""
    purl = each.get("purl", "").partition("?")[0]
    return {"type": "library", **each, **({"purl": purl} if purl else {})}


def _licence(words: str) -> dict[str, Any]:
    """An expression where it is one, and otherwise the name the part gives its licence."""
    return {"expression": words} if _SPDX.match(words) else {"license": {"name": words or "none"}}


def _dependencies(rows: Sequence[Row]) -> list[dict[str, Any]]:
    needed = {name for row in rows for name in row["needs"]}
    roots = [row["name"] for row in rows if row["name"] not in needed]
    whole = {"ref": release.NAME, "dependsOn": roots}
    return [whole, *({"ref": row["name"], "dependsOn": list(row["needs"])} for row in rows)]
