"""The casework in a real browser: from the form to a call that does not ring, and back by her free word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from engine.model import Contact
from service.cases.model import CaseState, Consideration
from service.cases.rules import COOLING_OFF
from service.public.asked import Protected, Sought
from service.public.words import words
from tests.service.cases.asking import OFFICER, asked
from tests.service.cases.shown import Answers, Officer, Shown, shown
from tests.service.cases.test_notice import text_of

PRISONERS = {
    "victim": "A1111AA,Corin Blackmere,1981-05-03,LEI",
    "herself": "A2222AA,Osric Pellow,1985-04-03,LEI",
    "third party": "A3333AA,Tobias Wrexley,1990-01-02,MDI",
    "concern": "A4444AA,Jory Penhallow,1979-11-30,LEI",
    "pressed": "A5555AA,Hal Sedgemoor,1988-02-14,LEI",
    "shared": "A6666AA,Ned Carrow,1983-07-09,LEI",
    "at home": "B2222BB,Ivo Rainsford,1989-10-12,LEI",
    "fellow": "A7777AA,Piers Aldous,1992-08-21,LEI",
    "held up": "A8888AA,Silas Marrick,1976-12-01,LEI",
    "Welsh": "A9999AA,Gethin Prosser,1986-03-01,CFI",
    "anybody": "B1111BB,Alban Thirlby,1991-06-06,LEI",
}
NUMBERS = {name: line[:7] for name, line in PRISONERS.items()}


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Shown]:
    """One form and one service for all walks; each has a prisoner and a number of its own."""
    with shown(browser, list(PRISONERS.values())) as made:
        yield made


def wanted(prisoner: str, number: str, **changed: str | list[str]) -> Answers:
    """Somebody who asks for herself."""
    of_him = PRISONERS[prisoner].split(",")
    return {
        "kind": "stop",
        "who": "self",
        "asker": "Maren Thistlewood",
        "phone": "01632 960017",
        "prisoner": of_him[1],
        "number": of_him[0],
        "addresses": ["7 Larkmead Road\nNorthmarch\nLS1 4AB"],
        "numbers": [number],
        "how": ["call"],
        "danger": "no",
        "urgency": "soon",
        **changed,
    }


POLICE = {
    "who": "police",
    "organisation": "Northmarch Police",
    "reference": "N/26/0417",
    "asker": "Bevis Carradine",
    "person": "Maren Thistlewood",
    "knows": "yes",
    "agrees": "yes",
}
PATHWAYS: dict[str, dict[str, str]] = {
    "victim": {"pathway": "1", "offence": "harassment", "source": "the court's record"},
    "herself": {"pathway": "2"},
    "third party": {"pathway": "3", "consent": "by telephone, noted by the officer"},
    "concern": {
        "pathway": "4",
        "grounds": "threats heard on the wing",
        "alternatives": "monitoring alone",
        "necessity": "he wrote twice",
        "proportionality": "one number and one house",
        "review": "1/6/2027",
    },
}


def considered(officer: Officer, case: str) -> None:
    """The candidate is confirmed, and the contact points are kept as they were asked for."""
    officer.take(case)
    officer.says("as told")
    officer.do("prisoner")
    officer.says("The prisoner is confirmed.")
    officer.do("contacts")


def in_force(stage: Shown, prisoner: str, number: str) -> str:
    """A request that was approved before the walk begins."""
    request = asked(
        f"UPC-{number[-4:]}-{number[-4:]}",
        sought=Sought(name=prisoner, number=NUMBERS[prisoner]),
        person=Protected(name="Maren Thistlewood", numbers=(number,)),
    )
    cases, contacts = stage.cases, (Contact(kind="phone", value=number),)
    case = cases.key_in(OFFICER, request, "telephone", "she rang")
    case = cases.confirm_prisoner(OFFICER, case.id, case.version, NUMBERS[prisoner], "she knows him")
    case = cases.list_contacts(OFFICER, case.id, case.version, contacts)
    return cases.approve(OFFICER, case.id, case.version, Consideration(pathway=2)).case.id


@pytest.mark.parametrize(("way", "number"), [(way, f"07700 9001{n}1") for n, way in enumerate(PATHWAYS, 1)])
def test_each_pathway_leads_from_the_form_to_a_call_that_does_not_ring(
    stage: Shown, way: str, number: str
) -> None:
    given = wanted(way, number, **(POLICE if way in ("third party", "concern") else {}))
    if way == "concern":
        given = {**given, "knows": "no", "agrees": "unsure", "danger": "yes"}
    officer = stage.officer("ida")
    case = stage.case(given)
    considered(officer, case)
    assert stage.call(NUMBERS[way], number) == "allow"
    officer.do("approve", **PATHWAYS[way])
    officer.says("It is in force.")
    assert stage.call(NUMBERS[way], f"141 {number}") == "block"
    assert stage.call(NUMBERS["anybody"], number) == "block"
    assert stage.call(NUMBERS[way], "07700 900999") == "allow"
    assert stage.cases.get(OFFICER, case).document.consideration is not None
    assert officer.complaints == []
    for typed in ("Thistlewood", number.replace(" ", "")[1:], number[-6:], "Larkmead", "Carradine"):
        assert not [one for one in stage.urls if typed in one]


def test_a_withdrawal_under_pressure_is_not_followed(stage: Shown) -> None:
    number, officer = "07700 900211", stage.officer("ida")
    case = in_force(stage, "pressed", number)
    officer.take(case)
    officer.do("withdraw", who="a woman who says that it is she, by telephone")
    officer.do("call", safely="on her own number, a man was heard beside her", pressed="unsure")
    stage.console.clock.ahead += COOLING_OFF + timedelta(days=1)
    second = stage.officer("ben")
    second.take(case)
    second.do("end", ended_because="she said that she wants it")
    second.says("it is not ruled out that she was put under pressure")
    assert stage.cases.get(OFFICER, case).state is CaseState.WITHDRAWING
    assert stage.call(NUMBERS["pressed"], number) == "block"
    second.do("keep", reason="pressure is not ruled out")
    assert stage.call(NUMBERS["pressed"], number) == "block"


def test_a_shared_number_rings_for_whom_it_is_resolved_and_for_nobody_else(stage: Shown) -> None:
    number, officer = "07700 900311", stage.officer("ida")
    case = in_force(stage, "shared", number)
    officer.take(case)
    officer.do(
        "resolve",
        shared=number,
        way="named_exception",
        exempted=NUMBERS["anybody"],
        whose="her sister Odile, his mother",
        shared_because="they share the house",
        shared_review="1/6/2027",
    )
    officer.says("A second person has to confirm it")
    asked = [NUMBERS[name] for name in ("anybody", "shared", "fellow")]
    assert [stage.call(one, number) for one in asked] == ["block"] * 3
    second = stage.officer("ben")
    second.confirm()
    assert [stage.call(one, number) for one in asked] == ["allow", "block", "block"]
    officer.take(case)
    officer.do("end-resolution", ended_0="they moved apart")
    assert [stage.call(one, number) for one in asked] == ["block"] * 3


def test_at_a_shared_address_his_letter_to_his_mother_goes_and_no_other_does(stage: Shown) -> None:
    house, officer = "12 Fernhill Close, Northmarch, LS1 4AB", stage.officer("ida")
    his, theirs = NUMBERS["at home"], NUMBERS["anybody"]
    case = stage.case(wanted("at home", "07700 900711", addresses=[house.replace(", ", "\n")]))
    considered(officer, case)
    officer.do("approve", **PATHWAYS["herself"])

    def decided(name: str) -> list[str]:
        envelope = "\n".join((name, *house.split(", ")))
        return [stage.letter(one, envelope) for one in (his, theirs)]

    assert decided("Odile Rainsford") == ["block", "flag"]
    officer.do(
        "resolve",
        shared=house,
        way="close_relative",
        exempted=his,
        whose="Odile Rainsford, his mother, with whom she lodges",
        shared_because="his mother lives there",
        shared_review="1/6/2027",
    )
    officer.says("it lets through the very prisoner whom the restriction names")
    assert decided("Odile Rainsford") == ["block", "flag"]
    stage.officer("ben").confirm()
    assert decided("Odile Rainsford") == ["allow", "flag"]
    assert decided("Maren Thistlewood") == ["flag", "block"]  # held: she lives there too
    officer.take(case)
    officer.says("The exception is in force")
    assert officer.complaints == []
    officer.do("end-resolution", ended_0="she lives elsewhere now")
    assert decided("Odile Rainsford") == ["block", "flag"]


def test_a_fellow_prisoners_call_to_the_number_that_was_learnt_does_not_ring(stage: Shown) -> None:
    hers, learnt, officer = "07700 900411", "01632 960411", stage.officer("ida")
    case = in_force(stage, "held up", hers)
    assert stage.call(NUMBERS["fellow"], learnt) == "allow"
    report = stage.case(
        wanted(
            "held up",
            hers,
            kind="continuing",
            how=["fellow_prisoner"],
            when="Sunday evening",
            happened="Another man rang my mother and passed on a message.",
        )
    )
    officer.take(report)
    officer.do("prisoner")
    officer.do("link", restriction=case)
    officer.do("learn", phones=learnt)
    officer.says("It is listed, and stopped from now on.")
    assert stage.call(NUMBERS["fellow"], learnt) == "block"
    officer.do("close", outcome="a fellow prisoner rang for him", route="fellow_prisoner", referred="1 June")
    assert stage.cases.get(OFFICER, report).state is CaseState.CLOSED
    assert [stage.call(NUMBERS[one], learnt) for one in ("fellow", "held up")] == ["block"] * 2


def test_a_request_under_which_another_stands_is_withdrawn_and_the_call_does_not_ring(stage: Shown) -> None:
    number, officer = "07700 900511", stage.officer("ida")
    first = in_force(stage, "anybody", number)
    second = stage.case(wanted("anybody", number, **POLICE))
    considered(officer, second)
    officer.do("approve", **PATHWAYS["third party"], restriction=first)
    officer.take(first)
    officer.do("withdraw", who="she herself, by telephone")
    officer.do("call", safely="alone, on her own number, with a question", pressed="no")
    stage.console.clock.ahead += COOLING_OFF + timedelta(days=1)
    other = stage.officer("ben")
    other.take(first)
    other.do("end", ended_because="she said that she moved away")
    assert stage.cases.get(OFFICER, first).state is CaseState.ENDED
    assert stage.cases.get(OFFICER, second).state is CaseState.IN_FORCE
    assert stage.call(NUMBERS["anybody"], number) == "block"


def test_the_form_the_messages_and_the_letter_are_in_welsh(stage: Shown) -> None:
    number, officer, say = "07700 900611", stage.officer("ida"), words("cy")
    given = wanted("Welsh", number)
    page = stage.ask(given, "/cy")
    assert page.get_attribute("html", "lang") == "cy"
    assert say("We have received it") in page.inner_text("h1")
    case = stage.taken_in(page)
    considered(officer, case)
    officer.do("approve", **PATHWAYS["herself"])
    for text in ("We have received what you sent us.", "It is in force now."):
        assert text not in officer.page.inner_text("main")
    told = [one.message.text for one in stage.cases.outbox.of_case(case)]
    assert len(told) == 2
    for text in told:
        officer.says(text.split("\n")[0])
    letter = officer.page.context.request.get(f"/cases/{case}/notice")
    text = text_of(letter.body())
    assert "Ni chewch gysylltu â’r person hwn" in text
    assert text.count("Maren Thistlewood") == 2
    assert number not in text
    assert stage.call(NUMBERS["Welsh"], number) == "block"
