"""Every test of the window starts in the light theme, without motion."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.theme import Theme, apply_theme


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, Theme.LIGHT, motion=False)
    yield
    apply_theme(qapp, Theme.LIGHT, motion=False)
