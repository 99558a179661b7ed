"""What a request names wrongly is put right: the right one is stopped at once, and the wrong one until two
people have taken it off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from engine.blocklist import compile_blocklist
from engine.model import Attempt, Contact, ProtectedPerson
from engine.policy import read_policy
from engine.screener import Screener
from service.cases import corrections, standing_by
from service.cases.cases import Cases
from service.cases.model import Case, Correction, Resolution
from service.cases.versions import Done
from service.errors import ConflictError, InvalidError
from service.public.asked import Protected
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered
from tests.service.registry.listings import NUMBER, Clock, confirmed, entry, exempt, phones

RIGHT = "07700 900456"


def correct(cases: Cases, case: Case, new: str = RIGHT, **changed: Any) -> Done:
    fields = {"kind": "phone", "old": NUMBER, "new": new, "because": "she rang: it was keyed in wrongly"}
    return cases.correct(OFFICER, case.id, case.version, Correction(**{**fields, **changed}))


def stopped(registry: Registry, clock: Clock, *numbers: str) -> list[bool]:
    with registry.journal.database.read() as connection:
        listed = [registry.versions.effective(*row) for row in registry.versions.standing(connection)]
    screener = Screener(compile_blocklist(listed), read_policy())
    attempts = (Attempt(id="1", channel="call", prisoner=HIS, establishment="LEI", to=one) for one in numbers)
    return [screener.check(one, clock()).decision == "block" for one in attempts]


def test_a_wrong_number_is_stopped_until_the_right_one_is_and_a_second_person_has_confirmed(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, False]
    done = correct(cases, case)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, True]
    assert cases.still_stopped(done.case) == [True]
    assert done.approval is not None
    assert registry.approvals.get(done.approval).loosens == ("a contact point is taken off",)
    confirmed(registry, SECOND, done.approval)
    assert stopped(registry, clock, NUMBER, RIGHT) == [False, True]
    assert cases.still_stopped(done.case) == [False]
    assert cases.why_not_in_force(done.case) is None
    (kept,) = done.case.document.corrections
    assert (kept.old, kept.new, kept.by) == (NUMBER, RIGHT, OFFICER.id)
    assert [one.document.asked.person.numbers for one in cases.history(case)][-2:] == [(NUMBER,), (RIGHT,)]
    back = replace(registry.versions.get(case.id).document.restriction, contacts=phones(NUMBER))
    with pytest.raises(ConflictError, match="names would be taken off"):  # what is right is held as it was
        registry.restrictions.change(OFFICER, case.id, 3, "back again", restriction=back)


def excepted(cases: Cases, registry: Registry, case: Case) -> None:
    """He may use the right one, beside the wrong one, by two people."""
    listed = registry.versions.get(case.id)
    both = replace(listed.document.restriction, contacts=phones(NUMBER, RIGHT))
    if listed.document.restriction != both:
        registry.restrictions.change(OFFICER, case.id, listed.version, "also hers", restriction=both)
    latest = registry.versions.get(case.id).version
    may_use = replace(both, exceptions=exempt(HIS, RIGHT))
    asked_for = registry.restrictions.change(OFFICER, case.id, latest, "his son's", restriction=may_use)
    assert asked_for.approval is not None
    confirmed(registry, SECOND, asked_for.approval.id)


def test_a_number_that_he_may_use_is_not_right_before_he_may_not(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    excepted(cases, registry, case)
    with pytest.raises(InvalidError, match=corrections.LET_THROUGH) as refused:
        correct(cases, case)
    assert refused.value.field == "corrected_to"
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, False]
    listed = registry.versions.get(case.id)
    registry.restrictions.change(
        OFFICER,
        case.id,
        listed.version,
        "no more",
        restriction=replace(listed.document.restriction, exceptions=()),
    )
    done = correct(cases, case)
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    assert stopped(registry, clock, NUMBER, RIGHT) == [False, True]


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_what_a_report_learnt_stays(
    cases: Cases, registry: Registry, clock: Clock, is_taken_back: bool
) -> None:
    case = approved(cases)
    report = cases.key_in(OFFICER, asked("UPC-3333-3333", kind="continuing"), "telephone", "he rang again")
    report = cases.confirm_prisoner(OFFICER, report.id, report.version, HIS, "she says so")
    report = cases.link(OFFICER, report.id, report.version, case.id)
    report = cases.learn(OFFICER, report.id, report.version, phones("+44 7700 900123")).case
    if is_taken_back:
        cases.take_prisoner_back(OFFICER, report.id, report.version, "another one of that name")
    done = correct(cases, case)
    assert (done.approval, done.warnings) == (None, (standing_by.LEARNT.format(report.id),))
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, True]
    assert cases.still_stopped(done.case) == [True]


def test_a_request_whose_name_shows_nothing_is_put_right_before_it_is_approved(
    cases: Cases, registry: Registry
) -> None:
    sent = asked(person=Protected(name="\u3164", numbers=(NUMBER,)))
    case = considered(cases, sent)
    with pytest.raises(InvalidError) as refused:
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert refused.value.field == "corrected"
    case = correct(cases, case, "Maren Thistlewood", kind="name", old="\u3164").case
    cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert registry.versions.get(case.id).document.restriction.protected.name == "Maren Thistlewood"


def test_what_is_put_right_on_an_expired_restriction_is_told_to_stop_nothing(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    case = approved(cases)
    shorter = replace(registry.versions.get(case.id).document.restriction, until="2026-06-30")
    asked_for = registry.restrictions.change(OFFICER, case.id, 1, "until then", restriction=shorter)
    assert asked_for.approval is not None
    confirmed(registry, SECOND, asked_for.approval.id)
    clock.now += timedelta(days=60)
    done = correct(cases, case)
    assert not done.holds
    assert "contact may go on: its restriction does not hold at this time" in done.warnings[0]
    assert stopped(registry, clock, RIGHT) == [False]


def test_what_is_put_right_and_back_leaves_nothing_that_nobody_can_confirm(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = correct(cases, approved(cases))
    back = correct(cases, first.case, NUMBER, old=RIGHT)
    assert first.approval is not None
    assert back.approval is not None
    assert [one.id for one in registry.approvals.list(subject=back.case.id)] == [back.approval]
    with pytest.raises(ConflictError, match="decided before"):
        confirmed(registry, SECOND, first.approval)
    confirmed(registry, SECOND, back.approval)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, False]
    assert cases.still_stopped(back.case) == [False, False]


def test_the_wrong_one_stays_where_he_was_let_use_the_right_one_since(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    done = correct(cases, approved(cases))
    assert done.approval is not None
    registry.approvals.refuse(SECOND, done.approval)
    shared = Resolution(
        contact=RIGHT,
        whose="their son",
        way="named_exception",
        prisoner=HIS,
        because="x",
        review="2027-01-01",
    )
    decided = cases.resolve(OFFICER, done.case.id, done.case.version, shared)
    assert decided.approval is not None
    confirmed(registry, SECOND, decided.approval)
    stays = cases.take_off(OFFICER, done.case.id, decided.case.version, 0)
    assert (stays.approval, stays.warnings, stays.holds) == (None, (standing_by.LETS_HIM,), False)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, False]


def test_what_is_on_the_confidential_register_waits_and_with_it_the_wrong_one(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    held = registry.register.add(OFFICER, entry("E1", "020 7946 0321"), "the Law Society").approval
    assert held is not None
    confirmed(registry, SECOND, held.id)
    done = correct(cases, approved(cases), "020 7946 0321")
    assert done.approval is not None
    assert standing_by.NOT_YET in done.warnings
    less = replace(registry.versions.get(done.case.id).document.restriction, contacts=phones("07700 900999"))
    with pytest.raises(ConflictError, match="names would be taken off"):
        registry.restrictions.change(OFFICER, done.case.id, 2, "by hand", restriction=less)
    stays = cases.take_off(OFFICER, done.case.id, done.case.version, 0)
    assert (stays.approval, stays.warnings, stays.holds) == (None, (standing_by.NOT_YET,), False)
    confirmed(registry, SECOND, done.approval)
    again = cases.take_off(OFFICER, done.case.id, done.case.version, 0)
    assert again.approval is not None
    confirmed(registry, SECOND, again.approval)
    assert stopped(registry, clock, NUMBER) == [False]


def test_what_another_request_names_stays(cases: Cases, registry: Registry, clock: Clock) -> None:
    first = approved(cases)
    second = considered(cases, asked("UPC-3333-3333"))
    cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[2])
    done = correct(cases, first)
    assert done.approval is None
    assert any(f"still stopped: case {second.id}" in one for one in done.warnings)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, True]


def test_while_somebody_asks_that_it_end_nothing_is_put_right(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    done = correct(cases, approved(cases))
    assert done.approval is not None
    case = cases.ask_withdrawal(OFFICER, done.case.id, done.case.version, "a man who rang")
    with pytest.raises(ConflictError):
        correct(cases, case, "07700 900999", old=RIGHT)
    with pytest.raises(ConflictError, match=case.id):
        confirmed(registry, SECOND, done.approval)
    assert stopped(registry, clock, NUMBER, RIGHT) == [True, True]


def test_a_name_is_put_right_and_both_hold_until_a_second_person_confirms(
    cases: Cases, registry: Registry
) -> None:
    case = cases.serve(OFFICER, (case := approved(cases)).id, case.version, "by hand")
    done = correct(cases, case, "Maren Thistledown", kind="name", old="Maren Thistlewood")
    assert registry.versions.get(case.id).document.restriction.protected.aliases == ("Maren Thistledown",)
    assert corrections.TELL_HIM_AGAIN in done.warnings
    assert done.approval is not None
    confirmed(registry, SECOND, done.approval)
    protected = registry.versions.get(case.id).document.restriction.protected
    assert protected == ProtectedPerson(name="Maren Thistledown")
    assert done.case.document.asked.person.name == "Maren Thistledown"


def test_what_was_put_right_wrongly_is_put_right_once_more(
    cases: Cases, registry: Registry, clock: Clock
) -> None:
    first = correct(cases, approved(cases))
    assert first.approval is not None
    registry.approvals.refuse(SECOND, first.approval, "that is not hers either")
    done = correct(cases, first.case, "07700 900777", old=RIGHT)
    for approval in (done.approval, None):
        number = approval or cases.take_off(OFFICER, done.case.id, done.case.version, 0).approval
        assert number is not None
        confirmed(registry, SECOND, number)
    assert stopped(registry, clock, NUMBER, RIGHT, "07700 900777") == [False, False, True]


def test_before_it_is_approved_what_is_wrong_is_never_listed(cases: Cases, registry: Registry) -> None:
    home = "7 Larkmead Road, Northmarch, LS1 4AB"
    person = Protected(name="Maren Thistlewood", numbers=(f"{NUMBER} or {RIGHT}",), addresses=(home,))
    listed = (*phones(NUMBER, RIGHT), Contact(kind="address", value=home))
    case = correct(cases, considered(cases, asked(person=person), listed), "07700 900777").case
    cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    values = [one.value for one in registry.versions.get(case.id).document.restriction.contacts]
    assert values == ["07700 900777", RIGHT, home]
    assert case.document.asked.person.numbers == ("07700 900777", RIGHT)
    assert case.document.asked.person.addresses == (home,)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"old": "07700 900999"}, "corrected"),
        ({"new": " "}, "corrected_to"),
        ({"kind": "name", "old": "Maren Thistlewood", "new": "\u200b"}, "corrected_to"),
        ({"new": "none"}, "corrected_to"),
        ({"new": "+44 7700 900123"}, "corrected_to"),
        ({"because": " "}, "corrected_because"),
    ],
)
def test_what_is_missing_is_told(
    cases: Cases, registry: Registry, changed: dict[str, str], field: str
) -> None:
    case = approved(cases)
    with pytest.raises(InvalidError) as refused:
        correct(cases, case, **changed)
    assert refused.value.field == field
    assert registry.approvals.list() == []
