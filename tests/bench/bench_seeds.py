"""What it costs to read and check a seed file beside parsing it, and whether memory stays flat.

`python -m tests.bench.bench_seeds [--rows N] [--rounds N]` prints a table; it needs an idle
machine. The floor of a CSV file is the csv module going through it, and next to it the csv module
keeping what it read, which is what any program does that does something with the rows. The floor of
an XML file is the parser alone: expat with handlers that do nothing, and ElementTree going through
it in pieces. Floor and reading take turns, so that what the machine does besides is shared.

Memory is that of a fresh process: what the result takes, and how much more was in use at the worst.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree.ElementTree import iterparse
from xml.parsers import expat

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import SeedOptions, SeedToken
from app.seeds import read
from tests.seeds import writers

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = SeedOptions(interval=30)
Action = Callable[[Path], object]


def tokens(count: int) -> list[SeedToken]:
    source = random.Random(6030)  # noqa: S311 - the same file each time; no token has these seeds
    return [
        SeedToken(
            0,
            str(8659610000000 + number),
            "Token2",
            "C301-i",
            30,
            HashFunction.SHA1,
            Secret(source.randbytes(20)),
            f"person{number}@contoso.com",
        )
        for number in range(count)
    ]


def spoilt(content: bytes) -> bytes:
    """With a faulty serial number in one row of a hundred: no thousand rows go the fast way."""
    lines = content.splitlines(keepends=True)
    for at in range(50, len(lines), 100):
        lines[at] = lines[at].replace(b",86596", b",8.6E+", 1)
    return b"".join(lines)


def pskc(made: Sequence[SeedToken]) -> bytes:
    packages = (writers.key_package(t.serial, t.secret.reveal(), user=t.person) for t in made)
    return writers.key_container(*packages)


def through_csv(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(file):
            pass


def kept_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def through_expat(path: Path) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda _name, _attributes: None
    parser.EndElementHandler = lambda _name: None
    parser.CharacterDataHandler = lambda _text: None
    with path.open("rb") as file:
        parser.ParseFile(file)


def through_tree(path: Path) -> None:
    for _, element in iterparse(path):  # noqa: S314 - the file is our own
        element.clear()


def ours(path: Path) -> object:
    return read(path, OPTIONS)


def seconds(action: Action, path: Path) -> float:
    began = time.perf_counter()
    kept = action(path)
    took = time.perf_counter() - began
    del kept
    return took


def compared(name: str, path: Path, floors: dict[str, Action], rounds: int) -> list[str]:
    """A line for the file: the median of ours, and how many times each floor's it is."""
    times: dict[str, list[float]] = {each: [] for each in (*floors, "ours")}
    for _ in range(rounds):
        for each, action in (*floors.items(), ("ours", ours)):
            times[each].append(seconds(action, path))
    median = {each: statistics.median(found) for each, found in times.items()}
    size = path.stat().st_size / 1e6
    lines = [f"{name:<34} {size:6.1f} MB   read and checked {median['ours'] * 1000:7.0f} ms"]
    for floor in floors:
        ratio = median["ours"] / median[floor]
        spread = f"{min(times[floor]) * 1000:.0f} to {max(times[floor]) * 1000:.0f}"
        lines.append(
            f"{'':<34} {floor:<26} {median[floor] * 1000:7.0f} ms ({spread}) {ratio:5.1f} x"
        )
    return lines


def memory(path: Path) -> tuple[float, float]:
    """Megabytes that the result takes, and that were in use beyond it at the worst."""
    command = [sys.executable, "-m", "tests.bench.bench_seeds", "--memory-of", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result, beyond = map(float, done.stdout.split())
    return result, beyond


def measure_memory(path: Path) -> None:
    """In a process of its own: print what `memory` gives."""
    read(path.with_name("warm"), OPTIONS)
    before = _status("VmRSS")
    kept = ours(path)
    after = _status("VmRSS")
    peak = _status("VmHWM")  # not ru_maxrss, which a child has from its parent
    print(after - before, max(0.0, peak - after))  # noqa: T201 - to the process that asked
    del kept


def _status(name: str) -> float:
    """A figure of this process's memory, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (each for each in lines if each.startswith(f"{name}:"))
    return int(line.split()[1]) / 1e3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        measure_memory(options.memory_of)
        return
    with tempfile.TemporaryDirectory() as folder:
        print("\n".join(_report(Path(folder), options.rows, options.rounds)))  # noqa: T201 - a report


def _report(folder: Path, rows: int, rounds: int) -> list[str]:
    made = tokens(rows)
    tables: dict[str, Action] = {"csv, going through": through_csv, "csv, keeping": kept_csv}
    trees: dict[str, Action] = {"expat": through_expat, "ElementTree": through_tree}
    files = {
        "CSV, Base32": (writers.entra(made), tables),
        "CSV, hexadecimal": (writers.entra(made, Encoding.HEX), tables),
        "CSV, one row of 100 faulty": (spoilt(writers.entra(made)), tables),
        "PSKC": (pskc(made), trees),
        "SafeNet XML": (writers.safenet(made), trees),
    }
    (folder / "warm").write_bytes(writers.entra(made[:10]))
    times, memories = [], ["", f"{'memory, in MB':<34} {'result':>8} {'beyond it':>10}"]
    for name, (content, floors) in files.items():
        path = folder / "seeds"
        path.write_bytes(content)
        times += compared(name, path, floors, rounds)
        result, beyond = memory(path)
        memories.append(f"{name:<34} {result:8.1f} {beyond:10.1f}")
    return [f"{rows} tokens, median of {rounds}", "", *times, *memories]


if __name__ == "__main__":
    main()
