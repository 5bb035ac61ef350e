"""What to say of a name that is no key: which ones there are, and which one may be meant."""

import difflib
from collections.abc import Iterable
from typing import Final

from app.core.errors import SettingsProblem
from app.settings.lookup import keys_in
from app.settings.schema import KEYS, SECTIONS
from app.settings.showing import plain

_LONGEST: Final = 64
"""Characters of a name that is compared; a longer one is like none that there is."""
_ALIKE: Final = 0.6


def unknown(place: str, path: str) -> SettingsProblem:
    """Say that `path`, written at `place`, is no key or section. What it was set to is not told."""
    section, _, rest = path.partition(".")
    if section not in SECTIONS:
        what = "key" if rest else "section"
        problem = f"there is no such {what}{_hint(section, rest)}"
        allowed = f"the sections {', '.join(SECTIONS)}"
    else:
        problem = f"there is no such key{_hint(section, rest)}" if rest else "it is no key alone"
        allowed = f"in [{section}] the keys {', '.join(keys_in(section))}"
    return SettingsProblem(place, problem, plain(path), allowed)


def perhaps(name: str, names: Iterable[str]) -> str:
    """Return ", perhaps ... is meant" with the one of `names` most like `name`, or no text."""
    if len(name) > _LONGEST:
        return ""
    near = difflib.get_close_matches(name, tuple(names), n=1, cutoff=_ALIKE)
    return f", perhaps {near[0]} is meant" if near else ""


def _hint(section: str, rest: str) -> str:
    if rest in {"", "*"}:
        return _elsewhere(section) or perhaps(section, SECTIONS)
    if section not in SECTIONS:
        return perhaps(f"{section}.{rest}", (key.path for key in KEYS))
    name = rest.rpartition(".")[2]
    near = perhaps(name, keys_in(section))
    return near.replace("perhaps ", f"perhaps {section}.", 1) or _elsewhere(name)


def _elsewhere(name: str) -> str:
    """Name the keys of this very name, whichever section they stand in."""
    paths = [key.path for key in KEYS if key.name == name]
    return f", perhaps {' or '.join(paths)} is meant" if paths else ""
