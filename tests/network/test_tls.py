"""T3: which authorities are trusted, and where they come from."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import pytest
import trustme

from app.checks.trust import look_at_authorities
from app.checks.way import Trust
from app.core.checkup import Told, Verdict
from app.network.environment import SET_ASIDE, found, set_aside
from app.network.exchange import Deadline, Limits, TimedSocket, TlsSocket
from app.network.proxies import Proxies, variables_set
from app.network.tls import BUNDLES, Roots, make_ssl_context, system_roots, verifies
from tests.support.patience import HANG_SECONDS


def test_t3_windows_and_macos_judge_certificates_themselves() -> None:
    for platform in ("win32", "darwin"):
        assert system_roots(platform) == Roots(native=True)


@pytest.mark.skipif(find_spec("truststore") is None, reason="needs truststore (Windows, macOS)")
def test_t3_a_context_of_the_system_verifies() -> None:
    assert verifies(make_ssl_context(roots=Roots(native=True)))


def test_t3_a_certificate_of_an_authority_that_the_system_does_not_know_is_refused(
    tmp_path: Path,
) -> None:
    """By both ways that this program shakes hands; the server shows its root as well."""
    authority, chain = trustme.CA(), tmp_path / "chain.pem"
    leaf = authority.issue_cert("localhost")
    shown = [leaf.private_key_pem, *leaf.cert_chain_pems, authority.cert_pem]
    chain.write_bytes(b"".join(each.bytes() for each in shown))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    context = make_ssl_context()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                stream, _ = listener.accept()
                with (
                    suppress(OSError),
                    stream,
                    server.wrap_socket(stream, server_side=True) as secured,
                ):
                    secured.settimeout(HANG_SECONDS)
                    secured.recv(1)

        serving = threading.Thread(target=serve)
        serving.start()
        address = listener.getsockname()
        with (
            socket.create_connection(address, HANG_SECONDS) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(plain, server_hostname="localhost")
        limits = Limits()
        with (
            closing(
                TimedSocket.connect(address[0], address[1], Deadline(HANG_SECONDS), limits)
            ) as timed,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            TlsSocket(timed, context, "localhost")
        serving.join(HANG_SECONDS)


def test_t3_on_linux_the_first_bundle_that_is_there_is_read(tmp_path: Path) -> None:
    bundles = [tmp_path / str(number) for number in range(3)]
    bundles[1].write_bytes(trustme.CA().cert_pem.bytes())
    bundles[2].write_bytes(b"")
    assert system_roots("linux", bundles) == Roots(bundle=bundles[1])
    assert all(PurePosixPath(each.as_posix()).is_absolute() for each in BUNDLES)


def test_t3_a_linux_without_authorities_falls_back_to_the_programs_and_the_doctor_warns(
    tmp_path: Path,
) -> None:
    roots = system_roots("linux", [tmp_path / "none"])
    assert roots.built_in
    finding = look_at_authorities(Trust(roots=roots))
    assert (finding.verdict, finding.told) == (Verdict.WARNING, Told.AUTHORITIES_BUILT_IN)
    context = make_ssl_context(roots=roots)
    assert verifies(context)
    assert context.cert_store_stats()["x509_ca"] > 100


def test_t3_no_context_heeds_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil, own = tmp_path / "evil.pem", tmp_path / "own.pem"
    evil.write_bytes(trustme.CA(organization_name="Evil").cert_pem.bytes())
    own.write_bytes(trustme.CA(organization_name="Contoso").cert_pem.bytes())
    for name in SET_ASIDE:
        monkeypatch.setenv(name, str(evil))
    context = make_ssl_context(own, Roots(bundle=own))
    assert "Evil" not in str(context.get_ca_certs())
    assert not context.keylog_filename
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_t3_what_was_set_aside_is_still_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.network.environment._removed", {})
    environment = {"SSL_CERT_FILE": "/evil.pem", "SSLKEYLOGFILE": "/keys", "LANG": "C"}
    named = found(environment)
    assert set(named) == {"SSL_CERT_FILE", "SSLKEYLOGFILE"}
    set_aside(environment)
    assert environment == {"LANG": "C"}
    assert set(named) <= set(found(environment))
    proxies = {"HTTPS_PROXY": "x", "no_proxy": "y", "LANG": "C"}
    assert variables_set(proxies) == ("HTTPS_PROXY", "no_proxy")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_t3_proxies_of_the_environment_count_only_where_they_may(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(each, raising=False)
        monkeypatch.delenv(each.lower(), raising=False)
    monkeypatch.setenv(name, "http://proxy.contoso.com:8080")
    host = "graph.microsoft.com"
    assert Proxies(of_system=False).for_host(host) is None
    assert Proxies().for_host(host) == "http://proxy.contoso.com:8080"
    assert Proxies("http://own:1").for_host(host) == "http://own:1"
    assert Proxies().for_host("localhost") is None
