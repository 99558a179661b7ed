"""The lists of cases: whole, in order, a page at a time."""

from __future__ import annotations

import inspect

import pytest

from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.model import OPEN, Case, CaseState
from service.errors import NotAllowedError
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, SECOND, asked, considered

OF_LEEDS = Principal("user:leeds", frozenset({Role.CASE_OFFICER}), frozenset({"LEI"}), person=True)


@pytest.fixture
def many(cases: Cases, registry: Registry) -> list[Case]:
    """Three each that are received, confirmed and refused, of several urgencies."""
    registry.prisoners.move(OFFICER, HIS, "LEI")
    made = []
    for urgency in ("usual", "today", "soon"):
        new = [cases.key_in(OFFICER, asked(urgency=urgency), "telephone", "") for _ in range(3)]
        confirmed = cases.confirm_prisoner(OFFICER, new[1].id, 1, HIS, "known")
        made += [new[0], confirmed, cases.refuse(OFFICER, new[2].id, 1, "nobody is meant")]
    return made


@pytest.mark.parametrize("states", [OPEN, (CaseState.REFUSED,)])
def test_page_after_page_is_the_whole_list_once(
    cases: Cases, many: list[Case], states: tuple[CaseState, ...]
) -> None:
    whole = cases.page(OFFICER, states=states)
    walked: list[Case] = []
    while page := cases.page(
        OFFICER, states=states, limit=2, after=(walked[-1].due, walked[-1].id) if walked else None
    ):
        walked += page
    assert walked == whole
    assert {one.id for one in whole} == {one.id for one in many if one.state in states}
    assert [one.due for one in whole] == sorted(one.due for one in whole if one.due) or not whole[0].due


def test_who_has_one_prison_sees_what_concerns_it(cases: Cases, many: list[Case]) -> None:
    seen = cases.page(OF_LEEDS, states=OPEN)
    assert {one.state for one in seen} == {CaseState.CONSIDERING}
    assert len(seen) == 3


def test_what_is_with_somebody_or_overdue_is_found(cases: Cases, many: list[Case]) -> None:
    taken = cases.assign(SECOND, many[3].id, many[3].version)
    assert cases.page(OFFICER, assigned=SECOND.id) == [taken]
    soonest = cases.page(OFFICER)[0]
    assert soonest.due is not None
    assert soonest not in cases.page(OFFICER, due_before=soonest.due)


ACTS = [
    (name, act)
    for name, act in inspect.getmembers(Cases, inspect.isfunction)
    if not name.startswith("_")
    and [*inspect.signature(act).parameters][:4] == ["self", "by", "id_", "version"]
]


def test_no_machine_acts_on_a_case_whatever_its_roles(cases: Cases) -> None:
    case = considered(cases)
    key = Principal("key:hub", frozenset({Role.CASE_OFFICER}))
    assert {"reopen", "hold_notice", "weigh_notice", "approve", "end", "call_back"} <= {
        name for name, _ in ACTS
    }
    for name, act in ACTS:
        more = [one for one in [*inspect.signature(act).parameters.values()][4:] if one.default is one.empty]
        given = {one.name: "" for one in more}
        with pytest.raises(NotAllowedError, match="only a person"):
            act(cases, key, case.id, case.version, **given)
        assert cases.get(OFFICER, case.id) == case, name
