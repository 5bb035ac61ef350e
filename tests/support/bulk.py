"""One deed for many tokens as a headless station carries it out, and what is left after a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.core.bulk import BulkDeed
from app.core.enrollment import UNDERWAY
from app.core.inventory import Inventory
from app.core.job import AGAIN
from app.station.jobs import JobNotice
from tests.support.patience import HANG_SECONDS

if TYPE_CHECKING:
    from tests.support.headless import Headless


async def bulk(desk: Headless, command: Mapping[str, Any]) -> None:
    """Agree to a deed for the tokens with these serial numbers, and wait for its end."""
    await desk.station.inventory.refresh()
    await desk.until(lambda: desk.station.inventory.whole is not None, HANG_SECONDS)
    whole = desk.station.inventory.whole
    assert whole is not None
    await desk.station.bulk.begin(
        BulkDeed(command["deed"]), whole, _rows(whole, command["serials"])
    )
    await _over(desk)


def _rows(whole: Inventory, serials: list[str]) -> list[int]:
    return [row for row in whole.rows() if whole.serials[row] in serials]


async def finish_bulk(desk: Headless) -> None:
    """Go on with what was found, as often as it takes, and put it away. Nothing may be found."""
    await desk.station.bulk.offer()
    while (shown := _shown(desk)) is not None and shown.progress is not None:
        if not shown.progress.is_over:
            await desk.station.bulk.job.resume()
            await _over(desk)
        elif any(shown.progress.count(state) for state in AGAIN):
            await desk.station.bulk.job.again()
            await _over(desk)
        else:
            await desk.station.bulk.job.dismiss()
    await desk.until(lambda: not any(line.state in UNDERWAY for line in desk.lines))


async def _over(desk: Headless) -> None:
    await asyncio.sleep(0)
    await desk.until(lambda: _is_over(desk), HANG_SECONDS)


def _is_over(desk: Headless) -> bool:
    shown = _shown(desk)
    return shown is not None and (shown.progress is None or shown.progress.is_over)


def _shown(desk: Headless) -> JobNotice | None:
    return desk.last(JobNotice)
