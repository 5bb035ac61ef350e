"""The practice desk: tokens pressed and sign-in pages filled in where the tenant is embedded."""

from __future__ import annotations

import pytest

from app.core.code import VerificationCode
from app.core.enrollment import State
from app.core.errors import Evidence, Unreachable
from app.station.context import DeskSettings
from app.station.notices import ReadyNotice, SessionState
from app.station.practice import PressedNotice, SignInPageNotice
from app.station.station import Station
from tests.fakes.practice import OPERATOR
from tests.fakes.sign_in import URL
from tests.fakes.world import FakeWorld
from tests.station.stage import a_desk

pytestmark = pytest.mark.anyio


async def test_a_ready_station_shows_what_lies_on_the_practice_desk() -> None:
    async with a_desk(signed_in=False) as stage:
        (ready,) = stage.of(ReadyNotice)
        assert ready.desk == "Desk 1"
        assert ready.practice == stage.world.practice.things
        assert [badge.text for badge in stage.world.practice.things.badges] == [
            "EMP20417",
            "EMP20418",
        ]


async def test_a_pressed_token_shows_a_code_that_enrolls_it() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.station.press("86590001")
        (pressed,) = stage.of(PressedNotice)
        assert pressed.code is not None
        assert (await stage.submit(pressed.code.reveal())).state is State.ACTIVATED
        truth = await stage.world.practice.truth("86590001")
        assert truth["assignedTo"] == "person-ada"


async def test_a_code_is_masked_in_what_is_told_of_a_press() -> None:
    async with a_desk() as stage:
        await stage.station.press("86590001")
        assert stage.of(PressedNotice) == [PressedNotice("86590001", VerificationCode("000001"))]
        assert "000001" not in repr(stage.notices)


async def test_a_press_that_failed_shows_no_code() -> None:
    async with a_desk() as stage:
        stage.world.practice.error = Unreachable(Evidence())
        await stage.station.press("86590001")
        assert stage.of(PressedNotice) == [PressedNotice("86590001")]


async def test_the_sign_in_page_is_filled_in_or_complains() -> None:
    world = FakeWorld()
    world.sign_in.waits = True
    async with a_desk(world=world, signed_in=False) as stage:
        await stage.station.session.begin_in_browser()
        await stage.until(lambda: world.sign_in.is_open)
        await stage.station.sign_in_for_practice(URL, OPERATOR.username, "wrong")
        assert len(stage.of(SignInPageNotice)) == 1
        await stage.station.sign_in_for_practice(URL, OPERATOR.username, OPERATOR.password)
        await stage.until(lambda: stage.session.state is SessionState.SIGNED_IN)


async def test_a_real_tenant_has_no_practice_desk() -> None:
    notices: list[object] = []
    station = Station(FakeWorld().station_ports, DeskSettings(), notices.append)
    await station.start()
    await station.press("86590001")
    await station.sign_in_for_practice(URL, OPERATOR.username, OPERATOR.password)
    assert not any(isinstance(notice, PressedNotice) for notice in notices)
    assert station.practice is None
    await station.close()
