"""A mistaken record of death: she is protected again with the first who says that he lives."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from service.cases.cases import Cases
from service.cases.model import CaseState
from service.errors import ConflictError, InvalidError
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
