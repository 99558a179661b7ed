"""Heightened monitoring: who starts it, how long it holds, and what the list in force makes of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from engine.model import Attempt
from engine.policy import read_policy
from service.access.model import Principal, Role
from service.blocklist.current import Current
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.ledger import search
from service.registry.monitoring import MonitoringVersion
from service.registry.registry import Registry
from service.registry.tables import monitoring_version
from service.storage.rows import ChangedRowError
from tests.service.blocklist.lists import writer_of
from tests.service.cases.asking import OFFICER, REVIEWER, SECOND
from tests.service.registry.listings import ANOTHER, HIS, THIRD, Clock, restriction

WHY = "her brother in law saw him with a telephone"
CASE = "C-22222222"


@pytest.fixture
def current(registry: Registry) -> Current:
    """A list in force that has one restriction of somebody else's."""
    registry.restrictions.create(OFFICER, restriction(prisoner=THIRD))
    made = Current(registry, read_policy(), write_record=writer_of(registry))
    made.refresh()
    return made


def letter(current: Current, clock: Clock, prisoner: str = HIS) -> str:
    """What an ordinary letter is answered now."""
    current.refresh()
    assert current.screener is not None
    to = "Mr J Brown\n7 Quarry Lane\nOtherstead\nQB9 9ZZ"
    attempt = Attempt(id="L1", channel="letter", prisoner=prisoner, establishment="LEI", to=to)
    decision = current.screener.check(attempt, clock())
    return ",".join(reason.code for reason in decision.reasons) or decision.decision


def started(registry: Registry, prisoner: str = HIS, until: str = "2026-06-30") -> None:
    registry.monitorings.start(OFFICER, prisoner, until, WHY, CASE)


def test_it_holds_at_once_and_ends_by_itself(registry: Registry, current: Current, clock: Clock) -> None:
    assert letter(current, clock) == "allow"
    started(registry)
    assert letter(current, clock) == "HEIGHTENED"
    assert letter(current, clock, ANOTHER) == "allow"
    clock.now += timedelta(days=30)
    assert letter(current, clock) == "allow"
    assert not registry.monitorings.of(HIS)


def test_it_is_prolonged_and_ended_by_an_officer_with_a_reason(
    registry: Registry, current: Current, clock: Clock
) -> None:
    started(registry)
    clock.now += timedelta(days=20)
    with pytest.raises(InvalidError, match="say why"):
        registry.monitorings.change(SECOND, HIS, 1, "2026-08-01", " ")
    registry.monitorings.change(SECOND, HIS, 1, "2026-08-01", "he went on")
    clock.now += timedelta(days=30)
    assert letter(current, clock) == "HEIGHTENED"
    with pytest.raises(ConflictError):
        registry.monitorings.end(OFFICER, HIS, 1, "he stopped")
    registry.monitorings.end(OFFICER, HIS, 2, "he stopped")
    assert letter(current, clock) == "allow"
    with pytest.raises(ConflictError):
        registry.monitorings.end(OFFICER, HIS, 3, "he stopped")
    started(registry, until="2026-08-30")
    assert letter(current, clock) == "HEIGHTENED"
    assert [one.version for one in registry.monitorings.history(HIS).versions] == [4, 3, 2, 1]


def test_it_is_for_ninety_days_at_most_and_officers_alone(registry: Registry) -> None:
    monitorings = registry.monitorings
    for until in ("2026-05-31", "2026-08-31", "soon"):
        with pytest.raises(InvalidError):
            started(registry, until=until)
    with pytest.raises(NotAllowedError):
        monitorings.start(REVIEWER, HIS, "2026-06-30", "because", CASE)
    registry.prisoners.move(OFFICER, HIS, "LEI")
    elsewhere = Principal("user:far", frozenset({Role.CASE_OFFICER}), frozenset({"MDI"}), person=True)
    with pytest.raises(NotAllowedError):
        monitorings.start(elsewhere, HIS, "2026-06-30", "because", CASE)
    started(registry)
    with pytest.raises(ConflictError):
        started(registry)


def test_it_holds_for_each_number_of_his(registry: Registry, current: Current, clock: Clock) -> None:
    started(registry)
    assert letter(current, clock, ANOTHER) == "allow"
    registry.prisoners.merge(OFFICER, HIS, ANOTHER)
    assert letter(current, clock, ANOTHER) == letter(current, clock) == "HEIGHTENED"
    assert [one.prisoner for one in registry.monitorings.of(ANOTHER)] == [HIS]
    registry.monitorings.end(OFFICER, HIS, 1, "he stopped")
    assert letter(current, clock, ANOTHER) == letter(current, clock) == "allow"


def test_the_ledger_has_each_change_and_not_why(registry: Registry) -> None:
    started(registry)
    registry.monitorings.change(OFFICER, HIS, 1, "2026-07-10", WHY)
    registry.monitorings.end(OFFICER, HIS, 2, WHY)
    with registry.journal.database.read() as connection:
        found = [row for n in "321" for row in search.search(connection, subject=f"monitoring/{HIS}/{n}")]
    assert [row.outcome for row in found] == ["ended", "changed", "started"]
    assert {row.prisoner for row in found} == {HIS}
    assert WHY not in str(found)


def test_a_change_past_the_service_ends_nothing(registry: Registry, current: Current, clock: Clock) -> None:
    started(registry)
    assert letter(current, clock) == "HEIGHTENED"
    with registry.journal.database.write() as connection:
        connection.execute(update(monitoring_version).values(state="withdrawn"))
    registry.prisoners.move(OFFICER, HIS, "LEI")  # so that it is read again
    assert letter(current, clock) == "HEIGHTENED"
    assert letter(current, clock, ANOTHER) == "STALE_BLOCKLIST"
    with pytest.raises(ChangedRowError):
        registry.monitorings.of(HIS)
    with registry.journal.database.write() as connection:
        connection.execute(delete(monitoring_version))
    fresh = Current(registry, read_policy(), write_record=writer_of(registry))
    assert letter(fresh, clock) == "STALE_BLOCKLIST"


def test_a_kept_list_is_held_to_it(
    registry: Registry, current: Current, clock: Clock, tmp_path: Path
) -> None:
    def following() -> Current:
        return Current(registry, read_policy(), write_record=writer_of(registry), folder=tmp_path)

    first = following()
    assert letter(first, clock) == "allow"
    first.stop()
    first._keep(now=True)
    started(registry)
    second = following()
    assert letter(second, clock) == "HEIGHTENED"
    second._keep(now=True)
    registry.monitorings.end(OFFICER, HIS, 1, "he stopped")
    assert letter(following(), clock) == "allow"


def test_two_who_start_it_at_once_leave_the_first_ones_last_day(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = registry.monitorings.of

    def and_another_is_quicker(prisoner: str) -> list[MonitoringVersion]:
        found = looked(prisoner)
        monkeypatch.undo()
        started(registry)
        return found

    monkeypatch.setattr(registry.monitorings, "of", and_another_is_quicker)
    with pytest.raises(ConflictError, match="meanwhile"):
        registry.monitorings.start(SECOND, HIS, "2026-06-02", WHY, CASE)
    (one,) = registry.monitorings.of(HIS)
    assert one.document.monitoring.until == "2026-06-30"
