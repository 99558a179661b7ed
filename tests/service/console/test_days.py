"""Every day of a case is one of the UK, whenever it is, and is shown in one way."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import service
from engine import dates
from service.access.model import Role
from service.cases.figures import Figures, Months
from service.cases.model import Correction, Party
from tests.service.cases.asking import HIS, OFFICER, SECOND, approved, asked
from tests.service.console.conftest import Console

ISO = re.compile(r"\b20\d\d-\d\d-\d\d\b")
MARKED = re.compile(r"<(?:input|script|head|option)\b[^>]*>|<[^>]*>", re.DOTALL)
POLICE = Party(id="", role="police", name="PC Osric Venn")
NIGHTS = [
    datetime(2027, 6, 30, 23, 30, tzinfo=UTC),  # 0:30 on 1 July
    datetime(2027, 6, 30, 22, 30, tzinfo=UTC),
    datetime(2027, 1, 31, 23, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the night in which the clocks go on
    datetime(2027, 10, 30, 23, 30, tzinfo=UTC),  # and go back
]


@pytest.mark.parametrize("night", NIGHTS)
def test_the_pages_of_a_case_have_the_day_that_it_is_here(console: Console, night: datetime) -> None:
    console.clock.ahead += night - console.clock()
    cases, day = console.system.cases, dates.day_of(night)
    case = approved(cases, asked(at=console.clock().isoformat()), pathway=2)
    right = Correction(kind="name", old="Maren Thistlewood", new="Maren Thistledown", because="she said so")
    case = cases.correct(OFFICER, case.id, case.version, right).case
    case = cases.serve(OFFICER, case.id, case.version, "by hand")
    case = cases.add_party(OFFICER, case.id, case.version, POLICE)
    case = cases.hear_party(
        OFFICER, case.id, case.version, "P1", heard=str(day), agrees="yes", text="they agree"
    )
    case = cases.note(OFFICER, case.id, case.version, "rang her")
    case = cases.ask_withdrawal(OFFICER, case.id, case.version, "she rang")
    case = cases.call_back(SECOND, case.id, case.version, "alone", "no")
    visitor = console.visitor(Role.CASE_OFFICER)
    page = MARKED.sub(" ", visitor.post(f"/cases/{case.id}/open", why="to look").text)
    here = dates.shown(day)
    heard = f"{here}, {OFFICER.id}: they agree"
    for said in (f"told on {here}", f"Called back on {here}", f", {here}", heard):
        assert said in page
    assert f"Nothing ends before {dates.shown(day + timedelta(days=14))}." in page
    assert not ISO.findall(page)
    assert case.due is not None
    assert dates.day_of(case.due) == day + timedelta(days=14)
    (request,) = console.system.registry.versions.get(case.id).document.requests
    assert request.received == str(day)
    (counted,) = Figures(console.system.registry).told(OFFICER, Months.up_to(day))[:1]
    assert {name: row[0] for name, row in counted.rows}[f"{day:%Y-%m}"] == 1
    reminders = MARKED.sub(" ", visitor.get(f"/cases/reminders/view/{case.id}").text)
    assert f"he was told on {here}" in reminders or "Nothing is due" in reminders
    assert HIS in page


def test_no_other_place_says_which_day_a_moment_is() -> None:
    house = Path(service.__file__).parent
    cut = re.compile(
        r"(?:at|asked|until|served|called_back|withdrawn|reviewed)\)?\[:(?:7|10|16)\]|ZoneInfo\("
    )
    files = [one for kind in ("*.py", "*.html") for one in house.rglob(kind)]
    assert [str(one) for one in files if cut.search(one.read_text("utf-8"))] == []
