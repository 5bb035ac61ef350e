"""A client that nobody here wrote: Microsoft's own Graph SDK for Python.

It signs in to the simulator with azure-identity, lists people and inventory, assigns, activates
and unassigns, for others and for itself, issues Temporary Access Passes, and does what a trial of
the tenant does; its models parse every answer. The SDK is large (about 680 MB installed), so it is
no part of the test dependencies: `pip install msgraph-beta-sdk` switches this test on.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import ssl
from collections.abc import Awaitable, Callable
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
    says_me = part("msgraph_beta.graph_request_adapter", "options")  # /me for a token in the path
    http = factory.create_with_default_middleware(options=says_me, client=http_client)
    azure = "kiota_authentication_azure.azure_identity_authentication_provider"
    provider = part(azure, "AzureIdentityAuthenticationProvider")(
        signed_in, scopes=SCOPES, allowed_hosts=["localhost"]
    )
    adapter = part("msgraph_beta", "GraphRequestAdapter")(provider, client=http)
    adapter.base_url = f"{tenant.ready.graph_url}/beta"
    return part("msgraph_beta", "GraphServiceClient")(request_adapter=adapter)


Work = Callable[[Simulated, Any], Awaitable[None]]


def do(tenant: Simulated, work: Work) -> None:
    """Do `work` with the SDK's client, signed in."""
    signed_in = credential(tenant)
    asyncio.run(_do(tenant, signed_in, work))
    signed_in.close()


def test_microsofts_own_sdk_enrolls_a_token(tenant: Simulated) -> None:
    do(tenant, _enroll)
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"


def test_microsofts_own_sdk_issues_and_ends_temporary_access_passes(tenant: Simulated) -> None:
    do(tenant, _passes)


def test_microsofts_own_sdk_assigns_a_token_to_whom_it_is_signed_in_as(tenant: Simulated) -> None:
    do(tenant, _to_oneself)
    assert tenant.token_state(DEMO_SERIAL)["status"] == "available"


def test_microsofts_own_sdk_walks_through_a_trial(tenant: Simulated) -> None:
    do(tenant, _trial)


async def _do(tenant: Simulated, signed_in: Any, work: Work) -> None:
    context = ssl.create_default_context(cafile=tenant.ready.ca_file)
    transport = httpx.AsyncHTTPTransport(verify=context)
    try:
        http_client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=HANG_SECONDS)
        await work(tenant, sdk_client(tenant, signed_in, http_client))
    finally:
        await transport.aclose()  # the SDK wraps the transport, and forgets to close it


async def _enroll(tenant: Simulated, client: Any) -> None:
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
    made = await methods.post(_method(id=device_id))
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
    for person, status in ((guest, 400), (in_group, 403), (restricted, 403), (nobody, 404)):
        methods = client.users.by_user_id(person).authentication.hardware_oath_methods
        await _refused(methods.post(_method(id=device_id)), status)


async def _refused(sent: Awaitable[Any], *statuses: int) -> None:
    """See that Graph refuses what is sent, and that the SDK reads the refusal as its own error."""
    with pytest.raises(model("o_data_errors.o_data_error", "ODataError")) as refused:
        await sent
    assert refused.value.response_status_code in statuses
    assert refused.value.error.code
    assert refused.value.error.message


def _device(**fields: Any) -> Any:
    kind = "hardware_oath_token_authentication_method_device"
    return model(kind, "HardwareOathTokenAuthenticationMethodDevice")(**fields)


def _method(**fields: Any) -> Any:
    """The body that assigns the device with these fields."""
    method = model("hardware_oath_authentication_method", "HardwareOathAuthenticationMethod")
    return method(device=_device(**fields))


def _pass(**fields: Any) -> Any:
    kind = "temporary_access_pass_authentication_method"
    return model(kind, "TemporaryAccessPassAuthenticationMethod")(**fields)


async def _passes(tenant: Simulated, client: Any) -> None:
    person_id = await _find_person(client)
    passes = client.users.by_user_id(person_id).authentication.temporary_access_pass_methods
    assert (await passes.get()).value == []
    first = await passes.post(_pass(lifetime_in_minutes=90, is_usable_once=True))
    assert first.temporary_access_pass
    assert (first.lifetime_in_minutes, first.is_usable_once) == (90, True)
    assert first.start_date_time <= datetime.now(UTC)
    second = await passes.post(_pass(lifetime_in_minutes=60))
    (listed,) = (await passes.get()).value  # the second has ended the first
    assert (listed.id, listed.temporary_access_pass) == (second.id, None)
    one = passes.by_temporary_access_pass_authentication_method_id
    assert (await one(second.id).get()).id == second.id
    await _refused(one(first.id).delete(), 404)
    await _refused(passes.post(_pass(lifetime_in_minutes=1)), 400)
    await _refused(passes.post(_pass(lifetime_in_minutes=50_000)), 400)
    own = client.me().authentication.temporary_access_pass_methods
    await _refused(own.post(_pass(lifetime_in_minutes=60)), 400, 403, 404, 405)
    people = client.users.by_user_id
    nobody = people("00000000-0000-4000-8000-000000000000").authentication
    await _refused(nobody.temporary_access_pass_methods.post(_pass(lifetime_in_minutes=60)), 404)
    await one(second.id).delete()
    assert (await passes.get()).value == []
    tenant.fault("pass_policy", state="disabled")
    await _refused(passes.post(_pass(lifetime_in_minutes=60)), 400)


async def _to_oneself(tenant: Simulated, client: Any) -> None:
    device_id = await _find_token(client)
    methods = client.me().authentication.hardware_oath_methods
    made = await methods.post(_method(id=device_id))
    assert made.id == device_id
    assert made.created_date_time <= datetime.now(UTC)
    (listed,) = (await methods.get()).value
    assert listed.device.serial_number == DEMO_SERIAL
    assert tenant.token_state(DEMO_SERIAL)["holder_upn"] == DANA
    await _refused(methods.post(_method(id=device_id)), 400, 409)
    await methods.by_hardware_oath_authentication_method_id(device_id).delete()
    await _refused(methods.by_hardware_oath_authentication_method_id(device_id).delete(), 404)


async def _trial(tenant: Simulated, client: Any) -> None:
    """A token that is made for it, a duplicate, wrong codes, deactivated, and removed again."""
    devices = client.directory.authentication_method_devices.hardware_oath_devices
    hashes = model("hardware_oath_token_hash_function", "HardwareOathTokenHashFunction")
    token = {
        "serial_number": "OATHDESK-TRIAL-7001",
        "manufacturer": "Example Works",
        "model": "Trial",
        "secret_key": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "time_interval_in_seconds": 30,
        "hash_function": hashes.Hmacsha1,
    }
    made = await devices.post(_device(**token))
    assert made.serial_number == token["serial_number"]
    assert made.secret_key is None
    await _refused(devices.post(_device(**token)), 400, 409)
    for wrong in ({"secret_key": "not Base32!"}, {"time_interval_in_seconds": 45}):
        other = {**token, "serial_number": "OATHDESK-TRIAL-7002", **wrong}
        await _refused(devices.post(_device(**other)), 400)
    person = client.users.by_user_id(await _find_person(client)).authentication
    await person.hardware_oath_methods.post(_method(id=made.id))
    held = person.hardware_oath_methods.by_hardware_oath_authentication_method_id(made.id)
    actions = f"{GENERATED}.users.item.authentication.hardware_oath_methods.item.activate"
    body = part(f"{actions}.activate_post_request_body", "ActivatePostRequestBody")
    await _refused(held.activate.post(body(verification_code="00000")), 400)
    code = tenant.press(token["serial_number"])
    await held.activate.post(body(verification_code=code))
    await _refused(held.activate.post(body(verification_code=code)), 400, 409)  # used already
    await held.deactivate.post()
    one = devices.by_hardware_oath_token_authentication_method_device_id(made.id)
    await _refused(one.delete(), 400, 409)  # somebody has it
    await held.delete()
    await one.delete()
    await _refused(one.get(), 404)


async def _activate(tenant: Simulated, methods: Any, device_id: str) -> None:
    actions = f"{GENERATED}.users.item.authentication.hardware_oath_methods.item.activate"
    request_body = part(f"{actions}.activate_post_request_body", "ActivatePostRequestBody")
    body = request_body(verification_code=tenant.press(DEMO_SERIAL), display_name="Desk")
    await methods.by_hardware_oath_authentication_method_id(device_id).activate.post(body)
    (listed,) = (await methods.get()).value
    assert listed.device.status.value == "activated"
    assert listed.device.display_name == "Desk"
