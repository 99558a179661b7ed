"""When a restriction begins and ends: a time that comes twice in autumn keeps it in force longer. And which
day a moment is, on both sides of midnight and of the clocks' changes."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import dates


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-10-25T01:30", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T01:30+01:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25", datetime(2026, 10, 26, tzinfo=UTC)),
        ("2026-07-01T01:30", datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_of_an_hour_that_comes_twice_the_later_one_is_the_end(text: str, end: datetime) -> None:
    assert dates.ends(text).astimezone(UTC) == end
    assert dates.in_force(None, text, end.astimezone(UTC) - timedelta(seconds=1))
    assert not dates.in_force(None, text, end)


def test_of_an_hour_that_comes_twice_the_earlier_one_is_the_beginning() -> None:
    assert dates.starts("2026-10-25T01:30").astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
MIDNIGHTS = [
    datetime(2026, 7, 1, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    datetime(2026, 6, 30, 23, tzinfo=UTC),
]
NEAR = st.builds(
    lambda at, seconds, hours: (at + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours))),
    st.sampled_from([*CHANGES, *MIDNIGHTS]),
    st.integers(-100_000, 100_000),
    st.integers(-12, 14),
)
"""Moments about each midnight and each change of the clocks, as any zone tells them."""


@given(NEAR)
def test_a_moment_is_of_the_one_day_that_has_begun_and_is_not_over(moment: datetime) -> None:
    day = dates.day_of(moment)
    assert dates.starts(str(day)) <= moment < dates.ends(str(day))
    assert dates.day_of(moment.isoformat()) == day
    assert dates.shown(moment) == dates.shown(moment.isoformat()) == dates.shown(str(day)) == dates.shown(day)


@given(NEAR, st.integers(-400, 400))
def test_days_later_is_that_many_days_of_the_uk_later(moment: datetime, days: int) -> None:
    later = dates.later(moment, timedelta(days=days))
    assert dates.day_of(later) == dates.day_of(moment) + timedelta(days=days)
    assert abs(later - moment - timedelta(days=days)) <= timedelta(hours=1)


def test_half_an_hour_after_a_midnight_in_summer_is_the_new_day() -> None:
    moment = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    assert dates.day_of(moment) == date(2027, 7, 1)
    assert dates.shown(moment) == "1/7/2027"
    assert [dates.shown(one) for one in (None, "", "soon", "2027-03-07")] == ["", "", "soon", "7/3/2027"]
