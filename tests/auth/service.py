"""A sign-in service that answers as it is told: for what no well-behaved tenant does.

It keeps real HTTPS on loopback under its own authority, a queue of answers for the token endpoint,
and every form it was sent.
"""

import base64
import json
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import trustme

from app.auth import AuthSettings

TENANT = "/practice"
SCOPE = "https://graph.desk.example/User.Read"


@dataclass(frozen=True)
class Reply:
    """One answer: a JSON value, or text as it is."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def refusal(error: str, description: str = "") -> Reply:
    return Reply({"error": error, "error_description": description}, 400)


def tokens(number: int, seconds: int = 3600) -> Reply:
    """A whole token answer; the secrets carry the number."""
    return Reply(
        {
            "token_type": "Bearer",
            "scope": f"{SCOPE} openid profile",
            "expires_in": seconds,
            "access_token": f"secret-access-{number}",
            "refresh_token": f"secret-refresh-{number}",
            "id_token": f"{_part({'alg': 'none'})}.{_part(ID_CLAIMS)}.",
            "client_info": _part({"uid": "olive", "utid": "tenant"}),
        }
    )


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


ID_CLAIMS = {
    "sub": "olive",
    "oid": "olive",
    "tid": "tenant",
    "preferred_username": "olive@desk.example",
    "aud": "client",
    "iss": "https://login.desk.example",
    "iat": 1_700_000_000,
    "exp": 4_000_000_000,
}


class Service:
    """What it says, and what it was sent."""

    def __init__(self, url: str, ca_file: Path, port: int) -> None:
        self.url = url
        self.ca_file = ca_file
        self.port = port
        self.discovery = Reply(
            {
                "authorization_endpoint": f"{url}{TENANT}/authorize",
                "token_endpoint": f"{url}{TENANT}/token",
                "device_authorization_endpoint": f"{url}{TENANT}/devicecode",
            }
        )
        self.device = Reply(
            {
                "user_code": "ABCD-EFGH",
                "device_code": "secret-device",
                "verification_uri": f"{url}/device",
                "expires_in": 900,
                "interval": 1,
            }
        )
        self.token: deque[Reply] = deque()
        self.otherwise = refusal("authorization_pending")
        self.forms: list[dict[str, str]] = []
        self.asked = threading.Semaphore(0)

    def settings(self, **changes: Any) -> AuthSettings:
        wanted: dict[str, Any] = {
            "ssl_context": ssl.create_default_context(cafile=self.ca_file),
            "instance_discovery": False,
        } | changes
        return AuthSettings(self.url + TENANT, "client", (SCOPE,), **wanted)

    def reply(self, path: str, form: dict[str, str]) -> Reply:
        if path.endswith("/openid-configuration"):
            return self.discovery
        self.forms.append(form)
        if path.endswith("/devicecode"):
            return self.device
        self.asked.release()
        return self.token.popleft() if self.token else self.otherwise


@contextmanager
def serving(folder: Path, *names: str) -> Iterator[Service]:
    """Serve on loopback, under the first of `names` where there is one: a proxy leads there."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1", *names)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    # The handshake belongs to the connection's own thread, or a distrustful client stops the
    # server.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    host = names[0] if names else f"localhost:{server.server_port}"
    service = Service(f"https://{host}", ca_file, server.server_port)
    _Handler.service = service
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client did not like the certificate

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(dict(parse_qsl(body.decode())))

    def _answer(self, form: dict[str, str]) -> None:
        reply = self.service.reply(self.path.split("?")[0], form)
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
