"""Bounds on the shape of a TOML text, checked in one pass before it is parsed.

Python's parser needs time that grows with the square of the number of parts in a dotted key, so a
file of less than a megabyte could hold it up for hours. No key of this program has more than three
parts, and no value of it lies deeper than a list.
"""

import re
from typing import Final

MOST_PARTS: Final = 16
"""Parts of a dotted key."""

DEEPEST: Final = 32
"""Lists and tables in each other."""

LONGEST_KEY: Final = 256
"""Characters of one part of a key."""

MOST_KEYS: Final = 20_000
"""Keys and headers of a file."""

_TOKEN: Final = re.compile(
    r"(?P<passed>[ \t\r]++|#[^\n]*+)"
    r'|(?P<text>"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5})"
    r"|(?P<key>\"(?:[^\"\\\n]|\\[^\n])*+\"|'[^'\n]*+'|[A-Za-z0-9_-]++)"
    r"|(?P<sign>[.=\[\]{}])"
    r"|(?P<other>.)",
    re.DOTALL,
)


class TooLarge(ValueError):
    """A text beyond the bounds. `line` is where, from 1; `problem` and `allowed` are sentences."""

    def __init__(self, line: int, problem: str, allowed: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem
        self.allowed = allowed


def check_shape(text: str) -> None:
    """Raise TooLarge where `text`, TOML or not, has keys or values beyond the bounds.

    It takes time in proportion to the text. What is no TOML at all is left to the parser.
    """
    parts = depth = keys = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "passed":
            continue
        if kind == "key":
            parts += 1
            if len(token[0]) > LONGEST_KEY and _is_key(text, token.end()):
                raise _too_large(text, token, "a key is too long", f"{LONGEST_KEY} characters")
            if parts > MOST_PARTS:
                raise _too_large(text, token, "a key has too many parts", f"{MOST_PARTS} parts")
            continue
        if kind == "sign" and token[0] == ".":
            continue  # the key goes on
        parts = 0
        if kind != "sign":
            continue
        depth += token[0] in "[{"
        depth -= depth > 0 and token[0] in "]}"
        keys += token[0] in "=["
        if depth > DEEPEST:
            problem = "its lists and tables lie too deep in each other"
            raise _too_large(text, token, problem, f"{DEEPEST} of them")
        if keys > MOST_KEYS:
            raise _too_large(text, token, "it has too many keys", f"{MOST_KEYS} keys")


def _is_key(text: str, end: int) -> bool:
    """Tell whether what ends there is a part of a key: a dot or an equals sign follows."""
    return text[end : end + 64].lstrip(" \t")[:1] in {".", "="}


def _too_large(text: str, token: re.Match[str], problem: str, most: str) -> TooLarge:
    return TooLarge(text.count("\n", 0, token.start()) + 1, problem, f"at most {most}")
