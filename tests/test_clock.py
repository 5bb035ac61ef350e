"""Local time of any moment, also of those that Windows does not convert."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import local, midnight


@pytest.fixture(params=["Europe/Berlin", "Pacific/Kiritimati", "America/Adak"])
def _zone(request: pytest.FixtureRequest) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("needs tzset, to change the time zone of a process; Windows has no such call")
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


ODD = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1601, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 30, 12, tzinfo=UTC),
    datetime(3001, 1, 19, 7, 59, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("moment", ODD, ids=str)
def test_every_moment_has_a_local_time_that_is_the_same_moment(moment: datetime) -> None:
    assert local(moment) == moment


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("moment", ODD, ids=str)
def test_every_day_begins(moment: datetime) -> None:
    begins = midnight(moment.date())
    assert begins.tzinfo is not None
    assert (begins.date(), begins.hour) == (moment.date(), 0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_local_time_never_raises(moment: datetime) -> None:
    assert local(moment) == moment


@given(st.dates())
def test_the_next_day_begins_about_a_day_later(day: date) -> None:
    if day < date.max:
        between = midnight(day + timedelta(days=1)) - midnight(day)
        assert timedelta(hours=20) <= between <= timedelta(hours=28)
