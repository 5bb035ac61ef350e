"""SafeNet's and Deepnet's XML: what they say, and what they leave to the operator."""

from __future__ import annotations

import pytest

from app.core.errors import SeedFileNotRecognised
from app.core.model import HashFunction
from app.core.secret import Encoding
from app.core.seed import FaultKind, Need, RowFault, SeedOptions
from tests.seeds import writers
from tests.seeds.support import Desk, token

DEEPNET = """<?xml version="1.0"?>
<data>
  <header>
    <manufacturerCode>DN</manufacturerCode>
    <productCode>ST</productCode>
    <encode>HEX</encode>
    <encrypt>NONE</encrypt>
  </header>
  <tokens>
    <token>
      <serial>71358472</serial>
      <seed>ABCDEF23ABCDEF23ABCDEF23ABCDEF23ABCDEF23</seed>
    </token>
  </tokens>
</data>
"""


def test_neither_tells_the_time_interval(desk: Desk) -> None:
    for content in (writers.safenet([token()]), DEEPNET.encode()):
        assert desk.read(content).needs == {Need.INTERVAL}
        assert len(desk.read(content, SeedOptions(interval=60)).tokens) == 1


def test_the_header_of_deepnet_says_how_seeds_are_written(desk: Desk) -> None:
    told = SeedOptions(interval=30, encoding=Encoding.BASE32)
    (found,) = desk.read(DEEPNET, told).tokens
    assert found.secret.reveal() == bytes.fromhex("ABCDEF23" * 5)
    in_base32 = DEEPNET.replace("HEX", "Base32")
    sha1 = SeedOptions(interval=30, hash_function=HashFunction.SHA1)
    (found,) = desk.read(in_base32, sha1).tokens
    assert found.secret.reveal_base32() == "ABCDEF23" * 5
    untold = DEEPNET.replace("HEX", "")
    assert desk.read(untold, SeedOptions(interval=30)).needs == {Need.ENCODING}


def test_deepnet_tokens_without_a_list_around_them_are_read(desk: Desk) -> None:
    bare = DEEPNET.replace("<tokens>", "").replace("</tokens>", "")
    assert len(desk.read(bare, SeedOptions(interval=30)).tokens) == 1


def test_an_encrypted_deepnet_file_is_not_supported(desk: Desk) -> None:
    with pytest.raises(SeedFileNotRecognised, match="encrypted"):
        desk.read(DEEPNET.replace("NONE", "AES"))


def test_a_safenet_token_whose_counter_has_moved_is_counter_based(desk: Desk) -> None:
    content = writers.safenet([token()]).decode()
    moved = content.replace("<MovingFactor>0<", "<MovingFactor>17<")
    options = SeedOptions(interval=30)
    expected = RowFault(1, FaultKind.COUNTER_BASED, "8659610904217")
    assert desk.read(moved, options).faults == (expected,)
    fresh = content.replace("<MovingFactor>0<", "<MovingFactor>1<")
    assert desk.read(fresh, options).faults == ()


def test_a_safenet_token_without_a_seed_is_a_fault(desk: Desk) -> None:
    bare = '<Token serial="GAKT00040D6D"><Applications><Application/></Applications></Token>'
    options = SeedOptions(interval=30, model="eToken PASS")
    expected = RowFault(1, FaultKind.SECRET_MISSING, "GAKT00040D6D")
    assert desk.read(f"<Tokens>{bare}</Tokens>", options).faults == (expected,)
