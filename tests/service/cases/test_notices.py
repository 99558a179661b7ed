"""Who is still to be told: by the prison where he is, and to whom that is shown."""

from __future__ import annotations

from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.notices import outstanding
from service.ledger.record import Kind
from service.ledger.search import search
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, SECOND, approved

LEEDS, MOORLAND = (
    Principal(f"user:{code}", frozenset({Role.CASE_OFFICER}), frozenset({code}), person=True)
    for code in ("LEI", "MDI")
)


def test_it_follows_the_prisoner_and_leaves_when_he_is_told(cases: Cases, registry: Registry) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    case = approved(cases)
    (one,) = outstanding(cases, LEEDS)["LEI"]
    assert (one.case.id, one.moved_from, one.held_by, one.why_not) == (case.id, None, 0, None)
    registry.prisoners.move(OFFICER, HIS, "MDI")
    assert outstanding(cases, LEEDS) == {}
    (moved,) = outstanding(cases, MOORLAND)["MDI"]
    assert moved.moved_from == "LEI"
    cases.serve(OFFICER, case.id, case.version, "by hand")
    assert outstanding(cases, OFFICER) == {}


def test_why_it_is_held_is_for_who_has_opened_the_case_and_each_look_is_recorded(
    cases: Cases, registry: Registry
) -> None:
    case = approved(cases)
    case = cases.hold_notice(OFFICER, case.id, case.version, "he would know who told")
    case = cases.hold_notice(SECOND, case.id, case.version, "")
    (one,) = outstanding(cases, OFFICER)[None]
    assert (one.held_by, one.held_because) == (2, None)
    cases.view(OFFICER, case, "to decide")
    (one,) = outstanding(cases, OFFICER)[None]
    assert one.held_because == "he would know who told"
    with registry.journal.database.read() as connection:
        seen = search(connection, kind=Kind.VIEW, subject=f"case/{case.id}")
    assert len(seen) == 2


def test_those_who_wait_longest_are_first(cases: Cases) -> None:
    early, late = approved(cases), approved(cases)
    cases.note(OFFICER, early.id, early.version, "rang the wing")
    assert [one.case.id for one in outstanding(cases, OFFICER)[None]] == [early.id, late.id]
