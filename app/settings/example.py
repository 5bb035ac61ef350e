"""The commented example file: every key of the schema, explained, and none of them set."""

import textwrap
from collections.abc import Iterator
from typing import Final

from app.settings.key import Key
from app.settings.schema import KEYS, PROFILE_KEYS, PROFILES, SECTIONS
from app.settings.showing import toml

_WIDTH: Final = 98
_PROFILE: Final = "north"
_HEAD: Final = """\
# The configuration of Oathdesk.
#
# Every key is explained here, and none is set: take the # away from those you need. Only [tenant],
# or [tenants.<name>] instead, has to be filled in. `oathdesk config check` names every fault with
# its line; `oathdesk config show` tells where the value of each key comes from.
#
# From the lowest rank to the highest, a value comes from: the program itself, the machine-wide
# file, the user's file, the environment (OATHDESK_DESK_NAME for desk.name; an empty variable counts
# as not set), the command line (--set desk.name=Lobby). On Windows the policies outrank them all.
#
# A relative path begins at the folder of the file that names it. Variables and ~ are not expanded.

# Only in the machine-wide file: keys that nobody else may change, as "section.key", "section.*" or
# "*". Such a key keeps the value it has there, or its default where it has none there.
#locked = ["desk.mode", "tenant.*", "network.*"]
"""


def example_file() -> str:
    """Return the example file."""
    return "".join(f"{line}\n" for line in (_HEAD.rstrip("\n"), *_sections()))


def _sections() -> Iterator[str]:
    for section, about in SECTIONS.items():
        yield ""
        yield f"# {about}"
        if section == PROFILES:
            yield f"#[{PROFILES}.{_PROFILE}]"
            for key in PROFILE_KEYS:
                yield _line(key)
            continue
        yield f"[{section}]"
        for key in KEYS:
            if key.section == section:
                yield from _explained(key)


def _explained(key: Key) -> Iterator[str]:
    follows = "Default:" if key.shown == key.default else "For example:"
    text = f"{key.about} Allowed: {key.kind.allowed}. {follows}"
    yield ""
    yield textwrap.fill(
        text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
    yield _line(key)


def _line(key: Key) -> str:
    return f"#{key.name} = {toml(key.shown)}"
