"""A client that nobody here wrote: Microsoft's own Graph SDK for Python.

It signs in to the simulator with azure-identity, lists people and inventory, assigns, activates
and unassigns; its models parse every answer. The SDK is large (about 680 MB installed), so it is
no part of the test dependencies: `pip install msgraph-beta-sdk` switches this test on.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import ssl
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.simulator.stock import DEMO_SERIAL
from tests.support.patience import HANG_SECONDS
from tests.support.simulated import DANA, Simulated, device_login

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("msgraph_beta") is None,
        reason="needs Microsoft's Graph SDK: pip install msgraph-beta-sdk",
    ),
    # The SDK's own parts warn about each other; what they say is not ours to mend.
    pytest.mark.filterwarnings("default"),
]

SCOPES = [
    "https://graph.microsoft.com/User.Read.All",
    "https://graph.microsoft.com/UserAuthenticationMethod.ReadWrite.All",
    "https://graph.microsoft.com/Policy.ReadWrite.AuthenticationMethod",
]


GENERATED = "msgraph_beta.generated"


def part(module: str, name: str) -> Any:
    """A class of the SDK, found only now because the SDK may not be installed."""
    return getattr(importlib.import_module(module), name)


def model(module: str, name: str) -> Any:
    """One of the SDK's generated models."""
    return part(f"{GENERATED}.models.{module}", name)


def credential(tenant: Simulated) -> Any:
    """azure-identity's device code sign-in, with a script in the person's place."""
    password = tenant.operator(DANA).password

    def type_the_code(uri: str, user_code: str, _expires: datetime) -> None:
        page = device_login(uri, user_code, DANA, password, ca_file=tenant.ready.ca_file)
        assert "You are signed in" in page.text

    return part("azure.identity", "DeviceCodeCredential")(
        client_id=tenant.ready.client_id,
        tenant_id=tenant.ready.tenant_id,
        authority=tenant.ready.graph_url,
        disable_instance_discovery=True,
        connection_verify=tenant.ready.ca_file,
        prompt_callback=type_the_code,
    )


def sdk_client(tenant: Simulated, signed_in: Any, http_client: httpx.AsyncClient) -> Any:
    """The SDK's client, told by its own means to talk to the simulator."""
    factory = part("msgraph_core", "GraphClientFactory")
    http = factory.create_with_default_middleware(client=http_client)
    azure = "kiota_authentication_azure.azure_identity_authentication_provider"
    provider = part(azure, "AzureIdentityAuthenticationProvider")(
        signed_in, scopes=SCOPES, allowed_hosts=["localhost"]
    )
    adapter = part("msgraph_beta", "GraphRequestAdapter")(provider, client=http)
    adapter.base_url = f"{tenant.ready.graph_url}/beta"
    return part("msgraph_beta", "GraphServiceClient")(request_adapter=adapter)


def test_microsofts_own_sdk_enrolls_a_token(tenant: Simulated) -> None:
    signed_in = credential(tenant)
    asyncio.run(_enroll(tenant, signed_in))
    signed_in.close()
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"


async def _enroll(tenant: Simulated, signed_in: Any) -> None:
    context = ssl.create_default_context(cafile=tenant.ready.ca_file)
    transport = httpx.AsyncHTTPTransport(verify=context)
    try:
        http_client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=HANG_SECONDS)
        await _enroll_with(tenant, sdk_client(tenant, signed_in, http_client))
    finally:
        await transport.aclose()  # the SDK wraps the transport, and forgets to close it


async def _enroll_with(tenant: Simulated, client: Any) -> None:
    person_id = await _find_person(client)
    device_id = await _find_token(client)
    methods = client.users.by_user_id(person_id).authentication.hardware_oath_methods
    await _refusals(tenant, client, device_id)
    await _assign(methods, device_id)
    await _activate(tenant, methods, device_id)
    method = await methods.by_hardware_oath_authentication_method_id(device_id).get()
    assert method.device.serial_number == DEMO_SERIAL
    assert method.created_date_time <= datetime.now(UTC)
    await methods.by_hardware_oath_authentication_method_id(device_id).delete()
    assert (await methods.get()).value == []


async def _find_person(client: Any) -> str:
    builder = part(f"{GENERATED}.users.users_request_builder", "UsersRequestBuilder")
    query = builder.UsersRequestBuilderGetQueryParameters(
        search='"displayName:siobhán" AND "mail:siobhan.obrien-m"', count=True, top=5
    )
    configuration = part("kiota_abstractions.base_request_configuration", "RequestConfiguration")
    asked = configuration(query_parameters=query)
    asked.headers.add("ConsistencyLevel", "eventual")
    found = await client.users.get(request_configuration=asked)
    (person,) = found.value
    assert person.display_name == "Siobhán O’Brien-Müller"
    assert found.odata_count == 1
    return str(person.id)


async def _find_token(client: Any) -> str:
    devices = client.directory.authentication_method_devices.hardware_oath_devices
    page = await devices.get()
    while page.odata_next_link:
        assert all(device.status is not None for device in page.value)
        found = [device for device in page.value if device.serial_number == DEMO_SERIAL]
        if found:
            return str(found[0].id)
        page = await devices.with_url(page.odata_next_link).get()
    pytest.fail("the inventory does not list the practice token")


async def _assign(methods: Any, device_id: str) -> None:
    kind = "hardware_oath_token_authentication_method_device"
    device = model(kind, "HardwareOathTokenAuthenticationMethodDevice")(id=device_id)
    method = model("hardware_oath_authentication_method", "HardwareOathAuthenticationMethod")
    made = await methods.post(method(device=device))
    assert made.id == device_id
    (listed,) = (await methods.get()).value
    assert listed.device.status.value == "assigned"


async def _refusals(tenant: Simulated, client: Any, device_id: str) -> None:
    """What Graph refuses is refused, and the SDK reads the refusal as its own error."""
    practice = tenant.server.practice
    assert practice is not None
    people = list(practice.tenant.people.all_current())
    guest = next(person.id for person in people if person.is_guest)
    in_group = next(person.id for person in people if person.role_groups)
    restricted = next(person.id for person in people if person.restricted)
    nobody = "00000000-0000-4000-8000-000000000000"
    error = model("o_data_errors.o_data_error", "ODataError")
    kind = "hardware_oath_token_authentication_method_device"
    device = model(kind, "HardwareOathTokenAuthenticationMethodDevice")(id=device_id)
    method = model("hardware_oath_authentication_method", "HardwareOathAuthenticationMethod")
    for person, status in ((guest, 400), (in_group, 403), (restricted, 403), (nobody, 404)):
        methods = client.users.by_user_id(person).authentication.hardware_oath_methods
        with pytest.raises(error) as refused:
            await methods.post(method(device=device))
        assert refused.value.response_status_code == status


async def _activate(tenant: Simulated, methods: Any, device_id: str) -> None:
    actions = f"{GENERATED}.users.item.authentication.hardware_oath_methods.item.activate"
    request_body = part(f"{actions}.activate_post_request_body", "ActivatePostRequestBody")
    body = request_body(verification_code=tenant.press(DEMO_SERIAL), display_name="Desk")
    await methods.by_hardware_oath_authentication_method_id(device_id).activate.post(body)
    (listed,) = (await methods.get()).value
    assert listed.device.status.value == "activated"
    assert listed.device.display_name == "Desk"
