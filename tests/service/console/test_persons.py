"""A protected person by her name: found in any spelling, shown to who may, each look recorded first."""

from __future__ import annotations

import re

import pytest

from engine.model import Contact, ProtectedPerson
from service.access.model import Role
from service.ledger.record import Kind
from tests.service.cases.asking import asked, considered
from tests.service.console.conftest import OFFICER, Console
from tests.service.console.looking import names, records

HER, NAMESAKE, IN_HER_HOUSE = "R1", "R2", "R3"
HOME = Contact(kind="address", value="14 Larkmead Street\nAmbermouth\nLS1 4AB")


def phone(value: str) -> Contact:
    return Contact(kind="phone", value=value)


@pytest.fixture
def listed(console: Console) -> Console:
    """She, twice; somebody of her name; somebody in her house; and a request of hers that is considered."""
    she = ProtectedPerson(name="Maren Thistlewood", aliases=("Mary Thistlewood",))
    console.restrict(id=HER, protected=she, contacts=(phone("07700 900123"), HOME))
    console.restrict(id="R4", protected=ProtectedPerson(name="M Thistlewood"), contacts=(HOME,))
    console.restrict(id=NAMESAKE, protected=she, contacts=(phone("07700 900777"),))
    console.restrict(id=IN_HER_HOUSE, protected=ProtectedPerson(name="Osric Venn"), contacts=(HOME,))
    console.system.registry.prisoners.move(OFFICER, "X1234BC", "LEI")
    considered(console.system.cases, asked())
    return console


def main(page: str) -> str:
    return page.partition("<main")[2]


@pytest.mark.parametrize(
    "typed", ["Maren Thistlewood", "thistlewood, MAREN", "Maren Thistelwood", "Thistlewood"]
)
def test_she_is_found_in_any_spelling_and_the_look_is_recorded_without_showing_her(
    listed: Console, typed: str
) -> None:
    officer = listed.visitor(Role.CASE_OFFICER, name="ida")
    page = main(officer.post("/people", name=typed).text)
    assert f'href="/people/of/{HER}"' in page
    assert f"/restrictions/view/{IN_HER_HOUSE}" not in page
    assert re.search(r'href="/cases/C-\w+"', page)
    assert "900123" not in page
    (look,) = records(listed, kind=Kind.VIEW, actor=officer.id)
    assert look.subject == "search/people"
    auditor = main(listed.visitor(Role.AUDITOR).post("/people", name=typed).text)
    assert f"/restrictions/view/{HER}" in auditor
    assert "/people/of/" not in auditor
    assert "/cases/" not in auditor
    assert officer.post("/people", name=" ").status_code == 422


def test_what_is_hers_a_namesakes_and_her_houses_are_told_apart_once_it_is_recorded(listed: Console) -> None:
    ann = listed.visitor(Role.REVIEWER, name="ann")
    before = main(ann.get(f"/people/of/{HER}").text)
    assert "Thistlewood" not in before
    assert not names(before, "R4")
    assert ann.post(f"/people/of/{HER}", why="").status_code == 422
    assert records(listed, kind=Kind.VIEW, actor=ann.id) == []
    page = main(ann.post(f"/people/of/{HER}", why="She rang").text)
    assert "Maren Thistlewood" in page
    hers, same_name, same_point = page.split('<h2 class="govuk-heading-m">')[1:4]
    shown = [re.findall(r'/restrictions/view/(R\d)"', one) for one in (hers, same_name, same_point)]
    assert shown == [[HER, "R4"], [NAMESAKE], [IN_HER_HOUSE]]
    assert "/cases/" not in page  # a reviewer handles none
    assert "900123" not in page
    assert len(records(listed, kind=Kind.VIEW, actor=ann.id)) == 1
    officer = main(listed.visitor(Role.CASE_OFFICER, name="ida").post(f"/people/of/{HER}", why="x").text)
    assert re.search(r'href="/cases/C-\w+"', officer)


def test_nobody_reaches_a_person_of_another_prison(listed: Console) -> None:
    away = listed.visitor(Role.REVIEWER, name="away", prisons=("MDI",))
    assert away.get(f"/people/of/{HER}").status_code == 404
    assert away.post(f"/people/of/{HER}", why="She rang").status_code == 404
    assert "/restrictions/view/" not in main(away.post("/people", name="Maren Thistlewood").text)
