"""`oathdesk kiosk`: a PIN for the supervisor, and the station as a kiosk that is kept running.

The exit code of `pin` is 0, or 2 where no PIN was read. `run` ends with 10 where the supervisor has
ended it, with 0 where the system has, and with 3 where another station has the record.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable, Sequence

from app.core.pin import LONGEST, SALT_BYTES, SHORTEST, PinHash, too_simple
from app.kiosk_parent import Parent, this_program
from app.settings.places import machine_file
from app.terminal import can_ask

WELL, NO_PIN = 0, 2

Serve = Callable[[], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the sub-commands on `parser`."""
    commands = parser.add_subparsers(dest="kiosk_command", metavar="COMMAND", required=True)
    commands.add_parser(
        "pin",
        help="make the line that keeps a supervisor's PIN",
        description="Reads a PIN twice, without showing it, and prints the line for the section "
        f"[kiosk] of {machine_file()}. The line holds no PIN, but a slow hash of it.",
    )
    run = commands.add_parser(
        "run",
        help="run the station as a kiosk, and again whenever it crashes",
        description="Runs the station as a kiosk, whatever kiosk.enabled says, and starts it again "
        "whenever it ends unasked. Exit code: 10 where a supervisor has ended it.",
    )
    run.add_argument(
        "--once", action="store_true", help="run it once; whoever starts it starts it again"
    )


def run_from(given: argparse.Namespace, arguments: Sequence[str], serve: Serve) -> int:
    """Run the sub-command in `given`; `arguments` are all those of the command line.

    `serve` runs the station as a kiosk until it ends, and returns its exit code.
    """
    if given.kiosk_command == "pin":
        return _pin()
    return serve() if given.once else Parent(this_program([*arguments, "--once"])).run()


def _pin() -> int:
    pin = _read()
    if pin is None:
        return NO_PIN
    line = PinHash.of(pin, secrets.token_bytes(SALT_BYTES)).written()
    sys.stderr.write(f"Put this line below [kiosk] into {machine_file()}:\n")
    sys.stderr.flush()
    sys.stdout.write(f'pin = "{line}"\n')
    return WELL


def _read() -> str | None:
    """Read a PIN that is good enough, twice the same; say what is wrong with any other."""
    if not can_ask():
        sys.stderr.write("A PIN is read from a terminal alone, where it can be kept from sight.\n")
        return None
    try:
        pin = getpass.getpass(f"PIN ({SHORTEST} to {LONGEST} digits): ")
        again = getpass.getpass("The same once more: ")
    except (EOFError, KeyboardInterrupt):
        sys.stderr.write("\nNo PIN was made.\n")
        return None
    if pin != again:
        sys.stderr.write("The two are not the same. No PIN was made.\n")
        return None
    if too_simple(pin):
        sys.stderr.write(
            f"A PIN has {SHORTEST} to {LONGEST} digits that are neither all the same nor counted "
            "up or down. No PIN was made.\n"
        )
        return None
    return pin
