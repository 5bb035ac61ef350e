"""A station process that uploads one file, as fast as it is paced, and can be killed meanwhile.

    python -m tests.support.loader ORDER.json

The order names the tenant (`ready`), the access token, the record, the file, the pace as
[count, seconds], the handing and the patience. Each notice of the upload is told as a line of JSON;
the process ends by itself once every row is settled.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.clock import SystemClock
from app.core.importing import Handing
from app.core.job import RowState
from app.graph.client import Options
from app.graph.pace import Pace
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.notices import Notice
from tests.support.headless import Manner, Where, a_station, line_of

PATIENT = 600.0


async def load(order: Mapping[str, Any]) -> None:
    """Carry out an order."""
    count, seconds = order["pace"]
    manner = Manner(
        clock=SystemClock(),
        options=Options(pace=Pace(count, seconds)),
        token=order["token"],
        true_time=True,
    ).patient(*order["patience"])
    where = Where.of(order["ready"])
    async with a_station(where, Path(order["ledger"]), manner, _tell) as desk:
        importing = desk.station.importing
        await desk.sign_in()
        await importing.open(order["file"], Path(order["file"]).name)

        def found(*states: ImportState) -> bool:
            notice = desk.last(ImportNotice)
            return notice is not None and notice.state in states

        await desk.until(lambda: found(ImportState.READY, ImportState.REFUSED), PATIENT)
        await importing.begin(Handing(order["handing"]))
        if not found(ImportState.UPLOADING):
            _say({"told": "nothing to do"})
            return

        def over() -> bool:
            notice = desk.last(JobNotice)
            return notice is not None and notice.progress is not None and notice.progress.is_over

        await desk.until(over, PATIENT)
        _say({"told": "over"})


def _tell(notice: Notice) -> None:
    match notice:
        case JobNotice(progress=progress) if progress is not None:
            counts = {state.value: progress.count(state) for state in RowState}
            _say({"told": "upload", **counts})
        case ImportNotice(state=ImportState.REFUSED, error=error):
            _say({"told": "refused", "error": str(error)})
        case _:
            pass


def _say(message: Mapping[str, object]) -> None:
    sys.stdout.buffer.write(line_of(message))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(load(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
