"""The template of the Windows policies: an ADMX file, and its English texts as ADML.

Every key but those of profiles is a policy of the machine, written where `app.settings.registry`
reads it. The schema of both files is Microsoft's PolicyDefinitions, version 1.0 (Group Policy ADMX
Syntax Reference).
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Final

from app.settings.key import Key
from app.settings.kinds import Choice, Flag, Items, Kind, Pattern, Place, Text, Whole
from app.settings.registry import BRANCH
from app.settings.schema import KEYS, PROFILES, SECTIONS
from app.settings.showing import toml

_SPACE: Final = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_VERSIONS: Final = {"revision": "1.0", "schemaVersion": "1.0"}
_ROOT: Final = "oathdesk"
_SUPPORTED: Final = "supported"
_LONGEST_TEXT: Final = 1023
"""Characters of a policy's text: the limit of the policy editor."""


def admx() -> str:
    """Return the definitions of the policies."""
    root = ET.Element("policyDefinitions", {"xmlns": _SPACE, **_VERSIONS})
    spaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(spaces, "target", prefix=_ROOT, namespace="Oathdesk.Policies")
    ET.SubElement(root, "resources", minRequiredRevision="1.0")
    definitions = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(definitions, "definition", name=_SUPPORTED, displayName=_string(_SUPPORTED))
    _add_categories(ET.SubElement(root, "categories"))
    policies = ET.SubElement(root, "policies")
    for key in KEYS:
        _add_policy(policies, key)
    return _written(root)


def adml() -> str:
    """Return the English texts of the policies."""
    root = ET.Element("policyDefinitionResources", {"xmlns": _SPACE, **_VERSIONS})
    ET.SubElement(root, "displayName").text = "Oathdesk"
    ET.SubElement(root, "description").text = "The policies of Oathdesk."
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    for name, text in _texts().items():
        ET.SubElement(strings, "string", id=name).text = text
    presentations = ET.SubElement(resources, "presentationTable")
    for key in KEYS:
        _add_presentation(presentations, key)
    return _written(root)


TEMPLATES: Final[Mapping[str, Callable[[], str]]] = {
    "oathdesk.admx": admx,
    "en-US/oathdesk.adml": adml,
}
"""What each file of the template holds, by its name below the folder of policy definitions."""


def _add_categories(categories: ET.Element) -> None:
    ET.SubElement(categories, "category", name=_ROOT, displayName=_string(_ROOT))
    for section in SECTIONS:
        if section != PROFILES:
            shown = _string(f"section_{section}")
            category = ET.SubElement(categories, "category", name=section, displayName=shown)
            ET.SubElement(category, "parentCategory", ref=_ROOT)


def _add_policy(policies: ET.Element, key: Key) -> None:
    name = _name(key)
    attributes = {
        "name": name,
        "class": "Machine",
        "displayName": _string(name),
        "explainText": _string(f"{name}_explain"),
        "key": f"{BRANCH}\\{key.section}",
    }
    if isinstance(key.kind, Flag):
        attributes["valueName"] = key.name
    else:
        attributes["presentation"] = f"$(presentation.{name})"
    policy = ET.SubElement(policies, "policy", attributes)
    ET.SubElement(policy, "parentCategory", ref=key.section)
    ET.SubElement(policy, "supportedOn", ref=_SUPPORTED)
    if isinstance(key.kind, Flag):
        for state, value in (("enabledValue", "1"), ("disabledValue", "0")):
            ET.SubElement(ET.SubElement(policy, state), "decimal", value=value)
    else:
        _add_element(ET.SubElement(policy, "elements"), key)


def _add_element(elements: ET.Element, key: Key) -> None:
    common = {"id": _name(key), "valueName": key.name, "required": "true"}
    match key.kind:
        case Whole(least=least, most=most):
            bounds = {"minValue": str(least), "maxValue": str(most)}
            ET.SubElement(elements, "decimal", {**common, **bounds})
        case Choice():
            enum = ET.SubElement(elements, "enum", common)
            for word in key.kind.words:
                item = ET.SubElement(enum, "item", displayName=_string(_word(key, word)))
                ET.SubElement(ET.SubElement(item, "value"), "string").text = word
        case Items():
            ET.SubElement(elements, "multiText", common)
        case _:
            ET.SubElement(elements, "text", {**common, "maxLength": str(_longest(key.kind))})


def _longest(kind: Kind) -> int:
    return kind.longest if isinstance(kind, Text | Pattern) else _LONGEST_TEXT


def _add_presentation(presentations: ET.Element, key: Key) -> None:
    if isinstance(key.kind, Flag):
        return
    name = _name(key)
    presentation = ET.SubElement(presentations, "presentation", id=name)
    label = f"{key.path}:"
    match key.kind:
        case Whole():
            attributes = {"refId": name, "defaultValue": toml(key.default)}
            ET.SubElement(presentation, "decimalTextBox", attributes).text = label
        case Choice():
            chosen = str(key.kind.words.index(str(key.default)))
            attributes = {"refId": name, "defaultItem": chosen}
            ET.SubElement(presentation, "dropdownList", attributes).text = label
        case Items():
            ET.SubElement(presentation, "multiTextBox", refId=name).text = label
        case _:
            box = ET.SubElement(presentation, "textBox", refId=name)
            ET.SubElement(box, "label").text = label


def _texts() -> dict[str, str]:
    texts = {_ROOT: "Oathdesk", _SUPPORTED: "Oathdesk on Windows 10 or later"}
    texts |= {f"section_{name}": f"[{name}]" for name in SECTIONS if name != PROFILES}
    for key in KEYS:
        texts[_name(key)] = key.path
        texts[f"{_name(key)}_explain"] = _explained(key)
        if isinstance(key.kind, Choice):
            texts |= {_word(key, word): word for word in key.kind.words}
    return texts


def _explained(key: Key) -> str:
    sentences = [key.about, f"Allowed: {key.kind.allowed}."]
    match key.kind:
        case Items():
            sentences.append("Write one to a line.")
        case Place():
            sentences.append("Write the whole path; variables in it are not expanded.")
    if key.default not in (None, "", []):
        sentences.append(f"Default: {toml(key.default)}.")
    if key.secret:
        sentences.append("Everybody on the machine can read a policy, so write no password here.")
    sentences.append("While this policy is set, nobody can change the key elsewhere.")
    return "\n\n".join(sentences)


def _name(key: Key) -> str:
    return f"{key.section}_{key.name}"


def _word(key: Key, word: str) -> str:
    return f"{_name(key)}_{word.replace('-', '_')}"


def _string(name: str) -> str:
    return f"$(string.{name})"


def _written(root: ET.Element) -> str:
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
