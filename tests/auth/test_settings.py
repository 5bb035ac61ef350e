import ssl
from pathlib import Path

import pytest

from app.auth import AuthSettings

AUTHORITY = "https://login.desk.example/tenant"
SCOPES = ("https://graph.desk.example/User.Read",)


@pytest.mark.parametrize("authority", ["http://login.desk.example/t", "https://host", "tenant", ""])
def test_an_authority_is_https_with_a_tenant(authority: str) -> None:
    with pytest.raises(ValueError, match="authority"):
        AuthSettings(authority, "client", SCOPES)


@pytest.mark.parametrize("scopes", [(), ("openid",), (*SCOPES, "offline_access")])
def test_reserved_scopes_are_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scopes"):
        AuthSettings(AUTHORITY, "client", scopes)


def test_a_context_that_does_not_check_the_host_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False

    with pytest.raises(ValueError, match="verify"):
        AuthSettings(AUTHORITY, "client", SCOPES, ssl_context=context)


def test_a_proxys_password_is_not_printed() -> None:
    settings = AuthSettings(
        AUTHORITY, "client", SCOPES, ca_file=Path("ca.pem"), proxy="http://me:hunter2@proxy:8080"
    )

    assert "hunter2" not in repr(settings)
