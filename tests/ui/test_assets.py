"""Every icon is of the family, is drawn in the theme's colour, and is sharp."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from app.assets import ResourcesMissing, candidate_places, find_resources, resources
from app.ui import assets
from app.ui.theme import Theme, apply_theme

FIXED = {"app", "combo-arrow", "check-on-dark", "check-on-light"}
NAMES = sorted(path.stem for path in (resources() / "icons").glob("*.svg"))
NEEDED = {
    *("app", "desk", "history", "tokens", "import", "settings", "scanner", "nfc", "directory"),
    *("lock", "check", "alert", "cross", "clock", "person", "token", "key", "copy", "refresh"),
    *("sign-out", "search", "sun", "moon", "keyboard", "info", "chevron-down", "chevron-right"),
    *("undo", "badge"),
}


def inked(image: QImage) -> set[str]:
    """The colours of the opaque pixels."""
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    seen = [image.pixelColor(x, y) for x, y in points]
    return {shade.name() for shade in seen if shade.alpha() == 255}


def test_the_icons_that_pages_need_are_drawn() -> None:
    assert set(NAMES) >= NEEDED


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FIXED])
def test_an_icon_is_of_the_family(name: str) -> None:
    root = ET.fromstring(assets.drawing(name))  # noqa: S314 - the project's own drawing
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke-width") == "1.75"
    assert root.get("stroke") == "currentColor"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FIXED])
def test_an_icon_is_drawn_in_the_colour_it_is_asked_in(name: str, qapp: QApplication) -> None:
    image = assets.pixmap(name, "#ff0000", 24, 4.0).toImage()
    assert inked(image) == {"#ff0000"}


def test_an_icon_takes_the_colour_of_the_theme(qapp: QApplication) -> None:
    for theme in (Theme.LIGHT, Theme.DARK):
        expected = apply_theme(qapp, theme).palette.bad
        assert expected in inked(assets.pixmap("check", "bad", 24, 4.0).toImage())
    apply_theme(qapp, Theme.LIGHT)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_a_pixmap_has_the_pixels_of_the_screen(ratio: float, qapp: QApplication) -> None:
    picture = assets.pixmap("desk", "ink", 24, ratio)
    assert picture.width() == round(24 * ratio)
    assert picture.devicePixelRatio() == ratio


def test_an_icon_offers_sharp_pixels_at_200_percent(qapp: QApplication) -> None:
    assert assets.icon("desk").pixmap(QSize(24, 24), 2.0).width() == 48


def test_strokes_grow_heavier_where_icons_grow_small() -> None:
    assert assets.stroke_at(24) == assets.STROKE
    assert assets.stroke_at(12) > assets.stroke_at(16) > assets.STROKE
    assert assets.stroke_at(1) <= 3.2


def test_the_app_icon_is_a_blue_square_at_every_size(qapp: QApplication) -> None:
    made = assets.app_icon()
    assert {size.width() for size in made.availableSizes()} == set(assets.APP_ICON_SIZES)
    edge = made.pixmap(QSize(64, 64)).toImage().pixelColor(32, 4)
    assert edge.blue() > edge.red() + 100
    assert QColor(edge).alpha() == 255


def test_a_name_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        assets.drawing("no-such-icon")


def test_resources_are_found_in_bundle_wheel_and_source_tree_in_this_order(tmp_path: Path) -> None:
    places = candidate_places(str(tmp_path))
    assert places[0] == tmp_path / "resources"
    assert places[1].parent.name == "app"
    assert find_resources(places) == resources()
    (tmp_path / "resources" / "qss").mkdir(parents=True)
    assert find_resources(places) == tmp_path / "resources"


def test_missing_resources_are_told_with_the_places_looked_in(tmp_path: Path) -> None:
    with pytest.raises(ResourcesMissing) as caught:
        find_resources((tmp_path,))
    assert caught.value.places == (tmp_path,)
