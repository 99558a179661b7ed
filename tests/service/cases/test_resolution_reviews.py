"""What was decided about a shared contact point is told when it is looked at again, and nothing changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.cases.cases import Cases
from service.cases.reminders import AHEAD, Happening, Reminders
from service.errors import InvalidError
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, SECOND, approved
from tests.service.cases.test_resolutions import answers, shared
from tests.service.registry.listings import Clock, confirmed


def test_it_is_told_ahead_and_until_somebody_looked_and_nothing_is_opened_or_closed(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    followed, case = Reminders(registry), approved(cases)
    assert followed.due(OFFICER) == []

    def told() -> list[tuple[str | None, Happening]]:
        found = [(one.case, one.happening) for one in followed.due(OFFICER)]
        assert found == [(one.case, one.happening) for one in Reminders(registry).due(OFFICER)]
        return found

    def day(days: int) -> str:
        return f"{clock() + timedelta(days=days):%Y-%m-%d}"

    done = cases.resolve(OFFICER, case.id, case.version, shared(review=day(AHEAD.days + 5)))
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    assert told() == []
    for _ in range(2):  # ahead, and long overdue
        clock.now += timedelta(days=AHEAD.days + 1)
        assert told() == [(case.id, Happening.RESOLUTION)]
        assert answers(registry, clock) == ["block", "allow", "block"]
    version = done.case.version
    with pytest.raises(InvalidError):
        cases.review_resolution(OFFICER, case.id, version, 0, "they still share it", day(-1))
    went_on = cases.review_resolution(OFFICER, case.id, version, 0, "they still share it", day(90))
    assert told() == []
    assert answers(registry, clock) == ["block", "allow", "block"]
    clock.now += timedelta(days=90)
    assert told() == [(case.id, Happening.RESOLUTION)]
    cases.end_resolution(OFFICER, case.id, went_on.version, 0, "the son is free")
    assert told() == []
