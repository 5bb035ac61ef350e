"""Signing in the way MSAL and a person do it, start to finish."""

import base64
import json
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tests.auth.keys import LATE, LONG_AGO, certificate_of, key_pem, rsa_key
from tests.support.patience import HANG_SECONDS
from tests.support.simulated import (
    DANA,
    NORA,
    STATION_SCOPES,
    Simulated,
    browser_login,
    device_login,
    form_in,
    sign_in_page,
    start_simulator,
)


def test_the_configuration_names_every_endpoint_under_the_tenant(tenant: Simulated) -> None:
    url = f"{tenant.ready.authority}/v2.0/.well-known/openid-configuration"
    found = tenant.raw.get(url).json()
    assert found["issuer"] == f"{tenant.ready.authority}/v2.0"
    for name in ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint"):
        assert found[name].startswith(f"{tenant.ready.authority}/oauth2/v2.0/")
    assert tenant.raw.get(found["jwks_uri"]).json()["keys"][0]["kty"] == "EC"


def test_a_person_signs_in_with_code_and_pkce_and_keeps_the_account(tenant: Simulated) -> None:
    app = tenant.public_app()
    answer = tenant.sign_in(DANA, STATION_SCOPES, app)
    assert answer["id_token_claims"]["preferred_username"] == DANA
    (account,) = app.get_accounts()
    assert account["username"] == DANA
    again = app.acquire_token_silent(list(STATION_SCOPES), account)
    assert again["token_source"] == "cache"


def test_msals_own_listener_receives_the_code(
    tenant: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "/bin/false %s")
    password = tenant.operator(DANA).password
    people: list[threading.Thread] = []

    def open_browser(url: str) -> None:
        keywords = {"ca_file": tenant.ready.ca_file}
        person = threading.Thread(target=browser_login, args=(url, DANA, password), kwargs=keywords)
        people.append(person)
        person.start()

    answer = tenant.public_app().acquire_token_interactive(
        ["User.Read"], timeout=HANG_SECONDS, auth_uri_callback=open_browser
    )
    people[0].join()
    assert answer["id_token_claims"]["preferred_username"] == DANA


def test_the_requested_spelling_of_a_scope_is_echoed(tenant: Simulated) -> None:
    app = tenant.public_app()
    scope = "https://graph.microsoft.com/User.Read"
    answer = tenant.sign_in(DANA, [scope], app)
    assert scope in answer["scope"].split()
    silent = app.acquire_token_silent([scope], app.get_accounts()[0])
    assert silent["token_source"] == "cache"


def test_a_wrong_password_shows_the_form_again_with_the_username_kept(tenant: Simulated) -> None:
    flow = tenant.public_app().initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    page = sign_in_page(tenant.raw, flow["auth_uri"], DANA, "not it")
    assert "AADSTS50126" in page.text
    assert form_in(page.text).fields["username"] == DANA


def test_cancelling_tells_the_app_access_denied(tenant: Simulated) -> None:
    app = tenant.public_app()
    flow = app.initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    page = tenant.raw.get(flow["auth_uri"])
    form = form_in(page.text)
    path = form.action
    gone = tenant.raw.post(tenant.ready.graph_url + path, data=form.fields | {"decision": "cancel"})
    answer = app.acquire_token_by_auth_code_flow(flow, form_in(gone.text).fields)
    assert answer["error"] == "access_denied"


def test_a_code_works_once(tenant: Simulated) -> None:
    app = tenant.public_app()
    flow = app.initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    password = tenant.operator(DANA).password
    fields = form_in(sign_in_page(tenant.raw, flow["auth_uri"], DANA, password).text).fields
    assert "access_token" in app.acquire_token_by_auth_code_flow(flow, fields)
    again = tenant.public_app().acquire_token_by_auth_code_flow(flow, fields)
    assert again["error"] == "invalid_grant"
    assert again["error_codes"] == [70008]


def test_a_code_is_worth_nothing_without_its_verifier(tenant: Simulated) -> None:
    app = tenant.public_app()
    flow = app.initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    password = tenant.operator(DANA).password
    fields = form_in(sign_in_page(tenant.raw, flow["auth_uri"], DANA, password).text).fields
    stolen = app.acquire_token_by_auth_code_flow(flow | {"code_verifier": "x" * 43}, fields)
    assert stolen["error"] == "invalid_grant"


def test_the_query_response_mode_redirects(tenant: Simulated) -> None:
    flow = tenant.public_app().initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    url = httpx.URL(flow["auth_uri"]).copy_set_param("response_mode", "query")
    answer = sign_in_page(tenant.raw, str(url), DANA, tenant.operator(DANA).password)
    assert answer.status_code == 302
    assert "code" in parse_qs(urlsplit(answer.headers["location"]).query)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "AADSTS700016"),
        ({"redirect_uri": "https://elsewhere.example/"}, "AADSTS50011"),
    ],
)
def test_an_unknown_app_or_reply_address_gets_a_page_and_no_code(
    tenant: Simulated, change: dict[str, str], number: str
) -> None:
    flow = tenant.public_app().initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    url = httpx.URL(flow["auth_uri"])
    page = tenant.raw.get(url.copy_merge_params(change))
    assert page.status_code == 400
    assert number in page.text


def test_a_scope_without_consent_is_refused(tenant: Simulated) -> None:
    answer = tenant.sign_in(DANA, ["User.Read", "Mail.ReadWrite"])
    assert answer["error"] == "invalid_grant"
    assert "AADSTS65001" in answer["error_description"]


def test_another_tenant_is_not_found(tenant: Simulated) -> None:
    other = tenant.ready.authority.replace(tenant.ready.tenant_id, "fabrikam.example")
    answer = tenant.raw.get(f"{other}/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


def test_a_device_code_waits_for_the_person_and_then_signs_in(tenant: Simulated) -> None:
    app = tenant.public_app()
    flow = app.initiate_device_flow(["User.Read"])
    waiting = app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)
    assert waiting["error"] == "authorization_pending"
    password = tenant.operator(DANA).password
    typed = f"{flow['user_code'][:4].lower()} {flow['user_code'][4:]}"
    done = device_login(
        flow["verification_uri"], typed, DANA, password, ca_file=tenant.ready.ca_file
    )
    assert "You are signed in" in done.text
    answer = app.acquire_token_by_device_flow(flow)
    assert answer["id_token_claims"]["preferred_username"] == DANA


def test_a_wrong_device_code_asks_again(tenant: Simulated) -> None:
    url = f"{tenant.ready.graph_url}/device"
    page = tenant.raw.post(url, data={"user_code": "NOPE"})
    assert "did not work" in page.text


def test_an_app_signs_in_with_its_certificate(tenant: Simulated) -> None:
    scopes = ["https://graph.microsoft.com/.default"]
    app = tenant.confidential_app()
    assert app.acquire_token_for_client(scopes)["token_source"] == "identity_provider"
    assert app.acquire_token_for_client(scopes)["token_source"] == "cache"


def assertion(
    tenant: Simulated,
    algorithm: str = "PS256",
    header: str = "x5t#S256",
    pem: bytes = b"",
    **changes: Any,
) -> Any:
    """Ask for a token by an assertion that is good but for `changes`; return the answer.

    `pem` holds a key and the certificate that is named, where they are not the app's own.
    """
    pem = pem or Path(tenant.ready.app.certificate_file).read_bytes()
    key: Any = serialization.load_pem_private_key(pem, None)
    found = x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])
    digest = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}[header]  # noqa: S303 - x5t is SHA-1
    thumbprint = base64.urlsafe_b64encode(found.fingerprint(digest)).rstrip(b"=").decode()
    url = f"{tenant.ready.authority}/oauth2/v2.0/token"
    client = tenant.ready.app.client_id
    claims = {"aud": url, "iss": client, "sub": client, "jti": "1", "exp": time.time() + 600}
    signed = jwt.encode(
        claims | changes,
        key,
        algorithm,
        headers={header: thumbprint},
    )
    form = {
        "client_id": client,
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return tenant.raw.post(url, data=form).json()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("header", ["x5t", "x5t#S256"])
def test_either_signature_and_either_thumbprint_will_do(
    tenant: Simulated, algorithm: str, header: str
) -> None:
    answer = assertion(tenant, algorithm, header)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert "UserAuthenticationMethod.ReadWrite.All" in claims["roles"]
    assert "scp" not in claims


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"exp": 1_700_000_000}, 700024),
        ({"nbf": 4_000_000_000}, 700024),
        ({"aud": "https://login.example.com/other/oauth2/v2.0/token"}, 700027),
        ({"iss": "somebody else"}, 700027),
        ({"sub": "somebody else"}, 700027),
        ({"jti": None}, 700027),
    ],
    ids=["expired", "not yet", "another endpoint", "another issuer", "another subject", "no jti"],
)
def test_an_assertion_is_good_for_one_app_one_endpoint_and_its_time(
    tenant: Simulated, changes: dict[str, Any], number: int
) -> None:
    assert assertion(tenant, **changes)["error_codes"] == [number]


def test_a_service_whose_clock_is_ahead_finds_an_assertion_too_old(tenant: Simulated) -> None:
    tenant.fault("clock_skew", seconds=601)
    assert assertion(tenant)["error_codes"] == [700024]
    tenant.control("DELETE", "/faults")
    assert "access_token" in assertion(tenant)


def test_an_assertion_by_another_key_is_refused(tenant: Simulated) -> None:
    url = f"{tenant.ready.authority}/oauth2/v2.0/token"
    client = tenant.ready.app.client_id
    claims: dict[str, Any] = {"aud": url, "iss": client, "sub": client, "exp": 4102444800}
    forged = jwt.encode(claims | {"jti": "1"}, "k" * 32, "HS256", headers={"x5t": "AAAA"})
    form = {
        "client_id": client,
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": forged,
    }
    answer = tenant.raw.post(url, data=form)
    assert answer.status_code == 401
    assert answer.json()["error_codes"] == [700027]


def test_a_refresh_token_renews_until_it_is_revoked(tenant: Simulated) -> None:
    app = tenant.public_app()
    tenant.sign_in(DANA, ["User.Read"], app)
    (account,) = app.get_accounts()
    renewed = app.acquire_token_silent_with_error(["User.Read"], account, force_refresh=True)
    assert renewed["token_source"] == "identity_provider"
    tenant.fault("revoke_refresh_tokens")
    refused = app.acquire_token_silent_with_error(["User.Read"], account, force_refresh=True)
    assert refused["error"] == "invalid_grant"
    assert refused["suberror"] == "bad_token"


def test_an_access_token_expires(tenant: Simulated) -> None:
    token = tenant.sign_in(DANA, ["User.Read"])["access_token"]
    assert tenant.get("/v1.0/me", token=token).status_code == 200
    tenant.fault("expire_access_tokens")
    refused = tenant.get("/v1.0/me", token=token)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_an_access_token_dies_of_age() -> None:
    with start_simulator(people=20, tokens=12, access_token_seconds=0) as tenant:
        token = tenant.sign_in(DANA, ["User.Read"])["access_token"]
        assert tenant.get("/v1.0/me", token=token).status_code == 401


def test_an_access_token_with_another_signature_is_refused(tenant: Simulated) -> None:
    header, body, signature = tenant.access_token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"scp": "Everything"}).encode())
    token = ".".join((header, forged.decode().rstrip("="), signature))
    assert tenant.get("/v1.0/me", token=token).status_code == 401


def test_no_token_is_told_as_graph_tells_it(tenant: Simulated) -> None:
    refused = tenant.graph.get("/v1.0/me")
    assert refused.status_code == 401
    assert refused.json()["error"]["message"] == "Access token is empty."
    assert refused.headers["www-authenticate"].startswith("Bearer ")


def test_a_disabled_account_cannot_sign_in(tenant: Simulated) -> None:
    tenant.fault("disable_person", person=NORA)
    flow = tenant.public_app().initiate_auth_code_flow(
        ["User.Read"], redirect_uri="http://localhost:51234", response_mode="form_post"
    )
    page = sign_in_page(tenant.raw, flow["auth_uri"], NORA, tenant.operator(NORA).password)
    assert "AADSTS50057" in page.text


def test_a_refused_second_factor_reaches_the_app(tenant: Simulated) -> None:
    tenant.fault("refuse_sign_in", error="access_denied", number=500121)
    answer = tenant.sign_in(DANA, ["User.Read"])
    assert answer["error"] == "access_denied"
    assert "AADSTS500121" in answer["error_description"]


def test_a_claims_challenge_is_settled_by_a_token_issued_after_it(tenant: Simulated) -> None:
    app = tenant.public_app(client_capabilities=["CP1"])
    token = tenant.sign_in(DANA, ["User.Read"], app)["access_token"]
    tenant.fault("claims_challenge")
    refused = tenant.get("/v1.0/me", token=token)
    assert refused.status_code == 401
    header = refused.headers["www-authenticate"]
    assert 'error="insufficient_claims"' in header
    claims = base64.b64decode(header.split('claims="')[1].split('"')[0]).decode()
    renewed = app.acquire_token_silent(
        ["User.Read"], app.get_accounts()[0], claims_challenge=claims
    )
    assert tenant.get("/v1.0/me", token=renewed["access_token"]).status_code == 200


def test_pages_escape_what_they_are_given(tenant: Simulated) -> None:
    flow = tenant.public_app().initiate_auth_code_flow(
        ["User.Read"],
        redirect_uri="http://localhost:51234",
        response_mode="form_post",
        login_hint='"><script>alert(1)</script>',
    )
    page = tenant.raw.get(flow["auth_uri"])
    assert "<script>alert" not in page.text


def test_a_registered_certificate_is_as_good_as_the_apps_own() -> None:
    key = rsa_key()
    pem = certificate_of(key, LONG_AGO, LATE)
    with start_simulator(people=20, tokens=12, app_certificates=(pem,)) as tenant:
        assert "access_token" in assertion(tenant, pem=key_pem(key) + pem)
        forged = assertion(tenant, pem=key_pem(rsa_key()) + pem)
        assert forged["error_codes"] == [700027]
        assert "access_token" in assertion(tenant)
    with start_simulator(people=20, tokens=12) as tenant:
        assert assertion(tenant, pem=key_pem(key) + pem)["error_codes"] == [700027]


def test_the_page_for_a_browser_can_be_filled_in_with_a_practice_operator(
    tenant: Simulated,
) -> None:
    password = tenant.operator(DANA).password
    filled = {"username": DANA, "password": password, "after": 2.5}
    tenant.control("POST", "/sign-in-page", filled)
    flow = tenant.public_app().initiate_auth_code_flow(
        [*STATION_SCOPES], "http://localhost:61150", response_mode="form_post"
    )
    address = str(flow["auth_uri"])
    page = tenant.raw.get(address).text
    assert f'value="{DANA}"' in page
    assert f'value="{password}"' in page
    assert "2500" in page
    for_another = tenant.raw.get(f"{address}&login_hint={NORA}").text
    assert f'value="{NORA}"' in for_another
    assert password not in for_another
    tenant.control("POST", "/sign-in-page", {})
    assert password not in tenant.raw.get(address).text
