from datetime import timedelta

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.core.enrollment import TRANSITIONS, State
from app.core.errors import LedgerUnreadable
from app.core.history import HistoryPage
from app.core.record import Entry, EntryKind, Line, lines
from app.station.history import HistoryNotice, Wanted
from app.ui.models.history import (
    OPERATOR,
    PERSON,
    SERIAL,
    STATE,
    HistoryModel,
    happenings,
    latest,
    story_text,
)
from app.ui.widgets.chip_delegate import TONE_ROLE
from app.ui.widgets.tone import Tone
from app.ui.wording.history import event_words, history_state, staged_words, state_choices
from tests.ledger.records import NOON, intent_of, state_of

ROOT = QModelIndex()


def a_line(name: str, state: State = State.ASSIGNED) -> Line:
    (line,) = lines([intent_of(name), state_of(name, state)])
    return line


def a_page(
    first: int,
    count: int,
    following: int | None,
    wanted: Wanted = Wanted(),  # noqa: B008 - frozen
) -> HistoryNotice:
    made = tuple(a_line(f"e{number}") for number in range(first, first + count))
    return HistoryNotice(wanted, first, HistoryPage(made, following))


def test_it_behaves_as_qt_expects_while_it_grows(qtbot: QtBot) -> None:
    model = HistoryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.take(a_page(0, 3, 7))
    model.take(a_page(3, 2, None))
    model.refresh((a_line("e1", State.UNSETTLED),))
    model.clear()
    assert tester.model() is model


def test_more_is_asked_for_once_until_it_has_come(qtbot: QtBot) -> None:
    model = HistoryModel()
    asked: list[int] = []
    model.wants_more.connect(lambda: asked.append(model.rowCount()))
    model.take(a_page(0, 3, 7))
    model.fetchMore(ROOT)
    model.fetchMore(ROOT)
    assert asked == [3]
    model.take(a_page(3, 3, 4))
    model.fetchMore(ROOT)
    assert asked == [3, 6]
    model.take(a_page(6, 1, None))
    assert not model.canFetchMore(ROOT)
    assert (model.rowCount(), model.has_more()) == (7, False)


def test_a_page_that_belongs_to_another_list_is_dropped(qtbot: QtBot) -> None:
    model = HistoryModel()
    model.take(a_page(0, 3, 7))
    model.take(a_page(3, 2, None, Wanted(text="other")))
    model.take(a_page(2, 2, None))
    assert model.rowCount() == 3
    assert model.canFetchMore(ROOT)


def test_a_page_that_failed_can_be_asked_for_again(qtbot: QtBot) -> None:
    model = HistoryModel()
    model.take(a_page(0, 3, 7))
    model.fetchMore(ROOT)
    model.take(HistoryNotice(Wanted(), 3, HistoryPage(), LedgerUnreadable("entry 4")))
    assert model.rowCount() == 3
    assert model.canFetchMore(ROOT)


def test_a_new_list_replaces_the_old_one(qtbot: QtBot) -> None:
    model = HistoryModel()
    model.take(a_page(0, 3, 7))
    model.take(HistoryNotice(Wanted(text="x"), 0, HistoryPage((a_line("x"),))))
    assert [model.line(row).enrollment_id for row in range(model.rowCount())] == ["x"]
    assert (model.row_of("x"), model.row_of("e1")) == (0, None)


def test_a_row_shows_who_what_and_how_it_stands(qtbot: QtBot) -> None:
    model = HistoryModel()
    model.take(HistoryNotice(Wanted(), 0, HistoryPage((a_line("x", State.TAKEN),))))
    words = [model.index(0, column).data() for column in range(model.columnCount())]
    assert words[PERSON] == "Zoë Ångström 王"
    assert words[SERIAL].replace(" ", "") == "0000123456"
    assert words[STATE] == history_state(State.TAKEN)
    assert words[OPERATOR] == "Olive Operator"
    assert model.index(0, STATE).data(TONE_ROLE) is Tone.BAD
    assert "zoe@desk.example" in model.index(0, PERSON).data(Qt.ItemDataRole.ToolTipRole)


def test_news_change_the_rows_that_are_listed_and_no_others(qtbot: QtBot) -> None:
    model = HistoryModel()
    model.take(a_page(0, 2, None))
    changed: list[int] = []
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    model.refresh((a_line("e0"), a_line("e1", State.UNSETTLED), a_line("unknown")))
    assert changed == [1]
    assert model.line(1).state is State.UNSETTLED


def test_a_story_tells_every_entry_with_its_evidence_in_a_supporters_order() -> None:
    refused = Entry(
        "a",
        EntryKind.STATE,
        State.NOT_DONE,
        NOON + timedelta(seconds=1),
        {
            "event": "Refused",
            "error": "Rejected",
            "evidence.Graph code": "invalid",
            "evidence.HTTP status": "400",
            "evidence.Odd": "1",
        },
    )
    first, second = happenings((intent_of("a"), refused))
    assert first.rows == ()
    assert second.event == event_words("Refused")
    assert [label for label, _ in second.rows] == ["Error", "HTTP status", "Graph code", "Odd"]
    assert second.tone is Tone.CAUTION


def test_the_text_for_the_clipboard_holds_every_fact() -> None:
    entries = (intent_of("a"), state_of("a", State.ASSIGNED, 1))
    text = story_text(entries)
    for fact in ("enrollment a", "0000123456", "zoe@desk.example", "SeenAssigned", "assigned"):
        assert fact in text


def test_what_a_newer_version_wrote_is_shown_as_it_stands() -> None:
    assert event_words("BeamedUp") == "BeamedUp"
    assert history_state(State.CHECKING) == "Checking"
    assert latest(()) is None


def test_every_state_that_can_be_listed_can_be_chosen() -> None:
    offered = frozenset().union(*(states for _, states in state_choices()))
    assert {State.ACTIVATED, State.NOT_DONE, State.CONFIRMING} <= offered
    assert State.EMPTY not in offered
    for state in offered:
        assert history_state(state)


def test_what_was_staged_and_what_stood_in_the_way_are_told() -> None:
    staged = Entry("a", EntryKind.STAGED, State.STAGED, NOON, intent_of("a").facts)
    findings = {"event": "Stopped", "findings": "token_held"}
    blocked = Entry("a", EntryKind.STATE, State.BLOCKED, NOON, findings)
    first, second = happenings((staged, blocked))
    assert first.event == staged_words()
    assert second.rows == (("Findings", "token_held"),)
    assert second.tone is Tone.CAUTION


def test_every_event_the_record_may_name_has_words() -> None:
    told = {
        name
        for events in TRANSITIONS.values()
        for name in (event.__name__ for event in events)
        if not name.endswith(("Put", "Cleared")) and name != "ModeChosen"
    }
    assert [
        name for name in sorted(told) if event_words(name) == name and name != "Submitted"
    ] == []
