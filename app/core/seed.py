"""What is found in a seed file: tokens to bring into the inventory, and the faults of the rest.

A row is either a token that the directory would take as it is, or it has a fault; nothing is
repaired by guessing. What only the operator can tell (a password, which column is which, whether a
seed is hexadecimal, the hash of a long one) is a need: the rows that wait for it have faults of
their own, and go when the file is read again with the answer. A fault names its row and never
quotes what it found there, since that may be the secret.

Entra ID takes time-based tokens alone: six digits, 30 or 60 seconds, SHA-1 or SHA-256 (Graph
contract, sections 2.1 and 8).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret

INTERVALS: Final = frozenset({30, 60})
"""Seconds of a time step that Entra ID takes."""

LONGEST_TEXT: Final = 128
"""Characters of a maker or a model; Graph's own limit is not documented."""


class SeedFormat(enum.Enum):
    """The kinds of seed files, by their content."""

    ENTRA_CSV = "Entra ID CSV"
    DEEPNET_CSV = "Deepnet CSV"
    TOKEN2_CSV = "Token2 CSV"
    YUBICO_CSV = "Yubico CSV"
    OATH_CSV = "OATH CSV"
    OTHER_CSV = "CSV"
    PSKC = "PSKC"
    SAFENET_XML = "SafeNet XML"
    DEEPNET_XML = "Deepnet XML"
    GRAPH_JSON = "Graph JSON"
    OTHER_JSON = "JSON"
    SAFEWORD_DAT = "SafeWord DAT"


class SeedToken(NamedTuple):
    """A token as the inventory takes it.

    `row` is the line of a CSV file in which its row begins, counted from 1 with the header, or its
    place among the keys or objects of any other file. `interval` is the time step in seconds, 30 or
    60. `person` is the user principal name or the object id of the user that the file names for it,
    or "". `hash_told` is whether the file (or the operator) says which hash it uses; SHA-1 is
    Graph's default. `display_name` is the name that Graph shows for the token, or "".

    A named tuple, since a frozen dataclass takes five times as long to make, 100,000 times.
    """

    row: int
    serial: str
    manufacturer: str
    model: str
    interval: int
    hash_function: HashFunction
    secret: Secret
    person: str = ""
    hash_told: bool = True
    display_name: str = ""


class FaultKind(enum.Enum):
    """Why a row is not a token; the sentence for each stands with the other words of the window."""

    SERIAL_MISSING = "no serial number"
    SERIAL_SCIENTIFIC = "serial number in scientific notation"
    SERIAL_DECIMAL = "serial number as a decimal fraction"
    SERIAL_NOT_ALLOWED = "not a serial number"
    SECRET_MISSING = "no secret"
    SECRET_NOT_HEX = "secret is not hexadecimal"
    SECRET_NOT_BASE32 = "secret is not Base32"
    SECRET_NOT_BASE64 = "secret is not Base64"
    SECRET_NEITHER = "secret is neither hexadecimal nor Base32"
    SECRET_NOT_TEXT = "secret is not printable text"
    SECRET_AMBIGUOUS = "secret can be read in more than one way"
    ENCODING_NOT_KNOWN = "how the secret is written is not known"
    SECRET_TOO_SHORT = "secret is too short"
    SECRET_TOO_LONG = "secret is too long"
    SECRET_ENCRYPTED = "secret is encrypted"
    SECRET_DAMAGED = "secret cannot be decrypted"
    COUNTER_BASED = "counter-based"
    """HOTP: its codes follow a counter, not the time."""
    KIND_NOT_KNOWN = "time-based or counter-based is not told clearly"
    NOT_OATH = "not an OATH token"
    STATIC_PASSWORD = "a static password, not an OATH token"
    DIGITS_NOT_ALLOWED = "not six digits"
    INTERVAL_MISSING = "no time interval"
    INTERVAL_NOT_ALLOWED = "time interval is not 30 or 60 seconds"
    HASH_MISSING = "hash of a long secret is not told"
    HASH_NOT_ALLOWED = "hash is not SHA-1 or SHA-256"
    CONTRADICTION = "two columns contradict each other"
    MAKER_MISSING = "no manufacturer or no model"
    TEXT_TOO_LONG = "a text is too long"
    TEXT_NOT_ALLOWED = "a text has control characters"
    PERSON_NOT_ALLOWED = "not a person"
    CELLS = "more cells than columns"
    """Most often a separator within a text that is not in quotes: the rest is in wrong columns."""
    QUOTE_OPEN = "a quotation mark is not closed"
    MEMBER_TWICE = "a member of the object is there twice"
    DUPLICATE = "serial number is in the file already"


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why row `row` is not a token.

    `serial` is its serial number where that much is sure, else "". `other_row` is the row that has
    the serial number already, for a DUPLICATE. `first_row` and `last_row` are the lines between
    which rows cannot be told apart, for a QUOTE_OPEN.
    """

    row: int
    kind: FaultKind
    serial: str = ""
    other_row: int | None = None
    first_row: int | None = None
    last_row: int | None = None


class Need(enum.Enum):
    """What only the operator can tell; each is answered by the member of SeedOptions named here."""

    KEY = "key"
    PASSWORD = "password"
    MAPPING = "mapping"
    """Where serial number and secret are, or what a column holds that is not understood."""
    ENCODING = "encoding"
    HASH = "hash function"
    INTERVAL = "interval"
    MAKER = "manufacturer and model"


NEEDED_FOR: Final = {
    FaultKind.SECRET_AMBIGUOUS: Need.ENCODING,
    FaultKind.HASH_MISSING: Need.HASH,
    FaultKind.INTERVAL_MISSING: Need.INTERVAL,
    FaultKind.MAKER_MISSING: Need.MAKER,
}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column of a file holds what, counted from 0; None where no column does.

    The members of JSON objects are columns as well, in the order in which the file names them.
    `header` is whether the first row holds names. `kind` is the column that says "totp" or "hotp",
    `encoding` the one that says how the secret is written. `ignored` are columns that a person has
    said to leave out. Raises ValueError where a column is named twice or lies before the first.
    """

    serial: int
    secret: int
    interval: int | None = None
    manufacturer: int | None = None
    model: int | None = None
    person: int | None = None
    hash_function: int | None = None
    digits: int | None = None
    kind: int | None = None
    encoding: int | None = None
    display_name: int | None = None
    header: bool = True
    ignored: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        used = (*self.used(), *self.ignored)
        if len(set(used)) != len(used) or min(used) < 0:
            raise ValueError("each column is mapped once, and counted from 0")

    def used(self) -> tuple[int, ...]:
        """The columns that are mapped."""
        needed = (self.serial, self.secret)
        described = (self.interval, self.manufacturer, self.model, self.person, self.display_name)
        told = (self.hash_function, self.digits, self.kind, self.encoding)
        return (*needed, *(each for each in (*described, *told) if each is not None))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read: what is beyond is refused, since it is no seed file.

    Bytes of the file and of one row (or one element of XML); rows (or keys); rounds of PBKDF2.
    """

    file: int = 64 * 1024 * 1024
    row: int = 1024 * 1024
    rows: int = 200_000
    rounds: int = 1_000_000


@dataclass(frozen=True, slots=True)
class SeedOptions:
    """What the operator has told about a file.

    `key` is the pre-shared key of a PSKC file, `password` its password in UTF-8. `mapping` says
    which column is which; columns that it does not mention are what their names say. `ignored` are
    columns to leave out, by name in any case or by number counted from 1. `encoding`, `interval`
    (30 or 60 seconds), `hash_function`, `manufacturer` and `model` hold for tokens of which the
    file does not tell them. Raises ValueError for another interval.
    """

    key: Secret | None = None
    password: Secret | None = None
    mapping: ColumnMapping | None = None
    ignored: frozenset[str] = frozenset()
    encoding: Encoding | None = None
    interval: int | None = None
    hash_function: HashFunction | None = None
    manufacturer: str = ""
    model: str = ""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.interval is not None and self.interval not in INTERVALS:
            raise ValueError("a time interval is 30 or 60 seconds")


USUAL_BYTES: Final = 20
"""Of a seed for HMAC-SHA-1. A longer one without a hash told may be meant for SHA-256."""


@dataclass(frozen=True, slots=True)
class SeedFile:
    """What was found in a file, in the order of its rows.

    `rows` is how many rows with anything in them were read, so tokens and faults together.
    `columns` are the names in the header of a CSV file, or those of the members of JSON objects, ""
    for what may be no name; `mapping` is which column is what, as it was used or, with
    Need.MAPPING, as it may be. `unknown` are the columns that hold something and are not
    understood. `titles` is how many lines stand above the header of a CSV file. `sha256` is the
    hash of the file's bytes in 64 hexadecimal digits.
    """

    format: SeedFormat
    tokens: tuple[SeedToken, ...] = ()
    faults: tuple[RowFault, ...] = ()
    needs: frozenset[Need] = frozenset()
    columns: tuple[str, ...] = ()
    mapping: ColumnMapping | None = None
    unknown: tuple[int, ...] = ()
    titles: int = 0
    sha256: str = ""

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.tokens) + len(self.faults)

    @property
    def long_secrets(self) -> int:
        """How many rows wait because their seed is longer than is usual for SHA-1.

        A vendor's tool takes that for SHA-256 (Graph contract, section 8); a person has to say so.
        """
        return sum(1 for fault in self.faults if fault.kind is FaultKind.HASH_MISSING)

    def wipe(self) -> None:
        """Overwrite every seed; see Secret.wipe for what that is worth."""
        wipe_all(self.tokens)


def wipe_all(tokens: Iterable[SeedToken]) -> None:
    """Overwrite the seeds of `tokens`."""
    for token in tokens:
        token.secret.wipe()
