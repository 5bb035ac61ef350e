"""What somebody has, row by row: tokens with their state and story, other methods with dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt

from app.core.duplicates import Duplicate
from app.core.enrollment import State
from app.core.model import Method, MethodKind, Mode, TokenStatus
from app.core.record import Line
from app.station.desk.notices import HeldToken, Holdings, HoldingsNotice
from app.ui.models.holdings import HANDED, SINCE, STATE, USED, WHAT, HoldingsModel
from app.ui.widgets import TONE_ROLE, Tone
from tests.fakes.nouns import a_person, a_token

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LINE = Line("one", AT, AT, State.ACTIVATED, Mode.ASSIGN_ONLY, "1", "d", "p", "Ada", "", "Olu")
TOKEN = replace(a_token(), status=TokenStatus.ACTIVATED, last_used=AT)
HELD = HeldToken(
    TOKEN,
    method=Method("m", MethodKind.HARDWARE_TOKEN, created=AT),
    handed_out=LINE,
)
NAMELESS = HeldToken(replace(a_token(""), device_id="x", display_name=""))
OTHERS = (
    Method("p", MethodKind.PASSWORD),
    Method("phone", MethodKind.PHONE, "+1 555 0100", AT),
    Method("app", MethodKind.AUTHENTICATOR),
)


@pytest.fixture
def model() -> HoldingsModel:
    made = HoldingsModel()
    made.take(HoldingsNotice(a_person(), Holdings(a_person(), (HELD, NAMELESS), OTHERS)))
    return made


def row(model: HoldingsModel, number: int) -> list[str]:
    return [model.index(number, column).data() for column in (WHAT, STATE, SINCE, USED, HANDED)]


def test_a_token_tells_its_number_its_state_and_its_story(model: HoldingsModel) -> None:
    day = "2026-11-23"
    assert row(model, 0) == ["8659 0001", "Activated", day, day, f"{day}, Olu"]
    assert model.index(0, STATE).data(TONE_ROLE) is Tone.GOOD


def test_a_token_without_a_number_is_called_what_it_is(model: HoldingsModel) -> None:
    assert row(model, 1)[0] == "Hardware token"
    assert row(model, 1)[2:] == ["", "Not told", "Not at this desk"]


def test_other_methods_tell_their_name_and_date_and_no_password(model: HoldingsModel) -> None:
    assert model.rowCount() == 4
    assert row(model, 2) == ["Phone, +1 555 0100", "", "2026-11-23", "", ""]
    assert row(model, 3)[0] == "Authenticator app"
    assert model.index(2, STATE).data(TONE_ROLE) is None


def test_a_token_is_found_again_and_what_is_none_is_not(model: HoldingsModel) -> None:
    assert model.held(0) is HELD
    assert model.held(2) is None
    assert model.held(-1) is None
    assert model.row_of(TOKEN.device_id) == 0
    assert model.row_of("x") == 1
    assert model.row_of("") == 0


def test_what_is_left_over_is_told_from_what_stays() -> None:
    model, left = HoldingsModel(), HeldToken(replace(TOKEN, device_id="left-over"))
    found = Holdings(a_person(), (HELD, left))
    model.take(HoldingsNotice(a_person(), found, (Duplicate(left.token, TOKEN),)))
    assert [row(model, number)[1] for number in range(2)] == ["Activated", "Left over"]
    assert model.index(1, STATE).data(TONE_ROLE) is Tone.CAUTION


def test_the_columns_have_their_heads(model: HoldingsModel) -> None:
    heads = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(model.columnCount())]
    assert heads == ["What", "State", "Since", "Last used", "Handed out"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None


@pytest.mark.parametrize(
    ("label", "device", "shown"),
    [
        ("T1 ...0001", "", "8659 0001, T1 ...0001"),
        ("T1 ...0001", "Spare 7", "8659 0001, T1 ...0001"),
        ("", "Spare 7", "8659 0001, Spare 7"),
        ("86590001", "", "8659 0001"),
        ("", "", "8659 0001"),
        ("T1\n\u202e1", "", "8659 0001, T1 1"),
    ],
)
def test_m10_a_token_is_listed_with_the_name_that_its_holder_sees(
    label: str, device: str, shown: str
) -> None:
    held = HeldToken(
        replace(TOKEN, display_name=device),
        method=Method("m", MethodKind.HARDWARE_TOKEN, label, AT),
    )
    made = HoldingsModel()
    made.take(HoldingsNotice(a_person(), Holdings(a_person(), (held,), ())))
    assert row(made, 0)[0] == shown
