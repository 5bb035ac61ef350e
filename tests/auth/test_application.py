"""A station that signs in by itself, against the practice tenant over real HTTPS."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest

from app.auth import AuthSettings, Certificate, MsalSignIn
from app.auth.application import roles_in
from app.clock import SystemClock
from app.core.errors import (
    CertificateRefused,
    ClockWrong,
    KeyUnusable,
    RegistrationWrong,
    SignInError,
    SignInRefused,
    SignInUnreachable,
)
from app.core.signin import SignInMethod
from app.simulator.options import APP_PERMISSIONS
from tests.auth.desk import tell, unread
from tests.auth.keys import LATE, LONG_AGO, certificate_of, key_pem, pfx, private, rsa_key
from tests.auth.service import Reply, Service, tokens
from tests.support.access import close_to_others, open_to_others
from tests.support.simulated import Simulated, trust

JWT_BEGINS = "eyJ"  # what every assertion and sign-in token begins with
PEOPLE_TOO = (SignInMethod.CERTIFICATE, SignInMethod.DEVICE)


def settings_for(tenant: Simulated, key_file: Path, **changes: Any) -> AuthSettings:
    ready = tenant.ready
    settings = AuthSettings(
        ready.authority,
        ready.client_id,
        (f"{ready.graph_url}/User.Read.All",),
        ssl_context=trust(ready.ca_file),
        instance_discovery=False,
        methods=PEOPLE_TOO,
        certificate=Certificate(key_file, ready.app.client_id),
    )
    return replace(settings, **changes)


@pytest.fixture
def key_file(fresh: Simulated, tmp_path: Path) -> Path:
    """The key of the practice application, as an administrator would put it there."""
    return private(tmp_path / "kiosk.pem", Path(fresh.ready.app.certificate_file).read_bytes())


def works(tenant: Simulated, value: str) -> bool:
    answer = tenant.call("GET", "/v1.0/users?$top=1", token=value)
    return answer.status_code == 200


def refused(settings: AuthSettings) -> SignInError:
    caught: list[SignInError] = []

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInError) as error:
            await sign_in.unattended()
        assert sign_in.application == ""
        caught.append(error.value)

    tell(settings, story, clock=SystemClock())
    return caught[0]


def test_a_certificate_signs_the_station_in_with_what_the_application_was_given(
    fresh: Simulated, key_file: Path
) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        assert sign_in.application == ""
        await sign_in.unattended()
        token = await sign_in.access_token()
        assert token.scopes == set(APP_PERMISSIONS)
        assert works(fresh, token.value)
        assert sign_in.application == fresh.ready.app.client_id

    tell(settings_for(fresh, key_file), story, clock=SystemClock())


def test_the_assertion_is_signed_as_entra_recommends(service: Service, tmp_path: Path) -> None:
    """PS256 and the certificate's SHA-256, for the token endpoint, and only for minutes."""
    key = rsa_key()
    path = private(tmp_path / "kiosk.pem", key_pem(key) + certificate_of(key))
    service.token.append(app_token(1, 3600))
    settings = service.settings(methods=PEOPLE_TOO, certificate=Certificate(path, "kiosk"))
    tell(settings, lambda sign_in: sign_in.unattended(), clock=SystemClock())
    sent = service.forms[-1]["client_assertion"]
    header = jwt.get_unverified_header(sent)
    audience = f"{service.url}/practice/token"
    claims = jwt.decode(sent, key.public_key(), ["PS256"], audience=audience, issuer="kiosk")
    assert (header["alg"], "x5t#S256" in header) == ("PS256", True)
    assert claims["sub"] == "kiosk"
    assert claims["exp"] - claims["iat"] == 600


def test_each_request_carries_an_assertion_of_its_own(service: Service, tmp_path: Path) -> None:
    key = rsa_key()
    path = private(tmp_path / "kiosk.pem", key_pem(key) + certificate_of(key))
    service.token.extend([app_token(1, 3600), app_token(2, 3600)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        await sign_in.access_token("")

    settings = service.settings(methods=PEOPLE_TOO, certificate=Certificate(path, "kiosk"))
    tell(settings, story, clock=SystemClock())
    sent = [form["client_assertion"] for form in service.forms]
    read = [jwt.decode(each, options={"verify_signature": False}) for each in sent]
    assert len({each["jti"] for each in read}) == len(sent) == 2


def test_the_passphrase_is_asked_for_each_time_and_kept_nowhere(
    service: Service, tmp_path: Path
) -> None:
    key = rsa_key()
    path = private(tmp_path / "kiosk.pfx", pfx(key, certificate_of(key), "hunter2"))
    service.token.extend([app_token(1, 3600), app_token(2, 3600)])
    asked: list[str] = []

    def passphrase() -> str:
        asked.append("asked")
        return "hunter2"

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        await sign_in.unattended()
        assert "hunter2" not in repr(vars(sign_in))

    certificate = Certificate(path, "kiosk", passphrase)
    tell(service.settings(methods=PEOPLE_TOO, certificate=certificate), story)
    assert len(asked) == 2


def test_a_token_is_kept_while_it_lives_and_renewed_before_it_ends(
    service: Service, tmp_path: Path
) -> None:
    key = rsa_key()
    path = private(tmp_path / "kiosk.pem", key_pem(key) + certificate_of(key))
    service.token.extend([app_token(1, 3600), app_token(2, 290), app_token(3, 3600)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        assert (await sign_in.access_token()).value == "secret-app-1"
        assert (await sign_in.access_token("")).value == "secret-app-2"
        assert (await sign_in.access_token()).value == "secret-app-3"

    methods = (SignInMethod.CERTIFICATE,)
    tell(service.settings(methods=methods, certificate=Certificate(path)), story)
    assert {form["grant_type"] for form in service.forms} == {"client_credentials"}
    assert {form["client_id"] for form in service.forms} == {"client"}


def app_token(number: int, seconds: int) -> Reply:
    reply = tokens(number, seconds)
    body = {"token_type": "Bearer", "expires_in": seconds}
    return replace(reply, body=body | {"access_token": f"secret-app-{number}"})


def test_a_token_the_directory_has_expired_is_renewed_on_demand(
    fresh: Simulated, key_file: Path
) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        old = await sign_in.access_token()
        fresh.fault("expire_access_tokens")
        new = await sign_in.access_token("")
        assert new.value != old.value
        assert works(fresh, new.value)

    tell(settings_for(fresh, key_file), story, clock=SystemClock())


def test_a_claims_challenge_is_answered_with_a_new_token(fresh: Simulated, key_file: Path) -> None:
    claims = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}})

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        old = await sign_in.access_token()
        assert (await sign_in.access_token(claims)).value != old.value

    tell(settings_for(fresh, key_file), story, clock=SystemClock())


def test_signing_out_forgets_the_token(fresh: Simulated, key_file: Path) -> None:
    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        await sign_in.sign_out()
        assert sign_in.application == ""
        with pytest.raises(SignInRefused, match="login_required"):
            await sign_in.access_token()

    tell(settings_for(fresh, key_file), story, clock=SystemClock())


def test_a_person_can_take_the_stations_place(service: Service, tmp_path: Path) -> None:
    key = rsa_key()
    path = private(tmp_path / "kiosk.pem", key_pem(key) + certificate_of(key))
    service.token.extend([app_token(1, 3600), tokens(2)])

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        assert sign_in.application == "kiosk"
        await sign_in.by_device_code(unread)
        assert sign_in.application == ""
        assert (await sign_in.access_token()).value == "secret-access-2"

    tell(service.settings(methods=PEOPLE_TOO, certificate=Certificate(path, "kiosk")), story)


def test_a_certificate_the_tenant_does_not_know_is_refused_by_name(
    fresh: Simulated, tmp_path: Path
) -> None:
    key = rsa_key()
    path = private(tmp_path / "other.pem", key_pem(key) + certificate_of(key, LONG_AGO, LATE))
    error = refused(settings_for(fresh, path))
    assert isinstance(error, CertificateRefused)
    assert "AADSTS700027" in error.evidence.description
    assert error.evidence.correlation_id


def test_a_clock_ten_minutes_behind_is_named(fresh: Simulated, key_file: Path) -> None:
    fresh.fault("clock_skew", seconds=600)
    error = refused(settings_for(fresh, key_file))
    assert isinstance(error, ClockWrong)
    assert "AADSTS700024" in error.evidence.description


def test_an_application_the_tenant_does_not_know_is_named(fresh: Simulated, key_file: Path) -> None:
    nobody = Certificate(key_file, "00000000-0000-4000-8000-000000000000")
    error = refused(settings_for(fresh, key_file, certificate=nobody))
    assert isinstance(error, RegistrationWrong)


def test_a_service_that_is_away_is_unreachable(fresh: Simulated, key_file: Path) -> None:
    away = settings_for(fresh, key_file, authority="https://localhost:9/practice")
    assert isinstance(refused(away), SignInUnreachable)


def mend(path: Path) -> None:
    """Do what the error advises."""
    close_to_others(path)


def test_a_key_that_others_can_read_is_not_used_and_works_once_it_is_mended(
    fresh: Simulated, key_file: Path
) -> None:
    open_to_others(key_file)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(KeyUnusable, match="others"):
            await sign_in.unattended()
        mend(key_file)
        await sign_in.unattended()
        assert works(fresh, (await sign_in.access_token()).value)

    tell(settings_for(fresh, key_file), story, clock=SystemClock())


def test_no_key_and_no_token_is_printed_or_logged(
    fresh: Simulated, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    secrets = [key_file.read_text(encoding="ascii").splitlines()[1]]

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.unattended()
        secrets.append((await sign_in.access_token()).value)
        shown.extend([repr(sign_in), repr(vars(sign_in)), repr(vars(sign_in).get("_client"))])

    caplog.set_level("DEBUG")
    tell(settings_for(fresh, key_file), story, clock=SystemClock())
    everything = "\n".join([*shown, caplog.text])
    assert not [secret for secret in (*secrets, JWT_BEGINS) if secret in everything]


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("token", "roles"),
    [
        (f"{part({})}.{part({'roles': ['A.B', 'C']})}.x", {"A.B", "C"}),
        (f"{part({})}.{part({'roles': None})}.x", set()),
        (f"{part({})}.{part([])}.x", set()),
        (f"{part({})}.{part({})}.x", set()),
        ("opaque", set()),
        ("a.b.c", set()),
        ("a.\u00e9.c", set()),
        ("", set()),
    ],
)
def test_a_token_that_cannot_be_read_names_no_permission(token: str, roles: set[str]) -> None:
    assert roles_in(token) == roles
