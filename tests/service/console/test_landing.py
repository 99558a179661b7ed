"""My work: what waits for somebody with these rights, and nothing that is protected."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from threading import current_thread

import pytest
from sqlalchemy import event

from service.access.model import Role
from tests.service.cases.asking import asked
from tests.service.console.conftest import NAME, NUMBER, OFFICER, Console


def counts(page: str) -> dict[str, int]:
    """What is counted on the page, by its words."""
    found = re.findall(r'<span class="nc-count">(\d+)</span> ([^<]+)</a>', page)
    return {text: int(number) for number, text in found}


def test_an_officer_sees_her_cases_those_with_nobody_and_what_is_overdue(console: Console) -> None:
    officer = console.visitor(Role.CASE_OFFICER, name="ida")
    cases = console.system.cases
    first, second = (cases.take_in("system", asked(), "form") for _ in range(2))
    assert first is not None
    assert second is not None
    assert officer.post(f"/cases/{first.id}/assign", version="1").status_code == 303
    page = officer.get("/").text
    found = counts(page)
    assert (found["yours"], found["with nobody"], found["of these overdue"]) == (1, 1, 0)
    assert first.id in page
    assert second.id in page
    free = officer.get("/cases?which=nobody").text
    assert second.id in free
    assert first.id not in free
    assert asked().person.name not in page
    console.clock.ahead = timedelta(minutes=29)  # a minute before the session would fall asleep
    assert counts(officer.get("/").text)["of these overdue"] == 0


def test_a_reviewer_sees_what_waits_in_the_queue_of_her_prisons(console: Console) -> None:
    console.restrict()
    console.flag("C1")
    console.flag("C2", establishment="MDI")
    everywhere = console.visitor(Role.REVIEWER)
    here = console.visitor(Role.REVIEWER, name="ann", prisons=("LEI",))
    page = here.get("/").text
    assert counts(everywhere.get("/").text)["waiting"] == 2
    assert counts(page)["waiting"] == 1
    assert NUMBER not in page
    assert NAME not in page
    seq = here.post("/queue/next").headers["location"].rpartition("/")[2]
    assert counts(here.get("/").text)["yours at the moment"] == 1
    assert f"/queue/{seq}" in here.get("/queue?which=mine").text
    assert f"/queue/{seq}" not in everywhere.get("/queue?which=mine").text


def test_the_navigation_counts_approvals_that_somebody_else_asked_for(console: Console) -> None:
    console.restrict()
    console.system.registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "she asked")
    second = console.visitor(Role.CASE_OFFICER, name="ida").get("/restrictions").text
    count = re.search(r'href="/approvals">Approvals <span class="nc-nav__count">(\d+)', second)
    assert count is not None
    assert count[1] == "1"
    assert console.system.registry.approvals.waiting_for(OFFICER) == 0
    assert "nc-nav__count" not in console.visitor(Role.ADMIN).get("/").text  # may not open it


@pytest.mark.parametrize(
    ("role", "tables"),
    [(Role.CASE_OFFICER, {"case_version", "approval"}), (Role.REVIEWER, {"review_item", "approval"})],
)
def test_nothing_is_counted_twice_for_one_page(console: Console, role: Role, tables: set[str]) -> None:
    """Neither for the navigation and the page, nor one part of the queue for another."""
    console.restrict()
    console.flag("C1")
    assert console.system.cases.take_in("system", asked(), "form") is not None
    console.system.registry.restrictions.withdraw_request(OFFICER, "R1", 1, "1", "she asked")
    console.clock.ahead = timedelta(days=9)
    asked_of = Counter[str]()

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        if not current_thread().name.startswith("AnyIO"):  # not a page's: the list follows what changed
            return
        table = next((one for one in tables if f"FROM {one}" in statement), None)
        if table == "review_item":
            asked_of[f"{statement} {parameters}"] += 1
        elif table == "approval" or (table and "count(" in statement):
            asked_of[table] += 1

    visitor = console.visitor(role, name="ida")
    event.listen(console.system.database.engine, "before_cursor_execute", note)
    page = visitor.get("/").text
    event.remove(console.system.database.engine, "before_cursor_execute", note)
    assert "nc-nav__count" in page
    assert set(asked_of.values()) == {1}, asked_of
    assert {table for table in tables if any(table in one for one in asked_of)} == tables
    of_links = re.findall(r'nc-nav__count">(\d+)<span class="govuk-visually-hidden"> ([^<]+)', page)
    assert of_links == re.findall(
        r'nc-nav__count">(\d+)<span class="govuk-visually-hidden"> ([^<]+)', visitor.get("/help").text
    )


def test_somebody_without_a_page_and_somebody_who_watches(console: Console) -> None:
    assert console.visitor(Role.PHONE_SYSTEM).get("/").headers["location"] == "/nothing"
    page = console.visitor(Role.MONITOR).get("/")
    assert page.status_code == 200
    assert "/pictures" in page.text
