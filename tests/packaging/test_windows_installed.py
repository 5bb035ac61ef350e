"""The program for Windows, made and installed under Wine, and used (--packages --windows).

The tests run in their order: each goes on from what the one before has left on that machine. They
cannot show what Wine has not: permissions on folders, UAC, SmartScreen, the trust in a signature
(packaging/wine.py, CANNOT_TELL).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import bundle
import contents
import msi
import release
import sbom
import wine
from app.core.enrollment import State
from app.ledger import SqliteLedger
from tests.conftest import TOLD
from tests.ledger.records import intent_of, state_of
from tests.packaging.builds import ROOT, nothing, said, tool
from tests.packaging.starts import seconds_to_window

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
INSTALLED = "C:/Program Files/Oathdesk"
PACKAGES = "C:/packages"
REPORTS = "C:/reports"
TITLE = "the program for Windows, under Wine"
OLDER = "0.0.1"
MADE_OF = (
    "app",
    "resources",
    "packaging/bundle.py",
    "packaging/contents.py",
    "packaging/licences",
    "packaging/parts.py",
    "packaging/pyinstaller",
    "packaging/requirements",
)

Tell = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Windows:
    """The Windows under Wine, and what was made for it."""

    machine: wine.Wine
    build: Path
    installer: Path
    older: Path
    tell: Tell

    def path(self, name: str) -> Path:
        """Return where this machine has the file that Windows calls `name`."""
        return self.machine.drive / name.removeprefix("C:/")

    def run(self, *command: str) -> str:
        """Run a program, which must succeed; returns what it wrote."""
        code, output = self.machine.program(command)
        assert code == 0, f"{command}: {code}\n{output}"
        return output

    def install(self, step: str, *words: str) -> None:
        """Run the installer without a question; its log is C:/reports/msi-STEP.log."""
        log = self.path(f"{REPORTS}/msi-{step}.log")
        log.parent.mkdir(exist_ok=True)
        log.unlink(missing_ok=True)
        began = time.monotonic()
        self.run("msiexec", *words, "/qn", "/l*v", f"C:\\reports\\{log.name}")
        self.tell(TITLE, step, f"{time.monotonic() - began:.0f} s, logged in {log}")

    def oathdesk(self, *words: str) -> str:
        """Run a command of the installed program, which must succeed; returns what it wrote."""
        return self.run(f"{INSTALLED}/oathdesk-console.exe", *words)

    def value(self, key: str, name: str) -> str | None:
        """Return a value of the registry as text, or None where there is none."""
        code, output = self.machine.program(["reg", "query", key, "/v", name])
        rows = [line.split(None, 2) for line in output.splitlines() if name in line.split()[:1]]
        return rows[0][2].strip() if code == 0 and rows else None


@pytest.fixture(scope="module")
def windows(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Windows:
    """The machine, with the signed installers of two versions on it and nothing installed."""
    if not (request.config.getoption("--windows") and request.config.getoption("--packages")):
        pytest.skip("uses Wine: python3 packaging/bootstrap.py test --windows --packages")
    machine = wine.Wine(ROOT, wine.folder_for(), print)
    machine.set_up()
    machine.copy_checkout()
    build = _built(machine)
    work = tmp_path_factory.mktemp("windows")
    made = machine.drive / "oathdesk" / bundle.WORK
    for program in build.glob("*.exe"):
        _sign(program, work)
    installers = []
    for version in (release.version(), OLDER):
        made_of = msi.Build(build, made, version)
        file = msi.build(ROOT, made_of, machine.drive / "packages", nothing)
        installers.append(_sign(file, work))
    _clean(machine)
    return Windows(machine, build, installers[0], installers[1], _tell(request))


def _tell(request: pytest.FixtureRequest) -> Tell:
    """Return what adds a row to a table at the end of the run, for a fixture of a module."""

    def told(title: str, *cells: str) -> None:
        request.config.stash[TOLD].setdefault(title, []).append(list(cells))

    return told


def _built(machine: wine.Wine) -> Path:
    """Make the build on Windows Python, by the one command; returns its folder.

    One that was made of the same sources is taken again: it takes minutes.
    """
    folder = machine.drive / "packages" / "dist" / release.NAME
    stamp, digest = machine.folder / "dist.made", _digest_of_sources()
    if stamp.exists() and stamp.read_text("ascii") == digest and folder.is_dir():
        return folder
    stamp.unlink(missing_ok=True)
    python = machine.make_build_python()
    command = [python, "packaging/bootstrap.py", "package", "bundle", "--python", python]
    code, output = machine.program(
        [*command, "--into", f"{PACKAGES}/dist"], {"SOURCE_DATE_EPOCH": str(release.made_at())}
    )
    assert code == 0, output
    stamp.write_text(digest, "ascii")
    return folder


def _digest_of_sources() -> str:
    """Return a digest of what a build is made of."""
    digest = hashlib.sha256()
    listed = said("git", "-C", ROOT, "ls-files", *MADE_OF).splitlines()
    for name in sorted(listed):
        if (file := ROOT / name).is_file():
            digest.update(f"{name} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sign(file: Path, work: Path) -> Path:
    """Sign `file` with a certificate of this test, which no machine trusts; returns it."""
    osslsigncode, key, certificate = (
        tool("osslsigncode", "osslsigncode"),
        work / "key",
        work / "crt",
    )
    if not key.exists():
        kind = [
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "3",
            "-subj",
            "/CN=Oathdesk test",
        ]
        use = ["-addext", "extendedKeyUsage=codeSigning"]
        files: list[str | Path] = ["-keyout", key, "-out", certificate]
        said(tool("openssl", "openssl"), "req", *kind, *use, *files)
    signed = file.with_suffix(".signed")
    by: list[str | Path] = ["-certs", certificate, "-key", key, "-h", "sha256", "-n", "Oathdesk"]
    said(osslsigncode, "sign", *by, "-in", file, "-out", signed)
    verified = said(osslsigncode, "verify", "-CAfile", certificate, "-in", signed)
    assert "Succeeded" in verified, verified
    signed.replace(file)
    return file


def _clean(machine: wine.Wine) -> None:
    """Take away what a run before this one has left, if it was interrupted."""
    for name in (release.version(), OLDER):
        machine.program(["msiexec", "/x", _product(name), "/qn"])
    for branch in (r"HKLM\Software\Policies\Oathdesk", r"HKCU\Software\Oathdesk"):
        machine.program(["reg", "delete", branch, "/f"])
    shutil.rmtree(machine.drive / "Program Files" / "Oathdesk", ignore_errors=True)
    shutil.rmtree(_local_data(machine), ignore_errors=True)


def _local_data(machine: wine.Wine) -> Path:
    return machine.drive / "users" / "root" / "AppData" / "Local" / "Oathdesk"


def test_the_build_carries_nothing_that_tests_or_other_packages_brought(windows: Windows) -> None:
    names = {
        path.relative_to(windows.build).as_posix().lower() for path in windows.build.rglob("*")
    }
    strangers = (
        "pywin32",
        "pythoncom",
        "win32api",
        "yaml",
        "pytest",
        "hypothesis",
        "pymsalruntime",
    )
    assert not [name for name in names if any(each in name for each in strangers)]
    plugins = {contents.plugin_of(name) for name in names if "pyside6/plugins" in name}
    assert "platforms/qwindows.dll".partition(".")[0] in {
        name.rpartition("plugins/")[2].partition(".")[0] for name in names
    }, plugins
    bill = json.loads(next(windows.build.parent.glob("*.cdx.json")).read_text("utf-8"))
    parts = {part["name"].lower() for part in bill["components"]}
    assert {"pyside6-essentials", "pyscard", "msal"} <= parts
    assert not parts & {"pywin32", "pyyaml", "pytest", "yubikey-manager"}


def test_the_programs_say_what_they_are(windows: Windows) -> None:
    for name, subsystem in (("oathdesk.exe", 2), ("oathdesk-console.exe", 3)):
        program = (windows.build / name).read_bytes()
        header = struct.unpack_from("<I", program, 0x3C)[0]
        assert struct.unpack_from("<H", program, header + 92)[0] == subsystem  # windowed, terminal
        assert release.version().encode("utf-16-le") in program


def test_it_installs_without_a_question_and_starts_as_it_was_told(windows: Windows) -> None:
    given = [f"TENANTID={TENANT}", f"CLIENTID={CLIENT}", "TENANTNAME=Contoso", "DESKNAME=Lobby"]
    windows.install("installation", "/i", _windows_path(windows.older), *given)
    assert windows.oathdesk("--version").strip() == f"Oathdesk {release.version()}"
    assert "sound" in windows.oathdesk("config", "check")
    settings = windows.oathdesk("config", "show")
    (desk,) = (line for line in settings.splitlines() if line.startswith("desk.name"))
    assert "Lobby" in desk
    assert "locked" in desk
    assert windows.path("C:/ProgramData/Oathdesk").is_dir()
    assert _menu_entries(windows)


def test_what_windows_itself_asks_for_is_where_it_looks(windows: Windows) -> None:
    templates = windows.path("C:/windows/PolicyDefinitions")
    assert (templates / "oathdesk.admx").exists()
    assert (templates / "en-US" / "oathdesk.adml").exists()
    source = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Oathdesk"
    messages = windows.value(source, "EventMessageFile")
    assert (messages or "").lower() == r"c:\windows\system32\eventcreate.exe"
    assert (windows.path(INSTALLED) / "kiosk" / "kiosk.ps1").exists()


def test_the_tour_runs_to_its_end_from_the_installed_program(windows: Windows) -> None:
    folder = windows.path("C:/reports/tour")
    shutil.rmtree(folder, ignore_errors=True)
    with wine.screen() as variables:
        code, output = windows.machine.program(
            [f"{INSTALLED}/oathdesk-console.exe", "demo", "--tour", "C:/reports/tour"], variables
        )
    assert code == 0, output
    report = json.loads((folder / "tour.json").read_text("utf-8"))
    assert report["agreed"] is True
    assert len(list(folder.glob("*.png"))) == len(report["steps"])


def test_how_large_it_is_and_how_long_it_takes_to_its_window(windows: Windows, tell: Tell) -> None:
    tell(TITLE, "installer", f"{windows.installer.stat().st_size / 1e6:.0f} MB")
    files = [path for path in windows.path(INSTALLED).rglob("*") if path.is_file()]
    tell(TITLE, "installed", f"{sum(file.stat().st_size for file in files) / 1e6:.0f} MB")
    with wine.screen() as variables:
        command = [f"{INSTALLED}/oathdesk.exe", "demo"]
        took = seconds_to_window(partial(windows.machine.shown, command, variables), variables)
    tell(TITLE, "start of Wine and the practice tenant to its window", took)


def test_an_upgrade_keeps_what_was_given_and_the_record(windows: Windows, tmp_path: Path) -> None:
    record = _local_data(windows.machine) / TENANT / "ledger.db"
    _keep_a_record(tmp_path / "ledger.db", record)
    before = windows.oathdesk("ledger", "show")
    assert before.strip()
    windows.install("upgrade", "/i", _windows_path(windows.installer))
    assert _versions(windows) == [release.for_windows(release.version())]
    windows.oathdesk("ledger", "verify")
    assert windows.oathdesk("ledger", "show") == before
    settings = windows.oathdesk("config", "show")
    assert all(each in settings for each in ("Lobby", TENANT, CLIENT))
    assert len(_menu_entries(windows)) == 1


def _keep_a_record(made: Path, target: Path) -> None:
    ledger = SqliteLedger(made)
    ledger.open()
    ledger.append(intent_of("first"))
    for number, state in enumerate((State.SUBMITTING, State.ASSIGNED), start=1):
        ledger.append(state_of("first", state, number))
    ledger.close()
    target.parent.mkdir(parents=True)
    shutil.copy(made, target)


def test_an_older_version_does_not_take_the_place_of_a_newer_one(windows: Windows) -> None:
    code, _ = windows.machine.program(["msiexec", "/i", _windows_path(windows.older), "/qn"])
    assert code != 0
    assert _versions(windows) == [release.for_windows(release.version())]


def test_a_repair_brings_back_what_was_lost(windows: Windows) -> None:
    installed = windows.path(INSTALLED)
    lost = [installed / "oathdesk.exe", installed / "_internal" / "PySide6" / "Qt6Core.dll"]
    for file in lost:
        file.unlink()
    repair = ("REINSTALL=ALL", "REINSTALLMODE=a")  # as /fa, which Wine does not carry out
    windows.install("repair", "/i", _windows_path(windows.installer), *repair)
    assert all(file.exists() for file in lost)
    assert windows.oathdesk("--version")
    assert "Lobby" in windows.oathdesk("config", "show")


def test_a_removal_takes_the_program_and_leaves_the_record(windows: Windows) -> None:
    machine_file = windows.path("C:/ProgramData/Oathdesk/config.toml")
    machine_file.write_text('[look]\nlanguage = "de"\n', "utf-8")
    record = _local_data(windows.machine) / TENANT / "ledger.db"
    kept = record.read_bytes()
    windows.install("removal", "/x", _windows_path(windows.installer))
    assert not windows.path(INSTALLED).exists()
    assert not windows.path("C:/windows/PolicyDefinitions/oathdesk.admx").exists()
    assert windows.value(r"HKLM\Software\Policies\Oathdesk\desk", "name") is None
    assert _versions(windows) == []
    assert not _menu_entries(windows)
    assert machine_file.exists()
    machine_file.unlink()
    assert record.read_bytes() == kept


def _versions(windows: Windows) -> list[str]:
    """Return the versions of Oathdesk that Windows lists among the installed programs."""
    branch = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
    code, output = windows.machine.program(["reg", "query", branch, "/s"])
    assert code == 0, output
    found = []
    for entry in output.split("HKEY_LOCAL_MACHINE"):
        rows = (line.split(None, 2) for line in entry.splitlines())
        told = {row[0]: row[2].strip() for row in rows if len(row) == 3}
        if told.get("DisplayName") == "Oathdesk":
            found.append(told["DisplayVersion"])
    return sorted(found)


def _menu_entries(windows: Windows) -> list[Path]:
    """Return the program's entries in the menu; Wine makes one of all users for one user alone."""
    users = (windows.path("C:/ProgramData"), windows.path("C:/users/root/AppData/Roaming"))
    menus = (folder / "Microsoft/Windows/Start Menu" for folder in users)
    return [entry for menu in menus for entry in menu.rglob("Oathdesk.lnk")]


def _product(version: str) -> str:
    """Return the code by which Windows knows the program in this version."""
    return f"{{{sbom.derived(f'product {version}').upper()}}}"


def _windows_path(file: Path) -> str:
    return f"C:\\packages\\{file.name}"
