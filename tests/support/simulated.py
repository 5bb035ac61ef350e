"""Starts a practice tenant for a test, and plays the person at the browser.

with start_simulator(people=50) as simulated:
    token = simulated.access_token("dana.okafor@contoso.example", ["User.Read"])
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import msal
import requests

from app.simulator import SimulatorOptions
from app.simulator.server import OperatorInfo, ReadyInfo, SimulatorServer
from tests.contract import validate
from tests.support.patience import HANG_SECONDS

DANA = "dana.okafor@contoso.example"
AARON = "aaron.reyes@contoso.example"
PRIYA = "priya.raman@contoso.example"
MATS = "mats.eklund@contoso.example"
NORA = "nora.bell@contoso.example"
SAM = "sam.whitlock@contoso.example"

STATION_SCOPES = (
    "User.Read",
    "User.Read.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "Policy.ReadWrite.AuthenticationMethod",
)
INVENTORY = "/beta/directory/authenticationMethodDevices/hardwareOathDevices"
POLICY = (
    "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath"
)


@dataclass
class Form:
    """One HTML form: where it goes and what is filled in already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found.get("action", "")))
        elif tag == "input" and self.forms and "name" in found:
            self.forms[-1].fields[found["name"]] = found.get("value", "")


def form_in(page: str) -> Form:
    """The only form of a page."""
    reader = _FormReader()
    reader.feed(page)
    (form,) = reader.forms
    return form


def trust(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts one authority only."""
    return ssl.create_default_context(cafile=ca_file)


def browser(ca_file: str) -> httpx.Client:
    """An HTTP client that keeps out of the machine's proxy settings, as a browser on it would."""
    return httpx.Client(verify=trust(ca_file), trust_env=False, timeout=HANG_SECONDS)


def fill_in(client: httpx.Client, page: httpx.Response, **typed: str) -> httpx.Response:
    """Submit the form of a page with what a person typed into it."""
    form = form_in(page.text)
    target = urljoin(str(page.url), form.action)
    return client.post(target, data=form.fields | typed)


def sign_in_page(client: httpx.Client, url: str, username: str, password: str) -> httpx.Response:
    """Open an authorize URL and submit username and password; the answer hands over."""
    page = client.get(url)
    assert page.status_code == 200, page.text
    if form_in(page.text).action.startswith("http://"):
        return page  # refused before anybody was asked for a password
    return fill_in(client, page, username=username, password=password, decision="sign-in")


def browser_login(url: str, username: str, password: str, *, ca_file: str) -> httpx.Response:
    """Play the whole browser: sign in and post the code to the app's own listener."""
    with browser(ca_file) as client:
        handed_over = sign_in_page(client, url, username, password)
        form = form_in(handed_over.text)
        assert urlsplit(form.action).scheme == "http", "the code goes to a loopback listener"
        return client.post(form.action, data=form.fields)


def device_login(
    verification_uri: str, user_code: str, username: str, password: str, *, ca_file: str
) -> httpx.Response:
    """Play the person who types the device code on another screen."""
    with browser(ca_file) as client:
        page = fill_in(client, client.get(verification_uri), user_code=user_code)
        return fill_in(client, page, username=username, password=password, decision="sign-in")


def msal_session(ca_file: str) -> requests.Session:
    """A requests session that trusts the practice CA whatever the environment says."""
    session = requests.Session()
    session.verify = ca_file
    session.trust_env = False
    return session


class Simulated:
    """A running practice tenant as a test uses it."""

    def __init__(self, ready: ReadyInfo, server: SimulatorServer) -> None:
        self.ready = ready
        self.server = server
        self.raw = httpx.Client(verify=trust(ready.ca_file), trust_env=False, timeout=HANG_SECONDS)
        self.graph = httpx.Client(
            verify=trust(ready.ca_file),
            trust_env=False,
            timeout=HANG_SECONDS,
            base_url=ready.graph_url,
            event_hooks={"response": [check_response]},
        )
        self._sessions: list[requests.Session] = []
        self._tokens: dict[tuple[str, tuple[str, ...]], str] = {}

    def close(self) -> None:
        """Close every connection."""
        for session in self._sessions:
            session.close()
        self.raw.close()
        self.graph.close()

    # -- the control door ---------------------------------------------------------------------

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the control API; its JSON answer, if there is one."""
        answer = self.raw.request(method, self.ready.control_url + path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def reset(self) -> None:
        """Back to the start: tenant, faults, lag, throttle, sign-ins and log."""
        self.control("POST", "/reset")

    def fault(self, kind: str, **arguments: Any) -> None:
        """Inject a fault."""
        self.control("POST", "/faults", {"kind": kind, **arguments})

    def press(self, serial: str, offset_steps: int = 0) -> str:
        """The code on a practice token's display."""
        body = {"serial": serial, "offset_steps": offset_steps}
        return str(self.control("POST", "/press", body)["code"])

    def wrong_code(self, serial: str, number: int = 0) -> str:
        """Six digits that no step within the accepted window shows; the first such, or another."""
        practice = self.server.practice
        assert practice is not None
        device, now = practice.tenant.device_by_serial(serial), practice.tenant.clock()
        return wrong_code(device, now, number)

    def token_state(self, serial: str) -> dict[str, Any]:
        """The tenant's own view of a token."""
        found: dict[str, Any] = self.control("GET", f"/state/token/{serial}")
        return found

    # -- signing in ---------------------------------------------------------------------------

    def operator(self, username: str) -> OperatorInfo:
        """The practice credentials of a username."""
        return next(o for o in self.ready.operators if o.username == username)

    def public_app(self, **options: Any) -> Any:
        """A fresh MSAL public client for the practice tenant."""
        session = msal_session(self.ready.ca_file)
        self._sessions.append(session)
        return msal.PublicClientApplication(
            self.ready.client_id,
            authority=self.ready.authority,
            instance_discovery=False,
            http_client=session,
            **options,
        )

    def confidential_app(self) -> Any:
        """A fresh MSAL confidential client with the practice app's certificate."""
        pem = Path(self.ready.app.certificate_file).read_text(encoding="ascii")
        marker = "-----BEGIN CERTIFICATE-----"
        key, _, certificate = pem.partition(marker)
        session = msal_session(self.ready.ca_file)
        self._sessions.append(session)
        return msal.ConfidentialClientApplication(
            self.ready.app.client_id,
            authority=self.ready.authority,
            client_credential={"private_key": key, "public_certificate": marker + certificate},
            instance_discovery=False,
            http_client=session,
        )

    def sign_in(
        self, username: str, scopes: Sequence[str] = STATION_SCOPES, app: Any = None
    ) -> dict[str, Any]:
        """Sign in by authorization code and PKCE; MSAL's answer."""
        app = app or self.public_app()
        flow = app.initiate_auth_code_flow(
            list(scopes), redirect_uri="http://localhost:51234", response_mode="form_post"
        )
        password = self.operator(username).password
        page = sign_in_page(self.raw, flow["auth_uri"], username, password)
        answer: dict[str, Any] = app.acquire_token_by_auth_code_flow(
            flow, form_in(page.text).fields
        )
        return answer

    def access_token(self, username: str = DANA, scopes: Sequence[str] = STATION_SCOPES) -> str:
        """A delegated access token, kept for the next time it is asked for."""
        key = (username, tuple(scopes))
        if key not in self._tokens:
            answer = self.sign_in(username, scopes)
            assert "access_token" in answer, answer
            self._tokens[key] = answer["access_token"]
        return self._tokens[key]

    def app_token(self) -> str:
        """An app-only access token."""
        key = ("app", ())
        if key not in self._tokens:
            scopes = ["https://graph.microsoft.com/.default"]
            answer = self.confidential_app().acquire_token_for_client(scopes)
            assert "access_token" in answer, answer
            self._tokens[key] = answer["access_token"]
        return self._tokens[key]

    # -- calling Graph ------------------------------------------------------------------------

    def call(  # noqa: PLR0913 - a request has that many parts
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Call Graph as Dana (or with `token`); the answer was checked against the contract."""
        sent = {"Authorization": f"Bearer {token or self.access_token()}", **(headers or {})}
        return self.graph.request(method, path, json=json, params=params, headers=sent)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """GET, see `call`."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """POST, see `call`."""
        return self.call("POST", path, json=json, **options)

    def device(self, serial: str) -> dict[str, Any]:
        """The inventory's entry for a serial number."""
        rows = self.get(INVENTORY, params={"$filter": f"serialNumber eq '{serial}'"}).json()
        (row,) = rows["value"]
        found: dict[str, Any] = row
        return found

    def methods_path(self, person: str, tail: str = "") -> str:
        """The path of a person's hardware tokens."""
        return f"/beta/users/{person}/authentication/hardwareOathMethods{tail}"


def wrong_code(device: Any, now: float, number: int = 0) -> str:
    """A code that a device does not show at any step the service would accept around `now`.

    `number` counts such codes from 0.
    """
    from app.simulator import totp  # noqa: PLC0415 - only this helper looks inside

    shown = {
        totp.code_at(device, now, offset - device.clock_steps)
        for offset in range(-totp.WINDOW_STEPS - 5, totp.WINDOW_STEPS + 6)
    }
    wrong = (code for n in range(10**6) if (code := f"{n:06d}") not in shown)
    return next(islice(wrong, number, None))


def check_response(response: httpx.Response) -> None:
    """An httpx hook: hold a Graph answer to the contract."""
    response.read()
    is_json = response.headers.get("content-type", "").startswith("application/json")
    body: object = response.json() if is_json else (response.content or None)
    request = response.request
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    validate.check(request.method, path, response.status_code, response.headers, body)


@contextmanager
def start_simulator(**options: Any) -> Iterator[Simulated]:
    """Run a practice tenant; `options` are those of `SimulatorOptions`."""
    server = SimulatorServer(SimulatorOptions(**options))
    with server as ready:
        simulated = Simulated(ready, server)
        try:
            yield simulated
        finally:
            simulated.close()
