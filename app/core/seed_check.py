"""Judges the rows of a seed file, whatever the file's format.

One row at a time is the rule, and says what a row's fault is. A thousand rows at once is the same
rule made fast: columns of a thousand clean rows are judged by one pattern each, in C. If any of
them is unusual in any way, they are halved, and in the end a few go through the rule one by one. So
the fast way never decides that a row is faulty, and the two cannot differ but in speed.

Whether a seed is hexadecimal or Base32 is decided by evidence over the whole file: 0, 1, 8 and 9
are hexadecimal alone, G to Z are Base32 alone. A seed that could be both (it has neither), or that
is all digits and could be plain text, waits until all rows were seen, and is what the others are;
where they are both, or there is none, only the operator can tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Final, NamedTuple, TypeVar

from app.core.secret import (
    Encoding,
    Secret,
    SecretProblem,
    decoded,
    normal,
    possible,
    read_secret,
    sized,
    swift,
)
from app.core.seed import (
    NEEDED_FOR,
    USUAL_BYTES,
    FaultKind,
    Need,
    RowFault,
    SeedFile,
    SeedFormat,
    SeedOptions,
    SeedToken,
)
from app.core.seed_cells import (
    PEOPLE,
    SERIALS,
    Faulty,
    check_digits,
    encoding_of,
    file_serial,
    interval_of,
    kind_and_hash,
    maker_of,
    name_of,
    person_of,
)


class Row(NamedTuple):
    """One row as it was read: texts as they stand in the file, or bytes for a decrypted secret.

    `written` is the cell that says how the secret is written, `encoding` what the file's format
    says of it.
    """

    number: int
    serial: str
    secret: str | bytes
    interval: str = ""
    manufacturer: str = ""
    model: str = ""
    person: str = ""
    hash_function: str = ""
    digits: str = ""
    kind: str = ""
    written: str = ""
    display_name: str = ""
    encoding: Encoding | None = None

    @property
    def is_blank(self) -> bool:
        """Whether every cell is empty."""
        return not any(cell.strip() for cell in self[1:] if isinstance(cell, str | bytes))


@dataclass(frozen=True, slots=True)
class Batch:
    """Many rows, by column; every column has as many cells as there are numbers."""

    numbers: Sequence[int]
    serial: Sequence[str]
    secret: Sequence[str]
    interval: Sequence[str]
    manufacturer: Sequence[str]
    model: Sequence[str]
    person: Sequence[str]
    hash_function: Sequence[str]
    digits: Sequence[str]
    kind: Sequence[str]
    written: Sequence[str]
    display_name: Sequence[str]

    def rows(self) -> Iterator[Row]:
        """The rows, one by one."""
        return map(Row, self.numbers, *self._cells())

    def halves(self) -> tuple[Batch, Batch]:
        """The first and the second half of the rows."""
        middle = len(self.numbers) // 2
        first = (column[:middle] for column in self._cells())
        second = (column[middle:] for column in self._cells())
        return Batch(self.numbers[:middle], *first), Batch(self.numbers[middle:], *second)

    def _cells(self) -> tuple[Sequence[str], ...]:
        needed = (self.serial, self.secret, self.interval)
        described = (self.manufacturer, self.model, self.person)
        told = (self.hash_function, self.digits, self.kind, self.written)
        return (*needed, *described, *told, self.display_name)


@dataclass(slots=True)
class _Seen:
    """The encodings that there was evidence for."""

    hexadecimal: bool = False
    base32: bool = False

    @property
    def anything(self) -> bool:
        """Whether there was evidence for any."""
        return self.hexadecimal or self.base32

    def add(self, encoding: Encoding) -> None:
        if encoding is Encoding.HEX:
            self.hexadecimal = True
        else:
            self.base32 = True

    def likely(self) -> tuple[Encoding, ...]:
        """Both encodings, the one that there was evidence for first."""
        both = (Encoding.HEX, Encoding.BASE32)
        return both[::-1] if self.base32 else both

    def the_one(self) -> Encoding | None:
        """What every seed is, where the evidence agrees."""
        if self.hexadecimal == self.base32:
            return None
        return Encoding.HEX if self.hexadecimal else Encoding.BASE32


@dataclass(slots=True)
class Checker:
    """Takes rows in and gives the result. `options` are the operator's, with a format's defaults.

    `encoding` is how the header says that secrets are written; what the operator tells outranks it.
    Raises nothing for whatever a row holds.
    """

    options: SeedOptions
    encoding: Encoding | None = None
    _tokens: list[SeedToken] = field(default_factory=list)
    _faults: list[RowFault] = field(default_factory=list)
    _waiting: list[tuple[Row, SeedToken]] = field(default_factory=list)
    _row_of: dict[str, int] = field(default_factory=dict)
    _seen: _Seen = field(default_factory=_Seen)
    _doubtful: bool = False
    """Whether a secret is neither hexadecimal nor Base32."""

    @property
    def rows(self) -> int:
        """How many rows were taken in."""
        return len(self._tokens) + len(self._faults) + len(self._waiting)

    @property
    def faulty(self) -> int:
        """How many rows have a fault."""
        return len(self._faults)

    @property
    def commonest_fault(self) -> str:
        """What most of the faulty rows have, in a word; "" where no row has a fault."""
        counted = Counter(fault.kind for fault in self._faults)
        return counted.most_common(1)[0][0].value if counted else ""

    def add(self, row: Row) -> None:
        """Judge one row."""
        serial = file_serial(row.serial)
        if isinstance(serial, FaultKind):
            self.refuse(row.number, serial)
            return
        try:
            self._admit(row, serial)
        except Faulty as fault:
            self.refuse(row.number, fault.kind, serial)

    def add_batch(self, batch: Batch) -> None:
        """Judge many rows: the same as adding those that are not blank one by one."""
        tokens = self._swift(batch)
        if tokens is not None:
            self._tokens += tokens
            self._row_of.update(zip(batch.serial, batch.numbers, strict=True))
        elif len(batch.numbers) > _FEW:
            for half in batch.halves():
                self.add_batch(half)
        else:
            for row in batch.rows():
                if not row.is_blank:
                    self.add(row)

    def refuse_lines(self, rows: Iterable[int], first: int, last: int) -> None:
        """Note that the rows that begin in the lines `rows` cannot be told apart: an open quote."""
        kind = FaultKind.QUOTE_OPEN
        self._faults += (RowFault(row, kind, first_row=first, last_row=last) for row in rows)

    def refuse(self, number: int, kind: FaultKind, serial: str = "") -> None:
        """Note the fault of a row that was judged elsewhere."""
        other = self._row_of.get(serial) if kind is FaultKind.DUPLICATE else None
        self._faults.append(RowFault(number, kind, serial, other))

    def refuse_serial(self, number: int, kind: FaultKind, text: str) -> None:
        """The same, with the serial number that `text` holds, where it is one."""
        serial = file_serial(text)
        self.refuse(number, kind, serial if isinstance(serial, str) else "")

    def finish(self, form: SeedFormat, needs: frozenset[Need] = frozenset()) -> SeedFile:
        """Settle what waited, and give everything in the order of the rows."""
        self._settle()
        asked = set() if self._seen.anything or not self._doubtful else {Need.ENCODING}
        asked |= {NEEDED_FOR[f.kind] for f in self._faults if f.kind in NEEDED_FOR}
        return SeedFile(
            form,
            tuple(self._tokens),
            tuple(sorted(self._faults, key=lambda fault: fault.row)),
            needs | asked,
        )

    def wipe(self) -> None:
        """Overwrite the seeds that were taken in, for a file that will have no result."""
        for token in self._tokens:
            token.secret.wipe()

    def _admit(self, row: Row, serial: str) -> None:
        hash_function, told = kind_and_hash(row.kind, row.hash_function, self.options)
        check_digits(row.digits)
        interval = interval_of(row.interval, self.options)
        how = encoding_of(row.written) or row.encoding or self.options.encoding or self.encoding
        secret = self._secret(row.secret, how)
        if secret is not None:
            _of_known_hash(secret, told=told)
        token = SeedToken(
            row.number,
            serial,
            maker_of(row.manufacturer, self.options.manufacturer),
            maker_of(row.model, self.options.model),
            interval,
            hash_function,
            secret or _NO_SECRET,
            person_of(row.person),
            told,
            name_of(row.display_name),
        )
        if serial in self._row_of:
            raise Faulty(FaultKind.DUPLICATE)
        self._row_of[serial] = row.number
        if secret is None:
            self._waiting.append((row, token))
        else:
            self._tokens.append(token)

    def _secret(self, text: str | bytes, told: Encoding | None) -> Secret | None:
        """The seed, or None where it may be both and waits for the evidence of other rows."""
        if isinstance(text, bytes):
            return _sound(sized(text))
        if told is not None:
            return _sound(read_secret(text, told))
        plain = normal(text)
        if plain.startswith("0X"):
            return _sound(read_secret(text, Encoding.HEX))
        encodings = possible(plain)
        if len(encodings) == 1 and not plain.isdecimal():  # which may be the text itself
            (only,) = encodings
            secret = _sound(decoded(plain, only))
            self._seen.add(only)
            return secret
        if not plain:
            raise Faulty(FaultKind.SECRET_MISSING)
        return None

    def _settle(self) -> None:
        encoding = self._seen.the_one()
        waiting, self._waiting = self._waiting, []
        for row, token in waiting:
            try:
                secret = _of_known_hash(_settled(row, encoding), told=token.hash_told)
                self._tokens.append(token._replace(secret=secret))
            except Faulty as fault:
                self._doubtful |= fault.kind is FaultKind.SECRET_NEITHER
                self.refuse(row.number, fault.kind, token.serial)
        if waiting:
            self._tokens.sort(key=lambda token: token.row)

    def _swift(self, batch: Batch) -> list[SeedToken] | None:
        """The tokens of a batch in which nothing is unusual, else None."""
        if not _all(SERIALS, batch.serial) or not self._new(batch.serial):
            return None
        if any(batch.person) and not _all(PEOPLE, batch.person):
            return None
        try:
            return self._assembled(batch)
        except Faulty:
            return None

    def _new(self, serials: Sequence[str]) -> bool:
        distinct = set(serials)
        return len(distinct) == len(serials) and self._row_of.keys().isdisjoint(distinct)

    def _assembled(self, batch: Batch) -> list[SeedToken] | None:
        """As `_admit`, with each distinct text judged once; raises Faulty for a bad one."""
        options = self.options
        if any(batch.written):  # each row may say otherwise
            return None
        for digits in set(batch.digits):
            check_digits(digits)
        pairs = list(zip(batch.kind, batch.hash_function, strict=True))
        hashes = {pair: kind_and_hash(*pair, options) for pair in set(pairs)}
        names = {text: name_of(text) for text in set(batch.display_name)}
        intervals = {text: interval_of(text, options) for text in set(batch.interval)}
        makers = {text: maker_of(text, options.manufacturer) for text in set(batch.manufacturer)}
        models = {text: maker_of(text, options.model) for text in set(batch.model)}
        secrets = self._secrets(batch.secret)
        if secrets is None:
            return None
        told = {pair: known for pair, (_, known) in hashes.items()}
        functions = {pair: function for pair, (function, _) in hashes.items()}
        if len(secrets[0]) > USUAL_BYTES and not all(told.values()):  # all have one length
            for secret in secrets:
                secret.wipe()
            return None
        columns = zip(
            batch.numbers,
            batch.serial,
            _through(makers, batch.manufacturer),
            _through(models, batch.model),
            _through(intervals, batch.interval),
            _through(functions, pairs),
            secrets,
            batch.person,
            _through(told, pairs),
            _through(names, batch.display_name),
            strict=True,
        )
        return list(map(_TOKEN, columns))

    def _secrets(self, texts: Sequence[str]) -> list[Secret] | None:
        """The seeds, where all are surely of one encoding, and that the one the operator told."""
        told = self.options.encoding or self.encoding
        for encoding in self._seen.likely() if told is None else (told,):
            found = swift(texts, encoding)
            if found is not None:
                self._seen.add(encoding)
                return found
        return None


_NO_SECRET: Final = Secret(b"")
_FEW: Final = 16
"""Rows of which one is unusual that are judged one by one and not halved again."""
_TOKEN: Final = partial(tuple.__new__, SeedToken)  # SeedToken._make, without a call in Python

_T = TypeVar("_T")
_Key = TypeVar("_Key", str, tuple[str, str])


def _all(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Whether every text matches; a text that has lines itself is not for the fast way."""
    joined = "\n".join((*texts, ""))
    return joined.count("\n") == len(texts) and pattern.fullmatch(joined) is not None


def _through(table: dict[_Key, _T], column: Sequence[_Key]) -> Iterable[_T]:
    """What `table` makes of each cell."""
    if len(table) == 1:
        (value,) = table.values()
        return repeat(value, len(column))
    return map(table.__getitem__, column)


def _settled(row: Row, encoding: Encoding | None) -> Secret:
    """The seed of a row that has waited, now that the others have told what they are."""
    assert isinstance(row.secret, str)
    plain = normal(row.secret)
    if encoding is not None:
        return _sound(decoded(plain, encoding))
    ways = {*possible(plain), *((Encoding.TEXT,) if plain.isdecimal() else ())}
    problems = {
        each
        for each in (read_secret(row.secret, way) for way in ways)
        if isinstance(each, SecretProblem)
    }
    if (
        ways
        and len(problems) == 1
        and all(isinstance(read_secret(row.secret, way), SecretProblem) for way in ways)
    ):
        return _sound(problems.pop())
    raise Faulty(FaultKind.SECRET_AMBIGUOUS if possible(plain) else FaultKind.SECRET_NEITHER)


def _of_known_hash(secret: Secret, *, told: bool) -> Secret:
    """The secret, unless it is longer than is usual for SHA-1 and its hash is not told."""
    if not told and len(secret) > USUAL_BYTES:
        secret.wipe()
        raise Faulty(FaultKind.HASH_MISSING)
    return secret


def _sound(found: Secret | SecretProblem) -> Secret:
    if isinstance(found, SecretProblem):
        raise Faulty(FaultKind[f"SECRET_{found.name}"])
    return found
