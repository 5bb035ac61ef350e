"""A stand-in for Chromium: a program that notes how it was started, and stays until it is ended.

What it does is a file beside it: "stay" (with a process of its own), "alone" (without one), "close"
ends it at once as a closed window does, "crash" with a code.
"""

import shutil
import sys
from pathlib import Path

SCRIPT = """\
#!/bin/sh
# It reads its policies from /etc/chromium/policies, as far as anybody can tell.
here=${0%/*}
printf '%s\\n' "$@" >"$here/arguments"
env >"$here/environment"
pwd >"$here/folder"
stat -c %a "$HOME" >"$here/mode"
mkdir "$HOME/Default" && echo secret >"$HOME/Default/Cookies"
then=$(cat "$here/then")
[ "$then" != stay ] || { sleep 1000 & echo $! >"$here/child"; }
echo $$ >"$here/pid.part" && mv "$here/pid.part" "$here/pid"
case $then in
    stay) wait ;;
    alone) exec sleep 1000 ;;
    crash) exit 21 ;;
esac
"""

NEEDED = (
    ""
    if sys.platform.startswith("linux") and shutil.which("setpriv")
    else "needs Linux with util-linux's setpriv: apt-get install util-linux"
)
"""What keeps the browser from being started here, or nothing."""


class StandIn:
    """The program in `folder`, and what it noted."""

    def __init__(self, folder: Path, then: str = "stay") -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self.program = folder / "chromium"
        self.program.write_text(SCRIPT, encoding="utf-8")
        self.program.chmod(0o755)
        self.then(then)

    def then(self, what: str) -> None:
        (self._folder / "then").write_text(what, encoding="utf-8")

    def noted(self, name: str) -> str:
        return (self._folder / name).read_text("utf-8").strip()

    @property
    def was_started(self) -> bool:
        return (self._folder / "pid").exists()

    @property
    def profile(self) -> Path:
        return Path(self.noted("folder"))

    def is_running(self, which: str = "pid") -> bool:
        """Whether the process (or its "child") is there, and is more than a name."""
        try:
            stat = Path(f"/proc/{self.noted(which)}/stat").read_text("ascii")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"
