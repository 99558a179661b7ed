"""Whoever was not found: the case comes back when somebody like that is received, and for nobody else."""

from __future__ import annotations

from io import BytesIO

import pytest

from service.access.model import Principal
from service.cases.cases import Cases
from service.cases.looking_again import LookingAgain
from service.cases.model import Case, CaseState
from service.public.asked import Sought
from service.registry.directory_import import import_prisoners
from service.registry.registry import Registry
from tests.service.cases.asking import OFFICER, asked

MACHINE = Principal("key:import", frozenset())


def received(registry: Registry, *lines: str) -> None:
    import_prisoners(
        registry, "operator:test", BytesIO("\n".join(("number,name,born,prison", *lines)).encode())
    )


def not_found(cases: Cases, **sought: str) -> Case:
    case = cases.key_in(OFFICER, asked(sought=Sought(**{"name": "Dave Harris", **sought})), "telephone", "")
    return cases.not_found(OFFICER, case.id, case.version, "nobody like that")


@pytest.fixture
def again(registry: Registry, cases: Cases) -> LookingAgain:
    """It has looked already: what comes is new."""
    made = LookingAgain(registry, cases)
    made.step()
    return made


def test_a_reception_brings_the_case_back_at_once_and_once(
    registry: Registry, cases: Cases, again: LookingAgain
) -> None:
    case = not_found(cases)
    assert again.step() == 0
    received(registry, "B1111BB,Osric Venn,,LEI")
    assert again.step() == 0
    received(registry, "A1234BC,David Harris,1981-05-03,LEI")
    assert again.step() == 1
    back = cases.get(OFFICER, case.id)
    assert (back.state, back.document.come_in) == (CaseState.NOT_FOUND, ("A1234BC",))
    assert case.due is not None
    assert back.due is not None
    assert back.due <= registry.journal.clock() < case.due
    assert cases.page(OFFICER)[0].id == case.id
    assert again.step() == 0


def test_who_was_passed_over_is_not_told_again_but_where_he_comes_to_the_prison_told(
    registry: Registry, cases: Cases, again: LookingAgain
) -> None:
    received(registry, "A1234BC,David Harris,,MRI", "A1234BD,David Harris,,OUT")
    case = not_found(cases, prison="Leeds")
    assert again.step() == 0
    registry.prisoners.move(MACHINE, "A1234BC", "BMI")
    assert again.step() == 0
    registry.prisoners.move(MACHINE, "A1234BC", "LEI")
    assert again.step() == 1
    registry.prisoners.move(MACHINE, "A1234BD", "MRI")  # who was out when nobody was found comes in
    assert again.step() == 1
    back = cases.get(OFFICER, case.id)
    assert back.document.come_in == ("A1234BC LEI", "A1234BD")
    looked = cases.not_found(OFFICER, case.id, back.version, "neither is he")
    assert looked.document.come_in == ()
    assert looked.due is not None
    assert looked.due > registry.journal.clock()
    assert again.step() == 0


def test_what_came_while_the_service_was_down_is_found_after_its_start(
    registry: Registry, cases: Cases
) -> None:
    case = not_found(cases)
    received(registry, "A1234BC,David Harris,,LEI")
    assert LookingAgain(registry, cases).step() == 1
    assert cases.get(OFFICER, case.id).document.come_in == ("A1234BC",)


def test_many_at_once_are_searched(
    registry: Registry, cases: Cases, again: LookingAgain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cases.looking_again.MANY", 2)
    not_found(cases)
    again.step()
    received(registry, *(f"A{n:04}BC,David Harris,,LEI" for n in range(5)))
    assert again.step() == 1


def test_a_case_that_was_changed_meanwhile_is_looked_at_again(
    registry: Registry, cases: Cases, again: LookingAgain, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = not_found(cases)
    again.step()
    received(registry, "A1234BC,David Harris,,LEI")
    stale = cases.in_state
    monkeypatch.setattr(cases, "in_state", lambda state: [case])
    cases.note(OFFICER, case.id, case.version, "she rang again")
    assert again.step() == 0
    monkeypatch.setattr(cases, "in_state", stale)
    assert again.step() == 1
