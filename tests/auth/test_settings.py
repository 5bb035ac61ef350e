import ssl
from pathlib import Path

import pytest

from app.auth import AuthSettings, Certificate
from app.core.signin import SignInMethod
from app.network.proxies import Proxies

AUTHORITY = "https://login.desk.example/tenant"
SCOPES = ("https://graph.desk.example/User.Read",)
CONTEXT = ssl.create_default_context()


@pytest.mark.parametrize("authority", ["http://login.desk.example/t", "https://host", "tenant", ""])
def test_an_authority_is_https_with_a_tenant(authority: str) -> None:
    with pytest.raises(ValueError, match="authority"):
        AuthSettings(authority, "client", SCOPES, CONTEXT)


@pytest.mark.parametrize("scopes", [(), ("openid",), (*SCOPES, "offline_access")])
def test_reserved_scopes_are_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="scopes"):
        AuthSettings(AUTHORITY, "client", scopes, CONTEXT)


def test_a_context_that_does_not_check_the_host_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False

    with pytest.raises(ValueError, match="verify"):
        AuthSettings(AUTHORITY, "client", SCOPES, ssl_context=context)


def test_a_proxys_password_is_not_printed() -> None:
    settings = AuthSettings(
        AUTHORITY, "client", SCOPES, CONTEXT, proxies=Proxies("http://me:hunter2@proxy:8080")
    )

    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("proxy", ["proxy:8080", "socks5://me:hunter2@proxy", "http://"])
def test_a_proxy_is_http_or_https_and_its_password_stays_out_of_the_words(proxy: str) -> None:
    with pytest.raises(ValueError, match="proxy") as error:
        AuthSettings(AUTHORITY, "client", SCOPES, CONTEXT, proxies=Proxies(proxy))
    assert "hunter2" not in str(error.value)


def test_a_station_that_signs_in_by_itself_needs_a_certificate() -> None:
    with pytest.raises(ValueError, match="certificate"):
        AuthSettings(AUTHORITY, "client", SCOPES, CONTEXT, methods=(SignInMethod.CERTIFICATE,))


@pytest.mark.parametrize("tenant", ["common", "organizations", "Common"])
def test_a_certificate_belongs_to_one_tenant(tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant of its own"):
        AuthSettings(
            f"https://login.desk.example/{tenant}",
            "client",
            SCOPES,
            CONTEXT,
            methods=(SignInMethod.CERTIFICATE,),
            certificate=Certificate(Path("kiosk.pem")),
        )


def test_there_is_a_way_to_sign_in() -> None:
    with pytest.raises(ValueError, match="no way"):
        AuthSettings(AUTHORITY, "client", SCOPES, CONTEXT, methods=())


def test_a_passphrase_is_not_printed() -> None:
    certificate = Certificate(Path("kiosk.pem"), passphrase=lambda: "hunter2")
    assert "passphrase" not in repr(certificate)


@pytest.mark.parametrize(
    "graph",
    [
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    ],
)
def test_what_an_application_asks_for_is_of_its_own_cloud(graph: str) -> None:
    settings = AuthSettings(
        AUTHORITY, "client", (f"{graph}/User.Read", f"{graph}/Policy.Read.All"), CONTEXT
    )
    assert settings.everything == f"{graph}/.default"
