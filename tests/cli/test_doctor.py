"""`oathdesk doctor` as a process of its own, on the real names of the cloud, through a proxy.

The proxy leads every name to a server of the test which shows a certificate for it and passes on to
a practice tenant. So a configuration file is all that the program is given, as in a real place.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.program import ROOT, environment
from tests.readers.daemon import SOCKET_NAME
from tests.support.access import WINE_TRUSTS, under_wine
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Asked, Front, Reply, Tunnel, named_as
from tests.support.simulated import DANA, Simulated, device_login, start_simulator

USER, PASSWORD = "desk", "Correct-Horse-7"
NAMES = ("login.microsoftonline.com", "graph.microsoft.com")


@dataclass
class Place:
    """A machine with a configuration file, a proxy and a tenant behind it."""

    tenant: Simulated
    front: Front
    tunnel: Tunnel
    home: Path
    password: str = PASSWORD
    more: str = ""
    empty: bool = False
    distrusts: bool = False

    def configure(self) -> Path:
        ready = self.tenant.ready
        authorities = self.home / "ca.pem"
        own = b"" if self.distrusts else self.front.authority.cert_pem.bytes()
        authorities.write_bytes(own + Path(ready.ca_file).read_bytes())
        file = self.home / "config.toml"
        if self.empty:
            file.write_text("[readers]\ncards = false\n", encoding="utf-8")
            return file
        file.write_text(
            f"""
[tenant]
id = "{ready.tenant_id}"
client_id = "{ready.client_id}"
[network]
proxy = "http://{USER}:{self.password}@localhost:{self.tunnel.port}"
ca_file = "{authorities.as_posix()}"
[readers]
cards = false
[serial]
enabled = false
[ledger]
folder = "{(self.home / "record").as_posix()}"
{self.more}""",
            encoding="utf-8",
        )
        return file

    def command(self, *words: str) -> list[str]:
        program = (sys.executable, "-m", "app", "--config", str(self.configure()))
        return [*program, "doctor", *words]

    @property
    def environment(self) -> dict[str, str]:
        plain = environment(self.home, XDG_STATE_HOME=str(self.home / "state"))
        kept = {
            name: value for name, value in plain.items() if not name.endswith(("_proxy", "_PROXY"))
        }
        return {**kept, SOCKET_NAME: "/nonexistent/pcscd.comm"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=HANG_SECONDS,
            check=False,
        )

    def examined(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run with --json; the exit code and the report."""
        done = self.run("--json", *words)
        assert "Traceback" not in done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        assert report["exit_code"] == done.returncode
        return done.returncode, report


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=60, tokens=40) as simulated:
        yield simulated


@pytest.fixture
def place(tenant: Simulated, tmp_path: Path) -> Iterator[Place]:
    tenant.reset()
    with ExitStack() as ends:
        front = ends.enter_context(Front(tenant.ready.graph_url, tenant.ready.ca_file, *NAMES))
        front.edit = named_as(NAMES[0], tenant.ready.graph_url)
        tunnel = ends.enter_context(Tunnel(front.port, USER, PASSWORD))
        yield Place(tenant, front, tunnel, tmp_path)


def by_key(report: dict[str, Any]) -> dict[str, str]:
    return {
        f"{each['check']}/{each['subject']}".rstrip("/"): each["verdict"]
        for each in report["findings"]
    }


def bad(report: dict[str, Any]) -> dict[str, str]:
    return {key: word for key, word in by_key(report).items() if word in {"warning", "failure"}}


def test_a_healthy_station_has_nothing_wrong_and_says_who_is_not_signed_in(place: Place) -> None:
    code, report = place.examined()
    assert code == 0
    assert report["verdict"] == "ok"
    assert bad(report) == {}
    found = by_key(report)
    assert found["proxy"] == found["graph_answer"] == found["tenant"] == "ok"
    assert found["signed_in"] == found["inventory"] == "not_checked"
    assert set(place.tunnel.opened) == {f"{name}:443" for name in NAMES}


def test_signing_in_on_another_device_checks_the_rights_too(place: Place) -> None:
    operator = place.tenant.operator(DANA)
    with subprocess.Popen(
        place.command("--json", "--sign-in"),
        cwd=ROOT,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        words = process.stderr.readline().split()
        url, code = words[words.index("open") + 1], words[-1].rstrip(".")
        device_login(
            url, code, operator.username, operator.password, ca_file=place.tenant.ready.ca_file
        )
        said, complained = process.communicate(timeout=HANG_SECONDS)
    assert complained == ""
    report = json.loads(said)
    assert (process.returncode, bad(report)) == (0, {})
    found = by_key(report)
    assert found["signed_in"] == found["policy"] == found["inventory"] == "ok"
    assert found["scope/Policy.Read.All"] == "ok"
    assert [each for each in (operator.password, DANA, PASSWORD) if each in said] == []


def test_a_proxy_with_another_password_is_the_one_failure(place: Place) -> None:
    place.password = "Wrong-Horse-8"
    code, report = place.examined()
    assert (code, bad(report)) == (1, {"proxy": "failure"})
    assert "Wrong-Horse-8" not in json.dumps(report)
    assert by_key(report)["tenant"] == "not_checked"


def test_a_key_that_is_none_is_named_with_its_line_and_the_rest_is_checked(place: Place) -> None:
    place.more = '[desk]\nnmae = "Lobby"\n'
    code, report = place.examined()
    assert (code, bad(report)) == (1, {"configuration": "failure"})
    evidence = json.dumps(report["findings"][1]["evidence"])
    assert "config.toml:" in evidence
    assert "desk.nmae" in evidence


def test_without_a_tenant_the_machine_is_checked_and_the_way_is_not(place: Place) -> None:
    place.empty = True
    code, report = place.examined()
    assert (code, bad(report)) == (1, {"configuration": "failure"})
    assert by_key(report)["record_folder"] == "ok"
    assert by_key(report)["graph_name"] == by_key(report)["signed_in"] == "not_checked"


def test_a_captive_portal_is_told_from_a_service(place: Place) -> None:
    page = b"<html><head><title>Guest network</title></head><body>Sign in</body></html>"

    def portal(_asked: Asked, _reply: Reply) -> Reply:
        return Reply(200, {"Content-Type": "text/html"}, page)

    place.front.edit = portal
    code, report = place.examined()
    assert code == 1
    assert bad(report) == {"sign_in_answer": "failure", "graph_answer": "failure"}
    assert "Guest network" in json.dumps(report)


def test_a_clock_ten_minutes_off_is_told_with_the_minutes(place: Place) -> None:
    place.tenant.fault("clock_skew", seconds=600)
    code, report = place.examined()
    assert (code, bad(report)) == (1, {"clock": "failure"})
    assert "10 min slow" in json.dumps(report)


def test_the_report_for_people_has_a_line_for_each_check_and_what_to_do(place: Place) -> None:
    place.more = '[desk]\nnmae = "Lobby"\n'
    done = place.run()
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("+ ok           Program")
    assert any(line.startswith("x failure      Configuration") for line in lines)
    assert any("Your administrator can change it." in line for line in lines)
    assert any("Key: desk.nmae" in line for line in lines)
    assert lines[-2] == "Something keeps the station from its work."
    assert str(place.home) not in done.stdout  # the home folder often bears a person's name


def test_a_command_line_that_is_none_ends_with_two(place: Place) -> None:
    assert place.run("--all").returncode == 2


@pytest.mark.skipif(under_wine(), reason=WINE_TRUSTS)
def test_what_a_certificate_is_when_nobody_trusts_it(place: Place) -> None:
    place.distrusts = True
    _, report = place.examined()
    assert bad(report) == {"sign_in_tls": "failure", "graph_tls": "failure"}
    evidence = next(f["evidence"] for f in report["findings"] if f["check"] == "graph_tls")
    labels = [label for label, _ in evidence]
    assert labels[:5] == ["Verification", "Certificate 1", "  issued by", "  valid", "  SHA-256"]
    assert "A front's own CA" in dict(evidence)["  issued by"]
