"""A case with a court's order ends when that is recorded as discharged, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from service.cases.cases import Cases
from service.cases.model import Case, CaseState, Correction
from service.errors import ConflictError, InvalidError
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.cases.test_reminders import is_stopped
from tests.service.registry.listings import NUMBER, Clock, confirmed, phones

ORDER = "Restraining order, Ambermouth, until 1 January 2099"


def to_be_ended(cases: Cases, case: Case, clock: Clock) -> Case:
    """Fifteen days after somebody asked, and called back."""
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    clock.now += timedelta(days=15)
    return cases.call_back(SECOND, case.id, case.version, "alone", "no")


def discharged(registry: Registry, id_: str) -> None:
    found = registry.versions.get(id_)
    without = replace(found.document.restriction, court_order=None)
    done = registry.restrictions.change(OFFICER, id_, found.version, "the court wrote", restriction=without)
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval.id)


def test_no_end_before_its_order_is_discharged_by_two_people(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = to_be_ended(cases, approved(cases, asked(court_order=ORDER)), clock)
    with pytest.raises(ConflictError, match="court's order"):
        cases.end(OFFICER, case.id, case.version, "as she asked")
    assert cases.order_of(case) == ORDER
    discharged(registry, case.id)
    assert cases.order_of(case) is None
    done = cases.end(OFFICER, case.id, case.version, "as she asked")
    assert done.approval is not None
    confirmed(registry, THIRD, done.approval)
    assert cases.end(OFFICER, case.id, case.version, "as she asked").case.state is CaseState.ENDED
    assert not is_stopped(registry, clock)


@pytest.mark.parametrize("is_first", [True, False])
def test_the_request_that_came_with_it_does_not_end_behind_another_and_the_last_one_neither(
    cases: Cases, registry: Registry, clock: Clock, is_first: bool
) -> None:
    orders = (ORDER, "") if is_first else ("", ORDER)
    first = approved(cases, asked(court_order=orders[0]))
    second = considered(cases, asked(court_order=orders[1]))
    second = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[2]).case
    mine, other = (first, second) if is_first else (second, first)
    ordered = to_be_ended(cases, mine, clock)
    with pytest.raises(ConflictError, match="court's order"):
        cases.end(OFFICER, ordered.id, ordered.version, "as she asked")
    free = to_be_ended(cases, other, clock)
    assert cases.end(OFFICER, free.id, free.version, "as she asked").case.state is CaseState.ENDED
    assert is_stopped(registry, clock)


def test_a_last_day_goes_where_an_order_comes_and_a_discharged_one_does_not_come_back(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = approved(cases)
    found = registry.versions.get(first.id)
    until = f"{clock() + timedelta(days=60):%Y-%m-%d}"
    last = replace(found.document.restriction, until=until)
    waits = registry.restrictions.change(OFFICER, first.id, 1, "for a time", restriction=last).approval
    assert waits is not None
    confirmed(registry, SECOND, waits.id)
    second = considered(cases, asked(court_order=ORDER))
    second = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[2]).case
    assert registry.versions.get(first.id).document.restriction.until is None
    discharged(registry, first.id)
    case = to_be_ended(cases, second, clock)
    cases.end(OFFICER, case.id, case.version, "as she asked")
    kept = registry.versions.get(first.id).document.restriction
    assert not kept.has_court_order


def test_what_was_wrong_goes_by_two_people_while_the_order_stands(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases, asked(court_order=ORDER))
    wrong = Correction(kind="phone", old=NUMBER, new="07700 900456", because="she said so")
    done = cases.correct(OFFICER, case.id, case.version, wrong)
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    listed = registry.versions.get(case.id).document.restriction
    assert [one.value for one in listed.contacts] == ["07700 900456"]
    assert listed.court_order == ORDER
    taken = replace(listed, contacts=(), court_order=ORDER)
    with pytest.raises((ConflictError, InvalidError)):
        registry.restrictions.change(OFFICER, case.id, 3, "no reason", restriction=taken)
    other = replace(listed, contacts=phones("07700 900789"))
    with pytest.raises(ConflictError):
        registry.restrictions.change(OFFICER, case.id, 3, "no reason", restriction=other)
