"""Asks the inventory for many serial numbers at once, the way that costs fewer requests.

One request finds one serial number; the whole list costs one request a page. Which is less depends
on how many are asked for and on how many pages there are, which only reading tells. All of it is
long work: whoever stands at the desk goes before.
"""

from collections.abc import Callable, Collection
from typing import Final

from app.core.importing import folded
from app.core.model import Token
from app.core.ports import Directory

FEW: Final = 5
"""Serial numbers that are asked for one by one while nobody knows how long the list is."""


def _unheard(_pages: int) -> None:
    """Tell nobody."""


class Stock:
    """The inventory, as far as it is asked about serial numbers."""

    def __init__(self, directory: Directory) -> None:
        """Know nothing of its size yet."""
        self._directory = directory
        self._pages: int | None = None

    def cost(self, count: int) -> int:
        """Return how many requests a look for `count` serial numbers takes, as far as is known."""
        return count if self._by_serial(count) else self._pages or 1

    async def look(
        self, serials: Collection[str], tell: Callable[[int], None] = _unheard
    ) -> dict[str, Token]:
        """Return the tokens of the inventory that have one of `serials`, by it in folded form.

        `tell` hears how many pages were read. Raises DirectoryError and SignInError.
        """
        if not serials:
            return {}
        if self._by_serial(len(serials)):
            return await self._one_by_one(serials)
        return await self._all(frozenset(map(folded, serials)), tell)

    def _by_serial(self, count: int) -> bool:
        return count <= (FEW if self._pages is None else self._pages)

    async def _one_by_one(self, serials: Collection[str]) -> dict[str, Token]:
        found: dict[str, Token] = {}
        for serial in serials:
            tokens = await self._directory.find_tokens(serial, long_work=True)
            found.update((folded(serial), token) for token in tokens[:1])
        return found

    async def _all(self, wanted: frozenset[str], tell: Callable[[int], None]) -> dict[str, Token]:
        """Go through the list, no further than until all are found."""
        found: dict[str, Token] = {}
        following, pages = "", 0
        while pages == 0 or (following and len(found) < len(wanted)):
            page = await self._directory.inventory_page(following, long_work=True)
            following, pages = page.following, pages + 1
            for token in page.tokens:
                serial = folded(token.serial_number)
                if serial in wanted:
                    found.setdefault(serial, token)
            tell(pages)
        self._pages = max(pages, self._pages or 0)
        return found
