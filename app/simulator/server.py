"""Runs a practice tenant over HTTPS on loopback, in a thread of its own, with its own CA.

with SimulatorServer(SimulatorOptions()) as ready:
    ...  # ready.graph_url, ready.authority, ready.ca_file
"""

import asyncio
import json
import logging
import secrets
import shutil
import socket
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme
import uvicorn

from app.files import make_private
from app.simulator.model import Device, Person
from app.simulator.options import LOOPBACK, SimulatorOptions
from app.simulator.tenant import OATH_LIMIT
from app.simulator.web import PracticeTenant

SAMPLE_OF_PEOPLE = 40
START_LIMIT = 30.0
"""Seconds after which a start that did not succeed is given up."""


@dataclass(frozen=True, slots=True)
class OperatorInfo:
    """Practice credentials of somebody who can sign in."""

    username: str
    password: str = field(repr=False)
    roles: tuple[str, ...]
    display_name: str


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A practice token with the seed its hardware would hold. `interval` is in seconds."""

    serial: str
    secret: str = field(repr=False)
    interval: int
    hash: str
    status: str
    manufacturer: str
    model: str
    clock_steps: int


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """An ordinary person of the tenant who may be given a token."""

    id: str
    userPrincipalName: str  # noqa: N815 - the ready file speaks Graph's names
    employeeId: str | None  # noqa: N815 - the ready file speaks Graph's names
    displayName: str  # noqa: N815 - the ready file speaks Graph's names


@dataclass(frozen=True, slots=True)
class AppInfo:
    """The practice app for client credentials; the file holds its key and certificate."""

    client_id: str
    certificate_file: str


@dataclass(frozen=True, slots=True)
class ReadyInfo:
    """Everything needed to use a running simulator; the content of the ready file."""

    graph_url: str
    authority: str
    ca_file: str
    tenant_id: str
    tenant_name: str
    client_id: str
    operators: tuple[OperatorInfo, ...]
    app: AppInfo
    tokens: tuple[TokenInfo, ...]
    people: tuple[PersonInfo, ...]
    control_url: str = field(repr=False)

    def as_json(self) -> str:
        """The ready file's text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


class _Server(uvicorn.Server):
    """Tells when it is up; and does not wait for idle TLS clients to say goodbye."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)


class SimulatorServer:
    """One simulator: `start()` blocks until it serves, `stop()` until it is gone."""

    def __init__(self, options: SimulatorOptions | None = None) -> None:
        self.options = options or SimulatorOptions()
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None
        self._folder: Path | None = None
        self.practice: PracticeTenant | None = None

    def start(self) -> ReadyInfo:
        """Serve in a new thread; raises OSError when the port is taken, RuntimeError otherwise."""
        listener = _listen(self.options.port)
        port = listener.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="oathdesk-simulator-"))
        base_url, key = f"https://localhost:{port}", secrets.token_urlsafe(24)
        practice = self.practice = PracticeTenant(self.options, base_url, key)
        files = _write_certificates(self._folder, practice)
        # The control key is part of a path, and no path belongs in a log; the gate keeps its own.
        logging.getLogger("uvicorn.access").disabled = True
        self._server = _Server(_config(practice, files, port))
        self._thread = threading.Thread(
            target=_serve, args=(self._server, listener), name="simulator", daemon=True
        )
        self._thread.start()
        if not self._server.is_up.wait(START_LIMIT) or not self._server.started:
            self.stop()
            raise RuntimeError("the simulator did not start in time")
        return _ready_info(practice, files, base_url)

    def stop(self) -> None:
        """Stop serving and remove the certificate files; harmless when nothing runs."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(START_LIMIT)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._server = self._thread = self._folder = None

    def __enter__(self) -> ReadyInfo:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class _Files:
    ca: Path
    server: Path
    app: Path


def _listen(port: int) -> socket.socket:
    # asyncio switches Nagle's delay off only where the socket names its protocol (40 ms an answer).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def _write_certificates(folder: Path, practice: PracticeTenant) -> _Files:
    files = _Files(folder / "ca.pem", folder / "server.pem", folder / "app.pem")
    authority = trustme.CA(organization_name="Oathdesk practice CA")
    authority.cert_pem.write_to_path(str(files.ca))
    certificate = authority.issue_cert("localhost", LOOPBACK)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(files.server))
    files.app.touch(mode=0o600)
    make_private(files.app)
    files.app.write_bytes(practice.desk.certificate.pem())
    return files


def _config(practice: PracticeTenant, files: _Files, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        practice.application,
        host=LOOPBACK,
        port=port,
        ssl_certfile=str(files.server),
        ssl_keyfile=str(files.server),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )


def _serve(server: _Server, listener: socket.socket) -> None:
    try:
        asyncio.run(server.serve(sockets=[listener]))
    finally:
        server.is_up.set()  # nobody waits for a server that could not start


def _ready_info(practice: PracticeTenant, files: _Files, base_url: str) -> ReadyInfo:
    tenant, desk = practice.tenant, practice.desk
    return ReadyInfo(
        graph_url=base_url,
        authority=desk.authority,
        ca_file=str(files.ca),
        tenant_id=tenant.id,
        tenant_name=tenant.display_name,
        client_id=desk.client_id,
        operators=tuple(_operators(practice)),
        app=AppInfo(desk.app_client_id, str(files.app)),
        tokens=tuple(_token_info(device) for device in tenant.devices.all_current()),
        people=tuple(_sample(practice)),
        control_url=base_url + practice.control_prefix,
    )


def _operators(practice: PracticeTenant) -> list[OperatorInfo]:
    people = [practice.tenant.person(o.person_id) for o in practice.tenant.operators]
    return [
        OperatorInfo(o.username, o.password, person.roles, person.display_name)
        for o, person in zip(practice.tenant.operators, people, strict=True)
    ]


def _token_info(device: Device) -> TokenInfo:
    return TokenInfo(
        device.serial_number, device.secret, device.interval, device.hash_function,
        device.status, device.manufacturer, device.model, device.clock_steps,
    )  # fmt: skip


def _sample(practice: PracticeTenant) -> list[PersonInfo]:
    """The first ordinary people who may be given a token, the named ones before the others."""
    tenant = practice.tenant
    signs_in = {operator.person_id for operator in tenant.operators}
    found = (p for p in tenant.people.all_current() if p.id not in signs_in)
    eligible = [person for person in found if _is_eligible(practice, person)]
    return [
        PersonInfo(p.id, p.user_principal_name, p.employee_id, p.display_name)
        for p in eligible[:SAMPLE_OF_PEOPLE]
    ]


def _is_eligible(practice: PracticeTenant, person: Person) -> bool:
    protected = person.role_groups or person.owned_role_groups or person.restricted
    ordinary = person.account_enabled and not (person.is_guest or person.roles or protected)
    complete = person.mail is not None and person.employee_id is not None
    roomy = len(person.other_methods) < OATH_LIMIT and not practice.tenant.held(person.id)
    return ordinary and complete and roomy and person.has_photo


def ready_from(path: Path) -> dict[str, Any]:
    """A ready file as its JSON object."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
