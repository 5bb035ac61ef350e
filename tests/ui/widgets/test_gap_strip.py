"""Each gap is a bar of its height; what is above the limit stands out, and none is lost."""

from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.ui.theme import color
from app.ui.widgets.gap_strip import HEIGHT, SHORTEST, GapStrip

LIMIT = 0.05


def a_strip(gaps: list[float], width: int = 400) -> GapStrip:
    made = GapStrip()
    made.resize(width, HEIGHT)
    made.set_gaps(gaps, LIMIT, "gaps")
    return made


@given(st.lists(st.floats(0, 2), max_size=900), st.integers(1, 700))
def test_bars_keep_to_their_room_and_no_gap_above_the_limit_is_lost(
    gaps: list[float], width: int
) -> None:
    strip = a_strip(gaps, width)
    told = strip.bars()
    assert bool(told) == bool(gaps)
    assert any(over for _, over in told) == any(gap > LIMIT for gap in gaps)
    for box, _ in told:
        assert SHORTEST <= box.height() <= HEIGHT
        assert 0 <= box.left() <= box.right() <= width + 1


def test_a_longer_gap_has_a_higher_bar(qtbot: QtBot) -> None:
    strip = a_strip([0.001, 0.02, 0.06, 1.0])
    qtbot.addWidget(strip)
    heights = [box.height() for box, _ in strip.bars()]
    assert heights == sorted(heights)
    assert [over for _, over in strip.bars()] == [False, False, True, True]
    assert strip.accessibleName() == "gaps"


def test_what_is_above_the_limit_has_another_colour(qtbot: QtBot) -> None:
    strip = a_strip([0.02, 0.5])
    qtbot.addWidget(strip)
    strip.show()
    image = strip.grab().toImage()
    seen = {image.pixelColor(x, HEIGHT - 1).name() for x in range(30)}
    assert {color("accent").name(), color("caution").name()} <= seen


def test_without_gaps_there_is_no_strip(qtbot: QtBot) -> None:
    strip = a_strip([])
    qtbot.addWidget(strip)
    assert strip.isHidden()
    assert strip.bars() == []
