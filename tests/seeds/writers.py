"""Seed files as the vendors write them, made from tokens; the shapes are those they publish."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pskc import PSKC

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import SeedToken

ENTRA = "upn,serial number,secret key,time interval,manufacturer,model"
GRAPH = "serialNumber,secretKey,timeIntervalInSeconds,manufacturer,model,hashFunction"
DEEPNET = "serial number,secret key,time interval,manufacturer,model"
KEY = Secret(bytes.fromhex("12345678901234567890123456789012"))
PASSWORD = Secret(b"qwerty")
ROUNDS = 10

Tokens = Sequence[SeedToken]


def in_hex(secret: Secret) -> str:
    return secret.reveal().hex()


def written(secret: Secret, encoding: Encoding) -> str:
    if encoding is Encoding.BASE64:
        return _base64(secret)
    return in_hex(secret) if encoding is Encoding.HEX else secret.reveal_base32()


def table(  # noqa: PLR0913 - all that the form of a CSV file is
    rows: Iterable[Sequence[object]],
    header: str = "",
    *,
    separator: str = ",",
    end: str = "\r\n",
    encoding: str = "utf-8",
    quoting: Any = csv.QUOTE_MINIMAL,
) -> bytes:
    """A CSV file; `header` has commas whatever the separator."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    if header:
        writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def entra(tokens: Tokens, how: Encoding = Encoding.BASE32, **form: Any) -> bytes:
    rows = (
        (t.person, t.serial, written(t.secret, how), t.interval, t.manufacturer, t.model)
        for t in tokens
    )
    return table(rows, ENTRA, **form)


def graph(tokens: Tokens, how: Encoding = Encoding.BASE32, **form: Any) -> bytes:
    rows = (
        (
            t.serial,
            written(t.secret, how),
            t.interval,
            t.manufacturer,
            t.model,
            t.hash_function.value,
        )
        for t in tokens
    )
    return table(rows, GRAPH, **form)


def deepnet(tokens: Tokens, how: Encoding = Encoding.BASE32, **form: Any) -> bytes:
    rows = ((t.serial, written(t.secret, how), t.interval, t.manufacturer, t.model) for t in tokens)
    return table(rows, DEEPNET, **form)


def graph_json(tokens: Tokens, person_id: str = "") -> bytes:
    """Graph's own upload body (contract, D6)."""
    devices: list[dict[str, object]] = [
        {
            "@contentId": str(number),
            "serialNumber": t.serial,
            "manufacturer": t.manufacturer,
            "model": t.model,
            "secretKey": t.secret.reveal_base32(),
            "timeIntervalInSeconds": t.interval,
            "hashFunction": t.hash_function.value,
        }
        for number, t in enumerate(tokens, start=1)
    ]
    for device, token in zip(devices, tokens, strict=True):
        if person_id or token.person:
            device["assignTo"] = (
                {"id": person_id} if person_id else {"userPrincipalName": token.person}
            )
    return json.dumps({"@context": "#$delta", "value": devices}, indent=1).encode()


def safeword(tokens: Tokens) -> bytes:
    """A file of SafeWord and eToken, in the form of LDIF."""
    return "\n".join(
        f"dn: sccAuthenticatorId={t.serial}\nobjectclass: sccCompatibleToken\n"
        f"sccAuthenticatorId: {t.serial}\nsccTokenType: eToken-PASS-TS\n"
        f"sccTokenData: sccKey={in_hex(t.secret)};sccMode=T;sccPwLen=6;"
        f"crypto=Hmac{t.hash_function.name};sccTick={t.interval}\n"
        for t in tokens
    ).encode()


def pskc_draft(tokens: Tokens) -> bytes:
    """A container as the drafts before RFC 6030 have it."""
    return _document(
        "KeyContainer",
        "".join(
            f"<Device><DeviceId><Manufacturer>{escape(t.manufacturer)}</Manufacturer>"
            f"<SerialNo>{t.serial}</SerialNo><Model>{escape(t.model)}</Model></DeviceId>"
            '<Key KeyAlgorithm="http://www.ietf.org/keyprov/pskc#totp" KeyId="1">'
            f"<AlgorithmParameters><Suite>{_SUITES[t.hash_function]}</Suite></AlgorithmParameters>"
            '<Usage OTP="true"><ResponseFormat Length="6" Format="DECIMAL"/></Usage>'
            f'<Data Name="SECRET"><PlainValue>{_base64(t.secret)}</PlainValue></Data>'
            f'<Data Name="TIME_INTERVAL"><PlainValue>{t.interval}</PlainValue></Data>'
            "</Key></Device>"
            for t in tokens
        ),
        'Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc:1.0"',
    )


def _base64(secret: Secret) -> str:
    return base64.b64encode(secret.reveal()).decode()


def oath(tokens: Tokens, **form: Any) -> bytes:
    return table(((t.serial, in_hex(t.secret), "totp", 6, t.interval) for t in tokens), **form)


def yubico(tokens: Tokens, **form: Any) -> bytes:
    rows = (
        (t.serial, "", "000000000000", in_hex(t.secret), "000000000000", "2026-11-23T09:00:00", "")
        for t in tokens
    )
    return table(rows, **form)


def safenet(tokens: Tokens) -> bytes:
    return _document(
        "Tokens",
        "".join(
            f"<Token serial={quoteattr(t.serial)}><CaseModel>5</CaseModel>"
            f"<ProductName>{escape(t.model)}</ProductName><Applications>"
            '<Application ConnectorID="{a61c4073}">'
            f"<Seed>{in_hex(t.secret)}</Seed><MovingFactor>0</MovingFactor>"
            "</Application></Applications></Token>\n"
            for t in tokens
        ),
    )


def deepnet_xml(tokens: Tokens, how: Encoding = Encoding.HEX) -> bytes:
    head = (
        "<header><manufacturerCode>DN</manufacturerCode><productCode>ST</productCode>"
        f"<encode>{how.name}</encode><encrypt>NONE</encrypt></header>"
    )
    each = "".join(
        f"<token><serial>{t.serial}</serial><seed>{written(t.secret, how)}</seed></token>"
        for t in tokens
    )
    return _document("data", f"{head}<tokens>{each}</tokens>")


def pskc(tokens: Tokens, lock: Callable[[Any], None] = lambda _container: None) -> bytes:
    """A container as python-pskc writes it; `lock` sets its encryption."""
    container: Any = PSKC()
    for t in tokens:
        container.add_key(
            id=t.serial,
            serial=t.serial,
            manufacturer=t.manufacturer,
            model=t.model,
            key_userid=t.person or None,
            algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp",
            algorithm_suite=_SUITES[t.hash_function] if t.hash_told else None,
            response_encoding="DECIMAL",
            response_length=6,
            secret=t.secret.reveal(),
            time_interval=t.interval,
        )
    lock(container)
    out = io.BytesIO()
    container.write(out)
    return out.getvalue()


def with_key(container: Any) -> None:
    container.encryption.setup_preshared_key(key=KEY.reveal(), fields=["secret", "time_interval"])


def with_password(container: Any) -> None:
    container.encryption.setup_pbkdf2(PASSWORD.reveal().decode(), iterations=ROUNDS)


def with_wrapped_keys(container: Any) -> None:
    container.encryption.setup_preshared_key(key=KEY.reveal(), algorithm="kw-aes128")


_SUITES = {HashFunction.SHA1: "HMAC-SHA1", HashFunction.SHA256: "HMAC-SHA256"}


def key_package(  # noqa: PLR0913 - one for each element that a test changes
    serial: str = "10001001",
    secret: bytes = b"12345678901234567890",
    *,
    kind: str = "totp",
    digits: str = 'Length="6" Encoding="DECIMAL"',
    suite: str = "",
    interval: str = "<TimeInterval><PlainValue>30</PlainValue></TimeInterval>",
    user: str = "",
) -> str:
    """One KeyPackage in plain."""
    return (
        f"<KeyPackage><DeviceInfo><Manufacturer>Acme</Manufacturer><SerialNo>{serial}</SerialNo>"
        f'<Model>One</Model></DeviceInfo><Key Id="1" '
        f'Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:{kind}"><AlgorithmParameters>'
        f"<Suite>{suite}</Suite><ResponseFormat {digits}/></AlgorithmParameters><Data><Secret>"
        f"<PlainValue>{base64.b64encode(secret).decode()}</PlainValue></Secret>{interval}</Data>"
        f"<UserId>{user}</UserId></Key></KeyPackage>"
    )


def key_container(*packages: str, head: str = "") -> bytes:
    attributes = 'Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"'
    return _document("KeyContainer", head + "".join(packages), attributes)


def _document(root: str, content: str, attributes: str = "") -> bytes:
    start = f"<{root} {attributes}>" if attributes else f"<{root}>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}{content}</{root}>\n'.encode()
