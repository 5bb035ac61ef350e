"""T7: what a body is after its Content-Encoding, in pieces of a bounded size."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.network.content import PIECE, ContentError, Decoder, encoding_of
from tests.support.hostile import zeros


def decoded(encoding: str, content: bytes, cut: int = 1000) -> bytes:
    decoder = Decoder(encoding)
    found = b"".join(
        piece
        for at in range(0, len(content), cut)
        for piece in decoder.pieces(content[at : at + cut])
    )
    decoder.finish()
    return found


def without_head(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_t7_one_encoding_is_undone_however_it_is_cut(content: bytes, cut: int) -> None:
    assert decoded("", content, cut) == content
    assert decoded("gzip", gzip.compress(content), cut) == content
    assert decoded("x-gzip", gzip.compress(content), cut) == content
    assert decoded("deflate", zlib.compress(content), cut) == content


@given(st.binary(max_size=5000))
def test_t7_deflate_comes_without_its_head_from_some_servers(content: bytes) -> None:
    assert decoded("deflate", without_head(content)) == content


@pytest.mark.parametrize(
    ("values", "encoding"),
    [
        ([], ""),
        ([""], ""),
        (["identity"], ""),
        (["Identity , identity"], ""),
        (["GZip"], "gzip"),
        (["identity", " x-gzip "], "x-gzip"),
        (["deflate,"], "deflate"),
    ],
)
def test_t7_one_encoding_is_found_in_any_spelling(values: list[str], encoding: str) -> None:
    assert encoding_of(values) == encoding


@given(st.lists(st.sampled_from(["gzip", "x-gzip", "deflate", "br", "zstd"]), min_size=2))
def test_t7_several_encodings_are_refused_in_one_header_or_in_many(names: list[str]) -> None:
    with pytest.raises(ContentError):
        encoding_of(names)
    with pytest.raises(ContentError):
        encoding_of([" , identity ,".join(names).upper()])


@pytest.mark.parametrize("name", ["br", "zstd", "compress", "gzip2", "*", "\x00"])
def test_t7_an_encoding_that_was_not_asked_for_is_refused(name: str) -> None:
    with pytest.raises(ContentError):
        encoding_of([name])


@given(st.binary(max_size=300))
def test_t7_bytes_of_any_kind_are_decoded_or_refused(content: bytes) -> None:
    for encoding in ("gzip", "deflate"):
        try:
            decoded(encoding, content)
        except ContentError:
            continue


def test_t7_a_body_that_is_cut_short_is_refused() -> None:
    whole = gzip.compress(bytes(range(256)) * 20)
    for cut in (1, 9, len(whole) // 2, len(whole) - 1):
        with pytest.raises(ContentError):
            decoded("gzip", whole[:cut])


def test_t7_no_piece_is_larger_than_the_limit() -> None:
    decoder = Decoder("gzip")
    sizes = [len(piece) for piece in decoder.pieces(zeros(1 << 25))]
    assert sum(sizes) == 1 << 25
    assert max(sizes) <= PIECE
