import csv
import io
import json
from pathlib import Path

import pytest

from app.core.enrollment import State
from app.core.record import Entry, EntryKind
from app.ledger import Held
from app.ledger.export import HEADINGS, write_csv, write_jsonl
from tests.ledger.records import NOON, intent_of


def entry_with(**facts: str) -> Entry:
    return Entry("a", EntryKind.STATE, State.ASSIGNED, NOON, facts)


def held_as(*entries: Entry) -> list[Held]:
    return [Held(number, entry, bytes([number]) * 32) for number, entry in enumerate(entries, 1)]


def table(*entries: Entry) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    assert write_csv(held_as(*entries), file) == len(entries)
    file.seek(0)
    return list(csv.DictReader(file))


def test_csv_has_one_row_per_entry_under_its_headings() -> None:
    (row,) = table(intent_of("a"))

    assert tuple(row) == HEADINGS
    assert row["at"] == "2026-11-23T12:00:00.000000+00:00"
    assert row["serial_number"] == "0000123456"
    assert row["person_name"] == "Zoë Ångström 王"


def test_t4_each_line_holds_the_sequence_number_and_the_hash_of_its_entry() -> None:
    first, second = table(intent_of("a"), intent_of("b"))

    assert (first["sequence"], first["hash"]) == ("1", "01" * 32)
    assert (second["sequence"], second["hash"]) == ("2", "02" * 32)
    file = io.StringIO()
    write_jsonl(held_as(intent_of("a")), file)
    told = json.loads(file.getvalue())
    assert (told["sequence"], told["hash"]) == (1, "01" * 32)


def test_facts_without_a_column_are_not_dropped_from_csv() -> None:
    (row,) = table(entry_with(**{"evidence.request-id": "4711"}))

    assert json.loads(row["more"]) == {"evidence.request-id": "4711"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1"])
def test_a_name_that_is_a_formula_is_text_in_csv(name: str) -> None:
    (row,) = table(entry_with(person_name=name))

    assert row["person_name"] == "'" + name


@pytest.mark.parametrize("separator", ",;\t|")
@pytest.mark.parametrize("name", ["Ada;=1+1", "Ada\t=1", "Ada\n=1", "Ada|-1", 'Ada; "@SUM(A1)'])
def test_t8_a_name_is_no_formula_under_any_separator(name: str, separator: str) -> None:
    file = io.StringIO(newline="")
    write_csv(held_as(entry_with(person_name=name), entry_with(**{"evidence.message": name})), file)
    file.seek(0)
    cells = [cell for row in csv.reader(file, delimiter=separator) for cell in row]
    assert not any(cell.lstrip(' "').startswith(("=", "+", "-", "@")) for cell in cells)


def test_half_a_surrogate_pair_does_not_stop_an_export(tmp_path: Path) -> None:
    odd = entry_with(person_name="\ud83d")
    for write in (write_csv, write_jsonl):
        with (tmp_path / "export").open("w", encoding="utf-8", newline="") as file:
            assert write(held_as(odd), file) == 1


def test_an_empty_record_is_a_line_of_headings() -> None:
    assert table() == []


def test_json_lines_keep_every_text_as_it_was() -> None:
    file = io.StringIO()

    assert write_jsonl(held_as(entry_with(person_name="=1+1"), intent_of("b")), file) == 2

    first, second = (json.loads(line) for line in file.getvalue().splitlines())
    assert first["facts"] == {"person_name": "=1+1"}
    assert second["facts"]["person_name"] == "Zoë Ångström 王"
    assert second["kind"] == "intent"
