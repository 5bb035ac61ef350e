"""A client that nobody here wrote: Microsoft's own Graph SDK for Python.

It signs in to the simulator with azure-identity, lists people and inventory, assigns, activates
and unassigns; its models parse every answer. The SDK is large (about 680 MB installed), so it is
no part of the test dependencies: `pip install msgraph-beta-sdk` switches this test on.
"""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.simulator.stock import DEMO_SERIAL
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


def credential(tenant: Simulated) -> Any:
    """azure-identity's device code sign-in, with a script in the person's place."""
    from azure.identity import DeviceCodeCredential  # noqa: PLC0415 - may not be installed

    password = tenant.operator(DANA).password

    def type_the_code(uri: str, user_code: str, _expires: datetime) -> None:
        page = device_login(uri, user_code, DANA, password, ca_file=tenant.ready.ca_file)
        assert "You are signed in" in page.text

    return DeviceCodeCredential(
        client_id=tenant.ready.client_id,
        tenant_id=tenant.ready.tenant_id,
        authority=tenant.ready.graph_url,
        disable_instance_discovery=True,
        connection_verify=tenant.ready.ca_file,
        prompt_callback=type_the_code,
    )


def sdk_client(tenant: Simulated, signed_in: Any) -> Any:
    """The SDK's client, told by its own means to talk to the simulator."""
    from azure.core.credentials import AccessToken  # noqa: F401, PLC0415 - proves what is installed
    from kiota_authentication_azure.azure_identity_authentication_provider import (  # noqa: PLC0415 - may not be installed
        AzureIdentityAuthenticationProvider,
    )
    from msgraph_beta import GraphRequestAdapter, GraphServiceClient  # noqa: PLC0415 - may not be installed
    from msgraph_core import GraphClientFactory  # noqa: PLC0415 - may not be installed

    context = ssl.create_default_context(cafile=tenant.ready.ca_file)
    http = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(verify=context, trust_env=False, timeout=30)
    )
    provider = AzureIdentityAuthenticationProvider(
        signed_in, scopes=SCOPES, allowed_hosts=[httpx.URL(tenant.ready.graph_url).netloc.decode()]
    )
    adapter = GraphRequestAdapter(provider, client=http)
    adapter.base_url = f"{tenant.ready.graph_url}/beta"
    return GraphServiceClient(request_adapter=adapter)


def test_microsofts_own_sdk_enrolls_a_token(tenant: Simulated) -> None:
    signed_in = credential(tenant)
    asyncio.run(_enroll(tenant, sdk_client(tenant, signed_in)))
    signed_in.close()
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"


async def _enroll(tenant: Simulated, client: Any) -> None:
    person_id = await _find_person(client)
    device_id = await _find_token(client)
    methods = client.users.by_user_id(person_id).authentication.hardware_oath_methods
    await _assign(methods, device_id)
    await _activate(tenant, methods, device_id)
    method = await methods.by_hardware_oath_authentication_method_id(device_id).get()
    assert method.device.serial_number == DEMO_SERIAL
    assert method.created_date_time <= datetime.now(UTC)
    await methods.by_hardware_oath_authentication_method_id(device_id).delete()
    assert (await methods.get()).value == []


async def _find_person(client: Any) -> str:
    from kiota_abstractions.base_request_configuration import RequestConfiguration  # noqa: PLC0415 - may not be installed
    from msgraph_beta.generated.users.users_request_builder import UsersRequestBuilder  # noqa: PLC0415 - may not be installed

    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        search='"displayName:siobhán" AND "mail:siobhan.obrien-m"', count=True, top=5
    )
    asked: Any = RequestConfiguration(query_parameters=query)
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
    from msgraph_beta.generated.models.hardware_oath_authentication_method import (  # noqa: PLC0415 - may not be installed
        HardwareOathAuthenticationMethod,
    )
    from msgraph_beta.generated.models.hardware_oath_token_authentication_method_device import (  # noqa: PLC0415 - may not be installed
        HardwareOathTokenAuthenticationMethodDevice,
    )

    device = HardwareOathTokenAuthenticationMethodDevice(id=device_id)
    made = await methods.post(HardwareOathAuthenticationMethod(device=device))
    assert made.id == device_id
    (listed,) = (await methods.get()).value
    assert listed.device.status.value == "assigned"


async def _activate(tenant: Simulated, methods: Any, device_id: str) -> None:
    from msgraph_beta.generated.users.item.authentication.hardware_oath_methods.item.activate.activate_post_request_body import (  # noqa: E501, PLC0415 - the SDK's own name for it
        ActivatePostRequestBody,
    )

    body = ActivatePostRequestBody(verification_code=tenant.press(DEMO_SERIAL), display_name="Desk")
    await methods.by_hardware_oath_authentication_method_id(device_id).activate.post(body)
    (listed,) = (await methods.get()).value
    assert listed.device.status.value == "activated"
    assert listed.device.display_name == "Desk"
