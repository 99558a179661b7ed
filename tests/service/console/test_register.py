"""The confidential register at the console: asked for by one, confirmed by another, found, and taken off."""

from __future__ import annotations

import re

from service.access.model import Role
from service.ledger.record import Kind
from tests.service.console.conftest import Console
from tests.service.console.looking import records

ENTRY = {
    "name": "Ambermouth Law",
    "kind": "solicitor",
    "phones": "020 7946 0018",
    "addresses": "3 Harbour Walk, Ambermouth",
    "verified": "looked up in the roll of solicitors",
}


def test_an_entry_goes_from_form_to_force_by_two_people_and_is_found(console: Console) -> None:
    ida, ben = (console.visitor(Role.CASE_OFFICER, name=name) for name in ("ida", "ben"))
    asked = ida.post("/register/new", **ENTRY)
    approval = re.search(r"/approvals/([0-9a-f]{16})", asked.text)
    assert approval is not None
    assert "Ambermouth Law" not in ben.get("/register").text
    ben.post(f"/approvals/{approval[1]}/show", why="to confirm")
    assert ben.post(f"/approvals/{approval[1]}/decide", answer="confirm").status_code == 303
    for wanted in ("Ambermouth", "ambermuth law", "020 7946 0018", "3 Harbour Walk"):
        assert "1 found" in ben.post("/register/search", sought=wanted).text, wanted
        assert records(console, kind=Kind.VIEW)[0].subject == "search/register"
    assert "0 found" in ben.post("/register/search", sought="020 7946 0019").text
    page = ben.get("/register").text
    entry = re.search(r"/register/view/(E-\w{8})", page)
    assert entry is not None
    assert ben.post(f"/register/remove/{entry[1]}", version="1", reason="").status_code == 422
    assert ben.post(f"/register/remove/{entry[1]}", version="1", reason="it closed").status_code == 303
    assert "Ambermouth Law" not in ben.get("/register").text
    assert ben.post(f"/register/remove/{entry[1]}", version="1", reason="it closed").status_code == 409


def test_everything_that_is_missing_is_said_at_once_at_its_field(console: Console) -> None:
    ida = console.visitor(Role.CASE_OFFICER, name="ida")
    empty = ida.post("/register/new")
    assert empty.status_code == 422
    assert all(f'id="{name}-error"' in empty.text for name in ("name", "kind", "phones", "verified"))
    wrong = ida.post("/register/new", **{**ENTRY, "phones": "020 7946 0018\nnobody knows"})
    assert wrong.status_code == 422
    assert 'id="phones-error"' in wrong.text
