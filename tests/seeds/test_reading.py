"""Whatever the file and whatever goes wrong with it: no seed in what is said, kept or shown."""

from __future__ import annotations

import base64
import gc
import io
import logging
import tempfile
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import OathdeskError
from app.core.secret import Encoding, Secret
from app.core.seed import ColumnMapping, SeedOptions, SeedToken
from app.seeds import read, write_faults
from app.ui.wording.errors import evidence_rows, trouble
from app.ui.wording.seeds import row_fault
from tests.secrets.forms import forms, places, seed_forms
from tests.seeds import writers
from tests.seeds.support import Desk, lists, token, tokens
from tests.seeds.writers import KEY, PASSWORD

SEED = bytes.fromhex("9fc13a88d2e47b015c6688f0a1b2c3d4e5f60718")
TOKEN = token(2, "10001001", SEED)
WRONG = bytes.fromhex("00112233445566778899aabbccddeeff")


def _csv(change: Callable[[str], str], how: Encoding = Encoding.BASE32) -> bytes:
    return change(writers.entra([TOKEN], how).decode()).encode()


BASE32 = TOKEN.secret.reveal_base32()
SPOILT: dict[str, bytes] = {
    "as it is": _csv(lambda text: text),
    "hexadecimal": _csv(lambda text: text, Encoding.HEX),
    "seed as serial": _csv(lambda text: text.replace("10001001", BASE32)),
    "seed as serial in hexadecimal": _csv(lambda text: text.replace("10001001", SEED.hex())),
    "seed as header": f"{BASE32},{SEED.hex()}\n{BASE32},{SEED.hex()}\n".encode(),
    "seed as person": _csv(lambda text: text.replace("\n,", f"\n{BASE32},")),
    "seed as interval": _csv(lambda text: text.replace(",30,", f",{BASE32},")),
    "letter O for zero": _csv(lambda text: text.replace(BASE32, BASE32 + "0")),
    "formula": _csv(lambda text: text.replace("10001001", f"=HYPERLINK({BASE32})")),
    "otpauth": _csv(lambda text: text.replace("10001001", f"otpauth://totp/a?secret={BASE32}")),
    "quote without end": _csv(lambda text: text.replace("10001001", '"10001001') + "x" * 140_000),
    "row without end": _csv(lambda text: text + "x" * 1_100_000),
    "NUL": _csv(lambda text: text.replace("10001001", "1000\x001001")),
    "UTF-16 cut short": writers.entra([TOKEN], encoding="utf-16")[:-1],
    "twice": writers.entra([TOKEN, TOKEN]),
    "PSKC": writers.pskc([TOKEN]),
    "PSKC with a wrong key": writers.pskc([TOKEN], writers.with_key),
    "PSKC with a wrong password": writers.pskc([TOKEN], writers.with_password),
    "PSKC cut short": writers.pskc([TOKEN])[:-30],
    "PSKC of other Base64": writers.pskc([TOKEN]).replace(b"</pskc:Secret>", b"!</pskc:Secret>"),
    "XML with a seed as number": writers.pskc([TOKEN]).replace(b">30<", f">{BASE32}<".encode()),
    "SafeNet": writers.safenet([TOKEN]),
    "JSON": writers.graph_json([TOKEN]),
    "JSON with a seed as serial": writers.graph_json([TOKEN]).replace(b"10001001", BASE32.encode()),
    "JSON with a seed as name": writers.graph_json([TOKEN]).replace(
        b'"model"', f'"{BASE32}"'.encode()
    ),
    "JSON cut short": writers.graph_json([TOKEN])[:-20],
    "SafeWord": writers.safeword([TOKEN]),
    "SafeWord with a seed as attribute": writers.safeword([TOKEN]).replace(
        b"sccTick", SEED.hex().encode()
    ),
    "PSKC of the drafts": writers.pskc_draft([TOKEN]),
    "PSKC in hexadecimal": writers.pskc_draft([TOKEN]).replace(
        base64.b64encode(SEED), SEED.hex().encode()
    ),
    "quote that opens and closes nowhere": _csv(lambda text: text.replace(",30,", ',"30,')),
    "seed as column": _csv(
        lambda text: text.replace("model", f"model,{BASE32}").replace("C301-i", "C301-i,x")
    ),
    "Deepnet of the wrong encoding": writers.deepnet_xml([TOKEN]).replace(b">HEX<", b">BASE32<"),
    "document type": b"<!DOCTYPE %b><data/>" % BASE32.encode(),
    "other XML": b"<%b/>" % BASE32.encode(),
}
OPTIONS = (
    SeedOptions(),
    SeedOptions(encoding=Encoding.HEX, key=Secret(WRONG), password=Secret(WRONG)),
    SeedOptions(mapping=ColumnMapping(serial=2, secret=1), interval=30),
)


def everything_said(path: Path, options: SeedOptions, saved: Path) -> str:
    """All texts that come of reading a file, as a log, a window or a debugger would show them."""
    said = [repr(options)]
    try:
        found = read(path, options, lambda rows: said.append(str(rows)))
    except OathdeskError as error:
        said += traceback.format_exception(error)
        said += [repr(error), str(vars(error)), str(trouble(error)), str(evidence_rows(error))]
        said += [str(error.__context__ or ""), repr(error.__context__ or "")]
    else:
        said += [repr(found), str(found), f"{found}", str([each.secret for each in found.tokens])]
        said += map(row_fault, found.faults)
        write_faults(saved / "faults.csv", found.faults, row_fault)
    return "\n".join(said)


@pytest.mark.parametrize("name", SPOILT)
def test_no_seed_is_said_or_saved(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, saved = tmp_path / "seeds", tmp_path / "saved"
    path.write_bytes(SPOILT[name])
    saved.mkdir()
    printed = io.StringIO()
    with caplog.at_level(logging.DEBUG), redirect_stdout(printed), redirect_stderr(printed):
        said = [everything_said(path, options, saved) for options in OPTIONS]
    (saved / "said").write_text("\n".join([*said, printed.getvalue(), caplog.text]), "utf-8")
    wanted = seed_forms(BASE32) | seed_forms(BASE32.lower().upper()) | forms(SEED.hex())
    wanted |= {str(SEED).encode(), repr(list(SEED)).encode(), base64.b64encode(SEED)}
    wanted |= {KEY.reveal().hex().encode(), PASSWORD.reveal(), WRONG.hex().encode()}
    assert places(saved, wanted) == []


def test_the_file_is_left_as_it_is(desk: Desk) -> None:
    content = writers.entra(tokens(3))
    path = desk.file(content)
    before = path.stat()
    read(path)
    assert path.read_bytes() == content
    assert (path.stat().st_mtime_ns, path.stat().st_mode) == (before.st_mtime_ns, before.st_mode)
    assert [each.name for each in desk.folder.iterdir()] == ["seeds"]


def test_the_collector_is_as_it_was(desk: Desk) -> None:
    seen: list[bool] = []
    path = desk.file(writers.entra(tokens(3)))
    read(path, progress=lambda _rows: seen.append(gc.isenabled()))
    assert gc.isenabled()
    gc.disable()
    try:
        read(path)
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert seen == [False]


@pytest.mark.parametrize(
    "make",
    [
        writers.entra,
        writers.oath,
        writers.yubico,
        writers.safenet,
        writers.deepnet_xml,
        writers.pskc,
        writers.pskc_draft,
        writers.graph_json,
        writers.safeword,
    ],
)
@given(found=lists, data=st.data())
def test_a_file_that_was_damaged_is_read_or_refused_in_our_own_words(
    make: Callable[..., bytes], found: list[SeedToken], data: st.DataObject
) -> None:
    content = bytearray(make(found))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path = _scratch(bytes(content))
    with suppress(OathdeskError):
        read(path)
    path.unlink()


def _scratch(content: bytes) -> Path:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(content)
    return Path(file.name)
