"""A court's order: nothing ends before it does, unless it was recorded as discharged or varied first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.errors import ConflictError, InvalidError
from service.registry import court_orders
from service.registry.model import Request
from service.registry.registry import Registry
from service.registry.widening import wider
from tests.service.cases.asking import OFFICER, SECOND
from tests.service.registry.listings import HIS, NUMBER, Clock, confirmed, exempt, phones, restriction

ORDER = "Restraining order, Ambermouth, until 1 January 2099"
OTHER = "07700 900999"
NARROWER: dict[str, dict[str, Any]] = {
    "a contact point": {"contacts": phones(OTHER)},
    "a last day": {"until": "2026-12-31"},
    "for now": {"from_": "2099-01-01"},
    "the whole estate": {"scope": "prisoner"},
    "a prisoner": {"prisoner": "B2345CD"},
    "a name": {"protected": replace(restriction().protected, name="Somebody Else")},
}


def changed(registry: Registry, reason: str = "by hand", **parts: Any) -> None:
    """By two people."""
    found = registry.versions.get("R1")
    after = replace(found.document.restriction, **parts)
    done = registry.restrictions.change(OFFICER, "R1", found.version, reason, restriction=after)
    if done.approval is not None:
        confirmed(registry, SECOND, done.approval.id)


@pytest.mark.parametrize("order", [ORDER, True, {}, {"text": ORDER, "until": "2099-01-01"}])
@pytest.mark.parametrize("narrower", NARROWER.values(), ids=NARROWER.keys())
def test_nothing_is_taken_before_it_and_after_two_people_recorded_its_end_it_is(
    registry: Registry, order: Any, narrower: dict[str, Any]
) -> None:
    registry.restrictions.create(OFFICER, restriction(court_order=order))
    for one in (narrower, {**narrower, "court_order": None}):
        with pytest.raises(ConflictError, match="court's order"):
            changed(registry, **one)
    with pytest.raises(ConflictError, match="court's order"):
        registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "as asked")
    assert registry.restrictions.held_up(OFFICER.id, ["R1"], "not in the file").keys() == {"R1"}
    with pytest.raises(InvalidError, match="where it is known from"):
        changed(registry, " ", court_order=None)
    changed(registry, "discharged on 1 June, letter of the court", court_order=None)
    changed(registry, **narrower)
    now = registry.versions.get("R1").version
    end = registry.restrictions.withdraw_request(OFFICER, "R1", now, "1", "as asked").approval
    assert end is not None
    confirmed(registry, SECOND, end.id)
    assert not registry.versions.get("R1").document.stands


def test_of_one_whose_last_day_is_known_what_ends_then_or_later_may(registry: Registry, clock: Clock) -> None:
    last = f"{clock() + timedelta(days=20):%Y-%m-%d}"
    registry.restrictions.create(OFFICER, restriction(court_order={"text": ORDER, "until": last}))
    changed(registry, until=last)
    with pytest.raises(ConflictError, match="court's order"):
        changed(registry, until=f"{clock() + timedelta(days=19):%Y-%m-%d}")
    with pytest.raises(InvalidError, match="goes on for longer"):
        changed(registry, court_order={"text": ORDER, "until": "2099-01-01"})
    late = restriction("R2", until=last, court_order={"until": "2099-01-01"})
    with pytest.raises(InvalidError, match="goes on for longer"):
        registry.restrictions.create(OFFICER, late)
    clock.now += timedelta(days=21)
    assert not court_orders.holds(registry.versions.get("R1").document.restriction, clock())


def test_what_is_waiting_when_an_order_is_made_is_not_confirmed(registry: Registry) -> None:
    registry.restrictions.create(OFFICER, restriction())
    end = registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "as asked").approval
    assert end is not None
    changed(registry, court_order=ORDER)
    with pytest.raises(ConflictError):
        confirmed(registry, SECOND, end.id)


def test_an_order_is_varied_by_two_people_and_by_that_alone(registry: Registry, clock: Clock) -> None:
    registry.restrictions.create(OFFICER, restriction(court_order=ORDER))
    found = registry.versions.get("R1")
    varied = replace(found.document.restriction, court_order="Varied: letters alone")
    waits = registry.restrictions.change(OFFICER, "R1", 1, "the court", restriction=varied).approval
    assert waits is not None
    assert waits.loosens == (court_orders.VARIED,)
    more = replace(found.document.restriction, court_order=f"{ORDER}\nIts number is 7")
    assert registry.restrictions.change(OFFICER, "R1", 1, "the court", restriction=more).approval is None


def test_an_exception_is_none_of_it_but_not_together_with_its_end(registry: Registry) -> None:
    registry.restrictions.create(OFFICER, restriction(court_order=ORDER))
    changed(registry, exceptions=exempt(HIS, NUMBER))
    with pytest.raises(ConflictError, match="court's order"):
        changed(registry, court_order=None, exceptions=exempt("B2345CD", NUMBER))


def test_a_death_ends_it_all_the_same(registry: Registry) -> None:
    registry.restrictions.create(OFFICER, restriction(court_order=ORDER), Request(id="1"))
    registry.prisoners.move(OFFICER, HIS, "DEC")
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, "R1", 1, "he died").id)
    assert not registry.versions.get("R1").document.stands


@pytest.mark.parametrize("old", [None, True, {}, "First", {"court": "Ambermouth", "until": "2027-01-01"}])
@pytest.mark.parametrize("new", [None, True, "Second", {"text": "Second", "until": "2026-08-01"}])
@pytest.mark.parametrize("until", [None, "2026-07-01"])
def test_two_orders_are_one_of_which_neither_says_less_nor_is_over_sooner(
    old: Any, new: Any, until: str | None
) -> None:
    before = restriction(court_order=old, until=until)
    both = wider(before, (), (), (), new)
    assert list(court_orders.lessened(before, both)) == []
    assert court_orders.over(both.court_order) >= court_orders.over(new) or not new
    if isinstance(new, str) and old is not None:
        assert "Second" in str(both.court_order)
    assert both.until in (None, until)
    assert both.until is None or both.court_order == old


def test_the_last_day_is_what_an_object_says_as_a_day() -> None:
    told = [{"until": "2099-01-01"}, {"until": "soon"}, {"until": 7}, {}, True, "until 2099-01-01"]
    assert [court_orders.last_day(one) for one in told] == ["2099-01-01", *[None] * 5]
    assert not court_orders.holds(restriction(), Clock()())
