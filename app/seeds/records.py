"""Reads files whose rows name their columns: JSON, above all Graph's own upload body, and LDIF.

A file is gone through twice: first for the names that its rows use, then for the rows. So memory
does not grow with the file beyond its result, whatever it holds.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, TextIO

from app.core.errors import (
    SeedFileEmpty,
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileTooLarge,
    SeedFileUnreadable,
)
from app.core.secret import Encoding
from app.core.seed import FaultKind, Limits, SeedFile, SeedFormat, SeedOptions
from app.seeds.columns import Layout
from app.seeds.rows import AT_ONCE, Chunk, Refused
from app.seeds.source import CHUNK
from app.seeds.table import Part, Progress, read_named


@dataclass(slots=True)
class Record:
    """One object or entry: its texts by name. `twice` is whether a name was there twice."""

    texts: dict[str, str] = field(default_factory=dict, repr=False)
    twice: bool = False

    def add(self, name: str, text: str) -> None:
        """Take in a text; a second one of that name is noted and not taken."""
        if name in self.texts:
            self.twice = True
        else:
            self.texts[name] = text


Records = Callable[[], Iterator[Record]]


@dataclass(slots=True)
class _Columns:
    """The names that rows use, in the order in which they came, whatever their case."""

    names: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def gather(self, records: Iterable[Record]) -> int:
        """Take in the names of all records; return how many records have one."""
        count = 0
        for record in records:
            count += bool(record.texts)
            for name in record.texts:
                if name.casefold() not in self.places:
                    self.places[name.casefold()] = len(self.names)
                    self.names.append(name)
                    if len(self.names) > _MOST_NAMES:
                        raise SeedFileTooLarge(f"more than {_MOST_NAMES} different names")
        return count

    def parts(self, records: Iterator[Record]) -> Iterator[Part]:
        """The records as rows, numbered from 1; those with a name twice as what they are."""
        number = 0
        while some := list(islice(records, AT_ONCE)):
            numbers: list[int] = []
            rows: list[list[str]] = []
            for record in some:
                number += 1
                if record.twice:
                    yield Refused(number, FaultKind.MEMBER_TWICE)
                    continue
                row = [""] * len(self.names)
                for name, text in record.texts.items():
                    place = self.places.get(name.casefold())
                    if place is None:
                        raise SeedFileUnreadable("the file has changed while it was read")
                    if row[place]:
                        record.twice = True
                    row[place] = text
                if record.twice:
                    yield Refused(number, FaultKind.MEMBER_TWICE)
                else:
                    numbers.append(number)
                    rows.append(row)
            yield Chunk(numbers, rows)


_MOST_NAMES: Final = 256
_TOO_FEW: Final = 2


# JSON ---------------------------------------------------------------------------------------------


def read_json(again: Callable[[], TextIO], options: SeedOptions, progress: Progress) -> SeedFile:
    """Read a JSON file: Graph's upload body (contract, D6), a list of devices, one device a line.

    `again` gives the file from its beginning. Members whose names begin with "@" say something of
    the protocol and not of the token. Raises SeedFileError.
    """
    columns, top = _Columns(), Record()
    if not columns.gather(_JsonFile(again(), options.limits, top).records()):
        raise SeedFileEmpty("JSON without a token")
    columns.gather([top])
    if len(columns.names) < _TOO_FEW:
        raise SeedFileNotRecognised("JSON that does not list tokens")
    records = _JsonFile(again(), options.limits, Record()).records()
    known = {"serialnumber", "secretkey"} <= columns.places.keys()
    form = SeedFormat.GRAPH_JSON if known else SeedFormat.OTHER_JSON
    parts = columns.parts(_with_top(records, top))
    return read_named(form, columns.names, parts, options, progress)


def _with_top(records: Iterator[Record], top: Record) -> Iterator[Record]:
    """The records with what the file says of all of them, where they do not say it themselves."""
    for record in records:
        if record.texts:
            said = {name.casefold() for name in record.texts}
            for name, text in top.texts.items():
                if name.casefold() not in said:
                    record.texts[name] = text
        yield record


_WRAPPERS: Final = frozenset({"device", "body"})
"""Objects that hold the device: hardwareOathAuthenticationMethod's, and that of a request in a
batch."""
_REFERENCES: Final = frozenset({"assignto.@odata.id", "assignto@odata.bind"})
_DEEPEST: Final = 8
_DEEPEST_LIST: Final = 4
"""Objects that may be around a list of tokens."""
_NO_TEXT: Final = "\x01"
"""Stands for what is neither a text nor a number; no check takes a control character."""


class _Members(dict[str, Any]):
    """An object of JSON. `twice` is whether a member was there twice."""

    twice = False


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    made = _Members(pairs)
    made.twice = len(made) < len(pairs)
    return made


class _JsonFile:
    """Goes through a file object by object. `top` gets what is said of all objects."""

    def __init__(self, file: TextIO, limits: Limits, top: Record) -> None:
        self._file = file
        self._limits = limits
        self._top = top
        self._text = ""
        self._at = 0
        self._line = 1
        self._passed = 0
        # Numbers stay as they are written: a serial number may have any number of digits.
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_members, parse_int=str, parse_float=str, parse_constant=str
        )

    def records(self) -> Iterator[Record]:
        """Every object that describes a token. Raises SeedFileError."""
        while (start := self._peek()) != "":
            if start == "[":
                yield from self._list()
            elif start == "{":
                yield from self._object()
            else:
                self._fail("something else than an object or a list")

    def _list(self) -> Iterator[Record]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            if self._peek() != "{":
                raise SeedFileNotRecognised("JSON that does not list tokens", self._line)
            yield _record(self._value())
            if self._peek() != ",":
                break
            self._take(",")
        self._take("]")

    def _object(self) -> Iterator[Record]:
        """A device, or what holds a list of them, perhaps inside of other objects."""
        members, listed = yield from self._inside(0)
        if listed:
            self._top.texts.update(_record(members).texts)
        else:
            yield _record(members)

    def _inside(self, depth: int) -> Generator[Record, None, tuple[_Members, bool]]:
        """Go through an object; return its members, and whether a list of tokens was in it.

        The members of an object around such a list hold for its tokens, as those beside it do.
        """
        begun, members, listed, first = self._passed, _Members(), False, True
        self._take("{")
        while self._peek() != "}":
            if not first:
                self._take(",")
            first = False
            name = self._value() if self._peek() == '"' else self._fail("a name is missing")
            self._take(":")
            start = self._peek()
            # Deeper down an empty list may as well be a device's.
            if start == "[" and self._lists_objects("{" if depth else "{]"):
                listed = True
                yield from self._list()
                continue
            inner = None
            if start == "{" and depth < _DEEPEST_LIST:
                inner, has_list = yield from self._inside(depth + 1)
                if has_list:
                    listed = True
                    members.twice |= inner.twice or not members.keys().isdisjoint(inner)
                    members.update(inner)
                    continue
            members.twice |= name in members
            members[name] = self._value() if inner is None else inner
            if not listed and self._passed - begun > self._limits.row:
                raise SeedFileTooLarge(
                    f"an object of more than {self._limits.row} characters", self._line
                )
        self._take("}")
        return members, listed

    def _value(self) -> Any:
        """The next value. An object has to be whole within the limit of a row."""
        self._peek()
        while True:
            failure = ""
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                failure, place = error.msg, error.pos
            except RecursionError:
                place = -1
            else:
                if end < len(self._text) or not self._more():
                    self._move(end)
                    return value
                continue  # a number may go on
            if place < 0:
                raise SeedFileHostile("JSON nested without end", self._line)
            near_end = failure.startswith("Unterminated") or place > len(self._text) - _NEAR
            if not near_end or not self._more():
                self._fail(failure)
            if len(self._text) - self._at > self._limits.row:
                raise SeedFileTooLarge(
                    f"an object of more than {self._limits.row} characters", self._line
                )

    def _peek(self) -> str:
        """The next character that is no white space; "" at the end."""
        while True:
            found = _NOT_WHITE.search(self._text, self._at)
            if found is not None:
                self._move(found.start())
                return found[0]
            self._move(len(self._text))
            if not self._more():
                return ""

    def _lists_objects(self, begins: str) -> bool:
        """Tell whether the list that begins here goes on with one of the characters `begins`."""
        while True:
            found = _NOT_WHITE.search(self._text, self._at + 1)
            if found is not None:
                return found[0] in begins
            if len(self._text) - self._at > self._limits.row:
                raise SeedFileTooLarge("white space without end", self._line)
            if not self._more():
                return False

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            self._fail(f"{wanted} is missing")
        self._move(self._at + 1)

    def _move(self, to: int) -> None:
        self._passed += to - self._at
        self._line += self._text.count("\n", self._at, to)
        self._at = to
        if self._at > CHUNK:
            self._text, self._at = self._text[self._at :], 0

    def _more(self) -> bool:
        piece = self._file.read(CHUNK)
        self._text += piece
        return bool(piece)

    def _fail(self, problem: str) -> Any:
        raise SeedFileUnreadable(f"JSON: {problem}", self._line)


_NEAR: Final = 16
"""Characters at the end of what was read so far in which a value may be cut in two."""
_NOT_WHITE: Final = re.compile(r"[^ \t\r\n\ufeff]")


def _record(members: _Members) -> Record:
    """The texts of an object; objects within it are told apart by a dot."""
    record = Record()
    body = members.get("body")
    _flatten(body if isinstance(body, _Members) else members, "", record, 0)
    return record


def _flatten(members: _Members, before: str, record: Record, depth: int) -> None:
    record.twice |= members.twice
    for name, value in members.items():
        full = before + name
        if "@" in name and full.casefold() not in _REFERENCES:
            continue
        if isinstance(value, _Members) and value and depth < _DEEPEST:
            inside = before if name.casefold() in _WRAPPERS else f"{full}."
            _flatten(value, inside, record, depth + 1)
        elif value is None or value in ({}, []):
            record.add(full, "")
        else:
            record.add(full, value if isinstance(value, str) else _NO_TEXT)


# LDIF ---------------------------------------------------------------------------------------------
#
# SafeWord and eToken files: entries of RFC 2849 whose attribute sccTokenData holds the seed among
# other parts, divided by semicolons. LinOTP reads them, and has samples of them among its tests.

_ATTRIBUTE: Final = re.compile(r"([A-Za-z][\w;.-]{0,63}):(:?)[ \t]*(.*)", re.DOTALL)
_PART: Final = re.compile(r"\s*([A-Za-z]\w{0,63})\s*=(.*)", re.DOTALL)
_DATA: Final = "scctokendata"
_MODE: Final = "sccMode"
_ID: Final = "sccAuthenticatorId"
_IN_DN: Final = re.compile(rf"{_ID}\s*=\s*([^,+]+)", re.IGNORECASE)
_PASSED_OVER: Final = frozenset(
    ["dn", "objectclass", "version", "sccver", "sccprtime", "sccsignature", "sccauthenticatortype"]
)


def read_ldif(again: Callable[[], TextIO], options: SeedOptions, progress: Progress) -> SeedFile:
    """Read a SafeWord file. `again` gives it from its beginning. Raises SeedFileError."""
    columns = _Columns()
    columns.gather(_entries(again(), options.limits))
    if "scckey" not in columns.places and _DATA not in columns.places:
        raise SeedFileNotRecognised("an LDIF file that is not one of SafeWord tokens")
    passed = frozenset(at for name, at in columns.places.items() if name in _PASSED_OVER)

    def described(layout: Layout) -> Layout:
        return replace(layout, encoding=Encoding.HEX, manufacturer="SafeNet", passed_over=passed)

    parts = columns.parts(_entries(again(), options.limits))
    form = SeedFormat.SAFEWORD_DAT
    return read_named(form, columns.names, parts, options, progress, described)


def _entries(file: TextIO, limits: Limits) -> Iterator[Record]:
    """The entries of the file; one begins behind a blank line or with its `dn`."""
    record, size = Record(), 0
    for line in _unfolded(file, limits):
        begins = line.casefold().startswith("dn:")
        if record.texts and (begins or not line.strip()):
            if record.texts.keys() - {"version"}:
                yield _completed(record)
            record, size = Record(), 0
        size += len(line)
        if size > limits.row:
            raise SeedFileTooLarge(f"an entry of more than {limits.row} characters")
        if line.strip():
            _add_attribute(record, line)
    if record.texts.keys() - {"version"}:
        yield _completed(record)


def _completed(record: Record) -> Record:
    """An entry of a token says whether it counts time; one that does not is not taken for one."""
    said = {name.casefold(): text for name, text in record.texts.items()}
    if _MODE.casefold() not in said:
        record.texts[_MODE] = "?"
    named = _IN_DN.match(said.get("dn", ""))
    if _ID.casefold() not in said and named is not None:
        record.texts[_ID] = named[1]
    return record


def _unfolded(file: TextIO, limits: Limits) -> Iterator[str]:
    """The lines of the file, those that go on in the next one joined, without comments."""
    whole: str | None = None
    for line in file:
        bare = line.rstrip("\r\n")
        if bare.startswith((" ", "\t")) and bare.strip() and whole:
            whole += bare[1:]
        else:
            if whole is not None and not whole.startswith("#"):
                yield whole
            whole = bare
        if len(whole) > limits.row:
            raise SeedFileTooLarge(f"a line of more than {limits.row} characters")
    if whole is not None and not whole.startswith("#"):
        yield whole


def _add_attribute(record: Record, line: str) -> None:
    found = _ATTRIBUTE.fullmatch(line)
    if found is None:
        record.twice |= "?" in record.texts
        record.texts["?"] = _NO_TEXT
        return
    name, value = found[1], found[3].strip()
    if found[2]:
        try:
            value = base64.b64decode(value, validate=True).decode("utf-8", "replace").strip()
        except (binascii.Error, ValueError):
            value = _NO_TEXT
    if name.casefold() == _DATA:
        _add_parts(record, value)
    elif name.casefold() not in _PASSED_OVER or name not in record.texts:
        record.add(name, value)


def _add_parts(record: Record, value: str) -> None:
    """The parts of sccTokenData, each as an attribute of its own."""
    for part in value.split(";"):
        found = _PART.fullmatch(part)
        if found is not None:
            record.add(found[1], found[2].strip())
        elif part.strip():
            record.add("sccTokenData", _NO_TEXT)
