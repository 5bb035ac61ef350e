"""A desk speaks the language that was configured, or that of its system, and no other beside it."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QLocale, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

import sentences
from app.assets import resources
from app.core.enrollment import State
from app.core.model import Mode
from app.ui.language import OF_THE_SYSTEM, Language, Translation, chosen
from app.ui.widgets import Elided, Segmented, Wrapped
from app.ui.wording.history import day_and_time
from app.ui.wording.roles import role_words
from app.ui.wording.say import say
from tests.conftest import ExpectLog
from tests.fakes.world import FakeWorld
from tests.ui.hands import press
from tests.ui.stage import Stage, a_window_on, on
from tests.ui.test_for_everyone import SCENES, on_the_practice_form

ALT = Qt.KeyboardModifier.AltModifier
GERMAN = sentences.read(resources() / "i18n" / "de.json")
ENGLISH_KEY = re.compile(r"\b(Ctrl|Shift)\b")
Scene = Callable[[Stage, FakeWorld], None]


@pytest.fixture
def speaks(qapp: QApplication) -> Iterator[Callable[[str], Language]]:
    """Speak a language until the test is over."""
    begun: list[Language] = []

    def speak(tag: str) -> Language:
        begun.append(Language(qapp, tag))
        return begun[-1]

    yield speak
    for speech in reversed(begun):
        speech.end()


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def stage(qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    with a_window_in("de", qtbot, world) as stage:
        yield stage


@contextmanager
def a_window_in(language: str, qtbot: QtBot, world: FakeWorld) -> Iterator[Stage]:
    build = on(world, Mode.ASSIGN_AND_ACTIVATE, world.practice)
    with a_window_on(qtbot, build, language) as stage:
        stage.sign_in()
        yield stage


# Which language ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["de", "de-AT", "de_CH", "de-Latn-DE", "en", "en-GB"])
def test_what_is_configured_is_spoken_whatever_the_system_speaks(tag: str) -> None:
    assert chosen(tag, ["fr-FR", "en-US"]) == tag.replace("_", "-")


@pytest.mark.parametrize(
    ("preferred", "tag"),
    [
        (["de-Latn-DE", "de-DE", "de"], "de-Latn-DE"),
        (["fr-FR", "fr", "de-CH", "en"], "de-CH"),
        (["en-ZA", "de-DE"], "en-ZA"),
        (["fr-FR", "fr"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_where_nothing_is_configured_the_first_known_language_of_the_system_is_spoken(
    preferred: list[str], tag: str
) -> None:
    assert chosen(OF_THE_SYSTEM, preferred) == tag


@pytest.mark.skipif(
    sys.platform != "linux", reason="needs a system that takes its language from the environment"
)
@pytest.mark.parametrize(("system", "tag"), [("de_AT.UTF-8", "de"), ("fr_FR.UTF-8", "en")])
def test_the_system_is_asked_for_its_language(system: str, tag: str) -> None:
    program = (
        "from PySide6.QtCore import QCoreApplication as App; from app.ui.language import Language;"
        "print(Language(App([])).tag)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LANGUAGE": "", "LC_ALL": system},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip().split("-")[0] == tag


def test_an_unknown_language_is_told_once_and_english_is_spoken(
    expect_log: ExpectLog,
    speaks: Callable[[str], Language],
    caplog: pytest.LogCaptureFixture,
) -> None:
    expect_log("no translation for the language 'tlh'")
    assert speaks("tlh").tag == "en"
    assert say("Sign in to start") == "Sign in to start"
    assert len(caplog.records) == 1


def test_what_a_translation_lacks_is_said_in_english(qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "de.json"
    file.write_text(json.dumps({"Sign in to start": "Zum Start anmelden"}), "utf-8")
    translation = Translation(file, qapp)
    qapp.installTranslator(translation)
    assert [say("Sign in to start"), say("Sign in again")] == [
        "Zum Start anmelden",
        "Sign in again",
    ]
    qapp.removeTranslator(translation)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", None], ids=["none", "half", "odd", "gone"])
def test_a_translation_that_cannot_be_read_is_told_and_english_is_spoken(
    content: bytes | None, qapp: QApplication, tmp_path: Path, expect_log: ExpectLog
) -> None:
    expect_log("the translation de.json cannot be read")
    file = tmp_path / "de.json"
    if content is not None:
        file.write_bytes(content)
    translation = Translation(file, qapp)
    qapp.installTranslator(translation)
    assert say("Sign in to start") == "Sign in to start"
    qapp.removeTranslator(translation)


def test_after_the_end_english_is_spoken_again(qapp: QApplication) -> None:
    before = QLocale()
    speech = Language(qapp, "de")
    assert say("Sign in to start") == GERMAN["Sign in to start"]
    speech.end()
    assert say("Sign in to start") == "Sign in to start"
    assert QLocale() == before


# Numbers, dates and Qt's own words --------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "marks"), [("en", ","), ("de", "."), ("de-CH", "'’")], ids=["en", "de", "de-CH"]
)
def test_a_number_has_the_separators_of_the_language(
    tag: str, marks: str, speaks: Callable[[str], Language]
) -> None:
    speaks(tag)
    number = say("{count:,} events are written.", count=1_234_567).split(" ")[0]
    assert number in {f"1{mark}234{mark}567" for mark in marks}


def test_what_is_no_number_keeps_its_points_and_commas(speaks: Callable[[str], Language]) -> None:
    speaks("de")
    assert say("Listened to on {port}.", port="a,b.c").endswith("a,b.c.")


def test_a_day_is_written_as_the_language_writes_it(speaks: Callable[[str], Language]) -> None:
    noon = datetime(2026, 3, 1, 12, 5).astimezone()
    assert day_and_time(noon) == "2026-03-01 12:05"
    speaks("de")
    assert day_and_time(noon) == "01.03.2026 12:05"


def test_a_role_has_the_name_that_the_portal_has(speaks: Callable[[str], Language]) -> None:
    speaks("de")
    assert role_words("Global Administrator") == "Globaler Administrator"
    assert role_words("User.Read.All") == "User.Read.All"


def test_the_words_of_qt_itself_are_translated(speaks: Callable[[str], Language]) -> None:
    speaks("de")
    assert QCoreApplication.translate("QWidgetTextControl", "&Copy") == "&Kopieren"


# The window -------------------------------------------------------------------------------------


def in_the_history(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    press(Qt.Key.Key_F11)
    stage.until(stage.window.history.isVisible)
    stage.until(lambda: rows(stage) == 1)


def rows(stage: Stage) -> int:
    return stage.window.history.findChildren(QTableView)[0].model().rowCount()


EVERYWHERE = [*SCENES, in_the_history]


def visible(stage: Stage) -> list[QWidget]:
    return [widget for widget in stage.window.findChildren(QWidget) if widget.isVisible()]


def words_of(widget: QWidget) -> set[str]:
    """Everything that `widget` shows or tells a screen reader."""
    told = {widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()}
    match widget:
        case QLabel() | QAbstractButton():
            return {*told, widget.text()}
        case QLineEdit():
            return {*told, widget.placeholderText()}
        case QTableView():
            return {*told, *words_in(widget.model())}
    return told


def words_in(model: QAbstractItemModel) -> Iterator[str]:
    """The heads and cells of a table."""
    for column in range(model.columnCount()):
        yield str(model.headerData(column, Qt.Orientation.Horizontal))
        yield from (str(model.index(row, column).data()) for row in range(model.rowCount()))


@pytest.mark.parametrize("scene", EVERYWHERE, ids=lambda scene: scene.__name__)
def test_nothing_english_is_left_in_a_german_window_and_nothing_is_cut(
    scene: Scene, stage: Stage, world: FakeWorld
) -> None:
    scene(stage, world)
    QApplication.processEvents()
    seen = {words for widget in visible(stage) for words in words_of(widget)}
    foreign = {english for english, german in GERMAN.items() if english != german}
    assert seen & set(GERMAN.values())
    assert seen & foreign == set()
    assert [words for words in seen if ENGLISH_KEY.search(words)] == []
    stage.until(lambda: cut(stage) == [])


@pytest.mark.parametrize(
    "scene",
    [each for each in EVERYWHERE if each is not on_the_practice_form],
    ids=lambda scene: scene.__name__,
)
def test_nothing_german_is_cut_in_the_smallest_window_of_a_real_desk(
    scene: Scene, qtbot: QtBot, world: FakeWorld
) -> None:
    build = on(world, Mode.ASSIGN_AND_ACTIVATE, None)
    with a_window_on(qtbot, build, "de") as stage:
        stage.window.resize(stage.window.minimumSize())
        stage.sign_in()
        scene(stage, world)
        stage.until(lambda: cut(stage) == [])


def cut(stage: Stage) -> list[str]:
    """What has less room than its words take; what ends in an ellipsis offers them as a tip."""
    labels = [widget for widget in visible(stage) if isinstance(widget, QLabel | QAbstractButton)]
    return [label.text() for label in labels if label.text() and is_cut(label)]


def is_cut(label: QLabel | QAbstractButton) -> bool:
    if isinstance(label, Wrapped):
        return label.height() < label.heightForWidth(label.width())
    if isinstance(label, Elided):
        return False
    return label.width() < label.minimumSizeHint().width()


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_mnemonic_means_one_thing_on_a_page(
    language: str, qtbot: QtBot, world: FakeWorld
) -> None:
    with a_window_in(language, qtbot, world) as stage:
        made = stage.window.pages
        pages = [made.signin, made.desk, made.history, made.readers, made.session, made.doctor]
        keys = [mnemonics(page) for page in (*pages, made.help)]
    assert sum(map(len, keys)) > 10
    assert [key for page in keys for key, count in Counter(page).items() if count > 1] == []


def mnemonics(page: QWidget) -> list[str]:
    """The mnemonics of `page`, those of what is hidden now included."""
    buttons = page.findChildren(QAbstractButton)
    found = (QKeySequence.mnemonic(button.text()).toString() for button in buttons)
    return [keys for keys in found if keys]


def test_a_german_desk_is_worked_by_its_own_mnemonics(stage: Stage, world: FakeWorld) -> None:
    stage.put_token(world.token.serial_number)
    press(Qt.Key.Key_N, ALT)
    stage.until(lambda: stage.enrollment.mode is Mode.ASSIGN_ONLY)
    press(Qt.Key.Key_A, ALT)
    stage.until(lambda: stage.enrollment.mode is Mode.ASSIGN_AND_ACTIVATE)


def is_chosen(choice: Segmented, key: str) -> bool:
    return choice.current() == key


def test_a_german_history_is_worked_by_its_own_mnemonics(stage: Stage, world: FakeWorld) -> None:
    in_the_history(stage, world)
    period = stage.window.history.filters.period
    meanings = {"H": "1", "7": "7", "3": "30", "D": "dates", "L": "0"}
    for letter, days in meanings.items():
        press(Qt.Key(ord(letter)), ALT)
        stage.until(partial(is_chosen, period, days))


def test_a_german_desk_hands_over_a_token(stage: Stage, world: FakeWorld) -> None:
    stage.fill(world, State.AWAITING_CODE)
    assert stage.desk.work.button.text() == "Zuweisen und aktivieren"
    stage.submit_code()
    stage.reach(State.ACTIVATED)
    stage.until(lambda: stage.desk.work.button.text() == "Nächste Person")
