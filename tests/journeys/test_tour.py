"""The tour, as anyone plays it: a program of its own, pictures, and an exit code that is honest."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtGui import QImage

from tests.journeys.program import environment, ready_at
from tests.support.simulated import trust

LIMIT = 280.0
"""Seconds after which a tour that has not ended is given up."""


@dataclass
class Played:
    """How a tour ended, and what it left."""

    code: int
    folder: Path
    said: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "tour.json").read_text("utf-8"))
        return found


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    command = ["demo", *more, "--tour", str(folder / "tour")]
    command += ["--ready-file", str(folder / "ready.json")]
    return subprocess.Popen(
        [sys.executable, "-m", "app", *command],
        env=environment(folder, QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def end(tour: subprocess.Popen[str], folder: Path) -> Played:
    said, _ = tour.communicate(timeout=LIMIT)
    return Played(tour.returncode, folder / "tour", said)


def take_the_token_away(folder: Path) -> None:
    """Wait until a token is activated, then give it to somebody else."""
    ready = ready_at(folder / "ready.json")
    serial = next(t["serial"] for t in ready["tokens"] if t["status"] == "available")
    with httpx.Client(verify=trust(ready["ca_file"]), trust_env=False) as control:
        patience = time.monotonic() + LIMIT
        while time.monotonic() < patience:
            state = control.get(f"{ready['control_url']}/state/token/{serial}").json()
            if state["status"] == "activated":
                fault = {"kind": "assign_elsewhere", "serial": serial}
                control.post(f"{ready['control_url']}/faults", json=fault).raise_for_status()
                return
            time.sleep(0.5)
    raise TimeoutError("the tour activated no token")


@pytest.fixture(scope="module")
def tours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Played, Played]]:
    """A tour that is left in peace, and one whose token somebody else takes; side by side."""
    quiet, disturbed = tmp_path_factory.mktemp("quiet"), tmp_path_factory.mktemp("disturbed")
    running = [start(quiet), start(disturbed)]
    try:
        take_the_token_away(disturbed)
        yield end(running[0], quiet), end(running[1], disturbed)
    finally:
        for tour in running:
            tour.kill()
            tour.wait()


def test_the_tour_ends_well_when_the_tenant_agrees(tours: tuple[Played, Played]) -> None:
    played = tours[0]
    assert played.code == 0, played.said
    report = played.report
    assert report["complete"]
    assert report["agreed"]
    assert report["tenant"]["status"] == "activated"
    assert report["tenant"]["holder_upn"] == report["activated_for"]


def test_the_tour_fails_when_the_tenant_does_not_agree(tours: tuple[Played, Played]) -> None:
    played = tours[1]
    assert played.code != 0, played.said
    assert not played.report["agreed"]
    assert played.report["tenant"]["holder_upn"] != played.report["activated_for"]


def test_every_step_of_the_tour_has_a_picture_with_something_in_it(
    tours: tuple[Played, Played],
) -> None:
    played = tours[0]
    steps = played.report["steps"]
    assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
    assert {step["picture"] for step in steps} == {p.name for p in played.folder.glob("*.png")}
    for step in steps:
        image = QImage(str(played.folder / step["picture"]))
        assert (image.width(), image.height()) >= (1280, 800)
        assert len(colors(image)) > 20, step["picture"]


def colors(image: QImage) -> set[int]:
    return {
        image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)
    }


def test_the_tour_passes_through_the_states_of_both_ways(tours: tuple[Played, Played]) -> None:
    states = {step["state"] for step in tours[0].report["steps"]}
    assert {"ready", "assigned", "awaiting_code", "activated", "blocked"} <= states


def test_the_tour_writes_no_secret(tours: tuple[Played, Played]) -> None:
    played = tours[0]
    written = played.said + (played.folder / "tour.json").read_text("utf-8")
    assert "JBSWY3DPEHPK3PXP" not in written
    assert "Traceback" not in written


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="a kiosk has a browser of its own on Linux alone"
)
def test_a_kiosk_without_a_display_is_toured_on_the_form_and_says_why(tmp_path: Path) -> None:
    tour = start(tmp_path, "--kiosk")
    played = end(tour, tmp_path)
    assert played.code == 0, played.said
    assert "There is no display that the browser for the sign-in could be shown on." in played.said
    names = [step["name"] for step in played.report["steps"]]
    assert "practice-sign-in" in names
    assert names[-1] == "signed-out"
