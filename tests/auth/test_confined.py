"""Signing in to the practice tenant in a browser that this program opens, watches and closes."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from app.auth import AuthSettings, Means, MsalSignIn
from app.auth.listener import loopback_sockets
from app.core.errors import (
    BrowserNotConfined,
    ConsentDeclined,
    SignInCancelled,
    SignInTimedOut,
    SignInUnreachable,
)
from app.core.signin import ScreenArea, SignInMethod, Unconfined
from tests.auth.desk import Story, no_browser, signing_in, tell, unheard
from tests.auth.test_signin import Person, settings_for
from tests.fakes.browser import FakeBrowser
from tests.support.patience import HANG_SECONDS
from tests.support.simulated import DANA, Simulated

AREA = ScreenArea(0, 0, 1280, 728, 1.0)


def confined(settings: AuthSettings) -> AuthSettings:
    return replace(settings, methods=(SignInMethod.CONFINED,))


def told(tenant: Simulated, browser: FakeBrowser, story: Story, seconds: float = 60.0) -> None:
    means = Means(confined=browser, confined_seconds=seconds)
    tell(confined(settings_for(tenant)), story, no_browser, means)


def in_thread(act: Callable[[str], object]) -> Callable[[str], object]:
    """Let the person act beside the station, as they do."""
    return lambda address: threading.Thread(target=act, args=(address,), daemon=True).start()


def test_signing_in_brings_a_token_and_closes_the_browser(fresh: Simulated) -> None:
    dana = Person(fresh)
    browser = FakeBrowser(in_thread(dana.signs_in))
    opened: list[tuple[str, bool]] = []

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_confined_browser(
            lambda address: opened.append((address, browser.is_open)), AREA
        )
        assert (await sign_in.access_token()).value
        assert sign_in.signed_in_by is SignInMethod.CONFINED
        assert not browser.is_open

    told(fresh, browser, story)
    assert opened == [(browser.shown[0], True)]
    assert browser.areas == [AREA]
    assert dana.page().status_code == 200


def test_it_comes_back_to_a_port_that_the_policies_allow(fresh: Simulated) -> None:
    dana, taken = Person(fresh), loopback_sockets()
    free = loopback_sockets()
    browser = FakeBrowser(in_thread(dana.signs_in))
    port = free[0].getsockname()[1]
    browser.redirect_ports = (taken[0].getsockname()[1], port)
    for each in free:
        each.close()

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_confined_browser(unheard, AREA)

    told(fresh, browser, story)
    for each in taken:
        each.close()
    (back,) = parse_qs(urlsplit(browser.shown[0]).query)["redirect_uri"]
    assert urlsplit(back).port == port


def test_without_a_free_port_it_says_so_and_opens_nothing(fresh: Simulated) -> None:
    taken = loopback_sockets()
    browser = FakeBrowser()
    browser.redirect_ports = (taken[0].getsockname()[1],)

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable):
            await sign_in.in_confined_browser(unheard, AREA)

    told(fresh, browser, story)
    for each in taken:
        each.close()
    assert browser.shown == []


def test_a_person_who_declines_on_the_page_is_told_so_as_in_any_browser(fresh: Simulated) -> None:
    dana = Person(fresh)
    browser = FakeBrowser(in_thread(dana.cancels))

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(ConsentDeclined):
            await sign_in.in_confined_browser(unheard, AREA)
        assert not browser.is_open

    told(fresh, browser, story)


def test_a_person_who_closes_the_window_has_cancelled(fresh: Simulated) -> None:
    browser = FakeBrowser()

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInCancelled):
            await sign_in.in_confined_browser(lambda _address: browser.close(), AREA)

    told(fresh, browser, story)


def test_whoever_leaves_it_open_finds_it_closed(fresh: Simulated) -> None:
    browser = FakeBrowser()

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInTimedOut):
            await sign_in.in_confined_browser(unheard, AREA)
        assert not browser.is_open

    told(fresh, browser, story, seconds=0.05)


def test_a_browser_that_fails_or_is_not_confined_is_told(fresh: Simulated) -> None:
    error = BrowserNotConfined(Unconfined.NOT_STARTED, "Chromium", "it ended with the code 21")
    failing, refusing = FakeBrowser(), FakeBrowser()
    failing.fault = refusing.refusal = error

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(BrowserNotConfined) as caught:
            await sign_in.in_confined_browser(unheard, AREA)
        assert caught.value is error
        assert sign_in.signed_in_by is None

    for browser in (failing, refusing):
        told(fresh, browser, story)
    assert refusing.shown == []


def test_cancelling_closes_it_at_once(fresh: Simulated) -> None:
    browser = FakeBrowser()

    async def story(sign_in: MsalSignIn) -> None:
        shown = asyncio.Event()
        work = asyncio.create_task(sign_in.in_confined_browser(lambda _address: shown.set(), AREA))
        await asyncio.wait_for(shown.wait(), HANG_SECONDS)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert not browser.is_open

    told(fresh, browser, story)


def test_a_page_on_another_host_is_never_opened(fresh: Simulated) -> None:
    browser = FakeBrowser()
    settings = confined(settings_for(fresh))
    # the same service under another name, which is not that of its own pages
    settings = replace(settings, authority=settings.authority.replace("localhost", "127.0.0.1"))

    async def story(sign_in: MsalSignIn) -> None:
        with pytest.raises(SignInUnreachable):
            await sign_in.in_confined_browser(unheard, AREA)

    tell(settings, story, no_browser, Means(confined=browser))
    assert browser.shown == []


def test_who_signs_in_again_is_named_and_proves_themselves(fresh: Simulated) -> None:
    dana = Person(fresh)
    browser = FakeBrowser(in_thread(dana.signs_in))

    async def story(sign_in: MsalSignIn) -> None:
        await sign_in.in_confined_browser(unheard, AREA, DANA, fresh=True)

    told(fresh, browser, story)
    asked = parse_qs(urlsplit(browser.shown[0]).query)
    assert (asked["login_hint"], asked["prompt"]) == ([DANA], ["login"])


def test_it_is_offered_where_the_machine_has_one(fresh: Simulated) -> None:
    settings = confined(settings_for(fresh))
    with signing_in(settings) as without:
        assert without.methods == ()
    with signing_in(settings, means=Means(confined=FakeBrowser())) as having:
        assert having.methods == (SignInMethod.CONFINED,)
