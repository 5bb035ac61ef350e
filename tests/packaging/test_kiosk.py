"""`oathdesk-kiosk` on the tree of a machine that does not run: what it changes, and undoes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.core.cloud import Cloud
from app.core.signin import SignInMethod
from app.settings.loading import Sources, load
from app.station_config import confined_to, methods_of
from tests.packaging.builds import ROOT, said, tool

KIOSK = ROOT / "packaging" / "linux" / "kiosk"
COMMAND = KIOSK / "oathdesk-kiosk"
UNITS = Path("usr/lib/systemd/system")
GETTY, CTRL_ALT_DEL = "getty@tty1.service", "ctrl-alt-del.target"


class Machine:
    """The tree of a machine at `root`, with both packages in it and a display manager."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shared = root / "usr/share/oathdesk-kiosk"
        shared.mkdir(parents=True)
        for name in ("config.toml", "logind.conf", "polkit.rules", "sysctl.conf"):
            shutil.copy(KIOSK / name, shared)
        self._unit("oathdesk-kiosk.service", (KIOSK / "oathdesk-kiosk.service").read_text("utf-8"))
        for name in ("getty@.service", "autovt@.service", "gdm.service"):
            self._unit(name, "[Service]\nExecStart=/bin/true\n")
        for name in ("graphical.target", "multi-user.target", CTRL_ALT_DEL):
            self._unit(name, "[Unit]\nDescription=A target\n")
        (root / "etc/oathdesk").mkdir(parents=True)
        settings = root / "etc/systemd/system"
        settings.mkdir(parents=True)
        (settings / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
        (settings / "display-manager.service").symlink_to("/usr/lib/systemd/system/gdm.service")
        (root / "etc/default").mkdir()
        (root / "etc/default/keyboard").write_text('XKBLAYOUT="de"\nBACKSPACE="guess"\n')
        (root / "etc/default/locale").write_text("LANG=de_DE.UTF-8\n")

    def _unit(self, name: str, text: str) -> None:
        file = self.root / UNITS / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.root / "etc/oathdesk/config.toml"

    def tree(self) -> dict[str, str]:
        """Every file and link of the machine, with what it holds or where it leads."""
        paths = [path for path in self.root.rglob("*") if path.is_symlink() or path.is_file()]
        return {
            str(path.relative_to(self.root)): str(path.readlink())
            if path.is_symlink()
            else path.read_text("utf-8")
            for path in paths
        }

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = ["sh", str(COMMAND), "--root", str(self.root), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def leads(self, name: str) -> str:
        """Where the link of a unit leads, "" where there is none."""
        link = self.root / "etc/systemd/system" / name
        return str(link.readlink()) if link.is_symlink() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    tool("systemctl", "systemd")
    if os.geteuid() != 0:
        pytest.skip("needs root, as the command itself does")
    return Machine(tmp_path / "machine")


def test_the_machine_starts_into_the_kiosk_and_offers_no_login(machine: Machine) -> None:
    assert machine.run("enable").returncode == 0
    wanted = machine.root / "etc/systemd/system/graphical.target.wants/oathdesk-kiosk.service"
    assert wanted.is_symlink()
    assert machine.leads("default.target").endswith("graphical.target")
    assert machine.leads(GETTY) == machine.leads(CTRL_ALT_DEL) == "/dev/null"
    assert machine.leads("display-manager.service") == ""
    assert machine.run("status").returncode == 0


def test_undoing_it_gives_the_machine_that_was(machine: Machine) -> None:
    machine.config.write_text('[desk]\nname = "Lobby"\n')
    before = machine.tree()
    machine.run("enable")
    assert machine.tree() != before
    assert machine.run("disable").returncode == 0
    assert machine.tree() == before
    assert machine.run("status").returncode == 3


def test_the_configuration_is_locked_and_otherwise_kept(machine: Machine) -> None:
    machine.config.write_text('[desk]\nname = "Lobby"\n')
    machine.run("enable")
    first, *rest = machine.config.read_text().splitlines()
    assert first.startswith('locked = ["*"]')
    assert rest == ["[desk]", 'name = "Lobby"']


def test_what_an_administrator_locked_stays_as_they_wrote_it(machine: Machine) -> None:
    text = 'locked = ["tenant.*"]\n'
    machine.config.write_text(text)
    machine.run("enable")
    assert machine.config.read_text() == text


def test_a_given_configuration_takes_the_place_of_the_one_there_until_it_is_undone(
    machine: Machine, tmp_path: Path
) -> None:
    machine.config.write_text('[desk]\nname = "Lobby"\n')
    given = tmp_path / "kiosk.toml"
    given.write_text('locked = ["*"]\n[desk]\nname = "Kiosk"\n')
    machine.run("enable", "--config", given)
    assert machine.config.read_text() == given.read_text()
    machine.run("disable")
    assert machine.config.read_text() == '[desk]\nname = "Lobby"\n'


PIN_LINE = '[kiosk]\nenabled = true\npin = "scrypt:0011"\n'
GROUP = 4_711


def mode_and_group(file: Path) -> tuple[str, int]:
    found = file.stat()
    return f"{found.st_mode & 0o777:o}", found.st_gid


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
@pytest.mark.parametrize("text", [PIN_LINE, 'locked = ["*"]\n' + PIN_LINE])
def test_t11_a_private_configuration_is_opened_to_the_kiosk_alone(
    machine: Machine, tmp_path: Path, mode: int, text: str
) -> None:
    (machine.root / "etc/group").write_text(f"root:x:0:\noathdesk-kiosk:x:{GROUP}:\n")
    given = tmp_path / "kiosk.toml"
    given.write_text(text)
    given.chmod(mode)
    assert machine.run("enable", "--config", given).returncode == 0
    assert mode_and_group(machine.config) == ("640", GROUP)
    assert machine.config.read_text().endswith(PIN_LINE)


def test_t11_without_the_kiosks_group_it_is_its_owners_alone_and_that_is_said(
    machine: Machine, tmp_path: Path
) -> None:
    given = tmp_path / "kiosk.toml"
    given.write_text(PIN_LINE)
    given.chmod(0o600)
    told = machine.run("enable", "--config", given).stdout
    assert mode_and_group(machine.config)[0] == "600"
    assert "Let the group oathdesk-kiosk read it" in told


def test_t11_a_private_configuration_that_is_there_stays_private(machine: Machine) -> None:
    (machine.root / "etc/group").write_text(f"oathdesk-kiosk:x:{GROUP}:\n")
    machine.config.write_text(PIN_LINE)
    machine.config.chmod(0o600)
    assert machine.run("enable").returncode == 0
    assert mode_and_group(machine.config) == ("640", GROUP)
    assert machine.run("disable").returncode == 0
    assert mode_and_group(machine.config) == ("600", 0)


def test_t11_a_configuration_that_everybody_may_read_stays_so(
    machine: Machine, tmp_path: Path
) -> None:
    given = tmp_path / "kiosk.toml"
    given.write_text('[desk]\nname = "Kiosk"\n')
    given.chmod(0o644)
    machine.run("enable", "--config", given)
    assert mode_and_group(machine.config)[0] == "644"


def test_a_configuration_changed_since_is_not_thrown_away(machine: Machine) -> None:
    machine.config.write_text('[desk]\nname = "Lobby"\n')
    machine.run("enable")
    changed = machine.config.read_text() + "# and more\n"
    machine.config.write_text(changed)
    told = machine.run("disable").stdout
    assert machine.config.read_text() == changed
    assert "was changed since, and stays" in told
    before = machine.config.with_name("config.toml.before-kiosk")
    assert before.read_text() == '[desk]\nname = "Lobby"\n'


def test_without_a_configuration_a_locked_beginning_is_there_and_said_to_be_one(
    machine: Machine,
) -> None:
    told = machine.run("enable").stdout
    assert "names no tenant yet" in told
    assert 'locked = ["*"]' in machine.config.read_text()


def test_the_session_speaks_the_language_and_the_keyboard_of_the_machine(machine: Machine) -> None:
    machine.run("enable")
    told = (machine.root / "etc/oathdesk/kiosk.environment").read_text()
    assert told == 'LANG=de_DE.UTF-8\nXKB_DEFAULT_LAYOUT="de"\n'


def test_a_kiosk_is_not_made_twice_and_a_workstation_not_undone(machine: Machine) -> None:
    before = machine.tree()
    assert "nothing to undo" in machine.run("disable").stdout
    assert machine.tree() == before
    machine.run("enable")
    made = machine.tree()
    again = machine.run("enable")
    assert (again.returncode, machine.tree()) == (1, made)
    assert "is a kiosk already" in again.stderr


def test_a_configuration_that_is_not_there_changes_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    before = machine.tree()
    done = machine.run("enable", "--config", tmp_path / "none.toml")
    assert done.returncode == 1
    assert machine.tree() == before


@pytest.mark.parametrize(
    "words", [(), ("destroy",), ("enable", "now"), ("disable", "now"), ("enable", "--config")]
)
def test_what_is_not_understood_changes_nothing(machine: Machine, words: tuple[str, ...]) -> None:
    before = machine.tree()
    assert machine.run(*words).returncode == 2
    assert machine.tree() == before


def test_the_sessions_walls_are_thick() -> None:
    systemd = tool("systemd-analyze", "systemd")
    unit = KIOSK / "oathdesk-kiosk.service"
    said(systemd, "security", "--offline=yes", "--threshold=40", unit)  # of 100, less is safer


@pytest.mark.parametrize(
    "line",
    [
        "Restart=always",
        "StartLimitIntervalSec=0",
        "NoExecPaths=/ /var/lib/oathdesk-kiosk /run /run/user /tmp /var/tmp /dev/shm",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "User=oathdesk-kiosk",
        "ExecPaths=-/usr/lib/chromium -/usr/bin/setpriv",  # the browser, and what ends it with us
        "RestrictNamespaces=user pid net",  # without these Chromium has no sandbox
    ],
)
def test_the_session_keeps_what_makes_it_a_kiosk(line: str) -> None:
    assert line in (KIOSK / "oathdesk-kiosk.service").read_text("utf-8").splitlines()


def test_the_compositor_is_never_allowed_to_switch_terminals() -> None:
    unit = (KIOSK / "oathdesk-kiosk.service").read_text("utf-8")
    start = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert start == "ExecStart=/usr/bin/cage -d -- /usr/lib/oathdesk/oathdesk kiosk run --once"


def test_the_policies_of_the_browser_are_written_by_root_before_each_start() -> None:
    unit = (KIOSK / "oathdesk-kiosk.service").read_text("utf-8")
    before = next(line for line in unit.splitlines() if line.startswith("ExecStartPre="))
    assert before.startswith("ExecStartPre=-+")  # with root's rights; a failure shows on the page
    assert before.endswith("/usr/lib/oathdesk/oathdesk kiosk policy --install")


def test_the_shipped_configuration_signs_people_in_in_the_confined_browser(tmp_path: Path) -> None:
    text = (KIOSK / "config.toml").read_text("utf-8").replace("#browser_hosts", "browser_hosts")
    file = tmp_path / "config.toml"
    tenant = '[tenant]\nid = "11111111-2222-3333-4444-555555555555"\n'
    file.write_text(f'{text}\n{tenant}client_id = "66666666-7777-8888-9999-000000000000"\n')
    loaded = load(Sources(file, tmp_path / "none.toml"))
    assert [str(each) for each in loaded.errors] == []
    assert methods_of(loaded.configuration) == (SignInMethod.CONFINED,)
    wanted = confined_to(loaded.configuration)
    assert wanted.hosts == (*Cloud.GLOBAL.sign_in_hosts, "adfs.contoso.example")


def test_undoing_the_kiosk_takes_the_policies_of_the_browser_away(machine: Machine) -> None:
    policies = machine.root / "etc/chromium/policies/managed"
    policies.mkdir(parents=True)
    (policies / "company.json").write_text("{}")
    machine.run("enable")
    (policies / "zz-oathdesk-kiosk.json").write_text("{}")  # as the unit writes it
    machine.run("disable")
    assert [each.name for each in policies.iterdir()] == ["company.json"]
