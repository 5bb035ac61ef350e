"""Stations are killed on every line of a replacement; nobody ends with both tokens or with none."""

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

MOST_LINES = 60
"""More lines than a whole replacement tells: one life comes to its end before it is killed."""


@dataclass(frozen=True, slots=True)
class Play:
    """Where the killed stations work: `old` is held by `person`, `new` lies in stock."""

    tenant: Simulated
    births: Nursery
    old: str
    new: str
    person: str

    def begin(self) -> None:
        self.tenant.reset()
        assert self.tenant.server.practice is not None
        truth = self.tenant.server.practice.tenant
        truth.assign(truth.person(self.person), truth.device_by_serial(self.old))

    def replace(self, ledger: Path, dies_after: int) -> bool:
        """Sign in and replace the token; tell whether the station died of its kill on the way."""
        life = self.births.birth(ledger, self.tenant.ready.graph_url)
        try:
            assert life.do("sign_in")
            life.die_after_lines(dies_after)
            assert life.do("replace", serial=self.old, new=self.new, code=self.code())
        except Died:
            return True
        finally:
            life.bury()
        return False

    def finish(self, ledger: Path) -> None:
        """Start again and do what is left, whatever that is."""
        life = self.births.birth(ledger, self.tenant.ready.graph_url)
        try:
            assert life.do("sign_in")
            assert life.do("finish"), life.said
        finally:
            life.bury()

    def code(self) -> str:
        return self.tenant.press(self.new)

    def held(self) -> list[bool]:
        """Whether the person truly holds the old token, and the new one."""
        states = (self.tenant.token_state(serial) for serial in (self.old, self.new))
        return [state["holder_id"] == self.person for state in states]

    def sent(self, method: str) -> int:
        requests: list[dict[str, Any]] = self.tenant.control("GET", "/requests")["requests"]
        return sum(r["method"] == method and self.person in r["path"] for r in requests)


@pytest.fixture
def play() -> Iterator[Play]:
    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-kills-") as folder,
        start_simulator(people=20, tokens=40) as tenant,
        nursery(Path(folder), tenant.ready.as_json()) as births,
    ):
        old, new = [t.serial for t in tenant.ready.tokens if t.status == "available"][:2]
        person = next(p.id for p in tenant.ready.people if p.employeeId)
        yield Play(tenant, births, old, new, person)


@pytest.mark.timeout(900)
def test_a_replacement_killed_on_any_line_is_finished_or_never_begun(
    play: Play, tmp_path: Path, summary: Callable[[str], None]
) -> None:
    ends = Counter[str]()
    killed = True
    for line in range(MOST_LINES):
        ledger = tmp_path / f"ledger-{line}.db"
        play.begin()
        killed = play.replace(ledger, line)
        between = play.held()
        play.finish(ledger)
        assert play.held() in ([False, True], [True, False]), f"killed on line {line}"
        assert max(play.sent("POST"), play.sent("DELETE")) <= 1, f"killed on line {line}"
        assert verify(ledger) is None
        states = {found.state for found in lines(r.entry for r in records(ledger))}
        assert not states & {State.DUE, State.UNSETTLED}
        ends["killed between the halves" if killed and between == [True, True] else "else"] += 1
        if not killed:
            break
    summary(f"{ends.total()} replacements, a kill on each line: {dict(ends)}")
    assert not killed, "a replacement tells more lines than these"
    assert ends["killed between the halves"] >= 1
