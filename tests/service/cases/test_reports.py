"""A request that is opened from a report: with what the report knows, and linked both ways."""

from __future__ import annotations

import pytest

from engine.model import Contact
from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.errors import ConflictError, NotAllowedError
from service.public.asked import EvidenceFile
from service.registry.registry import Registry
from tests.service.cases.asking import HERS, HIS, OFFICER, PATHWAYS, SECOND, asked, considered
from tests.service.cases.test_cases import answer
from tests.service.registry.listings import Clock


def reported(cases: Cases) -> Case:
    evidence = (EvidenceFile(name="screen.png", content=b"picture"),)
    request = asked(kind="continuing", happened="he rang again", evidence=evidence)
    return cases.key_in(OFFICER, request, "telephone", "he rang")


def test_what_the_report_knows_goes_into_the_request_and_each_names_the_other(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    report = cases.confirm_prisoner(OFFICER, reported(cases).id, 1, HIS, "his number")
    report = cases.list_contacts(OFFICER, report.id, 2, HERS) if report.state == "received" else report
    done = cases.open_request(OFFICER, report.id, report.version)
    (id_,) = done.case.document.requests
    request = cases.get(OFFICER, id_)
    assert (done.case.state, request.state, request.kind) == (
        CaseState.INVESTIGATING, CaseState.CONSIDERING, "stop",
    )  # fmt: skip
    assert (request.document.report, request.prisoner, request.assigned) == (report.id, HIS, OFFICER.id)
    assert request.document.asked.person == report.document.asked.person
    assert request.document.asked.evidence == ()
    request = cases.list_contacts(OFFICER, id_, 1, (Contact(kind="phone", value="07700 900123"),))
    request = cases.approve(OFFICER, id_, request.version, PATHWAYS[2]).case
    assert answer(registry, clock) == "block"
    assert [one.step for one in cases.outbox.of_case(id_)] == ["in_force"]
    with pytest.raises(Exception, match="two people"):  # the report did not say whether telling him is safe
        cases.serve(SECOND, id_, request.version, "by hand")


def test_before_the_prisoner_is_confirmed_the_request_is_for_who_has_all_prisons(
    cases: Cases, registry: Registry
) -> None:
    report = reported(cases)
    done = cases.open_request(OFFICER, report.id, 1)
    assert cases.get(OFFICER, done.case.document.requests[0]).state is CaseState.RECEIVED
    registry.prisoners.move(OFFICER, HIS, "LEI")
    leeds = Principal("user:LEI", frozenset({Role.CASE_OFFICER}), frozenset({"LEI"}), person=True)
    report = cases.confirm_prisoner(OFFICER, report.id, done.case.version, HIS, "his number")
    assert cases.open_request(leeds, report.id, report.version).case.document.requests[1:]
    with pytest.raises((NotAllowedError, ConflictError)):
        cases.open_request(leeds, considered(cases).id, 3)
