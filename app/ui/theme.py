"""How Oathdesk looks: palettes, type and the one stylesheet made from them.

Colours live here once, as tokens. The stylesheet (resources/qss) names them as `@token`, and
widgets which paint themselves read the same palette, so that a change of theme cannot leave a
corner behind. Light and dark values come from the project's design page.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from functools import cache
from typing import Final

from PySide6.QtCore import QLoggingCategory, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from app.assets import resources

LINUX_FAMILIES: Final = (
    "Inter",
    "Noto Sans",
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)
MONO_FAMILIES: Final = (
    "Cascadia Mono",  # Windows 11
    "Consolas",  # every Windows before
    "SF Mono",
    "Menlo",  # every macOS
    "Noto Sans Mono",
    "DejaVu Sans Mono",
)
SMALLEST_BODY_POINTS: Final = 10.5
FINGER: Final = 44
"""How many px a target for fingers measures at least."""
_POINTER: Final = {
    "target": "28px", "target_link": "24px", "target_quiet": "20px", "target_small": "22px",
    "target_side": "8px",
}  # fmt: skip
_FINGERS: Final = {
    "target": "38px", "target_link": "38px", "target_quiet": "40px", "target_small": "38px",
    "target_side": "14px",
}  # fmt: skip
"""Heights before padding and edge, which differ, and the padding at the sides of small targets."""

_TOKEN: Final = re.compile(r"@([a-z_]+)")


class Theme(Enum):
    """What the settings can ask for; SYSTEM follows the desktop while it changes."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"
    SYSTEM = "system"


@dataclass(frozen=True)
class Palette:
    """One theme's colours, each "#rrggbb"; a pair `x` / `x_ground` is text and its ground."""

    ground: str
    card: str
    field: str
    ink: str
    muted: str
    line: str
    control: str
    accent: str
    accent_hover: str
    accent_ink: str
    accent_dim: str
    accent_dim_ink: str
    accent_soft: str
    good: str
    good_ground: str
    caution: str
    caution_ground: str
    bad: str
    bad_ground: str
    info: str
    info_ground: str
    neutral_ground: str
    hover: str
    rail: str
    rail_ink: str
    rail_muted: str
    rail_active: str
    rail_hover: str
    edge: int = 1
    dark: bool = False


LIGHT: Final = Palette(
    ground="#f4f5f7",
    card="#ffffff",
    field="#f4f5f7",
    ink="#16202e",
    muted="#5b6778",
    line="#dfe3e9",
    control="#828d9b",
    accent="#0b63ce",
    accent_hover="#0955b3",
    accent_ink="#ffffff",
    accent_dim="#d3e2f6",
    accent_dim_ink="#3f5f8a",
    accent_soft="#e6f0fc",
    good="#117a45",
    good_ground="#e4f5ec",
    caution="#9a5b00",
    caution_ground="#fdf2dd",
    bad="#b3261e",
    bad_ground="#fbe9e7",
    info="#0b5cc0",
    info_ground="#e6f0fc",
    neutral_ground="#eef0f3",
    hover="#f0f2f5",
    rail="#0f1a2b",
    rail_ink="#ffffff",
    rail_muted="#a9b6c8",
    rail_active="#243044",
    rail_hover="#1a2639",
)

DARK: Final = Palette(
    ground="#0f141c",
    card="#182029",
    field="#0f141c",
    ink="#e8edf4",
    muted="#96a3b5",
    line="#2a3542",
    control="#66768a",
    accent="#5aa2ff",
    accent_hover="#7ab5ff",
    accent_ink="#071425",
    accent_dim="#22364f",
    accent_dim_ink="#8fa9c9",
    accent_soft="#16283f",
    good="#4cc38a",
    good_ground="#12291f",
    caution="#f0b44c",
    caution_ground="#2f2412",
    bad="#ff8f85",
    bad_ground="#371a1a",
    info="#78b2ff",
    info_ground="#162a45",
    neutral_ground="#222c38",
    hover="#202a35",
    rail="#090d14",
    rail_ink="#ffffff",
    rail_muted="#96a3b5",
    rail_active="#1e2731",
    rail_hover="#141b25",
    dark=True,
)

HIGH_CONTRAST: Final = Palette(
    ground="#000000",
    card="#000000",
    field="#000000",
    ink="#ffffff",
    muted="#e6e6e6",
    line="#ffffff",
    control="#ffffff",
    accent="#ffe14d",
    accent_hover="#fff0a0",
    accent_ink="#000000",
    accent_dim="#3a3a3a",
    accent_dim_ink="#e6e6e6",
    accent_soft="#2b2b00",
    good="#5dff9b",
    good_ground="#00210f",
    caution="#ffcb47",
    caution_ground="#2a1d00",
    bad="#ff9d94",
    bad_ground="#330906",
    info="#8cc8ff",
    info_ground="#001c36",
    neutral_ground="#1f1f1f",
    hover="#2b2b2b",
    rail="#000000",
    rail_ink="#ffffff",
    rail_muted="#e6e6e6",
    rail_active="#3a3a3a",
    rail_hover="#2b2b2b",
    edge=2,
    dark=True,
)

PALETTES: Final[Mapping[Theme, Palette]] = {
    Theme.LIGHT: LIGHT,
    Theme.DARK: DARK,
    Theme.HIGH_CONTRAST: HIGH_CONTRAST,
}


class Look(QObject):
    """The look in force: one per application, following the desktop when asked to."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("look")
        self._app = app
        self.scale = 1.0
        self._points = max(app.font().pointSizeF(), SMALLEST_BODY_POINTS)
        self.theme = Theme.SYSTEM
        self.motion = True
        self.touch = False
        self.palette = LIGHT
        self._follow_desktop()

    @property
    def base_points(self) -> float:
        """The size of the body's type, in points."""
        return self._points * self.scale

    def set_scale(self, scale: float) -> None:
        """Draw everything `scale` times as large; what is made before keeps its fixed sizes."""
        self.scale = scale
        self._app.setFont(body_font(self.base_points))
        self.restyle()

    def set_theme(self, theme: Theme) -> None:
        """Show `theme` at once in every window."""
        self.theme = theme
        self.restyle()

    def turn(self) -> None:
        """Go to light from dark, and to dark from anything else."""
        self.set_theme(Theme.LIGHT if self.palette.dark else Theme.DARK)

    def set_motion(self, motion: bool) -> None:
        """Allow or forbid animation."""
        self.motion = motion

    def set_touch(self, touch: bool) -> None:
        """Grow the targets to a finger's size (48 px) or shrink them to a pointer's."""
        self.touch = touch
        self.restyle()

    def restyle(self) -> None:
        """Put palette, type and stylesheet on the application, where they are not there yet.

        Qt styles every widget anew for each of the two, the same or not.
        """
        theme = desktop_theme() if self.theme is Theme.SYSTEM else self.theme
        self.palette = PALETTES[theme]
        wanted = qt_palette(self.palette)
        if self._app.palette() != wanted:
            self._app.setPalette(wanted)
        sheet = stylesheet(self.palette, self.base_points, self.touch)
        if self._app.styleSheet() != sheet:
            self._app.setStyleSheet(sheet)
        self.changed.emit()

    def _follow_desktop(self) -> None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._desktop_changed)
        if hasattr(hints, "accessibility"):  # Qt 6.10
            hints.accessibility().contrastPreferenceChanged.connect(self._desktop_changed)

    def _desktop_changed(self) -> None:
        if self.theme is Theme.SYSTEM:
            self.restyle()


def apply_theme(
    app: QApplication, theme: Theme = Theme.SYSTEM, *, motion: bool = True, touch: bool = False
) -> Look:
    """Dress `app`; calling it again changes the look in force instead of making a second one."""
    in_force = app.findChild(Look, "look")
    if in_force is None:
        app.setStyle("Fusion")
        hush_font_search()
        in_force = Look(app)
        app.setFont(body_font(in_force.base_points))
    in_force.motion = motion
    in_force.touch = touch
    in_force.set_theme(theme)
    return in_force


def look() -> Look:
    """The look in force; a light one is put on where nobody chose yet."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("a QApplication must exist before anything is painted")
    return app.findChild(Look, "look") or apply_theme(app, Theme.LIGHT)


def finger_sized(size: QSize) -> QSize:
    """Return `size`, no smaller than a finger where fingers touch the screen."""
    return size.expandedTo(QSize(FINGER, FINGER)) if look().touch else size


def current_palette() -> Palette:
    """The colours of the look in force."""
    return look().palette


def color(role: str) -> QColor:
    """The colour of a palette token such as "ink", or of a literal "#rrggbb"."""
    return QColor(role if role.startswith("#") else getattr(current_palette(), role))


def desktop_theme() -> Theme:
    """What the desktop asks for now: LIGHT, DARK or HIGH_CONTRAST."""
    hints = QGuiApplication.styleHints()
    if hasattr(hints, "accessibility"):  # Qt 6.10
        contrast = hints.accessibility().contrastPreference()
        if contrast == Qt.ContrastPreference.HighContrast:
            return Theme.HIGH_CONTRAST
    return Theme.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Theme.LIGHT


def body_font(points: float) -> QFont:
    """The reading face: Inter with Noto behind it on Linux, elsewhere the system's own."""
    font = QApplication.font()
    if sys.platform.startswith("linux"):
        font.setFamilies(list(LINUX_FAMILIES))
    font.setPointSizeF(points)
    return tabular(font)


def hush_font_search() -> None:
    """Let Qt look for a face that has a script without a line in the log per face that has not.

    Inter has no Devanagari, say: that is why Noto stands behind it.
    """
    QLoggingCategory.setFilterRules("qt.text.font.db.info=false")


def tabular(font: QFont, *, slashed_zero: bool = False) -> QFont:
    """Give `font` digits of one width, so that serials and times line up.

    A slashed zero, for serials, cannot be taken for the letter O.
    """
    styled = QFont(font)
    if hasattr(styled, "setFeature"):  # Qt 6.7
        styled.setFeature(QFont.Tag("tnum"), 1)
        if slashed_zero:
            styled.setFeature(QFont.Tag("zero"), 1)
    return styled


@cache
def stylesheet(palette: Palette, base_points: float, touch: bool) -> str:
    """Every file of resources/qss, in order of name, with the tokens put in."""
    sheets = sorted((resources() / "qss").glob("*.qss"))
    tokens = style_tokens(palette, base_points, touch)
    return fill("\n".join(sheet.read_text("utf-8") for sheet in sheets), tokens)


def style_tokens(palette: Palette, base_points: float, touch: bool) -> dict[str, str]:
    """What the stylesheet may name: the palette, sizes of type (pt), a target's height (px)."""
    tokens = {name: str(value) for name, value in asdict(palette).items()}
    scale = {"small": 0.87, "body": 1.0, "title": 1.12, "heading": 1.42, "display": 1.9}
    tokens |= {f"text_{name}": f"{base_points * by:.2f}pt" for name, by in scale.items()}
    tokens["edge"] = f"{palette.edge}px"
    tokens |= _FINGERS if touch else _POINTER
    tokens["check_icon"] = "check-on-dark" if palette.accent_ink == "#ffffff" else "check-on-light"
    tokens["mono"] = ", ".join(f'"{family}"' for family in MONO_FAMILIES)
    tokens["icons"] = (resources() / "icons").as_posix()
    return tokens


def fill(template: str, tokens: Mapping[str, str]) -> str:
    """`template` with each `@name` replaced; an unknown name raises KeyError."""
    return _TOKEN.sub(lambda found: tokens[found.group(1)], template)


def qt_palette(palette: Palette) -> QPalette:
    """The same colours for what Qt paints by itself: selections, placeholders, check boxes."""
    roles = QPalette.ColorRole
    painted = QPalette()
    for role, value in {
        roles.Window: palette.ground,
        roles.WindowText: palette.ink,
        roles.Base: palette.card,
        roles.AlternateBase: palette.field,
        roles.Text: palette.ink,
        roles.Button: palette.card,
        roles.ButtonText: palette.ink,
        roles.BrightText: palette.bad,
        roles.PlaceholderText: palette.muted,
        roles.Highlight: palette.accent,
        roles.HighlightedText: palette.accent_ink,
        roles.Accent: palette.accent,
        roles.Link: palette.accent,
        roles.ToolTipBase: palette.ink,
        roles.ToolTipText: palette.card,
        roles.Mid: palette.line,
        roles.Dark: palette.control,
    }.items():
        painted.setColor(role, QColor(value))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        painted.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.control))
    return painted
