"""Finds keys of the schema by the paths they are written with."""

import re
from collections.abc import Iterable
from typing import Final

from app.settings.key import Key
from app.settings.schema import KEYS, PROFILE_KEYS, PROFILES

PROFILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What a profile may be called: [tenants.<name>]."""

_BY_PATH: Final = {key.path: key for key in KEYS}
_OF_PROFILES: Final = {key.name: key for key in PROFILE_KEYS}


def key_of(path: str) -> Key | None:
    """Return the key that `path` names: "desk.name", "tenants.north.id"; None for no key."""
    section, _, rest = path.partition(".")
    if section != PROFILES:
        return _BY_PATH.get(path)
    profile, _, name = rest.partition(".")
    return _OF_PROFILES.get(name) if PROFILE_NAME.fullmatch(profile) else None


def keys_in(section: str) -> tuple[str, ...]:
    """Return the names of the keys in `section`; for [tenants] those of one profile."""
    if section == PROFILES:
        return tuple(_OF_PROFILES)
    return tuple(key.name for key in KEYS if key.section == section)


def profile_names(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the profiles that `paths` speak of, in their order."""
    parts = (path.split(".") for path in paths if path.startswith(f"{PROFILES}."))
    return tuple(dict.fromkeys(name for _, name, _ in parts))
