"""The tenant's policy for hardware tokens (Graph beta)."""

from app.core.model import Policy
from app.graph import wire
from app.graph.client import BETA, Call, GraphClient

_PATH = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath"


async def read(client: GraphClient) -> Policy:
    """Return the policy as it stands; a change takes the service up to 20 minutes to spread."""
    body, evidence = await client.read(Call(_PATH, BETA))
    return wire.policy(wire.entity(body, evidence))
