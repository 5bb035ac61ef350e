"""Every journey with known secrets, and then a search of every byte the station left behind.

The station is a process of its own with a home and a temporary folder of its own; everything it
logs is kept at the finest level and unredacted, and every notice is printed. The secrets are the
tenant's: seeds, codes, passwords and whatever its sign-in service gave out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.ledger import records, verify
from app.simulator import SimulatorOptions, totp
from app.simulator.signin.desk import SignInDesk
from app.simulator.tenant import Tenant
from tests.secrets.forms import forms, places, seed_forms
from tests.seeds import writers
from tests.seeds.support import tokens
from tests.support.patience import HANG_SECONDS
from tests.support.proxy import Asked, Front, Reply
from tests.support.simulated import Simulated, device_login, start_simulator

ROOT = Path(__file__).parents[2]
GIVEN_OUT = ("access_token", "refresh_token", "id_token", "device_code")
GIVEN_IN = ("code", "code_verifier", "device_code", "refresh_token")
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRITE = {"method": "POST", "path": "hardwareOathMethods"}


@dataclass
class Secrets:
    """Everything that must not be found."""

    texts: set[str] = field(default_factory=set)
    seeds: set[str] = field(default_factory=lambda: {SEED})

    def wanted(self) -> set[bytes]:
        """All forms of all of them."""
        found = {form for text in self.texts for form in forms(text)}
        return found.union(*(seed_forms(seed) for seed in self.seeds))


def listen_to(desk: SignInDesk, secrets: Secrets, patch: pytest.MonkeyPatch) -> None:
    """Learn every secret that passes the tenant's own sign-in service."""
    exchange, begin = desk.exchange, desk.begin_device

    def exchanged(form: Mapping[str, str]) -> dict[str, Any]:
        secrets.texts.update(form[name] for name in GIVEN_IN if name in form)
        answer = exchange(form)
        secrets.texts.update(answer[name] for name in GIVEN_OUT if name in answer)
        return answer

    def begun(form: Mapping[str, str]) -> dict[str, Any]:
        answer = begin(form)
        secrets.texts.add(answer["device_code"])
        return answer

    patch.setattr(desk, "exchange", exchanged)
    patch.setattr(desk, "begin_device", begun)


class Traveller:
    """The station's process, and the home in which it leaves its traces."""

    def __init__(self, ready_json: str, home: Path, graph_url: str) -> None:
        ready = home.parent / "ready.json"
        ready.write_text(ready_json, encoding="utf-8")
        (home / "tmp").mkdir(parents=True)
        places_of_home = {"HOME": str(home), "TMPDIR": str(home / "tmp")}
        with (home / "stderr.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-X", "dev", "-m", "tests.secrets.traveller"),
                    *(str(ready), str(home), graph_url),
                ],
                cwd=ROOT,
                env={**os.environ, **places_of_home, "PYTHONWARNINGS": "default"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def send(self, do: str, **arguments: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._process.stdin.flush()

    def until(self, **wanted: Any) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            said: dict[str, Any] = json.loads(line)
            if said.items() >= wanted.items():
                return said
            assert "failed" not in said, said
        raise EOFError("the station is dead")

    def do(self, name: str, **arguments: Any) -> None:
        self.send(name, **arguments)
        self.until(done=name)

    def end(self) -> None:
        """Let it stop, so that everything it would ever write is written."""
        if self._process.poll() is None:
            self.send("stop")
            self._process.communicate(timeout=HANG_SECONDS)


@dataclass
class Journey:
    """One traveller, its tenant, and who listens between them."""

    tenant: Simulated
    front: Front
    home: Path
    station: Traveller
    secrets: Secrets

    def enroll(
        self, number: int, *, mode: str = "assign_and_activate", wrong: bool = False
    ) -> None:
        """Hand the `number`-th free token over to the `number`-th person."""
        free = [t for t in self.tenant.ready.tokens if t.status == "available"]
        serial = free[number].serial
        person = self.tenant.ready.people[number]
        code = self.tenant.wrong_code(serial) if wrong else self.tenant.press(serial)
        self.secrets.texts.add(code)
        self.station.do("enroll", serial=serial, badge=person.employeeId, mode=mode, code=code)
        self.station.do("rest")

    def issue_pass(self, person: str, badge: str) -> None:
        """Issue a Temporary Access Pass, and learn its value from the tenant."""
        self.station.do("issue_pass", badge=badge)
        assert self.tenant.server.practice is not None
        held = self.tenant.server.practice.tenant.passes.current(person)
        assert held is not None
        self.secrets.texts.add(held.value)

    def found(self) -> list[str]:
        """Every place where a secret lies."""
        return places(self.home, self.secrets.wanted())


@pytest.fixture(scope="module")
def running() -> Iterator[Simulated]:
    with start_simulator(people=120, tokens=60) as simulated:
        yield simulated


@pytest.fixture
def journey(
    running: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Journey]:
    running.reset()
    secrets = Secrets()
    assert running.server.practice is not None
    listen_to(running.server.practice.desk, secrets, monkeypatch)
    with on_the_way(running, tmp_path, secrets) as journey:
        yield journey


@contextmanager
def on_the_way(tenant: Simulated, folder: Path, secrets: Secrets) -> Iterator[Journey]:
    ready, home = tenant.ready, folder / "home"
    secrets.seeds.update(token.secret for token in ready.tokens)
    secrets.texts.update(operator.password for operator in ready.operators)
    with Front(ready.graph_url, ready.ca_file, "localhost") as front:
        trusted = folder / "both.pem"
        trusted.write_bytes(Path(ready.ca_file).read_bytes() + front.authority.cert_pem.bytes())
        content = json.loads(ready.as_json()) | {"ca_file": str(trusted)}
        station = Traveller(json.dumps(content), home, front.url)
        try:
            yield Journey(tenant, front, home, station, secrets)
        finally:
            station.end()


def test_no_secret_is_left_behind_by_any_journey(journey: Journey) -> None:
    station, tenant = journey.station, journey.tenant
    station.do("sign_in")
    journey.enroll(0, mode="assign_only")
    journey.enroll(1)
    journey.enroll(2, wrong=True)
    for number, kind in enumerate(("lost_answer", "html", "bad_gateway", "claims_challenge"), 3):
        tenant.fault(kind, match=WRITE)
        journey.enroll(number)
    for text in (
        f"otpauth://totp/Contoso:dana?secret={SEED}&issuer=Contoso",
        f"otpauth-migration://offline?data={SEED}",
        f"OTPAUTHÖ--totp-Contoso_dana_secret={SEED}",
        SEED,
        "0102030405060708090A0B0C0D0E0F1011121314",
        "918273",
    ):
        station.do("scan", text=text)
    journey.secrets.texts |= {"0102030405060708090A0B0C0D0E0F1011121314", "918273"}
    station.do("search", text=SEED)
    station.do("search", text="918273")
    tenant.fault("expire_access_tokens")
    journey.enroll(7, mode="assign_only")
    station.send("device")
    prompt = station.until(told="prompt")
    operator = tenant.ready.operators[0]
    device_login(
        prompt["url"], prompt["user_code"], operator.username, operator.password,
        ca_file=tenant.ready.ca_file,
    )  # fmt: skip
    station.until(done="device")
    journey.enroll(8)
    station.do("export")
    station.end()

    written = {p.name for p in journey.home.rglob("*") if p.is_file()}
    assert {"ledger.db", "export.csv", "export.jsonl", "raw.log", "oathdesk.log"} <= written
    assert verify(journey.home / "ledger.db") is None
    assert sum(1 for _ in records(journey.home / "ledger.db")) > 20
    assert (journey.home / "raw.log").stat().st_size > 10_000
    assert len([t for t in journey.secrets.texts if t.startswith("eyJ")]) >= 4
    assert journey.found() == []


def test_m7_no_pass_is_left_behind_however_it_was_issued(journey: Journey) -> None:
    """Shown, replaced, with a lost or a broken answer, and exported in every form."""
    station, tenant = journey.station, journey.tenant
    assert tenant.server.practice is not None
    known = tenant.server.practice.tenant
    people = [p for p in tenant.ready.people if p.employeeId and not known.person(p.id).roles]
    write = {"method": "POST", "path": "temporaryAccessPassMethods"}
    station.do("sign_in")
    kinds = (None, None, "lost_answer", "truncated_json", "wrapped_entity", "missing_field")
    for number, kind in enumerate(kinds):
        if kind is not None:
            tenant.fault(kind, match=write, field="id")
        person = people[max(number, 1)]  # the first two are one person, whose pass is replaced
        journey.issue_pass(person.id, person.employeeId or "")
    station.do("scan", text=people[0].employeeId)
    station.do("export")
    station.end()

    assert (
        len([e for e in records(journey.home / "ledger.db") if e.entry.kind.value == "pass"]) > 12
    )
    assert verify(journey.home / "ledger.db") is None
    assert len(journey.secrets.texts) > 6
    assert journey.found() == []


@pytest.mark.parametrize("where", ["message", "code", "inner", "header", "page"])
def test_a_server_that_repeats_the_code_does_not_get_it_written_down(
    journey: Journey, where: str
) -> None:
    journey.station.do("sign_in")
    journey.front.edit = lambda asked, reply: echo(asked, reply, where, code_in(asked))
    journey.enroll(10)
    journey.station.do("export")

    assert journey.found() == []


@pytest.mark.parametrize("where", ["message", "code", "inner", "header", "page"])
def test_a_server_that_repeats_the_sign_in_token_does_not_get_it_written_down(
    journey: Journey, where: str
) -> None:
    journey.station.do("sign_in")
    journey.front.edit = lambda asked, reply: echo(
        asked, reply, where, asked.authorization.partition(" ")[2]
    )
    journey.enroll(11)
    journey.station.do("export")

    assert journey.found() == []


def test_no_seed_of_a_vendors_file_is_left_behind_by_its_upload(journey: Journey) -> None:
    station, tenant = journey.station, journey.tenant
    people = [person.userPrincipalName for person in tenant.ready.people]
    made = [t._replace(person=people[n]) for n, t in enumerate(tokens(12)[1:])]
    journey.secrets.seeds |= {t.secret.reveal_base32() for t in made}
    journey.secrets.texts |= {"qwerty-uiop", "azerty-uiop"}
    outside = journey.home.parent / "vendor"  # what the vendor sent is no trace of the station's
    outside.mkdir()
    plain = writers.entra(made[:6]).decode().splitlines()
    plain[2] = plain[2].replace(made[1].serial, made[1].secret.reveal_base32())
    (outside / "tokens.csv").write_text("\n".join(plain), encoding="utf-8")
    (outside / "tokens.xml").write_bytes(writers.pskc(made[6:8], locked("qwerty-uiop")))
    (outside / "broken.xml").write_bytes(writers.pskc(made[8:])[:-200])

    station.do("sign_in")
    journey.front.edit = lambda asked, reply: learnt(journey, asked, reply)
    for kind in ("lost_answer", "html", "bad_gateway", "too_many_requests"):
        tenant.fault(kind, match={"method": "POST", "path": "hardwareOathDevices"})
    for name, password, handing in (
        ("tokens.csv", "", "activate"),
        ("tokens.xml", "azerty-uiop", "nothing"),
        ("tokens.xml", "qwerty-uiop", "assign"),
        ("broken.xml", "", "nothing"),
    ):
        station.do("import", file=str(outside / name), password=password, handing=handing)
    station.do("export")
    station.end()

    assert tenant.token_state(made[0].serial)["status"] == "activated"
    assert tenant.token_state(made[6].serial)["holder_upn"] == people[6]
    assert list(journey.home.glob("tokens-faults-*.csv"))
    assert [t for t in journey.secrets.texts if t.isdecimal()]
    assert journey.found() == []


@pytest.mark.parametrize("where", ["message", "code", "inner", "header", "page"])
def test_a_server_that_repeats_a_seed_does_not_get_it_written_down(
    journey: Journey, where: str
) -> None:
    (made,) = tokens(2)[1:]
    journey.secrets.seeds.add(made.secret.reveal_base32())
    path = journey.home.parent / "tokens.csv"
    path.write_bytes(writers.entra([made]))
    journey.station.do("sign_in")
    journey.front.edit = lambda asked, reply: echo(asked, reply, where, seed_in(asked))
    journey.station.do("import", file=str(path), password="", handing="nothing")
    journey.station.do("export")

    assert journey.found() == []


def learnt(journey: Journey, asked: Asked, reply: Reply) -> Reply:
    """Learn the codes that are computed and sent."""
    if asked.method == "POST" and (code := code_in(asked)):
        journey.secrets.texts.add(code)
    return reply


def locked(password: str) -> Callable[[Any], None]:
    """What encrypts a PSKC file with `password`."""

    def lock(container: Any) -> None:
        container.encryption.setup_pbkdf2(password, iterations=writers.ROUNDS)

    return lock


def seed_in(asked: Asked) -> str:
    found: str = json.loads(asked.body).get("secretKey", "") if asked.body else ""
    return found


def code_in(asked: Asked) -> str:
    found: str = json.loads(asked.body).get("verificationCode", "") if asked.body else ""
    return found


def echo(asked: Asked, reply: Reply, where: str, secret: str) -> Reply:
    """Refuse a write, and say in `where` what was sent."""
    if asked.method != "POST":
        return reply
    if where == "page":
        page = f"<html><title>Blocked: {secret}</title>{secret}</html>".encode()
        return Reply(403, {"Content-Type": "text/html"}, page)
    words = f"The value '{secret}' is not valid ({secret})."
    inner = {"request-id": secret if where == "inner" else "1"}
    error = {
        "code": f"bad-{secret}" if where == "code" else "badRequest",
        "message": words if where == "message" else "No.",
        "innerError": inner,
    }
    headers = {"Content-Type": "application/json"}
    if where == "header":
        headers |= {"request-id": secret, "Retry-After": secret, "Date": secret}
    return Reply(400, headers, json.dumps({"error": error}).encode())


def test_an_error_that_nobody_caught_is_written_without_the_secrets_in_its_words(
    journey: Journey,
) -> None:
    station, tenant = journey.station, journey.tenant
    station.do("sign_in")
    journey.enroll(12)
    code = journey.tenant.press(tenant.ready.tokens[0].serial)
    token = next(text for text in journey.secrets.texts if text.startswith("eyJ"))
    journey.secrets.texts.add(code)
    for text in (
        f"otpauth://totp/x?secret={SEED}",
        f"cannot read {SEED}",
        f'body {{"verificationCode": "{code}", "secretKey": "{SEED}"}}',
        f"Authorization: Bearer {token}",
        f"token {token}",
    ):
        station.do("crash", text=text)

    log = (journey.home / "logs" / "oathdesk.log").read_text(encoding="utf-8")
    assert log.count("an error ended") == 5
    assert (journey.home / "logs" / "crash.log").stat().st_size > 0
    assert journey.found() == []


def test_the_search_knows_the_codes_that_the_tenant_would_take(running: Simulated) -> None:
    """The codes searched for are those that were really sent."""
    assert running.server.practice is not None
    tenant = running.server.practice.tenant
    token = next(t for t in running.ready.tokens if t.status == "available")
    device = tenant.device_by_serial(token.serial)
    assert totp.matching_step(device, running.press(token.serial), tenant.clock()) is not None


def test_the_tour_leaves_no_seed_behind(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """The window's own journey, with every seed of its practice tenant known beforehand."""
    if not pytestconfig.getoption("--long"):
        pytest.skip("a tour takes half a minute: --long")
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    own = {"HOME": str(home), "TMPDIR": str(home / "tmp"), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "app", "demo", "--tour", str(home / "tour")],
        cwd=ROOT,
        env={**os.environ, **own, "XDG_DATA_HOME": str(home / "data")},
        capture_output=True,
        check=False,
    )
    (home / "said.txt").write_bytes(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr

    seeds = [device.secret for device in Tenant(SimulatorOptions()).devices.all_current()]
    wanted = {form for seed in [*seeds, "JBSWY3DPEHPK3PXP"] for form in seed_forms(seed)}
    assert (home / "tour" / "tour.json").exists()
    assert places(home, wanted) == []
