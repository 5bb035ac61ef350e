"""The kiosk on a started Debian: one command makes it, keys do not open it, one undoes it.

With --packages. A container starts the machine, systemd and all; its screen is a virtual one, in
whose window the compositor shows the kiosk, so keys and taps go the whole way through it. A
container has no graphics card and no terminals to switch to, so these are not seen here.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.browser.confined import PROGRAM, options
from app.browser.policy import REDIRECT_PORTS
from app.core.signin import ScreenArea
from tests.packaging.bare import Bare

ATTACK_SECONDS = 30
"""How long keys are pressed; ten times as long with --long."""

KEYS = (
    *"abcxyz0189",
    *(f"F{number}" for number in range(1, 13)),
    *("Tab", "Escape", "Return", "space", "Menu", "Print", "Delete", "Home", "Up", "Left"),
    *("Super_L", "XF86PowerOff", "XF86WWW", "XF86Terminal", "XF86Switch_VT_2"),
)
MODIFIERS = ("", "ctrl", "alt", "super", "shift", "ctrl+alt", "ctrl+shift", "alt+shift")

CONFIGURATION = """\
[tenant]
id = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
name = "Contoso"

[desk]
name = "Kiosk"

[signin]
methods = ["device-code"]
"""

SCREEN = """\
[Unit]
Description=A screen that nobody looks at
[Service]
ExecStart=/usr/bin/Xvfb :77 -screen 0 1280x800x24
"""

# A container has no terminals and no graphics card; the rest of the unit is as it is installed.
IN_A_CONTAINER = """\
[Unit]
ConditionPathExists=
Requires=screen.service
After=screen.service
[Service]
TTYPath=
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
StandardInput=null
UtmpIdentifier=
Environment=WLR_BACKENDS=x11 WLR_RENDERER=pixman DISPLAY=:77
"""

PAGE = '<!doctype html><title>A page</title><body style="background:#00aa00">'
"""A page of one color, on a port that the policies let the sign-in come back to."""

# Chromium alone in the kiosk's unit: all that hardens the session is as it is installed.
BROWSER_IN_THE_UNIT = """\
[Service]
ExecStartPre=
ExecStart=
ExecStart=/usr/bin/cage -d -- /usr/bin/setpriv --pdeathsig KILL -- {browser} {options} {address}
Restart=no
Environment=HOME=/var/lib/oathdesk-kiosk DBUS_SESSION_BUS_ADDRESS=disabled:
"""
ADDRESS = f"http://localhost:{REDIRECT_PORTS[-1]}/page.html"

TEST = """\
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh /root/test.sh
ExecStopPost=/usr/bin/systemctl poweroff
[Install]
WantedBy=multi-user.target
"""

SCRIPT = """\
cd /root
note() {{ name=$1; shift; "$@" >"/root/seen/$name" 2>&1; echo $? >"/root/seen/$name.code"; }}
until_() {{
    i=0
    while ! "$@" >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 300 ] || return 1; sleep 0.2; done
}}
program() {{ pgrep -o -u oathdesk-kiosk -f '^/usr/lib/oathdesk/oathdesk'; }}
another() {{ now=$(program) && [ "$now" != "$1" ]; }}
inside() {{ nsenter --target "$(program)" --mount "$@"; }}
seen() {{ ps -u oathdesk-kiosk -o comm= | sort -u; }}
dressed() {{ [ "$(import -window root -format %k info:)" -gt 20 ]; }}
gone() {{ ! program; }}
export DISPLAY=:77
mkdir -p /root/seen
note enable oathdesk-kiosk enable --config /root/kiosk.toml
until_ program
until_ dressed
note shown import -window root /root/seen/before.png
note getty systemctl is-enabled getty@tty1.service
note target systemctl get-default
note locked head -1 /etc/oathdesk/config.toml
timeout {seconds} sh -c 'while :; do xdotool - </root/keys; done'
until_ program
until_ dressed
note active systemctl is-active oathdesk-kiosk.service
note processes seen
note shown_after import -window root /root/seen/after.png
note shell inside /bin/sh -c 'echo a shell'
note shell_by_the_loader inside /lib64/ld-linux-x86-64.so.2 /bin/sh -c 'echo a shell'
note itself inside /usr/lib/oathdesk/oathdesk --version
note mounts cat "/proc/$(program)/mountinfo"
user=$(id -u oathdesk-kiosk)
for place in /var/lib/oathdesk-kiosk "/run/user/$user" /tmp /var/tmp /dev/shm; do
    cp /bin/true "/proc/$(program)/root$place/put-there" || echo "$place was not written"
    inside "$place/put-there" && echo "$place executes"
done >/root/seen/executes 2>/root/seen/denied
killed=$(program)
kill -9 "$killed"
until_ another "$killed"
note again program
systemctl stop oathdesk-kiosk.service
cp -r /etc/systemd/system/oathdesk-kiosk.service.d /etc/systemd/system/browser.service.d
cp /root/browser.conf /etc/systemd/system/browser.service.d/browser.conf
cp /usr/lib/systemd/system/oathdesk-kiosk.service /etc/systemd/system/browser.service
busybox httpd -p 127.0.0.1:{port} -h /root/page
systemctl daemon-reload
systemctl start browser.service
color() {{ import -window root -crop 1x1+500+500 -depth 8 -format '%[hex:p{{0,0}}]' info:; }}
green() {{ color | grep -qi '^00AA00'; }}
until_ green
note browser_shows color
note browser_runs systemctl is-active browser.service
note browser_picture import -window root /root/seen/browser.png
systemctl stop browser.service
systemctl start oathdesk-kiosk.service
until_ program
note disable oathdesk-kiosk disable
note getty_after systemctl is-enabled getty@tty1.service
note target_after systemctl get-default
until_ gone
note program_after program
note journal journalctl --no-pager --unit oathdesk-kiosk.service
"""


class Seen:
    """What the script noted inside: for each name what was said, and the exit code."""

    def __init__(self, folder: Path, console: str) -> None:
        self.folder = folder
        self.console = console

    def __getitem__(self, name: str) -> str:
        file = self.folder / name
        assert file.exists(), f"{name} was not noted. The console said:\n{self.console[-3000:]}"
        return file.read_text(encoding="utf-8", errors="replace").strip()

    def code(self, name: str) -> int:
        return int(self[f"{name}.code"])


def _keys(count: int) -> Iterator[str]:
    """Lines for xdotool: keys with modifiers, and taps anywhere on the screen."""
    chance = random.Random(20261125)  # noqa: S311 - the same attack every time
    for _ in range(count):
        if chance.random() < 0.2:
            at = f"{chance.randrange(1024)} {chance.randrange(768)}"
            yield f"mousemove {at} click {chance.choice('12345')}"
        else:
            yield f"key {'+'.join(filter(None, (chance.choice(MODIFIERS), chance.choice(KEYS))))}"


@pytest.fixture(scope="module")
def seen(
    bare: Bare, made: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """A machine that was started, made a kiosk, attacked, and made what it was."""
    if shutil.which("systemd-nspawn") is None:
        pytest.skip("needs systemd-nspawn: apt-get install systemd-container")
    folder = tmp_path_factory.mktemp("session")
    machine = bare.copy(folder / "machine")
    machine.install("systemd-sysv", "xvfb", "xdotool", "imagemagick", "procps", "busybox")
    machine.install(*sorted(made.glob("*.deb")))
    seconds = ATTACK_SECONDS * (10 if request.config.getoption("--long") else 1)
    machine.write("/root/kiosk.toml", CONFIGURATION)
    machine.write("/root/keys", "\n".join(_keys(2000)) + "\n")
    machine.write("/root/test.sh", SCRIPT.format(seconds=seconds, port=REDIRECT_PORTS[-1]))
    machine.write("/root/page/page.html", PAGE)
    profile = Path("/var/lib/oathdesk-kiosk/profile")
    chromium = " ".join(options(profile, ScreenArea(), on_wayland=True))
    browser = BROWSER_IN_THE_UNIT.format(browser=PROGRAM, options=chromium, address=ADDRESS)
    machine.write("/root/browser.conf", browser)
    units = "/etc/systemd/system"
    machine.write(f"{units}/screen.service", SCREEN)
    machine.write(f"{units}/oathdesk-kiosk.service.d/container.conf", IN_A_CONTAINER)
    machine.write(f"{units}/test.service", TEST)
    machine.run("systemctl", "enable", "test.service")
    return Seen(machine.root / "root" / "seen", machine.start())


def test_one_command_makes_the_kiosk(seen: Seen) -> None:
    assert seen.code("enable") == 0, seen["enable"]
    assert seen["target"] == "graphical.target"
    assert seen["getty"] == "masked"
    assert seen["locked"].startswith('locked = ["*"]')


def test_after_the_attack_the_program_is_there_and_nothing_else(seen: Seen) -> None:
    assert seen["active"] == "active"
    ours = {"cage", "oathdesk"}
    of_the_system = {"(sd-pam)", "systemd", "dbus-daemon"}  # Chromium's package brings the last
    assert ours <= set(seen["processes"].splitlines()) <= ours | of_the_system
    assert seen.code("shown_after") == 0


def test_no_second_program_can_be_executed_in_the_session(seen: Seen) -> None:
    assert seen.code("shell") != 0
    assert "Permission denied" in seen["shell"]
    assert seen.code("shell_by_the_loader") != 0
    assert seen.code("itself") == 0


def test_nothing_that_is_put_where_the_session_may_write_is_executed(seen: Seen) -> None:
    assert seen["executes"] == ""
    assert seen["denied"].count("Permission denied") == 5


def test_the_system_is_read_only_to_the_session(seen: Seen) -> None:
    mounts = {line.split()[4]: line.split()[5].split(",") for line in seen["mounts"].splitlines()}
    assert {"ro", "noexec"} <= set(mounts["/"])
    assert {"ro", "noexec"} <= set(mounts["/home"])


def test_the_program_comes_back_when_it_dies(seen: Seen) -> None:
    assert seen.code("again") == 0, seen["journal"]


def test_chromium_shows_a_page_in_the_hardened_session(seen: Seen) -> None:
    assert seen["browser_runs"] == "active"
    assert seen["browser_shows"].upper().startswith("00AA00")


def test_one_command_undoes_it(seen: Seen) -> None:
    assert seen.code("disable") == 0, seen["disable"]
    assert seen["getty_after"] == "enabled"
    assert seen.code("program_after") != 0
