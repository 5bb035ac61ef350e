"""`oathdesk inventory export`: every token of the tenant for a spreadsheet or another program.

It signs in as the station is configured to (with its certificate, with what the system keeps, or on
another device), reads, and writes nothing in the tenant. Progress and complaints go to the error
stream, so that the output is the inventory and nothing else. The exit code is 0 where it is whole,
1 where the tenant or the way to it says no, and 2 where the output cannot be written.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from app import compose
from app.cli.terminal import bytes_out, close_quietly
from app.core import sightings
from app.core.errors import DirectoryError, ExportFailed, LedgerUnreadable, SignInError
from app.core.inventory import Inventory, Order, Wanted
from app.core.inventory_export import InventoryForm, texts
from app.core.model import Token
from app.core.ports import DevicePrompt
from app.station.inventory import SEEN
from app.station.inventory_reading import Read, read_inventory
from app.station_config import StationConfig

WHOLE, REFUSED, UNWRITTEN = 0, 1, 2

_NO_TENANT: Final = "No tenant is configured, or the way to it is not. `oathdesk doctor` says more."
_Told = Callable[[Read], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the sub-commands on `parser`."""
    commands = parser.add_subparsers(dest="inventory_command", metavar="COMMAND", required=True)
    export = commands.add_parser(
        "export",
        help="write every token of the tenant",
        description="Writes one row per token, sorted by serial number: serial_number, "
        "manufacturer, model, display_name, interval_seconds, hash_function, status, holder_name, "
        "holder_id, last_used, waiting_since, device_id. In CSV, a cell that a spreadsheet would "
        "run as a formula begins with an apostrophe; JSON keeps every text as it is. Exit code: "
        "0 whole, 1 not read, 2 not written.",
    )
    export.add_argument(
        "--format",
        choices=[form.value for form in InventoryForm],
        default=InventoryForm.CSV.value,
        help="default: csv",
    )
    export.add_argument(
        "--output", type=Path, metavar="OUT", help="write this file instead of the terminal"
    )
    export.add_argument("--quiet", action="store_true", help="say nothing of the progress")


def run_from(given: argparse.Namespace, config: StationConfig) -> int:
    """Export the inventory of `config` as `given` asks; return the exit code."""
    cloud = compose.cloud_of(config)
    if not isinstance(cloud, compose.OpenCloud):
        return _complain(_NO_TENANT, REFUSED)
    told = _silent if given.quiet else _tell
    try:
        tokens = asyncio.run(_read(cloud, config, told))
    except (DirectoryError, SignInError) as error:
        return _complain(_why(error), REFUSED)
    inventory = Inventory(tokens, _waiting(config.ledger_file.parent))
    rows = inventory.select(Wanted(), Order())
    form = InventoryForm(given.format)
    return _write(texts(inventory, rows, form), form, given.output, len(rows))


async def _read(cloud: compose.OpenCloud, config: StationConfig, told: _Told) -> tuple[Token, ...]:
    try:
        await compose.enter(cloud, _prompt)
        return await read_inventory(cloud.directory, config.clock, told)
    finally:
        await cloud.close()


def _waiting(folder: Path) -> Mapping[str, datetime]:
    """Return since when tokens wait, as the station of this machine has seen it."""
    from app.ledger.shelf import FileShelf  # noqa: PLC0415 - not needed for the window's start

    try:
        seen = sightings.read(FileShelf(folder).kept(SEEN))
    except LedgerUnreadable:
        return {}
    return {device_id: one.since for device_id, one in seen.items()}


def _write(written: Iterator[str], form: InventoryForm, output: Path | None, count: int) -> int:
    from app.ledger.shelf import FileShelf  # noqa: PLC0415 - not needed for the window's start

    try:
        if output is None:
            with bytes_out(form.encoding) as stream:
                stream.writelines(written)
        else:
            FileShelf(output.parent).export(str(output), written, form.encoding)
            _say(f"Tokens written to {output}: {count}")
    except BrokenPipeError:
        close_quietly()  # whoever reads the output has seen enough
    except (ExportFailed, OSError) as error:
        return _complain(f"The inventory cannot be written: {error}.", UNWRITTEN)
    return WHOLE


# Speaking ---------------------------------------------------------------------------------------


def _prompt(prompt: DevicePrompt) -> None:
    """Say what to do on another device, where it does not get into the output."""
    from app.ui.wording.doctor import device_words  # noqa: PLC0415 - loads Qt

    _say(device_words(prompt))


def _tell(read: Read) -> None:
    if read.error is not None:
        _say(f"{_why(read.error)} Trying again.")
    else:
        _say(f"Tokens read: {read.count}")


def _silent(_read: Read) -> None:
    """Say nothing."""


def _why(error: DirectoryError | SignInError) -> str:
    from app.ui.wording.errors import read_trouble  # noqa: PLC0415 - loads Qt

    said = read_trouble(error)
    return f"{said.sentence} {said.advice}".strip()


def _complain(sentence: str, code: int) -> int:
    _say(sentence)
    return code


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
