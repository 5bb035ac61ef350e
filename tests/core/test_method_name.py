"""How a token is called among a person's sign-in methods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.method_name import (
    FIELDS,
    LONGEST,
    LONGEST_TEMPLATE,
    check_template,
    method_name,
)
from app.core.model import Token

TOKEN = Token("d1", "OT-8659123456", "Token2", "OTPC-P2-i")
TEXTS = st.text(max_size=80)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("", ""),
        ("{model} ...{last}", "OTPC-P2-i ...3456"),
        ("{maker} {model} ({last})", "Token2 OTPC-P2-i (3456)"),
        ("{last}", "3456"),
        ("{{{model}}}", "{OTPC-P2-i}"),
    ],
)
def test_m10_a_name_is_made_of_the_template(template: str, name: str) -> None:
    assert method_name(template, TOKEN) == name


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (Token("", "86590001"), "...0001"),
        (Token("d1", "", "", "T1"), "T1 ..."),
        (Token("d1", "7"), "...7"),
        (Token("d1", ""), ""),
        (Token("d1", "---"), ""),
        (
            Token("d1", "12-34-5/6", "", "Sch\u00fcssel  \u00ae\u00a0\uff21\uff22"),
            "Schussel AB ...3456",
        ),
        (Token("d1", "\u0661\u0662\u0663\u0664", "", "\u4ee4\u724c"), ""),
        (Token("d1", "1234", "", "T\u202e1\n\t\x00"), "T1 ...1234"),
    ],
)
def test_m10_what_is_not_known_or_not_ascii_is_left_out(token: Token, name: str) -> None:
    assert method_name("{model} ...{last}", token) == name


@given(maker=TEXTS, model=TEXTS, serial=TEXTS, fields=st.lists(st.sampled_from(FIELDS), max_size=3))
def test_m10_a_name_is_short_printable_ascii_whatever_the_inventory_says(
    maker: str, model: str, serial: str, fields: list[str]
) -> None:
    template = " ".join(f"{{{each}}}" for each in (*fields, "last"))
    check_template(template)
    name = method_name(template, Token("d1", serial, maker, model))
    assert len(name) <= LONGEST
    assert name.isascii()
    assert name.isprintable()
    assert name == name.strip()


def test_m10_long_names_of_maker_and_model_are_cut_and_the_digits_stay() -> None:
    token = Token("d1", "8659123456", "M" * 90, "N" * 90)
    name = method_name("{maker} {model} ...{last}", token)
    assert len(name) <= LONGEST
    assert name.endswith("N ...3456")
    assert name.startswith("MMMM")


@pytest.mark.parametrize(
    "template",
    [
        "{serial}",
        "{}",
        "{0}",
        "{model",
        "model}",
        "{model!r}",
        "{model:>9}",
        "{model.__class__}",
        "{last[0]}",
        "{MODEL}",
        "model last",
        "{{model}}",
        "{model} \u2026{last}",
        "{model}\n{last}",
        "{model}" + "x" * LONGEST_TEMPLATE,
    ],
)
def test_m10_a_template_that_cannot_be_used_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"it |brace"):
        check_template(template)
