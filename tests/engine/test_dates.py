"""When a restriction begins and ends: a time that comes twice in autumn keeps it in force longer."""

from datetime import UTC, datetime, timedelta

import pytest

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
