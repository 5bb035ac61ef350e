"""The command line: its grammar, and which module runs each sub-command.

Without a sub-command it runs the station.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app import __version__
from app import main as program
from app.cli import config as config_cli
from app.cli import doctor as doctor_cli
from app.cli import importing as import_cli
from app.cli import inventory as inventory_cli
from app.cli import kiosk as kiosk_cli
from app.cli import ledger as ledger_cli
from app.cli import tenant_trial as tenant_trial_cli
from app.cli.terminal import write_utf8
from app.compose import has_practice_tenant
from app.settings.givens import Layer
from app.settings.loading import Loaded, Sources, load
from app.settings.places import default_file, machine_file
from app.station_config import examined_config, records

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
    demo.add_argument(
        "--kiosk",
        action="store_true",
        help=f"as a kiosk; the supervisor's PIN is {program.PRACTICE_PIN}",
    )
    demo.add_argument(
        "--form",
        action="store_true",
        help="with --kiosk: sign in on a form in the window, also where Chromium is installed",
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
    inventory = commands.add_parser(
        "inventory",
        help="write every token of the tenant for other programs",
        description="Reads the tokens of the tenant, and changes nothing.",
    )
    inventory_cli.add_arguments(inventory)
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
        "fails (there may be warnings), 1 something does. With --trial it does something else, "
        "which is described below.",
    )
    doctor_cli.add_arguments(doctor)
    tenant_trial_cli.add_arguments(doctor)
    importing = commands.add_parser(
        "import",
        help="bring the tokens of a vendor's file into the tenant",
        description="Reads a vendor's file of seeds, checks every row, and uploads those that can "
        "go. The file is left as it is; seeds are held in memory alone. Exit code: 0 every row is "
        "in the tenant, 1 a row is not, 2 nothing could be done, 3 the station is running.",
    )
    import_cli.add_arguments(importing)
    kiosk = commands.add_parser(
        "kiosk",
        help="run the station as a kiosk, or make a PIN for its supervisor",
        description="Runs the station full screen with no way out but a supervisor's PIN, or makes "
        "that PIN's line for the configuration.",
    )
    kiosk_cli.add_arguments(kiosk)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (sys.argv by default) and return the exit code."""
    write_utf8()
    given = parser().parse_args(arguments)
    if given.command in {"demo", "simulator"} and not has_practice_tenant():
        sys.stderr.write(_NO_PRACTICE_TENANT)
        return 2
    if given.command == "kiosk":
        whole = sys.argv[1:] if arguments is None else arguments
        return kiosk_cli.run_from(given, whole, lambda: _kiosk(given), _sources(given))
    run = _COMMANDS.get(given.command)
    return run(given) if run else program.run_station(_sources(given), given.tenant)


def _demo(given: argparse.Namespace) -> int:
    if given.self_service:
        return _demo_of_self_service(given)
    tour = given.tour or (None if has_display() else _TOUR)
    return program.run_demo(tour, given.ready_file, kiosk=_demo_kiosk(given))


def _kiosk(given: argparse.Namespace) -> int:
    return program.run_station(_sources(given), given.tenant, kiosk=True)


def _demo_of_self_service(given: argparse.Namespace) -> int:
    if given.tour or not has_display():
        sys.stderr.write("The self-service lane needs a display, and has no tour.\n")
        return 2
    kiosk = _demo_kiosk(given)
    return program.run_demo(None, given.ready_file, self_service=True, kiosk=kiosk)


def _demo_kiosk(given: argparse.Namespace) -> program.DemoKiosk | None:
    """Return the kind of kiosk that was asked for; without a display no browser can be shown."""
    if not given.kiosk:
        return None
    return program.DemoKiosk(browser=not given.form, display=has_display())


def _simulator(given: argparse.Namespace) -> int:
    from app.simulator.cli import run_from  # noqa: PLC0415 - an optional extra

    return run_from(given)


def _ledger(given: argparse.Namespace) -> int:
    sources = _sources(given)
    loaded = load(sources)
    lock = _retention_lock(loaded, sources)
    return ledger_cli.run_from(given, records(loaded.configuration), lock)


def _retention_lock(loaded: Loaded, sources: Sources) -> ledger_cli.RetentionLock | None:
    """Return how long names have to be kept where the machine's configuration has locked that."""
    place = str(sources.machine_file)
    unusable = [each for each in loaded.errors if each.place.startswith(place)]
    if unusable:
        return ledger_cli.RetentionLock(problem=str(unusable[0]))
    origin = loaded.origins["ledger.retention_days"]
    if origin.locked and origin.layer is not Layer.BUILT_IN:
        return ledger_cli.RetentionLock(loaded.configuration.ledger.retention_days)
    return None


def _config(given: argparse.Namespace) -> int:
    return config_cli.run_from(given, _sources(given))


def _inventory(given: argparse.Namespace) -> int:
    return inventory_cli.run_from(given, examined_config(_sources(given), given.tenant))


def _doctor(given: argparse.Namespace) -> int:
    sources = _sources(given)
    config = examined_config(sources, given.tenant)
    if given.trial:
        return program.run_alone(sources, lambda: tenant_trial_cli.run_from(given, config))
    if given.person or given.token:
        sys.stderr.write("--person and --token are for a trial: give --trial too.\n")
        return 2
    return doctor_cli.run_from(given, config)


def _import(given: argparse.Namespace) -> int:
    if given.dry_run:
        return import_cli.run_from(given, lambda: program.builder(_sources(given), given.tenant))
    return program.run_alone(
        _sources(given),
        lambda: import_cli.run_from(given, lambda: program.builder(_sources(given), given.tenant)),
    )


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "simulator": _simulator,
    "ledger": _ledger,
    "inventory": _inventory,
    "config": _config,
    "doctor": _doctor,
    "import": _import,
}


def _sources(given: argparse.Namespace) -> Sources:
    return Sources.of_this_machine(given.config, given.options)


def has_display() -> bool:
    """Tell whether a window can be seen. On Linux a display server must be named."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
