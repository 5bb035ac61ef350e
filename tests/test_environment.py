"""T3: no variable of the environment lets somebody else read what goes to the cloud.

A proxy of the environment opens TLS with a certificate whose authority every variable names that
OpenSSL, httpx, requests or MSAL would heed. The program runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme

from app.doctor import examinations
from app.network.tls import Roots, make_ssl_context
from app.settings.loading import Sources
from app.station.examining import examine
from app.station_config import examined_config
from tests.journeys.program import ROOT, environment
from tests.readers.daemon import SOCKET_NAME
from tests.seeds import writers
from tests.seeds.support import tokens
from tests.settings.layers import LEAST
from tests.support.proxy import Interceptor, Tunnel, free_port

SECONDS = 90
NAMES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
HOSTS = {"login.microsoftonline.com", "graph.microsoft.com"}

GRAPH = """
import asyncio, sys
import app
from app.clock import SystemClock
from app.core.errors import DirectoryError
from app.core.ports import AccessToken
from app.graph.client import Call, GraphClient
from app.graph.transport import make_http
from app.network.tls import make_ssl_context

class Tokens:
    async def access_token(self, claims=None):
        return AccessToken("secret-token", frozenset())

async def ask():
    async with make_http(make_ssl_context()) as http:
        client = GraphClient("https://graph.microsoft.com", Tokens(), http, SystemClock())
        await client.read(Call("/me"))

try:
    asyncio.run(ask())
except DirectoryError as error:
    print(error.evidence.message)
    sys.exit(1)
"""

FIRST_RUN = """
import asyncio, sys
import app
from pathlib import Path
from app.core.cloud import Cloud
from app.core.errors import SignInError
from app.compose import StationLauncher
from app.settings.loading import Sources

async def none(*_):
    raise AssertionError

async def look_up():
    sources = Sources(Path("none.toml"), Path("none-either.toml"))
    first_run = await StationLauncher(sources, "", none, none).station()(lambda _notice: None)
    try:
        await first_run._finder.find("contoso.com", Cloud.GLOBAL)
    finally:
        await first_run.close()

try:
    asyncio.run(look_up())
except SignInError as error:
    print(error)
    sys.exit(1)
"""

OPENSSL = """
import app, ssl
print(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).maximum_version.name)
"""


@pytest.fixture
def interceptor() -> Iterator[Interceptor]:
    with Interceptor() as running:
        yield running


class Attacked:
    """A machine whose environment somebody else has prepared."""

    def __init__(self, folder: Path, interceptor: Interceptor) -> None:
        self.folder = folder
        self.key_log = folder / "keys.log"
        authority = folder / "evil.pem"
        interceptor.authority.cert_pem.write_to_path(authority)
        self.configuration = folder / "config.toml"
        self.configuration.write_text(
            f'{LEAST}[readers]\ncards = false\n[ledger]\nfolder = "{folder / "record"}"\n',
            encoding="utf-8",
        )
        self.variables = {
            **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authority)),
            "CURL_CA_BUNDLE": str(authority),
            "SSL_CERT_DIR": str(hashed(authority, folder)),
            "SSLKEYLOGFILE": str(self.key_log),
            "HTTPS_PROXY": interceptor.url,
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        plain = environment(self.folder, XDG_STATE_HOME=str(self.folder / "state"))
        kept = {k: v for k, v in plain.items() if not k.lower().endswith("_proxy")}
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**kept, SOCKET_NAME: "/nonexistent/pcscd.comm", **self.variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "app", "--config", str(self.configuration), *words)

    @property
    def logged_keys(self) -> str:
        return self.key_log.read_text() if self.key_log.exists() else ""


def hashed(authority: Path, folder: Path) -> Path:
    """A folder of authorities as OpenSSL looks them up: by the hash of the subject."""
    found = folder / "hashed"
    found.mkdir()
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(authority)]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    (found / f"{name}.0").write_bytes(authority.read_bytes())
    return found


@pytest.fixture
def attacked(tmp_path: Path, interceptor: Interceptor) -> Attacked:
    return Attacked(tmp_path, interceptor)


def test_t3_the_doctor_trusts_no_authority_of_the_environment_and_names_the_variables(
    attacked: Attacked, interceptor: Interceptor
) -> None:
    done = attacked.program("doctor", "--json", "--sign-in")
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    found = {each["check"]: each for each in report["findings"]}
    assert found["sign_in_tls"]["told"] == "certificate_of_unknown_authority"
    assert found["graph_tls"]["told"] == "certificate_of_unknown_authority"
    assert found["environment"]["verdict"] == "warning"
    for name in attacked.variables:
        assert name in json.dumps(found["environment"]), name
    assert set(interceptor.asked) == HOSTS
    assert interceptor.read == []
    assert attacked.logged_keys == ""


@pytest.mark.parametrize("command", ["inventory", "import"])
def test_t3_a_command_that_signs_in_shows_nothing_to_the_interceptor(
    attacked: Attacked, interceptor: Interceptor, command: str
) -> None:
    if command == "inventory":
        done = attacked.program("inventory", "export")
    else:
        file = attacked.folder / "seeds.csv"
        file.write_bytes(writers.entra(tokens(2)))
        done = attacked.program("import", str(file))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert interceptor.asked
    assert interceptor.read == []
    assert attacked.logged_keys == ""


@pytest.mark.parametrize("script", [GRAPH, FIRST_RUN], ids=["graph", "first run"])
def test_t3_the_station_shows_nothing_to_the_interceptor(
    attacked: Attacked, interceptor: Interceptor, script: str
) -> None:
    done = attacked.run("-c", script)
    assert done.returncode == 1, done.stderr
    assert "CERTIFICATE_VERIFY_FAILED" in done.stdout
    assert interceptor.asked
    assert interceptor.read == []
    assert attacked.logged_keys == ""


def test_t3_a_configuration_of_openssl_from_the_environment_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "openssl.cnf"
    file.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMaxProtocol = TLSv1.2\n"
    )
    variables = {**os.environ, "OPENSSL_CONF": str(file), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", OPENSSL]
    said = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "MAXIMUM_SUPPORTED"


# Proxies ----------------------------------------------------------------------------------------


def found_by_doctor(
    folder: Path, monkeypatch: pytest.MonkeyPatch, machine: str, variables: Mapping[str, str]
) -> dict[str, Any]:
    """What the doctor finds with `machine` as the administrator's file, by check."""
    for name in [each for each in os.environ if each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    machine_file, user_file = folder / "machine.toml", folder / "user.toml"
    machine_file.write_text(machine, encoding="utf-8")
    user_file.write_text(f"{LEAST}[readers]\ncards = false\n", encoding="utf-8")
    config = examined_config(Sources(machine_file, user_file))

    async def examined() -> dict[str, Any]:
        with ThreadPoolExecutor(4) as executor:
            findings = await examine(examinations(config, executor), lambda _finding: None)
        return {each.check.value: each for each in findings}

    return asyncio.run(examined())


@pytest.mark.parametrize("lock", ["*", "network.*", "network.proxy"])
def test_t3_with_a_locked_proxy_none_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    machine = f'locked = ["{lock}"]\n{LEAST if lock == "*" else ""}'
    with Tunnel(free_port(), "desk", "right") as tunnel:
        proxy = f"http://desk:right@127.0.0.1:{tunnel.port}"
        found = found_by_doctor(tmp_path, monkeypatch, machine, dict.fromkeys(NAMES, proxy))
        assert tunnel.opened == []
    assert found["proxy"].told.value == "proxy_none"
    assert found["environment"].facts["names"] == ", ".join(NAMES)
    for name in NAMES:
        assert (name, "ignored: network.proxy is locked") in found["environment"].rows


def test_t3_an_unlocked_proxy_of_the_environment_is_used_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tunnel(free_port(), "desk", "right") as tunnel:
        proxy = f"http://desk:right@127.0.0.1:{tunnel.port}"
        found = found_by_doctor(tmp_path, monkeypatch, "", {"HTTPS_PROXY": proxy})
        assert {each.partition(":")[0] for each in tunnel.opened} <= HOSTS
    assert ("HTTPS_PROXY", "used") in found["environment"].rows
    assert found["environment"].verdict.value == "ok"


def test_t3_a_companys_authority_in_the_systems_store_is_trusted_without_any_variable(
    tmp_path: Path,
) -> None:
    authority = trustme.CA(organization_name="Contoso")
    bundle = tmp_path / "ca-certificates.crt"
    authority.cert_pem.write_to_path(bundle)
    context = make_ssl_context(roots=Roots(bundle=bundle))
    (trusted,) = context.get_ca_certs()
    assert "Contoso" in str(trusted["subject"])
