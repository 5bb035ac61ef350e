"""What the desk tells besides DeskNotice: who holds a token, what a person has, replacements."""

from dataclasses import dataclass
from datetime import datetime

from app.core.duplicates import Duplicate
from app.core.enrollment import SUCCESS, Enrollment
from app.core.errors import OathdeskError
from app.core.lifecycle import Choice
from app.core.model import Method, Person, Reason, Token
from app.core.record import Line
from app.station.notices import Notice


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
class OffersNotice(Notice):
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


@dataclass(frozen=True, slots=True)
class WhoseNotice(Notice):
    """Whose a token is: every token with this serial number, or why nobody can tell.

    `busy` while the directory is asked. Without serial number nothing is asked any more.
    """

    serial_number: str = ""
    found: tuple[HeldToken, ...] = ()
    busy: bool = False
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class HoldingsNotice(Notice):
    """What a person has, and which of their tokens stand there twice; or why nobody can tell.

    `busy` while the directory is asked. Without person nothing is asked any more.
    """

    person: Person | None = None
    holdings: Holdings | None = None
    duplicates: tuple[Duplicate, ...] = ()
    busy: bool = False
    error: OathdeskError | None = None


@dataclass(frozen=True, slots=True)
class ReplacingNotice(Notice):
    """A replacement that is being prepared: the next token on the desk is the new one for `old`.

    `wrong` is the serial number of a token that was put down and cannot be the new one. Without
    `old` nothing is being prepared any more.
    """

    old: Token | None = None
    person: Person | None = None
    reason: Reason = Reason.LOST
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class PendingNotice(Notice):
    """The second half of a replacement was opened whose first half is not done; None: no longer."""

    offer: Offer | None = None


ChoiceNotice = OffersNotice | WhoseNotice | HoldingsNotice | ReplacingNotice | PendingNotice
