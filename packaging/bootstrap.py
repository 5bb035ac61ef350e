#!/usr/bin/env python3
"""Take a fresh checkout to a running station, or to a tested one, in one command.

This file exists so that a stranger needs nothing but Python: it uses the standard library alone.
It makes `.venv` beside the sources, installs the locked packages, adds the system libraries that
a bare Debian lacks, and then steps aside. Its sibling modules do the work: `environment` the
virtual environment, `debian` the system packages, `pcsc` the card readers, `lock` the
files in `requirements/`, `package` what is installed elsewhere.

    python3 packaging/bootstrap.py demo [options of "oathdesk demo"]
    python3 packaging/bootstrap.py test [--only-pytest] [options of pytest]
    python3 packaging/bootstrap.py test --packages
    python3 packaging/bootstrap.py test --windows [--all] [options of pytest]
    python3 packaging/bootstrap.py test --reader NAME
    python3 packaging/bootstrap.py lock
    python3 packaging/bootstrap.py package [bundle | deb | msi | dmg]
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - said before an older Python trips over what follows
    sys.exit(
        "Oathdesk needs Python 3.11 or newer, and this is Python %d.%d.\n"  # noqa: UP031 - see above
        "Run the same command with a newer one, for example python3.11." % sys.version_info[:2]
    )

import debian
import environment
import lock
import package
import pcsc

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff check", ("-m", "ruff", "check", "--quiet")),
    ("ruff format", ("-m", "ruff", "format", "--check", "--quiet")),
    ("mypy", ("-m", "mypy", "--no-error-summary")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as c; c()")),
)
# Four processes on two cores, each with whole files: a test of the window or of a server waits
# for more than half of its time. The packages are built once, by one process.
ABREAST = ("--numprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
ONLY_PYTEST = "--only-pytest"
READER = "--reader"
PACKAGES = "--packages"
WINDOWS = "--windows"
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def demo(arguments: list[str]) -> int:
    """Open the station on its practice tenant; returns the exit code of `oathdesk demo`."""
    python = prepare("demo")
    return become([str(python), "-m", "app", "demo", *arguments])


def test(arguments: list[str]) -> int:
    """Run the checks, then pytest with `arguments`; the first that fails gives the exit code.

    With a reader's name (or a part of it, or "any") it is the real reader that is tried instead:
    what lies on it is read and shown, and nothing is written.
    """
    python = prepare("test")
    if PACKAGES in arguments:
        debian.ensure((*debian.BUILD, *debian.INSTALLERS), say)
    if WINDOWS in arguments:
        rest = [argument for argument in arguments if argument != WINDOWS]
        return become([str(python), str(ROOT / "packaging" / "wine.py"), *rest])
    if any(argument.partition("=")[0] == READER for argument in arguments):
        return become([str(python), "-m", "pytest", "tests/hardware", "--capture=no", *arguments])
    # The tests start the program some hundred times: it is compiled for the first of them alone.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if ONLY_PYTEST not in arguments:
        code = check(python)
        if code:
            return code
    say("pytest ...")
    rest = [argument for argument in arguments if argument != ONLY_PYTEST]
    abreast = () if PACKAGES in arguments else ABREAST
    return become([str(python), "-m", "pytest", *abreast, *rest])


def check(python: Path) -> int:
    """Run the checks; return the exit code of the first that finds something, or 0.

    Beside them, on the second core, the tests are collected: what pytest compiles then, which takes
    half a minute, none of its processes has to compile again.
    """
    quiet = subprocess.DEVNULL
    collect = [str(python), "-m", "pytest", "--collect-only", "--quiet"]
    with subprocess.Popen(collect, cwd=ROOT, stdout=quiet, stderr=quiet) as collecting:
        for name, command in CHECKS:
            say(f"{name} ...")
            code = subprocess.call([str(python), *command], cwd=ROOT)
            if code:
                collecting.terminate()
                say(f"{name} found something to mend (exit code {code}).")
                return code
    return 0


def prepare(purpose: str) -> Path:
    """Make machine and `.venv` fit for `purpose` ("demo" or "test"); returns the venv's Python."""
    debian.ensure(debian.wanted(purpose), say)
    made = environment.Environment(ROOT, say)
    python = made.ready(purpose)
    if purpose == "test":
        debian.ensure(debian.wanted_for_readers(), say)
    if purpose == "test" or pcsc.can_be_built():
        pcsc.install(made)
    return python


def become(command: list[str]) -> int:
    """Run `command` from the checkout in this process's place; where that is not possible, wait."""
    os.chdir(ROOT)
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - no shell is what is wanted
    return subprocess.call(command)


def say(sentence: str) -> None:
    """Tell the person at the terminal; standard output stays with the programs that are run."""
    print(f"oathdesk: {sentence}", file=sys.stderr, flush=True)


def relock(_: list[str]) -> int:
    """Resolve the locked versions anew; for maintainers, who have uv."""
    return lock.write(ROOT, say)


def make_packages(arguments: list[str]) -> int:
    """Make what is installed on this system; see RELEASE.md."""
    return package.make(ROOT, arguments, say)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "lock": relock,
    "package": make_packages,
}


def main(arguments: list[str]) -> int:
    """Run the command that `arguments` name; returns the exit code, 2 for a command unknown."""
    if not arguments or arguments[0] not in COMMANDS:
        wants_help = bool({"-h", "--help"} & set(arguments[:1]))
        print(__doc__, file=sys.stdout if wants_help else sys.stderr)
        return 0 if wants_help else 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except environment.BootstrapError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted. The next run picks up from here.")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
