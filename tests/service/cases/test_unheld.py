"""A case that says "in force" without its restriction is an alarm wherever somebody looks."""

from __future__ import annotations

from pathlib import Path

from service.access.model import Principal, Role
from service.cases import rules
from service.cases.cases import Cases
from service.cases.unheld import Unheld
from service.operations import health
from service.registry.registry import Registry
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, THIRD, approved, asked, considered
from tests.service.console.conftest import console_on
from tests.service.registry.listings import Clock, confirmed

MRI = Principal("user:mri", frozenset({Role.CASE_OFFICER}), frozenset({"MRI"}), person=True)


def let_go(registry: Registry, id_: str, request: str) -> None:
    """A request taken back past its case, as no guard lets it."""
    guard, registry.restrictions.guard = registry.restrictions.guard, None
    version = registry.versions.get(id_).version
    waits = registry.restrictions.withdraw_request(OFFICER, id_, version, request, "by a fault").approval
    if waits is not None:
        confirmed(registry, SECOND, waits.id)
    registry.restrictions.guard = guard


def test_it_is_told_of_each_case_whose_request_does_not_stand(cases: Cases, registry: Registry) -> None:
    unheld = Unheld(registry)
    first = approved(cases)
    second = considered(cases, asked("UPC-3333-3333"))
    second = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[2]).case
    assert (unheld.of(OFFICER), unheld.count) == ([], 0)
    let_go(registry, first.id, second.id)
    assert (unheld.of(OFFICER), unheld.count) == ([second.id], 1)
    let_go(registry, first.id, first.id)
    assert unheld.of(OFFICER) == Unheld(registry).of(OFFICER) == sorted([first.id, second.id])
    registry.prisoners.move(OFFICER, HIS, "LEI")
    assert unheld.of(MRI) == []
    found = registry.versions.get(first.id)
    request = rules.request_of(second.id, second.document)
    registry.restrictions.widen(OFFICER, first.id, found.version, "it stands again", request=request)
    assert unheld.of(OFFICER) == [first.id]


def test_what_ends_as_it_should_is_none(cases: Cases, registry: Registry, clock: Clock) -> None:
    unheld, case = Unheld(registry), approved(cases)
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she")
    clock.now += rules.COOLING_OFF
    case = cases.call_back(THIRD, case.id, case.version, "alone", "no")
    waits = cases.end(OFFICER, case.id, case.version, "as asked").approval or ""
    assert unheld.of(OFFICER) == []
    confirmed(registry, SECOND, waits)
    assert unheld.of(OFFICER) == []
    cases.end(OFFICER, case.id, case.version, "as asked")
    assert unheld.of(OFFICER) == []


def test_it_is_on_the_first_page_in_the_list_and_in_health(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with console_on(database, vault, tmp_path) as console:
        system, officer = console.system, console.visitor(Role.CASE_OFFICER, name="ida")
        case, text = approved(system.cases), "ot held by their restriction"
        assert text not in officer.get("/").text
        let_go(system.registry, case.id, case.id)
        assert text in officer.get("/").text
        listed = officer.get("/cases?which=unheld").text
        assert case.id in listed
        assert "stops nothing" in listed
        assert "not held by its restriction" in listed
        assert health.state(system).cases_unheld == 1
        (told,) = [one for one in health.ready(system)[1].warnings if "restriction does not hold" in one]
        assert told.endswith(": 1")
