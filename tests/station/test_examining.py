"""Examinations run side by side, wait for what they need, and one cause gives one failure."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.checkup import Check, Examination, Finding, Told, Verdict
from app.station.examining import examine, in_thread
from tests.support.patience import HANG_SECONDS

pytestmark = pytest.mark.anyio

Look = Callable[[], Awaitable[Finding]]


def finds(check: Check, verdict: Verdict = Verdict.OK, told: Told = Told.CONNECTED) -> Look:
    async def look() -> Finding:
        return Finding(check, verdict, told)

    return look


async def never() -> Finding:
    raise AssertionError("it was to be left out")


def ignore(_finding: Finding) -> None:
    """Nobody listens."""


def one(check: Check, look: Look, *needs: Check, after: tuple[Check, ...] = ()) -> Examination:
    keys = tuple(each.value for each in needs)
    return Examination(check, look, needs=keys, after=tuple(each.value for each in after))


async def test_what_waits_for_something_that_waits_names_the_first_cause() -> None:
    broken = finds(Check.GRAPH_NAME, Verdict.FAILURE, Told.NAME_UNKNOWN)
    findings = await examine(
        (
            one(Check.GRAPH_NAME, broken),
            one(Check.GRAPH_CONNECTION, never, Check.GRAPH_NAME),
            one(Check.GRAPH_TLS, never, Check.GRAPH_CONNECTION),
        ),
        ignore,
    )
    assert [each.verdict for each in findings[1:]] == [Verdict.NOT_CHECKED] * 2
    assert [each.told for each in findings[1:]] == [Told.AFTER] * 2
    assert [each.facts["check"] for each in findings[1:]] == [Check.GRAPH_NAME] * 2


async def test_what_only_comes_after_a_failure_is_carried_out() -> None:
    broken = finds(Check.GRAPH_ANSWER, Verdict.FAILURE)
    clock = one(Check.CLOCK, finds(Check.CLOCK), after=(Check.GRAPH_ANSWER,))
    findings = await examine((one(Check.GRAPH_ANSWER, broken), clock), ignore)
    assert findings[1].verdict is Verdict.OK


async def test_nobody_at_the_desk_is_passed_on_and_what_is_not_needed_holds_nothing_up() -> None:
    nobody = finds(Check.SIGNED_IN, Verdict.NOT_CHECKED, Told.NOBODY)
    by_proxy = finds(Check.GRAPH_NAME, Verdict.NOT_CHECKED, Told.BY_PROXY)
    findings = await examine(
        (
            one(Check.GRAPH_NAME, by_proxy),
            one(Check.GRAPH_TLS, finds(Check.GRAPH_TLS), Check.GRAPH_NAME),
            one(Check.SIGNED_IN, nobody),
            one(Check.POLICY, never, Check.SIGNED_IN),
        ),
        ignore,
    )
    told = {each.check: each.told for each in findings}
    assert told[Check.GRAPH_TLS] is Told.CONNECTED
    assert told[Check.POLICY] is Told.NOBODY


async def test_what_is_needed_and_is_not_among_them_is_not_waited_for() -> None:
    findings = await examine((one(Check.TENANT, finds(Check.TENANT), Check.PROXY),), ignore)
    assert findings[0].verdict is Verdict.OK


async def test_each_finding_is_told_at_once_and_a_slow_one_holds_up_no_other() -> None:
    gate, told = asyncio.Event(), list[Check]()

    async def slow() -> Finding:
        await gate.wait()
        return Finding(Check.PROGRAM, Verdict.OK, Told.VERSIONS)

    def tell(finding: Finding) -> None:
        told.append(finding.check)
        if finding.check is Check.CLOCK:
            gate.set()

    examinations = (one(Check.PROGRAM, slow), one(Check.CLOCK, finds(Check.CLOCK)))
    findings = await examine(examinations, tell)
    assert told == [Check.CLOCK, Check.PROGRAM]
    assert [each.check for each in findings] == [Check.PROGRAM, Check.CLOCK]


async def test_what_does_not_end_in_its_time_fails_and_holds_up_what_depends_on_it() -> None:
    async def endless() -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    slow = Examination(Check.RECORD, endless, seconds=0.01)
    findings = await examine((slow, one(Check.POLICY, never, Check.RECORD)), ignore)
    assert findings[0].told is Told.TOO_SLOW
    assert findings[1].told is Told.AFTER


async def test_what_blocks_runs_in_a_thread_and_may_be_given_up() -> None:
    gate = threading.Event()

    def blocked() -> Finding:
        gate.wait(HANG_SECONDS)
        return Finding(Check.RECORD, Verdict.OK, Told.RECORD_WHOLE)

    with ThreadPoolExecutor(1) as executor:
        look = in_thread(executor, blocked)
        findings = await examine((Examination(Check.RECORD, look, seconds=0.01),), ignore)
        assert findings[0].told is Told.TOO_SLOW
        gate.set()
        assert (await look()).told is Told.RECORD_WHOLE
