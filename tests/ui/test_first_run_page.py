"""Setting a station up by keyboard: typed, checked, written; and whatever is in the way is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.cloud import Cloud
from app.core.errors import (
    SettingsProblem,
    SignInError,
    SignInProxyRefused,
    SignInUnreachable,
    SignInUntrusted,
)
from app.core.model import Mode
from app.core.tenancy import FoundTenant, Tenancy
from app.station.context import Notify
from app.station.first_run import FirstRun, FirstRunSettings
from app.ui.bridge import Opened, StationFactory
from app.ui.language import ENGLISH
from app.ui.pages.first_run.page import FirstRunPage
from app.ui.wording.errors import trouble
from tests.fakes.tenancy import CLIENT, DOMAIN, TENANT, FakeFinder, FakeKeeper
from tests.fakes.world import FakeWorld
from tests.ui.hands import press, scan
from tests.ui.stage import Stage, a_window_on, on
from tests.ui.test_language import cut

FIXED = SettingsProblem(
    "machine.toml:3",
    "the machine-wide file decides this, whatever the user's file says",
    "tenant.id",
)
TAB = Qt.Key.Key_Tab


class Desk:
    """A window on a first run. What is written there is a station's tenant at the next start."""

    def __init__(self, settings: FirstRunSettings) -> None:
        self.finder, self.keeper = FakeFinder(), FakeKeeper()
        self.settings = settings
        self.starts = 0
        self.stage: Stage

    @property
    def page(self) -> FirstRunPage:
        return self.stage.window.pages.first_run

    def build(self) -> StationFactory:
        station = on(FakeWorld(), Mode.ASSIGN_ONLY)

        async def built(notify: Notify) -> Opened:
            self.starts += 1
            if self.keeper.kept:
                return await station(notify)
            return FirstRun(self.finder, self.keeper, self.settings, notify, nothing)

        return built

    def shown(self) -> str:
        return shown(self.page)

    def until_shown(self, *words: str) -> None:
        self.stage.until(lambda: all(each in self.shown() for each in words))

    def fill_in(self, tenant: str = TENANT, client: str = CLIENT) -> None:
        """Paste both IDs, from the field that has the focus to the next."""
        self.stage.focused_on(self.page.form.tenant)
        paste(tenant)
        press(TAB)
        self.stage.focused_on(self.page.form.client)
        paste(client)


async def nothing() -> None:
    """Hold nothing."""


def shown(widget: QWidget) -> str:
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    buttons = [button.text() for button in widget.findChildren(QPushButton) if button.isVisible()]
    return " ".join([*labels, *buttons])


def paste(text: str) -> None:
    """Paste as a person does, with Ctrl+V."""
    QGuiApplication.clipboard().setText(text)
    press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


@contextmanager
def a_desk(
    qtbot: QtBot, settings: FirstRunSettings | None = None, language: str = ENGLISH
) -> Iterator[Desk]:
    desk = Desk(settings or FirstRunSettings("/home/olu/config.toml", demo=True))
    with a_window_on(qtbot, desk.build(), language) as stage:
        desk.stage = stage
        stage.until(lambda: stage.window.pages.currentWidget() is desk.page)
        yield desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    with a_desk(qtbot) as desk:
        yield desk


def test_a_station_is_set_up_without_a_mouse(desk: Desk) -> None:
    desk.fill_in(DOMAIN)
    press(Qt.Key.Key_Return)
    desk.until_shown(f"The tenant {TENANT} exists", "Save and start")
    desk.stage.focused_on(desk.page.form.save)
    press(Qt.Key.Key_Return)
    desk.stage.until(desk.stage.window.signin.browser.isVisible)
    assert desk.keeper.kept == [Tenancy(TENANT, CLIENT, Cloud.GLOBAL, DOMAIN)]
    assert desk.finder.asked == [(DOMAIN, Cloud.GLOBAL)]
    assert desk.starts == 2


def test_where_it_will_be_written_is_told_before(desk: Desk) -> None:
    desk.until_shown("It will be written to", "/home/olu/config.toml")


@pytest.mark.parametrize(
    ("tenant", "client", "words", "wrong"),
    [
        ("", "", "The tenant is still missing.", "tenant"),
        ("Contoso", CLIENT, "neither the ID of a tenant nor a domain name", "tenant"),
        (TENANT, "", "The application ID is still missing.", "client"),
        (TENANT, "Oathdesk", "This is not an application ID.", "client"),
        (TENANT, TENANT, "The same ID stands in both places.", "client"),
    ],
)
def test_what_is_malformed_is_told_where_it_is_and_asked_of_nobody(
    desk: Desk, tenant: str, client: str, words: str, wrong: str
) -> None:
    desk.fill_in(tenant, client)
    press(Qt.Key.Key_Return)
    desk.until_shown(words)
    edit = getattr(desk.page.form, wrong)
    desk.stage.focused_on(edit)
    assert edit.selectedText() == edit.text()
    assert desk.finder.asked == []


def test_a_flaw_is_gone_as_soon_as_it_is_mended(desk: Desk) -> None:
    desk.fill_in("Contoso", CLIENT)
    press(Qt.Key.Key_Return)
    desk.until_shown("neither the ID")
    paste(DOMAIN)
    assert "neither the ID" not in desk.shown()
    press(Qt.Key.Key_Return)
    desk.until_shown("exists in this cloud")


def test_a_wrong_tenant_is_told_and_cannot_be_saved(desk: Desk) -> None:
    desk.fill_in("fabrikam.com")
    press(Qt.Key.Key_Return)
    desk.until_shown("There is no such tenant in this cloud.")
    assert "AADSTS90002: not found." in desk.page.form.evidence.as_text()
    assert not desk.page.form.save.isVisible()
    assert not desk.page.form.save_unchecked.isVisible()


@pytest.mark.parametrize(
    "error",
    [
        SignInUnreachable("ConnectError: no route to host"),
        SignInProxyRefused("ProxyError: 407 Proxy Authentication Required"),
        SignInUntrusted("ConnectError: CERTIFICATE_VERIFY_FAILED: self-signed certificate"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_keeps_the_question_from_being_asked_is_told_as_it_is(
    desk: Desk, error: SignInError
) -> None:
    desk.finder.error = error
    desk.fill_in()
    press(Qt.Key.Key_Return)
    desk.until_shown(trouble(error).sentence, "You can save it anyway")
    assert str(error) in desk.page.form.evidence.as_text()
    desk.stage.focused_on(desk.page.form.check)
    press(TAB)
    desk.stage.focused_on(desk.page.form.save_unchecked)
    press(Qt.Key.Key_Space)
    desk.stage.until(desk.stage.window.signin.browser.isVisible)
    assert desk.keeper.kept == [Tenancy(TENANT, CLIENT)]


def test_the_cloud_is_corrected_and_that_is_told(desk: Desk) -> None:
    desk.finder.known[TENANT] = FoundTenant(TENANT, Cloud.CHINA)
    desk.fill_in()
    press(Qt.Key.Key_Return)
    desk.until_shown("exists in this cloud", "for the global cloud alone")
    assert desk.page.form.cloud.current() == "china"
    assert Cloud.CHINA.login_host in desk.page.message.text.toPlainText()
    desk.page.form.cloud.set_current("global")
    desk.until_shown("Check the tenant")
    desk.finder.known[TENANT] = FoundTenant(TENANT, Cloud.GLOBAL)
    desk.page.form.cloud.set_current("us-gov-l4")
    desk.page.form.go_on()
    desk.until_shown("Another cloud had been chosen; it was corrected.")


def test_typing_on_takes_back_what_was_found(desk: Desk) -> None:
    desk.fill_in()
    press(Qt.Key.Key_Return)
    desk.until_shown("Save and start")
    desk.page.form.client.setFocus()
    desk.stage.focused_on(desk.page.form.client)
    press(Qt.Key.Key_Backspace)
    assert "exists in this cloud" not in desk.shown()
    assert not desk.page.form.save.isVisible()
    press(Qt.Key.Key_Return)
    desk.until_shown("This is not an application ID.")
    assert desk.keeper.kept == []


def test_what_cannot_be_written_is_told_with_its_place_and_tried_again(desk: Desk) -> None:
    desk.keeper.problem = SettingsProblem("config.toml", "it cannot be written: No space left")
    desk.fill_in()
    press(Qt.Key.Key_Return)
    desk.until_shown("Save and start")
    press(Qt.Key.Key_Return)
    desk.until_shown("The tenant cannot be written into the configuration.")
    assert "No space left" in desk.page.form.evidence.as_text()
    assert "save it anyway" not in desk.shown()
    desk.keeper.problem = None
    desk.stage.focused_on(desk.page.form.save)
    press(Qt.Key.Key_Return)
    desk.stage.until(desk.stage.window.signin.browser.isVisible)


def test_a_tenant_that_is_decided_elsewhere_is_told_at_once_and_cannot_be_saved(
    qtbot: QtBot,
) -> None:
    with a_desk(qtbot, FirstRunSettings("config.toml", fixed=(FIXED,))) as desk:
        desk.until_shown("not decided here", "tenant.id (machine.toml:3)")
        desk.fill_in()
        press(Qt.Key.Key_Return)
        desk.until_shown("exists in this cloud")
        assert not desk.page.form.save.isVisible()
        press(Qt.Key.Key_Return)
        desk.stage.until(lambda: len(desk.finder.asked) == 2)
        assert desk.keeper.kept == []


def test_f5_reads_the_configuration_again_and_keeps_what_is_typed(desk: Desk) -> None:
    desk.fill_in(DOMAIN)
    desk.settings = FirstRunSettings("config.toml", fixed=(FIXED,))
    press(Qt.Key.Key_F5)
    desk.until_shown("not decided here")
    assert desk.page.form.typed().domain == DOMAIN
    assert desk.starts == 2


def test_a_scan_is_refused_and_fills_no_field(desk: Desk) -> None:
    desk.stage.focused_on(desk.page.form.tenant)
    scan("86590001")
    desk.stage.until(lambda: "Sign in first" in desk.stage.alert)
    assert desk.page.form.tenant.text() == ""


def test_the_message_follows_what_is_typed_and_f8_copies_it(desk: Desk) -> None:
    assert "adminconsent" not in desk.page.message.text.toPlainText()
    desk.fill_in(DOMAIN)
    press(Qt.Key.Key_F8)
    text = QGuiApplication.clipboard().text()
    assert f"https://login.microsoftonline.com/{DOMAIN}/adminconsent?client_id={CLIENT}" in text
    assert "http://localhost" in text


def test_f9_saves_the_message_and_says_where(desk: Desk) -> None:
    desk.fill_in(DOMAIN)
    press(Qt.Key.Key_F9)
    desk.until_shown("The message is saved.", "letter-1.txt")
    assert desk.keeper.letters == [desk.page.message.text.toPlainText()]
    assert QApplication.focusWidget() is desk.page.form.client


def test_a_message_that_cannot_be_saved_says_why(desk: Desk) -> None:
    desk.keeper.problem = SettingsProblem("/documents", "it cannot be written: it is no folder")
    press(Qt.Key.Key_F9)
    desk.until_shown("The message cannot be saved.", "/documents: it cannot be written")


def test_the_demo_is_offered_where_it_is_installed(qtbot: QtBot) -> None:
    with a_desk(qtbot) as desk:
        assert desk.page.form.demo.isVisible()
    with a_desk(qtbot, FirstRunSettings("config.toml")) as desk:
        assert not desk.page.form.demo.isVisible()


def test_every_field_has_a_name_for_who_cannot_see_it(desk: Desk) -> None:
    form, message = desk.page.form, desk.page.message
    for part in (form.tenant, form.client, form.cloud, message.text, message.save_button):
        assert part.accessibleName()


@pytest.mark.parametrize("language", [ENGLISH, "de"])
def test_nothing_is_cut_in_the_smallest_window(qtbot: QtBot, language: str) -> None:
    with a_desk(
        qtbot, FirstRunSettings("config.toml", fixed=(FIXED,), demo=True), language
    ) as desk:
        desk.stage.window.resize(desk.stage.window.minimumSize())
        desk.finder.error = SignInUnreachable("ConnectError: no route to host")
        desk.fill_in()
        press(Qt.Key.Key_Return)
        desk.stage.until(desk.page.form.evidence.isVisible)
        area = desk.page.form.area
        desk.stage.until(lambda: cut(desk.stage) == [])
        desk.stage.until(lambda: area.horizontalScrollBar().maximum() == 0)


def is_in_sight(button: QWidget) -> bool:
    return button.visibleRegion().boundingRect() == button.rect()


@pytest.mark.parametrize("language", [ENGLISH, "de"])
def test_what_has_the_focus_is_in_sight_in_the_smallest_window(qtbot: QtBot, language: str) -> None:
    with a_desk(qtbot, language=language) as desk:
        desk.stage.window.resize(desk.stage.window.minimumSize())
        desk.finder.error = SignInUnreachable("ConnectError: no route to host")
        desk.fill_in()
        press(Qt.Key.Key_Return)
        button = desk.page.form.save_unchecked
        desk.stage.until(button.isVisible)
        desk.stage.focused_on(desk.page.form.check)
        desk.stage.until(lambda: is_in_sight(desk.page.form.check))
        press(TAB)
        desk.stage.focused_on(button)
        desk.stage.until(lambda: is_in_sight(button))
