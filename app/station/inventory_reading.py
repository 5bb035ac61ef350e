"""Reads the whole inventory, page by page, through the faults of a long way.

A page that fails is asked for again, after the pause that the directory names. The list may change
while it is read; a token that comes twice counts once, as it came last, and what was missed is
there the next time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.core.errors import (
    AnswerLost,
    DirectoryError,
    Evidence,
    NotUnderstood,
    Throttled,
    Unavailable,
    Unreachable,
)
from app.core.model import InventoryPage, Token
from app.core.ports import Clock, Directory

PAUSES: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Seconds before a page is asked for again, one after the other, unless a longer pause is named."""
MOST_PAGES: Final = 100_000
"""More than any tenant has, so that a directory that never ends is noticed."""

_PASSING = (Throttled, Unavailable, Unreachable, AnswerLost)


@dataclass(frozen=True, slots=True)
class Read:
    """How far it is: tokens so far, those that are new, and why it waits, where it does."""

    count: int
    fresh: tuple[Token, ...] = ()
    error: DirectoryError | None = None


async def read_inventory(
    directory: Directory, clock: Clock, told: Callable[[Read], None]
) -> tuple[Token, ...]:
    """Return every token once. Raises DirectoryError and SignInError when patience has ended."""
    found: dict[str, Token] = {}
    following, asked = "", {""}

    def waits(error: DirectoryError) -> None:
        told(Read(len(found), error=error))

    while True:
        page = await _page(directory, clock, following, waits)
        fresh = tuple(token for token in page.tokens if token.device_id not in found)
        found |= {token.device_id: token for token in page.tokens}
        told(Read(len(found), fresh))
        following = page.following
        if not following:
            return tuple(found.values())
        if following in asked or len(asked) >= MOST_PAGES:
            raise NotUnderstood(Evidence(message="the pages of the list do not come to an end"))
        asked.add(following)


async def _page(
    directory: Directory, clock: Clock, following: str, waits: Callable[[DirectoryError], None]
) -> InventoryPage:
    for pause in PAUSES:
        try:
            return await directory.inventory_page(following)
        except _PASSING as error:
            asked = error.retry_after if isinstance(error, Throttled | Unavailable) else None
            waits(error)
            await clock.sleep(max(pause, asked or 0.0))
    return await directory.inventory_page(following)
