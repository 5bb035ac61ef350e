"""Files as the vendors write them, and the RFC's own, go through to the practice tenant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.rights import DEFAULT_FEATURES, Feature, scopes_for
from app.core.secret import Encoding, Secret
from app.core.seed import SeedOptions, SeedToken
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from tests.seeds import rfc6030, writers
from tests.seeds.support import RFC_SEED, tokens
from tests.support.headless import Manner, Where, a_station
from tests.support.simulated import Simulated, start_simulator

MADE = [  # as short as a YubiKey's
    each._replace(serial=each.serial[-8:], secret=Secret(each.secret.reveal()[:20]))
    for each in tokens(4)[1:]
]
SCOPES = scopes_for(DEFAULT_FEATURES | {Feature.WRITE_INVENTORY})
KEY = SeedOptions(key=writers.KEY)
PASSWORD = SeedOptions(password=writers.PASSWORD)
TIMED = SeedOptions(interval=30)
FILES: dict[str, tuple[Callable[[list[SeedToken]], bytes], SeedOptions]] = {
    "Entra ID, Base32": (writers.entra, SeedOptions()),
    "Entra ID, hexadecimal, semicolons, BOM": (
        lambda made: writers.entra(made, Encoding.HEX, separator=";", encoding="utf-8-sig"),
        SeedOptions(),
    ),
    "Graph's own sample": (writers.graph, SeedOptions()),
    "Deepnet CSV": (writers.deepnet, SeedOptions()),
    "OATH CSV": (
        writers.oath,
        SeedOptions(manufacturer="Works", model="T1"),
    ),
    "Graph's upload body": (writers.graph_json, SeedOptions()),
    "SafeWord DAT": (writers.safeword, SeedOptions()),
    "PSKC of the drafts": (writers.pskc_draft, SeedOptions()),
    "SafeNet XML": (writers.safenet, TIMED),
    "Deepnet XML": (writers.deepnet_xml, TIMED),
    "PSKC": (writers.pskc, SeedOptions()),
    "PSKC with a key": (lambda made: writers.pskc(made, writers.with_key), KEY),
    "PSKC with a password": (lambda made: writers.pskc(made, writers.with_password), PASSWORD),
    "PSKC with wrapped keys": (
        lambda made: writers.pskc(made, writers.with_wrapped_keys),
        KEY,
    ),
}
FIGURES = {
    "RFC 6030, figure 3": (rfc6030.FIGURE_3, SeedOptions(interval=30)),
    "RFC 6030, figure 6": (rfc6030.FIGURE_6, SeedOptions(key=writers.KEY, interval=30)),
    "RFC 6030, figure 7": (rfc6030.FIGURE_7, SeedOptions(password=writers.PASSWORD, interval=30)),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Simulated]:
    with start_simulator(people=60, tokens=20) as simulated:
        yield simulated


@pytest.fixture
def tenant(running: Simulated) -> Simulated:
    running.reset()
    return running


def fresh(options: SeedOptions) -> SeedOptions:
    """The same options with secrets of their own, since they are overwritten."""
    return SeedOptions(
        key=Secret(options.key.reveal()) if options.key else None,
        password=Secret(options.password.reveal()) if options.password else None,
        interval=options.interval,
        manufacturer=options.manufacturer or "Vendor",
        model=options.model or "Model",
    )


def uploaded(tenant: Simulated, folder: Path, content: bytes, options: SeedOptions) -> int:
    """Upload a file; how many rows ended well."""
    path = folder / "file"
    path.write_bytes(content)

    async def use() -> int:
        manner = Manner(scopes=SCOPES).patient(0, 0.05, 0.1, 0.2)
        where = Where.of(json.loads(tenant.ready.as_json()))
        async with a_station(where, folder / "ledger.db", manner) as desk:
            await desk.sign_in()
            importing = desk.station.importing
            await importing.open(str(path), "file", fresh(options))

            def ready() -> bool:
                notice = desk.last(ImportNotice)
                return notice is not None and notice.state is ImportState.READY

            await desk.until(ready)
            await importing.begin()

            def over() -> bool:
                upload = desk.last(JobNotice)
                return bool(upload and upload.progress and upload.progress.is_over)

            await desk.until(over)
            upload = desk.last(JobNotice)
            assert upload is not None
            return len(upload.job.rows)

    return asyncio.run(use())


@pytest.mark.parametrize("name", FILES)
def test_a_vendors_file_goes_through_with_every_seed_right(
    tenant: Simulated, tmp_path: Path, name: str
) -> None:
    write, options = FILES[name]
    assert uploaded(tenant, tmp_path, write(MADE), options) == len(MADE)
    assert tenant.server.practice is not None
    for made in MADE:
        device = tenant.server.practice.tenant.device_by_serial(made.serial)
        assert device.secret == made.secret.reveal_base32()


@pytest.mark.parametrize("name", FIGURES)
def test_the_rfcs_own_keys_go_through_once_they_count_time(
    tenant: Simulated, tmp_path: Path, name: str
) -> None:
    figure, options = FIGURES[name]
    content = rfc6030.as_totp(figure).encode()
    assert uploaded(tenant, tmp_path, content, options) == 1
    assert tenant.server.practice is not None
    device = tenant.server.practice.tenant.device_by_serial("987654321")
    assert device.secret == Secret(RFC_SEED).reveal_base32()
