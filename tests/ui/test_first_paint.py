"""What the first paint of the window waits for: the modules that a normal start imports before it.

Each module costs the start about a millisecond on a slow machine, and those of the libraries below
hundreds. A program of its own is started as `oathdesk` is; where it would make its pages, the
window has been painted, and it tells which modules it has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import HANG_SECONDS

ROOT = Path(__file__).resolve().parents[2]

MOST = 190
"""Modules of this program; 179 were counted when this was written, 245 before anything was put off.

The room is for the next few settings and notices. What takes more of it is imported where it is
first used, as a page is, or this number is raised with a reason.
"""

NEVER = (
    # Whole packages of this program: made on the station's thread, behind the painted window.
    "app.auth", "app.browser", "app.checks", "app.doctor", "app.graph", "app.ledger", "app.readers",
    "app.seeds", "app.simulator", "app.station.desk", "app.station.station",
    # Windows and pages that come later, or on other machines.
    "app.ui.kiosk", "app.ui.lane", "app.ui.models", "app.ui.receipts", "app.ui.tour",
    *(f"app.ui.pages.{page}.page" for page in (
        "desk", "doctor", "first_run", "history", "importing", "inventory", "readers", "receipt",
        "session",
    )),
    # Libraries.
    "cryptography", "httpx", "msal", "openpyxl", "sqlite3", "starlette", "uvicorn", "smartcard",
    "serial", "segno", "PIL", "PySide6.QtPrintSupport", "PySide6.QtWebEngineCore",
    "PySide6.QtMultimedia", "PySide6.QtTest",
)  # fmt: skip

PROGRAM = """
import os, sys
from pathlib import Path
from app import main
from app.settings.loading import Sources
from app.ui import application

class Painted(application.DeskApp):
    def build_pages(self):
        painted = self.window.isVisible() and not self.window.visibleRegion().isEmpty()
        print("painted" if painted else "not painted", *sorted(sys.modules), flush=True)
        os._exit(0)

application.DeskApp = Painted
folder = Path(sys.argv[1])
main.run_station(Sources(folder / "machine.toml", folder / "config.toml"))
"""

CONFIG = """
[tenant]
id = "3f9d2c71-8a40-4be6-b5d7-e20c94a16f30"
client_id = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
[ledger]
folder = "record"
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The modules of a station that has just painted its window."""
    folder = tmp_path_factory.mktemp("start")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        timeout=HANG_SECONDS,
        check=True,
        encoding="utf-8",
    )
    painted, *modules = done.stdout.split()
    assert painted == "painted"
    return modules


def test_the_first_paint_waits_for_few_modules(imported: list[str]) -> None:
    ours = [module for module in imported if module.partition(".")[0] == "app"]
    assert "app.ui.window" in ours
    assert len(ours) <= MOST, ours


def test_the_first_paint_waits_for_no_page_adapter_or_library_of_later(imported: list[str]) -> None:
    early = [
        module
        for module in imported
        if any(module == never or module.startswith(f"{never}.") for never in NEVER)
    ]
    assert early == []
