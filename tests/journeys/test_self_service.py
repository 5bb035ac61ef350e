"""Somebody registers their own token, by keyboard alone, and whatever may go wrong on the way."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.enrollment import State
from app.core.lane import LaneStep
from app.core.record import SELF_SERVICE
from app.station.notices import SessionState
from tests.journeys.lane import LaneJourney, a_lane
from tests.support.simulated import SAM, Simulated
from tests.ui.hands import enter

METHODS = "/beta/me/authentication/hardwareOathMethods"
BY_SERIAL = f"{METHODS}/assignAndActivateBySerialNumber"


@pytest.fixture
def lane(tenant: Simulated, qtbot: QtBot, tmp_path: Path) -> object:
    with a_lane(tenant, qtbot, tmp_path) as journey:
        yield journey


def test_somebody_registers_their_own_token_in_three_steps(lane: LaneJourney) -> None:
    lane.sign_in()
    lane.reach(LaneStep.TOKEN)
    lane.scan()
    lane.type_code()
    lane.reach(LaneStep.END)
    assert lane.truth() == ("activated", SAM)
    assert "Your token works, Sam Whitlock" in lane.shown()
    assert lane.told.enrollment is not None
    assert lane.told.enrollment.state is State.ACTIVATED

    asked = lane.requests()
    assert [path for method, path in asked if method == "POST"] == [BY_SERIAL]
    assert {path.partition("/authentication")[0] for _, path in asked} == {"/beta/me"}
    facts = lane.recorded()
    assert facts[0]["operator_kind"] == SELF_SERVICE
    assert facts[0]["operator_upn"] == facts[0]["person_upn"] == SAM
    assert [entry["state"] for entry in facts] == ["recording", "confirming", "activated"]

    enter()
    lane.until(lane.is_wiped)
    assert SessionState.SIGNED_OUT in lane.sessions()
