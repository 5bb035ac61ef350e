"""`oathdesk import` as a process of its own: what it prints, what it exits with, what it asks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.ledger import records, verify
from tests.cli.test_doctor import NAMES, PASSWORD, USER, Place
from tests.journeys.program import ROOT
from tests.seeds import writers
from tests.seeds.support import tokens
from tests.support.access import close_to_others, open_to_others
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Front, Tunnel, named_as
from tests.support.simulated import DANA, Simulated, device_login, start_simulator

MADE = tokens(12)[1:]


class Desk(Place):
    """A machine where files are imported."""

    def command(self, *words: str) -> list[str]:
        doctor = super().command()
        return [*doctor[:-1], "import", *words]

    def file(self, content: bytes, name: str = "tokens.csv") -> str:
        path = self.home / name
        path.write_bytes(content)
        return str(path)

    def secret(self, text: str, *, private: bool = True) -> str:
        path = self.home / "secret.txt"
        path.write_text(f"{text}\n", encoding="utf-8")
        (close_to_others if private else open_to_others)(path)
        return str(path)

    def imported(self, *words: str) -> tuple[int, dict[str, Any]]:
        done = self.run(*words)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    def refused(self, *words: str) -> str:
        """Run what comes to nothing; what it says."""
        done = self.run(*words)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def signed_in(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run, and sign in on another device where it is asked for."""
        operator = self.tenant.operator(DANA)
        with subprocess.Popen(
            self.command(*words),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as process:
            assert process.stderr is not None
            said = process.stderr.readline().split()
            url, code = said[said.index("open") + 1], said[-1].rstrip(".")
            ca_file = self.tenant.ready.ca_file
            device_login(url, code, operator.username, operator.password, ca_file=ca_file)
            out, complained = process.communicate(timeout=HANG_SECONDS)
        assert "Traceback" not in complained
        return process.returncode, json.loads(out)


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=60, tokens=40) as simulated:
        yield simulated


@pytest.fixture
def desk(tenant: Simulated, tmp_path: Path) -> Iterator[Desk]:
    tenant.reset()
    with ExitStack() as ends:
        front = ends.enter_context(Front(tenant.ready.graph_url, tenant.ready.ca_file, *NAMES))
        front.edit = named_as(NAMES[0], tenant.ready.graph_url)
        tunnel = ends.enter_context(Tunnel(front.port, USER, PASSWORD))
        more = '[permissions]\nscopes = ["User.Read", "User.Read.All", '
        more += '"UserAuthenticationMethod.ReadWrite.All", '
        more += '"Policy.ReadWrite.AuthenticationMethod"]\n'
        yield Desk(tenant, front, tunnel, tmp_path, more=more)


def test_a_dry_run_reads_and_checks_and_signs_in_nowhere(desk: Desk) -> None:
    code, result = desk.imported("--dry-run", desk.file(writers.entra(MADE)))
    assert (code, result["exit_code"]) == (0, 0)
    assert result["counts"] == {"could_go": len(MADE)}
    assert result["kind"] == "Token2 CSV"
    assert desk.tunnel.opened == []


def test_a_faulty_row_is_told_with_its_reason_and_never_with_its_seed(desk: Desk) -> None:
    lines = writers.entra(MADE).decode().splitlines()
    lines[2] = lines[2].replace("8659", "8.6E+", 1)
    faults = desk.home / "faults.csv"
    path = desk.file("\n".join(lines).encode())
    code, result = desk.imported("--dry-run", "--faults", str(faults), path)
    assert code == 1
    assert result["counts"] == {"could_go": len(MADE) - 1, "fault": 1}
    assert result["results"][1]["row"] == 3
    assert "row" in faults.read_text(encoding="utf-8-sig")
    assert [t for t in MADE if t.secret.reveal_base32() in json.dumps(result)] == []


def test_an_encrypted_file_opens_with_a_password_from_a_private_file(desk: Desk) -> None:
    path = desk.file(writers.pskc(MADE, writers.with_password), "tokens.xml")
    code, result = desk.imported("--dry-run", "--password-file", desk.secret("qwerty"), path)
    assert (code, result["counts"]) == (0, {"could_go": len(MADE)})


def test_a_password_file_that_others_can_read_is_refused(desk: Desk) -> None:
    path = desk.file(writers.pskc(MADE, writers.with_password), "tokens.xml")
    secret = desk.secret("qwerty", private=False)
    said = desk.refused("--dry-run", "--password-file", secret, path)
    assert "others can get at it" in said
    assert "qwerty" not in said


def test_a_wrong_password_is_told_and_nothing_is_printed(desk: Desk) -> None:
    path = desk.file(writers.pskc(MADE, writers.with_password), "tokens.xml")
    said = desk.refused("--dry-run", "--password-file", desk.secret("azerty"), path)
    assert "does not open" in said
    assert "azerty" not in said


def test_an_encrypted_file_without_a_terminal_says_what_to_give(desk: Desk) -> None:
    path = desk.file(writers.pskc(MADE, writers.with_key), "tokens.xml")
    assert "--key-file" in desk.refused("--dry-run", path)
    key = desk.secret(writers.KEY.reveal().hex())
    assert desk.imported("--dry-run", "--key-file", key, path)[0] == 0


def test_what_the_file_does_not_tell_is_named_with_its_option(desk: Desk) -> None:
    rows = "\n".join(f"{t.serial};{writers.in_hex(t.secret)}" for t in MADE)
    path = desk.file(f"Nummer;Geheim\n{rows}\n".encode())
    assert "--columns" in desk.refused("--dry-run", path)
    more = ("--columns", "serial=1,secret=2", "--interval", "60", "--manufacturer", "Works")
    code, result = desk.imported("--dry-run", *more, "--model", "T1", path)
    assert (code, result["counts"]) == (0, {"could_go": len(MADE)})


def test_activation_without_assignment_is_refused(desk: Desk) -> None:
    assert "--assign" in desk.refused("--activate", desk.file(writers.entra(MADE)))


def test_every_token_of_the_file_comes_into_the_tenant_and_a_second_time_none(desk: Desk) -> None:
    path = desk.file(writers.entra(MADE))
    code, result = desk.signed_in(path)
    assert (code, result["counts"]) == (0, {"done": len(MADE)})
    for token in MADE:
        assert desk.tenant.token_state(token.serial)["status"] == "available"
    (ledger,) = (desk.home / "record").rglob("ledger.db")
    assert verify(ledger) is None
    written = b"".join(p.read_bytes() for p in ledger.parent.rglob("*") if p.is_file())
    assert [t for t in MADE if t.secret.reveal_base32().encode() in written] == []
    before = len(list(records(ledger)))
    code, result = desk.signed_in(path)
    assert (code, result["counts"]) == (0, {"skipped": len(MADE)})
    assert len(list(records(ledger))) == before


def test_people_that_the_file_names_get_their_tokens(desk: Desk) -> None:
    person = desk.tenant.ready.people[0]
    made = [
        MADE[0]._replace(person=person.userPrincipalName),
        MADE[1]._replace(person="nobody@contoso.example"),
    ]
    code, result = desk.signed_in("--assign", "--activate", desk.file(writers.entra(made)))
    assert (code, result["counts"]) == (1, {"done": 1, "failed": 1})
    state = desk.tenant.token_state(made[0].serial)
    assert (state["status"], state["holder_upn"]) == ("activated", person.userPrincipalName)
    (failed,) = (each for each in result["results"] if each["state"] == "failed")
    assert failed["error"] == "NotFound"
    assert failed["evidence"]["HTTP status"] == "404"


LONG = "D5APZEW2EQLJI5IJPHXGZ5MC6LK5PUUODAZV3YC2XRKNAVQOB5JQ"
ENTRA = "upn,serial number,secret key,time interval,manufacturer,model"


def test_01_a_container_without_a_key_is_an_error_and_no_file_of_no_rows(desk: Desk) -> None:
    said = desk.refused("--dry-run", desk.file(b"<KeyContainer></KeyContainer>", "empty.xml"))
    assert "without a key" in said


def test_02_a_column_that_is_not_understood_is_named_and_can_be_left_out(desk: Desk) -> None:
    path = desk.file(f"{ENTRA},Batch\n,10001001,{LONG[:32]},30,A,B,7\n".encode())
    said = desk.refused("--dry-run", path)
    assert "Column 7 (Batch) is not understood" in said
    assert "--ignore-column" in said
    assert "has no column 'Bach'" in desk.refused(
        "--dry-run", "--ignore-column", "Bach", "--ignore-column", "7", path
    )
    code, result = desk.imported("--dry-run", "--ignore-column", "batch", path)
    assert (code, result["counts"], result["ignored"]) == (0, {"could_go": 1}, ["Batch"])


def test_02_the_hash_of_a_long_secret_is_asked_for_and_never_guessed(desk: Desk) -> None:
    path = desk.file(f"{ENTRA}\nada@contoso.example,10001001,{LONG},30,A,B\n".encode())
    assert "--hash" in desk.refused("--dry-run", "--assign", "--activate", path)
    assert LONG not in desk.refused("--dry-run", path)
    assert desk.imported("--dry-run", "--hash", "sha256", path)[0] == 0


def test_03_type_and_digits_are_kept_and_can_be_named(desk: Desk) -> None:
    rows = "TK1,{0},hotp,6\nTK2,{0},totp,8\nTK000003,{0},totp,6\n".format("1f40fc92" * 5)
    more = ("--interval", "30", "--manufacturer", "A", "--model", "B", "--dry-run")
    path = desk.file(f"serial,seed,type,digits\n{rows}".replace("TK", "TK00000").encode())
    for columns in ("serial=1,secret=2", "serial=1,secret=2,type=3,digits=4"):
        code, result = desk.imported(*more, "--columns", columns, path)
        assert (code, result["counts"]) == (1, {"could_go": 1, "fault": 2})
        assert [each["why"] for each in result["results"][:2]] == [
            "counter-based",
            "not six digits",
        ]


def test_06_how_secrets_are_written_can_be_told(desk: Desk) -> None:
    path = desk.file(f"{ENTRA}\n,10001001,12345678901234567890,30,A,B\n".encode())
    assert "--encoding" in desk.refused("--dry-run", path)
    assert desk.imported("--dry-run", "--encoding", "text", path)[0] == 0


def test_17_the_lines_behind_an_open_quotation_mark_are_named(desk: Desk) -> None:
    lines = writers.entra(MADE).decode().splitlines()
    lines[2] = lines[2].replace(",Token2", ',"Token2')
    lines[4] += '"'
    code, result = desk.imported("--dry-run", desk.file("\n".join(lines).encode()))
    assert (code, result["rows"]) == (1, len(MADE))
    assert result["counts"] == {"could_go": len(MADE) - 3, "fault": 3}
    assert "Lines 3 to 5" in result["results"][1]["sentence"]


def test_19_graphs_own_upload_body_is_read_and_who_is_left_out_is_said(desk: Desk) -> None:
    person = desk.tenant.ready.people[0]
    path = desk.file(writers.graph_json(MADE, person.id), "tokens.json")
    done = desk.run("--dry-run", path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["kind"] == "Graph JSON"
    assert f"names a person for {len(MADE)} of its tokens" in done.stderr
    code, result = desk.signed_in("--assign", path)
    assert (code, result["counts"]) == (1, {"done": 5, "failed": len(MADE) - 5})
    assert desk.tenant.token_state(MADE[0].serial)["holder_upn"] == person.userPrincipalName


def test_a_reason_is_for_people_who_get_tokens(desk: Desk) -> None:
    said = desk.refused(desk.file(writers.entra(MADE)), "--reason", "starts_later")
    assert "give --assign too" in said


def test_lines_above_the_header_are_named_and_agreed_to_by_columns(desk: Desk) -> None:
    file = desk.file(b"Delivery 4711\n" + writers.entra(MADE))
    said = desk.refused(file, "--dry-run")
    assert "The names of the columns stand in line 2." in said
    agreed = said.split("agree with ")[1].split()
    code, told = desk.imported(file, "--dry-run", agreed[0], agreed[1].rstrip("."))
    assert (code, told["rows"]) == (0, len(MADE))
