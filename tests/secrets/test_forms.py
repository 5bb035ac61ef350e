"""A search that finds nothing proves nothing unless it would have found it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.secrets.forms import forms, places, seed_forms

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PLAIN = base64.b32decode(SEED)


@pytest.mark.parametrize(
    "written",
    [
        SEED.encode(),
        SEED.lower().encode(),
        b"otpauth://totp/x?secret=" + SEED.encode() + b"&issuer=y",
        PLAIN,
        PLAIN.hex().encode(),
        base64.b64encode(PLAIN),
        base64.b64encode(b"ab" + PLAIN + b"c"),
        base64.urlsafe_b64encode(b"secret=" + SEED.encode()),
        json.dumps({"a": [SEED]}).encode(),
    ],
)
def test_a_seed_is_found_in_whatever_form(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"\x00\x01" + written + b"\xff")

    assert places(tmp_path, seed_forms(SEED))


@pytest.mark.parametrize("written", ["code 123456.", '"123456"', "MTIzNDU2", "313233343536"])
def test_a_code_is_found(tmp_path: Path, written: str) -> None:
    (tmp_path / "file").write_text(written, encoding="utf-8")

    assert places(tmp_path, forms("123456"))


@pytest.mark.parametrize(
    "written", ["1234567", "at 10:11:12.123456+00:00", "a-123456-b", "99123456", "12345"]
)
def test_six_digits_of_something_else_are_no_code(tmp_path: Path, written: str) -> None:
    (tmp_path / "file").write_text(written, encoding="utf-8")

    assert places(tmp_path, forms("123456")) == []
