"""A person's authentication methods, and the writes that Oathdesk exists for (Graph beta)."""

from collections.abc import Mapping
from dataclasses import replace

from app.core.code import RESERVE_SECONDS, VerificationCode
from app.core.errors import Evidence
from app.core.model import Method
from app.core.ports import Assignment
from app.graph import odata, wire
from app.graph.client import BETA, Call, GraphClient

ME = "me"
"""Stands for the person who signed in; no person's id is that."""


def _whose(person_id: str) -> str:
    """Return where somebody's methods are. What /me means is decided by the sign-in token alone."""
    whose = "/me" if person_id == ME else f"/users/{odata.segment(person_id)}"
    return f"{whose}/authentication"


def _hardware(person_id: str) -> str:
    return f"{_whose(person_id)}/hardwareOathMethods"


async def every(client: GraphClient, person_id: str) -> tuple[Method, ...]:
    """Return all methods as the general list tells them: perhaps without a hardware token's device.

    Raises Forbidden where only the narrow permissions for hardware tokens were granted.
    """
    path = f"{_whose(person_id)}/methods"
    found, evidence = await client.read_all(Call(path, BETA, paced=True))
    return wire.every(found, evidence, wire.method)


async def hardware(
    client: GraphClient, person_id: str, *, long_work: bool = False
) -> tuple[Method, ...]:
    """Return the hardware tokens alone, with their devices where the service inlines them."""
    call = Call(_hardware(person_id), BETA, paced=True, is_long_work=long_work)
    found, evidence = await client.read_all(call)
    return wire.every(found, evidence, wire.hardware_method)


async def assign(client: GraphClient, person_id: str, device_id: str) -> Assignment:
    """Assign without activation. The nested form is the one that works (contract, C3).

    The answer, a 201 with the new method, may lack its body or be no method: then it names none.
    """
    body = {"device": {"id": device_id}}
    call = Call(_hardware(person_id), BETA, "POST", body=body, paced=True)
    told, evidence = await client.write_and_read(call)
    return Assignment(evidence, wire.new_method(told, evidence))


async def assign_and_activate(
    client: GraphClient, person_id: str, device_id: str, code: VerificationCode, name: str = ""
) -> Evidence:
    """Assign and activate in one request; `name` becomes the method's display name."""
    body = {"device": {"id": device_id}, "verificationCode": code.reveal()}
    return await client.write(_with_code(f"{_hardware(person_id)}/assignAndActivate", body, name))


async def assign_and_activate_by_serial(
    client: GraphClient, person_id: str, serial_number: str, code: VerificationCode, name: str = ""
) -> Evidence:
    """Assign and activate by the printed number: needs no right to read the inventory (U8)."""
    body = {"serialNumber": serial_number, "verificationCode": code.reveal()}
    path = f"{_hardware(person_id)}/assignAndActivateBySerialNumber"
    return await client.write(_with_code(path, body, name))


async def activate(  # noqa: PLR0913 - the name is optional, as in the request
    client: GraphClient,
    person_id: str,
    method_id: str,
    code: VerificationCode,
    name: str = "",
    *,
    long_work: bool = False,
) -> Evidence:
    """Activate a token that the person already has."""
    path = f"{_hardware(person_id)}/{odata.segment(method_id)}/activate"
    call = _with_code(path, {"verificationCode": code.reveal()}, name)
    return await client.write(replace(call, is_long_work=long_work))


async def deactivate(client: GraphClient, person_id: str, method_id: str) -> Evidence:
    """Deactivate; the token stays with its holder. The action takes no body (contract, U6)."""
    path = f"{_hardware(person_id)}/{odata.segment(method_id)}/deactivate"
    return await client.write(Call(path, BETA, "POST", paced=True))


async def unassign(
    client: GraphClient, person_id: str, method_id: str, *, long_work: bool = False
) -> Evidence:
    """Take a token from its holder; it stays in the inventory (contract, U4)."""
    path = f"{_hardware(person_id)}/{odata.segment(method_id)}"
    return await client.write(Call(path, BETA, "DELETE", paced=True, is_long_work=long_work))


def _with_code(path: str, body: Mapping[str, object], name: str) -> Call:
    """A write that dies with its code: not repeated beyond the life that a code surely has left.

    The display name is optional (contract, U5); without one the property is left out.
    """
    if name:
        body = {**body, "displayName": name}
    return Call(path, BETA, "POST", body=body, paced=True, patience=RESERVE_SECONDS)
