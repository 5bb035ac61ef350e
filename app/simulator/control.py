"""The simulator's own door, behind an unguessable path: the truth, the faults, the practice tokens.

A test asks here what the tenant really holds; the demo presses its practice tokens here. It is
no part of what a real tenant offers.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.simulator import totp
from app.simulator.faults import KINDS, Faults, UnknownFault
from app.simulator.model import Device, Person
from app.simulator.options import Throttle
from app.simulator.refusals import GraphRefusal
from app.simulator.signin.desk import SignInDesk
from app.simulator.signin.pages import FilledIn
from app.simulator.tenant import Tenant
from app.simulator.throttling import Throttling

if TYPE_CHECKING:
    from app.simulator.gate import Gate


@dataclass(slots=True)
class Controls:
    """Everything the control routes may touch; the gate joins when it wraps the application."""

    tenant: Tenant
    desk: SignInDesk
    faults: Faults
    throttling: Throttling
    gate: "Gate | None" = None


Action = Callable[[Controls, Request, dict[str, Any]], Any]


def token_state(tenant: Tenant, serial: str) -> dict[str, Any]:
    """The tenant's own true view of a token; raises GraphRefusal 404."""
    return _token_view(tenant, tenant.device_by_serial(serial))


def _token_view(tenant: Tenant, device: Device) -> dict[str, Any]:
    holder: Person | None = tenant.people.current(device.holder) if device.holder else None
    return {
        "id": device.id,
        "serial": device.serial_number,
        "status": device.status,
        "display_name": device.display_name,
        "holder_id": device.holder,
        "holder_upn": holder.user_principal_name if holder else None,
        "drift_steps": device.known_drift,
    }


def press(tenant: Tenant, serial: str, offset_steps: int = 0) -> dict[str, Any]:
    """What the display of a practice token shows now, and for how many seconds still."""
    device = tenant.device_by_serial(serial)
    now = tenant.clock()
    code = totp.code_at(device, now, offset_steps)
    return {"code": code, "seconds_left": round(totp.seconds_left(device, now), 1)}


def _person_state(controls: Controls, request: Request, _body: dict[str, Any]) -> Any:
    tenant = controls.tenant
    person = tenant.person(request.path_params["person"])
    return {
        "id": person.id,
        "upn": person.user_principal_name,
        "display_name": person.display_name,
        "enabled": person.account_enabled,
        "roles": list(person.roles),
        "tokens": [_token_view(tenant, device) for device in tenant.held(person.id)],
    }


def _set_lag(controls: Controls, _request: Request, body: dict[str, Any]) -> None:
    controls.tenant.lag = float(body["seconds"])


def _tenant_state(controls: Controls, _request: Request, _body: dict[str, Any]) -> Any:
    return controls.tenant.state.plain()


def _set_tenant_state(controls: Controls, _request: Request, body: dict[str, Any]) -> Any:
    """Set the tenant up otherwise; what is not named stays as it is."""
    controls.tenant.state = controls.tenant.state.changed(body)
    if "without_consent" in body:
        controls.desk.restore_consents()
    return controls.tenant.state.plain()


def _fill_in(controls: Controls, _request: Request, body: dict[str, Any]) -> None:
    """Have the sign-in page's fields filled in; no `username` leaves them empty again."""
    username = str(body.get("username", ""))
    after = float(body["after"]) if body.get("after") is not None else None
    filled = FilledIn(username, str(body.get("password", "")), after) if username else None
    controls.desk.filled_in = filled


def _set_throttle(controls: Controls, _request: Request, body: dict[str, Any]) -> None:
    rule = Throttle(int(body["count"]), float(body["seconds"])) if body.get("count") else None
    controls.throttling.change(rule)


def _inject(controls: Controls, _request: Request, body: dict[str, Any]) -> None:
    kind, match = str(body.pop("kind", "")), body.pop("match", {})
    controls.faults.inject(kind, match, int(body.pop("times", 1)), body)


def _armed(controls: Controls, _request: Request, _body: dict[str, Any]) -> Any:
    armed = [{"kind": r.kind, "method": r.method, "times": r.times} for r in controls.faults.rules]
    return {"kinds": sorted(KINDS), "armed": armed}


def _clear(controls: Controls, _request: Request, _body: dict[str, Any]) -> None:
    controls.faults.clear()


def _reset(controls: Controls, _request: Request, _body: dict[str, Any]) -> None:
    """Everything as at the start: tenant, sign-ins, faults, throttle, log."""
    controls.tenant.reset()
    controls.desk.reset()
    controls.faults.clear()
    controls.throttling.change(controls.tenant.options.throttle)
    if controls.gate is not None:
        controls.gate.forget()


def _requests(controls: Controls, _request: Request, _body: dict[str, Any]) -> Any:
    return {"requests": controls.gate.log() if controls.gate else []}


def _press(controls: Controls, _request: Request, body: dict[str, Any]) -> Any:
    return press(controls.tenant, str(body["serial"]), int(body.get("offset_steps", 0)))


def _token_state(controls: Controls, request: Request, _body: dict[str, Any]) -> Any:
    return token_state(controls.tenant, request.path_params["serial"])


ACTIONS: tuple[tuple[str, str, Action], ...] = (
    ("GET", "/state/token/{serial}", _token_state),
    ("GET", "/state/person/{person}", _person_state),
    ("GET", "/requests", _requests),
    ("GET", "/faults", _armed),
    ("POST", "/faults", _inject),
    ("DELETE", "/faults", _clear),
    ("GET", "/tenant", _tenant_state),
    ("POST", "/tenant", _set_tenant_state),
    ("POST", "/lag", _set_lag),
    ("POST", "/throttle", _set_throttle),
    ("POST", "/press", _press),
    ("POST", "/sign-in-page", _fill_in),
    ("POST", "/reset", _reset),
)
"""Method, path under the control URL, and what is done."""


def routes(controls: Controls, prefix: str) -> list[Route]:
    """The control routes under `prefix`."""
    return [
        Route(prefix + path, _endpoint(controls, action), methods=[method])
        for method, path, action in ACTIONS
    ]


def _endpoint(controls: Controls, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            raw = await request.body()
            result = action(controls, request, json.loads(raw) if raw else {})
        except GraphRefusal as refused:
            return JSONResponse({"problem": refused.message}, refused.status)
        except (UnknownFault, KeyError, TypeError, ValueError) as problem:
            return JSONResponse({"problem": str(problem)}, 400)
        return JSONResponse(result) if result is not None else Response(status_code=204)

    return endpoint
