"""T2: what rests and turned out otherwise is told in the window and listed under Today."""

from __future__ import annotations

from datetime import timedelta

from pytestqt.qtbot import QtBot

from app.core.enrollment import Enrollment, State, advance
from app.core.errors import AnswerLost, Evidence
from app.core.events import Lost, Recorded, StaysUnassigned
from app.core.model import Mode
from app.core.record import intent, passage
from app.station.context import DeskSettings, Notify, Patience
from app.station.station import Station
from app.ui.models.today import STATE
from tests.fakes.nouns import an_operator
from tests.fakes.world import FakeWorld
from tests.ui.stage import SILENT, a_window_on


def lost(world: FakeWorld) -> None:
    """Put an assignment on record whose answer was lost, and of which nothing was seen."""
    sent = world.clock.now() - timedelta(minutes=10)
    began = Enrollment("one", Mode.ASSIGN_ONLY, State.RECORDING, world.token, world.ada, attempts=1)
    world.ledger.append(intent(began, an_operator(), "Desk 1", sent))
    gone = AnswerLost(Evidence("POST", "/assign"))
    looking = advance(advance(began, Recorded(at=sent)), Lost(at=sent, error=gone))
    ended = advance(looking, StaysUnassigned(at=sent))
    world.ledger.append(passage(ended, sent + timedelta(seconds=90)))


def test_t2_a_late_write_that_a_start_finds_is_told_and_listed(qtbot: QtBot) -> None:
    world = FakeWorld()
    world.clock.stop()
    lost(world)
    world.directory.give(world.token, world.ada)

    async def build(notify: Notify) -> Station:
        settings = DeskSettings(name="Desk 1", patience=Patience(), sounds=SILENT)
        return Station(world.station_ports, settings, notify)

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        stage.until(lambda: "Not done" in stage.alert)
        assert "Ada" in stage.alert
        assert "Assigned, to be activated" in stage.alert
        model = stage.desk.today.model
        assert "seen later" in model.index(0, STATE).data()
