"""The whole desk of widgets is drawn in every theme, at every scaling, in both directions."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme import PALETTES, Theme, apply_theme
from tests.ui.widgets.gallery import Gallery, rows


def colors_in(image: QImage) -> set[int]:
    points = [(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)]
    return {image.pixel(x, y) for x, y in points}


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("theme", list(PALETTES))
def test_the_gallery_is_drawn(
    theme: Theme, ratio: int, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    apply_theme(qapp, theme, motion=False)
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.show()
    QTest.keyClicks(gallery.field, "041")
    picture = QPixmap(gallery.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    gallery.render(picture)
    file = tmp_path / f"{theme.value}-{ratio}.png"
    assert picture.save(str(file))
    image = QImage(str(file))
    assert (image.width(), image.height()) == (1280 * ratio, 800 * ratio)
    assert len(colors_in(image)) > 20


def test_the_gallery_fits_a_screen_of_1280_by_800(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.show()
    assert (gallery.width(), gallery.height()) == (1280, 800)
    assert gallery.minimumSizeHint().width() <= 1280


def test_the_gallery_is_mirrored_for_languages_written_from_the_right(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    gallery.show()
    gallery.activateWindow()
    gallery.search.edit.setFocus()
    qtbot.waitUntil(gallery.search.edit.hasFocus)
    gallery.search.edit.setText("an")
    gallery.search.set_results("an", rows())
    assert gallery.search.is_open()
    assert len(colors_in(gallery.grab().toImage())) > 20


def test_every_part_of_ours_that_takes_the_focus_has_a_name(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    ours = [w for w in gallery.findChildren(QWidget) if type(w).__module__.startswith("app.ui")]
    stops = [w for w in ours if w.focusPolicy() is not Qt.FocusPolicy.NoFocus]
    assert stops
    for stop in stops:
        words = stop.text() if isinstance(stop, QAbstractButton) else ""
        assert stop.accessibleName() or words or stop.isHidden() or stop.focusProxy(), stop
