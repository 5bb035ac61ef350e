"""What Windows says when a session ends: in memory as it lays it out, and (on Windows) for real."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from app.ui.session_end import SessionEnd, register_restart, restart_line
from tests.support.patience import HANG_SECONDS

WM_QUERYENDSESSION, WM_ENDSESSION = 0x0011, 0x0016
CLOSE_APP = 1  # ENDSESSION_CLOSEAPP: the Restart Manager asks
GENERIC = QByteArray(b"windows_generic_MSG")


class Message(ctypes.Structure):
    """MSG of winuser.h on 64 bits."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint32),
        ("wparam", ctypes.c_uint64),
        ("lparam", ctypes.c_int64),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
    )


def hear(watcher: SessionEnd, number: int, wparam: int) -> tuple[bool, int]:
    message = Message(1, number, wparam, CLOSE_APP)
    return watcher.nativeEventFilter(GENERIC, ctypes.addressof(message))


def test_the_program_ends_once_when_windows_ends_the_session(qtbot: QtBot) -> None:
    ended: list[bool] = []
    watcher = SessionEnd(lambda: ended.append(True))
    assert hear(watcher, WM_ENDSESSION, 1) == (False, 0)  # Qt hears it too
    hear(watcher, WM_ENDSESSION, 1)  # every window of the program gets it
    assert not ended, "a handler of the window system must return first"
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [True]


def test_a_session_that_goes_on_after_all_ends_nothing(qtbot: QtBot) -> None:
    ended: list[bool] = []
    watcher = SessionEnd(lambda: ended.append(True))
    hear(watcher, WM_QUERYENDSESSION, 0)
    hear(watcher, WM_ENDSESSION, 0)  # another program has said no
    hear(watcher, 0x0010, 1)
    watcher.nativeEventFilter(QByteArray(b"xcb_generic_event_t"), 1)  # never read as a message
    qtbot.wait(1)
    assert ended == []


def test_arguments_are_written_as_windows_reads_them() -> None:
    assert restart_line(["--config", r"C:\My files\a.toml"]) == r'--config "C:\My files\a.toml"'
    assert restart_line([]) == ""
    assert restart_line(["x" * 1_024]) is None


def test_a_program_that_runs_from_its_sources_is_not_registered() -> None:
    assert register_restart([]) is False


SEND = """
import ctypes, sys, time
user = ctypes.WinDLL("user32")
user.FindWindowExW.restype = ctypes.c_void_p
user.SendMessageTimeoutW.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t,
    ctypes.c_ssize_t, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p]
wanted, found = int(sys.argv[1]), []
kind = ctypes.WINFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_ssize_t)
def each(window, _):
    owner = ctypes.c_uint32()
    user.GetWindowThreadProcessId(ctypes.c_void_p(window), ctypes.byref(owner))
    if owner.value == wanted and user.IsWindowVisible(ctypes.c_void_p(window)):
        found.append(window)
    return True
ends = time.monotonic() + float(sys.argv[2])
while not found and time.monotonic() < ends:
    user.EnumWindows(kind(each), 0)
    time.sleep(0.1)
answer = ctypes.c_size_t()
for message, agrees in ((0x11, 0), (0x16, 1)):
    user.SendMessageTimeoutW(found[0], message, agrees, 1, 0, 60_000, ctypes.byref(answer))
    print(message, answer.value)
"""


@pytest.mark.skipif(
    sys.platform != "win32", reason="needs Windows, which alone sends such messages"
)
def test_the_restart_manager_s_messages_end_the_window(tmp_path: Path) -> None:
    variables = {**os.environ, "QT_QPA_PLATFORM": "windows"}
    log = (tmp_path / "log").open("wb")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "app", "demo"], env=variables, stdout=log, stderr=log
        ) as program,
    ):
        try:
            sending = [sys.executable, "-c", SEND, str(program.pid), str(HANG_SECONDS)]
            told = subprocess.run(sending, capture_output=True, text=True, check=False)
            assert told.returncode == 0, told.stderr
            assert told.stdout.split("\n")[0] == f"{WM_QUERYENDSESSION} 1"  # it agrees
            code = program.wait(HANG_SECONDS)
            assert code == 0, (tmp_path / "log").read_text("utf-8", "replace")
        finally:
            program.kill()
