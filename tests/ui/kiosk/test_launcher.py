"""What leads to a kiosk's station: nothing to choose and nothing to set up for who stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.compose import StationLauncher
from app.core.errors import NotConfigured
from app.settings.loading import Sources
from app.station.context import Notify
from app.station.notices import ReadyNotice
from app.station.station import Station
from app.station_config import StationConfig
from tests.fakes.world import FakeWorld
from tests.test_launcher import ALL, IDS, ONE, never_practising
from tests.ui.stage import a_window_on

KIOSK = "[kiosk]\nenabled = true\n"


class Kiosk:
    """A machine whose file is `text`, and what its stations would be put together for."""

    def __init__(self, folder: Path, text: str, *, forced: bool = False) -> None:
        self.file = folder / "config.toml"
        self.file.write_text(text, encoding="utf-8")
        self.places: list[StationConfig] = []
        sources = Sources(folder / "no-machine.toml", self.file)
        self.launcher = StationLauncher(
            sources, "", self._put_together, never_practising, kiosk=forced
        )

    async def _put_together(self, config: StationConfig, notify: Notify) -> Station:
        self.places.append(config)
        return Station(FakeWorld().station_ports, config.desk, notify)

    def told(self, qtbot: QtBot) -> ReadyNotice:
        """What a window on the station is told first."""
        with a_window_on(qtbot, self.launcher.station(), launcher=self.launcher) as stage:
            stage.until(lambda: any(isinstance(each, ReadyNotice) for each in stage.notices))
            assert "first_run" not in vars(stage.window.pages)
            assert not stage.window.signin.tenants.isVisible()
            return next(each for each in stage.notices if isinstance(each, ReadyNotice))


@pytest.mark.expect_log("kiosk")
def test_nobody_sets_a_kiosk_up_who_merely_stands_before_it(qtbot: QtBot, tmp_path: Path) -> None:
    told = Kiosk(tmp_path, KIOSK).told(qtbot)
    assert isinstance(told.error, NotConfigured)


@pytest.mark.expect_log("kiosk")
def test_a_kiosk_serves_one_of_several_tenants_and_offers_no_other(
    qtbot: QtBot, tmp_path: Path
) -> None:
    kiosk = Kiosk(tmp_path, ALL + KIOSK)
    assert kiosk.told(qtbot).error is None
    (config,) = kiosk.places
    assert config.ledger_file.parent.name == IDS["north"]
    assert config.desk.wipe_after > 0


def test_a_desk_that_is_run_as_a_kiosk_is_one(qtbot: QtBot, tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, ONE, forced=True)
    assert kiosk.launcher.window_options().kiosk is not None
    assert kiosk.told(qtbot).error is None
    assert kiosk.places[0].desk.wipe_after > 0


def test_what_is_written_meanwhile_makes_no_kiosk_a_desk(qtbot: QtBot, tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path, ONE + KIOSK)
    guard = kiosk.launcher.window_options().kiosk
    kiosk.file.write_text(ONE, encoding="utf-8")
    assert kiosk.told(qtbot).error is None
    assert kiosk.places[0].desk.wipe_after > 0
    assert kiosk.launcher.window_options().kiosk is guard


def test_what_is_written_meanwhile_makes_no_desk_a_kiosk(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Kiosk(tmp_path, ONE)
    assert desk.launcher.window_options().kiosk is None
    desk.file.write_text(ONE, encoding="utf-8")
    assert desk.told(qtbot).error is None
    assert desk.places[0].desk.wipe_after == 0


def test_a_configuration_that_cannot_be_read_leaves_a_kiosk_a_kiosk(
    qtbot: QtBot, tmp_path: Path
) -> None:
    kiosk = Kiosk(tmp_path, "[kiosk\n", forced=True)
    assert kiosk.launcher.window_options().kiosk is not None
    assert kiosk.told(qtbot).error is not None
