"""Damage that only another process can do: a kill at any moment, a disk full or read-only."""

import random
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import LedgerUnwritable
from app.core.retention import Erased
from app.ledger import SqliteLedger, held, records
from tests.ledger.records import ALL_OLD, ended, intent_of, nothing

ROOT = Path(__file__).parents[2]

limits_files = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no limit on the size of a process's files"
)

WRITER = """
    import sys
    from pathlib import Path
    from app.ledger import SqliteLedger
    from tests.ledger.records import intent_of

    ledger = SqliteLedger(Path(sys.argv[1]))
    ledger.open()
    for index in range(100_000):
        print(ledger.append(intent_of(f"enrollment-{index}")), flush=True)
"""

FULL = """
    import resource, signal, sys
    from pathlib import Path
    from app.core.errors import LedgerUnwritable
    from app.ledger import SqliteLedger
    from tests.ledger.records import intent_of

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    ledger = SqliteLedger(Path(sys.argv[1]))
    ledger.open()
    written = ledger.append(intent_of("before"))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        while True:
            written = ledger.append(intent_of("while there was room"))
    except LedgerUnwritable:
        pass
    try:
        ledger.append(intent_of("still full"))
    except LedgerUnwritable:
        print("refused", written)
    assert ledger.verify() is None
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert ledger.append(intent_of("room again")) == written + 1
    assert ledger.verify() is None
"""


ERASER = """
    import sys
    from pathlib import Path
    from app.ledger import SqliteLedger
    from tests.ledger.records import ALL_OLD

    ledger = SqliteLedger(Path(sys.argv[1]))
    ledger.open()
    print("open", flush=True)
    ledger.erase(ALL_OLD, lambda count: print(count, flush=True))
    print("done", flush=True)
"""

FULL_WHILE_ERASING = """
    import resource, signal, sys
    from pathlib import Path
    from app.core.errors import LedgerUnwritable
    from app.core.retention import Erased
    from app.ledger import SqliteLedger, held
    from tests.ledger.records import ALL_OLD, ended, nothing

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = Path(sys.argv[1])
    ledger = SqliteLedger(path)
    for index in range(100):
        ended(ledger, f"enrollment-{index}")
    ledger.close()
    ledger.open()
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100_000, hard))
    try:
        ledger.erase(ALL_OLD, nothing)
    except LedgerUnwritable:
        gone = sum(each.content is None for each in held(path))
        print("refused", gone)
    assert ledger.verify() is None
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert ledger.erase(ALL_OLD, nothing) == Erased(100 - gone // 2, 200 - gone)
    assert ledger.verify() is None
    ledger.close()
    assert b"zoe@desk" not in path.read_bytes()
"""


def command(program: str, path: Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(program), str(path)]


@pytest.mark.parametrize("seed", range(6))
def test_everything_append_returned_for_survives_a_kill(path: Path, seed: int) -> None:
    wanted = random.Random(seed).randint(1, 300)  # noqa: S311 - where to kill is no secret
    with subprocess.Popen(command(WRITER, path), cwd=ROOT, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(wanted)]
        writer.kill()  # SIGKILL, or TerminateProcess
        told += [int(line) for line in writer.stdout.read().split(b"\n")[:-1]]

    ledger = SqliteLedger(path)
    ledger.open()

    kept = [record.sequence for record in records(path)]
    assert told == kept[: len(told)]
    assert len(kept) - len(told) <= 1  # one may be durable whose number was not told any more
    assert ledger.verify() is None
    assert ledger.append(intent_of("after")) == kept[-1] + 1
    ledger.close()


@pytest.mark.parametrize("seed", range(10))
def test_erasing_that_was_killed_leaves_a_whole_record_and_goes_on(path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - where to kill is no secret
    ledger = SqliteLedger(path)
    for index in range(300):
        ended(ledger, f"enrollment-{index}")
    ledger.append(intent_of("open"))
    ledger.close()
    with subprocess.Popen(command(ERASER, path), cwd=ROOT, stdout=subprocess.PIPE) as eraser:
        assert eraser.stdout is not None
        for _ in range(chance.randint(1, 30)):
            eraser.stdout.readline()
        time.sleep(chance.random() / 200)
        eraser.kill()

    assert ledger.open().set_aside is None
    assert ledger.verify() is None
    gone = sum(each.content is None for each in held(path))
    assert ledger.erase(ALL_OLD, nothing) == Erased(300 - gone // 2, 600 - gone)
    assert ledger.verify() is None
    assert [entry.enrollment_id for entry in ledger.unsettled()] == ["open"]
    ledger.close()
    # One intent is open, and it and its words on the list are all that is left of the name.
    assert path.read_bytes().count(b"zoe@desk") == 2


@limits_files
def test_a_full_disk_refuses_entries_whole_and_takes_them_again_when_there_is_room(
    path: Path,
) -> None:
    done = subprocess.run(
        command(FULL, path), cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.startswith("refused ")


@limits_files
def test_a_disk_that_fills_up_ends_erasing_with_a_whole_record_that_goes_on(path: Path) -> None:
    done = subprocess.run(
        command(FULL_WHILE_ERASING, path), cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.startswith("refused ")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB, where the machine lets a test mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform == "win32":
        pytest.skip("Windows mounts no file system of memory")
    if not mounted("-t", "tmpfs", "-o", "size=256k", "tmpfs", place):
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", place], check=True)


def mounted(*arguments: str | Path) -> bool:
    if shutil.which("mount") is None:
        return False
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    return done.returncode == 0


def fill(ledger: SqliteLedger) -> None:
    for index in range(5_000):
        ledger.append(intent_of(f"enrollment-{index}"))


def test_a_real_disk_that_fills_up_keeps_the_record_sound(small_disk: Path) -> None:
    ledger = SqliteLedger(small_disk / "ledger.sqlite")
    ledger.open()
    with pytest.raises(LedgerUnwritable):
        fill(ledger)

    assert ledger.verify() is None
    ledger.close()


def test_a_read_only_disk_stops_work_with_an_error(small_disk: Path) -> None:
    ledger = SqliteLedger(small_disk / "ledger.sqlite")
    ledger.append(intent_of("a"))
    ledger.close()
    assert mounted("-o", "remount,ro", small_disk)

    with pytest.raises(LedgerUnwritable):
        ledger.open()
