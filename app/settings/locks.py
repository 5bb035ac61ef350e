"""Which keys an administrator has locked in the machine-wide file."""

from collections.abc import Iterator
from typing import Final

from app.core.errors import SettingsProblem
from app.settings.documents import Document
from app.settings.lookup import PROFILE_NAME, key_of
from app.settings.schema import PROFILES, SECTIONS
from app.settings.showing import found
from app.settings.unknown import unknown

LOCKED: Final = "locked"
"""The key that lists what is locked; it stands before every section."""

MOST_LOCKS: Final = 200
"""Patterns that are taken. There are fewer keys than that."""

_ALLOWED: Final = 'a list of keys, each such as "desk.mode", "tenant.*" or "*"'


def locks_of(document: Document) -> Iterator[str | SettingsProblem]:
    """Yield the patterns of the keys that a machine-wide file locks, and what is no pattern."""
    listed = document.values.get(LOCKED, [])
    if not isinstance(listed, list) or len(listed) > MOST_LOCKS:
        yield SettingsProblem(document.place(LOCKED), f"found {_long(listed)}", LOCKED, _ALLOWED)
        return
    for index, pattern in enumerate(listed):
        place = document.place(LOCKED, index)
        if not isinstance(pattern, str):
            yield SettingsProblem(place, f"found {found(pattern)}", LOCKED, _ALLOWED)
        elif _locks_something(pattern):
            yield pattern
        else:
            yield unknown(place, pattern)


def matches(pattern: str, path: str) -> bool:
    """Tell whether `pattern` locks the key at `path`."""
    return pattern in {"*", path} or (pattern.endswith(".*") and path.startswith(pattern[:-1]))


def _long(listed: object) -> str:
    return f"a list of {len(listed)}" if isinstance(listed, list) else found(listed)


def _locks_something(pattern: str) -> bool:
    """Tell whether there is, or may be, a key that `pattern` locks."""
    if pattern == "*" or key_of(pattern) is not None:
        return True
    above, _, last = pattern.rpartition(".")
    section, dot, profile = above.partition(".")
    known = section in SECTIONS if not dot else section == PROFILES
    return last == "*" and known and (not dot or bool(PROFILE_NAME.fullmatch(profile)))
