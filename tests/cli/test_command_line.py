"""The command line: what it says of itself, what it starts, and how it fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app import __version__
from app.cli import has_display, main, parser
from app.settings.places import default_file
from tests.journeys.program import environment, ready_at
from tests.support.access import is_private
from tests.support.patience import HANG_SECONDS
from tests.support.simulated import trust


def said_of(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run the command line as far as it ends by itself; what it said, wherever."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code
    out, err = capsys.readouterr()
    return err if code else out


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert said_of(capsys, "--version") == f"Oathdesk {__version__}\n"


def test_the_help_names_every_command_and_the_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = said_of(capsys, "--help")
    assert "demo" in words
    assert "simulator" in words
    assert default_file().name in words


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("demo", ("--tour", "--ready-file", "--self-service")),
        (
            "simulator",
            ("--port", "--ready-file", "--people", "--tokens", "--seed", "--lag", "--throttle"),
        ),
    ],
)
def test_every_command_explains_its_options(
    command: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    words = said_of(capsys, command, "--help")
    assert all(option in words for option in options)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--colour",),
        ("enroll",),
        ("demo", "--fast"),
        ("simulator", "--people", "many"),
        ("simulator", "--throttle", "5"),
    ],
)
def test_what_is_not_known_is_refused_with_a_hint(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "usage: oathdesk" in said_of(capsys, *arguments, code=2)


def test_without_a_command_the_station_reads_its_own_configuration() -> None:
    given = parser().parse_args([])
    assert given.command is None
    assert given.config is None
    assert given.options == []


def test_another_configuration_can_be_named(tmp_path: Path) -> None:
    assert parser().parse_args(["--config", str(tmp_path)]).config == tmp_path


def test_keys_can_be_set_one_by_one() -> None:
    given = parser().parse_args(["--set", "desk.name=A", "--set", "look.motion=false", "demo"])
    assert given.options == ["desk.name=A", "look.motion=false"]


def test_on_this_machine_it_is_known_whether_a_window_can_be_seen() -> None:
    assert has_display() in {True, False}


def test_the_version_is_told_without_the_toolkit_of_the_window(tmp_path: Path) -> None:
    command = "import sys; from app.cli import parser; parser(); print('PySide6' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "False\n"


def test_the_simulator_says_in_its_ready_file_how_to_use_it(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    options = ["--port", "0", "--people", "60", "--tokens", "40", "--seed", "7", "--lag", "0.5"]
    command = [sys.executable, "-m", "app", "simulator", "--ready-file", str(file), *options]
    with subprocess.Popen(
        command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            ready = ready_at(file)
            assert is_private(file)
            assert_complete(ready)
            assert serves(ready)
        finally:
            process.terminate()  # on Windows that ends it at once, with no word of its own
            said, _ = process.communicate(timeout=HANG_SECONDS)
    if os.name != "nt":
        assert process.returncode == 0
    assert ready["graph_url"] in said
    assert ready["control_url"] not in said


def assert_complete(ready: dict[str, object]) -> None:
    text = json.dumps(ready)
    for name in ("graph_url", "authority", "ca_file", "tenant_id", "client_id", "control_url"):
        assert ready[name]
    assert "/v1.0" not in str(ready["graph_url"])
    for name in ("username", "password", "roles", "certificate_file", "userPrincipalName"):
        assert f'"{name}"' in text
    for name in ("serial", "secret", "interval", "hash", "status", "employeeId"):
        assert f'"{name}"' in text


def serves(ready: dict[str, object]) -> bool:
    """Whether sign-in answers, and Graph asks for it."""
    with httpx.Client(verify=trust(str(ready["ca_file"])), trust_env=False) as client:
        known = client.get(f"{ready['authority']}/v2.0/.well-known/openid-configuration")
        unknown = client.get(f"{ready['graph_url']}/v1.0/me")
    return (known.status_code, unknown.status_code) == (200, 401)


@pytest.mark.parametrize("command", ["demo", "simulator"])
def test_without_the_optional_parts_it_says_what_to_install(command: str) -> None:
    hide = (
        "import sys, importlib.machinery as m\n"
        "class Hidden(m.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name == 'trustme' else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if f is not m.PathFinder] + [Hidden]\n"
        f"from app.cli import main\nsys.exit(main([{command!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide],
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert "oathdesk[simulator]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows always has a display")
@pytest.mark.parametrize("tour", [(), ("--tour", "pictures")])
def test_self_service_is_shown_on_a_display_and_has_no_tour(
    tour: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["demo", "--self-service", *tour]) == 2
    assert "needs a display" in capsys.readouterr().err
