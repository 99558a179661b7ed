"""One box for everything: what is found by what, by whom, and that looking is recorded."""

from __future__ import annotations

import re

import pytest

from engine.model import Contact, ProtectedPerson
from service.access.model import Role
from service.ledger.record import Kind
from tests.service.cases.asking import asked, considered
from tests.service.console.conftest import PRISONER, Console, Visitor
from tests.service.console.looking import records

EVERYTHING = (Role.CASE_OFFICER, Role.REVIEWER)


def found(visitor: Visitor, wanted: str) -> set[str]:
    """Where the results lead."""
    answer = visitor.post("/search", wanted=wanted)
    assert answer.status_code == 200
    results = answer.text.partition("</form>\n<section")[2]
    return set(re.findall(r'<li><a class="govuk-link" href="([^"]+)"', results))


@pytest.fixture
def listed(console: Console) -> Console:
    """Somebody who is listed with everything by which she is found."""
    console.restrict(
        protected=ProtectedPerson(name="Sarah Tallantyre"),
        contacts=(
            Contact(kind="phone", value="07700 900123"),
            Contact(kind="email", value="rhos@example.org"),
            Contact(kind="handle", value="@rhos_t"),
            Contact(kind="address", value="14 Larkmead Street\nAmbermouth\nLS1 4AB"),
        ),
    )
    return console


@pytest.mark.parametrize(
    "wanted",
    [
        "R1",
        PRISONER,
        PRISONER.lower(),
        "+44 (0)7700 900 123",
        "07700900123",
        "Rhos@Example.org",
        "@rhos_t",
        "ls14ab",
        "14 Larkmead St",
        "Larkmead Street, Ambermouth",
        "larkmead st",
        "Sarah Tallantyre",
        "Sally Tallantyre",
        "sara tallantire",
        "Tallantyre",
        "Talantyre",
    ],
)
def test_a_restriction_and_its_prisoner_are_found_however_it_is_typed(listed: Console, wanted: str) -> None:
    visitor = listed.visitor(Role.REVIEWER)
    assert "/restrictions/view/R1" in found(visitor, wanted)
    if wanted != "R1":
        assert f"/prisoners/{PRISONER}" in found(visitor, wanted)
    seen = records(listed, kind=Kind.VIEW)[0]
    assert (seen.actor, seen.subject) == (visitor.id, "search/everything")
    assert wanted not in seen.detail.decode()


def test_another_name_number_or_street_is_not_found(listed: Console) -> None:
    visitor = listed.visitor(Role.REVIEWER)
    for wanted in ("Simon Tallantyre", "07700 900124", "Larkmead Road", "16 Larkmead Street", "LS1 4AD"):
        assert "/restrictions/view/R1" not in found(visitor, wanted), wanted


def test_what_was_flagged_is_found_by_its_number_its_prisoner_and_its_contact_point(listed: Console) -> None:
    seq = listed.flag()
    visitor = listed.visitor(Role.REVIEWER, prisons=("LEI",))
    elsewhere = listed.visitor(Role.REVIEWER, name="ben", prisons=("MDI",))
    for wanted in (str(seq), PRISONER, "07700 900124"):
        assert f"/queue/{seq}" in found(visitor, wanted), wanted
        assert f"/queue/{seq}" not in found(elsewhere, wanted), wanted


def test_a_case_is_found_while_it_is_undecided_and_behind_its_restriction(console: Console) -> None:
    undecided = console.system.cases.take_in("system", asked(), "form")
    assert undecided is not None
    case = considered(console.system.cases)
    officer, reviewer = console.visitor(Role.CASE_OFFICER), console.visitor(Role.REVIEWER, name="ben")
    person = asked().person
    for wanted in (person.name, person.numbers[0], asked().reference, undecided.id, undecided.id.lower()):
        assert f"/cases/{undecided.id}" in found(officer, wanted), wanted
        assert f"/cases/{undecided.id}" not in found(reviewer, wanted), wanted
    assert case.prisoner is not None
    assert f"/cases/{case.id}" in found(officer, case.prisoner)


def test_each_role_finds_what_it_may_see(listed: Console) -> None:
    assert found(listed.visitor(Role.MAILROOM), "07700 900123") == set()
    assert found(listed.visitor(Role.ADMIN, name="root"), "Sarah Tallantyre") == set()
    auditor = found(listed.visitor(Role.AUDITOR, name="eve"), "07700 900123")
    assert auditor == {"/restrictions/view/R1", f"/prisoners/{PRISONER}"}
    assert found(listed.visitor(Role.REVIEWER, name="ann", prisons=("MDI",)), "Sarah Tallantyre") == set()


def test_nothing_typed_is_said_at_the_field(console: Console) -> None:
    answer = console.visitor(Role.REVIEWER).post("/search", wanted="  ")
    assert answer.status_code == 422
    assert 'href="#wanted"' in answer.text


def test_a_restriction_that_is_over_is_said_to_be(console: Console) -> None:
    console.restrict(from_="2026-01-01", until="2026-02-01")
    page = console.visitor(Role.REVIEWER).post("/search", wanted=PRISONER).text
    assert "Expired. Prisoner" in page
    assert "Standing" not in page
