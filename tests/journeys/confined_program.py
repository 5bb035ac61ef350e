"""A kiosk with a confined browser on a tenant that outlives it, as a program of its own.

`python -m tests.journeys.confined_program READY FOLDER POLICIES [PROGRAM]`: the practice tenant
that READY tells of; record, profiles and door in FOLDER; the policies in POLICIES, which root or
the user of this process owns; another program than Debian's Chromium where it is named.
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from app import logs
from app.browser.confined import PROGRAM, ConfinedBrowser
from app.browser.policy import Wanted
from app.compose import build_station, guard_of
from app.core.signin import SignInMethod
from app.main import practice_config, practice_rules
from app.simulator.server import ReadyInfo
from app.station.context import Notify
from app.station.station import Station
from app.ui.application import application, run
from app.ui.launcher import WindowOptions
from tests.journeys.kiosk_program import told_in
from tests.journeys.observed import Door


def wanted_at(ready: ReadyInfo) -> Wanted:
    """What the browser is confined to: the sign-in of the practice tenant."""
    host = ready.authority.removeprefix("https://").partition("/")[0]
    return Wanted((host,), Path(ready.ca_file))


def main(ready_file: str, folder: str, policies: str, program: str = str(PROGRAM)) -> int:
    """Run it until its window closes; return the exit code."""
    Door(str(Path(folder) / "door"), application())
    ready = told_in(json.loads(Path(ready_file).read_text("utf-8")))
    rules = practice_rules()
    config = practice_config(ready, Path(folder))
    browser = ConfinedBrowser(
        wanted_at(ready), Path(program), Path(policies), os.geteuid(), runtime=Path(folder)
    )
    config = replace(
        config,
        browser=browser,
        methods=(SignInMethod.CONFINED,),
        desk=replace(config.desk, wipe_after=rules.wipe_after),
    )

    async def built(notify: Notify) -> Station:
        return await build_station(config, notify, None, lambda _url: False)

    with logs.kept_in(Path(folder) / "logs"):
        return run(built, options=WindowOptions(kiosk=guard_of(rules, Path(folder))))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
