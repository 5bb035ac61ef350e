"""The HTTP face of the sign-in service: what MSAL and a browser talk to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app.simulator.signin import pages
from app.simulator.signin.desk import Grant, SignInDesk, SignInRefusal
from app.simulator.signin.issuer import client_info

APP_NAME = "Oathdesk"
_CARRIED = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "client_info",
    "claims",
)
_WHERE = {
    "tenant_region_scope": "EU",
    "cloud_instance_name": "microsoftonline.com",
    "cloud_graph_host_name": "graph.windows.net",
    "msgraph_host": "graph.microsoft.com",
}
"""What Entra adds to the discovery document of a tenant in the global cloud."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
}


def routes(desk: SignInDesk) -> list[Route]:
    """Every route of the sign-in service for one tenant."""
    http = _SignInHttp(desk)
    oauth = "/{tenant}/oauth2/v2.0"
    both = ["GET", "POST"]
    return [
        Route("/{tenant}/v2.0/.well-known/openid-configuration", http.configuration),
        Route("/{tenant}/.well-known/openid-configuration", http.configuration),
        Route("/{tenant}/discovery/v2.0/keys", http.keys),
        Route(f"{oauth}/authorize", http.authorize, methods=both),
        Route(f"{oauth}/token", http.token, methods=["POST"]),
        Route(f"{oauth}/devicecode", http.begin_device, methods=["POST"]),
        Route("/device", http.device, methods=both),
    ]


class _SignInHttp:
    """Turns HTTP into calls of the desk, and its refusals into what clients expect."""

    def __init__(self, desk: SignInDesk) -> None:
        self._desk = desk

    async def configuration(self, request: Request) -> Response:
        wrong = self._wrong_tenant(request)
        if wrong:
            return wrong
        authority = self._desk.authority
        return JSONResponse(
            {
                "issuer": self._desk.issuer.issuer,
                "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
                "token_endpoint": self._desk.token_endpoint,
                "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{authority}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "form_post"],
                "response_types_supported": ["code"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                **_WHERE,
            }
        )

    async def keys(self, request: Request) -> Response:
        return self._wrong_tenant(request) or JSONResponse(self._desk.issuer.key_set())

    async def token(self, request: Request) -> Response:
        return await self._answer(request, self._desk.exchange)

    async def begin_device(self, request: Request) -> Response:
        return await self._answer(request, self._desk.begin_device)

    async def _answer(self, request: Request, act: Any) -> Response:
        wrong = self._wrong_tenant(request)
        if wrong:
            return wrong
        try:
            return JSONResponse(act(await _form(request)), headers=_HEADERS)
        except SignInRefusal as refused:
            return self._error(refused, request)

    def _wrong_tenant(self, request: Request) -> Response | None:
        tenant = request.path_params["tenant"]
        if tenant.lower() in (self._desk.tenant.id, "contoso.example", "organizations", "common"):
            return None
        text = f"Tenant '{tenant}' not found. Check that the tenant ID is right."
        return self._error(SignInRefusal("invalid_tenant", 90002, text), request)

    def _error(self, refused: SignInRefusal, request: Request) -> Response:
        moment = datetime.fromtimestamp(self._desk.tenant.clock(), UTC)
        body = {
            "error": refused.error,
            "error_description": refused.description,
            "error_codes": [refused.number],
            "timestamp": moment.strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": str(uuid4()),
            "correlation_id": request.headers.get("client-request-id") or str(uuid4()),
        }
        if refused.suberror:
            body["suberror"] = refused.suberror
        status = 401 if refused.error == "invalid_client" else 400
        return JSONResponse(body, status, headers=_HEADERS)

    # -- the browser --------------------------------------------------------------------------

    async def authorize(self, request: Request) -> Response:
        """Show the sign-in form, and hand the code over once it was filled in."""
        form = await _form(request) if request.method == "POST" else {}
        asked = {**request.query_params, **form}
        problem = self._unanswerable(asked)
        if problem:
            return _html(pages.notice("Sign-in cannot start", problem), 400)
        try:
            grant = self._desk.begin(asked)
        except SignInRefusal as refused:
            return _handed_over(asked, _error_fields(refused))
        if request.method == "GET":
            return self._first_form(request, asked)
        return self._signed_in(request, asked, grant)

    def _unanswerable(self, asked: Mapping[str, str]) -> str:
        """Why there is nobody to send an answer to; empty when there is."""
        try:
            self._desk.check_client(asked.get("client_id", ""))
        except SignInRefusal as refused:
            return refused.description
        if not _is_loopback(asked.get("redirect_uri", "")):
            return "AADSTS50011: The redirect URI is not registered for this app."
        return ""

    def _first_form(self, request: Request, asked: Mapping[str, str]) -> Response:
        """The form as it is shown first; somebody else than who is filled in gets it empty."""
        hint, filled = asked.get("login_hint", ""), self._desk.filled_in
        if filled is None or (hint and hint.lower() != filled.username.lower()):
            return self._sign_in_form(request, asked, pages.FilledIn(hint), "")
        return self._sign_in_form(request, asked, filled, "")

    def _sign_in_form(
        self, request: Request, asked: Mapping[str, str], filled: pages.FilledIn, message: str
    ) -> Response:
        hidden = {name: asked[name] for name in _CARRIED if name in asked}
        page = pages.sign_in(request.url.path, APP_NAME, filled, message, hidden)
        return _html(page)

    def _signed_in(self, request: Request, asked: Mapping[str, str], grant: Grant) -> Response:
        if asked.get("decision") == "cancel":
            refused = SignInRefusal("access_denied", 65004, "The person declined to sign in.")
            return _handed_over(asked, _error_fields(refused))
        username = asked.get("username", "")
        try:
            person = self._desk.check_password(username, asked.get("password", ""))
        except SignInRefusal as refused:
            if refused.number in (50126, 50057, 50034):
                again = pages.FilledIn(username)
                return self._sign_in_form(request, asked, again, refused.description)
            return _handed_over(asked, _error_fields(refused))
        fields = {"code": self._desk.code_for(grant, person), "session_state": str(uuid4())}
        if asked.get("client_info") == "1":
            fields["client_info"] = client_info(person, self._desk.tenant.id)
        return _handed_over(asked, fields)

    async def device(self, request: Request) -> Response:
        """First the code, then username and password, then a word that it is done."""
        if request.method == "GET":
            return _html(pages.device_code("/device", "", request.query_params.get("code", "")))
        form = await _form(request)
        grant = self._desk.device_grant(form.get("user_code", ""))
        if grant is None or grant.person_id or grant.refused:
            message = "That code did not work. Check it and try again."
            return _html(pages.device_code("/device", message))
        hidden = {"user_code": form["user_code"]}
        if "username" not in form:
            return _html(pages.sign_in("/device", APP_NAME, pages.FilledIn(), "", hidden))
        return self._device_signed_in(form, grant, hidden)

    def _device_signed_in(
        self, form: Mapping[str, str], grant: Grant, hidden: Mapping[str, str]
    ) -> Response:
        if form.get("decision") == "cancel":
            grant.refused = True
            return _html(pages.notice("You are not signed in", "You can close this page."))
        username = form["username"]
        try:
            person = self._desk.check_password(username, form.get("password", ""))
        except SignInRefusal as refused:
            again = pages.FilledIn(username)
            return _html(pages.sign_in("/device", APP_NAME, again, refused.description, hidden))
        blocked = self._desk.device_signed_in(grant, person)
        if blocked is not None:
            return _html(pages.notice("You cannot get there from here", blocked.description))
        text = f"You can close this page and return to {APP_NAME}."
        return _html(pages.notice("You are signed in", text))


async def _form(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=50) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, headers=_HEADERS)


def _is_loopback(uri: str) -> bool:
    """Entra lets a desktop app use any port of a registered http://localhost."""
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")


def _error_fields(refused: SignInRefusal) -> dict[str, str]:
    fields = {"error": refused.error, "error_description": refused.description}
    return fields | ({"error_subcode": refused.suberror} if refused.suberror else {})


def _handed_over(asked: Mapping[str, str], fields: Mapping[str, str]) -> Response:
    """Send the outcome to the app in the response mode it asked for."""
    complete = {**fields, "state": asked.get("state", "")}
    target = asked["redirect_uri"]
    if asked.get("response_mode", "query") == "form_post":
        return _html(pages.hand_over(target, complete, signed_in="code" in fields))
    return RedirectResponse(f"{target}?{urlencode(complete)}", 302, headers=_HEADERS)
