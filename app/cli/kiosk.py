"""`oathdesk kiosk`: a PIN for the supervisor, and the station as a kiosk that is kept running.

The exit code of `pin` is 0, or 2 where no PIN was read. `run` ends with 10 where the supervisor has
ended it, with 0 where the system has, and with 3 where another station has the record. That of
`policy` is 0, or 1 where the policies cannot be made or written.
"""

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.browser.policy import MANAGED, as_json, policies
from app.cli.terminal import can_ask
from app.core.pin import LONGEST, SALT_BYTES, SHORTEST, PinHash, too_simple
from app.core.signin import SignInMethod
from app.files import whole_file
from app.kiosk_parent import Parent, this_program
from app.settings.loading import Sources, load
from app.settings.places import machine_file
from app.station_config import confined_to

WELL, NOT_MADE, NO_PIN = 0, 1, 2

POLICY_FILE = MANAGED / "zz-oathdesk-kiosk.json"
"""The last file of its folder by its name, so that it counts where another sets the same."""

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

    policy = commands.add_parser(
        "policy",
        help="print the policies that confine the browser to the sign-in",
        description="Prints the policies (JSON) for Debian's Chromium, which confine it to the "
        "sign-in of the configured tenants and to signin.browser_hosts. They hold for every user "
        "of this machine. Exit code: 0, or 1 where they cannot be made or written.",
    )
    policy.add_argument(
        "--install",
        action="store_true",
        help=f"write them to {POLICY_FILE}, or remove that file where no confined browser is "
        "configured; as root",
    )


def run_from(
    given: argparse.Namespace, arguments: Sequence[str], serve: Serve, sources: Sources
) -> int:
    """Run the sub-command in `given`; `arguments` are all those of the command line.

    `serve` runs the station as a kiosk until it ends, and returns its exit code; `sources` is where
    the configuration is read from.
    """
    if given.kiosk_command == "pin":
        return _pin()
    if given.kiosk_command == "policy":
        return _policy(sources, install=given.install)
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


def _policy(sources: Sources, *, install: bool) -> int:
    """Print the policies of the configured browser, or put them where Chromium reads them."""
    loaded = load(sources)
    for problem in loaded.errors:
        sys.stderr.write(f"Problem: {problem}\n")
    if loaded.errors:
        return NOT_MADE
    configuration = loaded.configuration
    wanted = SignInMethod.CONFINED in configuration.signin.methods
    try:
        if install and not wanted:
            POLICY_FILE.unlink(missing_ok=True)
            return WELL
        if not configuration.tenants:
            sys.stderr.write("No tenant is configured, so there is no sign-in to confine it to.\n")
            return NOT_MADE
        text = as_json(policies(confined_to(configuration)))
        if not install:
            sys.stdout.write(text)
            return WELL
        install_policies(text, POLICY_FILE)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The policies were not written: {error}\n")
        return NOT_MADE
    return WELL


def install_policies(text: str, file: Path) -> None:
    """Write `text` as the policies in `file`, readable by everybody whatever the umask says.

    Raises OSError.
    """
    for folder in (*reversed(file.parents),):
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o755)
    with whole_file(file, "utf-8") as written:
        written.write(text)
    file.chmod(0o644)


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
