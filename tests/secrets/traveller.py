"""A station process that writes down all it can: every log line, every notice, every export.

    python -m tests.secrets.traveller READY.json HOME GRAPH_URL

What a person must never find afterwards in HOME is for the test to know. Beside the commands of
tests.support.headless it takes device {}, search {"text"}, export {}, crash {"text"} and
import {"file", "password", "handing"}.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from app import logs
from app.core.history import ExportForm, HistoryQuery
from app.core.importing import Handing
from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.secret import Secret
from app.core.seed import SeedOptions
from app.ledger import SqliteLedger
from app.station.context import DeskSettings
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.notices import Notice, SessionState
from app.station.people import SearchNotice
from tests.support.headless import Headless, Manner, Where, Wire, a_station, line_of

_OVER = {SessionState.SIGNED_IN, SessionState.FAILED, SessionState.SIGNED_OUT}


async def travel(where: Where, home: Path, notices: TextIO) -> None:
    """Obey until the lines end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    def note(notice: Notice) -> None:
        if not isinstance(notice, SearchNotice):  # it says what stands in the search box
            notices.write(f"{notice!r}\n{notice}\n")

    scopes = scopes_for(DEFAULT_FEATURES | {Feature.WRITE_INVENTORY})
    settings = DeskSettings(exports=str(home), passes=True)
    manner = Manner(scopes=scopes, settings=settings).patient(0, 0.05, 0.1)
    async with a_station(where, home / "ledger.db", manner, note) as desk:
        wire = Wire(desk, say)
        while line := await reader.readline():
            command = json.loads(line)
            if not await _more(desk, home, command) and not await wire.obey(command):
                return


async def _more(desk: Headless, home: Path, command: Mapping[str, Any]) -> bool:
    """Carry out what only a traveller does; True where it was such a command."""
    match command["do"]:
        case "device":
            await _by_device(desk)
        case "search":
            await desk.station.people.search(command["text"])
        case "rest":
            await desk.rest()
        case "export":
            _export(home)
        case "import":
            await _import(desk, command)
        case "crash":
            _crash(home, command["text"])
        case _:
            return False
    say({"done": command["do"]})
    return True


async def _by_device(desk: Headless) -> None:
    await desk.station.session.begin_by_device_code()
    await desk.until(lambda: desk.session.state is SessionState.BY_DEVICE)
    prompt = desk.session.prompt
    assert prompt is not None
    say({"told": "prompt", "url": prompt.url, "user_code": prompt.user_code})
    await desk.until(lambda: desk.session.state in _OVER)


async def _import(desk: Headless, command: Mapping[str, Any]) -> None:
    """Open a file, save its faults, and upload what can go."""
    importing, path = desk.station.importing, Path(command["file"])
    password = Secret(command["password"].encode()) if command["password"] else None
    await importing.open(str(path), path.name, SeedOptions(password=password))
    read = {ImportState.READY, ImportState.REFUSED, ImportState.ASKING}

    def shown() -> ImportNotice:
        return desk.last(ImportNotice) or ImportNotice()

    await desk.until(lambda: shown().state in read)
    await importing.save_faults(lambda fault: fault.kind.value)
    await importing.begin(Handing(command["handing"]))
    if shown().state is not ImportState.UPLOADING:
        return

    def over() -> bool:
        upload = desk.last(JobNotice)
        if upload is None or upload.progress is None:
            return False
        return upload.job.file == path.name and upload.progress.is_over

    await desk.until(over)
    await importing.dismiss()


def _export(home: Path) -> None:
    ledger = SqliteLedger(home / "ledger.db")
    ledger.open()
    for form in ExportForm:
        path = home / f"export.{form.value}"
        path.unlink(missing_ok=True)
        ledger.export(HistoryQuery(), form, str(path), lambda _count: None)
    ledger.close()


def _crash(home: Path, text: str) -> None:
    """Let an error end a thread, and leave the trace of a hard crash; only the app's log hears."""
    root = logging.getLogger()
    raw = [handler for handler in root.handlers if handler.name == "raw"]
    for handler in raw:
        root.removeHandler(handler)

    def fail() -> None:
        held = text
        raise RuntimeError(held)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    with (home / "logs" / logs.TRACE_NAME).open("a") as file:
        faulthandler.dump_traceback(file)
    for handler in raw:
        root.addHandler(handler)


def say(message: Mapping[str, object]) -> None:
    """Tell the test."""
    sys.stdout.buffer.write(line_of(message))
    sys.stdout.buffer.flush()


def main(ready_file: str, home: str, graph_url: str) -> None:
    """Travel with everything open."""
    ready = json.loads(Path(ready_file).read_text(encoding="utf-8"))
    place = Path(home)
    raw = logging.FileHandler(place / "raw.log", encoding="utf-8")
    raw.set_name("raw")
    raw.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    with logs.kept_in(place / "logs"), (place / "notices.txt").open("w") as notices:
        root = logging.getLogger()
        root.addHandler(raw)
        for logger in (root, logging.getLogger("oathdesk")):
            logger.setLevel(logging.DEBUG)
        asyncio.run(travel(Where.of(ready, graph_url), place, notices))


if __name__ == "__main__":
    main(*sys.argv[1:])
