"""Finds the line of each key in a TOML text, which tomllib does not tell.

Whoever reads "desk.mode is not allowed" in a file of two hundred lines wants to know where. This
walks a text that tomllib has accepted already, so it may trust the grammar (TOML 1.0) and only has
to know where a key ends and how far a value reaches.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

Path = tuple[str | int, ...]
"""Keys from the outermost in; a number stands for an element of an array."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_SPACE: Final = re.compile(r"[ \t]*+")
_KEY: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|[A-Za-z0-9_-]++")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^,\]}\n#]*+")
"""A number, a date or true and false. A date may hold a space; none of them holds these."""


def key_lines(text: str) -> Mapping[Path, int]:
    """Return the line, from 1, in which each key of `text` is first written.

    A table is where its header or the first of its keys is. `text` is TOML that tomllib accepts;
    of any other text the answer means nothing. Raises RecursionError where tomllib does.
    """
    return _Walk(text).lines


class _Walk:
    """A place in the text, and what has been passed."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._elements: dict[Path, int] = {}  # arrays of tables, and how many they have so far
        self._walk()

    def _walk(self) -> None:
        table: Path = ()
        self._pass(_BLANK)
        while self._at < len(self._text):
            if self._next() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._pass(_BLANK)

    def _header(self) -> Path:
        """Pass "[a.b]" or "[[a.b]]"; return the path of the table that begins there."""
        double = self._text.startswith("[[", self._at)
        self._at += 2 if double else 1
        path: Path = ()
        for name in self._names():
            path = self._note((*self._entered(path), name))
        if double:
            self._elements[path] = self._elements.get(path, 0) + 1
        self._at += 2 if double else 1
        return self._note(self._entered(path)) if double else path

    def _entered(self, path: Path) -> Path:
        """The table that `path` leads to: of an array of tables, the last one so far."""
        count = self._elements.get(path, 0)
        return (*path, count - 1) if count else path

    def _pair(self, table: Path) -> None:
        """Pass "a.b = value"."""
        path = table
        for name in self._names():
            path = self._note((*path, name))
        self._at += 1  # the equals sign
        self._pass(_SPACE)
        self._value(path)

    def _names(self) -> Iterator[str]:
        """Pass a dotted key up to what follows it."""
        while True:
            self._pass(_SPACE)
            yield _unquoted(self._pass(_KEY))
            self._pass(_SPACE)
            if self._next() != ".":
                return
            self._at += 1

    def _value(self, path: Path) -> None:
        match self._next():
            case '"' | "'":
                self._pass(_STRING)
            case "[":
                self._array(path)
            case "{":
                self._inline(path)
            case _:
                self._pass(_BARE)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        self._pass(_BLANK)
        while self._next() not in {"]", ""}:
            self._value(self._note((*path, index)))
            index += 1
            self._comma()
        self._at += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        self._pass(_BLANK)
        while self._next() not in {"}", ""}:
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._pass(_BLANK)
        if self._next() == ",":
            self._at += 1
            self._pass(_BLANK)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _pass(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        assert found is not None, "tomllib has accepted what is no TOML"
        self._at = found.end()
        return found[0]

    def _note(self, path: Path) -> Path:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self.lines.setdefault(path, self._line)
        return path


def _unquoted(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] == '"' else key
