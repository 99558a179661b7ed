"""A request opened on the page of a report: each page leads to the other."""

from __future__ import annotations

import re

from service.access.model import Role
from tests.service.cases.asking import OFFICER, approved, asked
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
