"""`oathdesk ledger`: what it says of a sound record, of a damaged one, and beside a station."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import main
from app.core.enrollment import State
from app.core.record import Entry, EntryKind
from app.ledger import SqliteLedger
from tests.journeys.program import environment
from tests.ledger.records import INTENT_FACTS, NOON, intent_of, raw, state_of
from tests.support.access import is_private
from tests.support.patience import HANG_SECONDS

FORMULA = '=HYPERLINK("https://example.com")'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A record of six entries of two enrollments."""
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger(path)
    ledger.open()
    for entry in (
        intent_of("first"),
        state_of("first", State.SUBMITTING, 1),
        state_of("first", State.ASSIGNED, 2),
        Entry(
            "second",
            EntryKind.INTENT,
            State.RECORDING,
            NOON,
            {**INTENT_FACTS, "person_name": FORMULA, "desk": "Desk\x1b[2J 2"},
        ),
        state_of("second", State.SUBMITTING, 4),
        state_of("second", State.ASSIGNED, 5),
    ):
        ledger.append(entry)
    ledger.close()
    return path


Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run the command; return its exit code, what it said and what it complained of."""

    def asked(*words: object) -> tuple[int, str, str]:
        code = main(["ledger", *(str(word) for word in words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def test_a_whole_record_is_said_to_be_whole(file: Path, ask: Ask) -> None:
    code, said, _ = ask("verify", file)
    assert code == 0
    assert said.startswith("The record is whole. Entries: 6.")


def test_an_empty_record_is_whole_and_says_how_empty(tmp_path: Path, ask: Ask) -> None:
    ledger = SqliteLedger(tmp_path / "new.db")
    ledger.open()
    ledger.close()
    assert ask("verify", tmp_path / "new.db")[:1] == (0,)
    assert "Entries: 0" in ask("verify", tmp_path / "new.db")[1]
    assert ask("show", tmp_path / "new.db")[1] == "The record is empty.\n"


DAMAGE = {
    "changed": ("UPDATE events SET facts = '{}' WHERE sequence = 3", "Entry 3 is not what"),
    "removed": ("DELETE FROM events WHERE sequence = 2", "Entry 2 was removed"),
    "shortened": ("DELETE FROM events WHERE sequence > 4", "Entry 5 was removed"),
    "reordered": (
        """
        UPDATE events SET sequence = CASE sequence WHEN 4 THEN -5 ELSE -4 END
            WHERE sequence IN (4, 5);
        UPDATE events SET sequence = -sequence WHERE sequence < 0
        """,
        "Entry 4 is not what",
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_the_first_entry_that_does_not_fit_is_named(how: str, file: Path, ask: Ask) -> None:
    script, sentence = DAMAGE[how]
    with raw(file) as db:
        db.executescript(script)
    code, said, _ = ask("verify", file)
    assert code == 1
    assert said.startswith(sentence)


def test_a_flipped_byte_is_found(file: Path, ask: Ask) -> None:
    content = bytearray(file.read_bytes())
    place = bytes(content).index(b"zoe@desk.example")
    content[place] ^= 1
    file.write_bytes(content)
    code, said, _ = ask("verify", file)
    assert code == 1
    assert "Entry" in said


@pytest.mark.parametrize("command", ["verify", "export", "show"])
def test_a_missing_record_is_told_with_its_place(command: str, tmp_path: Path, ask: Ask) -> None:
    code, said, complaint = ask(command, tmp_path / "none.db")
    assert (code, said) == (2, "")
    assert complaint == f"There is no record at {tmp_path / 'none.db'}.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["verify", "export", "show"])
@pytest.mark.parametrize(
    "content", [b"", b"minutes of the last meeting", b"SQLite format 3\x00" * 9]
)
def test_what_is_no_record_is_told(command: str, content: bytes, tmp_path: Path, ask: Ask) -> None:
    path = tmp_path / "minutes.txt"
    path.write_bytes(content)
    code, _, complaint = ask(command, path)
    assert code == 2
    assert complaint.startswith(f"The record at {path} cannot be read: ")
    assert path.read_bytes() == content


def test_a_record_of_a_newer_version_is_not_read(file: Path, ask: Ask) -> None:
    with raw(file) as db:
        db.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    code, _, complaint = ask("verify", file)
    assert code == 2
    assert "version 99" in complaint
    assert file.read_bytes() == before


def test_a_folder_is_no_record(tmp_path: Path, ask: Ask) -> None:
    assert ask("verify", tmp_path)[0] == 2


def test_without_a_name_the_record_of_this_station_is_read(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "data"
    tenant = "11111111-2222-3333-4444-555555555555"
    (home / "Oathdesk" / tenant).mkdir(parents=True)
    shutil.copy(file, home / "Oathdesk" / tenant / "ledger.db")
    options = ("--set", f"tenant.id={tenant}", "--set", f"tenant.client_id={tenant}")
    done = subprocess.run(
        [sys.executable, "-m", "app", *options, "ledger", "verify"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Entries: 6" in done.stdout


def test_an_export_to_csv_opens_in_a_spreadsheet_without_running_anything(
    file: Path, tmp_path: Path, ask: Ask
) -> None:
    out = tmp_path / "out.csv"
    code, said, _ = ask("export", file, "--output", out)
    assert (code, said) == (0, f"Entries written to {out}: 6\n")
    content = out.read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"at",')
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["state"] for row in rows] == [
        "recording",
        "submitting",
        "assigned",
        "recording",
        "submitting",
        "assigned",
    ]
    assert rows[0]["person_name"] == "Zoë Ångström 王"
    assert rows[3]["person_name"] == f"'{FORMULA}"
    assert b"\r\r\n" not in content
    assert is_private(out)


def test_an_export_to_json_lines_keeps_every_text(file: Path, tmp_path: Path, ask: Ask) -> None:
    out = tmp_path / "out.jsonl"
    assert ask("export", file, "--format", "jsonl", "--output", out)[0] == 0
    entries = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(entries) == 6
    assert entries[3]["facts"]["person_name"] == FORMULA


def test_an_export_to_the_terminal_is_the_same_bytes(file: Path, tmp_path: Path, ask: Ask) -> None:
    ask("export", file, "--output", tmp_path / "out.csv")
    done = subprocess.run(
        [sys.executable, "-m", "app", "ledger", "export", str(file)],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == (tmp_path / "out.csv").read_bytes()


def test_an_export_never_replaces_the_record(file: Path, ask: Ask) -> None:
    before = file.read_bytes()
    for target in (file, file.with_name("ledger.db-wal"), file.parent / "." / "ledger.db"):
        code, _, complaint = ask("export", file, "--output", target)
        assert code == 2
        assert "is the record itself" in complaint
    assert file.read_bytes() == before


def test_an_export_that_fails_leaves_the_older_one(file: Path, tmp_path: Path, ask: Ask) -> None:
    out = tmp_path / "out.csv"
    out.write_text("the older one")
    with raw(file) as db:
        db.execute("UPDATE events SET facts = 'none' WHERE sequence = 5")
    code, _, complaint = ask("export", file, "--output", out)
    assert code == 2
    assert "entry 5" in complaint
    assert out.read_text() == "the older one"
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out.csv"]


def test_an_export_into_no_folder_says_so(file: Path, tmp_path: Path, ask: Ask) -> None:
    code, _, complaint = ask("export", file, "--output", tmp_path / "none" / "out.csv")
    assert code == 2
    assert "cannot be written" in complaint


def test_show_prints_the_last_entries_in_their_order(file: Path, ask: Ask) -> None:
    code, said, _ = ask("show", file, "--last", 2)
    heads = [line for line in said.splitlines() if not line.startswith(" ")]
    assert code == 0
    assert [head.split()[0] for head in heads] == ["5", "6"]
    assert "2026-11-23T12:05:00.000+00:00  state  assigned  second" in heads[1]


def test_show_prints_the_whole_course_of_one_enrollment(file: Path, ask: Ask) -> None:
    _, said, _ = ask("show", file, "--enrollment", "first")
    heads = [line.split() for line in said.splitlines() if not line.startswith(" ")]
    assert [head[0] for head in heads] == ["1", "2", "3"]
    assert {head[-1] for head in heads} == {"first"}
    assert "    serial_number: 0000123456" in said


def test_show_gives_the_terminal_no_commands(file: Path, ask: Ask) -> None:
    _, said, _ = ask("show", file)
    assert "\x1b" not in said
    assert "desk: Desk\\x1b[2J 2" in said


def test_show_of_an_unknown_enrollment_says_so(file: Path, ask: Ask) -> None:
    assert ask("show", file, "--enrollment", "third")[:2] == (
        1,
        "The record holds no enrollment third.\n",
    )


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_show_takes_no_senseless_number(number: str, file: Path, ask: Ask) -> None:
    with pytest.raises(SystemExit):
        ask("show", file, f"--last={number}")


def test_all_of_it_works_beside_a_station_that_appends(
    file: Path, tmp_path: Path, ask: Ask
) -> None:
    ledger = SqliteLedger(file)
    ledger.open()
    for number in range(50):
        ledger.append(intent_of(f"more-{number}"))
    assert "Entries: 56" in ask("verify", file)[1]
    assert ask("export", file, "--output", tmp_path / "out.csv")[0] == 0
    assert "more-49" in ask("show", file)[1]
    assert ledger.append(intent_of("after")) == 57
    ledger.close()


def test_a_reader_that_has_seen_enough_is_no_fault(file: Path) -> None:
    ledger = SqliteLedger(file)
    ledger.open()
    for number in range(1_000):
        ledger.append(intent_of(f"more-{number}"))
    ledger.close()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "ledger", "export", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(HANG_SECONDS) == 0


# Erasing -------------------------------------------------------------------------------------


def test_erasing_says_what_it_will_do_and_then_does_it(file: Path, ask: Ask) -> None:
    code, said, _ = ask("erase", file, "--before", "2026-11-24", "--yes")
    assert code == 0
    assert "rest before 2026-11-24: 2, with 6 entries" in said
    assert "Enrollments erased: 2. Entries: 6." in said
    assert ask("verify", file)[0] == 0
    assert b"zoe@desk" not in file.read_bytes()
    shown = ask("show", file)[1]
    assert [line.split()[1:3] for line in shown.splitlines()[:6]] == [["content", "erased"]] * 6
    assert "ordered_by: administrator: " in shown


def test_without_a_terminal_and_without_yes_nothing_is_erased(file: Path) -> None:
    before = file.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "app", "ledger", "erase", str(file), "--before", "2026-11-24"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.endswith("Add --yes to erase without being asked.\nNothing was erased.\n")
    assert file.read_bytes() == before


@pytest.mark.skipif(
    os.name == "nt", reason="types into a terminal through a pty, and Windows has none"
)
@pytest.mark.parametrize(("answer", "code"), [("yes", 0), ("no", 1), ("", 1)])
def test_on_a_terminal_it_asks(file: Path, answer: str, code: int) -> None:
    master, terminal = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "ledger", "erase", str(file), "--before", "2026-11-24"],
        stdin=terminal,
        stdout=subprocess.PIPE,
    ) as running:
        os.write(master, f"{answer}\n".encode())
        assert running.wait(HANG_SECONDS) == code
    os.close(master)
    os.close(terminal)
    assert (b"zoe@desk" in file.read_bytes()) == (code == 1)


def test_what_is_not_old_enough_stays(file: Path, ask: Ask) -> None:
    code, said, _ = ask("erase", file, "--before", "2026-11-22", "--yes")
    assert (code, said) == (
        0,
        "Nothing came to rest before 2026-11-22. Nothing was erased.\n",
    )
    assert b"zoe@desk" in file.read_bytes()


def test_nothing_is_erased_while_a_station_has_the_record_open(file: Path, ask: Ask) -> None:
    ledger = SqliteLedger(file)
    ledger.open()
    code, said, complaint = ask("erase", file, "--before", "2026-11-24", "--yes")
    assert (code, said) == (2, "")
    assert complaint == (
        f"The record at {file} is in use. Close the station and try again; nothing was erased.\n"
    )
    assert ledger.append(intent_of("third")) == 7
    ledger.close()
    assert ask("erase", file, "--before", "2026-11-24", "--yes")[0] == 0


def test_an_entry_that_was_changed_is_not_erased_and_told(file: Path, ask: Ask) -> None:
    with raw(file) as db:
        db.execute("UPDATE events SET facts = '{}' WHERE sequence = 3")
    code, said, _ = ask("erase", file, "--before", "2026-11-24", "--yes")
    assert code == 0
    assert "an entry of theirs is not what was written: 1." in said
    assert "Enrollments erased: 1. Entries: 3." in said
    assert "Entry 3 is not what" in ask("verify", file)[1]


def test_files_that_were_set_aside_are_named(file: Path, ask: Ask) -> None:
    for name in ("ledger.db.damaged-20260101T000000Z", "ledger.db.damaged-20260101T000000Z-wal"):
        file.with_name(name).touch()
    said = ask("erase", file, "--before", "2026-11-24", "--yes")[1].splitlines()
    aside = file.with_name("ledger.db.damaged-20260101T000000Z")
    told = f"{aside} was set aside after damage. It is not touched and may still hold names."
    assert said[-1] == told
    assert "damaged" not in "".join(said[:-1])


@pytest.mark.parametrize("content", [b"", b"minutes of the last meeting"])
def test_what_is_no_record_is_neither_erased_nor_made_one(
    content: bytes, tmp_path: Path, ask: Ask
) -> None:
    path = tmp_path / "minutes.txt"
    path.write_bytes(content)
    code, _, complaint = ask("erase", path, "--before", "2026-11-24", "--yes")
    assert code == 2
    assert "cannot be read" in complaint
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (content, [path])


@pytest.mark.parametrize("day", ["soon", "2026-02-30", "9998-01-01"])
def test_a_day_that_is_none_or_has_not_come_is_refused(day: str, file: Path, ask: Ask) -> None:
    with pytest.raises(SystemExit):
        ask("erase", file, "--before", day)


def test_an_export_counts_what_was_erased(file: Path, tmp_path: Path, ask: Ask) -> None:
    with closing(SqliteLedger(file)) as ledger:
        ledger.append(intent_of("open"))
    ask("erase", file, "--before", "2026-11-24", "--yes")
    ask("export", file, "--format", "jsonl", "--output", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [line["kind"] for line in lines] == ["tombstone"] * 6 + ["intent", "erased"]
    assert [line["sequence"] for line in lines[:6]] == [1, 2, 3, 4, 5, 6]
    assert lines[7]["facts"]["places"] == "1-6"
    ask("export", file, "--output", tmp_path / "out.csv")
    content = (tmp_path / "out.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["kind"] for row in rows] == [line["kind"] for line in lines]
    assert rows[1]["more"] == ""
    assert (rows[1]["sequence"], rows[1]["hash"]) == ("2", lines[1]["hash"])


def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the configuration of the whole machine be `text`."""
    machine = tmp_path / "machine.toml"
    machine.write_text(text, encoding="utf-8")
    monkeypatch.setattr("app.settings.loading.machine_file", lambda: machine)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no accounts with numbers")
def test_t4_an_erasure_names_the_account_and_no_variable(
    file: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert ask("erase", file, "--before", "2026-11-24", "--yes")[0] == 0
    _, shown, _ = ask("show", file)
    assert f"ordered_by: administrator: uid {os.getuid()}" in shown
    assert "somebody-else" not in shown


@pytest.mark.parametrize(
    "what",
    [
        ("locked = ['ledger.*']\n[ledger]\nretention_days = 9000\n", "to 9000: what came to rest"),
        ("locked = ['*']\n[ledger]\nretention_days = 0\n", "to 0: names are kept for ever"),
        ("locked = ['ledger.*'\n", "configuration of the whole machine cannot be used"),
    ],
)
def test_t4_what_a_locked_retention_keeps_is_not_erased(
    file: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, what: tuple[str, str]
) -> None:
    text, why = what
    locked(tmp_path, monkeypatch, text)
    before = file.read_bytes()
    code, said, complaint = ask("erase", file, "--before", "2026-11-24", "--yes")
    assert (code, said) == (2, "")
    assert why in complaint
    assert complaint.endswith("Nothing was erased.\n")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "locked = ['ledger.*']\n[ledger]\nretention_days = 1\n",
        "[ledger]\nretention_days = 9000\n",
        "locked = ['*']\n",
    ],
)
def test_t4_what_no_lock_keeps_can_be_erased(
    file: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    locked(tmp_path, monkeypatch, text)
    assert ask("erase", file, "--before", "2026-11-24", "--yes")[0] == 0
