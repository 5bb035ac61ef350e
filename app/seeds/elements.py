"""Reads XML in pieces, and refuses what no seed file has and an attacker's file would.

A document type is refused as such: with it go entities (a few lines that stand for gigabytes) and
references to other files and machines. Depth, the size of a text and of a single tag are bounded;
the last matters because the parser looks at an unfinished tag again with every piece that it gets
(CVE-2023-52425). What is kept of the file is the record at hand, so memory does not grow with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from app.core.errors import SeedFileHostile, SeedFileTooLarge, SeedFileUnreadable
from app.core.seed import Limits
from app.seeds.source import CHUNK

Texts = dict[str, str]
Emit = Callable[[Texts, Texts, Texts], None]
"""Told of each record: the texts of the whole file so far, of what is around it, and its own."""

DEEPEST: Final = 32
"""Elements within each other; a PSKC file with its encryption has 8."""
_ENCODINGS: Final = re.compile(
    r"utf-?8|utf-16(le|be)?|(us-)?ascii|latin-?1|iso-8859-([1-9]|1[013-6])|(windows-|cp)125[0-8]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which elements of a file hold what. Paths have no root, no namespaces: "Token/Seed".

    `record` is the path of what becomes one row and `around` that of what may hold several.
    `wanted` are the paths whose text is kept, with "@name" for an attribute. `unseen` elements
    right below the root are as if they were not there, and their content stood where they stand.
    `other_names` are other names of elements: path -> the path that it stands for; a path ends
    with "@Name=X" for an element that an attribute tells from others of its name.
    """

    record: str
    around: str
    wanted: frozenset[str]
    unseen: frozenset[str] = frozenset()
    other_names: Mapping[str, str] = field(default_factory=dict)

    def level(self, path: str) -> int:
        """0 for what holds for the whole file, 1 for what is around a record, 2 for its own."""
        for level, start in ((2, self.record), (1, self.around)):
            if path == start or path.startswith((f"{start}/", f"{start}@")):
                return level
        return 0


@dataclass(slots=True, eq=False)
class _Place:
    """What is known of an element by where it stands: what to keep of it, and what may be in it."""

    inside: dict[str, _Place] = field(default_factory=dict)
    path: str | None = None
    level: int = 0
    attributes: list[tuple[str, str, int]] = field(default_factory=list)
    by_name: dict[str, _Place] = field(default_factory=dict)
    """What an element is by its attribute Name, in capitals."""
    is_around: bool = False
    is_record: bool = False


_NOWHERE: Final = _Place()
"""Every element that nothing is kept of, nor of anything in it."""


@dataclass(slots=True)
class Walk:
    """One pass over a file. `shapes` maps the name of a root to what may be below it.

    `emit` gets a record when its element ends. Raises SeedFileHostile, SeedFileTooLarge,
    SeedFileUnreadable and expat.ExpatError; `root` says what the file is, and is "" for a root that
    is not in `shapes`.
    """

    shapes: Mapping[str, Shape]
    emit: Callable[[str], Emit]
    limits: Limits
    root: str = ""
    other_root: str = ""
    _told: Emit | None = None
    _places: list[_Place] = field(default_factory=list)
    _texts: tuple[Texts, Texts, Texts] = field(default_factory=lambda: ({}, {}, {}))
    _parts: list[str] | None = None
    _length: int = 0

    def over(self, file: BinaryIO, after: Callable[[], None]) -> None:
        """Parse the whole of `file`; `after` is called after each piece."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = _refuse_encoding
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
            if self._places and not self.root:
                return
            after()
        parser.Parse(b"", True)  # noqa: FBT003 - the same

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        places = self._places
        if not places:
            self._begin(_local(name))
            return
        if len(places) > DEEPEST:
            raise SeedFileHostile(f"elements more than {DEEPEST} deep")
        inside = places[-1].inside
        place = inside.get(name) or inside.get(_local(name), _NOWHERE)
        if place.by_name and "Name" in attributes:
            place = place.by_name.get(attributes["Name"].upper(), _NOWHERE)
        places.append(place)
        if place.is_around or place.is_record:
            self._forget(place)
        for attribute, path, level in place.attributes:
            if attribute in attributes:
                self._texts[level][path] = attributes[attribute]
        self._parts = None if place.path is None else []
        self._length = 0

    def _begin(self, root: str) -> None:
        shape = self.shapes.get(root)
        self._places.append(_NOWHERE if shape is None else _planned(shape))
        if shape is None:
            self.other_root = root
        else:
            self.root = root
            self._told = self.emit(root)

    def _forget(self, place: _Place) -> None:
        """Drop what the last record of this place has left."""
        self._texts[2].clear()
        if place.is_around:
            self._texts[1].clear()

    def _characters(self, text: str) -> None:
        if self._parts is None:
            return
        self._length += len(text)
        if self._length > self.limits.row:
            raise SeedFileTooLarge(f"a text of more than {self.limits.row} characters")
        self._parts.append(text)

    def _end(self, _name: str) -> None:
        place = self._places.pop()
        if self._parts is not None and place.path is not None:
            self._texts[place.level][place.path] = "".join(self._parts).strip()
        self._parts = None
        if place.is_record and self._told:
            self._told(*self._texts)


def _planned(shape: Shape) -> _Place:
    """The root of a file of that shape, with every place below it that matters."""
    root = _Place()
    root.inside.update(dict.fromkeys(shape.unseen, root))
    for path in shape.wanted:
        element, _, attribute = path.partition("@")
        place = _place(root, element)
        if attribute:
            place.attributes.append((attribute, path, shape.level(path)))
        else:
            place.path, place.level = path, shape.level(path)
    _place(root, shape.around).is_around = True
    _place(root, shape.record).is_record = True
    for other, path in shape.other_names.items():
        element, _, named = other.partition("@Name=")
        above, _, last = element.rpartition("/")
        if named:
            _place(root, element).by_name[named] = _place(root, path)
        else:
            (_place(root, above) if above else root).inside[last] = _place(root, path)
    return root


def _place(root: _Place, path: str) -> _Place:
    """The place at `path` below `root`, made if it is not there."""
    for name in path.split("/"):
        root = root.inside.setdefault(name, _Place())
    return root


def _local(name: str) -> str:
    """A name without its prefix: what matters is the element, whatever its namespace is called."""
    return name[name.rfind(":") + 1 :]


def _refuse_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    """Let no encoding through that the parser would look for among Python's codecs in vain.

    It then raises whatever that codec does; the declaration is told before it is acted upon.
    """
    if encoding is not None and not _ENCODINGS.fullmatch(encoding):
        raise SeedFileUnreadable("XML: written in an encoding that is not known here", 1)


def _refuse_doctype(*_told: object) -> None:
    raise SeedFileHostile("a document type with entities has no place in a seed file")
