"""Stations are killed on every line of a job on many tokens; each token is taken back once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.core.enrollment import State
from app.core.record import lines
from app.ledger import records, verify
from tests.kills.nursery import Died, Nursery, nursery
from tests.support.simulated import Simulated, start_simulator

LAST_LINE = 24
"""More lines than a whole job tells, so that the last lives are not killed at all."""
TOKENS = 4


@dataclass(frozen=True, slots=True)
class Play:
    """Where the killed stations work: `serials` are held by as many people."""

    tenant: Simulated
    births: Nursery
    serials: tuple[str, ...]
    people: tuple[str, ...]

    def begin(self) -> None:
        self.tenant.reset()
        assert self.tenant.server.practice is not None
        truth = self.tenant.server.practice.tenant
        for serial, person in zip(self.serials, self.people, strict=True):
            truth.assign(truth.person(person), truth.device_by_serial(serial))

    def take_back(self, ledger: Path, dies_after: int) -> bool:
        """Sign in and take all tokens back; tell whether the station died on the way."""
        life = self.births.birth(ledger, self.tenant.ready.graph_url)
        try:
            assert life.do("sign_in")
            life.die_after_lines(dies_after)
            assert life.do("bulk", deed="unassign", serials=list(self.serials)), life.said
        except Died:
            return True
        finally:
            life.bury()
        return False

    def finish(self, ledger: Path) -> None:
        """Start again and go on with what is left, whatever that is."""
        life = self.births.birth(ledger, self.tenant.ready.graph_url)
        try:
            assert life.do("sign_in")
            assert life.do("finish_bulk"), life.said
        finally:
            life.bury()

    def free(self) -> list[bool]:
        """Whether each token is truly nobody's."""
        states = (self.tenant.token_state(serial) for serial in self.serials)
        return [state["holder_id"] is None for state in states]

    def taken(self) -> Counter[str]:
        """How often each person's token was asked back."""
        requests: list[dict[str, Any]] = self.tenant.control("GET", "/requests")["requests"]
        paths = [r["path"] for r in requests if r["method"] == "DELETE"]
        return Counter(person for person in self.people for path in paths if person in path)


@pytest.fixture
def play() -> Iterator[Play]:
    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-kills-") as folder,
        start_simulator(people=20, tokens=40) as tenant,
        nursery(Path(folder), tenant.ready.as_json()) as births,
    ):
        free = [t.serial for t in tenant.ready.tokens if t.status == "available"][:TOKENS]
        people = [p.id for p in tenant.ready.people if p.employeeId][:TOKENS]
        yield Play(tenant, births, tuple(free), tuple(people))


@pytest.mark.timeout(300)
def test_a_job_killed_on_any_line_takes_each_token_back_once(
    play: Play, tmp_path: Path, summary: Callable[[str], None]
) -> None:
    ends = Counter[str]()
    for line in range(LAST_LINE):
        ledger = tmp_path / f"ledger-{line}.db"
        play.begin()
        killed = play.take_back(ledger, line)
        done = sum(play.free())
        planned = (tmp_path / f"ledger-{line}" / "job.json").exists()
        play.finish(ledger)
        begun = planned or done == TOKENS
        assert play.free() == [begun] * TOKENS, f"killed on line {line}"
        assert max(play.taken().values(), default=0) <= 1, f"killed on line {line}"
        assert verify(ledger) is None
        states = {found.state for found in lines(r.entry for r in records(ledger))}
        assert not states & {State.DUE, State.UNSETTLED}
        ends["in the middle" if killed and 0 < done < TOKENS else "else"] += 1
    summary(f"{LAST_LINE} jobs, a kill on each line: {dict(ends)}")
    assert ends["in the middle"] >= 1
