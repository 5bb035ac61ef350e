"""A window of its own with the readers page in front; tells each trial as a line of JSON."""

import json
import sys

from app.core.model import Mode
from app.core.scan import DEFAULT_RULES
from app.core.trial import Arrival, as_toml, try_keys
from app.ui.application import DeskApp, application
from app.ui.launcher import WindowOptions
from app.ui.theme import Theme
from tests.fakes.world import FakeWorld
from tests.journeys.observed import Door
from tests.ui.stage import on


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main(door: str) -> int:
    """Run until the window closes; the socket `door` tells what has the keyboard."""
    front = DeskApp(
        on(FakeWorld(), Mode.ASSIGN_AND_ACTIVATE), WindowOptions(Theme.LIGHT, motion=False)
    )

    def told(arrival: Arrival) -> None:
        trial = try_keys(arrival, front.scans.settings, DEFAULT_RULES)
        kinds = [trouble.kind.value for trouble in trial.troubles]
        tell(arrived=trial.arrived, kinds=kinds, lines=as_toml(trial.proposals))

    with front:
        front.scans.tried.connect(told)
        front.window.rail.chosen.emit("readers")
        Door(door, application())
        return front.app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
