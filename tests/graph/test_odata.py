from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph import odata

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_name_with_an_apostrophe_survives_a_literal() -> None:
    assert odata.literal("O'Brien") == "'O''Brien'"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("mara", '"displayName:mara"'),
        ('say "hi"', '"displayName:say \\"hi\\""'),
        ("back\\slash", '"displayName:back\\\\slash"'),
    ],
)
def test_quotes_and_backslashes_are_escaped_in_a_clause(text: str, clause: str) -> None:
    assert odata.clause("displayName", text) == clause


def test_a_upn_becomes_one_segment() -> None:
    assert odata.segment("a/b#EXT#@c.example") == "a%2Fb%23EXT%23%40c.example"


@given(ANY_TEXT)
def test_whatever_is_in_a_query_comes_out_of_it_again(text: str) -> None:
    query = odata.query_string({"$filter": text, "$top": "5"})
    assert " " not in query
    assert dict(parse_qsl(query, keep_blank_values=True)) == {"$filter": text, "$top": "5"}
    assert query.startswith("$filter=")


@given(ANY_TEXT)
def test_a_literal_ends_only_at_its_end(text: str) -> None:
    inside = odata.literal(text)[1:-1]
    assert inside.replace("''", "").count("'") == 0
    assert inside.replace("''", "'") == text
