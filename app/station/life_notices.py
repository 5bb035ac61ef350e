"""What the station tells of the life of a token after it was handed over."""

from dataclasses import dataclass
from datetime import datetime

from app.core.enrollment import SUCCESS, Enrollment
from app.core.lifecycle import Choice, Preview
from app.core.model import Method, Operation, Person, Token
from app.core.record import Line


@dataclass(frozen=True, slots=True)
class LifeNotice:
    """The enrollment in work beside the desk changed; None where there is none any more.

    `wrong` is the serial number that was shown where another token's was asked for. `undo` is the
    request that takes back what was done.
    """

    enrollment: Enrollment | None = None
    preview: Preview | None = None
    wrong: str = ""
    undo: Operation | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """The second half of a replacement, agreed upon at the moment `since` and not yet done.

    `first` is the first half as the record has it; None where it was never sent.
    """

    second: Enrollment
    since: datetime
    first: Line | None = None

    @property
    def is_ready(self) -> bool:
        """Tell whether the first half is done, so that this one can follow."""
        return self.first is not None and self.first.state in SUCCESS


@dataclass(frozen=True, slots=True)
class OffersNotice:
    """What is left to do of replacements, oldest first."""

    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token as this tenant and this desk know it.

    `holder` is who has it, `method` how their side shows it, and `handed_out` the enrollment by
    which this desk gave it to them, or to the last one if nobody has it now; each is None where
    that is not known. `choices` says what can be done with it now, and why the rest cannot; it is
    empty where nobody has the token.
    """

    token: Token
    count: int = 1
    holder: Person | None = None
    method: Method | None = None
    handed_out: Line | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a person has: hardware tokens, and the other methods as the directory lists them."""

    person: Person
    tokens: tuple[HeldToken, ...] = ()
    others: tuple[Method, ...] = ()
