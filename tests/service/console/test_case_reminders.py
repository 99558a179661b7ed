"""The page of what has to be looked at again, and what is done there."""

from __future__ import annotations

import re
from datetime import timedelta

from service.access.model import Role
from tests.service.cases.asking import HIS, OFFICER, approved
from tests.service.console.conftest import NUMBER, PRISONER, Console


def test_a_review_that_is_due_leads_to_the_next_one(console: Console) -> None:
    today = console.clock()
    console.restrict(until=f"{today + timedelta(days=5):%Y-%m-%d}")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    page = visitor.get("/cases/reminders").text
    assert "It ends within 7 days" in page
    assert 'href="/cases/reminders/view/R1"' in page
    assert NUMBER not in page
    assert "There is nothing." in visitor.get("/cases/reminders?what=died").text
    goes_on = {"version": "1", "reason": "she asks for it"}
    assert visitor.post("/cases/reminders/review/R1", **goes_on).status_code == 422
    unopened = visitor.post("/cases/reminders/review/R1", **goes_on, review=f"{today.year + 1}-03-01")
    assert (unopened.status_code, "open the restriction" in unopened.text.lower()) == (409, True)
    assert "she asks for it" in unopened.text
    assert visitor.post("/restrictions/show/R1", why="its review").status_code == 200
    answer = visitor.post("/cases/reminders/review/R1", **goes_on, review=f"{today.year + 1}-03-01")
    assert answer.status_code == 303
    assert f"1/3/{today.year + 1}" in visitor.get(answer.headers["location"]).text
    again = visitor.post("/cases/reminders/review/R1", **goes_on, review=f"{today.year + 1}-03-01")
    assert again.status_code == 409


def test_an_expired_restriction_is_nowhere_said_to_stand(console: Console) -> None:
    console.restrict(until="2026-01-31")
    officer = console.visitor(Role.CASE_OFFICER, name="ida")
    pages = [
        officer.get("/restrictions").text,
        officer.get("/restrictions/view/R1").text,
        officer.get(f"/prisoners/{PRISONER}").text,
        officer.post("/restrictions/search", wanted=NUMBER).text,
        officer.post("/contacts", typed=NUMBER, wanted=NUMBER).text,
        officer.get("/cases/reminders/view/R1").text,
    ]
    for page in pages:
        assert not re.search(r">\s*Standing\s*<", page)
    assert all("Expired" in page for page in pages[:4])


def test_a_prisoner_who_died(console: Console) -> None:
    case = approved(console.system.cases)
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    assert visitor.post("/prisoners/move", moved=HIS, establishment="DEC").status_code == 303
    assert "Died" in visitor.get(f"/prisoners/{HIS}").text
    page = visitor.get("/cases/reminders").text
    assert "The prisoner died" in page
    assert f"{case.id}</a>: the notice is outstanding" in page
    path = f"/cases/reminders/end/{case.id}"
    assert visitor.post(path, version="1").status_code == 422
    assert visitor.post(path, version="1", because="told by the coroner").status_code == 409
    assert visitor.post(f"/cases/{case.id}/open", why="he died").status_code == 200
    assert visitor.post(path, version="1", because="told by the coroner").status_code == 303
    (asked,) = console.system.registry.approvals.list()
    second = console.visitor(Role.CASE_OFFICER, name="eve")
    assert second.post(f"/approvals/{asked.id}/show", why="to decide").status_code == 200
    assert second.post(f"/approvals/{asked.id}/decide", answer="confirm", note="").status_code == 303
    assert f"End case {case.id}" in visitor.get(f"/cases/reminders/view/{case.id}").text
    assert visitor.post(f"/cases/reminders/close/{case.id}", version=str(case.version)).status_code == 303
    assert console.system.cases.get(OFFICER, case.id).state == "ended"
