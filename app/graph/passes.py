"""Temporary Access Passes of a person, and the policy for them (Graph v1.0)."""

from app.core.access_pass import AccessPass, IssuedPass, PassOrder, PassPolicy
from app.graph import odata, wire
from app.graph.client import Call, GraphClient

_POLICY = (
    "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"
)


def _path(person_id: str) -> str:
    return f"/users/{odata.segment(person_id)}/authentication/temporaryAccessPassMethods"


async def listed(client: GraphClient, person_id: str) -> tuple[AccessPass, ...]:
    """Return the passes of a person; the service does not tell their values here."""
    found, evidence = await client.read_all(Call(_path(person_id), paced=True))
    return wire.every(found, evidence, wire.access_pass)


async def policy(client: GraphClient) -> PassPolicy:
    """Return the policy for passes. Members that are missing or of another type are not known."""
    body, evidence = await client.read(Call(_POLICY))
    return wire.pass_policy(wire.entity(body, evidence))


async def issue(client: GraphClient, person_id: str, order: PassOrder) -> IssuedPass:
    """Issue a pass that is valid at once. What `order` leaves open the policy decides.

    The answer, a 201 with the pass and its value, may lack its body or be no pass: the pass is
    issued all the same, and its value is lost.
    """
    wanted = {"lifetimeInMinutes": order.minutes, "isUsableOnce": order.once}
    body = {name: value for name, value in wanted.items() if value is not None}
    call = Call(_path(person_id), method="POST", body=body, paced=True)
    told, evidence = await client.write_and_read(call)
    return IssuedPass(evidence, *wire.new_pass(told, evidence))
