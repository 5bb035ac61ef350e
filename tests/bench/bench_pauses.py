"""How long the window's thread is held up while cards come and go.

`python -m tests.bench.bench_pauses [--cards N]` prints a table. A real window on a station over
fakes is told of cards by the real card thread, over the real pcscd with virtual readers. A timer of
the window's own thread is due every millisecond; what it is late by is a pause. The same window
left in peace is the floor. It needs pcscd and virtual readers (`python3 packaging/bootstrap.py
test` installs them), and an idle machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from app.clock import SystemClock
from app.core.enrollment import State
from app.core.model import Mode
from app.readers import Pace, PcscReader
from app.station.context import DeskSettings, Notify, Ports
from app.station.station import Station
from app.ui.application import DeskApp
from app.ui.launcher import WindowOptions
from app.ui.theme import Theme
from tests.fakes.nouns import a_token
from tests.fakes.world import FakeWorld
from tests.readers import cards
from tests.readers.daemon import SOCKET_NAME, Pcscd, what_is_missing

NAME = "Reader A"
FRAME_MS = 16.7
SETTLE_MS = 1_500
_READ = 0.06
"""Seconds after which a virtual card has been read."""


class Pulse:
    """A timer of the window's thread, due every millisecond; keeps how late it came."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._last) * 1000 - 1))
        self._last = now

    def taken(self) -> list[float]:
        """Return the pauses so far, sorted, in ms, and begin anew."""
        late, self.late = sorted(self.late), []
        return late


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(true: object, patience: float = 20.0) -> None:
    assert callable(true)
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            sys.exit("oathdesk: the desk did not come")
        wait(10)


def line(name: str, late: list[float]) -> str:
    def at(part: float) -> float:
        return late[min(len(late) - 1, int(len(late) * part))]

    over = sum(each > FRAME_MS for each in late)
    return f"{name:<34}{at(0.5):9.2f}{at(0.99):9.2f}{late[-1]:9.2f}{over:9}{len(late):9}"


def come_and_go(service: Pcscd, count: int, done: threading.Event) -> None:
    """Lay `count` cards down and take them away, one after the other, as fast as they are seen."""
    slot = service.slot()
    for number in range(count):
        card = cards.token2_otp("8659610904217") if number % 2 else cards.yubikey(1000 + number)
        slot.insert(card)
        deadline = time.monotonic() + 2
        while card.noticed_at is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(_READ)
        slot.remove()
    done.set()


def measure(service: Pcscd, count: int) -> list[str]:
    world = FakeWorld()
    world.tenant.add_token(a_token("8659610904217"), "041238")
    clock = SystemClock()

    async def build(notify: Notify) -> Station:
        outside = Ports(
            world.directory, world.sign_in, world.ledger, clock, cards=PcscReader(clock, Pace())
        )
        settings = DeskSettings(mode=Mode.ASSIGN_ONLY, sounds=frozenset())
        return Station(outside, settings, notify)

    with DeskApp(build, WindowOptions(Theme.LIGHT)) as front:
        front.bridge.ask(lambda station: station.session.begin_in_browser())
        until(front.window.desk.isVisible)
        wait(SETTLE_MS)
        pulse = Pulse()
        wait(SETTLE_MS)
        pulse.taken()
        done = threading.Event()
        wait(5_000)
        peace = pulse.taken()
        threading.Thread(target=come_and_go, args=(service, count, done), daemon=True).start()
        until(done.is_set, patience=count * 3.0)
        wait(500)
        busy = pulse.taken()
        enrollment = front.window.desk.enrollment()
        assert enrollment is not None
        assert enrollment.state in {State.HAS_TOKEN, State.EMPTY}
    return [line("left in peace for 5 s", peace), line(f"{count} cards come and go", busy)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=500)
    options = parser.parse_args()
    why = what_is_missing()
    if why is not None:
        sys.exit(f"oathdesk: {why}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[SOCKET_NAME] = f"{folder}/run/pcscd.comm"
        service = Pcscd(Path(folder), (NAME,))
        service.start()
        try:
            rows = measure(service, options.cards)
        finally:
            service.stop()
    head = f"{'pauses of the window, ms':<34}{'median':>9}{'p99':>9}{'longest':>9}"
    print("\n".join([f"{head}{'> frame':>9}{'beats':>9}", *rows]))  # noqa: T201 - it speaks to a terminal


if __name__ == "__main__":
    main()
