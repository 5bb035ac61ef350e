"""Files as they come from the field, each standing for its kind, with variants of it.

The number in a test's name is that of the input which began it. Each of those tests failed on the
importer as it was before. Seeds and people are invented.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.core.errors import (
    SeedFileEmpty,
    SeedFileError,
    SeedFileNotRecognised,
    SeedFileTooLarge,
)
from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import (
    ColumnMapping,
    FaultKind,
    Limits,
    Need,
    SeedFile,
    SeedFormat,
    SeedOptions,
)
from tests.seeds.support import ANSWERED, RFC_SEED, Desk
from tests.seeds.writers import ENTRA

HEX = "1f40fc92da241694750979ee6cf582f2d5d7d28e"
HEX_2 = "5267768822ee624d48fce15ec5ca79cbd602cb7f"
HEX_3 = "acc28db2beb7b42baa1cb0243d401ccb4e3fce44"
BASE32 = "D5APZEW2EQLJI5IJPHXGZ5MC6LK5PUUO"
BASE32_2 = "JX7U5I2A6CUCH4K5H5HQDK3C5LQOLWSX"
LONG = "D5APZEW2EQLJI5IJPHXGZ5MC6LK5PUUODAZV3YC2XRKNAVQOB5JQ"
SEED = bytes.fromhex(HEX)
SHA256 = HashFunction.SHA256


def faults(found: SeedFile) -> list[tuple[int, FaultKind]]:
    return [(fault.row, fault.kind) for fault in found.faults]


def serials(found: SeedFile) -> list[str]:
    return [token.serial for token in found.tokens]


# 01: PSKC before it was RFC 6030 ------------------------------------------------------------------

DRAFT = (
    '<?xml version="1.0"?>\n<KeyContainer Version="1.0" '
    'xmlns="urn:ietf:params:xml:ns:keyprov:pskc">'
    "<Device><DeviceInfo><Manufacturer>Acme</Manufacturer><SerialNo>2600100200301</SerialNo>"
    '<Model>c200</Model></DeviceInfo><Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc#totp" '
    'Id="1"><AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/>'
    "</AlgorithmParameters><Data><Secret><PlainValue>H0D8ktokFpR1CXnubPWC8tXX0o4=</PlainValue>"
    "</Secret><TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></Device>"
    "</KeyContainer>"
)
NAMED_DATA = (
    "<Data Name='TIME_INTERVAL'><Value>AAAAAAAAAB4=</Value></Data>"
    "<Data Name='SECRET'><Value>H0D8ktokFpR1CXnubPWC8tXX0o4=</Value></Data>"
)
DATA = DRAFT[DRAFT.index("<Data>") : DRAFT.index("</Data>") + 7]
VARIANTS_OF_DRAFT = {
    "the case": DRAFT,
    "a namespace of a draft, prefixed": DRAFT.replace("<", "<p:")
    .replace("<p:/", "</p:")
    .replace("<p:?", "<?")
    .replace("xmlns=", "xmlns:p=")
    .replace('keyprov:pskc"', 'keyprov:pskc:1.0"', 1),
    "Device inside KeyPackage": DRAFT.replace("<Device>", "<KeyPackage><Device>").replace(
        "</Device>", "</Device></KeyPackage>"
    ),
    "DeviceId": DRAFT.replace("DeviceInfo>", "DeviceId>"),
    "KeyAlgorithm": DRAFT.replace("Key Algorithm", "Key KeyAlgorithm"),
    "algorithm of the IETF's address": DRAFT.replace(
        "urn:ietf:params:xml:ns:keyprov:pskc#totp", "http://www.ietf.org/keyprov/pskc#totp"
    ),
    "a path as algorithm": DRAFT.replace(
        "urn:ietf:params:xml:ns:keyprov:pskc#totp",
        "http://www.openauthentication.org/OATH/2006/10/TOTP",
    ),
    "Usage": DRAFT.replace("AlgorithmParameters>", "Usage>").replace(
        'Encoding="DECIMAL"', 'Format="DECIMAL"'
    ),
    "Data by name": DRAFT.replace(DATA, NAMED_DATA),
    "interval in Base64 of digits": DRAFT.replace(">30<", ">MzA=<"),
    "data first": DRAFT.replace(DATA, "").replace('Id="1">', f'Id="1">{DATA}'),
}


@pytest.mark.parametrize("name", VARIANTS_OF_DRAFT)
def test_01_pskc_of_the_drafts_is_read(desk: Desk, name: str) -> None:
    found = desk.read(VARIANTS_OF_DRAFT[name])
    assert faults(found) == []
    (token,) = found.tokens
    assert (token.serial, token.manufacturer, token.model) == ("2600100200301", "Acme", "c200")
    assert (token.interval, token.secret) == (30, Secret(SEED))


def test_01_several_keys_of_one_device_are_each_told(desk: Desk) -> None:
    key = DRAFT[DRAFT.index("<Key ") : DRAFT.index("</Key>") + 6]
    found = desk.read(DRAFT.replace(key, key.replace("totp", "hotp") + key + key))
    assert serials(found) == ["2600100200301"]
    assert faults(found) == [(1, FaultKind.COUNTER_BASED), (3, FaultKind.DUPLICATE)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (('Length="6"', 'Length="8"'), FaultKind.DIGITS_NOT_ALLOWED),
        (("Length=", "length="), None),
        (("#totp", "#hotp"), FaultKind.COUNTER_BASED),
        (("#totp", "#ocra"), FaultKind.NOT_OATH),
        ((">30<", ">45<"), FaultKind.INTERVAL_NOT_ALLOWED),
    ],
)
def test_01_a_draft_is_judged_as_any_other_file(
    desk: Desk, change: tuple[str, str], kind: FaultKind | None
) -> None:
    found = desk.read(DRAFT.replace(*change))
    assert [fault.kind for fault in found.faults] == ([] if kind is None else [kind])


def test_01_a_secret_in_pskc_that_may_be_hexadecimal_is_asked_for(desk: Desk) -> None:
    content = DRAFT.replace("H0D8ktokFpR1CXnubPWC8tXX0o4=", HEX)
    assert desk.read(content).needs == {Need.ENCODING}
    (token,) = desk.read(content, SeedOptions(encoding=Encoding.HEX)).tokens
    assert token.secret == Secret(SEED)
    (token,) = desk.read(
        content, SeedOptions(encoding=Encoding.BASE64, hash_function=HashFunction.SHA1)
    ).tokens
    assert len(token.secret) == 30


def test_01_an_encrypted_value_of_an_early_draft_is_never_taken_as_plain(desk: Desk) -> None:
    method = '<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
    content = DRAFT.replace(DATA, NAMED_DATA).replace("<Device>", f"{method}<Device>")
    with pytest.raises(SeedFileNotRecognised, match="draft"):
        desk.read(content)


EMPTY = {
    "PSKC": '<KeyContainer Version="1.0"></KeyContainer>',
    "PSKC of devices without keys": DRAFT.replace("<Key ", "<Clef ").replace("</Key>", "</Clef>"),
    "SafeNet": "<Tokens></Tokens>",
    "Deepnet": "<data><header/><tokens></tokens></data>",
    "a header alone": f"{ENTRA}\n",
    "a header and blank rows": f"{ENTRA}\n,,,,,\n\n",
    "a whole header in quotes": f'"{ENTRA}"\n',
    "a list in JSON": "[]",
    "Graph's body in JSON": '{"@context": "#$delta", "value": []}',
    "an object in JSON": "{}",
    "LDIF": "dn: cn=somebody\n\n",
}


@pytest.mark.parametrize("name", EMPTY)
def test_01_a_container_without_a_key_is_an_error_and_not_a_file_of_no_rows(
    desk: Desk, name: str
) -> None:
    with pytest.raises(SeedFileError) as caught:
        desk.read(EMPTY[name])
    assert isinstance(caught.value, SeedFileEmpty | SeedFileNotRecognised)


# 02: hash, digits and kind under the names that vendors use ---------------------------------------


def entra(header: str, *cells: str, seed: str = BASE32) -> str:
    return f"{ENTRA},{header}\n" + "".join(
        f",{10001001 + at},{seed},30,Token2,C302,{cell}\n" for at, cell in enumerate(cells)
    )


def test_02_an_algorithm_column_is_understood(desk: Desk) -> None:
    content = (
        f"{ENTRA},algorithm\n"
        f"aaron.reyes@contoso.example,8659620001112,{LONG},30,Token2,C302,SHA256\n"
    )
    (token,) = desk.read(content).tokens
    assert (token.hash_function, token.hash_told, len(token.secret)) == (SHA256, True, 32)


@pytest.mark.parametrize(
    "header",
    [
        "algorithm",
        "Hash",
        "Hash Algorithm",
        "hash function",
        "HashFunction",
        "HMAC algorithm",
        "hash type",
        "OTP Algorithm",
        "Crypto",
        "Hashfunktion",
        "Hash-Algorithmus",
        "Algorithmus",
        "algorithme",
        "Fonction de hachage",
        "Algoritmo",
        "función hash",
        "hash (HMAC)",
        "type",
    ],
)
@pytest.mark.parametrize("value", ["SHA256", "hmacsha256"])
def test_02_every_name_of_the_hash(desk: Desk, header: str, value: str) -> None:
    (token,) = desk.read(entra(header, value, seed=LONG)).tokens
    assert (token.hash_function, token.hash_told) == (SHA256, True)


@pytest.mark.parametrize(
    ("value", "function"),
    [
        ("SHA256", SHA256),
        ("sha-256", SHA256),
        ("HmacSHA256", SHA256),
        ("HMAC-SHA-256", SHA256),
        ("hmac_sha256", SHA256),
        ("HMAC SHA 256", SHA256),
        ("sha2-256", SHA256),
        ("SHA-256 (HMAC)", SHA256),
        ("TOTP-SHA256", SHA256),
        ("256", SHA256),
        ("2", SHA256),
        ("SHA1", HashFunction.SHA1),
        ("hmacsha1", HashFunction.SHA1),
        ("HMAC-SHA-1", HashFunction.SHA1),
        ("sha-1", HashFunction.SHA1),
        ("1", HashFunction.SHA1),
    ],
)
def test_02_every_spelling_of_a_hash(desk: Desk, value: str, function: HashFunction) -> None:
    (token,) = desk.read(entra("hash function", value)).tokens
    assert (token.hash_function, token.hash_told) == (function, True)


@pytest.mark.parametrize(
    "value", ["SHA512", "HMAC-SHA-512", "MD5", "SHA3-256", "SHA", "3", "sha384"]
)
def test_02_another_hash_is_a_fault(desk: Desk, value: str) -> None:
    assert faults(desk.read(entra("hash function", value))) == [(2, FaultKind.HASH_NOT_ALLOWED)]


@pytest.mark.parametrize("header", ["algorithm", "type", "Token Type", "OTP type", "mode", "Typ"])
def test_02_every_name_of_the_kind(desk: Desk, header: str) -> None:
    found = desk.read(entra(header, "TOTP", "HOTP", "time-based", "event"))
    assert serials(found) == ["10001001", "10001003"]
    assert faults(found) == [(3, FaultKind.COUNTER_BASED), (5, FaultKind.COUNTER_BASED)]


@pytest.mark.parametrize(
    "header",
    ["digits", "OTP length", "Code length", "otplen", "Stellen", "Chiffres", "dígitos", "cifre"],
)
def test_02_every_name_of_the_digits(desk: Desk, header: str) -> None:
    found = desk.read(entra(header, "6", "8", "6 digits", "06", "six?"))
    assert serials(found) == ["10001001", "10001003", "10001004"]
    assert {kind for _, kind in faults(found)} == {FaultKind.DIGITS_NOT_ALLOWED}


@pytest.mark.parametrize(
    "header",
    [
        "Seriennummer;Geheimer Schlüssel;Zeitintervall;Hersteller;Modell",
        "numéro de série;clé secrète;intervalle de temps;fabricant;modèle",
        "número de serie;clave secreta;intervalo de tiempo;fabricante;modelo",
        "numero di serie;chiave segreta;intervallo di tempo;produttore;modello",
        "Serienummer;Geheime sleutel;Tijdsinterval;Fabrikant;Model",
        "S/N;Seed;Period (s);Vendor;Product",
        "SERIAL_NUMBER;Secret Key (Base32);Time Step [sec];Maker;Token Model",
    ],
)
def test_02_headers_in_several_languages_are_understood(desk: Desk, header: str) -> None:
    found = desk.read(f"{header}\n10001001;{BASE32};60;Acme;One\n")
    assert found.needs == frozenset()
    assert [(t.serial, t.interval, t.manufacturer, t.model) for t in found.tokens] == [
        ("10001001", 60, "Acme", "One")
    ]


@pytest.mark.parametrize("header", ["Batch", "Farbe", "type", "remarks", "", "secret key"])
def test_02_a_column_that_is_not_understood_is_named_and_asked_about(
    desk: Desk, header: str
) -> None:
    content = entra(header, "7x", "")
    found = desk.read(content)
    assert found.needs == {Need.MAPPING}
    assert found.unknown == (6,)
    assert found.columns[6] == header
    assert found.rows == 2
    answered = desk.read(content, SeedOptions(ignored=frozenset({header or "7"})))
    assert (answered.needs, answered.unknown) == (frozenset(), ())
    assert answered.rows == 2


def test_02_a_column_with_nothing_in_it_is_not_asked_about(desk: Desk) -> None:
    assert desk.read(entra("Batch", "", " ")).needs == frozenset()
    assert desk.read(f"{ENTRA},,\n,10001001,{BASE32},30,A,B,,\n").needs == frozenset()


def test_02_a_column_that_is_filled_late_is_asked_about_as_well(desk: Desk) -> None:
    assert desk.read(entra("Batch", *[""] * 2500, "7")).unknown == (6,)


@pytest.mark.parametrize("kind", ["CSV", "OATH CSV", "JSON", "PSKC"])
def test_02_the_hash_of_a_long_seed_is_asked_for(desk: Desk, kind: str) -> None:
    content = {
        "CSV": f"{ENTRA}\n,10001001,{LONG},30,A,B\n",
        "OATH CSV": f"10001001,{base64.b32decode(LONG + '====').hex()},totp,6,30\n",
        "JSON": json.dumps([{"serialNumber": "10001001", "secretKey": LONG}]),
        "PSKC": DRAFT.replace(
            "H0D8ktokFpR1CXnubPWC8tXX0o4=",
            base64.b64encode(base64.b32decode(LONG + "====")).decode(),
        ),
    }[kind]
    found = desk.read(content, ANSWERED)
    assert found.needs == {Need.HASH}
    assert faults(found) == [(found.faults[0].row, FaultKind.HASH_MISSING)]
    (token,) = desk.read(content, replace(ANSWERED, hash_function=SHA256)).tokens
    assert (token.hash_function, token.hash_told) == (SHA256, True)


def test_02_a_hash_that_two_columns_tell_differently_is_a_fault(desk: Desk) -> None:
    content = f"{ENTRA},type,hash\n,10001001,{BASE32},30,A,B,TOTP-SHA256,SHA1\n"
    assert faults(desk.read(content)) == [(2, FaultKind.CONTRADICTION)]


# 03: columns named by hand keep type and digits ---------------------------------------------------

TYPED = (
    "serial,seed,type,digits,interval\n"
    f"TK000001,{HEX},hotp,6,\nTK000002,{HEX_2},totp,8,30\nTK000003,{HEX_3},totp,6,30\n"
)
HAND = ColumnMapping(serial=0, secret=1)
TYPED_FAULTS = [(2, FaultKind.COUNTER_BASED), (3, FaultKind.DIGITS_NOT_ALLOWED)]
MADE_BY = SeedOptions(manufacturer="Acme", model="One")


@pytest.mark.parametrize(
    "mapping",
    [None, HAND, replace(HAND, interval=4), replace(HAND, kind=2, digits=3, interval=4)],
    ids=["none", "two columns", "three", "all"],
)
def test_03_columns_named_by_hand_keep_type_and_digits(
    desk: Desk, mapping: ColumnMapping | None
) -> None:
    found = desk.read(TYPED, replace(MADE_BY, mapping=mapping))
    assert serials(found) == ["TK000003"]
    assert faults(found) == TYPED_FAULTS


def test_03_without_a_header_the_columns_that_were_not_named_are_asked_about(desk: Desk) -> None:
    rows = TYPED.partition("\n")[2].replace("hotp", "x-hotp", 1)
    found = desk.read(rows, replace(MADE_BY, mapping=replace(HAND, header=False), interval=30))
    assert found.needs == {Need.MAPPING}
    assert found.unknown == (2, 3, 4)
    told = replace(HAND, header=False, kind=2, digits=3, interval=4)
    assert serials(desk.read(rows, replace(MADE_BY, mapping=told))) == ["TK000003"]


def test_03_what_is_ignored_on_purpose_is_ignored(desk: Desk) -> None:
    hand = replace(HAND, interval=4, ignored=(2, 3))
    found = desk.read(TYPED, replace(MADE_BY, mapping=hand, interval=30))
    assert len(found.tokens) == 3


# 04: the logs of YubiKey Personalization ----------------------------------------------------------


def test_04_a_yubikey_log_has_no_token_that_counts_time(desk: Desk) -> None:
    content = (
        "7508329,,,1f40fc92da241694750979ee6cf582f2,,2024-12-12T08:44:34,\n"
        f"7508330,,,{HEX_2},,2024-12-12T08:44:35,\n"
        f"7508331,,0,{HEX},,2024-12-12T08:44:36,\n"
        f"7508332,,000000000000,{HEX},000000000000,2024-12-12T08:44:37,\n"
        "7508333,vvccccdegtkj,4d2301c4dda1,08e49538328bae830e0db14a82341100,,2024-12-12T08:44:38,\n"
    )
    found = desk.read(content, SeedOptions(interval=30))
    assert found.format is SeedFormat.YUBICO_CSV
    assert found.tokens == ()
    assert faults(found) == [
        (1, FaultKind.STATIC_PASSWORD),
        (2, FaultKind.STATIC_PASSWORD),
        (3, FaultKind.COUNTER_BASED),
        (4, FaultKind.COUNTER_BASED),
        (5, FaultKind.NOT_OATH),
    ]
    assert found.faults[0].serial == "7508329"


def test_04_the_traditional_log_says_of_each_row_what_it_is(desk: Desk) -> None:
    content = (
        "LOGGING START,17.04.12 12:29\n"
        f"OATH-HOTP,11.12.13 18:55,1,cccccccccccc,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n"
        "Yubico OTP,12/11/2013 11:10,1,vvgutbiedkvi,ab86c04de6a3,"
        "d26a7c0f85fdda28bd816e406342b214,,,0,0,0,0,0,0,0,0,0,0\n"
        "Static Password: Scan Code,17.04.12 12:25,1,051212172c092728,,,,,0,0,0,0,0,0,0,0,0,0\n"
    )
    found = desk.read(content)
    assert found.format is SeedFormat.YUBICO_CSV
    assert faults(found) == [
        (1, FaultKind.NOT_OATH),
        (2, FaultKind.COUNTER_BASED),
        (3, FaultKind.NOT_OATH),
        (4, FaultKind.STATIC_PASSWORD),
    ]


# 06: a column that says how the secret is written -------------------------------------------------

FORMATTED = "serialNumber,secretKey,manufacturer,model,timeIntervalInSeconds,secretFormat\n"


def test_06_a_secret_that_is_written_as_text_is_its_bytes(desk: Desk) -> None:
    (token,) = desk.read(f"{FORMATTED}10001001,12345678901234567890,Acme,T1,30,text\n").tokens
    assert token.secret == Secret(RFC_SEED)


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("text", "12345678901234567890"),
        ("ASCII", "12345678901234567890"),
        ("utf-8", "12345678901234567890"),
        ("plain text", "12345678901234567890"),
        ("hex", RFC_SEED.hex()),
        ("Hexadecimal", RFC_SEED.hex().upper()),
        ("HexString", "0x" + RFC_SEED.hex()),
        ("base16", RFC_SEED.hex()),
        ("base32", base64.b32encode(RFC_SEED).decode()),
        ("Base-32", base64.b32encode(RFC_SEED).decode().lower()),
        ("b64", base64.b64encode(RFC_SEED).decode()),
        ("BASE64", base64.b64encode(RFC_SEED).decode()),
    ],
)
@pytest.mark.parametrize("header", ["secretFormat", "Encoding", "seed format"])
def test_06_every_way_to_write_a_secret(desk: Desk, header: str, value: str, secret: str) -> None:
    content = FORMATTED.replace("secretFormat", header) + f"10001001,{secret},Acme,T1,30,{value}\n"
    (token,) = desk.read(content).tokens
    assert token.secret == Secret(RFC_SEED)


@pytest.mark.parametrize(
    ("value", "secret", "kind"),
    [
        ("hex", BASE32, FaultKind.SECRET_NOT_HEX),
        ("base32", "12345678901234567890", FaultKind.SECRET_NOT_BASE32),
        ("base64", "not base64!!", FaultKind.SECRET_NOT_BASE64),
        ("text", "schlüssel-schlüssel-1", FaultKind.SECRET_NOT_TEXT),
        ("rot13", BASE32, FaultKind.ENCODING_NOT_KNOWN),
    ],
)
def test_06_a_row_that_is_not_written_as_it_says_is_a_fault(
    desk: Desk, value: str, secret: str, kind: FaultKind
) -> None:
    content = f"{FORMATTED}10001001,{secret},Acme,T1,30,{value}\n10001002,{BASE32},A,B,30,base32\n"
    found = desk.read(content)
    assert serials(found) == ["10001002"]
    assert faults(found) == [(2, kind)]


@pytest.mark.parametrize(
    ("how", "secret"),
    [
        (Encoding.TEXT, "12345678901234567890"),
        (Encoding.BASE64, base64.b64encode(RFC_SEED).decode()),
    ],
)
def test_06_a_secret_that_no_column_explains_is_asked_for_and_can_be_told(
    desk: Desk, how: Encoding, secret: str
) -> None:
    content = f"{ENTRA}\n,10001001,{secret},30,A,B\n"
    assert desk.read(content).needs == {Need.ENCODING}
    (token,) = desk.read(content, SeedOptions(encoding=how)).tokens
    assert token.secret == Secret(RFC_SEED)


def test_06_digits_alone_are_hexadecimal_where_the_other_rows_are(desk: Desk) -> None:
    content = f"{ENTRA}\n,10001001,12345678901234567890,30,A,B\n,10001002,{HEX},30,A,B\n"
    assert serials(desk.read(content)) == ["10001001", "10001002"]


def test_06_a_header_that_tells_the_encoding_is_believed(desk: Desk) -> None:
    both = "ABCDEF23" * 4
    found = desk.read(f"serial,seed (hex),interval,maker,model\n10001001,{both},30,A,B\n")
    assert found.tokens[0].secret == Secret(bytes.fromhex(both))
    found = desk.read(f"serial,base32 secret,interval,maker,model\n10001001,{both},30,A,B\n")
    assert found.tokens[0].secret == Secret(base64.b32decode(both))


# 13: whole rows in one pair of quotes -------------------------------------------------------------

ROWS = (ENTRA, f"ada@contoso.example,1234567,{BASE32},60,Contoso,HardwareKey")


def wrapped(lines: Sequence[str], separator: str = ",") -> list[str]:
    return ['"' + line.replace(",", separator).replace('"', '""') + '"' for line in lines]


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(wrapped(ROWS)),
        "\r\n".join(wrapped(ROWS, ";")),
        "\n".join(wrapped(ROWS, "\t")),
        "\ufeff" + "\r\n".join(wrapped(ROWS)) + "\r\n",
        "\n".join(f"{line};;;" for line in wrapped(ROWS)),
        f"{ROWS[0]}\n{wrapped(ROWS)[1]}\n",
        "\n".join(wrapped([ROWS[0], ROWS[1].replace("Contoso,", '"Contoso",')])),
        "\n".join([wrapped(ROWS)[0], '"' + ROWS[1].replace("Contoso,", '"Contoso",') + '"']),
        "\n".join(wrapped([f'"{ENTRA.replace(",", chr(34) + "," + chr(34))}"', ROWS[1]])),
    ],
    ids=[
        "commas",
        "semicolons",
        "tabs",
        "byte order mark",
        "empty columns after them",
        "rows alone",
        "inner quotes doubled",
        "inner quotes as they are",
        "every name in quotes",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1"])
def test_13_whole_rows_in_quotes_are_read(desk: Desk, content: str, encoding: str) -> None:
    found = desk.read(content.lstrip("\ufeff" if encoding == "latin-1" else "").encode(encoding))
    assert faults(found) == []
    (token,) = found.tokens
    assert (token.serial, token.interval, token.person) == ("1234567", 60, "ada@contoso.example")
    assert (token.manufacturer, token.model) == ("Contoso", "HardwareKey")


# 16: SafeWord and eToken --------------------------------------------------------------------------

DAT = (
    "dn: sccAuthenticatorId=TOKEN0001\nobjectclass: sccCompatibleToken\n"
    "sccAuthenticatorId: TOKEN0001\nsccTokenType: eToken-PASS-TS\n"
    "sccTokenData: sccKey=1F40FC92DA241694750979EE6CF582F2D5D7D28E;sccMode=T;sccPwLen=6;"
    "sccVer=6.20;sccTick=30;sccPrTime=2024/03/12 00:00:00\n"
)
SIGNATURE = "sccSignature:MC0CFGxPAjrb0zg7MwFzrPibnC70klMnAhUAwZzVdGBaKGjA0djXrGuv6ejTtII=\n"
LINE = next(line for line in DAT.splitlines() if line.startswith("sccTokenData"))


@pytest.mark.parametrize(
    "content",
    [
        DAT,
        f"# ===== SafeWord Authenticator Records $Version: 100$ =====\n{DAT}{SIGNATURE}",
        DAT.replace(LINE, f"{LINE[:40]}\n {LINE[40:70]}\n {LINE[70:]}"),
        DAT.replace(
            LINE, "sccTokenData:: " + base64.b64encode(LINE.partition(": ")[2].encode()).decode()
        ),
        DAT.replace("\n", "\r\n"),
        f"version: 1\n\n{DAT}",
        DAT.partition("\n")[2],
        f"\ufeff\n{DAT.replace('sccKey', 'SCCKEY')}",
    ],
    ids=[
        "the case",
        "comment and signature",
        "folded",
        "Base64",
        "CRLF",
        "version",
        "no dn",
        "upper case",
    ],
)
def test_16_an_etoken_file_is_read(desk: Desk, content: str) -> None:
    found = desk.read(content)
    assert (faults(found), found.needs, found.format) == ([], frozenset(), SeedFormat.SAFEWORD_DAT)
    (token,) = found.tokens
    assert (token.serial, token.interval, token.secret) == ("TOKEN0001", 30, Secret(SEED))
    assert token.model == "eToken-PASS-TS"


def test_16_every_token_of_the_file_is_judged_by_itself(desk: Desk) -> None:
    made = [
        DAT,
        DAT.replace("TOKEN0001", "TOKEN0002").replace("sccMode=T", "sccMode=E"),
        DAT.replace("TOKEN0001", "TOKEN0003").replace("sccTick=30", "sccTick=45"),
        DAT.replace("TOKEN0001", "TOKEN0004").replace("sccPwLen=6", "sccPwLen=8"),
        DAT.replace("TOKEN0001", "TOKEN0005").replace("sccMode=T;", ""),
        DAT.replace("TOKEN0001", "TOKEN0006").replace("sccVer", "crypto=HmacSHA256;sccVer"),
        DAT.replace("TOKEN0001", "TOKEN0007").replace("sccVer", "crypto=HmacSHA512;sccVer"),
    ]
    for content in ("\n".join(made), "".join(made)):
        found = desk.read(content)
        assert serials(found) == ["TOKEN0001", "TOKEN0006"]
        assert found.tokens[1].hash_function is SHA256
        assert [fault.kind for fault in found.faults] == [
            FaultKind.COUNTER_BASED,
            FaultKind.INTERVAL_NOT_ALLOWED,
            FaultKind.DIGITS_NOT_ALLOWED,
            FaultKind.KIND_NOT_KNOWN,
            FaultKind.HASH_NOT_ALLOWED,
        ]


def test_16_an_attribute_that_is_not_understood_is_named_and_asked_about(desk: Desk) -> None:
    content = DAT.replace("sccVer", "sccOffset=5;sccVer")
    found = desk.read(content)
    assert found.needs == {Need.MAPPING}
    assert [found.columns[at] for at in found.unknown] == ["sccOffset"]
    assert desk.read(content, SeedOptions(ignored=frozenset({"sccoffset"}))).needs == frozenset()


def test_16_another_ldif_is_named(desk: Desk) -> None:
    content = "dn: uid=ada,ou=people,dc=contoso\nobjectClass: person\nuid: ada\n"
    with pytest.raises(SeedFileNotRecognised, match="LDIF"):
        desk.read(content)


# 17: a quote that does not close ------------------------------------------------------------------


def plain_rows(count: int) -> list[str]:
    return [ENTRA, *(f",{10001001 + at},{_seed(at)},30,C,M" for at in range(count))]


def _seed(number: int) -> str:
    return base64.b32encode((987654321 + number).to_bytes(20, "big")).decode()


def test_17_a_quote_that_does_not_close_names_its_lines_and_swallows_nothing(desk: Desk) -> None:
    lines = plain_rows(8)
    lines[2] = lines[2].replace(",M", ',"M')
    lines[7] += '"'
    found = desk.read("\n".join(lines) + "\n")
    assert [(token.row, token.serial) for token in found.tokens] == [
        (2, "10001001"),
        (9, "10001008"),
    ]
    assert faults(found) == [(row, FaultKind.QUOTE_OPEN) for row in range(3, 9)]
    assert {(fault.first_row, fault.last_row) for fault in found.faults} == {(3, 8)}


@pytest.mark.parametrize("count", [3, 200, 30_000])
def test_17_a_quote_that_closes_nowhere_counts_every_line_to_the_end(
    desk: Desk, count: int
) -> None:
    lines = plain_rows(count)
    lines[2] = lines[2].replace(",C,", ',"C,')
    found = desk.read("\n".join(lines))
    assert serials(found) == ["10001001"]
    assert found.rows == count
    assert {(fault.first_row, fault.last_row) for fault in found.faults} == {(3, count + 1)}


def test_17_text_after_a_closing_quote_is_a_fault_of_its_row(desk: Desk) -> None:
    lines = plain_rows(3)
    lines[2] = lines[2].replace(",C,", ',"C"x,')
    lines[3] = lines[3].replace(",C,", ', "C" ,')
    found = desk.read("\n".join(lines))
    assert serials(found) == ["10001001", "10001003"]
    assert faults(found) == [(3, FaultKind.QUOTE_OPEN)]


def test_17_a_cell_of_two_lines_is_no_unbalanced_quote(desk: Desk) -> None:
    content = f'{ENTRA},note\n,10001001,{BASE32},30,C,M,"one\ntwo"\n,10001002,{BASE32_2},30,C,M,\n'
    found = desk.read(content, SeedOptions(ignored=frozenset({"note"})))
    assert [(token.row, token.serial) for token in found.tokens] == [
        (2, "10001001"),
        (4, "10001002"),
    ]


def test_17_a_quote_inside_a_text_is_a_character(desk: Desk) -> None:
    lines = plain_rows(2)
    lines[1] = lines[1].replace(",M", ',5" white')
    assert [token.model for token in desk.read("\n".join(lines)).tokens] == ['5" white', "M"]


# 18: text cells of a spreadsheet ------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        f',="0010001001",="{BASE32}",="60",Contoso,HW',
        f',"=""0010001001""","=""{BASE32}""","=""60""",Contoso,HW',
        f",'0010001001,'{BASE32},'60,'Contoso,'HW",
        f'="",="0010001001",="{BASE32}",="60",="Contoso",="HW"',
        f'"=""""","=""0010001001""",{BASE32},60,"=""Contoso""",HW',
        f', ="0010001001" , ="{BASE32}" ,="60",Contoso,HW',
        f',=""0010001001"",=""{BASE32}"",60,Contoso,HW',
    ],
)
@pytest.mark.parametrize("count", [1, 40])
def test_18_text_cells_of_a_spreadsheet_are_undone_in_every_column(
    desk: Desk, row: str, count: int
) -> None:
    rows = [row.replace("10001001", str(10001001 + at)) for at in range(count)]
    found = desk.read("\n".join([ENTRA, *rows]))
    assert faults(found) == []
    assert serials(found) == [f"00{10001001 + at}" for at in range(count)]
    assert {(t.interval, t.manufacturer, t.model) for t in found.tokens} == {(60, "Contoso", "HW")}
    assert found.tokens[0].secret == Secret(SEED)


def test_18_the_header_may_be_written_so_too(desk: Desk) -> None:
    header = ",".join(f'="{name}"' for name in ENTRA.split(","))
    assert serials(desk.read(f"{header}\n,10001001,{BASE32},30,A,B\n")) == ["10001001"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1.23E+12", FaultKind.SERIAL_SCIENTIFIC),
        ('="1.23E+12"', FaultKind.SERIAL_SCIENTIFIC),
        ('"1,23E+12"', FaultKind.SERIAL_SCIENTIFIC),
        ("8659620001112.0", FaultKind.SERIAL_DECIMAL),
        ('"8659620001112,00"', FaultKind.SERIAL_DECIMAL),
        ("#N/A", FaultKind.SERIAL_NOT_ALLOWED),
        ('"=CONCAT(""1"",2)"', FaultKind.SERIAL_NOT_ALLOWED),
    ],
)
def test_18_a_serial_number_that_a_spreadsheet_has_changed_is_a_fault(
    desk: Desk, written: str, kind: FaultKind
) -> None:
    assert faults(desk.read(f"{ENTRA}\n,{written},{BASE32},30,A,B\n")) == [(2, kind)]


# 19: Graph's own upload body ----------------------------------------------------------------------

DEVICE: dict[str, object] = {
    "serialNumber": "70029370",
    "manufacturer": "Contoso",
    "model": "Hardware Token 1000",
    "secretKey": BASE32,
    "timeIntervalInSeconds": "30",
    "hashFunction": "hmacsha1",
}
PERSON_ID = "0cadbf92-0000-4000-8000-000000000001"
SECOND: dict[str, object] = {
    **DEVICE,
    "serialNumber": "70029371",
    "secretKey": BASE32_2,
    "timeIntervalInSeconds": 60,
    "hashFunction": "hmacsha256",
    "assignTo": {"id": PERSON_ID},
}
BODY = {
    "@context": "#$delta",
    "value": [{"@contentId": "1", **DEVICE}, {"@contentId": "2", **SECOND}],
}


def test_19_graphs_own_upload_body_is_read(desk: Desk) -> None:
    found = desk.read(json.dumps(BODY, indent=1))
    assert (found.needs, faults(found), found.format) == (
        frozenset(),
        [],
        SeedFormat.GRAPH_JSON,
    )
    first, second = found.tokens
    assert (first.row, first.serial, first.interval, first.person) == (1, "70029370", 30, "")
    assert first.secret == Secret(SEED)
    assert (second.row, second.interval, second.hash_function) == (2, 60, SHA256)
    assert (second.model, second.person) == ("Hardware Token 1000", PERSON_ID)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([DEVICE, SECOND]),
        json.dumps({"devices": [DEVICE, SECOND]}),
        json.dumps({"value": [{"@contentId": "1", "device": DEVICE}, {"device": SECOND}]}),
        json.dumps(DEVICE) + "\n" + json.dumps(SECOND) + "\n",
        json.dumps(
            {
                "requests": [
                    {"id": "1", "method": "POST", "url": "/x", "body": DEVICE},
                    {"id": "2", "method": "POST", "url": "/x", "body": SECOND},
                ]
            }
        ),
        json.dumps([{**DEVICE, "serialNumber": 70029370}, SECOND]),
        json.dumps([{name.upper(): value for name, value in DEVICE.items()}, SECOND]),
        "\ufeff" + json.dumps([DEVICE, {**SECOND, "displayName": None}]),
    ],
    ids=["list", "devices", "wrapped", "lines", "batch", "number", "upper case", "null"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_19_other_forms_of_it_are_read(desk: Desk, content: str, encoding: str) -> None:
    found = desk.read(content.encode(encoding))
    assert (found.needs, faults(found)) == (frozenset(), [])
    assert serials(found) == ["70029370", "70029371"]
    assert found.tokens[1].person == PERSON_ID


@pytest.mark.parametrize(
    "content",
    [
        {"data": {"devices": [DEVICE, SECOND]}},
        {"response": {"data": {"devices": [DEVICE, SECOND]}}},
        {"data": {"devices": [], "tokens": [DEVICE, SECOND]}},
        {"data": {"devices": [DEVICE, SECOND], "paging": {}}, "errors": []},
        {"page": {}, "data": {"devices": [DEVICE, SECOND]}},
    ],
    ids=["two deep", "three deep", "beside an empty list", "with nothing", "behind nothing"],
)
def test_19_a_list_inside_of_objects_is_read(desk: Desk, content: dict[str, object]) -> None:
    found = desk.read(json.dumps(content))
    assert (found.needs, faults(found)) == (frozenset(), [])
    assert serials(found) == ["70029370", "70029371"]


def test_19_what_an_object_around_the_list_says_holds_for_its_tokens(desk: Desk) -> None:
    bare = [{k: v for k, v in each.items() if k != "manufacturer"} for each in (DEVICE, SECOND)]
    found = desk.read(json.dumps({"data": {"manufacturer": "Contoso", "devices": bare}}))
    assert [token.manufacturer for token in found.tokens] == ["Contoso", "Contoso"]


def test_19_what_is_not_understood_beside_such_a_list_is_named(desk: Desk) -> None:
    found = desk.read(json.dumps({"order": {"colour": "blue", "devices": [DEVICE]}}))
    assert found.needs == {Need.MAPPING}
    assert [found.columns[at] for at in found.unknown] == ["colour"]


def test_19_a_device_inside_of_an_object_may_have_an_empty_list(desk: Desk) -> None:
    (token,) = desk.read(json.dumps({"device": {**DEVICE, "tags": []}})).tokens
    assert token.serial == "70029370"


def test_19_a_list_inside_of_objects_may_be_longer_than_one_object(desk: Desk) -> None:
    many = [{**DEVICE, "serialNumber": f"7002{at:04d}"} for at in range(60)]
    options = SeedOptions(limits=Limits(row=1000))
    found = desk.read(json.dumps({"data": {"devices": many}}), options)
    assert len(found.tokens) == 60


def test_19_an_object_that_holds_no_list_is_bounded_as_a_row_is(desk: Desk) -> None:
    options = SeedOptions(limits=Limits(row=1000))
    with pytest.raises(SeedFileTooLarge):
        desk.read(json.dumps({"data": {f"name{at}": "x" * 50 for at in range(60)}}), options)


def test_19_a_single_device_is_read(desk: Desk) -> None:
    (token,) = desk.read(json.dumps({"@odata.type": "#microsoft.graph.x", **DEVICE})).tokens
    assert token.serial == "70029370"


@pytest.mark.parametrize(
    ("assign", "person"),
    [
        ({"id": PERSON_ID}, PERSON_ID),
        ({"userPrincipalName": "ada@contoso.example"}, "ada@contoso.example"),
        ("ada@contoso.example", "ada@contoso.example"),
        ({"@odata.id": f"https://graph.microsoft.com/beta/users/{PERSON_ID}"}, PERSON_ID),
        (None, ""),
    ],
)
def test_19_whom_a_token_is_for_is_read(desk: Desk, assign: object, person: str) -> None:
    (token,) = desk.read(json.dumps({**DEVICE, "assignTo": assign})).tokens
    assert token.person == person


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ('"serialNumber": 8.65962e12', FaultKind.SERIAL_SCIENTIFIC),
        ('"serialNumber": 70029370.0', FaultKind.SERIAL_DECIMAL),
        ('"serialNumber": true', FaultKind.SERIAL_NOT_ALLOWED),
        ('"serialNumber": null', FaultKind.SERIAL_MISSING),
        ('"serialNumber": ["70029370"]', FaultKind.SERIAL_NOT_ALLOWED),
        ('"secretKey": null', FaultKind.SECRET_MISSING),
        ('"secretKey": 12345', FaultKind.SECRET_NOT_BASE32),
        ('"timeIntervalInSeconds": 45', FaultKind.INTERVAL_NOT_ALLOWED),
        ('"timeIntervalInSeconds": true', FaultKind.INTERVAL_NOT_ALLOWED),
        ('"hashFunction": "hmacsha512"', FaultKind.HASH_NOT_ALLOWED),
        ('"model": ["x"]', FaultKind.TEXT_NOT_ALLOWED),
        ('"manufacturer": false', FaultKind.TEXT_NOT_ALLOWED),
        ('"serialNumber": "70029370", "serialNumber": "70029372"', FaultKind.MEMBER_TWICE),
    ],
)
def test_19_a_device_that_cannot_go_says_why(desk: Desk, change: str, kind: FaultKind) -> None:
    name = change.partition(":")[0].strip('"')
    rest = json.dumps({key: value for key, value in DEVICE.items() if key != name})
    found = desk.read(f"[{json.dumps(SECOND)}, {{{change}, {rest[1:]}]")
    assert serials(found) == ["70029371"]
    assert faults(found) == [(2, kind)]


def test_19_a_large_number_keeps_every_digit(desk: Desk) -> None:
    (token,) = desk.read(json.dumps({**DEVICE, "serialNumber": 12345678901234567890123})).tokens
    assert token.serial == "12345678901234567890123"


def test_19_a_member_that_is_not_understood_is_named_and_asked_about(desk: Desk) -> None:
    content = json.dumps({"batch": "7", "value": [{**DEVICE, "colour": "red"}, SECOND]})
    found = desk.read(content)
    assert found.needs == {Need.MAPPING}
    assert {found.columns[at] for at in found.unknown} == {"batch", "colour"}
    told = SeedOptions(ignored=frozenset({"colour", "batch"}))
    assert serials(desk.read(content, told)) == ["70029370", "70029371"]


def test_19_other_members_can_be_named_by_hand(desk: Desk) -> None:
    content = json.dumps([{"Nummer": "10001001", "Geheim": BASE32, "x": {"y": 30}}])
    found = desk.read(content, MADE_BY)
    assert found.needs == {Need.MAPPING}
    assert found.columns == ("Nummer", "Geheim", "x.y")
    told = replace(MADE_BY, mapping=ColumnMapping(serial=0, secret=1, interval=2))
    assert serials(desk.read(content, told)) == ["10001001"]


def test_19_a_name_for_the_token_goes_with_it(desk: Desk) -> None:
    (token,) = desk.read(json.dumps({**DEVICE, "displayName": "Desk 3"})).tokens
    assert token.display_name == "Desk 3"


@pytest.mark.parametrize(
    "content",
    [
        '{"value": [',
        '[{"serialNumber": "1',
        "[1, 2]",
        '{"value": 3}',
        "[{}] x",
        '["a"]',
        "{'a': 1}",
    ],
)
def test_19_what_is_no_json_of_tokens_is_refused(desk: Desk, content: str) -> None:
    with pytest.raises(SeedFileError):
        desk.read(content)
