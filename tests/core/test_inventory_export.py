"""An export read back by another program is the inventory, and no cell runs as a formula."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.inventory import Inventory
from app.core.inventory_export import HEADINGS, InventoryForm, texts
from app.core.model import HashFunction, Holder, Token, TokenStatus

USED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def a_token(**facts: str) -> Token:
    return Token(
        device_id="d1",
        serial_number=facts.get("serial", "0012"),
        manufacturer="Token2",
        model="C301-i",
        interval=60,
        hash_function=HashFunction.SHA256,
        status=TokenStatus.ASSIGNED,
        holder=Holder("p1", facts.get("name", "Zoë “Ö” Müller")),
        last_used=USED,
    )


def exported(inventory: Inventory, form: InventoryForm) -> str:
    return "".join(texts(inventory, inventory.rows(), form))


def test_json_keeps_numbers_names_and_what_is_not_known() -> None:
    inventory = Inventory([a_token(), Token("d2", "2")], {"d1": USED})
    first, second = json.loads(exported(inventory, InventoryForm.JSON))
    assert tuple(first) == HEADINGS
    assert first["serial_number"] == "0012"
    assert (first["interval_seconds"], first["status"]) == (60, "assigned")
    assert first["last_used"] == first["waiting_since"] == "2026-11-20T08:30:00Z"
    assert (second["last_used"], second["waiting_since"], second["holder_id"]) == (None, None, "")


def test_csv_has_a_line_of_headings_and_one_per_token() -> None:
    rows = list(csv.DictReader(StringIO(exported(Inventory([a_token()]), InventoryForm.CSV))))
    assert [row["holder_name"] for row in rows] == ["Zoë “Ö” Müller"]
    assert rows[0]["interval_seconds"] == "60"
    assert rows[0]["waiting_since"] == ""


def test_t8_no_cell_of_the_inventory_is_a_formula_where_a_semicolon_separates() -> None:
    text = exported(Inventory([a_token(name="Ada;=1+1\t@SUM(A1)\n=2")]), InventoryForm.CSV)
    for separator in ",;\t|":
        cells = [cell for row in csv.reader(StringIO(text), delimiter=separator) for cell in row]
        assert not any(cell.lstrip(' "').startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.mark.parametrize("form", InventoryForm)
def test_t11_a_name_with_a_line_separator_makes_no_second_line(form: InventoryForm) -> None:
    plain = exported(Inventory([a_token(name="Ada Lovelace")]), form)
    odd = exported(Inventory([a_token(name="Ada\u2028Love\u0085lace\x0b\x0c")]), form)
    assert len(odd.splitlines()) == len(plain.splitlines())
    if form is InventoryForm.JSON:
        assert json.loads(odd)[0]["holder_name"] == "Ada\u2028Love\u0085lace\x0b\x0c"


@pytest.mark.parametrize("form", InventoryForm)
def test_without_tokens_there_is_still_a_file(form: InventoryForm) -> None:
    expected = {
        InventoryForm.CSV: ",".join(f'"{each}"' for each in HEADINGS) + "\r\n",
        InventoryForm.JSON: "[]\n",
    }
    assert exported(Inventory(), form) == expected[form]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@cmd", " =1"])
def test_no_cell_is_left_a_formula(name: str) -> None:
    inventory = Inventory([a_token(name=name)])
    (row,) = csv.DictReader(StringIO(exported(inventory, InventoryForm.CSV)))
    assert row["holder_name"].startswith("'")
    (kept,) = json.loads(exported(inventory, InventoryForm.JSON))
    assert kept["holder_name"] == name


def test_thousands_are_written_in_pieces_that_make_one_file() -> None:
    inventory = Inventory(Token(f"d{n}", f"{n:05}") for n in range(1203))
    for form in InventoryForm:
        pieces = list(texts(inventory, inventory.rows(), form))
        assert len(pieces) > 2
    rows = list(csv.DictReader(StringIO(exported(inventory, InventoryForm.CSV))))
    assert [row["serial_number"] for row in rows] == inventory.serials


@given(st.text(), st.text())
@settings(max_examples=100)
def test_any_text_comes_back_from_json(serial: str, name: str) -> None:
    whole = [each.encode(errors="replace").decode() for each in (serial, name)]
    token = Token("d", whole[0], holder=Holder("p", whole[1]))
    (row,) = json.loads(exported(Inventory([token]), InventoryForm.JSON))
    assert [row["serial_number"], row["holder_name"]] == whole
