"""`oathdesk simulator`: serves the practice tenant until it is told to stop."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from app.files import whole_file
from app.simulator.options import (
    DEFAULT_SEED,
    DeviceCode,
    Migration,
    SimulatorOptions,
    TenantState,
    Throttle,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options of the simulator on a parser or sub-parser."""
    defaults = SimulatorOptions()
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="where to write how to use it, as JSON")
    parser.add_argument("--people", type=int, default=defaults.people, help="how many people")
    parser.add_argument("--tokens", type=int, default=defaults.tokens, help="how many tokens")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="what they are made from")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds until writes are visible")
    parser.add_argument("--throttle", type=_throttle, metavar="N/SECONDS", help="answer 429 above")
    parser.add_argument(
        "--app-certificate",
        type=_certificate,
        action="append",
        default=[],
        metavar="FILE",
        help="a certificate (PEM) to register with the practice app, besides its own",
    )
    _add_state(parser)


def _add_state(parser: argparse.ArgumentParser) -> None:
    """Define how the practice tenant is set up, for what real tenants differ in."""
    parser.add_argument(
        "--device-code",
        choices=[each.value for each in DeviceCode],
        default=DeviceCode.ALLOWED.value,
        help="whether a device code signs in, or what blocks it",
    )
    parser.add_argument(
        "--migration",
        choices=[each.value for each in Migration],
        default=Migration.COMPLETE.value,
        help="policyMigrationState; before migrationComplete the legacy policies count",
    )
    parser.add_argument(
        "--without-consent",
        action="append",
        default=[],
        metavar="PERMISSION",
        help="a permission without consent",
    )
    parser.add_argument(
        "--restricted-read",
        action="store_true",
        help="an Authentication Administrator reads hardware tokens without serial number",
    )
    parser.add_argument(
        "--no-public-client",
        action="store_true",
        help="the app registration does not allow public client flows",
    )


def _throttle(text: str) -> Throttle:
    try:
        return Throttle.parse(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


def _certificate(text: str) -> bytes:
    from cryptography import x509  # noqa: PLC0415 - slow, and --help is not
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - the same

    try:
        content = Path(text).read_bytes()
        key = x509.load_pem_x509_certificate(content).public_key()
    except (OSError, ValueError) as problem:
        raise argparse.ArgumentTypeError(f"no certificate in {text}: {problem}") from problem
    if not isinstance(key, rsa.RSAPublicKey):
        raise argparse.ArgumentTypeError(f"the certificate in {text} is not of an RSA key")
    return content


def run_from(namespace: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; the exit code is 0."""
    from app.simulator.server import SimulatorServer  # noqa: PLC0415 - slow, and --help is not

    options = SimulatorOptions(
        port=namespace.port,
        people=namespace.people,
        tokens=namespace.tokens,
        seed=namespace.seed,
        lag=namespace.lag,
        throttle=namespace.throttle,
        app_certificates=tuple(namespace.app_certificate),
        state=TenantState(
            device_code=DeviceCode(namespace.device_code),
            public_client_flows=not namespace.no_public_client,
            migration=Migration(namespace.migration),
            without_consent=frozenset(namespace.without_consent),
            restricted_read=namespace.restricted_read,
        ),
    )
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    server = SimulatorServer(options)
    ready = server.start()
    try:
        if namespace.ready_file is not None:
            write_private(namespace.ready_file, ready.as_json())
        sys.stdout.write(f"The practice tenant is ready at {ready.graph_url}\n")
        sys.stdout.flush()
        while not stopped.wait(0.5):
            pass
    finally:
        server.stop()
    return 0


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, so that it is never seen half-written."""
    with whole_file(path, "utf-8") as stream:
        stream.write(text)


def run(argv: Sequence[str]) -> int:
    """Parse `argv` (without the program's name) and serve."""
    parser = argparse.ArgumentParser(prog="oathdesk simulator", description=__doc__)
    add_arguments(parser)
    return run_from(parser.parse_args(argv))
