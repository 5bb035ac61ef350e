"""The inventory in columns answers as a walk over the tokens themselves would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.history import fold, search_words
from app.core.inventory import WAITS, Column, Inventory, Order, Wanted
from app.core.model import HashFunction, Holder, Token, TokenStatus

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAMES = ("Ada Lovelace", "Björn Åkesson", "O'Brien", "山田 花子", "NGUYỄN Thị", "", "İpek")
PRODUCTS = (("Token2", "C301-i"), ("FEITIAN", "OTP c200"), ("", "Ünïcode"), ("a", "C301-i"))
WORDS = ("8", "86", "ada", "ako", "c301", "nguyen", "obrien", "山田", "ü", "x", "")

moments = st.none() | st.integers(0, 1000).map(lambda days: NOON - timedelta(days=days))
holders = st.none() | st.builds(Holder, st.sampled_from(["", "p1", "p2"]), st.sampled_from(NAMES))


@st.composite
def tokens(draw: st.DrawFn) -> list[Token]:
    count = draw(st.integers(0, 25))
    found = []
    for number in range(count):
        maker, model = draw(st.sampled_from(PRODUCTS))
        token = Token(
            device_id=f"device-{number}",
            serial_number=draw(st.sampled_from(["8659", "86-1", "GAKT12", "aa", ""])),
            manufacturer=maker,
            model=model,
            display_name=draw(st.sampled_from(["", "Ada's token", "x"])),
            interval=draw(st.sampled_from([30, 60])),
            hash_function=draw(st.sampled_from(HashFunction)),
            status=draw(st.sampled_from(TokenStatus)),
            holder=draw(holders),
            last_used=draw(moments),
        )
        found.append(token)
    return found


questions = st.builds(
    Wanted,
    text=st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
    states=st.frozensets(st.sampled_from(TokenStatus), max_size=2),
    model=st.none() | st.sampled_from(PRODUCTS),
    holder=st.sampled_from(["", "ada", "brien", "i"]),
    waits_since=moments,
    unused_since=moments,
)


def fits(token: Token, since: datetime | None, wanted: Wanted) -> bool:
    """The same judgement, by the token itself."""
    holder = token.holder or Holder("")
    told = (token.serial_number, token.display_name, token.manufacturer, token.model)
    hay = "\n".join(fold(words) for words in (*told, holder.display_name))
    waits = since if token.status in WAITS else None
    held = token.holder is not None and bool(holder.id or holder.display_name)
    return (
        all(word in hay for word in search_words(wanted.text))
        and all(word in fold(holder.display_name) for word in search_words(wanted.holder))
        and (not wanted.states or token.status in wanted.states)
        and wanted.model in {None, (token.manufacturer, token.model)}
        and (wanted.waits_since is None or (waits is not None and waits <= wanted.waits_since))
        and (
            wanted.unused_since is None
            or (held and (token.last_used is None or token.last_used < wanted.unused_since))
        )
    )


@given(tokens(), questions, st.builds(Order, st.sampled_from(Column), st.booleans()))
@settings(max_examples=250, deadline=None)
def test_what_is_selected_is_what_fits_and_sorted_as_asked(
    found: list[Token], wanted: Wanted, order: Order
) -> None:
    waiting = {token.device_id: NOON - timedelta(days=n) for n, token in enumerate(found) if n % 2}
    inventory = Inventory(found, waiting)
    expected = [n for n, t in enumerate(found) if fits(t, waiting.get(t.device_id), wanted)]
    assert inventory.select(wanted) == expected
    rows = inventory.select(wanted, order)
    assert sorted(rows) == expected
    whole = inventory.select(Wanted(), order)
    assert rows == [row for row in whole if row in expected]
    turned = Order(order.column, not order.backwards)
    assert whole == list(reversed(inventory.select(Wanted(), turned)))


@given(tokens())
@settings(max_examples=80, deadline=None)
def test_a_row_is_the_token_that_it_was(found: list[Token]) -> None:
    inventory = Inventory(found)
    assert len(inventory) == inventory.count() == len(found)
    for row, token in enumerate(found):
        nobody = token.holder == Holder("")
        expected = token if not nobody else None
        if expected is not None:
            assert inventory.token(row) == expected
        assert inventory.row_of(token.device_id) == row


def tenant(count: int) -> list[Token]:
    return [
        Token(f"d{n}", f"{8659 + n}", "Token2", "C301-i", holder=Holder(f"p{n}", f"Ada {n}"))
        for n in range(count)
    ]


def test_a_word_that_grows_longer_is_looked_for_among_what_was_found() -> None:
    inventory = Inventory(tenant(2000))
    order = Order(Column.SERIAL, backwards=True)
    first = inventory.select(Wanted("ada 19"), order)
    again = inventory.select(Wanted("ada 199"), order, within=first)
    assert again == inventory.select(Wanted("ada 199"), order)
    assert 0 < len(again) < len(first) < len(inventory) / 4


def test_more_than_one_run_is_merged_into_one_order() -> None:
    found = tenant(9000)
    inventory = Inventory(reversed(found))
    inventory.arrange()
    assert inventory.is_arranged()
    rows = inventory.select(Wanted(), Order(Column.SERIAL))
    serials = [inventory.serials[row] for row in rows]
    assert serials == sorted(serials)


def test_rows_of_a_page_come_behind_the_others() -> None:
    found = tenant(7)
    whole, piece = Inventory(found[:4]), Inventory(found[4:])
    whole.arrange()
    whole.append(piece)
    assert not whole.is_arranged()
    assert [whole.token(row) for row in whole.rows()] == found
    assert whole.row_of("d6") == 6


def test_what_this_desk_changes_stands_in_its_row() -> None:
    inventory = Inventory(tenant(3))
    inventory.arrange()
    free = Token("d1", "8660", "Token2", "C301-i", status=TokenStatus.AVAILABLE)
    assert inventory.change(free) == 1
    assert inventory.token(1) == free
    assert inventory.select(Wanted("ada"), Order()) == [0, 2]
    assert inventory.change(Token("unknown", "1")) is None


def test_a_token_that_waits_since_a_change_is_known_to() -> None:
    inventory = Inventory(tenant(1))
    given_out = Token("d0", "8659", status=TokenStatus.ASSIGNED, holder=Holder("p", "Ada"))
    inventory.change(given_out, NOON)
    assert inventory.waits_since(0) == NOON
    assert inventory.select(Wanted(waits_since=NOON)) == [0]


def test_what_is_gone_is_listed_no_more() -> None:
    inventory = Inventory(tenant(3))
    inventory.arrange()
    assert inventory.remove("d1") == 1
    assert inventory.remove("d1") is None
    assert (inventory.count(), len(inventory)) == (2, 3)
    assert inventory.select(Wanted(), Order()) == [0, 2]
    assert inventory.select(Wanted("ada")) == [0, 2]
    assert inventory.select(Wanted(), within=[2, 1, 0]) == [0, 2]
    assert (inventory.row_of("d1"), inventory.place_of("d1")) == (None, 1)
    assert not inventory.is_there(1)


def test_rows_without_a_holder_or_a_use_are_last() -> None:
    used = Token("used", "1", last_used=NOON, holder=Holder("p", "Zoë"))
    never = Token("never", "2")
    for column in (Column.HOLDER, Column.USED):
        rows = Inventory([never, used]).select(Wanted(), Order(column))
        assert rows == [1, 0]


def test_products_are_told_once_each_and_in_order() -> None:
    found = [Token(str(n), "", maker, model) for n, (maker, model) in enumerate(PRODUCTS * 2)]
    assert Inventory(found).products() == (
        ("", "Ünïcode"),
        ("a", "C301-i"),
        ("FEITIAN", "OTP c200"),
        ("Token2", "C301-i"),
    )


@pytest.mark.parametrize(
    "text", ["O'Brien", "plain ascii", "tab\there", "Ünï\x00code", "\ud800x", "a\n\nb"]
)
def test_names_are_found_whatever_letters_they_hold(text: str) -> None:
    token = Token("d", text.encode(errors="replace").decode(), holder=Holder("p", text))
    inventory = Inventory([token])
    words: Sequence[str] = search_words(text)
    assert inventory.select(Wanted(" ".join(words))) == [0]
