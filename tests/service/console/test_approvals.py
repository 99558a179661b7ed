"""What waits for a second person: who confirms it, and what is shown of it."""

from __future__ import annotations

from matchers import tables
from service.access.model import Role
from tests.service.console.conftest import NUMBER, OFFICER, Console
from tests.service.console.looking import names
from tests.service.console.registering import (
    MARKUP,
    edited,
    latest,
    lawyer,
    officer,
    views,
    why,
)


def test_who_asked_cannot_confirm_and_is_told(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    (asked,) = console.system.registry.approvals.list()
    page = visitor.get(f"/approvals/{asked.id}").text
    assert "you cannot confirm it" in page
    assert 'value="confirm"' not in page
    answer = visitor.post(f"/approvals/{asked.id}/decide", answer="confirm")
    assert answer.status_code == 403
    assert "it takes a second person" in answer.text
    assert latest(console).version == 1
    assert visitor.post(f"/approvals/{asked.id}/decide", answer="refuse").status_code == 303
    assert console.system.registry.approvals.list() == []


def test_a_second_person_confirms_and_it_is_in_force(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    second = console.visitor(Role.REVIEWER, name="rita")
    page = second.get("/approvals").text
    assert "A contact point is taken off" in page
    (asked,) = console.system.registry.approvals.list()
    assert second.post(f"/approvals/{asked.id}/decide").status_code == 422
    assert 'value="confirm"' not in second.get(f"/approvals/{asked.id}").text
    unseen = second.post(f"/approvals/{asked.id}/decide", answer="confirm")
    assert (unseen.status_code, "Open its details first" in unseen.text) == (409, True)
    assert 'value="confirm"' in second.post(f"/approvals/{asked.id}/show", why="To decide").text
    assert 'value="confirm"' in second.get(f"/approvals/{asked.id}").text
    assert second.post(f"/approvals/{asked.id}/decide", answer="confirm", note=MARKUP).status_code == 303
    assert NUMBER not in [one.value for one in latest(console).document.restriction.contacts]
    again = second.post(f"/approvals/{asked.id}/decide", answer="refuse")
    assert again.status_code == 409
    assert "It was decided before" in again.text
    assert "Nothing waits." in second.get("/approvals").text
    assert f"/approvals/{asked.id}" in second.get("/approvals?state=confirmed").text
    note = second.post(f"/approvals/{asked.id}/show", why="What did I say?").text
    assert "Note of who decided" in note
    assert MARKUP not in note


def test_what_an_approval_would_change_is_shown_with_a_reason(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    form = edited(console, visitor, phones="020 7946 0555", reason=f"A new number {MARKUP}")
    visitor.post("/restrictions/edit/R1", **form)
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    before = second.get(f"/approvals/{asked.id}").text
    assert NUMBER not in before
    assert "020 7946 0555" not in before
    assert second.post(f"/approvals/{asked.id}/show", why="").status_code == 422
    page = second.post(f"/approvals/{asked.id}/show", why="To decide").text
    assert page.index(NUMBER) < page.index("020 7946 0555")
    assert "Larkmead" not in page
    assert MARKUP not in page
    seen = views(console)[-1]
    assert (seen.actor, seen.subject, why(console, seen)) == (second.id, f"approval/{asked.id}", "To decide")
    administrator = console.visitor(Role.ADMIN, name="ada")
    assert administrator.post(f"/approvals/{asked.id}/show", why="To decide").status_code == 403


def test_a_second_person_sees_whose_a_public_bodys_number_is_once_she_opens_it(console: Console) -> None:
    prison, number = next((whose, number) for _, whose, number in tables.rows("public_numbers"))
    console.restrict()
    visitor = officer(console)
    form = edited(console, visitor, phones=f"{NUMBER}\n{number}")
    assert prison in visitor.post("/restrictions/edit/R1", **form).text
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    assert prison not in second.get(f"/approvals/{asked.id}").text
    assert f": {prison}" in second.post(f"/approvals/{asked.id}/show", why="To decide").text


def test_what_is_asked_of_the_register_and_of_many_can_be_seen(console: Console) -> None:
    console.restrict()
    second = console.visitor(Role.REVIEWER, name="rita")
    console.system.registry.restrictions.ask_removal("user:officer", ["R1", MARKUP], "Too old")
    console.system.registry.register.add(OFFICER, lawyer(), "Checked with the Law Society")
    for asked in console.system.registry.approvals.list():
        page = second.post(f"/approvals/{asked.id}/show", why="To decide").text
        assert MARKUP not in page
        said = "2 restrictions" if asked.kind == "removal" else "Checked with the Law Society"
        assert said in page


def test_an_approval_that_is_not_there_or_not_theirs_is_not_found(console: Console) -> None:
    console.restrict(establishment="LEI")
    visitor = officer(console)
    visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones=""))
    (asked,) = console.system.registry.approvals.list()
    other = console.visitor(Role.REVIEWER, name="far", prisons=("WWI",))
    assert not names(other.get("/approvals").text, "R1")
    assert other.get(f"/approvals/{asked.id}").status_code == 404
    assert other.post(f"/approvals/{asked.id}/decide", answer="confirm").status_code == 404
    assert other.get(f"/approvals/{'0' * 16}").status_code == 404
