"""How near an upload comes to the rate that the directory's throttle admits, and what it wastes.

`python -m tests.bench.bench_upload [--tokens N] [--throttle N/SECONDS]` prints a table; it needs an
idle machine. The floor is the throttle itself: so many requests in so many seconds. A station in a
process of its own uploads a file to a practice tenant that answers 429 above that; measured is the
time in which the middle nine tenths of the tokens arrive there, reading back included. Graph's own
limit is five in ten seconds (see the pace); a faster one is harder to keep to, since an exchange
then takes a larger part of its window.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.simulator.options import Throttle
from tests.kills.test_uploading import Load
from tests.seeds import writers
from tests.seeds.support import tokens
from tests.support.simulated import Simulated, start_simulator

THROTTLES = ("5/0.5", "10/1", "50/2")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: tokens a second, the throttle's requests a second, and how requests were spent."""

    rate: float
    limit: float
    reads: int
    refused: int

    @property
    def ratio(self) -> float:
        """How much of what is admitted was tokens."""
        return self.rate / self.limit


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--throttle", type=Throttle.parse, action="append")
    given = parser.parse_args(arguments)
    throttles = given.throttle or [Throttle.parse(text) for text in THROTTLES]
    sys.stdout.write("throttle      limit/s  tokens/s   of it   reads   429\n")
    for throttle in throttles:
        found = measured(given.tokens, throttle)
        sys.stdout.write(
            f"{throttle.count:>3}/{throttle.seconds:<7.1f} {found.limit:9.1f} {found.rate:9.1f} "
            f"{found.ratio:7.1%} {found.reads:7} {found.refused:5}\n"
        )
        sys.stdout.flush()


def measured(count: int, throttle: Throttle) -> Measured:
    """Upload `count` tokens once, under `throttle`."""
    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-upload-") as folder,
        start_simulator(people=20, tokens=12, throttle=throttle) as tenant,
    ):
        load = Load(tenant, Path(folder), throttle)
        (load.folder / "tokens.csv").write_bytes(writers.entra(tokens(count + 1)[1:]))
        seconds = _timed(load, tenant, count)
        answers = load.requests()
    reads = sum(times for (method, _), times in answers.items() if method == "GET")
    refused = sum(times for (_, status), times in answers.items() if status == 429)
    return Measured(count * 0.9 / seconds, throttle.count / throttle.seconds, reads, refused)


def _timed(load: Load, tenant: Simulated, count: int) -> float:
    """Return the seconds between the twentieth part of the tokens and all but that."""
    assert tenant.server.practice is not None
    before = sum(load.there().values())
    first, last = before + count // 20, before + count - count // 20
    began = ended = 0.0
    with load.life() as process:
        while process.poll() is None:
            there = sum(load.there().values())
            now = time.monotonic()
            began = began or (now if there >= first else 0.0)
            ended = ended or (now if there >= last else 0.0)
            time.sleep(0.005)
    return ended - began


if __name__ == "__main__":
    main()
