"""One contact point: who holds it and who tried it."""

from __future__ import annotations

import html

from service.access.model import Role
from tests.service.console.conftest import ADDRESS, NUMBER, Console
from tests.service.console.registering import (
    MARKUP,
    confide,
    edited,
    officer,
    views,
    why,
)


def test_one_contact_point_shows_who_holds_it_and_who_tried_it(console: Console) -> None:
    console.restrict()
    console.attempt("C1")
    console.attempt("C2", to="+44 7700 900123", prisoner="X1234BD")
    console.attempt("C3", to="020 7946 0999")
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/contacts", contact="07700900123", why="Who calls her?").text
    assert "/restrictions/view/R1" in page
    assert "This contact point" in page
    assert page.count("Call: ") == 2
    assert "X1234BD" in page
    (seen,) = views(console)
    assert (seen.actor, seen.subject) == (visitor.id, "search/contacts")
    assert why(console, seen) == "07700900123\nWho calls her?"


def test_an_address_near_a_listed_one_is_told_from_the_same_one(console: Console) -> None:
    console.restrict()
    console.attempt("L1", channel="letter", to=f"R Tallantyre\n{ADDRESS}")
    visitor = console.visitor(Role.REVIEWER)
    same = visitor.post("/contacts", contact="14 Larkmead St, Ambermouth LS1 4AB", why="A letter").text
    assert "This contact point" in same
    assert "Letter: " in same
    near = visitor.post("/contacts", contact="16 Larkmead Street, Ambermouth LS1 4AB", why="A letter").text
    assert "The same postcode or street" in near
    assert "This contact point" not in near
    assert "Letter: " not in near


def test_a_contact_point_that_was_taken_off_is_said_to_be_of_an_earlier_version(console: Console) -> None:
    console.restrict()
    visitor = officer(console)
    assert visitor.post("/restrictions/edit/R1", **edited(console, visitor, phones="")).status_code == 303
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.REVIEWER, name="rita")
    second.post(f"/approvals/{asked.id}/show", why="To decide")
    assert second.post(f"/approvals/{asked.id}/decide", answer="confirm").status_code == 303
    assert "In an earlier version" in second.post("/contacts", contact=NUMBER, why="A call").text


def test_a_contact_point_of_the_register_is_told(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    assert "On the confidential register" not in visitor.post("/contacts", contact=NUMBER, why="A call").text
    confide(console)
    page = visitor.post("/contacts", contact=NUMBER, why="A call").text
    assert "On the confidential register" in page
    assert html.escape(f"Quill Law {MARKUP}") in page
    assert MARKUP not in page


def test_a_contact_point_is_not_looked_up_without_a_reason_or_when_it_is_none(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    for form in ({"contact": NUMBER}, {"why": "A call"}, {"contact": MARKUP, "why": " "}):
        answer = visitor.post("/contacts", **form)
        assert answer.status_code == 422
        assert MARKUP not in answer.text
    assert views(console) == []
