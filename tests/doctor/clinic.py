"""A station to examine, over HTTPS and with real files: healthy at first, then broken in one way.

`SETUPS` are the ways. Each names the lines of the report that must not be well, and the table of
them stands in the help.
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ctypes.util import find_library
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.assets import resources
from app.auth import Certificate
from app.cli import doctor as doctor_cli
from app.core.checkup import Finding
from app.core.ports import DevicePrompt
from app.core.rights import scopes_for
from app.ledger import SqliteLedger
from app.network.proxies import Proxies
from app.settings.loading import Sources, load
from app.station_config import StationConfig
from app.ui.wording.doctor import check_name, overall_words, said, verdict_word
from tests.auth.keys import LATE, certificate_of, key_pem, rsa_key
from tests.ledger.records import intent_of
from tests.settings.layers import LEAST
from tests.support import softhsm
from tests.support.proxy import Front, Tunnel, free_port
from tests.support.simulated import DANA, Simulated, device_login, start_simulator

NOWHERE = "00000000-0000-4000-8000-000000000000"
PEOPLE = {"people": 60, "tokens": 40}
TEN_MINUTES = 600
HELP = resources() / "help" / "doctor.md"

Wrong = Mapping[str, str]


@dataclass
class Clinic:
    """Where a set-up is arranged: what the station works with, and what ends with the test."""

    tenant: Simulated
    folder: Path
    ends: ExitStack
    monkeypatch: pytest.MonkeyPatch
    config: StationConfig = field(init=False)
    prompts: int = 0

    def __post_init__(self) -> None:
        ready = self.tenant.ready
        self.configure(LEAST)
        self.config = StationConfig(
            self.folder / "record" / "ledger.db",
            self.folder / "logs",
            authority=ready.authority,
            graph_url=ready.graph_url,
            origin=self.loaded,
            ca_file=Path(ready.ca_file),
            cards=False,
            client_id=ready.client_id,
            scopes=(*scopes_for(), "RoleManagement.Read.Directory"),
            instance_discovery=False,
        )

    def configure(self, text: str) -> None:
        """Load a user's file that holds `text`."""
        file = self.folder / "config.toml"
        file.write_text(text, encoding="utf-8")
        sources = Sources(self.folder / "machine.toml", file)
        self.loaded = load(sources), sources

    def change(self, **facts: Any) -> None:
        """Configure `facts` in another way."""
        self.config = replace(self.config, **facts)

    def examine(self, *, sign_in: bool = True) -> tuple[Finding, ...]:
        """Examine the station, as the command line does."""
        self.monkeypatch.setattr(doctor_cli, "_prompt", self._at_another_device)
        return asyncio.run(doctor_cli._examined(self.config, sign_in=sign_in))

    def _at_another_device(self, prompt: DevicePrompt) -> None:
        """Be the person who types the code, without holding the station up."""
        self.prompts += 1
        operator, ca_file = self.tenant.operator(DANA), self.tenant.ready.ca_file
        about = (prompt.url, prompt.user_code, operator.username, operator.password)
        act = threading.Thread(target=device_login, args=about, kwargs={"ca_file": ca_file})
        act.start()
        self.ends.callback(act.join)


@dataclass(frozen=True)
class Setup:
    """One way of being broken: which lines are then not well, and how badly."""

    name: str
    arrange: Callable[[Clinic], None]
    wrong: Wrong

    def __str__(self) -> str:
        return self.name


def not_well(findings: Sequence[Finding]) -> dict[str, str]:
    """The lines that warn or fail, by their keys."""
    bad = {"warning", "failure"}
    return {each.key: each.verdict.value for each in findings if each.verdict.value in bad}


# The set-ups ------------------------------------------------------------------------------------


def healthy(_clinic: Clinic) -> None:
    """Nothing is wrong."""


def typo(clinic: Clinic) -> None:
    clinic.configure(LEAST + '[desk]\nnmae = "Lobby"\n')
    clinic.change(origin=clinic.loaded)


def prepared_environment(clinic: Clinic) -> None:
    for name in ("SSL_CERT_FILE", "SSLKEYLOGFILE"):
        clinic.monkeypatch.setenv(name, str(clinic.folder / "somebody-elses"))


def no_authorities(clinic: Clinic) -> None:
    clinic.change(ca_file=clinic.folder / "gone.pem")


def unknown_host(clinic: Clinic) -> None:
    clinic.change(graph_url="https://graph.contoso.invalid")


def refused(clinic: Clinic) -> None:
    clinic.change(graph_url=f"https://localhost:{free_port()}")


def opened_by_a_stranger(clinic: Clinic) -> None:
    ready = clinic.tenant.ready
    front = clinic.ends.enter_context(Front(ready.graph_url, ready.ca_file, "localhost"))
    clinic.change(graph_url=front.url)


def proxy_with_password(clinic: Clinic) -> None:
    tunnel = clinic.ends.enter_context(Tunnel(free_port(), "desk", "right"))
    clinic.change(
        authority=f"https://login.contoso.example/{clinic.tenant.ready.tenant_id}",
        graph_url="https://graph.contoso.example",
        proxies=Proxies(f"http://desk:{SECRET}@localhost:{tunnel.port}"),
    )


def captive_portal(clinic: Clinic) -> None:
    for path in (r"/openid-configuration$", r"^/v1\.0/me$"):
        clinic.tenant.fault("html", match={"path": path}, times=100)


def wrong_clock(clinic: Clinic) -> None:
    clinic.tenant.fault("clock_skew", seconds=TEN_MINUTES)


def no_such_tenant(clinic: Clinic) -> None:
    base = clinic.tenant.ready.authority.rpartition("/")[0]
    clinic.change(authority=f"{base}/{NOWHERE}")


def scope_missing(clinic: Clinic) -> None:
    left = tuple(scope for scope in clinic.config.scopes if scope != "Policy.Read.All")
    clinic.change(scopes=left)


def consent_withdrawn(clinic: Clinic) -> None:
    clinic.tenant.fault("withdraw_consent", scope="User.Read")


def role_missing(clinic: Clinic) -> None:
    clinic.tenant.fault("remove_role", person=DANA, role="Authentication Administrator")


def policy_off(clinic: Clinic) -> None:
    clinic.tenant.fault("policy_off")


def no_hardware_tokens(clinic: Clinic) -> None:
    clinic.tenant = clinic.ends.enter_context(start_simulator(**PEOPLE, hardware_oath=False))
    Clinic.__post_init__(clinic)


def record_changed(clinic: Clinic) -> None:
    ledger = SqliteLedger(clinic.config.ledger_file)
    ledger.open()
    for number in range(3):
        ledger.append(intent_of(f"enrollment-{number}"))
    ledger.close()
    content = clinic.config.ledger_file.read_bytes()
    assert b"0000123456" in content
    clinic.config.ledger_file.write_bytes(content.replace(b"0000123456", b"0000654321"))


def folder_not_writable(clinic: Clinic) -> None:
    """A file where a folder should be stops root as well, whom no mode stops."""
    (clinic.folder / "taken").write_text("not a folder", encoding="utf-8")
    clinic.change(ledger_file=clinic.folder / "taken" / "ledger.db")


def no_card_service(clinic: Clinic) -> None:
    """The library of the system looks where no service listens (conftest.py)."""
    if importlib.util.find_spec("smartcard") is None or find_library("pcsclite") is None:
        pytest.skip("needs pyscard and libpcsclite1: python3 packaging/bootstrap.py test")
    clinic.change(cards=True)


def key_for_all(clinic: Clinic) -> None:
    key = rsa_key()
    file = clinic.folder / "station.pem"
    file.write_bytes(key_pem(key) + certificate_of(key, ends=LATE))
    file.chmod(0o644)
    clinic.change(key=Certificate(file))


def store_with_another_pin(clinic: Clinic) -> None:
    if why := softhsm.missing():
        pytest.skip(why)
    token = softhsm.a_token(softhsm.prepare(clinic.folder, clinic.monkeypatch))
    token.make()
    clinic.change(key=token.key_by(pin=lambda: SECRET))


def no_key_store(clinic: Clinic) -> None:
    clinic.monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={clinic.folder}/no-bus")
    clinic.change(keep=True)


SECRET = "Correct-Horse-7"

SETUPS = (
    Setup("A healthy station", healthy, {}),
    Setup("A key of the configuration is misspelled", typo, {"configuration": "failure"}),
    Setup(
        "Variables of the environment name another authority and a key log",
        prepared_environment,
        {"environment": "warning"},
    ),
    Setup("The company's certificates are gone", no_authorities, {"authorities": "failure"}),
    Setup("The name of Graph is not known", unknown_host, {"graph_name": "failure"}),
    Setup("A firewall refuses the connection", refused, {"graph_connection": "failure"}),
    Setup("A proxy opens TLS unannounced", opened_by_a_stranger, {"graph_tls": "failure"}),
    Setup("The proxy asks for a password", proxy_with_password, {"proxy": "failure"}),
    Setup(
        "The network asks for a sign-in of its own",
        captive_portal,
        {"sign_in_answer": "failure", "graph_answer": "failure"},
    ),
    Setup("The clock is ten minutes off", wrong_clock, {"clock": "failure"}),
    Setup("The tenant does not exist", no_such_tenant, {"tenant": "failure"}),
    Setup("Nobody has consented to signing in", consent_withdrawn, {"signed_in": "failure"}),
    Setup("A permission is missing", scope_missing, {"scope/Policy.Read.All": "failure"}),
    Setup("A role is missing", role_missing, {"role/Authentication Administrator": "failure"}),
    Setup("The policy is off", policy_off, {"policy": "failure"}),
    Setup("The cloud has no hardware tokens", no_hardware_tokens, {"cloud": "failure"}),
    Setup("The record was changed", record_changed, {"record": "failure"}),
    Setup("The record cannot be written", folder_not_writable, {"record_folder": "failure"}),
    Setup("The smart card service does not run", no_card_service, {"card_readers": "warning"}),
    Setup("Others can read the station's key", key_for_all, {"certificate": "failure"}),
    Setup(
        "The station's key store has another PIN",
        store_with_another_pin,
        {"certificate": "failure"},
    ),
    Setup("The system has no key store", no_key_store, {"secret_store": "warning"}),
)


# The table of the help --------------------------------------------------------------------------


def table_rows(setup: Setup, findings: Sequence[Finding]) -> list[str]:
    """The rows of the help's table for one set-up, as the run has printed its lines."""
    bad = [each for each in findings if each.key in not_well(findings)]
    if not bad:
        return [f"| {setup.name} | | {overall_words(findings)} | |"]
    return [_row(setup, finding) for finding in bad]


def _row(setup: Setup, finding: Finding) -> str:
    """One row; what is this machine's alone is named as in a real place."""
    shown = replace(finding, facts=dict(finding.facts) | _elsewhere(finding))
    words = said(shown)
    name = check_name(finding.check, finding.subject)
    verdict = verdict_word(finding.verdict)
    return f"| {setup.name} | {name}: {verdict} | {words.sentence} | {words.advice} |"


def _elsewhere(finding: Finding) -> dict[str, object]:
    sign_in = finding.check.value.startswith("sign_in_")
    host = "login.microsoftonline.com" if sign_in else "graph.microsoft.com"
    return {
        "host": host,
        "port": 443,
        "issuer": "CN=Contoso Web Gateway",
        "proxy": "http://proxy.contoso.com:8080",
        "folder": "D:\\Record",
        "file": "D:\\contoso.pem",
    }
