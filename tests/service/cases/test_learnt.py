"""What a report learnt that contact went by: it stays stopped while the report is looked into."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.cases.cases import Cases
from service.cases.model import Case
from service.errors import ConflictError
from service.registry.registry import Registry
from tests.service.cases.asking import HERS, HIS, OFFICER, SECOND, THIRD, approved, asked
from tests.service.registry.listings import Clock, confirmed, exempt, phones

LEARNT = "07700 900777"


def looked_into(cases: Cases) -> tuple[Case, Case]:
    """A case that is in force, and a report that learnt a number."""
    case = approved(cases)
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "he rang again")
    report = cases.confirm_prisoner(OFFICER, report.id, report.version, HIS, "his number")
    report = cases.link(OFFICER, report.id, report.version, case.id)
    return case, cases.learn(OFFICER, report.id, report.version, phones(LEARNT)).case


TAKEN: dict[str, dict[str, Any]] = {
    "the number": {"contacts": HERS},
    "another one in its place": {"contacts": (*HERS, *phones("07700 900778"))},
    "its prisoner": {"prisoner": "B2345CD"},
    "the whole estate": {"scope": "prisoner"},
    "for now": {"from_": "2099-01-01"},
    "a last day": {"until": "2026-12-31"},
    "an exception": {"exceptions": exempt(HIS, LEARNT)},
}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN.keys())
@pytest.mark.parametrize("is_hers", [False, True])
def test_while_the_report_is_open_nothing_takes_it_off_and_then_two_people_may(
    cases: Cases, registry: Registry, taken: dict[str, Any], is_hers: bool
) -> None:
    case, report = looked_into(cases)
    if not is_hers:  # nor does it need a case
        registry.restrictions.guard = lambda before, after, people: cases.require_learnt_stays(before, after)
    found = registry.versions.get(case.id)
    changed = replace(found.document.restriction, **taken)

    def change() -> None:
        done = registry.restrictions.change(OFFICER, case.id, found.version, "by hand", restriction=changed)
        assert done.approval is not None
        confirmed(registry, SECOND, done.approval.id)

    with pytest.raises(ConflictError, match=report.id if not is_hers else "looked into|stands behind"):
        change()
    assert registry.versions.get(case.id) == found
    closed = cases.close(OFFICER, report.id, report.version, outcome="a cousin", route="call")
    if is_hers and "contacts" not in taken:
        return
    change()
    is_gone = "contacts" in taken
    assert [LEARNT in one for one in cases.learnt_gone(closed)] == [True] * is_gone


def test_what_was_asked_for_before_is_not_confirmed_while_it_is_looked_into(
    cases: Cases, registry: Registry
) -> None:
    case, report = looked_into(cases)
    closed = cases.close(OFFICER, report.id, report.version, outcome="a cousin", route="call")
    assert cases.learnt_gone(closed) == []
    found = registry.versions.get(case.id)
    less = replace(found.document.restriction, contacts=HERS)
    waits = registry.restrictions.change(OFFICER, case.id, found.version, "no", restriction=less).approval
    assert waits is not None
    cases.look_into_again(SECOND, report.id, closed.version, "it goes on")
    with pytest.raises(ConflictError, match="close it first"):
        confirmed(registry, SECOND, waits.id)


def test_her_request_ends_when_the_report_is_closed_and_a_death_ends_it_all(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case, report = looked_into(cases)
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    clock.now += timedelta(days=15)
    case = cases.call_back(SECOND, case.id, case.version, "alone", "no")
    with pytest.raises(ConflictError, match=f"{report.id} is looked into"):
        cases.end(OFFICER, case.id, case.version, "as she asked")
    cases.close(OFFICER, report.id, report.version, outcome="a cousin", route="call")
    done = cases.end(OFFICER, case.id, case.version, "as she asked")
    assert done.approval is not None
    cases.look_into_again(SECOND, report.id, report.version + 1, "it goes on")
    with pytest.raises(ConflictError, match="close it first"):
        confirmed(registry, THIRD, done.approval)
    registry.prisoners.move(OFFICER, HIS, "DEC")
    now = registry.versions.get(case.id).version
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, now, "he died").id)
    assert not registry.versions.get(case.id).document.stands
