"""The check-up in the window: live, by keyboard, copied without a name, and again on F5."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.core.checkup import Check, Examination, Finding, Told, Verdict
from app.core.model import Policy, PolicyState
from app.core.rights import scopes_for
from app.station.account import ROLES
from app.station.checkup import CheckupNotice
from app.station.context import DeskSettings, Notify
from app.station.station import Station
from app.ui.models.doctor import CHECK, SENTENCE, VERDICT, DoctorModel
from app.ui.pages.doctor.page import DoctorPage
from app.ui.widgets import TONE_ROLE, Tone
from app.ui.wording.doctor import overall_words
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window_on

TENANT = Finding(Check.TENANT, Verdict.OK, Told.TENANT_EXISTS)
NAME = Finding(
    Check.GRAPH_NAME,
    Verdict.FAILURE,
    Told.NAME_UNKNOWN,
    {"host": "graph.microsoft.com"},
    (("Error", "gaierror: Name or service not known"),),
)
READERS = Finding(Check.CARD_READERS, Verdict.WARNING, Told.READERS_NONE)


class Clinic:
    """Examinations that find what a test says, each of them once it may."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = {each.check: each for each in findings}
        self.gates: dict[Check, asyncio.Event] = {}
        self.runs = 0

    def examinations(self) -> tuple[Examination, ...]:
        return tuple(Examination(check, self._look(check)) for check in self.findings)

    def _look(self, check: Check) -> Callable[[], Awaitable[Finding]]:
        async def look() -> Finding:
            self.runs += check is next(iter(self.findings))
            if check in self.gates:
                await self.gates[check].wait()
            return self.findings[check]

        return look


def a_world() -> FakeWorld:
    """A world whose operator has every right."""
    world = FakeWorld()
    world.directory.who = replace(
        world.directory.who, roles=frozenset(ROLES), scopes=frozenset(scopes_for())
    )
    return world


@contextmanager
def a_window(
    qtbot: QtBot, world: FakeWorld, clinic: Clinic, *, signed_in: bool = True
) -> Iterator[Stage]:
    async def build(notify: Notify) -> Station:
        outside = replace(world.station_ports, checks=clinic.examinations())
        return Station(outside, DeskSettings(name="Desk 1", tenant="Contoso"), notify)

    with a_window_on(qtbot, build) as stage:
        if signed_in:
            stage.sign_in()
        yield stage


def page_of(stage: Stage) -> DoctorPage:
    return stage.window.pages.doctor


def go(stage: Stage) -> DoctorPage:
    """Click the rail's entry, as somebody with a question does."""
    (entry,) = [b for b in stage.window.findChildren(QToolButton) if b.text() == "Doctor"]
    entry.click()
    stage.until(page_of(stage).isVisible)
    return page_of(stage)


def over(page: DoctorPage) -> bool:
    return page._notice.expected > 0 and page._notice.over


def lines(page: DoctorPage) -> dict[str, str]:
    model = page.list.model
    return {
        model.index(row, CHECK).data(): model.index(row, VERDICT).data()
        for row in range(model.rowCount())
    }


def chosen(page: DoctorPage) -> str:
    shown = page.list.current()
    return shown.name if shown else ""


def test_the_page_checks_at_once_and_shows_the_worst_line_with_its_evidence(
    qtbot: QtBot,
) -> None:
    world = a_world()
    with a_window(qtbot, world, Clinic(READERS, NAME, TENANT)) as stage:
        page = go(stage)
        stage.until(lambda: over(page))
        assert page.banner.words() == overall_words((NAME,))
        assert lines(page)["Microsoft Graph: name"] == "failure"
        assert lines(page)["Sign-in"] == "ok"
        assert chosen(page) == "Microsoft Graph: name"
        assert page.details.evidence.facts() == list(NAME.rows)
        stage.focused_on(page.list.view)


SKIPPED = Finding(Check.TENANT, Verdict.NOT_CHECKED, Told.NO_TENANT)
UNWANTED = Finding(Check.SERIAL_PORTS, Verdict.NOT_CHECKED, Told.NOT_WANTED)
FINE = Finding(Check.PROXY, Verdict.OK, Told.PROXY_NONE)


@pytest.mark.parametrize(
    ("findings", "tone"),
    [
        ((SKIPPED,), Tone.INFO),
        ((UNWANTED,), Tone.INFO),
        ((FINE, SKIPPED), Tone.INFO),
        ((FINE, UNWANTED), Tone.GOOD),
        ((FINE,), Tone.GOOD),
        ((NAME, SKIPPED), Tone.BAD),
    ],
    ids=["nothing", "nothing wanted", "a part", "all that is wanted", "all", "a failure"],
)
def test_w4_the_headline_is_green_only_where_all_that_is_wanted_was_checked(
    qtbot: QtBot, findings: tuple[Finding, ...], tone: Tone
) -> None:
    page = DoctorPage(lambda _gesture: None)
    qtbot.addWidget(page)
    page.show_checkup(CheckupNotice(findings, len(findings)))
    assert page.banner.property("tone") == tone.value


def test_w4_where_nothing_was_checked_nothing_is_said_to_be_in_order() -> None:
    assert "in order" not in overall_words((SKIPPED, UNWANTED))
    assert "in order" in overall_words((FINE, SKIPPED))


def test_lines_appear_as_they_are_known_and_the_count_tells_how_far_it_is(qtbot: QtBot) -> None:
    clinic = Clinic(READERS, TENANT)
    clinic.gates[Check.CARD_READERS] = asyncio.Event()
    QGuiApplication.clipboard().clear()
    with a_window(qtbot, a_world(), clinic) as stage:
        page = go(stage)
        stage.until(lambda: "Tenant" in lines(page))
        assert "Card readers" not in lines(page)
        assert "Checked" in page.banner.words()
        assert not page.details.copy_button.isEnabled()
        press(Qt.Key.Key_F8)
        assert "Tenant" not in QGuiApplication.clipboard().text()
        stage.on_the_station(clinic.gates[Check.CARD_READERS].set)
        stage.until(lambda: over(page))
        names = list(lines(page))
        assert names.index("Card readers") < names.index("Tenant")
        assert chosen(page) == "Card readers"


def test_what_somebody_chose_stays_chosen_while_more_comes(qtbot: QtBot) -> None:
    clinic = Clinic(READERS, NAME, TENANT)
    clinic.gates[Check.CARD_READERS] = asyncio.Event()
    with a_window(qtbot, a_world(), clinic) as stage:
        page = go(stage)
        stage.until(lambda: page._notice.expected - len(page._notice.findings) == 1)
        stage.until(lambda: chosen(page) == "Microsoft Graph: name")
        press(Qt.Key.Key_Down)
        assert chosen(page) == "Tenant"
        stage.on_the_station(clinic.gates[Check.CARD_READERS].set)
        stage.until(lambda: over(page))
        assert chosen(page) == "Tenant"


def test_f5_and_the_button_check_again_and_show_what_has_changed(qtbot: QtBot) -> None:
    world, clinic = a_world(), Clinic(TENANT)
    with a_window(qtbot, world, clinic) as stage:
        page = go(stage)
        stage.until(lambda: over(page))
        assert lines(page)["Policy for hardware tokens"] == "ok"
        world.tenant.policy = Policy(PolicyState.DISABLED)
        press(Qt.Key.Key_F5)
        stage.until(lambda: lines(page).get("Policy for hardware tokens") == "failure")
        world.tenant.policy = Policy(PolicyState.ENABLED, everyone=True)
        page.list.again.click()
        stage.until(lambda: lines(page).get("Policy for hardware tokens") == "ok")
        assert clinic.runs == 3


def test_the_report_is_copied_whole_and_names_nobody(qtbot: QtBot) -> None:
    world = a_world()
    with a_window(qtbot, world, Clinic(READERS, NAME)) as stage:
        page = go(stage)
        stage.until(lambda: over(page))
        press(Qt.Key.Key_F8)
        text = QGuiApplication.clipboard().text()
        assert text == page.as_text()
        assert "x failure" in text
        assert "Users included: 0" in text  # evidence of what is well
        assert "Policy for hardware tokens" in text
        who = world.directory.who
        names = (who.display_name, who.user_principal_name, who.id)
        assert [name for name in names if name in text] == []


def test_before_anybody_signs_in_the_rest_is_checked_and_escape_leads_back(qtbot: QtBot) -> None:
    with a_window(qtbot, a_world(), Clinic(TENANT), signed_in=False) as stage:
        stage.until(stage.window.signin.browser.hasFocus)
        page = go(stage)
        stage.until(lambda: over(page))
        assert lines(page)["Tenant"] == "ok"
        assert lines(page)["Sign-in"] == "not checked"
        press(Qt.Key.Key_Escape)
        stage.focused_on(stage.window.signin.browser)


def test_where_the_window_is_narrow_the_sentence_is_left_to_the_details(qtbot: QtBot) -> None:
    with a_window(qtbot, a_world(), Clinic(NAME)) as stage:
        page = go(stage)
        stage.window.resize(1024, 680)
        stage.until(lambda: page.list.view.isColumnHidden(SENTENCE))
        stage.window.resize(1400, 800)
        stage.until(lambda: not page.list.view.isColumnHidden(SENTENCE))


def test_a_check_up_under_way_ends_with_the_window(qtbot: QtBot) -> None:
    clinic = Clinic(READERS)
    clinic.gates[Check.CARD_READERS] = asyncio.Event()
    with a_window(qtbot, a_world(), clinic) as stage:
        go(stage)
        stage.until(lambda: clinic.runs == 1)


def test_a_screen_reader_is_told_what_each_line_says(qtbot: QtBot) -> None:
    with a_window(qtbot, a_world(), Clinic(NAME)) as stage:
        page = go(stage)
        stage.until(lambda: over(page))
        table = QAccessible.queryAccessibleInterface(page.list.view)
        cells = [table.child(number) for number in range(table.childCount())]
        words = [cell.text(QAccessible.Text.Name) for cell in cells]
        at = words.index("failure")
        assert words[at + 1] == "Microsoft Graph: name"
        assert QApplication.focusWidget() is page.list.view


# The model --------------------------------------------------------------------------------------


def test_a_line_that_was_there_stays_and_what_comes_goes_between() -> None:
    model, told = DoctorModel(), list[tuple[int, int]]()
    model.set_findings((READERS, TENANT))
    model.rowsInserted.connect(lambda _parent, first, last: told.append((first, last)))
    model.set_findings((READERS, NAME, TENANT))
    assert told == [(1, 1)]
    assert model.row_of(NAME.key) == model.worst() == 1


def test_a_run_that_begins_anew_forgets_the_one_before() -> None:
    model = DoctorModel()
    model.set_findings((READERS, NAME))
    model.set_findings(())
    assert model.rowCount() == 0
    assert model.row_of(NAME.key) is None


@pytest.mark.parametrize(
    ("finding", "tone"), [(TENANT, Tone.GOOD), (READERS, Tone.CAUTION), (NAME, Tone.BAD)]
)
def test_a_verdict_is_told_in_a_word_and_a_tone(finding: Finding, tone: Tone) -> None:
    model = DoctorModel()
    model.set_findings((finding,))
    assert model.index(0, VERDICT).data(TONE_ROLE) is tone
    tip = model.index(0, SENTENCE).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, SENTENCE).data() in tip


def test_a_notice_is_over_once_everything_is_known() -> None:
    assert not CheckupNotice((TENANT,), 2).over
    assert CheckupNotice((TENANT, NAME), 2).over
