"""The bill of materials, as CycloneDX wants it, and the same for the same build."""

from __future__ import annotations

import re
from typing import Any

import sbom
from tests.packaging.builds import SECONDS

ROWS: list[dict[str, Any]] = [
    {
        "name": "httpx",
        "version": "0.28.1",
        "licence": "BSD-3-Clause",
        "purl": "pkg:pypi/httpx@0.28.1",
        "needs": ["idna"],
        "inside": [],
    },
    {
        "name": "idna",
        "version": "3.20",
        "licence": "words of their own, all rights kept",
        "purl": "pkg:pypi/idna@3.20",
        "needs": [],
        "inside": [{"name": "openssl", "purl": "pkg:generic/openssl@4?download_url=somewhere"}],
    },
]


def _bill() -> dict[str, Any]:
    return sbom.bill(ROWS, "0.2.0", SECONDS, "linux")


def test_it_says_what_it_is_and_of_what() -> None:
    bill = _bill()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["version"] == "0.2.0"
    assert bill["metadata"]["timestamp"] == "2026-09-21T14:13:20Z"
    assert [each["name"] for each in bill["components"]] == ["httpx", "idna"]


def test_the_same_build_gives_the_same_bill_and_another_gives_another() -> None:
    assert _bill() == _bill()
    other = sbom.bill(ROWS[:1], "0.2.0", SECONDS, "linux")
    assert other["serialNumber"] != _bill()["serialNumber"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", other["serialNumber"])


def test_a_licence_is_an_expression_or_a_name() -> None:
    licences = [each["licenses"] for each in _bill()["components"]]
    assert licences[0] == [{"expression": "BSD-3-Clause"}]
    assert licences[1] == [{"license": {"name": "words of their own, all rights kept"}}]


def test_it_tells_who_needs_whom_from_the_program_down() -> None:
    needs = {each["ref"]: each["dependsOn"] for each in _bill()["dependencies"]}
    assert needs == {"oathdesk": ["httpx"], "httpx": ["idna"], "idna": []}


def test_what_is_built_into_a_part_stands_below_it_without_where_to_fetch_it() -> None:
    inner = _bill()["components"][1]["components"]
    assert inner == [{"type": "library", "name": "openssl", "purl": "pkg:generic/openssl@4"}]


def test_every_reference_is_unique_and_leads_somewhere() -> None:
    bill = _bill()
    references = [each["bom-ref"] for each in bill["components"]]
    assert len(references) == len(set(references))
    assert {each["ref"] for each in bill["dependencies"]} == {"oathdesk", *references}
