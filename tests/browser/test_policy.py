"""The policies confine Chromium to the sign-in, and each file in their folder counts."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from app.browser.policy import (
    REDIRECT_PORTS,
    RULES,
    WIDENING,
    Wanted,
    as_json,
    check_policies,
    policies,
)
from app.core.cloud import Cloud
from app.core.errors import BrowserNotConfined
from app.core.signin import Unconfined

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs users and modes of POSIX")

WANTED = Wanted(("login.microsoftonline.com", "adfs.contoso.example:8443"))
ME = os.getuid() if os.name == "posix" else 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of policies that confine the browser, as they are installed."""
    made = tmp_path / "policies" / "managed"
    made.mkdir(parents=True)
    for each in (tmp_path, made.parent, made):
        each.chmod(0o755)
    put(made / "zz-oathdesk-kiosk.json", as_json(policies(WANTED)))
    return made


def put(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)


def refused(folder: Path, wanted: Wanted = WANTED) -> BrowserNotConfined:
    with pytest.raises(BrowserNotConfined) as caught:
        check_policies(wanted, folder, ME)
    return caught.value


def test_everything_is_blocked_but_the_hosts_and_the_ports_of_the_way_back() -> None:
    made = policies(WANTED)
    assert "*" in RULES["URLBlocklist"]  # type: ignore[operator] # - it is a list
    assert made["URLAllowlist"] == [
        "https://login.microsoftonline.com",
        "https://adfs.contoso.example:8443",
        *(f"http://.localhost:{port}" for port in REDIRECT_PORTS),
    ]


@pytest.mark.parametrize("cloud", list(Cloud))
def test_the_sign_in_host_of_each_cloud_is_among_its_pages(cloud: Cloud) -> None:
    assert cloud.sign_in_hosts[0] == cloud.login_host
    assert all(re.fullmatch(r"[a-z.-]+", host) for host in cloud.sign_in_hosts)


def test_what_was_written_confines(folder: Path) -> None:
    check_policies(WANTED, folder, ME)


@pytest.mark.parametrize("name", [*RULES, "URLAllowlist"])
def test_each_policy_is_needed(folder: Path, name: str) -> None:
    less = policies(WANTED)
    del less[name]
    put(folder / "zz-oathdesk-kiosk.json", as_json(less))
    error = refused(folder)
    assert error.why is Unconfined.OTHER_POLICY
    assert error.problem == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URLBlocklist", []),
        ("URLAllowlist", ["*"]),
        ("DeveloperToolsAvailability", 1),
        ("PrintingEnabled", True),
        ("DownloadRestrictions", True),  # a flag where Chromium wants a number is skipped
        ("PrintingEnabled", 0),
        ("ProxySettings", {"ProxyMode": "fixed_servers", "ProxyServer": "http://evil.example"}),
        ("CACertificates", ["TUlJ"]),
        *((name, ["https://evil.example"]) for name in sorted(WIDENING)),
    ],
)
def test_a_later_file_that_loosens_them_is_found(folder: Path, name: str, value: object) -> None:
    put(folder / "zzz.txt", json.dumps({name: value}))  # Chromium reads files of any name
    error = refused(folder)
    assert error.why is Unconfined.OTHER_POLICY
    assert error.problem == name


def test_an_earlier_file_is_outranked(folder: Path) -> None:
    put(folder / "00-company.json", json.dumps({"PrintingEnabled": True, "HomepageLocation": "x"}))
    check_policies(WANTED, folder, ME)


def test_a_folder_of_its_own_in_it_is_not_read(folder: Path) -> None:
    below = folder / "zzz"
    below.mkdir()
    below.chmod(0o755)
    put(below / "more.json", json.dumps({"PrintingEnabled": True}))
    check_policies(WANTED, folder, ME)


@pytest.mark.parametrize("missing", ["folder", "files"])
def test_without_policies_nothing_is_confined(folder: Path, missing: str) -> None:
    (folder / "zz-oathdesk-kiosk.json").unlink()
    if missing == "folder":
        folder.rmdir()
    assert refused(folder).why is Unconfined.NO_POLICY


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"x"', '{"PrintingEnabled": true,}', '{"A": 1, "A": 2}', "\x00", "[" * 100_000],
    ids=["empty", "cut", "list", "text", "comma", "twins", "binary", "deep"],
)
def test_a_file_that_chromium_may_read_otherwise_is_not_guessed_at(folder: Path, text: str) -> None:
    put(folder / "00-broken.json", text)
    error = refused(folder)
    assert error.why is Unconfined.UNREADABLE_POLICY
    assert error.place == str(folder / "00-broken.json")


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
@pytest.mark.parametrize("which", ["file", "folder", "above"])
def test_what_others_may_write_confines_nobody(folder: Path, which: str, mode: int) -> None:
    place = {
        "file": folder / "zz-oathdesk-kiosk.json",
        "folder": folder,
        "above": folder.parent,
    }[which]
    place.chmod(mode if which == "file" else mode | 0o111)
    error = refused(folder)
    assert error.why is Unconfined.OPEN_POLICY
    assert error.place == str(place)


@pytest.mark.skipif(ME != 0, reason="needs root, to give a file to another user")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_another_user_owns_confines_nobody(folder: Path, which: str) -> None:
    place = folder / "zz-oathdesk-kiosk.json" if which == "file" else folder
    os.chown(place, 65534, 65534)
    assert refused(folder).why is Unconfined.OPEN_POLICY


def test_a_link_to_what_others_may_write_is_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    put(outside / "more.json", "{}")
    outside.chmod(0o777)
    (folder / "more.json").symlink_to(outside / "more.json")
    assert refused(folder).why is Unconfined.OPEN_POLICY


def test_policies_of_other_hosts_do_not_serve(folder: Path) -> None:
    error = refused(folder, Wanted(("login.microsoftonline.us",)))
    assert (error.why, error.problem) == (Unconfined.OTHER_POLICY, "URLAllowlist")


def test_the_order_of_hosts_does_not_count(folder: Path) -> None:
    check_policies(Wanted(tuple(reversed(WANTED.hosts))), folder, ME)


def test_the_companys_certificates_are_trusted_and_no_others(folder: Path) -> None:
    authorities = [trustme.CA(), trustme.CA()]
    file = folder.parent / "company.pem"
    file.write_bytes(b"a comment\n".join(ca.cert_pem.bytes() for ca in authorities))
    wanted = Wanted(WANTED.hosts, file)
    found = policies(wanted)["CACertificates"]
    assert isinstance(found, list)
    assert len(found) == 2
    assert all(base64.b64decode(each)[:1] == b"\x30" for each in found)  # DER begins a SEQUENCE
    put(folder / "zz-oathdesk-kiosk.json", as_json(policies(wanted)))
    check_policies(wanted, folder, ME)
    assert refused(folder).problem == "CACertificates"
    file.unlink()
    assert refused(folder, wanted).place == str(file)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://proxy.contoso.example:8080", "http://proxy.contoso.example:8080"),
        ("http://name:secret@proxy.contoso.example:8080", "http://proxy.contoso.example:8080"),
        ("https://[2001:db8::1]:3128", "https://[2001:db8::1]:3128"),
        ("http://proxy.contoso.example", "http://proxy.contoso.example"),
    ],
)
def test_the_proxy_is_named_without_its_password(address: str, shown: str) -> None:
    made = policies(Wanted(WANTED.hosts, proxy=address))
    assert made["ProxySettings"] == {"ProxyMode": "fixed_servers", "ProxyServer": shown}
    assert "secret" not in as_json(made)


def a_folder_of_the_package(install: Callable[[str, Path], None], root: Path) -> Path:
    file = root / "etc/chromium/policies/managed/zz-oathdesk-kiosk.json"
    install(as_json(policies(WANTED)), file)
    return file.parent


def test_what_the_command_installs_confines_under_any_umask(tmp_path: Path) -> None:
    from app.cli.kiosk import install_policies  # noqa: PLC0415 - Linux alone

    before = os.umask(0o077)
    try:
        folder = a_folder_of_the_package(install_policies, tmp_path)
    finally:
        os.umask(before)
    check_policies(WANTED, folder, ME)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "zz-oathdesk-kiosk.json").stat().st_mode & 0o777 == 0o644


def test_the_commands_of_a_kiosk_load_where_no_browser_can_be_started() -> None:
    """Windows has no fcntl, and its command line prints policies all the same."""
    code = "import sys; sys.modules['fcntl'] = None; import app.cli, app.browser.policy"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
