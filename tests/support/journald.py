"""The systemd journal as a program meets it: a real socket that takes entries, a real journalctl.

The socket takes datagrams of the journal's native protocol and adds the fields that only the
journal can: the user of the sender (from the kernel, SCM_CREDENTIALS), the boot, the time. Entries
are kept in a file, one JSON object per line, from which the program answers as journalctl does.
"""

from __future__ import annotations

import json
import os
import select
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.ledger.headlog import Journal

BOOT = "0123456789abcdef0123456789abcdef"

_PROGRAM = """#!{python}
import json, sys
matches = [word.partition("=") for word in sys.argv[1:] if not word.startswith("-")]
assert "--output=json" in sys.argv, sys.argv
for line in open({file!r}, encoding="utf-8"):
    entry = json.loads(line)
    if all(entry.get(name) == value for name, _, value in matches):
        print(json.dumps(entry))
"""


class Journald:
    """Takes entries in `folder` while it is open; `system_log` writes to it and reads from it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "socket"
        self.file = folder / "entries"
        self.program = folder / "journalctl"
        self._stop = threading.Event()
        self._taker = threading.Thread(target=self._take, name="journald")
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._written = threading.Condition()

    def __enter__(self) -> Self:
        self.file.touch()
        text = _PROGRAM.format(python=sys.executable, file=str(self.file))
        self.program.write_text(text, encoding="utf-8")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        self._door.bind(str(self.socket))
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._taker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._taker.join()
        self._door.close()

    @property
    def system_log(self) -> Journal:
        return Journal(self.socket, (str(self.program),))

    def entries(self) -> list[dict[str, Any]]:
        """Return what is there, after all that was sent has been taken."""
        while select.select([self._door], [], [], 0)[0]:
            time.sleep(0.001)
        with self._written:
            return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]

    def forge(self, fields: dict[str, Any], uid: int) -> None:
        """Add an entry that another user has sent."""
        self._keep({**fields, **self._trusted(uid)})

    def _take(self) -> None:
        while not self._stop.is_set() or select.select([self._door], [], [], 0)[0]:
            if select.select([self._door], [], [], 0.05)[0]:
                with self._written:
                    data, ancillary, _, _ = self._door.recvmsg(
                        65_536, socket.CMSG_SPACE(struct.calcsize("3i"))
                    )
                    uid = _uid(ancillary)
                    self._keep({**_fields(data), **self._trusted(uid)})

    def _trusted(self, uid: int) -> dict[str, str]:
        now = time.time_ns() // 1_000
        return {"_UID": str(uid), "_BOOT_ID": BOOT, "__REALTIME_TIMESTAMP": str(now)}

    def _keep(self, entry: dict[str, Any]) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _uid(ancillary: Sequence[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(struct.unpack("3i", data[: struct.calcsize("3i")])[1])
    return os.getuid()


def _fields(data: bytes) -> dict[str, str]:
    """Take a datagram apart as journald does; fields that only the journal may set are dropped."""
    fields: dict[str, str] = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            length = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + length], rest[8 + length + 1 :]
        if not name.startswith(b"_"):
            fields[name.decode()] = value.decode("utf-8", "surrogateescape")
        data = rest
    return fields
