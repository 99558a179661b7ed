"""A prison by its name or code: what is counted there, for whom, and nothing of anybody's details."""

from __future__ import annotations

import re

from service.access.model import Role
from tests.service.cases.asking import HIS, approved, asked, considered
from tests.service.console.conftest import NAME, NUMBER, OFFICER, Console
from tests.service.console.looking import names


def counts(page: str) -> dict[str, str]:
    """What is counted on the page, by its words."""
    return {text: number for number, text in re.findall(r'nc-count">([^<]+)</span> ([^<]+)</a>', page)}


def test_a_prison_is_found_by_its_name_a_former_one_its_code_or_how_it_begins(console: Console) -> None:
    reader = console.visitor(Role.AUDITOR)
    for typed in ("Leeds", "hmp LEEDS", "LEI", "lee"):
        assert reader.get("/prisons", params={"name": typed}).headers["location"] == "/prisons/LEI"
    assert reader.get("/prisons", params={"name": "strangeways"}).headers["location"] == "/prisons/MRI"
    several = reader.get("/prisons", params={"name": "wood"}).text
    assert several.count('href="/prisons/') > 2
    assert "None that you may see" in reader.get("/prisons", params={"name": "Atlantis"}).text
    here = console.visitor(Role.AUDITOR, name="leeds", prisons=("LEI",))
    assert re.findall(r'href="/prisons/([A-Z]{3})"', here.get("/prisons").text) == ["LEI"]
    assert here.get("/prisons/MDI").status_code == 404
    assert reader.get("/prisons/XQX").status_code == 404
    assert 'href="/prisons/LEI"' in reader.post("/search", wanted="Leeds").text


def test_what_waits_there_is_counted_for_each_role_as_it_may_see_it(console: Console) -> None:
    registry = console.system.registry
    registry.prisoners.move(OFFICER, HIS, "LEI")
    registry.prisoners.move(OFFICER, "B2345CD", "MDI")
    approved(console.system.cases)
    considered(console.system.cases, asked("UPC-3333-3333"))
    console.restrict(id="R7", until="2020-01-01", prisoner=HIS)
    console.restrict(id="R8", prisoner="B2345CD")
    console.flag("C1", prisoner="B2345CD")
    console.flag("C2", prisoner="B2345CD", establishment="MDI")
    of_all = {"restrictions in force": "1"}
    of_cases = of_all | {"cases open": "1", "notices outstanding": "1"}
    officer = console.visitor(Role.CASE_OFFICER, name="ida").get("/prisons/LEI").text
    assert counts(officer) == of_cases
    assert 'href="/cases/C-' in officer
    reviewer = console.visitor(Role.REVIEWER, name="ann").get("/prisons/LEI").text
    assert counts(reviewer) == of_all | {"flags waiting": "1"}
    auditor = console.visitor(Role.AUDITOR).get("/prisons/LEI").text
    assert counts(auditor) == of_all
    for page in (officer, reviewer, auditor):
        assert not names(page, "R7")
        assert not names(page, "R8")
        assert NAME not in page
        assert NUMBER not in page
    assert 'href="/cases/' not in reviewer.partition("<main")[2]
    both = console.visitor(Role.CASE_OFFICER, Role.REVIEWER, name="both").get("/prisons/MDI").text
    assert counts(both) == {
        "restrictions in force": "1", "cases open": "0", "notices outstanding": "0", "flags waiting": "1",
    }  # fmt: skip
