"""Many restrictions: what is listed, found, and was in force."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from engine.model import Contact, ProtectedPerson
from service.access.model import Role
from tests.service.console.conftest import ADDRESS, NUMBER, OFFICER, PRISONER, Console
from tests.service.console.looking import names
from tests.service.console.registering import (
    MARKUP,
    officer,
    restriction,
    views,
    why,
)


def test_restrictions_are_filtered_and_paged(console: Console) -> None:
    for number in range(51):
        console.system.registry.restrictions.create(OFFICER, restriction(f"P{number:02}"))
    console.restrict(id="Q1", prisoner="X1234BD")
    visitor = console.visitor(Role.AUDITOR)
    first = visitor.get("/restrictions").text
    assert "/restrictions/view/P49" in first
    assert "/restrictions/view/P50" not in first
    rest = visitor.get(
        html.unescape(first.rpartition('rel="next"')[0].rpartition('href="')[2].partition('"')[0])
    ).text
    assert "/restrictions/view/P50" in rest
    assert "/restrictions/view/P49" not in rest
    named = visitor.get("/restrictions?prisoner=x1234bd").text
    assert "/restrictions/view/Q1" in named
    assert "/restrictions/view/P00" not in named
    assert "/restrictions/view/" not in visitor.get("/restrictions?state=withdrawn").text


def test_a_filter_or_an_address_that_makes_no_sense_is_said_to(console: Console) -> None:
    visitor = console.visitor(Role.AUDITOR)
    answer = visitor.get(f"/restrictions?prisoner={MARKUP}%00")
    assert answer.status_code == 422
    assert "Enter a prisoner number" in answer.text
    assert MARKUP.upper() not in answer.text
    assert visitor.get("/restrictions?state=gone&after=%00").status_code == 200
    assert visitor.get("/restrictions/view/R%001").status_code == 404
    assert visitor.get("/prisoners/nobody").status_code == 422


def test_an_id_full_of_markup_is_escaped_and_leads_somewhere(console: Console) -> None:
    console.restrict(id=f"R?{MARKUP}&#1")
    visitor = officer(console)
    page = visitor.get("/restrictions").text
    assert MARKUP not in page
    link = html.unescape(page.partition('href="/restrictions/view/')[2].partition('"')[0])
    found = visitor.get(f"/restrictions/view/{link}")
    assert found.status_code == 200
    assert MARKUP not in found.text
    edit = html.unescape(found.text.partition('href="/restrictions/edit/')[2].partition('"')[0])
    asked = visitor.get(f"/restrictions/edit/{edit}")
    assert MARKUP not in asked.text
    action = html.unescape(asked.text.rpartition('action="')[2].partition('"')[0])
    form = visitor.post(action, why="to see where it leads")
    assert form.status_code == 200
    assert MARKUP not in form.text


@pytest.mark.parametrize(
    "wanted", [NUMBER, "+447700900123", ADDRESS, "rho@example.com", "tallantyre rhoswen"]
)
def test_a_restriction_is_found_by_what_it_holds_and_the_search_is_recorded(
    console: Console, wanted: str
) -> None:
    console.restrict(
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(
            Contact(kind="phone", value=NUMBER),
            Contact(kind="address", value=ADDRESS),
            Contact(kind="email", value="rho@example.com"),
        ),
    )
    console.restrict(
        id="R2",
        protected=ProtectedPerson(name="Owen Quill"),
        contacts=(Contact(kind="phone", value="020 7946 0999"),),
    )
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/restrictions/search", wanted=wanted).text
    assert "/restrictions/view/R1" in page
    assert "/restrictions/view/R2" not in page
    (seen,) = views(console)
    assert (seen.actor, seen.subject, why(console, seen)) == (visitor.id, "search/restrictions", wanted)


def test_a_search_escapes_what_was_typed_and_needs_something(console: Console) -> None:
    visitor = console.visitor(Role.REVIEWER)
    page = visitor.post("/restrictions/search", wanted=MARKUP)
    assert page.status_code == 200
    assert MARKUP not in page.text
    assert "0 found" in page.text
    assert visitor.post("/restrictions/search", wanted=" ").status_code == 422
    assert visitor.get(f"/restrictions/search?wanted={NUMBER}").status_code == 405


def test_what_was_in_force_at_a_moment_is_shown(console: Console) -> None:
    console.restrict(from_="2040-05-04", until="2040-06-01")
    visitor = console.visitor(Role.AUDITOR)
    for at, is_shown in (
        ("2040-05-03T23:59", False),
        ("2040-05-04T00:00", True),
        ("2040-06-01", True),
        ("2040-06-02", False),
        ("", False),
    ):
        page = visitor.get(f"/restrictions/in-force?at={at}").text
        assert ("/restrictions/view/R1" in page) is is_shown
    assert visitor.get("/restrictions/in-force?at=soon").status_code == 422
    assert visitor.get("/restrictions/in-force?at=0001-01-01T00:00%2B14:00").status_code == 422


def test_nobody_sees_what_concerns_other_prisons(console: Console) -> None:
    console.restrict(establishment="LEI")
    console.system.registry.prisoners.move(OFFICER, PRISONER, "LEI")
    console.attempt(establishment="LEI")
    visitor = console.visitor(Role.CASE_OFFICER, prisons=("WWI",))
    for path in ("/restrictions/view/R1", "/restrictions/edit/R1", f"/prisoners/{PRISONER}"):
        assert visitor.get(path).status_code == 404
    for path in ("show/R1", "edit/R1", "requests/R1", "withdraw/R1"):
        assert visitor.post(f"/restrictions/{path}", why="to see", version="1").status_code == 404
    for path in ("/restrictions", "/restrictions/in-force"):
        assert not names(visitor.get(path).text, "R1")
    assert not names(visitor.post("/restrictions/search", wanted=NUMBER).text, "R1")
    page = visitor.post("/contacts", contact=NUMBER, why="A call").text
    assert not names(page, "R1")
    assert "1 more in prisons that are not yours" in page


def test_what_ends_or_is_to_be_reviewed_soon_is_listed_the_soonest_first(console: Console) -> None:
    today = console.clock().date()
    days = {"R1": 30, "R2": 10, "R3": 5}
    for id_, ahead in days.items():
        console.restrict(id=id_, until=(today + timedelta(days=ahead)).isoformat())
    page = console.visitor(Role.AUDITOR).get("/restrictions/ending").text
    assert "/restrictions/view/R1" not in page
    assert page.index("/restrictions/view/R3") < page.index("/restrictions/view/R2")


def test_a_moment_is_typed_as_every_date_is(console: Console) -> None:
    console.restrict(from_="2040-05-04")
    visitor = console.visitor(Role.AUDITOR)
    for at, is_shown in (("4/5/2040", True), ("3/5/2040 23:59", False), ("4/5/2040, 0:00", True)):
        page = visitor.get("/restrictions/in-force", params={"at": at}).text
        assert ("/restrictions/view/R1" in page) is is_shown, at
    wrong = visitor.get("/restrictions/in-force", params={"at": "31/2/2040"})
    assert wrong.status_code == 422
    assert "31/2/2040" in wrong.text
