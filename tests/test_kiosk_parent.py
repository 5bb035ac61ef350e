"""The parent of a kiosk starts it again whenever it dies, and ends where its end was meant."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.kiosk import LEFT
from app.kiosk_parent import MEANT, this_program
from tests.support.patience import HANG_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[1]
CHILD = """
import os, pathlib, signal, sys, time
lives = pathlib.Path(sys.argv[1])
lives.write_text(lives.read_text() + f"{os.getpid()}\\n" if lives.exists() else f"{os.getpid()}\\n")
ends = sys.argv[2:]
life = len(lives.read_text().split()) - 1
end = ends[min(life, len(ends) - 1)]
if end == "stay":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(0.05)
if end == "die":
    os.kill(os.getpid(), 9)
sys.exit(int(end))
"""
PARENT = """
import sys
from app.kiosk_parent import Parent
sys.exit(Parent(sys.argv[1:], soon=0.05).run())
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX knows them")


def begin(folder: Path, *ends: str) -> "subprocess.Popen[str]":
    """A parent whose child ends one way after the other, and stays with the last one."""
    child = [sys.executable, "-c", CHILD, str(folder / "lives"), *ends]
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, *child], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def lives(folder: Path) -> list[int]:
    """The number of each process that was the child."""
    file = folder / "lives"
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def until(true: Callable[[], bool]) -> None:
    wait_until(true)


def ended(parent: "subprocess.Popen[str]") -> tuple[int, str]:
    _, said = parent.communicate(timeout=HANG_SECONDS)
    return parent.returncode, said


def test_a_child_that_crashes_is_started_again_and_a_supervisors_end_is_the_end(
    tmp_path: Path,
) -> None:
    code, said = ended(begin(tmp_path, "1", "die", "70", str(LEFT)))
    assert code == LEFT
    assert len(lives(tmp_path)) == 4
    assert said.count("it is started again") == 3
    assert "-9" in said


@pytest.mark.parametrize("code", sorted(MEANT))
def test_an_end_that_was_meant_is_passed_on(tmp_path: Path, code: int) -> None:
    assert ended(begin(tmp_path, str(code))) == (code, "")
    assert len(lives(tmp_path)) == 1


def test_what_the_system_asks_of_the_parent_reaches_the_child(tmp_path: Path) -> None:
    parent = begin(tmp_path, "stay")
    until(lambda: bool(lives(tmp_path)))
    parent.send_signal(signal.SIGTERM)
    assert ended(parent) == (0, "")
    (child,) = lives(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_parent_that_waits_to_start_again_ends_at_once(tmp_path: Path) -> None:
    child = [sys.executable, "-c", CHILD, str(tmp_path / "lives"), "1"]
    patient = PARENT.replace("soon=0.05", "soon=600")
    parent = subprocess.Popen([sys.executable, "-c", patient, *child], cwd=ROOT)
    until(lambda: bool(lives(tmp_path)))
    time.sleep(0.5)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(HANG_SECONDS) == 0
    assert len(lives(tmp_path)) == 1


def test_a_child_that_is_killed_from_outside_is_started_again(tmp_path: Path) -> None:
    parent = begin(tmp_path, "stay")
    until(lambda: bool(lives(tmp_path)))
    os.kill(lives(tmp_path)[0], signal.SIGKILL)
    until(lambda: len(lives(tmp_path)) == 2)
    parent.send_signal(signal.SIGTERM)
    assert ended(parent)[0] == 0


def test_this_program_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert this_program(["kiosk", "run"]) == [sys.executable, "-m", "app", "kiosk", "run"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert this_program(["kiosk", "run"]) == [sys.executable, "kiosk", "run"]
