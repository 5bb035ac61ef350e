"""An upload is killed three times on its way; every token is there, none twice, no 429 storm.

`--long` uploads 10,000 tokens instead of 300.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.core.enrollment import State
from app.core.record import lines
from app.ledger import records, verify
from app.simulator.options import Throttle
from tests.kills.nursery import ROOT
from tests.seeds import writers
from tests.seeds.support import tokens
from tests.support.simulated import INVENTORY, Simulated, start_simulator

NORMAL, LONG = 300, 10_000
KILLS = 3
PACE = {NORMAL: Throttle(5, 0.1), LONG: Throttle(60, 0.3)}
"""Graph's five in ten seconds, so many times as fast as a test has patience for."""
LOOKS = (0.0, 0.1, 0.2, 0.4, 0.8)
_SECONDS = 900.0


@dataclass
class Load:
    """One upload of one file, life after life."""

    tenant: Simulated
    folder: Path
    throttle: Throttle
    handing: str = "nothing"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.db"

    @contextmanager
    def life(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process that uploads the file."""
        order = {
            "ready": json.loads(self.tenant.ready.as_json()),
            "token": self.tenant.access_token(),
            "ledger": str(self.ledger),
            "file": str(self.folder / "tokens.csv"),
            "pace": [self.throttle.count, self.throttle.seconds],
            "handing": self.handing,
            "patience": LOOKS,
        }
        path = self.folder / "order.json"
        path.write_text(json.dumps(order), encoding="utf-8")
        command = [sys.executable, "-m", "tests.support.loader", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            try:
                yield process
            finally:
                process.kill()

    def there(self) -> Counter[str]:
        """How often the tenant truly has each serial number."""
        assert self.tenant.server.practice is not None
        devices = self.tenant.server.practice.tenant.devices.all_current()
        return Counter(device.serial_number for device in devices)

    def kill_at(self, count: int) -> None:
        """Upload until the tenant has `count` tokens of all, then kill."""
        with self.life() as process:
            end = time.monotonic() + _SECONDS
            while sum(self.there().values()) < count:
                assert process.poll() is None, "it ended before it could be killed"
                assert time.monotonic() < end
                time.sleep(0.005)

    def finish(self) -> list[Mapping[str, Any]]:
        """Upload what is left; return what was told."""
        with self.life() as process:
            assert process.stdout is not None
            said = [json.loads(line) for line in process.stdout]
            assert process.wait() == 0
            return said

    def requests(self) -> Counter[tuple[str, int]]:
        """How often the tenant gave which answer to which method, about the inventory."""
        log = self.tenant.control("GET", "/requests")["requests"]
        asked = (each for each in log if each["path"].startswith(INVENTORY))
        return Counter((each["method"], each["status"]) for each in asked)


@pytest.mark.timeout(3600)
def test_killed_three_times_on_its_way_an_upload_ends_with_every_token_there_once(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    count = LONG if pytestconfig.getoption("--long") else NORMAL
    throttle = PACE[count]
    made = tokens(count + 1)[1:]  # the first one is on every practice desk
    (tmp_path / "tokens.csv").write_bytes(writers.entra(made))
    with start_simulator(people=50, tokens=12, throttle=throttle) as tenant:
        load = Load(tenant, tmp_path, throttle)
        before = load.there()
        for kill in range(1, KILLS + 1):
            load.kill_at(sum(before.values()) + count * kill // (KILLS + 1))
        said = load.finish()

        assert {"told": "over"} in said
        assert load.there() == before + Counter(token.serial for token in made)
        answers = load.requests()
        refused = sum(times for (_, status), times in answers.items() if status == 429)
        assert refused <= KILLS * throttle.count  # a new life does not know what the last one used
        assert answers["POST", 400] == 0  # nothing was sent that was there
    told = lines(found.entry for found in records(load.ledger))
    assert verify(load.ledger) is None
    assert Counter(line.serial_number for line in told if line.state is State.CREATED) == Counter(
        token.serial for token in made
    )
    never_sent = [line for line in told if line.state is State.NOT_DONE]  # killed before it was
    assert len(never_sent) <= KILLS
    assert {line.state for line in told} <= {State.CREATED, State.NOT_DONE}
    assert not (tmp_path / "ledger" / "upload.jsonl").exists()
