"""Start Chromium for one sign-in, and leave nothing of it behind.

It runs in a session of its own with an environment of its own, on a profile that is thrown away. It
ends with the sign-in. Where this program is killed, the kernel kills the browser
(PR_SET_PDEATHSIG, which util-linux's setpriv asks for before it becomes Chromium; prctl(2)); the
profile that is left then is removed at the next start.
"""

import asyncio
import logging
import mmap
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.browser.policy import MANAGED, REDIRECT_PORTS, Wanted, check_policies
from app.core.errors import BrowserNotConfined
from app.core.signin import ScreenArea, Unconfined

if sys.platform != "win32":
    import fcntl

_LOG = logging.getLogger("oathdesk.auth")

PROGRAM: Final = Path("/usr/lib/chromium/chromium")
"""Debian's Chromium itself. /usr/bin/chromium is a shell script around it, which takes options from
the environment and from files."""

READS: Final = b"/etc/chromium/policies"
"""What a Chromium that reads its policies there has in its program file."""

SETPRIV: Final = "setpriv"

_PREFIX: Final = "oathdesk-browser-"
_LOCK: Final = "in-use"
_KEPT: Final = (
    "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE",
    "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "TZ",
)  # fmt: skip
"""The variables that the browser gets. No other of this program's reaches it: some hold options of
Chromium, name its certificates, or have it write the keys of TLS to a file."""

_OPTIONS: Final = (
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--noerrdialogs",
    "--password-store=basic",
    "--deny-permission-prompts",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-infobars",
    "--disable-session-crashed-bubble",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-file-system",
    "--hide-crash-restore-bubble",
)


@dataclass(frozen=True, slots=True)
class ConfinedBrowser:
    """How to start it: the program, and what its policies have to confine it to.

    `policies` is the folder of the policies, `owner` the only user besides root who may write them.
    `proxies` are the variables of the system's proxies, where these count. `runtime` is the folder
    that profiles are made in; None for $XDG_RUNTIME_DIR, which is in memory, or else that for
    temporary files. `enter` is a command that becomes the one behind it, elsewhere: see `practice`.
    """

    wanted: Wanted
    program: Path = PROGRAM
    policies: Path = MANAGED
    owner: int = 0
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    runtime: Path | None = None
    enter: tuple[str, ...] = ()

    @property
    def redirect_ports(self) -> tuple[int, ...]:
        """The loopback ports that the policies let the sign-in come back to."""
        return REDIRECT_PORTS

    def check(self) -> None:
        """See to it that the browser is there and would be confined. Blocks for the disk.

        Raises BrowserNotConfined.
        """
        if not os.access(self.program, os.X_OK) or not self.program.is_file():
            raise BrowserNotConfined(Unconfined.NO_PROGRAM, str(self.program))
        if shutil.which(SETPRIV, path=os.defpath) is None:
            raise BrowserNotConfined(Unconfined.NO_PROGRAM, SETPRIV)
        if not _reads_policies(self.program):
            raise BrowserNotConfined(Unconfined.OTHER_PROGRAM, str(self.program))
        check_policies(self.wanted, self.policies, self.owner)

    @asynccontextmanager
    async def showing(self, address: str, area: ScreenArea) -> AsyncIterator["Window"]:
        """Show the page at `address` in `area`; the browser is gone once this is left.

        To be entered on a thread that lives as long as the program: the kernel kills the browser
        when that thread ends. Raises BrowserNotConfined.
        """
        await asyncio.to_thread(self.check)
        runtime = self._runtime()
        with suppress(OSError):
            await asyncio.to_thread(remove_left_profiles, runtime)
        try:
            profile = Profile(runtime)  # at once: a cancel in between would leave it behind
        except OSError as error:
            raise _not_started(str(runtime), error) from None
        try:
            process = await self._start(profile.folder, address, area)
            try:
                yield Window(process)
            finally:
                await _end(process)
        finally:
            await asyncio.shield(asyncio.to_thread(profile.remove))

    async def _start(
        self, profile: Path, address: str, area: ScreenArea
    ) -> asyncio.subprocess.Process:
        # Behind `enter`: where the user id changes, the kernel forgets that signal (prctl(2)).
        command = [*self.enter, SETPRIV, "--pdeathsig", "KILL", "--", str(self.program)]
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                *options(profile, area, on_wayland="WAYLAND_DISPLAY" in os.environ),
                address,
                env=_environment(profile, self.proxies),
                cwd=profile,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise _not_started(command[0], error) from None

    def _runtime(self) -> Path:
        own = os.environ.get("XDG_RUNTIME_DIR", "")
        if self.runtime is not None:
            return self.runtime
        return Path(own) if own and os.access(own, os.W_OK) else Path(tempfile.gettempdir())


@dataclass(frozen=True, slots=True)
class Window:
    """The browser while it is open."""

    process: asyncio.subprocess.Process

    async def closed(self) -> None:
        """Wait until the browser has ended, as it does when its window is closed.

        Raises BrowserNotConfined where it did not end in good order.
        """
        code = await self.process.wait()
        if code:
            raise BrowserNotConfined(
                Unconfined.NOT_STARTED, "Chromium", f"it ended with the code {code}"
            )


class Profile:
    """A fresh folder for one run of the browser, for its owner alone.

    A lock that ends with this process tells it from one that was left. Raises OSError.
    """

    def __init__(self, runtime: Path) -> None:
        """Make it below `runtime`."""
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=runtime))
        self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        """Remove it with all that the browser wrote."""
        _remove(self.folder)
        os.close(self._lock)


def remove_left_profiles(runtime: Path) -> None:
    """Remove the profiles in `runtime` whose program is no longer there. Raises OSError."""
    for folder in runtime.glob(f"{_PREFIX}*"):
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            continue
        with suppress(OSError):  # one that is in use, or just being made or removed
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
                _LOG.info("a profile of the browser that was left behind was removed")
            finally:
                os.close(lock)


def options(profile: Path, area: ScreenArea, *, on_wayland: bool) -> Iterable[str]:
    """Return the options of Chromium for `profile`, with its window in `area`."""
    return (
        *_OPTIONS,
        f"--user-data-dir={profile}",
        f"--disk-cache-dir={profile / 'cache'}",
        f"--ozone-platform={'wayland' if on_wayland else 'x11'}",
        f"--window-position={area.x},{area.y}",
        f"--window-size={area.width},{area.height}",
        f"--force-device-scale-factor={area.scale:g}",
        "--new-window",
        "--",
    )


def _environment(profile: Path, proxies: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the browser. It finds no message bus, which starts other programs."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        **proxies,
        "PATH": os.defpath,
        "HOME": str(profile),
        "TMPDIR": str(profile),
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }


def _reads_policies(program: Path) -> bool:
    """Tell whether the program is one that reads the policies which are checked here."""
    try:
        with (
            program.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen,
        ):
            return seen.find(READS) >= 0
    except (OSError, ValueError):  # unreadable, or empty
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the browser with all its processes: there is nothing that it would have to save."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # its own session, and so its own group
    await process.wait()


def _remove(folder: Path) -> None:
    """Remove a folder; what a process that is just ending writes into it is removed too."""
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    _LOG.warning("the browser's profile could not be removed")


def _not_started(place: str, error: OSError) -> BrowserNotConfined:
    reason = error.strerror or type(error).__name__
    return BrowserNotConfined(Unconfined.NOT_STARTED, place, reason)
