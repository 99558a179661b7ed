"""When a restriction is in force, and which day a moment is: one of the UK, whose clocks change.

Times are ISO 8601; a date alone is the whole day in UK time.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


class Between(NamedTuple):
    """A moment that is known no better than this, since clocks that should tell the same do not."""

    at: datetime
    """By the clock of whoever asks."""
    earliest: datetime
    latest: datetime


When = datetime | Between
"""A moment, with its time zone."""


def starts(text: str) -> datetime:
    """The first instant of an ISO 8601 date or time. Raises ValueError when it is neither."""
    if len(text) <= 10:
        return datetime.combine(date.fromisoformat(text), time.min, UK)
    return _aware(datetime.fromisoformat(text))


def ends(text: str) -> datetime:
    """The instant at which a period that runs up to and including `text` is over. Raises ValueError.

    Of a time that comes twice, when the clocks go back, it is the later one: the restriction holds longer.
    """
    if len(text) <= 10:
        day = date.fromisoformat(text)
        if day == date.max:
            return datetime.max.replace(tzinfo=UTC)
        return datetime.combine(day + timedelta(days=1), time.min, UK)
    return _aware(datetime.fromisoformat(text), fold=1)


def in_force(since: str | None, until: str | None, at: When) -> bool:
    """Whether `at` lies from `since` up to the end of `until`; None is without end. What may be in force is:
    it begins by the latest that it may be, and ends by the earliest."""
    earliest, latest = (at.earliest, at.latest) if isinstance(at, Between) else (at, at)
    if since is not None and latest < starts(since):
        return False
    return until is None or earliest < ends(until)


def surely_in_force(since: str | None, until: str | None, at: When) -> bool:
    """Whether it is, whichever of the clocks is right."""
    if not isinstance(at, Between):
        return in_force(since, until, at)
    return in_force(since, until, at.earliest) and in_force(since, until, at.latest)


def day_of(moment: datetime | str) -> date:
    """The UK day of a moment (with its time zone), or of an ISO 8601 date or time. Raises ValueError."""
    return (starts(moment) if isinstance(moment, str) else moment).astimezone(UK).date()


def later(moment: datetime, days: timedelta) -> datetime:
    """So many UK days behind a moment, at the same time of day there: its day is so many days later."""
    return (moment.astimezone(UK) + days).astimezone(UTC)


def shown(day: datetime | date | str | None) -> str:
    """A UK day as people type and read it, `27/3/2026`; what is no date or time stays as it is."""
    try:
        one = day_of(day) if isinstance(day, datetime | str) else day
    except (ValueError, OverflowError):
        return str(day)
    return f"{one.day}/{one.month}/{one.year}" if one else ""


def _aware(moment: datetime, fold: int = 0) -> datetime:
    """In UK time where it has no zone. `fold` 1 takes the later of two that a clock shows in autumn."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UK, fold=fold)
