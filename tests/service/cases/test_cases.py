"""From a request to a call that does not ring, and back only by two people and her own free word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact
from engine.policy import read_policy
from engine.screener import Screener
from service.cases.cases import Cases
from service.cases.model import Case, CaseState, Consideration
from service.cases.rules import COOLING_OFF
from service.errors import ConflictError, InvalidError, NotAllowedError
from service.public.asked import Asker
from service.registry.registry import Registry
from tests.service.cases.asking import (
    HIS,
    OFFICER,
    PATHWAYS,
    REVIEWER,
    SECOND,
    approved,
    asked,
    considered,
)
from tests.service.registry.listings import Clock, confirmed

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police", reference="N/1")


def answer(registry: Registry, clock: Clock, to: str = "07700 900123") -> str:
    """What a call of his is answered."""
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    attempt = Attempt(id="1", channel="call", prisoner=HIS, establishment="LEI", to=to)
    return Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision


def _power_cut(*of: object) -> Case:
    raise OSError("power")


def called_back(cases: Cases, case: Case, pressed: str = "no") -> Case:
    """A withdrawal asked for, and she was called back."""
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she herself, by telephone")
    return cases.call_back(OFFICER, case.id, case.version, "on her own number, alone", pressed)


@pytest.mark.parametrize("pathway", [1, 2, 3, 4])
def test_each_pathway_leads_to_a_call_that_does_not_ring(
    cases: Cases, registry: Registry, clock: Clock, pathway: int
) -> None:
    request = asked() if pathway < 3 else asked(asker=POLICE)
    case = approved(cases, request, pathway)
    assert case.state is CaseState.IN_FORCE
    assert answer(registry, clock) == "block"
    found = registry.versions.get(case.id).document
    assert found.restriction.pathway == pathway
    assert [one.id for one in found.requests] == [case.id]
    assert all(part in found.justification for part in (PATHWAYS[pathway].grounds, PATHWAYS[pathway].consent))


@pytest.mark.parametrize("pathway", [1, 3, 4])
def test_what_a_pathway_needs_is_told_all_at_once(cases: Cases, pathway: int) -> None:
    case = considered(cases, asked() if pathway == 1 else asked(asker=POLICE))
    with pytest.raises(InvalidError) as refused:
        cases.approve(OFFICER, case.id, case.version, Consideration(pathway=pathway))  # type: ignore[arg-type]
    needed = {1: 2, 3: 1, 4: 5}[pathway]
    assert refused.value.detail.count("say ") == needed
    assert cases.get(OFFICER, case.id).state is CaseState.CONSIDERING


def test_nothing_is_approved_without_a_prisoner_or_a_contact_point(cases: Cases) -> None:
    case = cases.key_in(OFFICER, asked(), "telephone", "she rang")
    with pytest.raises(ConflictError):
        cases.approve(OFFICER, case.id, 1, PATHWAYS[2])
    case = considered(cases, contacts=())
    with pytest.raises(InvalidError, match="no contact point"):
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])


def test_a_crash_after_the_restriction_was_made_is_got_over_by_approving_once_more(
    cases: Cases, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = considered(cases)
    with monkeypatch.context() as broken:
        broken.setattr(Cases, "_next", _power_cut)
        with pytest.raises(OSError, match="power"):
            cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert registry.versions.get(case.id).document.stands
    assert cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case.state is CaseState.IN_FORCE
    assert registry.versions.get(case.id).version == 1


def test_a_second_request_stands_under_the_same_restriction_and_holds_it_up_alone(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = approved(cases)
    second = considered(
        cases, asked("UPC-3333-3333", asker=POLICE), (Contact(kind="phone", value="07700 900456"),)
    )
    assert [one.id for one in cases.asked_already(OFFICER, second)] == [first.id]
    done = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3])
    assert {one.id for one in cases.behind(first.id)} == {first.id, second.id}
    assert answer(registry, clock, "07700 900456") == "block"
    called = called_back(cases, first)
    clock.now += COOLING_OFF
    ended = cases.end(OFFICER, called.id, called.version, "she wishes it")
    assert (ended.case.state, ended.approval) == (CaseState.ENDED, None)
    assert cases.get(OFFICER, done.case.id).state is CaseState.IN_FORCE
    assert answer(registry, clock) == "block"


def test_a_coerced_withdrawal_ends_nothing(cases: Cases, registry: Registry, clock: Clock) -> None:
    case = called_back(cases, approved(cases), "unsure")
    clock.now += COOLING_OFF + timedelta(days=1)
    with pytest.raises(InvalidError, match="pressure"):
        cases.end(OFFICER, case.id, case.version, "as asked")
    kept = cases.keep(OFFICER, case.id, case.version, "a man was heard beside her")
    assert kept.state is CaseState.IN_FORCE
    assert answer(registry, clock) == "block"


def test_a_withdrawal_waits_is_called_back_and_needs_a_second_person(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = cases.ask_withdrawal(OFFICER, approved(cases).id, 4, "she herself")
    with pytest.raises(InvalidError) as refused:
        cases.end(OFFICER, case.id, case.version, "as asked")
    assert refused.value.detail.count(";") == 3
    case = cases.call_back(OFFICER, case.id, case.version, "alone, on her number", "no")
    clock.now += COOLING_OFF
    waiting = cases.end(OFFICER, case.id, case.version, "as asked")
    assert waiting.approval is not None
    assert answer(registry, clock) == "block"
    confirmed(registry, SECOND, waiting.approval)
    ended = cases.end(OFFICER, case.id, case.version, "as asked")
    assert ended.case.state is CaseState.ENDED
    assert registry.versions.get(case.id).document.stands is False


def test_a_notice_is_served_or_held_by_two(cases: Cases) -> None:
    case = approved(cases)
    held = cases.hold_notice(OFFICER, case.id, case.version, "he would know who told")
    with pytest.raises(ConflictError, match="second person"):
        cases.hold_notice(OFFICER, held.id, held.version, "again")
    held = cases.hold_notice(SECOND, held.id, held.version, "")
    assert held.document.notice.held_by == (OFFICER.id, SECOND.id)
    served = cases.serve(OFFICER, held.id, held.version, "by hand on the wing", refused=True)
    assert served.document.notice.refused


@pytest.mark.parametrize("danger", ["yes", "unsure"])
def test_where_telling_him_is_feared_two_people_weigh_it(cases: Cases, danger: str) -> None:
    case = approved(cases, asked(danger=danger))
    with pytest.raises(InvalidError, match="two people"):
        cases.serve(OFFICER, case.id, case.version, "by hand")
    case = cases.weigh_notice(OFFICER, case.id, case.version, "she has moved, and agrees")
    with pytest.raises(ConflictError, match="second person"):
        cases.weigh_notice(OFFICER, case.id, case.version, "again")
    case = cases.weigh_notice(SECOND, case.id, case.version, "the police agree")
    assert cases.serve(OFFICER, case.id, case.version, "by hand").document.notice.served


def test_a_report_is_looked_into(cases: Cases) -> None:
    case = cases.key_in(OFFICER, asked(kind="continuing", happened="he rang again"), "telephone", "")
    case = cases.confirm_prisoner(OFFICER, case.id, 1, HIS, "his number")
    assert case.state is CaseState.INVESTIGATING
    closed = cases.close(
        OFFICER, case.id, 2, outcome="a fellow prisoner's PIN", route="fellow_prisoner", referred="police"
    )
    assert (closed.state, closed.due) == (CaseState.CLOSED, None)


def test_what_a_fellow_prisoner_rang_is_learnt_and_stopped_for_everybody(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    standing = approved(cases)
    report = cases.key_in(OFFICER, asked(kind="continuing", how=("fellow_prisoner",)), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, HIS, "his number")
    accomplice = (Contact(kind="phone", value="07700 900777"),)
    with pytest.raises(InvalidError, match="which restriction"):
        cases.learn(OFFICER, report.id, report.version, accomplice)
    assert [one.id for one in cases.asked_already(OFFICER, report)] == [standing.id]
    report = cases.link(OFFICER, report.id, report.version, standing.id)
    done = cases.learn(OFFICER, report.id, report.version, accomplice)
    assert done.case.document.learnt == accomplice
    assert answer(registry, clock, "07700 900777") == "block"
    attempt = Attempt(id="2", channel="call", prisoner="B2345CD", establishment="MDI", to="07700 900777")
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    assert Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision == "block"


def test_who_handles_no_cases_sees_none_and_nobody_overwrites_another(cases: Cases) -> None:
    case = considered(cases)
    with pytest.raises(NotAllowedError):
        cases.get(REVIEWER, case.id)
    with pytest.raises(ConflictError, match="meanwhile"):
        cases.note(SECOND, case.id, case.version - 1, "seen")
    noted = cases.note(SECOND, case.id, case.version, "rang her", "her answer")
    assert noted.document.waiting_for == "her answer"


def test_the_queue_has_what_is_due_first(cases: Cases) -> None:
    usual = cases.key_in(OFFICER, asked("UPC-4444-4444"), "telephone", "")
    urgent = cases.key_in(OFFICER, asked("UPC-5555-5555", urgency="today"), "telephone", "")
    assert [one.id for one in cases.page(OFFICER)] == [urgent.id, usual.id]
    mine = cases.assign(OFFICER, usual.id, 1, OFFICER.id)
    assert [one.id for one in cases.page(OFFICER, assigned=OFFICER.id)] == [mine.id]
