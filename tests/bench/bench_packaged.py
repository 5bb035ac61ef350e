"""How large the built program is and how long it takes to its window, beside the sources.

    python -m tests.bench.bench_packaged dist/oathdesk/oathdesk [--runs N]

Both open the practice tenant in turn, on a virtual screen of their own (Xvfb), until a window of
theirs is shown there (xdotool). The size is that of the program's folder, and of what the Python
beside the sources has installed, in MB.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 60.0


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Have a screen meanwhile; gives the environment of a program on it."""
    command = ["Xvfb", "-displayfd", "1", "-noreset", "-screen", "0", "1280x800x24"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        number = server.stdout.readline().strip()  # written when it listens
        try:
            yield {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()


def measure(command: Sequence[str], environment: dict[str, str]) -> float:
    """Return the seconds from the start of `command` to its window."""
    with tempfile.TemporaryDirectory() as home:
        own = {**environment, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        start = time.monotonic()
        with subprocess.Popen(command, env=own, stderr=subprocess.DEVNULL) as program:
            try:
                while not _shows_window(own):
                    if time.monotonic() - start > _PATIENCE:
                        raise SystemExit(f"{command[0]} shows no window.")
                    time.sleep(0.002)
                return time.monotonic() - start
            finally:
                program.kill()  # it has been seen; how it ends is no part of this
                program.wait(_PATIENCE)


def _shows_window(environment: dict[str, str]) -> bool:
    asked = ["xdotool", "search", "--onlyvisible", "--name", "Oathdesk"]
    return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode == 0


def megabytes(folder: Path) -> float:
    """Return the size of all files below `folder`, a link counting as nothing."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def row(name: str, folder: Path, seconds: list[float]) -> str:
    """Return size, median and spread as a line."""
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    times = f"{middle * 1000:6.0f} ms  ({low * 1000:.0f} to {high * 1000:.0f})"
    return f"{name:<10} {megabytes(folder):6.0f} MB  {times}\n"


def main() -> None:
    """Run both in turn and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("program", type=Path)
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    built = [str(given.program), "demo"]
    sources = [sys.executable, "-m", "app", "demo"]
    times: tuple[list[float], list[float]] = ([], [])
    with screen() as environment:
        for command in (built, sources):
            measure(command, environment)  # warm the file cache
        for _ in range(given.runs):
            for command, taken in zip((built, sources), times, strict=True):
                taken.append(measure(command, environment))
    sys.stdout.write(row("packaged", given.program.resolve().parent, times[0]))
    sys.stdout.write(row("sources", Path(sys.prefix), times[1]))


if __name__ == "__main__":
    main()
