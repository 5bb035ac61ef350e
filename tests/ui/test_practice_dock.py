"""The practice tray: each thing in it has the room that its words take."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.core.practice import PracticeBadge, PracticeSet, PracticeToken
from app.core.reading import Family
from app.ui.pages.desk.practice_dock import PracticeDock
from app.ui.theme import Theme, apply_theme

LONG = PracticeToken("8659610904217", "Token2 C301-i", 30, Family.TOKEN2_OTP, 0.0)
TRAY = PracticeSet((LONG,) * 4, (PracticeBadge("EMP004117", "Siobhán O’Brien-Müller"),) * 3, ())


@pytest.mark.parametrize("touch", [False, True])
def test_every_button_shows_its_words_whole(
    qtbot: QtBot, qapp: QApplication, *, touch: bool
) -> None:
    apply_theme(qapp, Theme.LIGHT, touch=touch)
    dock = PracticeDock()
    qtbot.addWidget(dock)
    dock.resize(900, 120)
    dock.fill(TRAY)
    buttons = [each for each in dock.findChildren(QPushButton) if each.isVisible()]
    assert len(buttons) == 15
    cut = [b.text() for b in buttons if b.width() < b.fontMetrics().horizontalAdvance(b.text())]
    assert cut == []
