"""Encryption that asks too much, or that nobody knows, is refused before it is computed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.errors import (
    SeedFileError,
    SeedFileHostile,
    SeedFileNotRecognised,
    SeedFileUnreadable,
)
from app.core.seed import SeedOptions
from tests.seeds.rfc6030 import FIGURE_3, FIGURE_6, FIGURE_7, as_totp
from tests.seeds.support import Desk
from tests.seeds.writers import KEY, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = SeedOptions(key=KEY, password=PASSWORD, interval=30, model="One")
AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
MAC = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (">1000<", ">1000001<", SeedFileHostile),
        (">1000<", f">{'9' * 5000}<", SeedFileHostile),
        (">1000<", ">-1<", SeedFileUnreadable),
        (">1000<", "><", SeedFileUnreadable),
        (">1000<", ">0<", SeedFileNotRecognised),
        ("<KeyLength>16<", "<KeyLength>100000<", SeedFileHostile),
        ("<KeyLength>16<", "<KeyLength>x<", SeedFileUnreadable),
        ("Ej7/PEpyEpw=", "!", SeedFileUnreadable),
        ("#pbkdf2", "#scrypt", SeedFileNotRecognised),
        ("<PRF/>", "<PRF Algorithm='hmac-zha9'/>", SeedFileNotRecognised),
    ],
)
def test_a_password_that_is_made_costly_or_strange_is_refused(
    desk: Desk, old: str, new: str, error: type[SeedFileError]
) -> None:
    assert old in FIGURE_7
    with pytest.raises(error):
        desk.read(FIGURE_7.replace(old, new), OPTIONS)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (AES, "http://www.w3.org/2009/xmlenc11#aes128-gcm", SeedFileNotRecognised),
        (AES, "rot13", SeedFileNotRecognised),
        (MAC, "http://www.w3.org/2000/09/xmldsig#hmac-zha9", SeedFileNotRecognised),
        (f'<MACMethod Algorithm="{MAC}">', "<MACMethod>", SeedFileNotRecognised),
        ("ESIzRFVmd4iZ", "!", SeedFileUnreadable),
    ],
)
def test_a_cipher_that_nobody_knows_is_told(
    desk: Desk, old: str, new: str, error: type[SeedFileError]
) -> None:
    assert old in FIGURE_6
    with pytest.raises(error):
        desk.read(FIGURE_6.replace(old, new), OPTIONS)


def test_the_most_rounds_are_computed(desk: Desk) -> None:
    with pytest.raises(SeedFileError) as raised:
        desk.read(FIGURE_7.replace(">1000<", ">1000000<"), OPTIONS)
    assert not isinstance(raised.value, SeedFileHostile)


def test_without_python_pskc_a_plain_file_is_read_and_an_encrypted_one_says_what_is_missing(
    desk: Desk,
) -> None:
    script = (
        "import sys; sys.modules['pskc'] = None\n"
        "from pathlib import Path\n"
        "from app.core.errors import SeedReaderMissing\n"
        "from app.core.secret import Secret\n"
        "from app.core.seed import SeedOptions\n"
        "from app.seeds import read\n"
        "options = SeedOptions(key=Secret(bytes(16)), interval=30, model='One')\n"
        "assert len(read(Path(sys.argv[1]), options).tokens) == 1\n"
        "try: read(Path(sys.argv[2]), options)\n"
        "except SeedReaderMissing as error: print(error)\n"
    )
    plain = desk.file(as_totp(FIGURE_3), "plain")
    locked = desk.file(FIGURE_6, "locked")
    command = [sys.executable, "-c", script, str(plain), str(locked)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "python-pskc" in done.stdout
