"""Stations are killed at any moment, again and again; nothing is lost, nothing is done twice.

Each run starts a real process on the record of those before it, lets it settle what they left, and
kills it with SIGKILL (on Windows TerminateProcess) while it works or while it recovers. `--long`
tells a story ten times as long, `--kill-seed N` the same one again.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.enrollment import State
from tests.kills.chronicle import Chronicle
from tests.kills.nursery import nursery
from tests.support.proxy import Relay
from tests.support.simulated import start_simulator

FORKS = hasattr(os, "fork")
KILLS = 200 if FORKS else 15
"""Without a fork each station is a new interpreter, which takes seconds to start."""
LONG = 3000


@pytest.mark.timeout(3600)
def test_whatever_is_killed_and_whenever_everything_accepted_has_one_true_outcome(
    pytestconfig: pytest.Config, summary: Callable[[str], None], tmp_path: Path
) -> None:
    given = pytestconfig.getoption("--kill-seed")
    seed = secrets.randbelow(10**6) if given is None else int(given)
    kills = LONG if pytestconfig.getoption("--long") else KILLS
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="oathdesk-kills-") as folder,
        start_simulator(people=150, tokens=200) as tenant,
        Relay(int(tenant.ready.graph_url.rpartition(":")[2])) as relay,
        nursery(Path(folder), tenant.ready.as_json()) as births,
    ):
        story = Chronicle(tenant, relay, births, tmp_path, seed)
        summary(f"seed {seed} (tell it again with --kill-seed {seed})")
        story.tell(kills)

    seconds = time.monotonic() - began
    summary(f"{story.kills} kills in {seconds:.0f} s: {told(story.deaths)}")
    summary(f"left open by the dead: {told(story.left_open)}")
    summary(f"{len(story.outcomes)} accepted: {told(Counter(story.outcomes.values()))}")
    if FORKS:
        assert set(story.left_open) >= {State.RECORDING, State.CONFIRMING, State.RESOLVING}
    else:
        assert story.left_open, "no station was killed with work in its hands"


def told(counts: Counter[State] | Counter[str]) -> str:
    """Counts as words, the most frequent first."""
    named = ((getattr(key, "value", key), count) for key, count in counts.most_common())
    return ", ".join(f"{count} {name}" for name, count in named)
