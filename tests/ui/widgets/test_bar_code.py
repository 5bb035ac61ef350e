"""The bars on the screen are the bars of the code, pixel by pixel, in every theme."""

from itertools import groupby

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.code128 import QUIET, bars
from app.core.trial import REFERENCE
from app.ui.theme import PALETTES, Theme, apply_theme
from app.ui.widgets.bar_code import BarCode


def runs(image: QImage) -> list[tuple[str, int]]:
    """The colours of the middle row, with how many pixels each lasts."""
    row = [image.pixelColor(x, image.height() // 2).name() for x in range(image.width())]
    return [(shade, len(list(run))) for shade, run in groupby(row)]


@pytest.mark.parametrize("width", [0, 601, 1200])
@pytest.mark.parametrize("theme", list(PALETTES))
def test_bars_are_whole_pixels_black_on_white_with_quiet_ends(
    theme: Theme, width: int, qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, theme)
    code = BarCode(REFERENCE, "Test code")
    qtbot.addWidget(code)
    code.resize(max(width, code.minimumSizeHint().width()), code.sizeHint().height())
    first, *inner, last = runs(code.grab().toImage())
    expected = bars(REFERENCE)
    module = inner[0][1] // expected[0]
    assert module == code.width() // (sum(expected) + 2 * QUIET) >= 2
    assert [length for _, length in inner] == [each * module for each in expected]
    assert {shade for shade, _ in inner[::2]} == {"#000000"}
    assert {shade for shade, _ in (first, *inner[1::2], last)} == {"#ffffff"}
    assert min(first[1], last[1]) >= QUIET * module


def test_a_screen_reader_is_told_what_the_picture_is(qtbot: QtBot) -> None:
    code = BarCode(REFERENCE, "Test code")
    qtbot.addWidget(code)
    assert code.accessibleName() == "Test code"
