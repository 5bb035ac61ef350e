"""Today's list as a table: each line in its true state, its columns in words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.core.enrollment import DRAFT, NEEDS_ATTENTION, State
from app.core.model import Mode
from app.core.record import Line
from app.ui.models.today import ACT, PERSON, SERIAL, STATE, TIME, TodayModel
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.tone import Tone

AT = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
LINE = Line(
    enrollment_id="one",
    began=AT,
    changed=AT,
    state=State.ACTIVATED,
    mode=Mode.ASSIGN_AND_ACTIVATE,
    serial_number="8659610904217",
    device_id="device",
    person_id="person",
    person_name="山田 花子",
    person_upn="hanako@example.com",
    operator_name="Olu",
)
SHOWN = [state for state in State if state not in DRAFT]


def model_of(*lines: Line) -> TodayModel:
    model = TodayModel()
    model.set_lines(lines)
    return model


def words(model: TodayModel, column: int, row: int = 0) -> str:
    return str(model.data(model.index(row, column)))


@pytest.mark.parametrize("state", SHOWN, ids=lambda s: s.value)
def test_every_state_that_can_be_recorded_has_words_and_a_tone(state: State) -> None:
    model = model_of(replace(LINE, state=state))
    assert words(model, STATE)
    assert isinstance(model.data(model.index(0, STATE), TONE_ROLE), Tone)


@pytest.mark.parametrize("state", SHOWN, ids=lambda s: s.value)
def test_only_what_needs_attention_or_waits_in_the_tray_offers_a_way_on(state: State) -> None:
    offered = bool(words(model_of(replace(LINE, state=state)), ACT))
    assert offered == (state in NEEDS_ATTENTION | {State.STAGED})


def test_a_line_names_time_person_and_token() -> None:
    model = model_of(LINE)
    assert words(model, TIME) == AT.astimezone().strftime("%H:%M")
    assert words(model, PERSON) == "山田 花子"
    assert words(model, SERIAL).replace(" ", "").replace("\u2009", "") == "8659610904217"
    assert model.data(model.index(0, PERSON), Qt.ItemDataRole.ToolTipRole) == "hanako@example.com"


def test_a_name_that_turns_the_direction_round_stays_in_its_cell() -> None:
    assert words(model_of(replace(LINE, person_name="\u202eadA\n")), PERSON) == "adA "


def test_refusals_are_counted() -> None:
    refused = replace(LINE, state=State.NOT_DONE, error="Rejected")
    assert words(model_of(refused), STATE) == "Refused"
    assert words(model_of(replace(refused, attempts=3)), STATE) == "Refused 3 times"


def test_it_counts_what_is_done_and_what_is_to_look_at() -> None:
    model = model_of(*(replace(LINE, enrollment_id=s.value, state=s) for s in SHOWN))
    assert model.needing_attention() == len(NEEDS_ATTENTION - DRAFT)
    assert model.done() == 2


def test_rows_stay_where_they_are_when_only_a_state_changes(qtbot: QtBot) -> None:
    model = model_of(replace(LINE, state=State.CONFIRMING))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_lines((LINE,))
    assert words(model, STATE) == "Activated"


def test_it_keeps_the_rules_of_a_table_model(qtmodeltester: ModelTester) -> None:
    model = model_of(LINE, replace(LINE, enrollment_id="two", state=State.TAKEN))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]  # - pytest-qt has no types
    assert (model.rowCount(), model.columnCount()) == (2, 5)
    inside = model.index(0, 0)
    assert (model.rowCount(inside), model.columnCount(inside)) == (0, 0)
    assert model.data(QModelIndex()) is None


def test_every_column_has_a_heading() -> None:
    across = Qt.Orientation.Horizontal
    assert all(model_of().headerData(column, across) for column in range(5))
