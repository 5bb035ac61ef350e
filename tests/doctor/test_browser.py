"""The doctor tells whether the browser of a kiosk would be started, before anybody needs it."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.browser.confined import ConfinedBrowser
from app.browser.policy import Wanted, as_json, policies
from app.cli.kiosk import install_policies
from app.core.checkup import Check, Examination, Finding, Told, Verdict
from app.core.errors import BrowserNotConfined
from app.core.signin import SignInMethod
from app.doctor import examinations
from app.station_config import StationConfig
from tests.browser.stand_in import NEEDED, StandIn

pytestmark = pytest.mark.skipif(bool(NEEDED), reason=NEEDED)

WANTED = Wanted(("login.microsoftonline.com",))


async def looked(one: Examination) -> Finding:
    return await one.look()


def found(folder: Path, browser: ConfinedBrowser | None, *methods: SignInMethod) -> Finding:
    config = StationConfig(folder / "ledger.db", folder, methods=methods, browser=browser)
    with ThreadPoolExecutor(1) as threads:
        (one,) = (
            each for each in examinations(config, threads) if each.check is Check.CONFINED_BROWSER
        )
        return asyncio.run(looked(one))


def test_a_browser_that_is_confined_is_well(tmp_path: Path) -> None:
    browser = ConfinedBrowser(
        WANTED, StandIn(tmp_path / "chromium").program, tmp_path / "etc" / "managed", os.getuid()
    )
    first = found(tmp_path, browser, SignInMethod.CONFINED)
    assert first.verdict is Verdict.FAILURE
    assert isinstance(first.error, BrowserNotConfined)
    install_policies(as_json(policies(WANTED)), browser.policies / "zz-oathdesk-kiosk.json")
    then = found(tmp_path, browser, SignInMethod.CONFINED)
    assert (then.verdict, then.told) == (Verdict.OK, Told.BROWSER_CONFINED)
    assert ("Host", "login.microsoftonline.com") in then.rows


def test_where_nobody_wants_one_it_is_not_looked_for(tmp_path: Path) -> None:
    assert found(tmp_path, None, SignInMethod.DEVICE).told is Told.NOT_WANTED


def test_a_machine_that_can_have_none_is_told_so(tmp_path: Path) -> None:
    finding = found(tmp_path, None, SignInMethod.CONFINED)
    assert (finding.verdict, finding.told) == (Verdict.FAILURE, Told.BROWSER_ON_LINUX)
