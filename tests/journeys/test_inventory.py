"""Thousands of tokens over HTTPS: read through faults, found, taken back, deleted, written out."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compose import build_station
from app.core.bulk import BulkDeed
from app.core.inventory import Inventory
from app.main import practice_config
from app.simulator.dock import SimulatedPractice
from app.simulator.model import Device
from app.station.context import Notify
from app.station.inventory_notices import InventoryExportNotice, SyncNotice, SyncState
from app.station.station import Station
from app.ui.pages.inventory.page import InventoryPage
from tests.journeys.travel import SOON, Journey
from tests.support.patience import HANG_MS
from tests.support.simulated import Simulated, start_simulator
from tests.ui.hands import press
from tests.ui.stage import a_window_on

TOKENS = 1_200
PAGES = "hardwareOathDevices$"
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

FAULTS: list[Mapping[str, Any]] = [
    {"kind": "too_many_requests", "retry_after": 1},
    {"kind": "too_many_requests"},
    {"kind": "service_unavailable"},
    {"kind": "bad_gateway", "times": 3},
    {"kind": "reset", "times": 3},
    {"kind": "lost_answer"},
    {"kind": "html"},
    {"kind": "truncated_json"},
]


@pytest.fixture(scope="module")
def tenant() -> Iterator[Simulated]:
    with start_simulator(people=800, tokens=TOKENS) as simulated:
        yield simulated


@pytest.fixture
def journey(
    tenant: Simulated, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Journey]:
    caplog.set_level(logging.INFO)
    tenant.reset()
    config = practice_config(tenant.ready, tmp_path)
    desk = replace(config.desk, patience=SOON, exports=str(tmp_path / "exports"))

    async def built(notify: Notify) -> Station:
        practice = SimulatedPractice(tenant.ready)
        return await build_station(replace(config, desk=desk), notify, practice, lambda _url: True)

    with a_window_on(qtbot, built) as stage:
        found = Journey(stage, tenant, tmp_path)
        found.sign_in()
        yield found
    tenant.reset()


def truth(journey: Journey) -> dict[str, Device]:
    """What the inventory of the tenant truly is, by serial number."""
    assert journey.tenant.server.practice is not None
    devices = journey.tenant.server.practice.tenant.devices.all_current()
    return {device.serial_number: device for device in devices if not device.legacy}


def page_of(journey: Journey) -> InventoryPage:
    return journey.stage.window.pages.inventory


def until(journey: Journey, condition: Any) -> None:
    journey.stage.qtbot.waitUntil(condition, timeout=HANG_MS)


def open_page(journey: Journey) -> InventoryPage:
    press(Qt.Key.Key_F11, SHIFT)
    journey.stage.until(page_of(journey).isVisible)
    return page_of(journey)


def is_read(page: InventoryPage) -> bool:
    return page.filters.sync.text().startswith("Read at ")


def known(inventory: Inventory) -> dict[str, tuple[str, str]]:
    """Serial number -> state and holder, as the page has them."""
    return {
        inventory.serials[row]: (inventory.status(row).value, inventory.holder_ids[row])
        for row in inventory.rows()
    }


def as_it_is(journey: Journey) -> dict[str, tuple[str, str]]:
    return {serial: (one.status, one.holder or "") for serial, one in truth(journey).items()}


def in_the_middle(journey: Journey, page: InventoryPage) -> None:
    """Begin to read, and wait until some hundred tokens are there and more to come.

    The pages are so slow that a busy machine can arm its fault before the last of them.
    """
    journey.tenant.fault("slow", seconds=0.4, times=200, match={"path": PAGES})
    press(Qt.Key.Key_F11, SHIFT)
    journey.stage.until(page.isVisible)
    until(journey, lambda: page.list.model.rowCount() >= 300)
    assert page.list.model.rowCount() < TOKENS - 300


def test_every_token_is_read_and_shown_as_the_tenant_has_it(journey: Journey) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    assert known(page.list.model.inventory) == as_it_is(journey)
    assert page.list.count.text() == f"{len(truth(journey)):,} tokens"
    free = sum(row.free.text() != "0 free" for row in page.stock.chart.rows)
    assert free == len(page.stock.chart.rows) >= 10


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f['kind']}-{len(f)}")
def test_a_fault_in_the_middle_costs_time_and_no_token(
    journey: Journey, fault: Mapping[str, Any]
) -> None:
    page = page_of(journey)
    in_the_middle(journey, page)
    journey.tenant.fault(**fault, match={"path": PAGES})
    until(journey, lambda: is_read(page))
    assert known(page.list.model.inventory) == as_it_is(journey)


def test_a_sign_in_token_that_expires_in_the_middle_is_renewed(journey: Journey) -> None:
    page = page_of(journey)
    in_the_middle(journey, page)
    journey.tenant.fault("expire_access_tokens")
    until(journey, lambda: is_read(page))
    assert known(page.list.model.inventory) == as_it_is(journey)


def test_pages_that_lead_in_a_circle_are_noticed_and_what_was_read_stays(journey: Journey) -> None:
    page = page_of(journey)
    in_the_middle(journey, page)
    journey.tenant.fault("circle", match={"path": PAGES})
    until(journey, page.note.isVisible)
    assert "did not come from the directory" in page.note.message.accessibleName()
    assert not page.filters.csv.isEnabled()
    assert page.list.model.rowCount() >= 300
    press(Qt.Key.Key_F5)
    until(journey, lambda: is_read(page))
    assert known(page.list.model.inventory) == as_it_is(journey)


def test_a_list_that_changes_while_it_is_read_comes_right_and_no_token_comes_twice(
    journey: Journey,
) -> None:
    page = page_of(journey)
    in_the_middle(journey, page)
    early, *_, late = truth(journey)
    gone = next(s for s, device in truth(journey).items() if device.holder is None)
    journey.tenant.fault("delete_token", serial=gone)
    free = [s for s, device in truth(journey).items() if device.holder is None]
    journey.tenant.fault("assign_elsewhere", serial=free[0])
    journey.tenant.fault("assign_elsewhere", serial=free[-1])
    until(journey, lambda: is_read(page))
    ids = page.list.model.inventory.ids
    assert len(ids) == len(set(ids))
    assert {early, late} <= {gone, *page.list.model.inventory.serials}
    page.filters.sync.clear()
    press(Qt.Key.Key_F5)
    until(journey, lambda: is_read(page))
    assert known(page.list.model.inventory) == as_it_is(journey)


def test_tokens_are_taken_back_and_deleted_and_the_tenant_agrees(journey: Journey) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    held = [s for s, one in truth(journey).items() if one.status == "assigned"][:2]
    for serial in held:
        page.filters.edit.setText(serial)
        page.list.view.setFocus()
        press(Qt.Key.Key_A, CONTROL)
    assert page.list.chosen.text() == "2 chosen, 1 of them not listed now"
    page.list.deeds[BulkDeed.UNASSIGN].click()
    page.confirm.yes.click()
    until(journey, page.job.dismiss_button.isVisible)
    assert [page.job.model.index(row, 1).data() for row in range(2)] == ["Removed", "Removed"]
    assert [truth(journey)[serial].holder for serial in held] == [None, None]
    page.job.dismiss_button.click()
    until(journey, page.list.isVisible)

    page.list.view.setFocus()
    press(Qt.Key.Key_A, CONTROL)
    page.list.deeds[BulkDeed.DELETE].click()
    page.confirm.number.setText("1")
    press(Qt.Key.Key_Return)
    until(journey, page.job.dismiss_button.isVisible)
    assert held[1] not in truth(journey)
    assert len(truth(journey)) == len(page.list.model.inventory) - 1


@pytest.mark.parametrize(
    "fault", [{"kind": "too_many_requests", "retry_after": 1, "times": 2}, {"kind": "lost_answer"}]
)
def test_a_deletion_through_a_fault_ends_whole(journey: Journey, fault: Mapping[str, Any]) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    page.filters.states.setCurrentText("In stock")
    page.filters.models.setCurrentText("Yubico YubiKey 5 NFC")
    page.list.view.setFocus()
    press(Qt.Key.Key_A, CONTROL)
    doomed = {page.list.model.inventory.serials[row] for row in page.list.model.chosen()}
    assert len(doomed) > 10
    journey.tenant.fault(**fault, match={"method": "DELETE", "path": "hardwareOathDevices/"})
    page.list.deeds[BulkDeed.DELETE].click()
    page.confirm.number.setText(str(len(doomed)))
    press(Qt.Key.Key_Return)
    until(journey, page.job.dismiss_button.isVisible)
    assert page.job.words.text() == f"{len(doomed)} of {len(doomed)} · {len(doomed)} done"
    assert doomed.isdisjoint(truth(journey))


def test_an_operator_without_the_role_sees_why_nothing_can_be_deleted(journey: Journey) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    journey.tenant.fault(
        "remove_role",
        person=journey.tenant.ready.operators[0].username,
        role="Authentication Policy Administrator",
    )
    press(Qt.Key.Key_F5)
    until(journey, page.note.isVisible)
    assert "Authentication Policy Administrator" in page.note.message.accessibleName()


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_read_back_is_what_the_tenant_has(journey: Journey, form: str) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    (page.filters.csv if form == "csv" else page.filters.json).click()
    until(journey, lambda: any(isinstance(n, InventoryExportNotice) for n in journey.stage.notices))
    (file,) = (journey.folder / "exports").iterdir()
    text = file.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines())) if form == "csv" else json.loads(text)
    found = {row["serial_number"]: (row["status"], row["holder_id"]) for row in rows}
    assert found == as_it_is(journey)
    assert [row["serial_number"] for row in rows] == sorted(found)
    assert file.name.startswith("oathdesk-inventory-")


def test_progress_grows_page_by_page(journey: Journey) -> None:
    page = open_page(journey)
    until(journey, lambda: is_read(page))
    told = [n for n in journey.stage.notices if isinstance(n, SyncNotice)]
    counts = [n.count for n in told if n.state is SyncState.LOADING]
    assert counts == sorted(counts)
    assert len(counts) > TOKENS // 100 - 4
