"""The packages on a bare Debian 12: installed, used, upgraded, removed (with --packages)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import bundle
import deb
import release
import wine
from app.core.enrollment import State
from app.ledger import SqliteLedger
from tests.ledger.records import intent_of, state_of
from tests.packaging.bare import Bare
from tests.packaging.builds import ROOT, nothing, said, tool
from tests.packaging.starts import seconds_to_window

TENANT = "11111111-2222-3333-4444-555555555555"
CONFIGURATION = f"""\
# What the administrator wrote.
locked = ["tenant.*"]

[tenant]
id = "{TENANT}"
client_id = "66666666-7777-8888-9999-000000000000"
name = "Contoso"

[desk]
name = "Lobby"
"""
RECORD = f"/home/desk/.local/share/Oathdesk/{TENANT}/ledger.db"


@pytest.fixture
def debian(bare: Bare, tmp_path: Path) -> Bare:
    """Such a Debian of the test's own, with a user who sits at the desk."""
    mine = bare.copy(tmp_path / "debian")
    mine.run("useradd", "--create-home", "desk")
    return mine


@pytest.fixture(scope="session")
def earlier(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The station's package in a version before this one."""
    target = tmp_path_factory.mktemp("earlier")
    icons = ROOT / bundle.WORK / "icons"
    build = deb.Build(made / release.NAME, icons, bundle.bill_file(ROOT, made))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deb, "COMPRESSION", ("-Zgzip", "-z1"))  # it is thrown away in a minute
        facts = deb.Facts("0.0.1", release.made_at(), deb.NOBODY)
        return deb.station(ROOT, build, target, facts, nothing)


def _keep_a_record(debian: Bare, place: Path) -> None:
    """Have a record of one enrollment where the desk's user has it."""
    ledger = SqliteLedger(place / "ledger.db")
    ledger.open()
    ledger.append(intent_of("first"))
    for number, state in enumerate((State.SUBMITTING, State.ASSIGNED), start=1):
        ledger.append(state_of("first", state, number))
    ledger.close()
    target = debian.root / RECORD.lstrip("/")
    target.parent.mkdir(parents=True)
    shutil.copy(place / "ledger.db", target)
    debian.run("chown", "-R", "desk:desk", "/home/desk")


def test_it_installs_and_starts_on_a_bare_debian_without_python(
    debian: Bare, station: Path
) -> None:
    assert debian.try_("sh", "-c", "command -v python3").returncode != 0
    debian.install(station)
    assert debian.try_("sh", "-c", "command -v python3").returncode != 0
    assert debian.run("oathdesk", "--version", user="desk") == f"Oathdesk {release.version()}\n"
    assert "sound" in debian.run("oathdesk", "config", "check", user="desk")


def test_no_library_that_the_program_is_linked_with_is_missing(debian: Bare, station: Path) -> None:
    debian.install(station)
    files = "find /usr/lib/oathdesk -name '*.so*' -type f -o -name oathdesk -type f"
    inside = "/usr/lib/oathdesk/_internal"
    places = ":".join(
        (inside, f"{inside}/PySide6/Qt/lib", f"{inside}/PySide6", f"{inside}/shiboken6")
    )
    script = f"{files} | LD_LIBRARY_PATH={places} xargs ldd | grep 'not found' || true"
    assert debian.run("sh", "-c", script) == ""


def test_the_tour_runs_to_its_end_from_the_installed_program(
    debian: Bare, station: Path, tmp_path: Path
) -> None:
    debian.install(station)
    debian.run("oathdesk", "demo", "--tour", "/home/desk/tour", user="desk")
    report = json.loads(debian.read("/home/desk/tour/tour.json"))
    assert report["agreed"] is True
    pictures = list((debian.root / "home/desk/tour").glob("*.png"))
    assert len(pictures) == len(report["steps"])


def test_how_large_it_is_and_how_long_it_takes_to_its_window(
    station: Path, tmp_path: Path, tell: Callable[..., None]
) -> None:
    title = "the station's package for Debian"
    tell(title, "package", f"{station.stat().st_size / 1e6:.0f} MB")
    kibibytes = int(said("dpkg-deb", "--field", station, "Installed-Size"))
    tell(title, "installed", f"{kibibytes * 1024 / 1e6:.0f} MB")
    folder = tmp_path / "installed"
    said("dpkg-deb", "--extract", station, folder)

    @contextmanager
    def running() -> Iterator[None]:
        own = {**os.environ, **variables, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "xcb"}
        command = [str(folder / "usr" / "lib" / "oathdesk" / "oathdesk"), "demo"]
        with subprocess.Popen(command, env=own) as program:
            yield
            program.kill()

    with wine.screen() as variables:
        tell(
            title,
            "start of the practice tenant to its window",
            seconds_to_window(running, variables),
        )


def test_an_upgrade_keeps_configuration_and_record(
    debian: Bare, station: Path, earlier: Path, tmp_path: Path
) -> None:
    debian.install(earlier)
    debian.write("/etc/oathdesk/config.toml", CONFIGURATION)
    _keep_a_record(debian, tmp_path)
    before = debian.run("oathdesk", "ledger", "show", user="desk")
    debian.install(station)
    assert release.version() in debian.run("dpkg-query", "--show", "oathdesk")
    assert debian.read("/etc/oathdesk/config.toml") == CONFIGURATION
    debian.run("oathdesk", "ledger", "verify", user="desk")
    assert debian.run("oathdesk", "ledger", "show", user="desk") == before
    assert "locked" in debian.run("oathdesk", "config", "show", user="desk")


def test_removal_takes_the_program_and_purge_says_what_it_leaves(
    debian: Bare, station: Path, tmp_path: Path
) -> None:
    files_before = _system_files(debian)
    debian.install(station)
    debian.write("/etc/oathdesk/config.toml", CONFIGURATION)
    _keep_a_record(debian, tmp_path)
    debian.run("dpkg", "--remove", "oathdesk")
    assert not debian.has("/usr/bin/oathdesk")
    assert debian.has("/etc/oathdesk/config.example.toml")
    told = debian.run("dpkg", "--purge", "oathdesk")
    assert "/etc/oathdesk stays" in told
    assert "records of enrollments stay" in told
    assert debian.read("/etc/oathdesk/config.toml") == CONFIGURATION
    assert debian.has(RECORD)
    assert not debian.has("/etc/oathdesk/config.example.toml")
    left = {name for name in _system_files(debian) - files_before if "oathdesk" in name}
    assert left == {"/etc/oathdesk", "/etc/oathdesk/config.toml"}


def _system_files(debian: Bare) -> set[str]:
    paths = debian.run("find", "/etc", "/usr", "/var/lib", "/opt", "-xdev")
    return {line for line in paths.splitlines() if "/var/lib/dpkg/info" not in line}


def test_purge_leaves_no_empty_folder_where_nothing_was_configured(
    debian: Bare, station: Path
) -> None:
    debian.install(station)
    told = debian.run("dpkg", "--purge", "oathdesk")
    assert "/etc/oathdesk stays" not in told
    assert not debian.has("/etc/oathdesk")


def test_lintian_finds_nothing_in_the_packages_themselves(made: Path) -> None:
    lintian = tool("lintian", "lintian")
    said(lintian, "--allow-root", "--fail-on", "error,warning", *made.glob("*.deb"))


def test_the_sums_hold(made: Path) -> None:
    said("sh", "-c", f"cd {made} && sha256sum --check --strict SHA256SUMS")
