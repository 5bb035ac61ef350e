"""A receipt is made of the record, of today or of any day, and written where nothing was."""

import stat
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.errors import ExportFailed, LedgerUnreadable
from app.core.model import Mode
from app.core.receipt import Handover, Receipt, ReceiptRules
from app.core.record import Entry, HeadReason
from app.station.context import DeskSettings
from app.station.notices import ReadyNotice
from app.station.receipts import ReceiptKeptNotice, ReceiptNotice
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import WRONG, FakeWorld
from tests.station.stage import Stage, a_desk
from tests.station.test_history import an_end, an_intent, put

pytestmark = pytest.mark.anyio


class Damaged(FakeLedger):
    """A record whose stories cannot be read."""

    def timeline(self, enrollment_id: str) -> Sequence[Entry]:
        raise LedgerUnreadable(enrollment_id)


@asynccontextmanager
async def a_desk_with_receipts(
    folder: Path, world: FakeWorld | None = None, mode: Mode = Mode.ASSIGN_AND_ACTIVATE
) -> AsyncIterator[Stage]:
    settings = DeskSettings(name="Desk 1", receipts=ReceiptRules("Contoso", folder=str(folder)))
    async with a_desk(mode, world=world, settings=settings) as stage:
        yield stage


def told(stage: Stage) -> Receipt:
    receipt = stage.of(ReceiptNotice)[-1].receipt
    assert receipt is not None
    return receipt


async def test_t4_a_receipt_tells_the_last_entry_of_its_enrollment(tmp_path: Path) -> None:
    async with a_desk_with_receipts(tmp_path) as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        receipt = told(stage)
        assert receipt.head == stage.world.ledger.head_of(receipt.enrollment_id)
        assert receipt.head is not None
        assert receipt.head.sequence == len(stage.world.ledger.entries)


async def test_t4_signing_out_logs_the_head(tmp_path: Path) -> None:
    async with a_desk_with_receipts(tmp_path) as stage:
        assert stage.world.ledger.logged == []
        await stage.station.sign_out()
        assert stage.world.ledger.logged == [HeadReason.SIGNED_OUT]


async def test_what_was_handed_over_last_has_a_receipt(tmp_path: Path) -> None:
    async with a_desk_with_receipts(tmp_path) as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        receipt = told(stage)
        assert (receipt.handover, receipt.person_name) == (Handover.WORKING, "Ada")
        assert (receipt.serial_number, receipt.model) == ("86590001", "Example Works T1")
        assert (receipt.desk, receipt.operator_name) == ("Desk 1", "Olu")
        assert receipt.at == stage.line(receipt.enrollment_id).changed


async def test_what_did_not_come_about_has_none(tmp_path: Path) -> None:
    async with a_desk_with_receipts(tmp_path) as stage:
        await stage.fill()
        await stage.submit(WRONG)
        await stage.station.receipts.show_last()
        assert stage.of(ReceiptNotice)[-1].receipt is None


async def test_a_receipt_of_an_earlier_day_is_made_again(tmp_path: Path) -> None:
    world = FakeWorld()
    put(world, an_intent("old"), an_end("old", State.ASSIGNED))
    async with a_desk_with_receipts(tmp_path, world) as stage:
        await stage.station.receipts.show("old")
        first = told(stage)
        await stage.station.receipts.show("old")
        assert told(stage) == first
        assert first.handover is Handover.LATER


async def test_a_record_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    world = FakeWorld()
    world.ledger = Damaged()
    async with a_desk_with_receipts(tmp_path, world) as stage:
        await stage.station.receipts.show("any")
        assert isinstance(stage.of(ReceiptNotice)[-1].error, LedgerUnreadable)


async def test_a_desk_that_makes_no_receipts_tells_so_and_makes_none() -> None:
    async with a_desk() as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        assert stage.of(ReceiptNotice) == []
        assert [notice.receipts for notice in stage.of(ReadyNotice)] == [False]


async def test_the_language_of_a_person_is_kept_for_a_later_receipt(tmp_path: Path) -> None:
    world = FakeWorld()
    ada = world.tenant.add_person(replace(world.ada, language="de-DE"))
    async with a_desk_with_receipts(tmp_path, world) as stage:
        await stage.fill(person=ada)
        await stage.submit()
        await stage.station.receipts.show_last()
        assert told(stage).language == "de-DE"


async def test_each_receipt_is_written_to_a_file_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "receipts" / "of this year"
    async with a_desk_with_receipts(folder) as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        for _ in range(2):
            await stage.station.receipts.keep(told(stage), b"%PDF-")
        paths = [Path(notice.path) for notice in stage.of(ReceiptKeptNotice)]
        assert sorted(folder.iterdir()) == sorted(paths)
        assert len(set(paths)) == 2
        assert all("86590001" in path.name and path.read_bytes() == b"%PDF-" for path in paths)
        if sys.platform != "win32":
            assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


async def test_a_serial_number_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    async with a_desk_with_receipts(tmp_path / "in") as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        climbing = replace(told(stage), serial_number="../../out")
        await stage.station.receipts.keep(climbing, b"%PDF-")
        (kept,) = stage.of(ReceiptKeptNotice)
        assert Path(kept.path).parent == tmp_path / "in"


async def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with a_desk_with_receipts(tmp_path / "file") as stage:
        await stage.fill()
        await stage.submit()
        await stage.station.receipts.show_last()
        await stage.station.receipts.keep(told(stage), b"%PDF-")
        (kept,) = stage.of(ReceiptKeptNotice)
        assert isinstance(kept.error, ExportFailed)
        assert kept.path == ""
