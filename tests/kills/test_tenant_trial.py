"""A trial of a tenant is killed at each write of its table; the next one leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.tenant_trial import STEPS, WRITES
from tests.kills.nursery import ROOT
from tests.support.simulated import Simulated, start_simulator
from tests.support.trialist import KILL, UNDOING
from tests.support.trials import Person, Trials


@contextmanager
def lives(trials: Trials) -> Iterator[subprocess.Popen[str]]:
    """The process that lives are forked from."""
    tenant = trials.tenant
    order = {
        "token": tenant.access_token(trials.username, trials.scopes),
        "graph_url": tenant.ready.graph_url,
        "ca_file": tenant.ready.ca_file,
        "folder": str(trials.folder),
        "person": trials.target.user_principal_name,
    }
    file = trials.folder / "order.json"
    file.write_text(json.dumps(order), encoding="utf-8")
    command = [sys.executable, "-m", "tests.support.trialist", str(file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def live(process: subprocess.Popen[str], write: str, steps: list[str], *, after: bool) -> int:
    """Live until `write`; return the signal that ended it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"write": write, "after": after, "steps": steps}) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


async def undone(trials: Trials) -> None:
    """What the next start does first."""
    async with trials.opened(Person(trials.tenant.press)) as trial:
        journal = trial.left_over()
        assert journal is not None
        assert (await trial.undo(journal)).open == ()


@pytest.fixture
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=30, tokens=12) as simulated:
        yield simulated


@pytest.mark.timeout(900)
def test_killed_at_any_write_before_or_after_it_is_sent_it_leaves_nothing_behind(
    tenant: Simulated, tmp_path: Path
) -> None:
    trials = Trials(tenant, tmp_path)
    left = dict[str, bool]()
    with lives(trials) as process:
        for write in (*WRITES, UNDOING):
            step = next((s.key for s in STEPS.values() if write in s.writes), "held")
            for after in (False, True):
                killed = live(process, write, [step], after=after)
                assert killed == KILL, (write, after)
                left[f"{write} {after}"] = trials.everything() != trials.at_first
                asyncio.run(undone(trials))
                assert trials.everything() == trials.at_first, (write, after)
        assert live(process, "", list(STEPS), after=False) == 0
    assert trials.everything() == trials.at_first
    assert trials.journal() == ""
    assert left["create False"] is False
    assert all(there for name, there in left.items() if name in {"create True", "assign True"})
    assert sum(left.values()) > len(left) / 2, "lives that leave nothing prove nothing"
