"""A case from the officer's form to a blocked call, and who sees what of it."""

from __future__ import annotations

import re

import httpx
import pytest

from engine.model import Attempt
from service.access.model import Role
from service.cases.model import CaseState
from service.cases.rules import COOLING_OFF
from service.registry.tables import restriction_version
from tests.service.cases.asking import HIS, OFFICER, SECOND, THIRD, approved, asked
from tests.service.cases.test_unread import broken
from tests.service.console.conftest import Console, Visitor
from tests.service.console.registering import confide
from tests.service.registry.listings import confirmed

NUMBER = "07700 900123"
HOME = "7 Larkmead Road, Northmarch"
KEYED = {
    "kind": "stop",
    "channel": "telephone",
    "words": "He rings every night.",
    "who": "self",
    "asker": "Maren Thistlewood",
    "phone": NUMBER,
    "sought": "Corin Blackmere",
    "number": HIS,
    "name": "Maren Thistlewood",
    "phones": f"{NUMBER} (after six)",
    "addresses": HOME,
    "urgency": "today",
    "danger": "no",
}


def keyed(console: Console, visitor: Visitor) -> str:
    """A case that the officer keyed in; its id."""
    answer = visitor.post("/cases/new", **KEYED)
    assert answer.status_code == 303
    found = re.search(r"/cases/(C-\w+)", answer.headers["location"])
    assert found is not None
    return found[1]


def do(console: Console, visitor: Visitor, id_: str, act: str, **fields: str) -> httpx.Response:
    """A step on the page as it is now."""
    case = console.system.cases.get(OFFICER, id_)
    return visitor.post(f"/cases/{id_}/{act}", version=str(case.version), **fields)


def test_from_the_telephone_to_a_call_that_does_not_ring(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    page = visitor.get(f"/cases/{id_}").text
    assert "He rings every night." in page
    assert "stops calls and texts to" in page
    assert do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it").status_code == 303
    assert do(console, visitor, id_, "contacts", phones=NUMBER, addresses=HOME).status_code == 303
    refused = do(console, visitor, id_, "approve", pathway="4")
    assert refused.status_code == 422
    assert "why it is proportionate" in refused.text
    assert do(console, visitor, id_, "approve", pathway="2").status_code < 400
    console.system.current.refresh()
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, establishment="LEI", to=NUMBER)
    assert console.app.checks.decider.screener().check(attempt, console.clock()).decision == "block"
    page = visitor.get(f"/cases/{id_}").text
    assert "Tell the prisoner" in page
    letter = visitor.get(f"/cases/{id_}/notice")
    assert letter.headers["content-type"] == "application/pdf"
    assert console.visitor(Role.CASE_OFFICER, name="eve").get(f"/cases/{id_}/notice").status_code == 409
    assert do(console, visitor, id_, "serve", served_how="by hand", took="no").status_code == 303
    assert "he would not take the letter" in visitor.get(f"/cases/{id_}").text


def test_what_is_hidden_is_opened_with_a_reason_and_nobody_acts_before(console: Console) -> None:
    case = console.system.cases.key_in(OFFICER, asked(), "telephone", "")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    page = visitor.get(f"/cases/{case.id}").text
    assert "Maren" not in page
    assert NUMBER not in page
    assert do(console, visitor, case.id, "note", text="seen").status_code == 409
    assert do(console, visitor, case.id, "open").status_code == 422
    assert "Maren Thistlewood" in do(console, visitor, case.id, "open", why="To decide").text
    assert do(console, visitor, case.id, "note", text="seen").status_code == 303
    assert "Maren" not in visitor.get(f"/cases/{case.id}").text
    assert do(console, visitor, case.id, "assign").status_code == 303
    assert "Maren" in visitor.get(f"/cases/{case.id}").text
    assert "Maren" not in visitor.get("/cases").text


def test_all_that_is_wrong_with_a_form_is_told_at_once(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    answer = visitor.post("/cases/new", **{**KEYED, "who": "", "asker": "", "name": "\u3164"})
    assert answer.status_code == 422
    assert answer.text.count("govuk-error-message") >= 3
    assert "He rings every night." in answer.text


@pytest.mark.parametrize("pressed", ["no", "unsure"])
def test_a_withdrawal_ends_only_where_she_is_free_and_a_second_person_agrees(
    console: Console, pressed: str
) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it")
    do(console, visitor, id_, "contacts", phones=NUMBER, addresses=HOME)
    do(console, visitor, id_, "approve", pathway="2")
    assert do(console, visitor, id_, "withdraw", who="she herself").status_code == 303
    do(console, visitor, id_, "call", safely="alone", pressed=pressed)
    early = do(console, visitor, id_, "end", ended_because="as asked")
    assert "The cooling-off time is not over" in early.text
    console.clock.ahead += COOLING_OFF
    other = console.visitor(Role.CASE_OFFICER, name="eve")
    assert other.post(f"/cases/{id_}/open", why="To end it").status_code == 200
    late = do(console, other, id_, "end", ended_because="as asked")
    approvals = console.system.registry.approvals.list()
    if pressed == "no":
        assert "A second person has to confirm it" in late.text
        assert len(approvals) == 1
    else:
        assert late.status_code == 422
        assert approvals == []
    assert console.system.registry.versions.get(id_).document.stands
    assert console.system.cases.get(OFFICER, id_).state is CaseState.WITHDRAWING


def test_looking_back_finds_what_got_through_before(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    console.restrict()  # with nothing listed at all every call is refused
    seq = console.attempt("early", to="07700 900999", prisoner=HIS)
    console.attempt("other", to="07700 900555", prisoner=HIS)
    id_ = keyed(console, visitor)
    assert do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it").status_code == 303
    assert do(console, visitor, id_, "contacts", phones="07700 900999").status_code == 303
    page = do(console, visitor, id_, "look-back").text
    assert "Of 2 attempts that were allowed" in page
    assert "Call: block, 1" in page
    assert "would have stopped 1 and held 0, of 1 prisoner" in page
    assert f"ledger {seq}" not in page  # whose they are is another look, and another record
    assert f"ledger {seq}" in do(console, visitor, id_, "look-back", who="yes").text


def test_who_else_has_a_contact_point_is_told_before_the_approval(console: Console) -> None:
    console.restrict()
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    assert do(console, visitor, id_, "look-back").status_code == 409  # nothing is listed yet
    do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it")
    do(console, visitor, id_, "contacts", phones=NUMBER, addresses=HOME)
    page = do(console, visitor, id_, "look-back").text
    phone, address = page.split("Who else has it</strong>")[1:]
    assert "/restrictions/view/R1" in phone
    assert "/restrictions/view/R1" not in address


def test_an_old_page_overwrites_nothing(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    old = console.system.cases.get(OFFICER, id_).version
    do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it")
    answer = visitor.post(f"/cases/{id_}/contacts", version=str(old), phones="07700 900456")
    assert answer.status_code == 409
    assert "read it again" in answer.text
    assert visitor.post(f"/cases/{id_}/note", text="no version").status_code == 409
    long = do(console, visitor, id_, "note", text="x" * 5_000)
    assert long.status_code == 422


def test_a_long_list_goes_on_and_a_case_is_found(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    for _ in range(55):
        console.system.cases.key_in(OFFICER, asked(urgency="today"), "telephone", "")
    late = console.system.cases.key_in(OFFICER, asked(), "telephone", "")
    page = visitor.get("/cases").text
    assert late.id not in page
    following = re.search(r'href="(/cases\?which=open&amp;after=[^"]+)"', page)
    assert following is not None
    assert late.id in visitor.get(following[1].replace("&amp;", "&")).text
    assert visitor.get(f"/cases/find?id={late.id.lower()}").headers["location"] == f"/cases/{late.id}"
    assert visitor.get("/cases/find?id=C-nothing").status_code == 404


def test_figures_of_cases_and_their_tables(console: Console) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    keyed(console, visitor)
    page = visitor.get("/cases/figures").text
    assert "The person herself" in page
    assert "Maren" not in page
    whole = visitor.get("/cases/figures/askers.csv")
    assert whole.text.splitlines()[1:] == ["The person herself,1,0"]
    assert "cases-askers-" in whole.headers["content-disposition"]
    kept_back = visitor.get("/cases/figures/askers.csv?for=publication").text
    assert kept_back.splitlines()[1:] == ["The person herself,[c],0"]
    assert visitor.get("/cases/figures/none.csv").status_code == 404
    assert visitor.get("/cases/figures?year=1066").status_code == 200
    assert "None in this time" in visitor.get("/cases/figures?year=2024").text


@pytest.mark.parametrize(
    "after",
    [
        "2026-01-01~C-22222222",
        "0001-01-01T00:00~C-22222222",
        "9999-12-31T23:59-14:00~C-22222222",
        "~x%00",
        "x~y",
    ],
)
def test_a_page_of_the_list_that_nobody_was_led_to_is_the_first_or_a_later_one(
    console: Console, after: str
) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    assert visitor.get(f"/cases?after={after}").status_code == 200


def test_what_is_told_after_an_act_names_what_was_typed_and_says_whether_it_is_in_force(
    console: Console,
) -> None:
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    id_ = keyed(console, visitor)
    typed = "home: 020 7946 0123, mob: 07700 900456 (old)"
    confide(console)
    assert do(console, visitor, id_, "prisoner", prisoner=HIS, because="she knows it").status_code == 303
    assert (
        do(console, visitor, id_, "contacts", phones=f"{typed}\r\n{NUMBER}", addresses=HOME).status_code
        == 303
    )
    page = do(console, visitor, id_, "approve", pathway="2").text
    assert f"“{typed}”: several values in one field: each is listed by itself" in page
    assert f"“{NUMBER}” is on the confidential register" in page
    assert "It is in force, but for what waits for a second person." in page
    assert "contacts[" not in page
    assert "Until then all holds as it was" not in page


def test_the_reason_of_an_end_is_written_by_who_ends_it_and_he_lives_is_said_by_two(console: Console) -> None:
    visitor, other = (console.visitor(Role.CASE_OFFICER, name=name) for name in ("ida", "eve"))
    cases, registry = console.system.cases, console.system.registry
    case = approved(cases)
    for each in (visitor, other):
        do(console, each, case.id, "open", why="To go on")
    do(console, visitor, case.id, "withdraw", who="she herself")
    do(console, visitor, case.id, "call", safely="alone", pressed="no")
    assert "Say why it is ended" in do(console, other, case.id, "end").text
    do(console, visitor, case.id, "keep", reason="she was not sure")
    registry.prisoners.move(OFFICER, HIS, "DEC")
    number = registry.versions.get(case.id).version
    confirmed(registry, SECOND, registry.restrictions.propose_end(OFFICER, case.id, number, "he died").id)
    cases.end_after_death(OFFICER, case.id, cases.get(OFFICER, case.id).version)
    registry.prisoners.move(OFFICER, HIS, "LEI")
    page = do(console, visitor, case.id, "reopen", reopened_because="seen on the wing").text
    assert "The restriction is in force again; a second person has to agree" in page
    assert do(console, other, case.id, "reopen", reopened_because="he rang").status_code == 303
    assert cases.get(OFFICER, case.id).state is CaseState.IN_FORCE


def test_a_restriction_of_his_that_cannot_be_read_is_told_as_doubt_on_the_page(console: Console) -> None:
    registry, officer = console.system.registry, console.visitor(Role.CASE_OFFICER, name="ida")
    bad = approved(console.system.cases)
    broken(registry, restriction_version, bad.id)
    id_ = keyed(console, officer)
    do(console, officer, id_, "prisoner", prisoner=HIS, because="she knows his number")
    do(console, officer, id_, "contacts", phones=NUMBER, addresses=HOME)
    assert f"Restriction {bad.id} of this prisoner cannot be read" in officer.get(f"/cases/{id_}").text
    answer = do(console, officer, id_, "approve", pathway="2")
    assert f"Restriction {bad.id} of this prisoner cannot be read" in answer.text
    assert console.system.cases.get(OFFICER, id_).state is CaseState.IN_FORCE
    found = officer.post("/restrictions/search", wanted=NUMBER).text
    assert "Cannot be read: " in found
    assert bad.id in found


def test_pressure_noted_after_the_end_was_confirmed_is_said_to_have_put_it_back(console: Console) -> None:
    system = console.system
    case = approved(system.cases)
    case = system.cases.ask_withdrawal(OFFICER, case.id, case.version, "she")
    console.clock.ahead += COOLING_OFF
    case = system.cases.call_back(OFFICER, case.id, case.version, "alone", "no")
    waits = system.cases.end(SECOND, case.id, case.version, "as asked").approval or ""
    confirmed(system.registry, THIRD, waits)
    officer = console.visitor(Role.CASE_OFFICER, name="eve")
    officer.post(f"/cases/{case.id}/open", why="to work on it")
    answer = do(console, officer, case.id, "call", safely="he stood beside her", pressed="yes")
    assert "the restriction stands again" in answer.text
    assert system.registry.versions.get(case.id).document.stands
