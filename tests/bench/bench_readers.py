"""What a tap costs beside the same commands in a bare script, and whether memory stays flat.

`python -m tests.bench.bench_readers [--taps N] [--insertions N] [--delay MS]` prints a table. It
needs pcscd and virtual readers (`python3 packaging/bootstrap.py test` installs them), and an idle
machine. A tap is measured from the moment at which the reader has noticed the card, which is when
it asks for the card's answer to reset: its own polling, up to 0.4 s here, is not ours. `--delay` is
what a card takes for each answer; a real one without contacts takes about 10 ms.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.clock import SystemClock
from app.core.reading import CardGone, CardRead, ReaderAppeared, ReaderEvent
from app.readers import Pace, PcscReader
from tests.readers import cards
from tests.readers.daemon import SOCKET_NAME, Pcscd, what_is_missing
from tests.readers.heard import Heard

NAMES = ("Reader A", "Reader B", "Reader C", "Reader D")
WARM = 64
"""Insertions before memory is measured for the first time."""

Make = Callable[[], cards.FakeCard]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each repetition."""

    name: str
    times: tuple[float, ...]

    def line(self) -> str:
        ordered = sorted(self.times)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        spread = f"{ordered[0]:8.2f} {p95:8.2f} {ordered[-1]:8.2f}"
        return f"{self.name:<46} {statistics.median(ordered):8.2f} {spread} {len(ordered):4}"


class BareScript:
    """The floor: wait for a card, send the commands one after the other, let go."""

    def __init__(self, reader: str) -> None:
        self._scard: Any = importlib.import_module("smartcard.scard")
        self._reader = reader
        _, self._context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        self._state = self._wait(0, 0)

    def tap(self, commands: list[bytes]) -> float:
        """Return when the last command was answered, in seconds of the performance counter."""
        scard = self._scard
        while not self._state & scard.SCARD_STATE_PRESENT:
            self._state = self._wait(self._state, 10_000)
        _, card, _ = scard.SCardConnect(self._context, self._reader, scard.SCARD_SHARE_SHARED, 3)
        scard.SCardBeginTransaction(card)
        for command in commands:
            scard.SCardTransmit(card, scard.SCARD_PCI_T1, list(command))
        scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        return time.perf_counter()

    def until_empty(self) -> None:
        while self._state & self._scard.SCARD_STATE_PRESENT:
            self._state = self._wait(self._state, 10_000)

    def _wait(self, state: int, milliseconds: int) -> int:
        states = [(self._reader, state)]
        _, found = self._scard.SCardGetStatusChange(self._context, milliseconds, states)
        return int(found[0][1] & ~self._scard.SCARD_STATE_CHANGED)


def since_noticed(card: cards.FakeCard, end: float) -> float:
    """Milliseconds from the reader's noticing the card to `end`."""
    assert card.noticed_at is not None
    return (end - card.noticed_at) * 1000


def ours(service: Pcscd, make: Make, taps: int) -> tuple[list[float], list[bytes]]:
    """The card thread's times, and the commands that it sent for one tap."""
    ends: list[float] = []
    heard: Heard[ReaderEvent] = Heard()

    def told(event: ReaderEvent) -> None:
        if isinstance(event, CardRead):
            ends.append(time.perf_counter())
        heard(event)

    reader = PcscReader(SystemClock(), Pace(double=0.0))
    reader.start(told)
    slot, times, card = service.slot(), [], make()
    for number in range(1, taps + 1):
        card = make()
        slot.insert(card)
        heard.until(lambda event: isinstance(event, CardRead), number)
        times.append(since_noticed(card, ends[-1]))
        slot.remove()
        heard.until(lambda event: isinstance(event, CardGone), number)
    reader.stop()
    return times, card.asked


def bare(service: Pcscd, make: Make, taps: int, commands: list[bytes]) -> list[float]:
    script, slot, times = BareScript(service.reader()), service.slot(), []
    for _ in range(taps):
        card = make()
        slot.insert(card)
        times.append(since_noticed(card, script.tap(commands)))
        slot.remove()
        script.until_empty()
    return times


def compared(service: Pcscd, make: Make, name: str, taps: int, delay: float) -> list[Measured]:
    def slow() -> cards.FakeCard:
        card = make()
        card.before = lambda _: time.sleep(delay)
        return card

    times, commands = ours(service, slow, taps)
    floor = bare(service, slow, taps, commands)
    what = f"{name}, {len(commands)} commands of {delay * 1000:.0f} ms"
    return [
        Measured(f"{what}: bare script", tuple(floor)),
        Measured(f"{what}: ours", tuple(times)),
    ]


def memory(service: Pcscd, insertions: int) -> list[tuple[int, float]]:
    """Resident megabytes after so many insertions, eight readers at a time."""
    heard: Heard[ReaderEvent] = Heard()
    reader = PcscReader(SystemClock())
    reader.start(heard)
    places = [service.slot(number, slot) for number in range(len(NAMES)) for slot in (0, 1)]
    heard.until(lambda event: isinstance(event, ReaderAppeared), len(places))
    found, done, serial = [], 0, 1
    while done < insertions:
        heard.events.clear()
        for place in places:
            serial += 1
            place.insert(cards.yubikey(serial))
        heard.until(lambda event: isinstance(event, CardRead), len(places))
        for place in places:
            place.remove()
        heard.until(lambda event: isinstance(event, CardGone), len(places))
        done += len(places)
        if done % WARM < len(places):
            found.append((done, resident()))
    reader.stop()
    return found


def resident() -> float:
    """Resident megabytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=25)
    parser.add_argument("--insertions", type=int, default=512)
    parser.add_argument("--delay", type=float, default=10.0, help="milliseconds of each answer")
    options = parser.parse_args()
    why = what_is_missing()
    if why is not None:
        sys.exit(f"oathdesk: {why}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[SOCKET_NAME] = f"{folder}/run/pcscd.comm"
        service = Pcscd(Path(folder), NAMES)
        service.start()
        try:
            results = []
            for make, name in ((cards.yubikey, "YubiKey"), (cards.token2_otp, "Token2")):
                for delay in (0.0, options.delay / 1000):
                    results += compared(service, make, name, options.taps, delay)
            grown = memory(service, options.insertions)
        finally:
            service.stop()
    _print(results, grown)


def _print(results: list[Measured], grown: list[tuple[int, float]]) -> None:
    out = ["milliseconds from the reader's noticing a card to its serial number", ""]
    out.append(f"{'':<46} {'median':>8} {'least':>8} {'p95':>8} {'most':>8} {'n':>4}")
    out += [result.line() for result in results]
    out += ["", "insertions  resident megabytes"]
    out += [f"{count:10} {megabytes:9.1f}" for count, megabytes in grown]
    print("\n".join(out))  # noqa: T201 - it speaks to a terminal


if __name__ == "__main__":
    main()
