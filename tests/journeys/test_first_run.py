"""From nothing configured to a station: the whole program, over HTTPS through a company's proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.compose import StationLauncher, build_station
from app.core.cloud import Cloud
from app.main import practising
from app.settings.loading import Sources
from app.station.context import Notify
from app.station.station import Station
from app.station_config import StationConfig
from app.ui.pages.first_run.page import FirstRunPage
from tests.support.patience import HANG_MS
from tests.support.proxy import Front, Tunnel
from tests.support.simulated import Simulated
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window_on

CLIENT = "9b1e5a74-0c2d-4f3a-8e6b-7d1c2b3a4f50"
OTHER = "0b6ad4b2-5d3e-4f17-9a86-c1e7d2f83a55"


class Office:
    """A machine behind a proxy that leads Entra's name to the practice tenant."""

    def __init__(self, folder: Path, proxy: Tunnel, ca_file: Path) -> None:
        self.proxy = proxy
        self.file = folder / "user" / "config.toml"
        self.before = (
            "# written by hand\n"
            f"[network]  # the office\nproxy = 'http://desk:9c2f@127.0.0.1:{proxy.port}'\n"
            f"ca_file = '{ca_file.as_posix()}'\n"
            "[ledger]\nfolder = 'record'\n"
            "[readers]\ncards = false\n"
            f"[desk]\nexports = '{(folder / 'documents').as_posix()}'\n"
        )
        self.documents = folder / "documents"
        self.file.parent.mkdir()
        self.file.write_text(self.before, encoding="utf-8")

    @contextmanager
    def window(self, qtbot: QtBot) -> Iterator[Stage]:
        async def put_together(config: StationConfig, notify: Notify) -> Station:
            return await build_station(config, notify, None, lambda _url: True)

        sources = Sources(self.file.with_name("machine.toml"), self.file)
        launcher = StationLauncher(sources, "", put_together, practising)
        with a_window_on(qtbot, launcher.station(), launcher=launcher) as stage:
            yield stage


@pytest.fixture
def office(tenant: Simulated, tmp_path: Path) -> Iterator[Office]:
    target = tenant.ready.authority.rsplit("/", 1)[0]
    with Front(target, tenant.ready.ca_file, Cloud.GLOBAL.login_host) as front:
        ca_file = tmp_path / "office.pem"
        front.authority.cert_pem.write_to_path(str(ca_file))
        with Tunnel(front.port, "desk", "9c2f") as proxy:
            yield Office(tmp_path, proxy, ca_file)


def at_the_first_run(stage: Stage) -> FirstRunPage:
    stage.until(lambda: stage.window.pages.currentWidget() is stage.window.pages.first_run)
    page = stage.window.pages.first_run
    stage.focused_on(page.form.tenant)
    return page


def paste(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def fill_in(stage: Stage, page: FirstRunPage, tenant: str) -> None:
    page.form.tenant.setFocus()
    stage.focused_on(page.form.tenant)
    paste(tenant)
    press(Qt.Key.Key_Tab)
    stage.focused_on(page.form.client)
    paste(CLIENT)
    press(Qt.Key.Key_Return)


def said(stage: Stage) -> str:
    labels = stage.window.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def test_a_station_is_set_up_with_a_domain_name_and_an_id(
    office: Office, tenant: Simulated, qtbot: QtBot
) -> None:
    with office.window(qtbot) as stage:
        page = at_the_first_run(stage)
        fill_in(stage, page, "contoso.example")
        stage.until(lambda: f"The tenant {tenant.ready.tenant_id} exists" in said(stage))
        assert office.proxy.opened == [f"{Cloud.GLOBAL.login_host}:443"]
        press(Qt.Key.Key_F9)
        stage.until(lambda: "The message is saved." in said(stage))
        stage.focused_on(page.form.save)
        press(Qt.Key.Key_Return)
        stage.until(stage.window.signin.browser.isVisible)
        assert "contoso.example" in said(stage)
    (letter,) = office.documents.iterdir()
    assert f"{tenant.ready.tenant_id}/adminconsent?client_id={CLIENT}" in letter.read_text("utf-8")
    written = office.file.read_text(encoding="utf-8")
    assert written.startswith(office.before)
    assert written.removeprefix(office.before) == (
        f'\n[tenant]\nid = "{tenant.ready.tenant_id}"\nclient_id = "{CLIENT}"\n'
        'name = "contoso.example"\n'
    )
    assert (office.file.parent / "record" / tenant.ready.tenant_id / "ledger.db").exists()
    with office.window(qtbot) as stage:
        stage.until(stage.window.signin.browser.isVisible)


def test_a_wrong_tenant_is_told_and_the_right_one_still_found(
    office: Office, tenant: Simulated, qtbot: QtBot
) -> None:
    with office.window(qtbot) as stage:
        page = at_the_first_run(stage)
        fill_in(stage, page, OTHER)
        stage.until(lambda: "There is no such tenant in this cloud." in said(stage))
        assert "AADSTS90002" in page.form.evidence.as_text()
        fill_in(stage, page, tenant.ready.tenant_id.upper())
        stage.until(lambda: "exists in this cloud" in said(stage))
    assert office.file.read_text(encoding="utf-8") == office.before


def test_a_certificate_that_nobody_trusts_is_told_until_it_is_configured(
    office: Office, tenant: Simulated, qtbot: QtBot
) -> None:
    lines = office.before.splitlines(keepends=True)
    office.file.write_text("".join(line for line in lines if "ca_file" not in line), "utf-8")
    with office.window(qtbot) as stage:
        page = at_the_first_run(stage)
        fill_in(stage, page, tenant.ready.tenant_id)
        stage.until(lambda: "does not trust the certificate" in said(stage))
        assert "CERTIFICATE_VERIFY_FAILED" in page.form.evidence.as_text()
        office.file.write_text(office.before, encoding="utf-8")
        press(Qt.Key.Key_F5)
        at_work = stage.window.pages.first_run.form
        stage.until(lambda: "does not trust" not in said(stage) and at_work.isVisible())
        fill_in(stage, page, tenant.ready.tenant_id)
        stage.until(lambda: "exists in this cloud" in said(stage))


def test_a_proxy_that_wants_a_password_is_told_as_that(
    office: Office, tenant: Simulated, qtbot: QtBot
) -> None:
    office.file.write_text(office.before.replace("9c2f", "wrong-word"), encoding="utf-8")
    with office.window(qtbot) as stage:
        page = at_the_first_run(stage)
        fill_in(stage, page, tenant.ready.tenant_id)
        stage.until(page.form.evidence.isVisible)
        assert "407" in page.form.evidence.as_text()
        assert "wrong-word" not in page.form.evidence.as_text() + said(stage)


def test_the_demo_is_a_real_station_in_the_same_window_and_is_left_again(
    office: Office, qtbot: QtBot
) -> None:
    with office.window(qtbot) as stage:
        at_the_first_run(stage)
        press(Qt.Key.Key_F6)
        signin = stage.window.signin
        qtbot.waitUntil(signin.browser.isVisible, timeout=HANG_MS)
        assert signin.leave_demo.isVisible()
        stage.focused_on(signin.browser)
        press(Qt.Key.Key_Return)
        stage.until(signin.form.isVisible)
        press(Qt.Key.Key_Return)
        qtbot.waitUntil(stage.desk.isVisible, timeout=HANG_MS)
        press(Qt.Key.Key_F12)
        stage.until(signin.leave_demo.isVisible)
        signin.leave_demo.setFocus()
        press(Qt.Key.Key_Space)
        qtbot.waitUntil(
            lambda: stage.window.pages.currentWidget() is stage.window.pages.first_run,
            timeout=HANG_MS,
        )
    assert office.file.read_text(encoding="utf-8") == office.before
