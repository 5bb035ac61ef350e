"""What an import tells of its file, and a desk of a token that it brings in. No seed is in them."""

import enum
from dataclasses import dataclass, field
from typing import Final

from app.core.errors import OathdeskError
from app.core.importing import Preview
from app.core.rights import Standing
from app.core.seed import ColumnMapping, Need, SeedFormat
from app.core.stored_job import StoredJob
from app.station.notices import Notice


class ImportState(enum.Enum):
    """How far a file is."""

    EMPTY = "empty"
    """No file is open."""
    READING = "reading"
    ASKING = "asking"
    """Something only the operator can tell is missing; what is known so far is shown."""
    LOOKING = "looking"
    """The tenant is asked which of the serial numbers it has."""
    UNCHECKED = "unchecked"
    """The tenant could not be asked."""
    READY = "ready"
    UPLOADING = "uploading"
    REFUSED = "refused"
    """The file cannot be read as a whole."""


@dataclass(frozen=True, slots=True)
class ImportNotice(Notice):
    """The file. `read` are the rows, `pages` the pages of the inventory that were read so far.

    `needs`, `columns`, `mapping`, `unknown` and `titles` are those of core.seed.SeedFile. `lacks`
    is what the operator lacks for changing the inventory, `left` an earlier upload that was not
    ended. `long_secrets` is how many rows wait to be told their hash.
    """

    state: ImportState = ImportState.EMPTY
    file: str = ""
    format: SeedFormat | None = None
    read: int = 0
    pages: int = 0
    needs: frozenset[Need] = frozenset()
    columns: tuple[str, ...] = ()
    mapping: ColumnMapping | None = None
    preview: Preview = field(default_factory=Preview)
    unknown: tuple[int, ...] = ()
    titles: int = 0
    long_secrets: int = 0
    error: OathdeskError | None = None
    lacks: Standing | None = None
    left: StoredJob | None = None


@dataclass(frozen=True, slots=True)
class FaultsNotice(Notice):
    """The faults of the file were saved at `path`, or could not be."""

    path: str = ""
    count: int = 0
    error: OathdeskError | None = None


class AddState(enum.Enum):
    """How a token that was not in the tenant comes into it from the desk."""

    NOT_OFFERED = "not_offered"
    OFFERED = "offered"
    """It lies on the desk, the tenant does not know it, and the operator may bring it in."""
    SENDING = "sending"
    DONE = "done"
    THERE = "there"
    """It was refused, since there is one with this serial number."""
    UNSEEN = "unseen"
    """It was accepted, and the inventory does not list it yet."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AddNotice(Notice):
    """The token `serial_number` can be brought in, or how far that is."""

    state: AddState
    serial_number: str = ""
    error: OathdeskError | None = None


IMPORT_NOTICES: Final = (ImportNotice, FaultsNotice, AddNotice)
