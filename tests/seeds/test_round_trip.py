"""Whatever tokens there are: written in any format and read again, they are the same tokens."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import HashFunction
from app.core.secret import Encoding, Secret
from app.core.seed import FaultKind, SeedFile, SeedFormat, SeedOptions, SeedToken
from app.seeds import read
from tests.seeds import writers
from tests.seeds.support import ANSWERED, lists, numbered

UNTOLD: dict[str, Any] = {"hash_function": HashFunction.SHA256}
"""Not in the file: told by the operator."""
ACME: dict[str, Any] = {"manufacturer": "Acme", "model": "One"}
PUBLISHED = (Encoding.HEX, Encoding.BASE32)
written = st.sampled_from([*PUBLISHED, Encoding.BASE64])
forms = st.fixed_dictionaries(
    {
        "separator": st.sampled_from([",", ";", "\t"]),
        "end": st.sampled_from(["\n", "\r\n", "\r"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)


def read_again(content: bytes, options: SeedOptions | None = None) -> SeedFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seeds")
        path.write_bytes(content)
        return read(path, options)


@given(lists, written, forms)
def test_entra_csv(found: list[SeedToken], how: Encoding, form: dict[str, Any]) -> None:
    content = writers.entra(found, how, **form)
    again = read_again(content, SeedOptions(encoding=how, hash_function=HashFunction.SHA256))
    assert again.tokens == numbered(found, 2, **UNTOLD)
    assert again.faults == ()


@given(lists, written, forms)
def test_the_csv_of_graphs_samples(
    found: list[SeedToken], how: Encoding, form: dict[str, Any]
) -> None:
    again = read_again(writers.graph(found, how, **form), SeedOptions(encoding=how))
    assert again.tokens == numbered(found, 2, person="")


@given(lists, written, forms)
def test_deepnet_csv(found: list[SeedToken], how: Encoding, form: dict[str, Any]) -> None:
    made = [each._replace(manufacturer="Deepnet Security") for each in found]
    content = writers.deepnet(made, how, **form)
    again = read_again(content, SeedOptions(encoding=how, hash_function=HashFunction.SHA256))
    assert again.tokens == numbered(made, 2, person="", **UNTOLD)
    assert again.format is SeedFormat.DEEPNET_CSV


@given(lists, forms)
def test_oath_csv(found: list[SeedToken], form: dict[str, Any]) -> None:
    options = replace(ANSWERED, encoding=Encoding.HEX, hash_function=HashFunction.SHA256)
    again = read_again(writers.oath(found, **form), options)
    assert again.tokens == numbered(found, 1, person="", **UNTOLD, **ACME)
    assert again.format is SeedFormat.OATH_CSV


@given(lists, forms)
def test_yubico_csv(found: list[SeedToken], form: dict[str, Any]) -> None:
    made = [
        each._replace(serial=str(number), secret=Secret(each.secret.reveal()[:10] * 2))
        for number, each in enumerate(found, start=4000)
    ]
    again = read_again(writers.yubico(made, **form), SeedOptions(interval=60))
    assert again.tokens == ()
    assert [(f.row, f.kind, f.serial) for f in again.faults] == [
        (row, FaultKind.COUNTER_BASED, each.serial) for row, each in enumerate(made, start=1)
    ]
    assert again.format is SeedFormat.YUBICO_CSV


@given(lists)
def test_graphs_upload_body(found: list[SeedToken]) -> None:
    again = read_again(writers.graph_json(found), SeedOptions(encoding=Encoding.BASE32))
    assert again.tokens == numbered(found, 1)
    assert again.format is SeedFormat.GRAPH_JSON


@given(lists)
def test_safeword_dat(found: list[SeedToken]) -> None:
    again = read_again(writers.safeword(found))
    maker: dict[str, Any] = {"manufacturer": "SafeNet", "model": "eToken-PASS-TS"}
    assert again.tokens == numbered(found, 1, person="", **maker)
    assert again.format is SeedFormat.SAFEWORD_DAT


@given(lists)
def test_pskc_of_the_drafts(found: list[SeedToken]) -> None:
    again = read_again(writers.pskc_draft(found))
    assert again.tokens == numbered(found, 1, person="")
    assert again.format is SeedFormat.PSKC


@given(lists)
def test_safenet_xml(found: list[SeedToken]) -> None:
    told = SeedOptions(interval=30, hash_function=HashFunction.SHA256)
    again = read_again(writers.safenet(found), told)
    expected = numbered(found, 1, person="", manufacturer="SafeNet", interval=30, **UNTOLD)
    assert again.tokens == expected
    assert again.format is SeedFormat.SAFENET_XML


@given(lists, written)
def test_deepnet_xml(found: list[SeedToken], how: Encoding) -> None:
    told = SeedOptions(interval=60, hash_function=HashFunction.SHA256)
    again = read_again(writers.deepnet_xml(found, how), told)
    maker: dict[str, Any] = {"manufacturer": "Deepnet Security", "model": "ST", "interval": 60}
    assert again.tokens == numbered(found, 1, person="", **maker, **UNTOLD)
    assert again.format is SeedFormat.DEEPNET_XML


@pytest.mark.parametrize(
    "lock",
    [
        lambda _container: None,
        writers.with_key,
        writers.with_password,
        writers.with_wrapped_keys,
    ],
    ids=["plain", "key", "password", "key wrap"],
)
@given(lists)
def test_pskc(lock: Callable[[Any], None], found: list[SeedToken]) -> None:
    options = SeedOptions(key=writers.KEY, password=writers.PASSWORD)
    again = read_again(writers.pskc(found, lock), options)
    assert again.tokens == numbered(found, 1)
    assert again.format is SeedFormat.PSKC


@given(lists, st.sampled_from(PUBLISHED))
def test_a_seed_whose_encoding_is_not_told_is_right_or_is_asked_for(
    found: list[SeedToken], how: Encoding
) -> None:
    again = read_again(writers.entra(found, how))
    seeds = {each.serial: each.secret for each in found}
    assert all(each.secret == seeds[each.serial] for each in again.tokens)
    asked = {FaultKind.SECRET_AMBIGUOUS, FaultKind.HASH_MISSING}
    assert {fault.kind for fault in again.faults} <= asked
    assert again.rows == len(found)
