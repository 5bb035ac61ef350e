"""`oathdesk kiosk`: a PIN is read from a terminal, and the line holds all but the PIN."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main, parser
from app.core.pin import PinHash
from tests.journeys.program import ROOT, environment
from tests.support.patience import HANG_SECONDS, wait_until

pty = pytest.importorskip("pty", reason="types into a terminal through a pty, and Windows has none")

PIN = "271828"
CONFIG = """
[tenant]
id = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
client_id = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
[readers]
cards = false
[serial]
enabled = false
"""


class Terminal:
    """`oathdesk kiosk pin` on a terminal of its own, its standard output kept apart."""

    def __init__(self, home: Path) -> None:
        self._mine, theirs = pty.openpty()
        self.seen = b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app", "kiosk", "pin"],
            env=environment(home),
            cwd=ROOT,
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            start_new_session=True,  # no terminal but this one: nobody's own is asked
        )
        os.close(theirs)

    def answer(self, question: bytes, words: str) -> None:
        """Wait for `question`, then type `words` and Enter."""
        while question not in self.seen:
            self.seen += os.read(self._mine, 1024)
        os.write(self._mine, words.encode() + b"\n")
        self.seen = self.seen.replace(question, b"", 1)

    def end(self) -> tuple[int, str, str]:
        """The exit code, the standard output, and all that was seen on the terminal."""
        out, _ = self._process.communicate(timeout=HANG_SECONDS)
        while True:
            try:
                more = os.read(self._mine, 1024)
            except OSError:  # the terminal has nobody at its other end
                break
            if not more:
                break
            self.seen += more
        os.close(self._mine)
        return self._process.returncode, out.decode(), self.seen.decode()


def typed(home: Path, first: str, second: str) -> tuple[int, str, str]:
    terminal = Terminal(home)
    terminal.answer(b"digits): ", first)
    terminal.answer(b"once more: ", second)
    return terminal.end()


def test_the_line_fits_the_pin_and_holds_nothing_of_it(tmp_path: Path) -> None:
    code, out, seen = typed(tmp_path, PIN, PIN)
    assert code == 0
    assert PIN not in out + seen
    assert "config.toml" in seen
    line = tomllib.loads(f"[kiosk]\n{out}")["kiosk"]["pin"]
    assert PinHash.read(line).fits(PIN)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (PIN, "314159", "not the same"),
        ("123456", "123456", "counted"),
        ("27182", "27182", "6 to 12 digits"),
        ("", "", "6 to 12 digits"),
        ("secret", "secret", "6 to 12 digits"),
    ],
)
def test_what_is_no_good_pin_makes_no_line(
    tmp_path: Path, first: str, second: str, why: str
) -> None:
    code, out, seen = typed(tmp_path, first, second)
    assert (code, out) == (2, "")
    assert why in seen
    assert not first or first not in seen


def test_a_pin_is_not_read_from_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "kiosk", "pin"],
        env=environment(tmp_path),
        cwd=ROOT,
        input=f"{PIN}\n{PIN}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "terminal" in done.stderr


def test_the_commands_explain_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["kiosk", "--help"], ["kiosk", "run", "--help"], ["demo", "--help"]):
        with pytest.raises(SystemExit):
            main(words)
    said = capsys.readouterr().out
    assert "supervisor" in said
    assert "--once" in said
    assert "271828" in said


def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> tuple[int, str, str]:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    code = main(["--config", str(file), "kiosk", "policy"])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_policies_of_the_browser_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = '[signin]\nbrowser_hosts = ["adfs.contoso.example"]\n'
    code, out, _ = printed(tmp_path, capsys, CONFIG + more)
    allowed = json.loads(out)["URLAllowlist"]
    assert code == 0
    assert {"https://login.microsoftonline.com", "https://adfs.contoso.example"} <= set(allowed)
    assert not [each for each in allowed if "*" in each]


@pytest.mark.parametrize(
    "text", ["", "[tenant]\nid = 7\n", CONFIG + '[network]\nca_file = "nowhere.pem"\n']
)
def test_no_policies_are_printed_of_a_configuration_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    code, out, err = printed(tmp_path, capsys, text)
    assert (code, out) == (1, "")
    assert err


def test_a_kiosk_is_run_once_or_by_its_parent() -> None:
    given = parser().parse_args(["--tenant", "north", "kiosk", "run", "--once"])
    assert (given.kiosk_command, given.once, given.tenant) == ("run", True, "north")
    assert not parser().parse_args(["kiosk", "run"]).once


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_the_whole_command_runs_a_station_and_ends_with_the_session(tmp_path: Path) -> None:
    home = environment(tmp_path, QT_QPA_PLATFORM="offscreen")
    (tmp_path / "kiosk.toml").write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "app", "--config", str(tmp_path / "kiosk.toml")]
    parent = subprocess.Popen([*command, "kiosk", "run"], env=home, cwd=ROOT)
    opened = tmp_path / "data" / "Oathdesk"
    try:
        until(lambda: any(opened.rglob("ledger.db")))
        (child,) = children(parent.pid)
        assert "--once" in Path(f"/proc/{child}/cmdline").read_text("utf-8").split("\0")
        again = subprocess.run(
            [*command, "kiosk", "run"],
            env=home, cwd=ROOT, capture_output=True, check=False, timeout=HANG_SECONDS,
        )  # fmt: skip
        assert again.returncode == 3  # somebody has the record: no use in trying again
        os.kill(child, signal.SIGKILL)
        until(lambda: children(parent.pid) not in ([], [child]))
    finally:
        parent.terminate()
        code = parent.wait(HANG_SECONDS)
    assert code == 0


def children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in file.read_text(encoding="ascii").split()]


def until(true: Callable[[], bool]) -> None:
    wait_until(true)
