"""A token is enrolled with real keys on a real window, without a mouse and without a miss."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.screen import (
    CODE,
    NEXT,
    SEARCH,
    SERIAL,
    Desk,
    Screen,
    a_desk,
    a_screen,
    missing,
)

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

METHODS = "hardwareOathMethods"
NAME, UPN_START = "Siob", "siobhan"
HAPPY_KEYS = 4 + 1 + 6 + 1
"""Four letters and Enter, six digits and Enter. The scan costs a person no key."""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with a_screen() as made:
        yield made


@pytest.fixture(scope="module")
def desk(screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One demo for the folder, signed in with two keys."""
    home: Path = tmp_path_factory.mktemp("desk")
    with a_desk(screen, home) as desk:
        desk.sign_in()
        yield desk


def test_the_happy_path_takes_twelve_keys_and_no_mouse(desk: Desk) -> None:
    screen, serial = desk.screen, desk.token(0)
    screen.by_hand = 0
    desk.scan(serial)
    desk.has_keyboard(SEARCH)
    screen.write(NAME)
    desk.finds("Siobhán")
    screen.press("Return")
    desk.has_keyboard(CODE)
    screen.write(desk.code(serial))
    screen.press("Return")
    desk.until("the activation", lambda: desk.truth(serial)["status"] == "activated")
    assert desk.truth(serial)["holder_upn"].startswith(UPN_START)
    assert screen.by_hand == HAPPY_KEYS
    desk.asked(METHODS, 3)  # looked at, assigned, read back
    desk.has_keyboard(NEXT)


def test_a_scan_lands_on_the_card_whichever_field_has_the_focus(desk: Desk) -> None:
    screen, first, second = desk.screen, desk.token(1), desk.token(2)
    screen.press("Return")
    desk.has_keyboard(SERIAL)
    desk.scan(first)
    desk.has_keyboard(SEARCH)
    screen.write("Cono")
    desk.finds("Conor")
    desk.scan(second)  # the search has the focus
    screen.press("Return")
    desk.has_keyboard(CODE)
    desk.scan(first)  # the code field has the focus
    desk.has_keyboard(CODE)
    screen.write(desk.code(first))
    screen.press("Return")
    desk.until("the activation", lambda: desk.truth(first)["status"] == "activated")
    assert desk.truth(first)["holder_upn"].startswith("conor")
    assert desk.truth(second)["status"] == "available"


def test_the_window_closes_in_good_order_and_leaves_no_complaint(desk: Desk) -> None:
    assert desk.close() == 0
    said = desk.log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "Warning" not in said
