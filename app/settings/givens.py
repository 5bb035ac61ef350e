"""What each layer gives: keys with the values and the places they were written in.

A layer is read to its end whatever is wrong in it. What cannot be a key at all is a problem here;
whether a value is allowed is judged later, for all layers alike.
"""

import enum
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.core.errors import SettingsProblem
from app.settings.documents import Document
from app.settings.locks import LOCKED
from app.settings.lookup import PROFILE_NAME, key_of
from app.settings.registry import BRANCH, PolicyBranch
from app.settings.schema import KEYS, PROFILES, SECTIONS
from app.settings.showing import plain
from app.settings.unknown import perhaps, unknown

MOST: Final = 500
"""Keys and problems that are taken from one layer. A sound one has a hundred at most."""

_PREFIX: Final = "OATHDESK_"
_VARIABLE: Final = f"{_PREFIX}<SECTION>_<KEY> in capitals"
_VARIABLES: Final = {f"{_PREFIX}{key.section}_{key.name}".upper(): key.path for key in KEYS}
_PATH: Final = re.compile(r"[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40}){0,2}")


class Layer(enum.IntEnum):
    """Where a value comes from. A higher layer outranks a lower one, unless the key is locked."""

    BUILT_IN = 0
    MACHINE = 1
    USER = 2
    ENVIRONMENT = 3
    COMMAND_LINE = 4
    POLICY = 5

    @property
    def words(self) -> str:
        """What the layer is called."""
        return _WORDS[self]


_WORDS: Final = {
    Layer.BUILT_IN: "built in",
    Layer.MACHINE: "machine-wide file",
    Layer.USER: "user's file",
    Layer.ENVIRONMENT: "environment",
    Layer.COMMAND_LINE: "command line",
    Layer.POLICY: "policy",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A value that `layer` gives the key at `path`, spelled as in TOML but for plain `text`."""

    layer: Layer
    place: str
    path: str
    value: object = field(repr=False)  # it may be a secret
    base: Path | None = None


Found = Given | SettingsProblem


def of_file(document: Document, layer: Layer) -> Iterator[Found]:
    """Yield what a file gives, and what in it is no key."""
    found = (item for name in document.values for item in _section(document, layer, name))
    return _bounded(found, str(document.file))


def of_environment(variables: Mapping[str, str]) -> Iterator[Found]:
    """Yield what OATHDESK_<SECTION>_<KEY> variables give. An empty one counts as not set.

    A variable that names no key is a warning only: it may have been set for another program. There
    are none for profiles, whose names a variable could not spell.
    """
    base = _here()
    for name, text in sorted(variables.items()):
        place = f"environment: {plain(name)}"
        path = _VARIABLES.get(name)
        key = key_of(path) if path else None
        if path and key and text:
            yield Given(Layer.ENVIRONMENT, place, path, key.kind.parsed(text), base)
        elif path is None and name.upper().startswith(_PREFIX):
            problem = "it names no key" + perhaps(name.upper(), _VARIABLES)
            yield SettingsProblem(place, problem, allowed=_VARIABLE, warning=True)


def of_command_line(options: Sequence[str]) -> Iterator[Found]:
    """Yield what "section.key=value" options give; of those for the same key, the last counts."""
    base = _here()
    for option in options:
        path, equals, text = option.partition("=")
        path = path.strip()
        key = key_of(path) if equals else None
        if key is not None:
            place = f"command line: --set {path}"
            yield Given(Layer.COMMAND_LINE, place, path, key.kind.parsed(text), base)
        elif _PATH.fullmatch(path) and equals:
            yield unknown("command line: --set", path)
        else:  # whatever it is, it may hold a secret
            problem = "it is no key with a value"
            yield SettingsProblem("command line: --set", problem, allowed="section.key=value")


def of_policies(branch: PolicyBranch) -> Iterator[Found]:
    """Yield what the policies give; names are compared as the registry does, by folded case.

    A policy that names no key is a warning only: the template may be newer than this program.
    """
    try:
        found = list(_policies(branch))
    except OSError as error:
        problem = f"the policies cannot be read: {error.strerror or error}"
        return iter((SettingsProblem(f"HKLM\\{BRANCH}", problem),))
    return _bounded(iter(found), f"HKLM\\{BRANCH}")


def _here() -> Path | None:
    """The folder that the program runs in; None where it was removed meanwhile."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _section(document: Document, layer: Layer, name: str) -> Iterator[Found]:
    table = document.values[name]
    place = document.place(name)
    if name == LOCKED:
        if layer is not Layer.MACHINE:
            problem = "only the machine-wide file locks keys"
            yield SettingsProblem(place, problem, LOCKED, warning=True)
    elif name not in SECTIONS:
        yield unknown(place, name)
    elif not isinstance(table, dict):
        problem = "it stands where a section belongs"
        yield SettingsProblem(place, problem, name, f"[{name}] with keys below it")
    elif name == PROFILES:
        for profile, keys in table.items():
            yield from _profile(document, layer, profile, keys)
    else:
        yield from _keys(document, layer, table, name)


def _profile(document: Document, layer: Layer, profile: str, keys: object) -> Iterator[Found]:
    path = f"{PROFILES}.{plain(profile)}"
    place = document.place(PROFILES, profile)
    if not isinstance(keys, dict):
        problem = "it stands where a profile belongs"
        yield SettingsProblem(place, problem, path, f"[{PROFILES}.<name>] with keys below it")
    elif not PROFILE_NAME.fullmatch(profile):
        allowed = "a name of at most 40 of a-z, 0-9 and dashes"
        yield SettingsProblem(place, "a profile cannot be called that", path, allowed)
    else:
        yield from _keys(document, layer, keys, PROFILES, profile)


def _keys(
    document: Document, layer: Layer, table: Mapping[str, object], *above: str
) -> Iterator[Found]:
    for name, value in table.items():
        path, place = ".".join((*above, name)), document.place(*above, name)
        if key_of(path) is not None:
            yield Given(layer, place, path, value, document.file.absolute().parent)
        else:
            yield unknown(place, path)


def _policies(branch: PolicyBranch) -> Iterator[Found]:
    for name in branch.values():
        yield replace(unknown(f"HKLM\\{BRANCH}", name), warning=True)
    for section in branch.below():
        yield from _policy_values(branch, section)
        for below in branch.below(section):
            yield from _policy_values(branch, section, below)


def _policy_values(branch: PolicyBranch, *above: str) -> Iterator[Found]:
    place = "\\".join(("HKLM", BRANCH, *(plain(name) for name in above)))
    for name, value in branch.values(*above).items():
        path = ".".join((*above, name)).lower()
        key = key_of(path)
        if key is None:
            yield replace(unknown(place, path), warning=True)
        else:
            yield Given(Layer.POLICY, f"{place}\\{name}", path, key.kind.of_registry(value))


def _bounded(found: Iterator[Found], place: str) -> Iterator[Found]:
    yield from itertools.islice(found, MOST)
    if next(found, None) is not None:
        yield SettingsProblem(place, f"more than {MOST} entries", allowed="fewer than that")
