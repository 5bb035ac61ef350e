"""The help is whole, opens with one key and leads back to where the work was."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from pytestqt.qtbot import QtBot

from app.assets import resources
from app.ui.pages.help import HelpPage, chapters
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window

NAMES = [name for name, _ in chapters()]


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    with a_window(qtbot, FakeWorld()) as stage:
        yield stage


@pytest.fixture
def page(qtbot: QtBot) -> HelpPage:
    made = HelpPage()
    qtbot.addWidget(made)
    return made


def test_every_chapter_in_the_folder_is_in_the_list() -> None:
    assert set(NAMES) == {file.name for file in (resources() / "help").glob("*.md")}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_a_chapter_leads_to_another_one(name: str) -> None:
    text = (resources() / "help" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([^)]+)\)", text)) <= set(NAMES)


def test_every_chapter_can_be_shown(page: HelpPage) -> None:
    for row, (_, title) in enumerate(chapters()):
        page.list.setCurrentRow(row)
        assert page.text.toPlainText().startswith(title)


def test_the_titles_of_all_chapters_can_be_read_in_a_wide_font(page: HelpPage) -> None:
    page.setStyleSheet("QListWidget { font-size: 24px; }")
    page.resize(1_272, 500)
    page.show()
    assert page.list.viewport().width() >= page.list.sizeHintForColumn(0)
    assert not page.list.horizontalScrollBar().isVisible()


def test_a_link_leads_to_its_chapter_and_nowhere_else(page: HelpPage) -> None:
    page.text.anchorClicked.emit(QUrl(NAMES[2]))
    assert page.list.currentRow() == 2
    page.text.anchorClicked.emit(QUrl("https://www.example.com/"))
    assert page.list.currentRow() == 2


def test_f1_opens_the_help_and_escape_leads_back(stage: Stage) -> None:
    press(Qt.Key.Key_F1)
    stage.until(stage.window.pages.help.isVisible)
    stage.focused_on(stage.window.pages.help.list)
    press(Qt.Key.Key_Down)
    assert stage.window.pages.help.list.currentRow() == 1
    press(Qt.Key.Key_Escape)
    stage.until(stage.desk.isVisible)
    stage.focused_on(stage.desk.token.edit)


def test_the_help_can_be_read_before_signing_in(qtbot: QtBot) -> None:
    with a_window(qtbot, FakeWorld(), signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        press(Qt.Key.Key_F1)
        stage.until(stage.window.pages.help.isVisible)
        press(Qt.Key.Key_Escape)
        stage.focused_on(stage.window.signin.browser)
