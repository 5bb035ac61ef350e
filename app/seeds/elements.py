"""Reads XML in pieces, and refuses what no seed file has and an attacker's file would.

A document type is refused as such: with it go entities (a few lines that stand for gigabytes) and
references to other files and machines. Depth, the size of a text and of a single tag are bounded;
the last matters because the parser looks at an unfinished tag again with every piece that it gets
(CVE-2023-52425). What is kept of the file is the record at hand, so memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from app.core.errors import SeedFileHostile, SeedFileTooLarge
from app.core.seed import Limits
from app.seeds.source import CHUNK

Texts = dict[str, str]
Emit = Callable[[Texts, Texts, Texts], None]
"""Told of each record: the texts of the whole file so far, of what is around it, and its own."""

DEEPEST: Final = 32
"""Elements within each other; a PSKC file with its encryption has 8."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which elements of a file hold what. Paths have no root, no namespaces: "Token/Seed".

    `record` is the path of what becomes one row and `around` that of what may hold several.
    `wanted` are the paths whose text is kept, with "@name" for an attribute. `unseen` elements are
    as if they were not there, and their content stood where they stand.
    """

    record: str
    around: str
    wanted: frozenset[str]
    unseen: frozenset[str] = frozenset()

    def level(self, path: str) -> int:
        """0 for what holds for the whole file, 1 for what is around a record, 2 for its own."""
        for level, start in ((2, self.record), (1, self.around)):
            if path == start or path.startswith((f"{start}/", f"{start}@")):
                return level
        return 0


@dataclass(slots=True)
class Walk:
    """One pass over a file. `shapes` maps the name of a root to what may be below it.

    `emit` gets a record when its element ends. Raises SeedFileHostile, SeedFileTooLarge and
    expat.ExpatError; `root` says what the file is, and is "" for a root that is not in `shapes`.
    """

    shapes: Mapping[str, Shape]
    emit: Callable[[str], Emit]
    limits: Limits
    root: str = ""
    _told: Emit | None = None
    _paths: list[str] = field(default_factory=list)
    _levels: dict[str, int] = field(default_factory=dict)
    _attributes: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)
    _texts: tuple[Texts, Texts, Texts] = field(default_factory=lambda: ({}, {}, {}))
    _parts: list[str] | None = None
    _length: int = 0
    _shape: Shape = field(default_factory=lambda: Shape("", "", frozenset()))

    def over(self, file: BinaryIO, after: Callable[[], None]) -> None:
        """Parse the whole of `file`; `after` is called after each piece."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        done = 0
        while piece := file.read(CHUNK):
            parser.Parse(piece, False)  # noqa: FBT003 - the parser takes it by position alone
            done += len(piece)
            if done - parser.CurrentByteIndex > self.limits.row:
                raise SeedFileTooLarge("a tag or a text without end", parser.CurrentLineNumber)
            if self._paths and not self.root:
                return
            after()
        parser.Parse(b"", True)  # noqa: FBT003 - the same

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name[name.rfind(":") + 1 :]
        if not self._paths:
            self._begin(local)
            return
        if len(self._paths) > DEEPEST:
            raise SeedFileHostile(f"elements more than {DEEPEST} deep")
        above = self._paths[-1]
        hidden = local in self._shape.unseen
        path = above if hidden else f"{above}/{local}" if above else local
        self._paths.append(path)
        if path == self._shape.around and not hidden:
            self._texts[1].clear()
            self._texts[2].clear()
        elif path == self._shape.record and not hidden:
            self._texts[2].clear()
        if attributes and path in self._attributes:
            self._keep(path, attributes)
        self._parts = [] if path in self._levels else None
        self._length = 0

    def _begin(self, root: str) -> None:
        self._paths.append("")
        shape = self.shapes.get(root)
        if shape is None:
            return
        self.root = root
        self._shape = shape
        self._told = self.emit(root)
        for path in shape.wanted:
            element, _, attribute = path.partition("@")
            if attribute:
                kept = self._attributes.setdefault(element, [])
                kept.append((attribute, path, shape.level(path)))
            else:
                self._levels[path] = shape.level(path)

    def _keep(self, path: str, attributes: dict[str, str]) -> None:
        for attribute, key, level in self._attributes[path]:
            value = attributes.get(attribute)
            if value is not None:
                self._texts[level][key] = value

    def _characters(self, text: str) -> None:
        if self._parts is None:
            return
        self._length += len(text)
        if self._length > self.limits.row:
            raise SeedFileTooLarge(f"a text of more than {self.limits.row} characters")
        self._parts.append(text)

    def _end(self, _name: str) -> None:
        path = self._paths.pop()
        if self._parts is not None:
            self._texts[self._levels[path]][path] = "".join(self._parts).strip()
            self._parts = None
        if path == self._shape.record and path != (self._paths or [""])[-1] and self._told:
            self._told(*self._texts)


def wanted(*groups: Iterable[str]) -> frozenset[str]:
    """The paths of several groups together."""
    return frozenset(path for group in groups for path in group)


def _refuse_doctype(*_told: object) -> None:
    raise SeedFileHostile("a document type with entities has no place in a seed file")
