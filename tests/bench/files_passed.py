"""Counts the files of the station's code that one scan and one enrollment pass through.

`python -m tests.bench.files_passed` prints both. A station on fakes gets one scan, then one whole
enrollment (both cards, the check, the submit, the read-back). Counted are the files under app/ in
which a function was called meanwhile, the notices that reached the window, and the calls
of nested functions of the code through which those notices went.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

from app.core.enrollment import State
from tests.station.stage import a_desk

APP = str(Path(__file__).resolve().parents[2] / "app")


class Count:
    """Files and wrapper calls seen while it is on."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.wrappers: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name == "<module>":
            return
        name = code.co_filename
        if name.startswith(APP):
            self.files.add(name.removeprefix(APP))
            if "<locals>" in code.co_qualname and "notice" in code.co_varnames[: code.co_argcount]:
                self.wrappers[code.co_qualname] += 1

    def on(self) -> None:
        sys.setprofile(self)
        threading.setprofile(self)

    @staticmethod
    def off() -> None:
        sys.setprofile(None)
        threading.setprofile(None)


async def main() -> None:
    async with a_desk() as stage:
        await asyncio.sleep(0.5)  # what follows a sign-in is over: the recovery, and offers
        scan, told = Count(), len(stage.notices)
        scan.on()
        await stage.scan(stage.world.token.serial_number)
        await stage.reach(State.HAS_TOKEN)
        scan.off()
        _tell("one scan", scan, len(stage.notices) - told)
        await stage.desk.start_afresh()
        await asyncio.sleep(0.1)
        whole, told = Count(), len(stage.notices)
        whole.on()
        await stage.fill()
        await stage.submit()
        whole.off()
        assert stage.state is State.ACTIVATED
        _tell("one enrollment", whole, len(stage.notices) - told)


def _tell(what: str, count: Count, notices: int) -> None:
    calls = sum(count.wrappers.values())
    files = f"{len(count.files)} files: {' '.join(sorted(count.files))}"
    sys.stdout.write(f"{what}: {notices} notices, {calls} wrapper calls, {files}\n")


if __name__ == "__main__":
    asyncio.run(main())
