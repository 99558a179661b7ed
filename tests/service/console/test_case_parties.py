"""The parties of a case on its page, beside those of the other requests for the same person."""

from __future__ import annotations

from service.access.model import Role
from service.public.asked import Asker
from tests.service.cases.asking import OFFICER, PATHWAYS, approved, asked, considered
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do


def test_a_party_is_added_and_heard_and_the_other_request_stands_beside_it(console: Console) -> None:
    cases = console.system.cases
    first = approved(cases)
    second = considered(cases, asked(asker=Asker(who="police", name="PC Osric Venn", reference="N/1")))
    second = cases.join(OFFICER, second.id, second.version, first.id, PATHWAYS[3]).case
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    page = visitor.post(f"/cases/{second.id}/open", why="To decide").text
    assert "PC Osric Venn" in page
    assert "Open that case to see who asked." in page
    visitor.post(f"/cases/{first.id}/open", why="To decide")
    assert do(console, visitor, second.id, "party", party_role="vlo").status_code == 422
    added = {"party_role": "vlo", "party_name": "Ida Marsh", "party_contact": "ida@example.org"}
    assert do(console, visitor, second.id, "party", **added).status_code == 303
    page = visitor.post(f"/cases/{second.id}/open", why="To decide").text
    assert "Open that case to see who asked." not in page
    assert "nobody has heard them" in page
    heard = {"party": "P1", "heard_P1": "27/3/2026", "agrees_P1": "no", "party_note_P1": "she is afraid"}
    assert do(console, visitor, second.id, "hear", party="P1").status_code == 422
    assert do(console, visitor, second.id, "hear", **heard).status_code == 303
    page = visitor.post(f"/cases/{second.id}/open", why="To decide").text
    assert "nobody has heard them" not in page
    assert "she is afraid" in page
