"""The program as a process of its own: how it is started, and how it tells that it is ready."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.support.patience import wait_until

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment with a home and a language of its own.

    No setting of this machine is read, and the window speaks English.
    """
    kept = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    places = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    return {
        **kept,
        **places,
        "XDG_DATA_HOME": str(home / "data"),
        # Of platformdirs: where Windows keeps data and configuration of an account.
        "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(home / "data"),
        "LANGUAGE": "",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
        **more,
    }


def user_file(home: Path) -> Path:
    """Return where the user's configuration is, for a program with this `environment`."""
    return home / ("data" if sys.platform == "win32" else "config") / "Oathdesk" / "config.toml"


def ready_at(file: Path) -> dict[str, Any]:
    """The content of a ready file, as soon as it is there."""
    wait_until(file.exists, f"the file {file}")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
