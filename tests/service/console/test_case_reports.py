"""On the page of a report: a request opened from it, each leading to the other; and another prisoner."""

from __future__ import annotations

import re

from service.access.model import Role
from tests.service.cases.asking import HIS, OFFICER, approved, asked
from tests.service.console.conftest import Console
from tests.service.console.test_cases import do


def test_a_report_leads_to_the_request_that_was_opened_from_it_and_back(console: Console) -> None:
    report = console.system.cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    assert do(console, visitor, report.id, "open-request").status_code == 409
    visitor.post(f"/cases/{report.id}/open", why="To decide")
    page = do(console, visitor, report.id, "open-request").text
    found = re.search(r'The request <a class="govuk-link" href="/cases/(C-\w+)"', page)
    assert found is not None
    assert "go on there" in page
    request = visitor.post(f"/cases/{found[1]}/open", why="To decide").text
    assert f'Opened from the report <a class="govuk-link" href="/cases/{report.id}">' in request
    assert "07700 900123" in request
    other = approved(console.system.cases)
    visitor.post(f"/cases/{other.id}/open", why="To decide")
    assert do(console, visitor, other.id, "open-request").status_code == 409


def test_the_wrong_prisoner_is_taken_back_and_candidates_are_shown_again(console: Console) -> None:
    console.system.registry.prisoners.move(OFFICER, HIS, "LEI")
    report = console.system.cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    visitor.post(f"/cases/{report.id}/open", why="To decide")
    do(console, visitor, report.id, "prisoner", prisoner=HIS, because="his number")
    assert visitor.post(f"/cases/{report.id}/assign", version="2").status_code == 303
    assert f"It is not {HIS}" in visitor.get(f"/cases/{report.id}").text
    without = do(console, visitor, report.id, "not-he", not_he_because="")
    assert (without.status_code, "Say why it is not he" in without.text) == (422, True)
    assert do(console, visitor, report.id, "not-he", not_he_because="born later").status_code == 303
    page = visitor.get(f"/cases/{report.id}").text
    assert "Which prisoner?" in page
    assert f"Not {HIS}: born later" in page
    assert f'name="prisoner" value="{HIS}"' in page  # a candidate again, to be weighed with what is known now


def test_a_closed_report_is_looked_into_again(console: Console) -> None:
    report = console.system.cases.key_in(OFFICER, asked(kind="continuing"), "telephone", "")
    visitor = console.visitor(Role.CASE_OFFICER, name="ida")
    visitor.post(f"/cases/{report.id}/open", why="To decide")
    do(console, visitor, report.id, "prisoner", prisoner=HIS, because="his number")
    do(console, visitor, report.id, "assign")
    do(console, visitor, report.id, "close", outcome="a cousin rang", route="call")
    without = do(console, visitor, report.id, "again", again_because="")
    assert (without.status_code, "Look into it again" in without.text) == (422, True)
    page = do(console, visitor, report.id, "again", again_because="he rang again").text
    assert "hold that message" in page
    assert "The report is looked into again." in page
    assert f"It is not {HIS}" in page
    assert "a cousin rang" in page
