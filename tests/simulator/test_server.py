"""Starting and stopping: the ready file, the signals, the port, the files left behind."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.simulator import SimulatorOptions
from app.simulator.cli import run, write_private
from app.simulator.server import SimulatorServer
from app.simulator.stock import DEMO_SERIAL
from tests.auth.keys import certificate_of, rsa_key
from tests.support.patience import HANG_SECONDS, wait_until
from tests.support.simulated import trust

RUN = "import sys; from app.simulator.cli import run; sys.exit(run(sys.argv[1:]))"


def wait_for(path: Path) -> None:
    wait_until(path.exists, f"the file {path}")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to send")
def test_the_command_writes_its_ready_file_serves_and_stops_on_sigterm(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    command = [sys.executable, "-c", RUN, "--port", "0", "--ready-file", str(file)]
    command += ["--people", "60", "--tokens", "40", "--seed", "3", "--throttle", "5/10"]
    certificate = tmp_path / "kiosk.crt"
    certificate.write_bytes(certificate_of(rsa_key()))
    command += ["--app-certificate", str(certificate)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(file)
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600  # noqa: PTH116 - the mode is the point
        ready = json.loads(file.read_text(encoding="utf-8"))
        url = f"{ready['authority']}/v2.0/.well-known/openid-configuration"
        with httpx.Client(verify=trust(ready["ca_file"]), trust_env=False) as client:
            assert client.get(url).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG_SECONDS) == 0
    assert not Path(ready["ca_file"]).exists()
    assert set(ready) >= {"graph_url", "authority", "ca_file", "tenant_id", "client_id"}
    assert set(ready["tokens"][0]) >= {"serial", "secret", "interval", "hash", "status"}
    assert set(ready["people"][0]) >= {"id", "userPrincipalName", "employeeId"}
    assert set(ready["operators"][0]) >= {"username", "password", "roles"}
    assert Path(ready["app"]["certificate_file"]).name == "app.pem"
    assert ready["tokens"][0]["serial"] == DEMO_SERIAL
    assert ready["people"][0]["employeeId"] == "004117"


def test_a_certificate_to_register_is_read_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_another_kind = certificate_of(ec.generate_private_key(ec.SECP256R1()))
    for name, content in (("text.pem", b"no certificate"), ("ec.pem", of_another_kind)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SystemExit) as ended:
            run(["--app-certificate", str(tmp_path / name)])
        assert ended.value.code == 2
        assert name in capsys.readouterr().err


def test_a_taken_port_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = SimulatorServer(SimulatorOptions(port=taken.getsockname()[1], people=20))
        with pytest.raises(OSError, match=r".+"):
            server.start()


def test_stopping_frees_the_port_and_can_be_repeated() -> None:
    server = SimulatorServer(SimulatorOptions(people=20, tokens=12))
    ready = server.start()
    server.stop()
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(ready.graph_url, trust_env=False)


def test_nothing_secret_is_in_the_repr_of_what_is_ready() -> None:
    with SimulatorServer(SimulatorOptions(people=20, tokens=12)) as ready:
        shown = repr(ready)
        assert ready.operators[0].password not in shown
        assert ready.tokens[0].secret not in shown
        assert ready.control_url not in shown


def test_the_machines_own_authorities_do_not_vouch_for_the_simulator() -> None:
    with (
        SimulatorServer(SimulatorOptions(people=20, tokens=12)) as ready,
        pytest.raises(httpx.ConnectError),
    ):
        httpx.get(ready.graph_url, trust_env=False)


def test_a_private_file_replaces_an_older_one(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    file.write_text("old")
    write_private(file, "new")
    assert file.read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]


def test_half_a_request_is_no_request_and_no_error(tmp_path: Path) -> None:
    server = SimulatorServer(SimulatorOptions(people=60, tokens=40))
    with server as ready:
        port = int(ready.graph_url.rpartition(":")[2])
        context = trust(ready.ca_file)
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            secured.sendall(b"POST /beta/me HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            time.sleep(0.05)  # the server has begun to read
        assert server.practice is not None
        for _ in range(200):
            if server.practice.application.log():
                break
            time.sleep(0.01)
        statuses = [entry["status"] for entry in server.practice.application.log()]

    assert statuses == [0]
