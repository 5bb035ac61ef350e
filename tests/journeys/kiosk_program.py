"""A kiosk on a tenant that outlives it, as a program: `python -m tests.journeys.kiosk_program`.

The practice tenant of `oathdesk demo --kiosk` dies with it, and with that the truth which a kiosk
that is started again has to find.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import logs
from app.compose import build_station, guard_of
from app.main import practice_config, practice_rules
from app.simulator.dock import SimulatedPractice
from app.simulator.server import AppInfo, OperatorInfo, PersonInfo, ReadyInfo, TokenInfo
from app.station.context import Notify
from app.station.station import Station
from app.ui.application import application, run
from app.ui.launcher import WindowOptions
from tests.journeys.observed import Door


def told_in(told: dict[str, Any]) -> ReadyInfo:
    """What a ready file tells, in the words it was written from."""
    lists = {"operators": OperatorInfo, "tokens": TokenInfo, "people": PersonInfo}
    rest = {name: tuple(kind(**each) for each in told[name]) for name, kind in lists.items()}
    return ReadyInfo(**{**told, **rest, "app": AppInfo(**told["app"])})


def main(ready_file: str, folder: str) -> int:
    """Run it on the tenant that `ready_file` tells of; record and door are in `folder`."""
    Door(str(Path(folder) / "door"), application())
    ready = told_in(json.loads(Path(ready_file).read_text("utf-8")))
    rules = practice_rules()
    config = practice_config(ready, Path(folder))
    config = replace(config, desk=replace(config.desk, wipe_after=rules.wipe_after))

    async def built(notify: Notify) -> Station:
        return await build_station(config, notify, SimulatedPractice(ready), lambda _url: True)

    with logs.kept_in(Path(folder) / "logs"):
        return run(built, options=WindowOptions(kiosk=guard_of(rules, Path(folder))))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
