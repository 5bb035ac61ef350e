"""The tenant's policies: for hardware tokens (Graph beta), and for signing in (v1.0)."""

from app.core.errors import DirectoryError, SignInExpired
from app.core.model import Policy, SignInRules
from app.graph import wire
from app.graph.client import BETA, Call, GraphClient

ROOT = "/policies/authenticationMethodsPolicy"
PATH = f"{ROOT}/authenticationMethodConfigurations/hardwareOath"


async def read(client: GraphClient) -> Policy:
    """Return the policy as it stands; a change takes the service up to 20 minutes to spread.

    Whether the legacy policies count stands in the policy that it belongs to. Where that cannot be
    read, nothing is claimed of it.
    """
    body, evidence = await client.read(Call(PATH, BETA))
    return wire.policy(wire.entity(body, evidence), await _root(client))


async def _root(client: GraphClient) -> wire.Json | None:
    try:
        body, evidence = await client.read(Call(ROOT))
        return wire.entity(body, evidence)
    except SignInExpired:
        raise
    except DirectoryError:
        return None


async def sign_in_rules(client: GraphClient) -> SignInRules:
    """Return what the tenant's policies mean for the device code flow, as far as it may be read.

    Both take Policy.Read.All and a role such as Global Reader (Graph v1.0:
    identitySecurityDefaultsEnforcementPolicy, conditionalAccessPolicy).
    """
    return SignInRules(await _security_defaults(client), await _blocking(client))


async def _security_defaults(client: GraphClient) -> bool | None:
    try:
        call = Call("/policies/identitySecurityDefaultsEnforcementPolicy")
        body, evidence = await client.read(call)
        enabled = wire.entity(body, evidence).get("isEnabled")
    except SignInExpired:
        raise
    except DirectoryError:
        return None
    return enabled if isinstance(enabled, bool) else None


async def _blocking(client: GraphClient) -> tuple[str, ...] | None:
    try:
        found, _ = await client.read_all(Call("/identity/conditionalAccess/policies"))
    except SignInExpired:
        raise
    except DirectoryError:
        return None
    return tuple(wire.policy_name(item) for item in found if wire.blocks_device_code(item))
