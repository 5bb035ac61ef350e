"""Joins sign-in, Graph and control into one ASGI application for one tenant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.simulator import control
from app.simulator.faults import Faults
from app.simulator.gate import Gate
from app.simulator.graph import batch, devices, directory, methods, passes, policy, users
from app.simulator.graph.service import MOST_BODY, GraphRequest, GraphResponse, GraphService
from app.simulator.options import SimulatorOptions
from app.simulator.refusals import GraphRefusal, refusal
from app.simulator.signin import routes as signin_routes
from app.simulator.signin.desk import SignInDesk
from app.simulator.tenant import Tenant
from app.simulator.throttling import Throttling

GRAPH_TOPICS = (users, methods, passes, devices, policy, directory, batch)
"""Importing these modules registers their operations."""

_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


class PracticeTenant:
    """A tenant with its sign-in desk, Graph service and faults, ready to be served."""

    def __init__(self, options: SimulatorOptions, base_url: str, control_key: str) -> None:
        self.tenant = Tenant(options)
        self.desk = SignInDesk(self.tenant, options, base_url)
        self.throttling = Throttling(options.throttle, self.tenant.clock)
        self.graph = GraphService(self.tenant, base_url, self.throttling)
        self.faults = Faults(self.tenant, self.desk)
        self.control_prefix = f"/control/{control_key}"
        controls = control.Controls(self.tenant, self.desk, self.faults, self.throttling)
        routes = [
            *control.routes(controls, self.control_prefix),
            Route("/{version:str}/{path:path}", self._graph, methods=_METHODS),
        ]
        inner = Starlette(routes=[*signin_routes.routes(self.desk), *routes])
        self.application = Gate(inner, self.tenant, self.faults, self.control_prefix)
        controls.gate = self.application

    async def _graph(self, request: Request) -> Response:
        asked = await self._read(request)
        answer = self._answer(asked)
        headers = {**answer.headers}
        if answer.body is not None:
            headers["content-type"] = answer.content_type
        return Response(answer.payload(), answer.status, headers)

    async def _read(self, request: Request) -> GraphRequest:
        body = bytearray()
        async for chunk in request.stream():
            body.extend(chunk[: MOST_BODY - len(body)])
        raw_path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        _, version, path = raw_path.split("/", 2)
        return GraphRequest(
            method=request.method,
            version=version,
            path="/" + path.replace("%24", "$"),
            query=tuple(request.query_params.multi_items()),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=bytes(body),
            correlation=request.headers.get("client-request-id", ""),
        )

    def _answer(self, asked: GraphRequest) -> GraphResponse:
        caller = self.desk.caller(asked.headers.get("authorization", ""))
        try:
            if len(asked.body) >= MOST_BODY:
                raise refusal("bad_body", "The request is too large.")
            self.graph.meter(asked)
        except GraphRefusal as refused:
            return self.graph.error(refused, asked)
        return self.graph.handle(asked, caller)
