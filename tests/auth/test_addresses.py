"""T9: what a sign-in service may send to a browser or onto the screen."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import MsalSignIn
from app.auth.addresses import AUTHORITIES, is_of_authority, is_presentable, plain_text
from app.core.errors import SignInRefused, SignInUnreachable
from app.core.ports import DevicePrompt
from tests.auth.desk import tell, unread
from tests.auth.service import Reply, Service, refusal, tokens

HOST = "https://login.microsoftonline.com"

BAD = (
    "",
    "https://",
    "https:///path",
    "http://login.microsoftonline.com/",
    "file:///etc/passwd",
    "file://login.microsoftonline.com/share",
    "javascript:alert(1)//https://login.microsoftonline.com",
    "data:text/html,<script>alert(1)</script>",
    "ms-appinstaller:?source=https://evil.example/x",
    "//login.microsoftonline.com/",
    "login.microsoftonline.com",
    "https:login.microsoftonline.com",
    "https://login.microsoftonline.com@evil.example/",
    "https://user:secret@login.microsoftonline.com/",
    "https://@login.microsoftonline.com/",
    "https://login.microsoftonline.com\\@evil.example/",
    "https:\\\\login.microsoftonline.com\\",
    "https://login.microsoftonline.com/\\..\\",
    " https://login.microsoftonline.com/",
    "https://login.microsoftonline.com/ x",
    "https://login.microsoftonline.com/\r\nx",
    "https://login.microsoftonline.com/\n",
    "https://login.microsoftonline.com/\tx",
    "https://login.microsoftonline.com/\x00",
    "https://login.microsoftonline.com/\u202e",
    "https://login.microsoftonline.com/\u2028x",
    "https://lоgin.microsoftonline.com/",
    "https://login.microsoftonline\u3002com/",
    "https://xn--lgin-5qa.microsoftonline.com/",
    "https://login.XN--microsoftonline-x.com/",
    "https://login..microsoftonline.com/",
    "https://-login.microsoftonline.com/",
    "https://login_1.microsoftonline.com/",
    "https://login.microsoftonline.com:port/",
    "https://login.microsoftonline.com:99999/",
    "https://login.microsoftonline.com:443:443/",
    "https://[::1/",
    "https://[evil.example]/",
    'https://login.microsoftonline.com/"><script>',
    f"https://login.microsoftonline.com/{'x' * 9000}",
)

GOOD = (
    "https://microsoft.com/devicelogin",
    "https://login.microsoft.com/device",
    "HTTPS://Login.MicrosoftOnline.com/common/oauth2/deviceauth",
    "https://login.partner.microsoftonline.cn:443/common/oauth2/deviceauth?x=%20&y=a+b#z",
    "https://localhost:8443/device",
    "https://127.0.0.1:8443/device",
    "https://[::1]:8443/device",
)


@pytest.mark.parametrize("address", BAD)
def test_t9_an_address_that_is_not_https_with_a_plain_host_is_neither_opened_nor_shown(
    address: str,
) -> None:
    assert not is_presentable(address)
    assert not is_of_authority(address, f"{HOST}/tenant")


@pytest.mark.parametrize("address", GOOD)
def test_t9_an_address_of_a_sign_in_service_is_shown(address: str) -> None:
    assert is_presentable(address)


@given(st.text(max_size=60))
def test_t9_no_text_behind_https_is_shown_unless_all_of_it_is_plain(text: str) -> None:
    if is_presentable(f"https://{text}"):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(' \\<>"')


def test_t9_only_the_authoritys_own_host_or_one_of_entras_is_its_page() -> None:
    mine = "https://localhost:8443/practice"
    assert is_of_authority("https://localhost:8443/authorize?x=1", mine)
    assert not is_of_authority("https://localhost:8444/authorize", mine)
    assert not is_of_authority("https://login.microsoftonline.com.evil.example/", f"{HOST}/t")
    assert not is_of_authority("https://evil-login.microsoftonline.com/", f"{HOST}/t")
    assert not is_of_authority("https://login.microsoftonline.com:444/", f"{HOST}/t")
    for name in AUTHORITIES:
        assert is_of_authority(f"https://{name}/tenant/oauth2/v2.0/authorize", f"{HOST}/t")


@given(st.text(max_size=200), st.integers(1, 50))
def test_t9_a_shown_text_is_one_bounded_line_without_direction_marks(text: str, most: int) -> None:
    shown = plain_text(text, most)
    assert len(shown) <= most
    assert len(shown.splitlines()) <= 1
    for letter in shown:
        assert letter in "\u200c\u200d" or unicodedata.category(letter) not in {
            *("Cc", "Cf", "Cs", "Zl", "Zp"),
        }


def test_t9_words_in_any_script_stay_readable() -> None:
    assert (
        plain_text("AADSTS50020:\r\n Benutzer\u202egnp.exe", 100) == "AADSTS50020: Benutzergnp.exe"
    )
    assert plain_text("می\u200cخواهم", 100) == "می\u200cخواهم"
    assert plain_text("a\u2028b\u0085c\u00a0d", 100) == "a b c d"


# Through the sign-in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)//",
        "file:///etc/passwd",
        "http://localhost/authorize",
        "https://evil.example/authorize",
        "https://localhost@evil.example/authorize",
        "data:text/html,x",
    ],
)
def test_t9_a_page_that_the_service_names_elsewhere_never_reaches_the_browser(
    service: Service, address: str
) -> None:
    opened: list[str] = []
    document: dict[str, Any] = dict(service.discovery.body)
    service.discovery = Reply(document | {"authorization_endpoint": address})

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable):
            await sign_in.in_browser(opened.append)

    def browser(url: str) -> bool:
        opened.append(url)
        return True

    tell(service.settings(), story, browser)
    assert opened == []


@pytest.mark.parametrize("name", ["token_endpoint", "device_authorization_endpoint"])
def test_t9_no_code_and_no_secret_is_sent_to_another_host(service: Service, name: str) -> None:
    elsewhere = f"https://127.0.0.1:{service.port}/practice/token"  # the same server, another name
    document: dict[str, Any] = dict(service.discovery.body)
    service.discovery = Reply(document | {name: elsewhere})
    service.token.append(tokens(1))

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable, match="another host"):
            await sign_in.by_device_code(unread)

    tell(service.settings(), story)
    sent = {"device_code"} & {key for form in service.forms for key in form}
    assert sent == set()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("javascript:alert(1)", "ABCD"),
        ("http://microsoft.com/devicelogin", "ABCD"),
        ("https://microsoft.com@evil.example/devicelogin", "ABCD"),
        ("https://microsoft.com/\r\ndevicelogin", "ABCD"),
        ("https://microsoft.com/\u202edevicelogin", "ABCD"),
        ("https://mіcrosoft.com/devicelogin", "ABCD"),
        ("https://microsoft.com/devicelogin", "\u202e\r\n\u200b"),
        ("https://microsoft.com/devicelogin", ""),
    ],
)
def test_t9_a_device_code_that_cannot_be_shown_is_not_shown(
    service: Service, address: str, code: str
) -> None:
    service.device = Reply(service.device.body | {"verification_uri": address, "user_code": code})
    shown: list[DevicePrompt] = []

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable):
            await sign_in.by_device_code(shown.append)

    tell(service.settings(), story)
    assert shown == []


def test_t9_a_code_and_the_services_words_are_shown_without_marks_and_bounded(
    service: Service,
) -> None:
    code = "AB\u202eCD\r\nopen evil.example" + "x" * 500
    service.device = Reply(service.device.body | {"user_code": code})
    service.token.append(refusal("bad\u202e", "AADSTS50020:\r\nuser\u2066 not\x1b[2J found"))
    shown: list[DevicePrompt] = []

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInRefused) as caught:
            await sign_in.by_device_code(shown.append)
        assert caught.value.evidence.error == "bad"
        assert caught.value.evidence.description == "AADSTS50020: user not[2J found"

    tell(service.settings(), story)
    assert shown[0].user_code.startswith("ABCD open evil.example")
    assert len(shown[0].user_code) == 40
    assert shown[0].user_code.isprintable()
