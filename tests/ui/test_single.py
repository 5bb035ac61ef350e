"""Two starts, one record: real processes, real sockets, a real lock."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main import ALREADY_RUNS
from app.ui.language import Language
from app.ui.single import OneStation, bell_name, bring_forward, lock_file
from app.ui.wording.starting import already_runs
from tests.conftest import ExpectLog
from tests.support.patience import HANG_MS, HANG_SECONDS, wait_until

CONFIGURATION = """
[tenant]
id = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"
client_id = "48d31887-5fad-4d73-a9f5-3c356e68a038"
[look]
language = "en"
"""


class Machine:
    """A user's home of its own, in which stations are started."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.record = home / "data" / "Oathdesk" / "ledger.db"
        self.config = home / "config.toml"
        self.config.write_text(CONFIGURATION)
        self.running: list[subprocess.Popen[str]] = []

    def environment(self) -> Mapping[str, str]:
        places = {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            # Of platformdirs: where Windows keeps an account's data, and the log below it.
            "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(self.home / "data"),
            "QT_QPA_PLATFORM": "offscreen",
        }
        return {**os.environ, **places}

    def start(self) -> subprocess.Popen[str]:
        """Start a station and do not wait for it."""
        started = subprocess.Popen(
            [sys.executable, "-m", "app", "--config", str(self.config)],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.running.append(started)
        return started

    def start_first(self) -> subprocess.Popen[str]:
        """Start a station and wait until it has the record."""
        started = self.start()
        until(lambda: self.holder() == started.pid and self.hears())
        return started

    def holder(self) -> int | None:
        """Return the process that has the lock."""
        lock = lock_file(self.record)
        try:
            return int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def hears(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(bell_name(self.record))
        return socket.waitForConnected(500)

    def end(self) -> None:
        for started in self.running:
            if started.poll() is None:
                started.kill()
            started.communicate()


def until(condition: Callable[[], bool]) -> None:
    wait_until(condition, meanwhile=QApplication.processEvents)


def ended(started: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait, the window's own events served, until a process has ended; return code and words."""
    until(lambda: started.poll() is not None)
    words, complaints = started.communicate()
    assert complaints == ""
    return started.returncode, words.strip()


@pytest.fixture
def machine(tmp_path: Path, qapp: QApplication) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.end()


@pytest.fixture
def first(machine: Machine) -> Iterator[OneStation]:
    """This process as the first station."""
    station = OneStation(machine.record)
    assert station.take()
    yield station
    station.let_go()


def test_a_second_start_says_so_ends_and_brings_the_first_window_forward(
    machine: Machine, first: OneStation, qtbot: QtBot
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    first.asked.connect(lambda: bring_forward(window))
    assert ended(machine.start()) == (ALREADY_RUNS, already_runs(answered=True))
    assert window.isVisible()
    assert not window.isMinimized()
    qtbot.waitUntil(window.isActiveWindow)


def test_a_second_start_says_so_in_the_language_of_the_desk(
    machine: Machine, first: OneStation, qapp: QApplication
) -> None:
    machine.config.write_text(CONFIGURATION.replace('"en"', '"de"'))
    english = already_runs(answered=True)
    code, words = ended(machine.start())
    speech = Language(qapp, "de")
    german = already_runs(answered=True)
    speech.end()
    assert (code, words) == (ALREADY_RUNS, german)
    assert german != english


def test_a_second_start_does_not_touch_the_record(machine: Machine, first: OneStation) -> None:
    ended(machine.start())
    assert [path.name for path in machine.record.parent.iterdir()] == ["ledger.db.station"]
    assert not (machine.home / "state").exists()


def test_every_further_start_is_answered(machine: Machine, first: OneStation) -> None:
    asked: list[int] = []
    first.asked.connect(lambda: asked.append(1))
    later = [machine.start() for _ in range(3)]
    assert {ended(each)[0] for each in later} == {ALREADY_RUNS}
    assert len(asked) == 3


def test_of_two_real_stations_the_first_stays(machine: Machine) -> None:
    station = machine.start_first()
    assert ended(machine.start()) == (ALREADY_RUNS, already_runs(answered=True))
    assert station.poll() is None


def test_of_many_starts_at_once_exactly_one_stays(machine: Machine) -> None:
    started = [machine.start() for _ in range(5)]
    until(lambda: sum(each.poll() is None for each in started) == 1)
    survivor = next(each for each in started if each.poll() is None)
    until(lambda: machine.holder() == survivor.pid)
    assert {each.returncode for each in started if each is not survivor} == {ALREADY_RUNS}


def test_what_a_killed_station_leaves_behind_stops_nobody(machine: Machine) -> None:
    killed = machine.start_first()
    killed.kill()  # SIGKILL, or TerminateProcess on Windows
    killed.wait()
    assert machine.holder() == killed.pid
    after = machine.start_first()
    assert ended(machine.start()) == (ALREADY_RUNS, already_runs(answered=True))
    assert after.poll() is None


def test_a_lock_whose_number_went_to_another_program_stops_nobody(machine: Machine) -> None:
    lock = lock_file(machine.record)
    lock.parent.mkdir(parents=True)
    living = QLockFile(str(lock))
    assert living.tryLock(0)
    content = lock.read_bytes()
    living.unlock()
    lock.write_bytes(content)  # it names this process, which lives and holds nothing
    claim = OneStation(machine.record)
    assert claim.take()
    claim.let_go()
    assert not lock.exists()


def test_a_lock_that_was_never_written_stops_nobody_for_long(machine: Machine) -> None:
    lock = lock_file(machine.record)
    lock.parent.mkdir(parents=True)
    lock.touch()
    claim = OneStation(machine.record)
    assert not claim.take()
    long_ago = time.time() - 60
    os.utime(lock, (long_ago, long_ago))
    assert claim.take()
    claim.let_go()


@pytest.mark.skipif(
    os.name == "nt", reason="Windows takes no pipe's name away while its server lives"
)
def test_the_lock_holds_where_the_bell_is_gone(machine: Machine, first: OneStation) -> None:
    QLocalServer.removeServer(bell_name(machine.record))
    assert ended(machine.start()) == (ALREADY_RUNS, already_runs(answered=False))


def test_a_first_that_does_not_answer_keeps_the_record(machine: Machine, first: OneStation) -> None:
    started = machine.start()
    started.wait(HANG_SECONDS)  # meanwhile this process serves no events
    assert ended(started) == (ALREADY_RUNS, already_runs(answered=False))


def test_a_record_that_was_let_go_can_be_claimed(machine: Machine) -> None:
    one, other = OneStation(machine.record), OneStation(machine.record)
    assert one.take()
    assert not other.take()
    one.let_go()
    assert other.take()
    other.let_go()


def test_each_record_has_its_own_station(tmp_path: Path, qapp: QApplication) -> None:
    one, other = OneStation(tmp_path / "a.db"), OneStation(tmp_path / "b.db")
    assert one.take()
    assert other.take()
    one.let_go()
    other.let_go()


def linked(folder: Path) -> Path:
    link = folder.with_name("link")
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError as error:
        pytest.skip(f"Windows lets this account make no symbolic link: {error}")
    if not link.is_dir():
        pytest.skip("Wine says that it has made a symbolic link, and makes none")
    return link


def joined(folder: Path) -> Path:
    """A junction, which on Windows needs no right."""
    link = folder.with_name("junction")
    if sys.platform == "win32":
        import _winapi  # noqa: PLC0415 - Windows alone

        try:
            _winapi.CreateJunction(str(folder), str(link))
        except OSError as error:
            pytest.skip(f"Wine makes no junctions: {error}")
    return link


def short(folder: Path) -> Path:
    """The name of eight letters and three; where the disk keeps none it is the long one."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone

        name = ctypes.create_unicode_buffer(1_024)
        assert ctypes.windll.kernel32.GetShortPathNameW(str(folder), name, 1_024)
        return Path(name.value)
    return folder


WAYS: dict[str, Callable[[Path], Path]] = {
    "relative": lambda folder: folder / ".." / folder.name,
    "symbolic link": linked,
}
WAYS_OF_WINDOWS: dict[str, Callable[[Path], Path]] = {
    "other case": lambda folder: Path(str(folder).swapcase()),
    "slashes": lambda folder: Path(folder.as_posix()),
    "long form": lambda folder: Path(f"\\\\?\\{folder}"),
    "device": lambda folder: Path(f"\\\\.\\{folder}"),
    "short name": short,
    "junction": joined,
}


@pytest.mark.parametrize("name", [*WAYS, *(WAYS_OF_WINDOWS if sys.platform == "win32" else ())])
def test_any_way_to_the_file_has_the_same_bell(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "data of the desk"
    folder.mkdir()
    way = (WAYS | WAYS_OF_WINDOWS)[name](folder)
    assert way.samefile(folder)
    for record in ("ledger.db", "a record with a long name.db"):
        assert bell_name(way / record) == bell_name(folder / record)
    assert bell_name(way / "a.db") != bell_name(folder / "b.db")


def test_a_bell_tells_nobody_where_the_record_lies(tmp_path: Path) -> None:
    assert str(tmp_path) not in bell_name(tmp_path / "a.db")


def test_no_variable_gives_the_bell_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bell_name(tmp_path / "a.db")
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "x")
    assert bell_name(tmp_path / "a.db") == before


def test_a_folder_that_cannot_be_made_lets_the_station_say_so_itself(
    tmp_path: Path, qapp: QApplication, expect_log: ExpectLog
) -> None:
    expect_log("WARNING oathdesk.ui: the record cannot be locked")
    (tmp_path / "file").touch()
    claim = OneStation(tmp_path / "file" / "ledger.db")
    assert claim.take()
    claim.let_go()


MESSAGES = (
    b"", b"\n", b"show", b"\xff\xfe\n", b"[]\n", b'{"permit": 7}\n', b"x" * 10_000, b"{" * 5_000
)  # fmt: skip


def test_whatever_comes_through_the_bell_harms_nothing(machine: Machine, first: OneStation) -> None:
    for message in MESSAGES:
        with through_the_bell(machine, message):
            QApplication.processEvents()
        assert answer_to(machine, b"{}\n") == b"shown\n", message
    assert ended(machine.start()) == (ALREADY_RUNS, already_runs(answered=True))


def answer_to(machine: Machine, message: bytes) -> bytes:
    """Send `message` to the first station; what it answers."""
    with through_the_bell(machine, message) as socket:
        until(lambda: socket.bytesAvailable() > 0)
        return bytes(socket.readAll().data())


@contextmanager
def through_the_bell(machine: Machine, message: bytes) -> Iterator[QLocalSocket]:
    """Send `message` to the first station; the connection is cut at the end."""
    socket = QLocalSocket()
    socket.connectToServer(bell_name(machine.record))
    assert socket.waitForConnected(HANG_MS)
    socket.write(message)
    socket.flush()
    yield socket
    socket.abort()


@pytest.mark.parametrize(
    ("permit", "taken"), [("token-1_2.3", "token-1_2.3"), ("a b\n", None), ("é", None)]
)
def test_the_permission_to_come_forward_is_handed_on(
    permit: str, taken: str | None, machine: Machine, first: OneStation
) -> None:
    name = "XDG_ACTIVATION_TOKEN"
    before = os.environ.pop(name, None)
    socket = QLocalSocket()
    socket.connectToServer(bell_name(machine.record))
    socket.write(json.dumps({"permit": permit}).encode() + b"\n")
    socket.flush()
    asked = threading.Event()
    first.asked.connect(asked.set)
    until(asked.is_set)
    assert os.environ.pop(name, None) == taken
    if before is not None:
        os.environ[name] = before
