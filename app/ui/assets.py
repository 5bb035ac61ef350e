"""The project's own drawings, in the colours of the theme.

Icons are stroked in `currentColor`; here that word becomes a palette colour and the drawing is
rendered for the exact device pixel ratio, so that it is crisp at any scaling.
"""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.assets import resources
from app.ui.theme import color

RATIOS: Final = (1.0, 1.5, 2.0, 3.0)
STROKE: Final = 1.75
DRAWN_STROKE: Final = f'stroke-width="{STROKE}"'
APP_ICON_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)


@lru_cache(maxsize=64)
def drawing(name: str) -> str:
    """The SVG text of an icon; raises FileNotFoundError for a name that is not drawn."""
    return (resources() / "icons" / f"{name}.svg").read_text("utf-8")


def paint_icon(painter: QPainter, box: QRectF, name: str, tint: QColor) -> None:
    """Draw icon `name` into `box` (logical px) in the colour `tint`."""
    renderer_for(name, tint.name(), stroke_at(box.width())).render(painter, box)


@lru_cache(maxsize=256)
def renderer_for(name: str, tint: str, stroke: float) -> QSvgRenderer:
    """A parsed drawing in one colour and weight; parsing is kept out of painting."""
    svg = drawing(name).replace("currentColor", tint)
    return QSvgRenderer(QByteArray(svg.replace(DRAWN_STROKE, f'stroke-width="{stroke}"').encode()))


def stroke_at(size: float) -> float:
    """The stroke, in the 24 units of a drawing, that stays 1.6 px or more at `size` px."""
    return min(max(STROKE, round(1.6 * 24 / max(size, 1), 2)), 3.2)


def pixmap(name: str, role: str = "ink", size: int = 24, ratio: float = 1.0) -> QPixmap:
    """Icon `name` as a picture of `size` logical px for a screen of device pixel `ratio`."""
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    picture.setDevicePixelRatio(ratio)
    painter = QPainter(picture)
    paint_icon(painter, QRectF(0, 0, size, size), name, color(role))
    painter.end()
    return picture


def icon(name: str, role: str = "ink", size: int = 24) -> QIcon:
    """Icon `name` in a palette colour ("ink", "muted", "#rrggbb") as the theme has it now."""
    made = QIcon()
    for ratio in RATIOS:
        made.addPixmap(pixmap(name, role, size, ratio))
    return made


def app_icon() -> QIcon:
    """The shield on its blue square, at every size that desktops ask for."""
    made = QIcon()
    for size in APP_ICON_SIZES:
        made.addPixmap(pixmap("app", "ink", size))
    return made
