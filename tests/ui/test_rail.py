"""The rail: every place is in sight, in the smallest window too."""

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.rail import Rail
from app.ui.theme import Theme, apply_theme

SMALLEST_WINDOW = 680
"""Height in px, as in app.ui.window."""


def test_every_place_of_an_operator_fits_the_smallest_window(
    qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, Theme.LIGHT, motion=False)
    rail = Rail()
    qtbot.addWidget(rail)
    rail.show_for(signed_in=True)
    assert rail.minimumSizeHint().height() <= SMALLEST_WINDOW
