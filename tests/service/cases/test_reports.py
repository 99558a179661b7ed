"""A request that is opened from a report, with what the report knows; and a report of the wrong prisoner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model import Contact
from service.access.model import Principal, Role
from service.cases import monitoring
from service.cases.cases import Cases
from service.cases.model import Case, CaseState
from service.cases.reports import TOLD_CLOSED
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.ledger import search
from service.public.asked import EvidenceFile
from service.registry.registry import Registry
from tests.service.cases.asking import HERS, HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered
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


def test_a_report_of_the_wrong_prisoner_goes_back_to_be_looked_for(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    standing = approved(cases)
    report = cases.confirm_prisoner(OFFICER, reported(cases).id, 1, HIS, "his number")
    opened = cases.open_request(OFFICER, report.id, report.version).case
    report = cases.link(OFFICER, report.id, opened.version, standing.id)
    friends = Contact(kind="phone", value="07700 900456")
    report = cases.learn(OFFICER, report.id, report.version, (friends,)).case
    with pytest.raises(InvalidError, match="say why"):
        cases.take_prisoner_back(OFFICER, report.id, report.version, " ")
    done = cases.take_prisoner_back(OFFICER, report.id, report.version, "another of that name")
    back = done.case
    assert (back.state, back.prisoner, back.restriction) == (CaseState.RECEIVED, None, None)
    assert standing.id in done.warnings[0]
    assert opened.document.requests[0] in done.warnings[1]
    assert (back.document.notes[-1].text, back.document.reason) == (
        f"Not {HIS}: another of that name", "another of that name",
    )  # fmt: skip
    with registry.journal.database.read() as connection:
        (last, *_) = search.search(connection, subject=f"case/{report.id}/{back.version}", limit=1)
    assert (last.actor, last.outcome) == (OFFICER.id, "prisoner_taken_back")
    assert (answer(registry, clock), answer(registry, clock, "07700 900456")) == ("block", "block")
    with pytest.raises(ConflictError):
        cases.take_prisoner_back(OFFICER, report.id, back.version, "again")
    right = cases.confirm_prisoner(SECOND, report.id, back.version, "B2345CD", "born that day")
    assert (right.state, right.prisoner) == (CaseState.INVESTIGATING, "B2345CD")


def test_whose_letters_are_held_by_a_report_and_who_has_one_prison_stand_against_it(
    cases: Cases, registry: Registry
) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    report = cases.confirm_prisoner(OFFICER, reported(cases).id, 1, HIS, "his number")
    leeds = Principal("user:LEI", frozenset({Role.CASE_OFFICER}), frozenset({"LEI"}), person=True)
    with pytest.raises(NotAllowedError):
        cases.take_prisoner_back(leeds, report.id, report.version, "another")
    until = f"{registry.journal.clock() + timedelta(days=9):%Y-%m-%d}"
    ordered = monitoring.start(registry.monitorings, OFFICER, report, until, "he wrote")
    with pytest.raises(ConflictError, match="heightened monitoring"):
        cases.take_prisoner_back(OFFICER, report.id, report.version, "another")
    registry.monitorings.end(OFFICER, HIS, ordered.version, "not he")
    assert cases.take_prisoner_back(OFFICER, report.id, report.version, "another").case.prisoner is None


def test_a_closed_report_is_looked_into_again_and_the_wrong_prisoner_taken_back(
    cases: Cases, registry: Registry
) -> None:
    report = cases.confirm_prisoner(OFFICER, reported(cases).id, 1, HIS, "his number")
    with pytest.raises(ConflictError):
        cases.look_into_again(OFFICER, report.id, report.version, "it goes on")
    report = cases.close(OFFICER, report.id, report.version, outcome="a cousin rang", route="call")
    with pytest.raises(ConflictError):
        cases.take_prisoner_back(OFFICER, report.id, report.version, "born later")
    with pytest.raises(InvalidError):
        cases.look_into_again(SECOND, report.id, report.version, " ")
    done = cases.look_into_again(SECOND, report.id, report.version, "he was at Hull then")
    assert done.warnings == (TOLD_CLOSED,)
    assert (done.case.state, done.case.document.outcome) == (CaseState.INVESTIGATING, "a cousin rang")
    assert done.case.due is not None
    assert "he was at Hull then" in done.case.document.notes[-1].text
    taken = cases.take_prisoner_back(OFFICER, report.id, done.case.version, "born later").case
    assert (taken.state, taken.prisoner) == (CaseState.RECEIVED, None)
    with registry.journal.database.read() as connection:
        (last, *_) = search.search(connection, subject=f"case/{report.id}/{done.case.version}", limit=1)
    assert (last.actor, last.outcome) == (SECOND.id, "report_reopened")
