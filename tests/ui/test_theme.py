"""Every theme can be read by everyone, and reaches every corner."""

import re
from dataclasses import asdict

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.assets import resources
from app.ui import theme
from app.ui.theme import PALETTES, Palette, Theme, apply_theme, current_palette, fill, look

READABLE = [
    (text, ground)
    for ground in ("ground", "card", "field", "neutral_ground", "hover")
    for text in ("ink", "muted")
] + [
    ("ink", "accent_soft"),
    ("muted", "accent_soft"),
    ("accent", "card"),
    ("accent", "accent_soft"),
    ("accent_ink", "accent"),
    ("accent_ink", "accent_hover"),
    ("accent_dim_ink", "accent_dim"),
    ("bad", "card"),
    ("good", "good_ground"),
    ("caution", "caution_ground"),
    ("bad", "bad_ground"),
    ("info", "info_ground"),
    ("ink", "good_ground"),
    ("ink", "caution_ground"),
    ("ink", "bad_ground"),
    ("ink", "info_ground"),
    ("rail_muted", "rail"),
    ("rail_muted", "rail_hover"),
    ("rail_ink", "rail_active"),
]
SEEN = [("control", "card"), ("control", "ground"), ("accent", "field"), ("accent", "card")]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    shade = QColor(color)
    red, green, blue = (linear(p) for p in (shade.redF(), shade.greenF(), shade.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), READABLE)
@pytest.mark.parametrize("palette", PALETTES.values(), ids=[t.value for t in PALETTES])
def test_text_meets_wcag_aa_on_its_ground(palette: Palette, text: str, ground: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), SEEN)
@pytest.mark.parametrize("palette", PALETTES.values(), ids=[t.value for t in PALETTES])
def test_edges_of_controls_can_be_seen(palette: Palette, edge: str, ground: str) -> None:
    assert contrast(getattr(palette, edge), getattr(palette, ground)) >= 3.0


def test_every_colour_is_written_as_six_hex_digits() -> None:
    for palette in PALETTES.values():
        colors = [value for value in asdict(palette).values() if isinstance(value, str)]
        assert all(re.fullmatch(r"#[0-9a-f]{6}", value) for value in colors)


@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("palette", PALETTES.values(), ids=[t.value for t in PALETTES])
def test_no_token_is_left_in_the_stylesheet(palette: Palette, *, touch: bool) -> None:
    assert "@" not in theme.stylesheet(palette, 10.5, touch=touch)


def test_a_stylesheet_that_names_an_unknown_token_is_refused() -> None:
    with pytest.raises(KeyError):
        fill("QLabel { color: @inkk; }", {"ink": "#000000"})


def test_every_picture_named_in_the_stylesheet_is_there() -> None:
    sheets = "".join(theme.stylesheet(palette, 10.5, touch=False) for palette in PALETTES.values())
    named = re.findall(r'url\("([^"]+)"\)', sheets)
    assert named
    assert all((resources() / "icons" / path.rsplit("/", 1)[1]).is_file() for path in named)


def test_changing_the_theme_changes_the_look_in_force(qapp: QApplication) -> None:
    first = apply_theme(qapp, Theme.LIGHT)
    seen = []
    first.changed.connect(lambda: seen.append(current_palette()))
    again = apply_theme(qapp, Theme.DARK, motion=False)
    assert again is first is look()
    assert seen == [PALETTES[Theme.DARK]]
    assert not look().motion
    apply_theme(qapp, Theme.LIGHT)


def test_the_system_theme_is_the_one_the_desktop_asks_for(qapp: QApplication) -> None:
    apply_theme(qapp, Theme.SYSTEM)
    assert current_palette() == PALETTES[theme.desktop_theme()]
    apply_theme(qapp, Theme.LIGHT)


def test_targets_grow_to_a_fingers_size_in_touch_mode(qapp: QApplication) -> None:
    assert theme.style_tokens(PALETTES[Theme.LIGHT], 10.5, touch=True)["target"] == "38px"
    assert theme.style_tokens(PALETTES[Theme.LIGHT], 10.5, touch=False)["target"] == "28px"
