"""Reading bytes as a seed file, and tokens for files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from app.core.model import HashFunction
from app.core.secret import Secret
from app.core.seed import SeedFile, SeedOptions, SeedToken
from app.seeds import read

RFC_SEED = b"12345678901234567890"
ANSWERED = SeedOptions(interval=30, manufacturer="Acme", model="One")
"""What a file does not tell, told."""


class Desk:
    """Reads what it is given as a file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, content: bytes | str, name: str = "seeds") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self, content: bytes | str, options: SeedOptions | None = None) -> SeedFile:
        return read(self.file(content), options)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def token(row: int = 2, serial: str = "8659610904217", seed: bytes = RFC_SEED) -> SeedToken:
    return SeedToken(
        row, serial, "Token2", "C301-i", 30, HashFunction.SHA1, Secret(seed), hash_told=False
    )


def tokens(count: int, first: int = 2) -> list[SeedToken]:
    """So many tokens with seeds of their own."""
    return [
        token(first + i, str(8659610904217 + i), b"\x90" + (987654321 + i).to_bytes(19, "big"))
        for i in range(count)
    ]


def _whole(text: str) -> bool:
    """Whether a text is the same in a spreadsheet, which takes these beginnings for its own."""
    return (
        not text.startswith(("'", "="))
        and text == text.strip()
        and unicodedata.is_normalized("NFC", text)
    )


texts = st.text(
    alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=40
).filter(_whole)
serials = st.from_regex(r"[1-9][0-9]{6,12}|GAKT[0-9]{4}[0-9A-F]{4}", fullmatch=True)
people = st.just("") | st.from_regex(r"[a-z]{1,9}(\.[a-z']{1,9})?@contoso\.com", fullmatch=True)
_token = st.builds(
    SeedToken,
    row=st.just(0),
    serial=serials,
    manufacturer=texts,
    model=texts,
    interval=st.sampled_from([30, 60]),
    hash_function=st.sampled_from([HashFunction.SHA1, HashFunction.SHA256]),
    secret=st.binary(min_size=10, max_size=80).map(Secret),
    person=people,
    hash_told=st.just(value=True),
    display_name=st.just(""),
)
lists = st.lists(_token, min_size=1, max_size=8, unique_by=lambda each: each.serial)


def numbered(found: Iterable[SeedToken], first: int, **same: object) -> tuple[SeedToken, ...]:
    """`found` with rows from `first` on, and what a format cannot tell."""
    return tuple(
        each._replace(row=row, **same)  # type: ignore[arg-type]  # - names and values are of the test
        for row, each in enumerate(found, start=first)
    )
