"""Carrying out examinations: side by side, each in its time, each told as soon as it is known."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor

from app.core.checkup import Examination, Finding, Told, Verdict, in_order

Tell = Callable[[Finding], None]


async def examine(examinations: Sequence[Examination], tell: Tell) -> tuple[Finding, ...]:
    """Carry out all of `examinations`; `tell` hears each finding. Return them in order.

    What an examination needs or comes after stands somewhere before it in the sequence, or is none
    of these examinations; then it does not wait for it.
    """
    known: dict[str, asyncio.Task[Finding]] = {}
    async with asyncio.TaskGroup() as group:
        for each in examinations:
            before = {key: known[key] for key in (*each.needs, *each.after) if key in known}
            known[each.key] = group.create_task(_carried_out(each, before, tell))
    return in_order(task.result() for task in known.values())


async def _carried_out(
    examination: Examination, before: Mapping[str, asyncio.Task[Finding]], tell: Tell
) -> Finding:
    for task in before.values():
        await asyncio.wait((task,))
    held_up = [
        before[key].result()
        for key in examination.needs
        if key in before and before[key].result().holds_up
    ]
    finding = _waiting_for(examination, held_up[0]) if held_up else await _looked(examination)
    tell(finding)
    return finding


def _waiting_for(examination: Examination, cause: Finding) -> Finding:
    """Name the first cause: what waits for something that waits says what that waits for."""
    if cause.verdict is Verdict.NOT_CHECKED:
        return examination.not_checked(cause.told, **cause.facts)
    return examination.not_checked(Told.AFTER, check=cause.check, subject=cause.subject)


async def _looked(examination: Examination) -> Finding:
    try:
        async with asyncio.timeout(examination.seconds):
            return await examination.look()
    except TimeoutError:
        return examination.too_slow()


def in_thread(executor: Executor, look: Callable[[], Finding]) -> Callable[[], Awaitable[Finding]]:
    """Return `look`, which blocks, as something to await. Given up, its thread ends by itself."""

    async def looked() -> Finding:
        return await asyncio.get_running_loop().run_in_executor(executor, look)

    return looked
