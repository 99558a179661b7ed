"""When the next step is due: in working days of England and Wales, by the clock on the wall there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.cases.model import CaseState
from service.cases.rules import BankHolidays, due

RECEIVED = CaseState.RECEIVED


@pytest.mark.parametrize(
    ("urgency", "now", "expected"),
    [
        ("today", "2026-11-27T09:00", "2026-11-27T17:00"),
        ("today", "2026-11-27T17:30", "2026-11-30T17:00"),  # a Friday evening
        ("today", "2026-11-28T09:00", "2026-11-30T17:00"),
        ("soon", "2026-12-24T09:00", "2026-12-29T17:00"),  # Boxing Day is a Saturday: the Monday is free
        ("usual", "2026-12-23T09:00", "2027-01-04T17:00"),
        ("usual", "2026-06-01T09:00", "2026-06-08T16:00"),  # in summer time
        ("usual", "2026-12-31T09:00", "2027-01-08T17:00"),  # over the year's end
    ],
)
def test_what_is_due_when(urgency: str, now: str, expected: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert due(RECEIVED, urgency, at, BankHolidays()) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_nothing_is_due_where_nothing_is_to_be_done() -> None:
    assert due(CaseState.ENDED, "today", datetime(2026, 11, 27, 9, tzinfo=UTC), ()) is None
