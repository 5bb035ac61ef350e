"""The tenant's inventory of hardware tokens (Graph beta), and whether this cloud has one."""

from collections.abc import Awaitable
from typing import TypeVar

from app.core.errors import DirectoryError, Evidence, NotFound, NotOffered, Rejected
from app.core.model import InventoryGlance, InventoryPage, Token
from app.graph import odata, wire
from app.graph.client import BETA, Call, GraphClient

Answer = TypeVar("Answer")

_INVENTORY = "/directory/authenticationMethodDevices/hardwareOathDevices"

PAGE_PATIENCE = 30.0
"""Seconds that one page may spend in trying again: nobody stands at the desk and waits for it."""


async def with_serial(client: GraphClient, serial_number: str) -> tuple[Token, ...]:
    """Return the tokens with exactly this serial number, in whatever case its letters are.

    The service is known to return items that its own filter excludes, so the answer is filtered
    again here (contract, C18). Letters are compared without case because labels and importers
    disagree about it, and taking two spellings for two tokens would hide a duplicate.
    """
    query = {"$filter": f"serialNumber eq {odata.literal(serial_number)}"}
    found, evidence = await client.read_all(Call(_INVENTORY, BETA, query=query))
    wanted = serial_number.casefold()
    tokens = wire.every(found, evidence, wire.token)
    return tuple(token for token in tokens if token.serial_number.casefold() == wanted)


async def by_id(client: GraphClient, device_id: str) -> Token:
    """Return one token. Raises NotFound."""
    body, evidence = await client.read(Call(f"{_INVENTORY}/{odata.segment(device_id)}", BETA))
    return wire.token(wire.entity(body, evidence), evidence)


async def glance(client: GraphClient) -> InventoryGlance:
    """Look at the first page of the inventory. Raises NotOffered.

    A bare read without options: whatever this misses is not there for anybody.
    """
    try:
        body, evidence = await client.read(Call(_INVENTORY, BETA))
    except (NotFound, Rejected) as error:
        raise NotOffered(error.evidence) from None
    return InventoryGlance(len(wire.items(body, evidence)), more=bool(wire.next_link(body)))


async def page(client: GraphClient, following: str) -> InventoryPage:
    """Return the first page of the inventory, or the one at `following`. Raises NotOffered.

    Without options: how large a page is nobody documents, and $top is not promised (C17).
    """
    call = Call(_INVENTORY, BETA, patience=PAGE_PATIENCE)
    try:
        body, evidence = await client.read_page(call, following)
    except (NotFound, Rejected) as error:
        if following:
            raise
        raise NotOffered(error.evidence) from None
    found = wire.every(wire.items(body, evidence), evidence, wire.token)
    return InventoryPage(found, wire.next_link(body) or "")


async def delete(client: GraphClient, device_id: str) -> Evidence:
    """Delete a token that nobody has (contract, D7)."""
    path = f"{_INVENTORY}/{odata.segment(device_id)}"
    return await client.write(Call(path, BETA, "DELETE"))


async def where_offered(client: GraphClient, asked: Awaitable[Answer]) -> Answer:
    """Return what `asked` gives. Raises NotOffered in a cloud without hardware tokens.

    There the segments of their paths do not exist, which Graph says by a 400 and other services by
    a 404; either can have other causes. A bare read of the inventory cannot: where hardware tokens
    are offered the collection is there, be it empty.
    """
    try:
        return await asked
    except (NotFound, Rejected):
        await _probe(client)
        raise


async def _probe(client: GraphClient) -> None:
    """Read the inventory without any option. Raises NotOffered, and nothing else."""
    try:
        await client.read(Call(_INVENTORY, BETA))
    except (NotFound, Rejected) as error:
        raise NotOffered(error.evidence) from None
    except DirectoryError:
        return
