"""From a request to a call that does not ring, and back only by two people and her own free word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson
from engine.policy import read_policy
from engine.screener import Screener
from service.access.model import Principal, Role
from service.cases import rules
from service.cases.cases import Cases
from service.cases.model import Case, CaseState, Consideration
from service.cases.rules import COOLING_OFF
from service.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.public.asked import Asker, Protected
from service.registry import restrictions
from service.registry.model import Request
from service.registry.registry import Registry
from tests.service.cases.asking import (
    HIS,
    OFFICER,
    PATHWAYS,
    REVIEWER,
    SECOND,
    THIRD,
    approved,
    asked,
    considered,
)
from tests.service.registry.listings import Clock, confirmed, entry, restriction

POLICE = Asker(who="police", name="PC Osric Venn", organisation="Northmarch Police", reference="N/1")


def answer(registry: Registry, clock: Clock, to: str = "07700 900123") -> str:
    """What a call of his is answered."""
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    attempt = Attempt(id="1", channel="call", prisoner=HIS, establishment="LEI", to=to)
    return Screener(compile_blocklist(listed), read_policy()).check(attempt, clock()).decision


def interrupted(cases: Cases, registry: Registry) -> Case:
    """A case of which the restriction was made, and nothing after it, as by an older version."""
    case = considered(cases)
    listed = replace(rules.restriction_of(case.id, case.document), pathway=2)
    registry.restrictions.create(OFFICER, listed, rules.request_of(case.id, case.document))
    return case


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
    case = considered(cases, asked(person=Protected(name="Maren Thistlewood")))
    with pytest.raises(InvalidError, match="no contact point"):
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])


def test_a_crash_after_the_restriction_was_made_is_got_over_by_approving_once_more(
    cases: Cases, registry: Registry
) -> None:
    case = interrupted(cases, registry)
    assert registry.versions.get(case.id).document.stands
    assert cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case.state is CaseState.IN_FORCE
    assert registry.versions.get(case.id).version == 1


def test_a_crash_after_it_was_joined_is_got_over_and_lets_nobody_refuse_it(
    cases: Cases, registry: Registry
) -> None:
    first = approved(cases)
    case = considered(cases, asked("UPC-3333-3333"), (Contact(kind="phone", value="07700 900456"),))
    request = rules.request_of(case.id, case.document)
    registry.restrictions.widen(
        OFFICER, first.id, 1, "a case stands behind it", contacts=case.document.contacts, request=request
    )
    with pytest.raises(ConflictError, match="in force already"):
        cases.refuse(OFFICER, case.id, case.version, "no")
    made = cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case
    assert made.restriction == first.id
    assert cases.why_not_in_force(made) is None
    assert [one.id for one in registry.versions.page().items] == [first.id]


def test_a_second_request_stands_under_the_same_restriction_and_holds_it_up_alone(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = approved(cases)
    second = considered(
        cases, asked("UPC-3333-3333", asker=POLICE), (Contact(kind="phone", value="07700 900456"),)
    )
    assert [one.id for one in cases.asked_already(OFFICER, second)] == [first.id]
    done = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3])
    assert {one.id for one in registry.versions.get(first.id).document.requests} == {first.id, second.id}
    assert answer(registry, clock, "07700 900456") == "block"
    called = called_back(cases, first)
    clock.now += COOLING_OFF
    ended = cases.end(SECOND, called.id, called.version, "she wishes it")
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
    with pytest.raises(ConflictError, match="called her back"):
        cases.end(OFFICER, case.id, case.version, "as asked")
    waiting = cases.end(SECOND, case.id, case.version, "as asked")
    assert waiting.approval is not None
    assert answer(registry, clock) == "block"
    confirmed(registry, THIRD, waiting.approval)
    ended = cases.end(SECOND, case.id, case.version, "as asked")
    assert ended.case.state is CaseState.ENDED
    assert registry.versions.get(case.id).document.stands is False


def test_who_called_her_back_takes_no_part_in_the_end(cases: Cases, registry: Registry, clock: Clock) -> None:
    """Neither asking nor confirming, from the case or from the restriction's own page."""
    case = called_back(cases, approved(cases))
    clock.now += COOLING_OFF
    with pytest.raises(ConflictError, match="called her back"):
        registry.restrictions.withdraw_request(OFFICER, case.id, 1, case.id, "as asked")
    assert registry.restrictions.held_up(OFFICER.id, [case.id], "not on the list") != {}
    on_its_page = registry.restrictions.withdraw_request(SECOND, case.id, 1, case.id, "as asked").approval
    assert on_its_page is not None
    of_the_case = cases.end(SECOND, case.id, case.version, "as asked").approval
    removal = registry.restrictions.ask_removal(SECOND.id, [case.id], "not on the list").id
    for waiting in (of_the_case, removal):
        assert waiting is not None
        with pytest.raises(ConflictError, match="called her back"):
            confirmed(registry, OFFICER, waiting)
        assert answer(registry, clock) == "block"
    assert of_the_case is not None
    confirmed(registry, THIRD, of_the_case)
    assert answer(registry, clock) != "block"


def test_a_withdrawal_that_is_kept_cannot_be_confirmed_any_more(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = called_back(cases, approved(cases))
    clock.now += COOLING_OFF
    waiting = cases.end(SECOND, case.id, case.version, "as asked").approval
    assert waiting is not None
    registry.approvals.view(THIRD, waiting, "to decide")
    assert (
        "Called back"
        in restrictions.proposed(registry.approvals.view(THIRD, waiting, "again").payload).reason
    )
    cases.keep(OFFICER, case.id, case.version, "a man was heard beside her")
    with pytest.raises(ConflictError, match="stands behind it"):
        registry.approvals.confirm(THIRD, waiting, "")
    assert answer(registry, clock) == "block"


def test_what_was_asked_before_she_was_called_again_is_not_confirmed(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = called_back(cases, approved(cases))
    clock.now += COOLING_OFF
    waiting = cases.end(SECOND, case.id, case.version, "as asked").approval
    assert waiting is not None
    case = cases.keep(OFFICER, case.id, case.version, "a man was heard beside her")
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "a man")
    case = cases.call_back(SECOND, case.id, case.version, "alone", "no")
    clock.now += COOLING_OFF
    with pytest.raises(ConflictError, match="asked for again"):
        confirmed(registry, THIRD, waiting)
    assert answer(registry, clock) == "block"


def test_kept_after_its_end_was_confirmed_it_stands_again(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = called_back(cases, approved(cases))
    clock.now += COOLING_OFF
    waiting = cases.end(SECOND, case.id, case.version, "as asked").approval
    assert waiting is not None
    confirmed(registry, THIRD, waiting)
    assert answer(registry, clock) != "block"
    kept = cases.keep(OFFICER, case.id, case.version, "she rang: not at all")
    assert (answer(registry, clock), cases.why_not_in_force(kept)) == ("block", None)
    assert [one.stands for one in registry.versions.get(case.id).document.requests] == [True]


def test_a_request_of_a_case_is_taken_back_by_its_case_alone(cases: Cases, registry: Registry) -> None:
    case = approved(cases)
    with pytest.raises(ConflictError, match="a call to her"):
        registry.restrictions.withdraw_request(OFFICER, case.id, 1, case.id, "no longer needed")


def test_who_noted_pressure_does_not_take_it_back_alone(cases: Cases) -> None:
    case = called_back(cases, approved(cases), "yes")
    with pytest.raises(ConflictError, match="another one calls"):
        cases.call_back(OFFICER, case.id, case.version, "alone", "no")
    assert cases.call_back(SECOND, case.id, case.version, "alone", "no").document.withdrawal is not None


@pytest.mark.parametrize(
    "changed",
    [{"until": "2026-05-31"}, {"from_": "2027-01-01"}, {"scope": "prisoner", "establishment": "LEI"}],
)
def test_nobody_joins_what_does_not_hold_for_everybody_now(
    cases: Cases, registry: Registry, changed: dict[str, str]
) -> None:
    name = ProtectedPerson(name="Maren Thistlewood")
    registry.restrictions.create(OFFICER, restriction("R1", protected=name, **changed))
    case = considered(cases, asked(asker=POLICE))
    assert cases.asked_already(OFFICER, case) == []
    with pytest.raises(InvalidError, match="make a new one"):
        cases.join(OFFICER, case.id, case.version, "R1", PATHWAYS[3])


def test_what_of_a_joined_request_waits_is_told_and_the_rest_holds(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = approved(cases)
    held = registry.register.add(OFFICER, entry("E1", "020 7946 0321"), "the Law Society").approval
    assert held is not None
    confirmed(registry, SECOND, held.id)
    listed = (
        Contact(kind="phone", value="020 7946 0321"),
        Contact(kind="phone", value="07700 900456"),
    )
    second = considered(cases, asked(asker=POLICE), listed)
    done = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3])
    assert done.approval is not None
    assert answer(registry, clock, "07700 900456") == "block"
    why_not = cases.why_not_in_force(done.case)
    assert why_not is not None
    assert "waits for a second person" in why_not
    assert cases.why_not_in_force(first) is None


def test_a_restriction_that_is_over_is_told_and_he_is_not_told_of_it(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    ends = replace(registry.versions.get(case.id).document.restriction, until="2026-06-20")
    asked_for = registry.restrictions.change(OFFICER, case.id, 1, "for a time", restriction=ends).approval
    assert asked_for is not None
    confirmed(registry, SECOND, asked_for.id)
    clock.now += timedelta(days=21)
    with pytest.raises(ConflictError, match="does not hold at this time"):
        cases.serve(OFFICER, case.id, case.version, "by hand")


def test_a_crash_leaves_nothing_that_says_otherwise(cases: Cases, registry: Registry) -> None:
    case = interrupted(cases, registry)
    with pytest.raises(ConflictError, match="in force already"):
        cases.confirm_prisoner(OFFICER, case.id, case.version, "B2345CD", "another")
    with pytest.raises(ConflictError, match="in force already"):
        cases.list_contacts(OFFICER, case.id, case.version, (Contact(kind="phone", value="07700 900456"),))
    with pytest.raises(ConflictError, match="in force already"):
        cases.refuse(OFFICER, case.id, case.version, "no")


def test_what_would_stop_nothing_is_not_listed(cases: Cases) -> None:
    case = considered(cases)
    with pytest.raises(InvalidError, match="line 2"):
        cases.list_contacts(
            OFFICER,
            case.id,
            case.version,
            (Contact(kind="phone", value="07700 900123"), Contact(kind="phone", value="none")),
        )


def test_a_case_goes_with_its_prisoner(cases: Cases, registry: Registry) -> None:
    registry.prisoners.move(OFFICER, HIS, "LEI")
    case = approved(cases)
    leeds, moorland = (
        Principal(f"user:{code}", frozenset({Role.CASE_OFFICER}), frozenset({code}), person=True)
        for code in ("LEI", "MDI")
    )
    assert cases.get(leeds, case.id).id == case.id
    with pytest.raises(NotFoundError):
        cases.get(moorland, case.id)
    registry.prisoners.move(OFFICER, HIS, "MDI")
    registry.prisoners.reload()
    assert [one.id for one in cases.page(moorland, states=[CaseState.IN_FORCE])] == [case.id]
    with pytest.raises(NotFoundError):
        cases.get(leeds, case.id)
    with pytest.raises(NotAllowedError):
        cases.key_in(leeds, asked(), "telephone", "")


def test_a_notice_is_served_or_held_by_two(cases: Cases) -> None:
    case = approved(cases)
    held = cases.hold_notice(OFFICER, case.id, case.version, "he would know who told")
    with pytest.raises(ConflictError, match="second person"):
        cases.hold_notice(OFFICER, held.id, held.version, "again")
    held = cases.hold_notice(SECOND, held.id, held.version, "")
    assert held.document.notice.held_by == (OFFICER.id, SECOND.id)
    with pytest.raises(InvalidError, match="two people"):
        cases.serve(OFFICER, held.id, held.version, "by hand")
    held = cases.weigh_notice(OFFICER, held.id, held.version, "she has moved")
    held = cases.weigh_notice(SECOND, held.id, held.version, "she has")
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


def test_what_was_weighed_before_somebody_held_the_notice_counts_no_more(cases: Cases) -> None:
    case = approved(cases, asked(danger="yes"))
    for officer in (OFFICER, SECOND):
        case = cases.weigh_notice(officer, case.id, case.version, "she has moved")
    case = cases.hold_notice(THIRD, case.id, case.version, "he knows where she moved to")
    with pytest.raises(InvalidError, match="two people"):
        cases.serve(OFFICER, case.id, case.version, "by hand")


def test_he_is_not_told_while_another_request_for_her_fears_it(cases: Cases) -> None:
    first = approved(cases)
    second = considered(cases, asked("UPC-3333-3333", asker=POLICE, danger="yes"))
    second = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3]).case
    with pytest.raises(InvalidError, match=f"case {second.id}: .* two people"):
        cases.serve(OFFICER, first.id, first.version, "by hand")
    for officer in (OFFICER, SECOND):
        second = cases.weigh_notice(officer, second.id, second.version, "the police agree")
    assert cases.serve(OFFICER, first.id, first.version, "by hand").document.notice.served


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


def test_what_is_learnt_is_not_said_to_be_stopped_where_it_is_not(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    her_name = ProtectedPerson(name="Maren Thistlewood")
    ends = restriction("R1", protected=her_name, until="2026-06-05")
    registry.restrictions.create(OFFICER, ends, Request(id="1"))
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    report = cases.confirm_prisoner(OFFICER, report.id, 1, HIS, "his number")
    report = cases.link(OFFICER, report.id, report.version, "R1")
    clock.now += timedelta(days=30)
    number = (Contact(kind="phone", value="07700 900777"),)
    done = cases.learn(OFFICER, report.id, report.version, number)
    assert done.warnings[0] == "it is listed, but may go on: its restriction does not hold at this time"
    taken_back = registry.restrictions.withdraw_request(OFFICER, "R1", 2, "1", "by slip").approval
    assert taken_back is not None
    confirmed(registry, SECOND, taken_back.id)
    with pytest.raises(ConflictError, match="withdrawn"):
        cases.learn(OFFICER, report.id, done.case.version, number)


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
    urgent = cases.key_in(SECOND, asked("UPC-5555-5555", urgency="today"), "telephone", "")
    assert [one.id for one in cases.page(OFFICER)] == [urgent.id, usual.id]
    assert [one.id for one in cases.page(OFFICER, assigned=OFFICER.id)] == [usual.id]
    mine = cases.assign(OFFICER, urgent.id, 1)
    assert [one.id for one in cases.page(OFFICER, assigned=OFFICER.id)] == [mine.id, usual.id]
