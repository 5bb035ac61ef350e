"""A command's terminal, in real processes: who can be asked, and a reader that leaves."""

import os
import subprocess
import sys

import pytest

from tests.journeys.program import ROOT
from tests.support.patience import HANG_SECONDS

CAN_ASK = "from app.cli.terminal import can_ask; print(can_ask())"
WRITES_ON = """
import sys
from app.cli.terminal import bytes_out, close_quietly
try:
    with bytes_out("utf-8") as stream:
        for number in range(100_000):
            stream.write(f"a line of the record, number {number}\\n")
            if number % 100 == 0:
                stream.flush()
except BrokenPipeError:
    close_quietly()
    sys.exit(7)
"""


@pytest.mark.parametrize("given", [subprocess.DEVNULL, subprocess.PIPE], ids=["null", "pipe"])
def test_nobody_is_asked_on_the_null_device_or_a_pipe(given: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CAN_ASK],
        cwd=ROOT,
        stdin=given,
        capture_output=True,
        text=True,
        check=True,
        timeout=HANG_SECONDS,
    )
    assert done.stdout == "False\n"


def test_nobody_is_asked_where_standard_input_is_closed() -> None:
    closed = f"import sys; sys.stdin.close(); {CAN_ASK}"
    command = [sys.executable, "-c", closed]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    assert done.stdout == "False\n"


def test_what_is_written_to_a_pipe_is_utf8_on_every_system() -> None:
    text = "Grüße, Nguyễn 受付 🔑"
    variables = {name: each for name, each in os.environ.items() if name != "PYTHONIOENCODING"}

    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "app", *words]
        null = subprocess.DEVNULL
        return subprocess.run(
            command,
            cwd=ROOT,
            env=variables,
            stdin=null,
            capture_output=True,
            check=False,
            timeout=HANG_SECONDS,
        )

    assert f'"{text}"' in run("--set", f"desk.name={text}", "config", "show").stdout.decode()
    assert text in run("config", "show", text).stderr.decode()


def test_a_reader_that_leaves_is_told_as_a_broken_pipe_and_leaves_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_ON],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"a line of the record, number 0")
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(HANG_SECONDS), said) == (7, b"")
