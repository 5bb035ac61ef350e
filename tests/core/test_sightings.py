"""Since when a token waits is remembered by holder, and forgotten when it waits no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import Holder, Token, TokenStatus
from app.core.sightings import Sighting, read, seen, written

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(days=5)


def a_token(holder: str = "ada", status: TokenStatus = TokenStatus.ASSIGNED) -> Token:
    return Token("d1", "1", status=status, holder=Holder(holder) if holder else None)


def test_what_waits_is_seen_since_now_and_from_then_on() -> None:
    first = seen({}, [a_token()], {}, EARLIER)
    assert first == {"d1": Sighting("ada", EARLIER)}
    assert seen(first, [a_token()], {}, NOON) == first


def test_another_holder_begins_anew() -> None:
    before = {"d1": Sighting("ada", EARLIER)}
    assert seen(before, [a_token("ben")], {}, NOON) == {"d1": Sighting("ben", NOON)}


@pytest.mark.parametrize("status", [TokenStatus.ACTIVATED, TokenStatus.AVAILABLE])
def test_what_waits_no_more_is_forgotten(status: TokenStatus) -> None:
    before = {"d1": Sighting("ada", EARLIER)}
    assert seen(before, [a_token(status=status)], {}, NOON) == {}
    assert seen(before, [a_token("")], {}, NOON) == {}


def test_what_the_record_knows_goes_before_what_was_seen() -> None:
    record = {"d1": Sighting("ada", EARLIER)}
    assert seen({}, [a_token()], record, NOON) == record
    assert seen({}, [a_token("ben")], record, NOON) == {"d1": Sighting("ben", NOON)}


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.builds(
            Sighting,
            st.text(),
            st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware
                lambda at: at.replace(microsecond=0, tzinfo=UTC)
            ),
        ),
    )
)
def test_what_is_kept_is_read_back(found: dict[str, Sighting]) -> None:
    assert read(written(found)) == found


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"form": 2}', '{"form": 1}', '{"form": 1, "waiting": {"d": ["p", "x"]}}'],
)
def test_a_damaged_memory_is_no_memory(text: str) -> None:
    assert read(text) == {}
