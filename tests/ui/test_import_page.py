"""The import page: what an operator does with a vendor's file, and what the page says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core import record
from app.core.errors import Evidence, Rejected
from app.core.model import Role
from app.core.rights import Feature, scopes_for
from app.core.secret import Secret
from app.core.seed import Need
from app.seeds import SeedFiles
from app.station.context import DeskSettings, Notify
from app.station.import_notices import ImportNotice, ImportState
from app.station.jobs import JobNotice
from app.station.station import Station
from app.ui.models.job import LABEL, SAID, STATE
from app.ui.models.preview import STANDING, WHY
from app.ui.pages.importing.page import ImportPage
from app.ui.widgets import Wrapped
from tests.fakes.nouns import a_token, an_operator
from tests.fakes.world import FakeWorld
from tests.seeds import rfc6030, writers
from tests.seeds.support import tokens
from tests.station.stage import SHORT
from tests.ui.hands import press, write
from tests.ui.stage import SILENT, Stage, a_window_on

MADE = tokens(6)
CONTROL = Qt.KeyboardModifier.ControlModifier


def entitled(world: FakeWorld) -> None:
    """Let the operator be one who may bring tokens into the tenant."""
    world.directory.who = replace(
        an_operator(),
        roles=frozenset(Role),
        scopes=frozenset(scopes_for(frozenset(Feature))),
    )


def is_cut(label: Wrapped) -> bool:
    """Tell whether a line of `label` has no room."""
    return label.height() < label.heightForWidth(label.width())


class Counter:
    """A window with the import page open, and files to put on it."""

    def __init__(self, stage: Stage, world: FakeWorld, folder: Path) -> None:
        self.stage = stage
        self.world = world
        self.folder = folder

    @property
    def page(self) -> ImportPage:
        return self.stage.window.pages.importing

    @property
    def notice(self) -> ImportNotice:
        found = [each for each in self.stage.notices if isinstance(each, ImportNotice)]
        return [ImportNotice(), *found][-1]

    @property
    def upload(self) -> JobNotice | None:
        found = [each for each in self.stage.notices if isinstance(each, JobNotice)]
        return found[-1] if found else None

    def write(self, content: bytes | str, name: str = "tokens.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def open(self, content: bytes | str | Path, *states: ImportState) -> None:
        """Open a file, and wait until it is as far as `states`."""
        path = content if isinstance(content, Path) else self.write(content)
        self.page.open_file(str(path))
        self.reach(*(states or (ImportState.READY,)))

    def reach(self, *states: ImportState) -> None:
        self.stage.until(lambda: self.notice.state in states)
        self.stage.until(lambda: self.page._notice is self.notice)

    def said(self) -> str:
        return self.page.message.accessibleName() if self.page.message.isVisible() else ""

    def shown(self) -> list[tuple[str, str]]:
        """State and reason of each row that is listed."""
        model = self.page.preview.model
        return [
            (str(model.index(row, STANDING).data()), str(model.index(row, WHY).data()))
            for row in range(model.rowCount())
        ]

    def rows(self) -> list[tuple[str, str, str]]:
        """Number, state and words of each row of the upload."""
        model = self.page.job.model
        columns = (LABEL, STATE, SAID)
        return [
            tuple(str(model.index(row, column).data()) for column in columns)  # type: ignore[misc]  # - three of them
            for row in range(model.rowCount())
        ]

    def finish(self) -> None:
        """Wait until the upload is over, and shown so."""

        def over() -> bool:
            told = self.upload.progress if self.upload is not None else None
            return told is not None and told.is_over

        self.stage.until(over)
        self.stage.until(self.page.job.dismiss_button.isVisible)


@pytest.fixture
def world() -> FakeWorld:
    made = FakeWorld()
    entitled(made)
    return made


@pytest.fixture
def counter(qtbot: QtBot, world: FakeWorld, tmp_path: Path) -> Iterator[Counter]:
    world.real_seeds = SeedFiles(tmp_path / "kept" / "columns.json")

    async def build(notify: Notify) -> Station:
        settings = DeskSettings(patience=SHORT, sounds=SILENT, exports=str(tmp_path))
        return Station(world.station_ports, settings, notify)

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        press(Qt.Key.Key_M, CONTROL)
        found = Counter(stage, world, tmp_path)
        stage.until(found.page.isVisible)
        yield found


def test_an_empty_page_teaches_what_can_be_opened_and_how(counter: Counter) -> None:
    counter.stage.focused_on(counter.page.open.button)
    sentences = counter.page.open.findChildren(Wrapped)
    words = " ".join(label.text() for label in sentences)
    assert "PSKC" in words
    assert "spreadsheet" in words
    counter.stage.until(lambda: not any(map(is_cut, sentences)))


def test_a_file_that_is_dropped_is_read_and_shown_row_by_row(counter: Counter) -> None:
    path = counter.write(writers.entra(MADE))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    counter.page.dropEvent(
        QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    counter.reach(ImportState.READY)
    assert counter.shown() == [("Can go", "")] * 6
    assert counter.page.preview.upload.text() == "&Upload 6 tokens"
    assert counter.world.directory.writes == []


def test_one_key_uploads_and_every_row_says_what_became_of_it(counter: Counter) -> None:
    counter.open(writers.entra(MADE))
    counter.stage.focused_on(counter.page.preview.upload)
    press(Qt.Key.Key_Return, CONTROL)
    counter.finish()
    assert [state for _, state, _ in counter.rows()] == ["In the tenant"] * 6
    assert sorted(counter.world.directory.seeds) == [t.serial for t in MADE]
    assert "still holds the seeds" in counter.page.advice.accessibleName()
    assert counter.write(b"", "other").exists()
    assert (counter.folder / "tokens.csv").exists()


def test_faulty_rows_and_those_that_are_there_stay_and_the_others_go(counter: Counter) -> None:
    counter.world.tenant.add_token(a_token(MADE[1].serial))
    lines = writers.entra(MADE).decode().splitlines()
    lines[1] = lines[1].replace("8659610904217", "8,65961E+12")
    counter.open("\n".join([*lines, lines[3]]))
    found = counter.shown()
    assert found[0][0] == "Fault"
    assert found[1] == (
        "Is there",
        "The tenant has a token with this serial number. It stays as it is.",
    )
    assert found[-1] == ("Fault", "The serial number is in row 4 already.")
    counter.page.preview.upload.click()
    counter.finish()
    assert sorted(counter.world.directory.seeds) == [t.serial for t in MADE[2:]]


def test_the_list_can_be_narrowed_to_faults_and_these_be_saved(counter: Counter) -> None:
    lines = writers.entra(MADE).decode().splitlines()
    lines[1] = lines[1].replace(MADE[0].secret.reveal_base32(), "")
    counter.open("\n".join(lines))
    counter.page.preview.only.set_current("faulty")
    assert counter.shown() == [("Fault", "The secret is missing.")]
    counter.page.preview.faults.click()
    counter.stage.until(counter.page.saved.isVisible)
    (saved,) = counter.folder.glob("tokens-faults-*.csv")
    assert "The secret is missing." in saved.read_text(encoding="utf-8-sig")
    counter.page.copy_button.click()
    assert QGuiApplication.clipboard().text() == str(saved)


def test_in_the_smallest_window_nothing_lies_over_anything_and_no_line_is_cut(
    counter: Counter,
) -> None:
    counter.stage.window.resize(counter.stage.window.minimumSize())
    made = [t._replace(person=counter.world.ada.user_principal_name) for t in MADE]
    lines = writers.entra(made).decode().splitlines()
    lines[1] = lines[1].replace(made[0].secret.reveal_base32(), "")
    counter.open("\n".join(lines))
    preview = counter.page.preview
    preview.assign.setChecked(True)
    preview.activate.setChecked(True)
    preview.faults.click()
    counter.stage.until(counter.page.saved.isVisible)
    counter.stage.until(lambda: not is_cut(preview.meaning))
    parts = (preview.view, preview.people, preview.upload)
    tops = [part.mapTo(counter.page, QPoint(0, 0)).y() for part in parts]
    ends = [top + part.height() for top, part in zip(tops, parts, strict=True)]
    assert all(end <= top for end, top in zip(ends, tops[1:], strict=False))


@pytest.mark.parametrize("name", ["password", "key"])
def test_an_encrypted_file_asks_masked_and_asks_again_after_a_wrong_answer(
    counter: Counter, name: str
) -> None:
    lock = writers.with_password if name == "password" else writers.with_key
    wrong = "azerty" if name == "password" else "00" * 16
    right = "qwerty" if name == "password" else writers.KEY.reveal().hex()
    counter.open(writers.pskc(MADE, lock), ImportState.ASKING)
    asking = counter.page.asking
    field: QLineEdit = getattr(asking, name)
    counter.stage.focused_on(field)
    assert field.echoMode() is QLineEdit.EchoMode.Password
    write(wrong)
    press(Qt.Key.Key_Return)
    counter.reach(ImportState.REFUSED)
    assert counter.said().startswith("The key or the password does not open this file.")
    assert asking.isVisible()
    counter.stage.until(field.hasFocus)
    field.setText(right)
    press(Qt.Key.Key_Return)
    counter.reach(ImportState.READY)
    assert counter.shown() == [("Can go", "")] * 6
    assert field.text() == ""


def test_a_key_that_is_none_is_told_before_anything_is_read(counter: Counter) -> None:
    counter.open(writers.pskc(MADE, writers.with_key), ImportState.ASKING)
    counter.page.asking.key.setText("not a key")
    counter.page.asking.answer()
    assert "hexadecimal" in counter.page.asking.complaint.text()
    assert counter.notice.state is ImportState.ASKING


def test_columns_are_asked_for_once_and_remembered_by_their_header(counter: Counter) -> None:
    rows = "\n".join(f"{t.serial};{writers.in_hex(t.secret)};x" for t in MADE)
    content = f"Nummer;Geheimnis;Kunde\n{rows}\n"
    counter.open(content, ImportState.ASKING)
    asking = counter.page.asking
    asking.answer()
    assert asking.complaint.isVisible()
    asking.columns.choose(0, "serial")
    asking.columns.choose(1, "secret")
    asking.columns.header.setChecked(True)
    asking.answer()
    counter.stage.until(lambda: "Kunde" in asking.questions[Need.MAPPING].sentence.text())
    assert counter.notice.unknown == (2,)
    asking.columns.choose(2, "-")
    asking.answer()
    counter.stage.until(asking.questions[Need.INTERVAL].isVisible)
    asking.interval.set_current("60")
    asking.manufacturer.setText("Works")
    asking.model.setText("T1")
    asking.answer()
    counter.reach(ImportState.READY)
    assert [row.interval for row in counter.notice.preview.rows] == [60] * 6
    counter.page.preview.other.click()
    counter.reach(ImportState.EMPTY)
    counter.open(content, ImportState.ASKING)
    assert not asking.questions[Need.MAPPING].isVisible()
    assert asking.questions[Need.INTERVAL].isVisible()


LONG = [t._replace(secret=Secret(t.secret.reveal() + bytes(12))) for t in MADE]


def test_02_the_hash_of_long_secrets_is_asked_for_and_one_choice_answers(
    counter: Counter,
) -> None:
    counter.open(writers.entra(LONG), ImportState.ASKING)
    asking = counter.page.asking
    assert asking.questions[Need.HASH].isVisible()
    assert "6 long secrets" in asking.questions[Need.HASH].sentence.text()
    assert not counter.page.preview.upload.isEnabled()
    asking.answer()
    assert asking.complaint.isVisible()
    asking.hash.set_current("SHA256")
    counter.reach(ImportState.READY)
    assert {
        row.hash_function.value for row in counter.notice.preview.rows if row.hash_function
    } == {"hmacsha256"}


def test_02_a_column_that_is_not_understood_is_named_and_can_be_left_out(
    counter: Counter,
) -> None:
    lines = writers.entra(MADE).decode().splitlines()
    content = "\n".join([f"{lines[0]},Batch", *(f"{line},7" for line in lines[1:])])
    counter.open(content, ImportState.ASKING)
    asking = counter.page.asking
    assert "Batch" in asking.questions[Need.MAPPING].sentence.text()
    counter.stage.until(asking.columns.choices[6].hasFocus)
    assert [box.currentData() for box in asking.columns.choices[:3]] == [
        "person",
        "serial",
        "secret",
    ]
    asking.columns.choose(6, "-")
    asking.answer()
    counter.reach(ImportState.READY)
    assert counter.shown() == [("Can go", "")] * 6
    counter.page.preview.other.click()
    counter.reach(ImportState.EMPTY)
    counter.open(content)  # the answer is remembered with the header


def test_03_type_and_digits_can_be_told_in_the_form(counter: Counter) -> None:
    rows = [f"{t.serial};{writers.in_hex(t.secret)};x;{n}" for n, t in enumerate(MADE, 3)]
    content = "\n".join(["Nummer;Wert;Sorte;Anzeige", *(r.replace("x", "TOTP") for r in rows)])
    counter.open(content.replace("TOTP", "HOTP", 1), ImportState.ASKING)
    asking = counter.page.asking
    for place, field in enumerate(("serial", "secret", "kind", "digits")):
        asking.columns.choose(place, field)
    asking.columns.header.setChecked(True)
    asking.manufacturer.setText("Works")
    asking.model.setText("T1")
    asking.answer()
    counter.stage.until(asking.questions[Need.INTERVAL].isVisible)
    asking.answer()
    counter.reach(ImportState.READY)
    assert [state for state, _ in counter.shown()] == ["Fault"] * 3 + ["Can go"] + ["Fault"] * 2
    assert "HOTP" in counter.shown()[0][1]
    assert "six digits" in counter.shown()[1][1]


def test_06_how_secrets_are_written_is_asked_for_and_never_preselected(counter: Counter) -> None:
    lines = writers.entra(MADE[:1]).decode().replace(MADE[0].secret.reveal_base32(), "1" * 20)
    counter.open(lines, ImportState.ASKING)
    asking = counter.page.asking
    asking.answer()
    assert asking.complaint.isVisible()
    asking.encoding.set_current("TEXT")
    asking.answer()
    counter.reach(ImportState.READY)
    assert counter.shown() == [("Can go", "")]


def test_17_an_open_quotation_mark_names_its_lines(counter: Counter) -> None:
    lines = writers.entra(MADE).decode().splitlines()
    lines[2] = lines[2].replace(",Token2", ',"Token2')
    lines[4] += '"'
    counter.open("\n".join(lines))
    assert [state for state, _ in counter.shown()] == ["Can go"] + ["Fault"] * 3 + ["Can go"] * 2
    assert "Lines 3 to 5 cannot be told apart" in counter.shown()[1][1]


def test_19_graphs_own_upload_body_goes_with_its_people(counter: Counter) -> None:
    made = [t._replace(person=counter.world.ada.user_principal_name) for t in MADE]
    counter.open(counter.write(writers.graph_json(made), "tokens.json"))
    preview = counter.page.preview
    assert counter.shown() == [("Can go", "")] * 6
    preview.assign.setChecked(True)
    preview.upload.click()
    counter.finish()
    assert [state for _, state, _ in counter.rows()] == ["Assigned"] * 6


BOMB = (
    '<!DOCTYPE data [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(10))
    + "]><data>&k;</data>"
)
LONG_ROW = f"upn,serial number,secret key,time interval,manufacturer,model\n{'x' * 1_100_000}\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BOMB, "This file was made to harm the program that reads it."),
        (LONG_ROW, "This file is larger than a seed file can be."),
        (b"PK\x03\x04" + b"\x00" * 100, "This is not a seed file that Oathdesk knows."),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "This is not a seed file that Oathdesk knows."),
        (b"", "This is not a seed file that Oathdesk knows."),
        (b'[{"a":' + b"[" * 100_000, "This file was made to harm the program that reads it."),
        (b'{"value": []}', "There is no token in this file."),
        ("<KeyContainer><KeyPackage>", "The seed file cannot be read."),
    ],
    ids=[
        "entity bomb",
        "a row of a megabyte",
        "archive",
        "PGP",
        "empty",
        "nested without end",
        "no token",
        "cut short",
    ],
)
def test_a_file_that_is_none_is_told_in_a_sentence_and_another_can_be_chosen(
    counter: Counter, content: bytes | str, sentence: str
) -> None:
    counter.open(content, ImportState.REFUSED)
    assert counter.said().startswith(sentence)
    assert counter.page.problem.isVisible()
    assert counter.page.open.isVisible()


def test_a_file_of_two_gigabytes_is_refused_at_once(counter: Counter) -> None:
    path = counter.folder / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    counter.open(path, ImportState.REFUSED)
    assert counter.said().startswith("This file is larger than a seed file can be.")


def test_a_file_that_is_gone_is_told(counter: Counter) -> None:
    counter.open(counter.folder / "gone.csv", ImportState.REFUSED)
    assert counter.said().startswith("The seed file cannot be read.")


def test_activation_is_offered_only_with_assignment_and_says_what_it_means(
    counter: Counter,
) -> None:
    made = [t._replace(person=counter.world.ada.user_principal_name) for t in MADE[:2]]
    counter.open(writers.entra(made))
    preview = counter.page.preview
    assert preview.assign.isVisible()
    assert not preview.activate.isVisible()
    preview.assign.setChecked(True)
    preview.activate.setChecked(True)
    assert preview.meaning.isVisible()
    assert "clock" in preview.meaning.text()
    counter.world.directory.computes = True
    preview.upload.click()
    counter.finish()
    assert [state for _, state, _ in counter.rows()] == ["Activated"] * 2
    preview.assign.setChecked(False)
    assert not preview.activate.isChecked()


def test_lines_above_the_header_are_named_and_one_key_agrees(counter: Counter) -> None:
    counter.open(b"Delivery 4711\n" + writers.entra(MADE[:2]), ImportState.ASKING)
    asking = counter.page.asking
    sentence = asking.questions[Need.MAPPING].sentence.text()
    assert sentence == "The names of the columns stand in line 2. What is above is not read."
    asking.go_on.click()
    counter.stage.until(counter.page.preview.upload.isEnabled)
    assert counter.page.preview.model.rowCount() == 2


def test_one_reason_serves_the_rows_whose_people_need_one(counter: Counter) -> None:
    ada = counter.world.tenant.add_person(replace(counter.world.ada, enabled=False))
    made = [t._replace(person=ada.user_principal_name) for t in MADE[:2]]
    counter.open(writers.entra(made))
    preview = counter.page.preview
    assert not preview.reason.isVisible()
    preview.assign.setChecked(True)
    assert preview.reason.isVisible()
    assert preview.reason_given() is None
    preview.reason.setCurrentIndex(preview.reason.findText("The person starts later"))
    preview.upload.click()
    counter.finish()
    assert [state for _, state, _ in counter.rows()] == ["Assigned"] * 2
    told = [line.overrides for line in record.lines(counter.world.ledger.entries)]
    assert told == [(("person_disabled", "starts_later"),)] * 2


def test_without_a_reason_such_rows_say_what_is_missing(counter: Counter) -> None:
    ada = counter.world.tenant.add_person(replace(counter.world.ada, enabled=False))
    counter.open(writers.entra([MADE[0]._replace(person=ada.user_principal_name)]))
    counter.page.preview.assign.setChecked(True)
    counter.page.preview.upload.click()
    counter.finish()
    ((_, state, said),) = counter.rows()
    assert state == "Not handed over"
    assert said.startswith("The account of this person is disabled. Choose a reason")


def test_a_refused_row_says_so_and_can_be_tried_again(counter: Counter) -> None:
    counter.open(writers.entra(MADE[:2]))
    counter.stage.on_the_station(
        lambda: counter.world.directory.fail("create", Rejected(Evidence("POST", "/", 400)))
    )
    counter.page.preview.upload.click()
    counter.finish()
    assert [state for _, state, _ in counter.rows()] == ["Failed", "In the tenant"]
    counter.page.job.again_button.click()
    counter.stage.until(
        lambda: [state for _, state, _ in counter.rows()] == ["In the tenant", "In the tenant"]
    )
    counter.finish()
    counter.page.job.dismiss_button.click()
    counter.stage.until(counter.page.open.isVisible)
    assert not counter.page.job.isVisible()


def test_an_operator_without_the_right_sees_the_rows_and_which_right_it_takes(
    qtbot: QtBot, tmp_path: Path
) -> None:
    world = FakeWorld()
    world.real_seeds = SeedFiles(tmp_path / "columns.json")

    async def build(notify: Notify) -> Station:
        return Station(world.station_ports, DeskSettings(patience=SHORT, sounds=SILENT), notify)

    with a_window_on(qtbot, build) as stage:
        stage.sign_in()
        press(Qt.Key.Key_M, CONTROL)
        counter = Counter(stage, world, tmp_path)
        stage.until(counter.page.rights.isVisible)
        assert "Policy.ReadWrite.AuthenticationMethod" in counter.page.rights.accessibleName()
        counter.open(writers.entra(MADE))
        assert not counter.page.preview.upload.isEnabled()


def test_a_file_leaves_the_page_with_its_operator(counter: Counter) -> None:
    counter.open(writers.pskc(MADE, writers.with_password), ImportState.ASKING)
    counter.page.asking.password.setText("qwerty")
    press(Qt.Key.Key_F12)
    counter.stage.until(counter.stage.window.signin.isVisible)
    assert counter.page.asking.password.text() == ""
    counter.stage.until(lambda: counter.notice.state is ImportState.EMPTY)
    assert counter.page.preview.model.rowCount() == 0


def test_the_rfcs_own_file_is_shown_as_what_it_is(counter: Counter) -> None:
    counter.open(rfc6030.FIGURE_3)
    assert counter.shown() == [
        ("Fault", "The token counts codes, not time (HOTP). Entra ID does not take it.")
    ]
    assert counter.said().startswith("No row of this file can go.")
