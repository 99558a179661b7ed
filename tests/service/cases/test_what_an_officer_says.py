"""What an officer says of a case is held against what was asked, what others said, and the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.model import Contact
from service.cases.cases import Cases
from service.cases.figures import counted
from service.cases.model import Case, Party
from service.cases.rules import COOLING_OFF
from service.errors import ConflictError, InvalidError
from service.public.asked import HOWS, Protected
from service.registry.registry import Registry
from tests.service.cases.asking import HIS, OFFICER, PATHWAYS, SECOND, approved, asked, considered
from tests.service.registry.listings import Clock, phones

HOME = "14 Larkmead Street, Ambermouth, ZZ1 4AB"
TWO_NUMBERS = Protected(name="Maren Thistlewood", numbers=("07700 900123", "07700 900456"))


@pytest.mark.parametrize("listed", [("07700 900123", "07700 900455"), ("07700 900123",)])
def test_what_the_request_names_is_listed_or_it_is_said_why_not(
    cases: Cases, listed: tuple[str, ...]
) -> None:
    case = considered(cases, asked(person=TWO_NUMBERS))
    case = cases.list_contacts(OFFICER, case.id, case.version, phones(*listed))
    with pytest.raises(InvalidError, match="names is not listed") as refused:
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])
    assert refused.value.field == "left_out"
    said = replace(PATHWAYS[2], left_out="she gave it up last week")
    made = cases.approve(OFFICER, case.id, case.version, said).case
    assert made.document.consideration is not None
    assert made.document.consideration.left_out == "she gave it up last week"


def test_what_is_listed_in_another_form_or_besides_is_not_left_out(cases: Cases) -> None:
    case = considered(cases, asked(person=TWO_NUMBERS))
    listed = phones("+44 7700 900123", "7700900456 (work)", "07700 900789")
    case = cases.list_contacts(OFFICER, case.id, case.version, listed)
    assert cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case.restriction == case.id


@pytest.mark.parametrize(
    "listed", [HOME, "14 Larkmead St, Ambermouth ZZ1 4AB", "14 LARKMEAD STREET\nZZ1 4AB"]
)
def test_an_address_is_the_same_in_another_writing(cases: Cases, listed: str) -> None:
    person = Protected(name="Maren Thistlewood", addresses=("14 Larkmead Street\nAmbermouth\nZZ1 4AB",))
    case = considered(cases, asked(person=person))
    contacts = (Contact(kind="address", value=listed),)
    case = cases.list_contacts(OFFICER, case.id, case.version, contacts)
    assert cases.approve(OFFICER, case.id, case.version, PATHWAYS[2]).case.restriction == case.id


def test_an_address_without_a_postcode_is_itself(cases: Cases) -> None:
    person = Protected(name="Maren Thistlewood", addresses=("7 Larkmead Road\nNorthmarch",))
    case = considered(cases, asked(person=person))
    contacts = (Contact(kind="address", value="7 Larkmead Road, Northmarch"),)
    case = cases.list_contacts(OFFICER, case.id, case.version, contacts)
    assert cases.left_out(case.document) == []


def test_what_the_request_names_and_nobody_can_read_is_not_passed_over(cases: Cases) -> None:
    person = Protected(name="Maren Thistlewood", numbers=("07700 900123", "07700 90045"))
    case = cases.key_in(OFFICER, asked(person=person), "telephone", "she rang")
    case = cases.confirm_prisoner(OFFICER, case.id, case.version, HIS, "she knows his number")
    case = cases.list_contacts(OFFICER, case.id, case.version, phones("07700 900123"))
    with pytest.raises(InvalidError, match="names is not listed"):
        cases.approve(OFFICER, case.id, case.version, PATHWAYS[2])


def test_a_review_is_on_a_day_that_comes(cases: Cases, clock: Clock) -> None:
    case = considered(cases, asked(asker=replace(asked().asker, who="family")))
    for day in ("2020-01-01", clock.now.date().isoformat()):
        with pytest.raises(InvalidError, match="later than today"):
            cases.approve(OFFICER, case.id, case.version, replace(PATHWAYS[4], review=day))


def test_a_new_danger_holds_a_notice_that_was_weighed_again(cases: Cases) -> None:
    case = approved(cases)
    case = cases.hold_notice(OFFICER, case.id, case.version, "he threatened her")
    with pytest.raises(ConflictError):
        cases.hold_notice(OFFICER, case.id, case.version, "he threatened her")
    for by in (OFFICER, SECOND):
        case = cases.weigh_notice(by, case.id, case.version, "she moved")
    assert not list(cases.untold_because(case))
    with pytest.raises(InvalidError):
        cases.hold_notice(OFFICER, case.id, case.version, " ")
    case = cases.hold_notice(OFFICER, case.id, case.version, "he knows where she moved")
    assert list(cases.untold_because(case))
    with pytest.raises(InvalidError):
        cases.serve(SECOND, case.id, case.version, "by hand")


def withdrawn(cases: Cases, case: Case) -> Case:
    """She asks that it end, as somebody says."""
    return cases.ask_withdrawal(SECOND, case.id, case.version, "she herself")


def test_who_noted_pressure_never_says_alone_that_there_is_none(cases: Cases, clock: Clock) -> None:
    case = withdrawn(cases, approved(cases))
    case = cases.call_back(OFFICER, case.id, case.version, "alone", "yes")
    case = cases.call_back(SECOND, case.id, case.version, "alone", "unsure")
    for by in (OFFICER, SECOND):
        with pytest.raises(ConflictError, match="another one calls"):
            cases.call_back(by, case.id, case.version, "alone", "no")
    with pytest.raises(InvalidError, match="why it is kept"):
        cases.keep(OFFICER, case.id, case.version, " ")
    case = withdrawn(cases, cases.keep(OFFICER, case.id, case.version, "she was not free"))
    clock.now += COOLING_OFF + timedelta(days=1)
    with pytest.raises(ConflictError, match="another one calls"):
        cases.call_back(OFFICER, case.id, case.version, "alone", "no")


def test_a_call_says_how_she_could_speak_freely(cases: Cases) -> None:
    case = withdrawn(cases, approved(cases))
    with pytest.raises(InvalidError, match="spoke freely"):
        cases.call_back(OFFICER, case.id, case.version, " ", "no")


def test_the_route_of_a_report_is_one_of_a_few(cases: Cases, registry: Registry) -> None:
    report = cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "he rang again")
    report = cases.confirm_prisoner(OFFICER, report.id, report.version, HIS, "she knows his number")
    for route in ("", "Jane 07700 900456", "calls"):
        with pytest.raises(InvalidError) as refused:
            cases.close(OFFICER, report.id, report.version, outcome="looked into", route=route)
        assert refused.value.field == "route"
    closed = cases.close(OFFICER, report.id, report.version, outcome="looked into", route=HOWS[0])
    told = replace(closed, document=replace(closed.document, route="Jane 07700 900456"))
    assert counted(registry.journal.vault, told)["route"] == "other"


def test_a_party_was_heard_on_a_day_that_has_come(cases: Cases) -> None:
    case = approved(cases)
    case = cases.add_party(OFFICER, case.id, case.version, Party(id="", role="police", name="Northmarch"))
    with pytest.raises(InvalidError, match="has not come"):
        cases.hear_party(OFFICER, case.id, case.version, "P1", heard="2199-01-01", agrees="yes", text="")
