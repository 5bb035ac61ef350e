"""The policy template is the one that ships, is whole in itself, and writes what is read."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.assets import resources
from app.settings.admx import TEMPLATES, adml, admx
from app.settings.givens import Layer
from app.settings.key import Key
from app.settings.kinds import Flag, Items, Pattern, Seconds, Whole
from app.settings.lookup import key_of
from app.settings.registry import BRANCH, WindowsPolicies
from app.settings.schema import KEYS
from tests.fakes.registry import FakeRegistry, FakeWinreg
from tests.settings.layers import Machine, on_this_machine

SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
IN_TEXTS = "./{0}resources/{0}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.partition("?>")[2])  # noqa: S314 - it was written a moment ago


@pytest.fixture(scope="module")
def definitions() -> ET.Element:
    return parsed(admx())


@pytest.fixture(scope="module")
def texts() -> ET.Element:
    return parsed(adml())


def policies(definitions: ET.Element) -> Iterator[tuple[Key, ET.Element]]:
    """Each policy with the key that it is read as."""
    for policy in definitions.iter(f"{SPACE}policy"):
        branch, _, section = policy.attrib["key"].rpartition("\\")
        assert branch == BRANCH
        holder = policy if "valueName" in policy.attrib else policy.find(f"./{SPACE}elements/*")
        assert holder is not None
        key = key_of(f"{section}.{holder.attrib['valueName']}")
        assert key is not None
        yield key, policy


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_files_that_ship_are_what_the_schema_yields(name: str) -> None:
    file = resources() / "config" / name
    assert file.read_text(encoding="utf-8") == TEMPLATES[name]()


def test_every_key_of_the_schema_is_one_policy(definitions: ET.Element) -> None:
    assert [key for key, _ in policies(definitions)] == list(KEYS)


def test_every_name_that_is_referred_to_is_there(
    definitions: ET.Element, texts: ET.Element
) -> None:
    strings = {each.attrib["id"] for each in texts.iter(f"{SPACE}string") if "id" in each.attrib}
    shown = {each.attrib["id"] for each in texts.iter(f"{SPACE}presentation")}
    categories = {each.attrib["name"] for each in definitions.iter(f"{SPACE}category")}
    values = [value for each in definitions.iter() for value in each.attrib.values()]
    wanted = {value[9:-1] for value in values if value.startswith("$(string.")}
    assert wanted == strings
    assert {value[15:-1] for value in values if value.startswith("$(presentation.")} == shown
    parents = {each.attrib["ref"] for each in definitions.iter(f"{SPACE}parentCategory")}
    assert parents | {"oathdesk"} == categories


def test_every_element_has_its_field_in_the_editor(
    definitions: ET.Element, texts: ET.Element
) -> None:
    fields = {
        "decimal": "decimalTextBox",
        "enum": "dropdownList",
        "multiText": "multiTextBox",
        "text": "textBox",
    }
    shown = {
        each.attrib["refId"]: each.tag.removeprefix(SPACE)
        for each in texts.iter()
        if "refId" in each.attrib
    }
    elements = [each for part in definitions.iter(f"{SPACE}elements") for each in part]
    assert {each.attrib["id"]: fields[each.tag.removeprefix(SPACE)] for each in elements} == shown


def test_every_string_says_something_and_nothing_twice(texts: ET.Element) -> None:
    strings = [each for each in texts.iter(f"{SPACE}string") if "id" in each.attrib]
    assert all(each.text for each in strings)
    assert len({each.attrib["id"] for each in strings}) == len(strings)


def written_by_windows(key: Key, policy: ET.Element) -> object:
    """What the policy editor writes of the key's example, by the type that the template names."""
    value = key.shown
    if isinstance(key.kind, Flag):
        state = "enabledValue" if value else "disabledValue"
        number = policy.find(f"./{SPACE}{state}/{SPACE}decimal")
        assert number is not None
        return int(number.attrib["value"])
    element = policy.find(f"./{SPACE}elements/*")
    assert element is not None
    match element.tag.removeprefix(SPACE):
        case "decimal":
            assert isinstance(value, int)
            assert int(element.attrib["minValue"]) <= value <= int(element.attrib["maxValue"])
            return value
        case "enum":
            words = [each.text for each in element.iter(f"{SPACE}string")]
            assert value in words
            return value
        case "multiText":
            assert isinstance(value, list)
            return [*value, ""]
        case _:
            assert len(str(value)) <= int(element.attrib["maxLength"])
            return str(value)


def test_what_the_template_writes_the_station_reads(
    definitions: ET.Element, machine: Machine
) -> None:
    registry = FakeRegistry()
    files = {
        "signin.certificate",
        "signin.passphrase_file",
        "signin.key_module",
        "signin.key_pin_file",
        "network.ca_file",
    }
    for key, policy in policies(definitions):
        value = on_this_machine(written_by_windows(key, policy), machine.folder)
        if key.path in {*files, "desk.exports", "ledger.folder", "receipt.folder"}:
            value = str(machine.folder / str(value))
        if key.path in files:
            Path(str(value)).touch()
        registry.write(key.name, value, key.section)
    machine.registry = WindowsPolicies(FakeWinreg(registry))
    loaded = machine.load()
    assert loaded.problems == ()
    assert {(origin.layer, origin.locked) for origin in loaded.origins.values()} == {
        (Layer.POLICY, True)
    }
    for settled in loaded.settled:
        shown = on_this_machine(settled.key.shown, machine.folder)
        expected = settled.key.kind.at(machine.folder).taken(shown)
        assert settled.value == expected


def test_the_kinds_of_the_editor_fit_those_of_the_schema(definitions: ET.Element) -> None:
    for key, policy in policies(definitions):
        tags = {each.tag.removeprefix(SPACE) for each in policy.iter()}
        assert ("decimal" in tags) is isinstance(key.kind, Whole | Flag)
        assert ("multiText" in tags) is isinstance(key.kind, Items)
        assert ("text" in tags) >= isinstance(key.kind, Pattern | Seconds)


def test_a_secret_is_not_to_be_written_where_everybody_reads(texts: ET.Element) -> None:
    explained = {each.attrib.get("id"): each.text or "" for each in texts.iter(f"{SPACE}string")}
    assert "no password" in explained["network_proxy_explain"]
