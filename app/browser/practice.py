"""The confined browser of a practice kiosk, which leaves the machine's own policies alone.

Chromium reads its policies in one place of the machine. So it is started in a mount namespace of
its own (mount_namespaces(7)), in which the practice tenant's policies are at that place. An
ordinary user gets such a namespace with a user namespace (user_namespaces(7)), in which Chromium
then runs under the same user id as outside. Root needs none, but Chromium does not run as root:
there it runs as the user nobody.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from app.browser.confined import PROGRAM, SETPRIV, ConfinedBrowser
from app.browser.policy import Wanted, as_json, policies
from app.core.errors import BrowserNotConfined
from app.core.signin import Unconfined

UNSHARE: Final = "unshare"
_PLACE: Final = "/etc/chromium"
_NOBODY: Final = "65534"
_TRIAL_SECONDS: Final = 20.0

_AS_USER: Final = f"""\
mount --bind "$1" {_PLACE} || exit
shift
exec "$@"
"""

# The display's key is its owner's alone, so that nobody gets a copy of it, which goes with the
# profile.
_AS_ROOT: Final = f"""\
mount --bind "$1" {_PLACE} || exit
shift
if [ -r "$XAUTHORITY" ]; then
    cp "$XAUTHORITY" "$HOME/.Xauthority" && export XAUTHORITY="$HOME/.Xauthority"
fi
[ -z "$HOME" ] || chown -R {_NOBODY}:{_NOBODY} "$HOME"
exec "$@"
"""


def practice_browser(wanted: Wanted, folder: Path, program: Path = PROGRAM) -> ConfinedBrowser:
    """Return a browser confined to `wanted` by policies that are written into `folder`. Blocks.

    Raises BrowserNotConfined where this machine has no Chromium, or does not let it be started so.
    """
    etc = folder / "chromium"
    try:
        managed = _write(wanted, etc)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BrowserNotConfined(Unconfined.NOT_POSSIBLE, str(etc), reason) from None
    as_root = os.geteuid() == 0
    browser = ConfinedBrowser(
        wanted,
        program,
        managed,
        os.geteuid(),
        runtime=Path(tempfile.gettempdir()) if as_root else None,
        enter=_entering(etc),
    )
    browser.check()
    if as_root and os.environ.get("WAYLAND_DISPLAY"):
        problem = "root's Wayland display is closed to the user that Chromium would run as"
        raise BrowserNotConfined(Unconfined.NOT_POSSIBLE, "Chromium", problem)
    _try(browser.enter)
    return browser


def _write(wanted: Wanted, etc: Path) -> Path:
    """Write the policies below `etc` and return their folder. Raises OSError."""
    managed = etc / "policies" / "managed"
    managed.mkdir(parents=True)
    file = managed / "practice.json"
    file.write_text(as_json(policies(wanted)), "utf-8")
    file.chmod(0o644)
    for made in (etc, managed.parent, managed):
        made.chmod(0o755)
    return managed


def _entering(etc: Path) -> tuple[str, ...]:
    """Return the command that runs another one where `etc` is Chromium's configuration."""
    if os.geteuid() == 0:
        become = (SETPRIV, "--reuid", _NOBODY, "--regid", _NOBODY, "--clear-groups", "--")
        return (UNSHARE, "--mount", "--", "sh", "-c", _AS_ROOT, "sh", str(etc), *become)
    own = (f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}")
    as_root = (UNSHARE, "--user", "--map-root-user", "--mount", "--")
    return (*as_root, "sh", "-c", _AS_USER, "sh", str(etc), UNSHARE, "--user", *own, "--")


def _try(enter: tuple[str, ...]) -> None:
    """Run a command that does nothing in the namespace. Raises BrowserNotConfined."""
    if shutil.which(UNSHARE, path=os.defpath) is None:
        raise BrowserNotConfined(Unconfined.NOT_POSSIBLE, UNSHARE, "it is not installed")
    try:
        tried = subprocess.run(  # noqa: S603 - the words are this module's own
            [*enter, "true"],
            env={"PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrowserNotConfined(Unconfined.NOT_POSSIBLE, UNSHARE, str(error)) from None
    if tried.returncode:
        said = tried.stderr.decode("utf-8", "replace").strip()
        problem = said or f"it ended with the code {tried.returncode}"
        raise BrowserNotConfined(Unconfined.NOT_POSSIBLE, UNSHARE, problem)
