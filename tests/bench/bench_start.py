"""How long the station takes to its first paint, beside a bare window of the same toolkit.

    python -m tests.bench.bench_start [--runs N]

Both are started as processes of their own, in turn, on the platform that QT_QPA_PLATFORM names
(offscreen by default). Memory is the resident set after the first paint, in MB.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence

_PAINTED = """
import os, resource, sys
from PySide6.QtCore import QEvent, QObject
class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint:
            told()
        return False
def told():
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    print(time.monotonic() - float(sys.argv[1]), pages * resource.getpagesize() / 1e6, flush=True)
    os._exit(0)
"""
_BARE = f"""
import time
{_PAINTED}
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
eye = Eye()
app.installEventFilter(eye)
window = QMainWindow()
window.resize(1280, 800)
window.show()
app.exec()
"""
_STATION = f"""
import time
{_PAINTED}
import asyncio
from app.ui.application import DeskApp
async def never(notify):
    await asyncio.sleep(60)
eye = Eye()
front = DeskApp(never)
front.app.installEventFilter(eye)
with front:
    front.app.exec()
"""


def measure(script: str) -> tuple[float, float]:
    """Return seconds to the first paint and resident MB of one run of `script`."""
    start = f"import time, sys; sys.argv = ['', str(time.monotonic())]\n{script}"
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, check=True, env=environment
    )
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def row(name: str, runs: Sequence[tuple[float, float]]) -> str:
    """Return the median and spread of `runs` as a line."""
    seconds = sorted(run[0] * 1000 for run in runs)
    memory = statistics.median(run[1] for run in runs)
    middle = statistics.median(seconds)
    return f"{name:<10} {middle:7.0f} ms  ({seconds[0]:.0f} to {seconds[-1]:.0f})  {memory:6.0f} MB"


def main() -> None:
    """Run both in turn and print a table with the ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9)
    count = options.parse_args().runs
    measure(_BARE), measure(_STATION)  # warm the file cache
    bare, station = [], []
    for _ in range(count):
        bare.append(measure(_BARE))
        station.append(measure(_STATION))
    sys.stdout.write(f"{row('bare', bare)}\n{row('station', station)}\n")
    ratios = [mine[0] / floor[0] for mine, floor in zip(station, bare, strict=True)]
    sys.stdout.write(f"ratio      {statistics.median(ratios):7.2f}\n")


if __name__ == "__main__":
    main()
