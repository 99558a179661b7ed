"""The page of prisoners who are still to be told: whom each officer sees on it."""

from __future__ import annotations

from service.access.model import Role
from tests.service.cases.asking import HIS, OFFICER, SECOND, approved
from tests.service.console.conftest import Console


def test_an_officer_sees_those_of_his_prisons_and_why_only_where_he_opened_the_case(console: Console) -> None:
    cases = console.system.cases
    console.system.registry.prisoners.move(OFFICER, HIS, "LEI")
    case = approved(cases)
    case = cases.hold_notice(OFFICER, case.id, case.version, "he would know who told")
    cases.hold_notice(SECOND, case.id, case.version, "")
    leeds = console.visitor(Role.CASE_OFFICER, name="ida", prisons=("LEI",))
    page = leeds.get("/cases/notices").text
    assert f'href="/cases/{case.id}"' in page
    assert "Held by two people" in page
    assert "he would know" not in page
    leeds.post(f"/cases/{case.id}/open", why="To decide")
    assert "he would know who told" in leeds.get("/cases/notices").text
    other = console.visitor(Role.CASE_OFFICER, name="eve", prisons=("MDI",))
    assert "Everybody was told." in other.get("/cases/notices").text
