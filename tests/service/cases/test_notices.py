"""Who is still to be told: by the prison where he is, and to whom that is shown."""

from __future__ import annotations

import pytest

from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.notices import Notices
from service.ledger.record import Kind
from service.ledger.search import search
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, SECOND, approved

LEEDS, MOORLAND = (
    Principal(f"user:{code}", frozenset({Role.CASE_OFFICER}), frozenset({code}), person=True)
    for code in ("LEI", "MDI")
)


@pytest.fixture
def notices(cases: Cases, registry: Registry) -> Notices:
    """Nothing was looked at yet."""
    return Notices(cases, registry)


def test_it_follows_the_prisoner_and_leaves_when_he_is_told(
    cases: Cases, notices: Notices, registry: Registry
) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    case = approved(cases)
    (one,) = notices.outstanding(LEEDS).prisons["LEI"]
    assert (one.case.id, one.moved_from, one.held_by, one.why_not) == (case.id, None, 0, None)
    registry.prisoners.move(OFFICER, HIS, "MDI")
    assert notices.outstanding(LEEDS).prisons == {}
    (moved,) = notices.outstanding(MOORLAND).prisons["MDI"]
    assert moved.moved_from == "LEI"
    cases.serve(OFFICER, case.id, case.version, "by hand")
    assert notices.outstanding(OFFICER).prisons == {}


def test_why_it_is_held_is_for_who_has_opened_the_case_and_each_look_is_recorded(
    cases: Cases, notices: Notices, registry: Registry
) -> None:
    case = approved(cases)
    case = cases.hold_notice(OFFICER, case.id, case.version, "he would know who told")
    case = cases.hold_notice(SECOND, case.id, case.version, "")
    (one,) = notices.outstanding(OFFICER).prisons[None]
    assert (one.held_by, one.held_because) == (2, None)
    cases.view(OFFICER, case, "to decide")
    (one,) = notices.outstanding(OFFICER).prisons[None]
    assert one.held_because == "he would know who told"
    with registry.journal.database.read() as connection:
        seen = search(connection, kind=Kind.VIEW, subject=f"case/{case.id}")
    assert len(seen) == 2


def test_those_who_wait_longest_are_first(cases: Cases, notices: Notices) -> None:
    early, late = approved(cases), approved(cases)
    cases.note(OFFICER, early.id, early.version, "rang the wing")
    assert [one.case.id for one in notices.outstanding(OFFICER).prisons[None]] == [early.id, late.id]


def test_a_page_goes_on_behind_the_one_before_it_and_counts_all(cases: Cases, notices: Notices) -> None:
    made = [approved(cases).id for _ in range(5)]
    found, after, pages = [], None, 0
    while pages == 0 or after is not None:
        pages += 1
        page = notices.outstanding(OFFICER, after=after, limit=2)
        assert page.counts == {None: 5}
        found += [one.case.id for one in page.prisons[None]]
        after = page.next
    assert (sorted(found), pages) == (sorted(made), 3)
    told = cases.get(OFFICER, made[0])
    cases.serve(OFFICER, told.id, told.version, "by hand")
    assert notices.outstanding(OFFICER, prison="LEI").prisons == {}
    assert notices.outstanding(OFFICER).counts == {None: 4}
