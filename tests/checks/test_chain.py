"""Certificates are told in words that a supporter can compare with another machine's."""

import ssl

import trustme

from app.checks.chain import chain_rows, issuer_of


def chain_of(authority: trustme.CA) -> tuple[bytes, ...]:
    issued = authority.issue_cert("graph.microsoft.com")
    pems = (*issued.cert_chain_pems, authority.cert_pem)
    return tuple(ssl.PEM_cert_to_DER_cert(pem.bytes().decode("ascii")) for pem in pems)


def test_each_certificate_is_named_with_issuer_time_and_fingerprint() -> None:
    chain = chain_of(trustme.CA(organization_name="Contoso Web Gateway"))
    rows = chain_rows(chain)
    labels = [label for label, _ in rows]
    once = ["  issued by", "  valid", "  SHA-256"]
    assert labels == ["Certificate 1", *once, "Certificate 2", *once]
    facts = dict(rows[:4])
    assert "Contoso Web Gateway" in facts["  issued by"]
    assert facts["  valid"].endswith("UTC")
    assert len(facts["  SHA-256"].split(":")) == 32
    assert "Contoso Web Gateway" in issuer_of(chain)


def test_what_cannot_be_read_or_is_not_shown_is_said_to_be_so() -> None:
    assert chain_rows((b"no certificate",)) == (("Certificate 1", "unreadable"),)
    assert "TLS 1.3" in chain_rows(())[0][1]
    assert issuer_of(()) == issuer_of((b"no certificate",)) == ""
