"""A shared number on the page of its case, from the form to the exception and to its end."""

from __future__ import annotations

from service.access.model import Role
from tests.service.cases.asking import SECOND, approved
from tests.service.console.conftest import Console
from tests.service.console.test_cases import NUMBER, do
from tests.service.registry.listings import ANOTHER, confirmed


def test_from_the_form_to_an_exception_and_its_end(console: Console) -> None:
    case = approved(console.system.cases)
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    visitor.post(f"/cases/{case.id}/open", why="To decide")
    given = {
        "shared": NUMBER,
        "way": "named_exception",
        "exempted": ANOTHER.lower(),
        "whose": "her sister <Ann>",
        "shared_because": "they share the house",
    }
    assert do(console, visitor, case.id, "resolve").status_code == 422
    refused = do(console, visitor, case.id, "resolve", **given)
    assert refused.status_code == 422
    assert "Say when it is looked at again" in refused.text
    page = do(console, visitor, case.id, "resolve", **given, shared_review="27/3/2027").text
    assert "A second person has to confirm it" in page
    (approval,) = console.system.registry.approvals.list()
    confirmed(console.system.registry, SECOND, approval.id)
    do(console, visitor, case.id, "assign")
    page = visitor.get(f"/cases/{case.id}").text
    assert "her sister &lt;Ann&gt;" in page
    assert "The exception is in force" in page
    shown = visitor.post(f"/restrictions/show/{case.id}", why="To look").text
    assert f"Exception for {ANOTHER}" in shown
    assert "review on 2027-03-27" in shown
    ended = {"resolution": "0", "ended_0": "the son is free"}
    assert do(console, visitor, case.id, "end-resolution", resolution="0").status_code == 422
    assert do(console, visitor, case.id, "end-resolution", **ended).status_code == 303
    assert console.system.registry.versions.get(case.id).document.restriction.exceptions == ()
    assert do(console, visitor, case.id, "end-resolution", resolution="x").status_code == 404
