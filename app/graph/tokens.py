"""The tenant's inventory of hardware tokens (Graph beta), and whether this cloud has one."""

from collections.abc import Awaitable
from typing import TypeVar

from app.core.errors import DirectoryError, Evidence, NotFound, NotOffered, Rejected
from app.core.model import InventoryGlance, InventoryPage, Token
from app.core.seed import SeedToken
from app.graph import odata, wire
from app.graph.client import BETA, Call, GraphClient

Answer = TypeVar("Answer")

INVENTORY = "/directory/authenticationMethodDevices/hardwareOathDevices"

PAGE_PATIENCE = 30.0
"""Seconds that one page may spend in trying again: nobody stands at the desk and waits for it."""


async def with_serial(
    client: GraphClient, serial_number: str, *, long_work: bool = False
) -> tuple[Token, ...]:
    """Return the tokens with exactly this serial number, in whatever case its letters are.

    The service is known to return items that its own filter excludes, so the answer is filtered
    again here (contract, C18). Letters are compared without case because labels and importers
    disagree about it, and taking two spellings for two tokens would hide a duplicate.
    """
    query = {"$filter": f"serialNumber eq {odata.literal(serial_number)}"}
    call = Call(INVENTORY, BETA, query=query, paced=long_work, is_long_work=long_work)
    found, evidence = await client.read_all(call)
    wanted = serial_number.casefold()
    tokens = wire.every(found, evidence, wire.token)
    return tuple(token for token in tokens if token.serial_number.casefold() == wanted)


async def by_id(client: GraphClient, device_id: str, *, long_work: bool = False) -> Token:
    """Return one token. Raises NotFound."""
    path = f"{INVENTORY}/{odata.segment(device_id)}"
    call = Call(path, BETA, paced=long_work, is_long_work=long_work)
    body, evidence = await client.read(call)
    return wire.token(wire.entity(body, evidence), evidence)


async def glance(client: GraphClient) -> InventoryGlance:
    """Look at the first page of the inventory. Raises NotOffered.

    A bare read without options: whatever this misses is not there for anybody.
    """
    try:
        body, evidence = await client.read(Call(INVENTORY, BETA))
    except (NotFound, Rejected) as error:
        raise NotOffered(error.evidence) from None
    return InventoryGlance(len(wire.items(body, evidence)), more=bool(wire.next_link(body)))


async def page(client: GraphClient, following: str, *, long_work: bool = False) -> InventoryPage:
    """Return the first page of the inventory, or the one at `following`. Raises NotOffered.

    Without options: how large a page is nobody documents, and $top is not promised (C17).
    """
    call = Call(INVENTORY, BETA, patience=PAGE_PATIENCE, paced=long_work, is_long_work=long_work)
    try:
        body, evidence = await client.read_page(call, following)
    except (NotFound, Rejected) as error:
        if following:
            raise
        raise NotOffered(error.evidence) from None
    found = wire.every(wire.items(body, evidence), evidence, wire.token)
    return InventoryPage(found, wire.next_link(body) or "")


async def create(client: GraphClient, token: SeedToken, holder_id: str) -> Evidence:
    """Bring a token into the inventory (contract, D3; with a holder D4). One request a token.

    Graph's own bulk request has no documented answer where a part of it fails, and a batch counts
    against the throttle by its parts. The seed is in the body alone, and nothing returns it.
    """
    body: dict[str, object] = {
        "serialNumber": token.serial,
        "manufacturer": token.manufacturer,
        "model": token.model,
        "secretKey": token.secret.reveal_base32(),
        "timeIntervalInSeconds": token.interval,
        "hashFunction": token.hash_function.value,
    }
    if token.display_name:
        body["displayName"] = token.display_name
    if holder_id:
        body["assignTo"] = {"id": holder_id}
    call = Call(
        INVENTORY,
        BETA,
        "POST",
        body=body,
        patience=PAGE_PATIENCE,
        paced=True,
        is_long_work=True,
    )
    return await client.write(call)


async def delete(client: GraphClient, device_id: str) -> Evidence:
    """Delete a token that nobody has (contract, D7)."""
    path = f"{INVENTORY}/{odata.segment(device_id)}"
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
        await client.read(Call(INVENTORY, BETA))
    except (NotFound, Rejected) as error:
        raise NotOffered(error.evidence) from None
    except DirectoryError:
        return
