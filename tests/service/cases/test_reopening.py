"""A mistaken record of death: she is protected again with the first who says that he lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.cases.unheld import Unheld
from service.errors import ConflictError, InvalidError
from service.registry.model import Request
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, SECOND, THIRD, approved, considered
from tests.service.cases.test_reminders import is_stopped
from tests.service.registry.listings import Clock, confirmed, exempt, phones


def test_it_holds_at_once_and_goes_on_by_two_people(cases: Cases, registry: Registry, clock: Clock) -> None:
    case = approved(cases)
    registry.prisoners.move(OFFICER, HIS, "DEC")
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, 1, "he died").id)
    case = cases.end_after_death(OFFICER, case.id, case.version)
    with pytest.raises(ConflictError, match="correct that first"):
        cases.reopen(OFFICER, case.id, case.version, "seen on the wing")
    registry.prisoners.move(OFFICER, HIS, "LEI")
    with pytest.raises(InvalidError):
        cases.reopen(OFFICER, case.id, case.version, " ")
    assert not is_stopped(registry, clock)
    first = cases.reopen(OFFICER, case.id, case.version, "seen on the wing").case
    assert is_stopped(registry, clock)
    assert first.state is CaseState.ENDED
    with pytest.raises(ConflictError, match="second person"):
        cases.reopen(OFFICER, case.id, first.version, "once more")
    now = registry.versions.get(case.id).version
    with pytest.raises(ConflictError):  # nor is it taken back beside the case
        registry.restrictions.withdraw_request(THIRD, case.id, now, case.id, "a slip")
    again = cases.reopen(SECOND, case.id, first.version, "he rang").case
    assert again.state is CaseState.IN_FORCE
    assert cases.why_not_in_force(again) is None
    assert is_stopped(registry, clock)


def test_what_was_agreed_before_he_died_once_more_counts_no_more(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    for _ in range(2):
        registry.prisoners.move(OFFICER, HIS, "DEC")
        now = registry.versions.get(case.id).version
        confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, now, "he died").id)
        if case.state is CaseState.IN_FORCE:
            case = cases.end_after_death(OFFICER, case.id, case.version)
        assert not is_stopped(registry, clock)
        registry.prisoners.move(OFFICER, HIS, "LEI")
        case = cases.reopen(OFFICER, case.id, case.version, "seen on the wing").case
        assert case.state is CaseState.ENDED
        assert is_stopped(registry, clock)
    assert cases.reopen(SECOND, case.id, case.version, "he rang").case.state is CaseState.IN_FORCE


NARROWER: dict[str, dict[str, Any]] = {
    "another number": {"contacts": phones("07700 900999")},
    "where he is": {"scope": "prisoner"},
    "over": {"until": "2026-05-31"},
    "an exception": {"exceptions": exempt(HIS)},
}


@pytest.mark.parametrize("narrower", NARROWER.values(), ids=NARROWER.keys())
def test_what_was_ended_is_narrowed_by_two_people_and_is_not_said_to_be_in_force(
    cases: Cases, registry: Registry, clock: Clock, narrower: dict[str, Any]
) -> None:
    case = approved(cases)
    registry.prisoners.move(OFFICER, HIS, "DEC")
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, 1, "he died").id)
    case = cases.end_after_death(OFFICER, case.id, case.version)
    ended = registry.versions.get(case.id)
    changed = replace(ended.document.restriction, **narrower)
    waits = registry.restrictions.change(
        OFFICER, case.id, ended.version, "by hand", restriction=changed
    ).approval
    assert waits is not None
    assert registry.versions.get(case.id) == ended
    confirmed(registry, SECOND, waits.id)
    registry.prisoners.move(OFFICER, HIS, "LEI")
    for by in (SECOND, THIRD):
        done = cases.reopen(by, case.id, case.version, "seen on the wing")
        case = done.case
        is_told = cases.why_not_in_force(case) is not None
        assert done.holds is not is_told
        assert is_told or is_stopped(registry, clock)
        assert not (is_told and any("is in force again" in one for one in done.warnings))
        assert not is_told or any("stands again, but" in one for one in done.warnings)


def test_what_ended_otherwise_is_not_opened_by_it(cases: Cases) -> None:
    case = considered(cases)
    case = cases.refuse(OFFICER, case.id, case.version, "nobody knows him")
    with pytest.raises(ConflictError, match="record of death"):
        cases.reopen(OFFICER, case.id, case.version, "he lives")


def died(cases: Cases, registry: Registry, case: Case) -> Case:
    """Two people end what he was stopped by, and nobody ends the case."""
    registry.prisoners.move(OFFICER, HIS, "DEC")
    now = registry.versions.get(case.restriction or case.id).version
    asked = registry.restrictions.propose_end(OFFICER, case.restriction or case.id, now, "he died")
    confirmed(registry, SECOND, asked.id)
    return cases.get(OFFICER, case.id)


def received(registry: Registry, place: str) -> None:
    """By an import of everybody, which takes no single step."""
    with registry.journal.write() as connection:
        living = registry.prisoners.receive(connection, "operator:import", {HIS: place}).living
    registry.prisoners.reload()
    registry.prisoners.tell_living("operator:import", living)


LIVING: dict[str, Callable[[Registry], object]] = {
    "moved": lambda registry: registry.prisoners.move(OFFICER, HIS, "LEI"),
    "nobody knows where": lambda registry: registry.prisoners.move(OFFICER, HIS, None),
    "imported": lambda registry: received(registry, "LEI"),
    "he is somebody who lives": lambda registry: (
        registry.prisoners.move(OFFICER, "B2345CD", "LEI"),
        registry.prisoners.merge(OFFICER, HIS, "B2345CD"),
    ),
}


@pytest.mark.parametrize("is_withdrawing", [False, True])
@pytest.mark.parametrize("lives", LIVING.values(), ids=LIVING.keys())
def test_what_nobody_ended_stands_again_as_soon_as_he_is_not_noted_as_having_died(
    cases: Cases,
    registry: Registry,
    clock: Clock,
    lives: Callable[[Registry], object],
    is_withdrawing: bool,
) -> None:
    case = approved(cases)
    if is_withdrawing:
        case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    case = died(cases, registry, case)
    assert not is_stopped(registry, clock)
    lives(registry)
    assert is_stopped(registry, clock)
    now = cases.get(OFFICER, case.id)
    assert now.state is case.state
    assert cases.why_not_in_force(now) is None
    assert not cases.may_reopen(now)
    assert Unheld(registry).of(OFFICER) == []


@pytest.mark.parametrize("is_withdrawing", [False, True])
def test_where_it_does_not_stand_by_itself_whoever_says_that_he_lives_puts_it_back(
    cases: Cases, registry: Registry, clock: Clock, is_withdrawing: bool
) -> None:
    registry.prisoners.lives = None  # as of a database of an earlier version, or a process that was stopped
    case = approved(cases)
    if is_withdrawing:
        case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    case = died(cases, registry, case)
    assert not cases.may_reopen(case)
    with pytest.raises(ConflictError, match="correct that first"):
        cases.reopen(OFFICER, case.id, case.version, "seen on the wing")
    registry.prisoners.move(OFFICER, HIS, "LEI")
    assert cases.may_reopen(case)
    with pytest.raises(ConflictError, match="say on the case that he lives"):
        cases.end_after_death(OFFICER, case.id, case.version)
    done = cases.reopen(OFFICER, case.id, case.version, "seen on the wing")
    assert is_stopped(registry, clock)
    assert done.holds
    assert done.case.state is case.state
    with pytest.raises(ConflictError, match="not taken back past it"):
        cases.reopen(SECOND, case.id, done.case.version, "once more")


def test_a_request_beside_it_is_no_way_around_the_call_and_the_14_days(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    registry.prisoners.lives = None
    case = died(cases, registry, approved(cases))
    registry.prisoners.move(OFFICER, HIS, "LEI")
    restrictions, now = registry.restrictions, registry.versions.get(case.id).version
    restrictions.add_request(OFFICER, case.id, now, Request(id="R2"), "he lives")
    assert is_stopped(registry, clock)
    with pytest.raises(ConflictError, match="put that right there first"):
        restrictions.withdraw_request(OFFICER, case.id, now + 1, "R2", "by hand")
    found = registry.versions.get(case.id)
    narrower = replace(found.document.restriction, contacts=phones("07700 900999"))
    with pytest.raises(ConflictError, match="would be taken off"):
        restrictions.change(OFFICER, case.id, now + 1, "by hand", restriction=narrower)
    cases.reopen(OFFICER, case.id, case.version, "seen on the wing")
    restrictions.withdraw_request(OFFICER, case.id, now + 2, "R2", "it was for the case")
    assert is_stopped(registry, clock)


def test_an_end_that_was_asked_for_and_confirmed_is_no_mistake_of_a_death(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    clock.now += timedelta(days=15)
    case = cases.call_back(SECOND, case.id, case.version, "alone", "no")
    done = cases.end(OFFICER, case.id, case.version, "as she asked")
    assert done.approval is not None
    confirmed(registry, THIRD, done.approval)
    for place in ("DEC", "LEI"):
        registry.prisoners.move(OFFICER, HIS, place)
    assert not is_stopped(registry, clock)
    assert not cases.may_reopen(case)
