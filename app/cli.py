"""The command `oathdesk`: without a word it runs the station; the sub-commands do the rest."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app import __version__, config_cli, doctor_cli, ledger_cli
from app import main as program
from app.entrance import has_practice_tenant
from app.place import records, site_of
from app.settings.loading import Sources, load
from app.settings.places import default_file, machine_file

_TOUR = Path("tour")
_NO_PRACTICE_TENANT = (
    "The practice tenant is an optional part and not installed here. "
    "Install oathdesk[simulator], then try again.\n"
)


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    from app.simulator.cli import add_arguments  # noqa: PLC0415 - keeps cli importable alone

    top = argparse.ArgumentParser(
        prog="oathdesk",
        description="The enrollment station for hardware OATH tokens in Microsoft Entra ID. "
        "Without a command it runs the station.",
        epilog=f"The station reads {machine_file()} and, outranking it, {default_file()}.",
    )
    top.add_argument("--version", action="version", version=f"Oathdesk {__version__}")
    top.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="read this configuration instead of the user's own",
    )
    top.add_argument(
        "--set",
        action="append",
        default=[],
        dest="options",
        metavar="SECTION.KEY=VALUE",
        help="set a key of the configuration; may be given several times",
    )
    top.add_argument(
        "--tenant",
        default="",
        metavar="KEY",
        help="work with this tenant, where several are configured",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="run the station on an embedded practice tenant",
        description="Runs the station on an embedded practice tenant. With no display, or with "
        "--tour, it plays a tour instead and leaves pictures and a tour.json.",
    )
    demo.add_argument("--tour", type=Path, metavar="DIR", help="play the tour into DIR")
    demo.add_argument(
        "--self-service",
        action="store_true",
        help="show the lane where people serve themselves; needs a display",
    )
    demo.add_argument(
        "--ready-file", type=Path, metavar="FILE", help="where to write how to use the tenant"
    )
    simulator = commands.add_parser(
        "simulator",
        help="serve the practice tenant alone",
        description="Serves the practice tenant, sign-in and Graph, over HTTPS on this machine.",
    )
    add_arguments(simulator)
    ledger = commands.add_parser(
        "ledger",
        help="check, export, show or erase the record of enrollments",
        description="Reads the record of enrollments, also while the station runs, and changes "
        "nothing in it; erase alone takes the names out of what is old.",
    )
    ledger_cli.add_arguments(ledger)
    config = commands.add_parser(
        "config",
        help="check, show or explain the configuration",
        description="Reads the configuration as the station does, from the machine-wide file, the "
        "user's file, the environment and the command line. It changes nothing.",
    )
    config_cli.add_arguments(config)
    doctor = commands.add_parser(
        "doctor",
        help="check what works at this station, and say what to do about the rest",
        description="Checks this machine, the way to the cloud and, with --sign-in, the rights of "
        "a sign-in. It sends nothing that writes and prints no secret. Exit code: 0 nothing "
        "fails (there may be warnings), 1 something does.",
    )
    doctor_cli.add_arguments(doctor)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (sys.argv by default) and return the exit code."""
    given = parser().parse_args(arguments)
    if given.command in {"demo", "simulator"} and not has_practice_tenant():
        sys.stderr.write(_NO_PRACTICE_TENANT)
        return 2
    run = _COMMANDS.get(given.command)
    return run(given) if run else program.run_station(_sources(given), given.tenant)


def _demo(given: argparse.Namespace) -> int:
    if given.self_service:
        return _demo_of_self_service(given)
    tour = given.tour or (None if has_display() else _TOUR)
    return program.run_demo(tour, given.ready_file)


def _demo_of_self_service(given: argparse.Namespace) -> int:
    if given.tour or not has_display():
        sys.stderr.write("The self-service lane needs a display, and has no tour.\n")
        return 2
    return program.run_demo(None, given.ready_file, self_service=True)


def _simulator(given: argparse.Namespace) -> int:
    from app.simulator.cli import run_from  # noqa: PLC0415 - an optional extra

    return run_from(given)


def _ledger(given: argparse.Namespace) -> int:
    configuration = load(_sources(given)).configuration
    return ledger_cli.run_from(given, records(configuration))


def _config(given: argparse.Namespace) -> int:
    return config_cli.run_from(given, _sources(given))


def _doctor(given: argparse.Namespace) -> int:
    return doctor_cli.run_from(given, site_of(_sources(given), given.tenant))


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "simulator": _simulator,
    "ledger": _ledger,
    "config": _config,
    "doctor": _doctor,
}


def _sources(given: argparse.Namespace) -> Sources:
    return Sources.of_this_machine(given.config, given.options)


def has_display() -> bool:
    """Tell whether a window can be seen. On Linux a display server must be named."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
