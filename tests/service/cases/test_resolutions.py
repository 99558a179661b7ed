"""A shared number or address: whom the resolution names may use it once two agree, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact
from engine.policy import read_policy
from engine.screener import Screener
from service.cases.cases import Cases
from service.cases.model import Case, Resolution
from service.cases.resolutions import HIMSELF, OTHERS, ResolutionState
from service.errors import ConflictError, InvalidError
from service.public.asked import Protected
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered
from tests.service.registry.listings import ANOTHER, NUMBER, THIRD, Clock, confirmed, entry


def phone(value: str) -> Contact:
    return Contact(kind="phone", value=value)


def shared(**changed: Any) -> Resolution:
    """Her sister's number as well, who has a son in prison."""
    fields: dict[str, Any] = {
        "contact": NUMBER,
        "way": "named_exception",
        "prisoner": ANOTHER,
        "whose": "her sister Ann, mother of this prisoner",
        "because": "they share the house",
        "review": "2027-01-01",
    }
    return Resolution(**{**fields, **changed})


def answers(registry: Registry, clock: Clock, to: str = NUMBER, channel: Any = "call") -> list[str]:
    """What he, the one named and a third one are answered."""
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    screener = Screener(compile_blocklist(listed), read_policy())
    attempts = [
        Attempt(id=who, channel=channel, prisoner=who, establishment="LEI", to=to)
        for who in (HIS, ANOTHER, THIRD)
    ]
    return [screener.check(one, clock()).decision for one in attempts]


def states(cases: Cases, case: Case) -> list[ResolutionState]:
    return cases.resolution_states(cases.get(OFFICER, case.id))


def test_whom_it_names_may_ring_once_a_second_person_agrees_and_nobody_else(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    done = cases.resolve(OFFICER, case.id, case.version, shared())
    assert done.approval is not None
    assert (answers(registry, clock), states(cases, case)) == (["block"] * 3, [ResolutionState.WAITS])
    confirmed(registry, SECOND, done.approval)
    assert answers(registry, clock) == ["block", "allow", "block"]
    assert states(cases, case) == [ResolutionState.HOLDS]
    (exception,) = registry.versions.get(case.id).document.restriction.exceptions
    assert exception.note is not None
    assert case.id in exception.note
    assert "review on 2027-01-01" in exception.note
    ended = cases.end_resolution(OFFICER, case.id, done.case.version, 0, "the son is free")
    assert (answers(registry, clock), states(cases, case)) == (["block"] * 3, [ResolutionState.ENDED])
    with pytest.raises(ConflictError):
        cases.end_resolution(OFFICER, case.id, ended.version, 0, "again")


def test_a_close_relative_at_her_address_may_be_written_to_and_she_may_not(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    home = Contact(kind="address", value="7 Larkmead Road, Northmarch, LS1 4AB")
    case = considered(cases, contacts=(home,))
    case = cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case
    to_mother = "Ida Blackmere\n7 Larkmead Road\nNorthmarch\nLS1 4AB"
    assert answers(registry, clock, to_mother, "letter")[0] == "block"
    relative = shared(contact=home.value, way="close_relative", prisoner=HIS, whose="his mother Ida")
    done = cases.resolve(OFFICER, case.id, case.version, relative)
    assert HIMSELF in done.warnings
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    assert answers(registry, clock, to_mother, "letter")[0] == "allow"
    to_her = to_mother.replace("Ida Blackmere", "Maren Thistlewood")
    assert answers(registry, clock, to_her, "letter")[0] != "allow"
    assert answers(registry, clock, to_her, "letter")[1:] == ["block", "block"]


@pytest.mark.parametrize("way", ["supervised", "another_number"])
def test_what_lets_nothing_through_is_kept_at_once(
    cases: Cases, registry: Registry, clock: Clock, way: str
) -> None:
    case = approved(cases)
    done = cases.resolve(OFFICER, case.id, case.version, shared(way=way, prisoner=""))
    assert done.approval is None
    assert (answers(registry, clock), states(cases, case)) == (["block"] * 3, [ResolutionState.STOPPED])


def test_refused_or_ended_before_it_is_confirmed_it_lets_nothing_through(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    first = cases.resolve(OFFICER, case.id, case.version, shared())
    assert first.approval is not None
    registry.approvals.refuse(SECOND, first.approval)
    assert states(cases, case) == [ResolutionState.GONE]
    again = cases.resolve(OFFICER, case.id, first.case.version, shared())
    assert again.approval is not None
    cases.end_resolution(OFFICER, case.id, again.case.version, 1, "by slip")
    registry.approvals.view(SECOND, again.approval, "to decide")
    with pytest.raises(ConflictError):
        registry.approvals.confirm(SECOND, again.approval)
    assert answers(registry, clock) == ["block"] * 3


def test_tried_again_after_a_crash_it_asks_once(
    cases: Cases, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*of: object) -> Case:
        raise OSError("power")

    case = approved(cases)
    with monkeypatch.context() as broken:
        broken.setattr(Cases, "_next", power_cut)
        with pytest.raises(OSError, match="power"):
            cases.resolve(OFFICER, case.id, case.version, shared())
    done = cases.resolve(OFFICER, case.id, case.version, shared())
    assert [one.id for one in registry.approvals.list(subject=case.id)] == [done.approval]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"contact": "07700 900999"}, "shared"),
        ({"contact": ""}, "shared"),
        ({"contact": "nobody"}, "shared"),
        ({"prisoner": "his brother"}, "exempted"),
        ({"whose": " "}, "whose"),
        ({"because": ""}, "shared_because"),
        ({"review": ""}, "shared_review"),
        ({"review": "2026-05-01"}, "shared_review"),
    ],
)
def test_what_is_missing_is_told(
    cases: Cases, registry: Registry, changed: dict[str, str], field: str
) -> None:
    case = approved(cases)
    with pytest.raises(InvalidError) as refused:
        cases.resolve(OFFICER, case.id, case.version, shared(**changed))
    assert refused.value.field == field
    assert registry.approvals.list() == []


def test_before_it_is_in_force_there_is_nothing_to_resolve(cases: Cases) -> None:
    case = considered(cases, asked())
    with pytest.raises(ConflictError):
        cases.resolve(OFFICER, case.id, case.version, shared())


def test_nobody_joins_a_restriction_of_which_an_exception_lets_him_reach_her(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    done = cases.resolve(OFFICER, case.id, case.version, shared(prisoner=HIS))
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    assert answers(registry, clock)[0] == "allow"
    sister = Protected(name="Ann Thistlewood", numbers=(NUMBER,))
    second = considered(cases, asked("UPC-3333-3333", person=sister), (phone("+44 7700 900 123 (home)"),))
    with pytest.raises(InvalidError, match="make a new one"):
        cases.join(OFFICER, second.id, second.version, case.id, PATHWAYS[2])
    cases.approve(OFFICER, second.id, second.version, PATHWAYS[2])
    assert answers(registry, clock) == ["block"] * 3


def test_an_exception_is_told_on_every_case_on_which_it_was_not_decided(
    cases: Cases, registry: Registry
) -> None:
    case = approved(cases)
    second = considered(cases, asked("UPC-3333-3333"))
    second = cases.join(OFFICER, second.id, second.version, case.id, PATHWAYS[2]).case
    done = cases.resolve(OFFICER, case.id, case.version, shared(prisoner=HIS))
    assert OTHERS in done.warnings
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    assert cases.why_not_in_force(done.case) is None
    assert "an exception lets him" in str(cases.why_not_in_force(second))


def test_an_exception_under_another_of_his_numbers_ends_as_well(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    done = cases.resolve(OFFICER, case.id, case.version, shared())
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    registry.prisoners.merge(OFFICER, ANOTHER, THIRD)
    found = registry.versions.get(case.id)
    (exception,) = found.document.restriction.exceptions
    renamed = replace(
        found.document.restriction,
        exceptions=(replace(exception, prisoner=THIRD, contact="+447700900123"),),
    )
    written = registry.restrictions.change(OFFICER, case.id, found.version, "merged", restriction=renamed)
    assert written.approval is not None
    confirmed(registry, SECOND, written.approval.id)
    assert states(cases, case) == [ResolutionState.HOLDS]
    cases.end_resolution(OFFICER, case.id, done.case.version, 0, "the son is free")
    assert answers(registry, clock) == ["block"] * 3


def test_an_exception_pushes_nothing_aside_that_waits(cases: Cases, registry: Registry) -> None:
    held = registry.register.add(OFFICER, entry("E1", "020 7946 0321"), "the Law Society").approval
    assert held is not None
    confirmed(registry, SECOND, held.id)
    case = considered(cases, contacts=(phone(NUMBER), phone("020 7946 0321")))
    done = cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert done.approval is not None
    with pytest.raises(ConflictError, match="waits for a second person first"):
        cases.resolve(OFFICER, case.id, done.case.version, shared())
    confirmed(registry, SECOND, done.approval)
    assert cases.why_not_in_force(done.case) is None
