"""A real Secret Service on a message bus of its own: dbus-daemon and gnome-keyring-daemon."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.patience import HANG_SECONDS

# A bus that starts nothing of its own accord: what runs on it is what a test has started.
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
TOOLS = ("dbus-daemon", "gnome-keyring-daemon")
PASSWORD = "not a secret"


def missing() -> str:
    """What keeps a Secret Service from running here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "the Secret Service is Linux's"
    if importlib.util.find_spec("secretstorage") is None:
        return "needs SecretStorage: pip install SecretStorage"
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    how = "apt-get install dbus gnome-keyring, or python3 packaging/bootstrap.py test as root"
    return f"needs {', '.join(lacking)}: {how}" if lacking else ""


@dataclass(frozen=True)
class Service:
    """A bus and what was started on it, reached through the environment of this process."""

    daemon: subprocess.Popen[bytes]

    def hang(self) -> None:
        """Answer nothing any more."""
        self.daemon.send_signal(signal.SIGSTOP)

    def lock(self) -> None:
        """Lock the default keyring, as a screen lock may."""
        import secretstorage  # noqa: PLC0415 - an extra

        with closing(secretstorage.dbus_init()) as bus:
            secretstorage.Collection(bus).lock()

    def secrets(self) -> list[bytes]:
        """Every secret of the default keyring, read past the program under test."""
        import secretstorage  # noqa: PLC0415 - an extra

        with closing(secretstorage.dbus_init()) as bus:
            items = secretstorage.Collection(bus).get_all_items()
            return [item.get_secret() for item in items]


@contextmanager
def a_bus(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus for this process; nobody offers secrets on it."""
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    with ExitStack() as stack:
        command = ["dbus-daemon", "--config-file", str(config), "--nofork", "--print-address=1"]
        bus = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        stack.callback(_end, bus)
        assert bus.stdout is not None
        address = bus.stdout.readline().strip()
        stack.callback(bus.stdout.close)
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@contextmanager
def a_secret_service(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A Secret Service with an unlocked default keyring in `folder`."""
    with a_bus(folder, patch) as address, ExitStack() as stack:
        yield Service(_start_keyring(stack, folder, address))


def _start_keyring(stack: ExitStack, folder: Path, address: str) -> subprocess.Popen[bytes]:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env={**os.environ, **home, "DBUS_SESSION_BUS_ADDRESS": address},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_end, daemon)
    assert daemon.stdin is not None
    daemon.stdin.write(PASSWORD.encode())
    daemon.stdin.close()
    _wait_for_keyring()
    return daemon


def _wait_for_keyring() -> None:
    import secretstorage  # noqa: PLC0415 - an extra

    ends = time.monotonic() + HANG_SECONDS
    while True:
        try:
            with closing(secretstorage.dbus_init()) as bus:
                if not secretstorage.Collection(bus).is_locked():
                    return
        except secretstorage.SecretStorageException:
            pass
        assert time.monotonic() < ends, "the keyring did not come up"
        time.sleep(0.05)


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.send_signal(signal.SIGCONT)  # one that hangs does not hear that it is to end
    process.wait(HANG_SECONDS)
